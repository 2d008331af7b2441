"""A moment is told one way everywhere: weekday, day, hour, and the place."""

from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.core import mail
from django.template import Context, Template
from django.utils import timezone, translation

from people import cities, clock
from people.models import Purpose, User
from people.outbox import Notice, _notices, queue, register

# A moment of this year, whatever year it is when this runs.
YEAR = timezone.now().year
AT = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)


def said(language, at=AT, zone="Africa/Nairobi"):
    with translation.override(language):
        return clock.moment(at, zone)


def test_a_moment_in_english():
    year = "" if YEAR == 2026 else " 2026"

    assert said("en") == f"Thursday 26 November{year}, 16:00 in Nairobi"


def test_a_moment_in_french_is_french_throughout():
    day = said("fr").split(",")[0]

    assert day.startswith("jeudi 26 novembre")


def test_a_moment_in_arabic_names_day_month_and_city_in_arabic():
    words = said("ar")

    assert "الخميس" in words
    assert "نوفمبر" in words
    assert "نيروبي" in words
    assert "16:00" in words  # Latin digits: phones and clocks show them so


def test_another_year_is_named():
    assert "2031" in said("en", datetime(2031, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("at", "zone", "hour"),
    [
        (datetime(2027, 3, 28, 0, 59, tzinfo=UTC), "Europe/London", "00:59"),
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "Europe/London", "02:00"),
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "Europe/London", "01:30"),
        (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), "Europe/London", "01:30"),
        (datetime(2027, 4, 29, 22, 30, tzinfo=UTC), "Africa/Cairo", "01:30"),
        (datetime(2027, 10, 2, 15, 45, tzinfo=UTC), "Australia/Lord_Howe", "02:45"),
        (datetime(2027, 2, 7, 1, 30, tzinfo=UTC), "Africa/Casablanca", "02:30"),
    ],
)
def test_hours_follow_summer_time_where_it_is_kept(at, zone, hour):
    assert f", {hour} in " in said("en", at, zone)


def test_the_day_is_the_day_of_the_place():
    late = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)

    assert said("en", late).startswith("Friday 27")
    assert said("en", late, "America/Recife").startswith("Thursday 26")


@pytest.mark.parametrize(
    ("zone", "language", "name"),
    [
        ("Africa/Nairobi", "en", "Nairobi"),
        ("Asia/Kolkata", "ar", "كالكتا"),
        ("Asia/Calcutta", "en", "Kolkata"),
        ("America/Argentina/Buenos_Aires", "en", "Buenos Aires"),
        ("Europe/Kiev", "fr", "Kiev"),
        ("America/Port-au-Prince", "en", "Port-au-Prince"),
        ("Africa/Sao_Tome", "pt-br", "São Tomé"),
        ("UTC", "en", "UTC"),
    ],
)
def test_a_place_is_named_as_its_readers_name_it(zone, language, name):
    with translation.override(language):
        assert clock.place_name(zone) == name


def test_a_page_and_a_mail_tell_a_moment_alike(db, settings):
    """What a page shows in its time element is what the mail says in words."""
    kept = dict(_notices)
    settings.TEMPLATES = [
        {
            **settings.TEMPLATES[0],
            "DIRS": [
                *settings.TEMPLATES[0]["DIRS"],
                settings.BASE_DIR / "tests/people/templates",
            ],
        }
    ]
    morning = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    for language, zone in (("en", "Africa/Lagos"), ("ar", "Africa/Cairo")):
        person = User.objects.create_user(
            f"{language}@example.org",
            timezone=zone,
            language=language,
            date_joined=AT,
        )
        kind = register(
            Notice(
                name=f"tests.clock.{language}",
                template="knocks/promise",
                purpose=Purpose.SESSION,
                reason="Because.",
                find=lambda person, about_id: person,
            )
        )
        queue(kind, to=person, about=person, key="1", send_after=morning)
        from people.delivery import deliver_due

        deliver_due(now=morning)
        with translation.override(language), timezone.override(ZoneInfo(zone)):
            page = Template("{% moment at %}").render(Context({"at": AT}))

        words = page.split(">")[1].split("<")[0]
        assert words in mail.outbox[-1].body
        assert 'datetime="2026-11-26T13:00+00:00"' in page
    _notices.clear()
    _notices.update(kept)


def test_somebody_without_an_account_is_told_utc():
    assert clock.moment_for(SimpleNamespace(), AT).endswith("13:00 in UTC")


# Choosing a place


@pytest.mark.parametrize("language", ["en", "fr", "ar", "sw"])
def test_every_offered_place_is_known_and_has_a_name(language):
    with translation.override(language):
        offered = [pair for _name, group in cities.grouped() for pair in group]

    zones = [zone for zone, _city in offered]
    assert set(zones) <= available_timezones()
    assert len(zones) == len(set(zones))
    assert all(city and "_" not in city for _zone, city in offered)
    assert {"Africa/Nairobi", "America/Recife", "Asia/Kolkata", "UTC"} <= set(zones)


def test_places_are_sorted_by_the_name_that_is_shown():
    with translation.override("en"):
        africa = dict(cities.grouped())["Africa"]

    names = [city.casefold() for _zone, city in africa]
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("device", "mine", "asked"),
    [
        ("Africa/Lagos", "Africa/Nairobi", "Africa/Lagos"),
        ("Africa/Kampala", "Africa/Nairobi", ""),
        ("Asia/Calcutta", "Asia/Kolkata", ""),
        # One hour apart for half of the year only.
        ("Europe/London", "Africa/Accra", "Europe/London"),
        ("UTC", "Africa/Nairobi", ""),
        ("Etc/GMT-3", "Africa/Lagos", ""),
        ("Mars/Olympus", "Africa/Lagos", ""),
    ],
)
def test_a_device_is_elsewhere_when_its_clock_differs_some_time(device, mine, asked):
    assert cities.elsewhere(device, mine, now=AT) == asked
