"""Selecting through the pages, as leads, applicants and everybody else meet it."""

import re
import subprocess
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from cohorts import calls, deciding, drawing, preparing, quotas
from cohorts.arrivals import Arrival, arrive
from cohorts.models import (
    Application,
    CallTexts,
    DrawRecord,
    IntakePhase,
    Lottery,
    Placement,
    Quota,
    Reckoned,
    Standing,
    Ticket,
)
from cohorts.tasks import prepare_lottery
from tests.cohorts.selecting import (
    ALL,
    HOUR,
    VALUE,
    drawn,
    edition_of,
    keep_seats,
    liv,
    prepared,
    published,
    put,
    seven,
    toy_quotas,
)

S = "/f/calls/mangrove/selection/"


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def lea(client, birch):
    client.force_login(birch.lea)
    return client


@pytest.fixture
def pool(call, birch, now):
    people = seven(call, birch, now)
    toy_quotas(call, birch)
    return people


@pytest.fixture
def long_ago(now):
    """A moment from which a source has spoken by now."""
    return now - timedelta(hours=4)


# --- Quotas ---------------------------------------------------------------------------


def quota_form(call, **changes):
    return {
        "whom": f"{call.traits['gender'].pk}:0",
        "words": "",
        "least": "1",
        "most": "2",
        "why": "So that nobody is alone.",
        **changes,
    }


def test_a_quota_by_the_form_stands_on_the_public_page(lea, call):
    response = lea.post(f"{S}quotas/new/", quota_form(call), follow=True)

    assert response.redirect_chain == [(S, 302)]
    page = text(lea.get("/apply/mangrove/how/"))
    assert "<strong>Gender: woman</strong>" in page
    assert "at least 1 and at most 2 seats" in page
    assert "So that nobody is alone." in page


def test_a_quota_sent_twice_is_one(lea, call):
    page = lea.get(f"{S}quotas/new/").content.decode()
    key = re.search(r'name="client_key" value="([^"]+)"', page)[1]

    for _press in range(2):
        lea.post(f"{S}quotas/new/", quota_form(call, client_key=key))

    assert Quota.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"why": " "}, "This field is required"),
        ({"least": "3", "most": "2"}, "fewer than at least"),
        ({"least": "99"}, "24 seats in all"),
        ({"whom": "x:9"}, "Select a valid choice"),
        ({"least": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_a_quota_cannot_say(lea, call, changes, said):
    response = lea.post(f"{S}quotas/new/", quota_form(call, **changes))

    assert (response.status_code, Quota.objects.count()) == (422, 0)
    assert said in text(response)


def test_own_words_count_where_there_is_nothing_to_choose_from(lea, call):
    whom = f"{call.traits['region'].pk}:"
    asked = quota_form(call, whom=whom, words="  Rift   Valley ")
    assert lea.post(f"{S}quotas/new/", {**asked, "words": ""}).status_code == 422

    lea.post(f"{S}quotas/new/", asked)

    assert Quota.objects.get().value == "Rift Valley"


def test_a_stale_change_shows_both(lea, call, birch):
    quota = keep_seats(call, birch, "gender", "woman", 1, 2)
    form = {"edition": "1", "least": "0", "most": "5", "why": "Mine."}
    quota.intake = call.intake
    quotas.change(quota, least=2, most=2, why="Theirs.", by=birch.lea)

    response = lea.post(f"{S}quotas/{quota.pk}/", form)

    assert response.status_code == 422
    assert "Theirs." in text(response)
    assert "Mine." in text(response)
    assert lea.post(f"{S}quotas/{quota.pk}/", {**form, "edition": "2"}).status_code == (
        302
    )


def test_a_quota_is_removed_after_a_question(lea, call, birch):
    quota = keep_seats(call, birch, "gender", "woman", 1, 2)

    assert "Remove this quota?" in text(lea.get(f"{S}quotas/{quota.pk}/remove/"))
    lea.post(f"{S}quotas/{quota.pk}/remove/")

    assert not Quota.objects.exists()


def test_the_source_of_chance_is_told(lea, call):
    lea.post(f"{S}source/", {"words": "The first lottery in December."})

    assert "The first lottery in December." in text(lea.get("/apply/mangrove/how/"))


def test_chance_is_spoken_of_only_where_the_call_leaves_something_to_it(
    client, call, birch
):
    assert "The draw" not in text(client.get("/apply/mangrove/how/"))

    keep_seats(call, birch, "gender", "woman", 1, 2)

    assert "The draw" in text(client.get("/apply/mangrove/how/"))


def test_a_kept_seat_is_told_in_the_words_of_the_page(client, call, birch):
    call.intake.languages = ["en", "fr"]
    call.intake.save()
    gender = call.traits["gender"]
    CallTexts.objects.create(
        intake=call.intake,
        language="fr",
        texts={
            f"{gender.pk.hex}_label": "Genre",
            f"{gender.pk.hex}_options": {"woman": "femme"},
        },
    )
    keep_seats(call, birch, "gender", "woman", 1, 2)

    page = text(client.get("/apply/mangrove/how/", headers={"accept-language": "fr"}))

    assert "Genre" in page
    assert "femme" in page


@pytest.mark.parametrize("n", [1, 30])
def test_the_overview_costs_the_same_however_many_quotas(
    lea, call, birch, n, django_assert_num_queries
):
    call.traits["region"].intake = call.intake
    for number in range(n):
        keep_seats(call, birch, "region", f"place {number}", 0, 3)
    lea.get(S)

    with django_assert_num_queries(12):
        lea.get(S)


@pytest.mark.parametrize("n", [1, 30])
def test_the_public_page_costs_the_same_however_many_quotas(
    client, call, birch, n, django_assert_num_queries
):
    for number in range(n):
        keep_seats(call, birch, "region", f"place {number}", 0, 3)
    client.get("/apply/mangrove/how/")

    with django_assert_num_queries(11):
        client.get("/apply/mangrove/how/")


# --- Bands ----------------------------------------------------------------------------


def reckoned(call, places, *, readings=2):
    """What the readings come to: name → (low, high) of the place."""
    Reckoned.objects.create(
        program=call.intake.program,
        intake=call.intake,
        readings=readings * len(places),
        as_of=timezone.now(),
        places=[
            [str(one.pk), low, low, high, readings, 3.0, 3.0, 2, 4]
            for one, (low, high) in places.items()
        ],
    )


def three(call):
    call.intake.seats = 2
    call.intake.save()
    return [call.arrive(name) for name in ("Amina", "Bo", "Chi")]


def tick(*applications):
    return [f"{one.pk}:{edition_of(one)}" for one in applications]


def test_bands_are_proposed_and_nothing_moves_by_itself(lea, call):
    amina, bo, chi = three(call)
    reckoned(call, {amina: (1, 1), bo: (2, 3), chi: (3, 3)})

    page = text(lea.get(f"{S}bands/"))

    page = page[page.index("<tbody>") :]
    rows = re.findall(r"<bdi>(\w+)</bdi></a>.*?<td>(\w+)</td><td>–</td>", page)
    assert rows == [("Amina", "accept"), ("Bo", "lottery"), ("Chi", "decline")]
    assert not Placement.objects.unsealed(ALL).exists()


def test_following_the_proposals_takes_a_reason(lea, call):
    amina, bo, chi = three(call)
    reckoned(call, {amina: (1, 1), bo: (2, 3), chi: (3, 3)})
    assert lea.post(f"{S}bands/follow/", {"reason": ""}).status_code == 422

    lea.post(f"{S}bands/follow/", {"reason": "We agree with the readers."})

    bands = Placement.objects.unsealed(ALL).values_list("application", "band", "reason")
    assert set(bands) == {
        (amina.pk, "accept", "We agree with the readers."),
        (bo.pk, "lottery", "We agree with the readers."),
        (chi.pk, "decline", "We agree with the readers."),
    }


def test_nothing_is_proposed_while_readings_are_lacking(lea, call):
    amina, bo, _chi = three(call)
    reckoned(call, {amina: (1, 1), bo: (2, 2)})

    assert "1 application still lacks readings" in text(lea.get(f"{S}bands/"))
    assert lea.post(f"{S}bands/follow/", {"reason": "x"}).status_code == 409


def test_moving_by_the_form_keeps_the_reason_in_the_history(lea, call):
    amina, bo, _chi = three(call)
    move = {"band": "lottery", "reason": "Read alike."}

    response = lea.post(f"{S}bands/", {**move, "ticked": tick(amina, bo)}, follow=True)
    lea.post(
        f"{S}bands/", {"band": "accept", "reason": "Read again.", "ticked": tick(bo)}
    )

    assert "2 applications moved. Nobody is told." in text(response)
    page = text(lea.get(f"{S}bands/{bo.pk}/"))
    assert "Read alike." in page
    assert "Read again." in page


@pytest.mark.parametrize("lacks", ["ticked", "reason", "band"])
def test_a_move_lacks_something(lea, call, lacks):
    amina, _bo, _chi = three(call)
    form = {"band": "lottery", "reason": "Because.", "ticked": tick(amina)}
    del form[lacks]

    response = lea.post(f"{S}bands/", form)

    assert response.status_code == 422
    assert not Placement.objects.unsealed(ALL).exists()


def test_two_leads_at_once_see_both_and_nothing_moves(lea, call, birch, now):
    amina, bo, _chi = three(call)
    seen = tick(amina, bo)
    put(call, birch, now, [amina], "decline", reason="Too few hours.", by=liv(birch))
    form = {"band": "accept", "reason": "Strong.", "ticked": seen}

    response = lea.post(f"{S}bands/", form)

    assert response.status_code == 422
    page = text(response)
    assert "you wanted “accept”; <bdi>Liv</bdi> put them in “decline”" in page
    assert "Too few hours." in page
    assert "Strong." in page
    assert edition_of(bo) == 0
    again = re.findall(r'name="ticked" value="([^"]+)"[^>]*checked', page)
    assert lea.post(f"{S}bands/", {**form, "ticked": again}).status_code == 302
    assert set(Placement.objects.unsealed(ALL).values_list("application", "band")) == {
        (amina.pk, "accept"),
        (bo.pk, "accept"),
    }


def test_a_move_sent_twice_is_one(lea, call):
    amina, _bo, _chi = three(call)
    form = {"band": "accept", "reason": "Strong.", "ticked": tick(amina)}

    for _press in range(2):
        assert lea.post(f"{S}bands/", form).status_code == 302

    assert edition_of(amina) == 1


@pytest.mark.parametrize("n", [1, 30])
def test_bands_cost_the_same_however_many(
    lea, call, birch, now, n, django_assert_num_queries
):
    people = [call.arrive(f"P{number}") for number in range(n)]
    put(call, birch, now, people, "lottery")
    lea.get(f"{S}bands/")

    with django_assert_num_queries(10):
        lea.get(f"{S}bands/")


def test_what_a_band_means_becomes_pending(lea, call, birch, now):
    amina, bo, chi = three(call)
    put(call, birch, now, [amina, bo], "accept")
    put(call, birch, now, [chi], "decline")

    lea.post(f"{S}bands/accept/decide/")
    assert lea.post(f"{S}bands/decline/decide/", {"reasons": ""}).status_code == 422
    lea.post(f"{S}bands/decline/decide/", {"reasons": "Too few hours, sadly."})

    assert set(
        Standing.objects.unsealed(ALL).values_list("application", "pending")
    ) == {(amina.pk, "offered"), (bo.pk, "offered"), (chi.pk, "declined")}


# --- The lottery ----------------------------------------------------------------------


def test_a_small_lottery_is_there_at_once(lea, pool):
    response = lea.post(f"{S}prepare/", follow=True)

    page = text(response)
    assert "The smallest chance is 40.0 in 100" in page
    assert "Whoever the quotas count alike has the same chance." in page


def test_kinds_of_few_people_are_told_together(lea, pool):
    page = text(lea.post(f"{S}prepare/", follow=True))

    table = page[page.index('id="h-kinds"') :]
    assert "3 other kinds" in table
    assert "Region: north" not in table
    assert "Gender: woman" not in table


def test_a_large_lottery_waits_for_a_worker_and_tells_how_far_it_is(
    lea, call, birch, now, django_capture_on_commit_callbacks
):
    people = [call.arrive(f"P{number}") for number in range(41)]
    put(call, birch, now, people, "lottery")

    response = lea.post(f"{S}prepare/", follow=True)
    lottery = Lottery.objects.unsealed(ALL).get()
    assert "It waits for its turn." in text(response)

    prepare_lottery(str(lottery.pk))

    assert "The smallest chance is 58.5 in 100" in text(
        lea.get(f"{S}lottery/{lottery.pk}/")
    )


def test_who_waits_reads_how_much_is_done(lea, call, birch, now, pool):
    begun = preparing.prepare(call.intake, by=birch.lea, now=now)
    Lottery.objects.unsealed(ALL).update(step="mixing", done=37)

    page = text(lea.get(f"{S}lottery/{begun.pk}/"))

    assert "37 in 100 done." in page
    assert 'width="37"' in page


def test_who_watches_is_told_when_it_is_worked_out(lea, call, birch, now, pool):
    begun = preparing.prepare(call.intake, by=birch.lea, now=now)
    url, watching = f"{S}lottery/{begun.pk}/", {"HX-Request": "true"}
    assert 'data-hx-trigger="every 3s"' in text(lea.get(url, headers=watching))

    preparing.solve(begun.pk)

    page = text(lea.get(url, headers=watching))
    assert "It is worked out." in page
    assert "data-hx-trigger" not in page
    assert "<html" not in page


def test_nobody_in_the_lottery_is_a_sentence(lea, call):
    response = lea.post(f"{S}prepare/")

    assert response.status_code == 409
    assert "Nobody is in the lottery band." in text(response)


def test_quotas_that_clash_are_told_and_give_by_a_form(lea, call, birch, now):
    seven(call, birch, now)
    keep_seats(call, birch, "gender", "woman", 3, 3)
    page = text(lea.post(f"{S}prepare/", follow=True))
    assert "“Gender: woman” asks for exactly 3 seats." in page
    assert "“Gender: woman”: at least 2 seats in place of exactly 3 seats." in page
    lottery = Lottery.objects.unsealed(ALL).get()
    ease = f"{S}lottery/{lottery.pk}/ease/"
    assert lea.post(ease, {"reason": ""}).status_code == 422

    for _press in range(2):
        lea.post(ease, {"reason": "Only two applied."})

    assert (Quota.objects.get().least, Quota.objects.get().edition) == (2, 2)
    page = text(lea.get("/apply/mangrove/how/"))
    assert "Changed; before it was exactly 3 seats." in page
    assert "Only two applied." in page
    assert "The smallest chance" in text(lea.post(f"{S}prepare/", follow=True))


def commit_form(lottery, **changes):
    return {
        "edition": str(lottery.edition),
        "source": "The first lottery in December.",
        "day": "2999-12-01",
        "hour": "18:00",
        "understood": "on",
        **changes,
    }


def test_publishing_by_the_form_sent_twice_is_one(lea, call, birch, now, pool):
    lottery = prepared(call, birch, now)
    url = f"{S}lottery/{lottery.pk}/publish/"
    lea.get(url)

    for _press in range(2):
        assert lea.post(url, commit_form(lottery)).status_code == 302

    record = DrawRecord.objects.get()
    assert record.fingerprint in text(lea.get(f"{S}lottery/{lottery.pk}/"))
    assert (record.speaks_at.hour, record.people) == (15, 7)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"day": "2020-01-01"}, "It has to come later"),
        ({"source": ""}, "This field is required"),
        ({"understood": ""}, "This field is required"),
        ({"edition": "99"}, "Somebody changed this"),
        ({"hour": "25:00"}, "Enter a valid time"),
    ],
)
def test_what_publishing_lacks(lea, call, birch, now, pool, changes, said):
    lottery = prepared(call, birch, now)

    response = lea.post(
        f"{S}lottery/{lottery.pk}/publish/", commit_form(lottery, **changes)
    )

    assert response.status_code == 422
    assert said in text(response)
    assert not DrawRecord.objects.exists()


def test_anybody_downloads_and_recomputes(client, call, birch, long_ago, tmp_path):
    seven(call, birch, long_ago)
    toy_quotas(call, birch)
    drawn(call, birch, long_ago)
    record = DrawRecord.objects.get()
    for name in ("record.json", "recompute_draw.py"):
        got = client.get(f"/apply/mangrove/draw/{name}")
        (tmp_path / name).write_bytes(got.content)
    page = text(client.get("/apply/mangrove/draw/"))
    assert 'href="/apply/mangrove/draw/"' in text(client.get("/apply/mangrove/"))

    def run(fingerprint):
        return subprocess.run(
            [
                sys.executable,
                "-I",
                tmp_path / "recompute_draw.py",
                tmp_path / "record.json",
                fingerprint,
                record.value,
            ],
            capture_output=True,
            text=True,
        )

    found = run(record.fingerprint)
    assert found.stdout.split("\n")[0] == "Drawn: " + " ".join(
        drawing.outcome_of(record).seated
    )
    assert record.fingerprint in page
    assert all(n in page for n in drawing.outcome_of(record).seated)
    raw = (tmp_path / "record.json").read_bytes()
    (tmp_path / "record.json").write_bytes(raw.replace(b'"kinds":[', b'"kinds": [', 1))
    assert "REFUSED" in run(record.fingerprint).stderr


def test_a_record_that_is_not_what_was_published_is_handed_to_nobody(client, call):
    DrawRecord.objects.create(
        intake=call.intake,
        text="{}",
        fingerprint="0" * 64,
        source="x",
        speaks_at=timezone.now() + HOUR,
        people=2,
        seats=1,
    )

    response = client.get("/apply/mangrove/draw/record.json")

    assert response.status_code == 409
    assert "not the one whose fingerprint was published" in text(response)


def test_published_quotas_say_the_same_when_the_call_gets_more_seats(
    client, call, birch, now
):
    seven(call, birch, now)
    keep_seats(call, birch, "gender", "woman", 1, 3)
    published(call, birch, now)

    call.intake.seats = 30
    call.intake.save()

    page = text(client.get("/apply/mangrove/draw/"))
    assert "Gender: woman</strong>, at least 1 seat." in page


def test_no_draw_no_page(client, call):
    for page in ("", "record.json"):
        assert client.get(f"/apply/mangrove/draw/{page}").status_code == 404


def test_two_leads_type_the_value_on_their_pages(client, call, birch, long_ago):
    seven(call, birch, long_ago)
    lottery = published(call, birch, long_ago)
    url = f"{S}lottery/{lottery.pk}/"
    client.force_login(birch.lea)
    assert "You are the only lead" in text(client.get(url))
    second = liv(birch)
    client.post(f"{url}value/", {"value": VALUE})
    client.force_login(second)
    page = text(client.get(url))
    assert "Another lead has typed a value." in page
    assert VALUE not in page

    client.post(f"{url}value/", {"value": "48 11 1"})
    assert "You typed two different values." in text(client.get(url))
    page = text(client.post(f"{url}value/", {"value": VALUE}, follow=True))

    assert "Drawn. The letters wait for you to read them." in page
    letters = text(client.get("/f/calls/mangrove/letters/"))
    assert "7 decisions wait." in letters


def test_no_value_can_be_typed_before_the_source_speaks(lea, call, birch, now, pool):
    lottery = published(call, birch, now)
    url = f"{S}lottery/{lottery.pk}/"

    assert "Nobody can know it before" in text(lea.get(url))
    assert lea.post(f"{url}value/", {"value": VALUE}).status_code == 409


def test_the_result_page_costs_the_same_however_many(
    lea, call, birch, now, django_assert_num_queries
):
    few = [call.arrive(f"P{n}") for n in range(26)]
    put(call, birch, now, few, "lottery")
    lottery = prepared(call, birch, now)
    lea.get(f"{S}lottery/{lottery.pk}/")

    with django_assert_num_queries(8):
        lea.get(f"{S}lottery/{lottery.pk}/")
    more = [call.arrive(f"Q{n}") for n in range(10)]
    put(call, birch, now, more, "lottery")
    lottery = prepared(call, birch, now)
    with django_assert_num_queries(8):
        lea.get(f"{S}lottery/{lottery.pk}/")


# --- The applicant --------------------------------------------------------------------


def test_an_applicant_sees_her_own_number_and_no_other(client, call, birch, now):
    call.intake.seats = 1
    call.intake.save()
    ada = call.arrive("Ada", applicant=birch.ada.person)
    bo = call.arrive("Bo", applicant=birch.ben.person)
    put(call, birch, now, [ada, bo], "lottery")
    client.force_login(birch.ada.person)
    assert "Your part in the draw" not in text(client.get("/apply/mangrove/status/"))
    published(call, birch, now)
    of = {
        t.application_id: t.number
        for t in Ticket.objects.unsealed(ALL).filter(application__in=[ada, bo])
    }

    page = text(client.get("/apply/mangrove/status/"))

    assert of[ada.pk] in page
    assert of[bo.pk] not in page
    assert "50.0 in 100" in page


def test_who_is_not_in_the_draw_sees_nothing_of_it(client, call, birch, now):
    ada = call.arrive("Ada", applicant=birch.ada.person)
    seven(call, birch, now, seats=4)
    put(call, birch, now, [ada], "accept")
    published(call, birch, now)
    client.force_login(birch.ada.person)

    assert "Your part in the draw" not in text(client.get("/apply/mangrove/status/"))


# --- Who is next ----------------------------------------------------------------------


@pytest.fixture
def told(call, birch, long_ago):
    """Drawn, and every letter sent."""
    seven(call, birch, long_ago)
    lottery = drawn(call, birch, long_ago)
    waiting = deciding.pending(call.intake, by=birch.lea)
    deciding.release(
        call.intake,
        by=birch.lea,
        seen=deciding.seal_of(call.intake, waiting),
        now=timezone.now(),
    )
    return lottery


def refuse_one(call):
    one = Application.objects.unsealed(ALL).filter(outcome="offered").first()
    one.reply, one.replied_at = "refused", timezone.now()
    one.save()


def next_in(page):
    found = re.search(r'name="application" value="([^"]+)"', page)
    return found[1] if found else None


def test_nobody_is_offered_what_is_not_free(lea, told):
    assert "No seat is free. 4 people wait" in text(lea.get(S))


def test_the_next_in_line_is_offered_the_seat_by_one_form(lea, call, birch, told):
    refuse_one(call)
    page = text(lea.get(S))
    first = Ticket.objects.unsealed(ALL).get(place=1)
    assert next_in(page) == str(first.application_id)

    for _press in range(2):
        response = lea.post(f"{S}next/", {"application": next_in(page)})

    assert response["Location"] == "/f/calls/mangrove/letters/"
    pending = Standing.objects.unsealed(ALL).exclude(pending="")
    assert [(s.application_id, s.pending) for s in pending] == [
        (first.application_id, "offered")
    ]
    assert "No seat is free. 3 people wait" in text(lea.get(S))


def test_who_is_not_next_is_not_offered(lea, call, told):
    refuse_one(call)
    second = Ticket.objects.unsealed(ALL).get(place=2)

    response = lea.post(f"{S}next/", {"application": str(second.application_id)})

    assert response.status_code == 409


def test_an_offer_that_lapsed_frees_the_seat(lea, call, told, now):
    Application.objects.unsealed(ALL).filter(outcome="offered").update(
        reply_by=now - HOUR
    )
    deciding.lapse_offers(now=timezone.now())

    assert "3 seats are free" in text(lea.get(S))


def test_who_withdrew_from_the_line_is_passed_over(lea, call, told):
    refuse_one(call)
    first = Ticket.objects.unsealed(ALL).select_related("application").get(place=1)
    application = first.application
    application.state, application.withdrawn_at = "withdrawn", timezone.now()
    application.save()

    second = Ticket.objects.unsealed(ALL).get(place=2)
    assert next_in(text(lea.get(S))) == str(second.application_id)


def test_no_offer_that_would_lapse_at_once(lea, call, told, now):
    refuse_one(call)
    call.intake.phases.update(opens_at=now - 30 * HOUR, closes_at=now - 20 * HOUR)
    IntakePhase.objects.create(
        intake=call.intake,
        kind=IntakePhase.Kind.CONFIRM,
        opens_at=now - 9 * HOUR,
        closes_at=now - HOUR,
        permits=["reply"],
    )

    response = lea.post(f"{S}next/", {"application": next_in(text(lea.get(S)))})

    assert response.status_code == 409
    assert "would lapse at once" in text(response)


def test_without_a_draw_the_line_goes_by_band_and_score(lea, call, birch, now):
    people = seven(call, birch, now, seats=1, band=None)
    for name, band, score in (
        ("Wana", "lottery", 3.5),
        ("Wesa", "accept", 2.5),
        ("Mano", "accept", 3.0),
        ("Moni", "", 4.0),
    ):
        if band:
            put(call, birch, now, [people[name]], band)
        Standing.objects.unsealed(ALL).filter(application=people[name]).update(
            corrected=score
        )
        people[name].outcome, people[name].released_at = "waitlisted", now
        people[name].save()

    order = []
    for _seat in range(4):
        page = text(lea.get(S))
        order.append(next(n for n, p in people.items() if str(p.pk) == next_in(page)))
        lea.post(f"{S}next/", {"application": next_in(page)})
        call.intake.seats += 1
        call.intake.save()

    assert order == ["Mano", "Wesa", "Wana", "Moni"]
    assert "No draw decided on their order" in page


def test_who_was_drawn_into_the_line_comes_before_all_others(lea, call, birch, told):
    waiting = Application.objects.unsealed(ALL).filter(outcome="waitlisted")
    late = waiting.order_by("pk").first()
    Ticket.objects.unsealed(ALL).filter(application=late).delete()
    Standing.objects.unsealed(ALL).filter(application=late).update(corrected=4)
    refuse_one(call)

    first = (
        Ticket.objects.unsealed(ALL)
        .filter(is_drawn=False)
        .order_by("place")
        .values_list("application", flat=True)
        .first()
    )
    assert next_in(text(lea.get(S))) == str(first)


def test_today_tells_of_a_free_seat_without_any_draw(lea, call, birch, now):
    one = call.arrive("Wana")
    one.outcome, one.released_at = "waitlisted", now
    one.save()

    assert "A seat is free, and somebody waits for it." in text(lea.get("/today/"))


def test_two_leads_give_a_draw_up_on_their_pages(client, call, birch, now, pool):
    lottery = published(call, birch, now)
    path = f"{S}lottery/{lottery.pk}/"
    client.force_login(birch.lea)
    empty = client.post(f"{path}give-up/", {"reason": ""})
    client.post(f"{path}give-up/", {"reason": "It was called off."})
    mine = text(client.get(path))
    client.force_login(liv(birch))
    theirs = text(client.get(path))

    client.post(f"{path}give-up/", {"act": "agree"})

    public = text(client.get("/apply/mangrove/draw/"))
    assert empty.status_code == 422
    assert "A second lead has to agree." in mine
    assert "I agree: give it up" in theirs
    assert "It was called off." in public
    assert "Publish it before the draw" in text(client.get(path))


def test_leads_read_who_was_drawn_and_who_waits(lea, told):
    page = text(lea.get(f"{S}lottery/{told.pk}/order/"))

    rows = re.findall(r"<td>(drawn|\d)</td>", page)
    assert rows == ["drawn"] * 3 + ["1", "2", "3", "4"]


def test_the_order_costs_the_same_on_every_page(lea, told, django_assert_num_queries):
    lea.get(f"{S}lottery/{told.pk}/order/")

    with django_assert_num_queries(7):
        lea.get(f"{S}lottery/{told.pk}/order/")


# --- Today ----------------------------------------------------------------------------


def test_today_asks_each_lead_for_the_value_once_it_is_known(
    client, call, birch, long_ago
):
    seven(call, birch, long_ago)
    lottery = published(call, birch, long_ago)
    second = liv(birch)
    client.force_login(birch.lea)
    assert "The source has spoken." in text(client.get("/today/"))

    drawing.type_value(lottery, value=VALUE, by=birch.lea, now=timezone.now())

    assert "The source has spoken." not in text(client.get("/today/"))
    client.force_login(second)
    assert "The source has spoken." in text(client.get("/today/"))


def test_today_says_nothing_before_the_source_speaks(lea, call, birch, now, pool):
    published(call, birch, now)

    assert "The source has spoken." not in text(lea.get("/today/"))


def test_today_tells_leads_of_a_seat_that_came_free(lea, call, told):
    assert "A seat is free" not in text(lea.get("/today/"))

    refuse_one(call)

    assert "A seat is free, and somebody waits for it." in text(lea.get("/today/"))


# --- Hard days ------------------------------------------------------------------------


def test_a_call_without_applications(lea, call):
    assert "Nobody is here." in text(lea.get(f"{S}bands/"))
    assert lea.get(S).status_code == 200


@pytest.mark.parametrize(
    "name", ["آمنة يوسف", "李小龙", "Ивáн", "स्वाति", "Y", "N" * 300, "<b>&amp;"]
)
def test_names_of_every_kind_are_put_drawn_and_shown(lea, call, birch, now, name):
    call.intake.seats = 1
    call.intake.save()
    people = [call.arrive(name, email=""), call.arrive("Bo")]
    put(call, birch, now, people, "lottery")

    page = text(lea.get(f"{S}bands/"))

    assert "<b>&amp;</bdi>" not in page
    assert lea.get(f"{S}bands/{people[0].pk}/").status_code == 200
    assert prepared(call, birch, now).state == Lottery.State.PREPARED


def test_a_person_in_two_calls_has_a_ticket_in_each(client, call, birch, now):
    delta = calls.begin(birch.program, by=birch.lea, name="Delta", about="Come")
    IntakePhase.objects.create(
        intake=delta,
        kind=IntakePhase.Kind.APPLY,
        opens_at=now - HOUR,
        closes_at=now + HOUR,
        permits=["apply"],
    )
    calls.publish(delta, by=birch.lea, now=now)
    numbers = []
    for intake in (call.intake, delta):
        intake.seats = 1
        intake.save()
        both = arrive(
            intake,
            [
                Arrival(
                    called="Ada", email="ada@example.org", applicant=birch.ada.person
                ),
                Arrival(called="Bo", email="bo@example.net"),
            ],
            at=now,
        )
        here = SimpleNamespace(intake=intake)
        put(here, birch, now, both, "lottery")
        published(here, birch, now)
        numbers.append(Ticket.objects.unsealed(ALL).get(application=both[0]).number)
    client.force_login(birch.ada.person)

    for slug, mine, other in (
        (call.intake.slug, *numbers),
        (delta.slug, *reversed(numbers)),
    ):
        page = text(client.get(f"/apply/{slug}/status/"))
        assert mine in page
        assert other not in page


def test_a_value_that_a_shell_would_act_on_is_quoted(client, call, birch, long_ago):
    seven(call, birch, long_ago)
    drawn(call, birch, long_ago, value='$(rm -rf ~) "x"')

    page = text(client.get("/apply/mangrove/draw/"))

    assert "&#x27;$(rm -rf ~) &quot;x&quot;&#x27;" in page


def test_where_no_seat_is_left_every_page_says_that_order_alone_is_drawn(
    lea, client, call, birch, long_ago
):
    people = seven(call, birch, long_ago)
    put(call, birch, long_ago, [people[n] for n in ("Wana", "Wesa", "Mano")], "accept")
    lottery = drawn(call, birch, long_ago)

    shown = text(lea.get(f"{S}lottery/{lottery.pk}/"))
    public = text(client.get("/apply/mangrove/draw/"))

    assert "No seat is left, so the draw makes the waiting order" in shown
    assert "4 people take part. All seats are given without the draw" in shown
    assert "The smallest chance" not in shown
    assert "4 people take part. No seat was left to draw" in public
    assert 'id="h-drawn"' not in public
    assert all(n in public for n in drawing.outcome_of(lottery.record).waiting)
