"""A charter as long as one may become: 40 clauses, 30 versions, a round under way.

Grown through the ordinary doors: proposed, asked, consented to by all, adopted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

CLAUSES, VERSIONS = 40, 30

SENTENCES = (
    "We say what we saw, what it did to us, and what we would try.",
    "Lessons may leave the room; names, places and numbers leave with a yes.",
    "Whoever does the work decides how, after asking the people it touches.",
    "We begin and end when we said, and nobody goes back to the start.",
    "A late answer needs no excuse, only a word.",
)
SECTIONS = (
    "confidentiality",
    "feedback",
    "decisions",
    "attendance",
    "support",
    "Money",
    "Languages",
)


def words_of(number: int, version: int) -> str:
    first, second = (SENTENCES[(number + n * version) % 5] for n in (1, 2))
    return f"{first} {second} So we said for the {number + version}th time."


def grow(cohort: Any, *, now: Any) -> Any:
    """The open round. Its cohort has to be one without a charter."""
    from charters import amending
    from charters.models import Clause
    from cohorts.models import Membership

    why = "the benchmark's own charter"
    circle = list(
        Membership.objects.active().filter(cohort=cohort).select_related("person")
    )
    first = circle[0]
    first.cohort = cohort
    began = now - timedelta(days=VERSIONS)

    def adopt(amendment: Any, at: Any) -> Any:
        asked = amending.open_round(amendment, by=first, now=at)
        for member in circle[1:]:
            member.cohort = cohort
            amending.answer(
                asked, by=member, kind="consent", text_hash=asked.text_hash, now=at
            )
        return amending.adopt(amendment, by=first, now=at)

    version = adopt(
        amending.propose(
            by=first,
            clauses=[
                amending.Draft(
                    section=SECTIONS[n * len(SECTIONS) // CLAUSES],
                    title=f"What we keep to, {n + 1}",
                    text=words_of(n, 1),
                )
                for n in range(CLAUSES)
            ],
            now=began,
        ),
        began,
    )

    def change(number: int) -> Any:
        clauses = list(Clause.objects.unsealed(why).of(version))
        clause = clauses[number % CLAUSES]
        return amending.propose(
            by=first,
            clauses=[
                amending.Draft(
                    change="changed",
                    key=clause.key,
                    section=clause.section,
                    title=clause.title,
                    text=words_of(number, number),
                )
            ],
            why="It did not hold as it was.",
            now=began + timedelta(days=number - 1),
        )

    for number in range(2, VERSIONS + 1):
        version = adopt(change(number), began + timedelta(days=number - 1))
    return amending.open_round(change(VERSIONS + 7), by=first, now=now)
