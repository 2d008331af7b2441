import logging

import pytest
from django.db import DataError, IntegrityError, connection

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

    assert "psycopg.errors.UniqueViolation (people_user_email" in written
    assert "django.db.utils.IntegrityError" in written
    assert "direct cause of the following exception" in written
    assert "in refused" in written


TYPED = "I am afraid of my manager"


def logged(error: BaseException, message: str = "Oh", args: tuple = ()) -> str:
    """What stands in the log of an error that nobody caught."""
    record = logging.LogRecord("django", logging.ERROR, "", 1, message, args, None)
    record.exc_info = (type(error), error, error.__traceback__)
    record.exc_text = f"ValueError: {TYPED}"  # as another handler left it
    return Discreet().format(record)


def raised(act, of=Exception) -> BaseException:
    with pytest.raises(of) as caught:
        act()
    return caught.value


def a_number():
    return int(TYPED)


def within():
    try:
        a_number()
    except ValueError:
        raise KeyError(TYPED) from None


def chained():
    try:
        a_number()
    except ValueError as error:
        error.add_note(TYPED)
        raise RuntimeError(f"was {TYPED}")  # noqa: B904, it is the context we want


def several():
    raise ExceptionGroup(TYPED, [raised(a_number), raised(chained)])


@pytest.mark.parametrize("act", [a_number, within, chained, several])
def test_what_somebody_typed_stays_out_of_the_log(act):
    error = raised(act)

    written = logged(error)

    assert TYPED not in written
    assert type(error).__name__ in written
    assert f"in {act.__name__}" in written
    assert written.startswith("Oh\nTraceback (most recent call last):\n")


def test_the_kinds_of_a_chain_stay_in(db):
    written = logged(raised(chained))

    assert "ValueError\n\nDuring handling of the above" in written
    assert written.endswith("RuntimeError")


def test_values_that_the_database_could_not_take_stay_out(db):
    error = raised(lambda: User.objects.filter(pk=TYPED).first())
    worse = raised(
        lambda: connection.cursor().execute("select %s::integer", [TYPED]), DataError
    )

    assert TYPED not in logged(error) + logged(worse)
    assert "psycopg.errors.InvalidTextRepresentation" in logged(worse)


def test_an_error_named_in_a_sentence_is_told_by_its_kind():
    error = raised(a_number)

    assert logged(error, "Not done: %s", (error,)).startswith(
        "Not done: ValueError\nTraceback"
    )


def test_a_task_that_failed_is_told_by_its_kind():
    """As Celery says it: the error is text by then."""
    error = raised(a_number)
    told = {"name": "people.send", "id": "17", "exc": repr(error), "traceback": TYPED}
    record = logging.LogRecord(
        "celery", logging.ERROR, "", 1, "Task %(name)s[%(id)s]: %(exc)s", (told,), None
    )
    record.data = told
    record.exc_info = (type(error), error, error.__traceback__)

    written = Discreet().format(record)

    assert TYPED not in written
    assert written.startswith("Task people.send[17]: ValueError\nTraceback")


def test_the_record_is_left_as_it_was_for_others():
    error = raised(a_number)
    record = logging.LogRecord("x", logging.ERROR, "", 1, "%s", (error,), None)

    Discreet().format(record)

    assert record.args == (error,)


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
