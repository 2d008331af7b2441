"""The search as a worker does it: told, stopped, given up, taken up again."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cohorts import seating, solving, tasks
from cohorts.arranging import Step
from cohorts.models import Composition, Seat
from cohorts.reasons import gap, how_good
from tests.cohorts.pool import intake_of, offered, six
from tests.cohorts.test_seating import ASKED, board, composed

HOUR = timedelta(hours=1)


def rows():
    return Composition.objects.unsealed("the test reads all")


@pytest.fixture
def intake(birch):
    return intake_of(birch.program)


@pytest.fixture
def people(intake):
    return six(intake)


@pytest.fixture
def begun(birch, intake, people):
    return seating.propose(intake, asked=ASKED, by=birch.lea, seed=7)


def told(begun, *steps):
    """A search that told of these steps, and whether it would go on."""
    following = solving.Following(begun.pk)
    for step in steps:
        following._told_at = 0.0
        following(step)
    return following


def step(done=0.1, *, broken=0, value=0.5, at_most=0.6):
    return Step(done=done, broken=broken, value=value, at_most=at_most)


# Telling


def test_the_row_says_how_far_the_search_is(begun):
    told(begun, step(0.2, broken=1, value=0.9), step(0.4, value=0.55))

    begun.refresh_from_db()

    assert begun.progress == {"done": 0.4, "broken": 0, "value": 0.55, "at_most": 0.6}
    assert begun.heard_at is not None


def test_the_best_so_far_never_becomes_worse(begun):
    """Each beginning tells of its own best; the row keeps the best of all."""
    told(begun, step(0.2, value=0.58), step(0.3, value=0.41), step(0.3, broken=2))

    begun.refresh_from_db()

    assert (begun.progress["broken"], begun.progress["value"]) == (0, 0.58)


def test_while_the_bound_is_sought_nothing_is_found_yet(begun):
    told(begun, step(0.0, value=0.0))

    begun.refresh_from_db()

    assert how_good(begun.progress) == "No arrangement is found yet."
    assert begun.progress["at_most"] == 0.6


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        ({"broken": 1}, "The best so far breaks one rule."),
        ({"broken": 3}, "The best so far breaks 3 rules."),
        (
            {"broken": 0, "value": 0.582, "at_most": 0.6},
            "Every rule is kept; within 3 % of the best anyone could do.",
        ),
        (
            {"broken": 0, "value": 0.6, "at_most": 0.6},
            "Every rule is kept, and nobody could do better.",
        ),
        (
            {"broken": 0, "value": 0.6, "at_most": None},
            "Every rule is kept. How much stronger the circles could be is not known.",
        ),
    ],
)
def test_how_good_it_is_in_words(progress, words):
    assert how_good(progress) == words


def test_a_gap_is_never_told_too_small():
    assert gap({"broken": 0, "value": 0.5999, "at_most": 0.6}) == 1


def test_the_end_is_kept_with_the_proposal(birch, intake, people):
    proposal = composed(intake, birch.lea)

    assert proposal.progress["done"] == 1
    assert proposal.progress["broken"] == 0
    assert proposal.progress["value"] == proposal.progress["at_most"]
    assert not proposal.was_touched


# Stopping


def test_whoever_is_satisfied_ends_the_search(birch, begun):
    told(begun, step(0.2))
    solving.be_satisfied(begun, by=birch.lea)

    following = told(begun, step(0.3))

    assert following.is_stopped


def test_satisfied_before_anything_is_found_takes_the_first(birch, begun):
    solving.be_satisfied(begun, by=birch.lea)

    waits = told(begun, step(0.0, value=0.0))
    ends = told(begun, step(0.1, broken=2))

    assert (waits.is_stopped, ends.is_stopped) == (False, True)


def test_a_search_that_begins_anew_goes_on_until_it_is_as_good_again(birch, begun):
    """Its worker died after somebody was satisfied with what it had."""
    told(begun, step(0.6, value=0.58))
    solving.be_satisfied(begun, by=birch.lea)

    worse, as_good = told(begun, step(0.1, value=0.5)), told(begun, step(value=0.58))

    assert (worse.is_stopped, as_good.is_stopped) == (False, True)


def test_to_be_satisfied_twice_is_once(birch, begun):
    told(begun, step(0.2, value=0.4))
    solving.be_satisfied(begun, by=birch.lea)
    told(begun, step(0.3, value=0.5))

    solving.be_satisfied(begun, by=birch.lea)

    assert rows().get(pk=begun.pk).enough == {"broken": 0, "value": 0.4}


def test_only_leads_are_satisfied(birch, begun):
    for by in (birch.rex, birch.sol.person, birch.fay):
        with pytest.raises(PermissionDenied):
            solving.be_satisfied(begun, by=by)


def test_a_stopped_search_still_seats_everybody(birch, intake, monkeypatch):
    monkeypatch.setattr(solving, "TOLD_EVERY", 0)  # it may be over within a second
    for n in range(12):
        offered(intake, f"P{n}", code=f"P{n}")
    asked = seating.Asked(
        **{**ASKED.__dict__, "size_min": 4, "size_max": 8, "protected": ()}
    )
    begun = seating.propose(intake, asked=asked, by=birch.lea, seed=3)
    solving.be_satisfied(begun, by=birch.lea)

    proposal = solving.solve(begun.pk)

    assert proposal.progress["stopped"]
    assert (len(board(proposal)), None in board(proposal)) == (2, False)


def test_a_proposal_that_was_given_up_ends_the_search_and_stays_so(birch, begun):
    seating.set_aside(begun, by=birch.lea)

    following = told(begun, step())
    again = solving.solve(begun.pk)

    assert following.is_stopped
    assert again is None
    assert rows().get(pk=begun.pk).state == Composition.State.SET_ASIDE


# Taken up again


def test_what_a_worker_is_at_is_left_to_it(begun):
    rows().filter(pk=begun.pk).update(heard_at=timezone.now())

    assert solving.solve(begun.pk) is None
    assert solving.resting(now=timezone.now()) == []


def test_what_was_silent_for_long_is_taken_up_and_ends_the_same(birch, intake, begun):
    rows().filter(pk=begun.pk).update(heard_at=timezone.now() - HOUR, tries=1)
    other = composed(intake, birch.lea, seed=7)

    tasks.take_up_what_rests()
    tasks.take_up_what_rests()

    begun.refresh_from_db()
    assert (begun.state, begun.tries) == (Composition.State.PROPOSED, 2)
    assert board(begun) == board(other)
    assert Seat.objects.unsealed("the test reads all").count() == 12


def test_what_no_worker_heard_of_is_taken_up(begun):
    later = timezone.now() + HOUR

    assert solving.resting(now=later) == [begun.pk]


def test_what_takes_every_worker_down_is_not_begun_for_ever(begun):
    rows().filter(pk=begun.pk).update(
        heard_at=timezone.now() - HOUR, tries=solving.MOST_TRIES
    )

    solving.solve(begun.pk)

    assert rows().get(pk=begun.pk).state == Composition.State.FAILED


# Rules that cannot hold together


def eased(proposal, *places):
    return solving.eased(
        seating.Asked.of(proposal), solving.easings_of(proposal, places)
    )


def asked(**changed):
    return seating.Asked(**{**ASKED.__dict__, **changed})


def kinds(proposal):
    return [proposal.progress["easings"][n]["kind"] for n in proposal.progress["relax"]]


def test_where_all_rules_hold_nothing_has_to_give(birch, intake, people):
    proposal = composed(intake, birch.lea)

    assert "clashes" not in proposal.progress


def test_together_and_apart_at_once_one_of_them_gives(birch, intake, people):
    pair = (str(people["Huda"].pk), str(people["Farah"].pk))
    proposal = composed(intake, birch.lea, asked=asked(together=(pair,), apart=(pair,)))

    changed, _loose = eased(proposal, proposal.progress["relax"][0])

    assert kinds(proposal) == ["apart"]
    assert (changed.apart, changed.together) == ((), (pair,))
    assert composed(intake, birch.lea, asked=changed).broken == 0


def test_many_of_one_organisation_need_a_higher_limit(birch, intake):
    for n in range(6):
        offered(intake, f"P{n}", code=f"P{n}", organisation="One house")
    proposal = composed(intake, birch.lea, asked=asked(organisation_cap=1))

    changed, _loose = eased(proposal, *proposal.progress["relax"])

    assert changed.organisation_cap == 3
    assert composed(intake, birch.lea, asked=changed).broken == 0


def test_the_only_one_of_all_is_named_and_the_trait_may_give(birch, intake, people):
    offered(intake, "Zed", said={"language": "Somali", "role": "lead"})
    proposal = composed(intake, birch.lea)

    changed, _loose = eased(proposal, *proposal.progress["relax"])

    assert kinds(proposal) == ["not_alone"]
    assert changed.protected == ()


def test_whose_hours_are_too_short_may_be_left_open(birch, intake, people):
    short = "".join("0" * 32 + "3" * 2 + "0" * 14 for _day in range(7))
    zed = offered(intake, "Zed", availability=short)
    proposal = composed(intake, birch.lea)

    (clash,) = proposal.progress["clashes"]
    left_open, _loose = eased(proposal, *proposal.progress["relax"])
    shorter, _loose = eased(proposal, clash["easings"][1])

    assert len(proposal.progress["relax"]) == 1
    assert shorter.meeting == 2
    assert left_open.hours_open == (str(zed.pk),)
    assert composed(intake, birch.lea, asked=left_open).broken == 0


def test_two_who_are_held_together_against_a_rule_may_be_let_go(birch, intake, people):
    pair = (str(people["Huda"].pk), str(people["Farah"].pk))
    proposal = composed(intake, birch.lea, asked=asked(together=(pair,), protected=()))
    seats = Seat.objects.unsealed("the test reads all").filter(composition=proposal)
    seats.filter(application__in=pair).update(pinned=True)
    again = asked(apart=(pair,), protected=())
    stuck = composed(intake, birch.lea, asked=again, keep=proposal)
    place = next(
        n
        for n, one in enumerate(stuck.progress["easings"])
        if one["kind"] == "pinned" and pair[0] in one["people"]
    )

    _changed, loose = eased(stuck, place)
    freed = composed(intake, birch.lea, asked=again, keep=proposal, loose=loose)

    assert loose == {pair[0]}
    assert freed.broken == 0


def test_more_cohorts_than_people_are_too_many(birch, intake):
    for n in range(3):
        offered(intake, f"P{n}", code=f"P{n}")
    proposal = composed(intake, birch.lea, asked=asked(groups=2, size_min=2))

    changed, _loose = eased(proposal, *proposal.progress["relax"])

    assert changed.groups == 1


# Closeness and reach


def test_as_usual_weighs_as_ever():
    assert ASKED.rules({}).weights == type(ASKED.rules({}).weights)()


@pytest.mark.parametrize("reach", range(5))
def test_the_weights_add_up_wherever_the_slider_stands(reach):
    weights = asked(reach=reach).rules({}).weights

    assert weights.bridging == pytest.approx(seating.REACH[reach])
    assert sum(
        (weights.covered, weights.varied, weights.bridging, weights.hours)
    ) == pytest.approx(1)
