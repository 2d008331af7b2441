"""What a phone may keep and send later, as the server sees it."""

import json
import re
from datetime import date
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from people.access import outbox_name
from sessions import commitments, posting
from sessions.models import CheckIn, Commitment, Post, Reply
from tests.cohorts.test_weight import weight

pytestmark = pytest.mark.django_db

NEW = "/c/birch/check-ins/new/"
OURS = {
    "X-Outbox": "1",
    "Sec-Fetch-Site": "same-origin",
    "Origin": "http://testserver",
}


@pytest.fixture
def phone(birch):
    """Ada's phone. It has no token: days have gone by."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(birch.ada.person)
    return client


def checkins():
    return CheckIn.objects.unsealed("test")


# --- Who may send without a token -------------------------------------------------


def test_the_outbox_of_this_site_needs_no_token(phone):
    response = phone.post(NEW, {"edge": "From the bus"}, headers=OURS)

    assert (response.status_code, checkins().count()) == (201, 1)
    assert response.headers["Location"] == "/c/birch/check-ins/"


@pytest.mark.parametrize(
    "changed",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver@evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": ""},
        {"X-Outbox": ""},
        {"X-Outbox": "yes"},
    ],
)
def test_anything_else_takes_the_ordinary_check(phone, changed):
    response = phone.post(NEW, {"edge": "Forged"}, headers=OURS | changed)

    assert (response.status_code, checkins().count()) == (403, 0)


def test_a_browser_without_those_headers_sends_its_token(phone):
    token = phone.get(NEW).context["csrf_token"]

    response = phone.post(
        NEW,
        {"edge": "From an old phone", "csrfmiddlewaretoken": str(token)},
        headers={"X-Outbox": "1"},
    )

    assert (response.status_code, checkins().count()) == (201, 1)


@pytest.mark.parametrize(
    "path", ["/promises/{promise}/renew/", "/promises/{promise}/let-go/"]
)
def test_what_is_not_for_the_outbox_is_not_exempt(phone, birch, path):
    promise = commitments.make(by=birch.ada, promise="x", due_on=date(2030, 1, 1))

    response = phone.post(
        f"/c/birch{path.format(promise=promise.pk)}", {}, headers=OURS
    )

    assert response.status_code == 403


def test_an_entry_of_another_person_is_refused_and_stays_on_the_phone(phone, birch):
    """Ben wrote it; Ada has signed in on the phone meanwhile."""
    for_ben = {"X-Outbox-For": outbox_name(birch.ben.person)}
    for_ada = {"X-Outbox-For": outbox_name(birch.ada.person)}

    refused = phone.post(NEW, {"edge": "Ben's"}, headers=OURS | for_ben)
    taken = phone.post(NEW, {"edge": "Ada's"}, headers=OURS | for_ada)

    assert (refused.status_code, taken.status_code) == (401, 201)
    assert checkins().get().edge == "Ada's"


def test_signed_out_it_is_sent_to_the_door(birch):
    response = Client(enforce_csrf_checks=True).post(NEW, {"edge": "x"}, headers=OURS)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in/")


# --- What it is answered ------------------------------------------------------


def test_a_repeat_answers_200_with_the_same_place(phone):
    entry = {"edge": "Once", "client_key": str(uuid4())}

    first = phone.post(NEW, entry, headers=OURS)
    again = phone.post(NEW, entry, headers=OURS)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["Location"] == again.headers["Location"]
    assert checkins().count() == 1


def test_what_cannot_be_kept_is_opened_for_mending(phone):
    response = phone.post(NEW, {"edge": "long " * 400}, headers=OURS)

    assert response.status_code == 422
    assert "data-mends" in response.content.decode()


def test_it_keeps_when_it_was_written_and_when_it_arrived(phone):
    phone.post(NEW, {"edge": "From the bus", "waited": "5400"}, headers=OURS)

    checkin = checkins().get()
    assert (checkin.received_at - checkin.written_at).total_seconds() == 5400
    assert "Written" in phone.get("/c/birch/check-ins/").content.decode()


@pytest.mark.parametrize("waited", ["-5", "1e9", "NaN", "", "9" * 40, "٣"])
def test_a_span_that_is_none_is_now(phone, waited):
    response = phone.post(NEW, {"edge": "x", "waited": waited}, headers=OURS)

    assert response.status_code == 201
    assert not checkins().get().travelled


def test_a_word_is_said_only_to_somebody_who_is_still_looking(phone):
    phone.post(NEW, {"edge": "Hours ago", "waited": "7200"}, headers=OURS)
    later = phone.get("/c/birch/check-ins/").content.decode()
    phone.post(NEW, {"edge": "Just now", "waited": "1"}, headers=OURS)
    now = phone.get("/c/birch/check-ins/").content.decode()

    assert "Your check-in is with your cohort." not in later
    assert "Your check-in is with your cohort." in now


def test_a_promise_is_kept_and_an_answer_given_from_the_outbox(phone, birch):
    promise = commitments.make(by=birch.ada, promise="x", due_on=date(2030, 1, 1))
    post = posting.post(by=birch.ben, kind=Post.Kind.REQUEST, title="A ledger?")

    kept = phone.post(f"/c/birch/promises/{promise.pk}/keep/", {}, headers=OURS)
    ticked = phone.post("/promises/tick/", {"kept": str(promise.pk)}, headers=OURS)
    said = phone.post(
        f"/c/birch/posts/{post.pk}/answer/",
        {"text": "Pictures", "waited": "60"},
        headers=OURS,
    )

    assert [r.status_code for r in (kept, ticked, said)] == [201, 201, 201]
    assert not Commitment.objects.unsealed("test").get().is_open
    assert Reply.objects.unsealed("test").get().text == "Pictures"


def test_a_cohort_that_finished_meanwhile_answers_409(phone, birch):
    birch.cohort.finished_at = birch.cohort.created_at
    birch.cohort.save()

    assert phone.post(NEW, {"edge": "x"}, headers=OURS).status_code == 409


# --- The worker and its pages -------------------------------------------------


def test_the_worker_is_served_for_the_whole_site(client):
    response = client.get("/sw.js")

    assert response.headers["Content-Type"].startswith("text/javascript")
    assert response.headers["Service-Worker-Allowed"] == "/"
    assert response.headers["Cache-Control"] == "no-cache"


def house_of(worker):
    """What the worker was told about today's files."""
    (told,) = re.findall(r"const HOUSE = (\{.*\});", worker)
    return json.loads(told)


def test_the_worker_knows_the_names_of_the_files(client):
    house = house_of(client.get("/sw.js").content.decode())

    assert house["script"] == "/static/js/house.js"
    assert "/static/css/cohortsite.css" in house["shell"]
    assert re.fullmatch(r"[0-9a-f]{12}", house["version"])


def test_the_worker_knows_the_door(client):
    assert house_of(client.get("/sw.js").content.decode())["door"] == "/sign-in/"


def test_today_says_which_cohorts_a_phone_may_keep(client, birch):
    client.force_login(birch.ada.person)

    assert ' data-places="birch"' in client.get("/today/").content.decode()


def test_every_file_of_the_shell_is_there(client):
    house = house_of(client.get("/sw.js").content.decode())

    assert [n for n in house["shell"] if not finders.find(n[len("/static/") :])] == []


def test_a_page_names_its_person_without_telling_who(client, birch):
    client.force_login(birch.ada.person)

    page = client.get("/today/").content.decode()

    (name,) = re.findall(r'data-who="(\w+)"', page)
    assert name == outbox_name(birch.ada.person) != outbox_name(birch.ben.person)
    assert str(birch.ada.person.pk) not in page


def test_on_a_shared_phone_there_is_no_outbox(client, birch):
    client.force_login(birch.ada.person)
    client.cookies["shared_phone"] = "1"

    assert "data-who" not in client.get("/today/").content.decode()


def test_the_offline_page_holds_nobodys_words(client, birch):
    client.force_login(birch.ada.person)

    page = client.get("/offline/").content.decode()

    assert "Ada" not in page
    assert "Birch" not in page


def test_the_offline_page_leaves_what_is_to_be_told_to_the_page_that_is_seen(
    client, birch
):
    client.force_login(birch.ada.person)
    client.post("/me/place/", {"zone": "Africa/Lagos", "answer": "yes"})

    client.get("/offline/")

    assert "Times are now shown for Lagos." in client.get("/today/").content.decode()


def test_the_outbox_weighs_two_kilobytes(settings):
    text = (settings.BASE_DIR / "static/js/house.js").read_text()
    (outbox,) = re.findall(
        r"/\* What is written offline.+?\n}\)\(\);\n", text, re.DOTALL
    )

    assert weight(outbox.encode()) <= 2048
