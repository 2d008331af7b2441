"""Who reads what: what a reviewer can take, what was handed out, what stood in the way.

And what leads learn from the readings: the places of applications without the
severity of whoever read them.
"""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from people.models import Edited
from people.personal import NotPersonal
from people.visibility import PrivateQuerySet

from .application import BlindCopy
from .confidentiality import (
    LeadsAndReviewers,
    LeadsOnly,
    in_programs_i_serve,
    only_mine,
)
from .intake import Intake
from .program import Appointment

MOST_TIES_NAMED = 20


class ReadingTerms(LeadsAndReviewers, Edited):
    """What one reviewer can take in one call: for themselves and the leads."""

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    # None: as many as come.
    capacity = models.PositiveSmallIntegerField(
        _("how many you can read"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(2000)],
    )
    # None named: any.
    languages = ArrayField(
        models.CharField(max_length=35),
        verbose_name=_("languages you read"),
        default=list,
        blank=True,
    )
    # People and organisations they have a stake in; compared with who applies, so
    # that a reviewer need not know who that is.
    ties = ArrayField(
        models.CharField(max_length=120),
        verbose_name=_("people and organisations you have a stake in"),
        default=list,
        blank=True,
        size=MOST_TIES_NAMED,
    )
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["intake", "reviewer"], name="reading_terms_once"
            )
        ]

    class Privacy:
        whose = "reviewer"
        export = ("capacity", "languages", "ties", "changed_at")
        on_erase = "delete"

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return super().readable_by(viewer) & (
            only_mine(viewer, "reviewer")
            | in_programs_i_serve(viewer, Appointment.Role.LEAD)
        )


class HandoutQuerySet(PrivateQuerySet):
    def standing(self) -> Self:
        return self.filter(undone_at=None)


class Handout(LeadsOnly):
    """One round of handing out readings; undone, it takes back what nobody began."""

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    handed_at = models.DateTimeField(default=now)
    # With it and the rows of that moment, anybody comes to the same assignment.
    seed = models.PositiveBigIntegerField(default=0)
    readings = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = HandoutQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        indexes = [models.Index(fields=["intake", "-handed_at"])]

    class Privacy:
        whose = "handed_by"
        export = ("handed_at", "readings")
        on_erase = {"handed_by": None}


class WhyNot(models.TextChoices):
    """Why somebody should not read an application."""

    KNOWS = "knows", _("I know who this is")
    WORKS = "works", _("we work together, or did")
    CLOSE = "close", _("family, or a close friend")
    STAKE = "stake", _("I have something to gain or to lose")
    LANGUAGE = "language", _("I cannot read it well enough")
    OTHER = "other", _("something else")


class Overruling(LeadsOnly):
    """A lead looked at a conflict that was inferred, and lets the reviewer read."""

    copy = models.ForeignKey(BlindCopy, on_delete=models.CASCADE, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    reason = models.CharField(_("why it may be read all the same"), max_length=500)
    overruled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    overruled_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["copy", "reviewer"], name="overruling_once_for_a_pair"
            )
        ]

    class Privacy:
        whose = "reviewer"
        export = ()  # about who applied, not about the reviewer
        about = "copy__application__applicant"
        on_erase = "delete"


class KeptApart(LeadsOnly):
    """A reviewer who should not read a copy, by what is known of both.

    Reviewers never see these: that somebody from their organisation applied would
    already say who.
    """

    copy = models.ForeignKey(BlindCopy, on_delete=models.CASCADE, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    # Of `cohorts.conflicts.Kind`.
    kinds = ArrayField(models.CharField(max_length=20))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reviewer", "copy"], name="kept_apart_once_for_a_pair"
            )
        ]

    class Privacy:
        whose = "reviewer"
        export = ()  # about who applied, not about the reviewer
        about = "copy__application__applicant"
        on_erase = "delete"


class Comparison(LeadsOnly):
    """One reviewer was compared with everybody who had applied to a call by then.

    `copies` tells how many that were: while the call has another number, somebody is
    not compared yet, and is offered to this reviewer only by a lead.
    """

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    copies = models.PositiveIntegerField()
    compared_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["intake", "reviewer"], name="comparison_once_for_a_reviewer"
            )
        ]

    class Privacy:
        whose = "reviewer"
        export = ()  # how far the house is with its work
        on_erase = "delete"


class Redaction(LeadsOnly):
    """Words that a lead hid from reviewers, besides the applicant's own names."""

    copy = models.OneToOneField(BlindCopy, on_delete=models.CASCADE, related_name="+")
    words = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    changed_at = models.DateTimeField(default=now)

    class Privacy:
        whose = "copy__application__applicant"
        export = ()  # the application itself is in the export
        on_erase = "delete"


class EarlierCopy(LeadsAndReviewers):
    """What a blind copy said before its applicant changed it."""

    copy = models.ForeignKey(BlindCopy, on_delete=models.CASCADE, related_name="+")
    texts = models.JSONField(default=dict)
    offers = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    until = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["copy", "until"])]

    class Privacy:
        whose = "copy__application__applicant"
        export = ()  # the application itself is in the export
        on_erase = "delete"


class PracticeReading(LeadsAndReviewers, Edited):
    """How a reviewer would score a made-up application, before the real ones.

    Others' are hidden until all of one's own are in.
    """

    SAMPLES = (1, 2, 3)

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    sample = models.PositiveSmallIntegerField()
    # A level for each criterion, by its key.
    levels = models.JSONField(default=dict)
    done_at = models.DateTimeField(default=now)
    # All the samples of this reviewer are read: kept on each, to be asked cheaply.
    is_whole = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["intake", "reviewer", "sample"], name="practice_reading_once"
            ),
            models.CheckConstraint(
                name="practice_reading_of_a_sample", condition=Q(sample__range=(1, 3))
            ),
        ]

    class Privacy:
        whose = "reviewer"
        export = ("sample", "levels", "done_at")
        on_erase = "delete"

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        mine = only_mine(viewer, "reviewer")
        if not viewer.is_authenticated:
            return super().readable_by(viewer) & mine
        own = PracticeReading.objects.unsealed("asks whether one's own are all in")
        whole = own.filter(reviewer=viewer, is_whole=True, intake=OuterRef("intake"))
        return super().readable_by(viewer) & (
            mine
            | in_programs_i_serve(viewer, Appointment.Role.LEAD)
            | Q(Exists(whole), is_whole=True)
        )


class Reckoned(LeadsOnly):
    """What the readings of a call say once severity is taken out; one for a call.

    Worked out aside, for it takes longer than a page may: `readings` tells how many
    it rests on, so that a page can say when it is behind.
    """

    intake = models.OneToOneField(Intake, on_delete=models.CASCADE, related_name="+")
    readings = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(default=now)
    # The latest change of a reading that went into it.
    as_of = models.DateTimeField(null=True, blank=True)
    # The places, best first: application, expected place, lowest, highest, readings,
    # the score without severity, the mean as given, the lowest and the highest score.
    places = models.JSONField(default=list)
    # Agreement by criterion and on the whole; the three variances. How severe which
    # reviewer is stands nowhere: nobody is scored as a person.
    facts = models.JSONField(default=dict)

    Privacy = NotPersonal("places by the key of an application; made anew each time")


__all__ = [
    "Comparison",
    "EarlierCopy",
    "Handout",
    "KeptApart",
    "Overruling",
    "PracticeReading",
    "ReadingTerms",
    "Reckoned",
    "Redaction",
    "WhyNot",
]
