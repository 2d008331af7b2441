"""What is sensitive leaves the house only with a reason, and that is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.models import Disclosure, Intake
from cohorts.rights import must_lead
from people.models import User, record
from people.refusal import Refused


@transaction.atomic
def disclose(
    intake: Intake,
    *,
    by: User,
    reason: str,
    traits: bool,
    sensitive: bool,
    people: int,
    now: datetime,
) -> Disclosure:
    """Write down who takes traits or sensitive answers of how many people, and why."""
    must_lead(by, intake.program)
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say in a few words what you need them for."))
    made = Disclosure.objects.create(
        program_id=intake.program_id,
        intake=intake,
        taken_by=by,
        reason=reason[:500],
        with_traits=traits,
        with_sensitive=sensitive,
        people=people,
        taken_at=now,
    )
    record("applications.disclose", by=by, about=made, place=intake.program_id)
    return made
