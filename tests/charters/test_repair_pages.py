"""The pages of repair: what each of the three sees, and that nobody else does."""

import re
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import brotli
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from charters import agreeing, care, repair, tending
from charters.course import STEPS, State
from charters.models import (
    CareContact,
    RepairAgreement,
    RepairCase,
    RepairConcern,
    RepairSaying,
    day_in,
)
from cohorts import joining
from cohorts.models import Appointment, Membership, Program, Role, appoint
from people.models import OutboxMessage, Record, User
from tests.charters.repairing import (
    HAPPENED,
    IMPACT,
    WISH,
    agreed_on,
    asked_for,
    fresh,
    settled,
    talk,
    through,
    waiting_to_be_carried,
    words_in,
    write_down,
)
from tests.conftest import person, seat
from tests.walls import routes

DAY = timedelta(days=1)
# What differs from one answer to the next, whatever is on the page.
CHANCE = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]+"|name="client_key" value="[^"]+"'
    r'|nonce="[^"]+"'
)


def at(name, *args):
    return reverse(f"charters:{name}", args=args)


def signed_in(who):
    client = Client()
    client.force_login(getattr(who, "person", who))
    return client


def text_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def page_of(who, case):
    return signed_in(who).get(at("repair_case", "birch", case.pk))


def do(who, case, name, **more):
    return signed_in(who).post(at("repair_do", "birch", case.pk), {"do": name, **more})


def write(who, case, what, **fields):
    prefix = {"request": "asked"}.get(what, what)
    return signed_in(who).post(
        at("repair_write", "birch", case.pk, what),
        {f"{prefix}-{name}": value for name, value in fields.items()},
    )


def gate(who, case):
    now = fresh(case)
    return do(who, case, "open", step=now.step, attempt=now.attempt)


@pytest.fixture
def tam(birch):
    tam = person("tam")
    appoint(tam, to=birch.program, role=Appointment.Role.THIRD_PARTY)
    return tam


@pytest.fixture
def dee(birch):
    """A fifth member, who is not in it."""
    began = birch.cohort.created_at
    return seat(birch.cohort, person("dee"), joined_at=began, reads_from=began)


# --- A concern --------------------------------------------------------------------


def test_a_concern_is_written_read_again_and_sent(birch):
    ada = signed_in(birch.ada)

    page = ada.post(
        at("repair_new", "birch"),
        {
            "addressee": str(birch.ben.person_id),
            "happened": HAPPENED,
            "impact": IMPACT,
            "wish": WISH,
            "way": "room",
        },
    )
    concern = RepairConcern.objects.visible_to(birch.ada.person).get()
    assert page["Location"] == at("repair_third", "birch", concern.pk)
    choice = ada.get(page["Location"])
    assert HAPPENED in text_of(choice)
    assert "Left blank: only they can say." in text_of(choice)
    sent = ada.post(page["Location"], {"third": str(birch.sol.person_id)})

    assert sent["Location"] == at("repair_case", "birch", concern.pk)
    # Pressed twice, or gone back to: the same conversation.
    assert ada.get(page["Location"])["Location"] == sent["Location"]


def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(birch):
    page = signed_in(birch.ada).post(
        at("repair_new", "birch"), {"happened": HAPPENED, "way": "room"}
    )

    assert page.status_code == 422
    assert HAPPENED in page.content.decode()
    assert not RepairConcern.objects.visible_to(birch.ada.person).exists()


def test_when_all_on_the_list_are_in_it_two_other_ways_are_told(birch, now):
    CareContact.objects.create(program=birch.program, name="Casa Aberta", reach="+55")
    concern = write_down(birch, now=now, about=birch.sol)

    page = signed_in(birch.ada).get(at("repair_third", "birch", concern.pk))

    told = text_of(page)
    assert "Everybody on the support list is part of this" in told
    assert "Lea" in told
    assert "Casa Aberta" in told
    assert 'name="third"' not in page.content.decode()


def test_whoever_is_left_out_cannot_be_sent_either(birch, tam, now):
    concern = write_down(birch, now=now, about=birch.sol)

    page = signed_in(birch.ada).post(
        at("repair_third", "birch", concern.pk), {"third": str(birch.sol.person_id)}
    )

    assert page.status_code == 422
    assert RepairConcern.objects.visible_to(birch.ada.person).exists()


def test_a_concern_is_nobody_elses_to_open(birch, now):
    concern = write_down(birch, now=now)

    for who in (birch.ben, birch.sol, birch.oma):
        for name in ("repair_third", "repair_reword", "repair_drop"):
            page = signed_in(who).get(at(name, "birch", concern.pk))
            assert page.status_code == 404


def test_a_stale_page_shows_both_texts(birch, now):
    concern = write_down(birch, now=now)
    sent = {
        "addressee": str(birch.ben.person_id),
        "happened": "From one phone.",
        "impact": IMPACT,
        "way": "room",
        "edition": "1",
    }
    ada = signed_in(birch.ada)
    ada.post(at("repair_reword", "birch", concern.pk), sent)

    page = ada.post(
        at("repair_reword", "birch", concern.pk), sent | {"happened": "From the other."}
    )

    assert page.status_code == 422
    assert "From one phone." in text_of(page)
    assert "From the other." in page.content.decode()


def test_a_concern_can_be_thrown_away(birch, now):
    concern = write_down(birch, now=now)

    signed_in(birch.ada).post(at("repair_drop", "birch", concern.pk))

    assert not RepairConcern.objects.visible_to(birch.ada.person).exists()


# --- One conversation, on the pages -----------------------------------------------


AS_ADA_READS = (
    "Opening",
    "You speak",
    "Ben</bdi> says it back",
    "Ben</bdi> speaks",
    "You say it back",
    "Impact apart from intent",
    "Requests and agreements",
)


def _of(who, case):
    return page_of(who, case).content.decode()


def test_a_whole_conversation_on_the_pages(birch):
    """Three people, from the answer to the day of looking back."""
    now = timezone.now()
    case = asked_for(birch, now=now)
    assert "asks to talk with you" in text_of(page_of(birch.ben, case))
    do(birch.ben, case, "accept")
    do(birch.sol, case, "willing")
    do(birch.ada, case, "begin")
    for step, called in zip(STEPS[:-1], AS_ADA_READS, strict=True):
        assert re.search(rf'aria-current="step">(<bdi>)?{called}', _of(birch.ada, case))
        speaker = {"asker": birch.ada, "addressee": birch.ben}.get(step.speaker)
        if speaker and not step.says_back:
            state = fresh(case)
            do(speaker, case, "done", step=state.step, attempt=state.attempt)
        if step.key == "requests":
            write(birch.ada, case, "request", words="Ask me before Friday.")
            asked = RepairAgreement.objects.visible_to(birch.ben.person).get()
            signed_in(birch.ben).post(
                at("repair_agreement", "birch", case.pk, asked.pk),
                {"do": "yes", "edition": asked.edition},
            )
        for who, part in ((birch.ada, "asker"), (birch.ben, "addressee")):
            if part in step.opened_by:
                gate(who, case)
    day = day_in(birch.cohort, now) + 14 * DAY
    write(birch.ada, case, "day", day=day.isoformat())
    gate(birch.ben, case)
    assert fresh(case).state == "settled"
    write(birch.ada, case, "look", holds="yes")
    write(birch.ben, case, "look", holds="yes", words="It does.")

    page = page_of(birch.ada, case)
    assert fresh(case).state == "ended"
    assert "What was agreed holds, both say." in text_of(page)
    paper = text_of(signed_in(birch.ada).get(at("repair_print", "birch", case.pk)))
    assert "Ask me before Friday." in paper
    assert HAPPENED in paper


@pytest.mark.parametrize("way", ["room", "written", "shuttle"])
@pytest.mark.parametrize("who", ["ada", "ben", "sol"])
def test_every_state_has_a_page_for_each_of_the_three(birch, now, way, who):
    reader = getattr(birch, who)
    case = asked_for(birch, now=now, way=way)
    pages = [page_of(reader, case)]
    repair.decline(case, by=birch.ben.person, words="Not now.", now=now)
    pages.append(page_of(reader, case))
    repair.accept(case, by=birch.ben.person, now=now)
    pages.append(page_of(reader, case))
    repair.be_the_third(case, by=birch.sol.person, now=now)
    case = repair.begin(case, by=birch.ada.person, now=now)
    for step in range(1, len(STEPS)):
        pages.append(page_of(reader, case))
        case = through(fresh(case), birch, now=now, until=step)
    repair.pause(case, by=birch.ben.person, now=now)
    pages.append(page_of(reader, case))
    repair.resume(case, by=birch.ben.person, now=now)
    day = day_in(birch.cohort, now) + 14 * DAY
    case = agreeing.name_day(fresh(case), by=birch.ada.person, day=day, now=now)
    pages.append(page_of(reader, case))
    case = repair.open_gate(
        case, by=birch.ben.person, step=case.step, attempt=case.attempt, now=now
    )
    pages.append(page_of(reader, case))
    for part in (birch.ada, birch.ben):
        agreeing.look_back(case, by=part.person, holds=True, now=now)
    pages.append(page_of(reader, case))
    pages.append(signed_in(reader).get(at("repair_print", "birch", case.pk)))

    assert {page.status_code for page in pages} == {200}
    for page in pages:
        ids = re.findall(r' id="([^"]+)"', page.content.decode())
        assert sorted(ids) == sorted(set(ids))


def test_apart_is_one_press_away(birch, now):
    case = agreed_on(birch, now=now)

    do(birch.ben, case, "apart", way="shuttle")

    assert fresh(case).way == "shuttle"
    assert "Give it to the third person" not in text_of(page_of(birch.sol, case))


def test_what_is_written_apart_goes_through_the_third(birch, now):
    case = talk(birch, now=now, way="shuttle")
    write(birch.ada, case, "say", words="It hurt.")
    assert "It hurt." not in text_of(page_of(birch.ben, case))
    (aside,) = waiting_to_be_carried(birch, case)

    assert (
        signed_in(birch.ben)
        .post(at("repair_carry", "birch", case.pk, aside.pk))
        .status_code
        == 302
    )
    assert "It hurt." not in text_of(page_of(birch.ben, case))
    signed_in(birch.sol).post(at("repair_carry", "birch", case.pk, aside.pk))

    assert "It hurt." in text_of(page_of(birch.ben, case))


def test_the_third_says_which_of_the_two_a_word_aside_is_for(birch, now):
    case = talk(birch, now=now)

    assert write(birch.sol, case, "aside", words="How are you?").status_code == 422
    write(birch.sol, case, "aside", words="How are you?", to="addressee")
    write(birch.ben, case, "aside", words="Tired.")

    told = text_of(page_of(birch.sol, case))
    assert "How are you?" in told
    assert "Tired." in told
    assert "How are you?" not in text_of(page_of(birch.ada, case))


def test_the_same_form_twice_is_said_once(birch, now):
    case = agreed_on(birch, now=now)
    key = "3f0c4d9e-1111-4222-8333-444455556666"

    for _twice in range(2):
        write(birch.ada, case, "say", words="Once.", client_key=key)

    assert words_in(case).count(("said", "Once.")) == 1


def test_what_was_meant_is_the_other_sides_to_fill(birch, now):
    case = agreed_on(birch, now=now)
    assert "Say what you meant" not in text_of(page_of(birch.ada, case))

    write(birch.ben, case, "meant", words="I thought you knew.")

    assert "I thought you knew." in text_of(page_of(birch.ada, case))


def test_an_act_that_is_not_theirs_is_refused_in_a_sentence(birch, now):
    case = asked_for(birch, now=now)

    page = do(birch.ada, case, "accept")

    assert page.status_code == 409
    assert "moved on" in text_of(page)


def test_a_press_without_a_gate_is_refused(birch, now):
    case = talk(birch, now=now)

    assert do(birch.ada, case, "open").status_code == 409
    assert do(birch.ada, case, "fly").status_code == 409


def test_words_that_changed_meanwhile_are_shown_beside_ones_own(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=6)
    asked = agreeing.request(case, by=birch.ada.person, words="Ask me.", now=now)
    agreeing.word_otherwise(asked, by=birch.ada.person, words="Ask me twice.", now=now)

    page = signed_in(birch.ben).post(
        at("repair_agreement", "birch", case.pk, asked.pk),
        {"do": "reword", "prefix": "a0", "a0-words": "Ask once.", "a0-edition": "1"},
    )

    assert page.status_code == 422
    assert "Ask me twice." in text_of(page)
    assert "Ask once." in page.content.decode()


def test_the_news_tell_that_there_is_something_and_not_what(birch, now):
    case = talk(birch, now=now)
    news = at("repair_news", "birch", case.pk)
    ada = signed_in(birch.ada)

    assert ada.get(f"{news}?edition={case.edition}").status_code == 204
    repair.say(case, by=birch.ben.person, words="From Ben.", now=now)
    page = ada.get(f"{news}?edition={case.edition}")

    assert page.status_code == 286
    assert "Something is new here." in text_of(page)
    assert "From Ben." not in text_of(page)


def test_a_third_from_outside_finds_their_way(birch, tam, now):
    case = asked_for(birch, now=now, third=tam)

    assert page_of(tam, case).status_code == 200
    home = signed_in(tam).get(at("repair_home", "birch"))
    assert home.status_code == 200
    assert do(tam, case, "step_back")["Location"] == at("repair_home", "birch")
    assert page_of(tam, case).status_code == 404


def test_a_third_from_outside_has_a_room_of_their_own(birch, tam, now):
    client = signed_in(tam)
    assert "Nothing waits for you here." in text_of(
        client.get(at("in_confidence_home"))
    )
    asked_for(birch, now=now, third=tam)

    told = text_of(client.get(at("in_confidence_home")))

    assert "Ada and Ben" in told
    assert 'href="/in-confidence/"' in client.get("/me/").content.decode()


def test_mails_lead_to_an_address_that_tells_nothing(birch, dee, now):
    case = asked_for(birch, now=now)
    address = at("in_confidence", case.pk)

    assert "repair" not in address
    assert signed_in(birch.ben).get(address)["Location"] == at(
        "repair_case", "birch", case.pk
    )
    assert signed_in(dee).get(address).status_code == 404


# --- Nobody else ------------------------------------------------------------------


KNOWN = {"cohort_slug": "birch", "program_slug": "riverbend"}


def addresses():
    """Every page that is opened by nothing but a circle or a program, and searches."""
    for route in routes.to_be_walked():
        if set(route.params) <= KNOWN.keys() and not route.name.startswith("admin:"):
            named = {name: KNOWN[name] for name in route.params}
            yield reverse(route.name, kwargs=named)
    yield from ("/library/?q=budget", "/library/?q=repair", "/commons/?q=repair")
    yield f"/care/{Program.objects.get(slug='riverbend').pk}/"
    yield from ("/admin/", "/admin/people/outboxmessage/", "/admin/people/user/")


def pages_for(client):
    """All that this reader may open, byte for byte but for chance; and what it cost."""
    found = {}
    for url in addresses():
        with CaptureQueriesContext(connection) as asked:
            page = client.get(url)
        found[url] = (*_bytes(page), len(asked))
    return found


def _bytes(page):
    body = b"".join(page.streaming_content) if page.streaming else page.content
    return page.status_code, CHANCE.sub("", body.decode())


def outsider(birch, name):
    match name:
        case "a fifth member":
            return seat(birch.cohort, person("ivo")).person
        case "an operator":
            return User.objects.create_superuser("root@example.org")
        case "nobody":
            return AnonymousUser()
    named = {
        "the facilitator who was not chosen": birch.sol.person,
        "next door": birch.oma.person,
        "a lead": birch.lea,
        "a reviewer": birch.rex,
        "a funder": birch.fay,
    }
    return named[name]


def live_through(birch, now, third=None):
    """Everything that may happen: one was settled, one is on, a draft lies there."""
    cast = SimpleNamespace(**vars(birch))
    if third is not None:
        cast.sol = SimpleNamespace(person=third)
    case = settled(cast, now=now, way="shuttle")
    repair.say_aside(case, by=birch.ada.person, words="Aside.", now=now)
    for who in (birch.ada, birch.ben):
        agreeing.look_back(case, by=who.person, holds=True, now=now)
    stopped = talk(cast, now=now)
    repair.end(stopped, by=birch.ben.person, now=now)
    declined = asked_for(cast, now=now)
    repair.decline(declined, by=birch.ben.person, now=now)
    write_down(cast, now=now)
    tending.tend(now=now)


@pytest.mark.parametrize(
    ("name", "opens"),
    [
        ("a fifth member", 20),
        ("the facilitator who was not chosen", 20),
        ("next door", 10),
        ("a lead", 15),
        ("a reviewer", 10),
        ("a funder", 10),
        ("an operator", 10),
        ("nobody", 5),
    ],
)
def test_pages_of_everybody_else_are_equal_byte_for_byte(
    birch, tam, name, opens, time_stands_still
):
    """Every page there is, and it costs the same queries."""
    client, who = Client(), outsider(birch, name)
    if who.is_authenticated:
        client.force_login(who)
        for url in ("/me/addresses/", "/me/devices/", "/me/keys/second/"):
            client.get(url)  # something is made there at the first visit
    before = pages_for(client)

    live_through(birch, time_stands_still, third=tam)

    after = pages_for(client)
    assert [url for url in before if before[url] != after[url]] == []
    assert sum(status == 200 for status, *_ in after.values()) >= opens


def test_a_case_and_no_case_are_the_same_page_to_others(birch, dee, now):
    """Down to the bytes: what is hidden answers like what was never there."""
    case = talk(birch, now=now)
    never = "019aaaaa-0000-7000-8000-000000000000"
    client = signed_in(dee)
    for name in ("repair_case", "repair_print", "repair_news"):
        hidden = client.get(at(name, "birch", case.pk))
        missing = client.get(at(name, "birch", never))
        assert hidden.status_code == missing.status_code == 404
        one, other = (
            CHANCE.sub("", page.content.decode()).replace(str(key), "")
            for page, key in ((hidden, case.pk), (missing, never))
        )
        assert one == other


def test_what_others_take_along_is_equal_too(birch, dee, now):
    from people import privacy

    before = privacy.export(dee.person)

    live_through(birch, now)

    assert privacy.export(dee.person) == before


def test_no_mail_goes_to_anybody_else_and_subjects_tell_nothing(
    birch, dee, now, mailoutbox
):
    from people import delivery

    live_through(birch, now)
    recipients = set(OutboxMessage.objects.values_list("recipient__called", flat=True))
    assert recipients == {"Ada", "Ben", "Sol"}
    for name in recipients:
        User.objects.filter(called=name).update(
            day_off=None, quiet_from="00:00", quiet_until="00:00"
        )
    delivery.deliver_due(now=now + timedelta(hours=1))

    assert mailoutbox
    tells = re.compile(r"repair|concern|conflict|care|harm|budget|\b(Ada|Ben)\b", re.I)
    for mail in mailoutbox:
        said = re.sub(r"Hello \w+,", "", mail.subject + mail.body)
        assert tells.findall(said) == []


def test_nothing_is_recorded_about_it(birch, now):
    live_through(birch, now)

    assert not Record.objects.filter(act__contains="repair").exists()


def test_the_operators_outbox_shows_no_row_of_it(birch, now):
    asked_for(birch, now=now)
    root = User.objects.create_superuser("root@example.org")

    page = signed_in(root).get("/admin/people/outboxmessage/")

    assert OutboxMessage.objects.count() == 2
    assert "repair" not in text_of(page)


# --- Today ------------------------------------------------------------------------


def test_today_tells_the_three_and_says_nothing_over_the_shoulder(birch, now):
    asked_for(birch, now=now)

    told = text_of(signed_in(birch.ben).get("/today/"))

    assert "Somebody waits for your answer" in told
    assert "repair" not in told.lower()
    assert "Ada" not in told


def test_a_lead_is_told_whom_to_call_and_no_more(birch):
    from datetime import UTC, datetime

    monday = datetime(2026, 3, 2, 12, tzinfo=UTC)
    asked_for(birch, now=monday)
    tending.tend(now=monday + 3 * DAY)
    tending.tend(now=monday + 9 * DAY)

    for url in ("/today/", "/f/programs/riverbend/care/"):
        told = text_of(signed_in(birch.lea).get(url))
        assert "Sol" in told
        assert "Ada" not in told
        assert "Birch" not in told
        assert HAPPENED not in told


# --- Care, and moves --------------------------------------------------------------


def test_the_care_contact_is_found_without_signing_in(birch):
    care.say_whom(
        birch.program, by=birch.lea, name="Casa Aberta", reach="+55 81 5550 0101"
    )

    for url in (at("care"), at("care_of", birch.program.pk)):
        page = Client().get(url)
        assert page.status_code == 200
        assert "Casa Aberta" in text_of(page)


def test_where_no_contact_is_named_the_page_still_helps(birch):
    page = Client().get(at("care_of", birch.program.pk))

    assert page.status_code == 200
    assert "emergency number" in text_of(page)


def test_a_page_open_to_all_tells_nobody_which_programs_there_are(birch):
    """Neither by name, nor by trying addresses: what is not there answers the same."""
    care.say_whom(birch.program, by=birch.lea, name="Casa Aberta", reach="+55 81 5550")
    hidden = Program.objects.create(name="Quiet Harbour", slug="quiet-harbour")

    told = text_of(Client().get(at("care")))
    empty, never = (
        CHANCE.sub("", Client().get(at("care_of", key)).content.decode()).replace(
            str(key), ""
        )
        for key in (hidden.pk, uuid4())
    )

    assert "Casa Aberta" in told
    assert birch.program.name not in told
    assert empty == never
    assert Client().get("/care/riverbend/").status_code == 404
    assert Client().get("/care/no-such-program/").status_code == 404


def test_members_find_the_contact_of_their_own_program_first(birch):
    other = Program.objects.create(name="Quiet Harbour", slug="quiet-harbour")
    appoint(birch.lea, to=other, role=Appointment.Role.LEAD)
    care.say_whom(other, by=birch.lea, name="A first one", reach="+1")
    care.say_whom(birch.program, by=birch.lea, name="Casa Aberta", reach="+55 81 5550")

    told = text_of(signed_in(birch.ada).get(at("care")))

    assert told.index("Casa Aberta") < told.index("A first one")
    assert birch.program.name in told
    assert "Quiet Harbour" not in told


def test_a_number_can_be_called_from_the_page(birch):
    reach = "+55 81 5550-0101\nhelp@casa.example\nhttps://casa.example/123456789"
    care.say_whom(birch.program, by=birch.lea, name="<b>Casa</b>", reach=reach)

    page = Client().get(at("care")).content.decode()

    assert '<a href="tel:+558155500101" dir="ltr">+55 81 5550-0101</a>' in page
    assert 'href="mailto:help@casa.example"' in page
    assert page.count("tel:") == 1
    assert "<b>Casa" not in page


def test_every_page_leads_to_care(birch):
    for client in (Client(), signed_in(birch.ada)):
        assert f'href="{at("care")}"' in client.get("/care/").content.decode()


def test_a_lead_names_the_contact_and_nobody_else_does(birch):
    sent = {"name": "Casa Aberta", "reach": "+55", "edition": "0"}
    url = at("program_care", "riverbend")

    for who in (birch.ada, birch.sol, birch.rex, birch.fay):
        assert signed_in(who).post(url, sent).status_code == 404
    assert signed_in(birch.lea).post(url, sent).status_code == 302

    assert CareContact.objects.get().name == "Casa Aberta"


def test_two_leads_at_once_see_both_texts(birch):
    care.say_whom(birch.program, by=birch.lea, name="Casa", reach="+55")
    care.say_whom(birch.program, by=birch.lea, name="Casa Aberta", reach="+55")

    page = signed_in(birch.lea).post(
        at("program_care", "riverbend"), {"name": "House", "reach": "1", "edition": "1"}
    )

    assert page.status_code == 422
    assert "Casa Aberta" in text_of(page)


@pytest.mark.parametrize(
    ("count", "band"),
    [
        (0, (0, 4)),
        (4, (0, 4)),
        (5, (5, 9)),
        (9, (5, 9)),
        (10, (10, 19)),
        (77, (20, None)),
    ],
)
def test_counts_are_told_in_bands(count, band):
    assert care.band_of(count) == band


def test_the_quarter_that_runs_is_not_told(birch, now):
    shown = care.bands(birch.program, now=now)

    assert len(shown) == 4
    assert all(band.ends < day_in(birch.cohort, now) for band in shown)


def test_the_moves_are_a_page_of_words_for_the_circle(birch):
    told = text_of(signed_in(birch.ada).get(at("moves", "birch")))

    for name in (
        "Say it back",
        "Impact apart from intent",
        "A pause",
        "A third person",
    ):
        assert name in told
    assert signed_in(birch.oma).get(at("moves", "birch")).status_code == 404


def test_sayings_of_a_case_cost_the_same_queries_at_thirty(
    birch, now, django_assert_max_num_queries
):
    case = agreed_on(birch, now=now)
    for n in range(30):
        repair.say(case, by=birch.ada.person, words=f"Line {n}.", now=now)
    ada = signed_in(birch.ada)
    ada.get("/today/")

    assert RepairSaying.objects.visible_to(birch.ada.person).count() == 33
    with django_assert_max_num_queries(22):
        ada.get(at("repair_case", "birch", case.pk))


def test_the_pages_are_light(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=6)
    ada = signed_in(birch.ada)
    for url in (
        at("repair_home", "birch"),
        at("repair_new", "birch"),
        at("repair_case", "birch", case.pk),
        at("moves", "birch"),
        at("care_of", birch.program.pk),
    ):
        assert len(brotli.compress(ada.get(url).content)) < 6 * 1024, url


def test_a_stranger_opens_none_of_it(birch, now):
    case = asked_for(birch, now=now)

    for who in (birch.oma, birch.lea, birch.rex, birch.fay):
        assert page_of(who, case).status_code == 404
        assert do(who, case, "end").status_code == 404
    assert RepairCase.objects.visible_to(birch.ada.person).get().state == "asked"


# --- Bad input --------------------------------------------------------------------

TOO_MUCH = ("x" * 50_000, "at most 5000 characters")


@pytest.mark.parametrize(("words", "why"), [("", "required"), TOO_MUCH])
@pytest.mark.parametrize("what", ["say", "meant", "aside", "request"])
def test_words_that_cannot_be_kept_are_told_and_not_lost(birch, now, what, words, why):
    case = talk(birch, now=now)

    page = write(birch.ben, case, what, words=words)

    assert page.status_code == 422
    assert why in text_of(page)
    assert words in page.content.decode()
    assert words_in(case) == [
        ("happened", HAPPENED),
        ("impact", IMPACT),
        ("wish", WISH),
    ]


def test_a_concern_that_cannot_be_kept_is_told_and_not_lost(birch):
    words, why = TOO_MUCH
    sent = {"addressee": birch.ben.person.pk, "happened": words, "impact": IMPACT}

    page = signed_in(birch.ada).post(at("repair_new", "birch"), sent | {"way": "room"})

    assert page.status_code == 422
    assert why in text_of(page)
    assert IMPACT in page.content.decode()
    assert not RepairConcern.objects.visible_to(birch.ada.person).exists()


@pytest.mark.parametrize("number", ["", "x", "9" * 5_000, "-1", "٣"])
def test_a_gate_without_a_number_that_there_is_opens_nothing(birch, now, number):
    case = talk(birch, now=now)

    page = do(birch.ben, case, "open", step=number, attempt="1")

    assert page.status_code == 409
    assert fresh(case).step == 0


@pytest.mark.parametrize("edition", ["", "x", "9" * 5_000, "-1"])
def test_a_yes_to_words_that_nobody_saw_is_none(birch, now, edition):
    case = talk(birch, now=now)
    asked = agreeing.request(case, by=birch.ada.person, words="Ask me.", now=now)

    for what in ("yes", "reword"):
        page = signed_in(birch.ben).post(
            at("repair_agreement", "birch", case.pk, asked.pk),
            {"do": what, "edition": edition, "words": "Other words."},
        )
        assert page.status_code in (409, 422)

    asked = RepairAgreement.objects.visible_to(birch.ben.person).get()
    assert (asked.words, asked.stands) == ("Ask me.", False)


@pytest.mark.parametrize("way", ["", "elsewhere", "x" * 50_000])
def test_a_way_that_there_is_not_is_refused(birch, now, way):
    case = talk(birch, now=now)

    assert do(birch.ben, case, "apart", way=way).status_code == 409
    assert do(birch.ben, case, way).status_code == 409
    assert fresh(case).way == "room"


def test_a_character_that_is_none_is_answered_in_a_sentence(birch, now):
    case = talk(birch, now=now)

    page = write(birch.ben, case, "say", words="a\x00b")

    assert page.status_code == 400
    assert "<h1" in page.content.decode()
    assert len(words_in(case)) == 3


@pytest.mark.parametrize("way", ["room", "written", "shuttle"])
def test_whoever_writes_finds_the_form_where_they_are_asked_to(birch, now, way):
    """One form for it on the page, and nothing to answer before there is something."""
    case = through(talk(birch, now=now, way=way), birch, now=now, until=2)
    ada, ben = _of(birch.ada, case), _of(birch.ben, case)

    for page in (ada, ben):
        assert page.count('name="say-words"') == 1
    before, _after = ben.split('aria-labelledby="h-concern"')
    assert ('name="say-words"' in before) == (way != "room")
    assert ('value="not_quite"' in ada) == (way == "room")


def test_the_clock_of_a_step_is_told_anew(birch, now, time_stands_still, monkeypatch):
    case = talk(birch, now=now)
    case = through(case, birch, now=now, until=1)
    news = at("repair_news", "birch", case.pk)

    def told(later):
        monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=later))
        page = signed_in(birch.ben).get(news, {"clock": case.edition})
        return page.status_code, text_of(page)

    assert "About 5 minutes left" in told(0)[1]
    assert "About 2 minutes left" in told(3)[1]
    status, over = told(6)
    assert (status, "Look again" in over) == (200, True)
    assert "The time of this step is over" in over
    old = signed_in(birch.ben).get(news, {"clock": case.edition - 1})
    assert (old.status_code, old.content) == (204, b"")


@pytest.mark.parametrize("who", ["ada", "sol"])
def test_after_one_has_left_the_page_offers_nothing_that_is_refused(birch, now, who):
    case = through(talk(birch, now=now), birch, now=now, until=2)
    joining.leave(birch.ben, by=birch.ben.person, now=now)

    page = _of(getattr(birch, who), case)

    assert "Somebody of you has left this circle" in page
    assert HAPPENED in page
    assert str(State.TALKING.label) not in page
    assert re.findall(r'<form[^>]*action="(/c/birch/repair/[^"]+)"', page) == []


def test_the_two_take_everything_along_as_one_file(birch, now):
    case = talk(birch, now=now)
    repair.say(case, by=birch.ben.person, words="<b>I</b> did not know.", now=now)
    repair.say_aside(case, by=birch.ben.person, words="To Sol alone.", now=now)
    agreeing.request(case, by=birch.ada.person, words="Ask me first.", now=now)
    url = at("repair_file", "birch", case.pk)

    file = signed_in(birch.ada).get(url)

    told = file.content.decode()
    assert file.headers["Content-Disposition"] == 'attachment; filename="words.txt"'
    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    for words in (HAPPENED, "<b>I</b> did not know.", "Ask me first.", "Not agreed"):
        assert words in told
    assert "To Sol alone." not in told
    assert signed_in(seat(birch.cohort, person("ivo"))).get(url).status_code == 404


def test_the_words_to_answer_stand_where_they_are_answered(birch, now):
    case = through(talk(birch, now=now, way="written"), birch, now=now, until=2)

    ben, ada = _of(birch.ben, case), _of(birch.ada, case)

    quoted = re.compile(r"<blockquote[^>]*>(.*?)</blockquote>", re.S)
    assert quoted.findall(ben) == ["In asker_speaks."]
    assert quoted.findall(ada) == []


def test_who_could_be_the_third_is_told_before_anything_is_written(birch, tam):
    told = text_of(signed_in(birch.ada).get(at("repair_home", "birch")))

    assert told.index("The support list") < told.index("Sol") < told.index("Tam")


def test_an_empty_support_list_says_who_can_fill_it(birch, now):
    Membership.objects.filter(pk=birch.sol.pk).update(role=Role.MEMBER)
    concern = write_down(birch, now=now)

    home = text_of(signed_in(birch.ada).get(at("repair_home", "birch")))
    third = signed_in(birch.ada).get(at("repair_third", "birch", concern.pk))

    assert "A lead of the program can appoint somebody for repair." in home
    assert "Nobody is on the support list yet" in text_of(third)
    assert "lea@" in third.content.decode()


def test_a_refusal_gives_back_words_and_not_what_a_button_said(birch, now):
    case = talk(birch, now=now)
    repair.pause(case, by=birch.ada.person, now=now)
    repair.end(case, by=birch.ben.person, now=now)

    pressed = do(birch.ada, case, "open", step=0, attempt=1)
    said = write(
        birch.ada, case, "say", words="One more thing.", client_key=str(uuid4())
    )

    assert (pressed.status_code, said.status_code) == (409, 409)
    assert "What you wrote" not in text_of(pressed)
    assert re.findall(r'<p dir="auto">(.*?)</p>', said.content.decode()) == [
        "One more thing."
    ]
