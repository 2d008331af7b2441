from datetime import UTC, date, datetime, time

import icalendar
import pytest
from django.utils import timezone

from sessions import calendar, rituals
from sessions.models import CalendarFeed, RitualSession

pytestmark = pytest.mark.django_db


def events(raw):
    return icalendar.Calendar.from_ical(raw).walk("VEVENT")


def event(session):
    session.refresh_from_db()
    (found,) = events(calendar.invitation(session))
    return found


# ground.md: wall time of a place, and the moment it stands for.
VECTORS = [
    ("Europe/London", (2027, 3, 28), (1, 30), (2027, 3, 28, 1, 30)),
    ("Europe/London", (2027, 10, 31), (1, 30), (2027, 10, 31, 0, 30)),
    ("America/New_York", (2027, 3, 14), (2, 30), (2027, 3, 14, 7, 30)),
    ("Australia/Lord_Howe", (2027, 10, 3), (2, 15), (2027, 10, 2, 15, 45)),
    ("Africa/Cairo", (2027, 4, 30), (0, 30), (2027, 4, 29, 22, 30)),
    ("Africa/Casablanca", (2027, 2, 7), (2, 30), (2027, 2, 7, 1, 30)),
]


@pytest.mark.parametrize(("zone", "day", "at", "moment"), VECTORS)
def test_the_file_tells_the_same_moment(birch, plan, zone, day, at, moment):
    session = rituals.schedule(
        birch.cohort,
        plan(timezone=zone, day=date(*day), at=time(*at)),
        by=birch.sol.person,
    )

    entry = event(session)

    assert session.starts_at == datetime(*moment, tzinfo=UTC)
    assert entry["dtstart"].dt.astimezone(UTC) == session.starts_at
    assert entry["dtend"].dt.astimezone(UTC) == session.ends_at


def test_the_zone_is_told_to_calendars_that_do_not_know_it(planned):
    raw = calendar.invitation(planned).decode()

    assert "BEGIN:VTIMEZONE\r\nTZID:Africa/Nairobi" in raw
    assert "DTSTART;TZID=Africa/Nairobi:20270311T160000" in raw


def test_a_move_is_a_higher_sequence_of_the_same_entry(birch, plan, planned):
    before = event(planned)
    rituals.change(planned, plan(at=time(18)), by=birch.sol.person)
    after = event(planned)

    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["dtstart"].dt.hour == 18


def test_what_is_called_off_is_cancelled(birch, planned):
    rituals.call_off(planned, by=birch.sol.person, why="The rains.")

    entry = event(planned)
    raw = calendar.invitation(planned).decode()

    assert entry["status"] == "CANCELLED"
    assert "METHOD:CANCEL" in raw


def test_an_entry_carries_no_content(birch, plan):
    session = rituals.schedule(
        birch.cohort,
        plan(title="Secret title", purpose="Secret purpose"),
        by=birch.sol.person,
    )

    assert b"Secret" not in calendar.invitation(session)


def test_a_feed_holds_ones_own_cohorts(birch, plan, planned):
    rituals_oak = RitualSession.objects.create(
        cohort=birch.oak,
        number=1,
        title="Oak",
        local_date=date(2027, 3, 11),
        local_time=time(9),
        timezone="UTC",
        starts_at=datetime(2027, 3, 11, 9, tzinfo=UTC),
        ends_at=datetime(2027, 3, 11, 10, tzinfo=UTC),
        minutes=60,
    )

    adas = events(calendar.feed(birch.ada.person, now=timezone.now()))

    assert [str(e["summary"]) for e in adas] == ["Session 1, Birch"]
    assert str(rituals_oak.pk) not in str(adas)


def test_a_feed_opens_by_its_secret_only(client, birch, planned):
    secret = calendar.open_feed(birch.ada.person)

    assert client.get(f"/calendar/{secret}.ics").status_code == 200
    assert client.get(f"/calendar/{secret}x.ics").status_code == 404
    assert secret not in str(
        CalendarFeed.objects.unsealed("test").values_list("secret_hash", flat=True)
    )


def test_a_new_address_closes_the_old(client, birch):
    old = calendar.open_feed(birch.ada.person)
    new = calendar.open_feed(birch.ada.person)

    assert client.get(f"/calendar/{old}.ics").status_code == 404
    assert client.get(f"/calendar/{new}.ics").status_code == 200
    calendar.close_feed(birch.ada.person)
    assert client.get(f"/calendar/{new}.ics").status_code == 404


def test_whoever_left_has_an_empty_feed(client, birch, planned):
    secret = calendar.open_feed(birch.ada.person)
    birch.ada.left_at = timezone.now()
    birch.ada.save()

    assert events(client.get(f"/calendar/{secret}.ics").content) == []


def test_the_address_is_shown_once(client, birch):
    client.force_login(birch.ada.person)

    made = client.post("/me/calendar/", {"do": "open"}).content.decode()
    again = client.get("/me/calendar/").content.decode()

    assert "/calendar/" in made
    assert ".ics" not in again


def test_a_file_of_a_session(client, birch, planned):
    client.force_login(birch.ada.person)

    answer = client.get("/c/birch/sessions/1/session.ics")

    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert 'filename="birch-1.ics"' in answer.headers["Content-Disposition"]
