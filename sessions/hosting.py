"""The live room: open it, move the circle through its phases, pass the word round.

Every act says what its page showed (which phase, which speaker, which extra time).
When that is no longer so, somebody else has just done it: the act changes nothing,
and the page shows how things stand. So two hosts at once never skip a phase.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Membership
from people.knocks import knock
from people.models import User, create_once, record
from people.prepared import prepared
from people.refusal import Refused
from sessions import agendas, airtime, runsheet
from sessions.models import (
    OwnNote,
    Presence,
    RitualSession,
    Room,
    SessionPhase,
    Turn,
    Writing,
    room_name,
)

# A room may be opened this long before its hour, to settle in.
EARLIEST = timedelta(hours=2)
MINUTE = 60
MOST_EXTRA = 60 * MINUTE
# A page asks more often; its person's row is written this often.
SEEN_EVERY = timedelta(seconds=15)
# Nobody speaks this long: the tap was forgotten.
LONGEST_TURN = 20 * MINUTE
# With fewer voices the index would tell one person's share from another's.
FEWEST_VOICES = 4
# A room that nobody closed is closed for them, this long after its end.
FORGOTTEN_AFTER = timedelta(hours=3)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the actor's page showed when the button was pressed."""

    position: int
    speaker: UUID | None = None
    extra_seconds: int = 0


# --- Opening and closing ------------------------------------------------------


@transaction.atomic
def open_room(
    session: RitualSession, *, by: Membership, now: datetime | None = None
) -> Room:
    """Begin: the run sheet is laid out for those expected, the first phase runs."""
    now = now or timezone.now()
    session = _locked_session(session)
    if session.is_open:
        return _room(session)
    if not (by.is_facilitator or session.is_hosted_by(by)):
        raise Refused(_("The host or a facilitator opens the room."))
    if not session.is_planned:
        raise Refused(_("This session is over."))
    if session.cohort.is_finished:
        raise Refused(_("This cohort is finished; its sessions can only be read."))
    if session.starts_at - now > EARLIEST:
        raise Refused(_("The room can be opened from two hours before its hour."))
    phases = list(_phases(session))
    if not phases:
        raise Refused(_("This session has no phases yet. Choose an agenda first."))
    if session.template:
        phases = runsheet.lay_out(
            session,
            template=agendas.by_key(session.template),
            people=runsheet.expected(session),
        )
    session.state = RitualSession.State.OPEN
    session.opened_at = now
    session.save(update_fields=["state", "opened_at"])
    room = Room(
        cohort_id=session.cohort_id, session=session, phase_started_at=now, host=by
    )
    _enter(session, by, how=Presence.How.HERE, now=now)
    _begin_phase(room, phases[0], now=now)
    room.save(force_insert=True)
    record("session.open", by=by.person, about=session, place=session.cohort_id)
    knock(room_name(session.pk), room.version)
    return room


@transaction.atomic
def close(
    session: RitualSession, *, by: Membership, now: datetime | None = None
) -> RitualSession:
    """End the session for everyone."""
    now = now or timezone.now()
    session, room = _room_for_host(session, by)
    return _close(session, room, by=by.person, now=now)


def close_forgotten(*, now: datetime) -> int:
    """Close the rooms that were left open long after their end."""
    forgotten = (
        RitualSession.objects.unsealed("rooms that nobody closed, of every cohort")
        .live()
        .filter(ends_at__lt=now - FORGOTTEN_AFTER)
    )
    closed = 0
    for session in forgotten:
        with transaction.atomic():
            session = _locked_session(session)
            if session.is_open:
                _close(session, _room(session, lock=True), by=None, now=now)
                closed += 1
    return closed


def _close(
    session: RitualSession, room: Room, *, by: User | None, now: datetime
) -> RitualSession:
    _end_turn(room, now=now)
    _end_phase(session, room.position, now=now)
    session.state = RitualSession.State.CLOSED
    session.closed_at = now
    session.save(update_fields=["state", "closed_at"])
    _changed(session, room)
    record("session.close", by=by, about=session, place=session.cohort_id)
    return session


# --- The host's moves ---------------------------------------------------------


@transaction.atomic
def go_on(
    session: RitualSession, *, by: Membership, seen: Seen, now: datetime | None = None
) -> Room:
    """To the next phase, unless somebody has just gone there."""
    return _move(session, by=by, seen=seen, steps=1, now=now)


@transaction.atomic
def go_back(
    session: RitualSession, *, by: Membership, seen: Seen, now: datetime | None = None
) -> Room:
    return _move(session, by=by, seen=seen, steps=-1, now=now)


def _move(
    session: RitualSession,
    *,
    by: Membership,
    seen: Seen,
    steps: int,
    now: datetime | None,
) -> Room:
    now = now or timezone.now()
    session, room = _room_for_host(session, by)
    if room.position != seen.position:
        return room
    phase = _phases(session).filter(position=room.position + steps).first()
    if phase is None:
        return room
    _end_turn(room, now=now)
    _end_phase(session, room.position, now=now)
    room.position += steps
    _begin_phase(room, phase, now=now)
    return _changed(session, room)


@transaction.atomic
def add_minute(
    session: RitualSession, *, by: Membership, seen: Seen, now: datetime | None = None
) -> Room:
    session, room = _room_for_host(session, by)
    if (room.position, room.extra_seconds) != (seen.position, seen.extra_seconds):
        return room
    if room.extra_seconds + MINUTE > MOST_EXTRA:
        raise Refused(_("This phase was made an hour longer already."))
    room.extra_seconds += MINUTE
    return _changed(session, room)


@transaction.atomic
def hold(
    session: RitualSession, *, by: Membership, now: datetime | None = None
) -> Room:
    """Stop the clock; who speaks is not counted meanwhile."""
    now = now or timezone.now()
    session, room = _room_for_host(session, by)
    if room.is_held:
        return room
    _count(room, now=now)
    room.held_at = now
    room.speaker_since = None
    return _changed(session, room)


@transaction.atomic
def resume(
    session: RitualSession, *, by: Membership, now: datetime | None = None
) -> Room:
    now = now or timezone.now()
    session, room = _room_for_host(session, by)
    if room.held_at is None:
        return room
    room.phase_started_at += now - room.held_at
    room.held_at = None
    if room.speaker_id is not None:
        room.speaker_since = now
    return _changed(session, room)


@transaction.atomic
def next_turn(
    session: RitualSession, *, by: Membership, seen: Seen, now: datetime | None = None
) -> Room:
    """The word goes on to the next in the order, or to nobody when all had it."""
    now = now or timezone.now()
    session, room = _room_for_host(session, by)
    if (room.position, room.speaker_id) != (seen.position, seen.speaker):
        return room
    _end_turn(room, now=now)
    _give_word(room, _next_up(room), now=now)
    return _changed(session, room)


@transaction.atomic
def give_word(
    session: RitualSession,
    *,
    to: Membership,
    by: Membership,
    now: datetime | None = None,
) -> Room:
    """Somebody speaks out of the order, or where there is none."""
    now = now or timezone.now()
    session, room = _room_for_host(session, by)
    if to.cohort_id != session.cohort_id or to.left_at is not None:
        raise Refused(_("Choose somebody from this circle."))
    if room.speaker_id == to.pk:
        return room
    _end_turn(room, now=now)
    _give_word(room, to.pk, now=now)
    return _changed(session, room)


@transaction.atomic
def take_seat(
    session: RitualSession, *, by: Membership, now: datetime | None = None
) -> Room:
    """Hold the room in the host's place: facilitators at once, others when it is empty.

    The host's seat is empty once no page of theirs was heard of for a minute.
    """
    now = now or timezone.now()
    session, room = _open_room_of(session, by)
    if room.host_id == by.pk:
        return room
    if not (by.is_facilitator or host_is_gone(session, room, now=now)):
        raise Refused(_("The host is here. Ask them to hand over."))
    _enter(session, by, how=Presence.How.HERE, now=now)
    room.host = by
    record("session.take_seat", by=by.person, about=session, place=session.cohort_id)
    return _changed(session, room)


def host_is_gone(session: RitualSession, room: Room, *, now: datetime) -> bool:
    """Whether neither the host nor the co-host was heard of for a minute."""
    return (
        not Presence.objects.unsealed("whether a host is in the room, nothing more")
        .here(now)
        .filter(session=session, membership__in=(room.host_id, session.co_host_id))
        .exists()
    )


def may_host(session: RitualSession, room: Room, membership: Membership) -> bool:
    return membership.pk in (room.host_id, session.co_host_id)


# --- Everyone's moves ---------------------------------------------------------


@transaction.atomic
def join(
    session: RitualSession,
    *,
    by: Membership,
    how: str = Presence.How.HERE,
    now: datetime | None = None,
) -> Room:
    """Come in, or change how one takes part; late, again, or on another device."""
    now = now or timezone.now()
    if how not in Presence.How.values:
        raise Refused(_("Choose how you take part."))
    session, room = _open_room_of(session, by)
    _enter(session, by, how=how, now=now)
    waits = by.pk in room.speaking_order
    speaks = how != Presence.How.WRITING
    phase = _phases(session).get(position=room.position)
    if phase.speaks_in_turn and speaks and not waits:
        room.speaking_order = [*room.speaking_order, by.pk]
    elif waits and not speaks and by.pk != room.speaker_id:
        room.speaking_order = [pk for pk in room.speaking_order if pk != by.pk]
    return _changed(session, room)


@transaction.atomic
def leave(
    session: RitualSession, *, by: Membership, now: datetime | None = None
) -> Room:
    now = now or timezone.now()
    session, room = _open_room_of(session, by)
    _presence(session, by).update(left_at=now, pause_at=None)
    if room.speaker_id == by.pk:
        _end_turn(room, now=now)
        _give_word(room, None, now=now)
    room.speaking_order = [pk for pk in room.speaking_order if pk != by.pk]
    return _changed(session, room)


def still_here(
    session: RitualSession, presence: Presence | None, *, now: datetime
) -> None:
    """A page of theirs asked: they are here. Written now and then, not each time."""
    if presence is None or presence.left_at is not None:
        return
    if now - presence.seen_at > SEEN_EVERY:
        Presence.objects.unsealed("one's own presence").filter(pk=presence.pk).update(
            seen_at=now
        )


@transaction.atomic
def pass_turn(
    session: RitualSession, *, by: Membership, seen: Seen, now: datetime | None = None
) -> Room:
    """Say nothing in this round: as good an answer as any, and not asked again."""
    now = now or timezone.now()
    session, room = _open_room_of(session, by)
    if room.position != seen.position:
        return room
    return _step_aside(session, room, by, now=now)


@transaction.atomic
def pause(
    session: RitualSession,
    *,
    by: Membership,
    wanted: bool,
    now: datetime | None = None,
) -> Room:
    """ "I need a pause": the host is told who, the others that somebody does."""
    now = now or timezone.now()
    session, room = _open_room_of(session, by)
    _presence(session, by).update(pause_at=now if wanted else None)
    return _changed(session, room)


@transaction.atomic
def write(
    session: RitualSession,
    *,
    by: Membership,
    text: str,
    client_key: UUID | None = None,
    as_turn: bool = False,
    now: datetime | None = None,
) -> Writing:
    """Say it in writing, to the whole circle; it counts as a turn where one is due."""
    now = now or timezone.now()
    session, room = _open_room_of(session, by)
    if not text.strip():
        raise Refused(_("Write a line first."))
    if not _presence(session, by).exists():
        _enter(session, by, how=Presence.How.WRITING, now=now)
    writing, is_new = create_once(
        Writing,
        client_key=client_key,
        cohort=session.cohort,
        session=session,
        position=room.position,
        author=by,
        text=text.strip(),
        language=by.person.language,
        as_turn=as_turn,
        written_at=now,
    )
    if is_new:
        if as_turn:
            _step_aside(session, room, by, now=now)
        else:
            _changed(session, room)
    return writing


@transaction.atomic
def keep_note(
    session: RitualSession,
    *,
    by: Membership,
    position: int,
    text: str,
    now: datetime | None = None,
) -> OwnNote:
    """Keep what a person writes for themselves in a phase."""
    session, _room = _open_room_of(session, by)
    note, _made = OwnNote.objects.unsealed("one's own note").update_or_create(
        person=by.person,
        session=session,
        position=position,
        defaults={"text": text, "written_at": now or timezone.now()},
    )
    return note


def _step_aside(
    session: RitualSession, room: Room, by: Membership, *, now: datetime
) -> Room:
    if room.speaker_id == by.pk:
        _end_turn(room, now=now)
        _mark_heard(room, by.pk)
        _give_word(room, _next_up(room), now=now)
    else:
        _mark_heard(room, by.pk)
    return _changed(session, room)


# --- Airtime ------------------------------------------------------------------


def seconds_by_person(sessions: Iterable[Any]) -> dict[tuple[Any, Any], int]:
    """Seconds spoken, counted by taps, by (session, person)."""
    rows = _spoken_in(list(sessions))
    return {(session, person): spoken for session, person, spoken in rows}


@prepared
def _spoken_in(sessions: list[UUID]) -> QuerySet[Any, Any]:
    return (
        Turn.objects.unsealed("one index for the circle; hosts see who was not heard")
        .filter(session__in=sessions)
        .values_list("session_id", "person_id")
        .annotate(spoken=Sum("seconds"))
    )


def evenness(*, spoken: dict[Any, int], people: Sequence[Any]) -> float | None:
    """The circle's one index, or None where it would betray somebody's share."""
    if sum(1 for person in people if spoken.get(person)) < FEWEST_VOICES:
        return None
    return airtime.equality({person: spoken.get(person, 0) for person in people})


# --- Inside -------------------------------------------------------------------


def _locked_session(session: RitualSession) -> RitualSession:
    return (
        RitualSession.objects.unsealed("the row that the actor was shown, locked")
        .select_for_update(of=("self",))
        .select_related("cohort")
        .get(pk=session.pk)
    )


def _room(session: RitualSession, *, lock: bool = False) -> Room:
    rooms = Room.objects.unsealed("the room of a session that the actor was shown")
    if lock:
        rooms = rooms.select_for_update(of=("self",))
    return rooms.get(session=session)


def _open_room_of(session: RitualSession, by: Membership) -> tuple[RitualSession, Room]:
    """The session and its room, locked: acts on a room follow one another."""
    session = _locked_session(session)
    if by.left_at is not None or by.cohort_id != session.cohort_id:
        raise Refused(_("Only people of this cohort take part."))
    if not session.is_open:
        raise Refused(_("The room is not open."))
    return session, _room(session, lock=True)


def _room_for_host(
    session: RitualSession, by: Membership
) -> tuple[RitualSession, Room]:
    session, room = _open_room_of(session, by)
    if not may_host(session, room, by):
        raise Refused(_("Somebody else holds the room now."))
    return session, room


def _phases(session: RitualSession) -> Any:
    return (
        SessionPhase.objects.unsealed("the run sheet of a session the actor was shown")
        .filter(session=session)
        .order_by("position")
    )


def _presence(session: RitualSession, membership: Membership) -> Any:
    return Presence.objects.unsealed("one's own presence").filter(
        session=session, membership=membership
    )


def _enter(
    session: RitualSession, membership: Membership, *, how: str, now: datetime
) -> None:
    Presence.objects.unsealed("one's own presence").update_or_create(
        session=session,
        membership=membership,
        defaults={"how": how, "seen_at": now, "left_at": None},
        create_defaults={
            "cohort_id": session.cohort_id,
            "how": how,
            "joined_at": now,
            "seen_at": now,
        },
    )


def _begin_phase(room: Room, phase: SessionPhase, *, now: datetime) -> None:
    room.phase_started_at = now
    room.extra_seconds = 0
    room.held_at = None
    room.heard = []
    room.speaker_id = None
    room.speaker_since = None
    room.speaking_order = _order(room, now=now) if phase.speaks_in_turn else []
    _phases_update(phase, started_at=now, ended_at=None)


def _end_phase(session: RitualSession, position: int, *, now: datetime) -> None:
    _phases(session).filter(position=position, started_at__lte=now).update(ended_at=now)


def _phases_update(phase: SessionPhase, **values: Any) -> None:
    SessionPhase.objects.unsealed("the phase that begins").filter(pk=phase.pk).update(
        **values
    )


def _order(room: Room, *, now: datetime) -> list[UUID]:
    """Who is here and speaks, quieter voices first, equals in the circle's order."""
    here = list(
        Presence.objects.unsealed("the order of speaking")
        .here(now)
        .filter(session=room.session_id, membership__left_at=None)
        .exclude(how=Presence.How.WRITING)
        .order_by("membership__joined_at", "membership")
        .values_list("membership_id", "membership__person_id")
    )
    spoken = {
        person: seconds
        for (_session, person), seconds in seconds_by_person([room.session_id]).items()
    }
    person_of = dict(here)
    return airtime.quieter_first(
        person_of, {pk: spoken.get(person, 0) for pk, person in here}
    )


def _next_up(room: Room) -> UUID | None:
    return next((pk for pk in room.speaking_order if pk not in room.heard), None)


def _mark_heard(room: Room, pk: UUID) -> None:
    if pk not in room.heard:
        room.heard = [*room.heard, pk]


def _give_word(room: Room, pk: UUID | None, *, now: datetime) -> None:
    room.speaker_id = pk
    room.speaker_since = now if pk is not None and not room.is_held else None


def _end_turn(room: Room, *, now: datetime) -> None:
    if room.speaker_id is None:
        return
    _count(room, now=now)
    _mark_heard(room, room.speaker_id)
    room.speaker_id = None
    room.speaker_since = None


def _count(room: Room, *, now: datetime) -> None:
    """Write down what the present speaker has spoken since the last tap."""
    if room.speaker_id is None or room.speaker_since is None:
        return
    seconds = int((now - room.speaker_since).total_seconds())
    if seconds < 1:
        return
    person = Membership.objects.values_list("person_id", flat=True).get(
        pk=room.speaker_id
    )
    Turn.objects.create(
        person_id=person,
        session_id=room.session_id,
        position=room.position,
        seconds=min(seconds, LONGEST_TURN),
        started_at=room.speaker_since,
    )


def _changed(session: RitualSession, room: Room) -> Room:
    room.version += 1
    room.save()
    knock(room_name(session.pk), room.version)
    return room
