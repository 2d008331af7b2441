"""A call with people in the lottery band, for the tests of selecting."""

from datetime import timedelta

from cohorts import banding, drawing, preparing, quotas
from cohorts.models import Appointment, Lottery, Placement, Ticket, appoint
from tests.conftest import person

ALL = "the test looks at everything"
HOUR = timedelta(hours=1)
VALUE = "48 11 7"


def seven(call, birch, now, *, seats=3, band="lottery"):
    """The toy pool: a woman each from north and south, two men, three men."""
    call.intake.seats = seats
    call.intake.save()
    gender, region = call.traits["gender"], call.traits["region"]
    said = [
        ("Wana", "woman", "north"),
        ("Wesa", "woman", "south"),
        ("Mano", "man", "north"),
        ("Moni", "man", "north"),
        ("Mesa", "man", "south"),
        ("Miso", "man", "south"),
        ("Muss", "man", "south"),
    ]
    people = {
        name: call.arrive(
            name, traits=[(gender.pk, sex, False), (region.pk, place, False)]
        )
        for name, sex, place in said
    }
    if band:
        put(call, birch, now, people.values(), band)
    return people


def put(call, birch, now, applications, band, reason="As the readers said.", **who):
    seen = {one.pk: edition_of(one) for one in applications}
    return banding.place(
        call.intake,
        seen,
        band=band,
        reason=reason,
        by=who.get("by", birch.lea),
        now=now,
    )


def edition_of(application):
    row = Placement.objects.unsealed(ALL).filter(application=application).first()
    return row.edition if row else 0


def keep_seats(call, birch, trait, value, least, most, why="So that nobody is alone."):
    return quotas.add(
        call.intake,
        trait=call.traits[trait],
        value=value,
        least=least,
        most=most,
        why=why,
        by=birch.lea,
    )


def toy_quotas(call, birch):
    return [
        keep_seats(call, birch, "gender", "woman", 1, 2),
        keep_seats(call, birch, "region", "north", 1, 2),
    ]


def prepared(call, birch, now):
    begun = preparing.prepare(call.intake, by=birch.lea, now=now)
    preparing.solve(begun.pk)
    return Lottery.objects.unsealed(ALL).get(pk=begun.pk)


def published(call, birch, now):
    lottery = prepared(call, birch, now)
    drawing.commit(
        lottery,
        source="the first national lottery draw in December",
        speaks_at=now + HOUR,
        by=birch.lea,
        now=now,
    )
    return Lottery.objects.unsealed(ALL).get(pk=lottery.pk)


def liv(birch):
    """A second lead."""
    second = person("liv")
    appoint(second, to=birch.program, role=Appointment.Role.LEAD)
    return second


def drawn(call, birch, now, value=VALUE):
    lottery = published(call, birch, now)
    later = now + 2 * HOUR
    drawing.type_value(lottery, value=value, by=birch.lea, now=later)
    drawing.type_value(lottery, value=value, by=liv(birch), now=later)
    return Lottery.objects.unsealed(ALL).get(pk=lottery.pk)


def tickets(lottery):
    return list(
        Ticket.objects.unsealed(ALL)
        .filter(lottery=lottery)
        .select_related("application")
        .order_by("pk")
    )
