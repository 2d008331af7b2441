"""Hard days of reading and selecting: each has its sentence, and nothing is lost."""

import threading

import pytest
from django.db import connection

from cohorts import promoting
from cohorts.founding import end_task
from cohorts.models import (
    Appointment,
    BlindCopy,
    Review,
    Score,
    Standing,
)
from people.refusal import Refused
from tests.cohorts.selecting import liv

ALL = "the test looks at everything"
CALL = "/f/calls/mangrove/"


def posted(call, level=3):
    return {
        f"{field}_{c.pk.hex}": value
        for c in call.criteria
        for field, value in (("level", level), ("evidence", "their own words"))
    }


def copy_of(application):
    return BlindCopy.objects.unsealed(ALL).get(application=application)


@pytest.mark.parametrize(
    ("room", "says"),
    [
        ("applications/", "No applications yet."),
        ("review/", "You read without names."),
        ("review/assign/", "there is nothing to hand out"),
        ("review/conflicts/", "No conflict shows."),
        ("review/progress/", "How reading goes"),
        ("selection/", "In no band yet"),
        ("selection/bands/", "Bands"),
        ("letters/", "Letters"),
    ],
)
def test_without_a_single_applicant_every_room_is_there(
    client, call, birch, room, says
):
    client.force_login(birch.lea)

    page = client.get(f"{CALL}{room}")

    assert page.status_code == 200
    assert says.lower() in page.content.decode().lower()


def test_an_application_withdrawn_while_it_is_read_is_told_in_a_sentence(
    client, call, birch, now
):
    copy = copy_of(call.arrive("Amina"))
    client.force_login(birch.rex)
    path = f"{CALL}review/{copy.pk}/"
    client.get(path)
    BlindCopy.objects.unsealed(ALL).update(closed_at=now)

    answer = client.post(path, posted(call))

    assert answer.status_code == 409
    assert "was withdrawn; there is nothing to read" in answer.content.decode()
    assert not Score.objects.unsealed(ALL).exists()


def test_a_reviewer_who_left_finds_the_door_closed_and_their_readings_count(
    client, call, birch, now
):
    first, second = (copy_of(call.arrive(name)) for name in ("Amina", "Chiara"))
    client.force_login(birch.rex)
    client.post(f"{CALL}review/{first.pk}/", posted(call))
    task = Appointment.objects.get(person=birch.rex, role="reviewer")

    end_task(task, by=birch.lea, now=now)
    answer = client.post(f"{CALL}review/{second.pk}/", posted(call))

    assert answer.status_code == 404
    assert [r.copy_id for r in Review.objects.unsealed(ALL).done()] == [first.pk]
    stands = Standing.objects.unsealed(ALL).get(application=first.application_id)
    assert stands.readings == 1


@pytest.mark.django_db(transaction=True)
def test_two_leads_offering_the_one_free_seat_make_one_offer(call, birch, now):
    call.intake.seats = 1
    call.intake.save()
    one, other = call.arrive("Amina"), call.arrive("Chiara")
    for application in (one, other):
        application.outcome, application.released_at = "waitlisted", now
        application.save()
    leads = [birch.lea, liv(birch)]
    first = promoting.line_of(call.intake, by=birch.lea).next.application_id
    refused, gate = [], threading.Barrier(2)

    def offer(lead):
        try:
            gate.wait(30)
            promoting.promote(call.intake, first, by=lead, now=now)
        except Refused as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=offer, args=(lead,)) for lead in leads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    pending = Standing.objects.unsealed(ALL).filter(pending="offered")
    assert [row.application_id for row in pending] == [first]
    assert refused == []
