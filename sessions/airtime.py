"""How evenly a circle's time was shared. Pure: seconds by taps in, one index out.

The index is 1 - Gini × n / (n - 1): 1 when all had their due, 0 when one voice had it
all. What a role gives a person to say is their due, so a client who presents is no
talker.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

P = TypeVar("P", bound=Hashable)

# somebody under half their due in two of the last three sessions is gently asked
UNDER = 0.5
OFTEN = 2
LOOK_BACK = 3


def dues(
    seconds: Mapping[P, float], *, expected: Mapping[P, float] | None = None
) -> dict[P, float]:
    """Each person's time over their due: 1 is exactly theirs.

    Without ``expected`` all have the same due. Who had nothing to say by role is left
    out.
    """
    if expected is None:
        even = sum(seconds.values()) / len(seconds) if seconds else 0
        expected = dict.fromkeys(seconds, even)
    return {
        person: seconds.get(person, 0) / due
        for person, due in expected.items()
        if due > 0
    }


def equality(
    seconds: Mapping[P, float], *, expected: Mapping[P, float] | None = None
) -> float | None:
    """The index; None where there is nothing to compare: one person, or silence."""
    values = sorted(dues(seconds, expected=expected).values())
    n, total = len(values), sum(values)
    if n < 2 or total <= 0:
        return None
    ranked = sum(rank * value for rank, value in enumerate(values, start=1))
    gini = 2 * ranked / (n * total) - (n + 1) / n
    return min(1.0, max(0.0, 1 - gini * n / (n - 1)))


def own_share(seconds: Mapping[P, float], person: P) -> float:
    """The part of all the time that this person spoke: shown to themselves alone."""
    total = sum(seconds.values())
    return seconds.get(person, 0) / total if total else 0.0


def not_yet_heard(present: Iterable[P], seconds: Mapping[P, float]) -> list[P]:
    """Who is here and has not spoken, in the order of the circle."""
    return [person for person in present if not seconds.get(person)]


def quieter_first(present: Iterable[P], seconds: Mapping[P, float]) -> list[P]:
    """An order that lets the less heard begin; equals keep the circle's order."""
    return sorted(present, key=lambda person: seconds.get(person, 0))


def asks_for_a_nudge(history: Sequence[float]) -> bool:
    """Whether somebody's dues fell under half in two of the last three sessions."""
    return sum(due < UNDER for due in history[-LOOK_BACK:]) >= OFTEN


def trend(indices: Sequence[float], *, weight: float = 0.5) -> float | None:
    """The index over sessions, the latest weighing most, so that it does not jump."""
    if not indices:
        return None
    smoothed = indices[0]
    for index in indices[1:]:
        smoothed = weight * index + (1 - weight) * smoothed
    return smoothed
