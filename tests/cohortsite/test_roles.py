"""What the database itself refuses, whatever the code above it does."""

from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from cohortsite import roles

pytestmark = pytest.mark.django_db


def ask(question: str, *values: str | list[str]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(question, list(values))
        return cursor.fetchall() if cursor.description else []


def tables_where_funder_may(privileges: str) -> set[str]:
    found = ask(
        "SELECT relname FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace"
        " AND has_table_privilege('funder', oid, %s)",
        privileges,
    )
    return {table for (table,) in found}


@contextmanager
def as_funder():
    with transaction.atomic():
        ask("SET LOCAL ROLE funder")
        yield


# With a DATABASE_URL of somebody else's the tests only put `web` on, and whoever signed
# in with it could take it off again.
signed_in_as_web = pytest.mark.skipif(
    connection.settings_dict["USER"] != roles.WEB,
    reason="DATABASE_URL names another login",
)


@signed_in_as_web
def test_the_tests_themselves_run_as_web():
    who = "SELECT current_user, session_user, current_setting('is_superuser')"

    assert ask(who) == [("web", "web", "off")]


def test_no_role_is_more_than_it_says():
    powers = ask(
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb"
        " FROM pg_roles WHERE rolname = ANY(%s) ORDER BY rolname",
        ["owner", "web", "worker", "funder"],
    )

    assert powers == [
        ("funder", False),
        ("owner", False),
        ("web", False),
        ("worker", False),
    ]


def test_every_table_belongs_to_owner_and_none_to_those_who_serve():
    owners = ask("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname='public'")

    assert owners == [("owner",)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE people_user ADD COLUMN secret text",
        "DROP TABLE people_user",
        "CREATE ROLE mine",
        pytest.param("SET ROLE owner", marks=signed_in_as_web),
        pytest.param("SET ROLE worker", marks=signed_in_as_web),
    ],
)
def test_web_may_not(statement):
    with pytest.raises(ProgrammingError), transaction.atomic():
        ask(statement)


def test_a_page_waits_for_nobody_long():
    limits = (
        "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),"
        " current_setting('idle_in_transaction_session_timeout')"
    )

    assert ask(limits) == [("5s", "2s", "30s")]


def test_a_funder_reads_the_tables_meant_for_funders_and_no_others():
    meant = {
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "funder_may_read", False)
    }

    assert tables_where_funder_may("SELECT") == meant
    assert tables_where_funder_may("INSERT, UPDATE, DELETE, TRUNCATE") == set()


def test_a_request_puts_on_funder_and_takes_it_off_again():
    with as_funder():
        assert ask("SELECT current_user") == [("funder",)]
        with pytest.raises(ProgrammingError), transaction.atomic():
            ask("SELECT * FROM people_user")
    with transaction.atomic():
        ask("RESET ROLE")

    assert ask("SELECT current_user") == [("web",)]


def test_an_address_for_a_role_keeps_the_rest_of_it():
    url = roles.as_role("postgres://ada:pw@db:5433/house?sslmode=require", "web")

    assert url == (
        "postgres://ada:pw@db:5433/house?sslmode=require&options=-c%20role%3Dweb%20"
        "-c%20statement_timeout%3D5s%20-c%20lock_timeout%3D2s%20"
        "-c%20idle_in_transaction_session_timeout%3D30s"
    )
