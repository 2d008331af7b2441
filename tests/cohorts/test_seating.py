from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from cohorts import joining, moving, publishing, seating, signing, solving
from cohorts.founding import end_task
from cohorts.models import (
    Appointment,
    Cohort,
    Composition,
    Invitation,
    Membership,
    Move,
    Seat,
    appoint,
)
from people.models import OutboxMessage
from people.refusal import Refused
from tests.cohorts.pool import intake_of, offered, six
from tests.conftest import person

ASKED = seating.Asked(
    groups=2,
    size_min=2,
    size_max=5,
    protected=("language",),
    vary=("role",),
    monday="2026-11-23",
)


@pytest.fixture
def intake(birch):
    return intake_of(birch.program)


@pytest.fixture
def people(intake):
    return six(intake)


@pytest.fixture
def proposal(birch, intake, people):
    return composed(intake, birch.lea)


def composed(intake, by, seed=7, asked=ASKED, **more):
    begun = seating.propose(intake, asked=asked, by=by, seed=seed, **more)
    return solving.solve(begun.pk)


def board(proposal):
    """Who sits where: {group: {names}}."""
    seats = (
        Seat.objects.unsealed("the test reads all")
        .filter(composition=proposal)
        .select_related("application", "group")
    )
    found = {}
    for one in seats:
        name = one.group.name if one.group else None
        found.setdefault(name, set()).add(one.application.called)
    return found


def seat_of(proposal, name):
    return (
        Seat.objects.unsealed("the test reads all")
        .select_related("group")
        .get(composition=proposal, application__called=name)
    )


def elsewhere(proposal, seat):
    groups = seating.groups_of(proposal)
    return next(g for g in groups if g.pk != seat.group_id)


# Proposing


def test_nobody_is_left_the_only_one(proposal):
    together = [group for group in board(proposal).values() if "Huda" in group]

    assert proposal.broken == 0
    assert "Farah" in together[0]


def test_the_same_seed_gives_the_same_circles(birch, intake, people):
    first, second = (composed(intake, birch.lea, seed=3) for _ in range(2))

    assert board(first) == board(second)
    assert (first.number, second.number) == (1, 2)


def test_the_same_form_sent_twice_begins_one(birch, intake, people):
    key = "0199aaaa-0000-7000-8000-000000000002"

    first, second = (
        seating.propose(intake, asked=ASKED, by=birch.lea, client_key=key)
        for _ in range(2)
    )

    assert first == second


def test_only_leads_propose(birch, intake, people):
    for by in (birch.rex, birch.sol.person, birch.fay):
        with pytest.raises(PermissionDenied):
            seating.propose(intake, asked=ASKED, by=by)


def test_without_offers_there_is_nothing_to_propose(birch, intake):
    with pytest.raises(Refused):
        seating.propose(intake, asked=ASKED, by=birch.lea)


def test_those_who_refused_or_withdrew_are_not_seated(birch, intake, people, now):
    offered(intake, "Nobody", reply="refused", replied_at=now)
    offered(intake, "Gone", state="withdrawn", withdrawn_at=now)
    offered(intake, "Undecided", outcome="", released_at=None)

    proposal = composed(intake, birch.lea)

    assert set().union(*board(proposal).values()) == set(people)


def test_everybody_has_a_reason(proposal):
    seats = Seat.objects.unsealed("the test reads all").filter(composition=proposal)

    assert all(seat.because for seat in seats if seat.group_id)


def test_ties_are_found_by_name_or_organisation(intake):
    tied = offered(intake, "Ana", ties=["  bread  CO-OP ", "Zed"])
    other = offered(intake, "Bo", organisation="Bread co-op")

    one, _two = seating.candidates_of([tied, other], week=ASKED.week)

    assert one.ties == {str(other.pk)}


def test_hours_are_compared_in_one_time(intake):
    here = offered(intake, "Ana", timezone="Africa/Nairobi")
    unsaid = offered(intake, "Bo", availability="")

    one, two = seating.candidates_of([here, unsaid], week=ASKED.week)

    assert (32 - 6 in one.free, 32 in one.free, two.free) == (True, True, None)
    assert 40 not in one.free  # 20:00 UTC is 23:00 in Nairobi


def test_leads_read_proposals_and_nobody_else(birch, proposal):
    def reads(viewer):
        return Composition.objects.visible_to(viewer).exists()

    others = (birch.sol.person, birch.ada.person, birch.rex, birch.fay)
    assert [reads(viewer) for viewer in (birch.lea, *others)] == [True] + [False] * 4


# Moving


def test_a_move_is_weighed_again_at_once(birch, proposal):
    huda = seat_of(proposal, "Huda")
    left = len(board(proposal)[huda.group.name]) - 1

    after = moving.move(
        huda, to=elsewhere(proposal, huda), by=birch.lea, edition=proposal.edition
    )

    found = [f for group in after.facts["groups"] for f in group["findings"]]
    assert [f["code"] for f in found].count("only_one") == 2
    assert after.broken == 2 + max(0, ASKED.size_min - left)


def test_a_move_can_be_taken_back(birch, proposal):
    before, huda = board(proposal), seat_of(proposal, "Huda")
    moved = moving.move(
        huda, to=elsewhere(proposal, huda), by=birch.lea, edition=proposal.edition
    )

    moving.undo(proposal, by=birch.lea, edition=moved.edition)

    assert board(proposal) == before
    assert moving.last_move(proposal) is None


def test_moves_are_taken_back_one_by_one(birch, proposal):
    before = board(proposal)
    edition = proposal.edition
    for name in ("Huda", "Amina", "Huda"):
        seat = seat_of(proposal, name)
        edition = moving.move(
            seat, to=elsewhere(proposal, seat), by=birch.lea, edition=edition
        ).edition

    for n in range(3):
        moving.undo(proposal, by=birch.lea, edition=edition + n)

    assert board(proposal) == before
    assert moving.undo(proposal, by=birch.lea, edition=edition + 3) is None


def test_two_change_places_and_back(birch, proposal):
    huda = seat_of(proposal, "Huda")
    other = next(
        s
        for s in map(
            lambda n: seat_of(proposal, n), ("Amina", "Grace", "Marek", "Petra")
        )
        if s.group_id != huda.group_id
    )
    before = board(proposal)

    swapped = moving.swap(huda, other, by=birch.lea, edition=proposal.edition)
    during = board(proposal)
    moving.undo(proposal, by=birch.lea, edition=swapped.edition)

    assert seat_of(proposal, "Huda").group_id == huda.group_id
    assert (during != before, board(proposal)) == (True, before)


def test_who_waits_is_not_held_anywhere(birch, proposal):
    huda = seat_of(proposal, "Huda")
    held = moving.pin(huda, pinned=True, by=birch.lea, edition=proposal.edition)

    moving.move(huda, to=None, by=birch.lea, edition=held.edition)

    assert (seat_of(proposal, "Huda").pinned, board(proposal)[None]) == (
        False,
        {"Huda"},
    )


def test_the_next_proposal_keeps_those_who_are_held(birch, intake, proposal):
    huda = seat_of(proposal, "Huda")
    to = elsewhere(proposal, huda)
    moved = moving.move(huda, to=to, by=birch.lea, edition=proposal.edition)
    moving.pin(huda, pinned=True, by=birch.lea, edition=moved.edition)

    again = composed(intake, birch.lea, seed=99, keep=proposal)

    assert seat_of(again, "Huda").group.position == to.position
    assert again.broken == 0


def test_a_page_that_grew_old_moves_nobody(birch, proposal):
    """Two browsers at once: the second one hears of the first."""
    seen = proposal.edition
    huda, amina = seat_of(proposal, "Huda"), seat_of(proposal, "Amina")
    moving.move(huda, to=None, by=birch.lea, edition=seen)

    with pytest.raises(moving.Stale):
        moving.move(amina, to=None, by=birch.lea, edition=seen)

    assert board(proposal)[None] == {"Huda"}


def test_only_leads_move_people(birch, proposal):
    huda = seat_of(proposal, "Huda")

    for by in (birch.rex, birch.sol.person, birch.oma.person):
        with pytest.raises(PermissionDenied):
            moving.move(huda, to=None, by=by, edition=proposal.edition)

    assert not Move.objects.unsealed("the test reads all").exists()


def test_a_group_of_another_proposal_seats_nobody_here(birch, intake, proposal):
    other = composed(intake, birch.lea)
    huda = seat_of(proposal, "Huda")

    with pytest.raises(PermissionDenied):
        moving.move(
            huda,
            to=seating.groups_of(other)[0],
            by=birch.lea,
            edition=proposal.edition,
        )


def test_a_way_out_names_the_smallest_change(birch, proposal):
    huda = seat_of(proposal, "Huda")
    home = huda.group
    moved = moving.move(
        huda, to=elsewhere(proposal, huda), by=birch.lea, edition=proposal.edition
    )

    first, *_rest = moving.ways_out(moved)

    assert first.broken == 0
    assert {first.seat.application.called, first.to == home} & {"Huda", "Farah"}


def test_people_who_change_their_mind_are_told_and_brought_in(
    birch, intake, people, proposal, now
):
    huda = people["Huda"]
    huda.reply, huda.replied_at = "refused", now
    huda.save()
    offered(intake, "Late")

    told = moving.difference(proposal)
    moving.bring_up_to_date(proposal, by=birch.lea, edition=proposal.edition)

    assert (len(told.came), told.went) == (1, {huda.pk})
    assert "Huda" not in set().union(*board(proposal).values())
    assert board(proposal)[None] == {"Late"}
    assert not moving.difference(proposal)


# Signing


@pytest.fixture
def second_lead(birch):
    lev = person("lev")
    appoint(lev, to=birch.program, role=Appointment.Role.LEAD)
    return lev


def signed(proposal, *people):
    for one in people:
        signing.sign(proposal, by=one, arrangement=signing.arrangement_of(proposal))


def test_one_signature_publishes_nothing(birch, proposal):
    signed(proposal, birch.lea)

    with pytest.raises(Refused):
        publishing.publish(proposal, by=birch.lea)

    assert Cohort.objects.count() == 2  # Birch and Oak


def test_signing_twice_is_one_signature(birch, proposal):
    signed(proposal, birch.lea, birch.lea)

    assert publishing.what_hinders(proposal) == [
        "One more person has to sign this arrangement."
    ]


def test_any_move_voids_what_was_signed(birch, proposal, second_lead):
    signed(proposal, birch.lea, second_lead)
    huda, amina = seat_of(proposal, "Huda"), seat_of(proposal, "Amina")
    edition = proposal.edition
    for seat in (huda, amina):
        edition = moving.move(seat, to=None, by=birch.lea, edition=edition).edition

    proposal.refresh_from_db()

    assert signing.answers_that_hold(proposal) == []


def test_a_move_taken_back_makes_the_signatures_hold_again(
    birch, proposal, second_lead
):
    signed(proposal, birch.lea, second_lead)
    moved = moving.move(
        seat_of(proposal, "Huda"), to=None, by=birch.lea, edition=proposal.edition
    )
    moving.undo(proposal, by=birch.lea, edition=moved.edition)

    assert len(signing.answers_that_hold(proposal)) == 2


def test_what_was_not_seen_is_not_signed(birch, proposal):
    seen = signing.arrangement_of(proposal)
    moving.move(
        seat_of(proposal, "Huda"), to=None, by=birch.lea, edition=proposal.edition
    )

    with pytest.raises(Refused):
        signing.sign(proposal, by=birch.lea, arrangement=seen)


def test_nobody_signs_an_arrangement_that_breaks_a_rule(birch, proposal):
    huda = seat_of(proposal, "Huda")
    moving.move(
        huda, to=elsewhere(proposal, huda), by=birch.lea, edition=proposal.edition
    )

    with pytest.raises(Refused):
        signed(proposal, birch.lea)


def test_a_facilitator_signs_when_asked_and_not_before(birch, proposal):
    sol = birch.sol.person
    with pytest.raises(PermissionDenied):
        signed(proposal, sol)

    signing.ask_to_sign(proposal, sol, by=birch.lea)
    signed(proposal, birch.lea, sol)

    assert publishing.what_hinders(proposal) == []
    assert OutboxMessage.objects.filter(notice="cohorts.asked_to_sign").count() == 1


def test_nobody_outside_the_program_is_asked(birch, proposal):
    with pytest.raises(Refused):
        signing.ask_to_sign(proposal, birch.fay, by=birch.lea)


def test_who_does_not_want_it_like_this_holds_it_up(birch, proposal, second_lead):
    signed(proposal, birch.lea)
    signing.ask_to_sign(proposal, birch.sol.person, by=birch.lea)
    signed(proposal, birch.sol.person)

    signing.sign(
        proposal, by=second_lead, arrangement="", agrees=False, note="Swap two."
    )

    assert publishing.what_hinders(proposal) == [
        "Lev does not want it like this. Talk first."
    ]


def gone(person, birch):
    task = Appointment.objects.active().get(person=person, program=birch.program)
    end_task(task, by=birch.lea)


def test_a_lead_who_left_reads_and_signs_no_proposal(
    client, birch, proposal, second_lead
):
    signed(proposal, second_lead)
    gone(second_lead, birch)
    client.force_login(second_lead)

    page = client.get(f"/f/compose/sign/{proposal.pk}/")

    assert page.status_code == 404
    with pytest.raises(PermissionDenied):
        signed(proposal, second_lead)


def test_the_signature_of_a_lead_who_left_does_not_hold(birch, proposal, second_lead):
    signed(proposal, birch.lea, second_lead)

    gone(second_lead, birch)

    assert publishing.what_hinders(proposal) == [
        "One more person has to sign this arrangement."
    ]


def test_a_facilitator_who_was_asked_and_left_reads_no_proposal(
    client, birch, proposal, now
):
    signing.ask_to_sign(proposal, birch.sol.person, by=birch.lea)
    birch.sol.left_at = now
    birch.sol.save()
    client.force_login(birch.sol.person)

    page = client.get(f"/f/compose/sign/{proposal.pk}/")

    assert page.status_code == 404


# Publishing


@pytest.fixture
def ready(birch, proposal, second_lead):
    signed(proposal, birch.lea, second_lead)
    return proposal


def test_publishing_turns_groups_into_cohorts_and_seats_into_invitations(
    birch, ready, people
):
    made = publishing.publish(ready, by=birch.lea)

    sent = Invitation.objects.unsealed("the test reads all")
    assert len(made) == 2
    assert {one.called for one in sent.filter(role="member")} == set(people)
    assert set(sent.filter(role="facilitator").values_list("email", flat=True)) == {
        "lea@example.org"
    }
    assert all(one.founding for one in sent)
    assert not Membership.objects.filter(cohort__in=made).exists()


def test_the_founding_circle_reads_from_the_first_day(birch, ready, now):
    publishing.publish(ready, by=birch.lea, now=now)
    letter = Invitation.objects.unsealed("the test reads all").get(called="Huda")
    huda = person("huda")

    seat = joining.accept(letter, by=huda, now=now + timedelta(days=9))

    assert seat.reads_from == now


def test_taking_the_seat_answers_the_offer(birch, ready, people, now):
    publishing.publish(ready, by=birch.lea, now=now)
    sent = Invitation.objects.unsealed("the test reads all")
    huda = person("huda")

    joining.accept(sent.get(called="Huda"), by=huda, now=now)
    joining.decline(sent.get(called="Farah"), now=now)

    for one in people.values():
        one.refresh_from_db()
    assert (people["Huda"].reply, people["Huda"].applicant) == ("accepted", huda)
    assert (people["Farah"].reply, people["Farah"].applicant) == ("refused", None)
    assert people["Amina"].reply == ""


def test_publishing_twice_publishes_once(birch, ready):
    first = publishing.publish(ready, by=birch.lea)
    second = publishing.publish(ready, by=birch.lea)

    assert first == second
    assert Invitation.objects.unsealed("the test reads all").count() == 8


@pytest.mark.django_db(transaction=True)
def test_publishing_from_two_pages_at_once_publishes_once(birch, ready):
    def press(_n):
        try:
            return len(publishing.publish(ready, by=birch.lea))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pages:
        made = list(pages.map(press, range(2)))

    assert made == [2, 2]
    assert Cohort.objects.count() == 4


def test_a_call_is_published_once(birch, intake, ready):
    rival = composed(intake, birch.lea)
    publishing.publish(ready, by=birch.lea)

    rival.refresh_from_db()

    assert rival.state == Composition.State.SET_ASIDE
    with pytest.raises(Refused):
        publishing.publish(rival, by=birch.lea)


def test_somebody_who_refused_meanwhile_holds_it_up(birch, ready, people, now):
    huda = people["Huda"]
    huda.reply, huda.replied_at = "refused", now
    huda.save()

    with pytest.raises(Refused):
        publishing.publish(ready, by=birch.lea)


def test_somebody_without_an_address_holds_it_up(birch, ready, people):
    people["Huda"].email = ""
    people["Huda"].save()

    assert publishing.what_hinders(ready) == ["One person has no mail address."]


def test_only_leads_publish(birch, ready):
    with pytest.raises(PermissionDenied):
        publishing.publish(ready, by=birch.sol.person)


def test_a_published_proposal_is_moved_no_more(birch, ready):
    publishing.publish(ready, by=birch.lea)
    ready.refresh_from_db()

    with pytest.raises(Refused):
        moving.move(
            seat_of(ready, "Huda"), to=None, by=birch.lea, edition=ready.edition
        )
