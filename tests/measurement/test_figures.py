"""What leaves a program: counted over all cohorts, safe before it is written."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from cohorts.models import Membership
from measurement import figures, hypotheses
from measurement.access import as_funder
from measurement.models import Figure, Release
from people.models import User
from people.refusal import Refused
from sessions import commitments
from tests.conftest import seat
from tests.measurement.conftest import begin, signal_of


def fill(cohort, zone, number, start=0):
    for n in range(start, start + number):
        seat(
            cohort,
            User.objects.create_user(f"{zone}-{n}@example.org", timezone=zone),
        )


def period():
    today = timezone.localdate()
    return {
        "period_from": today - timedelta(days=90),
        "period_to": today,
        "threshold": 10,
    }


def release(birch, **more):
    return figures.release(birch.program, by=birch.lea, **period(), **more)


def shown(release, table):
    return {
        (f.row, f.column): (f.value if f.out_of is None else (f.value, f.out_of))
        for f in release.figures.filter(table=table)
    }


@pytest.fixture
def crowd(birch):
    """With Ada, Ben and Oma: 32 in Africa, 21 in America, 3 in Europe."""
    fill(birch.cohort, "Africa/Nairobi", 30)
    fill(birch.oak, "America/Lima", 20)
    fill(birch.oak, "Europe/Warsaw", 3)
    return birch


def test_people_are_rounded_and_small_groups_hidden(crowd):
    made = release(crowd)

    seen = shown(made, "members")
    assert seen["total", "count"] == 55
    assert seen["Africa", "count"] == 30
    assert seen["Europe", "count"] is None


def test_promises_are_things_and_shown_as_they_are(crowd):
    for n in range(3):
        made = commitments.make(
            by=crowd.ada,
            promise=f"Promise {n}",
            due_on=timezone.localdate() + timedelta(days=3),
        )
    commitments.keep(made, by=crowd.ada.person)

    seen = shown(release(crowd), "promises")

    assert (seen["kept", "count"], seen["open", "count"], seen["total", "count"]) == (
        1,
        2,
        3,
    )


def test_a_project_counts_only_when_its_owner_agreed(crowd):
    quiet, open_ = (
        begin(by, name=name, is_share=True, baseline=38, baseline_of=120)
        for by, name in ((crowd.ada, "quiet"), (crowd.ben, "open"))
    )
    for project, by in ((quiet, crowd.ada), (open_, crowd.ben)):
        hypotheses.read(signal_of(project), by=by, value=71, out_of=118)
    hypotheses.share(open_, by=crowd.ben, shared=True)

    assert shown(release(crowd), "signals") == {
        ("open", "before"): (40, 120),
        ("open", "after"): (70, 120),
    }


def test_a_share_that_would_tell_of_a_few_is_hidden(crowd):
    project = begin(crowd.ben, is_share=True, baseline=38, baseline_of=120)
    hypotheses.read(signal_of(project), by=crowd.ben, value=117, out_of=120)
    hypotheses.share(project, by=crowd.ben, shared=True)

    seen = shown(release(crowd), "signals")

    assert seen["patients who arrive", "after"] is None


def test_pressed_twice_it_is_one_release(crowd):
    assert release(crowd).pk == release(crowd).pk
    assert Release.objects.count() == 1


def test_one_person_who_joined_cannot_be_found_by_subtracting(crowd):
    commitments.make(
        by=crowd.ada, promise="Fold", due_on=timezone.localdate() + timedelta(days=3)
    )
    release(crowd)
    fill(crowd.cohort, "Africa/Nairobi", 4, start=100)

    again = figures.release(
        crowd.program, by=crowd.lea, **{**period(), "threshold": 11}
    )

    assert shown(again, "members") == {}
    assert again.receipt["held_back"] == ["members"]


def test_nor_by_subtracting_from_a_release_before_the_last(crowd):
    """Many come and most of them leave: close to the first again, not to the last."""
    release(crowd)
    fill(crowd.cohort, "Africa/Nairobi", 20, start=100)
    second = figures.release(
        crowd.program, by=crowd.lea, **{**period(), "threshold": 11}
    )
    newest = Membership.objects.order_by("-pk")[:14]
    Membership.objects.filter(pk__in=[m.pk for m in newest]).delete()

    with pytest.raises(Refused, match="without showing somebody"):
        figures.release(crowd.program, by=crowd.lea, **{**period(), "threshold": 12})

    assert shown(second, "members")["total", "count"] == 75
    assert Release.objects.count() == 2


def test_nobody_but_a_lead_releases(crowd):
    for somebody in (crowd.rex, crowd.fay, crowd.sol.person):
        with pytest.raises(Refused):
            figures.release(crowd.program, by=somebody, **period())


def test_with_nothing_safe_to_show_nothing_is_released(birch):
    with pytest.raises(Refused, match="without showing somebody"):
        release(birch)


def test_the_funder_role_is_refused_every_private_table(crowd):
    release(crowd)

    with as_funder():
        assert Figure.objects.exists()
    with pytest.raises(ProgrammingError, match="permission denied"):  # noqa: SIM117
        with transaction.atomic(), as_funder():
            list(User.objects.all())

    assert User.objects.exists()
