"""What certainly stands in the way of keeping all rules, and how little has to give."""

import random
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings

from cohorts.impasse import Kind, Rule, impasse
from cohorts.weighing import Candidate, Code, Rules, look_at
from people.availability import HALF_HOURS
from tests.cohorts.test_arranging import every_arrangement, small_pools

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

    assert kinds(told) == [[Kind.ORGANISATION, Kind.SIZE]]  # or more groups
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

    assert [(rule.kind, rule.people) for rule in told.clashes[0].rules] == [
        (Kind.PINNED, ("a",)),
        (Kind.PINNED, ("b",)),
        (Kind.HOURS, ("a",)),
        (Kind.HOURS, ("b",)),
    ]
    assert told.relax == told.clashes[0].rules[:1]


def test_one_rule_that_touches_two_clashes_is_enough():
    told = told_of(
        six(),
        together=(("a", "b"),),
        apart=(("a", "b"),),
        pins={"a": 0, "b": 1},
    )

    assert len(told.clashes) == 2
    assert told.relax == (Rule(kind=Kind.TOGETHER, people=("a", "b")),)


HOW_PEOPLE_GIVE = {
    Code.TOO_SMALL: Kind.SIZE,
    Code.TOO_LARGE: Kind.SIZE,
    Code.NO_SHARED_HOURS: Kind.HOURS,
    Code.ORGANISATION_OVER_CAP: Kind.ORGANISATION,
    Code.NOT_KEPT_APART: Kind.APART,
    Code.ONLY_ONE: Kind.NOT_ALONE,
}


def fewest_by_trying(pool):
    """How many rules have to give in the best of all arrangements, more groups than
    were asked for among them: told from the words for a page."""
    rules, people = pool.rules, pool.candidates

    @cache
    def gives(group):
        found = set()
        for finding in look_at(
            [people[n] for n in group], rules=rules, size=pool.size, pool=people
        ).findings:
            kind = HOW_PEOPLE_GIVE.get(finding.code)
            if kind in (Kind.SIZE, Kind.ORGANISATION):
                found.add(kind)
            elif kind == Kind.HOURS:
                found |= {(kind, one) for one in finding.people}
            elif kind == Kind.APART:
                found.add((kind, frozenset(finding.people)))
            elif kind == Kind.NOT_ALONE:
                found.add((kind, finding.trait, finding.value))
        return found

    waits, fewest = -1, None
    many = max(pool.groups, pool.count)
    for places in product(range(-1, many), repeat=pool.count):
        if places.count(waits) > pool.must_wait:
            continue
        broken = {
            (Kind.TOGETHER, frozenset(pair))
            for pair in rules.together
            if places[pair[0]] != places[pair[1]]
        }
        broken |= {
            (Kind.PINNED, one) for one, to in rules.pins.items() if places[one] != to
        }
        for group in range(many):
            here = tuple(n for n, place in enumerate(places) if place == group)
            if group < pool.groups:
                broken |= gives(here)
            elif here:
                broken |= gives(here) | {Kind.SIZE}
        if fewest is None or len(broken) < fewest:
            fewest = len(broken)
    return fewest


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pool=small_pools(most=4))
def test_no_smaller_set_of_rules_would_do(pool):
    question = {"groups": pool.groups, "size": pool.size, "rules": pool.rules}

    told = impasse(pool.candidates, **question)
    by_numbers_alone = impasse(pool.candidates, **question, try_up_to=0)

    assert told.certain
    assert len(told.relax) == len(set(told.relax)) == fewest_by_trying(pool)
    # in large pools: never more than have to give
    assert len(by_numbers_alone.relax) <= len(told.relax)


def broken_at_least(pool):
    points, _strengths = every_arrangement(pool)
    return points.min()


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


def five_hundred(**rules):
    """People who can meet, with as many kinds of rules that cannot be kept at once."""
    chance = random.Random(500)
    people = [
        Candidate(
            key=n,
            free=frozenset(range(18, 30)) | {chance.randrange(HALF_HOURS)},
            organisation=f"house {n % 40}",
            traits={"language": chance.choice(["en", "ar", "sw"])},
        )
        for n in range(500)
    ]
    people[7] = replace(people[7], traits={"language": "eo"})
    people[8] = replace(people[8], free=frozenset({3}))
    given = Rules(
        protected=frozenset({"language"}),
        organisation_cap=1,
        together=tuple((n, n + 1) for n in range(100, 140)),
        apart=((100, 102), (110, 139), (200, 201), (300, 301)),
        pins={200: 3, 201: 3, 310: 0, 311: 1},
    )
    return people, replace(given, **rules)


def test_among_five_hundred_the_fewest_are_told():
    people, rules = five_hundred()

    told = impasse(people, groups=25, size=(18, 22), rules=rules)

    # forty-one in a row do not fit into one group, nor may two of a house be among
    # them, nor two who are to be apart: one pair in the middle mends all that
    alone = Rule(kind=Kind.NOT_ALONE, trait="language", value="eo")
    assert len(told.relax) == 5
    assert {alone, Rule(kind=Kind.HOURS, people=(8,))} <= {*told.relax}
    assert Rule(kind=Kind.APART, people=(200, 201)) in told.relax
    assert sum(rule.kind == Kind.TOGETHER for rule in told.relax) >= 1


def test_rules_that_give_are_not_in_the_way_any_more():
    people, rules = five_hundred(together=(), apart=((200, 201),), pins={})
    people[7] = replace(people[7], alone_is_fine=frozenset({"language"}))
    people[8] = replace(people[8], free=None)

    told = impasse(people, groups=25, size=(18, 22), rules=rules)

    assert (told.clashes, told.relax) == ((), ())
