"""The living agreement of a cohort. Versions are added, never edited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self, cast
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort, CohortAndLeads, CohortShared
from people.personal import NotPersonal
from people.visibility import PrivateQuerySet

LONGEST_CLAUSE = 5_000
LONGEST_TITLE = 120
LONGEST_SECTION = 60


class Section(models.TextChoices):
    """What a clause is about; the order is the order of a first charter.

    A circle may have sections of its own besides: they are kept by their name, as the
    circle wrote it, in the same column. OWN is for clauses that have no section yet.
    """

    CONFIDENTIALITY = "confidentiality", _("Confidentiality")
    FEEDBACK = "feedback", _("Feedback")
    DECISIONS = "decisions", _("Decisions")
    ATTENDANCE = "attendance", _("Attendance")
    SUPPORT = "support", _("Support")
    OWN = "own", _("Our own")


def section_name(section: str) -> str:
    """What people read: a named section in their language, an own one as it is."""
    return str(Section(section).label) if section in Section.values else section


def sections_in_order(sections: Iterable[str]) -> list[str]:
    """The named ones first, then the circle's own by name; each once."""
    known = set(sections)
    named = [section for section in Section.values if section in known]
    return named + sorted(known.difference(named))


def section_called(typed: str, *, known: Iterable[str] = ()) -> str:
    """The section that somebody means by these words; a new one of their own if none.

    Nobody gets a second "Money" by writing "money ", nor an own "Feedback".
    """
    name = " ".join(typed.split())
    wanted = name.casefold()
    for section in (*Section.values, *known):
        if wanted in (section.casefold(), section_name(section).casefold()):
            return section
    return name


class Steers(models.TextChoices):
    """What a clause also tells the software; read through `charters.values`."""

    NOTHING = "", _("Nothing: it is for us to keep")
    ATTENDANCE = "attendance", _("How much presence we expect")
    RESPONSE = "response", _("How long people have to answer")
    RECORDING = "recording", _("When a session may be recorded")
    AIRTIME = "airtime", _("Whether all see how time was shared")
    DECIDING = "deciding", _("How we decide")
    REVIEW = "review", _("How often we look at the charter")
    SUPPORT = "support", _("Who to turn to")


class Charter(CohortShared):
    """One for each cohort. Whoever changes what it says holds its row first."""

    started_at = models.DateTimeField(default=timezone.now)

    Privacy = NotPersonal("that a cohort has an agreement")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort"], name="charter_one_per_cohort")
        ]


class CharterVersionQuerySet(PrivateQuerySet):
    def of(self, cohort: Cohort) -> Self:
        return self.filter(cohort=cohort).order_by("-number")

    def in_force(self, cohort: Cohort) -> CharterVersion | None:
        """The newest, or None while the first one is still being written."""
        return cast("CharterVersion | None", self.of(cohort).first())

    def in_force_at(self, cohort: Cohort, moment: datetime) -> CharterVersion | None:
        found = self.of(cohort).filter(adopted_at__lte=moment).first()
        return cast("CharterVersion | None", found)


class CharterVersion(CohortAndLeads):
    """What the circle agreed on at one moment. The database refuses to edit it."""

    charter = models.ForeignKey(Charter, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(default=1)
    adopted_at = models.DateTimeField(default=timezone.now)
    fingerprint = models.CharField(max_length=64)
    # RESTRICT: it goes only when the whole cohort goes.
    amendment = models.ForeignKey(
        "charters.Amendment", on_delete=models.RESTRICT, related_name="+"
    )
    title = models.CharField(max_length=LONGEST_TITLE)
    # How the circle stood on that day; people who leave do not change it.
    asked = models.PositiveIntegerField(default=0)
    consented = models.PositiveIntegerField(default=0)
    concerned = models.PositiveIntegerField(default=0)
    silent = models.PositiveIntegerField(default=0)

    objects = CharterVersionQuerySet.as_manager()  # type: ignore[misc]

    Privacy = NotPersonal("the text of a circle, by nobody in particular")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["charter", "number"], name="charter_version_number_once"
            ),
            models.CheckConstraint(
                name="charter_version_counts_from_one", condition=Q(number__gte=1)
            ),
        ]
        indexes = [
            models.Index(fields=["cohort", "-number"], name="charter_version_newest")
        ]

    @property
    def agreed(self) -> int:
        return self.consented + self.concerned


class ClauseQuerySet(PrivateQuerySet):
    def of(self, version: CharterVersion) -> Self:
        return self.filter(version=version).order_by("number")


class Clause(CohortAndLeads):
    """One sentence or two of a version; its key stays the same across versions."""

    version = models.ForeignKey(
        CharterVersion, on_delete=models.CASCADE, related_name="+"
    )
    key = models.UUIDField(default=uuid4)
    number = models.PositiveIntegerField(default=1)
    section = models.CharField(max_length=LONGEST_SECTION, default=Section.OWN)
    title = models.CharField(max_length=LONGEST_TITLE)
    text = models.TextField(max_length=LONGEST_CLAUSE)
    lang = models.CharField(max_length=35, default="en")
    steers = models.CharField(
        max_length=20, choices=Steers, default=Steers.NOTHING, blank=True
    )
    value = models.JSONField(default=dict, blank=True)
    # The version in which it last changed.
    since = models.PositiveIntegerField(default=1)

    objects = ClauseQuerySet.as_manager()  # type: ignore[misc]

    Privacy = NotPersonal("the text of a circle, by nobody in particular")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "key"], name="clause_once_in_a_version"
            ),
            models.UniqueConstraint(
                fields=["version", "number"], name="clause_number_once_in_a_version"
            ),
            models.UniqueConstraint(
                fields=["version", "steers"],
                condition=~Q(steers=""),
                name="clause_steers_one_thing_once",
            ),
            models.CheckConstraint(
                name="clause_is_not_empty", condition=~Q(title="") & ~Q(text="")
            ),
        ]

    @property
    def section_name(self) -> str:
        return section_name(self.section)

    @property
    def as_parts(self) -> dict[str, Any]:
        """The clause as plain data: what wordings keep and fingerprints cover."""
        return {
            "key": str(self.key),
            "section": self.section,
            "title": self.title,
            "text": self.text,
            "lang": self.lang,
            "steers": self.steers,
            "value": self.value,
        }
