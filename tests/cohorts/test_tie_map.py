"""The map of ties: what it says, and that it holds still between its two drawings."""

import pytest

from cohorts import seating
from cohorts.models import Seat
from cohorts.tie_map import tie_map_of
from tests.cohorts.pool import intake_of, offered
from tests.cohorts.test_seating import ASKED, composed

TRIANGLES = {"A": "BC", "B": "C", "C": "", "X": "YZ", "Y": "Z", "Z": "", "Lone": ""}


def planned(birch, ties, **changed):
    intake = intake_of(birch.program)
    for name, tied in ties.items():
        offered(intake, name, ties=list(tied))
    asked = {"size_max": 7, "protected": (), "vary": (), **changed}
    return composed(
        intake, birch.lea, asked=seating.Asked(**{**ASKED.__dict__, **asked})
    )


def drawn(birch, proposal):
    seats = list(
        Seat.objects.visible_to(birch.lea)
        .filter(composition=proposal)
        .select_related("application")
        .order_by("application__called", "pk")
    )
    return tie_map_of(proposal, seats, seating.groups_of(proposal))


def test_all_in_one_circle_every_pair_of_two_clusters_is_a_bridge(birch):
    one = drawn(birch, planned(birch, TRIANGLES, groups=1))

    assert one.headline == "This plan opens 9 bridges between 2 clusters."
    assert [(c.number, list(c.people)) for c in one.clusters] == [
        (1, ["A", "B", "C"]),
        (2, ["X", "Y", "Z"]),
    ]
    assert [(p.name, p.ties, p.bridges) for p in one.pairs] == [
        ("Clusters 1 and 2", 0, 9)
    ]
    assert one.circles == [("Circle 1", 9)]


def test_who_bridges_nothing_and_who_has_no_ties_are_told_apart(birch):
    one = drawn(birch, planned(birch, {**TRIANGLES, "C": "X"}, groups=1))

    assert one.before.endswith("2 clusters, 1 pair of clusters with a tie.")
    assert one.bridging_nothing == ["A", "B", "Y", "Z"]
    assert one.no_ties_yet == ["Lone"]


def test_everybody_is_a_dot_and_every_tie_a_line(birch):
    one = drawn(birch, planned(birch, TRIANGLES, groups=1))

    assert (len(one.dots), len(one.ties), len(one.opened)) == (7, 6, 1)
    assert len({(dot.x, dot.y) for dot in one.dots}) == 7
    assert [dot.ink for dot in one.dots].count(0) == 1


@pytest.mark.parametrize("many", [1, 2, 40])
def test_the_drawing_stays_on_its_sheet(birch, many):
    names = [f"P{n}" for n in range(many)]
    ties = {
        name: [names[n ^ 1]] if n ^ 1 < many else [] for n, name in enumerate(names)
    }
    one = drawn(birch, planned(birch, ties, groups=1, size_min=1, size_max=60))

    assert all(0 < float(dot.x) < 120 and 0 < float(dot.y) < 80 for dot in one.dots)


def test_without_any_tie_there_is_a_sentence(birch):
    one = drawn(birch, planned(birch, dict.fromkeys("ABC", ""), groups=1))

    assert one.headline == "This plan opens no bridge between clusters."
    assert one.no_ties_yet == ["A", "B", "C"]
    assert (
        one.before
        == "Before: 3 people, 0 ties, 0 clusters, 0 pairs of clusters with a tie."
    )
