"""What a circle has said to the text of a round so far, and what follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from charters import values
from charters.amending.permits import ACTING
from charters.consent import (
    RULES,
    Answer,
    Asked,
    Code,
    Kind,
    Outcome,
    Rule,
    decide,
)
from charters.consent import State as RoundState
from charters.models import (
    Amendment,
    Consent,
    ConsentRound,
    RoundReminder,
)
from cohorts.models import Membership
from people.prepared import prepared
from people.refusal import Refused

EVERYONE = values.Asks.EVERYONE.value


def open_round_of(amendment: Amendment) -> ConsentRound:
    """The round that asks now; refused where nobody is being asked."""
    asked = (
        ConsentRound.objects.unsealed(ACTING)
        .open()
        .select_related("wording")
        .filter(amendment=amendment)
        .first()
    )
    if asked is None:
        raise Refused(_("The circle has not been asked yet."))
    return asked


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A round as it stands: everyone who is asked, what each said, what follows."""

    round: ConsentRound
    outcome: Outcome
    members: tuple[Membership, ...]
    answers: Mapping[UUID, Consent]

    def answer_of(self, member: Membership) -> Consent | None:
        return self.answers.get(member.pk)

    def asks(self, member: Membership) -> bool:
        return any(m.pk == member.pk for m in self.members)

    @property
    def objections(self) -> list[Consent]:
        standing = set(self.outcome.objections)
        return [a for pk, a in self.answers.items() if pk in standing]

    @property
    def concerns(self) -> list[Consent]:
        kept = set(self.outcome.concerns)
        return [a for pk, a in self.answers.items() if pk in kept]

    @property
    def objections_of_leavers(self) -> list[Consent]:
        """Kept on record; they block nothing since their members left."""
        here = {m.pk for m in self.members}
        return [
            a for pk, a in self.answers.items() if a.is_objection and pk not in here
        ]

    @property
    def nobody_spoke(self) -> bool:
        """Silence all round: at most whoever proposed it has said yes."""
        said = [
            a for pk, a in self.answers.items() if pk in {m.pk for m in self.members}
        ]
        return all(a.member_id == self.round.amendment.proposer_id for a in said)

    @property
    def passed(self) -> bool:
        return self.outcome.passed

    @property
    def lacks_support(self) -> bool:
        return any(r.code == Code.TOO_LITTLE_SUPPORT for r in self.outcome.reasons)

    @property
    def ran_out(self) -> bool:
        return self.outcome.state == RoundState.EXPIRED

    @property
    def blocked(self) -> bool:
        return self.outcome.state == RoundState.BLOCKED


def is_asked(member: Membership, asked: ConsentRound) -> bool:
    return member.joined_at <= asked.opens_at and asked.asks in (
        EVERYONE,
        member.role,
    )


def circle_of(asked: ConsentRound) -> list[Membership]:
    """Everyone the round asks who is still here."""
    seats = (
        Membership.objects.active()
        .filter(cohort_id=asked.cohort_id)
        .select_related("person")
        .order_by("joined_at", "pk")
    )
    return [seat for seat in seats if is_asked(seat, asked)]


def rule_of(asked: ConsentRound) -> Rule:
    """The rule with what the charter said of it when the circle was asked."""
    rule = RULES[asked.rule]
    return replace(rule, support=Fraction(asked.support)) if rule.support else rule


def standing(asked: ConsentRound, *, now: datetime) -> Standing:
    """What the circle has said to the round's present text."""
    return standings([asked], now=now)[asked.pk]


def standings(rounds: Sequence[ConsentRound], *, now: datetime) -> dict[UUID, Standing]:
    """The same for several rounds of one cohort.

    Two queries however many rounds, and one more where silence may count by now.
    """
    if not rounds:
        return {}
    first = min(asked.opens_at for asked in rounds)
    seats = _seats_since(rounds[0].cohort_id, first)
    answers = _answers_to([asked.pk for asked in rounds])
    people = {seat.pk: seat for seat in seats}
    for given in answers:
        given.member = people.get(given.member_id) or given.member
    reminders = _reminders(
        [r for r in rounds if r.silence_counts and r.clock(now) >= r.closes_at]
    )
    return {
        asked.pk: _stand(asked, seats, answers, reminders, now=now) for asked in rounds
    }


@prepared
def _seats_since(cohort: UUID, first: datetime) -> QuerySet[Membership]:
    return (
        Membership.objects.filter(
            Q(left_at=None) | Q(left_at__gt=first), cohort_id=cohort
        )
        .select_related("person")
        .order_by("joined_at", "pk")
    )


@prepared
def _answers_to(rounds: list[UUID]) -> QuerySet[Consent]:
    return (
        Consent.objects.unsealed("what the circle decides needs every answer")
        .filter(round__in=rounds, voided_at=None)
        .order_by("given_at", "pk")
    )


def _reminders(rounds: Sequence[ConsentRound]) -> Counter[tuple[UUID, str, UUID]]:
    """How often each member was reminded of each text: (round, text, member)."""
    if not rounds:
        return Counter()
    return Counter(
        RoundReminder.objects.unsealed(ACTING)
        .filter(round__in=[asked.pk for asked in rounds])
        .values_list("round", "text_hash", "member")
    )


def _stand(
    asked: ConsentRound,
    seats: Iterable[Membership],
    answers: Iterable[Consent],
    reminders: Mapping[tuple[UUID, str, UUID], int],
    *,
    now: datetime,
) -> Standing:
    # Those who left since are named too: they neither count nor block.
    given = [
        a for a in answers if a.round_id == asked.pk and a.text_hash == asked.text_hash
    ]
    spoke = {a.member_id for a in given}
    everyone = [
        seat
        for seat in seats
        if (is_asked(seat, asked) or (asked.closed_at and seat.pk in spoke))
        and (seat.left_at is None or seat.left_at > asked.opens_at)
    ]
    outcome = decide(
        text_hash=asked.text_hash,
        asked=[
            Asked(
                member=m.pk,
                active=_is_here(m, asked),
                reminders=reminders.get((asked.pk, asked.text_hash, m.pk), 0),
            )
            for m in everyone
        ],
        answers=[
            Answer(
                member=a.member_id,
                text_hash=a.text_hash,
                kind=Kind(a.kind),
                given_at=a.given_at,
            )
            for a in given
        ],
        opens_at=asked.opens_at,
        closes_at=asked.closes_at,
        now=asked.clock(now),
        rule=rule_of(asked),
        silence_counts=asked.silence_counts,
        proposer=asked.amendment.proposer_id if asked.silence_counts else None,
    )
    return Standing(
        round=asked,
        outcome=outcome,
        members=tuple(m for m in everyone if _is_here(m, asked)),
        answers={a.member_id: a for a in given},
    )


def _is_here(seat: Membership, asked: ConsentRound) -> bool:
    """Still sitting here; for a round that is over, when it ended."""
    if seat.left_at is None:
        return True
    return asked.closed_at is not None and seat.left_at > asked.closed_at


def standing_objections(asked: ConsentRound) -> list[Consent]:
    return list(
        Consent.objects.unsealed(ACTING)
        .given_to(asked)
        .objections()
        .filter(member__left_at=None)
        .select_related("member__person")
    )
