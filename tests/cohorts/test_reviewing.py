"""Reading blind, by the rubric, each for themselves."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from cohorts import keeping_apart, reviewing
from cohorts.models import (
    BlindCopy,
    IntakePhase,
    Permit,
    Review,
    Score,
    Standing,
)
from cohorts.reviewing import Given
from people.refusal import Refused

ALL = "the test looks at everything"


@pytest.fixture
def copy(call):
    application = call.arrive("Amina Yusuf", organisation="Tools United")
    return BlindCopy.objects.unsealed(ALL).get(application=application)


def given(call, level=3, **levels):
    return {
        c.pk: Given(levels.get(f"c{n}", level), "because they say so")
        for n, c in enumerate(call.criteria)
    }


def posted(call, level=3):
    return {
        f"{field}_{c.pk.hex}": value
        for c in call.criteria
        for field, value in (("level", level), ("evidence", "their own words"))
    }


def test_a_finished_reading_counts(call, copy, birch, now):
    review = reviewing.finish(copy, by=birch.rex, given=given(call), now=now)

    standing = Standing.objects.unsealed(ALL).get()
    assert (review.state, review.score) == ("done", Decimal("3"))
    assert (standing.readings, standing.score) == (1, Decimal("3.000"))


def test_the_score_is_weighted_and_leaves_out_what_stands_beside(call, copy, birch):
    first, second, *others = call.criteria
    first.weight = 3
    for criterion in others:
        criterion.beside_score = True
    levels = {c.pk: Given(1, "x") for c in others}
    levels |= {first.pk: Given(4, "x"), second.pk: Given(2, "x")}

    assert reviewing.score_of(call.criteria, levels) == Decimal("3.5")


def test_handing_in_twice_is_one_reading(call, copy, birch, now):
    reviewing.finish(copy, by=birch.rex, given=given(call, 2), now=now)
    reviewing.finish(copy, by=birch.rex, given=given(call, 4), now=now)

    standing = Standing.objects.unsealed(ALL).get()
    assert (standing.readings, standing.score) == (1, Decimal("4.000"))
    assert Score.objects.unsealed(ALL).count() == 6


def test_a_level_without_evidence_is_refused(call, copy, birch, now):
    levels = {**given(call), call.criteria[0].pk: Given(3, " ")}

    with pytest.raises(Refused):
        reviewing.finish(copy, by=birch.rex, given=levels, now=now)


def test_what_is_kept_for_later_counts_for_nothing(call, copy, birch, now):
    some = dict(list(given(call).items())[:2])

    reviewing.save(copy, by=birch.rex, given=some, now=now)

    assert Standing.objects.unsealed(ALL).get().readings == 0
    assert Score.objects.unsealed(ALL).count() == 2


def test_others_readings_are_hidden_until_ones_own_is_in(call, copy, birch, ray, now):
    reviewing.finish(copy, by=ray, given=given(call), now=now)

    before = Review.objects.visible_to(birch.rex).count()
    reviewing.finish(copy, by=birch.rex, given=given(call), now=now)
    after = Review.objects.visible_to(birch.rex).count()

    assert (before, after) == (0, 2)


def test_a_kept_reading_does_not_open_others(call, copy, birch, ray, now):
    reviewing.finish(copy, by=ray, given=given(call), now=now)
    reviewing.save(copy, by=birch.rex, given={}, now=now)

    assert Review.objects.visible_to(birch.rex).done().count() == 0
    assert Score.objects.visible_to(birch.rex).count() == 0


def test_leads_read_all_and_applicants_none(call, copy, birch, now):
    reviewing.finish(copy, by=birch.rex, given=given(call), now=now)

    assert Review.objects.visible_to(birch.lea).count() == 1
    assert Review.objects.visible_to(birch.ada.person).count() == 0


def test_the_fewest_readings_come_first(call, birch, ray, now):
    codes = [call.arrive(name).code for name in ("Amina", "Bo", "Chi")]
    first = BlindCopy.objects.unsealed(ALL).get(code=codes[0])
    reviewing.finish(first, by=ray, given=given(call), now=now)

    keeping_apart.catch_up(call.intake, birch.rex, now=now)
    waiting = reviewing.to_read(call.intake, by=birch.rex)

    assert [c.code for c in waiting] == [codes[1], codes[2], codes[0]]


def test_what_was_handed_to_me_comes_first_and_what_i_skipped_last(call, birch, now):
    codes = [call.arrive(name).code for name in ("Amina", "Bo", "Chi")]
    copies = {c.code: c for c in BlindCopy.objects.unsealed(ALL)}
    reviewing.skip(copies[codes[0]], by=birch.rex, now=now)
    reviewing.assign(copies[codes[2]], to=birch.rex, by=birch.lea, now=now)

    keeping_apart.catch_up(call.intake, birch.rex, now=now)
    waiting = reviewing.to_read(call.intake, by=birch.rex)

    assert [c.code for c in waiting] == [codes[2], codes[1], codes[0]]


def test_abstaining_takes_it_out_of_my_queue_and_clears_my_scores(
    call, copy, birch, now
):
    reviewing.finish(copy, by=birch.rex, given=given(call), now=now)

    reviewing.abstain(copy, by=birch.rex, now=now)

    assert list(reviewing.to_read(call.intake, by=birch.rex)) == []
    assert Standing.objects.unsealed(ALL).get().readings == 0
    assert Score.objects.unsealed(ALL).count() == 0


def test_nobody_reads_their_own_application(call, birch, now):
    call.arrive("Rex", email="REX@example.org")
    copy = BlindCopy.objects.unsealed(ALL).get()

    with pytest.raises(PermissionDenied):
        reviewing.finish(copy, by=birch.rex, given=given(call), now=now)

    assert list(reviewing.to_read(call.intake, by=birch.rex)) == []


def test_only_reviewers_read(call, copy, birch, now):
    with pytest.raises(PermissionDenied):
        reviewing.finish(copy, by=birch.ada.person, given=given(call), now=now)


def test_only_a_lead_asks_somebody_to_read(call, copy, birch, now):
    with pytest.raises(PermissionDenied):
        reviewing.assign(copy, to=birch.rex, by=birch.rex, now=now)


def test_only_a_reviewer_can_be_asked(call, copy, birch, now):
    with pytest.raises(Refused):
        reviewing.assign(copy, to=birch.ada.person, by=birch.lea, now=now)


def test_outside_its_phase_no_reading_is_taken(call, copy, birch, now):
    from datetime import timedelta

    IntakePhase.objects.create(
        intake=call.intake,
        kind=IntakePhase.Kind.REVIEW,
        opens_at=now + timedelta(days=1),
        closes_at=now + timedelta(days=2),
        permits=[Permit.REVIEW],
    )

    with pytest.raises(Refused):
        reviewing.finish(copy, by=birch.rex, given=given(call), now=now)


def test_a_withdrawn_application_is_nobodys_to_read(call, copy, birch, now):
    copy.closed_at = now
    copy.save()

    with pytest.raises(Refused):
        reviewing.finish(copy, by=birch.rex, given=given(call), now=now)


def test_progress_counts_per_reviewer(call, copy, birch, ray, now):
    reviewing.finish(copy, by=birch.rex, given=given(call), now=now)

    found = reviewing.progress(call.intake, by=birch.lea)

    assert (found.applications, found.enough) == (1, 0)
    assert found.by_reviewer == [(ray, 0, 0, 0), (birch.rex, 1, 0, 0)]


# --- The pages ------------------------------------------------------------------


def test_a_reviewer_sees_no_name_no_organisation_no_trait(client, call, copy, birch):
    from cohorts.models import Application, TraitAnswer

    TraitAnswer.objects.create(
        program=birch.program,
        application=Application.objects.unsealed(ALL).get(),
        trait=call.traits["gender"],
        value="non-binary",
    )
    client.force_login(birch.rex)

    page = client.get(f"/f/calls/mangrove/review/{copy.pk}/").content.decode()
    queue = client.get("/f/calls/mangrove/review/").content.decode()

    for secret in ("Amina", "Yusuf", "Tools United", "amina@", "non-binary"):
        assert secret not in page + queue
    assert copy.code in page


def test_handing_in_leads_to_the_next_one(client, call, copy, birch):
    call.arrive("Bo")
    client.force_login(birch.rex)

    response = client.post(f"/f/calls/mangrove/review/{copy.pk}/", posted(call))

    other = BlindCopy.objects.unsealed(ALL).exclude(pk=copy.pk).get()
    where, _, said = response.headers["Location"].partition("?")
    assert (where, said) == (f"/f/calls/mangrove/review/{other.pk}/", "said=in")


def test_a_missing_level_keeps_what_was_written(client, call, copy, birch):
    client.force_login(birch.rex)
    data = posted(call)
    del data[f"level_{call.criteria[0].pk.hex}"]

    response = client.post(f"/f/calls/mangrove/review/{copy.pk}/", data)

    assert response.status_code == 422
    assert response.content.count(b"their own words") == 6
    assert b"Choose a level." in response.content


def test_a_reading_changed_in_another_tab_shows_both(client, call, copy, birch, now):
    client.force_login(birch.rex)
    reviewing.finish(copy, by=birch.rex, given=given(call), note="newer", now=now)

    response = client.post(
        f"/f/calls/mangrove/review/{copy.pk}/",
        {**posted(call), "note": "older", "edition": "1"},
    )

    assert response.status_code == 422
    assert b"newer" in response.content
    assert b"older" in response.content


def test_a_first_reading_from_two_windows_shows_both(client, call, copy, birch):
    client.force_login(birch.rex)
    address = f"/f/calls/mangrove/review/{copy.pk}/"
    page = client.get(address)
    edition = page.context["form"]["edition"].value()
    client.post(address, {**posted(call), "note": "newer", "edition": edition})

    response = client.post(
        address, {**posted(call), "note": "older", "edition": edition}
    )

    assert response.status_code == 422
    assert b"newer" in response.content
    assert b"older" in response.content
    assert Review.objects.unsealed(ALL).get().note == "newer"


def test_handing_in_pressed_twice_is_one_reading(client, call, copy, birch):
    client.force_login(birch.rex)
    address = f"/f/calls/mangrove/review/{copy.pk}/"
    edition = client.get(address).context["form"]["edition"].value()

    codes = [
        client.post(address, {**posted(call), "edition": edition}).status_code
        for _press in range(2)
    ]

    assert codes == [302, 302]
    assert Review.objects.unsealed(ALL).get().state == "done"


def test_later_keeps_a_half_reading(client, call, copy, birch):
    client.force_login(birch.rex)

    response = client.post(
        f"/f/calls/mangrove/review/{copy.pk}/",
        {f"level_{call.criteria[0].pk.hex}": 2, "later": "1"},
    )

    assert response.headers["Location"] == "/f/calls/mangrove/review/"
    assert Score.objects.unsealed(ALL).get().level == 2


@pytest.mark.parametrize("act", ["skip", "abstain"])
def test_setting_aside(client, call, copy, birch, act):
    client.force_login(birch.rex)

    client.post(f"/f/calls/mangrove/review/{copy.pk}/aside/", {"act": act})

    state = Review.objects.unsealed(ALL).get().state
    assert state == {"skip": "skipped", "abstain": "abstained"}[act]


def test_a_member_finds_no_reading_room(client, call, copy, birch):
    client.force_login(birch.ada.person)

    assert client.get("/f/calls/mangrove/review/").status_code == 404
    assert client.get(f"/f/calls/mangrove/review/{copy.pk}/").status_code == 404


def test_a_reviewer_finds_no_progress_page(client, call, birch):
    client.force_login(birch.rex)

    assert client.get("/f/calls/mangrove/review/progress/").status_code == 404


@pytest.mark.parametrize("rows", [1, 30])
def test_the_queue_costs_the_same_however_long(
    client, call, birch, rows, django_assert_max_num_queries
):
    for n in range(rows):
        call.arrive(f"Person{n}")
    client.force_login(birch.rex)

    client.get("/f/calls/mangrove/review/")  # compares them with who applied

    with django_assert_max_num_queries(12) as asked:
        client.get("/f/calls/mangrove/review/")

    assert len(asked) == 8


def test_writing_a_reading_takes_few_queries(
    client, call, copy, birch, django_assert_max_num_queries
):
    client.force_login(birch.rex)

    with django_assert_max_num_queries(12):
        client.get(f"/f/calls/mangrove/review/{copy.pk}/")


def test_whoever_was_asked_to_read_and_begins_makes_one_reading(call, copy, birch, now):
    reviewing.assign(copy, to=birch.rex, by=birch.lea, now=now)
    reviewing.save(copy, by=birch.rex, given={}, note="Begun.", now=now)
    reviewing.assign(copy, to=birch.rex, by=birch.lea, now=now)

    (review,) = Review.objects.unsealed(ALL)
    assert (review.state, review.note, review.edition) == ("begun", "Begun.", 2)
