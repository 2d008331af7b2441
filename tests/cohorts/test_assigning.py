"""Who reads what: the best assignment there is, proved against trying them all."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as property_settings
from hypothesis import strategies as st

from cohorts.assigning import Network, Reader, Text, assign


def pool(texts, readers, *, wanted=3, conflicts=0.02, languages=(), capacity=None):
    """A made-up call, the same each time."""
    dice = random.Random(texts * 1000 + readers)
    people = [
        Reader(
            key=f"r{n}",
            capacity=capacity,
            languages=frozenset(dice.sample(languages, 2))
            if languages
            else frozenset(),
        )
        for n in range(readers)
    ]
    return [
        Text(
            key=f"t{n}",
            language=dice.choice(languages) if languages else "",
            wanted=wanted,
            barred=frozenset(r.key for r in people if dice.random() < conflicts),
        )
        for n in range(texts)
    ], people


@st.composite
def small_calls(draw):
    """At most four texts and four readers, with everything that can happen to them."""
    names = [f"r{n}" for n in range(draw(st.integers(1, 4)))]
    some = st.frozensets(st.sampled_from(names), max_size=2)
    texts = []
    for n in range(draw(st.integers(1, 4))):
        kept = draw(some)
        texts.append(
            Text(
                key=f"t{n}",
                language=draw(st.sampled_from(["", "en", "fr"])),
                wanted=draw(st.integers(0, 3)),
                kept=kept,
                barred=draw(some) - kept,
            )
        )
    readers = [
        Reader(
            key=name,
            capacity=draw(st.sampled_from([None, 0, 1, 2])),
            languages=draw(st.sampled_from([frozenset(), frozenset({"en"})])),
        )
        for name in names
    ]
    return texts, readers


def every_assignment(network):
    """All choices of readers for all texts that keep to the rules."""
    may = [
        [
            set(some)
            for size in range(network.wanted[t] + 1)
            for some in itertools.combinations(
                np.nonzero(np.isfinite(network.prices[t]))[0], size
            )
        ]
        for t in range(len(network.texts))
    ]
    for choice in itertools.product(*may):
        chosen = np.zeros(network.prices.shape, dtype=bool)
        for t, some in enumerate(choice):
            chosen[t, sorted(some)] = True
        if (chosen.sum(axis=0) <= network.room).all():
            yield chosen


def worth(network, chosen):
    """What counts, in its order, without the weights that the kernel gives it."""
    lacks = network.wanted - chosen.sum(axis=1)
    loads = network.held + chosen.sum(axis=0)
    return (
        int((lacks * (lacks + 1) // 2).sum()),
        int((loads**2).sum()),
        float(network.prices[chosen].sum()),
    )


@property_settings(max_examples=60)
@given(small_calls(), st.integers(0, 99))
def test_no_assignment_is_better(call, seed):
    texts, readers = call
    network = Network(texts, readers, seed=seed)

    found = network.solve()

    best = min(worth(network, chosen) for chosen in every_assignment(network))
    assert worth(network, found) == best


@property_settings(max_examples=60)
@given(
    small_calls(),
    st.lists(st.floats(-99, 999), min_size=4, max_size=4),
    st.lists(st.floats(-99, 999), min_size=4, max_size=4),
)
def test_the_bound_holds_whatever_the_prices_are(call, of_texts, of_readers):
    """So a gap of nothing proves an assignment, whoever named the prices."""
    texts, readers = call
    network = Network(texts, readers, seed=1)

    bound = network.bound(
        np.array(of_texts[: len(texts)]), np.array(of_readers[: len(readers)])
    )

    assert bound <= min(network.cost(c) for c in every_assignment(network)) + 1e-6


@pytest.mark.parametrize(
    "given",
    [
        {"texts": 200, "readers": 30},
        {"texts": 120, "readers": 40, "conflicts": 0.4},
        {"texts": 150, "readers": 25, "languages": ("en", "fr", "ar", "sw")},
        {"texts": 100, "readers": 20, "capacity": 9},
    ],
)
def test_larger_ones_are_proved_by_their_prices(given):
    plan = assign(*pool(**given), seed=7)

    assert abs(plan.gap) < 1e-3


def test_a_call_of_the_size_we_promise_is_even_and_proved():
    texts, readers = pool(1000, 120, languages=("en", "fr", "es"))

    plan = assign(texts, readers, seed=1)

    assert (len(plan.new), plan.spread, plan.missing) == (3000, 0, {})
    assert abs(plan.gap) < 1e-3
    assert plan.is_connected


def test_conflicts_and_languages_are_never_broken():
    texts, readers = pool(150, 25, conflicts=0.3, languages=("en", "fr", "ar"))
    people = {reader.key: reader for reader in readers}

    plan = assign(texts, readers, seed=3)

    given = dict.fromkeys(plan.new)
    by_text = {text.key: text for text in texts}
    assert len(given) == len(plan.new)
    assert not [p for p in plan.new if p[1] in by_text[p[0]].barred]
    assert all(people[r].reads(by_text[t].language) for t, r in plan.new)


def test_what_stands_is_kept_and_counts_as_load():
    texts = [Text(key=f"t{n}", wanted=2, kept=frozenset({"rex"})) for n in range(4)]
    texts += [Text(key=f"u{n}", wanted=1) for n in range(4)]
    readers = [Reader(key=key) for key in ("rex", "ray", "roz")]

    plan = assign(texts, readers, seed=1)

    assert plan.loads == {"rex": 4, "ray": 4, "roz": 4}
    assert "rex" not in {reader for _text, reader in plan.new}


def test_a_reader_who_left_leaves_what_was_read():
    texts = [Text(key="t", wanted=2, kept=frozenset({"gone"}))]

    plan = assign(texts, [Reader(key="rex")], seed=1)

    assert plan.new == (("t", "rex"),)
    assert plan.missing == {}


def test_running_it_again_gives_nothing_new():
    texts, readers = pool(60, 12)
    plan = assign(texts, readers, seed=1)
    stands = {}
    for text, reader in plan.new:
        stands.setdefault(text, set()).add(reader)

    again = assign(
        [
            Text(key=t.key, wanted=t.wanted, kept=frozenset(stands[t.key]))
            for t in texts
        ],
        readers,
        seed=2,
    )

    assert again.new == ()
    assert again.loads == plan.loads


def test_the_same_seed_gives_the_same_and_another_mixes_anew():
    texts, readers = pool(60, 12)

    plans = [assign(texts, readers, seed=seed) for seed in (1, 1, 2)]

    assert plans[0] == plans[1]
    assert plans[0].new != plans[2].new


def test_readers_are_linked_through_texts_they_share():
    """Else nobody could tell a severe reader from weak texts."""
    texts, readers = pool(60, 20, wanted=2, conflicts=0)

    assert assign(texts, readers, seed=1).is_connected


def test_who_names_the_language_goes_before_who_says_nothing():
    texts = [Text(key=f"t{n}", language="fr", wanted=1) for n in range(2)]
    readers = [
        Reader(key="silent"),
        Reader(key="silent too"),
        Reader(key="french", languages=frozenset({"fr-CA"})),
    ]

    plan = assign(texts, readers, seed=1)

    assert "french" in {reader for _text, reader in plan.new}
    assert max(plan.loads.values()) == 1


# --- What cannot be met, and why ---------------------------------------------------


def test_too_little_time_is_named_with_those_who_are_full():
    texts = [Text(key=f"t{n}", wanted=2) for n in range(5)]
    readers = [Reader(key="rex", capacity=2), Reader(key="ray", capacity=3)]

    plan = assign(texts, readers, seed=1)

    (shortage,) = plan.shortages
    assert (shortage.missing, shortage.are_full) == (5, True)
    assert set(shortage.readers) == {"rex", "ray"}
    # Nobody goes empty before somebody gets their last.
    assert set(plan.missing.values()) == {1}


def test_a_language_that_few_read_is_named():
    texts = [Text(key=f"t{n}", language="sw", wanted=2) for n in range(3)]
    english = [Reader(key=f"e{n}", languages=frozenset({"en"})) for n in range(4)]

    plan = assign(texts, [*english, Reader(key="amina")], seed=1)

    shortages = {
        (s.missing, s.readers, s.are_full, s.foreign, s.languages)
        for s in plan.shortages
    }
    assert shortages == {(3, ("amina",), False, 4, ("sw",))}
    assert plan.uneven == {f"e{n}": False for n in range(4)}


def test_conflicts_that_leave_nobody_are_named():
    texts = [Text(key="t", wanted=1, barred=frozenset({"rex", "ray"}))]

    plan = assign(texts, [Reader(key="rex"), Reader(key="ray")], seed=1)

    (shortage,) = plan.shortages
    assert (shortage.readers, shortage.barred, shortage.missing) == ((), 2, 1)


def test_texts_that_lack_for_the_same_reason_are_told_together():
    texts = [Text(key=f"t{n}", wanted=1, barred=frozenset({"rex"})) for n in range(3)]

    plan = assign(texts, [Reader(key="rex")], seed=1)

    assert [(s.texts, s.missing) for s in plan.shortages] == [(("t0", "t1", "t2"), 3)]


def test_two_shortages_that_have_nothing_to_do_with_one_another_stay_apart():
    texts = [
        Text(key="t", language="sw", wanted=1),
        Text(key="u", language="fr", wanted=2),
    ]
    readers = [Reader(key="rex", languages=frozenset({"fr"}))]

    plan = assign(texts, readers, seed=1)

    assert [(s.texts, s.missing) for s in plan.shortages] == [(("t",), 1), (("u",), 1)]


@pytest.mark.parametrize(
    ("texts", "readers", "missing"),
    [
        ([], [Reader(key="rex")], {}),
        ([Text(key="t", wanted=2)], [], {"t": 2}),
        ([], [], {}),
        ([Text(key="t", wanted=0)], [Reader(key="rex")], {}),
    ],
)
def test_nothing_to_read_or_nobody_to_read_it(texts, readers, missing):
    plan = assign(texts, readers, seed=1)

    assert (plan.new, dict(plan.missing)) == ((), missing)
    assert bool(plan.shortages) == bool(missing)
