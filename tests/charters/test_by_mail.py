"""What mails about the charter lead to: one page, one question, signed out."""

import re
from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from charters import amending
from charters.models import Consent, Remark
from charters.notices import ANSWER_SALT, answer_token, talk_token
from people.models import OutboxMessage
from tests.charters.conftest import (
    change,
    now_round,
    object_to,
    proposed_of,
    rewrite_of,
    say_yes,
)
from tests.charters.test_amending import deciding_by
from tests.charters.test_pages import queries_of, text_of, yes
from tests.conftest import person, seat

LOOKS = "a test looks at every row"


def link(asked, who, the_round=None):
    token = answer_token(the_round or asked.round, who)
    return reverse("charters:answer_link", args=[token])


def talk(amendment, who):
    return reverse("charters:talk_link", args=[talk_token(amendment, who)])


def given_by(who):
    return Consent.objects.unsealed(LOOKS).filter(member=who, voided_at=None)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("concern", {"reason": "Who reminds us?"}),
        ("object", {"reason": "R.", "harm": "H.", "fix": "F."}),
    ],
)
def test_a_concern_and_an_objection_are_said_from_the_mail(client, asked, kind, more):
    page = client.post(
        link(asked, asked.ben),
        {"kind": kind, "text_hash": asked.round.text_hash, **more},
    )

    said = amending.standing(asked.round, now=timezone.now()).answer_of(asked.ben)
    assert "Thank you" in text_of(page)
    assert (said.kind, said.reason) == (kind, more["reason"])


def test_an_objection_without_its_three_fields_is_asked_for_them(client, asked):
    page = client.post(
        link(asked, asked.ben),
        {"kind": "object", "reason": "R.", "text_hash": asked.round.text_hash},
    )

    words = text_of(page)
    assert page.status_code == 422
    assert "Say what harm you fear." in words
    assert "Say what would mend it, even roughly." in words
    assert not given_by(asked.ben).filter(round=asked.round).exists()


def test_gradients_are_answered_from_the_mail(client, founded, now):
    deciding_by(founded, {"rule": "gradients"}, now)
    amendment = change(founded, founded.clauses[0], "New.", now)
    asked = amending.open_round(amendment, by=founded.ada, now=now)
    url = link(founded, founded.ben, asked)

    shown = text_of(client.get(url))
    client.post(url, {"kind": "aside", "text_hash": asked.text_hash})

    assert "I can go either way" in shown
    assert "nobody blocks" in shown
    assert given_by(founded.ben).get(round=asked).kind == "aside"


def test_looking_often_changes_nothing_and_sending_twice_answers_once(client, asked):
    url = link(asked, asked.ben)
    before = given_by(asked.ben).count()

    for _often in range(3):
        client.get(url)
    looked = given_by(asked.ben).count()
    key = str(uuid4())
    for _twice in range(2):
        client.post(url, yes(asked.round, client_key=key))

    assert looked == before
    assert given_by(asked.ben).filter(round=asked.round).count() == 1


def test_an_answer_from_the_mail_can_be_changed_there(client, asked):
    url = link(asked, asked.ben)
    client.post(url, yes(asked.round))

    shown = text_of(client.get(url))
    client.post(
        url,
        {"kind": "concern", "reason": "Hm.", "text_hash": asked.round.text_hash},
    )

    assert "Change my answer" in shown
    assert given_by(asked.ben).get(round=asked.round).kind == "concern"


def test_a_text_changed_since_the_mail_shows_both_and_asks_anew(client, asked, now):
    url = link(asked, asked.ben)
    line = proposed_of(asked)
    amending.rewrite(
        line, rewrite_of(line, "Stays here. Most of it."), by=asked.ada, now=now
    )

    page = client.get(url)
    sent = client.post(url, yes(asked.round))
    again = client.post(url, yes(now_round(asked)))

    html = page.content.decode()
    assert "The words were changed since" in text_of(page)
    assert re.search(r"<del>(<span[^>]*>[^<]*</span>)?\s*All", html)
    assert re.search(r"<ins>(<span[^>]*>[^<]*</span>)?\s*Most", html)
    assert sent.status_code == 422
    assert "The text was changed while you were answering." in text_of(sent)
    assert "Thank you" in text_of(again)


def test_a_link_of_an_earlier_round_says_it_is_over(client, asked, now):
    url = link(asked, asked.ben)
    objection = object_to(asked.round, by=asked.sol, now=now)
    line = proposed_of(asked)
    amending.integrate(
        objection, by=asked.ada, words={line.key: rewrite_of(line, "Sixty.")}, now=now
    )

    page = client.post(url, yes(asked.round))

    assert "This is over" in text_of(page)
    assert not given_by(asked.ben).filter(round__amendment=asked.amendment).exists()


SPOILED = "This link does not work"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a.b.c",
        signing.dumps(["x", "y", "z"], salt=ANSWER_SALT),
        signing.dumps([str(uuid4()), str(uuid4()), ""], salt=ANSWER_SALT),
        signing.dumps([str(uuid4()), str(uuid4()), ""], salt="another"),
    ],
    ids=["junk", "unsigned", "no ids", "nobody", "other salt"],
)
def test_a_link_that_does_not_work_says_so_in_one_way(db, client, token, method):
    answers = [
        getattr(client, method)(reverse(f"charters:{name}", args=[token]))
        for name in ("answer_link", "talk_link")
    ]

    assert [page.status_code for page in answers] == [404, 404]
    for page in answers:
        assert SPOILED in text_of(page)
        assert "Nothing was changed." in text_of(page)


def test_a_link_dies_with_the_seat_and_tells_nothing_more(client, asked, now):
    urls = [link(asked, asked.ben), talk(asked.amendment, asked.ben)]
    asked.ben.left_at = now
    asked.ben.save()

    for url in urls:
        page = client.post(url, yes(asked.round))
        assert page.status_code == 404
        assert SPOILED in text_of(page)
        assert asked.amendment.title not in text_of(page)


def test_a_link_for_one_circle_opens_nothing_of_another(client, asked):
    for url in (link(asked, asked.oma), talk(asked.amendment, asked.oma)):
        assert SPOILED in text_of(client.get(url))


def test_the_talk_link_is_no_answer_link(client, asked):
    token = talk_token(asked.amendment, asked.ben)

    page = client.get(reverse("charters:answer_link", args=[token]))

    assert page.status_code == 404


def test_a_question_is_asked_from_the_mail_with_the_change_in_sight(
    client, founded, now
):
    amendment = change(founded, founded.clauses[0], "Stays here. All of it.", now)
    amending.ask_for(amendment, "clarify", by=founded.ada, now=now)
    url = talk(amendment, founded.ben)

    page = client.get(url)
    before = Remark.objects.unsealed(LOOKS).count()
    key = str(uuid4())
    for _twice in range(2):
        sent = client.post(
            url, {"kind": "question", "text": "Voice notes too?", "client_key": key}
        )

    assert "What would you like to ask?" in text_of(page)
    assert "<ins>" in page.content.decode()
    assert before == 0
    assert "Nothing was decided by them." in text_of(sent)
    [remark] = Remark.objects.unsealed(LOOKS).all()
    assert (remark.member, remark.kind, remark.text) == (
        founded.ben,
        "question",
        "Voice notes too?",
    )


def test_an_empty_question_is_asked_again(client, founded, now):
    amendment = change(founded, founded.clauses[0], "New.", now)
    amending.ask_for(amendment, "react", by=founded.ada, now=now)

    page = client.post(talk(amendment, founded.ben), {"kind": "reaction", "text": ""})

    assert page.status_code == 422
    assert "Your words are missing" in text_of(page)


def test_everyone_else_hears_of_questions_and_of_reactions_once_each(founded, now):
    amendment = change(founded, founded.clauses[0], "New.", now)

    for state in ("clarify", "clarify", "react"):
        amending.ask_for(amendment, state, by=founded.ada, now=now)

    rows = OutboxMessage.objects.filter(notice="charters.talk_opened")
    assert sorted(r.recipient.name for r in rows.select_related("recipient")) == [
        "Ben",
        "Ben",
        "Sol",
        "Sol",
    ]


def test_talk_from_the_mail_ends_with_the_proposal(client, founded, now):
    amendment = change(founded, founded.clauses[0], "New.", now)
    amending.ask_for(amendment, "clarify", by=founded.ada, now=now)
    amending.withdraw(amendment, by=founded.ada, now=now)

    page = client.post(
        talk(amendment, founded.ben), {"kind": "question", "text": "Late?"}
    )

    assert "This is over" in text_of(page)
    assert not Remark.objects.unsealed(LOOKS).exists()


def test_the_mail_of_an_objection_leads_to_where_it_is_taken_in(asked, now):
    from charters.notices import OBJECTION_RAISED

    objection = object_to(asked.round, by=asked.ben, now=now)

    found = OBJECTION_RAISED.find(asked.ada.person, objection.pk)

    assert found.path == reverse(
        "charters:decision_integrate", args=["birch", objection.pk]
    )


def test_a_link_costs_the_same_for_three_people_and_for_thirty(asked, now):
    url = link(asked, asked.ben)
    few = queries_of(Client(), url)
    then = asked.v1.adopted_at
    crowd = [seat(asked.cohort, person(f"p{n}"), joined_at=then) for n in range(27)]
    say_yes(asked, asked.round, *crowd, now=now)

    assert queries_of(Client(), url) == few
