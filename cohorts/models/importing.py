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
    # Of a workbook: the sheet that was read, and those there are.
    sheet = models.CharField(max_length=255, blank=True)
    sheets = ArrayField(models.CharField(max_length=255), default=list, blank=True)
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


class ImportFile(LeadsOnly):
    """The file itself, to be read once more by another sheet or as other letters.

    Forgotten when its import is confirmed or thrown away.
    """

    batch = models.OneToOneField(
        ImportBatch, on_delete=models.CASCADE, related_name="+"
    )
    content = models.BinaryField()

    class Privacy:
        whose = "batch__uploaded_by"
        export = ()  # people who are no applicants yet, and not the uploader
        on_erase = "keep"
        why = "the program's file on its way in; the uploader's name goes"


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
    # What the file itself says of its cells: [[column number, which way, a word], …]
    marks = models.JSONField(default=list, blank=True)
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


class Disclosure(LeadsOnly):
    """Traits or sensitive answers left the house in a table: who took them, and why."""

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.TextField(max_length=500)
    with_traits = models.BooleanField(default=False)
    with_sensitive = models.BooleanField(default=False)
    people = models.PositiveIntegerField()
    taken_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="disclosure_has_a_reason", condition=~models.Q(reason="")
            )
        ]
        indexes = [models.Index(fields=["intake", "-taken_at"])]

    class Privacy:
        whose = "taken_by"
        export = ("reason", "with_traits", "with_sensitive", "people", "taken_at")
        # The act stays on record for those it was about; the name goes.
        on_erase = {"taken_by": None}
