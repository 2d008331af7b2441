"""Sessions that the tests speak about."""

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from sessions import hosting, rituals
from sessions.rituals import Plan
from tests.charters.conftest import founded  # noqa: F401 - a fixture here too


@pytest.fixture
def plan(birch):
    """A plan for Birch: the usual ninety minutes on a Thursday, held by Sol."""

    def make(**changes):
        return Plan(
            **{
                "title": "Peer consultation",
                "day": date(2027, 3, 11),
                "at": time(16),
                "timezone": "Africa/Nairobi",
                "minutes": 90,
                "template": "standard-90",
                "host": birch.sol,
            }
            | changes
        )

    return make


@pytest.fixture
def planned(birch, plan):
    return rituals.schedule(birch.cohort, plan(), by=birch.sol.person)


@pytest.fixture
def due_now(birch, plan):
    """A session planned for this very minute, whatever the hour of the test."""
    here = timezone.localtime(timezone=ZoneInfo("Africa/Nairobi"))
    at = here.time().replace(second=0, microsecond=0)
    return rituals.schedule(
        birch.cohort, plan(day=here.date(), at=at), by=birch.sol.person
    )


@pytest.fixture
def live(birch, planned):
    """Session 1, just opened by Sol; Ada and Ben came in."""
    begins = planned.starts_at
    hosting.open_room(planned, by=birch.sol, now=begins)
    hosting.join(planned, by=birch.ada, now=begins)
    hosting.join(planned, by=birch.ben, now=begins)
    planned.refresh_from_db()
    return planned
