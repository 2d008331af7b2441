"""What the words say, and when."""

from types import SimpleNamespace

import pytest

from cohorts import verdicts
from cohorts.assigning import Plan, Reader, Text, assign
from cohorts.conflicts import Kind


def told(texts, readers):
    """The sentences of a plan, with reviewers called by their keys."""
    situation = SimpleNamespace(
        copies={text.key: SimpleNamespace(code=text.key.upper()) for text in texts},
        reviewers={r.key: SimpleNamespace(name=r.key.title()) for r in readers},
    )
    plan = assign(texts, readers, seed=1)
    return (
        [verdicts.shortage(one, situation) for one in plan.shortages],
        verdicts.way_out(plan, situation),
        verdicts.evenness(plan, situation),
    )


def test_nobody_has_time_left():
    shortages, way_out, _uneven = told(
        [Text(key=f"t{n}", wanted=1) for n in range(3)], [Reader(key="rex", capacity=1)]
    )

    (sentence,) = shortages
    assert sentence.startswith("2 applications (")
    assert sentence.endswith(
        "lack 2 readings in all. Only Rex could read more, and has no time left."
    )
    assert "ask them to read 2 more between them" in way_out


def test_nobody_reads_the_language():
    shortages, way_out, _uneven = told(
        [Text(key="t", language="sw", wanted=1)],
        [Reader(key="rex", languages=frozenset({"en"}))],
    )

    assert shortages == [
        "Application T lacks 1 reading. Nobody may read what is missing. "
        "1 reviewer does not read Swahili."
    ]
    assert way_out.startswith("Appoint a reviewer who may read these")


def test_conflicts_keep_everybody_away():
    shortages, *_rest = told(
        [Text(key="t", wanted=2, barred=frozenset({"rex"}))],
        [Reader(key="rex"), Reader(key="ray")],
    )

    assert shortages == [
        "Application T lacks 1 reading. Nobody is left besides Ray. "
        "A conflict keeps 1 reviewer away."
    ]


def test_why_loads_differ():
    _short, _way_out, uneven = told(
        [Text(key=f"t{n}", wanted=1) for n in range(9)],
        [
            Reader(key="rex", capacity=1),
            Reader(key="ray"),
            Reader(key="roz", languages=frozenset({"fr"})),
        ],
    )

    assert uneven[0] == "Rex has fewer, and takes no more."


def test_reviewers_who_share_nothing_cannot_be_compared():
    _short, _way_out, uneven = told(
        [Text(key=f"t{n}", wanted=1) for n in range(4)],
        [Reader(key="rex"), Reader(key="ray")],
    )

    assert uneven[0].startswith("Some reviewers share no application")


def test_nobody_to_read_at_all():
    shortages, way_out, uneven = told([Text(key="t", wanted=1)], [])

    assert shortages == [
        "Application T lacks 1 reading. Nobody is appointed to read yet."
    ]
    assert (way_out, uneven) == ("Appoint reviewers first.", [])


def test_a_plan_without_a_flaw_is_not_talked_about():
    assert verdicts.evenness(Plan(new=(), loads={}, missing={}), None) == []


def test_every_kind_of_conflict_has_its_words():
    assert len({verdicts.conflict(kind) for kind in Kind}) == len(Kind)


@pytest.mark.parametrize(
    ("alpha", "short"),
    [
        (None, "not known yet"),
        (0.9, "good"),
        (0.7, "fair"),
        (0.4, "weak"),
        (0.0, "near chance"),
    ],
)
def test_agreement_in_words(alpha, short):
    assert verdicts.agreement_in_short(alpha) == short
    assert verdicts.agreement(alpha)


@pytest.mark.parametrize(
    ("variance", "says"),
    [(0.0, "about equally severe"), (0.25, "about 0.5 of a level")],
)
def test_severity_is_told_of_all_together(variance, says):
    assert says in verdicts.severity(variance)
