"""Who is kept from reading whom by what is known of both, and kept so that it holds
at every moment: in the open queue, before anything was handed out, as well as later.

A reviewer is compared with everybody who applied when they come to their queue, and
again when somebody applied since, when they named whom they should not read, and
once an hour, since people join circles and invite others. Until then what is new is
offered to them by nobody but a lead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from cohorts.conflicts import Applicant, Kind, Pair, Reviewer, infer
from cohorts.models import (
    Application,
    BlindCopy,
    Comparison,
    Intake,
    Invitation,
    KeptApart,
    Membership,
    Overruling,
    ReadingTerms,
    Review,
)
from people.models import User
from people.prepared import prepared

# So long a comparison is believed, though people join circles meanwhile.
FRESH = timedelta(hours=1)


# --- What is known of both ---------------------------------------------------------


def inferred(
    applicants: Sequence[Applicant],
    reviewers: Mapping[str, User],
    *,
    ties: Mapping[str, Sequence[str]],
) -> dict[Pair, list[Kind]]:
    """Each pair that should be kept apart, with every reason that shows.

    applicants: by the key of their copy, their cohorts not looked up yet.
    ties: whom each reviewer said they should not read.
    """
    circles = _circles([*reviewers, *(one.person for one in applicants if one.person)])
    organisations: dict[str, set[str]] = defaultdict(set)
    for person, organisation in (
        Application.objects.unsealed("where reviewers said they work")
        .filter(applicant__in=list(reviewers))
        .exclude(organisation="")
        .values_list("applicant", "organisation")
    ):
        organisations[str(person)].add(organisation)
    invited: dict[str, set[str]] = defaultdict(set)
    for person, email in (
        Invitation.objects.unsealed("whom reviewers invited themselves")
        .filter(made_by__in=list(reviewers))
        .values_list("made_by", "email")
    ):
        invited[str(person)].add(email)
    return infer(
        (
            Applicant(
                key=one.key,
                person=one.person,
                email=one.email,
                called=one.called,
                organisation=one.organisation,
                ties=one.ties,
                cohorts=circles.get(one.person, ()),
            )
            for one in applicants
        ),
        [
            Reviewer(
                key=key,
                email=one.email,
                names=[name for name in (one.called, one.full_name) if name],
                organisations=organisations[key],
                ties=ties.get(key, ()),
                cohorts=circles.get(key, ()),
                invited=invited[key],
            )
            for key, one in reviewers.items()
        ],
    )


def _circles(people: Iterable[str]) -> dict[str, set[str]]:
    """The cohorts that each of these sits or sat in."""
    found: dict[str, set[str]] = defaultdict(set)
    for person, cohort in Membership.objects.filter(
        person__in=sorted(set(people))
    ).values_list("person", "cohort"):
        found[str(person)].add(str(cohort))
    return found


# --- Kept --------------------------------------------------------------------------


@transaction.atomic
def compare(intake: Intake, people: Sequence[User], *, now: datetime) -> None:
    """Infer anew whom each of these should not read, and keep it."""
    everybody = list(
        BlindCopy.objects.unsealed("reviewers are compared with everybody who applied")
        .filter(intake=intake)
        .values_list(
            "closed_at",
            "pk",
            *(
                f"application__{name}"
                for name in ("applicant", "email", "called", "organisation", "ties")
            ),
        )
    )
    applicants = [
        Applicant(
            key=str(copy),
            person=str(person or ""),
            email=email,
            called=called,
            organisation=organisation,
            ties=ties,
        )
        for closed_at, copy, person, email, called, organisation, ties in everybody
        if closed_at is None
    ]
    ties = {
        str(person): said
        for person, said in ReadingTerms.objects.unsealed("whom reviewers named")
        .filter(intake=intake, reviewer__in=people)
        .values_list("reviewer", "ties")
    }
    found = inferred(applicants, {str(one.pk): one for one in people}, ties=ties)
    rows = KeptApart.objects.unsealed("kept for the queue, and for the leads")
    gone = [
        key
        for key, copy, reviewer in rows.filter(
            copy__intake=intake, reviewer__in=people
        ).values_list("pk", "copy", "reviewer")
        if (str(copy), str(reviewer)) not in found
    ]
    rows.filter(pk__in=gone).delete()
    rows.bulk_create(
        [
            KeptApart(
                program_id=intake.program_id,
                copy_id=UUID(copy),
                reviewer_id=UUID(reviewer),
                kinds=[kind.value for kind in kinds],
            )
            for (copy, reviewer), kinds in sorted(found.items())
        ],
        update_conflicts=True,
        unique_fields=["reviewer", "copy"],
        update_fields=["kinds"],
        batch_size=1000,
    )
    Comparison.objects.unsealed("how far the comparing is").bulk_create(
        [
            Comparison(
                program_id=intake.program_id,
                intake=intake,
                reviewer=one,
                copies=len(everybody),
                compared_at=now,
            )
            for one in sorted(people, key=lambda one: one.pk)
        ],
        update_conflicts=True,
        unique_fields=["intake", "reviewer"],
        update_fields=["copies", "compared_at"],
    )


def forget(intake: Intake) -> None:
    """Something of an applicant changed: everybody is compared anew."""
    Comparison.objects.unsealed("how far the comparing is").filter(
        intake=intake
    ).delete()


def catch_up(intake: Intake, person: User, *, now: datetime) -> bool:
    """Compare this reviewer, if anything may be new. Tells whether it was."""
    if _is_compared(intake, person, since=now - FRESH):
        return False
    compare(intake, [person], now=now)
    return True


def catch_up_all(intake: Intake, people: QuerySet[User], *, now: datetime) -> None:
    fresh = Comparison.objects.unsealed("how far the comparing is").filter(
        _of_everybody(intake),
        intake=intake,
        reviewer=OuterRef("pk"),
        compared_at__gte=now - FRESH,
    )
    behind = list(people.exclude(Exists(fresh)))
    if behind:
        compare(intake, behind, now=now)


@prepared
def _is_compared(
    intake: Intake, person: User, *, since: datetime
) -> QuerySet[Any, Any]:
    return (
        Comparison.objects.unsealed("how far the comparing is")
        .filter(
            _of_everybody(intake),
            intake=intake,
            reviewer=person,
            compared_at__gte=since,
        )
        .values_list("pk")
    )


def _of_everybody(intake: Intake) -> Q:
    everybody = (
        BlindCopy.objects.unsealed("how many there are to compare with")
        .filter(intake=intake)
        .order_by()
        .values("intake")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Q(copies=Subquery(everybody))


# --- What it means for a queue -----------------------------------------------------


def is_compared(intake: Intake, person: User) -> Exists:
    """Whether this reviewer was compared with everybody who applied."""
    return Exists(
        Comparison.objects.unsealed("how far the comparing is").filter(
            _of_everybody(intake), intake=intake, reviewer=person
        )
    )


def is_kept_from(person: User) -> Q:
    """Of a copy: whether it is kept from this reviewer.

    What a lead overruled is not, nor what they have begun already: there the lead
    sees both, and decides.
    """
    overruled = Overruling.objects.unsealed("a lead looked at these").filter(
        copy=OuterRef("copy"), reviewer=OuterRef("reviewer")
    )
    kept = KeptApart.objects.unsealed("what keeps reviewers and copies apart").filter(
        ~Exists(overruled), copy=OuterRef("pk"), reviewer=person
    )
    begun = Review.objects.unsealed("one's own reviews").filter(
        copy=OuterRef("pk"),
        reviewer=person,
        state__in=(Review.State.BEGUN, Review.State.DONE),
    )
    return Q(Exists(kept)) & ~Q(Exists(begun))


__all__ = [
    "catch_up",
    "catch_up_all",
    "compare",
    "forget",
    "inferred",
    "is_compared",
    "is_kept_from",
]
