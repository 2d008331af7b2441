from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from measurement import hypotheses
from measurement.models import Hypothesis, Project, Reading
from people.refusal import Refused
from tests.measurement.conftest import HUNCH, signal_of


def readings(viewer):
    found = Reading.objects.visible_to(viewer).standing().order_by("written_at")
    return [(r.value, r.out_of) for r in found]


def test_a_reading_is_written_once_however_often_it_is_sent(birch, cards):
    key = uuid4()
    for _ in range(2):
        hypotheses.read(
            signal_of(cards), by=birch.ada, value=71, out_of=118, client_key=key
        )

    assert readings(birch.ben.person) == [(71, 118)]


def test_a_part_of_a_whole_needs_its_whole(birch, cards):
    with pytest.raises(Refused, match="out of how many"):
        hypotheses.read(signal_of(cards), by=birch.ada, value=71)


def test_only_its_writer_takes_a_reading_back(birch, cards):
    reading = hypotheses.read(signal_of(cards), by=birch.ada, value=1, out_of=2)

    with pytest.raises(Refused):
        hypotheses.withdraw_reading(reading, by=birch.sol)
    hypotheses.withdraw_reading(reading, by=birch.ada)

    assert readings(birch.ada.person) == []


def test_a_hunch_is_closed_with_a_verdict_and_the_next_has_a_new_number(birch, cards):
    hypotheses.restate(
        cards,
        by=birch.ada,
        verdict="change",
        learned="Nurses want a say",
        hypothesis={
            **HUNCH,
            "if_we": "draw it together",
            "decide_on": timezone.localdate() + timedelta(days=60),
        },
        signal={"name": "cards stamped"},
    )

    stated = Hypothesis.objects.visible_to(birch.ben.person).order_by("number")
    assert [(h.number, h.if_we, h.verdict) for h in stated] == [
        (1, "fold the card", "change"),
        (2, "draw it together", ""),
    ]


def test_two_tabs_close_a_hunch_once(birch, cards):
    hypotheses.restate(cards, by=birch.ada, verdict="stop", learned="Enough")

    with pytest.raises(Refused):
        hypotheses.restate(cards, by=birch.ada, verdict="stop", learned="Again")

    assert Project.objects.visible_to(birch.ada.person).live().count() == 0


def test_nobody_else_decides_not_even_a_facilitator(birch, cards):
    with pytest.raises(Refused):
        hypotheses.restate(cards, by=birch.sol, verdict="stop", learned="No")
    with pytest.raises(Refused):
        hypotheses.share(cards, by=birch.sol, shared=True)


def test_a_finished_cohort_takes_no_readings(birch, cards, now):
    birch.cohort.finished_at = now
    birch.cohort.save()
    birch.ada.cohort.refresh_from_db()

    with pytest.raises(Refused):
        hypotheses.read(signal_of(cards), by=birch.ada, value=1, out_of=2)


def test_a_number_comes_with_a_check_in(client, birch, cards):
    client.force_login(birch.ada.person)
    signal = signal_of(cards).pk.hex

    client.post(
        "/c/birch/check-ins/new/",
        {
            "mood": "steady",
            "edge": "Cards come back",
            f"reading-value_{signal}": "71",
            f"reading-of_{signal}": "118",
        },
    )

    assert readings(birch.ben.person) == [(71, 118)]
