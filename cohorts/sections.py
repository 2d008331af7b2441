"""What this app knows about a person's day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import (
    Application,
    Draft,
    Intake,
    IntakePhase,
    Permit,
    Program,
    Review,
    Standing,
)
from cohorts.reviewing import lacking_readings
from people.front import DemoPerson, OpenCall, opens_calls, shows_demo
from people.models import User
from people.prepared import prepared
from people.today import Waiting, waits


def days_left(until: datetime | None, now: datetime) -> str:
    """ "3 days left", "last day": the window of a thing that ends."""
    if until is None:
        return ""
    days = (until - now).days
    if days < 0:
        return ""
    if days == 0:
        return _("last day")
    return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}


def reader(request: HttpRequest) -> User:
    return cast(User, request.user)  # Today is for people who are signed in


@opens_calls
def calls_taking_applications(now: datetime) -> Iterator[OpenCall]:
    calls = (
        Intake.objects.taking_applications(now)
        .select_related("program")
        .prefetch_related("phases")
        .order_by("name", "pk")[:20]
    )
    for call in calls:
        apply = call.phase(IntakePhase.Kind.APPLY)
        yield OpenCall(
            title=call.name,
            url=reverse("cohorts:call_show", args=[call.slug]),
            offered_by=call.program.name,
            summary=call.rhythm,
            closes_at=apply.closes_at if apply else None,
            zone=call.timezone,
        )


@shows_demo
def demo_people() -> list[DemoPerson]:
    """Who may be tried out while the demo program stands: one of each kind."""
    if not Program.objects.filter(is_demo=True).exists():
        return []
    kinds = {
        "member@demo.example": _("A member of a cohort"),
        "facilitator@demo.example": _("A facilitator"),
        "lead@demo.example": _("A program lead"),
        "reviewer@demo.example": _("Somebody who reads applications"),
        "funder@demo.example": _("A funder"),
    }
    there = User.objects.filter(email__in=kinds, is_active=True)
    known = set(there.values_list("email", flat=True))
    return [
        DemoPerson(email=email, role=kind)
        for email, kind in kinds.items()
        if email in known
    ]


@waits
def my_applications(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[Waiting]:
    """A draft that can still be sent; an offer that waits for an answer."""
    for is_offer, name, slug, until in _offers_and_drafts(reader(request), now):
        page = "apply_status" if is_offer else "apply_review"
        yield Waiting(
            kind=_("A seat for you") if is_offer else _("Application"),
            title=name,
            url=reverse(f"cohorts:{page}", args=[slug]),
            window=days_left(until, now),
            detail="" if is_offer else _("Begun, not sent yet."),
            until=until,
        )


@prepared
def _offers_and_drafts(person: User, now: datetime) -> QuerySet[Any, Any]:
    """One query: nearly nobody has either, and everybody opens this page."""
    drafts = (
        Draft.objects.visible_to(person)
        .filter(
            sent_as=None,
            intake__phases__permits__contains=[Permit.APPLY],
            intake__phases__opens_at__lte=now,
            intake__phases__closes_at__gt=now,
        )
        .annotate(is_offer=Value(False))
        .values_list(
            "is_offer", "intake__name", "intake__slug", "intake__phases__closes_at"
        )
    )
    offers = (
        Application.objects.visible_to(person)
        .offered()
        .filter(applicant=person, reply=Application.Reply.NONE)
        .annotate(is_offer=Value(True))
        .values_list("is_offer", "intake__name", "intake__slug", "reply_by")
    )
    return offers.union(drafts, all=True)


@waits
def my_readings(request: HttpRequest, places: Any, now: datetime) -> Iterator[Waiting]:
    """How many applications a reviewer has still to read, and until when."""
    if not places.reviews and not places.leads:
        return
    for name, slug, n, closes_at in _unread(
        reader(request), places.reviews, places.leads, now
    ):
        # Asked in SQL, the database would count everything twice.
        if not n:
            continue
        yield Waiting(
            kind=_("Reading"),
            title=name,
            url=reverse("cohorts:review_queue", args=[slug]),
            window=days_left(closes_at, now),
            detail=ngettext(
                "%(n)s application to read", "%(n)s applications to read", n
            )
            % {"n": n},
            until=closes_at,
        )


@prepared
def _unread(
    person: User, reviewed: list[Program], led: list[Program], now: datetime
) -> QuerySet[Any, Any]:
    """One query for all calls: name, slug, how many wait, and when reading ends.

    Handed out, or asked of a lead: one's own. Otherwise whatever lacks readings is
    everybody's, while the call takes readings.
    """
    mine = Review.objects.visible_to(person).filter(
        reviewer=person, copy__intake=OuterRef("pk"), copy__closed_at=None
    )
    # A call may take readings in several phases at a time: what asks first counts.
    closes = IntakePhase.objects.filter(
        intake=OuterRef("pk"),
        permits__contains=[Permit.REVIEW],
        opens_at__lte=now,
        closes_at__gt=now,
    ).order_by("closes_at")
    return (
        Intake.objects.filter(
            Q(program__in=reviewed) | Q(program__in=led), frozen_at__isnull=False
        )
        .annotate(
            own=Coalesce(_number_of(mine.waiting(), by="copy__intake"), 0),
            closes=Subquery(closes.values("closes_at")[:1]),
            all=Coalesce(_number_of(lacking_readings(person), by="intake"), 0),
        )
        .annotate(
            n=Case(
                When(
                    # Handed out, everybody has their own.
                    Q(handed_out_at=None, closes__isnull=False)
                    & Q(program__in=reviewed),
                    then=F("all"),
                ),
                default=F("own"),
            )
        )
        .filter(Q(closes__isnull=False) | Exists(mine.waiting()))
        .order_by("name", "slug")
        .values_list("name", "slug", "n", "closes")
    )


def _number_of(rows: QuerySet[Any], *, by: str) -> Subquery:
    return Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n"))


@waits
def what_leads_have_pending(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[Waiting]:
    """Decisions made and told to nobody."""
    if not places.leads:
        return
    for name, slug, n in _pending_for(reader(request)):
        yield Waiting(
            kind=_("Decisions"),
            title=name,
            url=reverse("cohorts:decision_letters", args=[slug]),
            detail=ngettext(
                "%(n)s decision is set and told to nobody yet",
                "%(n)s decisions are set and told to nobody yet",
                n,
            )
            % {"n": n},
        )


@prepared
def _pending_for(viewer: User) -> QuerySet[Any, Any]:
    return (
        Standing.objects.visible_to(viewer)
        .exclude(pending="")
        .filter(~Q(application__state=Application.State.WITHDRAWN))
        .values_list("intake__name", "intake__slug")
        .annotate(n=Count("pk"))
        .order_by("intake__name")
    )
