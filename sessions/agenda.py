"""What a session is made of, and whether it fits the time and the people. Pure.

A template is an ordered list of phases. Phases in a row that repeat for each client or
round form a block that is gone through as a whole, once for each.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # words of the built-in agendas are translated when they are shown
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

LONGEST_PHASE = 240
LONGEST_SESSION = 480
MOST_PHASES = 40
MOST_ROUNDS = 20


class Repeat(StrEnum):
    ONCE = "once"
    CLIENT = "client"  # once for each person who brings a case
    ROUND = "round"  # as often as the phase says


class Speaks(StrEnum):
    ALL = "all"
    ROUND = "round"  # in turn, round the circle
    ROLE = "role"  # those whose role it is
    SILENT = "silent"


class Capture(StrEnum):
    NONE = "none"
    NOTE = "note"
    ARRIVAL = "arrival"
    INTENTION = "intention"
    EDGE = "edge"
    INSIGHT = "insight"
    COMMITMENT = "commitment"
    APPRECIATION = "appreciation"
    DECISION = "decision"


@dataclass(frozen=True, kw_only=True)
class Phase:
    key: str
    name: StrOrPromise
    minutes: int
    minutes_min: int | None = None  # shorter than this it is not worth doing
    minutes_max: int | None = None
    per_person: bool = False  # the minutes are those of each person in the room
    repeat_per: Repeat = Repeat.ONCE
    rounds: int = 1  # with Repeat.ROUND
    speaker_rule: Speaks = Speaks.ALL
    roles: tuple[StrOrPromise, ...] = ()
    prompt: StrOrPromise = ""
    capture: Capture = Capture.NONE
    private_writing: bool = False
    low_bandwidth: StrOrPromise = ""  # how to take part on a weak line, or in writing
    attribution: StrOrPromise = ""

    @property
    def shortest(self) -> int:
        return self.minutes if self.minutes_min is None else self.minutes_min

    @property
    def longest(self) -> int:
        return self.minutes if self.minutes_max is None else self.minutes_max

    def as_data(self) -> dict[str, Any]:
        """Plain data for a row or a file, its words in the language active now."""
        data = asdict(self)
        for name in ("name", "prompt", "low_bandwidth", "attribution"):
            data[name] = str(data[name])
        data["roles"] = [str(role) for role in self.roles]
        for name in ("repeat_per", "speaker_rule", "capture"):
            data[name] = str(data[name])
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Phase":
        """A phase as it was kept; fields this version does not know are left out."""
        known = {f.name for f in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        values["roles"] = tuple(values.get("roles", ()))
        for name, kind in (
            ("repeat_per", Repeat),
            ("speaker_rule", Speaks),
            ("capture", Capture),
        ):
            if name in values:
                values[name] = kind(values[name])
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class Template:
    key: str
    name: StrOrPromise
    purpose: StrOrPromise
    phases: tuple[Phase, ...]
    people_min: int
    people_max: int
    room: int | None = None  # where the circle splits, how many people make a room
    source: StrOrPromise = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One phase at its place; ``turn`` counts the clients or rounds from 1."""

    phase: Phase
    turn: int
    turns: int
    starts: int  # minutes from the beginning
    minutes: int

    @property
    def ends(self) -> int:
        return self.starts + self.minutes


@dataclass(frozen=True, kw_only=True)
class Plan:
    steps: tuple[Step, ...]
    minutes: int
    rooms: int
    people_in_a_room: int  # in the fullest one, which all the others wait for


def rooms_for(people: int, room: int | None) -> int:
    """Into how many rooms the circle splits; those left over make some rooms fuller."""
    return max(1, people // room) if room else 1


def plan(
    phases: Sequence[Phase],
    *,
    people: int,
    room: int | None = None,
    shortest: bool = False,
) -> Plan:
    """The session minute by minute for that many people, with usual or least minutes.

    In rooms, as many cases are heard as make a room: a fourth person in a room of three
    consults along.
    """
    rooms = rooms_for(people, room)
    in_a_room = -(-people // rooms) if people > 0 else 0
    clients = min(in_a_room, room) if room else in_a_room
    steps, at = [], 0
    for turn, turns, phase in _in_order(phases, clients=clients):
        minutes = phase.shortest if shortest else phase.minutes
        if phase.per_person:
            minutes *= in_a_room
        steps.append(
            Step(phase=phase, turn=turn, turns=turns, starts=at, minutes=minutes)
        )
        at += minutes
    return Plan(steps=tuple(steps), minutes=at, rooms=rooms, people_in_a_room=in_a_room)


def _in_order(
    phases: Sequence[Phase], *, clients: int
) -> Iterator[tuple[int, int, Phase]]:
    def block_of(phase: Phase) -> tuple[Repeat, int]:
        return phase.repeat_per, phase.rounds

    for (repeat, rounds), block in groupby(phases, key=block_of):
        turns = {Repeat.ONCE: 1, Repeat.CLIENT: clients, Repeat.ROUND: rounds}[repeat]
        again = list(block)
        for turn in range(1, turns + 1):
            for phase in again:
                yield turn, turns, phase


class Verdict(StrEnum):
    FITS = "fits"
    FITS_SHORTENED = "fits_shortened"  # with the least minutes of each phase
    TOO_LONG = "too_long"


class Code(StrEnum):
    NO_PHASES = "no_phases"
    TOO_MANY_PHASES = "too_many_phases"
    NAMELESS = "nameless"
    MINUTES_OUT_OF_RANGE = "minutes_out_of_range"
    LIMITS_CROSSED = (
        "limits_crossed"  # at least more than at most, or usual outside both
    )
    ROUNDS_OUT_OF_RANGE = "rounds_out_of_range"
    SESSION_TOO_LONG = "session_too_long"
    NOBODY = "nobody"
    TOO_FEW_PEOPLE = "too_few_people"
    TOO_MANY_PEOPLE = "too_many_people"


@dataclass(frozen=True, kw_only=True)
class Problem:
    code: Code
    phase: int | None = None  # its place in the list
    value: int | None = None
    limit: int | None = None


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The answer before the session: so many minutes are needed, so many are there."""

    verdict: Verdict
    minutes: int  # there are
    needed: int
    shortest: int
    rooms: int
    problems: tuple[Problem, ...] = ()

    @property
    def fits(self) -> bool:
        return self.verdict != Verdict.TOO_LONG


def fits(
    phases: Sequence[Phase],
    *,
    people: int,
    minutes: int,
    room: int | None = None,
    people_min: int | None = None,
    people_max: int | None = None,
) -> Fit:
    usual = plan(phases, people=people, room=room)
    least = plan(phases, people=people, room=room, shortest=True)
    if usual.minutes <= minutes:
        verdict = Verdict.FITS
    elif least.minutes <= minutes:
        verdict = Verdict.FITS_SHORTENED
    else:
        verdict = Verdict.TOO_LONG
    return Fit(
        verdict=verdict,
        minutes=minutes,
        needed=usual.minutes,
        shortest=least.minutes,
        rooms=usual.rooms,
        problems=tuple(_head_count(people, people_min, people_max)),
    )


def template_fits(template: Template, *, people: int, minutes: int) -> Fit:
    return fits(
        template.phases,
        people=people,
        minutes=minutes,
        room=template.room,
        people_min=template.people_min,
        people_max=template.people_max,
    )


def _head_count(people: int, least: int | None, most: int | None) -> Iterator[Problem]:
    if people < 1:
        yield Problem(code=Code.NOBODY)
    elif least is not None and people < least:
        yield Problem(code=Code.TOO_FEW_PEOPLE, value=people, limit=least)
    elif most is not None and people > most:
        yield Problem(code=Code.TOO_MANY_PEOPLE, value=people, limit=most)


def problems(phases: Sequence[Phase]) -> tuple[Problem, ...]:
    """What a facilitator's own agenda would stumble over, whoever comes."""
    return tuple(_problems(phases))


def _problems(phases: Sequence[Phase]) -> Iterable[Problem]:
    if not phases:
        yield Problem(code=Code.NO_PHASES)
    if len(phases) > MOST_PHASES:
        yield Problem(code=Code.TOO_MANY_PHASES, value=len(phases), limit=MOST_PHASES)
    for n, phase in enumerate(phases):
        if not str(phase.name).strip():
            yield Problem(code=Code.NAMELESS, phase=n)
        if not 1 <= phase.minutes <= LONGEST_PHASE:
            yield Problem(
                code=Code.MINUTES_OUT_OF_RANGE,
                phase=n,
                value=phase.minutes,
                limit=LONGEST_PHASE,
            )
        if not 0 <= phase.shortest <= phase.minutes <= phase.longest:
            yield Problem(code=Code.LIMITS_CROSSED, phase=n)
        if not 1 <= phase.rounds <= MOST_ROUNDS:
            yield Problem(
                code=Code.ROUNDS_OUT_OF_RANGE,
                phase=n,
                value=phase.rounds,
                limit=MOST_ROUNDS,
            )
    together = sum(phase.minutes for phase in phases)
    if together > LONGEST_SESSION:
        yield Problem(code=Code.SESSION_TOO_LONG, value=together, limit=LONGEST_SESSION)
