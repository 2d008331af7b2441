import re
from uuid import uuid4

import brotli
import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Membership
from cohortsite.embedded.fingerprints import BASE_DIR
from people.models import User
from sessions import hosting, rituals
from sessions.hosting import Seen
from sessions.models import Presence, Room, Turn, Writing

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


@pytest.fixture
def live(birch, due_now):
    """A session that runs now, so that people are here."""
    hosting.open_room(due_now, by=birch.sol)
    hosting.join(due_now, by=birch.ada)
    due_now.refresh_from_db()
    return due_now


def at(name):
    return reverse(f"sessions:{name}", args=["birch", 1])


def room_of(session):
    return Room.objects.unsealed("test").get(session=session)


def seen(session):
    room = room_of(session)
    return {
        "position": room.position,
        "speaker": str(room.speaker_id or ""),
        "extra": room.extra_seconds,
    }


def test_the_room_is_a_page_and_a_part(client, birch, live):
    client.force_login(birch.ada.person)

    page = client.get(at("room"))
    part = client.get(at("room"), headers=PART)

    assert page.content.decode().startswith("<!doctype html>")
    assert part.content.decode().lstrip().startswith('<div id="room"')
    assert page.headers["ETag"] == part.headers["ETag"]


def test_nothing_new_costs_nothing(client, birch, live):
    client.force_login(birch.ada.person)
    tag = client.get(at("room")).headers["ETag"]

    answer = client.get(at("room"), headers=PART | {"If-None-Match": tag})

    assert answer.status_code == 304
    assert answer.content == b""
    weight = sum(len(k) + len(v) + 4 for k, v in answer.headers.items())
    assert weight < 400


def test_every_change_is_news(client, birch, live):
    client.force_login(birch.ada.person)
    tag = client.get(at("room")).headers["ETag"]

    hosting.go_on(live, by=birch.sol, seen=Seen(position=0))

    answer = client.get(at("room"), headers=PART | {"If-None-Match": tag})
    assert answer.status_code == 200
    assert "Intentions" in answer.content.decode()


def test_who_goes_silent_is_news(client, birch, live):
    client.force_login(birch.ada.person)
    tag = client.get(at("room")).headers["ETag"]

    Presence.objects.unsealed("test").filter(membership=birch.sol).update(
        seen_at=timezone.now() - timezone.timedelta(seconds=90)
    )

    answer = client.get(at("room"), headers=PART | {"If-None-Match": tag})
    assert answer.status_code == 200
    assert "The host has not been heard of" in answer.content.decode()
    assert 'value="seat"' in answer.content.decode()


def test_whoever_is_removed_finds_nothing_more(client, birch, live):
    client.force_login(birch.ada.person)
    tag = client.get(at("room")).headers["ETag"]

    birch.ada.left_at = timezone.now()
    birch.ada.save()

    answer = client.get(at("room"), headers=PART | {"If-None-Match": tag})
    assert answer.status_code == 404


def test_a_room_that_is_not_open_leads_to_its_session(client, birch, plan):
    rituals.schedule(birch.cohort, plan(), by=birch.sol.person)
    client.force_login(birch.ada.person)

    answer = client.get(at("room"))

    assert answer.headers["Location"] == at("session_page")


def test_coming_in(client, birch, live):
    client.force_login(birch.ben.person)
    assert 'id="room-join"' in client.get(at("room")).content.decode()

    client.post(at("room_act"), {"do": "join", "how": "writing"})

    page = client.get(at("room")).content.decode()
    assert 'id="room-join"' not in page
    assert "1 in writing" in page


def test_looking_does_not_bring_in(client, birch, live):
    client.force_login(birch.ben.person)

    client.get(at("room"))

    assert not Presence.objects.unsealed("test").filter(membership=birch.ben).exists()


def test_the_hosts_buttons(client, birch, live):
    client.force_login(birch.sol.person)

    client.post(at("room_host"), seen(live) | {"do": "next"})
    assert room_of(live).speaker == birch.sol
    client.post(at("room_host"), seen(live) | {"do": "minute"})
    assert room_of(live).extra_seconds == 60
    client.post(at("room_host"), {"do": "hold"})
    assert room_of(live).is_held
    client.post(at("room_host"), {"do": "resume"})
    assert not room_of(live).is_held
    client.post(at("room_host"), {"do": "word", "to": str(birch.ada.pk)})
    assert room_of(live).speaker == birch.ada
    client.post(at("room_host"), seen(live) | {"do": "on"})
    assert room_of(live).position == 1
    client.post(at("room_host"), seen(live) | {"do": "back"})
    assert room_of(live).position == 0
    client.post(at("room_host"), {"do": "close"})
    live.refresh_from_db()
    assert live.is_closed


def test_a_member_is_refused_kindly(client, birch, live):
    client.force_login(birch.ada.person)

    answer = client.post(at("room_host"), seen(live) | {"do": "on"})

    assert answer.status_code == 409
    assert "Somebody else holds the room now." in answer.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"do": "on"},
        {"do": "on", "position": "nonsense"},
        {"do": "on", "position": "0", "speaker": "nonsense"},
        {"do": "word", "to": "nonsense"},
        {"do": "dance"},
        {},
    ],
)
def test_a_broken_button_is_a_sentence(client, birch, live, data):
    client.force_login(birch.sol.person)

    assert client.post(at("room_host"), data).status_code == 409


def test_the_word_goes_to_people_of_the_cohort(client, birch, live):
    client.force_login(birch.sol.person)

    answer = client.post(at("room_host"), {"do": "word", "to": str(birch.oma.pk)})

    assert answer.status_code == 404


def test_saying_it_in_writing(client, birch, live):
    client.force_login(birch.ada.person)
    key = str(uuid4())

    for _again in range(2):
        client.post(
            at("room_say"),
            {"text": "<b>Who</b> tells the nurse?", "client_key": key, "as_turn": "1"},
        )

    page = client.get(at("room")).content.decode()
    assert page.count("&lt;b&gt;Who&lt;/b&gt; tells the nurse?") == 1
    assert birch.ada.pk in room_of(live).heard


def test_an_empty_line_comes_back(client, birch, live):
    client.force_login(birch.ada.person)

    answer = client.post(at("room_say"), {"text": "  "})

    assert answer.status_code == 422
    assert not Writing.objects.unsealed("test").exists()


def test_writing_first_is_for_oneself(client, birch, live):
    hosting.go_on(live, by=birch.sol, seen=Seen(position=0))
    client.force_login(birch.ada.person)

    client.post(at("room_note"), {"position": 1, "text": "Only for me."})

    assert "Only for me." in client.get(at("room")).content.decode()
    client.force_login(birch.sol.person)
    assert "Only for me." not in client.get(at("room")).content.decode()


def test_only_hosts_see_who_was_not_heard(client, birch, live):
    hosting.join(live, by=birch.ben)
    Turn.objects.create(
        person=birch.ada.person,
        session=live,
        position=0,
        seconds=100,
        started_at=timezone.now(),
    )

    client.force_login(birch.sol.person)
    hosts = client.get(at("room")).content.decode()
    client.force_login(birch.ada.person)
    adas = client.get(at("room")).content.decode()

    assert "Not heard aloud yet:" in hosts
    assert "Not heard aloud yet:" not in adas
    assert "1:40" in adas
    assert "1:40" not in hosts


def test_a_pause_is_asked_for_without_a_name(client, birch, live):
    hosting.join(live, by=birch.ben)
    client.force_login(birch.ada.person)
    client.post(at("room_act"), {"do": "pause"})

    client.force_login(birch.ben.person)
    bens = client.get(at("room")).content.decode()
    client.force_login(birch.sol.person)
    hosts = client.get(at("room")).content.decode()

    assert "Somebody asks for a pause." in bens
    assert re.search(r"<bdi>Ada</bdi></strong> asks for a pause", hosts)


def test_the_room_costs_the_same_for_twelve(
    client, birch, live, django_assert_max_num_queries
):
    client.force_login(birch.sol.person)
    client.get(at("room"))
    with django_assert_max_num_queries(18) as few:
        client.get(at("room"))
    for i in range(10):
        member = Membership.objects.create(
            cohort=birch.cohort,
            person=User.objects.create_user(f"crowd{i}@example.org", called=f"P{i}"),
        )
        hosting.join(live, by=member)
        hosting.write(live, by=member, text=f"Line {i}")

    with django_assert_max_num_queries(len(few)):
        client.get(at("room"))


def test_an_unchanged_poll_is_cheap(client, birch, live, django_assert_max_num_queries):
    client.force_login(birch.ada.person)
    tag = client.get(at("room")).headers["ETag"]

    with django_assert_max_num_queries(5):
        client.get(at("room"), headers=PART | {"If-None-Match": tag})


# --- What a phase collects -------------------------------------------------------


def go_to(session, birch, name):
    phases = rituals.phases_of(session, reader=birch.sol.person)
    (wanted,) = [phase.position for phase in phases if phase.name == name]
    for position in range(room_of(session).position, wanted):
        hosting.go_on(session, by=birch.sol, seen=Seen(position=position))


@pytest.mark.parametrize(
    ("phase", "address", "words", "shown"),
    [
        ("Arrive", "check-ins/new/", {"grounding": "By the river"}, "By the river"),
        ("Intentions", "check-ins/new/", {"intention": "To listen"}, "To listen"),
        ("Edges", "check-ins/new/", {"edge": "I avoid a talk"}, "I avoid a talk"),
        ("Appreciate", "thanks/new/", {"text": "You waited for me"}, "You waited"),
        (
            "Commit",
            "promises/make/",
            {"promise": "Ask two clinics", "due_on": "2027-01-01"},
            "Ask two clinics",
        ),
        ("One insight", "insights/new/", {"title": "Cards need owners"}, "Cards need"),
    ],
)
def test_a_bookend_is_filled_in_inside_the_room(
    client, birch, live, phase, address, words, shown
):
    go_to(live, birch, phase)
    client.force_login(birch.ada.person)
    page = client.get(at("room")).content.decode()
    tag = client.get(at("room")).headers["ETag"]
    assert f'action="/c/birch/{address}"' in page
    before = room_of(live).version

    answer = client.post(
        f"/c/birch/{address}",
        {"session": 1, "next": at("room"), "client_key": str(uuid4())}
        | {"to": str(birch.ben.pk)}
        | words,
    )

    assert answer.headers["Location"] == at("room")
    assert room_of(live).version == before + 1
    news = client.get(at("room"), headers=PART | {"If-None-Match": tag})
    assert shown in news.content.decode()


def test_the_host_catches_an_insight_in_any_phase(client, birch, live):
    client.force_login(birch.sol.person)

    assert 'action="/c/birch/insights/new/"' in client.get(at("room")).content.decode()


def test_no_two_fields_share_a_name_in_the_page(client, birch, live):
    client.force_login(birch.sol.person)
    for position in range(8):
        page = client.get(at("room")).content.decode()
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), [i for i in ids if ids.count(i) > 1]
        hosting.go_on(live, by=birch.sol, seen=Seen(position=position))


# --- Weight ----------------------------------------------------------------------


def test_the_room_is_light_with_twelve_people(client, birch, live):
    for i in range(10):
        member = Membership.objects.create(
            cohort=birch.cohort,
            person=User.objects.create_user(
                f"crowd{i}@example.org", called=f"Person {i}"
            ),
        )
        hosting.join(live, by=member)
        hosting.write(live, by=member, text=f"A line of some length, number {i}.")
    client.force_login(birch.sol.person)

    page = brotli.compress(client.get(at("room")).content)
    script = brotli.compress((BASE_DIR / "static/js/room.js").read_bytes())

    assert len(page) < 12_000
    assert len(script) < 2_048
