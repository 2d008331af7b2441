"""Versions: never edited, as they stood on a day, beside each other, on paper."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from charters import amending
from charters.amending import Draft
from charters.models import CharterVersion, Clause, Wording
from people.wall_time import local_day
from tests.charters.conftest import adopt_by_all, change, in_force
from tests.charters.test_pages import at, signed_in, text_of

WHY = "the test looks past the walls"
DAY = timedelta(days=1)


def clauses_of(cast, version=None):
    return list(
        Clause.objects.visible_to(cast.ada.person).of(version or in_force(cast))
    )


def other(clause, **changes):
    """The same clause, proposed with some of it changed."""
    said = {
        "section": clause.section,
        "title": clause.title,
        "text": clause.text,
        "lang": clause.lang,
        "value": clause.value,
    }
    return Draft(change="changed", key=clause.key, **{**said, **changes})


def adopted(cast, *drafts, now):
    return adopt_by_all(
        cast, amending.propose(by=cast.ada, clauses=list(drafts), now=now), now=now
    )


# --- Never edited -----------------------------------------------------------------


@pytest.mark.parametrize("model", [CharterVersion, Clause, Wording])
def test_the_database_itself_refuses_to_edit_what_was_agreed(founded, model):
    """As the role of the web: it holds no right to take the trigger away either."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role = cursor.fetchone()[0]
        cursor.execute(
            "SELECT pg_has_role(current_user, tableowner, 'MEMBER') FROM pg_tables"
            " WHERE tablename = %s",
            [model._meta.db_table],
        )
        owns = cursor.fetchone()[0]
    row = model.objects.unsealed(WHY).order_by("pk")[0]
    name = {CharterVersion: "title", Clause: "text", Wording: "text_hash"}[model]

    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        model.objects.unsealed(WHY).filter(pk=row.pk).update(**{name: "Other."})
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(
            f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER never_edited"
        )

    assert (role, owns) == ("web", False)


# --- As it stood ------------------------------------------------------------------


def test_as_it_stood_on_a_day(client, founded, now):
    adopt_by_all(founded, change(founded, founded.clauses[0], "New.", now), now=now)
    client.force_login(founded.ben.person)
    then = (now - 10 * DAY).date().isoformat()

    shown = client.get(at("charter"), {"on": then}, follow=True)
    nonsense = client.get(at("charter"), {"on": "soon"})
    last = client.get(at("charter"), {"on": "9999-12-31"})

    assert shown.redirect_chain == [(f"{at('charter_version', 1)}?on={then}", 302)]
    assert "version 1 was in force" in text_of(shown)
    assert at("charter_diff", 1, 2) in shown.content.decode()
    assert nonsense.status_code == 404
    assert last.headers["Location"].startswith(at("charter_version", 2))


def test_before_the_first_one_it_says_so(client, founded):
    client.force_login(founded.ben.person)

    page = client.get(at("charter"), {"on": "2001-01-01"}, follow=True)

    assert "On that day there was no charter yet." in text_of(page)


def test_the_day_is_that_of_the_circle(client, founded, now):
    """Half an hour before midnight in Kiritimati it is the day before in London."""
    founded.cohort.timezone = "Pacific/Kiritimati"
    founded.cohort.save()
    client.force_login(founded.ben.person)
    day = local_day(founded.v1.adopted_at, "Pacific/Kiritimati")

    there = client.get(at("charter"), {"on": day.isoformat()}, follow=True)
    before = client.get(at("charter"), {"on": (day - DAY).isoformat()}, follow=True)

    assert "version 1 was in force" in text_of(there)
    assert "no charter yet" in text_of(before)


def test_on_the_day_of_a_change_both_are_named(client, founded, now):
    adopt_by_all(founded, change(founded, founded.clauses[0], "New.", now), now=now)
    client.force_login(founded.ben.person)
    day = local_day(now, founded.cohort.timezone).isoformat()

    page = text_of(client.get(at("charter"), {"on": day}, follow=True))

    assert "version 2 was in force" in page
    assert "until then it was version 1" in page


# --- Beside each other ------------------------------------------------------------


def compared(cast, a, b):
    return text_of(signed_in(cast.ben).get(at("charter_diff", a, b)))


def test_a_renamed_clause_shows_both_names(founded, now):
    adopted(founded, other(founded.clauses[1], title="How we speak"), now=now)

    page = compared(founded, 1, 2)

    assert "removed: Feedback end of removal" in page
    assert "added: How we speak end of addition" in page


def test_a_clause_in_another_section_says_from_where(founded, now):
    adopted(founded, other(founded.clauses[0], section="Money"), now=now)

    page = compared(founded, 1, 2)

    assert "From “ Confidentiality ” to “ Money ”." in page
    assert "One clause differs." in page
    assert "added:" not in page


def test_what_comes_and_goes_moves_nothing(founded, now):
    first = founded.clauses[0]
    adopted(
        founded,
        Draft(change="removed", key=first.key),
        Draft(section="support", title="Tea", text="There is tea."),
        now=now,
    )

    page = compared(founded, 1, 2)

    assert "2 clauses differ." in page
    assert "It was clause" not in page


def test_another_language_stands_beside_the_old_one_whole(founded, now):
    adopted(
        founded,
        other(founded.clauses[0], lang="ar", text="ما يقال هنا يبقى هنا."),
        now=now,
    )

    page = signed_in(founded.ben).get(at("charter_diff", 1, 2)).content.decode()

    assert '<p dir="auto" lang="en"><del>' in page
    assert '<p dir="auto" lang="ar"><ins>' in page


def test_the_same_text_twice_has_no_differences(founded):
    assert "The two texts are the same." in compared(founded, 1, 1)


# --- To print, to take away -------------------------------------------------------


def test_the_page_to_print_says_what_it_is(founded):
    page = text_of(signed_in(founded.ben).get(at("charter_version", 1)))

    assert "Version 1" in page
    assert "In force since" in page
    assert "3 of 3 consented." in page
    assert founded.v1.fingerprint in page
    assert "We aim for 7 sessions of 9" in page
    assert all(name in page for name in ("Ada", "Ben", "Sol"))


def test_who_consented_is_the_circles_own(founded):
    client = signed_in(founded.ada)
    client.force_login(founded.lea)

    page = text_of(client.get(at("charter_version", 1)))

    assert "3 of 3 consented." in page
    assert "Who consented to this text" not in page


def test_a_version_is_taken_away_as_plain_text(founded):
    sent = signed_in(founded.ben).get(at("charter_text", 1))
    text = sent.content.decode()

    assert sent.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert "birch-charter-1.md" in sent.headers["Content-Disposition"]
    assert "## Confidentiality" in text
    assert "### 1. What is said here stays here" in text
    assert "3 of 3 consented." in text
    assert founded.v1.fingerprint in text
    assert "&#x27;" not in text


def test_it_is_for_whoever_may_read_the_charter(founded):
    assert signed_in(founded.oma).get(at("charter_text", 1)).status_code == 404
    assert signed_in(founded.ben).get(at("charter_text", 9)).status_code == 404


# --- Bad input --------------------------------------------------------------------

ISOLATE = "\u2067"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 422),
        ("   \n ", 422),
        ("word " * 10_000, 422),
        ("nul \x00 in it", 400),
        (f"{ISOLATE}turned round", 302),
        ("<b>bold</b> & 'quoted'", 302),
    ],
)
def test_a_clause_bears_whatever_is_typed(founded, text, status):
    clause = founded.clauses[0]
    ada = signed_in(founded.ada)

    page = ada.post(
        f"{at('charter_propose')}?clause={clause.key}",
        {
            "title": clause.title,
            "text": text,
            "section": clause.section,
            "lang": "en",
            "why": "",
        },
    )

    assert page.status_code == status
    if status == 422 and text.strip():
        assert page.context["form"]["text"].value() == text
