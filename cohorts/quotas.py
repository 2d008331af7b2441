"""Quotas of a call: what seats are kept for, and why, told to everyone.

They may be changed until a draw is published; from then on they stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import (
    DrawRecord,
    Intake,
    Quota,
    QuotaChange,
    RandomSource,
    Trait,
)
from cohorts.models.selection import DrawRecordQuerySet
from cohorts.rights import must_lead
from people.models import User, create_once, record
from people.refusal import Refused


@dataclass(frozen=True, kw_only=True)
class Easing:
    """A quota, by its key, and the bounds it gets."""

    quota: UUID
    least: int
    most: int


def quotas_of(intake: Intake) -> list[Quota]:
    """In the order of the traits they count."""
    return list(
        Quota.objects.filter(intake=intake)
        .select_related("trait")
        .order_by("trait__position", "trait", "value", "pk")
    )


def changes_of(intake: Intake) -> list[QuotaChange]:
    return list(
        QuotaChange.objects.filter(quota__intake=intake)
        .select_related("quota__trait")
        .order_by("changed_at", "pk")
    )


def is_fixed(intake: Intake) -> bool:
    """Whether a draw is published: then everything it rests on stays."""
    return DrawRecord.objects.standing().filter(intake=intake).exists()


def refuse_if_fixed(intake: Intake) -> None:
    if is_fixed(intake):
        raise Refused(
            _("The draw of this call is published, so what it rests on stays.")
        )


def lock(intake: Intake) -> None:
    """Whoever changes how a call selects takes turns."""
    Intake.objects.select_for_update(of=("self",)).get(pk=intake.pk)


def _turn_of(intake: Intake, *, by: User) -> None:
    must_lead(by, intake.program)
    lock(intake)
    refuse_if_fixed(intake)


@transaction.atomic
def add(
    intake: Intake,
    *,
    trait: Trait,
    value: str,
    least: int,
    most: int,
    why: str,
    by: User,
    client_key: UUID | None = None,
) -> Quota:
    """Keep seats for those who give this answer; the same form sent twice adds one."""
    _turn_of(intake, by=by)
    try:
        quota, is_new = create_once(
            Quota,
            client_key=client_key,
            intake=intake,
            trait=trait,
            value=value,
            least=least,
            most=most,
            why=why,
        )
    except IntegrityError as error:
        raise Refused(
            _("There is a quota for this answer already. Change that one.")
        ) from error
    if is_new:
        record("quota.add", by=by, about=quota, place=intake.program_id)
    return quota


@transaction.atomic
def change(quota: Quota, *, least: int, most: int, why: str, by: User) -> Quota:
    _turn_of(quota.intake, by=by)
    quota.least, quota.most, quota.why = least, most, why
    quota.edition += 1
    quota.save(update_fields=["least", "most", "why", "edition"])
    record("quota.change", by=by, about=quota, place=quota.intake.program_id)
    return quota


@transaction.atomic
def remove(quota: Quota, *, by: User) -> None:
    _turn_of(quota.intake, by=by)
    record("quota.remove", by=by, about=quota, place=quota.intake.program_id)
    quota.delete()


@transaction.atomic
def ease(
    intake: Intake,
    easings: Sequence[Easing],
    *,
    reason: str,
    by: User,
    now: datetime,
) -> int:
    """Let quotas give, with a reason that is told beside them. Returns how many did.

    Sent twice, nothing gives twice.
    """
    _turn_of(intake, by=by)
    known = {
        quota.pk: quota
        for quota in Quota.objects.select_for_update().filter(intake=intake)
    }
    gave = 0
    for easing in easings:
        quota = known.get(easing.quota)
        if quota is None:
            raise Refused(_("A quota was removed meanwhile. Prepare it again."))
        if (quota.least, quota.most) == (easing.least, easing.most):
            continue
        QuotaChange.objects.create(
            quota=quota,
            was_least=quota.least,
            was_most=quota.most,
            least=easing.least,
            most=easing.most,
            reason=reason,
            changed_at=now,
        )
        quota.least, quota.most = easing.least, easing.most
        quota.edition += 1
        quota.save(update_fields=["least", "most", "edition"])
        record("quota.ease", by=by, about=quota, place=intake.program_id)
        gave += 1
    return gave


def source_of(intake: Intake) -> RandomSource | None:
    return RandomSource.objects.filter(intake=intake).first()


@transaction.atomic
def say_source(intake: Intake, *, words: str, by: User) -> RandomSource:
    """Tell beforehand where the random value of the draw will come from."""
    _turn_of(intake, by=by)
    source = source_of(intake) or RandomSource(intake=intake, edition=0)
    source.words = words
    source.edition += 1
    source.save()
    record("source.say", by=by, about=source, place=intake.program_id)
    return source


def draws_of(intake: Intake) -> DrawRecordQuerySet:
    """What was published of draws: the one that stands, then those given up."""
    return DrawRecord.objects.filter(intake=intake).order_by(
        F("given_up_at").desc(nulls_first=True), "pk"
    )


# --- In words ---------------------------------------------------------------------


def named(trait: str, value: str) -> str:
    return _("%(trait)s: %(value)s") % {"trait": trait, "value": value}


def bounds(least: int, most: int, *, seats: int) -> str:
    """ "at least 3 and at most 8 seats", leaving out a bound that asks nothing."""
    if least == most:
        return ngettext("exactly %(n)s seat", "exactly %(n)s seats", most) % {"n": most}
    if least <= 0 and most >= seats:
        return _("any number of seats")
    if least <= 0:
        return ngettext("at most %(n)s seat", "at most %(n)s seats", most) % {"n": most}
    if most >= seats:
        return ngettext("at least %(n)s seat", "at least %(n)s seats", least) % {
            "n": least
        }
    return ngettext(
        "at least %(least)s and at most %(n)s seat",
        "at least %(least)s and at most %(n)s seats",
        most,
    ) % {"least": least, "n": most}
