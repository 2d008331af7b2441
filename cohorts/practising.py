"""Three made-up applications that all reviewers score before the real ones.

So that a “3” means the same to all of them: each sees how the others scored when
their own three are in. Nothing of it counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts import reliability
from cohorts.models import Appointment, Criterion, Intake, PracticeReading
from cohorts.rights import must_read_applications, serves
from people.models import User, record
from people.refusal import Refused

# Nobody wrote these. One strong on practice and thin on reflection, one the other
# way round, one fluent and saying little: reviewers differ most on such as these.
SAMPLES: dict[int, tuple[Any, Sequence[Any]]] = {
    1: (
        gettext_lazy("The clinic's waiting list"),
        (
            gettext_lazy(
                "I run the front desk of a clinic with four nurses. Last spring we "
                "stopped giving numbers and asked people to choose an hour by text "
                "message. The queue at the door went from forty to nine."
            ),
            gettext_lazy(
                "Older patients hated it, so we kept ten seats a day without an "
                "hour. I decided that alone and told the nurses afterwards."
            ),
            gettext_lazy(
                "From a circle I want other ways to cut waiting. I can bring our "
                "messages, the list of what went wrong each week, and the numbers."
            ),
        ),
    ),
    2: (
        gettext_lazy("Who speaks in our assembly"),
        (
            gettext_lazy(
                "For two years I have kept a notebook of who speaks in our village "
                "assembly. I was sure the elders took too much time. The notebook "
                "said it was me."
            ),
            gettext_lazy(
                "I asked two women who never speak what would have to change. One "
                "said: stop answering before I have ended. I still do it, less."
            ),
            gettext_lazy(
                "I have no project yet. I would like to find out in company what a "
                "first small trial could be, and to be told when I talk too much."
            ),
        ),
    ),
    3: (
        gettext_lazy("Scaling impact"),
        (
            gettext_lazy(
                "As a committed changemaker I have led several initiatives with "
                "great impact, reaching thousands of beneficiaries across regions."
            ),
            gettext_lazy(
                "My vision is to transform the ecosystem through partnerships. I "
                "sit on the board of our network and advise the ministry."
            ),
            gettext_lazy(
                "The circle would give me visibility and new partners. I can open "
                "doors for others and share my experience as a speaker."
            ),
        ),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Compared:
    """How one sample was scored on one criterion, by everybody who is through."""

    criterion: Criterion
    mine: int | None
    # level → how many gave it
    given: Mapping[int, int]

    @property
    def readers(self) -> int:
        return sum(self.given.values())

    @property
    def usual(self) -> int | None:
        """The level in the middle; the lower of two."""
        levels = sorted(Counter(self.given).elements())
        return levels[(len(levels) - 1) // 2] if levels else None


def mine(intake: Intake, *, by: User) -> dict[int, PracticeReading]:
    """The samples this reviewer has scored."""
    rows = PracticeReading.objects.visible_to(by).filter(intake=intake, reviewer=by)
    return {row.sample: row for row in rows}


@transaction.atomic
def score(
    intake: Intake,
    *,
    sample: int,
    levels: Mapping[str, int],
    by: User,
    now: datetime,
) -> PracticeReading:
    """Score a sample; again, to change it, until all are in and compared."""
    must_read_applications(by, intake.program)
    rubric = intake.rubric
    wanted = {str(criterion.pk) for criterion in rubric}
    if sample not in SAMPLES:
        raise Refused(_("There are three samples."))
    if set(levels) != wanted or not set(levels.values()) <= set(Criterion.LEVELS):
        raise Refused(_("Give every criterion a level."))
    # One's own rows, held: two tabs end as one set of three.
    User.objects.select_for_update().get(pk=by.pk)
    own = PracticeReading.objects.unsealed("one's own practice").filter(
        intake=intake, reviewer=by
    )
    if own.filter(is_whole=True).exists():
        raise Refused(
            _("Your three are in and compared with the others: they stay as they are.")
        )
    row, _is_new = own.update_or_create(
        intake=intake,
        reviewer=by,
        sample=sample,
        defaults={
            "program_id": intake.program_id,
            "levels": dict(levels),
            "done_at": now,
        },
    )
    if own.count() == len(SAMPLES):
        own.update(is_whole=True)
        row.is_whole = True
    record("practice.score", by=by, about=row, place=intake.program_id)
    return row


def compared(intake: Intake, *, by: User) -> dict[int, list[Compared]]:
    """All three beside everybody's who is through; empty until one's own are in.

    Leads, who read every reading, need not score them first.
    """
    rows = list(PracticeReading.objects.visible_to(by).filter(intake=intake))
    own = {row.sample: row for row in rows if row.reviewer_id == by.pk}
    is_through = all(sample in own for sample in SAMPLES)
    if not any(row.is_whole for row in rows) or not (
        is_through or serves(by, intake.program, Appointment.Role.LEAD)
    ):
        return {}
    found: dict[int, list[Compared]] = {}
    for sample in SAMPLES:
        whole = [row for row in rows if row.sample == sample and row.is_whole]
        found[sample] = [
            Compared(
                criterion=criterion,
                mine=own[sample].levels.get(str(criterion.pk))
                if sample in own
                else None,
                given=Counter(
                    row.levels[str(criterion.pk)]
                    for row in whole
                    if str(criterion.pk) in row.levels
                ),
            )
            for criterion in intake.rubric
        ]
    return found


def agreement(compared: Mapping[int, Sequence[Compared]]) -> float | None:
    """How far everybody agreed on all samples and criteria together."""
    units = [
        list(Counter(one.given).elements())
        for rows in compared.values()
        for one in rows
    ]
    return reliability.alpha(units, ordered_only=True)
