"""What somebody with a seat shares of their application, and who reads it then.

Ada applied to Mangrove, took the seat that was offered, and sits by it in Birch,
which Sol holds.
"""

import html
import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cohorts import agreements, applying, calls, deciding, joining, showing
from cohorts.arrivals import Arrival, arrive
from cohorts.links import Holder
from cohorts.models import (
    Answer,
    Application,
    Composition,
    CompositionGroup,
    Invitation,
    Membership,
    Question,
    Role,
    SharedAnswer,
    TraitAnswer,
)
from people import privacy
from people.refusal import Refused
from tests.cohorts.conftest import open_call
from tests.conftest import person, seat

ALL = "the test looks at everything"
SHARE = "/apply/mangrove/share/"


def text(response):
    return html.unescape(re.sub(r"\s+", " ", response.content.decode()))


def rows(**which):
    return SharedAnswer.objects.unsealed(ALL).filter(**which)


@pytest.fixture
def applied(call, birch, now):
    """Ada's application; the seat is offered, and she has not answered."""
    application = call.arrive(
        "Ada",
        email="ada@example.org",
        applicant=birch.ada.person,
        traits=[(call.traits["gender"].pk, "woman", True)],
    )
    deciding.decide(
        call.intake, [application.pk], outcome="offered", by=birch.lea, now=now
    )
    seen = deciding.seal_of(call.intake, deciding.pending(call.intake, by=birch.lea))
    deciding.release(call.intake, by=birch.lea, seen=seen, now=now)
    return Application.objects.unsealed(ALL).get(pk=application.pk)


@pytest.fixture
def seated(applied, birch, now):
    applying.take_seat(applied, by=birch.ada.person, now=now)
    invitation = joining.invite(
        "somebody@example.org",
        into=birch.cohort,
        by=birch.sol.person,
        application=applied,
        now=now,
    )
    joining.accept(invitation, by=birch.ada.person, now=now)
    return Application.objects.unsealed(ALL).get(pk=applied.pk)


def share_first(application, by, now, n=1):
    lines = showing.lines_of(application)
    return showing.share(application, [x.key for x in lines[:n]], by=by, now=now)


# --- What may be shared -----------------------------------------------------------


def test_only_answers_that_the_call_allows_are_offered(call, seated):
    labels = [line.question.label for line in showing.lines_of(seated)]

    assert labels == [q.label for q in call.questions[:2]]


def test_a_sensitive_question_can_never_be_shared(call):
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.filter(pk=call.questions[0].pk).update(
            sensitive=True, visible_to_reviewers=False
        )


@pytest.mark.parametrize("kind", ["file", "voice", "consent"])
def test_files_voices_and_consents_can_never_be_shared(call, kind):
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.filter(pk=call.questions[0].pk).update(kind=kind)


def test_nothing_can_be_shared_before_the_seat_is_taken(applied, birch, now):
    assert showing.lines_of(applied) == []
    with pytest.raises(Refused, match="once the seat is taken"):
        showing.share(applied, ["x"], by=birch.ada.person, now=now)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sensitive": "on"}, "A sensitive answer is never shared."),
        ({"kind": "file"}, "Only words, numbers and choices can be shared."),
    ],
)
def test_the_form_builder_says_what_is_never_shared(client, birch, changes, said):
    intake = calls.begin(birch.program, by=birch.lea, name="Fern")
    client.force_login(birch.lea)

    response = client.post(
        f"/f/calls/{intake.slug}/setup/questions/new/",
        {"label": "Which?", "kind": "long", "may_be_shared": "on", **changes},
    )

    assert response.status_code == 422
    assert said in text(response)


def test_a_lead_lets_a_question_be_shared_and_a_copied_call_keeps_it(client, birch):
    intake = calls.begin(birch.program, by=birch.lea, name="Fern")
    client.force_login(birch.lea)

    client.post(
        f"/f/calls/{intake.slug}/setup/questions/new/",
        {"label": "What do you bring?", "kind": "long", "may_be_shared": "on"},
    )

    again = calls.begin_like(intake, by=birch.lea, name="Fern again")
    assert again.questions.get(label="What do you bring?").may_be_shared
    assert "may be shared" in text(client.get(f"/f/calls/{intake.slug}/setup/"))


# --- Agreeing ---------------------------------------------------------------------


def test_taking_the_seat_leads_to_the_answers_and_none_is_ticked(
    client, applied, birch
):
    client.force_login(birch.ada.person)

    response = client.post("/apply/mangrove/answer/", {"answer": "yes"}, follow=True)

    assert response.redirect_chain[-1][0] == SHARE
    assert "The work you would bring: mine" in text(response)
    assert "A time someone’s feedback changed your mind" not in text(response)
    assert " checked" not in text(response)
    assert not rows().exists()


def test_a_seat_without_anything_to_share_leads_to_the_status_page(
    client, applied, birch, call
):
    call.intake.questions.update(may_be_shared=False)
    client.force_login(birch.ada.person)

    response = client.post("/apply/mangrove/answer/", {"answer": "yes"}, follow=True)

    assert response.redirect_chain[-1][0] == "/apply/mangrove/status/"
    assert "What those who hold your cohort read" not in text(response)


def test_ada_shares_one_answer_and_her_status_page_says_so(client, seated, birch, now):
    client.force_login(birch.ada.person)
    (line, _other) = showing.lines_of(seated)

    response = client.post(SHARE, {"shown": [line.key]}, follow=True)

    assert "1 answer is shared with those who hold your cohort" in text(response)
    assert text(response).count('<span class="tag here">shared</span>') == 1
    row = rows().get()
    assert (row.question, row.text, row.sha256) == (
        line.question,
        line.text,
        line.sha256,
    )
    assert row.agreed_at >= now


def test_sharing_the_same_twice_is_one_consent(seated, birch, now):
    share_first(seated, birch.ada.person, now)
    share_first(seated, birch.ada.person, now + timedelta(hours=1))

    assert rows().get().agreed_at == now


def test_nothing_may_be_chosen(client, seated, birch):
    client.force_login(birch.ada.person)

    response = client.post(SHARE, {"nothing": "1"}, follow=True)

    assert "Nothing of your application is shared." in text(response)
    assert not rows().exists()


def test_whoever_holds_the_mailed_link_may_choose(seated, now):
    holder = Holder(application_id=seated.pk, address="ada@example.org")

    assert share_first(seated, holder, now) == 1


def test_nobody_else_agrees_for_ada(seated, birch, now):
    somebody = (birch.ben.person, birch.sol.person, birch.lea, Holder())

    for one in (*somebody, Holder(application_id=seated.pk, address="x@example.org")):
        with pytest.raises(PermissionDenied):
            share_first(seated, one, now)


def test_an_answer_that_changed_meanwhile_is_not_shared_unseen(client, seated, birch):
    client.force_login(birch.ada.person)
    (line, _other) = showing.lines_of(seated)
    Answer.objects.unsealed(ALL).filter(question=line.question).update(text="Else")

    response = client.post(SHARE, {"shown": [line.key]})

    assert response.status_code == 422
    assert "An answer changed while you were reading" in text(response)
    assert not rows().exists()


def test_what_was_agreed_to_stays_what_it_was(seated, birch, now):
    share_first(seated, birch.ada.person, now)
    was = rows().get().text
    Answer.objects.unsealed(ALL).filter(application=seated).update(text="Else")

    assert [x.text for x in showing.shown_by(birch.ada, to=birch.sol.person)] == [was]
    assert not showing.lines_of(seated)[0].is_shared


def test_the_status_page_names_the_cohort_that_ada_sits_in(client, seated, birch):
    client.force_login(birch.ada.person)

    page = text(client.get("/apply/mangrove/status/"))

    assert "You sit in <bdi>Birch</bdi>." in page
    assert "You will be invited to your cohort" not in page


# --- Taking it back ---------------------------------------------------------------


def test_what_is_taken_back_is_gone_at_once(client, seated, birch, now):
    share_first(seated, birch.ada.person, now, n=2)
    client.force_login(birch.ada.person)

    client.post(SHARE, {"nothing": "1"})

    assert list(showing.shown_by(birch.ada, to=birch.sol.person)) == []
    assert [(r.text, r.withdrawn_at is None) for r in rows()] == [("", False)] * 2


def test_one_answer_is_taken_back_and_the_other_stays(seated, birch, now):
    share_first(seated, birch.ada.person, now, n=2)
    keys = [line.key for line in showing.lines_of(seated)]

    showing.share(seated, keys[1:], by=birch.ada.person, now=now)

    assert [x.question.label for x in showing.shown_by(birch.ada, to=birch.sol.person)]
    assert showing.counted(birch.cohort, to=birch.sol.person) == {
        birch.ada.person_id: 1
    }


def test_an_application_withdrawn_takes_what_was_shared_along(seated, birch, now):
    share_first(seated, birch.ada.person, now)
    joining.leave(birch.ada, by=birch.ada.person, now=now)

    applying.withdraw(seated, by=birch.ada.person, now=now)

    assert not rows(withdrawn_at=None).exists()
    assert list(SharedAnswer.objects.visible_to(birch.sol.person)) == []


def test_a_seat_given_back_takes_what_was_shared_along(seated, birch, now):
    share_first(seated, birch.ada.person, now)

    deciding.note_reply(seated, accepted=False, by=birch.lea, now=now)

    assert not rows(withdrawn_at=None).exists()


# --- Who reads it -----------------------------------------------------------------


def page_of(birch):
    return f"/f/birch/people/{birch.ada.pk}/shared/"


def test_sol_reads_what_ada_shares_and_no_more(client, seated, birch, now):
    share_first(seated, birch.ada.person, now)
    client.force_login(birch.sol.person)

    people = text(client.get("/f/birch/people/"))
    page = text(client.get(page_of(birch)))

    assert page_of(birch) in people
    assert "What <bdi>Ada</bdi> agreed to share" in page
    assert "The work you would bring: mine" in page
    assert "A hunch you could test in a month" not in page
    assert "woman" not in page


def test_the_lead_of_the_program_reads_it_too(client, seated, birch, now):
    share_first(seated, birch.ada.person, now)
    client.force_login(birch.lea)

    assert "The work you would bring: mine" in text(client.get(page_of(birch)))


def test_where_nothing_is_shared_the_page_says_so_and_nothing_leads_there(
    client, seated, birch
):
    client.force_login(birch.sol.person)

    assert "shares nothing of an application" in text(client.get(page_of(birch)))
    assert "agreed to share" not in text(client.get("/f/birch/people/"))


@pytest.mark.parametrize(
    "who", ["anonymous", "ben", "oma", "fay", "rex", "oak's facilitator", "ada"]
)
def test_nobody_else_finds_that_page_or_a_row(client, seated, birch, now, who):
    share_first(seated, birch.ada.person, now)
    people = {
        "ben": birch.ben.person,
        "oma": birch.oma.person,
        "fay": birch.fay,
        "rex": birch.rex,
        "ada": birch.ada.person,
    }
    if who == "oak's facilitator":
        people[who] = seat(birch.oak, birch.rex, Role.FACILITATOR).person
    if who in people:
        client.force_login(people[who])

    response = client.get(page_of(birch))

    assert response.status_code == (302 if who == "anonymous" else 404)
    if who in people and who != "ada":
        assert list(SharedAnswer.objects.visible_to(people[who])) == []


@pytest.mark.parametrize("who", ["ben", "oma", "fay", "rex", "late"])
def test_no_page_near_it_shows_the_words_to_anybody_else(
    client, seated, birch, now, who
):
    share_first(seated, birch.ada.person, now, n=2)
    rows().update(text="words-for-sol-alone")
    people = {
        "ben": birch.ben.person,
        "oma": birch.oma.person,
        "fay": birch.fay,
        "rex": birch.rex,
        "late": seat(birch.cohort, person("late")).person,
    }
    client.force_login(people[who])
    call = "/f/calls/mangrove/"

    seen = [
        path
        for path in (
            *("/today/", "/f/", "/me/shared/", "/me/data/", SHARE),
            *("/apply/mangrove/status/", "/apply/mangrove/", page_of(birch)),
            *("/c/birch/", "/c/birch/agreement/", "/f/birch/people/"),
            *(f"{call}applications/{seated.pk}/", f"{call}applications.csv"),
            *(f"{call}review/", f"{call}letters/", f"{call}selection/"),
        )
        if "words-for-sol-alone" in text(client.get(path, follow=True))
    ]

    assert seen == []


def test_who_held_the_cohort_once_reads_nothing_any_more(seated, birch, now):
    share_first(seated, birch.ada.person, now)
    Membership.objects.filter(pk=birch.sol.pk).update(left_at=now)

    assert list(SharedAnswer.objects.visible_to(birch.sol.person)) == []


def test_when_ada_leaves_the_cohort_its_facilitator_reads_nothing_any_more(
    seated, birch, now
):
    share_first(seated, birch.ada.person, now)

    joining.leave(birch.ada, by=birch.ada.person, now=now)

    assert list(SharedAnswer.objects.visible_to(birch.sol.person)) == []


def test_before_ada_sits_anywhere_no_facilitator_reads_it(applied, birch, now):
    taken = applying.take_seat(applied, by=birch.ada.person, now=now)

    share_first(taken, birch.ada.person, now)

    assert list(SharedAnswer.objects.visible_to(birch.sol.person)) == []


def test_of_two_applications_each_cohort_reads_what_led_to_it(seated, birch, call, now):
    other = open_call(birch, now=now, name="Delta")
    words = {q.pk: ("For Delta alone", ()) for q in other.questions.all()[:1]}
    (second,) = arrive(
        other,
        [
            Arrival(
                called="Ada",
                email="ada@example.org",
                applicant=birch.ada.person,
                answers=words,
            )
        ],
        at=now,
    )
    Application.objects.unsealed(ALL).filter(pk=second.pk).update(
        outcome="offered", released_at=now, reply="accepted", replied_at=now
    )
    second.refresh_from_db()
    holder = seat(birch.oak, person("oz"), Role.FACILITATOR).person
    invitation = joining.invite(
        "ada.too@example.org", into=birch.oak, by=holder, application=second, now=now
    )
    joining.accept(invitation, by=birch.ada.person, now=now)

    share_first(seated, birch.ada.person, now)
    share_first(second, birch.ada.person, now)

    in_birch = SharedAnswer.objects.visible_to(birch.sol.person)
    in_oak = SharedAnswer.objects.visible_to(holder)
    assert [row.text for row in in_birch] == ["The work you would bring: mine"]
    assert [row.text for row in in_oak] == ["For Delta alone"]


def test_people_of_a_cohort_are_counted_with_one_query(
    seated, birch, now, django_assert_num_queries
):
    share_first(seated, birch.ada.person, now)

    with django_assert_num_queries(1):
        showing.counted(birch.cohort, to=birch.sol.person)


# --- Coming in by hand ------------------------------------------------------------


def test_who_moved_up_and_was_invited_by_hand_sits_there_by_their_application(
    applied, birch, now
):
    applying.take_seat(applied, by=birch.ada.person, now=now)
    made = Composition.objects.create(
        program=birch.program,
        intake=applied.intake,
        number=1,
        seed=1,
        state="published",
        published_at=now,
    )
    CompositionGroup.objects.create(
        program=birch.program,
        composition=made,
        position=0,
        name="Birch",
        cohort=birch.cohort,
    )
    invitation = joining.invite(
        "ada.by.hand@example.org", into=birch.cohort, by=birch.sol.person, now=now
    )
    Invitation.objects.unsealed(ALL).update(email=birch.ada.person.email)
    invitation.refresh_from_db()

    joining.accept(invitation, by=birch.ada.person, now=now)

    assert Invitation.objects.unsealed(ALL).get().application_id == applied.pk


def test_an_application_to_another_call_ties_nobody_to_this_cohort(applied, birch, now):
    applying.take_seat(applied, by=birch.ada.person, now=now)
    invitation = joining.invite(
        "ada.by.hand@example.org", into=birch.cohort, by=birch.sol.person, now=now
    )
    Invitation.objects.unsealed(ALL).update(email=birch.ada.person.email)
    invitation.refresh_from_db()

    joining.accept(invitation, by=birch.ada.person, now=now)

    assert Invitation.objects.unsealed(ALL).get().application_id is None


# --- One's own data ---------------------------------------------------------------


def test_ada_finds_what_she_shares_from_who_can_see_what(client, seated, birch, now):
    share_first(seated, birch.ada.person, now)
    client.force_login(birch.ada.person)

    assert "/me/shared/" in text(client.get("/me/privacy/"))
    page = text(client.get("/me/shared/"))

    assert "Mangrove" in page
    assert page.count('<span class="tag here">shared</span>') == 1
    assert SHARE in page


def test_ben_who_never_applied_finds_a_sentence(client, birch):
    client.force_login(birch.ben.person)

    assert "You have no application with a seat" in text(client.get("/me/shared/"))


def test_the_agreement_page_tells_of_it(client, seated, birch):
    agreements.offer(birch.program, text="We come on time.", by=birch.lea)
    client.force_login(birch.ada.person)

    assert "/me/shared/" in text(client.get("/c/birch/agreement/"))
    client.force_login(birch.ben.person)
    assert "What you share" not in text(client.get("/c/birch/agreement/"))


def test_what_was_shared_is_in_the_export_and_leaves_with_the_person(
    seated, birch, now
):
    share_first(seated, birch.ada.person, now)

    told = privacy.export(birch.ada.person)["tables"]["cohorts.SharedAnswer"]
    privacy.erase(birch.ada.person, by=birch.ada.person, now=now)

    assert [one["text"] for one in told] == ["The work you would bring: mine"]
    assert not rows().exists()
    assert not TraitAnswer.objects.unsealed(ALL).exists()
