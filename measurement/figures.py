"""Count, protect, release. The only writer of released figures.

Counting looks over every cohort of a program; that is why nothing it finds
leaves this module before `suppression` has seen it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Application, Appointment, Membership, Program
from library.models import NetworkCopy, ProgramCopy, PublicCopy, Resource
from measurement.models import Figure, Reading, Release, Signal
from measurement.suppression import ALL, Rules, Shown, protect, protect_share
from measurement.wording import TITLES
from people.models import User, record
from people.refusal import Refused
from sessions.models import Commitment, RitualSession

WHY = "released figures count over all cohorts of a program"

# The first part of a time zone's name, as far as it is a part of the world.
REGIONS = ("Africa", "America", "Asia", "Europe", "Pacific")
ELSEWHERE = "elsewhere"


@dataclass
class Draft:
    """What a release would hold: unsaved figures, and what was left out, in words."""

    figures: list[Figure] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    receipt: dict[str, Any] = field(default_factory=dict)


def draft(
    program: Program, *, period_from: date, period_to: date, threshold: int
) -> Draft:
    """Count the period and protect it; nothing is written."""
    rules = Rules(threshold=threshold)
    made = Draft(receipt={"audit_passed": True, "tables": {}})
    for key, counts in (
        ("members", _members(program, period_to)),
        ("applicants", _applicants(program, period_from, period_to)),
    ):
        _add_people(made, key, counts, rules)
    for key, numbers in (
        ("promises", _promises(program, period_from, period_to)),
        ("sessions", _sessions(program, period_from, period_to)),
        ("practices", _practices(program, period_to)),
    ):
        _add_things(made, key, numbers)
    _add_signals(made, program, period_to, rules)
    return made


@transaction.atomic
def release(
    program: Program,
    *,
    by: User,
    period_from: date,
    period_to: date,
    threshold: int,
    unknowns: str = "",
    now: datetime | None = None,
) -> Release:
    """Write a snapshot. Pressed twice, the same period is released once a day.

    A table of people that was released before is shown again only if it has not
    changed, or if at least K people of it did: otherwise two releases, one taken
    from the other, would tell of the few who came or went.
    """
    _must_lead(program, by)
    now = now or timezone.now()
    Program.objects.select_for_update().get(pk=program.pk)
    earlier = Release.objects.filter(program_id=program.pk).order_by("-number").first()
    if earlier and _is_the_same(earlier, period_from, period_to, threshold, now):
        return earlier
    made = draft(
        program, period_from=period_from, period_to=period_to, threshold=threshold
    )
    held_back = _too_close(program, made, threshold)
    figures = [f for f in made.figures if f.table not in held_back]
    if not figures:
        raise Refused(
            _("Nothing could be released without showing somebody. Wait for more.")
        )
    made.receipt["held_back"] = sorted(held_back)
    written = Release.objects.create(
        program_id=program.pk,
        program_slug=program.slug,
        program_name=program.name,
        number=(earlier.number if earlier else 0) + 1,
        period_from=period_from,
        period_to=period_to,
        released_at=now,
        threshold=threshold,
        rounding=Rules(threshold=threshold).rounding,
        receipt=made.receipt,
        unknowns=unknowns,
    )
    for figure in figures:
        figure.release = written
    Figure.objects.bulk_create(figures)
    record("evidence.release", by=by, about=written, place=program.pk)
    return written


@transaction.atomic
def withdraw(
    release: Release, *, program: Program, by: User, now: datetime | None = None
) -> None:
    """Nobody sees it any more; its number is not given again."""
    _must_lead(program, by)
    if release.withdrawn_at is None:
        release.withdrawn_at = now or timezone.now()
        release.save(update_fields=["withdrawn_at"])
        record("evidence.withdraw", by=by, about=release, place=program.pk)


def region_of(zone: str) -> str:
    """The part of the world a time zone's name tells."""
    first = zone.split("/")[0]
    return first if first in REGIONS else ELSEWHERE


def _members(program: Program, until: date) -> Counter[str]:
    zones = (
        Membership.objects.filter(
            cohort__program=program, joined_at__date__lte=until, role="member"
        )
        .values("person")
        .annotate(zone=Max("person__timezone"))
        .values_list("zone", flat=True)
    )
    return Counter(map(region_of, zones))


def _applicants(program: Program, since: date, until: date) -> Counter[str]:
    zones = (
        Application.objects.unsealed(WHY)
        .filter(
            program=program,
            submitted_at__date__range=(since, until),
            withdrawn_at=None,
        )
        .values_list("timezone", flat=True)
    )
    return Counter(map(region_of, zones))


def _promises(program: Program, since: date, until: date) -> dict[str, int]:
    return (
        Commitment.objects.unsealed(WHY)
        .filter(cohort__program=program, written_at__date__range=(since, until))
        .aggregate(
            kept=Count("pk", filter=~Q(kept_at=None)),
            changed=Count("pk", filter=~Q(changed_at=None)),
            let_go=Count("pk", filter=~Q(released_at=None)),
            open=Count("pk", filter=Q(kept_at=None, changed_at=None, released_at=None)),
        )
    )


def _sessions(program: Program, since: date, until: date) -> dict[str, int]:
    State = RitualSession.State
    return (
        RitualSession.objects.unsealed(WHY)
        .filter(cohort__program=program, starts_at__date__range=(since, until))
        .aggregate(
            held=Count("pk", filter=Q(state=State.CLOSED)),
            did_not_happen=Count("pk", filter=Q(state=State.DID_NOT_HAPPEN)),
        )
    )


def _practices(program: Program, until: date) -> dict[str, int]:
    """Pieces of this program published to anyone, each counted once."""
    published: dict[Any, str] = {}
    cohorts = set(program.cohorts.values_list("pk", flat=True))
    originals = dict(_originals(cohorts))
    copies: list[QuerySet[Any]] = [
        ProgramCopy.objects.unsealed(WHY),
        NetworkCopy.objects.all(),
        PublicCopy.objects.all(),
    ]
    for rows in copies:
        for original, kind in rows.filter(
            original__in=originals, published_at__date__lte=until
        ).values_list("original", "kind"):
            published[original] = kind
    return dict(Counter(published.values()))


def _originals(cohorts: set[Any]) -> Any:
    return (
        Resource.objects.unsealed(WHY)
        .filter(cohort__in=cohorts)
        .values_list("pk", "kind")
    )


def _add_people(made: Draft, key: str, counts: Counter[str], rules: Rules) -> None:
    ordered = {(name, ""): counts[name] for name in (*REGIONS, ELSEWHERE)}
    safe = protect(ordered, rules)
    made.receipt["tables"][key] = {"kept": safe.kept, "hidden": safe.hidden}
    if not safe.cells:
        if sum(counts.values()):
            made.left_out.append(
                _("“%(table)s” is left out: too few people.") % {"table": _title(key)}
            )
        return
    for position, ((row, _column), cell) in enumerate(safe.cells.items()):
        made.figures.append(
            Figure(
                table=key,
                row=row,
                column="count",
                position=position,
                unit=Signal.Unit.PEOPLE,
                shown=cell.shown,
                value=cell.value,
                is_total=row == ALL,
            )
        )


def _add_things(made: Draft, key: str, counts: dict[str, int]) -> None:
    """Promises, sessions and practices are things: shown as counted."""
    if not any(counts.values()):
        return
    rows = [*counts.items(), (ALL, sum(counts.values()))]
    for position, (row, count) in enumerate(rows):
        made.figures.append(
            Figure(
                table=key,
                row=row,
                column="count",
                position=position,
                unit=Signal.Unit.THINGS,
                value=count,
                is_total=row == ALL,
            )
        )


def _add_signals(made: Draft, program: Program, until: date, rules: Rules) -> None:
    """Before and after of the signals whose projects' owners agreed."""
    signals = list(
        Signal.objects.unsealed(WHY)
        .filter(
            cohort__program=program,
            hypothesis__project__shared_at__isnull=False,
            baseline__isnull=False,
        )
        .order_by("name", "pk")
    )
    latest = {
        reading.signal_id: reading
        for reading in Reading.objects.unsealed(WHY)
        .standing()
        .filter(signal__in=signals, on__lte=until)
        .order_by("signal", "on", "written_at")
    }
    seen: Counter[str] = Counter()
    position = 0
    for signal in signals:
        after = latest.get(signal.pk)
        if after is None:
            continue
        seen[signal.name] += 1
        # Two projects may count the same; a table's rows have names of their own.
        times = seen[signal.name]
        row = signal.name if times == 1 else f"{signal.name} ({times})"
        for column, part, whole in (
            ("before", signal.baseline, signal.baseline_of),
            ("after", after.value, after.out_of),
        ):
            made.figures.append(
                _signal_figure(signal, row, column, position, part or 0, whole, rules)
            )
            position += 1


def _signal_figure(
    signal: Signal,
    row: str,
    column: str,
    position: int,
    part: int,
    whole: int | None,
    rules: Rules,
) -> Figure:
    figure = Figure(
        table="signals",
        row=row,
        column=column,
        position=position,
        unit=signal.unit,
        value=part,
        out_of=whole,
    )
    if signal.unit != Signal.Unit.PEOPLE:
        return figure
    safe: tuple[int, int | None] | None
    if whole is not None:
        safe = protect_share(part, whole, rules)
    else:
        safe = (rules.rounded(part), None) if part >= rules.threshold else None
    if safe is None:
        figure.shown, figure.value, figure.out_of = Shown.SMALL, None, None
    else:
        figure.value, figure.out_of = safe
    return figure


Cells = dict[str, tuple[str, float | None]]


def _too_close(program: Program, made: Draft, threshold: int) -> set[str]:
    """Tables of people that differ from an earlier release by fewer than K.

    From any earlier one, for who reads figures keeps them: after many came and many
    left, the newest is again close to the oldest.
    """
    earlier: dict[tuple[str, UUID], Cells] = {}
    for figure in Figure.objects.filter(
        release__program_id=program.pk, unit=Signal.Unit.PEOPLE
    ).exclude(table="signals"):
        cells = earlier.setdefault((figure.table, figure.release_id), {})
        cells[figure.row] = (figure.shown, figure.value)
    close = set()
    for (table, _release), cells in earlier.items():
        now = {f.row: (f.shown, f.value) for f in made.figures if f.table == table}
        if not now or now == cells:
            continue
        moved = abs((now.get(ALL, (0, 0))[1] or 0) - (cells.get(ALL, (0, 0))[1] or 0))
        if moved < threshold:
            close.add(table)
    return close


def _is_the_same(
    earlier: Release, since: date, until: date, threshold: int, now: datetime
) -> bool:
    return (
        (earlier.period_from, earlier.period_to, earlier.threshold)
        == (since, until, threshold)
        and earlier.withdrawn_at is None
        and earlier.released_at.date() == now.date()
    )


def _must_lead(program: Program, by: User) -> None:
    leads = Appointment.objects.active().filter(
        program=program, person=by, role=Appointment.Role.LEAD
    )
    if not leads.exists():
        raise Refused(_("Only a lead of the program can do this."))


def _title(key: str) -> str:
    return str(TITLES[key][0])
