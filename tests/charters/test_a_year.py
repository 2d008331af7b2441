"""A year of the charter's clocks: two beats, workers that die, three time zones.

Nothing waits: each tick is told the moment it happens at. Both beats tick in threads
of their own over connections of their own, at once or some minutes apart, and the mail
server kills a worker now and then, before or after it took the mail. Whatever they do,
everybody hears everything that is due, once.
"""

import itertools
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.db import connection, connections

from charters import amending, quarterly, tending, welcoming
from charters.models import (
    Clause,
    ConsentRound,
    QuarterlyReview,
    RoundReminder,
)
from cohorts.models import Appointment, Cohort, Program, Role, appoint
from people import delivery
from people.letters import message_id
from people.models import OutboxMessage
from people.outbox import notice_named
from tests.charters.conftest import change, say_yes, seven
from tests.charters.repairing import asked_for, settled
from tests.conftest import person, seat
from tests.people.mailers import Asked, Killed

pytestmark = pytest.mark.django_db(transaction=True)

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
LOOKS = "tests look at every row"
State = OutboxMessage.State


def at(month, day, hour=12, minute=0, year=2027):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


FOUNDED, OVER = at(1, 4), at(1, 4, year=2028)


# --- The house ------------------------------------------------------------------------


def circle(program, place, *names):
    """Three people in a place, who live by a charter since the same noon."""
    cohort = Cohort.objects.create(
        program=program,
        slug=names[0],
        name=names[0].capitalize(),
        timezone=place,
        created_at=FOUNDED - DAY,
    )
    since = {"joined_at": FOUNDED - DAY, "reads_from": FOUNDED - DAY}
    roles = (Role.FACILITATOR, Role.MEMBER, Role.MEMBER)
    seats = [
        seat(cohort, person(name, timezone=place), role, **since)
        for name, role in zip(names, roles, strict=True)
    ]
    # As the helpers of these tests call them.
    cast = SimpleNamespace(
        cohort=cohort, sol=seats[0], ada=seats[1], ben=seats[2], lea=None
    )
    first = amending.propose(by=cast.ada, clauses=seven(), now=FOUNDED)
    asked = amending.open_round(first, by=cast.ada, now=FOUNDED)
    say_yes(cast, asked, cast.ben, cast.sol, now=FOUNDED)
    version = amending.adopt(first, by=cast.ada, now=FOUNDED)
    cast.clauses = list(Clause.objects.unsealed(LOOKS).of(version))
    return cast


@pytest.fixture
def house(transactional_db):
    program = Program.objects.create(
        slug="riverbend", name="Riverbend", timezone="Africa/Nairobi", languages=["en"]
    )
    lea = person("lea")
    appoint(lea, to=program, role=Appointment.Role.LEAD)
    return SimpleNamespace(
        program=program,
        lea=lea,
        berlin=circle(program, "Europe/Berlin", "bea", "bob", "bix"),
        nairobi=circle(program, "Africa/Nairobi", "naa", "nia", "noa"),
        santiago=circle(program, "America/Santiago", "sam", "sue", "sid"),
    )


def review_of(cast):
    return QuarterlyReview.objects.unsealed(LOOKS).awaited().get(cohort=cast.cohort)


def hold(cast, *, by=None):
    return lambda now: quarterly.hold(review_of(cast), by=by or cast.sol, now=now)


def write(cast, who):
    return lambda now: quarterly.note(
        review_of(cast), by=who, serves="All well.", strains="", now=now
    )


# --- The two beats --------------------------------------------------------------------


@dataclass
class Beats:
    """Two schedulers and their workers, which know nothing of each other."""

    threads: ThreadPoolExecutor
    killed: int = 0

    def tick(self, *moments: datetime) -> None:
        start = Barrier(len(moments))
        running = [self.threads.submit(self._turn, m, start) for m in moments]
        killed = sum(beat.result(timeout=60) for beat in running)
        self.killed += killed
        if killed:
            # Another worker comes, looks what became of it, and carries on.
            for minutes in (10, 20):
                self.tick(max(moments) + minutes * MINUTE)

    def _turn(self, now: datetime, start: Barrier) -> bool:
        start.wait()
        quarterly.tend(now=now)
        welcoming.tend(now=now)
        amending.remind(now=now)
        amending.settle(now=now)
        tending.tend(now=now)
        try:
            delivery.sweep_stale(now=now)
            delivery.deliver_due(now=now)
        except Killed:
            connection.close()
            return True
        return False


@pytest.fixture
def beats():
    with ThreadPoolExecutor(2) as threads:
        yield Beats(threads)
        gone = Barrier(2)

        def close():
            gone.wait()
            connections.close_all()

        for done in [threads.submit(close) for _ in range(2)]:
            done.result(timeout=60)


def hours_of(day: datetime, *more: datetime) -> list[datetime]:
    """Every second hour of some days."""
    return [
        each + n * HOUR + 7 * MINUTE for each in (day, *more) for n in range(0, 24, 2)
    ]


def ticks() -> list[tuple[datetime, ...]]:
    """Once a day, by one beat or the other; on busy days both of them, all day."""
    busy = hours_of(
        at(3, 28, 0),  # the clocks of Berlin go on, and reviews open
        at(4, 4, 0),  # those of Santiago go back, and reviews are due
        at(5, 4, 0),  # a charter lapses
        at(9, 5, 0),  # a day without its midnight
    )
    apart = itertools.cycle([0 * MINUTE, 7 * MINUTE, 0 * MINUTE, 41 * MINUTE])
    both = [(moment, moment + wait) for moment, wait in zip(busy, apart, strict=False)]
    calm = [(FOUNDED + n * DAY + 2 * HOUR,) for n in range(365)]
    return [*both, *calm]


# --- What happens ---------------------------------------------------------------------


def acts_of(house) -> list[tuple[datetime, Callable[[datetime], object]]]:
    berlin, nairobi, santiago = house.berlin, house.nairobi, house.santiago
    late = SimpleNamespace()

    def joins(cast, name):
        def act(now):
            who = person(name, timezone=cast.cohort.timezone)
            setattr(late, name, seat(cast.cohort, who, joined_at=now, reads_from=now))

        return act

    def asks(cast, text):
        def act(now):
            cast.change = change(cast, cast.clauses[0], text, now)
            amending.open_round(cast.change, by=cast.ada, now=now)

        return act

    def answers(cast, who):
        def act(now):
            asked = amending.open_round_of(cast.change)
            say_yes(cast, asked, who() if callable(who) else who, now=now)

        return act

    def agrees(name):
        def act(now):
            member = getattr(late, name)
            version = amending.in_force(member.cohort)
            welcoming.answer(
                version,
                by=member,
                kind="consent",
                fingerprint=version.fingerprint,
                now=now,
            )

        return act

    def moves(cast, day):
        return lambda now: quarterly.plan(
            review_of(cast), by=cast.sol, due_on=day, now=now
        )

    return [
        # Berlin holds each a day late: its Sunday is free of mail. Bix always writes.
        (at(3, 29), write(berlin, berlin.ben)),
        (at(4, 5, 15), hold(berlin)),
        (at(6, 29), write(berlin, berlin.ben)),
        (at(7, 5, 15), hold(berlin)),
        (at(9, 29), write(berlin, berlin.ben)),
        (at(10, 5, 15), hold(berlin)),
        # A round over the change of clocks; two newcomers, one of them too late for it.
        (at(3, 20, 0, 30), joins(berlin, "dee")),
        (at(3, 26), asks(berlin, "Stays here. All of it.")),
        (at(3, 27), joins(berlin, "eve")),
        (at(3, 27, 13), answers(berlin, berlin.sol)),
        (at(3, 29), agrees("eve")),
        (at(4, 1), answers(berlin, lambda: late.dee)),
        (at(4, 1, 1), answers(berlin, berlin.ben)),
        # Nairobi holds the first one early, moves the second, and is late with none.
        (at(4, 3), hold(nairobi)),
        (at(6, 27), moves(nairobi, date(2027, 7, 20))),
        (at(7, 20, 15), hold(nairobi)),
        (at(10, 20, 15), hold(nairobi)),
        # Two repair conversations: one waits in vain, one is looked back at.
        (at(2, 1), lambda now: asked_for(nairobi, now=now)),
        (at(6, 1), lambda now: settled(nairobi, now=now, days=14)),
        # Santiago lets its charter lapse, with a round open; then is only late.
        (at(5, 3), asks(santiago, "Stays here. Most of it.")),
        (at(5, 24, 15), hold(santiago)),
        (at(9, 6, 15), hold(santiago)),
    ]


def everyone(cast):
    return [cast.sol, cast.ada, cast.ben]


def expected(house) -> Counter:
    """By hand, from the story above: (notice, person) and how often."""
    berlin, nairobi, santiago = house.berlin, house.nairobi, house.santiago
    told: Counter = Counter()

    def tell(notice, *who, times=1):
        for each in who:
            name = each if isinstance(each, str) else each.person.called
            told[notice, name] += times

    # The first round and the first version, in each.
    for cast in (berlin, nairobi, santiago):
        tell("round_opened", cast.sol, cast.ben)
        tell("version_adopted", *everyone(cast))

    # Berlin, reviews: April, July, October held; that of January is near. Dee
    # and Eve are there from March on. Who never writes is asked again.
    for n in range(4):
        closing = [berlin.sol, berlin.ada, "Dee", "Eve"]
        tell("review_opened", *everyone(berlin), "Dee", "Eve")
        tell("review_closing", *closing, *([berlin.ben] if n == 3 else []))
        if n < 3:
            tell("review_due", *everyone(berlin), "Dee", "Eve")
    # The round: Eve came too late for it, Sol had answered before the reminder.
    tell("round_opened", berlin.sol, berlin.ben, "Dee")
    tell("round_reminder", berlin.ben, "Dee")
    tell("round_ended", berlin.ada)
    tell("version_adopted", *everyone(berlin), "Dee")
    # Eve said yes to the first version, and the second passed her by.
    tell("newcomer_asked", "Dee")
    tell("newcomer_reminder", "Dee")
    tell("newcomer_asked", "Eve", times=2)
    tell("newcomer_reminder", "Eve")

    # Nairobi: held a day early; moved once, so opened twice; held on its day, twice.
    tell("review_opened", *everyone(nairobi), times=4)
    tell("review_closing", *everyone(nairobi), times=3)
    tell("review_due", *everyone(nairobi), times=2)
    tell("repair_asked", nairobi.ben, times=2)
    tell("repair_third_asked", nairobi.sol, times=2)
    tell("repair_check_back", nairobi.ada, nairobi.ben)

    # Santiago: lapsed once, then late, then on the way into the next lapse.
    tell("review_opened", *everyone(santiago), times=3)
    tell("review_closing", *everyone(santiago), times=3)
    tell("review_due", *everyone(santiago), times=3)
    tell("review_overdue", *everyone(santiago), times=3)
    tell("charter_lapsed", *everyone(santiago))
    tell("charter_revived", santiago.ada, santiago.ben)
    tell("round_opened", santiago.sol, santiago.ben)
    tell("round_reminder", santiago.sol, santiago.ben)
    tell("round_ended", santiago.ada)
    return told


REPAIR_NEWS = ("repair_news", "repair_third_overdue", "repair_overdue")


def test_everybody_hears_everything_once_in_a_year(house, beats, settings):
    settings.EMAIL_BACKEND = Asked.plays(
        *(["accept"] * 7 + ["kill"] + ["accept"] * 5 + ["accept, then kill"]) * 6
    )
    seen: dict = {}
    happens = [(at_[0], lambda now, at_=at_: beats.tick(*at_)) for at_ in ticks()]
    happens += acts_of(house)
    happens += [(FOUNDED + n * 7 * DAY, prune(seen)) for n in range(1, 53)]

    for moment, act in sorted(happens, key=lambda h: h[0]):
        act(moment)
    for hours in (1, 2, 3):
        beats.tick(OVER + hours * HOUR, OVER + hours * HOUR)
    note_rows(seen)

    # Nothing twice, nothing lost.
    told = Counter(
        (row.notice.removeprefix("charters."), row.recipient.called)
        for row in seen.values()
    )
    plain = Counter({k: n for k, n in told.items() if k[0] not in REPAIR_NEWS})
    due = expected(house)
    assert {k: (plain[k], due[k]) for k in plain | due if plain[k] != due[k]} == {}
    assert len({row.dedupe_key for row in seen.values()}) == len(seen)
    # Each left the house in one letter, whoever died while it was carried; or waits for
    # the letter of the week, or for somebody to look, where once or never was wished.
    ends = {State.SENT, State.FOLDED, State.HELD, State.UNKNOWN}
    others = [row for row in seen.values() if row.state not in ends]
    # Answered in the same moment: the mail finds nothing to ask any more.
    assert Counter((row.notice, row.state) for row in others) == {
        ("charters.round_opened", State.DROPPED): 6,
        ("charters.repair_asked", State.DROPPED): 1,
    }
    unsure = {r.notice for r in seen.values() if r.state == State.UNKNOWN}
    assert {notice_named(name).on_unknown for name in unsure} <= {"hold"}
    left = [m.extra_headers["Message-ID"] for m in Asked.arrived]
    sent = [message_id(r) for r in seen.values() if r.state == State.SENT]
    assert sorted(left) == sorted(sent)
    assert beats.killed == 12
    # Two reminders for each who had not answered, never two of the same.
    reminders = RoundReminder.objects.unsealed(LOOKS)
    assert reminders.count() == told_of("round_reminder", plain)
    _the_round_that_stood_still_had_its_time(house)


def told_of(notice, told):
    return sum(n for (name, _who), n in told.items() if name == notice)


def note_rows(seen):
    for row in OutboxMessage.objects.select_related("recipient"):
        seen[row.pk] = row


def prune(seen):
    """The weekly sweep: what came to its end goes, and must not come again."""

    def act(now):
        note_rows(seen)
        delivery.prune(now=now)

    return act


def _the_round_that_stood_still_had_its_time(house):
    [asked] = ConsentRound.objects.unsealed(LOOKS).filter(
        amendment=house.santiago.change
    )
    midnight = datetime.combine(date(2027, 5, 4), time(4, 7), tzinfo=UTC)
    assert asked.length == timedelta(hours=120)
    assert asked.paused_for == at(5, 24, 15) - midnight
