"""The review as people meet it: its page, the mail's page, and the record it leaves."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from charters import amending, notices, quarterly
from charters.models import (
    Amendment,
    Candidate,
    QuarterlyReview,
    ReviewNote,
    ReviewSummary,
)
from people import delivery
from people.models import OutboxMessage
from tests.charters.conftest import adopt_by_all, change, say_yes
from tests.conftest import person, seat

DAY = timedelta(days=1)


def at(name, *args):
    return reverse(f"charters:{name}", args=["birch", *args])


def signed_in(member):
    client = Client()
    client.force_login(member if hasattr(member, "email") else member.person)
    return client


def shown(who, url):
    answer = signed_in(who).get(url)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def open_review(founded):
    """The review of Birch is open since today, and due in a week."""
    review = QuarterlyReview.objects.visible_to(founded.ada.person).awaited().get()
    founded.review = quarterly.open_now(review, by=founded.sol, now=timezone.now())
    return founded


def note_of(cast, by, *, serves="", strains="", now=None):
    return quarterly.note(
        cast.review,
        by=by,
        serves=serves,
        strains=strains,
        now=now or timezone.now(),
    )


def propose_from(cast, member, query, clause=None):
    """Choose a clause with the address of the page, and word the change."""
    clause = clause or cast.clauses[0]
    client = signed_in(member)
    url = at("charter_propose") + f"?{query}&clause={clause.key}"
    form = client.get(url).context["form"]
    words = {
        name: form[name].value() or ""
        for name in form.fields
        if name not in ("text", "client_key")
    }
    client.post(url, words | {"text": "Other words."})
    return Amendment.objects.visible_to(cast.ada.person).latest("proposed_at")


# --- The course of it -----------------------------------------------------------------


def test_the_page_tells_how_far_the_circle_is(open_review):
    cast = open_review
    note_of(cast, cast.ben, strains="Too long.")

    page = shown(cast.ada, at("review"))

    assert "1 of us has written." in page
    assert "None yet. Nothing to change is a result too." in page
    assert "Nobody is asked yet." in page


def test_who_has_not_written_is_named_nowhere(open_review):
    cast = open_review
    note_of(cast, cast.ben, serves="All.")

    page = shown(cast.ada, at("review"))

    beads = page.split('aria-label="Who has written"')[1].split("</ul>")[0]
    assert "Ben" in beads
    assert "Sol" not in beads


def test_a_note_leads_with_one_press_to_a_proposal_that_gives_it_as_reason(open_review):
    cast = open_review
    note = note_of(cast, cast.ben, strains="Thirty days are too few.")

    page = shown(cast.ada, at("review"))
    first = shown(cast.ada, at("charter_propose") + f"?note={note.pk}")
    amendment = propose_from(cast, cast.ada, f"note={note.pk}")

    assert f"?note={note.pk}" in page
    assert "Thirty days are too few." in first
    assert amendment.why == "Thirty days are too few."
    candidate = Candidate.objects.visible_to(cast.ada.person).get()
    assert (candidate.amendment, candidate.note) == (amendment, note)
    assert "Grown out of this review" in shown(cast.ben, at("review"))


def test_a_proposal_of_the_review_itself_is_a_candidate_too(open_review):
    cast = open_review

    amendment = propose_from(cast, cast.ben, f"review={cast.review.pk}")

    candidate = Candidate.objects.visible_to(cast.ada.person).get()
    assert (candidate.amendment, candidate.note) == (amendment, None)


@pytest.mark.parametrize("query", ["note=none", "review=1", "x=1"])
def test_a_proposal_from_elsewhere_is_none(open_review, query):
    propose_from(open_review, open_review.ben, query)

    assert not Candidate.objects.unsealed("test").exists()


def test_another_circles_note_gives_no_reason(open_review, now):
    """A guessed address shows nothing of Birch to Oak, and the other way round."""
    cast = open_review
    note = note_of(cast, cast.ben, strains="Between us.")
    oma = signed_in(cast.oma)

    page = oma.get(f"/c/oak/charter/propose/?note={note.pk}", follow=True)

    assert "Between us." not in page.content.decode()


def test_a_closed_review_takes_no_candidates(open_review, now):
    cast = open_review
    quarterly.hold(cast.review, by=cast.ada, now=now)
    amendment = change(cast, cast.clauses[0], "New.", now)

    assert quarterly.grew(cast.review, amendment, by=cast.ada) is None


def test_leads_and_funders_read_no_notes(open_review):
    cast = open_review
    note_of(cast, cast.ben, strains="Between us.")

    codes = {
        who: signed_in(p).get(at("review")).status_code
        for who, p in {"lea": cast.lea, "fay": cast.fay, "oma": cast.oma}.items()
    }

    assert codes == {"lea": 404, "fay": 404, "oma": 404}


# --- What it leaves -------------------------------------------------------------------


def test_a_record_stays_of_what_was_looked_at_and_what_came_of_it(open_review, now):
    cast = open_review
    note = note_of(cast, cast.ben, serves="The silence.", strains="Too few days.")
    amendment = propose_from(cast, cast.ada, f"note={note.pk}")
    client = signed_in(cast.sol)

    answer = client.post(
        at("review_held"),
        {
            "review": cast.review.pk,
            "summary": "We keep the silence.",
            "next_on": _in_three_months(),
        },
    )
    adopt_by_all(cast, amendment, now=timezone.now())

    page = shown(cast.ben, answer.headers["Location"])
    assert "What was looked at: version 1." in page
    assert "We keep the silence." in page
    assert "The silence." in page
    assert "adopted: version 2" in page
    assert "Sol</bdi> said that it was held." in page
    assert answer.headers["Location"] in shown(cast.ada, at("review"))


def test_nothing_to_change_is_a_result(open_review, now):
    cast = open_review
    quarterly.hold(cast.review, by=cast.ada, now=now)

    page = shown(cast.ben, at("review_record", cast.review.pk))

    assert "Nothing to change. That is a result too." in page


def test_a_review_still_open_has_no_record(open_review):
    answer = signed_in(open_review.ben).get(at("review_record", open_review.review.pk))

    assert answer.headers["Location"] == at("review")


def test_pressed_twice_it_keeps_one_summary(open_review, now):
    cast = open_review

    for by in (cast.ada, cast.ben):
        quarterly.hold(cast.review, by=by, summary=f"By {by.pk}.", now=now)

    [kept] = ReviewSummary.objects.visible_to(cast.ada.person)
    assert kept.member == cast.ada


def test_a_page_pressed_twice_holds_one_review_and_not_the_next(open_review):
    cast = open_review
    client = signed_in(cast.ada)
    page = {"review": cast.review.pk, "next_on": _in_three_months()}

    answers = [client.post(at("review_held"), page) for _press in range(2)]

    held = QuarterlyReview.objects.visible_to(cast.ada.person).exclude(held_at=None)
    assert [r.pk for r in held] == [cast.review.pk]
    assert {a.headers["Location"] for a in answers} == {
        at("review_record", cast.review.pk)
    }


def test_whoever_comes_second_loses_no_line_and_holds_no_other_review(open_review, now):
    cast = open_review
    quarterly.hold(cast.review, by=cast.ada, now=now)

    answer = signed_in(cast.ben).post(
        at("review_held"),
        {
            "review": cast.review.pk,
            "summary": "The silence serves.",
            "next_on": _in_three_months(),
        },
    )

    assert answer.status_code == 422
    assert "Somebody said meanwhile that it was held" in answer.text
    assert "The silence serves." in answer.text
    held = QuarterlyReview.objects.visible_to(cast.ada.person).exclude(held_at=None)
    assert [r.pk for r in held] == [cast.review.pk]


def test_what_was_written_cannot_be_changed_once_held(open_review, now):
    cast = open_review
    note_of(cast, cast.ben, serves="All.")
    quarterly.hold(cast.review, by=cast.ada, now=now)
    client = signed_in(cast.ben)

    client.post(at("review"), {"serves": "Nothing."})

    kept = ReviewNote.objects.visible_to(cast.ben.person).get(review=cast.review)
    assert kept.serves == "All."


def test_the_page_costs_the_same_with_one_note_and_with_thirty(
    open_review,
):
    cast = open_review
    note_of(cast, cast.ben, strains="One.")
    ben = signed_in(cast.ben)

    def cost(url):
        ben.get(url)
        with CaptureQueriesContext(
            connection,
        ) as spent:
            ben.get(url)
        return len(spent)

    few = cost(at("review"))
    for n in range(30):
        member = seat(cast.cohort, person(f"m{n}"))
        note_of(cast, member, strains=f"Point {n}.")
        quarterly.grew(
            cast.review,
            change(cast, cast.clauses[n % 7], f"Text {n}.", timezone.now(), by=member),
            by=member,
        )
    many = cost(at("review"))
    quarterly.hold(cast.review, by=cast.ada, now=timezone.now())
    record = cost(at("review_record", cast.review.pk))

    assert (few, many) == (10, 10)
    assert record <= 9


# --- From the mail --------------------------------------------------------------------


def _in_three_months():
    return (timezone.now() + 90 * DAY).date().isoformat()


@pytest.fixture
def link(open_review):
    token = notices.note_token(open_review.review, open_review.ben)
    return reverse("charters:note_link", args=[token])


def test_a_mailed_link_shows_one_question_and_changes_nothing(
    client, open_review, link
):
    page = client.get(link)
    again = client.get(link)

    assert page.status_code == again.status_code == 200
    assert "What does our charter do for us?" in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store, private"
    assert not ReviewNote.objects.unsealed("test").exists()


def test_it_speaks_the_language_of_its_holder(client, open_review, link):
    holder = open_review.ben.person
    holder.language = "de"
    holder.save()

    page = client.get(link)

    assert page.headers["Content-Language"] == "de"
    assert 'lang="de"' in page.content.decode()


def test_it_keeps_the_note_of_its_holder_who_may_change_it(client, open_review, link):
    client.post(link, {"serves": "The silence.", "strains": ""})
    client.post(link, {"serves": "The silence.", "strains": "Too long."})

    [note] = ReviewNote.objects.visible_to(open_review.ben.person)
    assert (note.member, note.strains) == (open_review.ben, "Too long.")


def test_an_empty_note_is_asked_for_again(client, link):
    answer = client.post(link, {"serves": "", "strains": ""})

    assert answer.status_code == 422


@pytest.mark.parametrize("what", ["spoiled", "left", "closed account", "held"])
def test_a_link_that_is_over_says_so_and_keeps_nothing(
    client, open_review, link, what, now
):
    cast = open_review
    match what:
        case "spoiled":
            link = link[:-4] + "xxx/"
        case "left":
            cast.ben.left_at = now
            cast.ben.save()
        case "closed account":
            cast.ben.person.is_active = False
            cast.ben.person.save()
        case "held":
            quarterly.hold(cast.review, by=cast.ada, now=now)

    answer = client.post(link, {"serves": "All."})

    assert answer.status_code == (200 if what == "held" else 404)
    assert not ReviewNote.objects.unsealed("test").exists()


def test_a_link_for_a_round_opens_no_review(client, open_review):
    """Each kind of link is signed for itself."""
    token = notices.talk_token(open_review.review, open_review.ben)

    answer = client.get(reverse("charters:note_link", args=[token]))

    assert answer.status_code == 404


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_mails_of_a_review_carry_the_link_and_stay_light(
    open_review, mailoutbox, language
):
    cast = open_review
    who = cast.ben.person
    who.language = language
    who.quiet_from = who.quiet_until
    who.day_off = None
    who.save()
    quarterly.tend(
        now=timezone.now() + (cast.review.due_on - timezone.now().date()) - 4 * DAY
    )

    delivery.deliver_due(now=timezone.now() + 400 * DAY)

    [mail] = [m for m in mailoutbox if who.email in m.to[0]]
    html = mail.alternatives[0][0]
    assert "/answer/review/" in mail.body
    assert "/c/birch/charter/review/" in mail.body
    assert len(html.encode()) < 15_000
    assert (f'dir="{"rtl" if language == "ar" else "ltr"}"') in html


# --- The week -------------------------------------------------------------------------


def stands(cast, days):
    """The review is due so many days from today, where the circle is at home."""
    today = quarterly.day_in(cast.cohort, timezone.now())
    QuarterlyReview.objects.unsealed("test").update(due_on=today + days * DAY)
    quarterly.tend(now=timezone.now())


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (20, None),
        (5, "The review of the charter is near"),
        (-3, "The review of the charter is overdue"),
        (-31, "The charter has lapsed"),
    ],
)
def test_facilitators_and_leads_see_in_their_week_how_it_stands(founded, days, says):
    stands(founded, days)

    pages = [shown(who, "/f/") for who in (founded.sol.person, founded.lea)]

    for words in (
        "The review of the charter is near",
        "The review of the charter is overdue",
        "The charter has lapsed",
    ):
        assert [words in page for page in pages] == [words == says] * 2


def test_a_round_that_stands_still_has_not_run_out(asked, now):
    stands(asked, -31)
    ran_out = "A consent round ran out"

    page = shown(asked.sol.person, "/f/")

    assert ran_out not in page


def test_say_yes_is_kept_for_later(asked):
    """An answer given before the lapse counts after it."""
    say_yes(asked, asked.round, asked.ben, asked.sol, now=timezone.now())
    stands(asked, -31)
    review = QuarterlyReview.objects.unsealed("test").awaited().get()

    quarterly.hold(review, by=asked.ada, now=timezone.now())

    version = amending.adopt(asked.amendment, by=asked.ada, now=timezone.now())
    assert version.number == 2
    assert OutboxMessage.objects.filter(notice="charters.charter_revived").count() == 2
