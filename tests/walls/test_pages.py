"""The walls: what no page may show, checked against every route there is.

Each viewer opens each route, by GET and by POST, as a page and as a fragment. A
page may hold the canary of a private table only if this viewer may read that
table's row; whoever asks for anything else gets nothing, and never a 500.
"""

import pytest
from django.db import transaction
from django.test import Client

from people.visibility import seal_lifted
from tests.walls.addresses import address_of
from tests.walls.conftest import VIEWERS
from tests.walls.planting import CANARY, private_models
from tests.walls.routes import to_be_walked, walk

WAYS = [
    ("get", {}),
    ("get", {"HX-Request": "true"}),
    ("post", {}),
    ("post", {"HX-Request": "true"}),
]


class _RollBack(Exception):
    pass


def readable_labels(house, viewer):
    """The private tables whose planted row this viewer may read."""
    return {
        label
        for label, row in house.planted.items()
        if not hasattr(row, "readable_by")
        or type(row).objects.visible_to(viewer).filter(pk=row.pk).exists()
    }


def ask(client, method, url, headers):
    """One request whose effects are undone, so that each meets the same house."""
    answer = None
    try:
        with transaction.atomic():
            answer = getattr(client, method)(url, headers=headers)
            body = answer.getvalue().decode(errors="replace")
            raise _RollBack
    except _RollBack:
        return answer, body


def leaks(house, name, routes):
    """(route, way, status, tables) for everything this viewer should not have got."""
    viewer = house.viewers[name]
    allowed = readable_labels(house, viewer)
    found = []
    # Open rows are planted too, where an address needs one; anyone may read those.
    private = {model._meta.label_lower for model in private_models()}
    client = Client(raise_request_exception=False)
    if viewer.is_authenticated:
        client.force_login(viewer)
    key = client.cookies.copy()
    for route in routes:
        url = address_of(route, house)
        for method, headers in WAYS:
            # A route may sign the viewer out; the session itself was rolled back.
            client.cookies = key.copy()
            answer, body = ask(client, method, url, headers)
            seen = private & {
                label.lower() for label in CANARY.findall(body + str(answer.headers))
            }
            # The address itself holds no canary, so whatever shows came from a row.
            if answer.status_code >= 500 or seen - allowed:
                found.append(
                    (route.name, method, answer.status_code, sorted(seen - allowed))
                )
    return found


@pytest.mark.parametrize("name", VIEWERS)
def test_no_page_shows_what_its_reader_may_not_read(house, name):
    assert leaks(house, name, to_be_walked()) == []


def test_the_walk_has_teeth(house):
    """Those inside do meet canaries, so their absence elsewhere means something."""
    seen = set()
    for name in ("member", "facilitator", "lead", "reviewer"):
        client = Client()
        client.force_login(house.viewers[name])
        for route in to_be_walked():
            with seal_lifted("the walk itself"):
                url = address_of(route, house)
            _answer, body = ask(client, "get", url, {})
            seen |= {label.lower() for label in CANARY.findall(body)}

    assert len(seen) >= len(house.planted) // 3


@pytest.mark.parametrize(
    "route", [r for r in walk() if r.is_ours], ids=lambda r: r.name
)
def test_every_route_says_who_may_knock(route):
    assert hasattr(route.view, "access"), "use people.access or cohorts.access"


def test_a_leak_planted_on_purpose_is_found(house, settings):
    """A page that shows a private row to everyone signed in, and one undeclared."""
    settings.ROOT_URLCONF = "tests.walls.leaky_urls"
    leaky = [r for r in to_be_walked() if r.name.startswith("leak:")]

    assert {r.name for r in leaky if not hasattr(r.view, "access")} == {
        "leak:undeclared"
    }
    assert {row[0] for row in leaks(house, "stranger", leaky)} == {
        "leak:shows",
        "leak:stumbles",
    }
