import logging

import pytest
from django.db import IntegrityError

from cohortsite.logs import Discreet
from people.models import User
from tests.walls.routes import walk

ADDRESS = "ada@example.org"


@pytest.fixture
def refused(db) -> logging.LogRecord:
    """What the log is told of a row that the database refused."""
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "Oh", (), None)
    User.objects.create_user(ADDRESS)
    try:
        User.objects.create(email=ADDRESS)
    except IntegrityError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    return record


def test_a_refused_row_stays_out_of_the_log(refused):
    told = logging.Formatter().format(refused)
    written = Discreet().format(refused)

    assert ADDRESS in told
    assert ADDRESS not in written


def test_where_it_happened_stays_in(refused):
    written = Discreet().format(refused)

    assert "duplicate key value violates unique constraint" in written
    assert "direct cause of the following exception" in written
    assert "in refused" in written


def test_a_repeated_error_in_a_message_of_celery_is_cut_too():
    message = (
        "Task raised: IntegrityError('no\\nDETAIL:  Key (email)=(ada) exists.')\n"
        "Traceback (most recent call last):\n  File"
    )
    record = logging.LogRecord("celery", logging.ERROR, "", 1, message, (), None)

    assert Discreet().format(record) == (
        "Task raised: IntegrityError('no\\nDETAIL: (left out)\n"
        "Traceback (most recent call last):\n  File"
    )


@pytest.mark.parametrize(
    "address",
    sorted(
        route.pattern.replace("<str:", "SECRET:1x-<")
        for route in walk()
        if "<str:" in route.pattern
    ),
)
def test_the_secret_of_a_link_stays_out_of_the_log(address):
    message = f"Not Found: /{address}"
    record = logging.LogRecord("django", logging.WARNING, "", 1, message, (), None)

    written = Discreet().format(record)

    assert "SECRET" not in written
    assert "(left out)" in written


def test_other_addresses_stay_in_the_log():
    message = "Not Found: /c/baobab/posts/01a2/answer/"
    record = logging.LogRecord("django", logging.WARNING, "", 1, message, (), None)

    assert Discreet().format(record) == message
