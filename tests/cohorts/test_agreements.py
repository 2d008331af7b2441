import pytest
from django.core.exceptions import PermissionDenied

from cohorts import agreements
from cohorts.models import Signature, hash_of_text
from people.models import OutboxMessage
from people.refusal import Refused

TEXT = "We come on time.\nWhat is said here stays here."


@pytest.fixture
def agreement(birch):
    return agreements.offer(birch.program, text=TEXT, by=birch.lea)


def signed(agreement, who, name="Ada Lovelace"):
    return agreements.sign(agreement, by=who, name_typed=name, sha256=agreement.sha256)


def test_everyone_in_the_program_is_asked_once(birch, agreement):
    asked = OutboxMessage.objects.values_list("recipient__called", flat=True)

    assert sorted(asked) == ["Ada", "Ben", "Oma", "Sol"]


def test_only_a_lead_offers_an_agreement(birch):
    for by in (birch.sol.person, birch.ada.person, birch.rex, birch.fay):
        with pytest.raises(PermissionDenied):
            agreements.offer(birch.program, text=TEXT, by=by)


def test_the_same_text_asks_nobody_again(birch, agreement):
    again = agreements.offer(
        birch.program, text=TEXT.replace("\n", "\r\n") + "\n", by=birch.lea
    )

    assert (again, agreement.number) == (agreement, 1)


def test_a_signature_holds_the_exact_text_and_its_hash(birch, agreement, now):
    given = agreements.sign(
        agreement,
        by=birch.ada.person,
        name_typed="  Ada   Lovelace ",
        sha256=agreement.sha256,
        now=now,
    )

    assert (given.text, given.sha256, given.name_typed, given.signed_at) == (
        TEXT,
        hash_of_text(TEXT),
        "Ada Lovelace",
        now,
    )


def test_signing_twice_keeps_the_first(birch, agreement):
    first = signed(agreement, birch.ada.person)
    second = signed(agreement, birch.ada.person, "Somebody Else")

    assert (second.pk, second.name_typed) == (first.pk, "Ada Lovelace")


def test_an_empty_name_signs_nothing(birch, agreement):
    with pytest.raises(Refused):
        signed(agreement, birch.ada.person, "  ")


def test_a_changed_agreement_asks_again(birch, agreement):
    ada = birch.ada.person
    signed(agreement, ada)
    assert agreements.unanswered(ada, [birch.program.pk]) == []

    newer = agreements.offer(birch.program, text=TEXT + "\nWe rest.", by=birch.lea)

    assert agreements.unanswered(ada, [birch.program.pk]) == [newer]


def test_a_page_that_grew_old_signs_nothing(birch, agreement):
    agreements.offer(birch.program, text="Another.", by=birch.lea)

    with pytest.raises(Refused):
        signed(agreement, birch.ada.person)


def test_declining_can_be_thought_over(birch, agreement):
    ada = birch.ada.person
    agreements.decline(agreement, by=ada, note="Tuesdays are hard.")
    declined = agreements.answer_of(ada, agreement)

    signed(agreement, ada)

    assert declined.declined_at is not None
    final = agreements.answer_of(ada, agreement)
    assert (final.pk, final.declined_at, bool(final.signed_at)) == (
        declined.pk,
        None,
        True,
    )


def test_what_is_signed_is_not_declined_by_an_old_page(birch, agreement):
    signed(agreement, birch.ada.person)

    agreements.decline(agreement, by=birch.ada.person)

    assert agreements.answer_of(birch.ada.person, agreement).declined_at is None


def test_people_outside_the_program_sign_nothing(birch, agreement):
    with pytest.raises(PermissionDenied):
        signed(agreement, birch.fay)


def test_a_signature_is_read_by_its_person_and_the_leads(birch, agreement):
    signed(agreement, birch.ada.person)

    def reads(viewer):
        return Signature.objects.visible_to(viewer).count()

    assert [
        reads(viewer)
        for viewer in (
            birch.ada.person,
            birch.lea,
            birch.ben.person,
            birch.sol.person,
            birch.fay,
        )
    ] == [1, 1, 0, 0, 0]


def test_facilitators_learn_who_signed_and_no_more(birch, agreement):
    signed(agreement, birch.ada.person)
    people = [birch.ada.person_id, birch.ben.person_id]

    assert agreements.signed_by(people, agreement) == {birch.ada.person_id}


def test_two_leads_who_write_at_once_do_not_overwrite_each_other(birch, agreement):
    agreements.offer(birch.program, text="One", after=1, by=birch.lea)

    with pytest.raises(Refused):
        agreements.offer(birch.program, text="Two", after=1, by=birch.lea)
    again = agreements.offer(birch.program, text="One", after=1, by=birch.lea)

    assert (again.number, agreements.in_force(birch.program).text) == (2, "One")


def test_a_no_finds_somebody_to_talk_to_and_tells_no_words(birch, agreement):
    OutboxMessage.objects.all().delete()

    agreements.decline(agreement, by=birch.ada.person, note="Too many hours")
    agreements.decline(agreement, by=birch.ada.person, note="Too many hours")

    (told,) = OutboxMessage.objects.filter(notice="cohorts.not_signed")
    assert told.recipient == birch.sol.person


def test_facilitators_learn_who_said_no_and_no_more(birch, agreement):
    agreements.decline(agreement, by=birch.ada.person, note="Too many hours")
    signed(agreement, birch.ben.person)
    people = [birch.ada.person_id, birch.ben.person_id, birch.sol.person_id]

    found = agreements.answers_of(people, agreement)

    assert found == {birch.ada.person_id: False, birch.ben.person_id: True}


def test_leads_read_how_it_was_answered_others_do_not(birch, agreement):
    agreements.decline(agreement, by=birch.ada.person, note="Too many hours")
    signed(agreement, birch.ben.person)

    found = agreements.answers_to(agreement, by=birch.lea)

    assert (found.asked, found.signed) == (4, 1)
    assert [one.note for one in found.declined] == ["Too many hours"]
    with pytest.raises(PermissionDenied):
        agreements.answers_to(agreement, by=birch.sol.person)


def test_every_text_that_was_signed_stays_with_its_person(birch, agreement):
    signed(agreement, birch.ada.person)
    newer = agreements.offer(birch.program, text="Come early.", by=birch.lea)
    signed(newer, birch.ada.person)

    kept = agreements.signatures_of(birch.ada.person, birch.program)

    assert [one.text for one in kept] == ["Come early.", TEXT]
    assert agreements.signatures_of(birch.ben.person, birch.program) == []
