"""Recordings and files that answer a question: the writer's own while it is a
draft, and those of the applicant and the leads once it is sent."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from people.models import PrivateRow, uuid7

from .application import Application, Draft
from .confidentiality import ApplicantAndLeads, only_mine
from .intake import Question


def upload_path(row: Any, name: str) -> str:
    """A name that says nothing; `name` gives its suffix only."""
    key = uuid7().hex
    return f"answers/{key[-2:]}/{key}.{name.rsplit('.', 1)[-1]}"


class Upload(models.Model):
    """What both have: the file as it was freed of what it told unasked."""

    file = models.FileField(
        upload_to=upload_path, max_length=120, blank=True, default=""
    )
    mime = models.CharField(max_length=40, default="text/plain")
    size = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField(default=now)

    class Meta:
        abstract = True

    @property
    def is_sound(self) -> bool:
        return self.mime.startswith("audio/")

    @property
    def suffix(self) -> str:
        return "." + str(self.file.name).rsplit(".", 1)[-1]


class DraftFile(Upload, PrivateRow):
    """An answer by voice or file, in a draft."""

    audience = "its writer"

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "question"], name="draft_file_once_to_a_question"
            )
        ]

    class Privacy:
        whose = "draft__person"
        export = ("file", "size", "added_at")
        on_erase = "delete"

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return only_mine(viewer, "draft__person")


class AnswerFile(Upload, ApplicantAndLeads):
    """An answer by voice or file, as it was sent. Reviewers read its words only."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="+"
    )
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    # Somebody wrote down what it says.
    written_down_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "question"],
                name="answer_file_once_to_a_question",
            )
        ]

    class Privacy:
        whose = "application__applicant"
        export = ("file", "size", "added_at")
        on_erase = "delete"
