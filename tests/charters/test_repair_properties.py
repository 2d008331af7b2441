"""Whatever the three do, in whatever order: what can never be true afterwards.

A machine of hypothesis presses every button there is, as anybody, at any time, while
people leave and the clock strikes. Nothing is told to it about what is allowed; a
refusal is an answer like any other.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from charters import agreeing, repair, tending
from charters.course import LAST, MOVES, OPEN, STEPS, TWO, State, Way
from charters.models import (
    HOLD_WORDS,
    RepairAgreement,
    RepairAside,
    RepairCase,
    RepairOverdue,
    RepairPress,
    RepairSaying,
    day_in,
)
from charters.support import support_list
from cohorts.models import Appointment, appoint
from people.models import Record
from people.refusal import Refused
from people.rekeying import at_rest
from tests.charters.repairing import asked_for
from tests.conftest import person, seat

WHY = "the oracle of the test"
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
WHO = st.sampled_from(["ada", "ben", "sol", "tam", "dee", "nia"])
OF_THE_TWO = st.sampled_from(["ada", "ben"])
ALONG_THE_TABLE = {(of, move.to) for move in MOVES.values() for of in move.of}
DISTANCE = list(Way.values)


class ThreePeople(RuleBasedStateMachine):
    birch = None

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = MONDAY
        self.records = Record.objects.count()
        case = asked_for(self.birch, now=self.now, left_out=[self.birch.nia.pk])
        self.key = case.pk
        self.looks = 0

    def teardown(self):
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def case(self):
        return RepairCase.objects.unsealed(WHY).get(pk=self.key)

    def user(self, name):
        who = getattr(self.birch, name)
        return getattr(who, "person", who)

    def try_to(self, act, *args, **more):
        """Do it, or hear why not. Either way what stood before is looked back at."""
        before = self.case()
        try:
            with transaction.atomic():
                act(*args, now=self.now, **more)
        except Refused:
            after = self.case()
            assert (after.state, after.step, after.way, after.third_id) == (
                before.state,
                before.step,
                before.way,
                before.third_id,
            )
        self.judge(before, self.case())

    def judge(self, before, after):
        if before.state != after.state:
            assert (before.state, after.state) in ALONG_THE_TABLE
        if after.state not in (State.ENDED, State.ERASED):
            assert DISTANCE.index(after.way) >= DISTANCE.index(before.way)
        moved_on = after.round == before.round and after.step > before.step
        settled = (before.state, after.state) == (State.TALKING, State.SETTLED)
        if moved_on:
            assert after.step == before.step + 1
            assert self.presses(before) >= set(STEPS[before.step].opened_by)
        if settled:
            assert before.step == LAST
            assert self.presses(before) >= set(TWO) - {before.check_back_from}

    def presses(self, case):
        return set(
            RepairPress.objects.unsealed(WHY)
            .filter(case=case, round=case.round, step=case.step, attempt=case.attempt)
            .values_list("part", flat=True)
        )

    # --- Buttons -----------------------------------------------------------------

    @rule(
        who=WHO,
        act=st.sampled_from(
            [
                repair.accept,
                repair.decline,
                repair.end,
                repair.be_the_third,
                repair.step_back,
                repair.begin,
                repair.pause,
                repair.resume,
            ]
        ),
    )
    def press(self, who, act):
        self.try_to(act, self.case(), by=self.user(who))

    @rule(
        who=WHO,
        act=st.sampled_from(
            [repair.open_gate, repair.be_done, repair.not_quite, repair.give_time]
        ),
    )
    def press_at_the_gate(self, who, act):
        case = self.case()
        self.try_to(act, case, by=self.user(who), step=case.step, attempt=case.attempt)

    @rule(who=OF_THE_TWO, step=st.integers(0, 8), attempt=st.integers(1, 3))
    def press_on_an_old_page(self, who, step, attempt):
        self.try_to(
            repair.open_gate,
            self.case(),
            by=self.user(who),
            step=step,
            attempt=attempt,
        )

    @precondition(lambda self: self.case().state in (State.AGREED, State.TALKING))
    @rule()
    def go_on_as_they_should(self):
        """So that the machine comes past the first gates often enough."""
        case = self.case()
        people = {"asker": self.user("ada"), "addressee": self.user("ben")}
        if case.state == State.AGREED:
            self.try_to(repair.begin, case, by=people["asker"])
            return
        step = case.now_at
        if step.speaker:
            self.try_to(repair.say, case, by=people[step.speaker], words="So it was.")
            self.carry_everything()
            self.press_as(repair.be_done, people[step.speaker])
        if case.step == LAST and case.check_back_on is None:
            day = day_in(case.cohort, self.now) + timedelta(days=7)
            self.try_to(agreeing.name_day, case, by=people["asker"], day=day)
        for part in step.opened_by:
            self.press_as(repair.open_gate, people[part])

    def press_as(self, act, who):
        case = self.case()
        self.try_to(act, case, by=who, step=case.step, attempt=case.attempt)

    @rule()
    def carry_everything(self):
        for aside in RepairAside.objects.unsealed(WHY).select_related("to"):
            if aside.to is not None:
                self.try_to(repair.carry, aside, by=aside.to)

    @rule(who=WHO, words=st.sampled_from(["One.", "اثنان", "Drei & <3>."]))
    def say(self, who, words):
        self.try_to(repair.say, self.case(), by=self.user(who), words=words)

    @rule(who=WHO)
    def say_aside(self, who):
        self.try_to(repair.say_aside, self.case(), by=self.user(who), words="Aside.")

    @rule(who=WHO, way=st.sampled_from(DISTANCE))
    def keep_apart(self, who, way):
        self.try_to(repair.keep_apart, self.case(), by=self.user(who), way=way)

    @rule(who=WHO, way=st.sampled_from(DISTANCE))
    def ask_again(self, who, way):
        self.try_to(repair.ask_again, self.case(), by=self.user(who), way=way)

    @rule(who=WHO, third=WHO)
    def choose_third(self, who, third):
        case = self.case()
        if case.state != State.ERASED:
            self.try_to(
                repair.choose_third,
                case,
                by=self.user(who),
                third=self.user(third),
            )

    @rule(who=WHO)
    def request(self, who):
        self.try_to(agreeing.request, self.case(), by=self.user(who), words="Ask me.")

    @rule(who=WHO, how=st.sampled_from(["yes", "other", "drop"]))
    def answer_a_request(self, who, how):
        asked = RepairAgreement.objects.unsealed(WHY).order_by("said_at", "pk").first()
        if asked is None:
            return
        match how:
            case "yes":
                self.try_to(
                    agreeing.say_yes,
                    asked,
                    by=self.user(who),
                    edition=asked.edition,
                )
            case "other":
                self.try_to(
                    agreeing.word_otherwise, asked, by=self.user(who), words="Twice."
                )
            case "drop":
                self.try_to(agreeing.drop_request, asked, by=self.user(who))

    @rule(who=WHO, days=st.integers(-1, 200))
    def name_day(self, who, days):
        case = self.case()
        day = day_in(case.cohort, self.now) + timedelta(days=days)
        self.try_to(agreeing.name_day, case, by=self.user(who), day=day)

    @rule(who=OF_THE_TWO, holds=st.booleans())
    def look_back(self, who, holds):
        self.try_to(agreeing.look_back, self.case(), by=self.user(who), holds=holds)

    # --- What nobody presses -----------------------------------------------------

    @rule(hours=st.sampled_from([0, 1, 30, 24 * 4, 24 * 15, 24 * 31]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)
        before = self.case()
        tending.tend(now=self.now)
        between = self.case()
        self.judge(before, between)
        tending.erase_what_is_due(now=self.now)
        self.records += 1

    @rule(who=st.sampled_from(["ada", "ben", "sol"]), is_rare=st.integers(0, 9))
    def leave(self, who, is_rare):
        member = getattr(self.birch, who)
        if not is_rare and member.left_at is None:
            type(member).objects.filter(pk=member.pk).update(left_at=self.now)

    # --- What must hold ----------------------------------------------------------

    @invariant()
    def nobody_else_reads_anything(self):
        case = self.case()
        mine = {case.asker_id, case.addressee_id, case.third_id}
        for name in ("ada", "ben", "sol", "tam", "dee", "nia", "lea"):
            who = self.user(name)
            if who.pk not in mine:
                assert not RepairCase.objects.visible_to(who).exists()
                assert not RepairSaying.objects.visible_to(who).exists()

    @invariant()
    def the_third_is_on_the_list_and_no_part_of_it(self):
        case = self.case()
        if case.third_id is not None:
            assert case.third_id not in (case.asker_id, case.addressee_id)
            assert case.third_id not in case.left_out
        else:
            assert case.state != State.TALKING

    @invariant()
    def only_a_willing_third_is_in_the_room(self):
        case = self.case()
        if case.state == State.TALKING:
            assert case.third_willing_at is not None

    @invariant()
    def a_lead_is_told_only_while_an_answer_is_awaited(self):
        if self.case().state != State.ASKED:
            assert not RepairOverdue.objects.unsealed(WHY).exists()

    @invariant()
    def what_stands_both_have_said_yes_to(self):
        for asked in RepairAgreement.objects.unsealed(WHY):
            if asked.stands:
                assert asked.asker_yes_at
                assert asked.addressee_yes_at

    @invariant()
    def what_is_erased_is_empty(self):
        if self.case().state != State.ERASED:
            return
        for model in HOLD_WORDS:
            rows = model.objects.unsealed(WHY).annotate(raw=at_rest("words"))
            assert {bytes(raw) for raw in rows.values_list("raw", flat=True)} <= {b""}

    @invariant()
    def the_record_of_acts_knows_nothing(self):
        assert Record.objects.count() == self.records

    @invariant()
    def whoever_is_left_has_a_way_out(self):
        """The clock alone ends it, whatever stands now; asked now and then."""
        self.looks += 1
        case = self.case()
        if case.state not in OPEN or self.looks % 6:
            return
        with transaction.atomic():
            later = self.now + timedelta(days=400)
            tending.tend(now=later)
            ended = self.case()
            assert ended.state == State.ENDED
            tending.erase_what_is_due(now=later + timedelta(days=31))
            assert self.case().state == State.ERASED
            transaction.set_rollback(True)


@pytest.mark.django_db
def test_whatever_three_people_do(birch):
    for name in ("tam", "nia"):
        setattr(birch, name, person(name))
        task = Appointment.Role.THIRD_PARTY
        appoint(getattr(birch, name), to=birch.program, role=task)
    birch.dee = seat(birch.cohort, person("dee"))
    assert len(support_list(birch.cohort)) == 3
    ThreePeople.birch = birch

    run_state_machine_as_test(
        ThreePeople,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
