from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest

from people.models import OutboxMessage
from people.refusal import Refused
from sessions import notices, rituals, runsheet
from sessions.agendas import by_key
from sessions.models import RitualSession, Rsvp

pytestmark = pytest.mark.django_db


def sessions_of(cohort):
    return list(
        RitualSession.objects.unsealed("test").filter(cohort=cohort).order_by("number")
    )


def queued(notice):
    return set(
        OutboxMessage.objects.filter(notice=notice.name).values_list(
            "recipient__called", flat=True
        )
    )


def test_a_session_has_a_number_a_moment_and_a_run_sheet(birch, plan):
    session = rituals.schedule(birch.cohort, plan(), by=birch.sol.person)

    assert session.number == 1
    assert session.starts_at == datetime(2027, 3, 11, 13, tzinfo=UTC)
    assert [p.name for p in rituals.phases_of(session, reader=birch.ada.person)] == [
        "Arrive",
        "Intentions",
        "Edges",
        "Consult",
        "Reflect",
        "Appreciate",
        "Commit",
        "One insight",
    ]
    assert queued(notices.SESSION_PLANNED) == {"Ada", "Ben", "Sol"}


def test_the_same_form_sent_twice_plans_one_session(birch, plan):
    key = uuid4()

    first = rituals.schedule(
        birch.cohort, plan(), by=birch.sol.person, client_key=key, times=3
    )
    again = rituals.schedule(
        birch.cohort, plan(), by=birch.sol.person, client_key=key, times=3
    )

    assert again == first
    assert [s.number for s in sessions_of(birch.cohort)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("zone", "day", "at", "weeks", "begins"),
    [
        # Over both spring changes, the wall time of the place stays.
        ("Europe/London", date(2027, 3, 25), time(16), 1, ["16:00", "15:00", "15:00"]),
        (
            "America/New_York",
            date(2027, 3, 11),
            time(16),
            1,
            ["21:00", "20:00", "20:00"],
        ),
        # And back in autumn, every second week.
        ("Europe/London", date(2027, 10, 21), time(9), 2, ["08:00", "09:00", "09:00"]),
        # In the hour that does not exist: the offset before the gap.
        ("Europe/London", date(2027, 3, 28), time(1, 30), 1, ["01:30", "00:30"]),
        ("Africa/Cairo", date(2027, 4, 30), time(0, 30), 1, ["22:30", "21:30"]),
    ],
)
def test_a_rhythm_keeps_the_wall_time(birch, plan, zone, day, at, weeks, begins):
    rituals.schedule(
        birch.cohort,
        plan(day=day, at=at, timezone=zone),
        by=birch.sol.person,
        every_weeks=weeks,
        times=len(begins),
    )

    made = sessions_of(birch.cohort)
    assert [f"{s.starts_at.astimezone(UTC):%H:%M}" for s in made] == begins
    assert {s.local_time for s in made} == {at}


def test_only_facilitators_plan(birch, plan):
    with pytest.raises(Refused):
        rituals.schedule(birch.cohort, plan(), by=birch.ada.person)
    with pytest.raises(Refused):
        rituals.schedule(birch.oak, plan(host=None), by=birch.sol.person)


def test_a_host_sits_in_the_cohort(birch, plan):
    with pytest.raises(Refused):
        rituals.schedule(birch.cohort, plan(host=birch.oma), by=birch.sol.person)


def test_a_finished_cohort_plans_nothing(birch, plan, now):
    birch.cohort.finished_at = now
    birch.cohort.save()

    with pytest.raises(Refused):
        rituals.schedule(birch.cohort, plan(), by=birch.sol.person)


def test_a_rhythm_ends(birch, plan):
    with pytest.raises(Refused):
        rituals.schedule(birch.cohort, plan(), by=birch.sol.person, times=1000)


def test_a_move_is_told_and_counted(birch, plan, planned):
    rituals.change(planned, plan(at=time(17)), by=birch.sol.person)

    planned.refresh_from_db()
    assert planned.starts_at == datetime(2027, 3, 11, 14, tzinfo=UTC)
    assert planned.calendar_sequence == 1
    assert queued(notices.SESSION_MOVED) == {"Ada", "Ben", "Sol"}


def test_new_words_are_told_to_nobody(birch, plan, planned):
    rituals.change(planned, plan(title="Another name"), by=birch.sol.person)

    assert queued(notices.SESSION_MOVED) == set()


def test_another_agenda_makes_the_run_sheet_anew(birch, plan, planned):
    rituals.change(
        planned, plan(template="consent-round", minutes=30), by=birch.sol.person
    )

    phases = rituals.phases_of(planned, reader=birch.ada.person)
    assert phases[0].name == str(by_key("consent-round").phases[0].name)
    assert [p.position for p in phases] == list(range(len(phases)))


def test_only_facilitators_change(birch, plan, planned):
    with pytest.raises(Refused):
        rituals.change(planned, plan(), by=birch.ada.person)


def test_what_runs_is_not_replanned(birch, plan, live):
    with pytest.raises(Refused):
        rituals.change(live, plan(), by=birch.sol.person)


def test_called_off_says_why(birch, planned):
    rituals.call_off(planned, by=birch.sol.person, why="The rains came early.")

    planned.refresh_from_db()
    assert planned.did_not_happen
    assert planned.why_not == "The rains came early."
    assert planned.calendar_sequence == 1
    assert queued(notices.SESSION_CALLED_OFF) == {"Ada", "Ben", "Sol"}


def test_called_off_wants_a_reason_and_a_facilitator(birch, planned):
    with pytest.raises(Refused):
        rituals.call_off(planned, by=birch.sol.person, why=" ")
    with pytest.raises(Refused):
        rituals.call_off(planned, by=birch.ada.person, why="I cannot come.")


def test_did_not_happen_afterwards_disturbs_nobody(birch, planned):
    rituals.call_off(
        planned,
        by=birch.sol.person,
        why="Nobody could connect.",
        now=planned.ends_at + timedelta(days=1),
    )

    assert queued(notices.SESSION_CALLED_OFF) == set()


def test_the_latest_answer_counts(birch, planned):
    rituals.answer(planned, by=birch.ada, answer="yes")
    rituals.answer(planned, by=birch.ada, answer="writing")

    answers = Rsvp.objects.visible_to(birch.ben.person).filter(session=planned)
    assert [rsvp.answer for rsvp in answers] == ["writing"]


def test_answers_are_the_cohorts(birch, planned):
    with pytest.raises(Refused):
        rituals.answer(planned, by=birch.oma, answer="yes")
    with pytest.raises(Refused):
        rituals.answer(planned, by=birch.ada, answer="perhaps")


def test_reminders_are_queued_once(birch, planned):
    now = planned.starts_at - timedelta(hours=24, minutes=30)

    assert rituals.remind(now=now) == 1
    assert rituals.remind(now=now) == 0
    for notice in (notices.SESSION_TOMORROW, notices.SESSION_SOON):
        assert queued(notice) == {"Ada", "Ben", "Sol"}
    moments = OutboxMessage.objects.filter(
        notice__in=("sessions.session_tomorrow", "sessions.session_soon"),
        recipient=birch.ada.person,
    ).order_by("send_after")
    assert [planned.starts_at - m.send_after for m in moments] == [
        timedelta(hours=24),
        timedelta(hours=1),
    ]


def test_two_clocks_at_once_remind_once(birch, planned):
    now = planned.starts_at - timedelta(hours=20)

    rituals.remind(now=now)
    RitualSession.objects.unsealed("a beat that saw it before the other wrote").update(
        reminders_for=None
    )
    rituals.remind(now=now)

    assert OutboxMessage.objects.filter(notice="sessions.session_soon").count() == 3


def test_who_said_no_is_left_in_peace(birch, planned):
    rituals.answer(planned, by=birch.ada, answer="no")

    rituals.remind(now=planned.starts_at - timedelta(hours=5))

    assert queued(notices.SESSION_SOON) == {"Ben", "Sol"}


def test_a_session_that_moves_is_reminded_of_again(birch, plan, planned):
    rituals.remind(now=planned.starts_at - timedelta(hours=5))
    rituals.change(planned, plan(at=time(19)), by=birch.sol.person)

    assert rituals.remind(now=planned.starts_at - timedelta(hours=5)) == 1
    assert OutboxMessage.objects.filter(notice="sessions.session_soon").count() == 6


def test_too_late_for_the_day_before(birch, planned):
    rituals.remind(now=planned.starts_at - timedelta(minutes=30))

    assert queued(notices.SESSION_TOMORROW) == set()
    assert queued(notices.SESSION_SOON) == {"Ada", "Ben", "Sol"}


def test_a_link_in_a_mail_answers_for_its_member_only(birch, planned):
    token = notices.answer_token(planned, birch.ada)

    assert rituals.open_invitation(token) == (planned, birch.ada)
    assert rituals.open_invitation(token[:-2] + "xx") is None


def test_a_link_dies_with_the_membership(birch, planned, now):
    token = notices.answer_token(planned, birch.ada)
    birch.ada.left_at = now
    birch.ada.save()

    assert rituals.open_invitation(token) is None


@pytest.mark.parametrize("people", [1, 4, 7, 12, 60])
@pytest.mark.parametrize("minutes", [20, 45, 90, 480])
@pytest.mark.parametrize("key", ["standard-90", "troika-consulting", "1-2-4-all"])
def test_a_run_sheet_is_as_long_as_the_session_where_it_can(key, people, minutes):
    template = by_key(key)
    checked = runsheet.fit(template, people=people, minutes=minutes)

    steps = runsheet.steps_for(template, people=people, minutes=minutes)

    length = sum(step.minutes for step in steps)
    assert length == (
        max(checked.shortest, minutes) if checked.needed > minutes else checked.needed
    )
    assert all(step.minutes >= step.phase.shortest for step in steps)


def test_alternatives_fit():
    found = runsheet.alternatives(people=7, minutes=45, besides="standard-90")

    assert found
    assert all(option.minutes <= 45 for option in found)
    assert "standard-90" not in [option.template.key for option in found]
