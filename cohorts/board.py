"""A proposal as the page shows it: names, bars, and warnings in words.

Everything that repeats for each of some hundred people is made once here, so that
the template only sets it in place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from html import escape
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q
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
from cohorts.moving import WayOut, ways_out_of_each
from cohorts.reasons import Speaker, how_good
from cohorts.seating import Asked
from cohorts.weighing import HARD, Code
from people.charts import Cell
from people.clock import place_name

WAITING = "waiting"
# So many people stand on the board with a card each. Of more, only those of the circles
# that are looked at, so many at once, and of those who wait so many.
UNFOLDED_UP_TO = 240
LOOKED_AT = 2
WAITING_SHOWN = 60
# Of so few people, and so few circles, it is told at once which step would mend them.
MENDED_AT_ONCE = 60
BROKEN_AT_ONCE = 3
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
BLANK = {one.name: SafeString(f"{MARK}{one.name}{MARK}") for one in fields(Person)}


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
    """`look` leads to a page on which a folded circle lies open."""

    pk: UUID | None
    cards: SafeString = NOTHING
    number: int = 0
    name: str
    people: Sequence[Person]
    count: int = 0
    look: str = ""
    is_folded: bool = False
    seats: str = ""
    bars: Sequence[Bar] = ()
    problems: Sequence[Problem] = ()
    ways: Sequence[WayOut] | None = None
    unmet: str = ""
    cohort: Any = None

    @property
    def is_broken(self) -> bool:
        return any(one.is_broken for one in self.problems)

    @property
    def not_shown(self) -> int:
        return self.count - len(self.people)


@dataclass(frozen=True, kw_only=True)
class Board:
    composition: Composition
    waiting: Circle
    circles: Sequence[Circle]
    account: Account
    look: Look
    count: int = 0

    @property
    def is_open(self) -> bool:
        return self.composition.is_open


@dataclass(frozen=True, kw_only=True)
class Account:
    """What a proposal weighed, and what it did not use."""

    weighed: Sequence[str]
    not_used: str


@dataclass(frozen=True, kw_only=True)
class Look:
    """What of a large board somebody looks at: circles by their number, 0 for those who
    wait. The others are folded. On a small board everything lies open."""

    numbers: tuple[int, ...] = ()
    is_partial: bool = False

    @classmethod
    def said(cls, text: str) -> Look:
        """As the address says it; what is none is left out."""
        some = [int(n) for n in text.split(",") if n.isascii() and n.isdigit()]
        return cls(numbers=tuple(dict.fromkeys(some))[-LOOKED_AT:])

    def at(self, number: int) -> Look:
        """The same, and this circle too; the one looked at longest ago is folded."""
        others = [n for n in self.numbers if n != number]
        return Look(numbers=(*others, number)[-LOOKED_AT:], is_partial=self.is_partial)

    def __contains__(self, number: int) -> bool:
        return not self.is_partial or number in self.numbers

    @property
    def query(self) -> str:
        """For the end of an address; empty if everything lies open."""
        numbers = ",".join(map(str, self.numbers))
        return f"?open={numbers}" if self.is_partial and numbers else ""


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """Where somebody sits, and no more: of a thousand people too."""

    seat: UUID
    group: UUID | None
    key: str
    called: str


def everybody_on(composition: Composition, *, viewer: Any) -> list[Sitting]:
    return [
        Sitting(seat=seat, group=group, key=str(key), called=called)
        for seat, group, key, called in Seat.objects.visible_to(viewer)
        .filter(composition=composition)
        .order_by("application__called", "pk")
        .values_list("pk", "group_id", "application_id", "application__called")
    ]


def account_of(composition: Composition, speaker: Speaker) -> Account:
    reach = Asked.of(composition).reach
    return Account(
        weighed=[
            speaker.weighed(one)
            for one in composition.facts.get("weighed", ())
            # Wholly at closeness, who knows whom was not weighed.
            if reach or one["code"] != Weighing.BRIDGING
        ],
        not_used=", ".join(
            speaker.trait(key) for key in composition.facts.get("not_used", ())
        ),
    )


def speaker_for(
    composition: Composition,
    intake: Intake,
    everybody: Iterable[Sitting] = (),
    groups: Sequence[CompositionGroup] = (),
) -> Speaker:
    return Speaker(
        names={one.key: one.called for one in everybody},
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
    # Of the page, so that a button that is pressed twice begins one proposal.
    key: UUID = field(default_factory=uuid4)


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


def _seats_on(
    composition: Composition, shown: Collection[UUID] | None, *, viewer: Any
) -> Iterable[Seat]:
    """Those seats, or all of them, with what stands on a card."""
    seats = Seat.objects.visible_to(viewer).filter(composition=composition)
    return (
        (seats if shown is None else seats.filter(pk__in=shown))
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
    look: Look | None = None,
    touched: UUID | None = None,
    wanted: str = "",
) -> Board:
    """The board. `touched` is whose select takes the focus; `wanted` what it shall
    still say, when the move was refused because the page had grown old.

    Of very many people only the circles of `look` lie open, with that of whoever is
    touched.
    """
    groups = list(
        CompositionGroup.objects.visible_to(viewer)
        .filter(composition=composition)
        .select_related("cohort")
        .order_by("position")
    )
    everybody = everybody_on(composition, viewer=viewer)
    numbers: dict[UUID | None, int] = {g.pk: g.position + 1 for g in groups}
    numbers[None] = 0
    look = _looking(everybody, numbers, look or Look(), touched=touched)
    sitting: dict[UUID | None, list[Sitting]] = {pk: [] for pk in numbers}
    for one in everybody:
        sitting[one.group].append(one)
    shown: list[UUID] | None = None
    if look.is_partial:
        shown = [
            one.seat
            for pk, some in sitting.items()
            if numbers[pk] in look
            for one in (some if pk else _first(some, touched))
        ]
    asked = Asked.of(composition)
    speaker = speaker_for(composition, intake, everybody, groups)
    people = _people_on(
        composition,
        asked,
        speaker,
        shown,
        viewer=viewer,
        choices=[(str(g.pk), g.name) for g in groups] + [(WAITING, _("Waiting"))],
        touched=touched,
        wanted=wanted,
    )
    facts = composition.facts.get("groups", [])
    circles = []
    for n, group in enumerate(groups):
        circle = _circle(
            group,
            people.get(group.pk, []),
            len(sitting[group.pk]),
            facts[n] if n < len(facts) else {},
            asked=asked,
            speaker=speaker,
            is_folded=numbers[group.pk] not in look,
        )
        circle.look = look.at(circle.number).query
        circles.append(circle)
    if composition.is_open and len(everybody) <= MENDED_AT_ONCE:
        broken = [circle for circle in circles if circle.is_broken][:BROKEN_AT_ONCE]
        at = [groups[circle.number - 1] for circle in broken]
        for circle, ways in zip(
            broken, ways_out_of_each(composition, at) if at else [], strict=True
        ):
            circle.ways = ways
    return Board(
        composition=composition,
        waiting=Circle(
            pk=None,
            name=_("Waiting"),
            people=people.get(None, []),
            count=len(sitting[None]),
            is_folded=0 not in look,
            look=look.at(0).query,
        ),
        circles=circles,
        account=account_of(composition, speaker),
        look=look,
        count=len(everybody),
    )


def called_so(composition: Composition, find: str, *, viewer: Any) -> UUID | None:
    """The seat of the first one whose name begins so, else in whose name it stands."""
    wanted = " ".join(find.casefold().split())
    everybody = everybody_on(composition, viewer=viewer)
    names = [(one.called.casefold(), one.seat) for one in everybody]
    begin = [seat for name, seat in names if name.startswith(wanted)]
    within = [seat for name, seat in names if wanted in name]
    return next(iter([*begin, *within]), None)


def _looking(
    everybody: Sequence[Sitting],
    numbers: Mapping[UUID | None, int],
    look: Look,
    *,
    touched: UUID | None,
) -> Look:
    if len(everybody) <= UNFOLDED_UP_TO:
        return Look()
    known = tuple(n for n in look.numbers if n in numbers.values())
    look = Look(numbers=known, is_partial=True)
    at = next((one for one in everybody if one.seat == touched), None)
    if at is not None:
        look = look.at(numbers[at.group])
    return look if look.numbers else look.at(1)


def _first(some: Sequence[Sitting], touched: UUID | None) -> list[Sitting]:
    return [
        *some[:WAITING_SHOWN],
        *(one for one in some[WAITING_SHOWN:] if one.seat == touched),
    ]


def _people_on(
    composition: Composition,
    asked: Asked,
    speaker: Speaker,
    shown: Collection[UUID] | None,
    *,
    viewer: Any,
    choices: Sequence[tuple[str, str]],
    touched: UUID | None,
    wanted: str,
) -> dict[UUID | None, list[Person]]:
    """The cards, circle by circle."""
    seats = list(_seats_on(composition, shown, viewer=viewer))
    tags = _said_of(
        composition,
        asked,
        None if shown is None else [s.application_id for s in seats],
        viewer=viewer,
    )
    words = Words()
    unplaced = {one["key"]: one for one in composition.facts.get("unplaced", ())}
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
    people: dict[UUID | None, list[Person]] = {}
    for seat in seats:
        one = seat.application
        here = str(seat.group_id) if seat.group_id else WAITING
        if seat.group_id:
            why = [speaker.because(said) for said in seat.because]
        else:
            said = unplaced.get(str(one.pk))
            why = [speaker.waiting(said)] if said else []
        people.setdefault(seat.group_id, []).append(
            Person(
                pk=seat.pk,
                name=one.called,
                initials=initials_of(one.called),
                tint=("", "b", "c", "d")[one.pk.int % 4],
                from_where=format_html_join(
                    " · ",
                    "<bdi>{}</bdi>",
                    (
                        (text,)
                        for text in (places[one.timezone], one.organisation)
                        if text
                    ),
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
    return people


def _said_of(
    composition: Composition,
    asked: Asked,
    some: Collection[UUID] | None,
    *,
    viewer: Any,
) -> dict[UUID, list[str]]:
    """What people said for the traits that are only mixed; protected ones stay off
    the cards."""
    shown = [key for key in asked.vary if key not in asked.protected]
    if not shown:
        return {}
    those = (
        Q(application__intake=composition.intake_id)
        if some is None
        else Q(application__in=some)
    )
    found: dict[UUID, list[str]] = {}
    for application, value in (
        TraitAnswer.objects.visible_to(viewer)
        .filter(those, trait__key__in=shown)
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
    count: int,
    said: Mapping[str, Any],
    *,
    asked: Asked,
    speaker: Speaker,
    is_folded: bool,
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
        "taken": count,
        "all": asked.size_max,
    }
    if problems:
        things = ngettext(
            "%(n)s thing to look at", "%(n)s things to look at", len(problems)
        ) % {"n": len(problems)}
        seats = _("%(seats)s · %(things)s") % {"seats": seats, "things": things}
    bars = []
    if not is_folded:
        bars = [
            _bar(speaker.trait(trait), counted)
            for trait, counted in said.get("balance", {}).items()
            if counted
        ]
    if hours := _hours(said, count, speaker):
        bars.append(hours)
    return Circle(
        pk=group.pk,
        number=group.position + 1,
        name=group.name,
        people=people,
        count=count,
        is_folded=is_folded,
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


def as_proposed(composition: Composition) -> str:
    """How good the search said it is, unless people were moved since."""
    if "value" not in composition.progress or composition.was_touched:
        return ""
    return "" if composition.broken else how_good(composition.progress)


def initials_of(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper() or "·"
