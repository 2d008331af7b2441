"""What keeps a reviewer from an application holds before anything is handed out."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cohorts import deciding, handing_out, keeping_apart, reviewing
from cohorts.models import BlindCopy, Comparison, IntakePhase, KeptApart, Permit
from cohorts.reviewing import Given
from people.refusal import Refused

ALL = "the test looks at everything"
QUEUE = "/f/calls/mangrove/review/"
HOUR = timedelta(hours=1)


@pytest.fixture
def rex(client, birch):
    client.force_login(birch.rex)
    return client


def given(call, level=3):
    return {c.pk: Given(level, "because they say so") for c in call.criteria}


def posted(call, level=3):
    return {
        f"{field}_{c.pk.hex}": value
        for c in call.criteria
        for field, value in (("level", level), ("evidence", "their own words"))
    }


def copy_of(application):
    return BlindCopy.objects.unsealed(ALL).get(application=application)


def offered(call, reader):
    return [copy.code for copy in reviewing.to_read(call.intake, by=reader)]


def names(call, reader, ties, now):
    handing_out.set_terms(
        call.intake,
        reviewer=reader,
        by=reader,
        capacity=None,
        languages=(),
        ties=ties,
        now=now,
    )


def test_the_open_queue_offers_nobody_from_ones_own_house(call, rex, birch):
    call.arrive("Bolaji", email="bolaji@example.org")
    other = call.arrive("Chiara")

    page = rex.get(QUEUE).content.decode()

    assert offered(call, birch.rex) == [other.code]
    assert other.code in page
    assert KeptApart.objects.unsealed(ALL).get().kinds == ["mail_domain"]


def test_a_copy_that_is_kept_apart_is_as_if_there_were_none(call, rex, now):
    copy = copy_of(call.arrive("Bolaji", email="bolaji@example.org"))
    rex.get(QUEUE)
    path = f"{QUEUE}{copy.pk}/"

    answers = [rex.get(path), rex.post(path, posted(call)), rex.post(f"{path}aside/")]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_whoever_goes_straight_to_it_is_compared_first(call, birch, now):
    copy = copy_of(call.arrive("Bolaji", email="bolaji@example.org"))

    with pytest.raises(PermissionDenied):
        reviewing.finish(copy, by=birch.rex, given=given(call), now=now)


def test_who_came_since_is_offered_only_once_compared(call, birch, now):
    first = call.arrive("Amina")
    keeping_apart.catch_up(call.intake, birch.rex, now=now)
    second = call.arrive("Bolaji", email="bolaji@example.org")
    third = call.arrive("Chiara")
    before = offered(call, birch.rex)

    was_behind = keeping_apart.catch_up(call.intake, birch.rex, now=now)

    assert (before, was_behind) == ([], True)
    assert sorted(offered(call, birch.rex)) == sorted([first.code, third.code])
    assert second.code not in offered(call, birch.rex)


def test_it_is_not_compared_again_for_nothing(call, birch, now):
    call.arrive("Amina")
    keeping_apart.catch_up(call.intake, birch.rex, now=now)

    soon = keeping_apart.catch_up(call.intake, birch.rex, now=now + HOUR / 2)
    later = keeping_apart.catch_up(call.intake, birch.rex, now=now + 2 * HOUR)

    assert (soon, later) == (False, True)


def test_whom_a_reviewer_names_is_gone_at_once(call, birch, now):
    application = call.arrive("Bolaji Ade", organisation="Tools United")
    keeping_apart.catch_up(call.intake, birch.rex, now=now)
    before = offered(call, birch.rex)

    names(call, birch.rex, ["Tools United"], now)
    named = offered(call, birch.rex)
    names(call, birch.rex, [], now)

    assert (before, named) == ([application.code], [])
    assert offered(call, birch.rex) == [application.code]


def test_what_a_lead_overruled_is_offered(call, birch, now):
    application = call.arrive("Bolaji", email="bolaji@example.org")
    keeping_apart.catch_up(call.intake, birch.rex, now=now)
    copy = copy_of(application)

    handing_out.overrule(
        copy, reviewer=birch.rex, by=birch.lea, reason="A shared domain", now=now
    )
    overruled = offered(call, birch.rex)
    handing_out.let_stand(copy, reviewer=birch.rex, by=birch.lea)

    assert (overruled, offered(call, birch.rex)) == ([application.code], [])


def test_what_was_handed_out_goes_too_when_a_conflict_comes_up(call, birch, now):
    copy = copy_of(call.arrive("Bolaji Ade"))
    reviewing.assign(copy, to=birch.rex, by=birch.lea, now=now)
    before = offered(call, birch.rex)

    names(call, birch.rex, ["Bolaji Ade"], now)

    assert (before, offered(call, birch.rex)) == ([copy.code], [])


def test_what_is_begun_stays_for_the_lead_to_see(call, birch, now):
    copy = copy_of(call.arrive("Bolaji Ade"))
    reviewing.save(copy, by=birch.rex, given={}, now=now)

    names(call, birch.rex, ["Bolaji Ade"], now)

    (conflict,) = handing_out.conflicts_of(
        handing_out.kept_apart(call.intake, by=birch.lea, now=now)
    )
    assert offered(call, birch.rex) == [copy.code]
    assert (conflict.holds, conflict.reading) == (True, "begun")


def test_a_lead_cannot_ask_whom_something_keeps_away(call, birch, now):
    copy = copy_of(call.arrive("Bolaji", email="bolaji@example.org"))

    with pytest.raises(Refused):
        reviewing.assign(copy, to=birch.rex, by=birch.lea, now=now)


def test_an_address_that_comes_later_is_compared_too(call, birch, now):
    application = call.arrive("Bolaji", email="")
    keeping_apart.catch_up(call.intake, birch.rex, now=now)

    deciding.add_address(application, email="bolaji@example.org", by=birch.lea)
    keeping_apart.catch_up(call.intake, birch.rex, now=now)

    assert offered(call, birch.rex) == []


def test_two_comparisons_at_once_leave_one(call, birch, now):
    call.arrive("Bolaji", email="bolaji@example.org")
    for _ in range(2):
        keeping_apart.compare(call.intake, [birch.rex], now=now)

    assert KeptApart.objects.unsealed(ALL).count() == 1
    assert Comparison.objects.unsealed(ALL).count() == 1


@pytest.mark.parametrize("phase", ["none", "before", "on", "over"])
def test_readings_are_taken_just_when_the_call_permits_them(call, birch, now, phase):
    copy = copy_of(call.arrive("Amina"))
    begins = {"before": now + HOUR, "on": now - HOUR, "over": now - 3 * HOUR}
    if phase != "none":
        IntakePhase.objects.create(
            intake=call.intake,
            kind=IntakePhase.Kind.REVIEW,
            opens_at=begins[phase],
            closes_at=begins[phase] + 2 * HOUR,
            permits=[Permit.REVIEW],
        )

    desk = reviewing.sit_down(call.intake, copy.pk, by=birch.rex, now=now)

    assert desk.takes_readings == call.intake.permits(Permit.REVIEW, now=now)


# --- What a reading costs -----------------------------------------------------------


@pytest.mark.parametrize("is_handed_out", [False, True])
def test_handing_in_a_reading_takes_twelve_queries(
    call, rex, birch, now, is_handed_out
):
    copies = [copy_of(call.arrive(name)) for name in ("Amina", "Chiara", "Daniel")]
    if is_handed_out:
        for copy in copies:
            reviewing.assign(copy, to=birch.rex, by=birch.lea, now=now)
    rex.get(QUEUE)
    first, second, _third = copies
    rex.post(f"{QUEUE}{first.pk}/", posted(call))

    with CaptureQueriesContext(connection) as asked:
        answer = rex.post(f"{QUEUE}{second.pk}/", posted(call))

    # The test's own transaction makes savepoints of the page's.
    queries = [q["sql"] for q in asked if "SAVEPOINT" not in q["sql"]]
    assert len(queries) == 12
    assert answer.status_code == 302
    assert "?said=in" in answer["Location"]
    assert "Your reading is in." in rex.get(answer["Location"]).content.decode()
