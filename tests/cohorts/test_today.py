from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from cohorts.views.today import greeting, quiet_hours, summary
from people import privacy
from people import today as contents
from people.today import Panel, Waiting
from tests.conftest import person


@pytest.fixture
def nothing_registered(monkeypatch):
    monkeypatch.setattr(contents, "_waiting", [])
    monkeypatch.setattr(contents, "_panels", [])
    return contents


@pytest.mark.parametrize(
    ("utc", "said"),
    [
        (1, "Good evening, Ada"),  # 04:00 in Nairobi
        (2, "Good morning, Ada"),
        (8, "Good morning, Ada"),
        (9, "Good afternoon, Ada"),
        (15, "Good evening, Ada"),
    ],
)
def test_people_are_greeted_by_the_hour_of_their_place(birch, utc, said):
    now = datetime(2026, 11, 23, utc, tzinfo=UTC)

    assert greeting(birch.ada.person, now=now) == said


def test_the_week_is_summed_up_in_whole_sentences(birch):
    line = {"kind": "Request", "title": "?", "url": "/"}
    waiting = [
        Waiting(person=birch.ben.person, **line),
        Waiting(person=birch.ben.person, **line),
        Waiting(person=birch.sol.person, **line),
        Waiting(**line),
    ]
    panels = [
        Panel(template="", slot="next", summary="One session this week."),
        Panel(template="", slot="promise", summary="Two promises are on the way."),
    ]

    assert summary(waiting, panels) == [
        "One session this week.",
        "2 people would like to hear from you.",
        "One thing waits for you.",
        "Two promises are on the way.",
    ]


def test_quiet_hours_are_told_as_the_person_set_them(birch):
    ada = birch.ada.person

    told = [quiet_hours(ada)]
    ada.day_off = None
    told.append(quiet_hours(ada))
    ada.quiet_from = ada.quiet_until
    told.append(quiet_hours(ada))

    assert told == [
        "We stay quiet from 19:00 to 07:00, and all day on Sunday.",
        "We stay quiet from 19:00 to 07:00.",
        "",
    ]


def test_a_person_who_is_done_hears_when_the_circle_meets(
    client, birch, nothing_registered
):
    meets_at = timezone.now() + timedelta(days=3)
    contents.panel(
        lambda request, places, now: [
            Panel(template="components/messages.html", meets_at=meets_at)
        ]
    )
    client.force_login(birch.ada.person)

    page = client.get("/today/").content.decode()

    assert "Nobody is waiting for you." in page
    assert "Your circle meets on <time" in page


def test_a_line_names_its_kind_and_its_window(client, birch, nothing_registered):
    contents.waits(
        lambda request, places, now: [
            Waiting(
                kind="Request",
                window="reply by tomorrow",
                title="Ben asks",
                url="/c/birch/requests/1/",
                person=birch.ben.person,
            )
        ]
    )
    client.force_login(birch.ada.person)

    page = client.get("/today/").content.decode()

    assert '<span class="tag wait">Request · reply by tomorrow</span>' in page
    assert '<a href="/c/birch/requests/1/" dir="auto">Ben asks</a>' in page
    assert "Nobody is waiting" not in page


def test_lines_stand_in_the_order_of_their_hours(birch, now):
    line = {"kind": "Decision", "url": "/"}
    lines = [
        Waiting(title="whenever", **line),
        Waiting(title="in two days", until=now + timedelta(days=2), **line),
        Waiting(title="tomorrow", until=now + timedelta(days=1), **line),
    ]
    nobody = SimpleNamespace()
    before = list(contents._waiting)
    contents._waiting[:] = [lambda request, places, now: lines]

    found = contents.waiting_for(nobody, nobody, now=now)

    contents._waiting[:] = before
    assert [w.title for w in found] == ["tomorrow", "in two days", "whenever"]


def test_somebody_without_a_place_is_told_how_to_get_one(client, db):
    client.force_login(person("zoe"))

    assert "open the link in their mail" in client.get("/today/").content.decode()


def test_today_is_for_people_with_an_account(client, db):
    assert client.get("/today/").status_code == 302


def test_today_costs_at_most_twelve_queries(
    client, birch, django_assert_max_num_queries
):
    client.force_login(birch.ada.person)

    with django_assert_max_num_queries(12):
        client.get("/today/")


def test_whoever_has_no_name_yet_is_asked_for_it(client, birch):
    birch.lea.called = birch.lea.full_name = ""
    birch.lea.save()
    client.force_login(birch.lea)

    page = client.get("/today/").content.decode()

    assert "<h1>Good day</h1>" in page
    assert '<a href="/me/">What should we call you?</a>' in page


def test_a_lead_for_whom_nothing_waits_is_led_to_the_programs(client, birch):
    client.force_login(birch.lea)

    assert (
        '<a href="/f/">Programs you lead</a>' in client.get("/today/").content.decode()
    )


def test_leads_learn_of_a_cohort_that_nobody_holds(client, birch, now):
    client.force_login(birch.lea)
    before = client.get("/today/").content.decode()

    privacy.erase(birch.sol.person, by=birch.sol.person, now=now)

    page = client.get("/today/").content.decode()
    assert "Nobody holds this cohort" not in before
    assert page.count("Nobody holds this cohort. Ask somebody to.") == 1
    assert "/f/birch/people/" in page
