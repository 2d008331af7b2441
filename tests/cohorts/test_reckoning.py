"""What the readings of a call come to, kept for its leads."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cohorts import reckoning, reviewing
from cohorts.models import (
    Application,
    Appointment,
    BlindCopy,
    Reckoned,
    Review,
    Standing,
    appoint,
)
from cohorts.reviewing import Given
from tests.conftest import person

ALL = "the test looks at everything"
NAMES = ("Amina", "Bolaji", "Chiara", "Daniel")


def given(call, level):
    return {c.pk: Given(level, "because they say so") for c in call.criteria}


@pytest.fixture
def read(call, birch, now):
    """Rex and Ray have read four; Ray is one level harder on all but one."""
    ray = person("ray")
    appoint(ray, to=birch.program, role=Appointment.Role.REVIEWER)
    call.ray = ray
    call.copies = {}
    for name, mild, harsh in zip(NAMES, (4, 3, 3, 2), (3, 2, 3, 1), strict=True):
        application = call.arrive(name)
        copy = BlindCopy.objects.unsealed(ALL).get(application=application)
        reviewing.finish(copy, by=birch.rex, given=given(call, mild), now=now)
        reviewing.finish(copy, by=ray, given=given(call, harsh), now=now)
        call.copies[name] = copy
    return call


def order(reckoned):
    names = {str(c.application_id): c for c in BlindCopy.objects.unsealed(ALL)}
    return [names[row[0]].application.called for row in reckoned.places]


def test_places_and_agreement(read, now):
    found = reckoning.work_out(read.intake, now=now)

    assert found.readings == 8
    assert order(found) == ["Amina", "Chiara", "Bolaji", "Daniel"]
    assert round(found.facts["alpha"], 2) == 0.55
    assert set(found.facts["criteria"]) == {str(c.pk) for c in read.criteria}


def test_a_place_can_be_read_by_name(read, now):
    found = reckoning.work_out(read.intake, now=now)

    first, *_others = reckoning.places_of(found, found.places)

    assert (first.mean, first.apart, first.readings) == (3.5, 1.0, 2)
    assert 1 <= first.low <= first.expected <= first.high <= 4


def test_how_severe_somebody_is_stands_nowhere(read, birch, now):
    """Nobody is scored as a person, not even whoever scores."""
    found = reckoning.work_out(read.intake, now=now)

    stored = f"{found.facts} {found.places}"
    assert str(birch.rex.pk) not in stored
    assert str(read.ray.pk) not in stored


def test_the_same_readings_come_to_the_same(read, now):
    first = reckoning.work_out(read.intake, now=now)
    again = reckoning.work_out(read.intake, now=now)

    assert (first.pk, first.places, first.facts) == (
        again.pk,
        again.places,
        again.facts,
    )


def test_nothing_read_is_nothing_kept(call, now):
    call.arrive("Amina")

    assert reckoning.work_out(call.intake, now=now) is None
    assert Reckoned.objects.unsealed(ALL).count() == 0


def test_what_was_withdrawn_has_no_place(read, now):
    application = read.copies["Amina"].application
    application.state, application.withdrawn_at = "withdrawn", now
    application.save()

    found = reckoning.work_out(read.intake, now=now)

    assert order(found) == ["Chiara", "Bolaji", "Daniel"]


def test_a_new_reading_puts_it_behind_until_it_is_worked_out(read, birch, now):
    before = list(reckoning.behind())
    reckoning.work_out(read.intake, now=now)
    between = list(reckoning.behind())
    reviewing.finish(
        read.copies["Daniel"],
        by=birch.rex,
        given=given(read, 4),
        now=now + timedelta(minutes=1),
    )

    assert (before, between) == ([read.intake], [])
    assert list(reckoning.behind()) == [read.intake]


def test_what_is_no_longer_read_by_anybody_is_forgotten(read, birch, now):
    reckoning.work_out(read.intake, now=now)
    for copy in read.copies.values():
        for reader in (birch.rex, read.ray):
            reviewing.abstain(copy, by=reader, now=now)

    for intake in reckoning.behind():
        reckoning.work_out(intake, now=now)

    assert Reckoned.objects.unsealed(ALL).count() == 0
    assert list(reckoning.behind()) == []


def test_the_task_brings_everything_up_to_date(read):
    from cohorts.tasks import reckon_with_readings

    reckon_with_readings()

    assert list(reckoning.behind()) == []


def test_leads_read_it_and_nobody_else(read, birch, now):
    reckoning.work_out(read.intake, now=now)

    seen = {
        who: reckoning.latest(read.intake, by=viewer) is not None
        for who, viewer in (
            ("lea", birch.lea),
            ("rex", birch.rex),
            ("ada", birch.ada.person),
            ("fay", birch.fay),
        )
    }
    assert seen == {"lea": True, "rex": False, "ada": False, "fay": False}


def test_only_a_lead_has_it_worked_out_now(read, birch, now):
    with pytest.raises(PermissionDenied):
        reckoning.work_out_now(read.intake, by=birch.rex, now=now)


# --- Beside each application ----------------------------------------------------------


def scores():
    rows = Standing.objects.unsealed(ALL).select_related("application")
    return {
        row.application.called: (row.corrected, row.surely_from, row.surely_to)
        for row in rows
    }


def test_each_application_keeps_its_score_without_severity(read, now):
    found = reckoning.work_out(read.intake, now=now)

    kept = scores()
    first, *_others = reckoning.places_of(found, found.places)
    assert float(kept["Amina"][0]) == first.score
    assert all(1 <= low <= score <= high <= 4 for score, low, high in kept.values())
    # The order is that of the scores, and Chiara was read with less severity left.
    assert sorted(kept, key=lambda name: -kept[name][0]) == order(found)


def test_who_withdrew_has_no_score_any_more(read, now):
    reckoning.work_out(read.intake, now=now)
    gone = read.copies["Amina"].application
    gone.state, gone.withdrawn_at = Application.State.WITHDRAWN, now
    gone.save(update_fields=["state", "withdrawn_at"])

    reckoning.work_out(read.intake, now=now)

    kept = scores()
    assert kept["Amina"] == (None, None, None)
    assert kept["Chiara"][0] is not None


def test_when_nobody_has_read_nobody_has_a_score(read, now):
    reckoning.work_out(read.intake, now=now)
    Review.objects.unsealed(ALL).delete()

    reckoning.work_out(read.intake, now=now)

    assert set(scores().values()) == {(None, None, None)}
