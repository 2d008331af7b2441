"""Take the demo away: its program, its people, what they wrote, the mails to them."""

from __future__ import annotations

from uuid import UUID

from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from cohorts.models import (
    Answer,
    Appointment,
    Program,
    Score,
    Signature,
    TraitAnswer,
)
from cohortsite.demo.people import DOMAIN
from library.models import COPIES, ProgramCopy, Resource, ResourceTagging, Tag
from measurement.models import Release
from people import mailbox
from people.models import Export, OutboxMessage, Record, User

REASON = "the demo is removed whole"
# A name that nobody outside can own: reserved for examples.
ITS_PEOPLE = Q(email__iendswith=f"@{DOMAIN}")


def may_remove(person: User, program: Program) -> bool:
    leads = Appointment.objects.active().filter(
        person=person, program=program, role=Appointment.Role.LEAD
    )
    return program.is_demo and leads.exists()


def remove(program: Program, *, by: User) -> None:
    """Leave nothing of the demo behind, and touch nobody else.

    Whoever came in from outside keeps their account and loses their place here.
    """
    if not may_remove(by, program):
        raise PermissionDenied(_("Only a lead of the demo can remove it."))
    people = list(User.objects.filter(ITS_PEOPLE))
    sessions = list(UserSession.objects.filter(user__in=people))
    exports = list(Export.objects.unsealed(REASON).filter(person__in=people))
    with transaction.atomic():
        _remove_rows(program, people)
    # What is not in the database goes once it is certain that all else went.
    for export in exports:
        export.file.delete(save=False)
    for session in sessions:
        session.end()
    mailbox.remove(to_domain=DOMAIN)


def _remove_rows(program: Program, people: list[User]) -> None:
    Program.objects.select_for_update().get(pk=program.pk)
    cohorts = list(program.cohorts.values_list("pk", flat=True))
    _remove_what_is_not_joined(program, cohorts, people)
    # These hold on to what they answer, so they go first.
    for model in (Score, Answer, TraitAnswer):
        model.objects.unsealed(REASON).filter(program=program).delete()
    Signature.objects.unsealed(REASON).filter(
        Q(program=program) | Q(person__in=people)
    ).delete()
    words = list(
        ResourceTagging.objects.filter(content_object__cohort__in=cohorts)
        .values_list("tag", flat=True)
        .distinct()
    )
    program.delete()
    User.objects.filter(pk__in=[person.pk for person in people]).delete()
    Tag.objects.filter(pk__in=words).exclude(
        Exists(ResourceTagging.objects.filter(tag=OuterRef("pk")))
    ).delete()


def _remove_what_is_not_joined(
    program: Program, cohorts: list[UUID], people: list[User]
) -> None:
    """Rows that know the demo by its keys alone: copies, releases, records, mails."""
    originals = list(
        Resource.objects.unsealed(REASON)
        .filter(cohort__in=cohorts)
        .values_list("pk", flat=True)
    )
    for table in COPIES.values():
        rows = (
            table.objects.unsealed(REASON)
            if table is ProgramCopy
            else table.objects.all()
        )
        rows.filter(original__in=originals).delete()
    Release.objects.filter(program_id=program.pk).delete()
    Record.objects.filter(
        Q(place__in=[program.pk, *cohorts]) | Q(actor__in=people)
    ).delete()
    OutboxMessage.objects.filter(address__iendswith=f"@{DOMAIN}").delete()
