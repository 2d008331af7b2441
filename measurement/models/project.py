"""A live project in a cohort, the hunch it tests, and what would show it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import CohortPrivate, Membership
from people.models import Edited, Once
from people.visibility import PrivateQuerySet


class ProjectQuerySet(PrivateQuerySet):
    def live(self) -> Self:
        return self.filter(closed_at=None)


class Project(CohortPrivate, Edited, Once):
    """Something a member is trying, told to the cohort."""

    owner = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(_("what you work on"), max_length=160)
    about = models.TextField(_("in a few sentences"), max_length=3000, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # The owner lets the two numbers of its signals stand in released tables.
    shared_at = models.DateTimeField(null=True, blank=True)

    objects = ProjectQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "client_key"], name="project_once")
        ]
        indexes = [models.Index(fields=["cohort", "owner"], name="project_in_cohort")]

    class Privacy:
        whose = "owner__person"
        export = ("title", "about", "written_at", "closed_at", "shared_at")
        # Others' readings hang on it: emptied, not taken along.
        on_erase = {"title": "[withdrawn]", "about": "", "shared_at": None}


class Hypothesis(CohortPrivate):
    """If we … then … because …. A change is a new number, never an edit."""

    class Verdict(models.TextChoices):
        CONTINUE = "continue", _("go on")
        CHANGE = "change", _("change it")
        STOP = "stop", _("stop")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="hypotheses"
    )
    number = models.PositiveSmallIntegerField()
    if_we = models.CharField(_("If we …"), max_length=400)
    then = models.CharField(_("then …"), max_length=400)
    because = models.CharField(_("because …"), max_length=400, blank=True)
    decide_on = models.DateField(_("we decide to go on or stop on"))
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    learned = models.CharField(_("what we learned"), max_length=600, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"], name="hypothesis_number"
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(closed_at=None),
                name="hypothesis_one_open_at_a_time",
            ),
            models.CheckConstraint(
                name="hypothesis_closes_with_a_verdict",
                condition=Q(closed_at=None, verdict="")
                | (Q(closed_at__isnull=False) & ~Q(verdict="")),
            ),
        ]

    class Privacy:
        whose = "project__owner__person"
        export = ("number", "if_we", "then", "because", "decide_on", "verdict")
        on_erase = {
            "if_we": "[withdrawn]",
            "then": "[withdrawn]",
            "because": "",
            "learned": "",
        }


class Signal(CohortPrivate):
    """What would be seen if the hunch holds: a count, or a part of a whole."""

    class Direction(models.TextChoices):
        UP = "up", _("more is better")
        DOWN = "down", _("less is better")

    class Unit(models.TextChoices):
        PEOPLE = "people", _("people")
        ORGANISATIONS = "organisations", _("organisations")
        THINGS = "things", _("things")

    hypothesis = models.ForeignKey(
        Hypothesis, on_delete=models.CASCADE, related_name="signals"
    )
    name = models.CharField(_("what we count"), max_length=160)
    unit = models.CharField(
        _("what the numbers count"), max_length=13, choices=Unit, default=Unit.THINGS
    )
    # A percentage is kept as its two numbers: 71 of 118, never 60 %.
    is_share = models.BooleanField(_("it is a part of a whole"), default=False)
    baseline = models.PositiveIntegerField(_("before"), null=True, blank=True)
    baseline_of = models.PositiveIntegerField(_("out of"), null=True, blank=True)
    target = models.PositiveIntegerField(_("we hope for"), null=True, blank=True)
    target_of = models.PositiveIntegerField(_("out of"), null=True, blank=True)
    direction = models.CharField(max_length=4, choices=Direction, default=Direction.UP)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="signal_parts_fit_their_wholes",
                condition=(Q(baseline_of=None) | Q(baseline__lte=F("baseline_of")))
                & (Q(target_of=None) | Q(target__lte=F("target_of"))),
            ),
            models.CheckConstraint(
                name="signal_wholes_only_of_shares",
                condition=Q(is_share=True) | Q(baseline_of=None, target_of=None),
            ),
        ]

    class Privacy:
        whose = "hypothesis__project__owner__person"
        export = ("name", "unit", "baseline", "baseline_of", "target", "target_of")
        on_erase = {"name": "[withdrawn]"}


class ReadingQuerySet(PrivateQuerySet):
    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)


class Reading(CohortPrivate, Once):
    """One look at a signal on one day."""

    signal = models.ForeignKey(
        Signal, on_delete=models.CASCADE, related_name="readings"
    )
    by = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    on = models.DateField(default=timezone.localdate)
    value = models.PositiveIntegerField(_("how many"))
    out_of = models.PositiveIntegerField(_("out of"), null=True, blank=True)
    note = models.CharField(_("how it was counted"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ReadingQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["by", "signal", "client_key"], name="reading_once"
            ),
            models.CheckConstraint(
                name="reading_part_fits_its_whole",
                condition=Q(out_of=None) | Q(value__lte=F("out_of")),
            ),
        ]
        indexes = [models.Index(fields=["signal", "-on"], name="reading_of_signal")]

    class Privacy:
        whose = "by__person"
        export = ("on", "value", "out_of", "note")
        on_erase = "delete"
