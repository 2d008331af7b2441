"""Words at rest: read by every key that is known, written by the first."""

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from charters.models import RepairConcern, RepairSaying
from people import cipher
from people.rekeying import at_rest, encrypted_columns, rekey
from tests.charters.repairing import HAPPENED, asked_for, write_down

LOOKS = "tests look at every row"


@pytest.fixture
def old_key(settings):
    settings.FIELD_KEYS = ["the old one"]
    return settings


def kept():
    rows = RepairSaying.objects.unsealed(LOOKS).annotate(raw=at_rest("words"))
    return {pk: bytes(raw) for pk, raw in rows.values_list("pk", "raw")}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_goes_in_comes_out(words):
    assert cipher.decrypt(cipher.encrypt(words)) == words


@pytest.mark.parametrize("words", ["a", "é" * 60, "x" * 200])
def test_short_words_are_as_long_as_longer_ones(words):
    assert len(cipher.encrypt(words)) == len(cipher.encrypt("b"))


def test_the_same_words_look_different_each_time():
    assert cipher.encrypt("twice") != cipher.encrypt("twice")


def test_nothing_rests_as_nothing():
    assert (cipher.encrypt(""), cipher.decrypt(b"")) == (b"", "")


def test_another_key_opens_nothing(old_key):
    kept = cipher.encrypt("secret")
    old_key.FIELD_KEYS = ["another"]

    with pytest.raises(cipher.NoKeyOpensThis):
        cipher.decrypt(kept)


def test_words_that_were_tampered_with_are_not_shown():
    kept = bytearray(cipher.encrypt("secret"))
    kept[40] ^= 1

    with pytest.raises(cipher.NoKeyOpensThis):
        cipher.decrypt(bytes(kept))


def test_a_new_key_in_front_reads_what_the_old_one_wrote(old_key, birch, now):
    write_down(birch, now=now)
    old_key.FIELD_KEYS = ["the new one", "the old one"]

    concern = RepairConcern.objects.visible_to(birch.ada.person).get()

    assert concern.happened == HAPPENED


def test_after_reencrypting_the_old_key_may_go(old_key, birch, now):
    asked_for(birch, now=now)
    before = kept()
    old_key.FIELD_KEYS = ["the new one", "the old one"]

    call_command("reencrypt", verbosity=0)
    old_key.FIELD_KEYS = ["the new one"]

    sayings = RepairSaying.objects.visible_to(birch.ada.person).order_by("pk")
    assert sayings.first().words == HAPPENED
    assert all(kept()[pk] != raw for pk, raw in before.items())


def test_reencrypting_twice_changes_nothing_more(old_key, birch, now):
    asked_for(birch, now=now)
    old_key.FIELD_KEYS = ["the new one", "the old one"]

    assert rekey().changed == 3
    assert rekey().changed == 0


def test_what_no_key_opens_is_left_as_it_is_and_told(old_key, birch, now):
    asked_for(birch, now=now)
    before = kept()
    old_key.FIELD_KEYS = ["the new one"]

    with pytest.raises(CommandError, match="3 more"):
        call_command("reencrypt", verbosity=0)

    assert kept() == before


def test_emptied_words_stay_empty(old_key, birch, now):
    asked_for(birch, now=now)
    RepairSaying.objects.unsealed(LOOKS).update(words="")
    old_key.FIELD_KEYS = ["the new one", "the old one"]

    rekey()

    assert set(kept().values()) == {b""}


def test_every_encrypted_column_is_known():
    found = {f"{model.__name__}.{column}" for model, column in encrypted_columns()}

    assert found == {
        "RepairConcern.happened",
        "RepairConcern.impact",
        "RepairConcern.wish",
        "RepairSaying.words",
        "RepairAside.words",
        "RepairAgreement.words",
    }
