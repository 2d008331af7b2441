"""Calls: begun with good defaults, changed, published, frozen."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from cohorts import calls
from cohorts.models import (
    Criterion,
    Draft,
    DraftFile,
    Intake,
    IntakePhase,
    Question,
    Trait,
)
from people.refusal import Refused

KIND = IntakePhase.Kind


@pytest.fixture
def draft(birch):
    return calls.begin(birch.program, by=birch.lea, name="Cedar", about="Come")


def test_a_new_call_has_six_criteria_and_usual_questions(draft):
    assert draft.criteria.count() == 6
    assert all(len(c.levels) == 4 for c in draft.criteria.all())
    assert draft.questions.filter(kind="consent").count() == 1
    assert draft.traits.filter(protected=True).count() == 3


def test_beginning_twice_with_one_form_is_one_call(birch):
    from uuid import uuid4

    key = uuid4()
    first = calls.begin(birch.program, by=birch.lea, name="Cedar", client_key=key)
    second = calls.begin(birch.program, by=birch.lea, name="Cedar", client_key=key)

    assert first == second
    assert first.questions.count() == 6


def test_only_a_lead_begins_a_call(birch):
    with pytest.raises(PermissionDenied):
        calls.begin(birch.program, by=birch.rex, name="Cedar")


@pytest.mark.parametrize("name", ["new", "Resume", "مانغروف", "!!!"])
def test_every_name_gets_an_address_of_its_own(birch, name):
    intake = calls.begin(birch.program, by=birch.lea, name=name)

    assert intake.slug not in ("new", "resume", "")


def test_two_calls_of_one_name_have_two_addresses(birch):
    slugs = {
        calls.begin(birch.program, by=birch.lea, name="Cedar").slug for _ in range(2)
    }

    assert len(slugs) == 2


def test_the_end_of_a_day_anywhere_on_earth():
    at = calls.last_moment(date(2027, 3, 5), "Africa/Nairobi", anywhere_on_earth=True)

    assert at.astimezone(UTC) == datetime(2027, 3, 6, 11, 59, 59, tzinfo=UTC)


def stretch(first, last):
    return (
        datetime(2027, 3, first, tzinfo=UTC),
        datetime(2027, 3, last, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("phases", "wrong"),
    [
        ({KIND.APPLY: stretch(1, 9), KIND.REVIEW: stretch(3, 12)}, set()),
        ({KIND.APPLY: stretch(1, 9), KIND.DECIDE: stretch(9, 12)}, set()),
        ({KIND.APPLY: stretch(9, 1)}, {KIND.APPLY}),
        ({KIND.APPLY: stretch(5, 9), KIND.REVIEW: stretch(3, 12)}, {KIND.REVIEW}),
        ({KIND.APPLY: stretch(1, 9), KIND.DECIDE: stretch(8, 12)}, {KIND.DECIDE}),
        (
            {KIND.DECIDE: stretch(5, 9), KIND.CONFIRM: stretch(4, 12)},
            {KIND.CONFIRM},
        ),
    ],
)
def test_phases_may_not_overlap_wrongly(phases, wrong):
    assert {kind for kind, _sentence in calls.faults(phases)} == wrong


def test_nothing_is_decided_while_people_apply_in_whatever_phase():
    phases = {KIND.APPLY: stretch(1, 9), KIND.REVIEW: stretch(3, 12)}
    reading, deciding = ({KIND.REVIEW: p} for p in (["review"], ["review", "decide"]))

    assert calls.faults(phases, reading) == []
    assert [kind for kind, _why in calls.faults(phases, deciding)] == [KIND.REVIEW]


@pytest.mark.parametrize(
    ("kind", "permits"),
    [(KIND.APPLY, ["review"]), (KIND.APPLY, ["apply", "reply"]), (KIND.DECIDE, ["x"])],
)
def test_a_phase_permits_what_is_possible_in_it(draft, birch, kind, permits):
    with pytest.raises(Refused):
        calls.set_phases(
            draft,
            by=birch.lea,
            phases={kind: (*stretch(1, 9), False)},
            permits={kind: permits},
        )

    assert draft.phases.count() == 0


def test_a_lead_says_what_a_phase_permits(client, birch, draft):
    client.force_login(birch.lea)
    dates = {
        f"{kind}_{edge}": f"2027-03-{day:02}"
        for kind, days in (("apply", (1, 9)), ("review", (3, 12)), ("decide", (10, 20)))
        for edge, day in zip(("opens", "closes"), days, strict=True)
    }

    client.post(
        "/f/calls/cedar/setup/dates/",
        {**dates, "apply_permits": ["review"], "decide_permits": ["decide", "reply"]},
    )
    page = client.get("/f/calls/cedar/setup/").content.decode()

    assert {p.kind: p.permits for p in draft.phases.all()} == {
        "apply": ["apply", "review"],
        "review": ["review"],
        "decide": ["decide", "reply"],
    }
    assert "decide and send decisions · take or refuse a seat" in page


def test_deciding_while_people_apply_is_named_at_its_phase(client, birch, draft):
    client.force_login(birch.lea)

    answer = client.post(
        "/f/calls/cedar/setup/dates/",
        {
            "apply_opens": "2027-03-01",
            "apply_closes": "2027-03-09",
            "review_opens": "2027-03-03",
            "review_closes": "2027-03-12",
            "review_permits": ["review", "decide"],
        },
    )

    assert answer.status_code == 422
    assert "so nothing can be decided in it" in answer.content.decode()
    assert draft.phases.count() == 0


def test_wrong_phases_are_not_kept(draft, birch):
    opens, closes = stretch(9, 1)

    with pytest.raises(Refused):
        calls.set_phases(
            draft, by=birch.lea, phases={KIND.APPLY: (opens, closes, False)}
        )

    assert draft.phases.count() == 0


def test_a_call_without_dates_cannot_be_published(draft, birch, now):
    with pytest.raises(Refused):
        calls.publish(draft, by=birch.lea, now=now)


def test_a_published_call_takes_applications_in_its_time(call, now):
    assert call.intake.takes_applications(now=now)
    assert not call.intake.takes_applications(now=now + timedelta(days=30))


def test_what_no_phase_speaks_of_is_permitted_except_applying(draft, now):
    permitted = {act: draft.permits(act, now=now) for act in ("apply", "decide")}

    assert permitted == {"apply": False, "decide": True}


@pytest.mark.parametrize("kind", [Question, Trait])
def test_after_the_first_application_everyone_is_asked_the_same(birch, call, kind):
    call.arrive("Amina")
    call.intake.refresh_from_db()

    with pytest.raises(Refused):
        calls.add(kind, call.intake, by=birch.lea, label="One more?")


def test_a_call_with_applications_cannot_be_taken_back(birch, call):
    call.arrive("Amina")

    with pytest.raises(Refused):
        calls.take_back(call.intake, by=birch.lea)


def test_moving_a_question_up_and_past_the_edge(draft, birch):
    first, second, *_rest = draft.questions.order_by("position")

    calls.move(second, by=birch.lea, up=True)
    calls.move(second, by=birch.lea, up=True)

    assert list(draft.questions.order_by("position")[:2]) == [second, first]


def test_two_traits_of_one_name_have_two_keys(draft, birch):
    made = [calls.add(Trait, draft, by=birch.lea, label="Region") for _ in range(2)]

    assert [t.key for t in made] == ["region-2", "region-3"]


@pytest.mark.parametrize(
    "act",
    [
        lambda d, who, now: calls.change(d, by=who, name="x"),
        lambda d, who, now: calls.set_phases(d, by=who, phases={}),
        lambda d, who, now: calls.publish(d, by=who, now=now),
        lambda d, who, now: calls.take_back(d, by=who),
        lambda d, who, now: calls.add(Question, d, by=who, label="x"),
        lambda d, who, now: calls.remove(d.questions.first(), by=who),
        lambda d, who, now: calls.move(d.questions.first(), by=who, up=True),
        lambda d, who, now: calls.change_part(d.traits.first(), by=who, label="x"),
    ],
)
def test_only_a_lead_makes_a_call(draft, birch, now, act):
    with pytest.raises(PermissionDenied):
        act(draft, birch.rex, now)


# --- The pages --------------------------------------------------------------------


def test_begin_set_dates_and_publish_through_the_pages(client, birch, now):
    client.force_login(birch.lea)
    fields = {
        "program": birch.program.pk,
        "name": "Cedar",
        "about": "Come",
        "timezone": "Africa/Nairobi",
        "seats": 24,
        "cohorts_wanted": 2,
        "size_min": 8,
        "size_max": 14,
        "hours_per_month": "6",
        "readings_wanted": 2,
    }
    today = now.date()

    client.post("/f/calls/new/", fields)
    client.post(
        "/f/calls/cedar/setup/dates/",
        {
            "apply_opens": today - timedelta(days=1),
            "apply_closes": today + timedelta(days=9),
            "apply_everywhere": "on",
        },
    )
    client.post("/f/calls/cedar/setup/publish/")
    client.logout()

    assert client.get("/apply/cedar/").status_code == 200
    assert client.get("/apply/cedar/1/").status_code == 200


def test_a_wrong_phase_is_named_at_its_field(client, birch, draft):
    client.force_login(birch.lea)

    response = client.post(
        "/f/calls/cedar/setup/dates/",
        {"apply_opens": "2027-03-09", "apply_closes": "2027-03-01"},
    )

    assert response.status_code == 422
    assert b'href="#id_apply_opens"' in response.content


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar_is_none(client, birch, draft, day):
    client.force_login(birch.lea)

    response = client.post(
        "/f/calls/cedar/setup/dates/", {"apply_opens": day, "apply_closes": day}
    )

    assert response.status_code == 422
    assert client.get("/f/calls/cedar/setup/").status_code == 200


def test_sizes_the_wrong_way_round(client, birch, draft):
    client.force_login(birch.lea)

    response = client.post("/f/calls/new/", {"name": "x", "size_min": 9, "size_max": 4})

    assert response.status_code == 422


def test_a_call_changed_by_another_lead_shows_both(client, birch, draft):
    client.force_login(birch.lea)
    calls.change(draft, by=birch.lea, name="Theirs")

    response = client.post("/f/calls/cedar/setup/offer/", {"edition": "1"})

    assert response.status_code == 422
    assert b"Theirs" in response.content


@pytest.mark.parametrize(
    ("parts", "data"),
    [
        ("questions", {"label": "And?", "kind": "long"}),
        ("traits", {"label": "Season", "options": "wet\ndry"}),
        (
            "criteria",
            {"name": "Care", "weight": 2, **{f"level_{n}": "l" for n in range(1, 5)}},
        ),
    ],
)
def test_adding_a_part(client, birch, draft, parts, data):
    client.force_login(birch.lea)

    response = client.post(f"/f/calls/cedar/setup/{parts}/new/", data)

    assert response.headers["Location"] == "/f/calls/cedar/setup/"


def test_a_sensitive_question_is_never_for_reviewers(client, birch, draft):
    client.force_login(birch.lea)

    client.post(
        "/f/calls/cedar/setup/questions/new/",
        {
            "label": "Health?",
            "kind": "long",
            "sensitive": "on",
            "visible_to_reviewers": "on",
        },
    )

    assert not Question.objects.get(label="Health?").visible_to_reviewers


def test_one_of_needs_something_to_choose_from(client, birch, draft):
    client.force_login(birch.lea)

    response = client.post(
        "/f/calls/cedar/setup/questions/new/", {"label": "Which?", "kind": "one_of"}
    )

    assert response.status_code == 422


def test_a_call_of_another_program_is_not_there(client, birch, draft):
    from tests.conftest import person

    client.force_login(person("lou"))

    for page in ("", "setup/", "applications/", "import/", "letters/", "review/"):
        assert client.get(f"/f/calls/cedar/{page}").status_code == 404


def test_a_member_finds_no_calls(client, birch):
    client.force_login(birch.ada.person)

    assert client.get("/f/calls/").status_code == 404
    assert client.get("/f/calls/new/").status_code == 404


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_of_calls_costs_the_same_however_long(
    client, birch, rows, django_assert_num_queries
):
    Intake.objects.bulk_create(
        Intake(program=birch.program, slug=f"c{n}", name="C", about="x")
        for n in range(rows)
    )
    client.force_login(birch.lea)

    with django_assert_num_queries(7):
        client.get("/f/calls/")
    assert Criterion.objects.count() == 0


# --- A call like a former one ---------------------------------------------------


def parts_of(intake):
    return [
        [q.label for q in intake.questions.order_by("position")],
        [(t.key, t.options, t.protected) for t in intake.traits.order_by("position")],
        [(c.name, c.levels, c.weight) for c in intake.criteria.order_by("position")],
    ]


def test_a_copy_asks_the_same_and_is_not_frozen(birch, call):
    call.arrive("Amina Yusuf")
    calls.change(call.intake, by=birch.lea, seats=30, letter_offered="Come, then.")

    made = calls.begin_like(call.intake, by=birch.lea, name="Mangrove again")

    assert parts_of(made) == parts_of(call.intake)
    assert (made.seats, made.letter_offered) == (30, "Come, then.")
    assert (made.is_frozen, made.published_at, made.phases.count()) == (False, None, 0)
    assert made.slug == "mangrove-again"


def test_changing_the_copy_leaves_the_former_call_alone(birch, call):
    made = calls.begin_like(call.intake, by=birch.lea, name="Again")

    calls.change_part(made.questions.first(), by=birch.lea, label="Another question")

    assert not call.intake.questions.filter(label="Another question").exists()


def test_its_dates_move_by_days_of_the_calendar(birch, draft):
    zone = "Europe/London"
    calls.change(draft, by=birch.lea, timezone=zone, answer_by=date(2027, 4, 2))
    calls.set_phases(
        draft,
        by=birch.lea,
        phases={
            "apply": (
                calls.first_moment(date(2027, 3, 1), zone),
                calls.last_moment(date(2027, 3, 20), zone, anywhere_on_earth=True),
                True,
            )
        },
    )

    # London's clocks change on the 28th of March.
    made = calls.begin_like(draft, by=birch.lea, name="On", opens_on=date(2027, 4, 1))

    phase = made.phases.get()
    assert phase.opens_at == calls.first_moment(date(2027, 4, 1), zone)
    assert phase.closes_at == calls.last_moment(
        date(2027, 4, 20), zone, anywhere_on_earth=True
    )
    assert (phase.anywhere_on_earth, made.answer_by) == (True, date(2027, 5, 3))


def test_copying_twice_with_one_form_is_one_call(birch, draft):
    key = uuid4()

    first = calls.begin_like(draft, by=birch.lea, name="Again", client_key=key)
    second = calls.begin_like(draft, by=birch.lea, name="Again", client_key=key)

    assert first == second
    assert second.questions.count() == draft.questions.count()


def test_only_a_lead_copies_a_call(birch, draft):
    with pytest.raises(PermissionDenied):
        calls.begin_like(draft, by=birch.rex, name="Again")


def test_a_call_is_copied_through_the_page(client, birch, draft):
    client.force_login(birch.lea)

    response = client.post(
        "/f/calls/cedar/setup/copy/", {"name": "Cedar two", "opens_on": "2027-04-01"}
    )

    assert response.headers["Location"] == "/f/calls/cedar-two/setup/"
    assert client.post("/f/calls/cedar/setup/copy/", {"name": ""}).status_code == 422


def test_the_freeze_is_explained_where_the_buttons_were(client, birch, call):
    call.arrive("Amina Yusuf")
    client.force_login(birch.lea)

    page = client.get("/f/calls/mangrove/setup/").content.decode()

    assert page.count("The first application has arrived") == 2
    assert page.count("/f/calls/mangrove/setup/copy/") == 3
    assert "/setup/questions/new/" not in page


def preview(n):
    return f"/f/calls/mangrove/preview/{n}/"


def tried(call, page):
    """What a lead types on a page of the preview."""
    return {
        1: {"called": "Lea", "email": "lea@example.org", "timezone": "Africa/Nairobi"},
        2: {f"q_{q.pk.hex}": "We try it" for q in call.questions[:5]},
        3: {"offers": "tools"},
        4: {f"q_{call.questions[5].pk.hex}": "on"},
    }[page]


def test_a_preview_goes_on_from_page_to_page(client, birch, call):
    client.force_login(birch.lea)
    went = [
        client.post(preview(page), tried(call, page)).headers["Location"]
        for page in (1, 2, 3, 4)
    ]

    assert went == [*map(preview, (2, 3, 4)), "/f/calls/mangrove/setup/"]
    assert "Nothing of what you tried was kept" in client.get(went[-1]).content.decode()
    assert not Draft.objects.unsealed("nobody wrote one").exists()


def test_a_preview_says_what_is_missing_as_applicants_read_it(client, birch, call):
    client.force_login(birch.lea)

    answer = client.post(preview(1), {"called": "Lea", "email": "not an address"})

    assert answer.status_code == 422
    assert 'value="not an address"' in answer.content.decode()


def test_hours_put_in_a_preview_show_and_are_not_kept(client, birch, call):
    client.force_login(birch.lea)

    shown = client.post(
        preview(3),
        {
            "availability": "",
            "availability_day": "0",
            "availability_from": "18",
            "availability_until": "20",
            "availability_comfort": "3",
            "offers": "tools",
            "stay": "week",
        },
    ).content.decode()

    assert "<bdi>09:00–10:00</bdi>" in shown
    assert ">tools</textarea>" in shown.replace("\n", "")


@pytest.mark.parametrize(("name", "status"), [("a.txt", 302), ("a.exe", 422)])
def test_a_file_in_a_preview_is_judged_and_not_kept(client, birch, call, name, status):
    client.force_login(birch.lea)
    first, *others = tried(call, 2)
    upload = SimpleUploadedFile(name, b"We lend tools" if status == 302 else b"MZ\0\0")

    answer = client.post(
        preview(2),
        {**dict.fromkeys(others, "We try it"), f"f_{first[2:]}": upload},
    )

    assert answer.status_code == status
    assert "is kept" not in answer.content.decode()
    assert not DraftFile.objects.unsealed("nobody sent one").exists()


@pytest.mark.parametrize("page", [1, 2, 3, 4])
def test_a_preview_keeps_nothing_even_when_it_is_sent(client, birch, call, page):
    client.force_login(birch.lea)
    url = f"/f/calls/mangrove/preview/{page}/"

    shown = client.get(url)
    client.post(url, {"called": "Lea", "email": "lea@example.org"})

    body = shown.content.decode()
    assert "It keeps nothing" in body
    assert "data-autosave" not in body
    assert not Draft.objects.unsealed("nobody wrote one").exists()
