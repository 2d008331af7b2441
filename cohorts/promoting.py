"""A seat comes free: who is next in line, and the offer to them.

The order of the line is what the draw made. On whom no draw decided, they come after:
by their band, then by their score without the severity of whoever read. Nothing is
offered by itself: a lead presses, and the letter is read by a person before it leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from cohorts import deciding
from cohorts.models import (
    Application,
    Appointment,
    Band,
    Intake,
    IntakePhase,
    Lottery,
    Placement,
    Standing,
    Ticket,
)
from cohorts.quotas import lock
from cohorts.rights import must_lead
from people.models import User, record
from people.refusal import Refused

Outcome, Reply = Application.Outcome, Application.Reply


@dataclass(frozen=True, kw_only=True)
class Line:
    """The seats that are free, and who waits for them, in their order.

    next: their standing, with `place` in the draw, if one decided on them, and `band`.
    """

    free: int
    waiting: int
    next: Standing | None

    @property
    def is_drawn(self) -> bool:
        return self.next is None or self.next.place is not None  # type: ignore[attr-defined]


def line_of(intake: Intake, *, by: User) -> Line | None:
    """None while nobody waits."""
    waiting = _waiting(intake, by=by)
    first = waiting.select_related("application").first()
    if first is None:
        return None
    return Line(
        free=free_seats(intake, by=by), waiting=waiting.order_by().count(), next=first
    )


def free_seats(intake: Intake, *, by: User) -> int:
    return max(intake.seats - _taken(intake, by=by), 0)


def _waiting(intake: Intake, *, by: User) -> QuerySet[Standing]:
    """Still in the call, on the waiting list or about to be."""
    drawn = Ticket.objects.visible_to(by).filter(
        application=OuterRef("application"),
        lottery__state=Lottery.State.DRAWN,
        is_drawn=False,
    )
    placed = Placement.objects.visible_to(by).filter(
        application=OuterRef("application")
    )
    waits = Outcome.WAITLISTED
    return (
        Standing.objects.visible_to(by)
        .filter(
            intake=intake,
            application__state=Application.State.SUBMITTED,
            application__outcome__in=(Outcome.NONE, waits),
            pending__in=(Outcome.NONE, waits),
        )
        .annotate(
            place=Subquery(drawn.values("place")[:1]),
            band=Subquery(placed.values("band")[:1]),
        )
        .filter(
            Q(place__isnull=False) | Q(application__outcome=waits) | Q(pending=waits)
        )
        .order_by(
            F("place").asc(nulls_last=True),
            Case(
                When(band=Band.ACCEPT, then=0),
                When(band=Band.LOTTERY, then=1),
                When(band=Band.DECLINE, then=3),
                default=2,
                output_field=IntegerField(),
            ),
            F("corrected").desc(nulls_last=True),
            "application__submitted_at",
            "application",
        )
    )


def _has_a_seat() -> Q:
    """Has it, was offered it, or is about to be, as all clearly above the line are."""
    promised = Placement.objects.unsealed("counts the seats that are promised").filter(
        application=OuterRef("application"), band=Band.ACCEPT
    )
    return (
        Q(
            application__outcome=Outcome.OFFERED,
            application__reply__in=(Reply.NONE, Reply.ACCEPTED),
        )
        | Q(pending=Outcome.OFFERED)
        | Q(Exists(promised), application__outcome=Outcome.NONE, pending="")
    )


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


def with_seats_to_offer(viewer: User, now: datetime) -> QuerySet[Intake]:
    """The calls that `viewer` leads, where a seat is free and somebody waits.

    Not while a draw is still to decide, nor once the time to take a seat has passed.
    """
    here = Standing.objects.unsealed("counts the seats that are taken").filter(
        intake=OuterRef("pk"), application__state=Application.State.SUBMITTED
    )
    taken = (
        here.filter(_has_a_seat())
        .order_by()
        .values("intake")
        .annotate(n=Count("pk"))
        .values("n")
    )
    waiting = here.filter(application__outcome=Outcome.WAITLISTED).exclude(
        pending__in=(Outcome.OFFERED, Outcome.DECLINED)
    )
    over = IntakePhase.objects.filter(
        intake=OuterRef("pk"), kind=IntakePhase.Kind.CONFIRM, closes_at__lte=now
    )
    undrawn = Lottery.objects.unsealed("whether a draw is still to decide").filter(
        intake=OuterRef("pk"), state=Lottery.State.COMMITTED
    )
    leads = Appointment.objects.active().filter(
        person=viewer, role=Appointment.Role.LEAD
    )
    return (
        Intake.objects.filter(
            Exists(waiting),
            ~Exists(over),
            ~Exists(undrawn),
            program__in=leads.values("program"),
        )
        .annotate(taken=Coalesce(Subquery(taken), 0))
        .filter(taken__lt=F("seats"))
        .order_by("pk")
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
    if line is None or line.next is None or line.next.application_id != application:
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
    record("waiting.promote", by=by, about=line.next, place=intake.program_id)
    return line.next.application
