"""Running a program: who may, and what becomes of it."""

import pytest
from django.core.exceptions import PermissionDenied

from cohorts import founding
from cohorts.models import Appointment, Program
from people.models import OutboxMessage, User
from people.refusal import Refused
from tests.conftest import person

FORM = {
    "name": "Riverbend Two",
    "languages": ["en", "ar"],
    "timezone": "Africa/Nairobi",
    "hours_per_month": "6",
    "client_key": "0199aaaa-0000-7000-8000-000000000001",
}


@pytest.fixture
def root(db):
    return User.objects.create_superuser("root@example.org", called="Root")


def tasks(program):
    found = Appointment.objects.active().filter(program=program)
    return set(found.values_list("person__email", "role"))


def test_before_any_program_there_are_three_doors(client, root):
    client.force_login(root)

    assert "There are three doors." in client.get("/f/").content.decode()
    assert 'href="/f/"' in client.get("/today/").content.decode()


def test_who_begins_a_program_leads_it(client, root):
    client.force_login(root)

    for _ in range(2):
        response = client.post("/f/programs/new/", FORM)

    assert response["Location"] == "/f/programs/riverbend-two/people/"
    program = Program.objects.get()
    assert tasks(program) == {("root@example.org", "lead")}


def test_a_name_in_another_script_still_gets_an_address(root):
    program = founding.begin(name="حلقة النهر", by=root)

    assert program.slug.startswith("program-")


@pytest.mark.parametrize("who", ["ada", "sol", "rex", "fay"])
def test_others_begin_no_program(client, birch, who):
    known = getattr(birch, who)
    by = getattr(known, "person", known)
    client.force_login(by)

    assert client.get("/f/programs/new/").status_code == 404
    with pytest.raises(PermissionDenied):
        founding.begin(name="Mine", by=by)


def test_appointing_asks_first_and_makes_an_account(client, birch):
    client.force_login(birch.lea)
    form = {"email": "Ren@example.org", "role": "reviewer", "called": "Ren"}

    asked = client.post("/f/programs/riverbend/people/", form)
    before = User.objects.filter(email="ren@example.org").exists()
    client.post("/f/programs/riverbend/people/", {**form, "sure": "1"})

    assert "Appoint Ren@example.org as reviewer?" in asked.content.decode()
    assert not before
    assert ("ren@example.org", "reviewer") in tasks(birch.program)
    assert OutboxMessage.objects.filter(notice="cohorts.appointed").count() == 1


def test_only_leads_appoint(birch):
    with pytest.raises(PermissionDenied):
        founding.give_task(
            "x@example.org", program=birch.program, role="lead", by=birch.rex
        )


def test_ending_a_task_closes_the_door_at_once(client, birch):
    rex = Appointment.objects.get(person=birch.rex)
    client.force_login(birch.lea)

    client.post(f"/f/programs/riverbend/people/{rex.pk}/end/")

    assert ("rex@example.org", "reviewer") not in tasks(birch.program)


def test_a_program_keeps_a_lead(birch):
    lea = Appointment.objects.get(person=birch.lea)

    with pytest.raises(Refused):
        founding.end_task(lea, by=birch.lea)

    assert ("lea@example.org", "lead") in tasks(birch.program)


def test_anybody_may_lay_their_own_task_down(birch):
    founding.end_task(Appointment.objects.get(person=birch.fay), by=birch.fay)

    assert ("fay@example.org", "funder") not in tasks(birch.program)


def test_nobody_ends_the_task_of_somebody_else(birch):
    with pytest.raises(PermissionDenied):
        founding.end_task(Appointment.objects.get(person=birch.fay), by=birch.rex)


@pytest.mark.parametrize("who", ["sol", "rex", "fay", "oma"])
def test_the_programs_pages_are_for_its_leads(client, birch, who):
    known = getattr(birch, who)
    client.force_login(getattr(known, "person", known))

    assert client.get("/f/programs/riverbend/people/").status_code == 404
    assert client.get("/f/programs/riverbend/agreement/").status_code == 404


def test_an_agreement_is_put_in_force_by_form(client, birch):
    client.force_login(birch.lea)

    client.post("/f/programs/riverbend/agreement/", {"text": "Come on time."})

    page = client.get("/f/programs/riverbend/agreement/").content.decode()
    assert "Version 1 is in force" in page


@pytest.mark.parametrize(
    ("who", "status"),
    [("sol", 200), ("lea", 200), ("rex", 200), ("ada", 404), ("fay", 404)],
)
def test_the_week_is_for_those_who_hold_something(client, birch, who, status):
    known = getattr(birch, who)
    client.force_login(getattr(known, "person", known))

    assert client.get("/f/").status_code == status


def test_a_stranger_has_no_week(client, birch):
    client.force_login(person("zoe"))

    assert client.get("/f/").status_code == 404
