from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from cohorts.models import Cohort
from people import delivery
from people.models import How, OutboxMessage, Purpose, When, Wish, set_wish
from people.refusal import Refused, SentBefore
from sessions import commitments, notices
from sessions.models import Commitment
from sessions.notices import COMMITMENT_DUE, keep_token
from tests.sessions.test_checkins import at_once

pytestmark = pytest.mark.django_db

FRIDAY = date(2027, 3, 5)
MADE = datetime(2027, 2, 20, 12, tzinfo=UTC)
LIST = "/c/birch/promises/"


def make(by, promise="Ship the survey", due_on=FRIDAY, **more):
    commitment = commitments.make(by=by, promise=promise, due_on=due_on, **more)
    commitment.written_at = MADE
    commitment.save()
    return commitment


def everyones():
    return Commitment.objects.unsealed("test").order_by("pk")


@pytest.fixture
def promise(birch):
    return make(birch.ada)


@pytest.fixture
def today(birch):
    """The day where Ada is: at night it is another than elsewhere."""
    return timezone.localdate(timezone=birch.ada.person.zone)


@pytest.fixture
def soon(today):
    return today + timedelta(days=10)


# --- What becomes of a promise ------------------------------------------------


def test_the_person_who_promised_marks_it_kept(birch, promise):
    kept = commitments.keep(promise, by=birch.ada.person, outcome="40 answers")

    assert (kept.is_open, kept.outcome) == (False, "40 answers")


@pytest.mark.parametrize("act", ["keep", "release", "reopen"])
def test_nobody_else_says_what_became_of_it_not_even_a_facilitator(birch, promise, act):
    with pytest.raises(Refused):
        getattr(commitments, act)(promise, by=birch.sol.person)

    assert everyones().get().is_open


def test_nobody_else_changes_it(birch, promise):
    with pytest.raises(Refused):
        commitments.renew(promise, by=birch.ben.person, due_on=FRIDAY)

    assert list(everyones()) == [promise]


def test_somebody_who_left_says_nothing_more(birch, promise):
    birch.ada.left_at = timezone.now()
    birch.ada.save()

    with pytest.raises(Refused):
        commitments.keep(promise, by=birch.ada.person)


def test_kept_twice_stays_kept_at_the_first_moment(birch, promise):
    first = commitments.keep(promise, by=birch.ada.person).kept_at

    again = commitments.keep(promise, by=birch.ada.person).kept_at

    assert again == first


def test_what_was_kept_cannot_be_let_go(birch, promise):
    commitments.keep(promise, by=birch.ada.person)

    with pytest.raises(Refused):
        commitments.release(promise, by=birch.ada.person)


def test_a_slip_is_taken_back(birch, promise):
    commitments.keep(promise, by=birch.ada.person)

    assert commitments.reopen(promise, by=birch.ada.person).is_open


def test_a_change_is_a_new_promise_that_renews_the_old(birch, promise):
    later = commitments.change(
        promise, by=birch.ada.person, promise="Ship half of it", due_on=FRIDAY
    )

    promise.refresh_from_db()
    assert (promise.promise, promise.is_open) == ("Ship the survey", False)
    assert (later.promise, later.renews, later.is_open) == (
        "Ship half of it",
        promise,
        True,
    )


def test_renewed_it_is_the_same_words_by_another_day(birch, promise):
    later = commitments.renew(
        promise, by=birch.ada.person, due_on=FRIDAY + timedelta(days=7)
    )

    assert later.promise == promise.promise
    assert later.due_on == date(2027, 3, 12)


def test_a_change_sent_twice_is_one_change(birch, promise):
    key = uuid4()
    sent = {"by": birch.ada.person, "due_on": FRIDAY, "client_key": key}

    first = commitments.renew(promise, **sent)
    again = commitments.renew(promise, **sent)

    assert (again, everyones().count()) == (first, 2)


def test_what_was_changed_is_changed_no_more(birch, promise):
    commitments.renew(promise, by=birch.ada.person, due_on=FRIDAY)

    for act in (commitments.keep, commitments.release, commitments.reopen):
        with pytest.raises(Refused):
            act(promise, by=birch.ada.person)


def test_the_same_form_sent_twice_promises_once(birch):
    key = uuid4()

    assert make(birch.ada, client_key=key) == make(birch.ada, client_key=key)
    with pytest.raises(SentBefore):
        make(birch.ada, promise="Something else", client_key=key)


def test_a_finished_cohort_changes_nothing(birch, promise):
    birch.cohort.finished_at = timezone.now()
    birch.cohort.save()

    with pytest.raises(Refused):
        commitments.keep(promise, by=birch.ada.person)
    with pytest.raises(Refused):
        make(birch.ada)


@pytest.mark.django_db(transaction=True)
def test_kept_and_let_go_at_one_moment_ends_in_one_way(birch):
    promise = make(birch.ada)

    def end(act):
        def run():
            try:
                act(promise, by=birch.ada.person)
            except Refused:
                return "refused"
            return "done"

        return run

    answers = at_once(end(commitments.keep), end(commitments.release))

    assert sorted(answers) == ["done", "refused"]


# --- Reminders ----------------------------------------------------------------


def hours(first, last):
    while first <= last:
        yield first
        first += timedelta(hours=1)


def planned():
    return list(
        OutboxMessage.objects.filter(notice=COMMITMENT_DUE.name).order_by("send_after")
    )


def test_reminders_go_out_two_days_before_and_on_the_morning_once(birch, promise):
    """Beat ticks every hour for a week, and every third tick comes twice."""
    week = datetime(2027, 3, 1, tzinfo=UTC)
    for n, tick in enumerate(hours(week, week + timedelta(days=7))):
        for _ in range(2 if n % 3 == 0 else 1):
            commitments.remind_of_commitments(now=tick)

    assert [m.send_after for m in planned()] == [
        datetime(2027, 3, 3, 4, tzinfo=UTC),  # seven in Nairobi
        datetime(2027, 3, 5, 4, tzinfo=UTC),
    ]


def test_silence_about_requests_is_none_about_promises_and_the_other_way_round(
    birch, promise
):
    ada = birch.ada.person
    set_wish(ada, Purpose.REQUEST, Wish(How.NONE, When.NOW))
    morning = datetime(2027, 3, 3, 4, tzinfo=UTC)
    commitments.remind_of_commitments(now=morning)

    told = delivery.deliver_due(now=morning)
    set_wish(ada, Purpose.PROMISE, Wish(How.NONE, When.NOW))
    day = morning + timedelta(days=2)
    commitments.remind_of_commitments(now=day)
    stopped = delivery.deliver_due(now=day)

    assert (told, stopped) == (1, 0)


def test_the_first_gives_way_to_the_second(birch, promise):
    for tick in hours(
        datetime(2027, 3, 3, tzinfo=UTC), datetime(2027, 3, 5, 8, tzinfo=UTC)
    ):
        commitments.remind_of_commitments(now=tick)

    first, second = planned()
    assert first.not_after == second.send_after
    assert second.not_after == datetime(2027, 3, 5, 21, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_one_moment_plan_one_mail(birch):
    make(birch.ada)
    tick = datetime(2027, 3, 5, 4, tzinfo=UTC)

    at_once(*[lambda: commitments.remind_of_commitments(now=tick)] * 3)

    assert len(planned()) == 1


@pytest.mark.parametrize(
    ("zone", "due_on", "morning"),
    [
        # Clocks go forward in the night before, and back.
        ("Europe/London", date(2027, 3, 28), datetime(2027, 3, 28, 6, tzinfo=UTC)),
        ("Europe/London", date(2027, 10, 31), datetime(2027, 10, 31, 7, tzinfo=UTC)),
        ("America/New_York", date(2027, 3, 14), datetime(2027, 3, 14, 11, tzinfo=UTC)),
        ("Africa/Cairo", date(2027, 4, 30), datetime(2027, 4, 30, 4, tzinfo=UTC)),
        (
            "Australia/Lord_Howe",
            date(2027, 10, 3),
            datetime(2027, 10, 2, 20, tzinfo=UTC),
        ),
        ("Pacific/Kiritimati", date(2027, 3, 5), datetime(2027, 3, 4, 17, tzinfo=UTC)),
        ("Pacific/Pago_Pago", date(2027, 3, 5), datetime(2027, 3, 5, 18, tzinfo=UTC)),
    ],
)
def test_a_morning_is_seven_where_the_person_is(birch, zone, due_on, morning):
    birch.ada.person.timezone = zone
    birch.ada.person.save()
    make(birch.ada, due_on=due_on)

    for tick in hours(morning - timedelta(hours=26), morning + timedelta(hours=26)):
        commitments.remind_of_commitments(now=tick)

    assert planned()[-1].send_after == morning


def test_after_a_night_without_beat_the_morning_still_comes(birch, promise):
    commitments.remind_of_commitments(now=datetime(2027, 3, 5, 15, tzinfo=UTC))

    assert [m.send_after for m in planned()] == [datetime(2027, 3, 5, 4, tzinfo=UTC)]


def test_a_day_that_is_over_is_not_reminded_of(birch, promise):
    commitments.remind_of_commitments(now=datetime(2027, 3, 5, 21, 30, tzinfo=UTC))

    assert planned() == []


def test_what_was_promised_that_noon_needs_no_mail_about_it(birch, promise):
    promise.written_at = datetime(2027, 3, 5, 9, tzinfo=UTC)
    promise.save()

    commitments.remind_of_commitments(now=datetime(2027, 3, 5, 10, tzinfo=UTC))

    assert planned() == []


def end_cohort(birch, promise):
    Cohort.objects.filter(pk=birch.cohort.pk).update(finished_at=timezone.now())


def leave(birch, promise):
    birch.ada.left_at = timezone.now()
    birch.ada.save()


def keep(birch, promise):
    commitments.keep(promise, by=birch.ada.person)


def let_go(birch, promise):
    commitments.release(promise, by=birch.ada.person)


def renew(birch, promise):
    commitments.renew(promise, by=birch.ada.person, due_on=date(2028, 1, 1))


OVER = [end_cohort, leave, keep, let_go, renew]
MORNING = datetime(2027, 3, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize("over", OVER)
def test_nothing_is_planned_for_what_is_over(birch, promise, over):
    over(birch, promise)

    assert commitments.remind_of_commitments(now=MORNING) == 0


@pytest.mark.parametrize("over", OVER)
def test_nothing_leaves_for_what_ended_after_it_was_planned(birch, promise, over):
    commitments.remind_of_commitments(now=MORNING)
    over(birch, promise)

    sent = delivery.deliver_due(now=MORNING + timedelta(hours=1))

    assert (sent, mail.outbox) == (0, [])


def test_the_mail_carries_the_knock_and_not_the_words(birch, promise):
    commitments.remind_of_commitments(now=MORNING)

    sent = delivery.deliver_due(now=MORNING + timedelta(hours=1))

    (letter,) = mail.outbox
    assert sent == 1
    assert letter.subject == "A promise of yours falls due on Friday 5 March 2027"
    assert "ada@example.org" in letter.to[0]
    assert "Ship the survey" not in letter.body + str(
        getattr(letter, "alternatives", "")
    )
    assert "/promises/kept/" in letter.body


# --- One press in the mail ----------------------------------------------------


def test_the_link_shows_on_get_and_keeps_on_post_signed_out(client, birch, promise):
    url = f"/promises/kept/{keep_token(promise)}/"

    shown = client.get(url)
    assert everyones().get().is_open
    done = client.post(url)

    assert "Is it kept?" in shown.content.decode()
    assert "Kept. Well done." in done.content.decode()
    assert not everyones().get().is_open


def test_a_forwarded_mail_shows_the_day_and_not_the_words(client, birch, promise):
    url = f"/promises/kept/{keep_token(promise)}/"

    stranger = client.get(url).content.decode()
    client.force_login(birch.ada.person)
    maker = client.get(url).content.decode()

    assert "Ship the survey" not in stranger
    assert "Ship the survey" in maker


def test_the_link_of_somebody_who_left_is_dead(client, birch, promise):
    url = f"/promises/kept/{keep_token(promise)}/"
    leave(birch, promise)

    assert client.get(url).status_code == 404
    assert client.post(url).status_code == 404


@pytest.mark.parametrize("token", ["x", "a:b:c", "WyJ4Il0:1:abc", "%00"])
def test_a_token_we_did_not_make_opens_nothing(client, db, token):
    assert client.get(f"/promises/kept/{token}/").status_code in (400, 404)


def test_the_link_of_one_promise_keeps_no_other(client, birch, promise):
    other = make(birch.ada, promise="Another")

    client.post(f"/promises/kept/{keep_token(promise)}/")

    other.refresh_from_db()
    assert other.is_open


def test_the_answer_token_of_a_session_keeps_no_promise(client, birch, planned):
    token = notices.answer_token(planned, birch.ada)

    assert client.post(f"/promises/kept/{token}/").status_code == 404


# --- The pages ----------------------------------------------------------------


def test_a_promise_is_made_by_the_form(client, birch, soon):
    client.force_login(birch.ada.person)

    response = client.post(
        f"{LIST}make/",
        {"promise": "Write up", "due_on": soon, "evidence_of_done": "Two pages"},
        follow=True,
    )

    assert "Write up" in response.content.decode()
    assert everyones().values_list("promise", "due_on", "evidence_of_done").get() == (
        "Write up",
        soon,
        "Two pages",
    )


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2020-01-01", "Choose a day still to come."),
        ("9999-12-31", "Choose a day within two years."),
        ("tomorrow", "Enter a valid date."),
        ("", "This field is required."),
    ],
)
def test_a_day_that_cannot_be_meant_is_asked_again(client, birch, day, sentence):
    client.force_login(birch.ada.person)

    response = client.post(f"{LIST}make/", {"promise": "Write up", "due_on": day})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "Write up" in response.content.decode()


def test_todays_day_is_the_persons_own(client, birch):
    birch.ada.person.timezone = "Pacific/Kiritimati"
    birch.ada.person.save()
    client.force_login(birch.ada.person)
    there = timezone.now().astimezone(birch.ada.person.zone).date()

    response = client.post(
        f"{LIST}make/", {"promise": "Today", "due_on": there.isoformat()}
    )

    assert response.status_code == 302


def test_each_end_has_its_page_and_its_button(client, birch, promise, soon):
    client.force_login(birch.ada.person)
    one = f"{LIST}{promise.pk}/"

    for path in ("", "keep/", "change/", "renew/", "let-go/"):
        assert client.get(one + path).status_code == 200
    client.post(one + "let-go/", {"outcome": "Not mine to do"})

    promise.refresh_from_db()
    assert promise.released_at
    assert promise.outcome == "Not mine to do"
    assert "Not mine to do" in client.get(one).content.decode()


def test_a_renewed_promise_shows_where_it_came_from(client, birch, promise, soon):
    client.force_login(birch.ada.person)

    response = client.post(f"{LIST}{promise.pk}/renew/", {"due_on": soon}, follow=True)

    later = everyones().get(renews=promise)
    assert response.redirect_chain == [(f"{LIST}{later.pk}/", 302)]
    assert f"{LIST}{promise.pk}/" in response.content.decode()


def test_keeping_over_htmx_returns_only_the_row(client, birch, promise):
    client.force_login(birch.ada.person)

    response = client.post(f"{LIST}{promise.pk}/keep/", headers={"HX-Request": "true"})

    text = response.content.decode()
    assert text.startswith(f'<li class="who" id="promise-{promise.pk}">')
    assert "Kept" in text


def test_keeping_another_ones_promise_is_refused_kindly(client, birch, promise):
    client.force_login(birch.ben.person)

    response = client.post(f"{LIST}{promise.pk}/keep/")

    assert response.status_code == 409
    assert "Only the person who promised" in response.content.decode()


@pytest.mark.parametrize("who", ["oma", "lea", "fay"])
def test_outsiders_find_no_promise(client, birch, promise, who):
    seat = getattr(birch, who)
    client.force_login(getattr(seat, "person", seat))

    for path in ("", f"{promise.pk}/", f"{promise.pk}/keep/"):
        assert client.get(LIST + path).status_code == 404
    assert client.post(f"{LIST}{promise.pk}/keep/").status_code == 404


@pytest.mark.parametrize(
    ("state", "shown"),
    [("open", "Open one"), ("kept", "Kept one"), ("let-go", "Gone one")],
)
def test_the_list_shows_one_state(client, birch, state, shown):
    make(birch.ada, promise="Open one")
    commitments.keep(make(birch.ben, promise="Kept one"), by=birch.ben.person)
    commitments.release(make(birch.ada, promise="Gone one"), by=birch.ada.person)
    client.force_login(birch.ada.person)

    page = client.get(LIST, {"state": state})

    rows = page.context["mine"] + page.context["others"]
    assert [row.promise for row in rows] == [shown]


@pytest.mark.parametrize(
    "query",
    [
        "state=x",
        "after=x",
        "after=bm9uc2Vuc2U",
        "before=WyJ4IiwgInkiXQ",
        "before=²",
    ],
)
def test_a_question_that_makes_no_sense_shows_the_list(client, birch, query):
    client.force_login(birch.ada.person)

    assert client.get(f"{LIST}?{query}").status_code == 200


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_costs_the_same_however_long(
    client, birch, rows, django_assert_num_queries
):
    for n in range(rows):
        make(birch.ada, promise=f"Mine {n}")
        make(birch.ben, promise=f"Ours {n}")
    client.force_login(birch.ada.person)

    with django_assert_num_queries(5):
        client.get(LIST)


@pytest.mark.parametrize("state", ["open", "kept", "all"])
def test_the_others_there_and_back_are_met_once(client, birch, state):
    made = [
        # Many fall due on one day: their keys tell them apart.
        make(birch.ben, promise=f"Ours {n}", due_on=FRIDAY + timedelta(days=n // 50))
        for n in range(70)
    ]
    if state == "kept":
        for promise in made:
            commitments.keep(promise, by=birch.ben.person)
    make(birch.ada, promise="Mine")
    client.force_login(birch.ada.person)

    def page(query):
        return client.get(f"{LIST}?state={state}&{query}")

    first = page("")
    second = page(f"after={first.context['page'].after}")
    third = page(f"after={second.context['page'].after}")
    back = page(f"before={third.context['page'].before}")

    shown = [p.context["others"] for p in (first, second, third)]
    assert [len(rows) for rows in shown] == [30, 30, 10]
    assert {row.pk for rows in shown for row in rows} == {one.pk for one in made}
    assert back.context["others"] == second.context["others"]
    assert "h-mine" in first.content.decode()
    assert "h-mine" not in second.content.decode()


# --- The ticks of Today -------------------------------------------------------


def test_todays_ticks_keep_and_take_back(client, birch):
    open_one, slip = make(birch.ada, promise="Open"), make(birch.ada, promise="Slip")
    commitments.keep(slip, by=birch.ada.person)
    client.force_login(birch.ada.person)

    client.post(
        "/promises/tick/", {"kept": str(open_one.pk), "were_kept": str(slip.pk)}
    )

    open_one.refresh_from_db()
    slip.refresh_from_db()
    assert (open_one.is_open, slip.is_open) == (False, True)


def test_a_page_from_yesterday_undoes_nothing(client, birch, promise):
    """It showed the promise as open; by mail it was kept meanwhile."""
    commitments.keep(promise, by=birch.ada.person)
    client.force_login(birch.ada.person)

    client.post("/promises/tick/", {})

    promise.refresh_from_db()
    assert not promise.is_open


def test_ticks_touch_no_promise_of_another(client, birch, promise):
    client.force_login(birch.ben.person)

    response = client.post(
        "/promises/tick/", {"kept": [str(promise.pk), "junk", str(uuid4())]}
    )

    promise.refresh_from_db()
    assert (response.status_code, promise.is_open) == (302, True)


def test_today_shows_my_promises_and_the_ways_out_of_a_late_one(client, birch, today):
    late = today - timedelta(days=3)
    promise = make(birch.ada, promise="Send the picture", due_on=late)
    make(birch.ben, promise="Not mine")
    client.force_login(birch.ada.person)

    page = client.get("/today/").content.decode()

    assert "Send the picture" in page
    assert f"{LIST}{promise.pk}/renew/" in page
    assert "Not mine" not in page
    assert "One promise is on the way." in page


def test_today_says_what_is_due_today(client, birch, today):
    make(birch.ada, promise="Today!", due_on=today)
    client.force_login(birch.ada.person)

    (line,) = client.get("/today/").context["waiting"]

    assert (str(line.kind), line.title, line.window) == (
        "Promise",
        "Today!",
        "due today",
    )


# --- At the next check-in ---------------------------------------------------------


NEW = "/c/birch/check-ins/new/"


@pytest.fixture
def due(birch, today):
    return make(birch.ada, promise="Fell due", due_on=today)


def test_what_fell_due_is_asked_after_at_the_next_check_in(client, birch, due, soon):
    make(birch.ada, promise="Later", due_on=soon)
    client.force_login(birch.ada.person)
    page = client.get(NEW).content.decode()

    client.post(NEW, {"mood": "glad", "promises-kept": str(due.pk)})

    due.refresh_from_db()
    assert ("Fell due" in page, "Later" in page) == (True, False)
    assert not due.is_open


def test_left_unticked_it_stays_open(client, birch, due):
    client.force_login(birch.ada.person)

    client.post(NEW, {"mood": "glad"})

    due.refresh_from_db()
    assert due.is_open


def test_what_ended_meanwhile_does_not_stop_the_check_in(client, birch, due):
    client.force_login(birch.ada.person)
    commitments.release(due, by=birch.ada.person)

    response = client.post(NEW, {"mood": "glad", "promises-kept": str(due.pk)})

    due.refresh_from_db()
    assert (response.status_code, due.kept_at) == (302, None)
