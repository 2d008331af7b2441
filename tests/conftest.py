"""The cast. Tests read as sentences about these people."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone, translation
from hypothesis import settings as property_settings

from cohorts.models import Appointment, Cohort, Membership, Program, Role, appoint
from people.models import User

# a property that holds slowly on a busy machine holds
property_settings.register_profile("house", deadline=None)
property_settings.load_profile("house")


def person(name, **fields):
    return User.objects.create_user(
        f"{name}@example.org",
        called=name.capitalize(),
        timezone=fields.pop("timezone", "Africa/Nairobi"),
        **fields,
    )


def seat(cohort, who, role=Role.MEMBER, **fields):
    return Membership.objects.create(cohort=cohort, person=who, role=role, **fields)


@pytest.fixture(autouse=True)
def in_english():
    """What a test asks for is in English, whatever the page before was written in."""
    with translation.override("en"):
        yield


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def birch(db):
    """Birch is a cohort of the Riverbend program.

    Ada and Ben are members, Sol facilitates. Lea leads the program, Rex reviews
    its applications, Fay funds it. Oma sits next door, in Oak.
    """
    began = timezone.now() - timedelta(days=60)
    program = Program.objects.create(
        slug="riverbend", name="Riverbend", timezone="Africa/Nairobi", languages=["en"]
    )
    cohort, oak = (
        Cohort.objects.create(
            program=program,
            slug=name.lower(),
            name=name,
            timezone="Africa/Nairobi",
            created_at=began,
        )
        for name in ("Birch", "Oak")
    )
    since = {"joined_at": began, "reads_from": began}
    cast = SimpleNamespace(
        program=program,
        cohort=cohort,
        oak=oak,
        ada=seat(cohort, person("ada"), **since),
        ben=seat(cohort, person("ben", timezone="America/Recife"), **since),
        sol=seat(cohort, person("sol"), Role.FACILITATOR, **since),
        oma=seat(oak, person("oma"), **since),
        lea=person("lea"),
        rex=person("rex"),
        fay=person("fay"),
    )
    appoint(cast.lea, to=program, role=Appointment.Role.LEAD)
    appoint(cast.rex, to=program, role=Appointment.Role.REVIEWER)
    appoint(cast.fay, to=program, role=Appointment.Role.FUNDER)
    return cast


@pytest.fixture
def ray(birch):
    """A second reviewer of Birch's program."""
    ray = person("ray")
    appoint(ray, to=birch.program, role=Appointment.Role.REVIEWER)
    return ray


@pytest.fixture(autouse=True)
def anybody_begins(settings):
    """All tests share one network address; what bounds it says how many itself."""
    settings.BEGUN_FROM_ONE_PLACE = ""
