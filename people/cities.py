"""Places to choose from: a person picks a city, the house keeps its time zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy

from people.clock import place_name, todays_name

# What the time zone database files its cities under.
CONTINENTS = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("Americas"),
    "Asia": gettext_lazy("Asia"),
    "Atlantic": gettext_lazy("Atlantic"),
    "Australia": gettext_lazy("Australia"),
    "Europe": gettext_lazy("Europe"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Pacific": gettext_lazy("Pacific"),
}

Group = tuple[str, list[tuple[str, str]]]


def known(zone: str) -> str:
    """Today's name of a zone that a device sent, or nothing if there is none."""
    name = todays_name(zone)
    return name if name in available_timezones() else ""


def grouped() -> list[Group]:
    """Every place by continent, in the reader's language, sorted by name."""
    return _grouped(get_language() or "en")


@lru_cache(maxsize=16)
def _grouped(language: str) -> list[Group]:
    cities: dict[str, list[tuple[str, str]]] = {name: [] for name in CONTINENTS}
    for zone in sorted(get_global("zone_territories")):
        continent = zone.split("/")[0]
        if continent in cities:
            cities[continent].append((zone, place_name(zone)))
    groups = [
        (str(CONTINENTS[name]), sorted(found, key=lambda pair: pair[1].casefold()))
        for name, found in cities.items()
        if found
    ]
    return [*groups, (gettext("Nowhere in particular"), [("UTC", "UTC")])]


def elsewhere(device: str, mine: str, *, now: datetime) -> str:
    """The device's zone if its clock differs from mine at some time of this year."""
    zone = known(device)
    # "UTC" and "Etc/GMT+3" are clocks without a place: nobody lives there.
    if "/" not in zone or zone.startswith("Etc/") or zone == todays_name(mine):
        return ""
    first, second = ZoneInfo(zone), ZoneInfo(mine)
    months = (now + timedelta(days=30 * n) for n in range(12))
    same = all(
        month.astimezone(first).utcoffset() == month.astimezone(second).utcoffset()
        for month in months
    )
    return "" if same else zone


class CitySelect(forms.Select):
    """The list of all places. Django makes a template of each of its 430 options;
    written at once for each language it takes a hundredth of that.

    What the field offers outside the groups, a place that only devices know, comes
    before them.
    """

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: Any = None
    ) -> SafeString:
        built = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        more = [pair for pair in self.choices if isinstance(pair[1], str)]
        options = _written(more) + _options(get_language() or "en")
        plain = str(format_html('<option value="{}">', value or ""))
        chosen = str(format_html('<option value="{}" selected>', value or ""))
        return format_html(
            "<select{}>{}</select>",
            flatatt(built),
            mark_safe(options.replace(plain, chosen, 1)),
        )


def _written(places: list[Any]) -> SafeString:
    # An option ends where the next begins: 430 end tags would be a twentieth of the
    # weight of a page.
    return format_html_join("", '<option value="{}">{}', places)


@lru_cache(maxsize=16)
def _options(language: str) -> str:
    return "".join(
        format_html(
            '<optgroup label="{}">{}</optgroup>',
            continent,
            _written(places),
        )
        for continent, places in _grouped(language)
    )
