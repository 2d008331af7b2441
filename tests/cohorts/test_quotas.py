"""What seats are kept for: public, with a reason, until a draw is published."""

import pytest
from django.core.exceptions import PermissionDenied

from cohorts import calls, quotas
from cohorts.models import Quota, QuotaChange
from people.models import uuid7
from people.refusal import Refused
from tests.cohorts.selecting import keep_seats, published, seven, toy_quotas

WOMEN = {"value": "woman", "least": 1, "most": 2, "why": "So that nobody is alone."}


def test_only_a_lead_keeps_seats(call, birch):
    for somebody in (birch.rex, birch.fay, birch.ada.person):
        with pytest.raises(PermissionDenied):
            quotas.add(call.intake, trait=call.traits["gender"], by=somebody, **WOMEN)


def test_the_same_form_sent_twice_adds_one(call, birch):
    key = uuid7()

    for _press in range(2):
        quotas.add(
            call.intake,
            trait=call.traits["gender"],
            by=birch.lea,
            client_key=key,
            **WOMEN,
        )

    assert Quota.objects.count() == 1


def test_one_quota_for_one_answer(call, birch):
    keep_seats(call, birch, "gender", "woman", 1, 2)

    with pytest.raises(Refused, match="already"):
        keep_seats(call, birch, "gender", "woman", 2, 3)


def test_easing_tells_its_reason_and_gives_once(call, birch, now):
    quota = keep_seats(call, birch, "gender", "woman", 3, 5)
    easing = quotas.Easing(quota=quota.pk, least=2, most=5)

    gave = [
        quotas.ease(call.intake, [easing], reason="Two applied.", by=birch.lea, now=now)
        for _press in range(2)
    ]

    quota.refresh_from_db()
    assert (gave, quota.least, quota.most) == ([1, 0], 2, 5)
    assert [(c.was_least, c.least, c.reason) for c in QuotaChange.objects.all()] == [
        (3, 2, "Two applied.")
    ]


def test_nothing_changes_once_a_draw_is_published(call, birch, now):
    seven(call, birch, now)
    quota, _other = toy_quotas(call, birch)
    published(call, birch, now)
    quota.intake = call.intake

    for act in (
        lambda: keep_seats(call, birch, "sector", "research", 0, 1),
        lambda: quotas.change(quota, least=0, most=3, why="x", by=birch.lea),
        lambda: quotas.remove(quota, by=birch.lea),
        lambda: quotas.say_source(call.intake, words="a coin", by=birch.lea),
        lambda: quotas.ease(
            call.intake,
            [quotas.Easing(quota=quota.pk, least=0, most=3)],
            reason="x",
            by=birch.lea,
            now=now,
        ),
    ):
        with pytest.raises(Refused, match="published"):
            act()


def test_a_trait_stays_while_a_quota_counts_it(call, birch):
    keep_seats(call, birch, "gender", "woman", 1, 2)
    trait = call.traits["gender"]
    trait.intake = call.intake

    with pytest.raises(Refused, match="Remove the quota first"):
        calls.remove(trait, by=birch.lea)


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (0, 9, "any number of seats"),
        (0, 3, "at most 3 seats"),
        (1, 9, "at least 1 seat"),
        (2, 3, "at least 2 and at most 3 seats"),
        (2, 2, "exactly 2 seats"),
    ],
)
def test_bounds_in_words(least, most, words):
    assert quotas.bounds(least, most, seats=9) == words
