"""What sessions bring to the week of somebody who holds cohorts."""

from datetime import timedelta

import pytest

from cohorts.home import concerns_of
from sessions import posting


@pytest.fixture
def week(rf, birch, now):
    request = rf.get("/f/")
    request.user = birch.sol.person

    def told():
        return [
            (one.kind, one.title)
            for one in concerns_of(request, [birch.cohort], now=now)
            if one.kind == "Stuck"
        ]

    return told


def test_a_request_that_nobody_answered_in_its_window_is_stuck(week, birch, now):
    asked = now - timedelta(days=10)
    stuck = posting.post(by=birch.ada, kind="request", title="Why?", days=2, now=asked)
    posting.post(by=birch.ada, kind="request", title="How?", days=9, now=now)

    assert week() == [("Stuck", "Why?")]

    posting.reply(stuck, by=birch.ben, text="Because.", now=now)

    assert week() == []
