"""The line on top of the demo's pages: whose pages they are, and who may end it."""

from __future__ import annotations

from cohorts.models import Program
from cohorts.places import Places


def is_in_the_demo(places: Places) -> bool:
    return any(m.cohort.program.is_demo for m in places.memberships) or any(
        a.program.is_demo for a in places.appointments
    )


def demo_led(places: Places) -> Program | None:
    """The demo program, for those who lead it."""
    return next((program for program in places.leads if program.is_demo), None)
