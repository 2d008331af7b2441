"""A seat comes free: who is next in line, and the offer to them.

The order of the line is what the draw made. Nothing is offered by itself: a lead
presses, and the letter is read by a person before it leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from cohorts import deciding
from cohorts.models import Application, Intake, IntakePhase, Lottery, Standing, Ticket
from cohorts.quotas import lock
from cohorts.rights import must_lead
from people.models import User, record
from people.refusal import Refused

Outcome, Reply = Application.Outcome, Application.Reply


@dataclass(frozen=True, kw_only=True)
class Line:
    """The seats that are free, and who waits for them in the order of the draw."""

    free: int
    waiting: int
    next: Ticket | None


def line_of(intake: Intake, *, by: User) -> Line:
    waiting = _waiting(intake, by=by)
    first = waiting.select_related("application").order_by("place").first()
    return Line(
        free=max(intake.seats - _taken(intake, by=by), 0),
        waiting=waiting.count() if first else 0,
        next=first,
    )


def _waiting(intake: Intake, *, by: User) -> QuerySet[Ticket]:
    """Still in the call, on the waiting list or about to be."""
    about_to_be = Standing.objects.visible_to(by).filter(
        intake=intake, pending__in=(Outcome.NONE, Outcome.WAITLISTED)
    )
    return Ticket.objects.visible_to(by).filter(
        lottery__intake=intake,
        lottery__state=Lottery.State.DRAWN,
        is_drawn=False,
        application__state=Application.State.SUBMITTED,
        application__outcome__in=(Outcome.NONE, Outcome.WAITLISTED),
        application__in=about_to_be.values("application"),
    )


def _has_a_seat() -> Q:
    return Q(
        application__outcome=Outcome.OFFERED,
        application__reply__in=(Reply.NONE, Reply.ACCEPTED),
    ) | Q(pending=Outcome.OFFERED)


def _taken(intake: Intake, *, by: User) -> int:
    """Seats that somebody has, was offered, or is about to be offered."""
    found: int = (
        Standing.objects.visible_to(by)
        .filter(intake=intake, application__state=Application.State.SUBMITTED)
        .aggregate(
            n=Count(
                "pk",
                filter=_has_a_seat(),
            )
        )["n"]
    )
    return found


def with_seats_to_offer(viewer: User, now: datetime) -> QuerySet[Lottery]:
    """Draws of the calls that `viewer` leads, where a seat is free and somebody waits.

    Not once the time to take a seat has passed.
    """
    taken = (
        Standing.objects.unsealed("counts the seats that are taken")
        .filter(
            _has_a_seat(),
            intake=OuterRef("intake"),
            application__state=Application.State.SUBMITTED,
        )
        .order_by()
        .values("intake")
        .annotate(n=Count("pk"))
        .values("n")
    )
    waiting = Ticket.objects.unsealed("whether anybody waits").filter(
        lottery=OuterRef("pk"),
        is_drawn=False,
        application__state=Application.State.SUBMITTED,
        application__outcome=Outcome.WAITLISTED,
    )
    over = IntakePhase.objects.filter(
        intake=OuterRef("intake"), kind=IntakePhase.Kind.CONFIRM, closes_at__lte=now
    )
    return (
        Lottery.objects.visible_to(viewer)
        .filter(Exists(waiting), ~Exists(over), state=Lottery.State.DRAWN)
        .annotate(taken=Coalesce(Subquery(taken), 0))
        .filter(taken__lt=F("intake__seats"))
        .select_related("intake")
        .defer("mixture", "facts")
        .order_by("made_at", "pk")
    )


@transaction.atomic
def promote(
    intake: Intake, application: UUID, *, by: User, now: datetime
) -> Application:
    """Make an offer to the next in line pending. Sent twice, it is one offer."""
    must_lead(by, intake.program)
    lock(intake)
    chosen = (
        Standing.objects.visible_to(by)
        .select_related("application")
        .filter(intake=intake, application=application)
        .first()
    )
    if chosen is not None and chosen.pending == Outcome.OFFERED:
        return chosen.application
    line = line_of(intake, by=by)
    if line.next is None or line.next.application_id != application:
        raise Refused(_("The line has moved meanwhile. Look who is next now."))
    if not line.free:
        raise Refused(_("No seat is free now."))
    until = deciding.reply_by(intake)
    if until is not None and until <= now:
        raise Refused(
            _(
                "The time to take a seat has passed, so an offer would lapse at once. "
                "Change the dates of the call first."
            )
        )
    deciding.decide(intake, [application], outcome=Outcome.OFFERED, by=by, now=now)
    record("lottery.promote", by=by, about=line.next, place=intake.program_id)
    return line.next.application
