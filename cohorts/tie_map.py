"""Who knows whom before a proposal, and which doors it opens: two drawings and words.

People are dots, those who hang together stand close. Where everybody stands is worked
out once, so that the second drawing differs from the first by what the circles add.
Nobody is ranked: of a person it is only told that a door is not open yet.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.bridges import Bridges, Key, Ties, bridges
from cohorts.models import Composition, CompositionGroup, Seat
from cohorts.reasons import bridges_opened
from cohorts.seating import Asked, people_on, ties_among

WIDE, HIGH = 120.0, 80.0
MOST_LINES = 400  # more would be one dark patch, and slow
MOST_PAIRS = 60


@dataclass(frozen=True, kw_only=True)
class Dot:
    x: str
    y: str
    ink: int  # of the cluster; 0 for who has no ties yet


@dataclass(frozen=True, kw_only=True)
class Line:
    x1: str
    y1: str
    x2: str
    y2: str
    weight: int = 1  # 1 to 3


@dataclass(frozen=True, kw_only=True)
class Cluster:
    number: int
    people: Sequence[str]
    x: str  # where its number stands
    y: str


@dataclass(frozen=True, kw_only=True)
class Pair:
    name: str
    ties: int
    bridges: int


@dataclass(frozen=True, kw_only=True)
class TieMap:
    headline: str
    before: str
    after: str
    dots: Sequence[Dot]
    ties: Sequence[Line]
    opened: Sequence[Line]
    clusters: Sequence[Cluster]
    pairs: Sequence[Pair]
    pairs_left_out: int
    circles: Sequence[tuple[str, int]]  # name, bridges
    bridging_nothing: Sequence[str]
    no_ties_yet: Sequence[str]


def tie_map_of(
    composition: Composition,
    seats: Sequence[Seat],
    groups: Sequence[CompositionGroup],
) -> TieMap:
    """`seats` with their whole applications, in the order of names."""
    people = people_on(seats, Asked.of(composition))
    names = {str(s.application_id): s.application.called for s in seats}
    at: dict[Any, list[str]] = {group.pk: [] for group in groups}
    for seat in seats:
        if seat.group_id in at:
            at[seat.group_id].append(str(seat.application_id))
    ties = ties_among(people)
    found = bridges(ties, [at[group.pk] for group in groups])
    home = {one: n for n, some in enumerate(found.communities) for one in some}
    known = Counter(
        _pair(home, one, other)
        for one, tied in ties.items()
        for other in tied
        if str(one) < str(other) and home[one] != home[other]
    )
    new = Counter(_pair(home, *bridge.people) for bridge in found.opened)
    spots, centres, labels = _spots(found)
    in_group = Counter(bridge.group for bridge in found.opened)
    pairs = [
        Pair(
            name=_("Clusters %(one)s and %(other)s") % {"one": a + 1, "other": b + 1},
            ties=known[a, b],
            bridges=new[a, b],
        )
        for a, b in sorted({*known, *new}, key=lambda p: (-new[p], p))
    ]
    many = sum(len(tied) for tied in ties.values()) // 2
    return TieMap(
        headline=bridges_opened(len(found.opened), found.clusters),
        before=_before(len(people), len(found.communities), many, len(known)),
        after=_after(found),
        dots=[
            Dot(x=f"{x:.1f}", y=f"{y:.1f}", ink=home[one] % 4 + 1 if one in home else 0)
            for one, (x, y) in spots.items()
        ],
        ties=_ties(ties, spots),
        opened=[
            _line(centres[a], centres[b], weight=1 + (count > 3) + (count > 12))
            for (a, b), count in sorted(new.items())
        ],
        clusters=[
            Cluster(
                number=n + 1,
                people=sorted(names[str(one)] for one in some),
                x=f"{label[0]:.1f}",
                y=f"{label[1]:.1f}",
            )
            for n, (some, label) in enumerate(
                zip(found.communities, labels, strict=True)
            )
        ],
        pairs=pairs[:MOST_PAIRS],
        pairs_left_out=max(0, len(pairs) - MOST_PAIRS),
        circles=[(group.name, in_group[n]) for n, group in enumerate(groups)],
        bridging_nothing=sorted(names[str(one)] for one in found.bridging_nothing),
        no_ties_yet=sorted(names[str(one)] for one in found.no_ties_yet),
    )


def _pair(home: Mapping[Key, int], one: Key, other: Key) -> tuple[int, int]:
    first, second = sorted((home[one], home[other]))
    return first, second


def _before(people: int, clusters: int, ties: int, pairs: int) -> str:
    told = [
        ngettext("%(n)s person", "%(n)s people", people) % {"n": people},
        ngettext("%(n)s tie", "%(n)s ties", ties) % {"n": ties},
        ngettext("%(n)s cluster", "%(n)s clusters", clusters) % {"n": clusters},
        ngettext(
            "%(n)s pair of clusters with a tie",
            "%(n)s pairs of clusters with a tie",
            pairs,
        )
        % {"n": pairs},
    ]
    return _("Before: %(facts)s.") % {"facts": ", ".join(told)}


def _after(found: Bridges) -> str:
    told = [
        ngettext("%(n)s bridge more", "%(n)s bridges more", len(found.opened))
        % {"n": len(found.opened)},
        ngettext(
            "%(n)s pair of clusters that met nowhere before",
            "%(n)s pairs of clusters that met nowhere before",
            len(found.joined),
        )
        % {"n": len(found.joined)},
    ]
    return _("With these circles: %(facts)s.") % {"facts": ", ".join(told)}


# Where everybody stands

Spot = tuple[float, float]


def _spots(found: Bridges) -> tuple[dict[Key, Spot], list[Spot], list[Spot]]:
    """People round the middle of their cluster, clusters round the middle of the map;
    those without ties in rows below. Also the middles, and where numbers stand."""
    loose = len(found.no_ties_yet)
    per_row = 44
    rows = -(-loose // per_row)
    below = 3.0 + 3.0 * rows if rows else 0.0
    middle, wide, high = (WIDE / 2, (HIGH - below) / 2), WIDE / 2, (HIGH - below) / 2
    many = len(found.communities)
    # a large cluster takes a larger part of the way round
    shares = [math.sqrt(len(some)) + 0.6 for some in found.communities]
    whole, gone = sum(shares), 0.0
    spots: dict[Key, Spot] = {}
    centres, labels = [], []
    for some, share in zip(found.communities, shares, strict=True):
        angle = 2 * math.pi * (gone + share / 2) / whole - math.pi / 2
        gone += share
        room = 2 * math.pi * high * share / whole / 2
        radius = min(1.6 + 1.1 * math.sqrt(len(some)), max(2.0, 0.8 * room), 13.0)
        if many == 1:
            centre = middle
        else:
            centre = (
                middle[0] + (wide - radius - 6) * math.cos(angle),
                middle[1] + (high - radius - 6) * math.sin(angle),
            )
        centres.append(centre)
        labels.append(
            (
                centre[0] + (radius + 3.5) * math.cos(angle),
                centre[1] + (radius + 3.5) * math.sin(angle) + 1.5,
            )
        )
        for n, one in enumerate(sorted(some, key=str)):
            turn = angle + 2 * math.pi * n / len(some)
            spots[one] = (
                centre[0] + radius * math.cos(turn),
                centre[1] + radius * math.sin(turn),
            )
    for n, one in enumerate(found.no_ties_yet):
        row, place = divmod(n, per_row)
        in_row = min(per_row, loose - row * per_row)
        spots[one] = (
            WIDE / 2 + (place - (in_row - 1) / 2) * 2.6,
            HIGH - below + 3 + 3 * row,
        )
    return spots, centres, labels


def _ties(ties: Ties, spots: Mapping[Key, Spot]) -> list[Line]:
    lines = [
        _line(spots[one], spots[other])
        for one, tied in ties.items()
        for other in sorted(tied, key=str)
        if str(one) < str(other)
    ]
    return lines[:MOST_LINES]


def _line(one: Spot, other: Spot, *, weight: int = 1) -> Line:
    return Line(
        x1=f"{one[0]:.1f}",
        y1=f"{one[1]:.1f}",
        x2=f"{other[0]:.1f}",
        y2=f"{other[1]:.1f}",
        weight=weight,
    )
