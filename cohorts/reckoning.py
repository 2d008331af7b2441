"""What the readings of a call come to: places without severity, and agreement.

Worked out aside and kept, because it takes longer than a page may. For the leads
alone: nobody else is shown a place or a corrected score of anybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, QuerySet

from cohorts import reliability, severity
from cohorts.models import Application, Intake, Reckoned, Review, Score, Standing
from cohorts.rights import must_lead
from people.models import User
from people.prepared import prepared, the_one

# Columns of `Reckoned.places`.
LOW, HIGH, LEAST, MOST = 2, 3, 7, 8
# The levels of a rubric.
LOWEST, HIGHEST = 1.0, 4.0
# Fixed: the same readings give the same intervals to everybody who looks.
SEED = 1


@dataclass(frozen=True, kw_only=True)
class Place:
    """One application in the order that the readings allow."""

    application: UUID
    expected: float
    low: int
    high: int
    readings: int
    score: float  # without the severity of whoever read it
    mean: float  # as it was given
    least: float
    most: float

    @property
    def apart(self) -> float:
        """How far its readers are from one another."""
        return self.most - self.least

    def band(self, seats: int) -> str:
        if self.high <= seats:
            return severity.Band.ABOVE.value
        both = severity.Band
        return both.BELOW.value if self.low > seats else both.OVERLAP.value


def done(intake: Intake) -> QuerySet[Review]:
    """What counts: finished readings of applications that still stand."""
    return (
        Review.objects.unsealed("what the readings of a call come to")
        .done()
        .filter(
            copy__intake=intake,
            copy__application__state=Application.State.SUBMITTED,
            score__isnull=False,
        )
    )


@transaction.atomic
def work_out(intake: Intake, *, now: datetime) -> Reckoned | None:
    """Work it out from the readings as they stand; None when nobody has read."""
    rows = [
        (str(application), str(reviewer), float(score or 0), at)
        for application, reviewer, score, at in done(intake).values_list(
            "copy__application", "reviewer", "score", "changed_at"
        )
    ]
    kept = Reckoned.objects.unsealed("kept for the leads of the call")
    if not rows:
        kept.filter(intake=intake).delete()
        _keep_scores(intake, ())
        return None
    scores: dict[str, list[float]] = defaultdict(list)
    for application, _reviewer, score, _at in rows:
        scores[application].append(score)
    found = severity.reckon(
        [
            severity.Reading(application=application, reviewer=reviewer, score=score)
            for application, reviewer, score, _at in rows
        ],
        seed=SEED,
    )
    assert found is not None
    reckoned, _is_new = kept.update_or_create(
        intake=intake,
        defaults={
            "program_id": intake.program_id,
            "readings": len(rows),
            "made_at": now,
            "as_of": max(at for *_rest, at in rows),
            "places": [
                [
                    one.application,
                    round(one.rank, 2),
                    one.low,
                    one.high,
                    one.readings,
                    round(one.score, 3),
                    round(one.mean, 3),
                    min(scores[one.application]),
                    max(scores[one.application]),
                ]
                for one in found.standings
            ],
            "facts": {
                "alpha": reliability.alpha(scores.values()),
                "criteria": _agreement(intake),
                "variances": [
                    found.variances.application,
                    found.variances.reviewer,
                    found.variances.error,
                ],
            },
        },
    )
    _keep_scores(intake, found.standings)
    return reckoned


def _keep_scores(intake: Intake, standings: Iterable[severity.Standing]) -> None:
    """The score without severity beside each application, for lists to be ordered by.

    Rows are held in the order of their keys, as whoever decides on many holds them.
    """
    found = {
        UUID(one.application): tuple(
            round(Decimal(min(max(value, LOWEST), HIGHEST)), 3)
            for value in (one.score, one.least, one.most)
        )
        for one in standings
    }
    changed = []
    for standing in (
        Standing.objects.unsealed("its score without severity is kept up")
        .filter(intake=intake)
        .order_by("pk")
        .select_for_update()
    ):
        said = found.get(standing.application_id, (None, None, None))
        if said != (standing.corrected, standing.surely_from, standing.surely_to):
            standing.corrected, standing.surely_from, standing.surely_to = said
            changed.append(standing)
    # One statement for a thousand; `bulk_update` takes seconds for that.
    Standing.objects.unsealed("its score without severity is kept up").bulk_create(
        changed,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["corrected", "surely_from", "surely_to"],
    )


def _agreement(intake: Intake) -> dict[str, float | None]:
    """Agreement on each criterion: levels are an order and no more."""
    units: dict[UUID, dict[UUID, list[float]]] = defaultdict(lambda: defaultdict(list))
    for criterion, copy, level in (
        Score.objects.unsealed("how far reviewers agree on each criterion")
        .filter(review__in=done(intake).values("pk"))
        .values_list("criterion", "review__copy", "level")
    ):
        units[criterion][copy].append(level)
    return {
        str(criterion): reliability.alpha(by_copy.values(), ordered_only=True)
        for criterion, by_copy in units.items()
    }


def behind() -> Iterator[Intake]:
    """Calls with readings that nobody has reckoned with yet."""
    known = {
        intake: (readings, as_of)
        for intake, readings, as_of in Reckoned.objects.unsealed(
            "which reckonings are behind"
        ).values_list("intake", "readings", "as_of")
    }
    # Every call that is read, one row for each: there are few.
    counted = (
        Review.objects.unsealed("which reckonings are behind")
        .done()
        .filter(
            copy__application__state=Application.State.SUBMITTED,
            score__isnull=False,
        )
        .values("copy__intake")
        .annotate(n=Count("pk"), at=Max("changed_at"))
    )
    stands = {row["copy__intake"]: (row["n"], row["at"]) for row in counted}
    late = {
        intake
        for intake in stands.keys() | known.keys()
        if known.get(intake) != stands.get(intake)
    }
    yield from Intake.objects.filter(pk__in=late).order_by("pk")


def latest(intake: Intake, *, by: User) -> Reckoned | None:
    return the_one(_latest(intake, by))


@prepared
def _latest(intake: Intake, person: User) -> QuerySet[Reckoned]:
    return Reckoned.objects.visible_to(person).filter(intake=intake)


def places_of(reckoned: Reckoned, rows: Sequence[Any]) -> list[Place]:
    """These rows of the places, to be read by name."""
    return [
        Place(
            application=UUID(key),
            expected=expected,
            low=low,
            high=high,
            readings=readings,
            score=score,
            mean=mean,
            least=least,
            most=most,
        )
        for key, expected, low, high, readings, score, mean, least, most in rows
    ]


def banded(places: Sequence[Any], *, seats: int) -> dict[str, list[Any]]:
    """Rows of places by where they lie against the last seat, each best first."""
    found: dict[str, list[Any]] = {band.value: [] for band in severity.Band}
    for row in places:
        if row[HIGH] <= seats:
            found[severity.Band.ABOVE.value].append(row)
        elif row[LOW] > seats:
            found[severity.Band.BELOW.value].append(row)
        else:
            found[severity.Band.OVERLAP.value].append(row)
    return found


def closeness(row: Sequence[Any]) -> float:
    """To sort rows of places by: those whose readers are furthest apart come first."""
    return float(row[LEAST]) - float(row[MOST])


def work_out_now(intake: Intake, *, by: User, now: datetime) -> Reckoned | None:
    """A lead does not want to wait for the next round."""
    must_lead(by, intake.program)
    return work_out(intake, now=now)
