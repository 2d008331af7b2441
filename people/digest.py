"""One digest per person and local day, and none when there is nothing to tell."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from people.models import OutboxMessage, Purpose, User, When, wishes_of
from people.outbox import DIGEST, notice_named, queue
from people.wall_time import local_day, next_allowed, wall_to_utc

AT = time(8)
DAY = timedelta(days=1)


def plan_digests(*, now: datetime) -> int:
    """Queue a digest for each person whose hour has come; return how many.

    Runs as often as it likes: the key is the person's local date.
    """
    held = OutboxMessage.objects.filter(
        state=OutboxMessage.State.HELD, folded_into=None
    )
    readers = User.objects.filter(pk__in=held.values("recipient"), is_active=True)
    wishes = wishes_of(readers)
    planned = 0
    for person in readers:
        waiting = OutboxMessage.objects.held_for(person)
        since = {
            weekly: min(found)
            for weekly in (True, False)
            if (
                found := [
                    message.created_at
                    for message in waiting
                    if _is_weekly(message, wishes[person.pk]) == weekly
                ]
            )
        }
        is_due = any(
            oldest < last_hour(person, now=now, weekly=weekly)
            for weekly, oldest in since.items()
        )
        if is_due:
            today = local_day(now, person.timezone)
            queue(
                DIGEST, to=person, about=person, key=today.isoformat(), send_after=now
            )
            planned += 1
    return planned


def _is_weekly(message: OutboxMessage, wishes: dict) -> bool:
    try:
        purpose = Purpose(notice_named(message.notice).purpose)
    except KeyError:
        return False
    return wishes[purpose].when == When.WEEK


def last_hour(person: User, *, now: datetime, weekly: bool) -> datetime:
    """The last moment up to now at which a digest was due."""
    day = local_day(now, person.timezone)
    while True:
        moment = wall_to_utc(day, AT, person.timezone)
        if moment <= now and (not weekly or day.weekday() == person.digest_day):
            return moment
        day -= DAY


def next_hour(person: User, *, now: datetime, weekly: bool = True) -> datetime:
    """When the next digest reaches this person, if there is something to tell."""
    day = local_day(now, person.timezone)
    while True:
        moment = wall_to_utc(day, AT, person.timezone)
        if moment > now and (not weekly or day.weekday() == person.digest_day):
            break
        day += DAY
    allowed = next_allowed(
        moment,
        person.timezone,
        quiet_from=person.quiet_from,
        quiet_until=person.quiet_until,
        day_off=person.day_off,
    )
    assert allowed is not None  # without a last moment there is always a next one
    return allowed
