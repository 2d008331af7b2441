"""What the pages of the charter show, put together from few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from itertools import count
from math import ceil
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charters import amending
from charters.amending import Standing
from charters.consent import ADVICE, GRADIENTS, RULES
from charters.forms import AnswerForm
from charters.models import (
    Amendment,
    CharterVersion,
    Clause,
    Consent,
    ConsentRound,
    ProposedClause,
    QuarterlyReview,
    Section,
    section_name,
)
from charters.values import Asks, share_in_words
from cohorts.models import Cohort, Membership
from people.clock import time_left
from people.prepared import prepared

BEADS = {
    "consent": "d",
    "concern": "b",
    "object": "c",
    "aside": "",
    "disagree": "b",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A clause beside its proposed words; either may be missing."""

    before: Clause | None
    proposed: ProposedClause | None = None
    number: int | None = None
    # Where it stands in a text that has no numbers yet.
    place: int = 0

    @property
    def section(self) -> str:
        shown = self.proposed or self.before
        assert shown is not None
        return shown.section_name

    @property
    def title_before(self) -> str:
        return self.before.title if self.before else ""

    @property
    def text_before(self) -> str:
        return self.before.text if self.before else ""

    @property
    def steering_changes(self) -> bool:
        if self.proposed is None or not self.proposed.steers:
            return False
        return self.before is None or self.before.value != self.proposed.value

    @property
    def ground_gone(self) -> bool:
        """The charter moved on since this change was begun."""
        if self.proposed is None or self.proposed.is_new:
            return False
        return self.before is None or self.proposed.based_on != (
            amending.fingerprint_of([self.before.as_parts])
        )


@dataclass(frozen=True)
class Seat:
    """One person of a round, and what they said to the present text."""

    member: Membership
    answer: Consent | None
    rule: str = "consent"

    @property
    def bead(self) -> str:
        return BEADS[self.answer.kind] if self.answer else "open"

    @property
    def said(self) -> str:
        name = self.member.person.name
        if self.answer is None:
            return _("%(name)s: not yet") % {"name": name}
        if self.rule == ADVICE.code:
            return {
                "consent": _("%(name)s: nothing to add"),
                "concern": _("%(name)s: gave advice"),
            }[self.answer.kind] % {"name": name}
        return {
            "consent": _("%(name)s: yes"),
            "concern": _("%(name)s: yes, with a concern"),
            "object": _("%(name)s: objects"),
            "aside": _("%(name)s: either way"),
            "disagree": _("%(name)s: disagrees, does not stand in the way"),
        }[self.answer.kind] % {"name": name}


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A round as one reader meets it."""

    stands: Standing
    amendment: Amendment
    mine: Consent | None
    asks_me: bool
    about: str
    now: datetime
    my_role: str = ""

    @property
    def round(self) -> ConsentRound:
        return self.stands.round

    @property
    def waits_for_me(self) -> bool:
        return self.asks_me and self.mine is None

    @property
    def asks_others(self) -> bool:
        """The charter asks people of another role about this text."""
        return bool(self.my_role) and self.round.asks not in (
            Asks.EVERYONE.value,
            self.my_role,
        )

    @property
    def head(self) -> str:
        """Enough of the text's fingerprint to compare by eye, in fours."""
        head = self.round.text_hash[:16]
        return " ".join(head[n : n + 4] for n in range(0, 16, 4))

    @property
    def left(self) -> str:
        return time_left(self.round.closes_at, self.round.clock(self.now))

    @property
    def is_over(self) -> bool:
        return self.round.clock(self.now) >= self.round.closes_at

    @property
    def stands_still(self) -> bool:
        """It waits, with the charter, for the review that was not held."""
        return self.round.paused_at is not None

    @property
    def seats(self) -> list[Seat]:
        return [
            Seat(m, self.stands.answer_of(m), self.round.rule)
            for m in self.stands.members
        ]

    @property
    def tally(self) -> str:
        """How many said what, in the words of the rule."""
        outcome = self.stands.outcome
        waiting = len(self.stands.members) - sum(
            map(
                len,
                (
                    outcome.consents,
                    outcome.concerns,
                    outcome.objections,
                    outcome.asides,
                    outcome.disagreements,
                ),
            )
        )
        yes, concern = TALLIES.get(self.round.rule, (_tally_yes, _tally_concern))
        said = [
            (len(outcome.consents), yes),
            (len(outcome.concerns), concern),
            (len(outcome.asides), _tally_aside),
            (len(outcome.disagreements), _tally_disagreement),
            (len(outcome.objections), _tally_objection),
            (waiting, _tally_waiting),
        ]
        return " · ".join(words(n) for n, words in said if n)

    @property
    def for_it(self) -> str:
        """Gradients: how many are for it, and how many that would have to be."""
        if self.round.rule != GRADIENTS.code:
            return ""
        outcome = self.stands.outcome
        yes = len(outcome.consents) + len(outcome.concerns)
        said = yes + len(outcome.asides + outcome.disagreements + outcome.objections)
        needed = ceil(Fraction(self.round.support) * said)
        return ngettext(
            "%(yes)d of the %(said)d who answered is for it; %(needed)d needed.",
            "%(yes)d of the %(said)d who answered are for it; %(needed)d needed.",
            yes,
        ) % {"yes": yes, "said": said, "needed": needed}

    @property
    def how(self) -> list[str]:
        return in_what_way(
            {
                "rule": self.round.rule,
                "asks": self.round.asks,
                "support": self.round.support,
                "silence_counts": self.round.silence_counts,
                "grounds": self.round.grounds,
            }
        )

    @property
    def question(self) -> str:
        if self.amendment.founding:
            return _("Can you live with this charter?")
        return _("Can you live with %(what)s?") % {"what": self.about}


def who_is_asked(asks: str) -> str:
    return {
        "member": _("The members are asked; facilitators talk along."),
        "facilitator": _("The facilitators are asked; members talk along."),
    }.get(asks, _("Everyone in the circle is asked."))


def in_what_way(how: Mapping[str, Any]) -> list[str]:
    """Which rule holds for a text, who is asked, and why: sentences for people."""
    grounds = how["grounds"]
    sections = [section_name(s) for s in grounds.get("sections", ())]
    said = [
        {
            "consensus": _(
                "Decided by consensus: it passes when everyone says yes. Here every "
                "concern blocks: the charter asks for consensus."
            ),
            "gradients": _(
                "Decided by gradients of agreement: it passes when %(share)s are for "
                "it and nobody blocks."
            )
            % {"share": share_in_words(how["support"])},
            "advice": _(
                "This is advice: whoever proposed it decides at the end, having said "
                "what became of each piece of advice."
            ),
        }.get(
            how["rule"],
            _("Decided by consent: it passes when nobody has a reasoned objection."),
        ),
        who_is_asked(how["asks"]),
    ]
    if grounds.get("clause"):
        said.append(
            _("Clause %(number)d of our charter says so.")
            % {"number": grounds["clause"]}
        )
    else:
        said.append(
            _("Our charter does not say how we decide, so this is what holds first.")
        )
    if len(sections) > 1:
        said.append(
            _(
                "It touches several sections (%(sections)s): the strictest of their "
                "rules holds, and the widest circle is asked."
            )
            % {"sections": ", ".join(sections)}
        )
    said.append(
        _("Silence counts as yes at the end, after two reminders: the charter says so.")
        if how["silence_counts"] and RULES[how["rule"]].silence_may_count
        else _("Silence does not count as yes.")
    )
    return said


def _tally_yes(n: int) -> str:
    return ngettext("%(n)d yes", "%(n)d yes", n) % {"n": n}


def _tally_concern(n: int) -> str:
    return ngettext("%(n)d yes with a concern", "%(n)d yes with a concern", n) % {
        "n": n
    }


def _tally_objection(n: int) -> str:
    return ngettext("%(n)d objection", "%(n)d objections", n) % {"n": n}


def _tally_aside(n: int) -> str:
    return ngettext("%(n)d either way", "%(n)d either way", n) % {"n": n}


def _tally_disagreement(n: int) -> str:
    return ngettext("%(n)d disagrees", "%(n)d disagree", n) % {"n": n}


def _tally_waiting(n: int) -> str:
    return ngettext("%(n)d not yet", "%(n)d not yet", n) % {"n": n}


def _tally_for(n: int) -> str:
    return ngettext("%(n)d for it", "%(n)d for it", n) % {"n": n}


def _tally_for_with_concern(n: int) -> str:
    return ngettext("%(n)d for it with a concern", "%(n)d for it with a concern", n) % {
        "n": n
    }


def _tally_nothing(n: int) -> str:
    return ngettext("%(n)d with nothing to add", "%(n)d with nothing to add", n) % {
        "n": n
    }


def _tally_advice(n: int) -> str:
    return ngettext("%(n)d piece of advice", "%(n)d pieces of advice", n) % {"n": n}


TALLIES = {
    GRADIENTS.code: (_tally_for, _tally_for_with_concern),
    ADVICE.code: (_tally_nothing, _tally_advice),
}


def what_it_is_about(
    amendment: Amendment, numbers: Sequence[int], *, new: bool = False
) -> str:
    """ "clause 6", "clauses 2 and 6", "a new clause": for questions and lists."""
    if amendment.founding:
        return _("our charter")
    if len(numbers) == 1 and not new:
        return _("clause %(number)d") % {"number": numbers[0]}
    if not numbers and new:
        return _("a new clause")
    return _("this change")


def lines_of(
    proposed: Iterable[ProposedClause], clauses: Iterable[Clause]
) -> list[Line]:
    known = {c.key: c for c in clauses}
    return [
        Line(
            before=known.get(p.key),
            proposed=p,
            number=known[p.key].number if p.key in known else None,
        )
        for p in proposed
    ]


def in_sections(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """A first charter as it will be numbered, section by section."""
    groups = amending.by_section(lines)
    places = count(1)
    return [
        (name, [replace(line, place=next(places)) for line in some])
        for name, some in groups
    ]


def about_of(amendment: Amendment, lines: Sequence[Line]) -> str:
    numbers = [line.number for line in lines if line.number is not None]
    return what_it_is_about(
        amendment, numbers, new=any(line.number is None for line in lines)
    )


def asking_of(
    asked: ConsentRound,
    amendment: Amendment,
    *,
    membership: Membership | None,
    lines: Sequence[Line],
    now: datetime,
) -> Asking:
    asked.amendment = amendment
    stands = amending.standing(asked, now=now)
    return Asking(
        stands=stands,
        amendment=amendment,
        mine=stands.answer_of(membership) if membership else None,
        asks_me=bool(membership and stands.asks(membership)),
        about=about_of(amendment, lines),
        now=now,
        my_role=membership.role if membership else "",
    )


def answer_form(asking: Asking) -> AnswerForm:
    """The form of the round, with what this reader has said to this text."""
    mine = asking.mine
    said = (
        {
            "kind": mine.kind,
            "reason": mine.reason,
            "harm": mine.harm,
            "fix": mine.fix,
        }
        if mine
        else {}
    )
    return AnswerForm(
        text_hash=asking.round.text_hash, rule=asking.round.rule, initial=said
    )


def clauses_of(version: CharterVersion | None, viewer: Any) -> list[Clause]:
    return [] if version is None else _clauses_of(viewer, version)


@prepared
def _clauses_of(viewer: Any, version: CharterVersion) -> QuerySet[Clause]:
    return Clause.objects.visible_to(viewer).of(version)


def clauses_before(
    amendment: Amendment, made: CharterVersion | None, viewer: Any
) -> list[Clause]:
    """What a proposal is read against: `made` is the version that came of it."""
    if made is None:
        return _clauses_in_force(viewer, amendment.cohort)
    return _clauses_numbered(viewer, amendment.cohort, made.number - 1)


@prepared
def _clauses_in_force(viewer: Any, cohort: Cohort) -> QuerySet[Clause]:
    newest = CharterVersion.objects.visible_to(viewer).of(cohort)[:1]
    return (
        Clause.objects.visible_to(viewer)
        .filter(version__in=newest.values("pk"))
        .order_by("number")
    )


@prepared
def _clauses_numbered(viewer: Any, cohort: Cohort, number: int) -> QuerySet[Clause]:
    return (
        Clause.objects.visible_to(viewer)
        .filter(version__cohort=cohort, version__number=number)
        .order_by("number")
    )


@prepared
def proposed_in(viewer: Any, amendment: Amendment) -> QuerySet[ProposedClause]:
    return (
        ProposedClause.objects.visible_to(viewer)
        .of(amendment)
        .select_related("written_by__person")
    )


@prepared
def open_rounds(viewer: Any, cohort: Cohort) -> QuerySet[ConsentRound]:
    return ConsentRound.objects.visible_to(viewer).open().filter(cohort=cohort)


@prepared
def review_awaited(viewer: Any, cohort: Cohort) -> QuerySet[QuarterlyReview]:
    return (
        QuarterlyReview.objects.visible_to(viewer)
        .of(cohort)
        .awaited()
        .select_related("host__person")
    )


def sections_in(*texts: Iterable[Clause | ProposedClause]) -> list[str]:
    """The circle's own sections in these texts, in the order they first come."""
    return list(
        dict.fromkeys(
            clause.section
            for text in texts
            for clause in text
            if clause.section not in Section.values
        )
    )


@prepared
def left_out_of(viewer: Any, amendment: Amendment) -> QuerySet[ProposedClause]:
    return (
        ProposedClause.objects.visible_to(viewer)
        .left_out_of(amendment)
        .select_related("written_by__person")
        .order_by("left_out_at", "pk")
    )


def newest_version(request: HttpRequest, cohort: Cohort) -> CharterVersion | None:
    return CharterVersion.objects.visible_to(request.user).in_force(cohort)


def by_key(clauses: Iterable[Clause]) -> dict[UUID, Clause]:
    return {c.key: c for c in clauses}


def typed(request: HttpRequest) -> Any:
    """What was sent, an empty form too; None for whoever only looks."""
    return request.POST if request.method == "POST" else None
