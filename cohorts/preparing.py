"""Prepare the lottery of a call: who takes part, and the fairest chances for them.

They are found aside, since that may take minutes. What people said about themselves is
read here, counted, and stays here: not one answer is in a task, a log line, the record
or a ticket.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts import clashes
from cohorts.lottery import WHOLE, Mixture, fair_lottery
from cohorts.models import (
    Application,
    Band,
    Intake,
    Lottery,
    Placement,
    Quota,
    Standing,
    TraitAnswer,
)
from cohorts.panels import NoPanel, NotProved
from cohorts.panels import Quota as Rule
from cohorts.quotas import lock, named, quotas_of, refuse_if_fixed
from cohorts.rights import must_lead
from people.models import User, create_once, record
from people.refusal import Refused

# So few are worked out while the page waits; more by a worker.
QUICK_UP_TO = 40
# After so long without a sign nobody is at it any more. Taken up for nothing, it is
# worked out twice, and the same comes out.
LONGEST_SILENCE = timedelta(minutes=5)
# Seconds between two signs of how far the search is.
EVERY = 2.0
WORTH_SAYING = Decimal("0.0000000001")


# --- Who takes part -----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Gathering:
    """Who takes part, what the rules are for them, and what hinders a lottery.

    kinds: for each person the quotas that count them, by place.
    held: seats that are given without the draw, and how many count in each quota.
    rules: the quotas, less those who have a seat already.
    """

    people: tuple[UUID, ...]
    kinds: tuple[frozenset[int], ...]
    quotas: tuple[Quota, ...]
    held: int
    counted: tuple[int, ...]
    seats: int
    unplaced: int

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(
            Rule(
                trait="counts in",
                value=place,
                least=max(quota.least - counted, 0),
                most=max(quota.most - counted, 0),
            )
            for place, (quota, counted) in enumerate(
                zip(self.quotas, self.counted, strict=True)
            )
        )

    @property
    def all_seats(self) -> int:
        """What the quotas are counted in."""
        return self.seats + self.held

    @property
    def pool(self) -> list[dict[str, frozenset[int]]]:
        return [{"counts in": kind} for kind in self.kinds]

    @property
    def basis(self) -> str:
        """A name for all of it. It says of nobody what they answered."""
        text = json.dumps(
            [
                [str(key) for key in self.people],
                [sorted(kind) for kind in self.kinds],
                [[str(q.pk), q.least, q.most] for q in self.quotas],
                [self.seats, self.held, *self.counted],
            ]
        )
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def hindrances(self) -> list[str]:
        found = []
        if self.unplaced:
            found.append(
                ngettext(
                    "%(n)s application is in no band yet.",
                    "%(n)s applications are in no band yet.",
                    self.unplaced,
                )
                % {"n": self.unplaced}
            )
        for quota, counted in zip(self.quotas, self.counted, strict=True):
            if counted > quota.most:
                found.append(
                    ngettext(
                        "%(n)s person who is accepted counts in “%(quota)s”, which is "
                        "to have at most %(most)s.",
                        "%(n)s people who are accepted count in “%(quota)s”, which is "
                        "to have at most %(most)s.",
                        counted,
                    )
                    % {
                        "n": counted,
                        "quota": named(quota.trait.label, quota.value),
                        "most": quota.most,
                    }
                )
        if not self.people:
            found.append(_("Nobody is in the lottery band."))
        elif self.seats < 0:
            found.append(
                _(
                    "More people are accepted than the call has seats. Move some to "
                    "the lottery, or give the call more seats."
                )
            )
        elif len(self.people) <= self.seats:
            found.append(
                _(
                    "There is a seat for everyone in the lottery band, so there is "
                    "nothing to draw. Move them to “accept”."
                )
            )
        return found


def gather(intake: Intake) -> Gathering:
    """Who stands in the lottery band now, and what seats are left for them."""
    outcomes = Application.Outcome
    quotas = tuple(quotas_of(intake))
    bands = dict(
        Placement.objects.unsealed("the lottery counts who is in which band")
        .filter(intake=intake)
        .values_list("application", "band")
    )
    drawn, held, unplaced = [], [], 0
    for key, pending, outcome, reply in (
        Standing.objects.unsealed("the lottery counts who has a seat already")
        .filter(intake=intake, application__state=Application.State.SUBMITTED)
        .order_by("application")
        .values_list(
            "application", "pending", "application__outcome", "application__reply"
        )
    ):
        if outcome == outcomes.OFFERED:
            if reply in (Application.Reply.NONE, Application.Reply.ACCEPTED):
                held.append(key)
        elif outcome == outcomes.DECLINED or pending == outcomes.DECLINED:
            continue
        elif pending == outcomes.OFFERED or bands.get(key) == Band.ACCEPT:
            held.append(key)
        elif bands.get(key) == Band.LOTTERY:
            drawn.append(key)
        elif key not in bands and outcome == outcomes.NONE:
            unplaced += 1
    kinds = _counted_in(quotas, [*drawn, *held])
    return Gathering(
        people=tuple(drawn),
        kinds=tuple(kinds.get(key, frozenset()) for key in drawn),
        quotas=quotas,
        held=len(held),
        counted=tuple(
            sum(place in kinds.get(key, ()) for key in held)
            for place in range(len(quotas))
        ),
        seats=intake.seats - len(held),
        unplaced=unplaced,
    )


def _counted_in(
    quotas: Sequence[Quota], applications: Sequence[UUID]
) -> dict[UUID, frozenset[int]]:
    """The quotas that count each of these, by place."""
    places: dict[tuple[UUID, str], int] = {
        (quota.trait_id, _plain(quota.value)): place
        for place, quota in enumerate(quotas)
    }
    found: dict[UUID, set[int]] = {}
    answers = (
        TraitAnswer.objects.unsealed("the lottery counts answers, and tells none")
        .filter(
            application__in=applications, trait__in={quota.trait_id for quota in quotas}
        )
        .values_list("application", "trait", "value")
    )
    for application, trait, value in answers:
        place = places.get((trait, _plain(value)))
        if place is not None:
            found.setdefault(application, set()).add(place)
    return {key: frozenset(kinds) for key, kinds in found.items()}


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


# --- Preparing ----------------------------------------------------------------------


def latest(intake: Intake, *, by: User) -> Lottery | None:
    """The one that is fixed, or else the newest that was not set aside."""
    known = (
        Lottery.objects.visible_to(by)
        .filter(intake=intake)
        .exclude(state=Lottery.State.SET_ASIDE)
        .defer("mixture")
    )
    return known.fixed().first() or known.order_by("-made_at", "-pk").first()


@transaction.atomic
def prepare(
    intake: Intake, *, by: User, client_key: UUID | None = None, now: datetime
) -> Lottery:
    """Begin to look for the fairest chances; `solve` finds them.

    The same people, quotas and seats give the same lottery, not another one.
    """
    must_lead(by, intake.program)
    lock(intake)
    refuse_if_fixed(intake)
    gathering = gather(intake)
    if gathering.hindrances:
        raise Refused(" ".join(gathering.hindrances))
    others = Lottery.objects.unsealed("those prepared before this one").filter(
        intake=intake
    )
    state = Lottery.State
    same = others.filter(
        basis=gathering.basis,
        state__in=(state.PREPARING, state.PREPARED, state.CLASHING),
    ).first()
    if same is not None:
        return same
    lottery, is_new = create_once(
        Lottery,
        client_key=client_key,
        made_by=by,
        program=intake.program,
        intake=intake,
        seats=gathering.seats,
        basis=gathering.basis,
        made_at=now,
        stirred_at=now,
    )
    if is_new:
        others.exclude(pk=lottery.pk).update(state=state.SET_ASIDE)
        record("lottery.prepare", by=by, about=lottery, place=intake.program_id)
    return lottery


def is_quick(lottery: Lottery) -> bool:
    """Whether it may be worked out while the page waits."""
    return (
        Placement.objects.unsealed("how many take part")
        .filter(intake=lottery.intake_id, band=Band.LOTTERY)
        .count()
        <= QUICK_UP_TO
    )


def resting(*, now: datetime) -> list[UUID]:
    """Lotteries that no worker seems to be at: it died, or never heard of them."""
    return list(
        Lottery.objects.unsealed("long work is taken up again for whoever asked")
        .filter(state=Lottery.State.PREPARING, stirred_at__lt=now - LONGEST_SILENCE)
        .order_by("made_at", "pk")
        .values_list("pk", flat=True)
    )


def solve(lottery_id: UUID) -> Lottery | None:
    """Find the chances of a lottery that was begun; again changes nothing."""
    lottery = (
        Lottery.objects.unsealed("the solver works for whoever asked")
        .select_related("intake")
        .filter(pk=lottery_id, state=Lottery.State.PREPARING)
        .first()
    )
    if lottery is None:
        return None
    _stir(lottery, Lottery.Step.GATHERING)
    gathering = gather(lottery.intake)
    if gathering.basis != lottery.basis:
        return _end(lottery, Lottery.State.FAILED, facts={"why": "moved"})
    try:
        # Long, and outside any transaction: nobody waits for a lock meanwhile.
        _stir(lottery, Lottery.Step.HOLDING)
        clash = _clash_of(gathering)
        if clash:
            return _end(lottery, Lottery.State.CLASHING, facts=clash)
        _stir(lottery, Lottery.Step.MIXING)
        mixture = (
            fair_lottery(
                gathering.pool,
                gathering.rules,
                seats=gathering.seats,
                seed=int(gathering.basis[:8], 16),
                tell=_Teller(lottery),
            )
            if gathering.seats
            else _waiting_only(len(gathering.people))
        )
    except (NoPanel, NotProved, clashes.TooFewPeople):
        return _end(lottery, Lottery.State.FAILED, facts={"why": "unsolved"})
    return _end(
        lottery,
        Lottery.State.PREPARED,
        facts=_facts_of(gathering, mixture),
        mixture={
            "who": [str(key) for key in gathering.people],
            "kinds": mixture.kinds,
            "kind_of": mixture.kind_of,
            "people": mixture.people,
            "panels": mixture.panels,
            "weights": mixture.weights,
        },
    )


def _waiting_only(people: int) -> Mixture:
    """One empty panel: chance makes the waiting order, and nothing else."""
    return Mixture(
        kinds=((),),
        kind_of=(0,) * people,
        people=(people,),
        panels=((0,),),
        weights=(WHOLE,),
        bound=0.0,
        is_proved=True,
    )


def _stir(lottery: Lottery, step: str, done: int = 0) -> None:
    """Tell how far it is, at once."""
    lottery.step, lottery.done, lottery.stirred_at = step, done, timezone.now()
    Lottery.objects.unsealed("the solver tells how far it is").filter(
        pk=lottery.pk
    ).update(step=step, done=done, stirred_at=lottery.stirred_at)


class _Teller:
    """Keeps now and then how much of the search is done, never less than before."""

    def __init__(self, lottery: Lottery) -> None:
        self.lottery = lottery
        self.told_at = monotonic()

    def __call__(self, part: float) -> None:
        if monotonic() - self.told_at < EVERY:
            return
        self.told_at = monotonic()
        # A hundred is told when it is kept, and not before.
        done = max(self.lottery.done, min(int(100 * part), 99))
        _stir(self.lottery, Lottery.Step.MIXING, done)


@transaction.atomic
def _end(lottery: Lottery, state: str, **found: Any) -> Lottery:
    lottery = locked(lottery.pk)
    if lottery.state != Lottery.State.PREPARING:
        return lottery  # set aside meanwhile, or another worker was quicker
    lottery.state, lottery.step = state, Lottery.Step.WAITING
    for name, value in found.items():
        setattr(lottery, name, value)
    lottery.edition += 1
    lottery.save(update_fields=["state", "step", "edition", *found])
    return lottery


def locked(pk: UUID) -> Lottery:
    return (
        Lottery.objects.unsealed("the row that is being changed")
        .select_for_update(of=("self",))
        .select_related("intake__program")
        .get(pk=pk)
    )


def told(quota: Quota, *, of: int) -> dict[str, Any]:
    """A quota as facts and records keep it, beside the seats that the call had."""
    return {
        "of": of,
        "trait": quota.trait.label,
        "value": quota.value,
        "least": quota.least,
        "most": quota.most,
        "why": quota.why,
    }


def _clash_of(gathering: Gathering) -> dict[str, Any]:
    """What cannot hold together, and the least that would have to give."""
    rules, seats = gathering.rules, gathering.seats
    clash = clashes.smallest_clash(gathering.pool, rules, seats=seats)
    if not clash:
        return {}
    quota_of = dict(zip(rules, gathering.quotas, strict=True))
    counted_of = dict(zip(rules, gathering.counted, strict=True))
    easings = []
    for change in clashes.least_relaxation(gathering.pool, rules, seats=seats):
        quota = quota_of[change.was]
        less = change.was.least - change.becomes.least
        more = change.becomes.most - change.was.most
        easings.append(
            {
                **told(quota, of=gathering.all_seats),
                "quota": str(quota.pk),
                "becomes_least": quota.least - less,
                "becomes_most": quota.most + more,
            }
        )
    return {
        "why": "clash",
        "clash": [
            {
                **told(quota_of[rule], of=gathering.all_seats),
                "counted": counted_of[rule],
            }
            for rule in clash
        ],
        "easings": easings,
        "people": len(gathering.people),
        "held": gathering.held,
    }


def _facts_of(gathering: Gathering, mixture: Mixture) -> dict[str, Any]:
    chances = mixture.chances
    quotas = []
    for place, (quota, counted) in enumerate(
        zip(gathering.quotas, gathering.counted, strict=True)
    ):
        of = [number for number, kind in enumerate(mixture.kinds) if place in kind]
        seats = [sum(panel[number] for number in of) for panel in mixture.panels]
        quotas.append(
            {
                **told(quota, of=gathering.all_seats),
                "counted": counted,
                "fewest": counted + min(seats),
                "largest": counted + max(seats),
            }
        )
    return {
        "people": len(gathering.people),
        "held": gathering.held,
        "panels": len(mixture.panels),
        "smallest": as_text(min(chances)),
        "largest": as_text(max(chances)),
        "bound": as_text(Fraction(mixture.bound)),
        "is_proved": mixture.is_proved,
        "quotas": quotas,
        "kinds": [
            {"in": kind, "people": people, "chance": as_text(chance)}
            for kind, people, chance in zip(
                mixture.kinds, mixture.people, chances, strict=True
            )
        ],
    }


def as_text(chance: Fraction) -> str:
    exact = Decimal(chance.numerator) / Decimal(chance.denominator)
    return str(exact.quantize(WORTH_SAYING))


def in_a_hundred(chance: str | Decimal, *, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """A chance as so many in a hundred, with one digit behind the point."""
    return (Decimal(chance) * 100).quantize(Decimal("0.1"), rounding=rounding)


@transaction.atomic
def set_aside(lottery: Lottery, *, by: User) -> None:
    """Stop it, or let it be; what is published cannot be set aside."""
    lottery = locked(lottery.pk)
    must_lead(by, lottery.intake.program)
    if lottery.is_fixed:
        raise Refused(_("A published draw stays."))
    lottery.state = Lottery.State.SET_ASIDE
    lottery.edition += 1
    lottery.save(update_fields=["state", "edition"])
    record("lottery.set_aside", by=by, about=lottery, place=lottery.program_id)


def has_moved_on(lottery: Lottery, gathering: Gathering) -> bool:
    """Whether people, quotas or seats are others than it was prepared for."""
    return not lottery.is_fixed and lottery.basis != gathering.basis
