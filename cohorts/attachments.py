"""Answers by voice or file: kept with a draft, handed over with the application.

What is kept is freed of metadata (`cohorts.cleaning`) and lies under a name that
says nothing. A file leaves the disk when its row has left the database for good.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from cohorts.cleaning import PAGES, SOUNDS, Clean, NotTaken, cleaned
from cohorts.models import AnswerFile, Application, Draft, DraftFile, Question
from people.refusal import Refused

LARGEST = 5 * 1024 * 1024
MOST_OF_ONE = 20 * 1024 * 1024  # what one person may keep in one application
OURS = "its writer adds a recording or a file"


def accepted(question: Question) -> tuple[str, ...]:
    """The endings that the question takes."""
    kind = Question.Kind
    if question.kind == kind.VOICE:
        return SOUNDS
    return PAGES if question.kind == kind.FILE else (*SOUNDS, *PAGES)


def judged(question: Question, upload: Any) -> Clean:
    """What may be kept of an upload; a refusal that says how to mend it."""
    if upload.size > LARGEST:
        raise Refused(
            _("This is larger than %(size)s. Record it shorter, or make it smaller.")
            % {"size": filesizeformat(LARGEST)}
        )
    try:
        clean = cleaned(upload.read(), name=upload.name)
    except NotTaken as why:
        raise Refused(_sentence(str(why))) from why
    if clean.suffix not in accepted(question):
        raise Refused(_sentence("voice" if question.kind == "voice" else "kind"))
    return clean


def _sentence(why: str) -> str:
    return {
        "name": _(
            "The name of this file says another kind than what is in it. Save it "
            "again under its own kind."
        ),
        "broken": _("This file could not be read to its end. Send it again."),
        "locked": _(
            "This file is locked, or hides who wrote it where we cannot remove it. "
            "Print it into a new PDF and send that."
        ),
        "voice": _("Send a recording here: m4a, mp3, ogg, webm or wav."),
    }.get(
        why,
        _(
            "We take PDF, pictures (jpg, png), plain text and recordings (m4a, mp3, "
            "ogg, webm, wav)."
        ),
    )


def of_draft(draft: Draft | None) -> dict[UUID, DraftFile]:
    """What is kept with the draft, by question."""
    if draft is None:
        return {}
    rows = DraftFile.objects.unsealed(OURS).filter(draft=draft)
    return {row.question_id: row for row in rows}


@transaction.atomic
def keep(draft: Draft, *, question: Question, upload: Any, now: datetime) -> DraftFile:
    """Put it in place of what was kept for this question."""
    clean = judged(question, upload)
    rows = DraftFile.objects.unsealed(OURS).filter(draft=draft)
    held = rows.exclude(question=question).aggregate(n=Sum("size"))["n"] or 0
    if held + len(clean.content) > MOST_OF_ONE:
        raise Refused(
            _("All files together may have %(size)s. Remove one first.")
            % {"size": filesizeformat(MOST_OF_ONE)}
        )
    drop(rows.filter(question=question))
    row = DraftFile(
        draft=draft,
        question=question,
        mime=clean.mime,
        size=len(clean.content),
        added_at=now,
    )
    row.file.save(f"answer{clean.suffix}", ContentFile(clean.content), save=False)
    row.save(force_insert=True)
    return row


def drop(rows: Iterable[DraftFile | AnswerFile]) -> None:
    """Delete these rows, and their files once that is certain."""
    for row in list(rows):
        file = row.file
        row.delete()
        transaction.on_commit(partial(file.storage.delete, str(file.name)))


def hand_over(draft: Draft, application: Application) -> None:
    """What was kept with the draft belongs to the application now."""
    kept = of_draft(draft)
    AnswerFile.objects.bulk_create(
        AnswerFile(
            program_id=application.program_id,
            application=application,
            question_id=question,
            file=row.file.name,
            mime=row.mime,
            size=row.size,
            added_at=row.added_at,
        )
        for question, row in kept.items()
    )
    DraftFile.objects.unsealed(OURS).filter(draft=draft).delete()
