import pytest
from django.test import RequestFactory

from cohorts import tabs
from cohorts.models import Appointment, Cohort, Role, appoint
from tests.conftest import person, seat


@pytest.fixture(autouse=True)
def every_room_is_built(monkeypatch):
    """Tabs hide rooms that are not built; these tests speak of the whole house."""
    monkeypatch.setattr(tabs, "_is_built", lambda path: True)


def shell(who, path="/today/", **cookies):
    request = RequestFactory().get(path)
    request.user = who
    request.COOKIES.update(cookies)
    return tabs.shell_for(request)


def urls(who, **more):
    return [tab.url for tab in shell(who, **more).tabs]


def test_a_member_goes_round_today_cohort_promises_library_and_me(birch):
    assert urls(birch.ada.person) == [
        "/today/",
        "/c/birch/",
        "/c/birch/promises/",
        "/library/",
        "/me/",
    ]


def test_a_facilitator_keeps_today_and_has_the_week(birch):
    assert urls(birch.sol.person) == [
        "/today/",
        "/f/",
        "/c/birch/",
        "/c/birch/sessions/",
        "/library/",
    ]


def test_a_lead_reads_composes_and_shows_evidence(birch):
    assert urls(birch.lea) == [
        "/today/",
        "/f/calls/",
        "/f/compose/",
        "/library/",
        "/evidence/riverbend/",
    ]


def test_a_reviewer_reads(birch):
    assert urls(birch.rex) == ["/today/", "/f/calls/", "/library/", "/me/"]


def test_a_funder_sees_evidence(birch):
    assert urls(birch.fay) == ["/today/", "/evidence/riverbend/", "/library/", "/me/"]


def test_somebody_without_a_place_has_three_links(birch):
    assert urls(person("zoe")) == ["/today/", "/library/", "/me/"]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/c/birch/", "/c/birch/"),
        ("/c/birch/charter/", "/c/birch/"),
        ("/c/birch/promises/", "/c/birch/promises/"),
        ("/c/birch/promises/new/", "/c/birch/promises/"),
        ("/privacy/", None),
    ],
)
def test_the_longest_address_is_the_current_tab(birch, path, current):
    found = [tab.url for tab in shell(birch.ada.person, path).tabs if tab.is_current]

    assert found == ([current] if current else [])


def test_somebody_with_two_places_stands_where_they_chose(birch):
    ada = birch.ada.person
    seat(birch.oak, ada, Role.FACILITATOR)

    chosen = shell(ada, place="c/birch")

    assert chosen.place.slug == "birch"
    assert [other.key for other in chosen.others] == ["c/oak"]


def test_a_place_that_is_not_theirs_is_not_stood_in(birch):
    assert shell(birch.ada.person, place="c/oak").place.slug == "birch"


def test_a_program_is_one_place_however_many_tasks(birch):
    appoint(birch.lea, to=birch.program, role=Appointment.Role.REVIEWER)

    assert [birch.program.slug] == [shell(birch.lea).place.slug]
    assert shell(birch.lea).others == []


def test_choosing_a_place_leads_there_and_is_remembered(client, birch):
    seat(birch.oak, birch.ada.person)
    client.force_login(birch.ada.person)

    response = client.post("/place/", {"place": "c/oak"})

    assert (response.status_code, response["Location"]) == (302, "/c/oak/")
    assert client.cookies["place"].value == "c/oak"


def test_choosing_a_place_of_others_changes_nothing(client, birch):
    client.force_login(birch.ada.person)

    response = client.post("/place/", {"place": "c/oak"})

    assert response["Location"] == "/today/"
    assert "place" not in client.cookies


@pytest.mark.parametrize("cohorts", [1, 30])
def test_the_shell_costs_one_query_however_many_places(
    birch, cohorts, django_assert_num_queries
):
    for n in range(cohorts):
        extra = Cohort.objects.create(
            program=birch.program, slug=f"extra-{n}", name=f"Extra {n}"
        )
        seat(extra, birch.ada.person)

    with django_assert_num_queries(1):
        shell(birch.ada.person)
