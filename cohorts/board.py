"""A proposal as the page shows it: names, bars, and warnings in words.

Everything that repeats for each of some hundred people is made once here, so that
the template only sets it in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from html import escape
from typing import Any
from uuid import UUID

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.compose import Weighing
from cohorts.models import (
    Application,
    Composition,
    CompositionGroup,
    Intake,
    Seat,
    TraitAnswer,
)
from cohorts.reasons import Speaker
from cohorts.seating import Asked
from cohorts.weighing import HARD, Code
from people.charts import Cell
from people.clock import place_name

WAITING = "waiting"
INKS = 4
NOTHING = SafeString("")


@dataclass(frozen=True, kw_only=True)
class Bar:
    label: str
    cells: Sequence[Cell]
    sentence: str = ""


@dataclass(frozen=True, kw_only=True)
class Problem:
    headline: str
    sentence: str
    is_broken: bool = False


@dataclass(frozen=True, kw_only=True)
class Person:
    pk: UUID
    name: str
    initials: str
    tint: str
    from_where: str
    tags: SafeString
    why: str
    label: str
    options: SafeString
    focus: SafeString = NOTHING


# Stands in the markup of a card where something of a person is to stand.
MARK = "\ue000"
BLANK = {
    field.name: SafeString(f"{MARK}{field.name}{MARK}") for field in fields(Person)
}


class Card:
    """The markup of one person, made by the template once for some hundred people."""

    def __init__(self, markup: str) -> None:
        # text, name of a field, text, ... and a text last
        self.parts = markup.split(MARK)

    def of(self, person: Person) -> str:
        # Once for each field, however often it stands in the markup.
        values = {
            name: text if isinstance(text, SafeString) else escape(str(text))
            for name, text in vars(person).items()
        }
        parts = list(self.parts)
        parts[1::2] = [values[name] for name in parts[1::2]]
        return "".join(parts)

    def of_all(self, people: Iterable[Person]) -> SafeString:
        return SafeString("".join(map(self.of, people)))


@dataclass(kw_only=True)
class Circle:
    pk: UUID | None
    cards: SafeString = NOTHING
    number: int = 0
    name: str
    people: Sequence[Person]
    seats: str = ""
    bars: Sequence[Bar] = ()
    problems: Sequence[Problem] = ()
    unmet: str = ""
    cohort: Any = None


@dataclass(frozen=True, kw_only=True)
class Board:
    composition: Composition
    waiting: Circle
    circles: Sequence[Circle]
    weighed: Sequence[str] = ()
    not_used: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.composition.is_open


def speaker_for(
    composition: Composition,
    intake: Intake,
    seats: Iterable[Seat],
    groups: Sequence[CompositionGroup],
) -> Speaker:
    return Speaker(
        names={str(s.application_id): s.application.called for s in seats},
        traits={t.key: t.label for t in intake.traits.all()},
        groups=[g.name for g in groups],
        zone=intake.timezone,
        monday=Asked.of(composition).week,
    )


def speaker_of(intake: Intake, people: Iterable[Application]) -> Speaker:
    """For sentences about applications, before anybody sits."""
    return Speaker(
        names={str(one.pk): one.called for one in people},
        traits={t.key: t.label for t in intake.traits.all()},
        zone=intake.timezone,
    )


@dataclass(frozen=True, kw_only=True)
class Easing:
    number: int
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """Rules that cannot all be kept: the fewest to ease, and why, clash by clash."""

    relax: Sequence[Easing]
    clashes: Sequence[tuple[str, Sequence[Easing]]]


def impasse_of(
    composition: Composition, intake: Intake, *, viewer: Any
) -> Stuck | None:
    found = composition.progress
    if not found.get("clashes"):
        return None
    about = {key for one in found["easings"] for key in one["people"]}
    about |= {key for clash in found["clashes"] for key in clash["people"]}
    speaker = speaker_of(
        intake, Application.objects.visible_to(viewer).filter(pk__in=about)
    )

    def easings(places: Iterable[int]) -> list[Easing]:
        return [
            Easing(number=n, sentence=speaker.easing(found["easings"][n]))
            for n in dict.fromkeys(places)
        ]

    return Stuck(
        relax=easings(found["relax"]),
        clashes=[
            (speaker.clash(clash), easings(clash["easings"]))
            for clash in found["clashes"]
        ],
    )


def seats_on(composition: Composition, *, viewer: Any) -> list[Seat]:
    return list(
        Seat.objects.visible_to(viewer)
        .filter(composition=composition)
        .select_related("application")
        .only(
            "group_id",
            "pinned",
            "because",
            "composition_id",
            "application__called",
            "application__organisation",
            "application__timezone",
            "application__offers",
            "application__needs",
        )
        .order_by("application__called", "pk")
    )


def board_of(
    composition: Composition,
    intake: Intake,
    *,
    viewer: Any,
    touched: UUID | None = None,
    wanted: str = "",
) -> Board:
    """The whole board. `touched` is whose select takes the focus; `wanted` what it
    shall still say, when the move was refused because the page had grown old."""
    groups = list(
        CompositionGroup.objects.visible_to(viewer)
        .filter(composition=composition)
        .select_related("cohort")
        .order_by("position")
    )
    seats = seats_on(composition, viewer=viewer)
    asked = Asked.of(composition)
    speaker = speaker_for(composition, intake, seats, groups)
    tags = _said_of(composition, asked, viewer=viewer)
    words = Words()
    choices = [(str(g.pk), g.name) for g in groups] + [(WAITING, _("Waiting"))]
    unplaced = {
        one["key"]: speaker.waiting(one)
        for one in composition.facts.get("unplaced", ())
    }
    options: dict[str, SafeString] = {}

    def options_for(value: str) -> SafeString:
        if value not in options:
            options[value] = format_html_join(
                "",
                '<option value="{}"{}>{}</option>',
                (
                    (key, SafeString(" selected") if key == value else "", name)
                    for key, name in choices
                ),
            )
        return options[value]

    places = {
        zone: place_name(zone) for zone in {s.application.timezone for s in seats}
    }
    people: dict[UUID | None, list[Person]] = {g.pk: [] for g in groups}
    people[None] = []
    for seat in seats:
        one = seat.application
        here = str(seat.group_id) if seat.group_id else WAITING
        if seat.group_id:
            why = [speaker.because(said) for said in seat.because]
        else:
            said = unplaced.get(str(one.pk))
            why = [said] if said else []
        people.setdefault(seat.group_id, []).append(
            Person(
                pk=seat.pk,
                name=one.called,
                initials=initials_of(one.called),
                tint=("", "b", "c", "d")[one.pk.int % 4],
                from_where=" · ".join(
                    filter(None, (places[one.timezone], one.organisation))
                ),
                tags=_tags(
                    words,
                    held=seat.pinned,
                    said=tags.get(one.pk, ()),
                    offers=one.offers,
                    needs=one.needs,
                ),
                why=" ".join(why),
                label=words.place % {"name": one.called},
                options=options_for(wanted if wanted and seat.pk == touched else here),
                focus=SafeString(" data-focus") if seat.pk == touched else NOTHING,
            )
        )
    facts = composition.facts.get("groups", [])
    circles = []
    for n, group in enumerate(groups):
        true = facts[n] if n < len(facts) else {}
        circles.append(
            _circle(group, people[group.pk], true, asked=asked, speaker=speaker)
        )
    return Board(
        composition=composition,
        waiting=Circle(pk=None, name=_("Waiting"), people=people[None]),
        circles=circles,
        weighed=[
            speaker.weighed(one)
            for one in composition.facts.get("weighed", ())
            # Wholly at closeness, who knows whom was not weighed.
            if asked.reach or one["code"] != Weighing.BRIDGING
        ],
        not_used=", ".join(
            speaker.trait(key) for key in composition.facts.get("not_used", ())
        ),
        names=speaker.names,
    )


def _said_of(
    composition: Composition, asked: Asked, *, viewer: Any
) -> dict[UUID, list[str]]:
    """What people said for the traits that are only mixed; protected ones stay off
    the cards."""
    shown = [key for key in asked.vary if key not in asked.protected]
    if not shown:
        return {}
    found: dict[UUID, list[str]] = {}
    for application, value in (
        TraitAnswer.objects.visible_to(viewer)
        .filter(application__intake=composition.intake_id, trait__key__in=shown)
        .order_by("trait__position", "pk")
        .values_list("application", "value")
    ):
        found.setdefault(application, []).append(value)
    return found


class Words:
    """What stands on every card, translated once."""

    def __init__(self) -> None:
        self.held = _("held here")
        self.offers = _("offers: %(tag)s")
        self.asks = _("asks: %(tag)s")
        self.place = _("Place %(name)s")


def _tags(
    words: Words,
    *,
    held: bool,
    said: Sequence[str],
    offers: Sequence[str],
    needs: Sequence[str],
) -> SafeString:
    shown = list(said)
    shown += [words.offers % {"tag": tag} for tag in offers[:2]]
    shown += [words.asks % {"tag": tag} for tag in needs[:2]]
    if not shown and not held:
        return NOTHING
    spans = [f'<span class="tag"><bdi>{escape(one)}</bdi></span>' for one in shown]
    if held:
        spans.insert(0, f'<span class="tag here">{escape(words.held)}</span>')
    return SafeString(f'<p class="row small">{" ".join(spans)}</p>')


def _circle(
    group: CompositionGroup,
    people: Sequence[Person],
    said: Mapping[str, Any],
    *,
    asked: Asked,
    speaker: Speaker,
) -> Circle:
    findings = said.get("findings", [])
    problems = [
        Problem(
            headline=speaker.headline(f),
            sentence=speaker.finding(f),
            is_broken=f["code"] in HARD,
        )
        for f in findings
        if f["code"] in HARD or f["code"] in (Code.SKEWED, Code.HOURS_NOT_SAID)
    ]
    unmet = [f["value"] for f in findings if f["code"] == Code.NEED_UNMET]
    seats = _("%(taken)s of %(all)s seats") % {
        "taken": len(people),
        "all": asked.size_max,
    }
    if problems:
        things = ngettext(
            "%(n)s thing to look at", "%(n)s things to look at", len(problems)
        ) % {"n": len(problems)}
        seats = _("%(seats)s · %(things)s") % {"seats": seats, "things": things}
    bars = [
        _bar(speaker.trait(trait), counted)
        for trait, counted in said.get("balance", {}).items()
        if counted
    ]
    if hours := _hours(said, len(people), speaker):
        bars.append(hours)
    return Circle(
        pk=group.pk,
        number=group.position + 1,
        name=group.name,
        people=people,
        seats=seats,
        bars=bars,
        problems=problems,
        unmet=", ".join(unmet),
        cohort=group.cohort,
    )


def _bar(label: str, counted: Sequence[Sequence[Any]]) -> Bar:
    parts = [(str(value), int(count)) for value, count in counted]
    if len(parts) > INKS:
        rest = sum(count for _value, count in parts[INKS - 1 :])
        parts = [*parts[: INKS - 1], (_("other"), rest)]
    whole = sum(count for _value, count in parts)
    start, cells = 0.0, []
    for ink, (value, count) in enumerate(parts, 1):
        width = 100 * count / whole
        cells.append(
            Cell(
                name=value,
                text=str(count),
                ink=ink,
                start=f"{start:.1f}",
                width=f"{max(0, width - 1):.1f}",
            )
        )
        start += width
    return Bar(label=label, cells=cells)


def _hours(said: Mapping[str, Any], count: int, speaker: Speaker) -> Bar | None:
    if not count:
        return None
    can = count
    if said.get("meeting"):
        at = said["meeting"][0]["start"]
        sentence = _("All %(n)s: %(moment)s") % {
            "n": count,
            "moment": speaker.moment(at),
        }
    elif said.get("best_slot"):
        at = said["best_slot"]["start"]
        missing = next(
            (f for f in said["findings"] if f["code"] == Code.NO_SHARED_HOURS), None
        )
        can = missing["count"] if missing else count
        sentence = _("%(n)s of %(all)s: %(moment)s") % {
            "n": can,
            "all": count,
            "moment": speaker.moment(at),
        }
    else:
        return None
    cell = Cell(name="", text="", ink=1, width=f"{100 * can / count:.1f}")
    return Bar(label=_("Shared hours"), cells=[cell], sentence=sentence)


def initials_of(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper() or "·"
