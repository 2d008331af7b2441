"""Applying without an account: four pages, a link, one application."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from cohorts import applying, calls, joining, promoting
from cohorts.links import Holder
from cohorts.models import (
    Answer,
    Application,
    BlindCopy,
    Draft,
    IntakePhase,
    ResumeToken,
    Standing,
    TraitAnswer,
)
from people import delivery
from people.models import OutboxMessage, User
from people.refusal import Refused
from tests.conftest import person

ALL = "the test looks at everything"


def rows(model):
    return model.objects.unsealed(ALL)


@pytest.fixture
def post_office(now):
    """Delivers what is due and returns the letters."""

    def deliver():
        mail.outbox.clear()
        delivery.deliver_due(now=now + timedelta(minutes=5))
        return list(mail.outbox)

    return deliver


def link_in(letter, kind="resume"):
    return re.search(rf"/apply/{kind}/[\w-]+/", letter.body).group()


def page_1(**fields):
    return {
        "called": "Amina Yusuf",
        "email": "amina@example.net",
        "organisation": "Tools United",
        "languages": "Luganda, English",
        "timezone": "Africa/Kampala",
        **fields,
    }


def page_2(call, text="We lend tools"):
    return {f"q_{q.pk.hex}": text for q in call.questions if q.kind != "consent"}


def page_3(**fields):
    return {
        "offers": "templates, a story of failure",
        "needs": "data",
        "ties": "Green Hub\nOma",
        "availability": "3" * 336,
        "hours_per_month": "8",
        **fields,
    }


def page_4(call):
    consent = next(q for q in call.questions if q.kind == "consent")
    return {
        f"q_{consent.pk.hex}": "on",
        f"t_{call.traits['gender'].pk.hex}": "woman",
        f"t_{call.traits['gender'].pk.hex}_fine": "on",
    }


def fill(client, call, **about):
    """All four pages, as a person without a script presses through them."""
    slug = call.intake.slug
    answers = [
        client.post(f"/apply/{slug}/1/", page_1(**about)),
        client.post(f"/apply/{slug}/2/", page_2(call)),
        client.post(f"/apply/{slug}/3/", page_3()),
        client.post(f"/apply/{slug}/4/", page_4(call)),
    ]
    return [a.headers.get("Location") for a in answers]


def test_four_pages_lead_to_the_look_through(client, call):
    assert fill(client, call) == [
        "/apply/mangrove/2/",
        "/apply/mangrove/3/",
        "/apply/mangrove/4/",
        "/apply/mangrove/review/",
    ]


def test_sending_makes_the_rows_of_each_audience(client, call):
    fill(client, call)

    response = client.post("/apply/mangrove/review/")

    assert response.headers["Location"] == "/apply/mangrove/status/"
    application = rows(Application).get()
    assert (application.called, application.email) == (
        "Amina Yusuf",
        "amina@example.net",
    )
    assert application.offers == ["templates", "a story of failure"]
    assert application.ties == ["Green Hub", "Oma"]
    assert rows(Answer).filter(application=application).count() == 6
    said = rows(TraitAnswer).get()
    assert (said.value, said.alone_is_fine) == ("woman", True)
    assert rows(Standing).get().application_id == application.pk
    assert len(rows(BlindCopy).get().texts) == 5
    assert rows(Draft).get().typed == {}


def test_the_copy_for_reviewers_hides_the_names(client, call):
    fill(client, call)
    client.post("/apply/mangrove/2/", page_2(call, "Amina of Tools United lends tools"))
    client.post("/apply/mangrove/review/")

    texts = set(rows(BlindCopy).get().texts.values())

    assert texts == {"[…] of […] lends tools"}


def test_the_first_application_freezes_the_questions(client, birch, call):
    fill(client, call)
    client.post("/apply/mangrove/review/")
    call.intake.refresh_from_db()

    with pytest.raises(Refused):
        calls.remove(call.questions[0], by=birch.lea)


def test_pressing_send_twice_is_one_application_with_one_receipt(client, call):
    fill(client, call)

    client.post("/apply/mangrove/review/")
    again = client.post("/apply/mangrove/review/")

    assert again.headers["Location"] == "/apply/mangrove/status/"
    assert rows(Application).count() == 1
    receipts = OutboxMessage.objects.filter(notice="cohorts.application_receipt")
    assert receipts.count() == 1


def test_sending_the_same_draft_twice_at_once_is_one_application(client, call, now):
    fill(client, call)
    draft = rows(Draft).get()
    holder = Holder(draft_id=draft.pk)
    arrival = _arrival(draft)

    first = applying.submit(draft, by=holder, arrival=arrival, now=now)
    second = applying.submit(draft, by=holder, arrival=arrival, now=now)

    assert first == second


def _arrival(draft):
    from cohorts.forms.apply import arrival_from, pages_of

    pages = pages_of(draft, person=None)
    assert all(page.is_valid() for page in pages)
    return arrival_from(pages, draft)


def test_the_first_page_sent_twice_begins_one_draft(client, call):
    key = "6a1f4f3e-0000-4000-8000-000000000001"

    client.post("/apply/mangrove/1/", page_1(client_key=key))
    client.cookies.clear()
    client.post("/apply/mangrove/1/", page_1(client_key=key))

    assert rows(Draft).count() == 1


def test_a_page_with_a_mistake_is_kept_and_says_what_to_mend(client, call):
    response = client.post("/apply/mangrove/1/", page_1(email="not an address"))

    assert response.status_code == 422
    assert b'id="errors"' in response.content
    assert rows(Draft).get().typed["email"] == "not an address"


def test_reading_the_call_or_a_page_begins_nothing(client, call):
    client.get("/apply/mangrove/")
    client.get("/apply/mangrove/1/")

    assert rows(Draft).count() == 0


def test_finish_later_keeps_half_a_page_and_mails_the_link(client, call, post_office):
    client.post("/apply/mangrove/1/", page_1())
    post_office()

    response = client.post(
        "/apply/mangrove/2/", {**page_2(call, ""), "later": "1"}, follow=True
    )

    assert response.redirect_chain == [("/apply/mangrove/later/", 302)]
    assert [m.to for m in post_office()] == [["amina@example.net"]]


def test_the_mailed_link_opens_the_draft_on_another_device(
    client, call, post_office, django_user_model
):
    client.post("/apply/mangrove/1/", page_1())
    (letter,) = post_office()
    from django.test import Client

    phone = Client()
    response = phone.get(link_in(letter), follow=True)

    assert response.redirect_chain == [("/apply/mangrove/2/", 302)]
    assert b"Amina" in phone.get("/apply/mangrove/1/").content


def test_once_somebody_goes_on_from_the_mailed_link_whoever_began_it_has_no_way_in(
    client, call, post_office
):
    from django.test import Client

    client.post("/apply/mangrove/1/", page_1())
    (letter,) = post_office()
    owner = Client()
    owner.get(link_in(letter))
    opened_only = client.get("/apply/mangrove/2/").status_code
    owner.post("/apply/mangrove/2/", page_2(call, "the owner's own words"))

    by_itself = client.post(
        "/apply/mangrove/2/", page_2(call, "else"), headers={"X-Autosave": "1"}
    )
    told = client.get("/apply/mangrove/2/")

    assert opened_only == 200
    assert by_itself.status_code == 409
    assert "goes on from the link in the mail" in by_itself.json()["said"]
    assert told.status_code == 409
    assert b"goes on from the link in the mail" in told.content
    assert "the owner's own words" in rows(Draft).get().typed.values()
    assert owner.get("/apply/mangrove/2/").status_code == 200
    # The next visit begins one of their own.
    assert b"Amina" not in client.get("/apply/mangrove/1/").content
    client.post("/apply/mangrove/1/", page_1(email="other@example.net"))
    assert rows(Draft).count() == 2


@pytest.mark.parametrize("where", ["1/", "2/", "later/", "review/", "throw-away/"])
def test_no_page_of_a_draft_that_goes_on_elsewhere_is_open_to_whoever_began_it(
    client, call, post_office, where
):
    from django.test import Client

    client.post("/apply/mangrove/1/", page_1())
    (letter,) = post_office()
    owner = Client()
    owner.get(link_in(letter))
    owner.post("/apply/mangrove/2/", page_2(call, "the owner's own words"))

    assert client.get("/apply/mangrove/").status_code == 200
    assert client.post(f"/apply/mangrove/{where}", page_1()).status_code == 409
    assert rows(Draft).get().typed["called"] == "Amina Yusuf"


def test_whoever_began_it_and_opens_the_link_too_goes_on_there(
    client, call, post_office
):
    from django.test import Client

    client.post("/apply/mangrove/1/", page_1())
    (letter,) = post_office()
    phone = Client()
    phone.get(link_in(letter))
    phone.post("/apply/mangrove/2/", page_2(call))

    client.get(link_in(letter))

    assert client.get("/apply/mangrove/3/").status_code == 200


def test_only_so_many_are_begun_from_one_network_and_no_word_is_lost(
    client, call, settings
):
    from django.test import Client

    settings.BEGUN_FROM_ONE_PLACE = "2/h/ip"
    here = f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"
    posted = [
        Client().post("/apply/mangrove/1/", page_1(), REMOTE_ADDR=here)
        for _n in range(3)
    ]

    assert [one.status_code for one in posted] == [302, 302, 422]
    assert "begun from your network" in posted[2].content.decode()
    assert "Amina Yusuf" in posted[2].content.decode()
    assert rows(Draft).count() == 2
    assert client.post("/apply/mangrove/1/", page_1()).status_code == 302


def test_only_the_hash_of_a_link_is_kept(client, call, post_office):
    client.post("/apply/mangrove/1/", page_1())
    (letter,) = post_office()

    secret = link_in(letter).split("/")[3]

    assert secret not in rows(ResumeToken).get().token_hash
    assert len(secret) == 43


def test_an_invented_link_opens_nothing(client, call):
    response = client.get("/apply/resume/invented/")

    assert response.status_code == 404


def test_a_mended_address_kills_the_link_to_the_old_one(client, call, post_office):
    client.post("/apply/mangrove/1/", page_1(email="amna@example.net"))
    (wrong,) = post_office()
    client.post("/apply/mangrove/1/", page_1())
    (right,) = post_office()

    from django.test import Client

    assert Client().get(link_in(wrong)).status_code == 404
    assert Client().get(link_in(right)).status_code == 302


def test_a_stranger_has_no_draft(client, call):
    from django.test import Client

    client.post("/apply/mangrove/1/", page_1())

    response = Client().get("/apply/mangrove/2/")

    assert response.headers["Location"] == "/apply/mangrove/1/"


def test_nobody_else_writes_in_a_draft(client, birch, call, now):
    client.post("/apply/mangrove/1/", page_1())
    draft = rows(Draft).get()

    with pytest.raises(PermissionDenied):
        applying.keep(draft, by=birch.lea, page=1, typed={}, now=now)


def test_leads_do_not_see_drafts(client, birch, call):
    client.post("/apply/mangrove/1/", page_1())

    assert list(Draft.objects.visible_to(birch.lea)) == []


def test_autosave_keeps_what_stands_without_judging_it(client, call):
    client.post("/apply/mangrove/1/", page_1())

    response = client.post(
        "/apply/mangrove/2/", page_2(call, "half a"), headers={"X-Autosave": "1"}
    )

    assert set(response.json()) == {"draft", "seen", "said"}
    draft = rows(Draft).get()
    assert "half a" in draft.typed.values()
    assert draft.done == [1]


def test_a_page_changed_on_another_device_shows_both(client, call):
    client.post("/apply/mangrove/1/", page_1())
    page = client.get("/apply/mangrove/2/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page).group(1)
    client.post("/apply/mangrove/2/", page_2(call, "written on the phone"))

    response = client.post(
        "/apply/mangrove/2/", {**page_2(call, "written here"), "seen": seen}
    )

    text = response.content.decode()
    assert response.status_code == 422
    assert "written on the phone" in text
    assert "written here" in text
    assert "written on the phone" in rows(Draft).get().typed.values()
    newer = re.search(r'name="seen" value="(\w+)"', text).group(1)
    again = client.post(
        "/apply/mangrove/2/", {**page_2(call, "written here"), "seen": newer}
    )
    assert again.status_code == 302


def test_nothing_is_sent_while_a_page_is_missing(client, call):
    client.post("/apply/mangrove/1/", page_1())

    response = client.post("/apply/mangrove/review/")

    assert response.status_code == 422
    assert rows(Application).count() == 0


def close(call, now):
    phase = call.intake.phases.get(kind=IntakePhase.Kind.APPLY)
    phase.opens_at, phase.closes_at = now - timedelta(days=9), now - timedelta(days=1)
    phase.save()


def test_after_the_deadline_a_sentence_and_the_draft_is_kept(client, call, now):
    fill(client, call)
    close(call, now)

    page = client.get("/apply/mangrove/2/")
    sent = client.post("/apply/mangrove/review/")

    assert (page.status_code, sent.status_code) == (200, 409)
    assert b"We lend tools" in page.content
    assert b"cannot be sent any more" in sent.content
    assert rows(Application).count() == 0
    assert rows(Draft).get().typed["called"] == "Amina Yusuf"


def test_a_form_opened_before_the_deadline_keeps_its_words_on_the_page(
    client, call, now
):
    client.post("/apply/mangrove/1/", page_1())
    close(call, now)

    response = client.post("/apply/mangrove/2/", page_2(call, "too late a line"))

    assert response.status_code == 409
    assert b"too late a line" in response.content


def test_a_call_that_is_not_public_is_not_there(client, birch, call):
    calls.take_back(call.intake, by=birch.lea)

    assert client.get("/apply/mangrove/").status_code == 404


def test_a_second_application_from_an_address_tells_the_address_alone(
    client, call, post_office
):
    call.arrive("Amina Yusuf")
    fill(client, call)

    response = client.post("/apply/mangrove/review/", follow=True)

    assert b"It is sent. A receipt goes to" in response.content
    assert rows(Application).count() == 1
    assert [m.subject for m in post_office()] == [
        "Go on with your application: Mangrove",
        "Your application was here already: Mangrove",
    ]


def test_asking_for_a_lost_link_answers_the_same_for_any_address(
    client, call, post_office
):
    call.arrive("Amina Yusuf")

    known = client.post("/apply/mangrove/link/", {"email": "amina@example.net"})
    unknown = client.post("/apply/mangrove/link/", {"email": "nobody@example.net"})

    assert known.headers["Location"] == unknown.headers["Location"]
    assert [m.to for m in post_office()] == [["amina@example.net"]]


def test_an_address_gets_only_so_many_letters(client, call):
    call.arrive("Amina Yusuf")

    for _ in range(12):
        client.post("/apply/mangrove/link/", {"email": "amina@example.net"})

    assert OutboxMessage.objects.count() == 5


def opened(client, call, post_office):
    """The status page, opened by the link of the receipt."""
    fill(client, call)
    client.post("/apply/mangrove/review/")
    receipt = post_office()[-1]
    return client.get(link_in(receipt), follow=True)


def test_the_receipt_leads_to_the_status(client, call, post_office):
    response = opened(client, call, post_office)

    assert response.redirect_chain == [("/apply/mangrove/status/", 302)]
    assert b"Sent on" in response.content


def test_withdrawing_closes_the_copy_for_reviewers(client, call, post_office):
    opened(client, call, post_office)

    client.post("/apply/mangrove/withdraw/")
    client.post("/apply/mangrove/withdraw/")

    assert rows(Application).get().state == Application.State.WITHDRAWN
    assert rows(BlindCopy).get().closed_at is not None
    withdrawn = OutboxMessage.objects.filter(notice="cohorts.application_withdrawn")
    assert withdrawn.count() == 1


def test_reading_the_withdraw_page_withdraws_nothing(client, call, post_office):
    opened(client, call, post_office)

    client.get("/apply/mangrove/withdraw/")

    assert rows(Application).get().is_open


def test_after_withdrawing_one_can_apply_again(client, call, post_office):
    opened(client, call, post_office)
    client.post("/apply/mangrove/withdraw/")

    fill(client, call)
    client.post("/apply/mangrove/review/")

    states = rows(Application).order_by("submitted_at").values_list("state", flat=True)
    assert list(states) == ["withdrawn", "submitted"]


def test_only_the_applicant_withdraws(birch, call, now):
    application = call.arrive("Amina Yusuf")

    with pytest.raises(PermissionDenied):
        applying.withdraw(application, by=birch.lea, now=now)


def test_somebody_with_an_account_applies_as_themselves(client, birch, call):
    client.force_login(birch.ada.person)

    fill(client, call, email="somebody@example.net")
    client.post("/apply/mangrove/review/")

    application = rows(Application).get()
    assert application.applicant == birch.ada.person
    assert application.email == "ada@example.org"


def test_throwing_away_deletes_what_was_typed(client, call):
    client.post("/apply/mangrove/1/", page_1())

    client.post("/apply/mangrove/throw-away/")

    assert rows(Draft).count() == 0


def test_putting_hours_in_stays_on_the_page(client, call):
    client.post("/apply/mangrove/1/", page_1())

    response = client.post(
        "/apply/mangrove/3/",
        page_3(
            availability="",
            availability_day=["0"],
            availability_from="36",
            availability_until="38",
            availability_comfort="3",
            stay="week",
        ),
    )

    assert response.headers["Location"] == "/apply/mangrove/3/#id_availability"
    assert rows(Draft).get().typed["availability"] == "0" * 36 + "33" + "0" * 298


@pytest.mark.parametrize(
    "called", ["李", "محمد بن سلمان", "x" * 300, "Ann-Marie O’Néill"]
)
def test_names_in_any_script_and_length(client, call, called):
    fill(client, call, called=called)
    client.post("/apply/mangrove/review/")

    assert rows(Application).get().called == called


# --- The answer -----------------------------------------------------------------


def offer(application, now, **fields):
    application.outcome = Application.Outcome.OFFERED
    application.released_at = now
    for name, value in fields.items():
        setattr(application, name, value)
    application.save()
    return application


def test_taking_the_seat_makes_an_account_without_a_password(call, now):
    application = offer(call.arrive("Amina Yusuf", timezone="Africa/Kampala"), now)
    holder = Holder(application_id=application.pk, address="amina@example.net")

    taken = applying.take_seat(application, by=holder, now=now)

    person = User.objects.get(email="amina@example.net")
    assert (taken.reply, taken.applicant) == ("accepted", person)
    assert (person.called, person.timezone) == ("Amina Yusuf", "Africa/Kampala")
    assert not person.has_usable_password()


def test_taking_the_seat_links_the_account_of_the_address(birch, call, now):
    application = offer(call.arrive("Ada", email="ADA@example.org"), now)
    holder = Holder(application_id=application.pk, address="ADA@example.org")

    taken = applying.take_seat(application, by=holder, now=now)

    assert taken.applicant == birch.ada.person


def test_taking_it_twice_is_taking_it_once(call, now):
    application = offer(call.arrive("Amina Yusuf"), now)
    holder = Holder(application_id=application.pk, address=application.email)

    applying.take_seat(application, by=holder, now=now)
    applying.take_seat(application, by=holder, now=now)

    taken = OutboxMessage.objects.filter(notice="cohorts.application_seat_taken")
    assert taken.count() == 1


def test_without_the_mailbox_nobody_takes_the_seat(call, now):
    application = offer(call.arrive("Amina Yusuf"), now)

    with pytest.raises(PermissionDenied):
        applying.take_seat(
            application, by=Holder(application_id=application.pk), now=now
        )


def test_after_its_time_an_offer_cannot_be_taken(call, now):
    application = offer(
        call.arrive("Amina Yusuf"), now, reply_by=now - timedelta(hours=1)
    )
    holder = Holder(application_id=application.pk, address=application.email)

    with pytest.raises(Refused):
        applying.take_seat(application, by=holder, now=now)


def test_there_is_nothing_to_take_without_an_offer(call, now):
    application = call.arrive("Amina Yusuf")
    holder = Holder(application_id=application.pk, address=application.email)

    with pytest.raises(Refused):
        applying.take_seat(application, by=holder, now=now)


WITHDRAW, STATUS = "/apply/mangrove/withdraw/", "/apply/mangrove/status/"


@pytest.fixture
def invited(call, birch, now):
    """Nia took her seat, and is invited into Birch by it."""
    nia = person("nia")
    application = call.arrive("Nia", email=nia.email, applicant=nia)
    applying.take_seat(offer(application, now), by=nia, now=now)
    return joining.invite(
        nia.email,
        into=birch.cohort,
        by=birch.sol.person,
        application=application,
        now=now,
    )


def test_withdrawing_before_joining_frees_the_seat_and_ends_the_invitation(
    client, invited, birch, now
):
    nia = User.objects.get(email="nia@example.org")
    client.force_login(nia)
    free = promoting.free_seats(invited.application.intake, by=birch.lea)

    assert WITHDRAW in client.get(STATUS).content.decode()
    assert b"You give up your seat" in client.get(WITHDRAW).content
    client.post(WITHDRAW)

    assert rows(Application).get().state == "withdrawn"
    assert promoting.free_seats(invited.application.intake, by=birch.lea) == free + 1
    with pytest.raises(Refused):
        joining.accept(invited, by=nia, now=now)


def test_who_sits_in_a_cohort_leaves_it_instead_of_withdrawing(client, invited, now):
    nia = User.objects.get(email="nia@example.org")
    seat = joining.accept(invited, by=nia, now=now)
    client.force_login(nia)

    assert WITHDRAW not in client.get(STATUS).content.decode()
    for response in (client.get(WITHDRAW), client.post(WITHDRAW)):
        assert response.status_code == 409
        assert b"leave the cohort instead" in response.content
    assert rows(Application).get().is_open

    joining.leave(seat, by=nia, now=now)
    assert client.post(WITHDRAW).status_code == 302
    assert rows(Application).get().state == "withdrawn"


def test_refusing_makes_no_account(call, now):
    application = offer(call.arrive("Amina Yusuf"), now)
    holder = Holder(application_id=application.pk, address=application.email)

    refused = applying.refuse_seat(application, by=holder, now=now)

    assert refused.reply == "refused"
    assert not User.objects.filter(email=application.email).exists()


# --- Hard days --------------------------------------------------------------------


def test_a_form_whose_token_grew_old_gives_back_what_was_typed(call):
    from django.test import Client

    old = Client(enforce_csrf_checks=True)

    response = old.post("/apply/mangrove/1/", page_1(called="Written yesterday"))

    assert response.status_code == 403
    assert b"Written yesterday" in response.content


@pytest.mark.parametrize("sign", ["a\0b", "a\ud800b"])
def test_signs_that_cannot_be_kept_answer_with_a_sentence(client, call, sign):
    body = f"called={sign}".encode("utf-8", "surrogatepass")

    response = client.post(
        "/apply/mangrove/1/", body, content_type="application/x-www-form-urlencoded"
    )

    assert response.status_code in (400, 422)


def test_a_text_without_end_is_cut_off_and_named(client, call):
    client.post("/apply/mangrove/1/", page_1())

    response = client.post("/apply/mangrove/2/", page_2(call, "x" * 20_000))

    assert response.status_code == 422
    assert max(len(v) for v in rows(Draft).get().typed.values()) == 10_000


def test_a_choice_that_was_never_offered_is_refused(client, call):
    fill(client, call)
    name = f"t_{call.traits['gender'].pk.hex}"

    response = client.post("/apply/mangrove/4/", {**page_4(call), name: "invented"})

    assert response.status_code == 422
