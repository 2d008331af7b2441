"""What the charter says of presence, used: one's own count, and a call after quiet."""

from datetime import timedelta

import pytest
from django.core import mail

from charters import amending
from cohorts.home import concerns_of
from people import delivery
from people.refusal import Refused
from sessions import checkins, posting, presence, rituals
from sessions.models import Presence, Quiet, RitualSession
from tests.charters.conftest import adopt_by_all

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def held(birch, plan, now, *who):
    """A session that is over, with these people in it."""
    session = rituals.schedule(birch.cohort, plan(), by=birch.sol.person)
    begins = now - 3 * DAY
    RitualSession.objects.unsealed("test").filter(pk=session.pk).update(
        state="closed",
        starts_at=begins,
        ends_at=begins + timedelta(hours=1),
        opened_at=begins,
        closed_at=begins + timedelta(hours=1),
    )
    for seat in who:
        Presence.objects.create(
            cohort=birch.cohort,
            session=session,
            membership=seat,
            joined_at=begins,
            seen_at=begins,
        )
    return session


def came(*seats, at):
    for seat in seats:
        seat.joined_at = seat.reads_from = at
        seat.save()


# --- One's own count ------------------------------------------------------------------


@pytest.fixture
def three_sessions(birch, plan, now):
    came(birch.ada, birch.ben, birch.sol, at=now - 30 * DAY)
    for who in ((birch.ada, birch.ben), (birch.ben,), (birch.ada, birch.ben)):
        held(birch, plan, now, *who)
    return birch


def test_one_sees_ones_own_count_and_nobody_elses(client, three_sessions):
    client.force_login(three_sessions.ada.person)

    page = client.get("/c/birch/sessions/").content.decode()

    assert "We aim to be there 7 times of 9." in page
    assert "You have been to 2 of the 3 sessions held since you came." in page
    assert "3 of the 3" not in page


def test_sessions_from_before_one_came_do_not_count(three_sessions, now):
    came(three_sessions.ben, at=now)

    assert presence.own(three_sessions.ben) == presence.Own(held=0, been=0)


def test_sessions_that_did_not_happen_do_not_count(three_sessions, plan):
    session = rituals.schedule(
        three_sessions.cohort, plan(), by=three_sessions.sol.person
    )
    rituals.call_off(session, by=three_sessions.sol.person, why="Power cut")

    assert presence.own(three_sessions.ada) == presence.Own(held=3, been=2)


def test_the_count_costs_one_query(three_sessions, django_assert_num_queries):
    with django_assert_num_queries(1):
        presence.own(three_sessions.ada)


def test_the_charter_changes_what_is_aimed_for(client, founded, now):
    clause = next(c for c in founded.clauses if c.steers == "attendance")
    amendment = amending.propose(
        by=founded.ada,
        clauses=[
            amending.Draft(
                change="changed",
                key=clause.key,
                section=clause.section,
                title=clause.title,
                text="Five of six.",
                value={"attend": 5, "of": 6, "call_after_days": 4},
            )
        ],
        now=now,
    )
    client.force_login(founded.ada.person)
    before = client.get("/c/birch/sessions/").content.decode()

    adopt_by_all(founded, amendment, now=now)

    after = client.get("/c/birch/sessions/").content.decode()
    assert "7 times of 9" in before
    assert "5 times of 6" in after
    assert f"From our charter, clause {clause.number}." in after


# --- Quiet ----------------------------------------------------------------------------


@pytest.fixture
def quiet(birch, now):
    """Ben has been quiet for eleven days; Ada and Sol have not."""
    came(birch.ada, birch.ben, birch.sol, at=now - 11 * DAY)
    for seat in (birch.ada, birch.sol):
        posting.post(by=seat, kind="update", title="News", now=now - DAY)
    return birch


def calls(birch, rf, now):
    request = rf.get("/f/")
    request.user = birch.sol.person
    return [
        one.title
        for one in concerns_of(request, [birch.cohort], now=now)
        if str(one.kind) == "To call"
    ]


def waiting(client, seat):
    client.force_login(seat.person)
    return [str(one.kind) for one in client.get("/today/").context["waiting"]]


def test_the_person_is_told_first_and_a_day_later_the_facilitator(
    client, rf, quiet, now
):
    told = presence.tend(now=now)

    assert told == 1
    assert waiting(client, quiet.ben) == ["Care"]
    assert calls(quiet, rf, now) == []
    assert calls(quiet, rf, now + DAY) == ["Please call Ben"]


def test_each_silence_is_told_once_whatever_beat_does(quiet, now):
    counts = [presence.tend(now=now + n * timedelta(hours=1)) for n in range(5)]

    assert counts == [1, 0, 0, 0, 0]


def test_any_sign_ends_it(client, rf, quiet, now):
    presence.tend(now=now)

    checkins.post(by=quiet.ben, mood="steady")

    assert waiting(client, quiet.ben) == []
    assert calls(quiet, rf, now + DAY) == []


def test_who_says_that_no_call_is_needed_is_not_called(client, rf, quiet, now):
    presence.tend(now=now)
    note = Quiet.objects.visible_to(quiet.ben.person).get()
    client.force_login(quiet.ben.person)

    client.post(f"/c/birch/quiet/{note.pk}/", {"answer": "well"})

    assert calls(quiet, rf, now + 5 * DAY) == []


def test_who_would_welcome_a_call_is_called_at_once(client, rf, quiet, now):
    presence.tend(now=now)
    note = Quiet.objects.visible_to(quiet.ben.person).get()

    presence.answer(note, by=quiet.ben.person, answer="call")

    assert calls(quiet, rf, now) == ["Please call Ben"]


def test_a_call_is_noted_once_for_all_facilitators(client, rf, quiet, now):
    presence.tend(now=now - DAY)
    note = Quiet.objects.visible_to(quiet.ben.person).get()
    url = f"/c/birch/quiet/{note.pk}/call/"
    client.force_login(quiet.sol.person)

    page = client.get(url).content.decode()
    client.post(url)

    assert "No explanation is owed." in page
    assert calls(quiet, rf, now) == []
    assert client.get(url).status_code == 404


def test_the_note_tells_no_day(client, quiet, now):
    presence.tend(now=now - DAY)
    note = Quiet.objects.visible_to(quiet.ben.person).get()
    client.force_login(quiet.sol.person)

    page = client.get(f"/c/birch/quiet/{note.pk}/call/").context

    assert note.since.isoformat()[:10] not in str(page["days"]) + page["there"]


@pytest.mark.parametrize("who", ["ada", "oma", "lea", "fay"])
def test_nobody_else_learns_of_it(client, quiet, now, who):
    presence.tend(now=now - DAY)
    note = Quiet.objects.unsealed("test").get()
    seat = getattr(quiet, who)
    client.force_login(getattr(seat, "person", seat))

    for path in ("", "call/"):
        assert client.get(f"/c/birch/quiet/{note.pk}/{path}").status_code == 404


def test_a_facilitator_does_not_answer_for_the_person(client, quiet, now):
    presence.tend(now=now)
    note = Quiet.objects.unsealed("test").get()

    with pytest.raises(Refused):
        presence.answer(note, by=quiet.sol.person, answer="well")
    with pytest.raises(Refused):
        presence.called(note, by=quiet.ada.person)


def test_days_away_are_not_quiet(quiet, now):
    person = quiet.ben.person
    person.away_from = (now - 2 * DAY).date()
    person.away_until = (now + 2 * DAY).date()
    person.save()

    assert presence.tend(now=now) == 0


def test_where_the_whole_circle_rests_nobody_is_quiet(birch, now):
    came(birch.ada, birch.ben, birch.sol, at=now - 40 * DAY)

    assert presence.tend(now=now) == 0


def test_a_finished_circle_looks_after_nobody_any_more(quiet, now):
    quiet.cohort.finished_at = now
    quiet.cohort.save()

    assert presence.tend(now=now) == 0


def test_the_charter_says_after_how_many_days(founded, now):
    came(founded.ada, founded.ben, founded.sol, at=now - 8 * DAY)
    clause = next(c for c in founded.clauses if c.steers == "attendance")
    posting.post(by=founded.sol, kind="update", title="News", now=now)
    posting.post(by=founded.ada, kind="update", title="News", now=now)
    before = presence.tend(now=now)
    amendment = amending.propose(
        by=founded.ada,
        clauses=[
            amending.Draft(
                change="changed",
                key=clause.key,
                section=clause.section,
                title=clause.title,
                text="Five quiet days.",
                value={"attend": 7, "of": 9, "call_after_days": 5},
            )
        ],
        now=now - 7 * DAY,
    )
    adopt_by_all(founded, amendment, now=now - 7 * DAY)

    assert (before, presence.tend(now=now)) == (0, 1)


def test_another_charter_does_not_move_a_call_that_was_told(founded, now):
    came(founded.ada, founded.ben, founded.sol, at=now - 11 * DAY)
    posting.post(by=founded.sol, kind="update", title="News", now=now)
    presence.tend(now=now)
    notes = Quiet.objects.unsealed("test").values_list("membership", "call_from")
    before = dict(notes)

    presence.tend(now=now + timedelta(hours=1))

    assert dict(notes.all()) == before


def test_the_mail_asks_and_tells_no_day(quiet, now):
    person = quiet.ben.person
    person.quiet_from = person.quiet_until = now.replace(hour=0, minute=0).time()
    person.day_off = None
    person.save()
    presence.tend(now=now)

    delivery.deliver_due(now=now)

    (letter,) = [m for m in mail.outbox if "heard" in m.subject]
    assert letter.to == [f"Ben <{person.email}>"]
    assert "You owe nobody an explanation" in letter.body
    assert "ago" not in letter.body.split()


def test_the_note_costs_one_query(quiet, now, django_assert_num_queries):
    presence.tend(now=now - DAY)

    with django_assert_num_queries(1):
        presence.to_call([quiet.cohort.pk], now=now)


def test_a_row_that_is_long_over_is_forgotten(quiet, now):
    presence.tend(now=now)

    presence.tend(now=now + 100 * DAY)

    kept = Quiet.objects.unsealed("test").filter(since__lt=now - 12 * DAY)
    assert not kept.exists()


# --- Airtime --------------------------------------------------------------------------


def test_airtime_of_the_circle_is_shown_where_the_charter_says(
    client, founded, plan, now
):
    session = held(founded, plan, now, founded.ada)
    client.force_login(founded.ada.person)
    url = f"/c/birch/sessions/{session.number}/"
    clause = next(c for c in founded.clauses if c.steers == "airtime")
    seen = client.get(url).context["shows_evenness"]

    amendment = amending.propose(
        by=founded.ada,
        clauses=[
            amending.Draft(
                change="changed",
                key=clause.key,
                section=clause.section,
                title=clause.title,
                text="Each sees their own.",
                value={"visible": False},
            )
        ],
        now=now,
    )
    adopt_by_all(founded, amendment, now=now)

    page = client.get(url)
    assert (seen, page.context["shows_evenness"]) == (True, False)
    assert f"From our charter, clause {clause.number}." in page.content.decode()
