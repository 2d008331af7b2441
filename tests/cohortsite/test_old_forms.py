"""A form opened yesterday and sent today, with a sign-out between."""

import re
from html import unescape

import pytest
from django.test import Client

from sessions.models import CheckIn

NEW = "/c/birch/check-ins/new/"


@pytest.fixture
def ada(birch) -> Client:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(birch.ada.person)
    return browser


def hidden_in(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(.+?)" value="(.*?)"', page)
    return {name: unescape(value) for name, value in found}


def said() -> list[str]:
    rows = CheckIn.objects.unsealed("the test looks at everything")
    return list(rows.values_list("edge", flat=True))


def test_signed_out_overnight_what_was_written_is_sent_after_signing_in(ada, birch):
    form = hidden_in(ada.get(NEW).content.decode())
    ada.logout()

    out = ada.post(NEW, {**form, "edge": "Slept <on> it"})
    ada.force_login(birch.ada.person)  # in another tab
    sent = ada.post(NEW, hidden_in(out.content.decode()))

    assert (out.status_code, sent.status_code) == (403, 302)
    assert "You are signed out" in out.content.decode()
    assert said() == ["Slept <on> it"]


def test_signed_in_anew_the_old_form_says_so_and_can_be_sent_again(ada):
    form = hidden_in(ada.get(NEW).content.decode())
    ada.cookies["csrftoken"] = "n" * 32  # whoever signs in gets a new one

    old = ada.post(NEW, {**form, "edge": "Slept <on> it"})
    sent = ada.post(NEW, hidden_in(old.content.decode()))

    assert (old.status_code, sent.status_code) == (403, 302)
    assert "This page had grown old" in old.content.decode()
    assert said() == ["Slept <on> it"]


def test_a_part_of_a_page_stays_and_says_that_one_is_signed_out(ada):
    form = hidden_in(ada.get(NEW).content.decode())
    ada.logout()

    note = ada.post(
        NEW, {**form, "edge": "Slept on it"}, headers={"HX-Request": "true"}
    )

    assert note.status_code == 409
    assert note.headers["HX-Retarget"] == "#main"
    assert note.content.decode().startswith('<p class="note warn" role="alert">')


def test_without_a_word_written_the_door_is_shown(ada):
    ada.logout()

    assert ada.get(NEW).headers["Location"].startswith("/sign-in/?next=")
    form = hidden_in(ada.get("/sign-in/").content.decode())
    pressed = ada.post(
        "/me/calendar/", {"csrfmiddlewaretoken": form["csrfmiddlewaretoken"]}
    )
    assert pressed.headers["Location"].startswith("/sign-in/?next=")
