"""What people said about themselves leaves by no page, export, letter, log or task.

Each applicant gives an answer in words that nobody else uses, and these words are
looked for in everything that comes out of selecting, for everybody who may knock.
"""

import json
import logging
from datetime import timedelta

import pytest
from celery.signals import before_task_publish
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import deciding, drawing, preparing
from cohorts.models import BlindCopy, Lottery
from people import delivery, privacy
from people.models import User
from people.visibility import seal_lifted
from tests.cohorts.selecting import (
    ALL,
    HOUR,
    VALUE,
    keep_seats,
    liv,
    published,
    put,
)
from tests.walls.routes import to_be_walked
from tests.walls.test_pages import WAYS, ask

# Where a lead reads what one applicant said, on purpose: the page, and the same page
# with what is wrong in its forms.
A_LEAD_READS = {"cohorts:application_show", "cohorts:application_act"}
PEOPLE = 6


def words_of(number):
    return f"unheard-of-{number}-answer"


@pytest.fixture
def world(call, birch, now):
    """Six applicants, each with words of their own; drawn, and the letters sent.

    Ada and Ben have accounts; of two, one quota counts the common half of the answer.
    """
    before = now - 6 * HOUR
    call.intake.seats = 3
    call.intake.save()
    gender, region = call.traits["gender"], call.traits["region"]
    accounts = {0: birch.ada.person, 1: birch.ben.person}
    people = [
        call.arrive(
            f"Applicant{number}",
            applicant=accounts.get(number),
            email=f"a{number}@example.net",
            traits=[
                (gender.pk, "woman" if number % 2 else "man", False),
                (region.pk, words_of(number), True),
            ],
        )
        for number in range(PEOPLE)
    ]
    put(call, birch, before, people, "lottery")
    keep_seats(call, birch, "gender", "woman", 1, 2)
    return people


@pytest.fixture
def done(world, call, birch, now):
    """Everything that selecting does, from preparing to the letters."""
    before = now - 6 * HOUR
    lottery = published(call, birch, before)
    later = before + 2 * HOUR
    drawing.type_value(lottery, value=VALUE, by=birch.lea, now=later)
    drawing.type_value(lottery, value=VALUE, by=liv(birch), now=later)
    waiting = deciding.pending(call.intake, by=birch.lea)
    deciding.release(
        call.intake,
        by=birch.lea,
        seen=deciding.seal_of(call.intake, waiting),
        now=timezone.now(),
    )
    return lottery


def addresses(call, birch, world, lottery):
    """An address of every route that leads to this call, or needs no key at all."""
    values = {
        "intake_slug": call.intake.slug,
        "program_slug": birch.program.slug,
        "cohort_slug": birch.cohort.slug,
        "lottery_id": lottery.pk,
        "application_id": world[0].pk,
        "blindcopy_id": BlindCopy.objects.unsealed(ALL).get(application=world[0]).pk,
        "parts": "traits",
        "part_id": call.traits["region"].pk,
        "band": "decline",
        "page": 4,
    }
    for route in to_be_walked():
        if not route.is_ours or ":?" in f":{route.name}":
            continue
        if set(route.params) <= set(values):
            wanted = {name: values[name] for name in route.params}
            yield route.name, reverse(route.name, kwargs=wanted)


def others_words(body, *, mine=()):
    return {n for n in range(PEOPLE) if n not in mine and words_of(n) in body}


@pytest.mark.parametrize(
    "name", ["nobody", "applicant", "member", "reviewer", "funder", "lead"]
)
def test_no_page_shows_what_somebody_said(world, done, call, birch, name):
    viewer, mine = {
        "nobody": (AnonymousUser(), ()),
        "applicant": (birch.ada.person, {0}),
        "member": (birch.oma.person, ()),
        "reviewer": (birch.rex, ()),
        "funder": (birch.fay, ()),
        "lead": (birch.lea, ()),
    }[name]
    client = Client(raise_request_exception=False)
    if viewer.is_authenticated:
        client.force_login(viewer)
    key, found, opened = client.cookies.copy(), [], 0

    for route, url in addresses(call, birch, world, done):
        for method, headers in WAYS:
            client.cookies = key.copy()
            answer, body = ask(client, method, url, headers)
            opened += answer.status_code == 200
            if others_words(body + str(answer.headers), mine=mine):
                found.append(route)

    assert set(found) <= (A_LEAD_READS if name == "lead" else set())
    assert opened > 40


def test_the_export_of_a_call_tells_only_when_asked_with_a_reason(
    world, done, client, birch
):
    client.force_login(birch.lea)
    url = "/f/calls/mangrove/applications.csv"

    plain = client.get(url).getvalue().decode()
    asked = client.post(
        "/f/calls/mangrove/applications/take/",
        {"kind": "csv", "traits": "on", "reason": "Checking the balance."},
    )

    assert others_words(plain) == set()
    assert others_words(asked.getvalue().decode()) == set(range(PEOPLE))


def test_ones_own_export_tells_of_nobody_else(world, done, birch):
    told = json.dumps(privacy.export(birch.ada.person), default=str)

    assert others_words(told) == {0}
    for somebody in (birch.rex, birch.fay, birch.lea):
        assert others_words(json.dumps(privacy.export(somebody), default=str)) == set()


def test_no_letter_tells(world, done, now):
    delivery.deliver_due(now=timezone.now() + timedelta(days=1))

    assert len(mail.outbox) >= PEOPLE
    for letter in mail.outbox:
        whole = str(letter.message().as_string()) + letter.body
        assert others_words(whole) == set()


def test_no_log_and_no_task_tells(
    world, call, birch, now, client, caplog, django_capture_on_commit_callbacks
):
    more = [call.arrive(f"P{n}") for n in range(41)]
    put(call, birch, now, more, "lottery")
    caplog.set_level(logging.DEBUG)
    sent = []

    def listen(body=None, headers=None, **_rest):
        sent.append(repr((body, headers)))

    before_task_publish.connect(listen)
    client.force_login(birch.lea)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            client.post("/f/calls/mangrove/selection/prepare/")
    finally:
        before_task_publish.disconnect(listen)
    lottery = Lottery.objects.unsealed(ALL).get()
    preparing.solve(lottery.pk)

    assert len(sent) == 1
    assert str(lottery.pk) in sent[0]
    assert others_words(sent[0] + caplog.text) == set()


def test_no_row_of_selecting_keeps_what_somebody_said(world, done):
    kept = ""
    with seal_lifted("the test looks at everything"):
        for model in apps.get_models():
            if model.__module__ == "cohorts.models.selection":
                rows = model._default_manager.all().values()
                kept += json.dumps(list(rows), default=str)

    assert others_words(kept) == set()
    assert "panels" in kept


def test_erasing_an_applicant_takes_the_ticket_and_leaves_the_record(
    world, done, birch, now
):
    before = done.record
    privacy.erase(
        User.objects.get(pk=birch.ada.person.pk), by=birch.ada.person, now=now
    )

    after = Lottery.objects.unsealed(ALL).select_related("record").get().record
    assert after.text == before.text
    assert drawing.outcome_of(after) == drawing.outcome_of(before, value=VALUE)
