"""Who to turn to: named in the charter, read where it is needed, gone when they go."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone, translation

from charters import amending, channels, support, values
from charters.forms import ClauseForm
from charters.models import CharterVersion, Clause, OutsideContact
from cohorts.home import concerns_of
from people.refusal import Refused
from tests.charters.conftest import adopt_by_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def helpline(founded, now):
    return channels.add(
        by=founded.ada,
        name="Grace Wanjiru",
        role="Counsellor",
        reach="+254 700 000 001",
        tongues="Kiswahili, English",
        hours="Weekday mornings",
        said_yes=True,
        now=now,
    )


def name_them(founded, now, **value):
    clause = next(c for c in founded.clauses if c.steers == "support")
    amendment = amending.propose(
        by=founded.ada,
        clauses=[
            amending.Draft(
                change="changed",
                key=clause.key,
                section=clause.section,
                title=clause.title,
                text="These are there for us.",
                value={
                    name: [str(one.pk) for one in named]
                    for name, named in value.items()
                },
            )
        ],
        now=now,
    )
    return adopt_by_all(founded, amendment, now=now)


def who(founded, viewer=None):
    found = values.values_of(founded.cohort)
    viewer = viewer or founded.ada.person
    return channels.who(founded.cohort, found, viewer=viewer)


def test_who_is_named_is_there_with_the_clause_that_says_so(founded, helpline, now):
    name_them(founded, now, people=[founded.ben], third=[], outside=[helpline])

    found = who(founded)

    assert [seat.person.called for seat in found.people] == ["Ben"]
    assert [contact.name for contact in found.outside] == ["Grace Wanjiru"]
    assert found.source.version == 2


def test_nobody_is_named_by_default(founded, django_assert_num_queries):
    found = values.values_of(founded.cohort)

    with django_assert_num_queries(0):
        assert channels.who(founded.cohort, found, viewer=founded.ada.person).is_empty


def test_it_costs_two_queries_however_many(
    founded, helpline, now, django_assert_num_queries
):
    name_them(
        founded,
        now,
        people=[founded.ada, founded.ben, founded.sol],
        outside=[helpline],
    )
    found = values.values_of(founded.cohort)

    with django_assert_num_queries(2):
        channels.who(founded.cohort, found, viewer=founded.ada.person)


@pytest.mark.parametrize(
    "page", ["charter/support/", "charter/", "charter/v/2/"], ids=["own", "it", "old"]
)
def test_pages_say_who(client, founded, helpline, now, page):
    name_them(founded, now, people=[founded.ben], third=[], outside=[helpline])
    client.force_login(founded.ada.person)

    told = client.get(f"/c/birch/{page}").content.decode()

    assert "Grace Wanjiru" in told
    assert "Ben" in told


def test_how_to_reach_somebody_outside_is_for_the_circle_alone(
    client, founded, helpline, now
):
    name_them(founded, now, outside=[helpline])
    number = "700 000 001"

    def sees(person, url):
        client.force_login(person)
        return number in client.get(url).content.decode()

    assert sees(founded.ada.person, "/c/birch/charter/support/")
    assert not sees(founded.lea, "/c/birch/charter/v/2/")
    assert not sees(founded.oma.person, "/c/birch/charter/support/")
    assert not OutsideContact.objects.visible_to(founded.lea).exists()


def test_no_version_holds_an_address(founded, helpline, now):
    version = name_them(founded, now, outside=[helpline])

    kept = Clause.objects.visible_to(founded.ada.person).of(version)
    assert helpline.reach not in str([clause.as_parts for clause in kept])


def test_struck_out_they_are_gone_everywhere_at_once(client, founded, helpline, now):
    name_them(founded, now, outside=[helpline])

    channels.strike(helpline, by=founded.sol.person, now=now)

    client.force_login(founded.ada.person)
    for page in ("charter/", "charter/v/2/", "charter/support/"):
        assert "Grace" not in client.get(f"/c/birch/{page}").content.decode()
    helpline.refresh_from_db()
    assert (helpline.name, helpline.reach, helpline.hours) == ("", "", "")


def test_who_wrote_them_down_strikes_them_out_too_and_nobody_else(
    founded, helpline, now
):
    with pytest.raises(Refused):
        channels.strike(helpline, by=founded.ben.person)
    with pytest.raises(Refused):
        channels.strike(helpline, by=founded.lea)
    assert channels.strike(helpline, by=founded.ada.person).struck_at is not None


def test_nobody_is_written_down_without_their_yes(founded):
    with pytest.raises(Refused):
        channels.add(by=founded.ada, name="X", reach="Y", said_yes=False)


def test_written_down_twice_they_stand_there_once(founded):
    key = uuid4()
    for _ in range(2):
        channels.add(by=founded.ada, name="X", reach="Y", said_yes=True, client_key=key)

    assert OutsideContact.objects.visible_to(founded.ada.person).count() == 1


def test_the_page_asks_for_a_yes_and_keeps_what_was_typed(client, founded):
    client.force_login(founded.ada.person)

    response = client.post(
        "/c/birch/charter/support/", {"name": "Grace", "reach": "By phone"}
    )

    assert response.status_code == 422
    assert 'value="Grace"' in response.content.decode()


def test_the_page_writes_somebody_down(client, founded):
    client.force_login(founded.ada.person)

    client.post(
        "/c/birch/charter/support/",
        {"name": "Grace", "reach": "By phone", "said_yes": "on"},
    )

    page = client.get("/c/birch/charter/support/").content.decode()
    assert "no clause names them yet" in page


# --- Leaving -------------------------------------------------------------------------


def leaves(seat):
    seat.left_at = timezone.now()
    seat.save()


def test_whoever_leaves_drops_out_and_the_facilitator_is_told(founded, rf, now):
    name_them(founded, now, people=[founded.ada, founded.ben])
    request = rf.get("/f/")
    request.user = founded.sol.person

    def told():
        return [
            one.title
            for one in concerns_of(request, [founded.cohort], now=now)
            if "names them" in one.title
        ]

    before = told()
    leaves(founded.ben)

    assert [seat.person.called for seat in who(founded).people] == ["Ada"]
    assert before == []
    assert told() == ["Ben left; our charter names them to turn to"]


def test_a_charter_that_names_somebody_else_is_no_concern(founded, rf, now):
    name_them(founded, now, people=[founded.ben])
    later = now + timedelta(minutes=1)
    founded.clauses = list(
        Clause.objects.visible_to(founded.ada.person).of(
            CharterVersion.objects.visible_to(founded.ada.person).in_force(
                founded.cohort
            )
        )
    )
    name_them(founded, later, people=[founded.ada])
    leaves(founded.ben)
    request = rf.get("/f/")
    request.user = founded.sol.person

    titles = [c.title for c in concerns_of(request, [founded.cohort], now=later)]

    assert not [title for title in titles if "names them" in title]


# --- Repair -------------------------------------------------------------------------


def test_whom_the_charter_names_for_it_may_be_the_third(founded, now):
    before = {person.called for person in support.support_list(founded.cohort)}
    name_them(founded, now, people=[founded.ada, founded.ben], third=[founded.ben])

    after = {person.called for person in support.support_list(founded.cohort)}

    assert after - before == {"Ben"}


def test_and_not_any_more_when_they_left(founded, now):
    name_them(founded, now, people=[founded.ben], third=[founded.ben])
    leaves(founded.ben)

    listed = support.support_list(founded.cohort)

    assert founded.ben.person not in listed


# --- The form -----------------------------------------------------------------------


def form_of(founded, data, **value):
    typed = {
        "title": "Support",
        "text": "Here.",
        "section": "support",
        "lang": "en",
        **data,
    }
    return ClauseForm(typed, steers="support", value=value, cohort=founded.cohort)


def test_a_third_is_one_of_those_to_turn_to(founded):
    ada, ben = str(founded.ada.pk), str(founded.ben.pk)

    wrong = form_of(founded, {"value_people": [ada], "value_third": [ben]})
    right = form_of(founded, {"value_people": [ada, ben], "value_third": [ben]})

    assert list(wrong.errors) == ["value_third"]
    assert right.is_valid()
    assert right.value == {"people": [ada, ben], "third": [ben], "outside": []}


def test_nobody_next_door_is_named_by_a_forged_form(founded):
    form = form_of(founded, {"value_people": [str(founded.oma.pk)]})

    assert list(form.errors) == ["value_people"]


def test_a_contact_of_another_circle_is_not_named(founded, now):
    theirs = channels.add(by=founded.oma, name="X", reach="Y", said_yes=True, now=now)

    form = form_of(founded, {"value_outside": [str(theirs.pk)]})

    assert list(form.errors) == ["value_outside"]


def test_what_the_clause_says_is_told_by_name(founded, helpline):
    with translation.override("en"):
        told = values.in_words(
            "support",
            {
                "people": [str(founded.ben.pk)],
                "third": [str(founded.ben.pk)],
                "outside": [str(helpline.pk), "not a key"],
            },
        )

    assert told == (
        "To turn to: Ben, Grace Wanjiru. "
        "As a third person in a repair conversation: Ben."
    )


# --- To ask them --------------------------------------------------------------------


def test_one_is_led_to_ask_them(client, founded, now):
    name_them(founded, now, people=[founded.ben])
    client.force_login(founded.ada.person)

    page = client.get(f"/c/birch/requests/new/?to={founded.ben.pk}").content.decode()

    assert f'<option value="{founded.ben.pk}" selected>' in page


def test_the_care_page_leads_members_to_their_circle_and_strangers_nowhere(
    client, founded
):
    signed_out = client.get("/care/").content.decode()
    client.force_login(founded.ada.person)
    signed_in = client.get("/care/").content.decode()

    assert "/c/birch/" not in signed_out
    assert "/c/birch/charter/support/" in signed_in


def test_a_charter_that_names_people_keeps_to_its_twelve_queries(
    client, founded, helpline, now, django_assert_max_num_queries
):
    name_them(founded, now, people=[founded.ada, founded.ben], outside=[helpline])
    client.force_login(founded.ada.person)
    client.get("/c/birch/charter/")

    with django_assert_max_num_queries(12):
        client.get("/c/birch/charter/")


def test_nobody_is_written_down_in_a_finished_circle(founded, now):
    founded.cohort.finished_at = now
    founded.cohort.save()

    with pytest.raises(Refused):
        channels.add(by=founded.ada, name="X", reach="Y", said_yes=True)


def test_there_is_an_end_to_the_list(founded):
    for n in range(channels.MOST_CONTACTS):
        channels.add(by=founded.ada, name=f"X {n}", reach="Y", said_yes=True)

    with pytest.raises(Refused):
        channels.add(by=founded.ada, name="One more", reach="Y", said_yes=True)


def test_the_last_one_that_fits_may_be_sent_twice(founded):
    for n in range(channels.MOST_CONTACTS - 1):
        channels.add(by=founded.ada, name=f"X {n}", reach="Y", said_yes=True)

    sent = [
        channels.add(by=founded.ada, name="Z", reach="Y", said_yes=True, client_key=key)
        for key in [uuid4()] * 2
    ]

    assert sent[0] == sent[1]
