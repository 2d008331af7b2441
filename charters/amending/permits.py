"""Who may act on a proposal, on what ground, and how the charter is held meanwhile.

Whoever acts holds the charter's row until the end of the transaction, so two acts on
one charter never interleave: an edit and an answer, two adoptions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from charters.consent import (
    fingerprint,
)
from charters.models import (
    Amendment,
    Charter,
    CharterVersion,
    Clause,
    ProposedClause,
    QuarterlyReview,
)
from cohorts.models import Cohort, Membership
from people.refusal import Refused

State = Amendment.State
Change = ProposedClause.Change
Parts = Mapping[str, Any]

ACTING = "the act decides for the whole circle"


class TextChanged(Refused):
    """The answer was given to a text that is no longer the one asked about."""


class Stale(Refused):
    """Somebody else changed the text between reading and writing."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One clause as somebody would have it."""

    change: str = Change.NEW
    key: UUID = field(default_factory=uuid4)
    section: str = "own"
    title: str = ""
    text: str = ""
    lang: str = "en"
    steers: str = ""
    value: Parts = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Rewrite:
    """New words for a proposed clause, and the edition its writer had read."""

    edition: int
    title: str
    text: str
    value: Parts = field(default_factory=dict)
    section: str = ""
    lang: str = ""


# --- Fingerprints ----------------------------------------------------------------

_COVERED = ("change", "key", "section", "title", "text", "lang", "steers")


def fingerprint_of(clauses: Iterable[Parts]) -> str:
    """SHA-256 over everything that a reader of these clauses agrees to, in order."""
    flat: list[str] = []
    for parts in clauses:
        flat += [str(parts.get(name, "")) for name in _COVERED]
        flat.append(json.dumps(parts.get("value") or {}, sort_keys=True))
    return fingerprint(*flat)


# --- Who may ---------------------------------------------------------------------


def must_be_present(by: Membership, about: Cohort | UUID) -> None:
    cohort_id = about.pk if isinstance(about, Cohort) else about
    if by.cohort_id != cohort_id or by.left_at is not None:
        raise Refused(_("Only people who sit in this circle can do that."))
    if by.cohort.is_finished:
        raise Refused(_("This cohort has finished; its charter can be read only."))


def may_write(amendment: Amendment, by: Membership) -> bool:
    """The proposer words the proposal; anyone may carry on for one who left."""
    return (
        amendment.proposer_id == by.pk
        or amendment.proposer.left_at is not None
        # Nobody owns the first charter: while it is a draft all of us write it.
        or (amendment.founding and (by.is_facilitator or not amendment.is_deciding))
    )


def may_steer(amendment: Amendment, by: Membership) -> bool:
    """Opening, extending, adopting: the proposer or a facilitator."""
    return by.is_facilitator or may_write(amendment, by)


def must_write(amendment: Amendment, by: Membership) -> None:
    if not may_write(amendment, by):
        raise Refused(_("Only the person who proposed this can change its words."))
    carry_on(amendment, by)


def must_steer(amendment: Amendment, by: Membership) -> None:
    if not may_steer(amendment, by):
        raise Refused(_("Only the person who proposed this or a facilitator can."))
    carry_on(amendment, by)


def carry_on(amendment: Amendment, by: Membership) -> None:
    if amendment.proposer.left_at is not None:
        amendment.proposer = by
        amendment.save(update_fields=["proposer"])


# --- Holding the charter ---------------------------------------------------------


def charter_of(cohort: Cohort) -> Charter:
    """The cohort's charter, made at the first proposal, held until the act is done."""
    Charter.objects.bulk_create([Charter(cohort=cohort)], ignore_conflicts=True)
    return Charter.objects.unsealed(ACTING).select_for_update().get(cohort=cohort)


def hold(amendment: Amendment) -> Amendment:
    """The amendment as it stands now, with its charter held."""
    Charter.objects.unsealed(ACTING).select_for_update().get(pk=amendment.charter_id)
    return (
        Amendment.objects.unsealed(ACTING)
        .select_related("cohort", "proposer__person", "charter")
        .get(pk=amendment.pk)
    )


def must_not_have_lapsed(cohort: Cohort) -> None:
    if QuarterlyReview.objects.unsealed(ACTING).of(cohort).lapsed().exists():
        raise Refused(
            _(
                "The charter has lapsed: it decides nothing until its review was held. "
                "Hold the review first."
            )
        )


def in_force(cohort: Cohort) -> CharterVersion | None:
    return CharterVersion.objects.unsealed(ACTING).in_force(cohort)


def clauses_in_force(cohort: Cohort) -> dict[UUID, Clause]:
    version = in_force(cohort)
    if version is None:
        return {}
    return {c.key: c for c in Clause.objects.unsealed(ACTING).of(version)}


def proposed_in(amendment: Amendment) -> list[ProposedClause]:
    return list(ProposedClause.objects.unsealed(ACTING).of(amendment))


def count_edit(amendment: Amendment) -> None:
    amendment.edition += 1
    amendment.save(update_fields=["edition"])


def must_be_open(amendment: Amendment) -> None:
    if not amendment.is_open:
        raise Refused(_("This proposal is closed. Propose a new one."))


def must_not_be_asked(amendment: Amendment) -> None:
    if amendment.is_deciding:
        raise Refused(_("The circle is being asked about this text already."))
