"""Today and the cohort's page in a full week: what they cost and what they weigh."""

from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from cohorts.models import Membership
from sessions import appreciations, checkins, commitments, posting, rituals
from sessions.models import Post
from sessions.rituals import Plan
from tests.cohorts.test_weight import KB, weight
from tests.conftest import person, seat

pytestmark = pytest.mark.django_db


@pytest.fixture
def full_week(birch):
    """Twelve people, and for Ada as much as a week holds."""
    began = birch.cohort.created_at
    for n in range(9):
        seat(birch.cohort, person(f"peer{n}"), joined_at=began, reads_from=began)
    today = timezone.localdate()
    rituals.schedule(
        birch.cohort,
        Plan(
            title="Peer consultation: why do referral cards stall?",
            day=date.today() + timedelta(days=3),
            at=time(16),
            timezone="Africa/Nairobi",
            minutes=90,
            template="standard-90",
            host=birch.sol,
        ),
        by=birch.sol.person,
    )
    for n, words in enumerate(
        [
            "Ask two clinics to try the one-page referral card",
            "Send Grace the picture version",
            "Listen to one nurse for twenty minutes",
            "Write down what the second clinic said",
            "Bring the stamped cards",
            "Call the two who stopped",
            "Ask Tenzin for the picture",
        ]
    ):
        promise = commitments.make(
            by=birch.ada,
            promise=words,
            due_on=today + timedelta(days=2 * n - 3),
            evidence_of_done=f"{n + 5} cards returned with a stamp",
        )
        if n == 2:
            commitments.keep(promise, by=birch.ada.person, outcome="She was glad")
    others = Membership.objects.filter(cohort=birch.cohort).exclude(pk=birch.ada.pk)
    for n, other in enumerate(others.select_related("cohort", "person")):
        checkins.post(by=other, mood="glad", edge=f"An edge of theirs, number {n}")
        appreciations.give(by=other, to=birch.ada, text="For the card")
        if n < 4:
            posting.post(
                by=other,
                kind=Post.Kind.REQUEST,
                title=f"How did your savings group number {n} keep a ledger?",
                to=birch.ada,
                days=2,
            )
    posting.post(by=birch.sol, kind=Post.Kind.DECISION, title="At five?", days=5)
    return birch


def test_today_costs_at_most_twelve_queries(
    client, full_week, django_assert_max_num_queries
):
    client.force_login(full_week.ada.person)

    with django_assert_max_num_queries(12):
        client.get("/today/")


def test_today_weighs_at_most_six_kilobytes(client, full_week):
    client.force_login(full_week.ada.person)

    page = client.get("/today/")

    assert len(page.context["waiting"]) >= 5
    assert weight(page.content) <= 6 * KB


def test_the_page_of_the_cohort_shows_what_goes_on(client, full_week):
    client.force_login(full_week.ben.person)

    page = client.get("/c/birch/").content.decode()

    assert "An edge of theirs" in page
    assert "keep a ledger?" in page
    assert "Send Grace the picture version" in page


def test_the_page_of_the_cohort_costs_the_same_in_a_full_week(
    client, birch, full_week, django_assert_max_num_queries
):
    client.force_login(full_week.ben.person)

    with django_assert_max_num_queries(15):
        client.get("/c/birch/")


def test_the_check_in_costs_the_same_however_full_the_week(
    client, full_week, django_assert_max_num_queries
):
    client.force_login(full_week.ada.person)

    with django_assert_max_num_queries(16):
        response = client.post("/c/birch/check-ins/new/", {"edge": "x"})

    assert response.status_code == 302
