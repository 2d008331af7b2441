"""How applications are read: criteria with four labelled levels each."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import Edited, Row
from people.personal import NotPersonal

from .intake import Intake


class Criterion(Row, Edited):
    """One thing reviewers look for."""

    LEVELS = (1, 2, 3, 4)

    intake = models.ForeignKey(
        Intake, on_delete=models.CASCADE, related_name="criteria"
    )
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("what you look for"), max_length=160)
    help = models.CharField(_("how to tell"), max_length=500, blank=True)
    # Lowest first.
    levels = ArrayField(
        models.CharField(max_length=200), size=4, verbose_name=_("the four levels")
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MaxValueValidator(10)]
    )
    beside_score = models.BooleanField(
        _("shown beside the score, not in it"), default=False
    )

    not_private = "how applications are read is told to everyone who applies"
    Privacy = NotPersonal("a measure, the scores stand in Score")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="criterion_has_four_levels", condition=Q(levels__len=4)
            )
        ]
        indexes = [models.Index(fields=["intake", "position"])]
