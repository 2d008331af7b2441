"""What sessions show on pages that are not theirs: Today, and the cohort's page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.home import Section, section
from cohorts.models import Cohort, Membership
from people import clock, today
from sessions import hosting
from sessions.models import RitualSession, Rsvp

ON_THE_HOME_PAGE = 3
# A session that nobody opened is asked after for so long.
ASK_AFTER = timedelta(days=21)


@today.panel
def next_session(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[today.Panel]:
    """The patch of Today: the next meeting of any of one's cohorts. Two queries."""
    seats = {m.cohort_id: m for m in places.memberships if not m.cohort.is_finished}
    if not seats:
        return
    session = (
        RitualSession.objects.visible_to(request.user)
        .ahead(now)
        .filter(cohort__in=list(seats))
        .select_related("host__person")
        .annotate(
            my_answer=Subquery(
                Rsvp.objects.visible_to(request.user)
                .filter(session=OuterRef("pk"), membership__person_id=request.user.pk)
                .values("answer")[:1]
            )
        )
        .order_by("starts_at", "pk")
        .first()
    )
    if session is None:
        return
    seat = seats[session.cohort_id]
    session.cohort = seat.cohort
    zones = (
        Membership.objects.active()
        .filter(cohort=session.cohort_id)
        .values_list("person__timezone", flat=True)
        .distinct()
    )
    holds = session.is_hosted_by(seat) or seat.is_facilitator
    words = soon(session, now=now)
    yield today.Panel(
        slot="next",
        summary=_summary(session, now=now),
        meets_at=session.starts_at,
        template="sessions/_next.html",
        context={
            "session": session,
            "soon": words,
            "i_hold": session.is_hosted_by(seat),
            "may_open": holds
            and session.is_planned
            and session.starts_at - now <= hosting.EARLIEST,
            "elsewhere": clock.elsewhere(
                session.starts_at, zones, besides=_zone(request)
            ),
        },
    )


def _summary(session: RitualSession, *, now: datetime) -> str:
    if session.is_open:
        return _("A session is live now.")
    if session.starts_at - now < timedelta(days=7):
        return _("A session is near.")
    return ""


def _zone(request: HttpRequest) -> str:
    return getattr(request.user, "timezone", "UTC")


def soon(session: RitualSession, *, now: datetime) -> str:
    """In relative words; the page tells the moment itself beside them."""
    if session.is_open:
        return _("live now")
    left = session.starts_at - now
    minutes = int(left.total_seconds() // 60)
    if minutes < 0:
        return _("about to begin")
    if minutes < 60:
        return ngettext("in %(n)d minute", "in %(n)d minutes", minutes) % {"n": minutes}
    if minutes < 24 * 60:
        hours = minutes // 60
        return ngettext("in %(n)d hour", "in %(n)d hours", hours) % {"n": hours}
    days = left.days
    return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}


@today.waits
def to_be_told(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[today.Waiting]:
    """For facilitators: sessions whose hour is past and which nobody opened."""
    held = {m.cohort_id: m.cohort for m in places.facilitates}
    if not held:
        return
    for session in (
        RitualSession.objects.visible_to(request.user)
        .planned()
        .filter(cohort__in=list(held), ends_at__lt=now, ends_at__gt=now - ASK_AFTER)
        .order_by("ends_at")[:5]
    ):
        cohort = held[session.cohort_id]
        yield today.Waiting(
            kind=_("Session"),
            title=_("Did session %(number)d of %(cohort)s happen?")
            % {"number": session.number, "cohort": cohort.name},
            url=reverse("sessions:session_page", args=[cohort.slug, session.number]),
            detail=clock.moment_for(request.user, session.starts_at),
            urgent=False,
        )


@section
def sessions_to_come(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> Section | None:
    """The rhythm of the cohort: the next few meetings."""
    now = timezone.now()
    ahead = list(
        RitualSession.objects.visible_to(request.user)
        .filter(cohort=cohort)
        .ahead(now)
        .order_by("starts_at", "pk")[:ON_THE_HOME_PAGE]
    )
    return Section(
        template="sessions/_section.html",
        context={
            "sessions": [(session, soon(session, now=now)) for session in ahead],
            "cohort": cohort,
            "may_plan": membership.is_facilitator and not cohort.is_finished,
        },
        order=20,
    )
