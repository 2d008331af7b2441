from uuid import uuid4

import pytest
from django.utils import timezone

from library.models import Resource
from people.models import OutboxMessage
from people.refusal import Refused, SentBefore
from sessions import appreciations, insights
from sessions.models import Appreciation, Insight
from sessions.notices import APPRECIATION_GIVEN

pytestmark = pytest.mark.django_db


def test_thanks_are_said_before_the_cohort_and_told_to_the_one(birch):
    thanks = appreciations.give(by=birch.ada, to=birch.ben, text="For listening")

    assert Appreciation.objects.visible_to(birch.sol.person).get() == thanks
    told = OutboxMessage.objects.get(notice=APPRECIATION_GIVEN.name)
    assert told.recipient == birch.ben.person


def test_sent_twice_they_are_said_once(birch):
    key = uuid4()

    for _ in range(2):
        appreciations.give(by=birch.ada, to=birch.ben, text="Thanks", client_key=key)
    with pytest.raises(SentBefore):
        appreciations.give(by=birch.ada, to=birch.sol, text="Thanks", client_key=key)

    assert Appreciation.objects.unsealed("test").count() == 1
    assert OutboxMessage.objects.filter(notice=APPRECIATION_GIVEN.name).count() == 1


def test_nobody_thanks_themselves_or_somebody_next_door(birch):
    for wrong in (birch.ada, birch.oma):
        with pytest.raises(Refused):
            appreciations.give(by=birch.ada, to=wrong, text="Well done")


def test_a_finished_cohort_says_no_more(birch):
    birch.cohort.finished_at = timezone.now()

    with pytest.raises(Refused):
        appreciations.give(by=birch.ada, to=birch.ben, text="Late")
    with pytest.raises(Refused):
        insights.keep(by=birch.ada, title="Late")


def test_somebody_is_thanked_by_the_form(client, birch, planned):
    client.force_login(birch.ada.person)

    response = client.post(
        "/c/birch/thanks/new/",
        {"to": birch.ben.pk, "text": "For the example", "session": planned.number},
        follow=True,
    )

    thanks = Appreciation.objects.visible_to(birch.ada.person).get()
    assert (thanks.to, thanks.session) == (birch.ben, planned)
    assert "For the example" in response.content.decode()


def test_the_form_offers_the_others_of_this_cohort(client, birch):
    client.force_login(birch.ada.person)

    form = client.get("/c/birch/thanks/new/").context["form"]

    assert [name for _key, name in form.fields["to"].choices][1:] == ["Ben", "Sol"]


@pytest.mark.parametrize("who", ["oma", "lea", "fay"])
def test_outsiders_find_nothing(client, birch, who):
    seat = getattr(birch, who)
    client.force_login(getattr(seat, "person", seat))

    for path in ("thanks/", "thanks/new/", "insights/new/"):
        assert client.get(f"/c/birch/{path}").status_code == 404


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_costs_the_same_however_long(
    client, birch, rows, django_assert_num_queries
):
    for n in range(rows):
        appreciations.give(by=birch.ada, to=birch.ben, text=f"Thanks {n}")
    client.force_login(birch.ben.person)

    with django_assert_num_queries(4):
        client.get("/c/birch/thanks/")


# --- One thing for the library ------------------------------------------------


def test_an_insight_arrives_in_the_library_with_where_it_was_learned(birch, planned):
    insight = insights.keep(
        by=birch.ada, title="Pictures beat words", lang="en", session=planned
    )

    resource = Resource.objects.visible_to(birch.ben.person).get()
    assert insight.resource == resource
    assert (resource.kind, resource.title) == ("insight", "Pictures beat words")
    assert resource.kept_from == "Session 1, Peer consultation"
    assert resource.kept_on == planned.local_date


def test_kept_twice_it_is_one_insight(birch):
    key = uuid4()

    for _ in range(2):
        insights.keep(by=birch.ada, title="Once", client_key=key)

    assert Insight.objects.unsealed("test").count() == 1
    assert Resource.objects.unsealed("test").count() == 1


def test_an_insight_is_kept_by_the_form(client, birch, planned):
    client.force_login(birch.ada.person)

    response = client.post(
        "/c/birch/insights/new/",
        {"title": "Pictures beat words", "body": "Ask first", "session": "1"},
        follow=True,
    )

    resource = Resource.objects.visible_to(birch.ada.person).get()
    assert response.redirect_chain == [(f"/c/birch/library/{resource.pk}/", 302)]
    assert "Pictures beat words" in response.content.decode()
