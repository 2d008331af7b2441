"""Who sits with whom: propose, move, sign.

The choosing itself is pure (`cohorts.compose`); here people are fetched and the
proposal is kept. A signature is given to exactly the arrangement that stands.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import chain, combinations
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts import compose as kernel
from cohorts.bridges import Ties, communities, ties_of
from cohorts.models import (
    Application,
    Appointment,
    Composition,
    CompositionGroup,
    Intake,
    Seat,
    TraitAnswer,
)
from cohorts.weighing import Candidate, Rules, Weights
from people.availability import free_in_utc, monday_of
from people.models import User, create_once, record
from people.refusal import Refused

# From closeness, where ties play no part, to reach, where they are half of it.
REACH = (0.0, 0.1, 0.2, 0.35, 0.5)
AS_USUAL = 2


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a lead asks of a proposal; kept with it, so that it can be made again."""

    groups: int
    size_min: int
    size_max: int
    meeting: int = 3  # half-hours
    organisation_cap: int | None = 2
    protected: tuple[str, ...] = ()
    vary: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    together: tuple[tuple[str, str], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    hours_open: tuple[str, ...] = ()  # whose hours are left to be asked
    reach: int = AS_USUAL
    monday: str = ""  # the week whose clocks count

    @classmethod
    def of(cls, composition: Composition) -> Asked:
        kept = dict(composition.rules)
        for name in ("protected", "vary", "required", "hours_open"):
            kept[name] = tuple(kept.get(name, ()))
        for name in ("together", "apart"):
            kept[name] = tuple((a, b) for a, b in kept.get(name, ()))
        return cls(**kept)

    @property
    def week(self) -> date:
        return date.fromisoformat(self.monday)

    @property
    def size(self) -> tuple[int, int]:
        return self.size_min, self.size_max

    def rules(self, pins: Mapping[Any, int]) -> Rules:
        return Rules(
            meeting=self.meeting,
            protected=frozenset(self.protected),
            vary=self.vary,
            organisation_cap=self.organisation_cap,
            together=self.together,
            apart=self.apart,
            pins=pins,
            required=frozenset(self.required),
            weights=weights_for(self.reach),
        )


def weights_for(reach: int) -> Weights:
    """How much it weighs that people do not know each other yet; the rest keep their
    shares of what is left."""
    usual = Weights()
    if reach == AS_USUAL:
        return usual
    bridging = REACH[min(max(reach, 0), len(REACH) - 1)]
    part = (1 - bridging) / (1 - usual.bridging)
    return Weights(
        covered=usual.covered * part,
        varied=usual.varied * part,
        bridging=bridging,
        hours=usual.hours * part,
    )


def must_lead(person: Any, intake_or_row: Any) -> None:
    leads = Appointment.objects.active().filter(
        person=person, program=intake_or_row.program_id, role=Appointment.Role.LEAD
    )
    if not leads.exists():
        raise PermissionDenied(_("Only the leads of the program may do this."))


# Who there is


def to_be_seated(intake: Intake) -> list[Application]:
    """Everyone who was offered a seat and has not refused it."""
    return list(
        Application.objects.unsealed("the arranging weighs all who may be seated")
        .may_be_seated()
        .filter(intake=intake)
        .order_by("pk")
    )


def candidates_of(
    applications: Sequence[Application],
    *,
    week: date,
    hours_open: Collection[str] = (),
) -> list[Candidate]:
    """The people as plain data; what they said about themselves stays in memory."""
    said: dict[UUID, dict[str, set[str]]] = {}
    fine: dict[UUID, set[str]] = {}
    answers = (
        TraitAnswer.objects.unsealed("the arranging balances what people said")
        .filter(application__in=[a.pk for a in applications])
        .values_list("application", "trait__key", "value", "alone_is_fine")
    )
    for application, trait, value, alone_is_fine in answers:
        said.setdefault(application, {}).setdefault(trait, set()).add(value)
        if alone_is_fine:
            fine.setdefault(application, set()).add(trait)
    known: dict[str, set[str]] = {}
    for one in applications:
        for name in (one.called, one.organisation, one.email):
            if plain := _plain(name):
                known.setdefault(plain, set()).add(str(one.pk))
    return [
        Candidate(
            key=str(one.pk),
            traits={
                trait: frozenset(values)
                for trait, values in said.get(one.pk, {}).items()
            },
            alone_is_fine=frozenset(fine.get(one.pk, ())),
            organisation=_plain(one.organisation),
            free=_free(one.availability, one.timezone, week)
            if one.availability and str(one.pk) not in hours_open
            else None,
            offers=frozenset(one.offers),
            needs=frozenset(one.needs),
            ties=frozenset(
                key for tie in one.ties for key in known.get(_plain(tie), ())
            )
            - {str(one.pk)},
        )
        for one in applications
    ]


def people_on(seats: Iterable[Seat], asked: Asked) -> list[Candidate]:
    return candidates_of(
        [seat.application for seat in seats],
        week=asked.week,
        hours_open=asked.hours_open,
    )


@lru_cache(maxsize=4096)
def _free(week: str, zone: str, monday: date) -> frozenset[int]:
    # Pure, and asked again with every move on the board.
    return free_in_utc(week, zone, monday=monday)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


# Proposing


@transaction.atomic
def propose(
    intake: Intake,
    *,
    asked: Asked,
    by: User,
    names: Sequence[str] = (),
    seed: int | None = None,
    keep: Composition | None = None,
    loose: Collection[str] = (),
    client_key: UUID | None = None,
    now: datetime | None = None,
) -> Composition:
    """Begin a proposal; `solving.solve` finds it. Those pinned in `keep` stay where
    they are, but for the `loose` ones.

    The same form sent twice begins one. Refused while nobody was offered a seat.
    """
    must_lead(by, intake)
    now = now or timezone.now()
    if not asked.monday:
        asked = Asked(**{**asdict(asked), "monday": monday_of(now.date()).isoformat()})
    people = to_be_seated(intake)
    if not people:
        raise Refused(
            _("Nobody has been offered a seat in this call yet. Decide first.")
        )
    # Two proposals begun at once take turns, so that each gets its own number.
    Intake.objects.select_for_update().get(pk=intake.pk)
    last = (
        Composition.objects.unsealed("the next number")
        .filter(intake=intake)
        .aggregate(last=Max("number"))["last"]
    )
    composition, is_new = create_once(
        Composition,
        client_key=client_key,
        made_by=by,
        program=intake.program,
        intake=intake,
        number=(last or 0) + 1,
        seed=secrets.randbelow(2**31) if seed is None else seed,
        rules=asdict(asked),
        made_at=now,
    )
    if not is_new:
        return composition
    held = (
        {
            seat.application_id: seat.group.position
            for seat in seats_of(keep).select_related("group")
            if seat.pinned and seat.group and str(seat.application_id) not in loose
        }
        if keep
        else {}
    )
    groups = CompositionGroup.objects.bulk_create(
        CompositionGroup(
            program=intake.program,
            composition=composition,
            position=n,
            name=names[n] if n < len(names) else _("Circle %(n)s") % {"n": n + 1},
            facilitator_email=by.email,
        )
        for n in range(asked.groups)
    )
    Seat.objects.bulk_create(
        Seat(
            program=intake.program,
            composition=composition,
            application=one,
            pinned=held.get(one.pk, len(groups)) < len(groups),
            group=groups[held[one.pk]]
            if held.get(one.pk, len(groups)) < len(groups)
            else None,
        )
        for one in people
    )
    record("composition.propose", by=by, about=composition, place=intake.program_id)
    return composition


def locked(pk: UUID) -> Composition:
    return (
        Composition.objects.unsealed("the row that is being changed")
        .select_for_update(of=("self",))
        .select_related("intake")
        .get(pk=pk)
    )


def seats_of(composition: Composition | None) -> Any:
    return Seat.objects.unsealed("the seats of a proposal at hand").filter(
        composition=composition
    )


def sit_elsewhere(
    one: Composition, other: Composition
) -> list[tuple[Application, Seat | None, Seat | None]]:
    """Who sits with others in the second proposal; None: has no seat row there.

    Circles are matched by the people they share, so that a circle that only changed
    its name or its place is the same.
    """
    here, there = (
        {
            seat.application_id: seat
            for seat in seats_of(composition)
            .select_related("application", "group")
            .order_by("application__called", "pk")
        }
        for composition in (one, other)
    )
    shared = Counter(
        (seat.group_id, there[key].group_id)
        for key, seat in here.items()
        if key in there and seat.group_id and there[key].group_id
    )
    like: dict[Any, Any] = {None: None}
    for (a, b), _many in sorted(
        shared.items(), key=lambda pair: (-pair[1], str(pair[0]))
    ):
        if a not in like and b not in like.values():
            like[a] = b
    return [
        (found.application, here.get(key), there.get(key))
        for key, found in {**there, **here}.items()
        if key not in here
        or key not in there
        or like.get(here[key].group_id, "") != there[key].group_id
    ]


def groups_of(composition: Composition) -> list[CompositionGroup]:
    return list(
        CompositionGroup.objects.unsealed("the groups of a proposal at hand")
        .filter(composition=composition)
        .order_by("position")
    )


def pins_of(seats: Iterable[Seat]) -> dict[str, int]:
    return {
        str(seat.application_id): seat.group.position
        for seat in seats
        if seat.pinned and seat.group
    }


def write(
    composition: Composition,
    found: kernel.Composition,
    groups: Sequence[CompositionGroup],
    seats: Sequence[Seat],
    people: Sequence[Candidate],
) -> None:
    """Keep what the weighing found: where each sits and why, what is true of each."""
    placed = {seat.key: seat for seat in found.seats}
    changed = []
    for seat in seats:
        at = placed.get(str(seat.application_id))
        group = groups[at.group] if at else None
        because = [plainly(b) for b in at.because] if at else []
        group_id = group.pk if group else None
        if (seat.group_id, seat.because) != (group_id, because):
            seat.group, seat.because = group, because
            changed.append(seat)
    Seat.objects.unsealed("the seats of a proposal at hand").bulk_update(
        changed, ["group", "because"], batch_size=500
    )
    composition.facts = {
        "groups": [_facts(one) for one in found.facts],
        "unplaced": [plainly(one) for one in found.unplaced],
        "weighed": [plainly(one) for one in found.weighed],
        "not_used": list(found.not_used),
        "best_there_is": found.best_there_is,
        "bridges": _opened(people, found.groups),
    }
    composition.broken = found.broken
    composition.edition += 1
    composition.save(update_fields=["facts", "broken", "edition", "state"])


def ties_among(people: Iterable[Candidate]) -> Ties:
    known = list(people)
    return ties_of(
        (one.key for one in known),
        ((one.key, other) for one in known for other in one.ties),
    )


def _opened(
    people: Sequence[Candidate], groups: Sequence[Collection[Any]]
) -> dict[str, int]:
    """As `bridges` counts them, but quicker: it is asked with every move."""
    ties = ties_among(people)
    home = {one: n for n, some in enumerate(communities(ties, seed=0)) for one in some}
    pairs = [
        (home[one], home[other])
        for group in groups
        for one, other in combinations([key for key in group if key in home], 2)
        if home[one] != home[other] and other not in ties[one]
    ]
    return {"opened": len(pairs), "clusters": len(set(chain.from_iterable(pairs)))}


def _facts(one: kernel.Facts) -> dict[str, Any]:
    kept = plainly(one)
    del kept["people"]  # stands in the seats
    return kept


def plainly(one: Any) -> Any:
    """What the kernel found, as JSON keeps it."""
    if isinstance(one, (str, int, float)) or one is None:
        return one
    if isinstance(one, Mapping):
        return {key: plainly(inner) for key, inner in one.items()}
    if isinstance(one, (tuple, list)):
        return [plainly(inner) for inner in one]
    return {key: plainly(inner) for key, inner in vars(one).items()}


def weigh_again(composition: Composition, seats: Sequence[Seat]) -> Composition:
    asked = Asked.of(composition)
    groups = groups_of(composition)
    at: dict[UUID, list[str]] = {group.pk: [] for group in groups}
    for seat in seats:
        if seat.group_id in at:
            at[seat.group_id].append(str(seat.application_id))
    people = people_on(seats, asked)
    found = kernel.examine(
        [at[group.pk] for group in groups],
        people,
        rules=asked.rules(pins_of(seats)),
        size=asked.size,
    )
    write(composition, found, groups, seats, people)
    return composition


@transaction.atomic
def set_aside(composition: Composition, *, by: User) -> None:
    """Out of the way, or out of the work: a search that is under way ends."""
    composition = locked(composition.pk)
    must_lead(by, composition)
    if composition.state == Composition.State.PUBLISHED:
        raise Refused(_("A published proposal stays."))
    composition.state = Composition.State.SET_ASIDE
    composition.save(update_fields=["state"])
    record(
        "composition.set_aside", by=by, about=composition, place=composition.program_id
    )


@transaction.atomic
def name_groups(
    composition: Composition, *, names: Mapping[UUID, tuple[str, str]], by: User
) -> None:
    """Give groups their names and say who will hold them: pk → (name, address)."""
    composition = locked(composition.pk)
    must_lead(by, composition)
    if not composition.is_open:
        raise Refused(_("This proposal is no longer open to changes."))
    for group in groups_of(composition):
        if group.pk in names:
            name, address = names[group.pk]
            group.name, group.facilitator_email = name, address.strip().lower()
            group.save(update_fields=["name", "facilitator_email"])
