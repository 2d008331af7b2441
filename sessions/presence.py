"""Presence that the charter expects: one's own count, and who has gone quiet.

One's own count is for oneself. Whoever is quiet for the days that the charter gives is
told first; a day later their facilitators find a note to call, unless the person said
that none is needed or did anything at all. Nobody is shown when somebody was last here.
Days away that a person told of are no quiet days, nor are days on which the whole
circle rests. What happens in a repair conversation is no sign of life: it is secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from charters.values import values_of
from cohorts.models import Cohort, Membership
from people import outbox
from people.models import User, record
from people.prepared import prepared, the_one
from people.refusal import Refused
from people.wall_time import local_day
from sessions.models import Presence, Quiet, RitualSession, last_sign
from sessions.notices import QUIET_SINCE

DAY = timedelta(days=1)
KEPT = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Own:
    """How often one has been there, of the sessions held since one came."""

    held: int
    been: int


def own(membership: Membership) -> Own:
    """For the person alone. One query."""
    counted = the_one(_own(membership, membership.joined_at))
    held, been = counted or (0, 0)
    return Own(held=held, been=been)


@prepared
def _own(membership: Membership, since: datetime) -> QuerySet[Any, Any]:
    there = Presence.objects.unsealed("one's own presence").filter(
        session=OuterRef("pk"), membership=membership.pk
    )
    return (
        RitualSession.objects.unsealed("sessions of one's own circle, counted")
        .filter(
            cohort__in=Membership.objects.filter(pk=membership.pk).values("cohort"),
            state=RitualSession.State.CLOSED,
            ends_at__gt=since,
        )
        .order_by()
        .values("cohort")
        .annotate(held=Count("pk"), been=Count("pk", filter=Q(Exists(there))))
        .values_list("held", "been")
    )


# --- Who has gone quiet ---------------------------------------------------------------


def tend(*, now: datetime) -> int:
    """Tell those who went quiet; each once for each silence. Returns how many."""
    Quiet.objects.unsealed("a silence that is long over").filter(
        call_from__lt=now - KEPT
    ).delete()
    cohorts = Cohort.objects.filter(finished_at=None).order_by("pk")
    return sum(_tend(cohort, now=now) for cohort in cohorts)


@transaction.atomic
def _tend(cohort: Cohort, *, now: datetime) -> int:
    days = values_of(cohort).attendance.call_after_days
    # Told a day before the call, so that there is time to say that none is needed.
    told_after = max(DAY, (days - 1) * DAY)
    members = list(
        Membership.objects.active()
        .filter(cohort=cohort, person__is_active=True)
        .select_related("person")
        .annotate(last_sign=last_sign())
        .order_by("pk")
    )
    told = 0
    for member in members:
        since = member.last_sign
        others = [m.last_sign for m in members if m.pk != member.pk]
        if (
            member.is_facilitator
            or now - since < told_after
            # Where the whole circle rests, nobody is quiet.
            or not any(last > since + DAY for last in others)
            or _is_away(member.person, now)
        ):
            continue
        quiet, is_new = Quiet.objects.unsealed("told of it below").get_or_create(
            membership=member,
            since=since,
            defaults={
                "person": member.person,
                "cohort": cohort,
                "told_at": now,
                "call_from": max(now + DAY, since + days * DAY),
            },
        )
        if is_new:
            member.asked_after = True
            member.save(update_fields=["asked_after"])
            outbox.queue(
                QUIET_SINCE,
                to=member.person,
                about=quiet,
                key=str(quiet.pk),
                send_after=now,
                not_after=quiet.call_from,
            )
            told += 1
    waiting = _still_quiet().filter(cohort=cohort, answer="")
    (
        Membership.objects.filter(cohort=cohort, asked_after=True)
        .exclude(pk__in=waiting.values("membership"))
        .update(asked_after=False)
    )
    return told


def _is_away(person: User, now: datetime) -> bool:
    if person.away_from is None or person.away_until is None:
        return False
    return person.away_from <= local_day(now, person.timezone) <= person.away_until


def to_call(cohorts: Sequence[UUID], *, now: datetime) -> list[Quiet]:
    """Whom the facilitators of these cohorts find to call. One query."""
    return _to_call(list(cohorts), now) if cohorts else []


@prepared
def _to_call(cohorts: list[UUID], now: datetime) -> QuerySet[Quiet]:
    return (
        _still_quiet()
        .filter(cohort__in=cohorts)
        .filter(Q(call_from__lte=now) | Q(answer=Quiet.Answer.CALL))
        .order_by("call_from", "pk")[:20]
    )


def asked(person: User) -> list[Quiet]:
    """What waits for the person: whether a call is needed. One query."""
    return _asked(person)


@prepared
def _asked(person: User) -> QuerySet[Quiet]:
    return _still_quiet().filter(person=person, answer="").order_by("told_at", "pk")


def _still_quiet() -> QuerySet[Quiet]:
    quiet: QuerySet[Quiet] = (
        Quiet.objects.unsealed("to its person, and as a note to call")
        .still()
        .filter(cohort__finished_at=None)
        .select_related("person", "cohort")
    )
    return quiet


@transaction.atomic
def answer(quiet: Quiet, *, by: User, answer: str) -> Quiet:
    """No call is needed, or one would be welcome; the person alone says so."""
    quiet = _held(quiet)
    if quiet.person_id != by.pk:
        raise Refused(_("Only the person who is asked answers that."))
    if answer not in (Quiet.Answer.WELL, Quiet.Answer.CALL):
        raise Refused(_("Choose one of the answers."))
    quiet.answer = answer
    quiet.save(update_fields=["answer"])
    Membership.objects.filter(pk=quiet.membership_id).update(asked_after=False)
    return quiet


@transaction.atomic
def called(quiet: Quiet, *, by: User, now: datetime | None = None) -> Quiet:
    """A facilitator has called; the note goes for all of them."""
    quiet = _held(quiet)
    holds = Membership.objects.active().facilitators()
    if not holds.filter(cohort=quiet.cohort_id, person=by).exists():
        raise Refused(_("Only a facilitator of this cohort says that they called."))
    if quiet.called_at is None:
        quiet.called_at = now or timezone.now()
        quiet.save(update_fields=["called_at"])
        record("quiet.called", by=by, about=quiet, place=quiet.cohort_id)
    return quiet


def _held(quiet: Quiet) -> Quiet:
    found: Quiet = (
        Quiet.objects.unsealed("its person or a facilitator acts on it; asked below")
        .select_for_update(of=("self",))
        .get(pk=quiet.pk)
    )
    return found
