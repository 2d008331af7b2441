"""The demo: a whole program in one run, and nothing of it after its removal."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.urls import reverse

from charters.models import CharterVersion, Consent, ConsentRound, RepairCase
from charters.support import support_list
from cohorts import drawing
from cohorts.models import (
    Application,
    Cohort,
    Composition,
    Lottery,
    Membership,
    Program,
    Ticket,
)
from cohortsite.demo import filling, removing
from library.models import NetworkCopy, ProgramCopy, PublicCopy, Resource
from measurement.models import Figure, Project, Reading, Release
from people import front
from people.models import OutboxMessage, User
from sessions.models import CheckIn, Commitment, RitualSession, Room

SEEN = "a test that looks at everything"
NOW = datetime(2026, 11, 23, 13, 41, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demo, told once for all tests of this module, and taken back."""
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        override_settings(EMBEDDED=True),
    ):
        filling.fill(now=NOW)
        yield Program.objects.get(is_demo=True)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def on_this_machine(settings):
    settings.EMBEDDED = True


@pytest.fixture
def baobab(demo, db):
    return Cohort.objects.get(program=demo, slug="baobab")


def person(name):
    return User.objects.get(email=f"{name}@demo.example")


def all_rows():
    return {
        model._meta.label: set(model._base_manager.values_list("pk", flat=True))
        for model in apps.get_models()
        if model._meta.managed
    }


def test_told_again_it_changes_nothing(demo, db, capsys):
    before = all_rows()

    call_command("demo")

    assert all_rows() == before
    assert "stands already" in capsys.readouterr().out


def test_where_mails_would_leave_it_is_not_filled_in(demo, db, settings):
    settings.EMBEDDED = False

    with pytest.raises(CommandError, match=r"python3 manage\.py up"):
        call_command("demo")


def test_whoever_runs_the_house_loads_it_by_a_button(client, db, demo):
    runs_it = User.objects.create_superuser("ops@example.org")
    answers = {}
    for who in (runs_it, person("member")):
        client.force_login(who)
        answers[who.email] = (
            client.get(reverse("demo_load")).status_code,
            client.post(reverse("demo_load")).status_code,
        )

    assert answers == {
        "ops@example.org": (200, 302),
        "member@demo.example": (404, 404),
    }


def test_two_circles_of_twelve_meet_and_a_third_is_composed(demo, db):
    sizes = {
        cohort.name: Membership.objects.active().filter(cohort=cohort).count()
        for cohort in Cohort.objects.filter(program=demo)
    }

    assert sizes == {"Baobab": 12, "Mangrove": 12}
    board = Composition.objects.unsealed(SEEN).get(state=Composition.State.PROPOSED)
    applied = Application.objects.unsealed(SEEN).filter(intake=board.intake_id)
    assert (applied.count(), board.intake.seats) == (31, 24)
    warnings = [
        finding["code"]
        for group in board.facts["groups"]
        for finding in group["findings"]
        if finding["code"] != "alone_and_fine"
    ]
    assert warnings == ["only_one", "skewed"]


def test_a_short_call_was_decided_by_a_draw_that_anybody_can_recompute(client, demo):
    lottery = Lottery.objects.unsealed(SEEN).get()
    seated = Application.objects.unsealed(SEEN).filter(
        intake=lottery.intake, outcome=Application.Outcome.OFFERED
    )

    page = client.get(reverse("cohorts:draw_show", args=[lottery.intake.slug]))

    assert lottery.state == Lottery.State.DRAWN
    assert seated.count() == lottery.intake.seats == 5
    assert lottery.record.fingerprint in page.content.decode()
    drawn = drawing.outcome_of(lottery.record)
    tickets = Ticket.objects.unsealed(SEEN).filter(lottery=lottery, is_drawn=True)
    assert {ticket.number for ticket in tickets} == set(drawn.seated)


def test_they_speak_many_languages_in_many_zones(demo, db):
    checkins = CheckIn.objects.unsealed(SEEN).values_list("lang", flat=True)
    zones = {seat.person.timezone for seat in Membership.objects.active()}

    assert {"en", "fr", "ar", "sw"} <= set(checkins)
    assert len(zones) >= 5


def test_the_charter_asks_about_recording(baobab):
    asked = ConsentRound.objects.unsealed(SEEN).open().get(cohort=baobab)
    given = Consent.objects.unsealed(SEEN).given_to(asked)
    said = sorted(given.values_list("kind", flat=True))

    assert CharterVersion.objects.unsealed(SEEN).in_force(baobab).number == 3
    assert said == ["concern", *["consent"] * 7, "object"]
    assert not given.filter(member__person=person("member")).exists()


def test_somebody_can_be_the_third_and_somebody_outside_be_reached(client, baobab):
    """No conversation is told: that there is one would be told with it."""
    listed = [person.called for person in support_list(baobab)]

    assert listed == ["Achieng", "Grace", "Leila"]
    assert "Nuru listening line" in client.get("/care/").content.decode()
    assert not RepairCase.objects.unsealed(SEEN).exists()


def test_one_session_is_live_in_its_fourth_phase(baobab):
    rows = RitualSession.objects.unsealed(SEEN).filter(cohort=baobab)
    states = rows.order_by("number").values_list("state", flat=True)
    room = Room.objects.unsealed(SEEN).get(session__state="open")

    assert list(states) == [
        *("closed", "closed", "did_not_happen", "closed", "open"),
        *["planned"] * 4,
    ]
    assert (room.session.number, room.position) == (5, 3)


def test_the_demo_member_has_promises_of_every_end(baobab):
    mine = Commitment.objects.unsealed(SEEN).of(person("member"))

    ends = {
        "open": mine.open().count(),
        "late": mine.open().filter(due_on__lt=NOW.date()).count(),
        "kept": mine.kept().count(),
        "changed": mine.changed().count(),
        "let go": mine.let_go().count(),
    }
    assert ends == {"open": 2, "late": 1, "kept": 3, "changed": 1, "let go": 1}


def test_fourteen_pieces_and_one_card_that_travelled(demo, db):
    copies = [
        copy
        for rows in (
            ProgramCopy.objects.unsealed(SEEN),
            NetworkCopy.objects.all(),
            PublicCopy.objects.all(),
        )
        for copy in rows
    ]
    card = next(c for c in copies if c.title == "The one-page referral card")
    family = sorted(c.place for c in copies if c.root == card.pk)

    assert Resource.objects.unsealed(SEEN).count() == 14
    assert family == [
        "Cusco, 2026",
        "Durban, 2025",
        "Gulu, 2025",
        "Kisumu, 2024",
        "Saint-Louis, 2026",
    ]


def test_released_figures_show_some_cells_and_hide_some(demo, db):
    release = Release.objects.get(program_id=demo.pk)
    people = Figure.objects.filter(release=release, table__in=("members", "signals"))

    assert Project.objects.unsealed(SEEN).count() == 9
    assert Reading.objects.unsealed(SEEN).count() > 15
    assert {table: set() for table in ("members", "signals")} == {
        table: {"value", "small"}
        - set(people.filter(table=table).values_list("shown", flat=True))
        for table in ("members", "signals")
    }


def test_nothing_of_the_past_waits_to_be_sent(demo, db):
    assert OutboxMessage.objects.count() == 0


def test_one_can_try_five_people(demo, db):
    assert [who.email.partition("@")[0] for who in front.demo_people()] == [
        *("member", "facilitator", "lead", "reviewer", "funder")
    ]


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("member", "/today/"),
        ("member", "/c/baobab/"),
        ("member", "/c/baobab/charter/"),
        ("member", "/c/baobab/sessions/5/live/"),
        ("member", "/library/"),
        ("facilitator", "/f/"),
        ("lead", "/f/"),
        ("reviewer", "/today/"),
        ("funder", "/evidence/riverbend-commons/"),
    ],
)
def test_every_page_says_that_it_is_a_demo(client, demo, db, name, page):
    client.force_login(person(name))

    response = client.get(page, follow=True)

    assert response.status_code == 200
    assert response.content.decode().count("This is a demo, nothing is sent.") == 1


def test_only_its_lead_is_offered_to_remove_it(client, demo, db):
    offered = {}
    for name in ("member", "facilitator", "lead", "reviewer", "funder"):
        client.force_login(person(name))
        page = client.get("/today/", follow=True).content.decode()
        offered[name] = (
            reverse("demo_remove") in page,
            client.post(reverse("demo_remove")).status_code if name != "lead" else 302,
        )

    assert offered == {
        "member": (False, 404),
        "facilitator": (False, 404),
        "lead": (True, 302),
        "reviewer": (False, 404),
        "funder": (False, 404),
    }


def test_nobody_else_can_remove_it(demo, db):
    with pytest.raises(removing.PermissionDenied):
        removing.remove(demo, by=person("facilitator"))

    assert Program.objects.filter(is_demo=True).exists()
