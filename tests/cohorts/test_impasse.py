"""What certainly stands in the way of keeping all rules, and how little has to give."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings

from cohorts.impasse import Kind, Rule, impasse
from cohorts.weighing import Candidate, Rules
from people.availability import HALF_HOURS
from tests.cohorts.test_arranging import small_pools

ALWAYS = frozenset(range(HALF_HOURS))


def six(**about):
    return [Candidate(key=key, **{"free": ALWAYS, **about}) for key in "abcdef"]


def kinds(told):
    return [[rule.kind for rule in clash.rules] for clash in told.clashes]


def told_of(people, *, groups=2, size=(3, 3), **rules):
    given = Rules(**{"organisation_cap": None, **rules})
    return impasse(people, groups=groups, size=size, rules=given)


def test_rules_that_can_be_kept_are_no_impasse():
    told = told_of(six(), apart=(("a", "b"),), together=(("c", "d"),))

    assert (told.clashes, told.relax) == ((), ())


def test_too_few_people_for_so_many_groups():
    (clash,) = told_of(six(), groups=3, size=(3, 4)).clashes

    assert clash.rules == (Rule(kind=Kind.SIZE),)
    assert (clash.count, clash.limit, clash.enough) == (6, 9, 2)


def test_one_organisation_is_too_many():
    told = told_of(six(organisation="bank"), organisation_cap=2)

    assert told.relax == (Rule(kind=Kind.ORGANISATION),)
    assert (told.clashes[0].count, told.clashes[0].enough) == (6, 3)


def test_the_only_one_of_all_has_no_company():
    people = [*six(), Candidate(key="g", free=ALWAYS, traits={"language": "ar"})]
    fine = [
        *six(),
        Candidate(
            key="g",
            free=ALWAYS,
            traits={"language": "ar"},
            alone_is_fine=frozenset({"language"}),
        ),
    ]
    protected = frozenset({"language"})

    told = told_of(people, size=(3, 4), protected=protected)

    assert told.relax == (Rule(kind=Kind.NOT_ALONE, trait="language", value="ar"),)
    assert told_of(fine, size=(3, 4), protected=protected).clashes == ()


def test_three_who_share_no_hour_do_not_fit_into_two_groups():
    people = six()
    for n, day in enumerate((0, 2, 4)):
        free = frozenset(range(day * 48 + 20, day * 48 + 26))
        people[n] = Candidate(key="abc"[n], free=free)

    (clash,) = told_of(people).clashes

    assert (clash.people, clash.count, clash.limit) == (("a", "b", "c"), 3, 2)
    assert clash.rules[0].kind == Kind.SIZE


def test_together_and_apart_by_way_of_another():
    told = told_of(
        six(), together=(("a", "b"), ("b", "c"), ("d", "e")), apart=(("a", "c"),)
    )

    assert kinds(told) == [[Kind.APART, Kind.TOGETHER, Kind.TOGETHER]]
    assert len(told.relax) == 1


def test_pins_of_people_without_a_shared_hour():
    people = six()
    people[0] = Candidate(key="a", free=frozenset(range(20, 26)))
    people[1] = Candidate(key="b", free=frozenset(range(68, 74)))

    told = told_of(people, pins={"a": 0, "b": 0, "c": 0})

    assert [rule.people for rule in told.clashes[0].rules] == [("a",), ("b",)]


def test_one_rule_that_touches_two_clashes_is_enough():
    told = told_of(
        six(),
        together=(("a", "b"),),
        apart=(("a", "b"),),
        pins={"a": 0, "b": 1},
    )

    assert len(told.clashes) == 2
    assert told.relax == (Rule(kind=Kind.TOGETHER, people=("a", "b")),)


def broken_at_least(pool):
    """By trying every arrangement."""
    best = None
    for places in product(range(pool.groups + 1), repeat=pool.count):
        if any(places[one] != group for one, group in pool.pinned.items()):
            continue
        masks = [0] * (pool.groups + 1)
        for person, group in enumerate(places):
            masks[group] |= 1 << person
        points = pool.weigh_waiting(masks[-1])
        points += sum(pool.weigh(mask).points for mask in masks[:-1])
        best = points if best is None else min(best, points)
    return best


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pool=small_pools())
def test_where_a_clash_is_told_no_arrangement_keeps_all_rules(pool):
    told = impasse(
        pool.candidates, groups=pool.groups, size=pool.size, rules=pool.rules
    )

    assert not told.clashes or broken_at_least(pool) > 0


@pytest.mark.parametrize("turned", [False, True])
def test_the_order_of_people_does_not_matter(turned):
    people = six(organisation="bank")

    told = told_of(people[::-1] if turned else people, organisation_cap=1)

    assert told.clashes[0].people == tuple("abcdef")
