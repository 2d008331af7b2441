"""What anybody reads of a call: in each language, light, open to its last moment."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from cohorts import calls
from cohorts.models import IntakePhase, Permit
from tests.cohorts.test_weight import KB, static_bytes, weight

PAGES = ("", "how/", "1/")
RTL = {"ar", "fa", "he", "ur"}


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_speaks_every_language_in_its_direction(client, call, language, page):
    client.get(f"/apply/mangrove/?in={language}")

    body = client.get(f"/apply/mangrove/{page}").content.decode()

    way = "rtl" if language.split("-")[0] in RTL else "ltr"
    [html] = re.findall(r"<html [^>]*>", body)
    assert f'lang="{language}"' in html
    assert (f'dir="{way}"' in html) or way == "ltr"


@pytest.mark.parametrize("page", PAGES)
def test_the_first_visit_weighs_little(client, call, page):
    """6 KB of text; 12 KB with the styles, 32 KB with everything, in few requests."""
    body = client.get(f"/apply/mangrove/{page}").content
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', body.decode())
    scripts = re.findall(r'<script src="([^"]+)"', body.decode())
    plain = weight(body) + sum(weight(static_bytes(url)) for url in sheets)
    everything = plain + sum(weight(static_bytes(url)) for url in scripts)

    assert weight(body) <= 6 * KB
    assert plain <= 12 * KB
    assert everything <= 32 * KB
    assert 1 + len(sheets) + len(scripts) <= 4


@pytest.mark.parametrize("page", PAGES)
def test_nothing_comes_from_elsewhere(client, call, page):
    body = client.get(f"/apply/mangrove/{page}").content.decode()

    assert re.findall(r'(?:src|href)="https?://', body) == []
    assert "style=" not in body


LAST_DAY = date(2031, 3, 14)
# It is still the fourteenth in the last place on Earth, twelve hours behind UTC.
END = datetime(2031, 3, 15, 11, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (END - timedelta(microseconds=1), True),
        (END, False),
        (END + timedelta(microseconds=1), False),
    ],
)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Africa/Nairobi"])
def test_a_day_ends_when_it_has_ended_everywhere(birch, call, at, is_open, zone):
    """Wherever the call is at home, and in whatever place somebody reads of it."""
    call.intake.timezone = zone
    call.intake.save()
    closes = calls.last_moment(LAST_DAY, zone, anywhere_on_earth=True)
    calls.set_phases(
        call.intake,
        by=birch.lea,
        phases={
            IntakePhase.Kind.APPLY: (calls.first_moment(LAST_DAY, zone), closes, True)
        },
    )

    assert closes == END
    assert call.intake.takes_applications(now=at) == is_open
    assert call.intake.permits(Permit.APPLY, now=at) == is_open
