"""The house with a canary in every private table, and everyone who may knock."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from cohorts.models import Membership
from people.models import User
from tests.walls.planting import plant_everywhere

VIEWERS = [
    "anonymous",
    "stranger",
    "other_cohort",
    "funder",
    "lapsed",
    "superuser",
    "reviewer",
    "lead",
    "late_joiner",
    "member",
    "facilitator",
]


@pytest.fixture
def house(birch):
    """Birch and its program, with one canary in every private table."""
    long_ago = timezone.now() - timedelta(days=400)
    lapsed = User.objects.create_user("lapsed@example.org", called="Lapsed")
    Membership.objects.create(
        cohort=birch.cohort,
        person=lapsed,
        joined_at=long_ago,
        reads_from=long_ago,
        left_at=timezone.now() - timedelta(days=1),
    )
    late = User.objects.create_user("late@example.org", called="Late")
    Membership.objects.create(
        cohort=birch.cohort,
        person=late,
        reads_from=timezone.now() + timedelta(days=1),
    )
    birch.viewers = {
        "anonymous": AnonymousUser(),
        "stranger": User.objects.create_user("stranger@example.org"),
        "other_cohort": birch.oma.person,
        "funder": birch.fay,
        "lapsed": lapsed,
        "superuser": User.objects.create_superuser("root@example.org"),
        "reviewer": birch.rex,
        "lead": birch.lea,
        "late_joiner": late,
        "member": birch.ben.person,
        "facilitator": birch.sol.person,
    }
    plant_everywhere(birch)
    return birch
