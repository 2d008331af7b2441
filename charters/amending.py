"""How a charter changes: propose, ask, take objections in, adopt.

Whoever acts here holds the charter's row until the end of the transaction, so two
acts on one charter never interleave: an edit and an answer, two adoptions.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from charters import notices, values
from charters.consent import (
    RULES,
    Answer,
    Asked,
    Code,
    Kind,
    Outcome,
    decide,
    fingerprint,
)
from charters.consent import State as RoundState
from charters.models import (
    MOST_ROUNDS,
    Amendment,
    Charter,
    CharterVersion,
    Clause,
    Consent,
    ConsentRound,
    ProposedClause,
    QuarterlyReview,
    Remark,
    RoundReminder,
    Wording,
    day_in,
    months_after,
)
from cohorts.models import Cohort, Membership
from people import outbox
from people.models import create_once, record
from people.prepared import prepared
from people.refusal import Refused

State = Amendment.State
Change = ProposedClause.Change
Parts = Mapping[str, Any]

ACTING = "the act decides for the whole circle"


class TextChanged(Refused):
    """The answer was given to a text that is no longer the one asked about."""


class Stale(Refused):
    """Somebody else changed the text between reading and writing."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One clause as somebody would have it."""

    change: str = Change.NEW
    key: UUID = field(default_factory=uuid4)
    section: str = "own"
    title: str = ""
    text: str = ""
    lang: str = "en"
    steers: str = ""
    value: Parts = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Rewrite:
    """New words for a proposed clause, and the edition its writer had read."""

    edition: int
    title: str
    text: str
    value: Parts = field(default_factory=dict)
    section: str = ""
    lang: str = ""


# --- Fingerprints ----------------------------------------------------------------

_COVERED = ("change", "key", "section", "title", "text", "lang", "steers")


def fingerprint_of(clauses: Iterable[Parts]) -> str:
    """SHA-256 over everything that a reader of these clauses agrees to, in order."""
    flat: list[str] = []
    for parts in clauses:
        flat += [str(parts.get(name, "")) for name in _COVERED]
        flat.append(json.dumps(parts.get("value") or {}, sort_keys=True))
    return fingerprint(*flat)


# --- Who may ---------------------------------------------------------------------


def _present(by: Membership, about: Cohort | UUID) -> None:
    cohort_id = about.pk if isinstance(about, Cohort) else about
    if by.cohort_id != cohort_id or by.left_at is not None:
        raise Refused(_("Only people who sit in this circle can do that."))
    if by.cohort.is_finished:
        raise Refused(_("This cohort has finished; its charter can be read only."))


def may_write(amendment: Amendment, by: Membership) -> bool:
    """The proposer words the proposal; anyone may carry on for one who left."""
    return (
        amendment.proposer_id == by.pk
        or amendment.proposer.left_at is not None
        # Nobody owns the first charter: while it is a draft all of us write it.
        or (amendment.founding and (by.is_facilitator or not amendment.is_deciding))
    )


def may_steer(amendment: Amendment, by: Membership) -> bool:
    """Opening, extending, adopting: the proposer or a facilitator."""
    return by.is_facilitator or may_write(amendment, by)


def _written_by(amendment: Amendment, by: Membership) -> None:
    if not may_write(amendment, by):
        raise Refused(_("Only the person who proposed this can change its words."))
    _carried_on(amendment, by)


def _steered_by(amendment: Amendment, by: Membership) -> None:
    if not may_steer(amendment, by):
        raise Refused(_("Only the person who proposed this or a facilitator can."))
    _carried_on(amendment, by)


def _carried_on(amendment: Amendment, by: Membership) -> None:
    if amendment.proposer.left_at is not None:
        amendment.proposer = by
        amendment.save(update_fields=["proposer"])


# --- Holding the charter ---------------------------------------------------------


def _charter_of(cohort: Cohort) -> Charter:
    """The cohort's charter, made at the first proposal, held until the act is done."""
    Charter.objects.bulk_create([Charter(cohort=cohort)], ignore_conflicts=True)
    return Charter.objects.unsealed(ACTING).select_for_update().get(cohort=cohort)


def _hold(amendment: Amendment) -> Amendment:
    """The amendment as it stands now, with its charter held."""
    Charter.objects.unsealed(ACTING).select_for_update().get(pk=amendment.charter_id)
    return (
        Amendment.objects.unsealed(ACTING)
        .select_related("cohort", "proposer__person", "charter")
        .get(pk=amendment.pk)
    )


def _not_lapsed(cohort: Cohort) -> None:
    if QuarterlyReview.objects.unsealed(ACTING).of(cohort).lapsed().exists():
        raise Refused(
            _(
                "The charter has lapsed: it decides nothing until its review was held. "
                "Hold the review first."
            )
        )


def in_force(cohort: Cohort) -> CharterVersion | None:
    return CharterVersion.objects.unsealed(ACTING).in_force(cohort)


def _clauses_in_force(cohort: Cohort) -> dict[UUID, Clause]:
    version = in_force(cohort)
    if version is None:
        return {}
    return {c.key: c for c in Clause.objects.unsealed(ACTING).of(version)}


def _proposed(amendment: Amendment) -> list[ProposedClause]:
    return list(ProposedClause.objects.unsealed(ACTING).of(amendment))


# --- Proposing -------------------------------------------------------------------


@transaction.atomic
def propose(
    *,
    by: Membership,
    clauses: Sequence[Draft],
    now: datetime,
    title: str = "",
    why: str = "",
    lang: str = "en",
    client_key: UUID | None = None,
    follows: Amendment | None = None,
) -> Amendment:
    """Begin a change of the charter, or the first charter of all, as a draft."""
    _present(by, by.cohort_id)
    charter = _charter_of(by.cohort)
    current = _clauses_in_force(by.cohort)
    founding = in_force(by.cohort) is None
    if not clauses:
        raise Refused(_("Choose at least one clause."))
    amendment, made = create_once(
        Amendment,
        client_key=client_key,
        cohort=by.cohort,
        charter=charter,
        proposer=by,
        title=title.strip() or _title_of(clauses, current, founding),
        why=why.strip(),
        lang=lang,
        founding=False,
        proposed_at=now,
        follows=follows,
    )
    if not made:
        return amendment
    if founding:
        being_written = (
            Amendment.objects.unsealed(ACTING)
            .of(by.cohort)
            .open()
            .filter(founding=True)
        )
        if being_written.exists():
            raise Refused(
                _("The first charter is being written already: add your lines there.")
            )
        amendment.founding = True
        amendment.save(update_fields=["founding"])
    for position, draft in enumerate(clauses, start=1):
        _put(amendment, draft, current, position=position, by=by, now=now)
    record("amendment.propose", by=by.person, about=amendment, place=by.cohort_id)
    return amendment


def _title_of(
    clauses: Sequence[Draft], current: Mapping[UUID, Clause], founding: bool
) -> str:
    if founding:
        return _("Our first charter")
    first = clauses[0]
    known = current.get(first.key)
    return known.title if known else first.title.strip()


def _put(
    amendment: Amendment,
    draft: Draft,
    current: Mapping[UUID, Clause],
    *,
    position: int,
    by: Membership,
    now: datetime,
) -> ProposedClause:
    """Check one clause against what is in force and add it to the proposal."""
    known = current.get(draft.key)
    if draft.change != Change.NEW and known is None:
        raise Refused(_("That clause is no longer in the charter."))
    title, text = draft.title.strip(), draft.text.strip()
    section, lang, steers, value = (
        draft.section,
        draft.lang,
        draft.steers,
        dict(draft.value),
    )
    if known is not None:
        steers = known.steers
        if draft.change == Change.REMOVED:
            title, text, section = known.title, known.text, known.section
            lang, value = known.lang, known.value
    _said(title, text)
    proposed = ProposedClause(
        cohort_id=amendment.cohort_id,
        amendment=amendment,
        change=draft.change,
        key=draft.key,
        position=position,
        section=section,
        title=title,
        text=text,
        lang=lang,
        steers=steers,
        value=value,
        based_on=fingerprint_of([known.as_parts]) if known else "",
        written_by=by,
        written_at=now,
    )
    if (
        draft.change == Change.CHANGED
        and known is not None
        and proposed.as_parts == {**known.as_parts, "change": Change.CHANGED}
    ):
        raise Refused(_("These are the words we have: change something first."))
    proposed.save(force_insert=True)
    return proposed


def _said(title: str, text: str) -> None:
    if not text:
        raise Refused(_("An empty clause says nothing. To take it out, remove it."))
    if not title:
        raise Refused(_("Give the clause a name."))


@transaction.atomic
def add_clause(
    amendment: Amendment, draft: Draft, *, by: Membership, now: datetime
) -> ProposedClause:
    """One clause more, before the circle is asked."""
    amendment = _hold(amendment)
    _present(by, amendment.cohort_id)
    _still_open(amendment)
    _not_deciding(amendment)
    _written_by(amendment, by)
    already = _proposed(amendment)
    if any(p.key == draft.key for p in already):
        raise Refused(_("That clause is in this proposal already."))
    proposed = _put(
        amendment,
        draft,
        _clauses_in_force(amendment.cohort),
        position=max((p.position for p in already), default=0) + 1,
        by=by,
        now=now,
    )
    _edited(amendment)
    record("amendment.add_clause", by=by.person, about=amendment, place=by.cohort_id)
    return proposed


@transaction.atomic
def drop_clause(proposed: ProposedClause, *, by: Membership, now: datetime) -> None:
    """Take a clause out of a proposal, before the circle is asked."""
    amendment = _hold(proposed.amendment)
    _present(by, amendment.cohort_id)
    _still_open(amendment)
    _not_deciding(amendment)
    _written_by(amendment, by)
    if len(_proposed(amendment)) == 1:
        raise Refused(_("It is the only clause here: withdraw the proposal instead."))
    proposed.delete()
    _edited(amendment)
    record("amendment.drop_clause", by=by.person, about=amendment, place=by.cohort_id)


@transaction.atomic
def rewrite(
    proposed: ProposedClause, words: Rewrite, *, by: Membership, now: datetime
) -> ProposedClause:
    """Change the words of a proposed clause.

    While the circle is being asked, this voids its answers and asks again.
    """
    amendment = _hold(proposed.amendment)
    _present(by, amendment.cohort_id)
    _still_open(amendment)
    _written_by(amendment, by)
    proposed = ProposedClause.objects.unsealed(ACTING).get(pk=proposed.pk)
    asked = None
    if amendment.is_deciding:
        asked = open_round_of(amendment)
        if _standing_objections(asked):
            raise Refused(
                _("An objection stands: answer it by taking it into the text.")
            )
    if not _reworded(proposed, words, by=by, now=now):
        return proposed
    _edited(amendment)
    if asked is not None:
        _ask_again(amendment, asked, by=by, now=now, next_round=False)
    record("amendment.rewrite", by=by.person, about=amendment, place=by.cohort_id)
    return proposed


def _reworded(
    proposed: ProposedClause, words: Rewrite, *, by: Membership, now: datetime
) -> bool:
    """Write the words down; False if they were there already."""
    if words.edition != proposed.edition:
        raise Stale(_("Somebody changed this while you were writing. Look at both."))
    if proposed.is_removed:
        return False
    before = proposed.as_parts
    proposed.title, proposed.text = words.title.strip(), words.text.strip()
    _said(proposed.title, proposed.text)
    if proposed.steers:
        proposed.value = dict(words.value)
    proposed.section = words.section or proposed.section
    proposed.lang = words.lang or proposed.lang
    if proposed.as_parts == before:
        return False
    proposed.edition += 1
    proposed.written_by, proposed.written_at = by, now
    proposed.save()
    return True


@transaction.atomic
def base_anew(proposed: ProposedClause, *, by: Membership, now: datetime) -> None:
    """Say that this wording knows the clause as it stands in force now.

    For a proposal begun before another one changed the same clause. A clause that
    was removed meanwhile becomes a new one.
    """
    amendment = _hold(proposed.amendment)
    _present(by, amendment.cohort_id)
    _still_open(amendment)
    _not_deciding(amendment)
    _written_by(amendment, by)
    known = _clauses_in_force(amendment.cohort).get(proposed.key)
    if known is not None:
        proposed.based_on = fingerprint_of([known.as_parts])
    elif proposed.is_removed:
        raise Refused(_("That clause is gone already: withdraw the proposal."))
    else:
        proposed.change, proposed.based_on = Change.NEW, ""
        proposed.key = uuid4()
    proposed.edition += 1
    proposed.save()
    _edited(amendment)


def _edited(amendment: Amendment) -> None:
    amendment.edition += 1
    amendment.save(update_fields=["edition"])


def _still_open(amendment: Amendment) -> None:
    if not amendment.is_open:
        raise Refused(_("This proposal is closed. Propose a new one."))


def _not_deciding(amendment: Amendment) -> None:
    if amendment.is_deciding:
        raise Refused(_("The circle is being asked about this text already."))


# --- Before the round: questions, reactions --------------------------------------


@transaction.atomic
def ask_for(
    amendment: Amendment, state: str, *, by: Membership, now: datetime
) -> Amendment:
    """Move on to questions, or to first reactions; never back."""
    amendment = _hold(amendment)
    _present(by, amendment.cohort_id)
    _still_open(amendment)
    _steered_by(amendment, by)
    order = (State.DRAFT, State.CLARIFY, State.REACT)
    if amendment.state not in order or state not in order[1:]:
        raise Refused(_("The circle is being asked about this text already."))
    if order.index(State(state)) > order.index(State(amendment.state)):
        amendment.state = state
        amendment.save(update_fields=["state"])
        record(f"amendment.{state}", by=by.person, about=amendment, place=by.cohort_id)
    return amendment


@transaction.atomic
def say(
    amendment: Amendment,
    *,
    by: Membership,
    kind: str,
    text: str,
    now: datetime,
    client_key: UUID | None = None,
) -> Remark:
    """Ask about a proposal, react to it, or reply. Decides nothing."""
    _present(by, amendment.cohort_id)
    if not text.strip():
        raise Refused(_("Write a line first."))
    remark, _made = create_once(
        Remark,
        client_key=client_key,
        cohort_id=amendment.cohort_id,
        amendment=amendment,
        member=by,
        kind=kind,
        text=text.strip(),
        said_at=now,
    )
    return remark


# --- The rounds ------------------------------------------------------------------


def open_round_of(amendment: Amendment) -> ConsentRound:
    """The round that asks now; refused where nobody is being asked."""
    asked = (
        ConsentRound.objects.unsealed(ACTING)
        .open()
        .select_related("wording")
        .filter(amendment=amendment)
        .first()
    )
    if asked is None:
        raise Refused(_("The circle has not been asked yet."))
    return asked


@transaction.atomic
def open_round(
    amendment: Amendment,
    *,
    by: Membership,
    now: datetime,
    window: timedelta | None = None,
) -> ConsentRound:
    """Put the text to the circle. Pressing twice opens one round."""
    amendment = _hold(amendment)
    _present(by, amendment.cohort_id)
    _still_open(amendment)
    _steered_by(amendment, by)
    if amendment.is_deciding:
        return open_round_of(amendment)
    _not_lapsed(amendment.cohort)
    clauses = _proposed(amendment)
    _still_fits(amendment, clauses)
    for proposed in clauses:
        proposed.held = True
    ProposedClause.objects.unsealed(ACTING).bulk_update(clauses, ["held"])
    deciding = values.values_of(amendment.cohort).deciding
    amendment.state = State.DECIDE
    amendment.save(update_fields=["state"])
    wording = _word(amendment, clauses, by=by, now=now)
    asked = ConsentRound.objects.create(
        cohort_id=amendment.cohort_id,
        amendment=amendment,
        number=1,
        wording=wording,
        text_hash=wording.text_hash,
        opens_at=now,
        closes_at=now + _window(amendment.cohort, window),
        rule=deciding.rule_for({p.section for p in clauses}),
        silence_counts=deciding.silence_counts,
    )
    _ask(amendment, asked, by=by, now=now)
    record("amendment.open_round", by=by.person, about=amendment, place=by.cohort_id)
    return asked


def _window(cohort: Cohort, window: timedelta | None = None) -> timedelta:
    usual = values.values_of(cohort).response.decision_window
    return max(ConsentRound.SHORTEST, window or usual)


def _still_fits(amendment: Amendment, clauses: Sequence[ProposedClause]) -> None:
    """Refuse a text that no longer fits the charter or meets another decision."""
    current = _clauses_in_force(amendment.cohort)
    leaving = {p.key for p in clauses if p.is_removed}
    steered = {c.steers for c in current.values() if c.steers and c.key not in leaving}
    for proposed in clauses:
        known = current.get(proposed.key)
        if proposed.is_new:
            if proposed.steers and proposed.steers in steered:
                raise Refused(
                    _("Another clause already says this to Cohortsite: %(title)s.")
                    % {"title": proposed.title}
                )
            steered |= {proposed.steers} - {""}
        elif known is None:
            raise Refused(
                _(
                    "“%(title)s” was taken out of the charter meanwhile. Propose it as "
                    "a new clause, or leave it out."
                )
                % {"title": proposed.title}
            )
        elif fingerprint_of([known.as_parts]) != proposed.based_on:
            raise Refused(
                _(
                    "“%(title)s” was changed in the charter meanwhile. Look at both "
                    "texts before you ask the circle."
                )
                % {"title": proposed.title}
            )
    meets = (
        ProposedClause.objects.unsealed(ACTING)
        .filter(cohort_id=amendment.cohort_id, held=True)
        .exclude(amendment=amendment)
        .filter(
            Q(key__in=[p.key for p in clauses])
            | Q(steers__in=[p.steers for p in clauses if p.is_new and p.steers])
        )
        .first()
    )
    if meets is not None:
        raise Refused(
            _(
                "Another change to “%(title)s” is being decided. Wait until it is "
                "over, then look at both."
            )
            % {"title": meets.title}
        )


def _word(
    amendment: Amendment,
    clauses: Sequence[ProposedClause],
    *,
    by: Membership,
    now: datetime,
) -> Wording:
    parts = [p.as_parts for p in clauses]
    return Wording.objects.create(
        cohort_id=amendment.cohort_id,
        amendment=amendment,
        number=Wording.objects.unsealed(ACTING).filter(amendment=amendment).count() + 1,
        text_hash=fingerprint_of(parts),
        clauses=parts,
        worded_by=by,
        worded_at=now,
    )


def _ask(
    amendment: Amendment, asked: ConsentRound, *, by: Membership, now: datetime
) -> None:
    """The proposer consents by proposing; everyone else hears of it once."""
    if by.pk == amendment.proposer_id and _is_asked(by, asked):
        Consent.objects.create(
            cohort_id=amendment.cohort_id,
            round=asked,
            member=by,
            kind=Consent.Kind.CONSENT,
            text_hash=asked.text_hash,
            given_at=now,
        )
    for member in _circle(asked):
        if member.pk != by.pk:
            outbox.queue(
                notices.ROUND_OPENED,
                to=member.person,
                about=asked,
                key=f"{asked.pk}:{asked.wording.number}",
                send_after=now,
                not_after=asked.closes_at,
            )


def _ask_again(
    amendment: Amendment,
    asked: ConsentRound,
    *,
    by: Membership,
    now: datetime,
    next_round: bool,
) -> ConsentRound:
    """The text changed: all answers to the old one are void, a fresh window opens."""
    clauses = _proposed(amendment)
    wording = _word(amendment, clauses, by=by, now=now)
    earlier = Consent.objects.unsealed(ACTING).filter(round=asked, voided_at=None)
    if next_round:
        earlier.objections().update(integrated_by=wording)
    earlier.update(voided_at=now)
    closes_at = now + _window(amendment.cohort)
    if next_round:
        asked.closed_at = now
        asked.save(update_fields=["closed_at"])
        asked = ConsentRound.objects.create(
            cohort_id=amendment.cohort_id,
            amendment=amendment,
            number=asked.number + 1,
            wording=wording,
            text_hash=wording.text_hash,
            opens_at=now,
            closes_at=closes_at,
            rule=asked.rule,
            silence_counts=asked.silence_counts,
        )
    else:
        asked.wording, asked.text_hash = wording, wording.text_hash
        asked.opens_at, asked.closes_at = now, closes_at
        asked.save(update_fields=["wording", "text_hash", "opens_at", "closes_at"])
    _ask(amendment, asked, by=by, now=now)
    return asked


# --- Answers ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A round as it stands: everyone who is asked, what each said, what follows."""

    round: ConsentRound
    outcome: Outcome
    members: tuple[Membership, ...]
    answers: Mapping[UUID, Consent]

    def answer_of(self, member: Membership) -> Consent | None:
        return self.answers.get(member.pk)

    def asks(self, member: Membership) -> bool:
        return any(m.pk == member.pk for m in self.members)

    @property
    def objections(self) -> list[Consent]:
        standing = set(self.outcome.objections)
        return [a for pk, a in self.answers.items() if pk in standing]

    @property
    def concerns(self) -> list[Consent]:
        kept = set(self.outcome.concerns)
        return [a for pk, a in self.answers.items() if pk in kept]

    @property
    def passed(self) -> bool:
        return self.outcome.passed

    @property
    def lacks_support(self) -> bool:
        return any(r.code == Code.TOO_LITTLE_SUPPORT for r in self.outcome.reasons)

    @property
    def ran_out(self) -> bool:
        return self.outcome.state == RoundState.EXPIRED

    @property
    def blocked(self) -> bool:
        return self.outcome.state == RoundState.BLOCKED


def _is_asked(member: Membership, asked: ConsentRound) -> bool:
    return member.joined_at <= asked.opens_at


def _circle(asked: ConsentRound) -> list[Membership]:
    """Everyone the round asks who is still here."""
    return list(
        Membership.objects.active()
        .filter(cohort_id=asked.cohort_id, joined_at__lte=asked.opens_at)
        .select_related("person")
        .order_by("joined_at", "pk")
    )


def standing(asked: ConsentRound, *, now: datetime) -> Standing:
    """What the circle has said to the round's present text."""
    return standings([asked], now=now)[asked.pk]


def standings(rounds: Sequence[ConsentRound], *, now: datetime) -> dict[UUID, Standing]:
    """The same for several rounds of one cohort.

    Two queries however many rounds, and one more where silence may count by now.
    """
    if not rounds:
        return {}
    first = min(asked.opens_at for asked in rounds)
    seats = _seats_since(rounds[0].cohort_id, first)
    answers = _answers_to([asked.pk for asked in rounds])
    people = {seat.pk: seat for seat in seats}
    for given in answers:
        given.member = people.get(given.member_id) or given.member
    reminders = _reminders(
        [r for r in rounds if r.silence_counts and now >= r.closes_at]
    )
    return {
        asked.pk: _stand(asked, seats, answers, reminders, now=now) for asked in rounds
    }


@prepared
def _seats_since(cohort: UUID, first: datetime) -> QuerySet[Membership]:
    return (
        Membership.objects.filter(
            Q(left_at=None) | Q(left_at__gt=first), cohort_id=cohort
        )
        .select_related("person")
        .order_by("joined_at", "pk")
    )


@prepared
def _answers_to(rounds: list[UUID]) -> QuerySet[Consent]:
    return (
        Consent.objects.unsealed("what the circle decides needs every answer")
        .filter(round__in=rounds, voided_at=None)
        .order_by("given_at", "pk")
    )


def _reminders(rounds: Sequence[ConsentRound]) -> Counter[tuple[UUID, str, UUID]]:
    """How often each member was reminded of each text: (round, text, member)."""
    if not rounds:
        return Counter()
    return Counter(
        RoundReminder.objects.unsealed(ACTING)
        .filter(round__in=[asked.pk for asked in rounds])
        .values_list("round", "text_hash", "member")
    )


def _stand(
    asked: ConsentRound,
    seats: Iterable[Membership],
    answers: Iterable[Consent],
    reminders: Mapping[tuple[UUID, str, UUID], int],
    *,
    now: datetime,
) -> Standing:
    # Those who left since are named too: they neither count nor block.
    everyone = [
        seat
        for seat in seats
        if seat.joined_at <= asked.opens_at
        and (seat.left_at is None or seat.left_at > asked.opens_at)
    ]
    given = [
        a for a in answers if a.round_id == asked.pk and a.text_hash == asked.text_hash
    ]
    outcome = decide(
        text_hash=asked.text_hash,
        asked=[
            Asked(
                member=m.pk,
                active=m.left_at is None,
                reminders=reminders.get((asked.pk, asked.text_hash, m.pk), 0),
            )
            for m in everyone
        ],
        answers=[
            Answer(
                member=a.member_id,
                text_hash=a.text_hash,
                kind=Kind(a.kind),
                given_at=a.given_at,
            )
            for a in given
        ],
        opens_at=asked.opens_at,
        closes_at=asked.closes_at,
        now=now,
        rule=RULES[asked.rule],
        silence_counts=asked.silence_counts,
    )
    return Standing(
        round=asked,
        outcome=outcome,
        members=tuple(m for m in everyone if m.left_at is None),
        answers={a.member_id: a for a in given},
    )


def _standing_objections(asked: ConsentRound) -> list[Consent]:
    return list(
        Consent.objects.unsealed(ACTING)
        .given_to(asked)
        .objections()
        .filter(member__left_at=None)
        .select_related("member__person")
    )


@transaction.atomic
def answer(
    asked: ConsentRound,
    *,
    by: Membership,
    kind: str,
    text_hash: str,
    now: datetime,
    reason: str = "",
    harm: str = "",
    fix: str = "",
    lang: str = "",
    client_key: UUID | None = None,
) -> Consent:
    """One member's answer to the text they read. Answering again replaces it.

    Raises TextChanged when the round asks about another text by now.
    """
    _present(by, asked.cohort_id)
    amendment = _hold(asked.amendment)
    asked = (
        ConsentRound.objects.unsealed(ACTING).select_related("wording").get(pk=asked.pk)
    )
    if not amendment.is_deciding:
        raise Refused(_("This is decided already; your answer came too late."))
    if asked.closed_at is not None or text_hash != asked.text_hash:
        raise TextChanged(
            _("The text was changed while you were answering. Look at what is new.")
        )
    if not _is_asked(by, asked):
        raise Refused(
            _(
                "This round was opened before you joined, so it does not wait for you. "
                "You may still ask and react."
            )
        )
    if kind not in RULES[asked.rule].offers:
        raise Refused(_("That answer is not one that this decision asks for."))
    reason, harm, fix = reason.strip(), harm.strip(), fix.strip()
    if kind == Consent.Kind.OBJECT and not (reason and harm and fix):
        raise Refused(
            _(
                "An objection says why, what harm it fears for our purpose, and what "
                "would mend it."
            )
        )
    if kind == Consent.Kind.CONCERN and not reason:
        raise Refused(_("Write your concern down, so that it can be kept."))
    if kind != Consent.Kind.OBJECT:
        harm = fix = ""
    if kind not in (Consent.Kind.OBJECT, Consent.Kind.CONCERN):
        reason = ""
    given = Consent.objects.unsealed(ACTING).given_to(asked).filter(member=by).first()
    words = {
        "kind": kind,
        "reason": reason,
        "harm": harm,
        "fix": fix,
        "lang": lang,
        "given_at": now,
    }
    if given is None:
        given = _give(asked, by=by, client_key=client_key, words=words)
    else:
        for name, value in words.items():
            setattr(given, name, value)
        given.save(update_fields=list(words))
    if given.is_objection and amendment.proposer_id != by.pk:
        outbox.queue(
            notices.OBJECTION_RAISED,
            to=amendment.proposer.person,
            about=given,
            key=str(given.pk),
            send_after=now,
        )
    record("consent.answer", by=by.person, about=amendment, place=by.cohort_id)
    return given


def _give(
    asked: ConsentRound,
    *,
    by: Membership,
    client_key: UUID | None,
    words: Mapping[str, Any],
) -> Consent:
    values = {
        "cohort_id": asked.cohort_id,
        "round": asked,
        "member": by,
        "text_hash": asked.text_hash,
        **words,
    }
    given, _made = create_once(Consent, client_key=client_key, **values)
    if given.text_hash != asked.text_hash or given.voided_at is not None:
        # The page lived through a change of the text and brought its old key.
        given, _made = create_once(Consent, client_key=None, **values)
    return given


@transaction.atomic
def integrate(
    objection: Consent,
    *,
    by: Membership,
    words: Mapping[UUID, Rewrite],
    now: datetime,
) -> ConsentRound:
    """Take an objection into the text: answers are void, the next round opens.

    `words` are the new words of each proposed clause, by its key.
    """
    amendment = _hold(objection.round.amendment)
    _present(by, amendment.cohort_id)
    _still_open(amendment)
    _written_by(amendment, by)
    _not_lapsed(amendment.cohort)
    asked = open_round_of(amendment)
    if objection.pk not in {o.pk for o in _standing_objections(asked)}:
        raise Stale(_("That objection no longer stands. Look at the answers again."))
    if asked.number >= MOST_ROUNDS:
        raise Refused(
            _(
                "Three rounds are enough. Take this to a session, or withdraw it; a "
                "new proposal may follow."
            )
        )
    changed = [
        _reworded(proposed, words[proposed.key], by=by, now=now)
        for proposed in _proposed(amendment)
        if proposed.key in words
    ]
    if not any(changed):
        raise Refused(_("The text is the same as before. What will mend it?"))
    _edited(amendment)
    asked = _ask_again(amendment, asked, by=by, now=now, next_round=True)
    record("amendment.integrate", by=by.person, about=amendment, place=by.cohort_id)
    return asked


@transaction.atomic
def extend(amendment: Amendment, *, by: Membership, now: datetime) -> ConsentRound:
    """Give a round that ran out a fresh window; answers to the same text stay."""
    amendment = _hold(amendment)
    _present(by, amendment.cohort_id)
    _still_open(amendment)
    _steered_by(amendment, by)
    asked = open_round_of(amendment)
    if now < asked.closes_at:
        return asked
    _not_lapsed(amendment.cohort)
    asked.closes_at = now + _window(amendment.cohort)
    asked.save(update_fields=["closes_at"])
    record("amendment.extend", by=by.person, about=amendment, place=by.cohort_id)
    return asked


# --- Ways out --------------------------------------------------------------------


@transaction.atomic
def withdraw(amendment: Amendment, *, by: Membership, now: datetime) -> Amendment:
    """Take a proposal back. Only the proposer, or whoever carries it on."""
    amendment = _hold(amendment)
    _present(by, amendment.cohort_id)
    if amendment.state == State.WITHDRAWN:
        return amendment
    if amendment.state != State.SENT_TO_SESSION:
        _still_open(amendment)
    if amendment.proposer_id != by.pk and amendment.proposer.left_at is None:
        raise Refused(_("Only the person who proposed this can withdraw it."))
    _carried_on(amendment, by)
    _close(amendment, State.WITHDRAWN, now=now)
    record("amendment.withdraw", by=by.person, about=amendment, place=by.cohort_id)
    return amendment


@transaction.atomic
def send_to_session(
    amendment: Amendment, *, by: Membership, now: datetime
) -> Amendment:
    """Writing is not enough: keep it for a session, where people can talk."""
    amendment = _hold(amendment)
    _present(by, amendment.cohort_id)
    if amendment.state == State.SENT_TO_SESSION:
        return amendment
    _still_open(amendment)
    _steered_by(amendment, by)
    _close(amendment, State.SENT_TO_SESSION, now=now)
    record("amendment.send", by=by.person, about=amendment, place=by.cohort_id)
    return amendment


def _close(amendment: Amendment, state: str, *, now: datetime) -> None:
    amendment.state, amendment.closed_at = state, now
    amendment.save(update_fields=["state", "closed_at"])
    ConsentRound.objects.unsealed(ACTING).open().filter(amendment=amendment).update(
        closed_at=now
    )
    ProposedClause.objects.unsealed(ACTING).filter(amendment=amendment).update(
        held=False
    )


@transaction.atomic
def take_up_again(amendment: Amendment, *, by: Membership, now: datetime) -> Amendment:
    """A new proposal with the words of one that went to a session or was withdrawn."""
    amendment = _hold(amendment)
    _present(by, amendment.cohort_id)
    if amendment.state not in (State.SENT_TO_SESSION, State.WITHDRAWN):
        raise Refused(_("Only a proposal that is over can be taken up again."))
    current = _clauses_in_force(amendment.cohort)
    drafts = []
    for p in _proposed(amendment):
        if p.key not in current:
            if p.is_removed:
                continue
            p.change = Change.NEW
        drafts.append(
            Draft(
                change=p.change,
                key=p.key if p.key in current else uuid4(),
                section=p.section,
                title=p.title,
                text=p.text,
                lang=p.lang,
                steers=p.steers,
                value=p.value,
            )
        )
    return propose(
        by=by,
        clauses=drafts,
        title=amendment.title,
        why=amendment.why,
        lang=amendment.lang,
        follows=amendment,
        now=now,
    )


# --- Adopting --------------------------------------------------------------------


@transaction.atomic
def adopt(
    amendment: Amendment, *, by: Membership | None, now: datetime
) -> CharterVersion:
    """Make the next version of the charter, if the circle has consented to this text.

    `by` is None when the clock adopts at the end of the window. Adopting twice gives
    the same version.
    """
    amendment = _hold(amendment)
    if amendment.state == State.ADOPTED:
        return CharterVersion.objects.unsealed(ACTING).get(amendment=amendment)
    _still_open(amendment)
    if by is not None:
        _present(by, amendment.cohort_id)
        _steered_by(amendment, by)
    _not_lapsed(amendment.cohort)
    asked = open_round_of(amendment)
    stands = standing(asked, now=now)
    if stands.blocked:
        raise Refused(
            _("An objection stands. Take it into the text, or talk about it together.")
        )
    if not stands.passed:
        raise Refused(
            _("Too few are for it. Change the words, or talk about it together.")
            if stands.lacks_support
            else _("Not everybody has answered yet.")
        )
    clauses = _proposed(amendment)
    assert fingerprint_of([p.as_parts for p in clauses]) == asked.text_hash
    version = _next_version(amendment, clauses, stands, now=now)
    _close(amendment, State.ADOPTED, now=now)
    if version.number == 1:
        months = values.values_of(amendment.cohort).review.months
        QuarterlyReview.objects.create(
            cohort_id=amendment.cohort_id,
            charter=amendment.charter,
            due_on=months_after(day_in(amendment.cohort, now), months),
        )
    for member in stands.members:
        outbox.queue(
            notices.VERSION_ADOPTED,
            to=member.person,
            about=version,
            key=str(version.pk),
            send_after=now,
        )
    record(
        "amendment.adopt",
        by=by.person if by else None,
        about=amendment,
        place=amendment.cohort_id,
    )
    return version


def _next_version(
    amendment: Amendment,
    proposed: Sequence[ProposedClause],
    stands: Standing,
    *,
    now: datetime,
) -> CharterVersion:
    last = in_force(amendment.cohort)
    number = last.number + 1 if last else 1
    kept: list[dict[str, Any]] = []
    if last:
        kept = [
            {**clause.as_parts, "since": clause.since}
            for clause in Clause.objects.unsealed(ACTING).of(last)
        ]
    texts = merged(kept, [p.as_parts for p in proposed], number=number)
    version = CharterVersion.objects.create(
        cohort_id=amendment.cohort_id,
        charter=amendment.charter,
        number=number,
        adopted_at=now,
        fingerprint=fingerprint_of(texts),
        amendment=amendment,
        title=amendment.title,
        asked=len(stands.members),
        consented=len(stands.outcome.consents),
        concerned=len(stands.outcome.concerns),
        silent=len(stands.outcome.silent),
    )
    Clause.objects.bulk_create(
        Clause(cohort_id=amendment.cohort_id, version=version, number=n, **parts)
        for n, parts in enumerate(texts, start=1)
    )
    return version


def merged(
    kept: Sequence[Parts], proposed: Sequence[Parts], *, number: int
) -> list[dict[str, Any]]:
    """The clauses of the next version, in order.

    Changed clauses keep their place, new ones follow the last of their section.
    """
    texts = [dict(parts) for parts in kept]
    for parts in proposed:
        fresh = {name: v for name, v in parts.items() if name != "change"}
        fresh["since"] = number
        place = next((n for n, t in enumerate(texts) if t["key"] == parts["key"]), None)
        if parts["change"] == Change.REMOVED:
            if place is not None:
                del texts[place]
        elif place is not None:
            texts[place] = fresh
        else:
            same = [n for n, t in enumerate(texts) if t["section"] == parts["section"]]
            texts.insert(same[-1] + 1 if same else len(texts), fresh)
    return texts


# --- What the clock does ---------------------------------------------------------


def settle(*, now: datetime) -> int:
    """Act on rounds whose window is over; return how many were adopted.

    What passed is adopted. What did not waits for its proposer, who is told once.
    """
    adopted = 0
    over = (
        ConsentRound.objects.unsealed("the clock closes every cohort's rounds")
        .open()
        .filter(closes_at__lte=now, cohort__finished_at=None)
        .select_related("amendment__proposer__person", "amendment__cohort")
        .order_by("closes_at", "pk")
    )
    for asked in over:
        if standing(asked, now=now).passed:
            try:
                adopt(asked.amendment, by=None, now=now)
            except Refused:  # lapsed, or changed in this very moment
                continue
            adopted += 1
        else:
            outbox.queue(
                notices.ROUND_ENDED,
                to=asked.amendment.proposer.person,
                about=asked,
                key=f"{asked.pk}:{asked.closes_at:%Y%m%d%H%M}",
                send_after=now,
            )
    return adopted


def remind(*, now: datetime) -> int:
    """Remind whoever has not answered; return how many reminders were new.

    Once when a fifth of the window is left; where silence counts, once more half way
    through, for it counts only after two.
    """
    new = 0
    asking = (
        ConsentRound.objects.unsealed(
            "reminders go to each member who has not answered"
        )
        .asking(now)
        .filter(cohort__finished_at=None)
        .select_related("amendment")
    )
    for asked in asking:
        due = [
            number
            for number, moment in reminder_moments(asked).items()
            if moment <= now
        ]
        if due:
            waiting = standing(asked, now=now).outcome.waiting_for
            new += _remind(asked, waiting, numbers=due, now=now)
    return new


def reminder_moments(asked: ConsentRound) -> dict[int, datetime]:
    length = asked.closes_at - asked.opens_at
    moments = {2: asked.closes_at - length / 5}
    if asked.silence_counts:
        moments[1] = asked.closes_at - length / 2
    return moments


@transaction.atomic
def _remind(
    asked: ConsentRound,
    waiting: Iterable[Any],
    *,
    numbers: Iterable[int],
    now: datetime,
) -> int:
    new = 0
    members = Membership.objects.filter(pk__in=list(waiting)).select_related("person")
    for member in members.order_by("pk"):
        for number in sorted(numbers):
            _row, made = RoundReminder.objects.unsealed(ACTING).get_or_create(
                round=asked,
                member=member,
                closes_at=asked.closes_at,
                number=number,
                defaults={
                    "cohort_id": asked.cohort_id,
                    "text_hash": asked.text_hash,
                    "reminded_at": now,
                },
            )
            if made:
                new += 1
                outbox.queue(
                    notices.ROUND_REMINDER,
                    to=member.person,
                    about=asked,
                    key=f"{asked.pk}:{asked.closes_at:%Y%m%d%H%M}:{number}",
                    send_after=now,
                    not_after=asked.closes_at,
                )
    return new
