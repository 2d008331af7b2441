from datetime import timedelta

import pytest
from django.urls import reverse

from cohorts import deciding
from cohorts.models import BlindCopy, Intake, IntakePhase, Permit, Question
from cohorts.views.apply import thread_of

PAGES = [
    "call_setup",
    "call_change",
    "call_phases",
    "call_publish",
    "application_list",
    "application_export",
    "application_take",
    "decision_letters",
    "import_list",
    "review_queue",
    "review_progress",
]


@pytest.mark.parametrize("p", PAGES)
def test_lead(client, birch, call, p):
    call.arrive("Amina Yusuf")
    client.force_login(birch.lea)
    r = client.get(reverse(f"cohorts:{p}", args=[call.intake.slug]))
    assert r.status_code == 200, r.content


def test_the_list_tells_a_reviewer_what_is_over_and_what_is_read(
    client, birch, call, now
):
    call.intake.phases.update(
        opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=1)
    )
    IntakePhase.objects.create(
        intake=call.intake,
        kind=IntakePhase.Kind.REVIEW,
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=3),
        permits=[Permit.REVIEW],
    )
    client.force_login(birch.rex)

    page = client.get("/f/calls/").content.decode()

    assert "Applications were taken until" in page
    assert "Readings are taken until" in page
    assert "Apply by" not in page


def late(call, now):
    """Reading is over, and what is decided may still be read for."""
    call.intake.phases.update(
        opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=1)
    )
    return IntakePhase.objects.create(
        intake=call.intake,
        kind=IntakePhase.Kind.DECIDE,
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=3),
        permits=[Permit.REVIEW, Permit.DECIDE],
    )


@pytest.mark.parametrize("path", ["/f/calls/", "/f/calls/mangrove/review/"])
def test_readings_after_their_own_phase_are_called_late(client, birch, call, now, path):
    late(call, now)
    call.arrive("Amina Yusuf")
    client.force_login(birch.rex)

    page = client.get(path).content.decode()

    assert "Late readings are taken until" in page
    assert "Readings are taken until" not in page


def test_a_call_in_which_all_is_decided_takes_no_readings(client, birch, call, now):
    late(call, now)
    first, second = call.arrive("Amina Yusuf"), call.arrive("Bolaji")
    client.force_login(birch.rex)
    decided = {"outcome": "offered", "by": birch.lea, "now": now}
    deciding.decide(call.intake, [first.pk], **decided)
    before = client.get("/f/calls/").content.decode()
    deciding.decide(call.intake, [second.pk], **decided)

    after = client.get("/f/calls/").content.decode()

    assert "readings are taken" in before
    assert "eadings are taken" not in after


@pytest.mark.parametrize("parts", ["questions", "traits", "criteria"])
def test_parts(client, birch, call, parts):
    client.force_login(birch.lea)
    s = call.intake.slug
    assert client.get(f"/f/calls/{s}/setup/{parts}/new/").status_code == 200
    part = {
        "questions": call.questions,
        "traits": list(call.traits.values()),
        "criteria": call.criteria,
    }[parts][0]
    assert client.get(f"/f/calls/{s}/setup/{parts}/{part.pk}/").status_code == 200
    assert (
        client.get(f"/f/calls/{s}/setup/{parts}/{part.pk}/remove/").status_code == 200
    )
    assert (
        client.post(
            f"/f/calls/{s}/setup/{parts}/{part.pk}/move/", {"way": "down"}
        ).status_code
        == 302
    )


def test_rest(client, birch, call):
    a = call.arrive("Amina Yusuf")
    client.force_login(birch.lea)
    s = call.intake.slug
    for u in [
        "/f/calls/",
        "/f/calls/new/",
        f"/f/calls/{s}/preview/1/",
        f"/f/calls/{s}/preview/2/",
        f"/f/calls/{s}/preview/3/",
        f"/f/calls/{s}/preview/4/",
        f"/f/calls/{s}/applications/{a.pk}/",
    ]:
        assert client.get(u).status_code == 200, u
    c = BlindCopy.objects.unsealed("t").get()
    client.force_login(birch.rex)
    for u in [
        "/f/calls/",
        f"/f/calls/{s}/review/",
        f"/f/calls/{s}/review/{c.pk}/",
        "/today/",
    ]:
        assert client.get(u).status_code == 200, u


def test_public(client, call):
    s = call.intake.slug
    for u in ["/apply/", f"/apply/{s}/", f"/apply/{s}/1/", f"/apply/{s}/link/"]:
        assert client.get(u).status_code == 200, u


def test_the_offer_counts_one_cohort_and_one_hour_as_one(client, birch, call):
    Intake.objects.filter(pk=call.intake.pk).update(
        seats=4, cohorts_wanted=1, size_min=3, size_max=4, hours_per_month=1
    )
    client.force_login(birch.lea)

    page = client.get("/f/calls/mangrove/setup/").content.decode()

    assert "4, in 1 cohort of 3 to 4" in page
    assert "1 hour a month" in page


@pytest.mark.parametrize(
    ("needed", "said"), [(False, False), (True, True)], ids=["may be left", "needed"]
)
def test_the_last_page_says_when_its_tick_is_needed(client, birch, call, needed, said):
    call.intake.questions.filter(kind=Question.Kind.CONSENT).update(required=needed)
    client.force_login(birch.lea)

    page = client.get("/f/calls/mangrove/preview/4/").content.decode()

    assert "The questions about your background are optional" in page
    assert ("The tick at the end is needed." in page) is said


def test_a_last_page_without_background_speaks_of_its_tick_alone(client, birch, call):
    call.intake.traits.all().delete()
    client.force_login(birch.lea)

    page = client.get("/f/calls/mangrove/preview/4/").content.decode()

    assert "<p>The tick at the end is needed.</p>" in page
    assert "The questions about your background" not in page


def test_the_day_one_hears_by_is_the_calls_own(call, now):
    call.intake.answer_by = (now + timedelta(days=40)).date()
    IntakePhase.objects.create(
        intake=call.intake,
        kind=IntakePhase.Kind.DECIDE,
        opens_at=now + timedelta(days=30),
        closes_at=now + timedelta(days=35),
        permits=[Permit.DECIDE],
    )
    application = call.arrive("Amina Yusuf")

    told = thread_of(call.intake, application, now=now)

    (hears,) = (one for one in told if one["title"] == "You hear from us")
    assert hears == {
        "title": "You hear from us",
        "by": call.intake.answer_by,
        "state": "next",
    }
