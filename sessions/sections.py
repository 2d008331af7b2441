"""What sessions show on pages that are not theirs: Today, and the cohort's page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charters.remembered import Day, remembers
from cohorts.home import Concern, Section, concern, section
from cohorts.models import Cohort, Membership
from people import clock, today
from people.prepared import prepared, the_one
from people.refusal import Refused
from people.wall_time import local_day
from sessions import checkins, commitments, hosting, presence
from sessions.forms.bookends import TickedField
from sessions.models import CheckIn, Commitment, Post, Quiet, RitualSession, Rsvp

ON_THE_HOME_PAGE = 3
# A session that nobody opened is asked after for so long.
ASK_AFTER = timedelta(days=21)
THIS_WEEK = timedelta(days=7)
# A kept promise stays in sight this long, so that a slip can be taken back.
JUST_KEPT = timedelta(days=5)
ON_TODAY = 5


@today.panel
def next_session(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[today.Panel]:
    """The patch of Today: the next meeting of any of one's cohorts. One query."""
    seats = {m.cohort_id: m for m in places.memberships if not m.cohort.is_finished}
    if not seats:
        return
    session = the_one(_next_of(request.user, list(seats), now))
    if session is None:
        return
    seat = seats[session.cohort_id]
    session.cohort = seat.cohort
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
                session.starts_at, session.zones, besides=_zone(request)
            ),
        },
    )


@prepared
def _next_of(viewer: Any, cohorts: list[UUID], now: datetime) -> QuerySet[Any]:
    return (
        RitualSession.objects.visible_to(viewer)
        .ahead(now)
        .filter(cohort__in=cohorts)
        .select_related("host__person")
        .annotate(
            my_answer=Subquery(
                Rsvp.objects.visible_to(viewer)
                .filter(session=OuterRef("pk"), membership__person_id=viewer.pk)
                .values("answer")[:1]
            ),
            zones=ArraySubquery(
                Membership.objects.active()
                .filter(cohort=OuterRef("cohort"))
                .values("person__timezone")
                .distinct()
            ),
        )
        .order_by("starts_at", "pk")[:1]
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
    for session in _never_opened(request.user, list(held), now, now - ASK_AFTER):
        cohort = held[session.cohort_id]
        yield today.Waiting(
            kind=_("Session"),
            title=_("Did session %(number)d of %(cohort)s happen?")
            % {"number": session.number, "cohort": cohort.name},
            url=reverse("sessions:session_page", args=[cohort.slug, session.number]),
            detail=clock.moment_for(request.user, session.starts_at),
            urgent=False,
        )


@prepared
def _never_opened(
    viewer: Any, cohorts: list[UUID], now: datetime, since: datetime
) -> QuerySet[RitualSession]:
    return (
        RitualSession.objects.visible_to(viewer)
        .planned()
        .filter(cohort__in=cohorts, ends_at__lt=now, ends_at__gt=since)
        .order_by("ends_at")[:5]
    )


@concern
def sessions_of_the_week(
    request: HttpRequest, cohorts: Sequence[Cohort], now: datetime
) -> Iterator[Concern]:
    """What a facilitator holds: live, this week, not told of, or nothing planned."""
    by_pk = {cohort.pk: cohort for cohort in cohorts}
    found = _to_hold(request.user, list(by_pk), now - ASK_AFTER)
    ahead = {s.cohort_id for s in found if s.is_open or s.ends_at > now}
    for session in found:
        session.cohort = by_pk[session.cohort_id]
        over = session.is_planned and session.ends_at <= now
        if not (over or session.is_open or session.starts_at - now < THIS_WEEK):
            continue
        number = {"number": session.number}
        name = "room" if session.is_open else "session_page"
        yield Concern(
            kind=_("Session"),
            title=_("Did session %(number)d happen?") % number
            if over
            else _("Session %(number)d is live now") % number
            if session.is_open
            else _("Session %(number)d, %(soon)s")
            % (number | {"soon": soon(session, now=now)}),
            detail=clock.moment_for(request.user, session.starts_at),
            url=reverse(f"sessions:{name}", args=[session.cohort.slug, session.number]),
            cohort=session.cohort,
            until=session.starts_at,
        )
    for cohort in cohorts:
        if cohort.pk not in ahead:
            yield Concern(
                kind=_("Session"),
                title=_("Nothing is planned"),
                url=reverse("sessions:session_new", args=[cohort.slug]),
                cohort=cohort,
            )


@prepared
def _to_hold(
    viewer: Any, cohorts: list[UUID], since: datetime
) -> QuerySet[RitualSession]:
    return (
        RitualSession.objects.visible_to(viewer)
        .filter(
            cohort__in=cohorts,
            state__in=(RitualSession.State.PLANNED, RitualSession.State.OPEN),
            ends_at__gt=since,
        )
        .order_by("starts_at", "pk")
    )


@concern
def stuck_requests(
    request: HttpRequest, cohorts: Sequence[Cohort], now: datetime
) -> Iterator[Concern]:
    """Asked, and answered by nobody in twice its window: the asker was told at once."""
    names = {cohort.pk: cohort for cohort in cohorts}
    for post in _unanswered(request.user, list(names), now):
        post.cohort = names[post.cohort_id]
        yield Concern(
            kind=_("Stuck"),
            title=post.title,
            url=post.get_absolute_url(),
            detail=_("Nobody has answered %(name)s yet.")
            % {"name": post.author.person.name},
            person=post.author.person,
            cohort=post.cohort,
        )


@prepared
def _unanswered(viewer: Any, cohorts: list[UUID], now: datetime) -> QuerySet[Any]:
    return (
        Post.objects.visible_to(viewer)
        .open()
        .requests()
        .filter(cohort__in=cohorts, stuck_at__lte=now)
        .with_answers_for(viewer)
        .filter(answers=0)  # type: ignore[misc]
        .select_related("author__person")
        .order_by("answer_by", "pk")[:10]
    )


@concern
def people_to_call(
    request: HttpRequest, cohorts: Sequence[Cohort], now: datetime
) -> Iterator[Concern]:
    """Who has gone quiet, as the charter says; never since when. One query."""
    by_pk = {cohort.pk: cohort for cohort in cohorts}
    for quiet in presence.to_call(list(by_pk), now=now):
        cohort = by_pk[quiet.cohort_id]
        name = {"name": quiet.person.name}
        yield Concern(
            kind=_("To call"),
            title=_("Please call %(name)s") % name,
            detail=_("%(name)s would welcome a call.") % name
            if quiet.answer == Quiet.Answer.CALL
            else _("It has been quiet. No explanation is owed."),
            url=reverse("sessions:quiet_call", args=[cohort.slug, quiet.pk]),
            person=quiet.person,
            cohort=cohort,
        )


@today.waits
def asked_after(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[today.Waiting]:
    """The person who went quiet is told before anybody else. One query, for them."""
    if not any(m.asked_after for m in places.memberships):
        return
    for quiet in presence.asked(request.user):  # type: ignore[arg-type]
        yield today.Waiting(
            kind=_("Care"),
            title=_("It has been quiet. Would a call be welcome?"),
            url=reverse("sessions:quiet_answer", args=[quiet.cohort.slug, quiet.pk]),
            detail=quiet.cohort.name,
            urgent=False,
        )


@section
def sessions_to_come(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> Section | None:
    """The rhythm of the cohort: the next few meetings."""
    now = timezone.now()
    ahead = _ahead_in(request.user, cohort, now)
    return Section(
        template="sessions/_section.html",
        context={
            "sessions": [(session, soon(session, now=now)) for session in ahead],
            "cohort": cohort,
            "may_plan": membership.is_facilitator and not cohort.is_finished,
        },
        order=20,
    )


@prepared
def _ahead_in(viewer: Any, cohort: Cohort, now: datetime) -> QuerySet[RitualSession]:
    return (
        RitualSession.objects.visible_to(viewer)
        .filter(cohort=cohort)
        .ahead(now)
        .order_by("starts_at", "pk")[:ON_THE_HOME_PAGE]
    )


# --- Promises, check-ins, and what is asked -----------------------------------


def open_seats(places: Any) -> list[Membership]:
    return [m for m in places.memberships if not m.cohort.is_finished]


def promises_of(
    request: HttpRequest, places: Any, *, now: datetime
) -> list[Commitment]:
    """Open ones and those just kept, asked for once for the whole page."""
    if not hasattr(request, "_promises"):
        seats = open_seats(places)
        request._promises = (  # type: ignore[attr-defined]
            _promises_by(request.user, seats, now - JUST_KEPT) if seats else []
        )
    return request._promises  # type: ignore[attr-defined]


@prepared
def _promises_by(
    viewer: Any, seats: list[Membership], kept_since: datetime
) -> QuerySet[Commitment]:
    return (
        Commitment.objects.visible_to(viewer)
        .filter(promised_by__in=seats)
        .open_or_kept_since(kept_since)
        .order_by(F("kept_at").desc(nulls_first=True), "due_on", "pk")[:30]
    )


@today.waits
def what_is_asked(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[today.Waiting]:
    seats = open_seats(places)
    if not seats:
        return
    slugs = {m.cohort_id: m.cohort.slug for m in seats}
    for post in _asked_of(request.user, seats, [m.cohort_id for m in seats]):
        name = post.author.person.name
        is_request = post.kind == Post.Kind.REQUEST
        yield today.Waiting(
            kind=post.get_kind_display(),
            title=_("%(name)s asks you") % {"name": name}
            if is_request
            else _("%(name)s asks everybody") % {"name": name},
            url=reverse(
                f"sessions:{'request' if is_request else 'post'}_detail",
                args=[slugs[post.cohort_id], post.pk],
            ),
            window=window_of(post.answer_by, now=now) if post.answer_by else "",
            detail=post.title,
            person=post.author.person,
            until=post.answer_by,
        )


@prepared
def _asked_of(
    viewer: Any, seats: list[Membership], cohorts: list[UUID]
) -> QuerySet[Post]:
    return (
        Post.objects.visible_to(viewer)
        .waiting_for(seats, cohorts)
        .select_related("author__person")
        .order_by("answer_by", "pk")[:10]
    )


@today.waits
def promises_due(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[today.Waiting]:
    """Those of today; what is late has its three ways out in the list of promises."""
    this_day = timezone.localdate(now)
    slugs = {m.pk: m.cohort.slug for m in places.memberships}
    for commitment in promises_of(request, places, now=now):
        if commitment.is_open and commitment.due_on == this_day:
            yield today.Waiting(
                kind=_("Promise"),
                title=commitment.promise,
                url=reverse(
                    "sessions:commitment_detail",
                    args=[slugs[commitment.promised_by_id], commitment.pk],
                ),
                window=_("due today"),
            )


def window_of(until: datetime, *, now: datetime) -> str:
    """The end of a response window, for a small tag, where the reader is."""
    zone = timezone.get_current_timezone()
    day, this_day = (moment.astimezone(zone).date() for moment in (until, now))
    hour = clock.hour_for(until, zone)  # type: ignore[arg-type]
    if until < now:
        return _("the time is over")
    if day == this_day:
        return _("reply by %(hour)s today") % {"hour": hour}
    if day == this_day + timedelta(days=1):
        return _("reply by tomorrow %(hour)s") % {"hour": hour}
    return _("reply by %(day)s") % {"day": clock.day_for(day)}


@today.panel
def my_promises(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[today.Panel]:
    seats = open_seats(places)
    if not seats:
        return
    promises = promises_of(request, places, now=now)
    slugs = {m.pk: m.cohort.slug for m in seats}
    this_day = timezone.localdate(now)
    for commitment in promises:
        commitment.slug = slugs[commitment.promised_by_id]  # type: ignore[attr-defined]
        commitment.late = commitment.is_late(this_day)  # type: ignore[attr-defined]
    still_open = sum(c.is_open for c in promises)
    yield today.Panel(
        template="sessions/_today_promises.html",
        context={
            "promises": promises[:ON_TODAY],
            "more": still_open > ON_TODAY,
            "all_url": reverse("sessions:commitment_list", args=[seats[0].cohort.slug]),
            "cohort_slug": seats[0].cohort.slug,
            "key": uuid4(),
            "today": this_day,
        },
        slot="promise",
        summary=summary_of(promises),
    )


def summary_of(promises: list[Commitment]) -> str:
    n = sum(c.is_open for c in promises)
    if not n:
        return ""
    return ngettext(
        "One promise is on the way.", "%(n)s promises are on the way.", n
    ) % {"n": n}


@checkins.register_extra
def promises_that_fell_due(membership: Membership) -> checkins.Extra | None:
    """What fell due is asked after at its maker's next check-in."""
    this_day = local_day(timezone.now(), membership.person.timezone)
    due = _due_by(membership.person, membership, this_day)
    if not due:
        return None

    def save(checkin: CheckIn, cleaned: dict[str, Any]) -> None:
        for commitment in due:
            # Let go or changed since the page was made: then that stands.
            with suppress(Refused):
                if str(commitment.pk) in cleaned["kept"]:
                    commitments.keep(commitment, by=membership.person)

    return checkins.Extra(
        name="promises",
        title=_("Promises that fell due"),
        fields={
            "kept": TickedField(
                label=_("Which of them did you keep?"),
                help_text=_("The others stay open, until you say what became of them."),
                required=False,
                choices=[(str(c.pk), c.promise) for c in due],
            )
        },
        save=save,
    )


@prepared
def _due_by(viewer: Any, seat: Membership, day: date) -> QuerySet[Commitment]:
    return (
        Commitment.objects.visible_to(viewer)
        .open()
        .filter(promised_by=seat, due_on__lte=day)
        .order_by("due_on", "pk")[:ON_TODAY]
    )


@today.panel
def my_checkin(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[today.Panel]:
    seats = open_seats(places)
    if not seats:
        return
    yield today.Panel(
        template="sessions/_today_checkin.html",
        context={
            "cohort": seats[0].cohort,
            "others": [m.cohort for m in seats[1:]],
            "moods": CheckIn.Mood.choices,
            "key": uuid4(),
        },
        slot="checkin",
    )


@section
def latest_checkins(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> Section:
    return Section(
        template="sessions/_section_checkins.html",
        context={"checkins": _newest_checkins(request.user, cohort)},
        order=30,
    )


@prepared
def _newest_checkins(viewer: Any, cohort: Cohort) -> QuerySet[CheckIn]:
    return (
        CheckIn.objects.visible_to(viewer)
        .filter(cohort=cohort)
        .select_related("author__person")
        .newest_first()[:ON_THE_HOME_PAGE]
    )


@section
def told_and_asked(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> Section:
    """Open requests first, then what was told last."""
    return Section(
        template="sessions/_section_posts.html",
        context={"posts": _posts_of(request.user, cohort), "now": timezone.now()},
        order=35,
    )


@prepared
def _posts_of(viewer: Any, cohort: Cohort) -> QuerySet[Post]:
    return (
        Post.objects.visible_to(viewer)
        .filter(cohort=cohort)
        .open_first()
        .select_related("author__person", "to__person")[:ON_THE_HOME_PAGE]
    )


@section
def open_promises(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> Section:
    return Section(
        template="sessions/_section_promises.html",
        context={
            "promises": _open_promises_in(request.user, cohort),
            "today": timezone.localdate(),
        },
        order=40,
    )


@prepared
def _open_promises_in(viewer: Any, cohort: Cohort) -> QuerySet[Commitment]:
    return (
        Commitment.objects.visible_to(viewer)
        .filter(cohort=cohort)
        .open()
        .select_related("promised_by__person")
        .order_by("due_on", "pk")[: ON_THE_HOME_PAGE + 1]
    )


# --- Days by which the charter is remembered ---------------------------------------

REMEMBERED = 40


@remembers
def days_of_sessions(viewer: Any, cohort: Cohort) -> Iterator[Day]:
    """As it stood on the day of session 4. One query."""
    for session in _held_in(viewer, cohort):
        day = local_day(session.opened_at or session.starts_at, cohort.timezone)
        yield Day(
            name=_("Session %(number)d · %(day)s")
            % {"number": session.number, "day": clock.day_for(day)},
            on=day,
        )


@prepared
def _held_in(viewer: Any, cohort: Cohort) -> QuerySet[RitualSession]:
    return (
        RitualSession.objects.visible_to(viewer)
        .filter(cohort=cohort, state=RitualSession.State.CLOSED)
        .only("number", "starts_at", "opened_at")
        .order_by("-number")[:REMEMBERED]
    )
