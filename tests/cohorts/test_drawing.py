"""The lottery of a call: prepared, published, drawn."""

import json
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cohorts import deciding, drawing, preparing, promoting, quotas
from cohorts.models import (
    Answer,
    Application,
    Appointment,
    DrawRecord,
    GivingUp,
    IntakePhase,
    Lottery,
    Quota,
    Standing,
    Ticket,
    TraitAnswer,
)
from cohorts.tasks import take_up_what_rests
from people.models import OutboxMessage, uuid7
from people.refusal import Refused
from people.visibility import seal_lifted
from tests.cohorts.selecting import (
    ALL,
    HOUR,
    VALUE,
    drawn,
    keep_seats,
    liv,
    prepared,
    published,
    put,
    seven,
    tickets,
    toy_quotas,
)

SCRIPT = Path(drawing.__file__).with_name("recompute_draw.py")


@pytest.fixture
def pool(call, birch, now):
    people = seven(call, birch, now)
    toy_quotas(call, birch)
    return people


# --- Preparing ----------------------------------------------------------------------


def test_the_smallest_chance_is_what_theory_says(call, birch, now, pool):
    lottery = prepared(call, birch, now)

    assert lottery.state == Lottery.State.PREPARED
    assert abs(Decimal(lottery.facts["smallest"]) - Decimal("0.4")) < Decimal("1e-6")
    for quota in lottery.facts["quotas"]:
        assert 1 <= quota["fewest"] <= quota["largest"] <= 2


def test_preparing_the_same_again_is_the_same_lottery(call, birch, now, pool):
    first = prepared(call, birch, now)

    assert preparing.prepare(call.intake, by=liv(birch), now=now) == first


def test_the_same_form_sent_twice_begins_one(call, birch, now, pool):
    key = uuid7()

    one, other = (
        preparing.prepare(call.intake, by=birch.lea, client_key=key, now=now)
        for _press in range(2)
    )

    assert one == other


def test_only_leads_prepare_publish_and_type(call, birch, now, pool):
    lottery = published(call, birch, now)

    for somebody in (birch.rex, birch.fay, birch.ada.person):
        with pytest.raises(PermissionDenied):
            preparing.prepare(call.intake, by=somebody, now=now)
        with pytest.raises(PermissionDenied):
            drawing.commit(
                lottery, source="x", speaks_at=now + HOUR, by=somebody, now=now
            )
        with pytest.raises(PermissionDenied):
            drawing.type_value(lottery, value="1", by=somebody, now=now + 2 * HOUR)


def test_nobody_in_the_lottery(call, birch, now):
    with pytest.raises(Refused, match="Nobody is in the lottery band"):
        preparing.prepare(call.intake, by=birch.lea, now=now)


def test_three_for_four_seats_need_no_draw(call, birch, now):
    call.intake.seats = 4
    call.intake.save()
    put(call, birch, now, [call.arrive(n) for n in ("Amina", "Bo", "Chi")], "lottery")

    with pytest.raises(Refused, match="a seat for everyone"):
        preparing.prepare(call.intake, by=birch.lea, now=now)


def test_where_no_seat_is_left_the_draw_makes_the_waiting_order(call, birch, now, pool):
    Quota.objects.all().delete()
    put(call, birch, now, [pool[n] for n in ("Wana", "Wesa", "Mano")], "accept")

    lottery = drawn(call, birch, now)

    assert lottery.record.seats == 0
    assert [t.place for t in sorted(tickets(lottery), key=lambda t: t.place)] == [
        *range(1, 5)
    ]
    assert {t.is_drawn for t in tickets(lottery)} == {False}
    assert {t.chance for t in tickets(lottery)} == {Decimal(0)}
    assert set(
        Standing.objects.unsealed(ALL)
        .filter(application__in=[t.application_id for t in tickets(lottery)])
        .values_list("pending", flat=True)
    ) == {Application.Outcome.WAITLISTED}


def test_an_order_without_seats_is_recomputed_by_the_program_that_stands_alone(
    call, birch, now, pool, tmp_path
):
    Quota.objects.all().delete()
    put(call, birch, now, [pool[n] for n in ("Wana", "Wesa", "Mano")], "accept")
    lottery = drawn(call, birch, now)
    kept = tmp_path / "record.json"
    kept.write_bytes(lottery.record.text.encode())

    said = subprocess.run(
        [sys.executable, SCRIPT, kept, lottery.record.fingerprint, VALUE],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    order = sorted(tickets(lottery), key=lambda ticket: ticket.place)
    assert said == ["Drawn:", "Waiting: " + " ".join(t.number for t in order)]


def test_a_quota_that_the_accepted_miss_still_clashes_where_no_seat_is_left(
    call, birch, now
):
    people = seven(call, birch, now)
    keep_seats(call, birch, "gender", "woman", 1, 3)
    put(call, birch, now, [people[n] for n in ("Mano", "Moni", "Mesa")], "accept")

    lottery = prepared(call, birch, now)

    assert lottery.state == Lottery.State.CLASHING
    (easing,) = lottery.facts["easings"]
    assert (easing["value"], easing["becomes_least"]) == ("woman", 0)


def test_more_accepted_than_seats_are_told(call, birch, now, pool):
    names = ("Wana", "Mano", "Mesa", "Miso")
    Quota.objects.all().delete()
    put(call, birch, now, [pool[n] for n in names], "accept")

    with pytest.raises(Refused, match="More people are accepted than"):
        preparing.prepare(call.intake, by=birch.lea, now=now)


def test_everybody_has_to_be_in_a_band_first(call, birch, now, pool):
    call.arrive("Late")

    with pytest.raises(Refused, match="1 application is in no band"):
        preparing.prepare(call.intake, by=birch.lea, now=now)


def test_who_is_accepted_takes_a_seat_and_counts_in_the_quotas(call, birch, now, pool):
    put(call, birch, now, [pool["Wana"]], "accept")

    gathering = preparing.gather(call.intake)

    assert (gathering.seats, gathering.held, len(gathering.people)) == (2, 1, 6)
    assert gathering.counted == (1, 1) or sorted(gathering.counted) == [1, 1]
    assert [(r.least, r.most) for r in gathering.rules] == [(0, 1), (0, 1)]


def test_too_many_accepted_for_a_quota_are_named(call, birch, now, pool):
    put(call, birch, now, [pool[n] for n in ("Mano", "Moni", "Wana")], "accept")

    with pytest.raises(Refused, match="3 people who are accepted count in"):
        preparing.prepare(call.intake, by=birch.lea, now=now)


def test_everyone_the_same_has_the_same_chance(call, birch, now):
    call.intake.seats = 2
    call.intake.save()
    put(call, birch, now, [call.arrive(f"P{n}") for n in range(5)], "lottery")

    lottery = prepared(call, birch, now)

    assert [k["chance"] for k in lottery.facts["kinds"]] == ["0.4000000000"]


def test_an_answer_in_other_letters_counts(call, birch, now):
    seven(call, birch, now)
    keep_seats(call, birch, "region", " NORTH ", 1, 2)

    assert sum(bool(kind) for kind in preparing.gather(call.intake).kinds) == 3


def test_quotas_that_clash_name_the_fewest_and_what_could_give(call, birch, now):
    seven(call, birch, now)
    keep_seats(call, birch, "gender", "woman", 3, 3)
    keep_seats(call, birch, "region", "south", 0, 3)

    lottery = prepared(call, birch, now)

    assert lottery.state == Lottery.State.CLASHING
    assert [(c["value"], c["least"]) for c in lottery.facts["clash"]] == [("woman", 3)]
    (easing,) = lottery.facts["easings"]
    assert (easing["value"], easing["becomes_least"], easing["becomes_most"]) == (
        "woman",
        2,
        3,
    )


def test_what_the_easing_says_makes_it_possible(call, birch, now):
    seven(call, birch, now)
    keep_seats(call, birch, "gender", "woman", 3, 3)
    put(call, birch, now, [], "accept")
    lottery = prepared(call, birch, now)
    quotas.ease(
        call.intake,
        [
            quotas.Easing(
                quota=UUID(e["quota"]), least=e["becomes_least"], most=e["becomes_most"]
            )
            for e in lottery.facts["easings"]
        ],
        reason="Two applied.",
        by=birch.lea,
        now=now,
    )

    assert prepared(call, birch, now).state == Lottery.State.PREPARED


def test_a_lottery_whose_worker_died_is_taken_up(call, birch, now, pool):
    begun = preparing.prepare(call.intake, by=birch.lea, now=now)
    Lottery.objects.unsealed(ALL).update(
        stirred_at=now - timedelta(hours=1), step="mixing"
    )

    take_up_what_rests()

    begun.refresh_from_db()
    assert begun.state == Lottery.State.PREPARED


def test_one_just_begun_is_left_to_its_worker(call, birch, now, pool):
    begun = preparing.prepare(call.intake, by=birch.lea, now=now)

    take_up_what_rests()

    begun.refresh_from_db()
    assert begun.state == Lottery.State.PREPARING


def test_one_set_aside_meanwhile_stays_so(call, birch, now, pool):
    begun = preparing.prepare(call.intake, by=birch.lea, now=now)
    preparing.set_aside(begun, by=birch.lea)

    assert preparing.solve(begun.pk) is None


def test_people_who_came_or_went_since_show(call, birch, now, pool):
    lottery = prepared(call, birch, now)
    put(call, birch, now, [pool["Muss"]], "decline")

    assert preparing.has_moved_on(lottery, preparing.gather(call.intake))
    with pytest.raises(Refused, match="Prepare it again"):
        drawing.commit(lottery, source="x", speaks_at=now + HOUR, by=birch.lea, now=now)


# --- Publishing ---------------------------------------------------------------------


def test_publishing_twice_is_one_record_and_one_ticket_each(call, birch, now, pool):
    lottery = published(call, birch, now)

    again = drawing.commit(
        lottery, source="another", speaks_at=now + HOUR, by=birch.lea, now=now
    )

    assert again == DrawRecord.objects.get()
    assert again.source == "the first national lottery draw in December"
    assert len({t.number for t in tickets(lottery)}) == len(pool)


def test_the_record_names_nobody_and_no_answer(call, birch, now, pool):
    published(call, birch, now)

    record = DrawRecord.objects.get()

    said = set(TraitAnswer.objects.unsealed(ALL).values_list("value", flat=True))
    keys = {str(a.pk) for a in pool.values()} | {a.code for a in pool.values()}
    assert not [w for w in said | keys | set(pool) if w in record.text]
    assert sorted(json.loads(record.text)) == [
        "draw",
        "kinds",
        "numbers",
        "panels",
        "source",
        "weights",
    ]


def test_the_value_has_to_come_later(call, birch, now, pool):
    lottery = prepared(call, birch, now)

    with pytest.raises(Refused, match="come later"):
        drawing.commit(lottery, source="x", speaks_at=now, by=birch.lea, now=now)


def test_the_value_comes_while_decisions_are_possible(call, birch, now, pool):
    lottery = prepared(call, birch, now)
    call.intake.phases.update(opens_at=now - 3 * HOUR, closes_at=now - 2 * HOUR)
    IntakePhase.objects.create(
        intake=call.intake,
        kind=IntakePhase.Kind.DECIDE,
        opens_at=now - HOUR,
        closes_at=now + HOUR,
        permits=["decide"],
    )

    with pytest.raises(Refused, match="permits no decisions"):
        drawing.commit(
            lottery, source="x", speaks_at=now + 2 * HOUR, by=birch.lea, now=now
        )


def test_a_published_record_cannot_be_changed_even_by_hand(call, birch, now, pool):
    published(call, birch, now)

    for change in ({"text": "{}"}, {"source": "x"}, {"fingerprint": "0" * 64}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DrawRecord.objects.update(**change)


def test_nobody_moves_between_bands_afterwards(call, birch, now, pool):
    published(call, birch, now)

    with pytest.raises(Refused, match="published"):
        put(call, birch, now, [pool["Muss"]], "accept")


def test_a_published_draw_is_not_set_aside(call, birch, now, pool):
    with pytest.raises(Refused):
        preparing.set_aside(published(call, birch, now), by=birch.lea)


def test_nobody_decides_by_hand_on_who_is_in_the_draw(call, birch, now, pool):
    published(call, birch, now)

    with pytest.raises(Refused, match="decides on some of these"):
        deciding.decide(
            call.intake, [pool["Muss"].pk], outcome="offered", by=birch.lea, now=now
        )


def test_each_reads_only_their_own_ticket(call, birch, now):
    call.intake.seats = 1
    call.intake.save()
    mine = call.arrive("Ada", applicant=birch.ada.person)
    put(call, birch, now, [mine, call.arrive("Bo")], "lottery")
    published(call, birch, now)

    assert [t.application for t in Ticket.objects.visible_to(birch.ada.person)] == [
        mine
    ]
    for somebody in (birch.rex, birch.fay, birch.ben.person):
        assert not Ticket.objects.visible_to(somebody).exists()


def test_a_program_goes_with_all_its_draws(call, birch, now, pool):
    drawn(call, birch, now)

    with seal_lifted("the whole program goes"):
        for model in (Answer, TraitAnswer):
            model.objects.all().delete()
        birch.program.delete()

    assert not DrawRecord.objects.exists()


# --- Drawing ------------------------------------------------------------------------


def test_one_lead_alone_draws_nothing(call, birch, now, pool):
    lottery = published(call, birch, now)

    for _press in range(2):
        after = drawing.type_value(
            lottery, value=VALUE, by=birch.lea, now=now + 2 * HOUR
        )

    assert after.state == Lottery.State.COMMITTED


def test_two_values_that_differ_draw_nothing_until_they_agree(call, birch, now, pool):
    lottery, second, later = published(call, birch, now), liv(birch), now + 2 * HOUR
    drawing.type_value(lottery, value="48 11 7", by=birch.lea, now=later)

    after = drawing.type_value(lottery, value="48 11 1", by=second, now=later)
    assert after.state == Lottery.State.COMMITTED

    after = drawing.type_value(lottery, value=" 48  11 7 ", by=second, now=later)
    assert after.state == Lottery.State.DRAWN


def test_who_is_no_lead_any_more_confirms_nothing(call, birch, now, pool):
    lottery, second, later = published(call, birch, now), liv(birch), now + 2 * HOUR
    drawing.type_value(lottery, value=VALUE, by=second, now=later)
    Appointment.objects.filter(person=second).update(ended_at=now)

    after = drawing.type_value(lottery, value=VALUE, by=birch.lea, now=later)

    assert after.state == Lottery.State.COMMITTED


def test_another_lead_sees_what_was_typed_only_beside_their_own(call, birch, now, pool):
    lottery, second, later = published(call, birch, now), liv(birch), now + 2 * HOUR
    drawing.type_value(lottery, value="1", by=birch.lea, now=later)

    typing = drawing.typing_of(lottery, by=second)

    assert (typing.mine, typing.differs) == (None, False)


def test_what_cannot_be_seen_is_no_part_of_the_value(call, birch, now, pool):
    lottery = published(call, birch, now)
    later = now + 2 * HOUR
    drawing.type_value(
        lottery, value="\u202ee\u0301 48\u200b\xa07\ufeff", by=birch.lea, now=later
    )

    drawing.type_value(lottery, value="é 48 7", by=liv(birch), now=later)

    assert DrawRecord.objects.get().value == "é 48 7"


def test_a_value_of_nothing_but_invisible_signs_is_none(call, birch, now, pool):
    lottery = published(call, birch, now)

    with pytest.raises(Refused):
        drawing.type_value(
            lottery, value="\u200b\u2066", by=birch.lea, now=now + 2 * HOUR
        )


def test_no_value_before_the_source_has_spoken(call, birch, now, pool):
    lottery = published(call, birch, now)

    with pytest.raises(Refused, match="has not spoken"):
        drawing.type_value(lottery, value=VALUE, by=birch.lea, now=now)


def test_drawn_means_pending_and_told_to_nobody(call, birch, now, pool):
    lottery = drawn(call, birch, now)

    pending = dict(Standing.objects.unsealed(ALL).values_list("application", "pending"))
    assert {t.application_id: bool(t.is_drawn) for t in tickets(lottery)} == {
        key: outcome == "offered" for key, outcome in pending.items()
    }
    assert sorted(pending.values()) == ["offered"] * 3 + ["waitlisted"] * 4
    assert sorted(t.place for t in tickets(lottery) if not t.is_drawn) == [1, 2, 3, 4]
    assert not Application.objects.unsealed(ALL).exclude(outcome="").exists()
    assert OutboxMessage.objects.count() == 0


def test_the_result_is_the_one_anybody_finds(call, birch, now, pool):
    lottery = drawn(call, birch, now)

    found = drawing.outcome_of(DrawRecord.objects.get())

    waiting = sorted(
        (t for t in tickets(lottery) if not t.is_drawn), key=lambda t: t.place
    )
    assert found.seated == tuple(
        sorted(t.number for t in tickets(lottery) if t.is_drawn)
    )
    assert found.waiting == tuple(t.number for t in waiting)


def test_the_value_comes_once(call, birch, now, pool):
    lottery = drawn(call, birch, now)

    with pytest.raises(Refused, match="drawn already"):
        drawing.type_value(lottery, value="another", by=birch.lea, now=now + 3 * HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        DrawRecord.objects.update(value="another")


def test_who_withdrew_after_publishing_gets_no_offer(call, birch, now, pool):
    lottery = published(call, birch, now)
    Application.objects.unsealed(ALL).filter(pk=pool["Mano"].pk).update(
        state="withdrawn", withdrawn_at=now
    )
    later = now + 2 * HOUR
    drawing.type_value(lottery, value=VALUE, by=birch.lea, now=later)
    drawing.type_value(lottery, value=VALUE, by=liv(birch), now=later)

    gone = Standing.objects.unsealed(ALL).get(application=pool["Mano"])
    assert gone.pending == ""


def test_a_tampered_record_is_refused(call, birch, now, pool):
    drawn(call, birch, now)
    record = DrawRecord.objects.get()
    record.text = record.text.replace('"weights":[', '"weights":[1,')

    with pytest.raises(drawing.Tampered):
        drawing.outcome_of(record)


def test_whoever_was_clearly_accepted_is_offered_their_seat_with_the_draw(
    call, birch, now, pool
):
    put(call, birch, now, [pool["Mano"]], "accept")
    promised = promoting.free_seats(call.intake, by=birch.lea)

    drawn(call, birch, now)

    pending = dict(Standing.objects.unsealed(ALL).values_list("application", "pending"))
    assert promised == 2
    assert pending[pool["Mano"].pk] == Application.Outcome.OFFERED
    assert sorted(pending.values()) == ["offered"] * 3 + ["waitlisted"] * 4
    assert promoting.free_seats(call.intake, by=birch.lea) == 0


def test_letters_say_that_chance_decided_and_where_to_recompute_it(
    call, birch, now, pool
):
    Application.objects.unsealed(ALL).update(language="fr")
    lottery = drawn(call, birch, now)

    reasons = dict(Standing.objects.unsealed(ALL).values_list("application", "reasons"))

    for ticket in tickets(lottery):
        said = reasons[ticket.application_id]
        assert ticket.number in said
        assert f"/apply/{call.intake.slug}/draw/" in said
        assert (f" {ticket.place}" in said) == (not ticket.is_drawn)


def test_the_letters_of_a_draw_leave_together(call, birch, now, pool):
    drawn(call, birch, now)
    waiting = deciding.pending(call.intake, by=birch.lea)

    told = deciding.release(
        call.intake,
        by=birch.lea,
        seen=deciding.seal_of(call.intake, waiting),
        now=now + 3 * HOUR,
    )

    assert told == 7


# --- A source that never speaks -------------------------------------------------------

WHY = "The national lottery was called off."


def fresh(lottery):
    return Lottery.objects.unsealed(ALL).get(pk=lottery.pk)


def given_up(lottery, birch, now):
    drawing.give_up(lottery, reason=WHY, by=birch.lea, now=now)
    return drawing.give_up(lottery, by=liv(birch), now=now)


def test_one_lead_alone_gives_nothing_up(call, birch, now, pool):
    lottery = published(call, birch, now)

    for _ in range(2):
        drawing.give_up(lottery, reason=WHY, by=birch.lea, now=now)

    assert fresh(lottery).state == "committed"
    assert DrawRecord.objects.standing().exists()


def test_two_leads_give_a_draw_up_and_publish_it_anew(call, birch, now, pool):
    lottery = published(call, birch, now)
    was = DrawRecord.objects.get()

    given_up(lottery, birch, now)
    again = drawing.commit(
        fresh(lottery),
        source="the block of noon",
        speaks_at=now + HOUR,
        by=birch.lea,
        now=now,
    )

    old = DrawRecord.objects.get(pk=was.pk)
    assert (old.given_up_why, old.value, old.text) == (WHY, "", was.text)
    assert again.fingerprint != was.fingerprint
    assert DrawRecord.objects.standing().get() == again
    assert len(tickets(lottery)) == 7


def test_giving_up_needs_a_reason(call, birch, now, pool):
    lottery = published(call, birch, now)

    with pytest.raises(Refused):
        drawing.give_up(lottery, reason=" ", by=birch.lea, now=now)


def test_once_a_value_is_typed_it_is_not_given_up(call, birch, now, pool):
    lottery = published(call, birch, now)
    drawing.type_value(lottery, value=VALUE, by=birch.lea, now=now + 2 * HOUR)

    with pytest.raises(Refused):
        drawing.give_up(lottery, reason=WHY, by=birch.lea, now=now + 2 * HOUR)
    drawing.take_back_value(lottery, by=birch.lea)
    drawing.give_up(lottery, reason=WHY, by=birch.lea, now=now + 2 * HOUR)

    assert GivingUp.objects.unsealed(ALL).get().reason == WHY


def test_a_drawn_one_is_not_given_up(call, birch, now, pool):
    lottery = drawn(call, birch, now)

    with pytest.raises(Refused):
        drawing.give_up(lottery, reason=WHY, by=birch.lea, now=now)
    with pytest.raises(Refused):
        drawing.take_back_value(lottery, by=birch.lea)


def test_what_was_given_up_is_never_changed_again(call, birch, now, pool):
    given_up(published(call, birch, now), birch, now)

    for change in ({"value": VALUE, "drawn_at": now + HOUR}, {"given_up_why": "Else."}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DrawRecord.objects.update(**change)


def test_only_leads_give_up_or_go_on(call, birch, now, pool):
    lottery = published(call, birch, now)

    for act in (
        lambda: drawing.give_up(lottery, reason=WHY, by=birch.rex, now=now),
        lambda: drawing.go_on(lottery, by=birch.rex),
        lambda: drawing.take_back_value(lottery, by=birch.rex),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_after_all_it_goes_on(call, birch, now, pool):
    lottery = published(call, birch, now)
    drawing.give_up(lottery, reason=WHY, by=birch.lea, now=now)

    drawing.go_on(lottery, by=birch.lea)
    drawing.give_up(lottery, reason=WHY, by=liv(birch), now=now)

    assert fresh(lottery).state == "committed"


# --- How far it is --------------------------------------------------------------------


def test_the_search_tells_how_far_it_is(call, birch, now, pool, monkeypatch):
    monkeypatch.setattr(preparing, "EVERY", -1.0)
    begun = preparing.prepare(call.intake, by=birch.lea, now=now)
    teller = preparing._Teller(begun)

    told = []
    for part in (0.2, 0.6, 0.4, 1.0):
        teller(part)
        told.append((fresh(begun).step, fresh(begun).done))

    assert told == [("mixing", 20), ("mixing", 60), ("mixing", 60), ("mixing", 99)]
