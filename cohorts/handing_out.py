"""Handing out readings: who can take what, what stands in the way, who gets which.

A lead looks at the whole assignment before it is theirs to confirm. It can be run
again at any time: what was read, begun or handed out stays; only what nobody has
begun goes to others, where a conflict forbids it, or its reviewer left, reads another
language, or can take fewer.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from cohorts import keeping_apart
from cohorts.assigning import Plan, Reader, Text, assign
from cohorts.conflicts import Applicant, Kind, Pair
from cohorts.models import (
    Application,
    Appointment,
    BlindCopy,
    Handout,
    Intake,
    KeptApart,
    Overruling,
    Permit,
    ReadingTerms,
    Review,
    Score,
)
from cohorts.notices import READINGS_WAITING
from cohorts.rights import must_lead, must_read_applications
from people import outbox
from people.models import User, pour, record
from people.prepared import prepared, the_one
from people.refusal import Refused

State = Review.State
# Of each copy and its application; all of them are read at once.
NEEDED = (
    "intake",
    "program",
    "code",
    "language",
    "application__applicant",
    "application__called",
    "application__email",
    "application__organisation",
    "application__ties",
)


# --- What a reviewer can take --------------------------------------------------


def terms_of(intake: Intake, person: User) -> ReadingTerms | None:
    found = ReadingTerms.objects.visible_to(person)
    return found.filter(intake=intake, reviewer=person).first()


@transaction.atomic
def set_terms(
    intake: Intake,
    *,
    reviewer: User,
    by: User,
    capacity: int | None,
    languages: Sequence[str],
    ties: Sequence[str] | None = None,
    now: datetime,
) -> ReadingTerms:
    """How many somebody can read, in which languages, and whom they should not.

    A reviewer says it for themselves; a lead may set number and languages for
    anybody, but ties are only for a reviewer to name.
    """
    if by.pk == reviewer.pk:
        must_read_applications(by, intake.program)
    else:
        must_lead(by, intake.program)
        if ties is not None:
            raise PermissionDenied(_("Only the reviewer names their own ties."))
    rows = ReadingTerms.objects.unsealed("the terms of one reviewer, by them or a lead")
    terms, _is_new = rows.select_for_update().get_or_create(
        intake=intake, reviewer=reviewer, defaults={"program_id": intake.program_id}
    )
    terms.capacity, terms.languages = capacity, list(languages)
    if ties is not None:
        terms.ties = list(ties)
    terms.changed_at = now
    terms.edition += 1
    terms.save()
    if ties is not None:
        keeping_apart.compare(intake, [reviewer], now=now)
    record("reading.terms", by=by, about=terms, place=intake.program_id)
    return terms


# --- How it stands ---------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A pair that is kept apart by what is known, or was until a lead looked."""

    copy: BlindCopy
    reviewer: User
    kinds: Sequence[Kind]
    overruled: str = ""  # the lead's reason
    reading: str = ""  # how far the reviewer's reading of it is, if there is one

    @property
    def holds(self) -> bool:
        return not self.overruled or Kind.OWN in self.kinds

    @property
    def may_be_overruled(self) -> bool:
        return self.holds and Kind.OWN not in self.kinds


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Everything that an assignment rests on, read once."""

    intake: Intake
    copies: Mapping[str, BlindCopy]
    reviewers: Mapping[str, User]
    terms: Mapping[str, ReadingTerms]
    conflicts: Sequence[Conflict]
    # (copy, reviewer) → state and key of the review
    reviews: Mapping[Pair, tuple[str, UUID]]
    abstained: Mapping[str, frozenset[str]]

    def load(self, reviewer: str, *states: str) -> int:
        return sum(
            state in states
            for (_copy, who), (state, _key) in self.reviews.items()
            if who == reviewer
        )


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An assignment to be looked at, and the seal of what it would change."""

    situation: Situation
    plan: Plan
    seed: int
    # Handed out and not begun, and it does not fit any more.
    given_back: Sequence[Pair]
    seal: str

    @property
    def changes_nothing(self) -> bool:
        return not self.plan.new and not self.given_back

    def by_reviewer(self) -> dict[str, tuple[int, int]]:
        """Of each reviewer: what they hold now, and what would come."""
        fresh = Counter(reviewer for _copy, reviewer in self.plan.new)
        return {
            key: (self.plan.loads[key] - fresh[key], fresh[key])
            for key in self.situation.reviewers
        }


def situation(intake: Intake, *, by: User) -> Situation:
    must_lead(by, intake.program)
    return _situation(intake)


def _situation(intake: Intake) -> Situation:
    copies = {
        str(copy.pk): copy
        for copy in BlindCopy.objects.unsealed("readings are handed out of all copies")
        .open()
        .filter(intake=intake)
        .select_related("application")
        .only(*NEEDED)
        .order_by("pk")
    }
    reviewers = {str(one.pk): one for one in reviewers_of(intake)}
    terms = {
        str(one.reviewer_id): one
        for one in ReadingTerms.objects.unsealed(
            "what reviewers can take decides what they are handed"
        ).filter(intake=intake)
    }
    reviews: dict[Pair, tuple[str, UUID]] = {}
    abstained: dict[str, set[str]] = defaultdict(set)
    for key, copy, reviewer, state in (
        Review.objects.unsealed("what is read or begun stays as it is")
        .filter(copy__intake=intake, copy__closed_at=None)
        .values_list("pk", "copy", "reviewer", "state")
    ):
        if state == State.ABSTAINED:
            abstained[str(copy)].add(str(reviewer))
        else:
            reviews[str(copy), str(reviewer)] = (state, key)
    return Situation(
        intake=intake,
        copies=copies,
        reviewers=reviewers,
        terms=terms,
        conflicts=_conflicts(
            copies, reviewers, terms, reviews, _overruled(copy__intake=intake)
        ),
        reviews=reviews,
        abstained={key: frozenset(people) for key, people in abstained.items()},
    )


def reviewers_of(intake: Intake) -> QuerySet[User]:
    """Who reads in this call: its reviewers, and leads who said what they can take."""
    serving = Appointment.objects.active().filter(
        program=intake.program_id, person=OuterRef("pk")
    )
    ready = ReadingTerms.objects.unsealed("leads who read say what they can take")
    return User.objects.filter(
        Exists(serving.filter(role=Appointment.Role.REVIEWER))
        | (
            Exists(serving.filter(role=Appointment.Role.LEAD))
            & Exists(ready.filter(intake=intake, reviewer=OuterRef("pk")))
        ),
        is_active=True,
    ).order_by("called", "pk")


def _conflicts(
    copies: Mapping[str, BlindCopy],
    reviewers: Mapping[str, User],
    terms: Mapping[str, ReadingTerms],
    reviews: Mapping[Pair, tuple[str, UUID]],
    overruled: Mapping[Pair, str],
) -> list[Conflict]:
    found = keeping_apart.inferred(
        [
            Applicant(
                key=key,
                person=str(copy.application.applicant_id or ""),
                email=copy.application.email,
                called=copy.application.called,
                organisation=copy.application.organisation,
                ties=copy.application.ties,
            )
            for key, copy in copies.items()
        ],
        reviewers,
        ties={key: said.ties for key, said in terms.items()},
    )
    return [
        Conflict(
            copy=copies[copy],
            reviewer=reviewers[reviewer],
            kinds=kinds,
            overruled=overruled.get((copy, reviewer), ""),
            reading=reviews[copy, reviewer][0] if (copy, reviewer) in reviews else "",
        )
        for (copy, reviewer), kinds in found.items()
    ]


def _overruled(**which: Any) -> dict[Pair, str]:
    return {
        (str(copy), str(reviewer)): reason
        for copy, reviewer, reason in Overruling.objects.unsealed(
            "a lead looked at these"
        )
        .filter(**which)
        .values_list("copy", "reviewer", "reason")
    }


# --- Proposing ---------------------------------------------------------------------


def propose(intake: Intake, *, by: User, seed: int = 0) -> Proposal:
    """The assignment as it would be, for a lead to look at. Writes nothing."""
    must_lead(by, intake.program)
    return _proposal(_situation(intake), seed=seed)


def _proposal(now_is: Situation, *, seed: int) -> Proposal:
    barred: dict[str, set[str]] = defaultdict(set)
    for conflict in now_is.conflicts:
        if conflict.holds:
            barred[str(conflict.copy.pk)].add(str(conflict.reviewer.pk))
    readers = {
        key: Reader(
            key=key,
            capacity=now_is.terms[key].capacity if key in now_is.terms else None,
            languages=frozenset(now_is.terms[key].languages)
            if key in now_is.terms
            else frozenset(),
        )
        for key in now_is.reviewers
    }
    given_back = _given_back(now_is, readers, barred)
    kept: dict[str, set[str]] = defaultdict(set)
    for (copy, reviewer), (state, _key) in now_is.reviews.items():
        if (copy, reviewer) not in given_back and (
            state == State.DONE or reviewer in readers
        ):
            kept[copy].add(reviewer)
    texts = [
        Text(
            key=key,
            language=copy.language,
            wanted=max(1, now_is.intake.readings_wanted),
            kept=frozenset(kept[key]),
            barred=frozenset(barred[key])
            | now_is.abstained.get(key, frozenset()) - frozenset(kept[key]),
        )
        for key, copy in now_is.copies.items()
    ]
    plan = assign(texts, list(readers.values()), seed=seed)
    return Proposal(
        situation=now_is,
        plan=plan,
        seed=seed,
        given_back=sorted(given_back),
        seal=_seal(plan.new, given_back),
    )


def _given_back(
    now_is: Situation, readers: Mapping[str, Reader], barred: Mapping[str, set[str]]
) -> set[Pair]:
    """What was handed out and not begun, and does not fit any more: a conflict, a
    language, a reviewer who left or can take fewer than they hold."""
    found: set[Pair] = set()
    held: Counter[str] = Counter()
    unbegun: dict[str, list[Pair]] = defaultdict(list)
    for pair, (state, _key) in now_is.reviews.items():
        copy, reviewer = pair
        if state != State.ASSIGNED:
            held[reviewer] += 1
        elif (
            reviewer not in readers
            or reviewer in barred.get(copy, ())
            or not readers[reviewer].reads(now_is.copies[copy].language)
        ):
            found.add(pair)
        else:
            unbegun[reviewer].append(pair)
    for reviewer, pairs in unbegun.items():
        capacity = readers[reviewer].capacity
        if capacity is not None:
            found.update(sorted(pairs)[max(0, capacity - held[reviewer]) :])
    return found


def _seal(new: Iterable[Pair], given_back: Iterable[Pair]) -> str:
    """What is confirmed is what was seen."""
    text = json.dumps([sorted(new), sorted(given_back)], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def hand_out(
    intake: Intake, *, by: User, seed: int, seen: str, now: datetime
) -> Handout:
    """Make the assignment that was looked at real; refuse if it would be another.

    Confirmed twice, it is handed out once: the second time nothing is left to do.
    """
    must_lead(by, intake.program)
    # Two leads at once: the second waits here, and then sees another proposal.
    Intake.objects.select_for_update().get(pk=intake.pk)
    latest = _standing(intake)
    proposal = _proposal(_situation(intake), seed=seed)
    if proposal.changes_nothing and latest is not None:
        return latest
    if proposal.seal != seen:
        raise Refused(
            _(
                "Something changed while you were looking: somebody applied, "
                "withdrew, read or said what they can take. Look at the new proposal."
            )
        )
    reviews = proposal.situation.reviews
    Review.objects.unsealed("not begun, and it does not fit any more").filter(
        pk__in=[reviews[pair][1] for pair in proposal.given_back],
        state=State.ASSIGNED,
    ).delete()
    handout = Handout.objects.create(
        program_id=intake.program_id,
        intake=intake,
        handed_by=by,
        handed_at=now,
        seed=seed,
        readings=len(proposal.plan.new),
    )
    pour(
        [
            Review(
                program_id=intake.program_id,
                copy_id=UUID(copy),
                reviewer_id=UUID(reviewer),
                state=State.ASSIGNED,
                handout=handout,
                changed_at=now,
            )
            for copy, reviewer in proposal.plan.new
        ]
    )
    Intake.objects.filter(pk=intake.pk).update(handed_out_at=now)
    intake.handed_out_at = now
    record("reading.hand_out", by=by, about=handout, place=intake.program_id)
    return handout


def _standing(intake: Intake) -> Handout | None:
    rows = Handout.objects.unsealed("the latest round of this call").standing()
    return rows.filter(intake=intake).order_by("-handed_at", "-pk").first()


def latest(intake: Intake, *, by: User) -> Handout | None:
    """The round that can be undone."""
    return (
        Handout.objects.visible_to(by)
        .standing()
        .filter(intake=intake)
        .select_related("handed_by")
        .order_by("-handed_at", "-pk")
        .first()
    )


def without_reader(intake: Intake, *, by: User) -> int:
    """How many applications lack somebody to read them, though readings are handed
    out: they came late, or somebody abstained or left."""
    found = the_one(_without_reader(intake, by, max(1, intake.readings_wanted)))
    return found[0] if found else 0


@prepared
def _without_reader(intake: Intake, by: User, wanted: int) -> QuerySet[Any, Any]:
    served = (
        Review.objects.visible_to(by)
        .filter(copy__intake=intake, copy__closed_at=None)
        .exclude(state=State.ABSTAINED)
        .values("copy")
        .annotate(n=Count("pk"))
        .filter(n__gte=wanted)
    )
    return (
        BlindCopy.objects.visible_to(by)
        .open()
        .filter(intake=intake)
        .exclude(pk__in=served.values("copy"))
        .values("intake")
        .annotate(n=Count("pk"))
        .values_list("n")
        .order_by()
    )


def _unbegun(handout: Handout) -> QuerySet[Review]:
    scored = Score.objects.unsealed("whether anything is scored yet")
    return Review.objects.unsealed("handed out, and nobody began it").filter(
        ~Exists(scored.filter(review=OuterRef("pk"))),
        handout=handout,
        state=State.ASSIGNED,
    )


@transaction.atomic
def undo(handout: Handout, *, by: User, now: datetime) -> tuple[int, int]:
    """Take back what nobody began. Returns how many were taken back, and how many
    stay because somebody reads them already."""
    must_lead(by, handout.program)
    intake = Intake.objects.select_for_update().get(pk=handout.intake_id)
    handout = Handout.objects.visible_to(by).select_for_update().get(pk=handout.pk)
    if handout.undone_at is not None:
        return 0, 0
    taken, _by_model = _unbegun(handout).delete()
    stay = (
        Review.objects.unsealed("begun or read: these stay")
        .filter(handout=handout)
        .count()
    )
    handout.undone_at = now
    handout.save(update_fields=["undone_at"])
    if _standing(intake) is None and not stay:
        Intake.objects.filter(pk=intake.pk).update(handed_out_at=None)
    record("reading.undo", by=by, about=handout, place=handout.program_id)
    return taken, stay


# --- Conflicts ---------------------------------------------------------------------


def kept_apart(
    intake: Intake, *, by: User, wanted: str = "", now: datetime
) -> QuerySet[KeptApart]:
    """Who is kept from reading whom, for its leads; those that `wanted` names."""
    must_lead(by, intake.program)
    people = reviewers_of(intake)
    keeping_apart.catch_up_all(intake, people, now=now)
    rows = KeptApart.objects.visible_to(by).filter(
        copy__intake=intake, copy__closed_at=None, reviewer__in=people.values("pk")
    )
    if wanted:
        rows = rows.filter(
            Q(copy__application__called__icontains=wanted)
            | Q(reviewer__called__icontains=wanted)
            | Q(reviewer__full_name__icontains=wanted)
            | Q(copy__code__iexact=wanted)
        )
    return rows.order_by("copy__application__called", "copy", "reviewer")


def conflicts_of(rows: QuerySet[KeptApart]) -> list[Conflict]:
    """These rows with all that a lead wants to know of them."""
    found = list(
        rows.select_related("copy__application", "reviewer").defer(
            "copy__texts", "copy__offers"
        )
    )
    pairs = {"copy__in": [one.copy_id for one in found]}
    overruled = _overruled(**pairs)
    states = {
        (copy, reviewer): state
        for copy, reviewer, state in Review.objects.unsealed("how far they read it")
        .filter(**pairs)
        .exclude(state=State.ABSTAINED)
        .values_list("copy", "reviewer", "state")
    }
    return [
        Conflict(
            copy=one.copy,
            reviewer=one.reviewer,
            kinds=[Kind(kind) for kind in one.kinds],
            overruled=overruled.get((str(one.copy_id), str(one.reviewer_id)), ""),
            reading=states.get((one.copy_id, one.reviewer_id), ""),
        )
        for one in found
    ]


def between(copy: BlindCopy, reviewer: User, *, by: User) -> Sequence[Kind]:
    """What stands between these two, unless a lead has overruled it."""
    # Of the whole call: what nearly everybody shares stands between nobody.
    return [
        kind
        for one in situation(copy.intake, by=by).conflicts
        if one.holds and one.copy.pk == copy.pk and one.reviewer.pk == reviewer.pk
        for kind in one.kinds
    ]


@transaction.atomic
def overrule(
    copy: BlindCopy, *, reviewer: User, by: User, reason: str, now: datetime
) -> Overruling:
    """Let somebody read what an inferred conflict kept from them; say why."""
    must_lead(by, copy.program)
    if len(reason.strip()) < 3:
        raise Refused(_("Say why this may be read all the same."))
    own = Application.objects.unsealed("nobody reads their own application")
    if own.filter(
        Q(applicant=reviewer) | Q(email__iexact=reviewer.email), pk=copy.application_id
    ).exists():
        raise Refused(_("Nobody reads their own application."))
    rows = Overruling.objects.unsealed("one overruling for a pair")
    overruling, _is_new = rows.update_or_create(
        copy=copy,
        reviewer=reviewer,
        defaults={
            "program_id": copy.program_id,
            "reason": reason.strip()[:500],
            "overruled_by": by,
            "overruled_at": now,
        },
    )
    record("conflict.overrule", by=by, about=overruling, place=copy.program_id)
    return overruling


@transaction.atomic
def let_stand(copy: BlindCopy, *, reviewer: User, by: User) -> None:
    """Take an overruling back: the conflict holds again."""
    must_lead(by, copy.program)
    Overruling.objects.visible_to(by).filter(copy=copy, reviewer=reviewer).delete()
    record("conflict.let_stand", by=by, about=copy, place=copy.program_id)


# --- Reminding ----------------------------------------------------------------------


def remind(intake: Intake, *, by: User, today: date) -> int:
    """Write to every reviewer who still has something to read; once a day."""
    must_lead(by, intake.program)
    return _remind(intake, key=f"{intake.pk}:{today}")


def remind_before_the_end(*, now: datetime, days: int = 3) -> int:
    """Once for each call, a few days before readings end."""
    calls = Intake.objects.filter(
        phases__permits__contains=[Permit.REVIEW],
        phases__opens_at__lte=now,
        phases__closes_at__gt=now,
        phases__closes_at__lte=now + timedelta(days=days),
        handed_out_at__isnull=False,
    ).distinct()
    return sum(_remind(intake, key=f"{intake.pk}:closing") for intake in calls)


@transaction.atomic
def _remind(intake: Intake, *, key: str) -> int:
    waiting = (
        Review.objects.unsealed("who still has something to read")
        .waiting()
        .filter(copy__intake=intake, copy__closed_at=None)
    )
    people = reviewers_of(intake).filter(pk__in=waiting.values("reviewer"))
    for person in people:
        outbox.queue(READINGS_WAITING, to=person, about=intake, key=key)
    return len(people)


__all__ = [
    "Conflict",
    "Proposal",
    "Situation",
    "between",
    "conflicts_of",
    "hand_out",
    "kept_apart",
    "latest",
    "let_stand",
    "overrule",
    "propose",
    "remind",
    "remind_before_the_end",
    "reviewers_of",
    "set_terms",
    "situation",
    "terms_of",
    "undo",
    "without_reader",
]
