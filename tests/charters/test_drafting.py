"""Writing together: own sections, five questions, order, who is writing where."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from charters import amending, values, writing
from charters.amending import Draft
from charters.models import (
    Amendment,
    Clause,
    ProposedClause,
    section_called,
    section_name,
)
from people.refusal import Refused
from tests.charters.conftest import adopt_by_all, in_force, proposed_of
from tests.charters.test_pages import at, signed_in, text_of


def lines_of(cast, amendment):
    return list(ProposedClause.objects.visible_to(cast.ada.person).of(amendment))


def titles(cast, amendment):
    return [
        line.title
        for _name, some in amending.by_section(lines_of(cast, amendment))
        for line in some
    ]


def draft(section, title, **more):
    return Draft(section=section, title=title, text=f"{title}, we agree.", **more)


@pytest.fixture
def writing_it(birch, now):
    """The first charter of Birch, with lines in two named sections and an own one."""
    birch.amendment = amending.write_first(
        by=birch.ada,
        clauses=[
            draft("feedback", "Ask first"),
            draft("Money", "Named early"),
            draft("feedback", "Slowly"),
            draft("support", "Pairs"),
        ],
        now=now,
    )
    return birch


def line(cast, title):
    return ProposedClause.objects.visible_to(cast.ada.person).get(title=title)


# --- Sections of our own ----------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("  money ", "Money"),
        ("MONEY", "Money"),
        ("Feedback", "feedback"),
        ("our own", "own"),
        ("لغاتنا", "لغاتنا"),
        ("Children  and care", "Children and care"),
    ],
)
def test_nobody_gets_the_same_section_twice_by_another_spelling(typed, means):
    assert section_called(typed, known=["Money"]) == means


def test_an_own_section_is_called_what_its_circle_calls_it():
    assert section_name("Money") == "Money"
    assert section_name("feedback") == "Feedback"


def test_own_sections_keep_their_place_and_stay_together(writing_it, now):
    adopt_by_all(writing_it, writing_it.amendment, now=now)

    clauses = Clause.objects.visible_to(writing_it.ada.person).of(in_force(writing_it))

    assert [(c.section, c.title) for c in clauses] == [
        ("feedback", "Ask first"),
        ("feedback", "Slowly"),
        ("Money", "Named early"),
        ("support", "Pairs"),
    ]


def test_a_clause_that_changes_its_section_goes_there(writing_it, now):
    adopt_by_all(writing_it, writing_it.amendment, now=now)
    first = Clause.objects.visible_to(writing_it.ada.person).get(title="Ask first")
    moved = amending.propose(
        by=writing_it.ada,
        clauses=[
            Draft(
                change="changed",
                key=first.key,
                section="Money",
                title=first.title,
                text=first.text,
            )
        ],
        now=now,
    )
    version = adopt_by_all(writing_it, moved, now=now)

    clauses = Clause.objects.visible_to(writing_it.ada.person).of(version)

    assert [(c.section, c.title) for c in clauses] == [
        ("feedback", "Slowly"),
        ("Money", "Named early"),
        ("Money", "Ask first"),
        ("support", "Pairs"),
    ]


def test_an_own_section_is_named_while_proposing_and_offered_afterwards(founded, now):
    ada = signed_in(founded.ada)
    typed = {"title": "Tea", "text": "Who drinks pays.", "lang": "en", "why": ""}

    ada.post(
        f"{at('charter_propose')}?new=1",
        typed | {"section": "own", "own_section": "Money"},
    )
    amendment = Amendment.objects.visible_to(founded.ada.person).open().get()
    adopt_by_all(founded, amendment, now=now)
    page = ada.get(f"{at('charter_propose')}?new=1")

    tea = Clause.objects.visible_to(founded.ada.person).get(title="Tea")
    assert tea.section == "Money"
    assert '<option value="Money">Money</option>' in page.content.decode()


def test_an_own_section_may_have_a_rule_of_its_own(founded, now):
    adopt_by_all(
        founded,
        amending.propose(by=founded.ada, clauses=[draft("Money", "Tea")], now=now),
        now=now,
    )
    ada = signed_in(founded.ada)
    deciding = Clause.objects.visible_to(founded.ada.person).get(
        version=in_force(founded), steers="deciding"
    )
    url = f"{at('charter_propose')}?clause={deciding.key}"
    form = ada.get(url).context["form"]
    slot = next(
        widget["name"]
        for label, widget in form["value_sections"].field.widget.get_context(
            "value_sections", {}, {}
        )["labelled"]
        if label == "Money"
    )

    ada.post(
        url,
        {
            "title": deciding.title,
            "text": "By consent; money by consensus.",
            "section": "decisions",
            "lang": "en",
            "why": "",
            "value_rule": "consent",
            "value_support": "2/3",
            "value_asks": "everyone",
            slot: "consensus",
        },
    )
    amendment = Amendment.objects.visible_to(founded.ada.person).open().get()
    said = proposed_of(founded, amendment).value

    assert said["sections"] == {"Money": "consensus"}
    assert "Money: Consensus" in values.in_words("deciding", said)


# --- Five questions ---------------------------------------------------------------


def test_five_questions_lead_to_first_clauses(birch):
    ada, ben = signed_in(birch.ada), signed_in(birch.ben)
    page = ada.get(at("charter_questions"))

    ada.post(
        at("charter_questions"),
        {"confidentiality": "Names stay here.", "lang": "en"},
    )
    ben.post(
        at("charter_questions"),
        {"confidentiality": "Places too.", "support": "Ask Sol.", "lang": "fr"},
    )

    amendment = Amendment.objects.visible_to(birch.ada.person).get()
    assert page.content.decode().count("<textarea") == 5
    assert amendment.founding
    assert [(p.section, p.text, p.lang) for p in lines_of(birch, amendment)] == [
        ("confidentiality", "Names stay here.", "en"),
        ("confidentiality", "Places too.", "fr"),
        ("support", "Ask Sol.", "fr"),
    ]


def test_the_same_answers_sent_twice_are_there_once(birch):
    ada = signed_in(birch.ada)
    typed = {"support": "Ask Sol.", "lang": "en", "client_key": str(uuid4())}

    for _ in range(3):
        ada.post(at("charter_questions"), typed)

    assert ProposedClause.objects.visible_to(birch.ada.person).count() == 1


def test_no_answer_at_all_is_asked_again(birch):
    page = signed_in(birch.ada).post(at("charter_questions"), {"lang": "en"})

    assert page.status_code == 422
    assert "Answer one of the five at least" in text_of(page)


def test_the_questions_show_what_others_wrote_already(writing_it):
    page = signed_in(writing_it.ben).get(at("charter_questions"))

    assert "Ask first, we agree." in text_of(page)


def test_where_a_charter_stands_the_questions_are_over(founded, now):
    page = signed_in(founded.ada).get(at("charter_questions"))

    assert page.headers["Location"] == at("charter")
    with pytest.raises(Refused):
        amending.write_first(by=founded.ada, clauses=[draft("own", "Late")], now=now)


def test_starters_are_chosen_in_another_language_than_ones_own(birch):
    ada = signed_in(birch.ada)
    page = ada.get(at("charter_start"), {"lang": "fr"})

    ada.post(at("charter_start"), {"clauses": ["stays_here"], "lang": "fr"})

    [there] = ProposedClause.objects.visible_to(birch.ada.person)
    assert there.lang == "fr"
    assert there.title in page.content.decode()
    assert there.title != "What is said here stays here"


def test_two_who_choose_starters_at_once_write_one_text(birch):
    ada, ben = signed_in(birch.ada), signed_in(birch.ben)

    ada.post(at("charter_start"), {"clauses": ["stays_here"]})
    ben.post(at("charter_start"), {"clauses": ["support"]})

    amendment = Amendment.objects.visible_to(birch.ada.person).get()
    assert len(lines_of(birch, amendment)) == 2


# --- Order, and what was left out -------------------------------------------------


def test_lines_and_sections_are_put_in_order_with_buttons(writing_it):
    ada, amendment = signed_in(writing_it.ada), writing_it.amendment

    moved = ada.post(
        at("clause_move", line(writing_it, "Slowly").pk), {"to": "earlier"}
    )
    ada.post(at("section_move", amendment.pk), {"section": "support", "to": "earlier"})

    key = line(writing_it, "Slowly").key
    assert moved.headers["Location"].endswith(f"#line-{key}")
    assert titles(writing_it, amendment) == [
        "Slowly",
        "Ask first",
        "Pairs",
        "Named early",
    ]


def test_at_the_end_of_its_section_a_line_stays(writing_it, now):
    before = titles(writing_it, writing_it.amendment)

    for title, earlier in (("Ask first", True), ("Slowly", False), ("Pairs", False)):
        amending.move_line(
            line(writing_it, title), by=writing_it.ben, now=now, earlier=earlier
        )

    assert titles(writing_it, writing_it.amendment) == before


def test_the_order_asked_about_is_the_order_adopted(writing_it, now):
    amending.move_section(
        writing_it.amendment, "Money", by=writing_it.ada, now=now, earlier=True
    )

    version = adopt_by_all(writing_it, writing_it.amendment, now=now)

    clauses = Clause.objects.visible_to(writing_it.ada.person).of(version)
    assert [c.title for c in clauses] == [
        "Named early",
        "Ask first",
        "Slowly",
        "Pairs",
    ]


def test_nothing_is_moved_once_the_circle_is_asked(writing_it, now):
    amending.open_round(writing_it.amendment, by=writing_it.ada, now=now)

    for act in (
        lambda: amending.move_line(
            line(writing_it, "Slowly"), by=writing_it.ada, now=now, earlier=True
        ),
        lambda: amending.leave_out(
            line(writing_it, "Slowly"), by=writing_it.ada, now=now
        ),
    ):
        with pytest.raises(Refused):
            act()


def test_a_line_left_out_is_put_back_with_its_words(writing_it):
    ben, amendment = signed_in(writing_it.ben), writing_it.amendment
    out = line(writing_it, "Slowly")

    ben.post(at("clause_drop", out.pk))
    without = titles(writing_it, amendment)
    page = text_of(ben.get(at("decision", amendment.pk)))
    ben.post(at("clause_put_back", out.pk))

    assert "Slowly" not in without
    assert "Left out for now" in page
    assert line(writing_it, "Slowly").text == out.text
    assert "Slowly" in titles(writing_it, amendment)


def test_words_for_a_line_that_was_left_out_meanwhile_are_not_lost(writing_it, now):
    out = line(writing_it, "Slowly")
    typed = {
        "title": "Slowly",
        "text": "With pauses.",
        "section": "feedback",
        "lang": "en",
        "edition": out.edition,
    }
    amending.leave_out(out, by=writing_it.ben, now=now)
    ada = signed_in(writing_it.ada)

    first = ada.post(at("clause_edit", out.pk), typed)
    again = ada.post(
        at("clause_edit", out.pk),
        typed | {"edition": first.context["form"]["edition"].value()},
    )

    assert first.status_code == 422
    assert "left out meanwhile" in text_of(first)
    assert "With pauses." in first.content.decode()
    assert again.status_code == 302
    assert [
        p.text for p in lines_of(writing_it, writing_it.amendment) if p.pk == out.pk
    ] == ["With pauses."]


def test_what_was_left_out_is_not_asked_about_nor_adopted(writing_it, now):
    amending.leave_out(line(writing_it, "Slowly"), by=writing_it.ada, now=now)

    version = adopt_by_all(writing_it, writing_it.amendment, now=now)

    clauses = Clause.objects.visible_to(writing_it.ada.person).of(version)
    assert "Slowly" not in [c.title for c in clauses]


def test_one_clause_more_sent_twice_is_one(writing_it):
    ada = signed_in(writing_it.ada)
    typed = {
        "title": "Tea",
        "text": "There is tea.",
        "section": "own",
        "lang": "en",
        "client_key": str(uuid4()),
    }

    sent = [
        ada.post(at("clause_add", writing_it.amendment.pk), typed) for _ in range(2)
    ]

    assert [page.status_code for page in sent] == [302, 302]
    assert titles(writing_it, writing_it.amendment).count("Tea") == 1


# --- Who is writing where ---------------------------------------------------------


def as_part(client, url, method="get"):
    return getattr(client, method)(url, headers={"HX-Request": "true"})


def test_an_open_form_is_seen_by_the_others_until_it_is_sent(writing_it):
    ada, ben = signed_in(writing_it.ada), signed_in(writing_it.ben)
    there, mine = line(writing_it, "Slowly"), at("decision", writing_it.amendment.pk)
    part = at("who_is_writing", writing_it.amendment.pk)
    form = ben.get(at("clause_edit", there.pk)).context["form"]

    seen = [text_of(ada.get(mine)), text_of(as_part(ada, part))]
    own = text_of(as_part(ben, part))
    beside = text_of(ada.get(at("clause_edit", there.pk)))
    ben.post(
        at("clause_edit", there.pk),
        {
            "title": "Slowly",
            "text": "With pauses.",
            "section": "feedback",
            "lang": "en",
            "edition": form["edition"].value(),
        },
    )
    after = text_of(as_part(signed_in(writing_it.sol), part))

    assert all("Ben is writing at “ Slowly ”" in words for words in seen)
    assert "writing at" not in own
    assert "Ben has this clause open as well" in beside
    assert "Ben" not in after
    assert "Ada is writing at" in after


def test_a_new_line_in_hand_is_seen_too(writing_it):
    signed_in(writing_it.ben).get(at("clause_add", writing_it.amendment.pk))

    page = signed_in(writing_it.ada).get(at("decision", writing_it.amendment.pk))

    assert "Ben is writing a new clause." in text_of(page)


def test_a_page_made_before_the_last_words_says_that_there_are_new_ones(
    writing_it, now
):
    ada = signed_in(writing_it.ada)
    part = at("who_is_writing", writing_it.amendment.pk)
    seen = ada.get(at("decision", writing_it.amendment.pk)).context["edition"]
    amending.leave_out(line(writing_it, "Slowly"), by=writing_it.ben, now=now)

    assert "There are new words" in text_of(as_part(ada, f"{part}?edition={seen}"))
    assert "There are new words" not in text_of(
        as_part(ada, f"{part}?edition={seen + 1}")
    )


def test_a_form_that_stays_open_says_so_again(writing_it):
    ben = signed_in(writing_it.ben)
    there = line(writing_it, "Slowly")
    url = at("still_writing", writing_it.amendment.pk)

    as_part(ben, f"{url}?line={there.pk}", "post")

    [found] = writing.writers(
        writing_it.amendment, [writing_it.ben], but=writing_it.ada
    )
    assert found.line == str(there.pk)


def test_whoever_may_not_write_is_not_shown_as_writing(founded, now):
    amendment = amending.propose(by=founded.ada, clauses=[draft("own", "Tea")], now=now)
    ben = signed_in(founded.ben)

    ben.get(at("clause_edit", proposed_of(founded, amendment).pk))
    as_part(ben, at("still_writing", amendment.pk), "post")

    assert writing.writers(amendment, [founded.ben], but=founded.ada) == []


def test_who_writes_is_nobody_elses_to_know(writing_it):
    stranger = signed_in(writing_it.oma)

    for name in ("who_is_writing", "still_writing"):
        here = reverse(f"charters:{name}", args=["oak", writing_it.amendment.pk])
        assert as_part(stranger, here, "post").status_code == 404


def test_without_valkey_a_form_opens_and_nobody_is_named(writing_it, settings):
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    }
    there = line(writing_it, "Slowly")

    page = signed_in(writing_it.ben).get(at("clause_edit", there.pk))

    assert page.status_code == 200
    assert (
        writing.writers(writing_it.amendment, [writing_it.ben], but=writing_it.ada)
        == []
    )


def test_a_draft_costs_the_same_however_long_it_is(writing_it, now):
    from tests.charters.test_pages import queries_of

    ada = signed_in(writing_it.ada)
    url = at("decision", writing_it.amendment.pk)
    few = queries_of(ada, url)
    amending.write_first(
        by=writing_it.ben,
        clauses=[draft("own", f"Line {n}") for n in range(30)],
        now=now + timedelta(minutes=1),
    )

    assert queries_of(ada, url) == few
