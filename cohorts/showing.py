"""What somebody with a seat shows of their application to those who hold their cohort.

Nothing, unless they tick it: each answer is agreed to by its own row, with the very
words they saw. Never a sensitive answer, never a trait. Taken back, it is gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from cohorts.links import Actor, proves_the_address
from cohorts.models import (
    Answer,
    Application,
    Cohort,
    Invitation,
    Membership,
    Program,
    Question,
    SharedAnswer,
)
from people.models import User, record
from people.refusal import Refused

OWN = "an applicant chooses what is shown of their own answers"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One answer that may be shown, and what is shown of it now, if anything."""

    question: Question
    text: str
    shared: SharedAnswer | None

    @property
    def sha256(self) -> str:
        return _hash_of(self.text)

    @property
    def key(self) -> str:
        """Names the question and the very words: ticked is what was seen."""
        return f"{self.question.pk.hex}:{self.sha256}"

    @property
    def is_shared(self) -> bool:
        return self.shared is not None and self.shared.sha256 == self.sha256


def _hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def may_be_asked(application: Application) -> bool:
    """They took the seat, and are still in."""
    return application.is_open and application.reply == Application.Reply.ACCEPTED


def lines_of(application: Application) -> list[Line]:
    """What its applicant may show; call it only for them."""
    if not may_be_asked(application):
        return []
    shared = {
        row.question_id: row
        for row in SharedAnswer.objects.unsealed(OWN)
        .standing()
        .filter(application=application)
    }
    answers = (
        Answer.objects.unsealed(OWN)
        .filter(
            application=application,
            question__may_be_shared=True,
            question__sensitive=False,
        )
        .exclude(question__kind__in=Question.NEVER_SHARED)
        .select_related("question")
        .order_by("question__position", "question")
    )
    return [
        Line(
            question=answer.question,
            text=answer.shown,
            shared=shared.get(answer.question_id),
        )
        for answer in answers
        if answer.shown.strip()
    ]


def has_something(person: User, program: Program) -> bool:
    """Whether an application of theirs, that has a seat, holds what may be shown."""
    return (
        Answer.objects.visible_to(person)
        .filter(
            application__applicant=person,
            application__program=program,
            application__state=Application.State.SUBMITTED,
            application__reply=Application.Reply.ACCEPTED,
            question__may_be_shared=True,
        )
        .exists()
    )


@transaction.atomic
def share(
    application: Application, keys: Iterable[str], *, by: Actor, now: datetime
) -> int:
    """Show exactly these lines, by their keys; whatever else was shown is not any more.

    Returns how many are shown now. Refused when one of them reads otherwise by now.
    """
    if not proves_the_address(by, application):
        raise PermissionDenied(_("Only the person who applied can share its answers."))
    application = (
        Application.objects.unsealed(OWN)
        .select_for_update(of=("self",))
        .get(pk=application.pk)
    )
    wanted = set(keys)
    if wanted and not may_be_asked(application):
        raise Refused(_("Answers can be shared once the seat is taken."))
    lines = {line.key: line for line in lines_of(application)}
    if wanted - lines.keys():
        raise Refused(
            _("An answer changed while you were reading. Look through them again.")
        )
    stays = {
        line.shared.pk
        for line in lines.values()
        if line.shared and line.is_shared and line.key in wanted
    }
    gone = _take_back(application, keeping=stays, now=now)
    made = SharedAnswer.objects.bulk_create(
        SharedAnswer(
            program_id=application.program_id,
            application=application,
            question=lines[key].question,
            text=lines[key].text,
            sha256=lines[key].sha256,
            agreed_at=now,
        )
        for key in sorted(wanted)
        if not lines[key].is_shared
    )
    person = by if isinstance(by, User) else None
    for act, changed in (("share", made), ("take_back", gone)):
        if changed:
            record(
                f"application.{act}",
                by=person,
                about=application,
                place=application.program_id,
            )
    return len(wanted)


def stop(application: Application, *, now: datetime) -> None:
    """Its person withdrew or gave the seat back: nothing of it is shown any more."""
    _take_back(application, keeping=set(), now=now)


def _take_back(application: Application, *, keeping: set[UUID], now: datetime) -> int:
    return (
        SharedAnswer.objects.unsealed(OWN)
        .standing()
        .filter(application=application)
        .exclude(pk__in=keeping)
        .update(withdrawn_at=now, text="")
    )


# --- For those who hold the cohort ----------------------------------------------


def shown_by(membership: Membership, *, to: User) -> QuerySet[SharedAnswer]:
    """What the person in this seat shows to `to`, in the order of the questions."""
    return (
        _through_seats(membership.cohort, to=to)
        .filter(application__applicant=membership.person_id)
        .select_related("question", "application__intake")
        .order_by("application__submitted_at", "question__position", "question")
    )


def counted(cohort: Cohort, *, to: User) -> dict[UUID, int]:
    """How many answers each person of the cohort shows to `to`. One query."""
    return dict(
        _through_seats(cohort, to=to)
        .order_by()
        .values_list("application__applicant")
        .annotate(n=Count("pk"))
    )


def _through_seats(cohort: Cohort, *, to: User) -> QuerySet[SharedAnswer]:
    """Of the applications that led to a seat here."""
    seats = Invitation.objects.visible_to(to).filter(
        cohort=cohort, membership__left_at=None, membership__isnull=False
    )
    return (
        SharedAnswer.objects.visible_to(to)
        .standing()
        .filter(
            application__in=seats.values("application"),
            application__state=Application.State.SUBMITTED,
            application__reply=Application.Reply.ACCEPTED,
        )
    )
