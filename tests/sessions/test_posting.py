from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from people import delivery
from people.models import OutboxMessage
from people.refusal import Refused, SentBefore
from sessions import posting
from sessions.models import Post, Reply
from sessions.notices import REQUEST_ANSWERED, REQUEST_ASKED

pytestmark = pytest.mark.django_db

WEDNESDAY = datetime(2027, 3, 3, 10, tzinfo=UTC)
NOON_IN_RECIFE = datetime(2027, 3, 3, 15, tzinfo=UTC)


def ask(by, **more):
    wanted = {"kind": Post.Kind.REQUEST, "title": "How did you keep a ledger?"}
    return posting.post(by=by, **(wanted | more))


def queued(notice):
    return list(
        OutboxMessage.objects.filter(notice=notice.name).values_list(
            "recipient__called", flat=True
        )
    )


def test_the_window_is_counted_in_the_working_time_of_who_answers(birch):
    """Two working days from Wednesday 10:00 UTC, 07:00 in Recife, 13:00 in Nairobi."""
    to_ben = ask(birch.ada, to=birch.ben, days=2, now=WEDNESDAY)
    to_ada = ask(birch.ben, to=birch.ada, days=2, now=WEDNESDAY)

    assert to_ben.answer_by == datetime(2027, 3, 4, 20, tzinfo=UTC)
    assert to_ada.answer_by == datetime(2027, 3, 5, 10, tzinfo=UTC)


def test_a_window_passes_over_the_weekend(birch):
    friday = WEDNESDAY + timedelta(days=2)

    post = ask(birch.ben, to=birch.ada, days=1, now=friday)

    assert post.answer_by == datetime(2027, 3, 8, 10, tzinfo=UTC)


def test_only_the_one_who_is_asked_is_told(birch):
    ask(birch.ada, to=birch.ben, days=2)
    ask(birch.ada, title="Anybody?", days=2)
    posting.post(by=birch.ada, kind=Post.Kind.UPDATE, title="News")

    assert queued(REQUEST_ASKED) == ["Ben"]


def test_the_mail_says_who_and_not_what(birch):
    ask(birch.ada, to=birch.ben, days=2)

    delivery.deliver_due(now=NOON_IN_RECIFE)

    (letter,) = mail.outbox
    assert letter.subject == "Ada asks you something"
    assert "ledger" not in letter.body + str(getattr(letter, "alternatives", ""))


def test_no_mail_goes_to_somebody_who_answered_meanwhile(birch):
    post = ask(birch.ada, to=birch.ben, days=2)
    posting.reply(post, by=birch.ben, text="With pictures")

    delivery.deliver_due(now=NOON_IN_RECIFE)

    assert [m.subject for m in mail.outbox if "asks" in m.subject] == []


def test_who_asked_is_told_of_the_answer_once(birch):
    post, key = ask(birch.ada), uuid4()

    for _ in range(2):
        posting.reply(post, by=birch.ben, text="With pictures", client_key=key)
    posting.reply(post, by=birch.ada, text="Thank you")

    assert queued(REQUEST_ANSWERED) == ["Ada"]
    assert Reply.objects.unsealed("test").count() == 2


def test_nobody_asks_themselves_or_somebody_next_door(birch):
    for wrong in (birch.ada, birch.oma):
        with pytest.raises(Refused):
            ask(birch.ada, to=wrong)


def test_nobody_asks_somebody_who_left(birch):
    birch.ben.left_at = timezone.now()

    with pytest.raises(Refused):
        ask(birch.ada, to=birch.ben)


def test_an_answer_from_next_door_is_refused(birch):
    with pytest.raises(Refused):
        posting.reply(ask(birch.ada), by=birch.oma, text="Hello?")


def test_an_answer_is_never_older_than_its_question(birch, now):
    post = ask(birch.ada, now=now - timedelta(hours=1))

    reply, _ = posting.reply(
        post, by=birch.ben, text="x", waited=timedelta(days=3), now=now
    )

    assert reply.written_at == post.written_at


def test_the_same_key_with_other_words_is_not_swallowed(birch):
    post, key = ask(birch.ada), uuid4()
    posting.reply(post, by=birch.ben, text="One", client_key=key)

    with pytest.raises(SentBefore):
        posting.reply(post, by=birch.ben, text="Two", client_key=key)
    with pytest.raises(SentBefore):
        ask(birch.ada, title="Other", client_key=post.client_key)


def test_its_author_closes_it_with_an_outcome(birch):
    post = posting.close(ask(birch.ada), by=birch.ada.person, outcome="Solved")

    assert (post.is_open, post.outcome) == (False, "Solved")


def test_nobody_else_closes_it_not_even_a_facilitator(birch):
    post = ask(birch.ada)

    with pytest.raises(Refused):
        posting.close(post, by=birch.sol.person)


def test_a_finished_cohort_is_told_nothing_more(birch):
    post = ask(birch.ada)
    birch.cohort.finished_at = timezone.now()
    birch.cohort.save()

    with pytest.raises(Refused):
        ask(birch.ada)
    with pytest.raises(Refused):
        posting.reply(post, by=birch.ben, text="x")
    with pytest.raises(Refused):
        posting.close(post, by=birch.ada.person)


# --- Waiting for you ----------------------------------------------------------


def waiting(client, seat):
    client.force_login(seat.person)
    return [
        (str(line.kind), line.title)
        for line in client.get("/today/").context["waiting"]
    ]


def test_today_tells_the_one_who_is_asked_until_they_answer(client, birch):
    post = ask(birch.ada, to=birch.ben, days=2)

    assert waiting(client, birch.ben) == [("Request", "Ada asks you")]
    assert waiting(client, birch.sol) == []
    posting.reply(post, by=birch.ben, text="With pictures")
    assert waiting(client, birch.ben) == []


def test_a_decision_waits_for_everybody_but_its_author(client, birch):
    posting.post(by=birch.sol, kind=Post.Kind.DECISION, title="Move to 17:00?", days=5)

    assert waiting(client, birch.ada) == [("Decision", "Sol asks everybody")]
    assert waiting(client, birch.sol) == []
    assert waiting(client, birch.oma) == []


def test_what_is_closed_waits_for_nobody(client, birch):
    post = ask(birch.ada, to=birch.ben, days=2)
    posting.close(post, by=birch.ada.person)

    assert waiting(client, birch.ben) == []


# --- The pages ----------------------------------------------------------------


def test_somebody_asks_and_another_answers(client, birch):
    client.force_login(birch.ada.person)
    asked = client.post(
        "/c/birch/requests/new/",
        {"title": "A ledger?", "text": "Few read", "to": birch.ben.pk, "days": "2"},
        follow=True,
    )
    url = asked.redirect_chain[0][0]

    client.force_login(birch.ben.person)
    post = Post.objects.visible_to(birch.ben.person).get()
    answered = client.post(
        f"/c/birch/posts/{post.pk}/answer/", {"text": "Pictures"}, follow=True
    )

    assert url == f"/c/birch/requests/{post.pk}/"
    assert answered.redirect_chain == [(f"{url}#answers", 302)]
    assert "Pictures" in answered.content.decode()


def test_an_update_is_told_and_read(client, birch):
    client.force_login(birch.ada.person)

    response = client.post(
        "/c/birch/updates/new/", {"title": "Ten cards back", "kind": "update"}
    )

    client.force_login(birch.ben.person)
    assert "Ten cards back" in client.get("/c/birch/updates/").content.decode()
    assert "Ten cards back" in client.get(response.headers["Location"]).content.decode()


def test_nobody_next_door_can_be_asked_by_a_forged_form(client, birch):
    client.force_login(birch.ada.person)

    response = client.post(
        "/c/birch/requests/new/", {"title": "x", "to": birch.oma.pk, "days": "2"}
    )

    assert response.status_code == 422
    assert not Post.objects.visible_to(birch.ada.person).exists()


def test_an_empty_answer_comes_back_under_the_conversation(client, birch):
    post = ask(birch.ada)
    client.force_login(birch.ben.person)

    response = client.post(f"/c/birch/posts/{post.pk}/answer/", {"text": " "})

    assert response.status_code == 422
    assert post.title in response.content.decode()


def test_its_author_closes_it_on_the_page(client, birch):
    post = ask(birch.ada)
    client.force_login(birch.ada.person)

    client.post(f"/c/birch/posts/{post.pk}/close/", {"outcome": "Settled"})

    assert client.get("/c/birch/requests/").context["posts"] == []
    page = client.get("/c/birch/requests/", {"state": "all"})
    assert [p.outcome for p in page.context["posts"]] == ["Settled"]


@pytest.mark.parametrize("who", ["oma", "lea", "fay"])
def test_outsiders_find_nothing(client, birch, who):
    post = ask(birch.ada)
    seat = getattr(birch, who)
    client.force_login(getattr(seat, "person", seat))

    for path in ("updates/", "requests/", f"requests/{post.pk}/", "requests/new/"):
        assert client.get(f"/c/birch/{path}").status_code == 404
    assert client.post(f"/c/birch/posts/{post.pk}/answer/").status_code == 404


def test_a_late_joiner_reads_no_answer_to_what_they_may_not_read(client, birch, now):
    post = ask(birch.ada, now=now - timedelta(days=5))
    birch.ben.reads_from = now - timedelta(days=1)
    birch.ben.save()
    posting.reply(post, by=birch.sol, text="An answer of today")
    client.force_login(birch.ben.person)

    assert client.get(f"/c/birch/requests/{post.pk}/").status_code == 404


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize("page", ["updates", "requests"])
def test_the_lists_cost_the_same_however_long(
    client, birch, page, rows, django_assert_num_queries
):
    kind = Post.Kind.REQUEST if page == "requests" else Post.Kind.UPDATE
    for n in range(rows):
        post = posting.post(by=birch.ada, kind=kind, title=f"Post {n}")
        posting.reply(post, by=birch.ben, text="x")
    client.force_login(birch.ben.person)

    with django_assert_num_queries(4):
        client.get(f"/c/birch/{page}/")


@pytest.mark.parametrize("rows", [1, 30])
def test_a_conversation_costs_the_same_however_long(
    client, birch, rows, django_assert_num_queries
):
    post = ask(birch.ada)
    for n in range(rows):
        posting.reply(post, by=birch.ben if n % 2 else birch.sol, text=f"Answer {n}")
    client.force_login(birch.ben.person)

    with django_assert_num_queries(5):
        client.get(f"/c/birch/requests/{post.pk}/")
