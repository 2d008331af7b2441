from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cohorts import joining, rights
from cohorts.models import Invitation, Membership, Role
from people.models import OutboxMessage, Record
from people.refusal import Refused
from tests.conftest import person


@pytest.fixture
def letter(birch):
    """An invitation for Nia on its way."""
    return joining.invite(
        "Nia@Example.org ", into=birch.cohort, by=birch.sol.person, called="Nia"
    )


@pytest.fixture
def nia(db):
    return person("nia")


def active(cohort):
    return set(
        Membership.objects.active()
        .filter(cohort=cohort)
        .values_list("person__called", flat=True)
    )


def test_an_invitation_goes_out_once_by_mail(birch, letter):
    again = joining.invite("nia@example.org", into=birch.cohort, by=birch.lea)

    assert again == letter
    assert list(OutboxMessage.objects.values_list("address", "notice")) == [
        ("nia@example.org", "cohorts.invitation")
    ]


def test_only_the_hash_of_the_link_is_kept(letter):
    kept = Invitation.objects.unsealed("the test reads all").values().get()

    assert letter.secret() not in map(str, kept.values())
    assert len(letter.secret()) == 43  # 256 bits
    assert joining.invitation_of(letter.secret()) == letter


@pytest.mark.parametrize("who", ["ada", "oma"])
def test_members_and_neighbours_invite_nobody(birch, who):
    by = getattr(birch, who).person

    with pytest.raises(PermissionDenied):
        joining.invite("x@example.org", into=birch.cohort, by=by)

    assert not Invitation.objects.unsealed("the test reads all").exists()


def test_somebody_who_sits_there_is_not_invited(birch):
    with pytest.raises(Refused):
        joining.invite("ADA@example.org", into=birch.cohort, by=birch.sol.person)


def test_nobody_is_invited_into_a_finished_cohort(birch):
    joining.finish(birch.cohort, by=birch.sol.person)

    with pytest.raises(Refused):
        joining.invite("x@example.org", into=birch.cohort, by=birch.sol.person)


def test_who_joins_late_reads_from_that_moment(birch, letter, nia, now):
    seat = joining.accept(letter, by=nia, now=now)

    assert (seat.role, seat.reads_from, seat.joined_at) == (Role.MEMBER, now, now)


def test_the_founding_circle_reads_from_the_first_day(birch, nia, now):
    letter = joining.invite(
        nia.email, into=birch.cohort, by=birch.lea, founding=True, now=now
    )

    seat = joining.accept(letter, by=nia, now=now + timedelta(days=5))

    assert seat.reads_from == birch.cohort.created_at


def test_accepting_twice_gives_one_seat(birch, letter, nia):
    first = joining.accept(letter, by=nia)
    second = joining.accept(letter, by=nia)

    assert first == second
    assert Membership.objects.filter(person=nia).count() == 1


def test_a_used_link_opens_nothing_for_others(birch, letter, nia):
    joining.accept(letter, by=nia)

    with pytest.raises(Refused):
        joining.accept(letter, by=person("zoe"))


def test_a_used_link_does_not_bring_back_somebody_who_left(birch, letter, nia):
    joining.leave(joining.accept(letter, by=nia), by=nia)

    with pytest.raises(Refused):
        joining.accept(letter, by=nia)

    assert "Nia" not in active(birch.cohort)


def test_a_link_is_for_the_address_it_was_sent_to(birch, letter):
    with pytest.raises(Refused):
        joining.accept(letter, by=person("zoe"))

    assert active(birch.cohort) == {"Ada", "Ben", "Sol"}


def test_a_link_runs_out(birch, nia, now):
    long_ago = now - joining.LASTS - timedelta(days=1)
    letter = joining.invite(
        nia.email, into=birch.cohort, by=birch.sol.person, now=long_ago
    )

    with pytest.raises(Refused):
        joining.accept(letter, by=nia)


def test_a_new_link_makes_the_older_one_void(birch, letter):
    older = letter.secret()

    newer = joining.resend(letter, by=birch.sol.person)

    assert joining.invitation_of(older) is None
    assert joining.invitation_of(newer.secret()) == letter
    assert OutboxMessage.objects.count() == 2


def test_one_address_gets_only_so_many_mails_in_an_hour(birch, letter, now):
    for _press in range(joining.MOST_IN_AN_HOUR - 1):
        joining.resend(letter, by=birch.sol.person)

    with pytest.raises(Refused):
        joining.resend(letter, by=birch.sol.person)

    assert OutboxMessage.objects.count() == joining.MOST_IN_AN_HOUR
    later = now + timedelta(hours=2)
    assert joining.resend(letter, by=birch.sol.person, now=later).links_made == 6


def test_inviting_again_after_it_ran_out_sends_a_new_link(birch, letter, now):
    later = now + joining.LASTS + timedelta(days=1)

    again = joining.invite(
        letter.email, into=birch.cohort, by=birch.sol.person, now=later
    )

    assert (again.pk, again.links_made) == (letter.pk, 2)


def test_an_invitation_taken_back_opens_nothing(birch, letter, nia):
    joining.revoke(letter, by=birch.lea)

    with pytest.raises(Refused):
        joining.accept(letter, by=nia)


def test_members_take_no_invitation_back(birch, letter):
    with pytest.raises(PermissionDenied):
        joining.revoke(letter, by=birch.ada.person)


def test_saying_no_needs_no_account_and_ends_it(birch, letter, nia):
    joining.decline(letter, note="Not this year.")

    with pytest.raises(Refused):
        joining.accept(letter, by=nia)
    letter.refresh_from_db()
    assert (letter.state, letter.note) == ("declined", "Not this year.")


def test_facilitators_and_leads_see_who_is_invited_others_do_not(birch, letter):
    def sees(viewer):
        return Invitation.objects.visible_to(viewer).exists()

    assert [
        sees(viewer)
        for viewer in (
            birch.sol.person,
            birch.lea,
            birch.ada.person,
            birch.oma.person,
            birch.rex,
            birch.fay,
        )
    ] == [True, True, False, False, False, False]


def test_leaving_is_ones_own_to_do(birch):
    with pytest.raises(PermissionDenied):
        joining.leave(birch.ada, by=birch.sol.person)

    joining.leave(birch.ada, by=birch.ada.person)

    assert active(birch.cohort) == {"Ben", "Sol"}


def test_a_member_can_be_removed_by_a_facilitator_only(birch):
    with pytest.raises(PermissionDenied):
        joining.remove(birch.ada, by=birch.ben.person)

    joining.remove(birch.ada, by=birch.sol.person)

    assert active(birch.cohort) == {"Ben", "Sol"}
    assert Record.objects.get(act="membership.remove").about == birch.ada.pk


def test_the_last_facilitator_hands_over_before_leaving(birch):
    with pytest.raises(Refused):
        joining.leave(birch.sol, by=birch.sol.person)

    joining.hand_over(birch.sol, to=birch.ada, by=birch.sol.person)
    joining.leave(birch.sol, by=birch.sol.person)

    roles = Membership.objects.active().filter(cohort=birch.cohort)
    assert dict(roles.values_list("person__called", "role")) == {
        "Ada": "facilitator",
        "Ben": "member",
    }


def test_facilitation_is_handed_over_within_the_cohort(birch):
    with pytest.raises(Refused):
        joining.hand_over(birch.sol, to=birch.oma, by=birch.sol.person)


def test_a_member_makes_nobody_a_facilitator(birch):
    with pytest.raises(PermissionDenied):
        joining.add_facilitator(birch.ben, by=birch.ada.person)

    birch.ben.refresh_from_db()
    assert not birch.ben.is_facilitator


def test_a_cohort_has_as_many_facilitators_as_it_likes(birch):
    joining.add_facilitator(birch.ben, by=birch.lea)

    assert [p.called for p in rights.whom_to_ask(birch.cohort)] == ["Ben", "Sol"]


def test_finishing_takes_back_what_is_on_its_way(birch, letter):
    joining.finish(birch.cohort, by=birch.lea)
    joining.finish(birch.cohort, by=birch.lea)

    letter.refresh_from_db()
    assert (birch.cohort.is_finished, letter.state) == (True, "revoked")
    assert Record.objects.filter(act="cohort.finish").count() == 1


def test_members_do_not_finish_their_cohort(birch):
    with pytest.raises(PermissionDenied):
        joining.finish(birch.cohort, by=birch.ada.person)


def test_anyone_may_leave_a_finished_cohort(birch):
    joining.finish(birch.cohort, by=birch.sol.person)

    joining.leave(birch.sol, by=birch.sol.person)

    assert active(birch.cohort) == {"Ada", "Ben"}


# Holding it, stepping down, handing over


def test_who_is_asked_to_hold_it_holds_it_when_they_say_yes(birch):
    asked = joining.ask_to_hold(birch.ada, by=birch.sol.person)
    before = [p.called for p in rights.whom_to_ask(birch.cohort)]

    joining.accept(asked, by=birch.ada.person)
    joining.accept(asked, by=birch.ada.person)

    assert before == ["Sol"]
    assert [p.called for p in rights.whom_to_ask(birch.cohort)] == ["Ada", "Sol"]
    assert Record.objects.filter(act="membership.facilitate").count() == 1


def test_handing_over_makes_a_member_of_who_held_it(birch):
    asked = joining.ask_to_hold(birch.ada, by=birch.sol.person, in_place_of=birch.sol)

    joining.accept(asked, by=birch.ada.person)

    roles = Membership.objects.active().filter(cohort=birch.cohort)
    assert dict(roles.values_list("person__called", "role")) == {
        "Ada": "facilitator",
        "Ben": "member",
        "Sol": "member",
    }


def test_two_who_were_asked_may_both_say_yes(birch):
    asked = [
        joining.ask_to_hold(one, by=birch.sol.person, in_place_of=birch.sol)
        for one in (birch.ada, birch.ben)
    ]

    joining.accept(asked[0], by=birch.ada.person)
    joining.accept(asked[1], by=birch.ben.person)

    assert [p.called for p in rights.whom_to_ask(birch.cohort)] == ["Ada", "Ben"]


@pytest.mark.parametrize("who", ["ada", "oma"])
def test_members_and_neighbours_ask_nobody_to_hold_it(birch, who):
    with pytest.raises(PermissionDenied):
        joining.ask_to_hold(birch.ben, by=getattr(birch, who).person)


def test_nobody_is_asked_for_what_they_do_already(birch):
    with pytest.raises(Refused):
        joining.ask_to_hold(birch.sol, by=birch.lea)


def test_being_asked_does_not_bring_back_somebody_who_left(birch):
    asked = joining.ask_to_hold(birch.ada, by=birch.sol.person)
    joining.leave(birch.ada, by=birch.ada.person)

    with pytest.raises(Refused):
        joining.accept(asked, by=birch.ada.person)

    asked.refresh_from_db()
    assert (asked.state, active(birch.cohort)) == ("revoked", {"Ben", "Sol"})


def test_the_newer_question_holds(birch):
    first = joining.ask_to_hold(birch.ada, by=birch.sol.person)

    second = joining.ask_to_hold(birch.ada, by=birch.sol.person, in_place_of=birch.sol)

    first.refresh_from_db()
    assert (first.state, second.state) == ("revoked", "waiting")


def test_one_of_two_steps_down_and_the_last_one_does_not(birch):
    joining.add_facilitator(birch.ada, by=birch.lea)

    joining.step_down(birch.sol, by=birch.sol.person)
    with pytest.raises(Refused):
        joining.step_down(birch.ada, by=birch.ada.person)

    assert [p.called for p in rights.whom_to_ask(birch.cohort)] == ["Ada"]


def test_stepping_down_is_ones_own_to_do(birch):
    with pytest.raises(PermissionDenied):
        joining.step_down(birch.sol, by=birch.lea)


# In the place of another


def test_who_is_replaced_sits_until_the_place_is_taken(birch, nia, now):
    letter = joining.replace(birch.ben, to=nia.email, by=birch.sol.person)
    before = active(birch.cohort)

    seat = joining.accept(letter, by=nia, now=now)

    assert before == {"Ada", "Ben", "Sol"}
    assert active(birch.cohort) == {"Ada", "Nia", "Sol"}
    assert (seat.role, seat.reads_from) == (Role.MEMBER, now)


def test_the_only_facilitator_can_be_replaced(birch, nia):
    letter = joining.replace(birch.sol, to=nia.email, by=birch.lea)

    joining.accept(letter, by=nia)

    assert [p.called for p in rights.whom_to_ask(birch.cohort)] == ["Nia"]
    assert active(birch.cohort) == {"Ada", "Ben", "Nia"}


def test_somebody_who_left_is_replaced(birch, nia):
    joining.leave(birch.ben, by=birch.ben.person)
    birch.ben.refresh_from_db()

    joining.accept(joining.replace(birch.ben, to=nia.email, by=birch.lea), by=nia)

    assert active(birch.cohort) == {"Ada", "Nia", "Sol"}


def test_nobody_replaces_themselves_and_members_replace_nobody(birch):
    with pytest.raises(Refused):
        joining.replace(birch.sol, to="x@example.org", by=birch.sol.person)
    with pytest.raises(PermissionDenied):
        joining.replace(birch.ben, to="x@example.org", by=birch.ada.person)
