"""What a circle has decided about a text. Pure: answers in, the state of the round out.

An answer belongs to the text it was given to: it carries that text's fingerprint, and
counts only while the text is still that one.
"""

import hashlib
import json
import unicodedata
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

# A round never closes sooner, so that nobody is outrun; an edited text opens a new one.
SHORTEST_WINDOW = timedelta(hours=72)
REMINDERS_BEFORE_SILENCE = 2

Member = Hashable


def fingerprint(*parts: str) -> str:
    """SHA-256 of a text in parts, equal for texts that a reader could not tell apart.

    Composed and decomposed letters, and the line ends of different systems, are the
    same; where one part ends and the next begins is not.
    """
    canonical = json.dumps([canonical_text(part) for part in parts], ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def canonical_text(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", lines)


class Kind(StrEnum):
    CONSENT = "consent"
    CONCERN = "concern"  # consent, with a concern that is kept on record
    OBJECT = "object"
    ASIDE = "aside"  # can go either way
    DISAGREE = "disagree"  # is against it, and will not stand in the way


@dataclass(frozen=True, kw_only=True)
class Answer:
    member: Member
    text_hash: str
    kind: Kind
    given_at: datetime


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Somebody the round waits for, unless they have left since."""

    member: Member
    active: bool = True
    reminders: int = 0


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How a circle decides. A further rule is a further value, not a further branch."""

    code: str
    blocking: frozenset[Kind]
    silence_may_count: bool
    may_close_early: bool = True  # once everybody has answered
    offers: tuple[Kind, ...] = (Kind.CONSENT, Kind.CONCERN, Kind.OBJECT)
    # False: the end of the window is enough, whoever was silent.
    waits_for_all: bool = True
    # False: the clock never adopts; whoever proposed it says what they decided.
    ends_by_itself: bool = True
    least_answers: int = 0
    # The share of those who answered that must be for it, with or without a concern.
    support: Fraction = Fraction(0)


CONSENT = Rule(
    code="consent", blocking=frozenset({Kind.OBJECT}), silence_may_count=True
)
CONSENSUS = Rule(
    code="consensus",
    blocking=frozenset({Kind.OBJECT, Kind.CONCERN}),
    silence_may_count=False,
)
# Whoever proposes decides, after asking: advice is heard and blocks nothing.
ADVICE = Rule(
    code="advice",
    blocking=frozenset(),
    silence_may_count=False,
    offers=(Kind.CONSENT, Kind.CONCERN),
    waits_for_all=False,
    ends_by_itself=False,
    least_answers=2,  # one besides the proposer's own
)
# Gradients of agreement: two thirds of those who answered are for it, and none blocks.
GRADIENTS = Rule(
    code="gradients",
    blocking=frozenset({Kind.OBJECT}),
    silence_may_count=False,
    offers=(Kind.CONSENT, Kind.CONCERN, Kind.ASIDE, Kind.DISAGREE, Kind.OBJECT),
    support=Fraction(2, 3),
)
RULES = {rule.code: rule for rule in (CONSENT, CONSENSUS, ADVICE, GRADIENTS)}


class State(StrEnum):
    NOT_OPEN = "not_open"
    WAITING = "waiting"
    BLOCKED = "blocked"  # an objection stands, whether the window is open or not
    PASSED = "passed"
    EXPIRED = "expired"  # the window closed before enough had answered


class Code(StrEnum):
    OPENS_LATER = "opens_later"
    WINDOW_OPEN = "window_open"
    WINDOW_CLOSED = "window_closed"
    ALL_ANSWERED = "all_answered"
    OBJECTION_STANDS = "objection_stands"
    CONCERN_STANDS = "concern_stands"  # where the rule lets concerns block
    CONCERN_KEPT = "concern_kept"
    AWAITING = "awaiting"
    ANSWERED_ANOTHER_TEXT = "answered_another_text"
    SILENCE_COUNTED = "silence_counted"
    SILENCE_DOES_NOT_COUNT = "silence_does_not_count"
    REMINDERS_MISSING = "reminders_missing"
    NOBODY_ASKED = "nobody_asked"
    NOBODY_ANSWERED = "nobody_answered"
    TOO_FEW_ANSWERED = "too_few_answered"
    TOO_LITTLE_SUPPORT = "too_little_support"
    LEFT = "left"


@dataclass(frozen=True, kw_only=True)
class Reason:
    code: Code
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    state: State
    consents: tuple[Member, ...]
    concerns: tuple[Member, ...]
    objections: tuple[Member, ...]
    silent: tuple[Member, ...]  # counted as consent
    waiting_for: tuple[Member, ...]
    reasons: tuple[Reason, ...]
    asides: tuple[Member, ...] = ()
    disagreements: tuple[Member, ...] = ()

    @property
    def passed(self) -> bool:
        return self.state == State.PASSED


def decide(
    *,
    text_hash: str,
    asked: Sequence[Asked],
    answers: Sequence[Answer],
    opens_at: datetime,
    closes_at: datetime,
    now: datetime,
    rule: Rule = CONSENT,
    silence_counts: bool = False,
    proposer: Member | None = None,
) -> Outcome:
    """The state of a round on this very text, at this moment.

    Of several answers by one person to this text the latest counts. Those who were not
    asked, or have left, neither count nor block. Silence counts where the charter says
    so (``silence_counts``) and the rule allows it, for whoever was reminded twice, once
    the window has closed, and never if nobody but the ``proposer`` spoke: one yes and
    silence all round is no decision of a circle. Late answers count until the circle
    acts on the outcome: an objection that comes late is still an objection.
    """
    circle = [one for one in asked if one.active]
    here = {one.member for one in circle}
    # What the rule does not offer is no answer: advice, for one, knows no objection.
    given = _latest(
        [answer for answer in answers if answer.kind in rule.offers],
        text_hash=text_hash,
    )
    elsewhere = {answer.member for answer in answers if answer.text_hash != text_hash}
    closed = now >= closes_at

    def who_gave(kind: Kind) -> tuple[Member, ...]:
        return tuple(
            one.member
            for one in circle
            if one.member in given and given[one.member].kind == kind
        )

    consents, concerns, objections, asides, disagreements = map(who_gave, Kind)
    answered = len(consents + concerns + objections + asides + disagreements)
    unanswered = [one for one in circle if one.member not in given]
    still = [one.member for one in unanswered]
    may_be_silent = closed and silence_counts and rule.silence_may_count
    silent = tuple(
        one.member
        for one in unanswered
        if may_be_silent
        and one.reminders >= REMINDERS_BEFORE_SILENCE
        and any(member != proposer for member in consents + concerns)
    )
    waiting_for = tuple(member for member in still if member not in silent)
    heard_all = bool(circle) and not waiting_for
    enough = answered >= rule.least_answers
    supported = len(consents + concerns) >= rule.support * answered
    may_end = (heard_all and (closed or rule.may_close_early)) or (
        closed and not rule.waits_for_all
    )

    standing = [
        member
        for member in given
        if member in here and given[member].kind in rule.blocking
    ]
    if now < opens_at:
        state = State.NOT_OPEN
    elif standing:
        state = State.BLOCKED
    elif circle and may_end and enough and supported:
        state = State.PASSED
    else:
        state = State.EXPIRED if closed else State.WAITING

    reminded_too_little = [
        one.member for one in unanswered if one.reminders < REMINDERS_BEFORE_SILENCE
    ]
    concern_blocks = Kind.CONCERN in rule.blocking
    facts: list[tuple[Code, bool]] = [
        (Code.OPENS_LATER, now < opens_at),
        (Code.WINDOW_OPEN, opens_at <= now < closes_at),
        (Code.WINDOW_CLOSED, closed),
        (Code.NOBODY_ASKED, not circle),
        (Code.ALL_ANSWERED, bool(circle) and not still),
        (Code.NOBODY_ANSWERED, bool(circle) and len(still) == len(circle)),
        (Code.TOO_FEW_ANSWERED, bool(circle) and not enough),
        (Code.TOO_LITTLE_SUPPORT, may_end and not supported),
    ]
    about: list[tuple[Code, Sequence[Member]]] = [
        (Code.OBJECTION_STANDS, objections),
        (Code.CONCERN_STANDS if concern_blocks else Code.CONCERN_KEPT, concerns),
        (Code.SILENCE_COUNTED, silent),
        (Code.AWAITING, waiting_for),
        (Code.SILENCE_DOES_NOT_COUNT, still if closed and not may_be_silent else ()),
        (Code.REMINDERS_MISSING, reminded_too_little if may_be_silent else ()),
        (Code.ANSWERED_ANOTHER_TEXT, [m for m in waiting_for if m in elsewhere]),
        (Code.LEFT, [one.member for one in asked if not one.active]),
    ]
    reasons = [Reason(code=code) for code, holds in facts if holds]
    reasons += [Reason(code=code, members=tuple(who)) for code, who in about if who]

    return Outcome(
        state=state,
        consents=consents,
        concerns=concerns,
        objections=objections,
        silent=silent,
        waiting_for=waiting_for,
        reasons=tuple(reasons),
        asides=asides,
        disagreements=disagreements,
    )


def _latest(answers: Iterable[Answer], *, text_hash: str) -> dict[Member, Answer]:
    """Each person's last word on this text; of two at one moment, the later listed."""
    latest: dict[Member, Answer] = {}
    for answer in answers:
        if answer.text_hash != text_hash:
            continue
        earlier = latest.get(answer.member)
        if earlier is None or answer.given_at >= earlier.given_at:
            latest[answer.member] = answer
    return latest


def earliest_close(opened_at: datetime) -> datetime:
    """The soonest a round that opens, or opens again after an edit, may close."""
    return opened_at + SHORTEST_WINDOW
