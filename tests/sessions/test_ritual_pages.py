import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Membership
from people.models import User
from sessions import hosting, notices, rituals
from sessions.models import RitualSession, Rsvp

pytestmark = pytest.mark.django_db


def at(name, *args):
    return reverse(f"sessions:{name}", args=["birch", *args])


def form(birch, **changes):
    return {
        "title": "Peer consultation",
        "purpose": "",
        "template": "standard-90",
        "day": (timezone.localdate() + timedelta(days=10)).isoformat(),
        "at": "16:00",
        "timezone": "Africa/Nairobi",
        "minutes": 90,
        "host": birch.sol.pk,
        "times": 1,
        "every_weeks": 1,
    } | changes


def test_a_facilitator_plans(client, birch):
    client.force_login(birch.sol.person)

    page = client.get(at("session_new"))
    made = client.post(at("session_new"), form(birch, times=3))

    assert page.status_code == 200
    assert made.headers["Location"] == at("session_page", 1)
    assert RitualSession.objects.visible_to(birch.ada.person).count() == 3


def test_a_wrong_plan_is_shown_again_with_what_was_typed(client, birch):
    client.force_login(birch.sol.person)

    page = client.post(
        at("session_new"), form(birch, title="Keep me", day="2020-01-01", minutes=0)
    )

    assert page.status_code == 422
    assert 'value="Keep me"' in page.content.decode()
    assert {"day", "minutes"} == set(page.context["form"].errors)
    assert not RitualSession.objects.visible_to(birch.sol.person).exists()


@pytest.mark.parametrize("name", ["session_new", "session_change", "session_call_off"])
def test_planning_is_for_facilitators(client, birch, planned, name):
    client.force_login(birch.ada.person)
    args = () if name == "session_new" else (1,)

    assert client.get(at(name, *args)).status_code == 404
    assert client.post(at(name, *args), form(birch)).status_code == 404


@pytest.mark.parametrize(
    "name",
    ["session_page", "session_file", "room", "room_act", "room_host", "room_say"],
)
def test_strangers_find_nothing(client, birch, live, name):
    client.force_login(birch.oma.person)
    url = at(name, 1)

    assert client.get(url).status_code in (404, 405)
    assert client.post(url, {"do": "join"}).status_code in (404, 405)


def test_a_session_of_another_cohort_is_not_here(client, birch, planned):
    url = reverse("sessions:session_page", args=["oak", 1])
    client.force_login(birch.oma.person)

    assert client.get(url).status_code == 404


def test_before_the_session(client, birch, planned):
    client.force_login(birch.ben.person)

    page = client.get(at("session_page", 1)).content.decode()

    # Ben is in Recife, and the hour is Nairobi's sixteen.
    assert "10:00 in Recife" in page
    assert "16:00 in Nairobi" in page
    assert "One insight" in page


def test_saying_whether_one_comes(client, birch, planned):
    client.force_login(birch.ada.person)

    client.post(at("session_answer", 1), {"answer": "audio"})
    page = client.get(at("session_page", 1)).content.decode()

    assert 'value="audio" checked' in page


def test_a_stale_change_shows_both(client, birch, plan, planned):
    client.force_login(birch.sol.person)
    stale = form(birch, title="Mine", edition=1, day="2027-03-11")
    rituals.change(planned, plan(title="Theirs"), by=birch.sol.person)

    page = client.post(at("session_change", 1), stale)

    assert page.status_code == 422
    assert "Theirs" in page.content.decode()
    assert 'value="Mine"' in page.content.decode()


def test_a_change_moves_the_session(client, birch, planned):
    client.force_login(birch.sol.person)

    client.post(
        at("session_change", 1), form(birch, edition=1, day="2027-03-12", at="17:30")
    )

    planned.refresh_from_db()
    assert planned.local_date == date(2027, 3, 12)
    assert planned.edition == 2


def test_calling_off_needs_a_line(client, birch, planned):
    client.force_login(birch.sol.person)

    assert client.post(at("session_call_off", 1), {"why": ""}).status_code == 422
    client.post(at("session_call_off", 1), {"why": "The rains came."})

    page = client.get(at("session_page", 1)).content.decode()
    assert "The rains came." in page


def test_after_the_session(client, birch, live):
    hosting.write(live, by=birch.ada, text="Who tells the nurse?")
    hosting.keep_note(live, by=birch.ada, position=0, text="Only for me.")
    hosting.close(live, by=birch.sol, now=live.ends_at)
    client.force_login(birch.ada.person)

    mine = client.get(at("session_page", 1)).content.decode()
    client.force_login(birch.ben.person)
    bens = client.get(at("session_page", 1)).content.decode()

    assert "Who tells the nurse?" in bens
    assert "Only for me." in mine
    assert "Only for me." not in bens


def test_what_a_session_left_is_read_afterwards(client, birch, live):
    client.force_login(birch.ada.person)
    for address, words in {
        "check-ins/new/": {"intention": "To listen", "edge": "I avoid a talk"},
        "thanks/new/": {"to": str(birch.ben.pk), "text": "You waited for me"},
        "promises/make/": {"promise": "Ask two clinics", "due_on": "2027-12-01"},
        "insights/new/": {"title": "Cards need owners"},
    }.items():
        assert (
            client.post(f"/c/birch/{address}", {"session": 1} | words).status_code
            == 302
        )
    hosting.close(live, by=birch.sol, now=live.ends_at)

    page = client.get(at("session_page", 1)).content.decode()

    for words in (
        "To listen",
        "I avoid a talk",
        "You waited for me",
        "Ask two clinics",
        "Cards need owners",
    ):
        assert words in page


def test_a_week_of_changing_clocks_says_so(client, birch, plan):
    # London goes forward on 28 March 2027, Recife and Nairobi never do.
    rituals.schedule(
        birch.cohort,
        plan(day=date(2027, 3, 25), timezone="Europe/London"),
        by=birch.sol.person,
        times=3,
    )
    client.force_login(birch.ben.person)
    said = "it is 60 minutes earlier for you than last time"

    pages = [client.get(at("session_page", n)).content.decode() for n in (1, 2, 3)]

    assert [said in page for page in pages] == [False, True, False]


# --- The answer from a mail ------------------------------------------------------


def link(session, membership):
    return reverse(
        "sessions:answer_link", args=[notices.answer_token(session, membership)]
    )


def test_looking_at_a_mailed_link_answers_nothing(client, birch, planned):
    page = client.get(link(planned, birch.ada))

    assert page.status_code == 200
    assert not Rsvp.objects.unsealed("test").exists()


def test_a_mailed_link_answers_signed_out(client, birch, planned):
    client.post(link(planned, birch.ada), {"answer": "yes"})

    rsvp = Rsvp.objects.unsealed("test").get()
    assert (rsvp.membership, rsvp.answer) == (birch.ada, "yes")


def test_a_mailed_link_shows_no_title(client, birch, planned):
    assert (
        "Peer consultation" not in client.get(link(planned, birch.ada)).content.decode()
    )


def test_a_broken_or_dead_link_is_no_page(client, birch, planned):
    dead = link(planned, birch.ada)
    birch.ada.left_at = timezone.now()
    birch.ada.save()

    assert client.get(dead).status_code == 404
    assert client.post(dead, {"answer": "yes"}).status_code == 404
    assert client.get("/will-you-come/nonsense/").status_code == 404


def test_a_link_for_a_session_that_began_says_so(client, birch, planned):
    address = link(planned, birch.ada)
    hosting.open_room(planned, by=birch.sol, now=planned.starts_at)

    assert client.get(address).status_code == 200
    assert client.post(address, {"answer": "yes"}).status_code == 409


# --- Costs ---------------------------------------------------------------------


def crowd(cohort, n):
    for i in range(n):
        Membership.objects.create(
            cohort=cohort,
            person=User.objects.create_user(f"crowd{i}@example.org", called=f"P{i}"),
        )


def count(django_assert_max_num_queries, client, url, most=20):
    with django_assert_max_num_queries(most) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_the_list_costs_the_same(client, birch, plan, django_assert_max_num_queries):
    client.force_login(birch.ada.person)
    rituals.schedule(birch.cohort, plan(), by=birch.sol.person)
    one = count(django_assert_max_num_queries, client, at("session_list"))
    rituals.schedule(birch.cohort, plan(), by=birch.sol.person, times=20)

    assert count(django_assert_max_num_queries, client, at("session_list")) == one


def test_a_session_costs_the_same_for_any_circle(
    client, birch, planned, django_assert_max_num_queries
):
    client.force_login(birch.ada.person)
    few = count(django_assert_max_num_queries, client, at("session_page", 1))
    crowd(birch.cohort, 20)

    assert count(django_assert_max_num_queries, client, at("session_page", 1)) == few


@pytest.mark.parametrize(
    ("name", "most"), [("session_page", 11), ("session_file", 4)], ids=["page", "file"]
)
def test_a_session_to_come_is_cheap(
    client, birch, planned, django_assert_max_num_queries, name, most
):
    client.force_login(birch.ada.person)

    count(django_assert_max_num_queries, client, at(name, 1), most=most)


def test_a_session_that_is_over_is_cheap(
    client, birch, live, django_assert_max_num_queries
):
    hosting.close(live, by=birch.sol)
    client.force_login(birch.ada.person)

    count(django_assert_max_num_queries, client, at("session_page", 1), most=16)


# --- What lies behind ----------------------------------------------------------


def held(cohort, days):
    """One session of so many days ago each, numbered as they were held."""
    now = timezone.now()
    RitualSession.objects.bulk_create(
        RitualSession(
            cohort=cohort,
            number=number,
            title=f"Held {number}",
            local_date=(now - timedelta(days=day)).date(),
            local_time=now.time(),
            timezone="UTC",
            starts_at=now - timedelta(days=day),
            ends_at=now - timedelta(days=day, hours=-1),
            minutes=60,
            state="closed",
            opened_at=now,
            closed_at=now,
        )
        for number, day in enumerate(days, start=1)
    )


def linked(page, rel):
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page.content.decode())
    return at("session_list") + found.group(1) if found else None


def titles(page):
    return [int(n) for n in re.findall(r"<bdi>Held (\d+)</bdi>", page.content.decode())]


def test_past_sessions_there_and_back_meet_everyone_once(client, birch):
    # Three began at one moment: their numbers tell them apart.
    held(birch.cohort, [*range(60, 20, -1), 20, 20, 20])
    client.force_login(birch.ada.person)

    pages = [client.get(at("session_list"))]
    while following := linked(pages[-1], "next"):
        pages.append(client.get(following))

    assert [titles(page) for page in pages] == [
        [*range(43, 23, -1)],
        [*range(23, 3, -1)],
        [3, 2, 1],
    ]
    assert titles(client.get(linked(pages[-1], "prev"))) == titles(pages[1])


@pytest.mark.parametrize("mark", ["x", "bm9uc2Vuc2U", "WyJ4IiwgInkiXQ"])
def test_an_invented_place_among_past_sessions_shows_their_beginning(
    client, birch, mark
):
    held(birch.cohort, [3, 2, 1])
    client.force_login(birch.ada.person)

    page = client.get(at("session_list"), {"after": mark})

    assert titles(page) == [3, 2, 1]


def test_a_page_far_down_costs_no_more(client, birch, django_assert_max_num_queries):
    held(birch.cohort, range(50, 0, -1))
    client.force_login(birch.ada.person)
    second = linked(client.get(at("session_list")), "next")

    assert count(django_assert_max_num_queries, client, at("session_list")) == 7
    assert count(django_assert_max_num_queries, client, second) == 7


# --- Other pages ---------------------------------------------------------------


def test_today_shows_the_next_session(client, birch, planned):
    client.force_login(birch.ben.person)

    page = client.get("/today/").content.decode()

    assert "Peer consultation" in page
    assert at("session_file", 1) in page
    assert "16:00 in Nairobi" in page


def test_today_leads_into_the_live_room(client, birch, live):
    client.force_login(birch.ben.person)

    assert at("room", 1) in client.get("/today/").content.decode()


def test_facilitators_are_asked_what_became_of_a_session(client, birch, planned):
    RitualSession.objects.unsealed("test").update(
        starts_at=timezone.now() - timedelta(days=1, hours=2),
        ends_at=timezone.now() - timedelta(days=1),
    )

    client.force_login(birch.sol.person)
    assert "Did session 1 of Birch happen?" in client.get("/today/").content.decode()
    client.force_login(birch.ada.person)
    assert "Did session 1" not in client.get("/today/").content.decode()


def test_the_week_shows_what_a_facilitator_holds(client, birch, plan):
    client.force_login(birch.sol.person)
    assert "Nothing is planned" in client.get("/f/").content.decode()

    rituals.schedule(
        birch.cohort,
        plan(day=timezone.localdate() + timedelta(days=3)),
        by=birch.sol.person,
    )
    rituals.schedule(
        birch.cohort,
        plan(day=timezone.localdate() + timedelta(days=30)),
        by=birch.sol.person,
    )
    page = client.get("/f/").content.decode()

    assert "Nothing is planned" not in page
    assert at("session_page", 1) in page
    assert at("session_page", 2) not in page
