from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django import forms
from django.db import connection
from django.utils import timezone

from people.refusal import Refused, SentBefore
from sessions import checkins
from sessions.checkins import Extra
from sessions.models import CheckIn

pytestmark = pytest.mark.django_db
NEW = "/c/birch/check-ins/new/"
LIST = "/c/birch/check-ins/"


def said_in(cohort):
    return list(
        CheckIn.objects.unsealed("test")
        .filter(cohort=cohort)
        .order_by("written_at")
        .values_list("edge", flat=True)
    )


def test_a_check_in_is_read_by_its_cohort(birch):
    checkin, is_new = checkins.post(by=birch.ada, mood="stuck", edge="The ledger")

    assert is_new
    for reader in (birch.ada, birch.ben, birch.sol):
        assert CheckIn.objects.visible_to(reader.person).get() == checkin


def test_nobody_else_reads_it_not_even_the_lead_or_the_funder(birch):
    checkins.post(by=birch.ada, edge="The ledger")

    for stranger in (birch.oma.person, birch.lea, birch.rex, birch.fay):
        assert not CheckIn.objects.visible_to(stranger).exists()


def test_the_same_form_sent_twice_makes_one(birch):
    key = uuid4()

    first = checkins.post(by=birch.ada, edge="Once", client_key=key)
    again = checkins.post(by=birch.ada, edge="Once", client_key=key)

    assert (first[1], again) == (True, (first[0], False))


def test_two_people_may_carry_the_same_key(birch):
    key = uuid4()

    checkins.post(by=birch.ada, edge="Mine", client_key=key)
    checkins.post(by=birch.ben, edge="Mine too", client_key=key)

    assert said_in(birch.cohort) == ["Mine", "Mine too"]


def test_the_same_key_with_other_words_is_not_swallowed(birch):
    key = uuid4()
    checkins.post(by=birch.ada, edge="First", client_key=key)

    with pytest.raises(SentBefore):
        checkins.post(by=birch.ada, edge="Second", client_key=key)

    assert said_in(birch.cohort) == ["First"]


def test_the_same_words_from_another_tab_are_one(birch):
    checkins.post(by=birch.ada, mood="glad", edge="Twice", client_key=uuid4())
    checkins.post(by=birch.ada, mood="glad", edge="Twice", client_key=uuid4())

    assert said_in(birch.cohort) == ["Twice"]


def test_the_same_words_of_another_day_are_two_even_when_sent_together(birch):
    checkins.post(by=birch.ada, mood="steady", waited=timedelta(days=1))
    checkins.post(by=birch.ada, mood="steady", waited=timedelta(minutes=1))

    assert len(said_in(birch.cohort)) == 2


def test_it_is_dated_by_the_span_that_it_waited(birch, now):
    checkin, _ = checkins.post(
        by=birch.ada, edge="On the bus", waited=timedelta(hours=3), now=now
    )

    assert checkin.written_at == now - timedelta(hours=3)
    assert checkin.received_at == now
    assert checkin.travelled


@pytest.mark.parametrize(
    ("waited", "kept"),
    [
        (timedelta(days=-2), timedelta()),
        (timedelta(seconds=20), timedelta(seconds=20)),
        (timedelta(days=4000), checkins.LONGEST_WAIT),
    ],
)
def test_a_clock_gone_mad_is_kept_within_bounds(birch, now, waited, kept):
    birch.ada.reads_from = now - timedelta(days=90)

    checkin, _ = checkins.post(by=birch.ada, edge="x", waited=waited, now=now)

    assert checkin.received_at - checkin.written_at == kept


def test_it_is_never_older_than_its_author_in_the_cohort(birch, now):
    birch.ada.reads_from = now - timedelta(hours=1)
    birch.ada.save()

    checkin, _ = checkins.post(
        by=birch.ada, edge="Before?", waited=timedelta(days=2), now=now
    )

    assert CheckIn.objects.visible_to(birch.ada.person).get() == checkin


def test_a_finished_cohort_takes_none(birch):
    birch.cohort.finished_at = timezone.now()

    with pytest.raises(Refused):
        checkins.post(by=birch.ada, edge="Too late")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("The ledger", "fr"),
        ("دفتر الحسابات", "ar"),
        ("Гроссбух", ""),
        ("...", "fr"),
    ],
)
def test_it_keeps_the_language_of_the_page_unless_the_letters_say_no(birch, text, lang):
    checkin, _ = checkins.post(by=birch.ada, edge=text, lang="fr")

    assert checkin.lang == lang


# --- Many at once -------------------------------------------------------------


def at_once(*acts):
    """Every act in a thread and a connection of its own, all at one moment."""
    together = Barrier(len(acts))

    def run(act):
        try:
            together.wait()
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_two_tabs_and_the_outbox_at_one_moment_make_one_row(birch):
    key = uuid4()

    def send(client_key):
        return lambda: checkins.post(
            by=birch.ada, mood="stuck", edge="The ledger", client_key=client_key
        )

    answers = at_once(send(key), send(key), send(uuid4()), send(key))

    assert said_in(birch.cohort) == ["The ledger"]
    assert sorted(is_new for _row, is_new in answers) == [False, False, False, True]
    assert len({row.pk for row, _new in answers}) == 1


# --- The pages ----------------------------------------------------------------


def test_a_member_checks_in_by_the_form(client, birch):
    client.force_login(birch.ada.person)

    response = client.post(NEW, {"mood": "glad", "edge": "It\r\nworked"}, follow=True)

    assert response.redirect_chain == [(LIST, 302)]
    assert "Your check-in is with your cohort." in response.content.decode()
    assert said_in(birch.cohort) == ["It\nworked"]


def test_an_empty_check_in_comes_back_with_a_sentence(client, birch):
    client.force_login(birch.ada.person)

    response = client.post(NEW, {"mood": "", "edge": "  "})

    assert response.status_code == 422
    assert "Say at least one thing" in response.content.decode()


def test_too_long_a_text_comes_back_whole(client, birch):
    client.force_login(birch.ada.person)

    response = client.post(NEW, {"edge": "long " * 300})

    assert response.status_code == 422
    assert "long " * 200 in response.content.decode()


def test_line_ends_count_once_against_the_length(client, birch):
    client.force_login(birch.ada.person)

    response = client.post(NEW, {"edge": "x\r\n" * 498 + "end"})

    assert response.status_code == 302


def test_going_back_and_sending_other_words_asks_instead_of_losing_them(client, birch):
    client.force_login(birch.ada.person)
    key = str(uuid4())
    client.post(NEW, {"edge": "First", "client_key": key})

    asked = client.post(NEW, {"edge": "Second", "client_key": key})
    form = asked.context["form"]
    client.post(NEW, {"edge": "Second", "client_key": form["client_key"].value()})

    assert asked.status_code == 422
    assert "Second" in asked.content.decode()
    assert said_in(birch.cohort) == ["First", "Second"]


def test_a_form_opened_yesterday_is_taken_today(client, birch):
    """Its token is still good, and nothing in it names a day."""
    client = client.__class__(enforce_csrf_checks=True)
    client.force_login(birch.ada.person)
    page = client.get(NEW)
    old = {
        "csrfmiddlewaretoken": page.context["csrf_token"],
        "client_key": page.context["form"]["client_key"].value(),
        "edge": "Slept on it",
    }
    client.get(LIST)  # another page since then

    response = client.post(NEW, old)

    assert response.status_code == 302
    assert said_in(birch.cohort) == ["Slept on it"]


@pytest.mark.parametrize("broken", ["\0", "half a \ud83d sign"])
def test_text_that_no_table_can_keep_is_answered_not_broken(client, birch, broken):
    client.force_login(birch.ada.person)
    raw = b"edge=" + broken.encode("utf-8", "surrogatepass")

    response = client.post(NEW, raw, content_type="application/x-www-form-urlencoded")

    assert response.status_code in (302, 400)
    assert "\0" not in "".join(said_in(birch.cohort))


@pytest.mark.parametrize("junk", ["not-a-key", "'; --", "0" * 400])
def test_a_key_that_is_none_does_not_break_the_form(client, birch, junk):
    client.force_login(birch.ada.person)

    response = client.post(NEW, {"edge": "x", "client_key": junk, "waited": junk})

    assert response.status_code in (302, 422)


@pytest.mark.parametrize("who", ["oma", "lea", "rex", "fay"])
@pytest.mark.parametrize("url", [NEW, LIST])
def test_outsiders_get_the_404_of_a_missing_cohort(client, birch, who, url):
    seat = getattr(birch, who)
    client.force_login(getattr(seat, "person", seat))

    response = client.get(url)

    assert response.status_code == 404


def test_a_member_removed_while_the_page_was_open_gets_404_and_posts_nothing(
    client, birch
):
    client.force_login(birch.ada.person)
    client.get(NEW)
    birch.ada.left_at = timezone.now()
    birch.ada.save()

    response = client.post(NEW, {"edge": "Still here?"})

    assert (response.status_code, said_in(birch.cohort)) == (404, [])


def test_a_finished_cohort_says_so_and_shows_what_was_typed(client, birch):
    client.force_login(birch.ada.person)
    birch.cohort.finished_at = timezone.now()
    birch.cohort.save()

    response = client.post(NEW, {"edge": "Too late"})

    assert response.status_code == 409
    assert "This cohort has finished" in response.content.decode()
    assert "Too late" in response.content.decode()
    assert client.get(LIST).status_code == 200


def test_a_late_joiner_reads_nothing_from_before(client, birch, now):
    checkins.post(by=birch.ada, edge="Before", now=now - timedelta(days=2))
    birch.ben.reads_from = now - timedelta(days=1)
    birch.ben.save()
    client.force_login(birch.ben.person)

    page = client.get(LIST).content.decode()

    assert "Before" not in page


def test_a_check_in_belongs_to_the_session_it_was_written_for(client, birch, planned):
    client.force_login(birch.ada.person)

    client.post(NEW, {"edge": "For tonight", "session": str(planned.number)})

    assert CheckIn.objects.visible_to(birch.ada.person).get().session == planned


@pytest.mark.parametrize("number", ["99", "x", "-1", "1" * 40, "٣"])
def test_a_session_that_is_none_is_no_session(client, birch, number):
    client.force_login(birch.ada.person)

    client.post(NEW, {"edge": "For tonight", "session": number})

    assert CheckIn.objects.visible_to(birch.ada.person).get().session is None


@pytest.mark.parametrize(
    ("wanted", "gone_to"),
    [
        ("/today/", "/today/"),
        ("https://evil.example/", LIST),
        ("//evil.example/", LIST),
        ("/\\evil.example/", LIST),
        ("javascript:alert(1)", LIST),
    ],
)
def test_the_way_back_stays_in_the_house(client, birch, wanted, gone_to):
    client.force_login(birch.ada.person)

    response = client.post(NEW, {"edge": "x", "next": wanted})

    assert response.headers["Location"] == gone_to


def test_over_htmx_the_form_is_swapped_and_nothing_else(client, birch):
    client.force_login(birch.ada.person)
    htmx = {"HX-Request": "true"}

    wrong = client.post(NEW, {"edge": ""}, headers=htmx)
    right = client.post(NEW, {"edge": "x"}, headers=htmx)

    assert wrong.status_code == 422
    assert wrong.content.decode().startswith(
        '<form class="card flow" id="checkin-form"'
    )
    assert right.content.decode().startswith('<p class="note" role="status"')


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_costs_the_same_however_long(
    client, birch, rows, django_assert_num_queries
):
    for n in range(rows):
        checkins.post(by=birch.ada if n % 2 else birch.ben, edge=f"Edge {n}")
    client.force_login(birch.ben.person)

    with django_assert_num_queries(4):
        client.get(LIST)


def test_the_pages_of_the_list_hold_each_check_in_once(client, birch, now):
    for n in range(45):
        checkins.post(by=birch.ada, edge=f"Edge {n}", now=now - timedelta(hours=n))
    client.force_login(birch.ben.person)

    url, seen = LIST, []
    while url:
        page = client.get(url)
        seen += [c.edge for c in page.context["checkins"]]
        url = page.context["earlier"] and f"{LIST}?{page.context['earlier']}"

    assert seen == [f"Edge {n}" for n in range(45)]


@pytest.mark.parametrize("before", ["x", "01a20000-0000-7000-8000-000000000000"])
def test_a_page_before_nothing_is_none(client, birch, before):
    client.force_login(birch.ada.person)

    assert client.get(LIST, {"before": before}).status_code == 404


# --- What higher apps add -----------------------------------------------------


@pytest.fixture
def cards(monkeypatch):
    """A higher app asks Ada how many cards came back."""
    saved = []

    def provider(membership):
        if membership.person.called != "Ada":
            return None
        return Extra(
            name="readings",
            title="Signals",
            fields={"cards": forms.IntegerField(label="Cards", required=False)},
            save=lambda checkin, cleaned: saved.append((checkin.edge, cleaned)),
        )

    monkeypatch.setattr(checkins, "_providers", [])
    checkins.register_extra(provider)
    return saved


def test_a_higher_app_adds_its_field_and_hears_what_was_given(client, birch, cards):
    client.force_login(birch.ada.person)
    page = client.get(NEW).content.decode()

    client.post(NEW, {"edge": "x", "readings-cards": "6"})

    assert 'name="readings-cards"' in page
    assert cards == [("x", {"cards": 6})]


def test_a_repeat_tells_it_nothing_twice(client, birch, cards):
    client.force_login(birch.ada.person)
    sent = {"edge": "x", "readings-cards": "6", "client_key": str(uuid4())}

    client.post(NEW, sent)
    client.post(NEW, sent)

    assert cards == [("x", {"cards": 6})]


def test_its_error_is_shown_at_its_field(client, birch, cards):
    client.force_login(birch.ada.person)

    response = client.post(NEW, {"edge": "x", "readings-cards": "six"})

    assert response.status_code == 422
    assert 'href="#id_readings-cards"' in response.content.decode()


def test_others_are_not_asked(client, birch, cards):
    client.force_login(birch.ben.person)

    assert "readings-cards" not in client.get(NEW).content.decode()
