"""From a signed proposal to cohorts: nothing is sent before two people signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.addresses import free_slug
from cohorts.joining import invite
from cohorts.models import (
    Cohort,
    Composition,
    CompositionGroup,
    CompositionSignature,
    Role,
    Seat,
)
from cohorts.moving import difference
from cohorts.seating import groups_of, locked, must_lead, seats_of
from cohorts.signing import answers_that_hold
from people.models import User, record
from people.refusal import Refused

SIGNATURES_NEEDED = 2


def name_is_taken(name: str) -> str:
    return _(
        "A cohort of this program is called %(name)s already. Choose another name."
    ) % {"name": name}


def what_hinders(composition: Composition) -> list[str]:
    """Every reason why it cannot be published yet, as sentences."""
    found = []
    answers = answers_that_hold(composition)
    signed = sum(a.answer == CompositionSignature.Answer.SIGNED for a in answers)
    if signed < SIGNATURES_NEEDED:
        missing = SIGNATURES_NEEDED - signed
        found.append(
            ngettext(
                "One more person has to sign this arrangement.",
                "%(n)s more people have to sign this arrangement.",
                missing,
            )
            % {"n": missing}
        )
    found += [
        _("%(name)s does not want it like this. Talk first.") % {"name": a.person.name}
        for a in answers
        if a.answer == CompositionSignature.Answer.REFUSED
    ]
    if composition.broken:
        found.append(
            ngettext(
                "One rule is still broken.",
                "%(n)s rules are still broken.",
                composition.broken,
            )
            % {"n": composition.broken}
        )
    if difference(composition):
        found.append(
            _("Somebody's answer changed since. Bring the proposal up to date.")
        )
    seated = seats_of(composition).filter(group__isnull=False)
    taken = Cohort.objects.filter(program=composition.program_id).names_taken()
    filled = set(seated.values_list("group", flat=True))
    groups = [group for group in groups_of(composition) if group.pk in filled]
    found += [
        _("Say who will hold %(group)s.") % {"group": group.name}
        for group in groups
        if not group.facilitator_email
    ]
    found += [
        name_is_taken(group.name)
        for group in groups
        if group.name.strip().casefold() in taken
    ]
    unreachable = seated.filter(
        application__email="", application__applicant=None
    ).count()
    if unreachable:
        found.append(
            ngettext(
                "One person has no mail address.",
                "%(n)s people have no mail address.",
                unreachable,
            )
            % {"n": unreachable}
        )
    if not seated.exists():
        found.append(_("Nobody has a seat."))
    return found


@transaction.atomic
def publish(
    composition: Composition, *, by: User, now: datetime | None = None
) -> list[Cohort]:
    """Turn groups into cohorts and seats into invitations; again changes nothing.

    Refused unless two people signed exactly this arrangement.
    """
    now = now or timezone.now()
    composition = locked(composition.pk)
    must_lead(by, composition)
    groups = groups_of(composition)
    if composition.state == Composition.State.PUBLISHED:
        return [group.cohort for group in groups if group.cohort]
    if not composition.is_open:
        raise Refused(_("This proposal is not open."))
    hindering = what_hinders(composition)
    if hindering:
        raise Refused(" ".join(hindering))
    composition.state = Composition.State.PUBLISHED
    composition.published_at = now
    try:
        with transaction.atomic():
            composition.save(update_fields=["state", "published_at"])
    except IntegrityError as error:
        raise Refused(
            _("Another proposal of this call was published already.")
        ) from error
    seats: dict[UUID, list[Seat]] = {}
    for seat in (
        seats_of(composition)
        .filter(group__isnull=False)
        .select_related("application__applicant")
        .order_by("pk")
    ):
        seats.setdefault(seat.group_id, []).append(seat)
    made = []
    for group in groups:
        if not seats.get(group.pk):
            continue
        cohort = Cohort.objects.create(
            program_id=composition.program_id,
            slug=free_slug(group.name, Cohort),
            name=group.name,
            timezone=composition.intake.timezone,
            created_at=now,
        )
        group.cohort = cohort
        group.save(update_fields=["cohort"])
        _invite_all(cohort, group, seats[group.pk], by=by, now=now)
        made.append(cohort)
    Composition.objects.unsealed("its rivals are set aside").filter(
        intake=composition.intake_id
    ).exclude(pk=composition.pk).exclude(state=Composition.State.FAILED).update(
        state=Composition.State.SET_ASIDE, edition=F("edition") + 1
    )
    record(
        "composition.publish", by=by, about=composition, place=composition.program_id
    )
    return made


def _invite_all(
    cohort: Cohort,
    group: CompositionGroup,
    seats: Sequence[Seat],
    *,
    by: User,
    now: datetime,
) -> None:
    founding: dict[str, Any] = {"into": cohort, "by": by, "founding": True, "now": now}
    invite(group.facilitator_email, role=Role.FACILITATOR, **founding)
    holds = group.facilitator_email.strip().lower()
    for seat in seats:
        one = seat.application
        address = one.applicant.email if one.applicant else one.email
        if address.lower() == holds:
            continue  # invited already, to hold it
        invite(
            address,
            called=one.called,
            language=one.language,
            application=one,
            **founding,
        )
