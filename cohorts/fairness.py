"""What the page on selection says of bands, of kept seats, of chance.

Told as soon as the call's own settings speak of them: a quota, a source of chance, or
a published draw. Before that nothing of it is promised.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _

from cohorts import quotas
from cohorts.models import DrawRecord, Intake, Quota, RandomSource
from cohorts.telling import Fact, Part, tells
from people.clock import moment


def leaves_something_to_chance(intake: Intake) -> bool:
    """Asked once for this row, however many parts of the page depend on it."""
    known: bool | None = intake.__dict__.get("_left_to_chance")
    if known is None:
        known = intake.__dict__["_left_to_chance"] = _is_left_to_chance(intake)
    return known


def _is_left_to_chance(intake: Intake) -> bool:
    here = [
        Exists(model.objects.filter(intake=OuterRef("pk")))
        for model in (Quota, RandomSource, DrawRecord)
    ]
    asked = Intake.objects.filter(here[0] | here[1] | here[2], pk=intake.pk)
    return asked.exists()


@tells(order=35)
def three_bands(intake: Intake) -> Part | None:
    if not leaves_something_to_chance(intake):
        return None
    return Part(
        key="bands",
        title=_("Three bands"),
        sentences=[
            _(
                "Scores are never exact. From how far the readers agree follows how "
                "far up or down the place of an application may lie. The leads put "
                "every application into one of three bands, and write down why:"
            )
        ],
        facts=[
            Fact(
                words=_("Clearly among the seats, however one reads it"),
                notes=[_("A seat is offered.")],
            ),
            Fact(words=_("It could be either"), notes=[_("It takes part in a draw.")]),
            Fact(words=_("Clearly below them"), notes=[_("We say no, with reasons.")]),
        ],
    )


@tells(order=40)
def kept_seats(intake: Intake) -> Part | None:
    rules = quotas.quotas_of(intake) if leaves_something_to_chance(intake) else []
    if not rules:
        return None
    traits = {trait.pk: trait for trait in intake.traits.all()}
    changes: dict[Any, list[str]] = {}
    for change in quotas.changes_of(intake):
        was = quotas.bounds(change.was_least, change.was_most, seats=intake.seats)
        changes.setdefault(change.quota_id, []).append(
            _("Changed; before it was %(was)s. %(reason)s")
            % {"was": was, "reason": change.reason}
        )
    return Part(
        key="kept",
        title=_("What seats are kept for"),
        sentences=[
            _(
                "Counted among all seats of this call, and only from what people say "
                "of themselves. Whoever does not answer is counted by none of these "
                "and may be drawn like everybody else."
            )
        ],
        facts=[
            Fact(
                words=_whom(rule, traits.get(rule.trait_id, rule.trait)),
                notes=[
                    quotas.bounds(rule.least, rule.most, seats=intake.seats),
                    rule.why,
                    *changes.get(rule.pk, ()),
                ],
            )
            for rule in rules
        ],
    )


def _whom(rule: Quota, trait: Any) -> str:
    """Whom it counts, in the words that the page shows of the call."""
    written = list(getattr(trait, "options_as_written", trait.options))
    value = rule.value
    if value in written:
        value = trait.options[written.index(value)]
    return quotas.named(trait.label, value)


@tells(order=45)
def chance(intake: Intake) -> Part | None:
    if not leaves_something_to_chance(intake):
        return None
    source = quotas.source_of(intake)
    record = quotas.draws_of(intake).standing().defer("text").first()
    where: list[Any] = [
        _(
            "The value comes from a public source that nobody can foresee or bend. "
            "Which one, and when, is published before the draw."
        )
    ]
    if record is not None:
        where = [_("Where chance comes from:"), record.source, _known(record.speaks_at)]
    elif source is not None:
        where = [
            _("Where chance comes from:"),
            source.words,
            _("The moment is published with the record, before the draw."),
        ]
    return Part(
        key="chance",
        title=_("The draw"),
        sentences=[
            _(
                "Every choice of people that fills the seats and keeps what is said "
                "above is a possible panel, and one of these panels is drawn. How "
                "heavy each of them is makes the chances: the smallest chance of "
                "anybody is as large as can be, then the next smallest, and so on. "
                "Whoever is counted alike has the same chance."
            ),
            _(
                "Before the random value exists, all of this is fixed and its "
                "fingerprint published. Whoever takes part then reads their own "
                "number and chance on the page of their application. Once the value "
                "is known, anybody finds the same people with a few lines of a "
                "program."
            ),
            *where,
            _(
                "Whoever is not drawn waits in an order that the same draw makes. When "
                "somebody gives a seat back, it is offered to the next in line."
            ),
            _(
                "Where all seats are given to those who are clearly above the line, "
                "the draw makes this order and nothing else."
            ),
        ],
        link=(
            reverse("cohorts:draw_show", args=[intake.slug]),
            _("The record of the draw"),
        )
        if record is not None
        else None,
    )


def _known(at: datetime) -> str:
    return _("It is known on %(moment)s.") % {
        "moment": moment(at, get_current_timezone_name())
    }
