"""The live room. One address answers whole pages, and only its changing part to
pages that ask again; those carry the tag of what they show, and get nothing more
than "unchanged" while that is so."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from charters import channels
from charters.values import RecordingRule, Values, in_words, is_written, values_of
from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
from people.knocks import stream_url
from people.models import User
from people.prepared import prepared, the_one
from people.refusal import Refused
from sessions import airtime, hosting, recording, rituals
from sessions.forms.room import NoteForm, WritingForm
from sessions.hosting import Seen
from sessions.models import (
    AWAY_AFTER,
    OwnNote,
    Presence,
    RitualSession,
    Room,
    SessionPhase,
    Writing,
    room_name,
)
from sessions.views.bookends import bookend_of, insight_form

PAGE = "sessions/room.html"
# As many beads as lie round the ring without touching.
MOST_SEATS = 16
MOST_LINES = 100


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One person in the ring."""

    membership: Membership
    person: User
    is_me: bool
    is_speaking: bool
    had_turn: bool
    arc: int  # of 100: one's own time against an even share; a turn had is whole
    said: str  # for those who hear the page


@dataclass(frozen=True, kw_only=True)
class Clock:
    """What the hub shows. The page counts on from `left`; nothing ends by itself."""

    label: str
    left: str
    ends_at: datetime
    ends_text: str
    whose: str
    phase_ends_at: datetime
    is_held: bool
    key: str  # which countdown this is, so that a page speaks once


@require_safe
@cohort_page
def room(
    request: HttpRequest, cohort: Cohort, membership: Membership, number: int
) -> HttpResponse:
    now = timezone.now()
    room = the_one(_room_of(request.user, cohort, number))
    if room is None or not room.session.is_open:
        return _not_open(request, cohort, number)
    session = room.session
    session.cohort = cohort
    presences = _presences_in(request.user, session)
    mine = next((p for p in presences if p.membership_id == membership.pk), None)
    hosting.still_here(session, mine, now=now)
    if mine is not None and mine.left_at is None:
        mine.seen_at = now
    here = [p for p in presences if is_here(p, now=now)]
    tag = _tag(room, here, mine)
    if request.htmx and request.headers.get("If-None-Match") == tag:  # type: ignore[attr-defined]
        return _unchanged(tag)
    context = _context(
        request, room, membership, presences=presences, here=here, mine=mine, now=now
    )
    context["tag"] = tag
    response = render(
        request,
        f"{PAGE}#room" if request.htmx else PAGE,  # type: ignore[attr-defined]
        context,
    )
    response.headers["ETag"] = tag
    return response


@prepared
def _room_of(viewer: Any, cohort: Cohort, number: int) -> QuerySet[Room]:
    return (
        Room.objects.visible_to(viewer)
        .filter(session__cohort=cohort, session__number=number)
        .select_related("session")
    )


@prepared
def _presences_in(viewer: Any, session: RitualSession) -> QuerySet[Presence]:
    return (
        Presence.objects.visible_to(viewer)
        .filter(session=session, membership__left_at=None)
        .select_related("membership__person")
        # Asked every few seconds by everyone: no column more than the room shows.
        .only(
            *("session_id", "how", "seen_at", "left_at", "pause_at"),
            *("membership__joined_at", "membership__person__called"),
            "membership__person__full_name",
        )
        .order_by("membership__joined_at", "membership_id")
    )


def is_here(presence: Presence, *, now: datetime) -> bool:
    return presence.left_at is None and now - presence.seen_at < AWAY_AFTER


def _tag(room: Room, here: list[Presence], mine: Presence | None) -> str:
    seen = "".join(f"{p.membership_id}{p.how}{p.pause_at is not None}" for p in here)
    joined = mine is not None and mine.left_at is None
    shown = f"{seen}{joined}{get_language()}"
    return f'"{room.version}-{sha256(shown.encode()).hexdigest()[:12]}"'


def _unchanged(tag: str) -> HttpResponse:
    response = HttpResponseNotModified()
    response.headers["ETag"] = tag
    # The page that asks has its policy already: half a kilobyte saved each time.
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response


def _not_open(request: HttpRequest, cohort: Cohort, number: int) -> HttpResponse:
    """Not open yet, or closed: to the session's own page, for those who may see it."""
    session = get_object_or_404(
        RitualSession.objects.visible_to(request.user), cohort=cohort, number=number
    )
    return redirect("sessions:session_page", cohort.slug, session.number)


def _context(
    request: HttpRequest,
    room: Room,
    membership: Membership,
    *,
    presences: list[Presence],
    here: list[Presence],
    mine: Presence | None,
    now: datetime,
) -> dict[str, Any]:
    session = room.session
    phases = rituals.phases_of(session, reader=membership.person)
    phase = phases[room.position]
    is_host = hosting.may_host(session, room, membership)
    is_in = mine is not None and mine.left_at is None
    people = {p.membership_id: p.membership for p in presences}
    spoken = {
        person: seconds
        for (_of, person), seconds in hosting.seconds_by_person([session.pk]).items()
    }
    my_seconds = spoken.get(membership.person_id, 0)
    context: dict[str, Any] = {
        "cohort": session.cohort,
        "membership": membership,
        "session": session,
        "room": room,
        "now": now,
        "stream": stream_url(room_name(session.pk)),
        "phases": phases,
        "phase": phase,
        "is_host": is_host,
        "is_in": is_in,
        "mine": mine,
        "hows": Presence.How.choices,
        "counted": _counted(here),
        "writers": [p.membership.person for p in here if p.how == Presence.How.WRITING],
        "pausing": [p.membership.person.name for p in here if p.pause_at is not None],
        "more_people": [p.membership.person for p in here[MOST_SEATS:]],
        "seats": _seats(room, here, membership, _own_arc(spoken, here, my_seconds)),
        "clock": _clock(room, phase, _among(people, room.speaker_id), now=now),
        "speaker": _among(people, room.speaker_id),
        "holder": _among(people, room.host_id),
        "queue": _queue(room, people),
        "my_turn_is_due": is_in
        and phase.speaks_in_turn
        and membership.pk not in room.heard,
        "writings": _writings(request, room, people),
        "writing_form": WritingForm(
            initial={"as_turn": room.speaker_id == membership.pk}
        ),
        "may_take_seat": not is_host
        and (
            membership.is_facilitator
            or (is_in and not _host_is_here(session, room, here))
        ),
        "host_is_gone": not _host_is_here(session, room, here),
        "my_minutes": f"{my_seconds // 60}:{my_seconds % 60:02d}",
        "address": reverse("sessions:room", args=[session.cohort.slug, session.number]),
    }
    says = values_of(session.cohort)
    context["record"] = told_of_recording(
        says,
        session,
        present=[p.membership.person_id for p in presences if p.left_at is None],
        me=membership.person_id,
    )
    context["who"] = channels.who(session.cohort, says, viewer=request.user)
    # Without any value there may be no charter at all: then it can begin here.
    context["no_charter"] = not says.said and not is_written(session.cohort)
    if is_in:
        context["bookend"] = bookend_of(request, session, phase, membership)
    if is_host and phase.capture != SessionPhase.Captures.INSIGHT:
        context |= insight_form(session)
    if phase.private_writing and is_in:
        context["note_form"] = NoteForm(
            auto_id="note_%s",
            initial={
                "text": the_one(_own_note(request.user, session, room.position)) or ""
            },
        )
    if is_host:
        context |= _for_hosts(room, here, phases, spoken)
        if not says.airtime.visible:
            context["evenness"] = None
    return context


def told_of_recording(
    says: Values,
    session: RitualSession,
    *,
    present: list[UUID],
    me: UUID,
) -> dict[str, Any]:
    """The charter's rule, how it stands today, and what oneself has said."""
    rule = says.recording.rule
    words = recording.words_in(session) if rule != RecordingRule.NEVER else {}
    stand = recording.stand(rule, present=present, words=words)
    return {
        "rule": rule,
        "in_words": in_words("recording", asdict(says.recording)),
        "source": says.source("recording"),
        "is_agreed": stand is recording.Stand.AGREED,
        "is_never": stand is recording.Stand.NEVER,
        "mine": words.get(me, rule == RecordingRule.UNLESS_OBJECTION),
    }


def _among(people: dict[UUID, Membership], pk: UUID | None) -> Membership | None:
    return people.get(pk) if pk is not None else None


def _writings(
    request: HttpRequest, room: Room, people: dict[UUID, Membership]
) -> list[tuple[User, Writing]]:
    """What was written in this phase, each with its author."""
    written = _written_in(request.user, room.session_id, room.position)
    # Whoever writes is in the room; those who left the cohort meanwhile are not.
    return [
        (people[line.author_id].person, line)
        for line in written
        if line.author_id in people
    ]


@prepared
def _written_in(viewer: Any, session: UUID, position: int) -> QuerySet[Writing]:
    return (
        Writing.objects.visible_to(viewer)
        .filter(session=session, position=position)
        .only("author_id", "text", "language", "written_at")
        .order_by("written_at")[:MOST_LINES]
    )


@prepared
def _own_note(viewer: Any, session: RitualSession, position: int) -> QuerySet[Any, Any]:
    return (
        OwnNote.objects.visible_to(viewer)
        .filter(session=session, position=position)
        .values_list("text", flat=True)
    )


def _host_is_here(session: RitualSession, room: Room, here: list[Presence]) -> bool:
    hosts = (room.host_id, session.co_host_id)
    return any(p.membership_id in hosts for p in here)


def _counted(here: list[Presence]) -> list[str]:
    """12 people here, 3 by audio, 1 in writing: phrase by phrase, each translated."""
    by_audio = sum(p.how == Presence.How.AUDIO for p in here)
    in_writing = sum(p.how == Presence.How.WRITING for p in here)
    told = [
        ngettext("%(n)d person here", "%(n)d people here", len(here)) % {"n": len(here)}
    ]
    if by_audio:
        told.append(
            ngettext("%(n)d by audio", "%(n)d by audio", by_audio) % {"n": by_audio}
        )
    if in_writing:
        told.append(
            ngettext("%(n)d in writing", "%(n)d in writing", in_writing)
            % {"n": in_writing}
        )
    return told


def _own_arc(spoken: dict[Any, int], here: list[Presence], mine: int) -> int:
    """Half a ring is an even share of what was said so far; a whole one is twice it."""
    total = sum(spoken.values())
    return min(100, round(50 * mine * max(1, len(here)) / total)) if total else 0


def _seats(
    room: Room, here: list[Presence], me: Membership, own_arc: int
) -> list[Seat]:
    """Those who are here, in the circle's order; one sees one's own time only."""
    seats = []
    for presence in here[:MOST_SEATS]:
        member = presence.membership
        speaks = member.pk == room.speaker_id
        had = member.pk in room.heard and not speaks
        is_me = member.pk == me.pk
        if speaks:
            said = _("%(name)s, speaking now")
        elif presence.pause_at is not None and is_me:
            said = _("%(name)s, in a pause")
        elif had:
            said = _("%(name)s, had a turn in this round")
        elif presence.how == Presence.How.WRITING:
            said = _("%(name)s, in writing")
        else:
            said = "%(name)s"
        seats.append(
            Seat(
                membership=member,
                person=member.person,
                is_me=is_me,
                is_speaking=speaks,
                had_turn=had,
                arc=own_arc if is_me else 100 if had else 0,
                said=said % {"name": member.person.name},
            )
        )
    return seats


def _queue(room: Room, people: dict[UUID, Membership]) -> list[Membership]:
    """Who comes next, as many as fit a sentence."""
    waiting = [
        people[pk]
        for pk in room.speaking_order
        if pk in people and pk not in room.heard and pk != room.speaker_id
    ]
    return waiting[:2]


def _clock(
    room: Room, phase: SessionPhase, speaker: Membership | None, *, now: datetime
) -> Clock:
    phase_ends = room.ends_at(phase, now=now)
    ends, whose = phase_ends, ""
    if speaker is not None and phase.speaks_in_turn and not room.is_held:
        share = timedelta(seconds=phase.seconds / max(1, len(room.speaking_order)))
        ends = min((room.speaker_since or now) + share, max(phase_ends, now))
        whose = speaker.person.name
    return Clock(
        label=_("Time left for %(name)s") % {"name": whose}
        if whose
        else _("Time left in this phase"),
        left=_minutes(ends - now),
        ends_at=ends,
        ends_text=_duration(ends - now),
        whose=whose,
        phase_ends_at=phase_ends,
        is_held=room.is_held,
        key=f"{room.position}.{room.speaker_id or ''}.{room.extra_seconds}",
    )


def _minutes(left: timedelta) -> str:
    seconds = int(left.total_seconds())
    sign, seconds = ("+", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 60}:{seconds % 60:02d}"


def _duration(left: timedelta) -> str:
    """As `<time datetime>` wants it; what is over is nothing."""
    seconds = max(0, int(left.total_seconds()))
    return f"PT{seconds // 60}M{seconds % 60}S"


def _for_hosts(
    room: Room,
    here: list[Presence],
    phases: list[SessionPhase],
    spoken: dict[Any, int],
) -> dict[str, Any]:
    aloud = [p for p in here if p.how != Presence.How.WRITING]
    by_person = {p.membership.person_id: p.membership for p in aloud}
    quiet = airtime.not_yet_heard(
        [
            pk
            for pk, member in by_person.items()
            if member.pk not in (room.host_id, room.speaker_id)
        ],
        spoken,
    )
    up = next(
        (
            pk
            for pk in room.speaking_order
            if pk not in room.heard and pk != room.speaker_id
        ),
        None,
    )
    return {
        "not_heard": [by_person[pk].person for pk in quiet] if spoken else [],
        "evenness": hosting.evenness(spoken=spoken, people=list(by_person)),
        "up_next": next(
            (p.membership.person for p in here if p.membership_id == up), None
        ),
        "next_phase": phases[room.position + 1]
        if room.position + 1 < len(phases)
        else None,
        "speakers": [p.membership for p in aloud if p.membership_id != room.speaker_id],
    }


# --- Acts ---------------------------------------------------------------------


def _session(request: HttpRequest, cohort: Cohort, number: int) -> RitualSession:
    return get_object_or_404(
        RitualSession.objects.visible_to(request.user), cohort=cohort, number=number
    )


def _back(cohort: Cohort, number: int) -> HttpResponse:
    return redirect("sessions:room", cohort.slug, number)


@require_POST
@cohort_page
def room_open(
    request: HttpRequest, cohort: Cohort, membership: Membership, number: int
) -> HttpResponse:
    hosting.open_room(_session(request, cohort, number), by=membership)
    return _back(cohort, number)


@require_POST
@cohort_page
def room_act(
    request: HttpRequest, cohort: Cohort, membership: Membership, number: int
) -> HttpResponse:
    """What everyone may do: come, go, pass, pause, take a seat, say yes or no."""
    session = _session(request, cohort, number)
    match request.POST.get("do"):
        case "join":
            hosting.join(session, by=membership, how=request.POST.get("how", "here"))
        case "leave":
            hosting.leave(session, by=membership)
            return redirect("sessions:session_page", cohort.slug, number)
        case "pass":
            hosting.pass_turn(session, by=membership, seen=_seen(request))
        case "pause":
            hosting.pause(session, by=membership, wanted=True)
        case "pause_over":
            hosting.pause(session, by=membership, wanted=False)
        case "record_yes":
            recording.say(session, by=membership, yes=True)
        case "record_no":
            recording.say(session, by=membership, yes=False)
        case "seat":
            hosting.take_seat(session, by=membership)
        case _:
            raise Refused(_("Choose one of the buttons."))
    return _back(cohort, number)


@require_POST
@cohort_page
def room_host(
    request: HttpRequest, cohort: Cohort, membership: Membership, number: int
) -> HttpResponse:
    """The host's moves; each says what its page showed."""
    session = _session(request, cohort, number)
    match request.POST.get("do"):
        case "on":
            hosting.go_on(session, by=membership, seen=_seen(request))
        case "back":
            hosting.go_back(session, by=membership, seen=_seen(request))
        case "next":
            hosting.next_turn(session, by=membership, seen=_seen(request))
        case "minute":
            hosting.add_minute(session, by=membership, seen=_seen(request))
        case "hold":
            hosting.hold(session, by=membership)
        case "resume":
            hosting.resume(session, by=membership)
        case "word":
            hosting.give_word(session, to=_member(request, cohort), by=membership)
        case "close":
            hosting.close(session, by=membership)
            return redirect("sessions:session_page", cohort.slug, number)
        case _:
            raise Refused(_("Choose one of the buttons."))
    return _back(cohort, number)


def _seen(request: HttpRequest) -> Seen:
    """What the page showed, from its hidden fields; a broken page saw nothing."""
    try:
        return Seen(
            position=int(request.POST.get("position", "")),
            speaker=UUID(request.POST["speaker"])
            if request.POST.get("speaker")
            else None,
            extra_seconds=int(request.POST.get("extra") or 0),
        )
    except ValueError as error:
        raise Refused(_("This page was broken. Open the room again.")) from error


def _member(request: HttpRequest, cohort: Cohort) -> Membership:
    try:
        wanted = UUID(request.POST.get("to", ""))
    except ValueError as error:
        raise Refused(_("Choose who speaks.")) from error
    member = Membership.objects.active().filter(cohort=cohort, pk=wanted).first()
    if member is None:
        raise Http404
    return member


@require_POST
@cohort_page
def room_say(
    request: HttpRequest, cohort: Cohort, membership: Membership, number: int
) -> HttpResponse:
    session = _session(request, cohort, number)
    form = WritingForm(request.POST)
    if not form.is_valid():
        return _bad(request, session, form)
    hosting.write(
        session,
        by=membership,
        text=form.cleaned_data["text"],
        as_turn=form.cleaned_data["as_turn"],
        client_key=form.key,
    )
    return _back(cohort, number)


@require_POST
@cohort_page
def room_note(
    request: HttpRequest, cohort: Cohort, membership: Membership, number: int
) -> HttpResponse:
    session = _session(request, cohort, number)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _bad(request, session, form)
    hosting.keep_note(
        session,
        by=membership,
        position=_seen(request).position,
        text=form.cleaned_data["text"],
    )
    return _back(cohort, number)


def _bad(request: HttpRequest, session: RitualSession, form: Any) -> HttpResponse:
    """The form alone, with what is wrong and what was typed."""
    return render(
        request,
        "sessions/room_form.html",
        {"session": session, "cohort": request.cohort, "form": form},  # type: ignore[attr-defined]
        status=422,
    )
