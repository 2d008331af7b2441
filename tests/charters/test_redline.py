from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charters.redline import (
    Kind,
    Segment,
    _longest_common,
    is_changed,
    moved,
    redline,
    text_after,
    text_before,
    words,
)

ALPHABETS = {
    "latin": "abé -'’\u0301 \n.,",
    "arabic": "ابتشَُّـ ،؟\u200f\n",
    "han": "我们说好的话。，\n ",
    "devanagari": "कखगािी्॥। \n",
    "thai": "กขคาิ่้ \n",
    "ethiopic": "ሀለሐመሠረ፡።፣ \n",
    "hangul": "우리는말을 .\n",
    "hebrew": "שלוםָ־״ \u200e\n",
    "emoji": "👍🏽👩‍👩‍👧🇰🇪#️⃣ a\n",
    "mixed": "a ب我क。፡ ,\u2067\u2069",
    "anything": None,
}


def same(text):
    return Segment(kind=Kind.SAME, text=text)


def gone(text):
    return Segment(kind=Kind.GONE, text=text)


def new(text):
    return Segment(kind=Kind.NEW, text=text)


def texts():
    chosen = [
        st.text(alphabet, max_size=60) if alphabet else st.text(max_size=60)
        for alphabet in ALPHABETS.values()
    ]
    return st.one_of(*chosen)


def test_one_word_replaced():
    assert redline("We meet on Monday.", "We meet on Tuesday.") == (
        same("We meet on "),
        gone("Monday"),
        new("Tuesday"),
        same("."),
    )


def test_a_phrase_replaced_reads_as_one_phrase():
    assert redline("We speak in turn.", "We listen with care.") == (
        same("We "),
        gone("speak in turn"),
        new("listen with care"),
        same("."),
    )


def test_a_line_added_leaves_the_others_alone():
    assert redline("One.\nThree.", "One.\nTwo.\nThree.") == (
        same("One.\n"),
        new("Two.\n"),
        same("Three."),
    )


def test_equal_texts_have_one_segment_and_empty_ones_none():
    assert redline("As it was", "As it was") == (same("As it was"),)
    assert redline("", "") == ()
    assert not is_changed(redline("As it was", "As it was"))


def test_all_new_and_all_gone():
    assert redline("", "A start") == (new("A start"),)
    assert redline("An end", "") == (gone("An end"),)


def test_arabic_marks_stay_with_their_word():
    assert redline("نَحْنُ نَسْمَع", "نَحْنُ نَتَكَلَّم") == (
        same("نَحْنُ "),
        gone("نَسْمَع"),
        new("نَتَكَلَّم"),
    )


def test_chinese_is_compared_by_character():
    assert redline("我们每周见面。", "我们每月见面。") == (
        same("我们每"),
        gone("周"),
        new("月"),
        same("见面。"),
    )


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("don't re-open", ["don't", " ", "re-open"]),
        ("हिन्दी में।", ["हिन्दी", " ", "में", "।"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("が", ["が"]),
        ("a\r\n\r\nb", ["a", "\r\n", "\r\n", "b"]),
    ],
)
def test_words_of_many_scripts(text, pieces):
    assert words(text) == pieces


@given(text=texts())
def test_words_joined_are_the_text(text):
    assert "".join(words(text)) == text


@given(before=texts(), after=texts())
def test_a_redline_rebuilds_both_texts(before, after):
    segments = redline(before, after)

    assert text_before(segments) == before
    assert text_after(segments) == after


@pytest.mark.parametrize("script", sorted(ALPHABETS))
@given(data=st.data())
def test_in_every_script_the_redline_of_a_gives_b_and_back(script, data):
    alphabet = ALPHABETS[script]
    text = st.text(alphabet, max_size=200) if alphabet else st.text(max_size=200)
    before, after = data.draw(text), data.draw(text)

    there, back = redline(before, after), redline(after, before)

    assert (text_before(there), text_after(there)) == (before, after)
    assert (text_before(back), text_after(back)) == (after, before)


@given(data=st.data())
def test_long_texts_of_few_words_are_rebuilt_too(data):
    """Hardly a word occurs once: the table is what compares them."""
    some = st.lists(st.sampled_from(["to ", "be ", "or ", "not\n"]), max_size=300)
    before, after = "".join(data.draw(some)), "".join(data.draw(some))

    segments = redline(before, after)

    assert (text_before(segments), text_after(segments)) == (before, after)


@given(
    st.lists(st.sampled_from("abc"), max_size=12),
    st.lists(st.sampled_from("abc"), max_size=12),
)
def test_short_stretches_keep_as_much_as_the_textbook_table(one, other):
    best = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, word in enumerate(one):
        for j, its in enumerate(other):
            best[i + 1][j + 1] = (
                best[i][j] + 1 if word == its else max(best[i][j + 1], best[i + 1][j])
            )

    found = _longest_common(one, other)

    assert len(found) == best[-1][-1]
    assert all(one[i] == other[j] for i, j in found)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(found))


def test_one_word_changed_twice_in_a_text_that_repeats_itself():
    line = "we ask before we advise and we ask again "
    before = line * 60
    after = (line * 20 + "slowly " + line * 20 + "kindly " + line * 20).strip() + " "

    segments = redline(before, after)

    assert [s.text.strip() for s in segments if s.kind != Kind.SAME] == [
        "slowly",
        "kindly",
    ]


def test_a_text_of_which_hardly_a_word_stays_reads_as_rewritten():
    before = " ".join(f"old{n}" if n % 20 else "the" for n in range(400))
    after = " ".join(f"new{n}" if n % 20 else "the" for n in range(400))

    kinds = [s.kind for s in redline(before, after)]

    assert kinds.count(Kind.SAME) <= 2


@given(before=texts(), after=texts())
def test_a_redline_is_as_short_as_it_can_be_written(before, after):
    segments = redline(before, after)

    kinds = [segment.kind for segment in segments]
    assert all(segment.text for segment in segments)
    assert all(one != next_one for one, next_one in pairwise(kinds))
    assert is_changed(segments) == (before != after)


@given(data=st.data())
def test_a_word_taken_out_is_all_that_is_gone(data):
    number = data.draw(st.integers(2, 40))
    out = data.draw(st.integers(0, number - 1))
    before = [f"word{n}" for n in range(number)]
    after = before[:out] + before[out + 1 :]

    segments = redline(" ".join(before), " ".join(after))

    gone_words = "".join(s.text for s in segments if s.kind == Kind.GONE).split()
    assert gone_words == [f"word{out}"]
    assert not [s for s in segments if s.kind == Kind.NEW]


def test_long_texts_without_a_word_that_occurs_once_are_still_rebuilt():
    before = "to be or not to be " * 500
    after = "be to not or be to " * 500

    segments = redline(before, after)

    assert (text_before(segments), text_after(segments)) == (before, after)


# --- Clauses that moved -----------------------------------------------------------


def test_what_moved_is_the_least_that_had_to():
    assert moved("abcde", "abcde") == set()
    assert moved("abcde", "bcdea") == {"a"}
    assert moved("abc", "xaybzc") == set()
    assert moved("abcd", "ab") == set()
    assert len(moved("ab", "ba")) == 1


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)))
def test_without_what_moved_the_order_is_the_same(after, gone):
    before = [n for n in range(12) if n not in gone]

    went = moved(before, after)

    assert [n for n in before if n not in went] == [
        n for n in after if n not in went and n in before
    ]
