"""An import of applicants on its way: nothing is an application until confirmed."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from .application import Application
from .confidentiality import LeadsOnly
from .intake import Intake


class ImportBatch(LeadsOnly):
    class State(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        IMPORTING = "importing", _("being imported")
        IMPORTED = "imported", _("imported")
        UNDONE = "undone", _("undone")

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    filename = models.CharField(max_length=200)
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1)
    headers = ArrayField(models.CharField(max_length=300))
    # Column number -> "called", "email", "question:<id>", "trait:<id>", "trait:new" …
    mapping = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.UPLOADED)
    rows_in_all = models.PositiveIntegerField(default=0)
    rows_seen = models.PositiveIntegerField(default=0)
    rows_good = models.PositiveIntegerField(default=0)
    uploaded_at = models.DateTimeField(default=now)
    imported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["intake", "-uploaded_at"])]

    class Privacy:
        whose = "uploaded_by"
        export = ("filename", "state", "rows_in_all", "uploaded_at")
        on_erase = {"uploaded_by": None}


class ImportRow(LeadsOnly):
    """One line of the file, as text; emptied once it became an application."""

    class Verdict(models.TextChoices):
        UNSEEN = "", _("not checked yet")
        GOOD = "good", _("fine")
        BAD = "bad", _("cannot be read")
        DOUBLE = "double", _("already there")

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="+")
    # As a spreadsheet counts: the line of headings is 1.
    number = models.PositiveIntegerField()
    cells = ArrayField(models.TextField(), default=list, blank=True)
    verdict = models.CharField(max_length=6, choices=Verdict, default="", blank=True)
    # [[column number or null, sentence], …]
    problems = models.JSONField(default=list, blank=True)
    application = models.ForeignKey(
        Application, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "number"], name="import_row_number_once"
            )
        ]
        indexes = [
            models.Index(fields=["batch", "verdict", "number"], name="import_row_shown")
        ]

    class Privacy:
        whose = "application__applicant"
        export = ()  # the application itself is in the export
        on_erase = "delete"
