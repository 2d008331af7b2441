"""An application arrives: the same rows, whether by form or by file.

Makes the application, its answers, its traits, the copy that reviewers read, and
its standing with the leads; and freezes the questions of the call.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from cohorts.models import (
    Answer,
    Application,
    BlindCopy,
    ImportBatch,
    Intake,
    Question,
    Standing,
    TraitAnswer,
)
from people.models import User, pour, uuid7

# No 0/O, 1/I/L: a code is read aloud.
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
HIDDEN = "[…]"


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What one person sent, cleaned."""

    called: str
    # The application's own, where it is known beforehand: that of a line in a file.
    key: UUID = field(default_factory=uuid7)
    email: str = ""
    organisation: str = ""
    language: str = ""
    languages: Sequence[str] = ()
    timezone: str = "UTC"
    availability: str = ""
    offers: Sequence[str] = ()
    needs: Sequence[str] = ()
    ties: Sequence[str] = ()
    hours_per_month: Decimal | None = None
    access_needs: str = ""
    # By the question's key: the words, and what was chosen.
    answers: Mapping[UUID, tuple[str, Sequence[str]]] = field(default_factory=dict)
    # (trait's key, value, "fine being the only one")
    traits: Sequence[tuple[UUID, str, bool]] = ()
    applicant: User | None = None


def arrive(
    intake: Intake,
    arrivals: Iterable[Arrival],
    *,
    at: datetime,
    batch: ImportBatch | None = None,
) -> list[Application]:
    """Make the rows of each arrival. Call it inside the act's transaction."""
    arrivals = list(arrivals)
    questions = {q.pk: q for q in intake.questions.all()}
    codes = _codes(intake, len(arrivals))
    applications = [
        Application(
            pk=a.key,
            program_id=intake.program_id,
            intake=intake,
            code=code,
            applicant=a.applicant,
            email=a.email,
            called=a.called,
            organisation=a.organisation,
            language=a.language,
            languages=list(a.languages),
            timezone=a.timezone,
            availability=a.availability,
            offers=list(a.offers),
            needs=list(a.needs),
            ties=list(a.ties),
            hours_per_month=a.hours_per_month,
            access_needs=a.access_needs,
            submitted_at=at,
            batch=batch,
        )
        for a, code in zip(arrivals, codes, strict=True)
    ]
    both = list(zip(applications, arrivals, strict=True))
    pour(applications)
    place = {"program_id": intake.program_id}
    pour(
        [
            Answer(
                **place,
                application=application,
                question_id=key,
                text=text,
                chosen=list(chosen),
            )
            for application, a in both
            for key, (text, chosen) in a.answers.items()
            if text or chosen
        ]
    )
    pour(
        [
            TraitAnswer(
                **place,
                application=application,
                trait_id=trait,
                value=value,
                alone_is_fine=fine,
            )
            for application, a in both
            for trait, value, fine in a.traits
        ]
    )
    pour(
        [
            BlindCopy(
                **place,
                intake=intake,
                application=application,
                code=application.code,
                language=application.language,
                texts=blind(a, questions),
                offers=list(a.offers),
                made_at=at,
            )
            for application, a in both
        ]
    )
    pour(
        [
            Standing(**place, intake=intake, application=application)
            for application in applications
        ]
    )
    if applications and intake.frozen_at is None:
        Intake.objects.filter(pk=intake.pk, frozen_at=None).update(frozen_at=at)
        intake.frozen_at = at
    return applications


def _codes(intake: Intake, wanted: int) -> list[str]:
    taken = set(
        Application.objects.unsealed("a code is used once in a call")
        .filter(intake=intake)
        .values_list("code", flat=True)
    )
    found: list[str] = []
    while len(found) < wanted:
        code = "".join(secrets.choice(SIGNS) for _ in range(5))
        if code not in taken:
            taken.add(code)
            found.append(code)
    return found


def blind(arrival: Arrival, questions: Mapping[UUID, Question]) -> dict[str, str]:
    """The answers that reviewers may read, with the person's own names hidden."""
    hide = _hider(arrival.called, arrival.organisation, arrival.email)
    return {
        str(key): hide(text or ", ".join(chosen))
        for key, (text, chosen) in arrival.answers.items()
        if key in questions
        and questions[key].visible_to_reviewers
        and not questions[key].sensitive
        and (text or chosen)
    }


def _hider(called: str, organisation: str, email: str) -> Callable[[str], str]:
    whole = {name for name in (called, organisation, email) if len(name) > 2}
    # Single names as they are written only: "Hope" is a name, "hope" is not.
    words = {word for word in re.split(r"\s+", called) if len(word) > 2} - whole
    if not whole:
        return lambda text: text
    folded = [_folded(name) for name in whole]

    def hide(text: str) -> str:
        # Few people name themselves, and a pattern takes long to make.
        plain = _folded(text)
        if not any(name in plain for name in folded) and not any(
            word in text for word in words
        ):
            return text
        return _pattern(whole, words).sub(HIDDEN, text)

    return hide


def _folded(text: str) -> str:
    # Patterns that overlook capitals take every i for one, dotted or not; folding the
    # capital with a dot leaves that dot behind as a letter of its own.
    return text.casefold().replace("ı", "i").replace("\u0307", "")


def _pattern(whole: Iterable[str], words: Iterable[str]) -> re.Pattern[str]:
    parts = [f"(?i:{re.escape(name)})" for name in sorted(whole, key=len, reverse=True)]
    parts += map(re.escape, sorted(words, key=len, reverse=True))
    return re.compile(r"(?<!\w)(?:" + "|".join(parts) + r")(?!\w)")
