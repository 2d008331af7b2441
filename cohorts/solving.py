"""The search for an arrangement, as a worker does it: told, stopped, taken up again.

The row is what counts. A worker claims it, tells every second how far it is and hears
whether somebody is satisfied or gave up. One that died is silent; then another begins
anew, and since a seed gives the same groups again, nothing is lost but time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cohorts import compose as kernel
from cohorts.arranging import Step
from cohorts.impasse import Clash, Kind, Rule, impasse
from cohorts.models import Composition
from cohorts.seating import (
    Asked,
    groups_of,
    locked,
    must_lead,
    people_on,
    pins_of,
    plainly,
    seats_of,
    write,
)
from cohorts.weighing import Candidate, Rules
from people.availability import HALF_HOURS, slots
from people.knocks import knock
from people.models import User, record

# So few are composed while the page waits; more by a worker.
QUICK_UP_TO = 16
# After so long without a sign nobody is at it any more.
LONGEST_SILENCE = timedelta(minutes=5)
# What takes every worker down with it is not begun for ever.
MOST_TRIES = 5
TOLD_EVERY = 1.0  # seconds
MEETINGS = (6, 4, 3, 2)  # half-hours


def room_of(pk: UUID) -> str:
    """Where pages that wait for this proposal listen."""
    return f"composition:{pk}"


def _knock(pk: UUID) -> None:
    knock(room_of(pk), int(timezone.now().timestamp() * 1000))


def is_quick(composition: Composition) -> bool:
    return seats_of(composition).count() <= QUICK_UP_TO


def _nobody_is_at_it(now: datetime) -> Q:
    silent = now - LONGEST_SILENCE
    return Q(heard_at__lt=silent) | Q(heard_at=None, made_at__lt=silent)


def resting(*, now: datetime) -> list[UUID]:
    """Proposals that no worker seems to be at: it died, or never heard of them."""
    return list(
        Composition.objects.unsealed("long work is taken up again for whoever asked")
        .filter(_nobody_is_at_it(now), state=Composition.State.COMPOSING)
        .order_by("made_at", "pk")
        .values_list("pk", flat=True)
    )


def solve(composition_id: UUID, *, now: datetime | None = None) -> Composition | None:
    """Find the arrangement of a proposal that was begun; again changes nothing.

    None if there is nothing to do, or another worker is at it.
    """
    composition = _claimed(composition_id, now=now or timezone.now())
    if composition is None or composition.state != Composition.State.COMPOSING:
        return composition
    asked = Asked.of(composition)
    seats = list(seats_of(composition).select_related("application", "group"))
    people = people_on(seats, asked)
    rules = asked.rules(pins_of(seats))
    following = Following(composition.pk)
    try:
        following.progress |= what_clashes(people, asked, rules)
        following.tell()
        # Long, and outside any transaction: nobody waits for a lock meanwhile.
        found = kernel.compose(
            people,
            groups=asked.groups,
            size=asked.size,
            rules=rules,
            seed=composition.seed,
            watch=following,
        )
    except ValueError:
        found = None
    with transaction.atomic():
        composition = locked(composition.pk)
        if composition.state != Composition.State.COMPOSING:
            return composition
        composition.progress = following.progress
        _knock(composition.pk)
        if found is None:
            composition.state = Composition.State.FAILED
            composition.save(update_fields=["state", "progress"])
            return composition
        composition.state = Composition.State.PROPOSED
        composition.progress |= {
            "done": 1,
            "broken": found.broken,
            "value": found.value,
            "at_most": found.at_most,
            "stopped": following.is_stopped,
        }
        write(composition, found, groups_of(composition), seats, people)
        composition.progress["edition"] = composition.edition
        composition.save(update_fields=["progress"])
    return composition


def _claimed(pk: UUID, *, now: datetime) -> Composition | None:
    """The proposal, for the one worker that may begin; FAILED after too many tries."""
    with transaction.atomic():
        composition = (
            Composition.objects.unsealed("the solver works for whoever asked")
            .select_for_update(of=("self",))
            .select_related("intake")
            .filter(pk=pk, state=Composition.State.COMPOSING)
            .filter(Q(heard_at=None) | _nobody_is_at_it(now))
            .first()
        )
        if composition is None:
            return None
        if composition.tries >= MOST_TRIES:
            composition.state = Composition.State.FAILED
            composition.progress["gave_up"] = True
            _knock(composition.pk)
        else:
            composition.tries += 1
            composition.heard_at = now
        composition.save(update_fields=["state", "progress", "tries", "heard_at"])
    return composition


class Following:
    """Tells the row how far the search is; the search asks it whether to go on."""

    def __init__(self, pk: UUID) -> None:
        self.pk = pk
        self.progress: dict[str, Any] = {}
        self.is_stopped = False
        self._told_at = 0.0

    def __call__(self, step: Step) -> bool:
        self._note(step)
        if time.monotonic() - self._told_at >= TOLD_EVERY:
            self._told_at = time.monotonic()
            self.is_stopped = self.is_stopped or not self.tell()
        return not self.is_stopped

    def _note(self, step: Step) -> None:
        now = self.progress
        now["done"] = max(now.get("done", 0.0), step.done)
        if step.at_most is not None:
            now["at_most"] = step.at_most
        # While the bound is sought there is no arrangement yet.
        if step.value or step.broken or step.done:
            best = (now.get("broken"), -now.get("value", 0.0))
            if best[0] is None or (step.broken, -step.value) < best:
                now["broken"], now["value"] = step.broken, step.value

    def tell(self) -> bool:
        """False when somebody is satisfied, or gave the proposal up."""
        mine = Composition.objects.unsealed("the solver says how far it is").filter(
            pk=self.pk, state=Composition.State.COMPOSING
        )
        mine.update(progress=self.progress, heard_at=timezone.now())
        _knock(self.pk)
        row = mine.values_list("enough").first()
        return row is not None and not _suffices(self.progress, row[0])


def _suffices(progress: Mapping[str, Any], enough: Mapping[str, Any] | None) -> bool:
    """Whether it is as good as what somebody was satisfied with. A search that begins
    anew after its worker died goes on until it is there again."""
    if enough is None or "broken" not in progress:
        return False
    if "broken" not in enough:
        return True
    return (progress["broken"], -progress["value"]) <= (
        enough["broken"],
        -enough["value"],
    )


@transaction.atomic
def be_satisfied(composition: Composition, *, by: User) -> None:
    """End the search with the best so far. Again, or after its end, changes nothing."""
    composition = locked(composition.pk)
    must_lead(by, composition)
    if (
        composition.state != Composition.State.COMPOSING
        or composition.enough is not None
    ):
        return
    composition.enough = {
        name: composition.progress[name]
        for name in ("broken", "value")
        if name in composition.progress
    }
    composition.save(update_fields=["enough"])
    _knock(composition.pk)
    record(
        "composition.be_satisfied",
        by=by,
        about=composition,
        place=composition.program_id,
    )


# Rules that cannot hold together


def what_clashes(
    people: Sequence[Candidate], asked: Asked, rules: Rules
) -> dict[str, Any]:
    """As progress keeps it; empty where the numbers show nothing.

    `relax` and the clashes name easings by their place: what the form would ask
    instead, and the rule that gives.
    """
    found = impasse(people, groups=asked.groups, size=asked.size, rules=rules)
    if not found.clashes:
        return {}
    free = {str(one.key): one.free for one in people}
    easings: list[dict[str, Any]] = []

    def places(rule: Rule, clashes: Sequence[Clash]) -> list[int]:
        some = []
        for easing in _easings(rule, clashes, asked, free, len(people)):
            if easing not in easings:
                easings.append(easing)
            some.append(easings.index(easing))
        return some

    relax = []
    for rule in found.relax:
        ways = places(rule, found.clashes)
        # Of hours one way or the other; of sizes each answers a clash of its own.
        relax += ways[:1] if rule.kind == Kind.HOURS else ways
    return {
        "relax": list(dict.fromkeys(relax)),
        "clashes": [
            {
                **plainly(clash),
                "easings": [
                    place for rule in clash.rules for place in places(rule, [clash])
                ],
            }
            for clash in found.clashes[:MOST_CLASHES]
        ],
        "easings": easings,
    }


MOST_CLASHES = 20


def _easings(
    rule: Rule,
    clashes: Sequence[Clash],
    asked: Asked,
    free: Mapping[str, frozenset[int] | None],
    count: int,
) -> Iterator[dict[str, Any]]:
    """What the form would ask instead, so that this rule gives in all its clashes."""
    people = [str(key) for key in rule.people]
    told = {"kind": rule.kind, "people": people, "trait": rule.trait}
    about = [clash for clash in clashes if rule in clash.rules]
    match rule.kind:
        case Kind.SIZE:
            for change in _sizes(about, asked, count):
                yield {**told, "change": change}
        case Kind.ORGANISATION:
            enough = max((clash.enough or 0 for clash in about), default=0)
            yield {**told, "change": {"organisation_cap": enough}}
        case Kind.NOT_ALONE:
            yield {**told, "value": rule.value, "drop": {"protected": [rule.trait]}}
        case Kind.HOURS:
            short = [
                length
                for length in MEETINGS
                if length < asked.meeting
                and all(longest(free.get(key)) >= length for key in people)
            ]
            alone = all(len(clash.rules) == 1 for clash in about)
            yield {**told, "add": {"hours_open": people}}
            if alone and short:
                yield {**told, "change": {"meeting": short[0]}}
        case Kind.PINNED:
            yield {**told, "add": {"loose": people}}
        case Kind.TOGETHER:
            yield {**told, "drop": {"together": [people]}}
        case Kind.APART:
            yield {**told, "drop": {"apart": [people]}}


def _sizes(
    clashes: Sequence[Clash], asked: Asked, count: int
) -> Iterator[dict[str, int]]:
    larger, more, fewer = 0, 0, 0
    for clash in clashes:
        kinds = {rule.kind for rule in clash.rules}
        if kinds & {Kind.TOGETHER, Kind.PINNED}:
            larger = max(larger, clash.enough or 0)
        elif kinds == {Kind.SIZE}:
            fewer = clash.enough or 0
            if not fewer:
                yield {"groups": 1, "size_min": count}
        else:
            more = max(more, clash.enough or 0)
    if larger:
        yield {"size_max": larger}
    if more:
        yield {"groups": more}
    if fewer:
        yield {"groups": fewer}


def longest(free: frozenset[int] | None) -> int:
    """The longest stretch of somebody's week, in half-hours."""
    if free is None:
        return HALF_HOURS
    return max((slot.length for slot in slots(free, at_least=1)), default=0)


def easings_of(
    composition: Composition, chosen: Iterable[int]
) -> dict[int, dict[str, Any]]:
    """Those that were chosen, by their place; places that are none are left out."""
    known = composition.progress.get("easings", [])
    return {n: known[n] for n in chosen if 0 <= n < len(known)}


def eased(
    asked: Asked, easings: Mapping[int, Mapping[str, Any]]
) -> tuple[Asked, frozenset[str]]:
    """What would be asked if these gave, and who is no longer held by hand."""
    values, loose = asdict(asked), set[str]()
    for one in easings.values():
        values |= one.get("change", {})
        added = one.get("add", {})
        loose |= set(added.get("loose", ()))
        values["hours_open"] = (
            *values["hours_open"],
            *(
                key
                for key in added.get("hours_open", ())
                if key not in values["hours_open"]
            ),
        )
        dropped = one.get("drop", {})
        gone = set(dropped.get("protected", ()))
        values["protected"] = tuple(t for t in values["protected"] if t not in gone)
        for name in ("together", "apart"):
            pairs = [set(pair) for pair in dropped.get(name, ())]
            values[name] = tuple(p for p in values[name] if set(p) not in pairs)
    return Asked(**values), frozenset(loose)
