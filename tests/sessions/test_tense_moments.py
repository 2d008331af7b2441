"""The moves for a tense moment stand on the page, before, in and after a session."""

import re

import pytest
from django.urls import reverse

from charters.moves import CARDS
from sessions import hosting

pytestmark = pytest.mark.django_db


def cards_on(client, name):
    page = client.get(reverse(f"sessions:{name}", args=["birch", 1]))
    assert page.status_code == 200
    told = page.content.decode()
    assert 'id="moves"' in told
    return re.findall(r'<details id="move-(\w+)"', told)


def test_the_cards_are_on_the_page_of_every_session(client, birch, planned):
    client.force_login(birch.ada.person)

    assert cards_on(client, "session_page") == [card.key for card in CARDS]


@pytest.mark.parametrize("who", ["ada", "sol"])
def test_and_in_its_room_for_whoever_holds_it_and_for_all(client, birch, live, who):
    client.force_login(getattr(birch, who).person)

    assert cards_on(client, "room") == [card.key for card in CARDS]
    page = client.get(reverse("sessions:room", args=["birch", 1])).content.decode()
    assert page.count('href="#moves"') == 1


def test_what_follows_the_host_does_not_fold_an_open_card_again(client, birch, live):
    client.force_login(birch.ada.person)

    part = client.get(
        reverse("sessions:room", args=["birch", 1]), headers={"HX-Request": "true"}
    )

    assert 'id="moves"' not in part.content.decode()


def test_and_once_it_is_over(client, birch, live):
    hosting.close(live, by=birch.sol)
    client.force_login(birch.ada.person)

    assert cards_on(client, "session_page") == [card.key for card in CARDS]


def test_each_card_has_words_to_say():
    assert [card.key for card in CARDS] == [
        "paraphrase",
        "impact",
        "timebox",
        "pause",
        "third",
    ]
    assert min(len(card.words) for card in CARDS) >= 2
