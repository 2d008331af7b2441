"""Schedule a session, change it, call it off; say whether one comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core import signing
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Cohort, Membership
from people import outbox
from people.models import User, create_once, record
from people.prepared import prepared
from people.refusal import Refused
from people.wall_time import wall_to_utc
from sessions import agendas, notices, runsheet
from sessions.models import (
    RitualSession,
    Rsvp,
    SessionPhase,
    SessionSeries,
    next_number,
)

MOST_AT_ONCE = 26
# Mails go out for what is worth one: nobody is told of a session long past.
TELL_UNTIL = timedelta(hours=1)
DAY_BEFORE = timedelta(hours=24)
HOUR_BEFORE = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a facilitator decides about a session, as wall time of a place."""

    title: str
    day: date
    at: time
    timezone: str
    minutes: int
    template: str
    purpose: str = ""
    host: Membership | None = None
    co_host: Membership | None = None
    video_link: str = ""
    dial_in: str = ""

    def moments(self, *, weeks: int = 0) -> dict[str, Any]:
        """The wall time, so many weeks on, and the moments that follow from it."""
        day = self.day + timedelta(weeks=weeks)
        starts_at = wall_to_utc(day, self.at, self.timezone)
        return {
            "local_date": day,
            "local_time": self.at,
            "timezone": self.timezone,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=self.minutes),
            "minutes": self.minutes,
        }

    def details(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "purpose": self.purpose,
            "host": self.host,
            "co_host": self.co_host,
            "video_link": self.video_link,
            "dial_in": self.dial_in,
            "template": self.template,
            "room_of": agendas.by_key(self.template).room,
        }


@transaction.atomic
def schedule(
    cohort: Cohort,
    plan: Plan,
    *,
    by: User,
    every_weeks: int = 1,
    times: int = 1,
    client_key: UUID | None = None,
    now: datetime | None = None,
) -> RitualSession:
    """Put a session, or a row of them in a rhythm, into the cohort's calendar.

    A rhythm keeps the wall time of its place when the clocks change. Everyone in
    the cohort is told once, however many sessions it makes. Returns the first.
    """
    _refuse_unless_facilitator(cohort, by)
    _refuse_strangers(cohort, plan)
    if not 1 <= times <= MOST_AT_ONCE:
        raise Refused(
            _("Between 1 and %(most)d sessions can be planned at once.")
            % {"most": MOST_AT_ONCE}
        )
    # One scheduler at a time in a cohort: numbers follow each other without a gap.
    Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    key = client_key or uuid4()
    number = next_number(cohort)
    first, is_new = create_once(
        RitualSession,
        client_key=key,
        cohort=cohort,
        number=number,
        scheduled_by=by,
        **plan.moments(),
        **plan.details(),
    )
    if not is_new:
        return first
    made = [first]
    if times > 1:
        first.series = SessionSeries.objects.create(
            cohort=cohort, every_weeks=every_weeks, times=times
        )
        first.save(update_fields=["series"])
        made += [
            RitualSession.objects.create(
                client_key=uuid5(key, str(n)),
                cohort=cohort,
                number=number + n,
                scheduled_by=by,
                series=first.series,
                **plan.moments(weeks=n * every_weeks),
                **plan.details(),
            )
            for n in range(1, times)
        ]
    template = agendas.by_key(plan.template)
    people = runsheet.expected(first)
    for session in made:
        runsheet.lay_out(session, template=template, people=people)
    record("session.schedule", by=by, about=first, place=cohort.pk)
    _tell_everyone(notices.SESSION_PLANNED, first, now=now)
    return first


@transaction.atomic
def change(
    session: RitualSession, plan: Plan, *, by: User, now: datetime | None = None
) -> RitualSession:
    """Change what was planned. Everyone is told only when the time moved."""
    session = _locked(session)
    _refuse_unless_facilitator(session.cohort, by)
    _refuse_strangers(session.cohort, plan)
    if not session.is_planned:
        raise Refused(_("This session has begun or is over, so its plan stands."))
    was = (session.starts_at, session.ends_at, session.template)
    for name, value in (plan.moments() | plan.details()).items():
        setattr(session, name, value)
    session.edition += 1
    session.calendar_sequence += 1
    session.changed_at = now or timezone.now()
    session.save()
    if was[1:] != (session.ends_at, session.template):
        runsheet.lay_out(
            session,
            template=agendas.by_key(plan.template),
            people=runsheet.expected(session),
        )
    record("session.change", by=by, about=session, place=session.cohort_id)
    if was[0] != session.starts_at:
        _tell_everyone(notices.SESSION_MOVED, session, now=now)
    return session


@transaction.atomic
def call_off(
    session: RitualSession, *, by: User, why: str, now: datetime | None = None
) -> RitualSession:
    """Say that a session will not, or did not, happen; the reason stays with it."""
    session = _locked(session)
    _refuse_unless_facilitator(session.cohort, by)
    if session.did_not_happen:
        return session
    if session.is_closed:
        raise Refused(_("This session was held; it cannot be called off."))
    if not why.strip():
        raise Refused(_("Say in a few words why it does not happen."))
    session.state = RitualSession.State.DID_NOT_HAPPEN
    session.why_not = why.strip()
    session.opened_at = None
    session.edition += 1
    session.calendar_sequence += 1
    session.changed_at = now or timezone.now()
    session.save()
    record("session.call_off", by=by, about=session, place=session.cohort_id)
    _tell_everyone(notices.SESSION_CALLED_OFF, session, now=now)
    return session


@transaction.atomic
def answer(
    session: RitualSession,
    *,
    by: Membership,
    answer: str,
    now: datetime | None = None,
) -> Rsvp:
    """Say whether one comes, and how; the latest answer counts."""
    if by.left_at is not None or by.cohort_id != session.cohort_id:
        raise Refused(_("Only people of this cohort can answer."))
    if not session.is_planned:
        raise Refused(_("This session no longer waits for answers."))
    if answer not in Rsvp.Answer.values:
        raise Refused(_("Choose one of the answers."))
    rsvp, _made = Rsvp.objects.unsealed("one's own answer").update_or_create(
        session=session,
        membership=by,
        defaults={
            "cohort_id": session.cohort_id,
            "answer": answer,
            "answered_at": now or timezone.now(),
        },
    )
    return rsvp


def open_invitation(token: str) -> tuple[RitualSession, Membership] | None:
    """The session and the member that a mailed answer link is bound to.

    None for a link that was changed, is too old, or whose member has left.
    """
    try:
        session_id, membership_id = notices.read_answer_token(token)
    except signing.BadSignature:
        return None
    membership = (
        Membership.objects.active()
        .select_related("person", "cohort")
        .filter(pk=membership_id, person__is_active=True)
        .first()
    )
    if membership is None:
        return None
    session = (
        RitualSession.objects.visible_to(membership.person)
        .select_related("cohort")
        .filter(pk=session_id, cohort=membership.cohort)
        .first()
    )
    return (session, membership) if session is not None else None


def remind(*, now: datetime) -> int:
    """Queue the reminders of sessions that begin within a day; each once.

    A session that moved is reminded of again, for its new time. Returns how many
    sessions were looked after.
    """
    soon = (
        RitualSession.objects.unsealed("reminders go to each cohort's own people")
        .starting_between(now, now + DAY_BEFORE + HOUR_BEFORE)
        .exclude(reminders_for=F("starts_at"))
    )
    return sum(_remind_of(session.pk, now=now) for session in soon)


@transaction.atomic
def _remind_of(pk: UUID, *, now: datetime) -> int:
    session = (
        RitualSession.objects.unsealed("reminders go to each cohort's own people")
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("cohort")
        .planned()
        .filter(pk=pk)
        .first()
    )
    if session is None or session.reminders_for == session.starts_at:
        return 0
    key = f"{session.pk}:{session.starts_at.isoformat()}"
    for person in people_of(session):
        # Told a day before only while that still is some hours before.
        if session.starts_at - now > 3 * HOUR_BEFORE:
            outbox.queue(
                notices.SESSION_TOMORROW,
                to=person,
                about=session,
                key=key,
                send_after=max(now, session.starts_at - DAY_BEFORE),
                not_after=session.starts_at - 2 * HOUR_BEFORE,
            )
        outbox.queue(
            notices.SESSION_SOON,
            to=person,
            about=session,
            key=key,
            send_after=max(now, session.starts_at - HOUR_BEFORE),
            not_after=session.starts_at,
        )
    session.reminders_for = session.starts_at
    session.save(update_fields=["reminders_for"])
    return 1


def people_of(session: RitualSession) -> list[User]:
    """Who is told about a session: the cohort's people who have not said no."""
    away = (
        Rsvp.objects.unsealed("who said no is left in peace")
        .filter(session=session, answer=Rsvp.Answer.NO)
        .values("membership")
    )
    return [
        membership.person
        for membership in Membership.objects.active()
        .filter(cohort=session.cohort_id, person__is_active=True)
        .exclude(pk__in=away)
        .select_related("person")
        .order_by("pk")
    ]


def phases_of(session: RitualSession, *, reader: User) -> list[SessionPhase]:
    """The run sheet in the reader's language."""
    return runsheet.told(session, _phases_of(reader, session))


@prepared
def _phases_of(viewer: User, session: RitualSession) -> QuerySet[SessionPhase]:
    return (
        SessionPhase.objects.visible_to(viewer)
        .filter(session=session)
        .order_by("position")
    )


def _locked(session: RitualSession) -> RitualSession:
    return (
        RitualSession.objects.unsealed("the row that the actor was shown, locked")
        .select_for_update(of=("self",))
        .select_related("cohort")
        .get(pk=session.pk)
    )


def _refuse_unless_facilitator(cohort: Cohort, person: User) -> None:
    if cohort.is_finished:
        raise Refused(_("This cohort is finished; its sessions can only be read."))
    if (
        not Membership.objects.active()
        .facilitators()
        .filter(cohort=cohort, person=person)
        .exists()
    ):
        raise Refused(_("Only this cohort's facilitators plan its sessions."))


def _refuse_strangers(cohort: Cohort, plan: Plan) -> None:
    for member in (plan.host, plan.co_host):
        if member is not None and (
            member.cohort_id != cohort.pk or member.left_at is not None
        ):
            raise Refused(_("Choose a host from this cohort."))


def _tell_everyone(
    notice: outbox.Notice, session: RitualSession, *, now: datetime | None
) -> None:
    now = now or timezone.now()
    if session.starts_at < now - TELL_UNTIL:
        return
    for person in people_of(session):
        outbox.queue(
            notice,
            to=person,
            about=session,
            key=f"{session.pk}:{session.calendar_sequence}",
            send_after=now,
            not_after=session.starts_at,
        )
