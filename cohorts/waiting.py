"""What Today says about seats, agreements and proposals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts import agreements, deciding, drawing, promoting
from cohorts.access import reader
from cohorts.models import (
    Cohort,
    Composition,
    CompositionSignature,
    Intake,
    Invitation,
    Lottery,
    Membership,
    Program,
)
from people.clock import day_for
from people.models import User
from people.prepared import prepared
from people.today import Waiting, waits


@waits
def invitations(request: HttpRequest, places: Any, now: datetime) -> Iterator[Waiting]:
    """Seats offered to this person's own address."""
    for one in _offered_to(reader(request).email.lower(), now):
        day = one.expires_at.astimezone(reader(request).zone).date()
        yield Waiting(
            kind=_("Invitation"),
            window=_("until %(day)s") % {"day": day_for(day)},
            title=(
                _("Will you hold %(cohort)s?")
                if one.old_one_stays
                else _("A seat in %(cohort)s")
            )
            % {"cohort": one.cohort.name},
            url=reverse("cohorts:invitation", args=[one.secret()]),
            until=one.expires_at,
        )


@prepared
def _offered_to(email: str, now: datetime) -> QuerySet[Invitation]:
    return (
        Invitation.objects.unsealed("one's own invitations, found by one's address")
        .live(now)
        .filter(email=email, cohort__finished_at=None)
        .select_related("cohort")
        .order_by("expires_at", "pk")
    )


@waits
def agreements_to_sign(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[Waiting]:
    open_seats = [m for m in places.memberships if not m.cohort.is_finished]
    if not open_seats:
        return
    cohort_of = {m.cohort.program_id: m.cohort for m in reversed(open_seats)}
    for agreement in agreements.unanswered(reader(request), cohort_of):
        cohort = cohort_of[agreement.program_id]
        yield Waiting(
            kind=_("Agreement"),
            window=_("when you have read it"),
            title=_("What taking part in %(program)s asks")
            % {"program": agreement.program.name},
            detail=_("Read it and sign, or say what stands in the way."),
            url=reverse("cohorts:agreement_sign", args=[cohort.slug]),
        )


@waits
def nobody_holds(request: HttpRequest, places: Any, now: datetime) -> Iterator[Waiting]:
    """For leads: a circle whose last facilitator left the house altogether."""
    if not places.leads:
        return
    for cohort in _held_by_nobody(places.leads):
        yield Waiting(
            kind=_("Cohort"),
            title=cohort.name,
            url=reverse("cohorts:cohort_people", args=[cohort.slug]),
            detail=_("Nobody holds this cohort. Ask somebody to."),
        )


@prepared
def _held_by_nobody(programs: list[Program]) -> QuerySet[Cohort]:
    ever = Membership.objects.filter(cohort=OuterRef("pk"))
    seats = ever.active()
    return (
        Cohort.objects.open()
        .filter(Exists(seats), ~Exists(seats.facilitators()), program__in=programs)
        # One that nobody holds yet is being made.
        .filter(Exists(ever.facilitators().exclude(left_at=None)))
        .order_by("name", "pk")
    )


@waits
def stray_letters(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[Waiting]:
    """For leads: decisions that may not have reached whom they were for."""
    if not places.leads:
        return
    for intake in _with_strays(reader(request)):
        yield Waiting(
            kind=_("Letters"),
            title=intake.name,
            url=reverse("cohorts:decision_letters", args=[intake.slug]),
            detail=_("A letter with a decision may not have arrived."),
        )


@prepared
def _with_strays(viewer: User) -> QuerySet[Intake]:
    return deciding.calls_with_strays(viewer)


@waits
def draws_to_make(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[Waiting]:
    """For leads: the source has spoken, and two of them type what it said."""
    if not places.leads:
        return
    for lottery in _waiting_for_value(reader(request), now):
        yield Waiting(
            kind=_("Draw"),
            window=_("two leads type the value"),
            title=lottery.intake.name,
            url=reverse("cohorts:lottery_show", args=[lottery.intake.slug, lottery.pk]),
            detail=_("The source has spoken. Type what you read there."),
        )


@prepared
def _waiting_for_value(viewer: User, now: datetime) -> QuerySet[Lottery]:
    return drawing.waiting_for_value(viewer, now)


@waits
def seats_to_offer(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[Waiting]:
    """For leads: a seat came free, and somebody is next in line."""
    if not places.leads:
        return
    for intake in _with_seats_to_offer(reader(request), now):
        yield Waiting(
            kind=_("Seat"),
            title=intake.name,
            url=reverse("cohorts:selection_home", args=[intake.slug]),
            detail=_("A seat is free, and somebody waits for it."),
        )


@prepared
def _with_seats_to_offer(viewer: User, now: datetime) -> QuerySet[Intake]:
    return promoting.with_seats_to_offer(viewer, now)


@waits
def proposals_open(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[Waiting]:
    """For leads: arrangements that stand and are not published."""
    if not places.leads:
        return
    for one in _standing_for(reader(request)):
        yield Waiting(
            kind=_("Composing"),
            title=one.intake.name,
            url=reverse(
                "cohorts:composition_board", args=[one.intake.slug, one.number]
            ),
            detail=ngettext(
                "%(n)s rule is broken.", "%(n)s rules are broken.", one.broken
            )
            % {"n": one.broken}
            if one.broken
            else _("Nothing is broken: it can be signed."),
            urgent=False,
        )


@prepared
def _standing_for(viewer: User) -> QuerySet[Composition]:
    return (
        Composition.objects.visible_to(viewer)
        .filter(state=Composition.State.PROPOSED)
        .select_related("intake")
        .defer("facts", "rules")
        .order_by("-made_at", "pk")[:5]
    )


@waits
def proposals_to_sign(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[Waiting]:
    # Asked are leads, facilitators, and those who are to become one and sit nowhere.
    if places.memberships and not (places.leads or places.facilitates):
        return
    for one in _asked_to_sign(reader(request)):
        yield Waiting(
            kind=_("Signature"),
            window=_("two people sign before anything is sent"),
            title=_("Cohorts for %(intake)s") % {"intake": one.composition.intake.name},
            url=reverse("cohorts:composition_sign", args=[one.composition_id]),
        )


@prepared
def _asked_to_sign(person: User) -> QuerySet[CompositionSignature]:
    return (
        CompositionSignature.objects.visible_to(person)
        .filter(person=person, answer="", composition__state="proposed")
        .select_related("composition__intake")
        .order_by("asked_at", "pk")
    )
