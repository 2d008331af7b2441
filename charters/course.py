"""The course of a repair conversation as plain data: its states and its steps.

Who may move it where stands in `MOVES`, who opens which gate in `STEPS`; the domain,
the pages and the tests all read these two tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    ASKED = "asked", _("an answer is awaited")
    DECLINED = "declined", _("not like this")
    AGREED = "agreed", _("both have said yes")
    TALKING = "talking", _("the conversation is on")
    PAUSED = "paused", _("a pause")
    SETTLED = "settled", _("until the day of the check-back")
    ENDED = "ended", _("ended")
    ERASED = "erased", _("its words are erased")


class Part(models.TextChoices):
    ASKER = "asker", _("asked for it")
    ADDRESSEE = "addressee", _("was asked")
    THIRD = "third", _("third person")


class Way(models.TextChoices):
    """How the two meet, from the nearest to the most apart."""

    ROOM = "room", _("In one room or call, with the third person")
    WRITTEN = "written", _("In writing, each in their own time")
    SHUTTLE = "shuttle", _("Apart, through the third person")


class Ending(models.TextChoices):
    NONE = "", ""
    WITHDRAWN = "withdrawn", _("The concern was taken back.")
    LET_GO = "let_go", _("It was let go after a no.")
    STOPPED = "stopped", _("It was ended before its last step.")
    KEPT = "kept", _("What was agreed holds, both say.")
    QUIET = "quiet", _("The day of the check-back passed, and nobody asked for more.")
    LAPSED = "lapsed", _("Nothing happened for thirty days.")
    PARTED = "parted", _("Somebody left the circle.")


CLOCK = "clock"
TWO = (Part.ASKER.value, Part.ADDRESSEE.value)
ALL = (*TWO, Part.THIRD.value)


@dataclass(frozen=True, kw_only=True)
class Move:
    """One way from some states to another, and whose it is."""

    name: str
    whose: tuple[str, ...]
    of: tuple[State, ...]
    to: State
    ending: Ending = Ending.NONE


UNDER_WAY = (State.ASKED, State.DECLINED, State.AGREED, State.TALKING, State.PAUSED)
OPEN = (*UNDER_WAY, State.SETTLED)

MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        Move(
            name="accept",
            whose=("addressee",),
            of=(State.ASKED, State.DECLINED),
            to=State.AGREED,
        ),
        Move(
            name="decline",
            whose=("addressee",),
            of=(State.ASKED, State.AGREED),
            to=State.DECLINED,
        ),
        Move(name="ask_again", whose=("asker",), of=(State.DECLINED,), to=State.ASKED),
        Move(
            name="let_go",
            whose=("asker",),
            of=(State.DECLINED,),
            to=State.ENDED,
            ending=Ending.LET_GO,
        ),
        Move(
            name="withdraw",
            whose=("asker",),
            of=(State.ASKED,),
            to=State.ENDED,
            ending=Ending.WITHDRAWN,
        ),
        Move(name="begin", whose=TWO, of=(State.AGREED,), to=State.TALKING),
        Move(name="pause", whose=ALL, of=(State.TALKING,), to=State.PAUSED),
        Move(name="resume", whose=ALL, of=(State.PAUSED,), to=State.TALKING),
        # Through the last gate, which both open; never by one alone.
        Move(name="settle", whose=TWO, of=(State.TALKING,), to=State.SETTLED),
        Move(
            name="stop",
            whose=TWO,
            of=(State.AGREED, State.TALKING, State.PAUSED),
            to=State.ENDED,
            ending=Ending.STOPPED,
        ),
        Move(name="talk_again", whose=TWO, of=(State.SETTLED,), to=State.AGREED),
        # When both say that it holds.
        Move(
            name="holds",
            whose=TWO,
            of=(State.SETTLED,),
            to=State.ENDED,
            ending=Ending.KEPT,
        ),
        Move(
            name="pass_by",
            whose=(CLOCK,),
            of=(State.SETTLED,),
            to=State.ENDED,
            ending=Ending.QUIET,
        ),
        Move(
            name="lapse",
            whose=(CLOCK,),
            of=UNDER_WAY,
            to=State.ENDED,
            ending=Ending.LAPSED,
        ),
        Move(
            name="part",
            whose=(CLOCK,),
            of=OPEN,
            to=State.ENDED,
            ending=Ending.PARTED,
        ),
        Move(name="erase", whose=(CLOCK,), of=(State.ENDED,), to=State.ERASED),
    )
}


def moves_of(state: str, part: str) -> Iterator[Move]:
    """What this part may do in this state."""
    return (m for m in MOVES.values() if state in m.of and part in m.whose)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stretch of the conversation, and who opens the gate at its end.

    The gate of a step with a speaker is opened by the other one; of a step of both,
    each opens it for the other.
    """

    key: str
    name: object
    minutes: int
    words: object  # what to do, to whoever it is that reads
    speaker: str = ""
    # The one who said it answers "yes, that is it" or "not quite".
    says_back: bool = False

    @property
    def opened_by(self) -> tuple[str, ...]:
        return tuple(part for part in TWO if part != self.speaker)

    @property
    def timebox(self) -> timedelta:
        return timedelta(minutes=self.minutes)


STEPS: tuple[Step, ...] = (
    Step(
        key="opening",
        name=_("Opening"),
        minutes=3,
        words=_(
            "Say why you came, in a sentence each. Agree that anyone may pause, and "
            "that what is said here stays here."
        ),
    ),
    Step(
        key="asker_speaks",
        name=_("First speaks"),
        minutes=5,
        speaker="asker",
        words=_(
            "What happened, as I saw it, and what it did to me. The other one listens, "
            "and asks nothing yet."
        ),
    ),
    Step(
        key="addressee_says_back",
        name=_("Second says it back"),
        minutes=3,
        speaker="addressee",
        says_back=True,
        words=_(
            "“What I hear is…” No answer yet, no reasons. It is right when the one who "
            "said it says so."
        ),
    ),
    Step(
        key="addressee_speaks",
        name=_("Second speaks"),
        minutes=5,
        speaker="addressee",
        words=_("The same, the other way round: how I saw it, and what it did to me."),
    ),
    Step(
        key="asker_says_back",
        name=_("First says it back"),
        minutes=3,
        speaker="asker",
        says_back=True,
        words=_("“What I hear is…” It is right when the one who said it says so."),
    ),
    Step(
        key="impact_intent",
        name=_("Impact apart from intent"),
        minutes=6,
        words=_(
            "Each in turn: “I meant to…”, and then “and what it did to you was…”. A "
            "good intent takes no impact away, and an impact proves no intent."
        ),
    ),
    Step(
        key="requests",
        name=_("Requests and agreements"),
        minutes=8,
        words=_(
            "Ask for something that can be seen: who does what, and until when. Only "
            "what both have said yes to stands."
        ),
    ),
    Step(
        key="check_back",
        name=_("A day to look back"),
        minutes=2,
        words=_("Choose a day on which you both look whether it holds."),
    ),
)
LAST = len(STEPS) - 1
# The answers on the day of the check-back are kept beside the gates.
CHECK = len(STEPS)
MINUTES_IN_ALL = sum(step.minutes for step in STEPS)
