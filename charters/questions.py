"""Five questions that lead to the first clauses, for a session or for a quiet week.

One for each named section. Whoever answers one has written a line of the first charter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from charters.models import Section


@dataclass(frozen=True, kw_only=True)
class Question:
    section: Section
    asks: Any
    hint: Any
    # What a line is called that answers it; the circle may call it otherwise.
    title: Any

    @property
    def name(self) -> str:
        return self.section.value


FIVE: tuple[Question, ...] = (
    Question(
        section=Section.CONFIDENTIALITY,
        asks=_("What must not leave this room, so that you can speak freely?"),
        hint=_("Names, places, recordings, what somebody said about their work."),
        title=_("What stays between us"),
    ),
    Question(
        section=Section.FEEDBACK,
        asks=_("How do you want to be told something hard?"),
        hint=_("Asked first or straight away, alone or here, in which language."),
        title=_("How we tell each other"),
    ),
    Question(
        section=Section.DECISIONS,
        asks=_("How do we settle what we do not all want?"),
        hint=_("What would make you say: not my choice, and I can live with it."),
        title=_("How we settle things"),
    ),
    Question(
        section=Section.ATTENDANCE,
        asks=_("What can we count on from each other, from one session to the next?"),
        hint=_("Being there, being late, being silent, and what happens then."),
        title=_("What we can count on"),
    ),
    Question(
        section=Section.SUPPORT,
        asks=_("Where does one of us turn when it gets heavy?"),
        hint=_("Who asks whom, how fast, and what this circle cannot carry."),
        title=_("When it gets heavy"),
    ),
)
