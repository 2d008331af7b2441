"""The words for what the weighing found: pure, from codes to whole sentences.

A sentence about people names them as they are called; one about a trait uses the
label the call gave it. Nothing here ranks anybody.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.compose import Obstacle, Weighing, Why
from cohorts.impasse import Kind
from cohorts.weighing import Code
from people.availability import HALF_HOUR
from people.clock import hour_for, place_name

# Codes as they stand in Composition.facts and Seat.because.
Said = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """Who is called what, and how hours are told."""

    names: Mapping[str, str]
    traits: Mapping[str, str] = field(default_factory=dict)
    groups: Sequence[str] = ()
    zone: str = "UTC"
    monday: date = date(2026, 1, 5)

    def people(self, keys: Sequence[str], *, most: int = 4) -> str:
        known = [self.names[key] for key in keys if key in self.names]
        if len(known) > most:
            more = len(known) - most + 1
            known = [
                *known[: most - 1],
                ngettext("%(n)s other", "%(n)s others", more) % {"n": more},
            ]
        return str(get_text_list(known, self._and)) if known else ""

    @cached_property
    def _and(self) -> str:
        return _("and")

    def trait(self, key: str) -> str:
        return self.traits.get(key, key)

    def moment(self, half_hour: int) -> str:
        """A half-hour of the UTC week, as the clock of the program's place says it."""
        midnight = datetime.combine(self.monday, time(0), tzinfo=ZoneInfo("UTC"))
        at = midnight + half_hour * HALF_HOUR
        here = at.astimezone(ZoneInfo(self.zone))
        return _("%(day)s, %(hour)s in %(place)s") % {
            "day": WEEKDAYS[here.weekday()],
            "hour": hour_for(at, ZoneInfo(self.zone)),
            "place": place_name(self.zone),
        }

    # What asks for a look

    def headline(self, found: Said) -> str:
        """The short name of a finding, above its sentence."""
        one = self.people(found["people"][:1])
        match found["code"]:
            case Code.ONLY_ONE:
                return _("%(name)s could be the only one") % {"name": one}
            case Code.TOO_SMALL:
                return _("Too few people")
            case Code.TOO_LARGE:
                return _("Too many people")
            case Code.NO_SHARED_HOURS:
                return _("No hour for everybody")
            case Code.PARTED:
                return _("Two who belong together sit apart")
            case Code.NOT_KEPT_APART:
                return _("Two who must not meet sit together")
            case Code.ORGANISATION_OVER_CAP:
                return _("Many from one organisation")
            case Code.NEED_UNMET:
                return _("A question nobody here answers")
            case Code.SKEWED:
                return _("%(count)s of %(all)s are alike") % {
                    "count": found["count"],
                    "all": found["limit"],
                }
            case Code.HOURS_NOT_SAID:
                return _("Hours not known")
            case _:
                return _("Alone, and fine with it")

    def finding(self, found: Said) -> str:
        people = self.people(found["people"])
        values = {
            "people": people,
            "value": found["value"],
            "trait": self.trait(found["trait"]),
            "count": found["count"],
            "limit": found["limit"],
        }
        match found["code"]:
            case Code.TOO_SMALL:
                return (
                    _("%(count)s people; the smallest cohort has %(limit)s.") % values
                )
            case Code.TOO_LARGE:
                return _("%(count)s people; the largest cohort has %(limit)s.") % values
            case Code.NO_SHARED_HOURS:
                return (
                    _(
                        "At the best hour %(count)s of %(limit)s can meet; "
                        "not %(people)s."
                    )
                    % values
                )
            case Code.PARTED:
                return _("%(people)s were to sit together.") % values
            case Code.NOT_KEPT_APART:
                return _("%(people)s were to be kept apart.") % values
            case Code.ORGANISATION_OVER_CAP:
                return (
                    _(
                        "%(people)s come from %(value)s; at most %(limit)s of one "
                        "organisation sit together."
                    )
                    % values
                )
            case Code.ONLY_ONE:
                return (
                    _(
                        "%(people)s would be the only one who said “%(value)s” for "
                        "%(trait)s, and did not say that this is fine."
                    )
                    % values
                )
            case Code.NEED_UNMET:
                return (
                    _("Somebody asks for “%(value)s”, and nobody else here offers it.")
                    % values
                )
            case Code.SKEWED:
                return (
                    _(
                        "%(count)s of %(limit)s said “%(value)s” for %(trait)s; others "
                        "may carry less. Consider a swap, or agree on airtime early."
                    )
                    % values
                )
            case Code.HOURS_NOT_SAID:
                return (
                    _(
                        "%(people)s did not say when they can meet. "
                        "Ask before you publish."
                    )
                    % values
                )
            case _:
                return (
                    _(
                        "%(people)s is the only one who said “%(value)s” for "
                        "%(trait)s, and said that this is fine."
                    )
                    % values
                )

    # Why here

    def because(self, said: Said) -> str:
        words = self._why.get(said["code"]) or self._counted(
            said["code"], said["count"]
        )
        return words % {
            "value": said["value"],
            "people": self.people(said["people"]),
            "trait": self.trait(said["trait"]),
            "count": said["count"],
        }

    @cached_property
    def _why(self) -> Mapping[str, str]:
        """Found once for some hundred people with several reasons each."""
        return {
            Why.PINNED: _("Held here by hand."),
            Why.COVERS_NEED: _("Offers “%(value)s”, which %(people)s asked for."),
            Why.FINDS_HELP: _("Asks for “%(value)s”, which %(people)s can offer."),
            Why.TOGETHER: _("Was to sit with %(people)s."),
            Why.ALONE_AND_FINE: _(
                "Alone in %(trait)s here, and said that this is fine."
            ),
            Why.ADDS: _("Brings “%(value)s” (%(trait)s) to this circle."),
        }

    @cached_property
    def _known_counts(self) -> dict[tuple[str, int], str]:
        return {}

    def _counted(self, code: str, count: int) -> str:
        known = self._known_counts
        if (code, count) not in known:
            known[code, count] = self._plural(code, count)
        return known[code, count]

    def _plural(self, code: str, count: int) -> str:
        match code:
            case Why.KEEPS_COMPANY:
                return ngettext(
                    "Is not alone in %(trait)s: one other said the same.",
                    "Is not alone in %(trait)s: %(count)s others said the same.",
                    count,
                )
            case Why.SHARES_HOURS:
                return ngettext(
                    "Can meet everybody here at one time of the week.",
                    "Can meet everybody here at %(count)s times of the week.",
                    count,
                )
            case _:
                return ngettext(
                    "Does not know one of the others yet.",
                    "Does not know %(count)s of the others yet.",
                    count,
                )

    # Why not placed

    def waiting(self, said: Said) -> str:
        match said["reason"]:
            case Obstacle.NO_HOURS:
                return _("No stretch of their week is long enough for a meeting.")
            case Obstacle.NO_SEAT_LEFT:
                return _("All seats are taken.")
        nearest = said.get("nearest")
        group = (
            self.groups[nearest]
            if nearest is not None and nearest < len(self.groups)
            else ""
        )
        broken = [self.finding(one) for one in said.get("would_break", ())]
        if not group:
            return _("No group has room.")
        if not broken:
            return _("Could sit in %(group)s.") % {"group": group}
        return " ".join([_("Nearest is %(group)s.") % {"group": group}, *broken])

    # The proposal as a whole

    def weighed(self, said: Said) -> str:
        traits = str(
            get_text_list([self.trait(key) for key in said["traits"]], _("and"))
        )
        limits = list(said["limits"])
        match said["code"]:
            case Weighing.SIZE:
                return _("Between %(least)s and %(most)s people in each.") % {
                    "least": limits[0],
                    "most": limits[1],
                }
            case Weighing.HOURS:
                return _("%(length)s in the week that everybody can make.") % {
                    "length": duration(limits[0])
                }
            case Weighing.TOGETHER:
                return _("Those who are to sit together.")
            case Weighing.APART:
                return _("Those who are to be kept apart.")
            case Weighing.ORGANISATION:
                return _("At most %(count)s from one organisation.") % {
                    "count": limits[0]
                }
            case Weighing.NOT_ALONE:
                return _("No one alone in a way they told us matters: %(traits)s.") % {
                    "traits": traits
                }
            case Weighing.NEEDS:
                return _("Questions and offers that answer each other.")
            case Weighing.WEAKEST_FIRST:
                return _("The weakest circle first.")
            case Weighing.VARIETY:
                return _("A mix of %(traits)s.") % {"traits": traits}
            case Weighing.BRIDGING:
                return _("People who do not know each other yet.")
            case _:
                return _("More hours to choose from.")

    # Rules that cannot hold together, and what could give

    def clash(self, said: Said) -> str:
        """Why some rules cannot all be kept, from the numbers alone."""
        rules = said["rules"]
        kinds = {rule["kind"] for rule in rules}
        values = {
            "people": self.people(said["people"]),
            "count": said["count"],
            "limit": said["limit"],
            "trait": self.trait(rules[0]["trait"]),
            "value": rules[0]["value"],
        }
        if Kind.PINNED in kinds:
            return _("Held by hand, and against a rule: %(people)s.") % values
        if kinds == {Kind.SIZE}:
            return (
                ngettext(
                    "There is one person; the cohorts need %(limit)s at least.",
                    "There are %(count)s people; the cohorts need %(limit)s at least.",
                    said["count"],
                )
                % values
            )
        if kinds == {Kind.ORGANISATION}:
            return (
                _(
                    "%(count)s come from one organisation (%(people)s); the limit "
                    "leaves seats for %(limit)s of them."
                )
                % values
            )
        if kinds == {Kind.NOT_ALONE}:
            return (
                _(
                    "%(people)s is the only one of all who said “%(value)s” for "
                    "%(trait)s, and did not say that being the only one is fine."
                )
                % values
            )
        if kinds == {Kind.HOURS}:
            return (
                _("No stretch of the week of %(people)s is long enough for a meeting.")
                % values
            )
        if Kind.HOURS in kinds and said["count"] > len(said["people"]):
            return (
                _(
                    "Of %(count)s people no two share an hour, %(people)s among them; "
                    "there are %(limit)s cohorts."
                )
                % values
            )
        if Kind.HOURS in kinds:
            return (
                _(
                    "The hours of %(people)s would need %(count)s cohorts; there are "
                    "%(limit)s."
                )
                % values
            )
        if Kind.APART in kinds and Kind.TOGETHER in kinds:
            return (
                _(
                    "%(people)s are to sit together, and two of them are to be kept "
                    "apart."
                )
                % values
            )
        if Kind.APART in kinds:
            return (
                _(
                    "%(people)s are all to be kept apart from one another; there are "
                    "%(limit)s cohorts for %(count)s."
                )
                % values
            )
        if Kind.SIZE in kinds:
            return (
                _(
                    "%(people)s are to sit together: %(count)s in all, and the largest "
                    "cohort has %(limit)s."
                )
                % values
            )
        return _("%(people)s are to sit together, and share no hour.") % values

    def easing(self, said: Said) -> str:
        """What would be asked instead."""
        change = said.get("change", {})
        people = self.people(said["people"])
        match said["kind"]:
            case Kind.SIZE if "size_min" in change:
                return _("Compose one cohort, and let it be that small.")
            case Kind.SIZE if "size_max" in change:
                return ngettext(
                    "Let a cohort have up to one person.",
                    "Let a cohort have up to %(n)s people.",
                    change["size_max"],
                ) % {"n": change["size_max"]}
            case Kind.SIZE:
                return ngettext(
                    "Compose one cohort.",
                    "Compose %(n)s cohorts.",
                    change["groups"],
                ) % {"n": change["groups"]}
            case Kind.ORGANISATION:
                return ngettext(
                    "Let one from one organisation sit in a cohort.",
                    "Let up to %(n)s from one organisation sit in a cohort.",
                    change["organisation_cap"],
                ) % {"n": change["organisation_cap"]}
            case Kind.NOT_ALONE:
                return _(
                    "Let somebody be the only one in %(trait)s. Ask %(people)s first."
                ) % {"trait": self.trait(said["trait"]), "people": people}
            case Kind.HOURS if change:
                return _("Meet for %(length)s.") % {
                    "length": duration(change["meeting"])
                }
            case Kind.HOURS:
                return _(
                    "Leave the hours of %(people)s open, and ask them for more."
                ) % {"people": people}
            case Kind.TOGETHER:
                return _("Let %(people)s sit apart.") % {"people": people}
            case Kind.APART:
                return _("Let %(people)s sit together.") % {"people": people}
            case _:
                return _("Let %(people)s go from where they are held.") % {
                    "people": people
                }


def duration(half_hours: int) -> str:
    """ "90 minutes", "2 hours"."""
    minutes = int(half_hours * (HALF_HOUR / timedelta(minutes=1)))
    if minutes % 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}


def how_good(progress: Said) -> str:
    """How far the best so far is from the best that anyone could do."""
    broken = progress.get("broken")
    if broken is None:
        return _("No arrangement is found yet.")
    if broken:
        return ngettext(
            "The best so far breaks one rule.",
            "The best so far breaks %(n)s rules.",
            broken,
        ) % {"n": broken}
    percent = gap(progress)
    if percent is None:
        return _(
            "Every rule is kept. How much stronger the circles could be is not known."
        )
    if percent == 0:
        return _("Every rule is kept, and nobody could do better.")
    return _("Every rule is kept; within %(n)s %% of the best anyone could do.") % {
        "n": percent
    }


def gap(progress: Said) -> int | None:
    """In whole parts of a hundred, rounded up; None where no bound is known."""
    value, most = progress.get("value"), progress.get("at_most")
    if progress.get("broken") or value is None or not most:
        return None
    return max(0, math.ceil(100 * (1 - value / most) - 1e-6))


def bridges_opened(opened: int, clusters: int) -> str:
    if not opened:
        return _("This plan opens no bridge between clusters.")
    return ngettext(
        "This plan opens one bridge between %(m)s clusters.",
        "This plan opens %(n)s bridges between %(m)s clusters.",
        opened,
    ) % {"n": opened, "m": clusters}
