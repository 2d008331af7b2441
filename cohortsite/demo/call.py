"""The call both circles came from, the one being composed, and one that is open."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import cycle
from typing import Any
from uuid import UUID

from cohorts import (
    arrivals,
    calls,
    deciding,
    moving,
    practising,
    publishing,
    quotas,
    reckoning,
    reviewing,
    seating,
    signing,
    solving,
)
from cohorts.arrivals import Arrival
from cohorts.models import (
    Application,
    BlindCopy,
    Cohort,
    Composition,
    Intake,
    IntakePhase,
    Question,
)
from cohortsite.demo.applicants import (
    EVIDENCE,
    FEEDBACK,
    FIRST,
    LEARN,
    NO_SEAT,
    OFFERED,
    TO_BE_READ,
    WAITLISTED,
    Applicant,
)
from cohortsite.demo.people import DOMAIN, week
from cohortsite.demo.world import HOME, World
from people import availability

SEED = 2026
Kind = IntakePhase.Kind
ABOUT = (
    "Nine sessions with eleven peers, one live project each. You bring something that "
    "is stuck, test it in small steps, and keep what others can use.\n\n"
    "Free, with a data bundle if you need one. No laptop needed, and no polished "
    "English either: write in the language you think in."
)
HOW_CHOSEN = (
    "Two people read every form without its name. A balance check proposes circles; "
    "people decide. You can ask why."
)

# trait, answer, seats at least, why
KEPT = [
    (
        "lived-experience",
        "yes",
        8,
        "Whoever lives with a problem knows things about it that nobody else does.",
    ),
    (
        "sector",
        "community group",
        6,
        "Small groups rarely have the money or the hours for anything like this.",
    ),
]
CHANCE = (
    "The first national lottery draw after the day on which decisions open, its "
    "numbers lowest first; if it does not take place, the next one."
)


def season(world: World, days: int) -> str:
    """How people call the time of year, so many days from now."""
    day = world.day(days)
    names = ("Winter", "Spring", "Summer", "Autumn")
    return f"{names[day.month % 12 // 3]} {day.year}"


# --- The first call: 26 applied, 22 got a seat -----------------------------------


def hold_the_first(world: World) -> tuple[Cohort, Cohort]:
    """Apply, decide, compose, sign, publish: Baobab and Mangrove stand, not yet met."""
    thandi = world.people["thandi"]
    intake = begin(
        world,
        name=f"{season(world, -90)} circles",
        days={
            Kind.APPLY: (-150, -122),
            Kind.REVIEW: (-140, -112),
            Kind.DECIDE: (-112, -104),
            Kind.CONFIRM: (-112, -92),
        },
        begun=-160,
    )
    accepted = answer(world, intake, FIRST.values(), on=-130)
    declined = answer(world, intake, NO_SEAT, on=-125)
    with world.on(-110) as then:
        for people, outcome, reasons in (
            (accepted, Application.Outcome.OFFERED, ""),
            (
                declined,
                Application.Outcome.DECLINED,
                "We had twenty-two seats, and yours was close. Your question would fit "
                "the next call well; the readers' notes go with this letter.",
            ),
        ):
            _decide(intake, people, outcome, by=thandi, reasons=reasons, now=then)
        release(intake, by=thandi, now=then)
    with world.on(-103) as then:
        deciding.note_replies(intake, [a.pk for a in accepted], by=thandi, now=then)
    with world.on(-95) as then:
        proposal = seating.propose(
            intake,
            asked=seating.Asked(
                groups=2,
                size_min=11,
                size_max=11,
                protected=("gender",),
                vary=("region", "role"),
            ),
            by=thandi,
            names=("Baobab", "Mangrove"),
            seed=SEED,
            now=then,
        )
    found = solving.solve(proposal.pk)
    assert found is not None
    assert not found.broken
    _name(world, found)
    with world.on(-94) as then:
        leila = world.people["leila"]
        signing.ask_to_sign(found, leila, by=thandi, now=then)
        for person in (thandi, leila):
            signing.sign(
                found, by=person, arrangement=signing.arrangement_of(found), now=then
            )
    with world.on(-92) as then:
        cohorts = {c.name: c for c in publishing.publish(found, by=thandi, now=then)}
    return cohorts["Baobab"], cohorts["Mangrove"]


def _name(world: World, proposal: Composition) -> None:
    """Amina's circle is Baobab, whichever group the solver put it in."""
    amina = (
        seating.seats_of(proposal).get(application__called=FIRST["amina"].called).group
    )
    seating.name_groups(
        proposal,
        names={
            group.pk: ("Baobab", world.people["leila"].email)
            if group.pk == amina.pk
            else ("Mangrove", world.people["elif"].email)
            for group in seating.groups_of(proposal)
        },
        by=world.people["thandi"],
    )


# --- The call being composed: 31 applied, 24 seats -------------------------------


def compose_the_next(world: World) -> Composition:
    """Most are decided, some wait for a reader, and the board asks two questions."""
    thandi, tomas, noor = (world.people[key] for key in ("thandi", "tomas", "noor"))
    intake = begin(
        world,
        name=f"{season(world, 110)} circles",
        days={
            Kind.APPLY: (-45, -14),
            Kind.REVIEW: (-40, 6),
            Kind.DECIDE: (-13, 14),
            Kind.CONFIRM: (-4, 18),
        },
        begun=-60,
        readings_wanted=1,
    )
    offered: list[Application] = []
    for day, few in zip((-40, -36, -31, -26, -20), batched(OFFERED), strict=True):
        offered += answer(world, intake, few, on=day)
    waiting = answer(world, intake, WAITLISTED, on=-17)
    answer(world, intake, TO_BE_READ, on=-15)
    rng = random.Random(SEED)
    for number, application in enumerate((*offered, *waiting)):
        with world.on(-12, 9 + number % 8) as then:
            read(
                application,
                by=tomas if number % 2 else noor,
                rng=rng,
                weakest=2 if number < len(offered) else 1,
                now=then,
            )
    _compare(world, intake, (*offered, *waiting), rng)
    with world.on(-5) as then:
        _decide(intake, offered, Application.Outcome.OFFERED, by=thandi, now=then)
        _decide(
            intake,
            waiting,
            Application.Outcome.WAITLISTED,
            by=thandi,
            reasons="If somebody cannot come, your seat is the first to be free.",
            now=then,
        )
        release(intake, by=thandi, now=then)
    with world.on(-3) as then:
        deciding.note_replies(intake, [a.pk for a in offered[:-3]], by=thandi, now=then)
    return _propose(world, intake, offered)


def _propose(
    world: World, intake: Intake, offered: Sequence[Application]
) -> Composition:
    thandi = world.people["thandi"]
    with world.on(-2, 9) as then:
        proposal = seating.propose(
            intake,
            asked=seating.Asked(
                groups=2,
                size_min=10,
                size_max=12,
                protected=("gender", "language"),
                vary=("region", "role", "organisation-size"),
            ),
            by=thandi,
            names=("Acacia", "Kapok"),
            seed=SEED,
            now=then,
        )
    found = solving.solve(proposal.pk)
    assert found is not None
    # She would have to sit up late, so the lead let her wait: now another is alone.
    seats = seating.seats_of(found)
    huda, waits = seats.get(application__called="Huda Nasser"), seats.get(group=None)
    with world.on(-1, 15) as then:
        found = moving.swap(huda, waits, by=thandi, edition=found.edition, now=then)
        signing.ask_to_sign(found, world.people["leila"], by=thandi, now=then)
    return found


# --- The call that is open ---------------------------------------------------------


def _compare(
    world: World,
    intake: Intake,
    applications: Sequence[Application],
    rng: random.Random,
) -> None:
    """Both read every third, so that severity shows; one has practised before."""
    tomas, noor = (world.people[key] for key in ("tomas", "noor"))
    for number, application in enumerate(applications):
        if number % 3 == 0:
            with world.on(-11, 9 + number % 8) as then:
                read(
                    application,
                    by=noor if number % 2 else tomas,
                    rng=rng,
                    weakest=1,
                    now=then,
                )
    with world.on(-20) as then:
        for sample in practising.SAMPLES:
            practising.score(
                intake,
                sample=sample,
                levels={str(c.pk): rng.randint(1, 4) for c in intake.rubric},
                by=noor,
                now=then,
            )
    with world.on(-10) as then:
        reckoning.work_out(intake, now=then)


def open_another(world: World) -> None:
    """Nobody has applied yet: a visitor may, and reads what seats are kept for."""
    intake = begin(
        world,
        name=f"{season(world, 200)} circles",
        days={
            Kind.APPLY: (-3, 25),
            Kind.REVIEW: (10, 40),
            Kind.DECIDE: (40, 50),
            Kind.CONFIRM: (40, 60),
        },
        begun=-6,
    )
    lead = world.people["thandi"]
    traits = {trait.key: trait for trait in intake.traits.all()}
    for key, value, least, why in KEPT:
        quotas.add(
            intake,
            trait=traits[key],
            value=value,
            least=least,
            most=intake.seats,
            why=why,
            by=lead,
        )
    quotas.say_source(intake, words=CHANCE, by=lead)


# --- What they have in common ----------------------------------------------------


def begin(
    world: World,
    *,
    name: str,
    days: Mapping[str, tuple[int, int]],
    begun: int,
    **fields: Any,
) -> Intake:
    thandi = world.people["thandi"]
    with world.on(begun) as then:
        said: dict[str, Any] = {
            "about": ABOUT,
            "how_chosen": HOW_CHOSEN,
            "rhythm": "Two hours every third week, nine times.",
            "seats": 24,
            "cohorts_wanted": 2,
            "answer_by": world.day(days[Kind.DECIDE][1]),
            "kept_until": world.day(days[Kind.CONFIRM][1] + 180),
        }
        intake = calls.begin(
            world.program,
            by=thandi,
            name=name,
            created_at=then,
            **said | fields,
        )
        calls.set_phases(
            intake,
            by=thandi,
            phases={
                kind: (
                    calls.first_moment(world.day(opens), HOME),
                    calls.last_moment(world.day(closes), HOME, anywhere_on_earth=False),
                    False,
                )
                for kind, (opens, closes) in days.items()
            },
        )
        return calls.publish(intake, by=thandi, now=then)


def answer(
    world: World, intake: Intake, people: Iterable[Applicant], *, on: int
) -> list[Application]:
    """They write from the phones and places they have; here it arrives together."""
    questions = list(intake.questions.order_by("position"))
    traits = {trait.key: trait.pk for trait in intake.traits.all()}
    feedback = {lang: cycle(lines) for lang, lines in FEEDBACK.items()}
    learn = {lang: cycle(lines) for lang, lines in LEARN.items()}
    monday = availability.monday_of(world.today)
    made = []
    for one in people:
        texts = (one.work, one.hunch, next(feedback[one.lang]), next(learn[one.lang]))
        answers: dict[UUID, tuple[str, Sequence[str]]] = {
            question.pk: (text, ())
            for question, text in zip(questions, texts, strict=False)
        }
        answers |= {
            q.pk: ("yes", ()) for q in questions if q.kind == Question.Kind.CONSENT
        }
        made.append(
            Arrival(
                called=one.called,
                email=_address(world, one),
                organisation=one.organisation,
                language=one.lang,
                languages=(one.lang,),
                timezone=one.zone,
                availability=week(one.zone, one.meets, monday=monday),
                offers=one.offers,
                needs=one.needs,
                ties=one.ties,
                hours_per_month=Decimal(6),
                access_needs=one.access,
                answers=answers,
                traits=[
                    (traits[key], value, fine)
                    for key, value, fine in (
                        ("region", one.region, True),
                        ("gender", one.gender, one.gender == "non-binary"),
                        ("sector", one.sector, True),
                        ("role", one.role, True),
                        ("organisation-size", one.size, True),
                        ("language", one.thinks_in, one.alone_is_fine),
                        ("lived-experience", one.lived, True),
                    )
                ],
                applicant=next(
                    (p for p in world.people.values() if p.full_name == one.called),
                    None,
                ),
            )
        )
    with world.on(on) as then:
        return arrivals.arrive(intake, made, at=then)


def batched(people: Sequence[Applicant]) -> Iterator[Sequence[Applicant]]:
    """A few at a time, for not everybody applies on one day."""
    return (people[n : n + 5] for n in range(0, len(people), 5))


def _address(world: World, one: Applicant) -> str:
    for person in world.people.values():
        if person.full_name == one.called:
            return person.email
    first = one.called.split()[0].casefold()
    plain = first.encode("ascii", "ignore").decode().replace("-", "")
    return f"{plain}.{len(one.called)}@{DOMAIN}"


def read(
    application: Application,
    *,
    by: Any,
    rng: random.Random,
    weakest: int,
    now: Any,
) -> None:
    copy = (
        BlindCopy.objects.visible_to(by)
        .select_related("intake", "program")
        .get(application=application)
    )
    # The same for whoever reads it: it comes from what is written.
    worth = 2 + 0.21 * (sum(map(ord, application.called)) % 11)
    given = {}
    for criterion, lines in zip(
        copy.intake.criteria.order_by("position"), EVIDENCE, strict=True
    ):
        level = max(weakest, min(4, round(rng.gauss(worth, 0.6))))
        given[criterion.pk] = reviewing.Given(level, lines[level - 1])
    reviewing.finish(copy, by=by, given=given, now=now)


def _decide(
    intake: Intake,
    applications: Iterable[Application],
    outcome: str,
    *,
    by: Any,
    reasons: str = "",
    now: Any,
) -> None:
    deciding.decide(
        intake,
        [a.pk for a in applications],
        outcome=outcome,
        reasons=reasons,
        by=by,
        now=now,
    )


def release(intake: Intake, *, by: Any, now: Any) -> None:
    seen = deciding.seal_of(intake, deciding.pending(intake, by=by))
    deciding.release(intake, by=by, seen=seen, now=now)
