"""Harm is not for repair: who can be reached outside the program, and who says so.

And all that a program's leads learn of repair: how many asked for it in a quarter that
is over, in bands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from charters.models import CareContact, RepairCase
from cohorts.models import Appointment, Program
from people.models import User, record
from people.refusal import Refused
from people.wall_time import MIDNIGHT, local_day, wall_to_utc

QUARTERS_SHOWN = 4
# Below the first bound nothing is told apart, none from a few least of all.
BOUNDS = (5, 10, 20)


def contact_of(program: Program) -> CareContact | None:
    return CareContact.objects.filter(program=program).first()


@transaction.atomic
def say_whom(
    program: Program,
    *,
    by: User,
    name: str,
    reach: str,
    hours: str = "",
    tongues: str = "",
    now: datetime | None = None,
) -> CareContact:
    """Name the care contact of a program, or change what is said of it."""
    leads = Appointment.objects.active().filter(
        program=program, person=by, role=Appointment.Role.LEAD
    )
    if not leads.exists():
        raise Refused(_("Only a lead of the program says who its care contact is."))
    # The program's row is the turnstile: two leads who name the first one at once.
    Program.objects.select_for_update().get(pk=program.pk)
    contact = contact_of(program) or CareContact(program=program, edition=0)
    contact.name, contact.reach = name.strip(), reach.strip()
    contact.hours, contact.tongues = hours.strip(), tongues.strip()
    contact.edition += 1
    contact.changed_at = now or timezone.now()
    contact.save()
    record("care.say", by=by, about=contact, place=program.pk)
    return contact


@dataclass(frozen=True)
class Band:
    """Between how many and how many asked; `most` None means: or more."""

    begins: date
    ends: date
    least: int
    most: int | None


def bands(program: Program, *, now: datetime) -> list[Band]:
    """The quarters that are over, the newest first. The one that runs is not told.

    A number that moved while somebody looked would tell that it was today, and where
    hardly anybody asked would tell that anybody did.
    """
    told = []
    for begins, ends in _quarters_before(local_day(now, program.timezone)):
        asked = (
            RepairCase.objects.unsealed("counted in bands, for the leads")
            .filter(
                cohort__program=program,
                asked_at__gte=wall_to_utc(begins, MIDNIGHT, program.timezone),
                asked_at__lt=wall_to_utc(
                    ends + timedelta(days=1), MIDNIGHT, program.timezone
                ),
            )
            .count()
        )
        least, most = band_of(asked)
        told.append(Band(begins, ends, least, most))
    return told


def band_of(count: int) -> tuple[int, int | None]:
    least = 0
    for bound in BOUNDS:
        if count < bound:
            return least, bound - 1
        least = bound
    return least, None


def _quarters_before(today: date) -> Iterator[tuple[date, date]]:
    begins = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    for _n in range(QUARTERS_SHOWN):
        ends = begins - timedelta(days=1)
        begins = date(ends.year, ends.month - 2, 1)
        yield begins, ends
