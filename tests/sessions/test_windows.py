"""Response windows: the charter says how long, and whose time it is counted in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from charters import amending
from charters.values import values_of
from people import delivery, working
from people.models import OutboxMessage
from people.refusal import Refused
from sessions import posting
from sessions.models import Post
from sessions.notices import DECISION_CLOSING, REQUEST_CLOSING, REQUEST_UNANSWERED
from tests.charters.conftest import adopt_by_all

pytestmark = pytest.mark.django_db

WEDNESDAY = datetime(2027, 3, 3, 10, tzinfo=UTC)


def ask(by, **more):
    wanted = {"kind": Post.Kind.REQUEST, "title": "A ledger?", "days": 2}
    return posting.post(by=by, **(wanted | more))


def planned(notice):
    return list(
        OutboxMessage.objects.filter(notice=notice.name)
        .order_by("send_after")
        .values_list("recipient__called", "send_after")
    )


def windows(founded, *, request_hours, decision_hours, now):
    """Birch adopts a clause on time to answer."""
    amendment = amending.propose(
        by=founded.ada,
        clauses=[
            amending.Draft(
                change="new",
                section="decisions",
                title="Time to answer",
                text="As long as it takes.",
                steers="response",
                value={
                    "request_hours": request_hours,
                    "decision_hours": decision_hours,
                },
            )
        ],
        now=now,
    )
    return adopt_by_all(founded, amendment, now=now)


# --- Whose time -------------------------------------------------------------------


def test_a_week_that_rests_on_friday_and_saturday(birch):
    birch.ben.person.working_days = "60123"
    birch.ben.person.save()

    post = ask(birch.ada, to=birch.ben, now=WEDNESDAY)

    # Thursday and Sunday, nine to five in Recife; Wednesday 07:00 there is before nine.
    assert post.answer_by == datetime(2027, 3, 4, 20, tzinfo=UTC)
    assert ask(
        birch.ada, to=birch.ben, now=WEDNESDAY + timedelta(days=1)
    ).answer_by == datetime(2027, 3, 7, 20, tzinfo=UTC)


def test_nobodys_window_runs_while_they_are_away(birch):
    person = birch.ben.person
    person.away_from, person.away_until = date(2027, 3, 1), date(2027, 3, 9)
    person.save()

    post = ask(birch.ada, to=birch.ben, days=1, now=WEDNESDAY)

    assert post.answer_by == datetime(2027, 3, 10, 20, tzinfo=UTC)


def test_a_decision_waits_for_the_last_of_the_circle(birch):
    post = posting.post(
        by=birch.sol, kind="decision", title="At five?", days=1, now=WEDNESDAY
    )

    ends = [
        working.after(seat.person, 1, now=WEDNESDAY) for seat in (birch.ada, birch.ben)
    ]
    assert post.answer_by == max(ends)
    assert ends[0] != ends[1]


def test_clocks_that_change_do_not_shorten_a_window(birch):
    birch.ben.person.timezone = "Europe/Berlin"
    birch.ben.person.save()
    friday_noon = datetime(2027, 3, 26, 11, tzinfo=UTC)

    post = ask(birch.ada, to=birch.ben, days=1, now=friday_noon)

    assert post.answer_by == datetime(2027, 3, 29, 10, tzinfo=UTC)


# --- Where the length comes from ----------------------------------------------------


def test_the_form_offers_what_the_charter_gives_and_says_which_clause(
    client,
    founded,
    now,
):
    windows(founded, request_hours=72, decision_hours=96, now=now)
    client.force_login(founded.ada.person)

    page = client.get("/c/birch/requests/new/").content.decode()

    number = values_of(founded.cohort).source("response").number
    assert '<option value="3" selected>3 working days</option>' in page
    assert f"From our charter, clause {number}." in page
    assert f"/c/birch/charter/#c{number}" in page


def test_without_a_clause_the_form_says_that_it_is_only_usual(client, birch):
    client.force_login(birch.ada.person)

    page = client.get("/c/birch/requests/new/").content.decode()

    assert '<option value="2" selected>2 working days</option>' in page
    assert "No clause of our charter says so yet" in page


def test_a_decision_stays_open_as_long_as_the_charter_says(client, founded, now):
    windows(founded, request_hours=72, decision_hours=96, now=now)
    client.force_login(founded.ada.person)

    client.post("/c/birch/updates/new/", {"title": "At five?", "kind": "decision"})

    assert Post.objects.visible_to(founded.ada.person).get().window_hours == 96


def test_half_days_are_counted_by_the_hour(client, founded, now):
    windows(founded, request_hours=36, decision_hours=96, now=now)
    client.force_login(founded.ada.person)

    client.post(
        "/c/birch/requests/new/",
        {"title": "A ledger?", "to": founded.ben.pk, "days": "1.5"},
    )

    post = Post.objects.visible_to(founded.ada.person).get()
    assert post.window_hours == 36
    assert post.answer_by == working.after(founded.ben.person, 1.5, now=post.written_at)


def test_another_charter_changes_what_is_asked_next_and_nothing_promised(
    founded,
    now,
):
    before = ask(founded.ada, to=founded.ben, days=2, now=now)

    windows(founded, request_hours=24, decision_hours=72, now=now)
    after = ask(
        founded.ada,
        to=founded.ben,
        days=posting.days_for("request", values_of(founded.cohort)),
        now=now,
    )

    again = Post.objects.visible_to(founded.ada.person).get(pk=before.pk)
    assert (again.answer_by, again.window_hours) == (before.answer_by, 48)
    assert (after.window_hours, after.answer_by < before.answer_by) == (24, True)


# --- What is said when nobody answers -------------------------------------------------


def test_who_is_asked_is_reminded_once_with_a_fifth_left(birch):
    post = ask(birch.ada, to=birch.ben, days=5, now=WEDNESDAY)

    assert planned(REQUEST_CLOSING) == [
        ("Ben", working.after(birch.ben.person, 4, now=WEDNESDAY))
    ]
    assert planned(REQUEST_UNANSWERED) == [("Ada", post.answer_by)]


def test_a_decision_reminds_each_in_their_own_time_and_never_its_author(birch):
    posting.post(by=birch.sol, kind="decision", title="At five?", days=5, now=WEDNESDAY)

    assert {name for name, _at in planned(DECISION_CLOSING)} == {"Ada", "Ben"}
    assert planned(REQUEST_UNANSWERED) == []


def test_a_circle_is_not_reminded_of_a_request(birch):
    ask(birch.ada)

    assert planned(REQUEST_CLOSING) == []
    assert [name for name, _at in planned(REQUEST_UNANSWERED)] == ["Ada"]


def test_who_answered_is_not_reminded_and_its_author_not_told(birch, now):
    asked = now - timedelta(days=20)
    post = ask(birch.ada, to=birch.ben, now=asked)
    posting.reply(post, by=birch.ben, text="With pictures", now=asked)

    delivery.deliver_due(now=now)

    assert [m.subject for m in mail.outbox if "hopes" in m.subject] == []
    assert "Ask somebody else?" not in [m.subject for m in mail.outbox]


def test_its_author_is_told_when_the_window_went_by(birch, now):
    person = birch.ada.person
    person.quiet_from = person.quiet_until = datetime(2027, 1, 1).time()
    person.day_off = None
    person.save()
    ask(birch.ada, to=birch.ben, now=now - timedelta(days=20))

    delivery.deliver_due(now=now)

    letters = [m for m in mail.outbox if m.subject == "Ask somebody else?"]
    assert [m.to for m in letters] == [[f"Ada <{person.email}>"]]
    assert "Ben" in letters[0].body
    assert "ledger" not in letters[0].body


# --- Somebody else ------------------------------------------------------------------


def overdue(birch, now, **more):
    return ask(birch.ada, now=now - timedelta(days=20), **{"to": birch.ben, **more})


def test_the_window_begins_anew_for_somebody_else(birch, now):
    post = overdue(birch, now)

    again = posting.put_to(post, to=birch.sol, by=birch.ada, now=now)

    assert again.to == birch.sol
    assert again.answer_by == working.after(birch.sol.person, 2, now=now)
    assert again.window_hours == 48


def test_nothing_is_put_to_another_while_there_is_time(birch, now):
    with pytest.raises(Refused):
        posting.put_to(
            ask(birch.ada, to=birch.ben, now=now), to=None, by=birch.ada, now=now
        )


def test_only_its_author_puts_it_to_another(birch, now):
    with pytest.raises(Refused):
        posting.put_to(overdue(birch, now), to=birch.ada, by=birch.sol, now=now)


def test_it_is_put_to_nobody_next_door_and_not_to_the_same_again(birch, now):
    post = overdue(birch, now)

    for wrong in (birch.oma, birch.ben, birch.ada):
        with pytest.raises(Refused):
            posting.put_to(post, to=wrong, by=birch.ada, now=now)


def test_the_page_offers_it_to_its_author_alone(client, birch, now):
    post = overdue(birch, now)
    url = f"/c/birch/requests/{post.pk}/"

    client.force_login(birch.ben.person)
    for_ben = client.get(url).content.decode()
    client.force_login(birch.ada.person)
    for_ada = client.get(url).content.decode()
    client.post(f"{url}put-to/", {"to": str(birch.sol.pk)})

    assert ("Ask somebody else?" in for_ben, "Ask somebody else?" in for_ada) == (
        False,
        True,
    )
    assert Post.objects.visible_to(birch.ada.person).get().to == birch.sol


def test_a_circle_that_was_silent_is_not_asked_the_same_way_again(client, birch, now):
    post = overdue(birch, now, to=None)
    client.force_login(birch.ada.person)

    response = client.post(f"/c/birch/requests/{post.pk}/put-to/", {"to": ""})

    assert response.status_code == 422


def test_facilitators_see_it_at_twice_the_window(client, birch, now):
    post = ask(birch.ada, to=birch.ben, now=now - timedelta(days=20))
    fresh = ask(birch.ben, to=birch.ada, days=60, title="Later", now=now)
    client.force_login(birch.sol.person)

    concerns = client.get("/f/").context["concerns"]

    stuck = [one.title for one in concerns if str(one.kind) == "Stuck"]
    assert stuck == [post.title]
    assert fresh.stuck_at > timezone.now()
