"""One way to print a moment for a person: with weekday, hour and the place.

"Thursday 26 November, 16:00 in Nairobi". Pages, mails and calendar files all
call `moment_for`, so that they agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_time
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

# CLDR keeps the names of cities under the first name it ever gave their zone.
CLDR_NAMES = {
    "Africa/Asmara": "Africa/Asmera",
    "America/Argentina/Buenos_Aires": "America/Buenos_Aires",
    "America/Argentina/Catamarca": "America/Catamarca",
    "America/Argentina/Cordoba": "America/Cordoba",
    "America/Argentina/Jujuy": "America/Jujuy",
    "America/Argentina/Mendoza": "America/Mendoza",
    "America/Atikokan": "America/Coral_Harbour",
    "America/Indiana/Indianapolis": "America/Indianapolis",
    "America/Kentucky/Louisville": "America/Louisville",
    "America/Nuuk": "America/Godthab",
    "Asia/Ho_Chi_Minh": "Asia/Saigon",
    "Asia/Kathmandu": "Asia/Katmandu",
    "Asia/Kolkata": "Asia/Calcutta",
    "Asia/Yangon": "Asia/Rangoon",
    "Atlantic/Faroe": "Atlantic/Faeroe",
    "Europe/Kyiv": "Europe/Kiev",
    "Pacific/Chuuk": "Pacific/Truk",
    "Pacific/Kanton": "Pacific/Enderbury",
    "Pacific/Pohnpei": "Pacific/Ponape",
}


@lru_cache(maxsize=32)
def babel_locale(language: str) -> Locale:
    """The CLDR locale of one of Django's language codes."""
    return Locale.parse(language.replace("-", "_"), sep="_")


def _locale() -> Locale:
    language = translation.get_language() or "en"
    return babel_locale({"pt-br": "pt_BR"}.get(language, language.split("-")[0]))


@lru_cache(maxsize=2048)
def _place(zone: str, language: str) -> str:
    if zone in ("UTC", "Etc/UTC"):
        return "UTC"
    zone = todays_name(zone)
    cities = babel_locale(language).time_zones
    for name in (zone, CLDR_NAMES.get(zone, zone)):
        if city := cities.get(name, {}).get("city"):
            return city
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def language_name(code: str) -> str:
    """A language by name; whatever is no code stands as it was written."""
    return _locale().languages.get(code.replace("-", "_"), code)


def todays_name(zone: str) -> str:
    """One name for a zone, whichever of its names a device uses."""
    return get_global("zone_aliases").get(zone, zone)


def place_name(zone: str) -> str:
    """The city of a zone in the reader's language: "Nairobi", "نيروبي"."""
    return _place(zone, str(_locale()))


def day_for(day: date) -> str:
    """A day with its weekday, without the year when it is this one's."""
    return _day(day, str(_locale()), day.year == timezone.now().year)


@lru_cache(maxsize=4096)
def _day(day: date, language: str, this_year: bool) -> str:
    locale = babel_locale(language)
    if language == "en":  # CLDR's English is American: "Thursday, November 26"
        pattern = "EEEE d MMMM" if this_year else "EEEE d MMMM y"
        return format_date(day, pattern, locale=locale)
    if not this_year:
        return format_date(day, "full", locale=locale)
    # CLDR knows this order in short; the words are written out.
    known = locale.datetime_skeletons
    short = (known.get("MMMMEd") or known["MMMEd"]).pattern
    pattern = re.sub("E+", "EEEE", re.sub("M+", "MMMM", short))
    return format_date(day, pattern, locale=locale)


def hour_for(at: datetime, zone: ZoneInfo) -> str:
    return _hour(
        at.astimezone(zone).time().replace(second=0, microsecond=0), str(_locale())
    )


@lru_cache(maxsize=4096)
def _hour(time: Any, language: str) -> str:
    return format_time(time, "HH:mm", locale=babel_locale(language))


def moment(at: datetime, zone: str) -> str:
    """The moment in words, in the active language, with the name of the place."""
    local = at.astimezone(ZoneInfo(zone))
    return gettext("%(day)s, %(hour)s in %(place)s") % {
        "day": day_for(local.date()),
        "hour": hour_for(at, ZoneInfo(zone)),
        "place": place_name(zone),
    }


def moment_for(person: Any, at: datetime) -> str:
    """The moment where this person is; UTC for people without an account."""
    return moment(at, getattr(person, "timezone", None) or "UTC")


def elsewhere(at: datetime, zones: Iterable[str], *, besides: str) -> list[str]:
    """The same moment in other places, by their hour; where it is another day, by day.

    "13:00 in Saint-Louis", "Friday 27 November, 01:00 in Auckland". Places whose
    clocks and name agree are told once; `besides` is the reader's own zone.
    """
    home = at.astimezone(ZoneInfo(besides))
    found: dict[str, tuple[datetime, str]] = {}
    for zone in zones:
        local = at.astimezone(ZoneInfo(zone))
        place = place_name(zone)
        if zone == besides or place == place_name(besides):
            continue
        if local.date() == home.date():
            told = gettext("%(hour)s in %(place)s") % {
                "hour": hour_for(at, ZoneInfo(zone)),
                "place": place,
            }
        else:
            told = moment(at, zone)
        found[place] = (local.replace(tzinfo=None), told)
    return [told for _local, told in sorted(found.values())]


def time_left(until: datetime, now: datetime) -> str:
    """ "2 days left", "5 hours left": the words beside an absolute moment."""
    minutes = int((until - now).total_seconds() // 60)
    if minutes < 0:
        return gettext("time is up")
    days, hours = minutes // (24 * 60), minutes // 60
    if days:
        return ngettext("%(n)d day left", "%(n)d days left", days) % {"n": days}
    if hours:
        return ngettext("%(n)d hour left", "%(n)d hours left", hours) % {"n": hours}
    return ngettext("%(n)d minute left", "%(n)d minutes left", minutes) % {"n": minutes}
