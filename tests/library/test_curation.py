from uuid import uuid4

import pytest

from library import curation, searching
from library.lineage import family
from library.models import ProgramCopy, PublicCopy, Resource
from people.refusal import Refused


@pytest.fixture
def card(birch):
    return curation.keep(
        by=birch.ada,
        kind="playbook",
        title="The one-page referral card",
        body="Three boxes, **one stamp**.",
        tags=("health", "handover"),
    )


def test_an_insight_is_kept_once_however_often_the_form_is_sent(birch):
    key = uuid4()
    for _ in range(2):
        curation.keep(
            by=birch.ada, title="Cards need a stamp", client_key=key, tags=("health",)
        )

    kept = Resource.objects.visible_to(birch.ben.person)

    assert [(r.title, r.tag_names) for r in kept] == [
        ("Cards need a stamp", ["health"])
    ]


def test_the_cohort_next_door_does_not_see_it(birch, card):
    assert not Resource.objects.visible_to(birch.oma.person).exists()


def test_what_is_published_is_a_copy_that_editing_does_not_change(birch, card):
    copy = curation.publish(
        card, audience="public", by=birch.ada.person, attribution="Ada"
    )

    curation.revise(card, by=birch.ada.person, tags=(), title="Another title")

    copy.refresh_from_db()
    assert copy.title == "The one-page referral card"
    assert (copy.edition, card.edition) == (1, 2)


def test_publishing_again_brings_the_same_copy_up_to_date(birch, card):
    for title in ("First", "Second"):
        curation.revise(card, by=birch.ada.person, tags=(), title=title)
        curation.publish(
            card, audience="public", by=birch.ada.person, attribution="Ada"
        )

    assert [c.title for c in PublicCopy.objects.all()] == ["Second"]


def test_only_the_author_lets_it_leave_the_cohort_not_even_a_facilitator(birch, card):
    with pytest.raises(Refused):
        curation.publish(
            card, audience="public", by=birch.sol.person, attribution="Sol"
        )

    assert not PublicCopy.objects.exists()


def test_a_facilitator_may_take_it_back_and_a_member_may_not(birch, card):
    curation.publish(card, audience="public", by=birch.ada.person, attribution="Ada")

    with pytest.raises(Refused):
        curation.withdraw(card, audience="public", by=birch.ben.person)
    assert curation.withdraw(card, audience="public", by=birch.sol.person)

    assert not PublicCopy.objects.exists()


def test_a_copy_for_the_program_is_read_in_it_and_not_by_its_funder(birch, card):
    curation.publish(card, audience="program", by=birch.ada.person, attribution="Ada")

    readers = {
        name: ProgramCopy.objects.visible_to(person).exists()
        for name, person in {
            "oma": birch.oma.person,
            "lea": birch.lea,
            "fay": birch.fay,
        }.items()
    }

    assert readers == {"oma": True, "lea": True, "fay": False}


def test_a_retired_piece_takes_its_copies_along_and_can_come_back(birch, card):
    curation.publish(card, audience="network", by=birch.ada.person, attribution="Ada")

    curation.retire(card, by=birch.ada.person)

    assert curation.copies_of(card) == {}
    curation.restore(card, by=birch.ada.person)
    assert card.retired_at is None


def test_an_adaptation_knows_its_source_and_the_family_grows_as_a_tree(birch, card):
    first = curation.publish(
        card, audience="public", by=birch.ada.person, attribution="Ada"
    )
    pictures = curation.keep(
        by=birch.oma, title="In pictures", source=first, place="Gulu, 2025"
    )
    second = curation.publish(
        pictures, audience="public", by=birch.oma.person, attribution="Oma"
    )

    tree = family(searching.relatives(birch.ada.person, second), here=second.pk)

    assert [(n.copy.title, n.is_here) for n in tree] == [(card.title, False)]
    assert [(n.copy.title, n.is_here) for n in tree[0].children] == [
        ("In pictures", True)
    ]
