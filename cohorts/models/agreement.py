"""What taking part asks of a person, and the exact text they signed."""

from __future__ import annotations

import hashlib
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from people.models import Once, Row
from people.personal import NotPersonal

from .confidentiality import ApplicantAndLeads
from .program import Program


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def in_force(self) -> Self:
        """The newest of each program."""
        newest = Agreement.objects.filter(program=models.OuterRef("program"))
        return self.filter(
            number=models.Subquery(newest.order_by("-number").values("number")[:1])
        )


class Agreement(Row, Once):
    """One version of a program's participation agreement. Never edited."""

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="agreements"
    )
    number = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=10, blank=True)
    text = models.TextField(_("the agreement"), max_length=20_000)
    sha256 = models.CharField(max_length=64)
    offered_at = models.DateTimeField(default=now)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = AgreementQuerySet.as_manager()

    not_private = "told to everyone who is invited, before they join"
    Privacy = NotPersonal("a text of the program; who signed stands in Signature")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "number"], name="agreement_number_once"
            ),
            models.UniqueConstraint(
                fields=["program", "client_key"], name="agreement_made_once"
            ),
        ]


class Signature(ApplicantAndLeads):
    """A person's answer to one version: signed, or declined."""

    audience = "its person and the program leads"
    applicant_path = "person"

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    # What stood before the person's eyes, letter by letter.
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    name_typed = models.CharField(max_length=300, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "person"], name="agreement_answered_once"
            ),
            models.CheckConstraint(
                name="signature_signed_or_declined",
                condition=(
                    Q(signed_at__isnull=False, declined_at=None) & ~Q(name_typed="")
                )
                | Q(signed_at=None, declined_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["person", "agreement"])]

    class Privacy:
        whose = "person"
        export = ("text", "sha256", "name_typed", "signed_at", "declined_at", "note")
        on_erase = "delete"


def hash_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
