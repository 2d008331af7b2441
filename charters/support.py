"""Who may be asked to be the third in a repair conversation.

The support list of a circle: those who hold it, those whom its program appointed for
repair, and those whom its charter names for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from charters.values import keys_of, values_of
from cohorts.models import Appointment, Cohort, Membership, Program
from people.models import User

# A name shorter than this stands in too many sentences to mean somebody.
SHORTEST_NAME = 3


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The support list of a circle, seen from one concern."""

    free: tuple[User, ...]
    # On the list, and in the concern: they take part, or are spoken of.
    left_out: tuple[User, ...]

    @property
    def nobody_is_left(self) -> bool:
        return not self.free


def support_list(cohort: Cohort) -> list[User]:
    """Everybody on it, by name."""
    holds = Membership.objects.active().facilitators().filter(cohort=cohort)
    appointed = Appointment.objects.active().filter(
        program=cohort.program_id, role=Appointment.Role.THIRD_PARTY
    )
    named = Membership.objects.active().filter(
        cohort=cohort, pk__in=keys_of(values_of(cohort).support.third)
    )
    found = User.objects.filter(is_active=True).filter(
        Q(pk__in=holds.values("person"))
        | Q(pk__in=appointed.values("person"))
        | Q(pk__in=named.values("person"))
    )
    return sorted(found, key=lambda person: (person.name.casefold(), person.pk))


def choice_for(
    cohort: Cohort,
    *,
    parties: Iterable[UUID],
    left_out: Iterable[UUID] = (),
    words: Sequence[str] = (),
) -> Choice:
    """The list without the parties, without whom the concern is about or names."""
    out = {*parties, *left_out}
    listed = support_list(cohort)
    told = _bare(" ".join(words))
    concerned = [p for p in listed if p.pk in out or is_named(p, told)]
    return Choice(
        free=tuple(p for p in listed if p not in concerned),
        left_out=tuple(concerned),
    )


def is_named(person: User, told: str) -> bool:
    """Whether a text, without its accents, speaks of this person by name."""
    names = {person.called, person.full_name, *person.called.split()[:1]}
    return any(
        re.search(rf"(?<!\w){re.escape(_bare(name))}(?!\w)", told)
        for name in names
        if len(name) >= SHORTEST_NAME
    )


def leads_of(program: Program) -> list[User]:
    appointed = Appointment.objects.active().filter(
        program=program, role=Appointment.Role.LEAD
    )
    found = User.objects.filter(is_active=True, pk__in=appointed.values("person"))
    return sorted(found, key=lambda person: (person.name.casefold(), person.pk))


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
