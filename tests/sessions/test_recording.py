"""Whether a session may be recorded: the rule of the charter, and who is present."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from charters import amending
from people.refusal import Refused
from sessions import hosting, recording
from sessions.models import RecordingWord
from sessions.recording import Stand
from tests.charters.conftest import adopt_by_all

pytestmark = pytest.mark.django_db

PEOPLE = [uuid4() for _ in range(4)]
some_people = st.lists(st.sampled_from(PEOPLE), unique=True)
some_words = st.dictionaries(st.sampled_from(PEOPLE), st.booleans())


def rule(founded, name, *, now):
    amendment = amending.propose(
        by=founded.ada,
        clauses=[
            amending.Draft(
                change="new",
                section="confidentiality",
                title="Recording",
                text="As we said.",
                steers="recording",
                value={"rule": name, "delete_after_days": 14},
            )
        ],
        now=now,
    )
    return adopt_by_all(founded, amendment, now=now)


@pytest.fixture
def room(birch, due_now):
    """A session that runs now, with Sol and Ada in it."""
    hosting.open_room(due_now, by=birch.sol)
    hosting.join(due_now, by=birch.ada)
    due_now.refresh_from_db()
    return due_now


def at(name):
    return reverse(f"sessions:{name}", args=["birch", 1])


# --- The rule ---------------------------------------------------------------------


@given(present=some_people, words=some_words)
def test_each_one_present_has_to_have_said_yes(present, words):
    found = recording.stand("each_yes", present=present, words=words)

    agreed = bool(present) and all(words.get(p) is True for p in present)
    assert found == (Stand.AGREED if agreed else Stand.NOT_AGREED)


@given(present=some_people, words=some_words)
def test_one_objection_is_enough(present, words):
    found = recording.stand("unless_objection", present=present, words=words)

    objects = any(words.get(p) is False for p in present)
    assert (found == Stand.AGREED) == (bool(present) and not objects)


@given(present=some_people, words=some_words, name=st.sampled_from(["never", "?"]))
def test_never_is_never_and_so_is_a_rule_nobody_knows(present, words, name):
    assert recording.stand(name, present=present, words=words) == Stand.NEVER


@given(present=some_people, words=some_words, who=st.sampled_from(PEOPLE))
def test_whoever_comes_in_undoes_an_agreement_until_they_say_yes(present, words, who):
    words.pop(who, None)

    found = recording.stand("each_yes", present=[*present, who], words=words)

    assert found == Stand.NOT_AGREED


# --- The room ---------------------------------------------------------------------


def heading(client, seat):
    client.force_login(seat.person)
    page = client.get(at("room")).content.decode()
    return page.split('id="d-record" class="flow tight"><summary>')[1].split(
        "</summary>"
    )[0]


def test_it_is_agreed_when_the_last_one_says_yes(client, birch, room):
    recording.say(room, by=birch.ada, yes=True)
    before = heading(client, birch.ada)
    recording.say(room, by=birch.sol, yes=True)

    assert before == "Recording: not agreed today"
    assert heading(client, birch.ada) == "Recording: everyone here agreed for today"


def test_a_yes_is_taken_back_at_any_time(client, birch, room):
    for seat in (birch.ada, birch.sol):
        recording.say(room, by=seat, yes=True)
    client.force_login(birch.ada.person)

    client.post(at("room_act"), {"do": "record_no"})

    assert heading(client, birch.sol) == "Recording: not agreed today"


def test_whoever_comes_late_is_asked_too(client, birch, room):
    for seat in (birch.ada, birch.sol):
        recording.say(room, by=seat, yes=True)
    hosting.join(room, by=birch.ben)

    assert heading(client, birch.sol) == "Recording: not agreed today"

    hosting.leave(room, by=birch.ben)
    assert heading(client, birch.sol) == "Recording: everyone here agreed for today"


def test_whose_line_broke_is_still_present(client, birch, room):
    hosting.join(room, by=birch.ben, now=timezone.now() - timezone.timedelta(hours=1))
    for seat in (birch.ada, birch.sol):
        recording.say(room, by=seat, yes=True)

    assert heading(client, birch.sol) == "Recording: not agreed today"


def test_the_pages_of_others_are_told_that_it_changed(client, birch, room):
    client.force_login(birch.sol.person)
    tag = client.get(at("room")).headers["ETag"]

    recording.say(room, by=birch.ada, yes=True)

    part = {"HX-Request": "true", "If-None-Match": tag}
    assert client.get(at("room"), headers=part).status_code == 200


def test_a_page_is_the_same_whoever_has_not_said_yes(client, birch, room):
    """Nobody learns from it who holds back."""
    hosting.join(room, by=birch.ben)
    recording.say(room, by=birch.ada, yes=True)
    client.force_login(birch.ada.person)
    one = client.get(at("room")).content.decode().split('id="d-record"')[1]
    recording.say(room, by=birch.ben, yes=True)
    other = client.get(at("room")).content.decode().split('id="d-record"')[1]

    assert one.split("</details>")[0].count("Ben") == 0
    assert one.split("<form")[0] == other.split("<form")[0]


def test_only_who_is_present_in_an_open_room_is_asked(birch, room):
    with pytest.raises(Refused):
        recording.say(room, by=birch.ben, yes=True)
    with pytest.raises(Refused):
        recording.say(room, by=birch.oma, yes=True)
    hosting.close(room, by=birch.sol)
    with pytest.raises(Refused):
        recording.say(room, by=birch.ada, yes=True)


def test_one_reads_ones_own_word_and_nobody_elses(birch, room):
    recording.say(room, by=birch.ada, yes=True)

    assert RecordingWord.objects.visible_to(birch.ada.person).count() == 1
    for seat in (birch.ben, birch.sol, birch.oma):
        assert not RecordingWord.objects.visible_to(seat.person).exists()


def test_where_the_charter_says_never_nobody_is_asked(client, founded, room, now):
    rule(founded, "never", now=now)

    assert heading(client, founded.ada) == "Recording: never, says our charter"
    with pytest.raises(Refused):
        recording.say(room, by=founded.ada, yes=True)


def test_where_the_charter_asks_for_objections_one_undoes_it(
    client, founded, room, now
):
    rule(founded, "unless_objection", now=now)
    before = heading(client, founded.ada)

    client.post(at("room_act"), {"do": "record_no"})

    assert before == "Recording: nobody here objects today"
    assert heading(client, founded.sol) == "Recording: not agreed today"


def test_the_page_of_the_session_says_the_rule_and_the_clause(
    client, founded, planned, now
):
    client.force_login(founded.ada.person)
    before = client.get(at("session_page")).content.decode()

    version = rule(founded, "never", now=now)

    after = client.get(at("session_page")).content.decode()
    assert "We record only when each person present has said yes that day." in before
    assert "No clause of our charter says so yet" in before
    assert "Sessions are never recorded." in after
    assert version.number == 2
