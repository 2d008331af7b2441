"""Charters of Birch, at the moments that tests begin with."""

from datetime import timedelta

import pytest
from django.utils import timezone

from charters import amending, starters
from charters.models import CharterVersion, Clause, ConsentRound, ProposedClause


def seven(names=None):
    chosen = [s for s in starters.ALL if (s.name in names if names else s.usual)]
    return [
        amending.Draft(
            section=s.section,
            title=str(s.title),
            text=str(s.text),
            steers=str(s.steers),
            value=s.value,
        )
        for s in chosen
    ]


def say_yes(cast, asked, *who, now):
    """Everyone named consents; those who have already are left alone."""
    for member in who:
        amending.answer(
            asked, by=member, kind="consent", text_hash=asked.text_hash, now=now
        )


def adopt_by_all(cast, amendment, *, now):
    asked = amending.open_round(amendment, by=cast.ada, now=now)
    say_yes(cast, asked, cast.ada, cast.ben, cast.sol, now=now)
    return amending.adopt(amendment, by=cast.ada, now=now)


@pytest.fixture
def founded(birch, now):
    """Birch lives by version 1: seven starter clauses, adopted 30 days ago."""
    then = now - timedelta(days=30)
    amendment = amending.propose(by=birch.ada, clauses=seven(), now=then)
    birch.v1 = adopt_by_all(birch, amendment, now=then)
    birch.clauses = list(Clause.objects.visible_to(birch.ada.person).of(birch.v1))
    return birch


@pytest.fixture
def asked(founded, now):
    """Ada proposes another wording of clause 1, and the circle is being asked."""
    founded.amendment = change(
        founded, founded.clauses[0], "Stays here. All of it.", now
    )
    founded.round = amending.open_round(founded.amendment, by=founded.ada, now=now)
    return founded


def change(cast, clause, text, now, by=None):
    return amending.propose(
        by=by or cast.ada,
        clauses=[
            amending.Draft(
                change="changed",
                key=clause.key,
                section=clause.section,
                title=clause.title,
                text=text,
                lang=clause.lang,
                value=clause.value,
            )
        ],
        why="It is shorter.",
        now=now,
    )


def proposed_of(cast, amendment=None):
    return (
        ProposedClause.objects.visible_to(cast.ada.person)
        .of(amendment or cast.amendment)
        .first()
    )


def rewrite_of(proposed, text, **more):
    return amending.Rewrite(
        edition=proposed.edition,
        title=proposed.title,
        text=text,
        value=proposed.value,
        **more,
    )


def now_round(cast, amendment=None):
    return (
        ConsentRound.objects.visible_to(cast.ada.person)
        .filter(amendment=amendment or cast.amendment)
        .order_by("-number")
        .first()
    )


def in_force(cast):
    return CharterVersion.objects.visible_to(cast.ada.person).in_force(cast.cohort)


def object_to(asked, *, by, now, **words):
    said = {
        "reason": "Thirty days is short.",
        "harm": "Those who listen late lose it.",
        "fix": "Sixty days.",
    } | words
    return amending.answer(
        asked, by=by, kind="object", text_hash=asked.text_hash, now=now, **said
    )


@pytest.fixture
def time_stands_still(monkeypatch, now):
    """So that "2 days left" is the same on two pages that are compared by bytes."""
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now
