from datetime import timedelta

import pytest
from django.utils import timezone

from measurement.models import Project
from tests.measurement.conftest import begin, signal_of


def fields(**more):
    return {
        "title": "Cards that arrive",
        "if_we": "fold the card",
        "then": "it arrives",
        "decide_on": (timezone.localdate() + timedelta(days=9)).isoformat(),
        "name": "stamped cards back",
        "unit": "things",
        "direction": "up",
        **more,
    }


def test_a_project_begins_with_one_hunch_and_one_signal(client, birch):
    client.force_login(birch.ada.person)

    page = client.post("/c/birch/project/new/", fields(), follow=True)

    page = page.content.decode()
    assert "If we <bdi>fold the card</bdi>, then <bdi>it arrives</bdi>." in page


def test_a_part_larger_than_its_whole_is_refused_and_nothing_is_lost(client, birch):
    client.force_login(birch.ada.person)

    answer = client.post(
        "/c/birch/project/new/",
        fields(is_share="on", baseline="130", baseline_of="120"),
    )

    assert answer.status_code == 422
    assert "fold the card" in answer.content.decode()
    assert not Project.objects.unsealed("whoever began one").exists()


def test_the_cohort_next_door_gets_a_404(client, birch, cards):
    client.force_login(birch.oma.person)

    assert client.get(f"/c/birch/project/{cards.pk}/").status_code == 404
    assert (
        client.post(f"/c/birch/signals/{signal_of(cards).pk}/read/").status_code == 404
    )


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_costs_the_same_however_long(
    client, birch, rows, django_assert_max_num_queries
):
    for _ in range(rows):
        begin(birch.ada)
    client.force_login(birch.ben.person)

    with django_assert_max_num_queries(10):
        page = client.get("/c/birch/project/")

    assert page.content.decode().count("<article") == rows
