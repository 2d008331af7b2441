"""What reviewers read of an application: its words, without the names."""

from hypothesis import example, given
from hypothesis import strategies as st

from cohorts.arrivals import HIDDEN, _hider, _pattern

# Letters that fold in unusual ways: dotless and dotted i, sharp s, Kelvin, sigma.
NAMES = st.text(alphabet="aiıİIsSßKkσςΣµ -", max_size=6)


@example("III", "", "IİI")
@given(NAMES, NAMES, st.text(alphabet="aiıİIsSßKkσςΣµ .", max_size=30))
def test_looking_before_hiding_changes_nothing_that_is_hidden(called, org, text):
    whole = {name for name in (called, org) if len(name) > 2}
    words = {word for word in called.split() if len(word) > 2} - whole

    shown = _hider(called, org, "")(text)

    expected = _pattern(whole, words).sub(HIDDEN, text) if whole else text
    assert shown == expected


@given(st.text(alphabet="aiıI sS", max_size=20))
def test_a_name_is_hidden_however_it_is_written(around):
    shown = _hider("Isa", "", "")(f"{around} ISA, isa. ıSA")

    assert shown.endswith(f"{HIDDEN}, {HIDDEN}. {HIDDEN}")
