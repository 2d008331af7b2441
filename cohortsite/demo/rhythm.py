"""Sessions and the days between them: how people arrive, promise, ask and thank.

Baobab is in the fourth phase of its fifth session at this moment; Mangrove meets in
three days.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from cohorts.models import Cohort
from cohortsite.demo import said
from cohortsite.demo.people import BAOBAB, MANGROVE
from cohortsite.demo.world import HOME, World
from people.past import relived
from people.wall_time import wall_of, wall_to_utc
from sessions import (
    appreciations,
    checkins,
    commitments,
    hosting,
    insights,
    posting,
    rituals,
)
from sessions.hosting import Seen
from sessions.models import Commitment, Post, Presence, RitualSession, SessionPhase
from sessions.rituals import Plan

TELLING = "the demo tells what its own people did"
MINUTES = 90
WEEKS = 3
NINE = 9
# The room is in its fourth phase; this long ago it was opened.
UNDER_WAY = timedelta(minutes=34)
TEMPLATE = "standard-90"
Answer = {"here": "yes", "audio": "audio", "writing": "writing"}

# How they take part when they do; the others are here.
HOW = {"mariam": "audio", "grace": "audio", "farah": "audio", "linh": "writing"}
HOW |= {"tenzin": "writing", "samuel": "audio", "putri": "audio", "neema": "writing"}


@dataclass
class Circle:
    """One cohort's people in the order they sit, and its sessions by number."""

    world: World
    cohort: Cohort
    host: str
    keys: Sequence[str]
    sessions: dict[int, RitualSession]

    @property
    def everyone(self) -> Sequence[str]:
        return (self.host, *self.keys)

    def seat(self, key: str) -> Any:
        return self.world.seats[key]


def live(world: World) -> None:
    """Nine sessions in each calendar, and what was said in and between them."""
    baobab = Circle(world, world.baobab, "leila", [p.key for p in BAOBAB], {})
    mangrove = Circle(world, world.mangrove, "elif", [p.key for p in MANGROVE], {})
    _plan(baobab, said.BAOBAB_SESSIONS, first=-4 * 7 * WEEKS, at=time(16))
    _plan(mangrove, said.MANGROVE_SESSIONS, first=3 - 4 * 7 * WEEKS, at=time(17))
    for circle, missing, away in (
        (baobab, said.BAOBAB_NOT_HELD, said.BAOBAB_AWAY),
        (mangrove, {}, said.MANGROVE_AWAY),
    ):
        for number in (1, 2, 3, 4):
            session = circle.sessions[number]
            if number in missing:
                _did_not_happen(circle, session, why=missing[number])
            else:
                _hold(circle, session, away=away.get(number, ()))
    _check_in(baobab, said.BAOBAB_CHECKINS)
    _check_in(mangrove, said.MANGROVE_CHECKINS)
    for circle, promises in (
        (baobab, said.BAOBAB_PROMISES),
        (mangrove, said.MANGROVE_PROMISES),
    ):
        for promise in promises:
            _promise(circle, promise)
    _thank(baobab, said.BAOBAB_THANKS)
    _thank(mangrove, said.MANGROVE_THANKS)
    _post(baobab, said.BAOBAB_POSTS)
    _post(mangrove, said.MANGROVE_POSTS)
    _keep_insights(baobab, said.BAOBAB_INSIGHTS)
    _keep_insights(mangrove, said.MANGROVE_INSIGHTS)
    _answer_the_next(mangrove, number=5)
    _open_the_fifth(baobab)


# --- The calendar ----------------------------------------------------------------


def _plan(
    circle: Circle, titles: Sequence[tuple[str, str]], *, first: int, at: time
) -> None:
    """A rhythm of nine, planned at the beginning; each gets its own name."""
    world, seat = circle.world, circle.seat(circle.host)
    plan = Plan(
        title=titles[0][0],
        purpose=titles[0][1],
        day=world.day(first),
        at=at,
        timezone=HOME,
        minutes=MINUTES,
        template=TEMPLATE,
        host=seat,
        video_link=f"https://talk.example/{circle.cohort.slug}",
        dial_in="+254 20 555 0123, 4417#",
    )
    with world.on(-90, 12) as then:
        rituals.schedule(
            circle.cohort,
            plan,
            by=seat.person,
            every_weeks=WEEKS,
            times=NINE,
            now=then,
        )
        for session in (
            RitualSession.objects.visible_to(seat.person)
            .filter(cohort=circle.cohort)
            .select_related("cohort")
            .order_by("number")
        ):
            title, purpose = titles[session.number - 1]
            circle.sessions[session.number] = rituals.change(
                session,
                _as_planned(plan, session, title=title, purpose=purpose),
                by=seat.person,
                now=then,
            )


def _as_planned(plan: Plan, session: RitualSession, **changes: Any) -> Plan:
    kept = {name: getattr(plan, name) for name in Plan.__dataclass_fields__}
    when = {
        "day": session.local_date,
        "at": session.local_time,
        "timezone": session.timezone,
    }
    return Plan(**(kept | when | changes))


def _did_not_happen(circle: Circle, session: RitualSession, *, why: str) -> None:
    with relived(session.starts_at + timedelta(hours=2)) as then:
        rituals.call_off(session, by=circle.seat(circle.host).person, why=why, now=then)


def _hold(circle: Circle, session: RitualSession, *, away: Sequence[str]) -> None:
    """Open the room, go through every phase in its time, close."""
    host, moment = circle.seat(circle.host), session.starts_at
    with relived(moment):
        hosting.open_room(session, by=host, now=moment)
        for key in circle.keys:
            if key not in away:
                hosting.join(
                    session,
                    by=circle.seat(key),
                    how=HOW.get(key, Presence.How.HERE),
                    now=moment + timedelta(minutes=1),
                )
    phases = _phases(session)
    for phase in phases:
        moment += timedelta(minutes=phase.minutes)
        with relived(moment):
            if phase is phases[-1]:
                hosting.close(session, by=host, now=moment)
            else:
                hosting.go_on(
                    session, by=host, seen=Seen(position=phase.position), now=moment
                )


def _phases(session: RitualSession) -> list[SessionPhase]:
    return list(
        SessionPhase.objects.unsealed(TELLING)
        .filter(session=session)
        .order_by("position")
    )


def _answer_the_next(circle: Circle, *, number: int) -> None:
    session = circle.sessions[number]
    for n, key in enumerate(circle.everyone[:-3]):
        with circle.world.on(-2, 8 + n) as then:
            answer = "no" if key == "rosa" else Answer[HOW.get(key, "here")]
            rituals.answer(session, by=circle.seat(key), answer=answer, now=then)


# --- The session that is live ------------------------------------------------------


def _open_the_fifth(circle: Circle) -> None:
    """Moved to this very hour, opened, and come as far as its fourth phase."""
    world, host = circle.world, circle.seat(circle.host)
    began = world.now - UNDER_WAY
    starts = wall_of(began, HOME).replace(second=0, microsecond=0)
    starts -= timedelta(minutes=starts.minute % 5)
    fifth = circle.sessions[5]
    plan = Plan(
        title=fifth.title,
        purpose=fifth.purpose,
        day=starts.date(),
        at=starts.time(),
        timezone=HOME,
        minutes=MINUTES,
        template=TEMPLATE,
        host=host,
        video_link=fifth.video_link,
        dial_in=fifth.dial_in,
    )
    with world.on(-2, 9) as then:
        fifth = rituals.change(fifth, plan, by=host.person, now=then)
    for n, key in enumerate(circle.everyone):
        with world.on(-1, 9, n) as then:
            rituals.answer(
                fifth,
                by=circle.seat(key),
                answer=Answer[HOW.get(key, "here")],
                now=then,
            )
    # In the order of the clock, as it would have been.
    for moment, act in sorted(
        _so_far(circle, fifth, began=began), key=lambda event: event[0]
    ):
        with relived(moment):
            act(moment)
    # Their pages stay open to the end, and ask on.
    until = fifth.ends_at + timedelta(hours=1)
    for presence in Presence.objects.unsealed(TELLING).filter(session=fifth):
        hosting.still_here(fifth, presence, now=until)


def _so_far(
    circle: Circle, fifth: RitualSession, *, began: datetime
) -> Iterator[tuple[datetime, Any]]:
    """What was done in the room, minute by minute."""
    host = circle.seat(circle.host)

    def minute(n: float) -> datetime:
        return began + timedelta(minutes=n)

    yield minute(0), lambda t: hosting.open_room(fifth, by=host, now=t)
    for n, key in enumerate(circle.keys):
        yield (
            minute(0.2 + n / 20),
            lambda t, key=key: hosting.join(
                fifth, by=circle.seat(key), how=HOW.get(key, "here"), now=t
            ),
        )
    for n, (key, mood, grounding, intention, edge, lang) in enumerate(said.ARRIVING):
        yield (
            minute(2 + n),
            lambda t, a=(key, mood, grounding, intention, edge, lang): checkins.post(
                by=circle.seat(a[0]),
                mood=a[1],
                grounding=a[2],
                intention=a[3],
                edge=a[4],
                lang=a[5],
                session=fifth,
                now=t,
            ),
        )
    for position, at in ((0, 5), (1, 9), (2, 15)):
        yield (
            minute(at),
            lambda t, p=position: hosting.go_on(
                fifth, by=host, seen=Seen(position=p), now=t
            ),
        )
    # Who spoke in the consultation, from when on; the last one speaks now.
    for key, since in said.SPOKE:
        yield (
            minute(since),
            lambda t, key=key: hosting.give_word(
                fifth, to=circle.seat(key), by=host, now=t
            ),
        )
    for key, since, text in said.WROTE:
        yield (
            minute(since),
            lambda t, a=(key, text): hosting.write(
                fifth, by=circle.seat(a[0]), text=a[1], now=t
            ),
        )


# --- Between sessions --------------------------------------------------------------


def _check_in(circle: Circle, lines: Sequence[said.CheckIn]) -> None:
    for one in lines:
        moment = _moment(circle, one.day, one.hour)
        with relived(moment):
            checkins.post(
                by=circle.seat(one.who),
                mood=one.mood,
                grounding=one.grounding,
                intention=one.intention,
                edge=one.edge,
                lang=one.lang,
                session=circle.sessions.get(one.session),
                waited=timedelta(minutes=one.waited),
                now=moment,
            )


def _moment(circle: Circle, day: int, hour: int) -> datetime:
    """That hour where the circle is at home, and never ahead of now."""
    moment = wall_to_utc(circle.world.day(day), time(hour, 5 * (hour % 9)), HOME)
    return min(moment, circle.world.now - timedelta(minutes=hour))


def _promise(circle: Circle, one: said.Promise) -> None:
    world, seat = circle.world, circle.seat(one.who)
    with world.on(one.made, 17, 20) as then:
        made: Commitment = commitments.make(
            by=seat,
            promise=one.promise,
            due_on=world.day(one.due),
            evidence_of_done=one.evidence,
            lang=one.lang,
            session=circle.sessions.get(one.session),
            now=then,
        )
    if one.ended is None:
        return
    with world.on(one.ended, 18) as then:
        if one.how == "kept":
            commitments.keep(made, by=seat.person, outcome=one.outcome, at=then)
        elif one.how == "let go":
            commitments.release(made, by=seat.person, outcome=one.outcome, at=then)
        else:
            made = commitments.change(
                made,
                by=seat.person,
                promise=one.instead,
                due_on=world.day(one.then_due),
                evidence_of_done=one.evidence,
                at=then,
            )
    if one.kept_instead is not None:
        with world.on(one.kept_instead, 18) as then:
            commitments.keep(made, by=seat.person, outcome=one.outcome, at=then)


def _thank(circle: Circle, lines: Sequence[said.Thanks]) -> None:
    for one in lines:
        with circle.world.on(one.day, 17, 40) as then:
            appreciations.give(
                by=circle.seat(one.who),
                to=circle.seat(one.to),
                text=one.text,
                lang=one.lang,
                session=circle.sessions.get(one.session),
                now=then,
            )


def _post(circle: Circle, lines: Sequence[said.Post]) -> None:
    world = circle.world
    for one in lines:
        with world.on(one.day, one.hour) as then:
            post: Post = posting.post(
                by=circle.seat(one.who),
                kind=one.kind,
                title=one.title,
                text=one.text,
                to=circle.seat(one.to) if one.to else None,
                days=one.days,
                lang=one.lang,
                now=then,
            )
        for n, (who, day, text, lang) in enumerate(one.replies):
            with world.on(day, 12 + n) as then:
                posting.reply(post, by=circle.seat(who), text=text, lang=lang, now=then)
        if one.closed is not None:
            with world.on(one.closed, 19) as then:
                posting.close(
                    post,
                    by=circle.seat(one.who).person,
                    outcome=one.outcome,
                    at=then,
                )


def _keep_insights(circle: Circle, lines: Sequence[said.Insight]) -> None:
    for one in lines:
        session = circle.sessions[one.session]
        with relived(session.ends_at) as then:
            insights.keep(
                by=circle.seat(one.who),
                title=one.title,
                body=one.body,
                lang=one.lang,
                session=session,
                now=then,
            )
