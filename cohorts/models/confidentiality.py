"""What may be read in a cohort and in a program, and by whom.

The only place that says so. One table has one audience: a row's class decides
who reads it, never a column. Funders and superusers appear in no clause, on
purpose. Each base may be narrowed with `&` by a model; none may be widened.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from people.models import PrivateRow

from .cohort import Cohort
from .membership import Membership, Role
from .program import Appointment, Program

NOBODY = Q(pk__in=())


def _stranger(viewer: Any) -> bool:
    return not viewer.is_authenticated or not viewer.is_active


def in_my_cohorts(viewer: Any, path: str = "cohort") -> Q:
    """Rows of the cohorts in which `viewer` sits now."""
    if _stranger(viewer):
        return NOBODY
    mine = Membership.objects.active().filter(person=viewer)
    return Q(**{f"{path}__in": mine.values("cohort")})


def in_my_cohorts_since_i_read(viewer: Any) -> Q:
    """The same, and written after the viewer's own beginning there."""
    if _stranger(viewer):
        return NOBODY
    return Q(
        Exists(
            Membership.objects.active().filter(
                person=viewer,
                cohort=OuterRef("cohort"),
                reads_from__lte=OuterRef("written_at"),
            )
        )
    )


def in_cohorts_i_facilitate(viewer: Any, path: str = "cohort") -> Q:
    if _stranger(viewer):
        return NOBODY
    mine = Membership.objects.active().facilitators().filter(person=viewer)
    return Q(**{f"{path}__in": mine.values("cohort")})


def in_programs_i_serve(viewer: Any, *roles: str, path: str = "program") -> Q:
    """Rows of the programs in which `viewer` holds one of these appointments."""
    if _stranger(viewer):
        return NOBODY
    mine = Appointment.objects.active().filter(person=viewer, role__in=roles)
    return Q(**{f"{path}__in": mine.values("program")})


def in_programs_i_belong_to(viewer: Any, path: str = "program") -> Q:
    """Rows of the programs whose cohorts `viewer` sits in, or that they help run.

    Funders are left out: what a program shares among its people is not theirs.
    """
    if _stranger(viewer):
        return NOBODY
    seats = Membership.objects.active().filter(person=viewer)
    tasks = Appointment.objects.active().filter(
        person=viewer, role__in=(Appointment.Role.LEAD, Appointment.Role.REVIEWER)
    )
    return Q(**{f"{path}__in": seats.values("cohort__program")}) | Q(
        **{f"{path}__in": tasks.values("program")}
    )


def only_mine(viewer: Any, path: str = "person") -> Q:
    return NOBODY if _stranger(viewer) else Q(**{path: viewer})


class CohortPrivate(PrivateRow):
    """Belongs to one cohort, is read by it, and leaves it for nobody."""

    audience = "cohort"

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return in_my_cohorts_since_i_read(viewer)


class CohortShared(PrivateRow):
    """Belongs to one cohort and is whole for everyone in it, late joiners too.

    For what the cohort lives by: its charter, its sessions' dates.
    """

    audience = "cohort, from its beginning"

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return in_my_cohorts(viewer)


class CohortAndLeads(PrivateRow):
    """Whole for everyone in the cohort, and to be read by its program's leads.

    For the charter as it was adopted; what was said on the way is the circle's own.
    """

    audience = "cohort, and its program's leads"

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return in_my_cohorts(viewer) | in_programs_i_serve(
            viewer, Appointment.Role.LEAD, path="cohort__program"
        )


class FacilitatorsOnly(PrivateRow):
    """For the cohort's facilitators: notes, invitations on their way."""

    audience = "facilitators"

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return in_cohorts_i_facilitate(viewer)


class FacilitatorsAndLeads(PrivateRow):
    """For those who bring people in: a cohort's facilitators, its program's leads."""

    audience = "facilitators and program leads"

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return in_cohorts_i_facilitate(viewer) | in_programs_i_serve(
            viewer, Appointment.Role.LEAD, path="cohort__program"
        )


class MineOnly(PrivateRow):
    """For one person: drafts, own airtime, private notes."""

    audience = "its person"

    person = models.ForeignKey(
        "people.User", on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        abstract = True

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return only_mine(viewer)


class NamedOnly(PrivateRow):
    """For the people that the row itself names, and nobody beside them.

    Neither a facilitator nor a lead reads it for being one. Whoever left the circle
    reads it no more, nor does somebody from outside whose task in the program ended.
    """

    audience = "the people it names"
    # The paths to them.
    named: ClassVar[tuple[str, ...]] = ()

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        named = NOBODY
        for path in cls.named:
            named |= only_mine(viewer, path)
        return named & (
            in_my_cohorts(viewer)
            | in_programs_i_serve(
                viewer, Appointment.Role.THIRD_PARTY, path="cohort__program"
            )
        )


class ProgramShared(PrivateRow):
    """For everyone who belongs to one program: what a cohort passed on to it."""

    audience = "program"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return in_programs_i_belong_to(viewer)


class LeadsOnly(PrivateRow):
    """For the leads of one program: applications, decisions, compositions."""

    audience = "program leads"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return in_programs_i_serve(viewer, Appointment.Role.LEAD)


class ApplicantAndLeads(PrivateRow):
    """For the person who applied and the leads of the program they applied to."""

    audience = "its applicant and the program leads"
    # Where the row keeps the person who applied; None for those without an account.
    applicant_path = "application__applicant"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return in_programs_i_serve(viewer, Appointment.Role.LEAD) | only_mine(
            viewer, cls.applicant_path
        )


class LeadsAndReviewers(PrivateRow):
    """For a program's leads and reviewers: what a blind reading may show."""

    audience = "program leads and reviewers"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return in_programs_i_serve(
            viewer, Appointment.Role.LEAD, Appointment.Role.REVIEWER
        )


__all__ = [
    "NOBODY",
    "ApplicantAndLeads",
    "CohortPrivate",
    "CohortShared",
    "FacilitatorsAndLeads",
    "FacilitatorsOnly",
    "LeadsAndReviewers",
    "LeadsOnly",
    "MineOnly",
    "NamedOnly",
    "ProgramShared",
    "Role",
    "in_cohorts_i_facilitate",
    "in_my_cohorts",
    "in_my_cohorts_since_i_read",
    "in_programs_i_belong_to",
    "in_programs_i_serve",
    "only_mine",
]
