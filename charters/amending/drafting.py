"""Writing together, before anybody is asked: first lines, their order, left out lines.

Nobody owns the first charter: whoever sits in the circle adds lines to the one draft
there is, at the same time as others do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Protocol, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from charters.amending.permits import (
    ACTING,
    Draft,
    charter_of,
    count_edit,
    hold,
    in_force,
    must_be_open,
    must_be_present,
    must_not_be_asked,
    must_write,
    proposed_in,
)
from charters.amending.wording import add_clause, propose
from charters.models import Amendment, ProposedClause
from cohorts.models import Membership
from people.models import record
from people.refusal import Refused


class InSection(Protocol):
    @property
    def section(self) -> str: ...


Line = TypeVar("Line", bound=InSection)


def by_section(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """The lines of each section together, sections in the order they first come in."""
    lines = list(lines)
    order = list(dict.fromkeys(line.section for line in lines))
    ranked = sorted(lines, key=lambda line: order.index(line.section))
    return [(name, list(some)) for name, some in groupby(ranked, lambda x: x.section)]


@transaction.atomic
def write_first(
    *,
    by: Membership,
    clauses: Sequence[Draft],
    now: datetime,
    lang: str = "en",
    client_key: UUID | None = None,
) -> Amendment:
    """Lines for the first charter: begins its draft, or adds to the one there is.

    Sent twice it adds once: a line whose key is in the draft already stays as it is.
    """
    must_be_present(by, by.cohort_id)
    charter_of(by.cohort)
    if in_force(by.cohort) is not None:
        raise Refused(_("There is a charter already: propose a change of it."))
    if not clauses:
        raise Refused(_("Choose at least one clause."))
    draft = (
        Amendment.objects.unsealed(ACTING)
        .of(by.cohort)
        .open()
        .filter(founding=True)
        .first()
    )
    if draft is None:
        return propose(
            by=by, clauses=clauses, lang=lang, client_key=client_key, now=now
        )
    known = set(
        ProposedClause.objects.unsealed(ACTING)
        .filter(amendment=draft)
        .values_list("key", flat=True)
    )
    for clause in clauses:
        if clause.key not in known:
            add_clause(draft, clause, by=by, now=now)
    return draft


@transaction.atomic
def leave_out(proposed: ProposedClause, *, by: Membership, now: datetime) -> None:
    """Take a line out of a proposal. It is kept, and can be put back."""
    amendment = hold(proposed.amendment)
    must_be_present(by, amendment.cohort_id)
    must_be_open(amendment)
    must_not_be_asked(amendment)
    must_write(amendment, by)
    standing = proposed_in(amendment)
    line = next((p for p in standing if p.pk == proposed.pk), None)
    if line is None:
        return
    if len(standing) == 1:
        raise Refused(_("It is the only clause here: withdraw the proposal instead."))
    line.left_out_at = now
    # Whoever has its form open is shown that it was left out.
    line.edition += 1
    line.save(update_fields=["left_out_at", "edition"])
    count_edit(amendment)
    record("amendment.drop_clause", by=by.person, about=amendment, place=by.cohort_id)


@transaction.atomic
def put_back(proposed: ProposedClause, *, by: Membership, now: datetime) -> None:
    """Undo leaving a line out: it comes last in its section, with its words."""
    amendment = hold(proposed.amendment)
    must_be_present(by, amendment.cohort_id)
    must_be_open(amendment)
    must_not_be_asked(amendment)
    must_write(amendment, by)
    line = ProposedClause.objects.unsealed(ACTING).get(pk=proposed.pk)
    if line.left_out_at is None:
        return
    standing = proposed_in(amendment)
    line.left_out_at = None
    line.position = max((p.position for p in standing), default=0) + 1
    line.edition += 1
    line.save(update_fields=["left_out_at", "position", "edition"])
    count_edit(amendment)
    record("amendment.put_back", by=by.person, about=amendment, place=by.cohort_id)


@transaction.atomic
def move_line(
    proposed: ProposedClause, *, by: Membership, now: datetime, earlier: bool
) -> None:
    """One place up or down inside its section. At either end nothing happens."""
    amendment = hold(proposed.amendment)
    _must_be_ordering(amendment, by)
    groups = by_section(proposed_in(amendment))
    for _name, lines in groups:
        keys = [line.pk for line in lines]
        if proposed.pk in keys:
            _step(lines, keys.index(proposed.pk), earlier=earlier)
    _renumber(groups, amendment, by)


@transaction.atomic
def move_section(
    amendment: Amendment, section: str, *, by: Membership, now: datetime, earlier: bool
) -> None:
    """A whole section one place up or down."""
    amendment = hold(amendment)
    _must_be_ordering(amendment, by)
    groups = by_section(proposed_in(amendment))
    names = [name for name, _lines in groups]
    if section in names:
        _step(groups, names.index(section), earlier=earlier)
    _renumber(groups, amendment, by)


def _must_be_ordering(amendment: Amendment, by: Membership) -> None:
    must_be_present(by, amendment.cohort_id)
    must_be_open(amendment)
    must_not_be_asked(amendment)
    must_write(amendment, by)


def _step(things: list, place: int, *, earlier: bool) -> None:
    other = place - 1 if earlier else place + 1
    if 0 <= other < len(things):
        things[place], things[other] = things[other], things[place]


def _renumber(
    groups: Iterable[tuple[str, list[ProposedClause]]],
    amendment: Amendment,
    by: Membership,
) -> None:
    """Positions as the groups stand now. Words and their editions are left alone."""
    lines = [line for _name, some in groups for line in some]
    for position, line in enumerate(lines, start=1):
        line.position = position
    ProposedClause.objects.unsealed(ACTING).bulk_update(lines, ["position"])
    count_edit(amendment)
    record("amendment.order", by=by.person, about=amendment, place=by.cohort_id)
