"""What somebody agreed to show of their application, answer by answer."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import now

from people.models import PrivateRow
from people.visibility import PrivateQuerySet

from .application import Application
from .confidentiality import in_cohorts_i_facilitate, in_programs_i_serve, only_mine
from .intake import Question
from .invitation import Invitation
from .program import Appointment, Program


class SharedAnswerQuerySet(PrivateQuerySet):
    def standing(self) -> Self:
        """Agreed to, and not taken back."""
        return self.filter(withdrawn_at=None)


class SharedAnswer(PrivateRow):
    """A consent: these very words may be read by those who hold my cohort.

    It keeps the words and their hash, so that nothing else is ever shown than what
    was agreed to. Taken back, the words go at once; that there was a consent, and
    until when, stays with its person.
    """

    audience = "its applicant, the facilitators of their cohort, the program leads"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="+"
    )
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=20_000, blank=True)
    sha256 = models.CharField(max_length=64)
    agreed_at = models.DateTimeField(default=now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = SharedAnswerQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "question"],
                condition=Q(withdrawn_at=None),
                name="shared_answer_once_at_a_time",
            ),
            models.CheckConstraint(
                name="shared_answer_taken_back_keeps_no_words",
                condition=Q(withdrawn_at=None) | Q(text=""),
            ),
        ]

    class Privacy:
        whose = "application__applicant"
        export = ("text", "sha256", "agreed_at", "withdrawn_at")
        on_erase = "delete"

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        """Facilitators: of the very cohort that the application led to, while its
        person sits there."""
        seats = Invitation.objects.unsealed("which seat came of which application")
        holds = Q(
            Exists(
                seats.filter(
                    in_cohorts_i_facilitate(viewer),
                    application=OuterRef("application"),
                    membership__person=OuterRef("application__applicant"),
                    membership__left_at=None,
                )
            ),
            withdrawn_at=None,
            application__state=Application.State.SUBMITTED,
            application__reply=Application.Reply.ACCEPTED,
        )
        leads = in_programs_i_serve(viewer, Appointment.Role.LEAD)
        return holds | leads | only_mine(viewer, "application__applicant")
