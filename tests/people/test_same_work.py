"""Who has an account here is not told, by words or by the work of an answer."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.models import User

pytestmark = pytest.mark.django_db

NEWCOMER = {"called": "X", "timezone": "UTC"}
WAYS = {
    "by code": [("/sign-in/", {}), ("/sign-in/code/", {"code": "000000"})],
    "by password": [("/sign-in/password/", {"password": "wrong-one-12"})],
    "forgotten": [
        ("/password/forgotten/", {}),
        ("/password/forgotten/code/", {"code": "000000"}),
    ],
    "sign up": [("/sign-up/", NEWCOMER), ("/sign-up/code/", {"code": "000000"})],
}


def kind(sql: str) -> str:
    """A statement without its values."""
    bare = re.sub(r"'[^']*'|_django_curs\S+|\bs\d+_x\d+\b|\d+", "", sql)
    return re.sub(r"\s+", " ", bare)[:90]


def asked(address: str, way: list[tuple[str, dict[str, str]]]) -> list[Any]:
    """Each answer on the way, and what the database was asked for it."""
    browser = Client()
    said: list[Any] = []
    for path, fields in way:
        browser.get(path)  # its token, and the page between
        for method, data in (("get", {}), ("post", {"go": "on", **fields})):
            given = {"email": address, "login": address, **data} if data else {}
            with CaptureQueriesContext(connection) as queries:
                answer = getattr(browser, method)(path, given)
            said.append(
                (
                    f"{method} {path}",
                    answer.status_code,
                    answer.headers.get("Location"),
                    sorted(
                        kind(query["sql"])
                        for query in queries
                        # A savepoint costs nothing to speak of.
                        if "SAVEPOINT" not in query["sql"]
                    ),
                )
            )
    return said


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_stranger_costs_the_same_work(birch, way):
    known = asked("ada@example.org", way)
    unknown = asked("nobody@example.org", way)

    assert known == unknown


def test_whoever_has_an_account_is_signed_up_for_the_sake_of_time_alone(birch):
    people = set(User.objects.values_list("pk", "called"))

    asked("ada@example.org", WAYS["sign up"])

    assert set(User.objects.values_list("pk", "called")) == people
    assert not EmailAddress.objects.filter(email__endswith=".invalid").exists()
    assert [sent.to for sent in mail.outbox] == [["ada@example.org"]]
    assert "You have an account already" in mail.outbox[0].subject
