from datetime import timedelta

import pytest
from django.utils import timezone

from measurement import hypotheses
from measurement.models import Signal

HUNCH = {"if_we": "fold the card", "then": "it arrives", "because": "it fits a pocket"}


def begin(by, *, name="patients who arrive", unit="people", **signal):
    return hypotheses.begin(
        by=by,
        title="Cards that arrive",
        hypothesis={
            **HUNCH,
            "decide_on": timezone.localdate() + timedelta(days=30),
        },
        signal={"name": name, "unit": unit, **signal},
    )


def signal_of(project):
    return Signal.objects.unsealed("the signal of one's own test").get(
        hypothesis__project=project
    )


@pytest.fixture
def cards(birch):
    """Ada's project: 38 of 120 arrived before."""
    return begin(birch.ada, is_share=True, baseline=38, baseline_of=120)
