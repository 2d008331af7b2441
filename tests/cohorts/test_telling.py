"""How selection works: told from the settings, and from nothing else."""

import pytest

from cohorts import calls, telling
from cohorts.models import BlindCopy, Criterion, Intake, Question
from cohorts.telling import Part


def part(intake, key):
    return next(p for p in telling.told(intake) if p.key == key)


def test_the_page_stands_for_everyone(client, call):
    page = client.get("/apply/mangrove/how/").content.decode()

    assert "2 people read every application, each for themselves" in page
    assert "Readiness to test ideas" in page
    assert "There are 24 seats." in page
    assert "Those who take a seat form 2 groups of 8 to 14 people." in page


def test_it_changes_with_the_settings(client, birch, call):
    calls.change(
        call.intake, by=birch.lea, readings_wanted=1, seats=1, cohorts_wanted=1
    )

    page = client.get("/apply/mangrove/how/").content.decode()

    assert "One person reads every application" in page
    assert "There is one seat." in page
    assert "form one group of 8 to 14 people" in page


def test_questions_that_nobody_scores_are_counted_not_listed(call):
    Question.objects.filter(pk=call.questions[0].pk).update(
        sensitive=True, visible_to_reviewers=False, may_be_shared=False
    )

    told = part(call.intake, "asking")

    assert call.questions[0].label not in [fact.words for fact in told.facts]
    assert "One of the questions is for the leads alone, and is not scored." in (
        told.sentences
    )


def test_a_criterion_beside_the_score_says_so(call):
    Criterion.objects.filter(pk=call.criteria[0].pk).update(beside_score=True)

    told = part(call.intake, "reading")

    assert "Looked at, but not part of the score." in told.facts[0].notes


def test_only_traits_that_are_protected_are_told_of(call):
    told = part(call.intake, "groups")

    assert [str(f.words) for f in told.facts] == [
        "Gender",
        "Language you think in",
        "Lived experience of what you work on",
    ]


def test_whatever_has_a_say_adds_a_part_at_its_place(call, monkeypatch):
    monkeypatch.setattr(telling, "_tellers", list(telling._tellers))

    @telling.tells(order=40)
    def lottery(intake):
        return Part(key="lottery", title="A lottery")

    @telling.tells(order=41)
    def nothing(intake):
        return None

    keys = [p.key for p in telling.told(call.intake)]
    assert keys == [
        "asking",
        "reading",
        "fairly",
        "choosing",
        "lottery",
        "groups",
        "answers",
    ]


def test_the_lead_reads_it_before_the_call_is_public(client, birch, call):
    calls.take_back(call.intake, by=birch.lea)
    client.force_login(birch.lea)

    assert client.get("/f/calls/mangrove/setup/how/").status_code == 200
    assert client.get("/apply/mangrove/how/").status_code == 404


@pytest.mark.parametrize("rows", [1, 30])
def test_it_costs_the_same_however_much_is_asked(
    client, call, rows, django_assert_num_queries
):
    Question.objects.bulk_create(
        Question(intake=call.intake, position=9, label=f"{n}?") for n in range(rows)
    )
    Criterion.objects.bulk_create(
        Criterion(intake=call.intake, position=9, name=f"{n}", levels=["a"] * 4)
        for n in range(rows)
    )

    with django_assert_num_queries(7):
        client.get("/apply/mangrove/how/")


def test_fair_reading_is_told_as_far_as_it_is_done(call, now):
    call.intake.readings_wanted = 1
    before = part(call.intake, "fairly").sentences
    call.intake.readings_wanted, call.intake.handed_out_at = 2, now

    after = part(call.intake, "fairly").sentences

    assert (len(before), len(after)) == (2, 3)
    assert "own organisation" in before[1]
    assert "not chosen by hand" in after[1]
    assert "stricter" in after[2]


def test_that_answers_may_be_shared_later_is_told_before_anybody_applies(call):
    said = part(call.intake, "asking").sentences
    call.intake.questions.update(may_be_shared=False)

    silent = part(Intake.objects.get(pk=call.intake.pk), "asking").sentences

    assert any("nothing is shared that they do not tick" in str(s) for s in said)
    assert not any("nothing is shared" in str(s) for s in silent)


def test_form_page_and_reading_page_tell_the_same_of_what_somebody_offers(
    client, birch, call, now
):
    call.arrive("Amina Yusuf", offers=["ledgers"], needs=["registers"])
    copy = BlindCopy.objects.unsealed("what a reviewer finds").get()
    client.force_login(birch.lea)
    form = client.get("/f/calls/mangrove/preview/3/").content.decode()
    told = part(call.intake, "asking")
    client.force_login(birch.rex)

    read = client.get(f"/f/calls/mangrove/review/{copy.pk}/").content.decode()

    assert "Reviewers read what you offer, with your answers." in form
    assert told.facts[-1].words == "What do you offer others?"
    assert "what you look for" in told.sentences[0]
    assert "What do you offer others?</h3>" in read
    assert ("ledgers" in read, "registers" in read) == (True, False)


def test_offers_are_read_even_where_no_question_is(call):
    call.intake.questions.update(visible_to_reviewers=False, may_be_shared=False)

    told = part(Intake.objects.get(pk=call.intake.pk), "asking")

    assert [fact.words for fact in told.facts] == ["What do you offer others?"]
    assert told.sentences[-1] == "These answers are read and scored:"
