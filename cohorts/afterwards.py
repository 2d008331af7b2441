"""What is added to an application after it was sent.

The applicant adds to an answer; a lead writes down what a recording says. Reviewers
read the new text, and what changed since they read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.links import Actor, is_applicant
from cohorts.models import Answer, AnswerFile, Application, BlindCopy, Question
from cohorts.redacting import renew
from cohorts.rights import must_lead
from people.clock import day_for
from people.models import User, record
from people.refusal import Refused

LONGEST = 10_000
ALL = "its applicant, or a lead, adds to it"


def may_be_added_to(application: Application) -> bool:
    """Until the answer is told."""
    return application.is_open and application.released_at is None


@transaction.atomic
def add_to_answer(
    application: Application,
    *,
    by: Actor,
    question: Question,
    text: str,
    now: datetime,
) -> Answer:
    """Add a paragraph to one answer. The same paragraph twice is added once."""
    if not is_applicant(by, application):
        raise PermissionDenied(_("Only the person who applied can add to it."))
    rows: Any = Application.objects.unsealed(ALL)
    application = rows.select_for_update(of=("self",)).get(pk=application.pk)
    if not may_be_added_to(application):
        raise Refused(
            _("This application has its answer, so nothing can be added any more.")
        )
    if question.kind not in (Question.Kind.SHORT, Question.Kind.LONG):
        raise Refused(_("Only answers in your own words can be added to."))
    answer = (
        Answer.objects.unsealed(ALL)
        .filter(application=application, question=question)
        .first()
    )
    text = text.strip()
    if not text or (answer is not None and answer.text.endswith(f"\n{text}")):
        return answer or Answer()
    if answer is None:
        answer = Answer(
            program_id=application.program_id,
            application=application,
            question=question,
        )
    day = _("Added on %(day)s:") % {"day": day_for(now.date())}
    longer = "\n".join(filter(None, [answer.text and f"{answer.text}\n", day, text]))
    if len(longer) > LONGEST:
        raise Refused(_("This answer is full. Say it shorter."))
    answer.text = longer
    answer.save()
    _tell_reviewers(application, now=now)
    record(
        "application.add",
        by=by if isinstance(by, User) else None,
        about=application,
        place=application.program_id,
    )
    return answer


@transaction.atomic
def write_down(
    upload: AnswerFile, *, by: User, words: str, now: datetime
) -> AnswerFile:
    """Put what a recording or file says in words, for those who read without a name."""
    must_lead(by, upload.program)
    words = words.strip()
    if not words:
        raise Refused(_("Write down what it says."))
    Answer.objects.unsealed(ALL).update_or_create(
        application=upload.application,
        question=upload.question,
        defaults={"program_id": upload.program_id, "text": words[:LONGEST]},
    )
    upload.written_down_at = now
    upload.save(update_fields=["written_down_at"])
    _tell_reviewers(upload.application, now=now)
    record("answer.write_down", by=by, about=upload, place=upload.program_id)
    return upload


def _tell_reviewers(application: Application, *, now: datetime) -> None:
    copy = (
        BlindCopy.objects.unsealed("the copy follows the answers")
        .open()
        .filter(application=application)
        .first()
    )
    if copy is not None:
        renew(copy, now=now)
