"""A message arrives once, or it is known why not."""

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.db import connection

from people import delivery, digest, letters, tasks
from people.delivery import claim, deliver_due, sweep_stale
from people.models import (
    AddressStop,
    How,
    OutboxMessage,
    Purpose,
    User,
    When,
    Wish,
    set_wish,
)
from people.outbox import Notice, _notices, queue, register
from tests.people.mailers import Asked, Killed, NobodyHome, Scripted

# A Tuesday, 09:00 in Nairobi.
NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
State = OutboxMessage.State


@pytest.fixture(autouse=True)
def knocks(settings):
    """Notices of these tests, with their templates."""
    ours = dict(_notices)
    settings.TEMPLATES = [
        {
            **settings.TEMPLATES[0],
            "DIRS": [
                *settings.TEMPLATES[0]["DIRS"],
                settings.BASE_DIR / "tests/people/templates",
            ],
        }
    ]
    yield
    _notices.clear()
    _notices.update(ours)


def notice(name="promise", purpose=Purpose.SESSION, **fields):
    return register(
        Notice(
            name=f"tests.{fields.pop('called', name)}",
            template=f"knocks/{name}",
            purpose=purpose,
            reason="You get this because you promised it.",
            find=fields.pop("find", lambda person, about_id: person or about_id),
            **fields,
        )
    )


@pytest.fixture
def ada(db):
    return User.objects.create_user(
        "ada@example.org",
        called="Ada",
        timezone="Africa/Nairobi",
        language="en",
        date_joined=NOW,
    )


@pytest.fixture
def ben(db):
    return User.objects.create_user(
        "ben@example.org", called="Ben", timezone="America/Recife", language="fr"
    )


def ask(kind, to, *, key="1", send_after=NOW, **fields):
    about = to if isinstance(to, User) else User.objects.first()
    return queue(kind, to=to, about=about, key=key, send_after=send_after, **fields)


def states():
    rows = OutboxMessage.objects.order_by("pk")
    return [row.state for row in rows]


def only():
    return OutboxMessage.objects.get()


# What arrives


def test_a_letter_holds_the_knock_its_reason_and_an_off_switch(ada, settings):
    settings.SITE_URL = "https://house.example"
    ask(notice(), ada)

    sent = deliver_due(now=NOW)

    letter = mail.outbox[0]
    stop = letters.Stop(purpose=Purpose.SESSION, person=ada.pk).url
    assert sent == 1
    assert letter.subject == "A promise falls due"
    assert letter.to == ["Ada <ada@example.org>"]
    assert "Hello Ada," in letter.body
    assert "Tuesday 24 November, 09:00 in Nairobi" in letter.body
    assert "You get this because you promised it." in letter.body
    assert stop in letter.body
    assert letter.extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert len(letter.message().as_bytes()) < 15_000


@pytest.mark.parametrize(
    ("language", "greeting", "direction"),
    [("en", "Hello Ada,", "ltr"), ("ar", "نيروبي", "rtl")],
)
def test_a_letter_speaks_the_language_and_place_of_its_reader(
    ada, language, greeting, direction
):
    User.objects.update(language=language)
    ask(notice(), User.objects.get())

    deliver_due(now=NOW)

    letter = mail.outbox[0]
    assert greeting in letter.body
    assert f'dir="{direction}"' in letter.alternatives[0].content
    assert letter.extra_headers["Content-Language"] == language


def test_names_are_not_escaped_in_text(ada):
    User.objects.update(called="O'Neil <b>")
    ask(notice(), User.objects.get())

    deliver_due(now=NOW)

    assert "Hello O'Neil <b>," in mail.outbox[0].body
    assert "<b>," not in mail.outbox[0].alternatives[0].content


def test_an_address_without_an_account_is_written_to_in_its_language(ada, settings):
    ask(notice(purpose=Purpose.ACCOUNT), "new@example.org", language="ar")

    deliver_due(now=NOW)

    assert mail.outbox[0].to == ["new@example.org"]
    assert mail.outbox[0].extra_headers["Content-Language"] == "ar"


# Once


def test_asking_twice_and_ticking_twice_sends_once(ada):
    kind = notice()
    ask(kind, ada)
    ask(kind, ada)

    deliver_due(now=NOW)
    deliver_due(now=NOW)
    deliver_due(now=NOW - MINUTE)  # a clock stepped back

    assert len(mail.outbox) == 1
    assert (only().state, only().sent_at) == (State.SENT, NOW)


def test_not_before_its_time(ada):
    ask(notice(), ada, send_after=NOW + MINUTE)

    assert deliver_due(now=NOW) == 0
    assert states() == [State.PLANNED]


def test_a_worker_killed_after_claiming_loses_nothing(ada):
    ask(notice(), ada)
    claim(now=NOW)

    early = deliver_due(now=NOW + MINUTE / 2)
    late = deliver_due(now=NOW + MINUTE * 2)

    assert (early, late) == (0, 1)


def test_a_worker_killed_while_sending_doubles_nothing(ada, settings):
    """The mail had left: the provider says so, and nothing goes out again."""
    settings.EMAIL_BACKEND = Asked.plays("accept, then kill")
    ask(notice(), ada)
    with pytest.raises(Killed):
        deliver_due(now=NOW)

    in_between = deliver_due(now=NOW + MINUTE * 5)
    sweep_stale(now=NOW + MINUTE * 5)
    deliver_due(now=NOW + MINUTE * 10)

    assert in_between == 0
    assert len(Asked.arrived) == 1
    assert states() == [State.SENT]


def test_a_worker_killed_before_sending_loses_nothing(ada, settings):
    settings.EMAIL_BACKEND = Asked.plays("kill")
    ask(notice(), ada)
    with pytest.raises(Killed):
        deliver_due(now=NOW)
    assert states() == [State.SENDING]

    sweep_stale(now=NOW + MINUTE * 5)
    deliver_due(now=NOW + MINUTE * 10)

    assert len(Asked.arrived) == 1
    assert states() == [State.SENT]


def test_what_a_dead_worker_had_claimed_goes_out_though_nothing_else_is_due(ada):
    User.objects.update(quiet_from=time(0), quiet_until=time(0), day_off=None)
    now = delivery.database_now()
    ask(notice(), User.objects.get(), send_after=now - 5 * MINUTE)
    claim(now=now - 2 * MINUTE)

    assert tasks.deliver_due() == 1


def test_killed_and_nobody_can_tell_it_leaves_again_under_the_same_id(ada, settings):
    settings.EMAIL_BACKEND = Scripted.plays("accept, then kill")
    ask(notice(), ada)
    with pytest.raises(Killed):
        deliver_due(now=NOW)

    sweep_stale(now=NOW + MINUTE * 5)
    deliver_due(now=NOW + MINUTE * 10)

    ids = {m.extra_headers["Message-ID"] for m in Scripted.arrived}
    assert (len(Scripted.arrived), len(ids)) == (2, 1)


def test_killed_and_nobody_can_tell_a_decision_waits_for_a_look(ada, settings):
    settings.EMAIL_BACKEND = Scripted.plays("accept, then kill")
    ask(notice(on_unknown="hold"), ada)
    with pytest.raises(Killed):
        deliver_due(now=NOW)

    sweep_stale(now=NOW + MINUTE * 5)
    deliver_due(now=NOW + MINUTE * 90)

    assert len(Scripted.arrived) == 1
    assert states() == [State.UNKNOWN]


@pytest.mark.parametrize(
    ("act", "arrived"), [("accept, then time out", 1), ("time out", 1), ("hang up", 1)]
)
def test_a_timeout_is_looked_into_before_sending_again(ada, settings, act, arrived):
    settings.EMAIL_BACKEND = Asked.plays(act)
    ask(notice(), ada)

    for minutes in (0, 2, 10):
        deliver_due(now=NOW + minutes * MINUTE)

    assert len(Asked.arrived) == arrived
    assert states() == [State.SENT]


def test_a_timeout_that_may_have_left_is_held_for_decisions(ada, settings):
    settings.EMAIL_BACKEND = Scripted.plays("accept, then time out")
    ask(notice(on_unknown="hold"), ada)

    for minutes in (0, 2, 10):
        deliver_due(now=NOW + minutes * MINUTE)

    assert len(Scripted.arrived) == 1
    assert states() == [State.UNKNOWN]


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_each_message_once(settings):
    settings.EMAIL_BACKEND = Scripted.plays()
    ada = User.objects.create_user("ada@example.org", timezone="Africa/Nairobi")
    kind = notice()
    for n in range(40):
        queue(kind, to=f"p{n}@example.org", about=ada, key="1", send_after=NOW)
    start = threading.Barrier(4)

    def work():
        start.wait()
        try:
            for _turn in range(8):
                deliver_due(now=NOW, limit=7)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(m.to[0] for m in Scripted.arrived) == sorted(
        f"p{n}@example.org" for n in range(40)
    )
    assert set(states()) == {State.SENT}


# Trouble


def test_a_busy_server_is_tried_again_later_and_later(ada, settings):
    settings.EMAIL_BACKEND = Scripted.plays(*["busy"] * 4)
    ask(notice(), ada)
    waits, now = [], NOW

    for _n in range(4):
        deliver_due(now=now)
        waits.append((only().send_after - now) / MINUTE)
        now = only().send_after

    bounds = [(1, 1.25), (2, 2.5), (4, 5), (8, 10)]
    assert all(low <= w <= high for w, (low, high) in zip(waits, bounds, strict=True))
    assert deliver_due(now=now) == 1


def test_after_a_day_of_trying_it_is_given_up(ada, settings):
    settings.EMAIL_BACKEND = Scripted.plays(*["busy"] * 99)
    ask(notice(), ada)
    now = NOW

    while only().state == State.PLANNED:
        now = only().send_after
        deliver_due(now=now)

    assert only().state == State.EXPIRED
    assert timedelta(hours=22) < now - NOW <= timedelta(hours=24)


def test_it_is_not_tried_beyond_its_use(ada, settings):
    settings.EMAIL_BACKEND = Scripted.plays("busy")
    ask(notice(), ada, not_after=NOW + MINUTE / 2)

    deliver_due(now=NOW)

    assert only().state == State.EXPIRED


def test_an_address_that_does_not_exist_is_not_tried_again(ada, settings):
    settings.EMAIL_BACKEND = Scripted.plays("no such person")
    ask(notice(), ada)

    deliver_due(now=NOW)

    assert (only().state, only().problem) == (State.DEAD, "address refused")


def test_without_a_mail_server_all_wait_and_none_is_blamed(ada, ben, settings):
    settings.EMAIL_BACKEND = f"{NobodyHome.__module__}.NobodyHome"
    kind = notice()
    ask(kind, ada)
    ask(kind, "new@example.org")

    deliver_due(now=NOW)

    rows = OutboxMessage.objects.all()
    assert {(row.state, row.tries, row.faults) for row in rows} == {
        (State.PLANNED, 0, 0)
    }
    assert all(row.send_after > NOW for row in rows)


def test_poison_dies_after_five_and_harms_nobody_else(ada, ben):
    ask(notice("poison"), "new@example.org")
    ask(notice(), ada)
    now = NOW

    for _n in range(5):
        deliver_due(now=now)
        now += timedelta(hours=2)

    assert states() == [State.DEAD, State.SENT]
    assert only_of("tests.poison").faults == 5


def only_of(name):
    return OutboxMessage.objects.get(notice=name)


def test_a_notice_that_no_longer_exists_dies(ada):
    ask(notice(), ada)
    _notices.pop("tests.promise")

    deliver_due(now=NOW)

    assert only().state == State.DEAD


# Asked again at the moment of sending


def test_what_is_no_longer_theirs_to_know_is_dropped(ada):
    ask(notice(find=lambda person, about_id: None), ada)

    deliver_due(now=NOW)

    assert (only().state, mail.outbox) == (State.DROPPED, [])


def test_a_closed_account_gets_nothing(ada):
    ask(notice(), ada)
    User.objects.update(is_active=False)

    deliver_due(now=NOW)

    assert (only().state, mail.outbox) == (State.DROPPED, [])


def test_too_late_to_be_of_use_expires(ada):
    ask(notice(), ada, not_after=NOW - MINUTE)

    deliver_due(now=NOW)

    assert (only().state, mail.outbox) == (State.EXPIRED, [])


def test_the_off_switch_stops_what_was_waiting_already(ada):
    ask(notice(), ada)
    set_wish(ada, Purpose.SESSION, Wish(How.NONE, When.NOW))

    deliver_due(now=NOW)

    assert (only().state, mail.outbox) == (State.DROPPED, [])


def test_the_off_switch_leaves_other_purposes_alone(ada):
    ask(notice(purpose=Purpose.REQUEST), ada)
    set_wish(ada, Purpose.SESSION, Wish(How.NONE, When.NOW))

    assert deliver_due(now=NOW) == 1


def test_an_address_that_asked_for_silence_gets_it(ada):
    AddressStop.objects.create(address="new@example.org", purpose=Purpose.ACCOUNT)
    ask(notice(purpose=Purpose.ACCOUNT), "New@Example.org")

    deliver_due(now=NOW)

    assert (only().state, mail.outbox) == (State.DROPPED, [])


# Quiet hours


def test_in_quiet_hours_it_waits_for_the_morning(ada):
    night = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)  # 23:00 in Nairobi
    ask(notice(), ada, send_after=night)

    at_night = deliver_due(now=night)
    morning = only().send_after
    in_the_morning = deliver_due(now=morning)

    assert (at_night, in_the_morning) == (0, 1)
    assert morning == datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # 07:00 in Nairobi


def test_quiet_hours_are_asked_again_when_they_change(ada):
    night = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    ask(notice(), ada, send_after=night)
    deliver_due(now=night)
    User.objects.update(quiet_until=time(10))

    at_seven = deliver_due(now=datetime(2026, 11, 25, 4, 0, tzinfo=UTC))

    assert at_seven == 0
    assert only().send_after == datetime(2026, 11, 25, 7, 0, tzinfo=UTC)


def test_on_the_day_off_nothing_comes(ada):
    sunday = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
    ask(notice(), ada, send_after=sunday)

    assert deliver_due(now=sunday) == 0
    assert only().send_after == datetime(2026, 11, 30, 4, 0, tzinfo=UTC)


def test_what_would_come_too_late_after_the_night_is_left_to_today(ada):
    night = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    ask(notice(), ada, send_after=night, not_after=night + timedelta(hours=2))

    deliver_due(now=night)

    assert (only().state, mail.outbox) == (State.EXPIRED, [])


def test_care_comes_at_night_only_where_the_person_chose_so(ada, ben):
    night = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # 02:30 and 20:30
    kind = notice(purpose=Purpose.CARE)
    set_wish(ben, Purpose.CARE, Wish(How.MAIL, When.ALWAYS))
    ask(kind, ada, send_after=night)
    ask(kind, ben, send_after=night)

    deliver_due(now=night)

    assert [m.to for m in mail.outbox] == [["Ben <ben@example.org>"]]


def test_the_night_is_the_readers_own_through_summer_time(ada):
    """London, 25 October 2026: the clocks go back in the night."""
    User.objects.update(timezone="Europe/London", day_off=None)
    saturday_night = datetime(2026, 10, 24, 21, 0, tzinfo=UTC)  # 22:00 BST
    ask(notice(), User.objects.get(), send_after=saturday_night)

    deliver_due(now=saturday_night)

    # 07:00 GMT, not the 06:00 that counting nine hours would give.
    assert only().send_after == datetime(2026, 10, 25, 7, 0, tzinfo=UTC)


# Together


def test_several_notices_at_once_make_one_letter(ada):
    ask(notice(purpose=Purpose.REQUEST), ada)
    ask(notice("thanks", purpose=Purpose.DECISION), ada)

    sent = deliver_due(now=NOW)

    assert sent == 1
    letter = mail.outbox[0]
    assert letter.subject == "A promise falls due, and one thing more"
    assert "Somebody thanked you" in letter.body
    assert states() == [State.SENT, State.FOLDED]


def test_the_second_event_within_half_an_hour_waits_for_the_third(ada):
    kind = notice(purpose=Purpose.REQUEST)
    ask(kind, ada, key="1")
    deliver_due(now=NOW)
    ask(kind, ada, key="2", send_after=NOW + 5 * MINUTE)
    deliver_due(now=NOW + 5 * MINUTE)
    ask(kind, ada, key="3", send_after=NOW + 20 * MINUTE)
    deliver_due(now=NOW + 20 * MINUTE)
    before = len(mail.outbox)

    deliver_due(now=NOW + 31 * MINUTE)

    assert (before, len(mail.outbox)) == (1, 2)
    assert states() == [State.SENT, State.SENT, State.FOLDED]


def test_a_meeting_that_begins_waits_for_no_company(ada):
    ask(notice(purpose=Purpose.REQUEST), ada)
    deliver_due(now=NOW)
    ask(notice("thanks", purpose=Purpose.SESSION), ada, send_after=NOW + 5 * MINUTE)

    assert deliver_due(now=NOW + 5 * MINUTE) == 1


def test_a_letter_of_several_that_was_cut_off_arrives_once_and_whole(ada, settings):
    settings.EMAIL_BACKEND = Asked.plays("kill")
    ask(notice(purpose=Purpose.REQUEST), ada)
    ask(notice("thanks", purpose=Purpose.DECISION), ada)
    with pytest.raises(Killed):
        deliver_due(now=NOW)

    sweep_stale(now=NOW + 5 * MINUTE)
    deliver_due(now=NOW + 20 * MINUTE)

    assert len(Asked.arrived) == 1
    assert "Somebody thanked you" in Asked.arrived[0].body
    assert states() == [State.SENT, State.FOLDED]


# Digest


def test_news_waits_for_the_digest_of_the_week(ada):
    kind = notice("thanks", purpose=Purpose.THANKS)
    ask(kind, ada, key="1")
    ask(notice(purpose=Purpose.UPDATE), ada, key="2")
    deliver_due(now=NOW)
    OutboxMessage.objects.update(created_at=NOW)
    assert (mail.outbox, states()) == ([], [State.HELD, State.HELD])

    monday = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)  # 08:00 in Nairobi
    planned = [
        digest.plan_digests(now=now)
        for now in (monday - MINUTE, monday, monday + 30 * MINUTE)
    ]
    deliver_due(now=monday)
    deliver_due(now=monday + 30 * MINUTE)

    assert planned == [0, 1, 1]
    assert [m.subject for m in mail.outbox] == ["Your digest"]
    body = mail.outbox[0].body
    assert body.index("Somebody thanked you") < body.index("falls due")
    assert states() == [State.FOLDED, State.FOLDED, State.SENT]
    assert digest.plan_digests(now=monday + timedelta(days=7)) == 0


def test_there_is_no_empty_digest(ada):
    ask(notice("thanks", purpose=Purpose.THANKS), ada)
    deliver_due(now=NOW)
    OutboxMessage.objects.update(created_at=NOW)
    monday = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
    digest.plan_digests(now=monday)
    set_wish(ada, Purpose.THANKS, Wish(How.NONE, When.WEEK))

    deliver_due(now=monday)

    assert mail.outbox == []
    assert states() == [State.DROPPED, State.DROPPED]


def test_news_that_is_no_longer_theirs_stays_out_of_the_digest(ada):
    visible = {"now": True}
    gone = notice(
        "thanks",
        purpose=Purpose.THANKS,
        find=lambda person, about_id: person if visible["now"] else None,
    )
    ask(gone, ada)
    ask(notice(purpose=Purpose.UPDATE), ada)
    deliver_due(now=NOW)
    OutboxMessage.objects.update(created_at=NOW)
    visible["now"] = False  # Ada left that cohort meanwhile
    monday = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)

    digest.plan_digests(now=monday)
    deliver_due(now=monday)

    assert "Somebody thanked you" not in mail.outbox[0].body
    assert states() == [State.DROPPED, State.FOLDED, State.SENT]


# What becomes of the rows


@pytest.mark.parametrize(
    ("state", "days", "stays"),
    [
        (State.SENT, 29, True),
        (State.SENT, 31, False),
        (State.FOLDED, 31, False),
        (State.DROPPED, 31, False),
        (State.EXPIRED, 31, False),
        (State.DEAD, 31, True),
        (State.UNKNOWN, 179, True),
        (State.DEAD, 181, False),
        (State.PLANNED, 900, True),
        (State.HELD, 900, True),
        (State.SENDING, 900, True),
    ],
)
def test_what_came_to_its_end_is_forgotten_after_a_while(ada, state, days, stays):
    row = ask(notice(), ada)
    went_out = NOW if state in (State.SENT, State.FOLDED) else None
    OutboxMessage.objects.filter(pk=row.pk).update(state=state, sent_at=went_out)

    dropped = delivery.prune(now=NOW + timedelta(days=days))

    assert (dropped == 0, OutboxMessage.objects.exists()) == (stays, stays)


@pytest.mark.parametrize(("days", "mails"), [(31, 1), (399, 1), (401, 2)])
def test_what_a_clock_asks_for_again_is_remembered_for_a_year(ada, days, mails):
    """Its matter may stand for months, and its row keeps it from being said twice."""
    kind = notice(asked_again=True)
    ask(kind, ada)
    deliver_due(now=NOW)
    later = NOW + timedelta(days=days)

    delivery.prune(now=later)
    ask(kind, ada, send_after=later)
    deliver_due(now=later)

    assert len(mail.outbox) == mails


def test_more_than_a_batch_is_forgotten_too(ada, monkeypatch):
    monkeypatch.setattr(delivery, "BATCH", 2)
    for n in range(5):
        ask(notice(), ada, key=str(n))
    OutboxMessage.objects.update(state=State.SENT, sent_at=NOW)

    assert delivery.prune(now=NOW + timedelta(days=31)) == 5


def test_a_letter_stays_while_what_it_carried_looks_at_it(ada):
    letter, carried = (ask(notice(), ada, key=key) for key in "12")
    OutboxMessage.objects.filter(pk=letter.pk).update(state=State.SENT, sent_at=NOW)
    OutboxMessage.objects.filter(pk=carried.pk).update(
        state=State.HELD, folded_into=letter
    )
    later = NOW + timedelta(days=31)

    before = delivery.prune(now=later)
    sweep_stale(now=later)
    settled = delivery.prune(now=later)

    # The one that travelled counts from the day its arrival was noted.
    assert (before, settled, states()) == (0, 1, [State.FOLDED])


def test_the_worker_may_forget(ada):
    assert tasks.prune_outbox() == 0


def test_a_worker_that_waits_for_a_slow_server_is_left_alone(ada, settings):
    settings.EMAIL_BACKEND = Scripted.plays("kill")
    ask(notice(), ada)
    with pytest.raises(Killed):
        deliver_due(now=NOW)

    assert sweep_stale(now=NOW + 2 * MINUTE) == 0
    assert states() == [State.SENDING]


def test_the_tick_of_the_worker_delivers_by_the_clock_of_the_database(ada):
    User.objects.update(quiet_from=time(0), quiet_until=time(0), day_off=None)
    ask(notice(), User.objects.get(), send_after=delivery.database_now())

    assert (tasks.deliver_due(), tasks.deliver_due()) == (1, 0)
    assert (tasks.sweep_stale(), tasks.plan_digests()) == (0, 0)


def test_a_daily_digest_comes_each_day_and_only_once(ada):
    set_wish(ada, Purpose.UPDATE, Wish(How.MAIL, When.DAY))
    ask(notice(purpose=Purpose.UPDATE), ada)
    deliver_due(now=NOW)
    OutboxMessage.objects.update(created_at=NOW)
    tomorrow = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)

    for minutes in (0, 30, 60):
        digest.plan_digests(now=tomorrow + minutes * MINUTE)
        deliver_due(now=tomorrow + minutes * MINUTE)

    assert len(mail.outbox) == 1


def test_a_digest_that_was_cut_off_arrives_once(ada, settings):
    settings.EMAIL_BACKEND = Asked.plays("accept, then kill")
    ask(notice("thanks", purpose=Purpose.THANKS), ada)
    deliver_due(now=NOW)
    OutboxMessage.objects.update(created_at=NOW)
    monday = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
    digest.plan_digests(now=monday)
    with pytest.raises(Killed):
        deliver_due(now=monday)

    sweep_stale(now=monday + 5 * MINUTE)
    deliver_due(now=monday + 20 * MINUTE)

    assert len(Asked.arrived) == 1
    assert states() == [State.FOLDED, State.SENT]


def test_the_next_digest_is_told_for_the_readers_place(ada):
    assert digest.next_hour(ada, now=NOW) == datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
    assert digest.next_hour(ada, now=NOW, weekly=False) == datetime(
        2026, 11, 25, 5, 0, tzinfo=UTC
    )


def test_a_batch_costs_few_queries_per_letter(ada, django_assert_max_num_queries):
    kind = notice()
    for n in range(20):
        ask(kind, f"p{n}@example.org")

    # Claim and turn: about 10; each letter: savepoint, its mark before, its mark after.
    with django_assert_max_num_queries(12 + 20 * 11):
        deliver_due(now=NOW)

    assert delivery.any_due(now=NOW) is False
