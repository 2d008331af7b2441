"""A draw that everybody can check: fixed before the random value exists."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.draw import draw, fingerprint, record_of, written_down
from cohorts.lottery import fair_lottery
from cohorts.panels import Quota

SCRIPT = Path(__file__).parents[2] / "cohorts/recompute_draw.py"
POOL = [
    {"gender": "woman"},
    {"gender": "woman"},
    *[{"gender": "man"}] * 5,
]
NUMBERS = ["k7", "a1", "m4", "b2", "z9", "c3", "d5"]
SOURCE = "the last draw of the national lottery on 4 December 2026"


@pytest.fixture(scope="module")
def record():
    women = Quota(trait="gender", value="woman", least=1, most=2)
    mixture = fair_lottery(POOL, [women], seats=3)
    return record_of(mixture, NUMBERS, source=SOURCE)


def recomputed(folder, record, published, value):
    """What the script says that anybody may run, with nothing of ours around it."""
    (folder / "record.json").write_bytes(record)
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, folder / "record.json", published, value],
        capture_output=True,
        text=True,
        cwd=folder,
    )


def test_a_draw_seats_a_panel_and_puts_the_others_in_order(record):
    drawn = draw(record, value="48 11 7")

    assert len(drawn.seated) == 3
    assert {"k7", "a1"} & set(drawn.seated)
    assert sorted(drawn.seated + drawn.waiting) == sorted(NUMBERS)


@pytest.mark.parametrize("value", ["1", "48 11 7", "drand 4711: 9f3c", "٤٨ ١١"])
def test_the_script_finds_the_same_people(tmp_path, record, value):
    drawn = draw(record, value=value)

    said = recomputed(tmp_path, record, fingerprint(record), value)

    assert said.stdout.splitlines() == [
        "Drawn: " + " ".join(drawn.seated),
        "Waiting: " + " ".join(drawn.waiting),
    ]


def test_the_script_refuses_a_record_that_was_changed(tmp_path, record):
    changed = json.loads(record)
    changed["weights"][0] += 1

    said = recomputed(tmp_path, written_down(changed), fingerprint(record), "48 11 7")

    assert said.returncode == 1
    assert "is not what was published." in said.stderr
    assert said.stdout == ""


def test_the_script_is_short_enough_to_be_read():
    _, code = SCRIPT.read_text().split("from pathlib import Path")

    assert len([line for line in code.splitlines() if line.strip()]) <= 30


def test_a_value_copied_with_spaces_round_it_is_the_same_value(record):
    assert draw(record, value=" 48 11 7\n") == draw(record, value="48 11 7")


@settings(max_examples=30)
@given(st.data())
def test_any_other_byte_gives_another_fingerprint(data):
    record = written_down({"numbers": NUMBERS})
    place = data.draw(st.integers(0, len(record) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != record[place]))

    changed = record[:place] + bytes([other]) + record[place + 1 :]

    assert fingerprint(changed) != fingerprint(record)


def test_over_many_values_everybody_is_drawn_as_often_as_promised(record):
    drawn = Counter(
        number
        for value in range(3000)
        for number in draw(record, value=str(value)).seated
    )

    # One of the two women sits, always. Three standard deviations are 0.027.
    assert {number: times / 3000 for number, times in drawn.items()} == pytest.approx(
        dict.fromkeys(NUMBERS, 2 / 5) | {"k7": 1 / 2, "a1": 1 / 2}, abs=0.03
    )


def test_over_many_values_people_of_equal_chances_wait_at_the_front_as_often(record):
    men = {"m4", "b2", "z9", "c3", "d5"}
    first = Counter(
        next(one for one in draw(record, value=str(value)).waiting if one in men)
        for value in range(3000)
    )

    assert {number: times / 3000 for number, times in first.items()} == pytest.approx(
        dict.fromkeys(men, 1 / 5), abs=0.03
    )


def test_the_record_says_nothing_of_anybodys_traits(record):
    assert b"woman" not in record
    assert b"gender" not in record


def test_two_people_cannot_share_a_number():
    mixture = fair_lottery(POOL, [], seats=3)

    with pytest.raises(ValueError, match="number of her own"):
        record_of(mixture, ["same"] * 7, source=SOURCE)


@pytest.mark.parametrize("given", [(), ("record.json", "1f", "48", "11", "7")])
def test_the_script_says_what_it_needs(given):
    """A value of several words without quotes would else be another value."""
    said = subprocess.run(
        [sys.executable, "-I", SCRIPT, *given], capture_output=True, text=True
    )

    assert said.returncode == 1
    assert said.stderr.splitlines() == [
        "Usage: python3 recompute_draw.py RECORD FINGERPRINT 'VALUE'"
    ]
