"""A short call that a lottery decided, with a record that anybody can recompute."""

from __future__ import annotations

import random
from datetime import timedelta

from cohorts import banding, drawing, preparing, quotas, reckoning
from cohorts.models import Band, IntakePhase
from cohortsite.demo.applicants import (
    AFRICA,
    ALONE,
    AMERICAS,
    ASIA,
    COORDINATES,
    ENTERPRISE,
    EUROPE,
    LEADS,
    MAN,
    MIDDLE,
    MIDDLE_EAST,
    NO_SEAT,
    NON_PROFIT,
    PUBLIC,
    Applicant,
)
from cohortsite.demo.call import CHANCE, SEED, answer, begin, read, release, season
from cohortsite.demo.world import World

Kind = IntakePhase.Kind
NUMBERS = "4 9 17 23 38 41"
ABOUT = (
    "Five people, five evenings, one question each: whom do we not hear, and how would "
    "we? For those who have no room for nine sessions.\n\n"
    "Free, with a data bundle if you need one."
)

MORE = (
    Applicant(
        called="Sofía Quispe",
        organisation="Radio Ayacucho",
        zone="America/Lima",
        region=AMERICAS,
        lang="es",
        thinks_in="Quechua",
        work="Llaman siempre los mismos cuatro oyentes.",
        hunch="Si llamamos nosotras a una casa por día, oímos a quien no llama.",
    ),
    Applicant(
        called="Rustam Karimov",
        organisation="Osh water users",
        zone="Asia/Bishkek",
        region=ASIA,
        gender=MAN,
        thinks_in="Kyrgyz",
        sector=NON_PROFIT,
        size=MIDDLE,
        role=COORDINATES,
        work="The lower end of the canal never comes to the meeting.",
        hunch="If we meet at the last gate, then those come who get the least water.",
        lived="no",
    ),
    Applicant(
        called="Fatoumata Diallo",
        organisation="Écoute de nuit, Conakry",
        zone="Africa/Conakry",
        region=AFRICA,
        lang="fr",
        thinks_in="Pular",
        work="Une ligne d'écoute que les hommes n'appellent pas.",
        hunch="Si des coiffeurs la tiennent un soir, alors des hommes parlent.",
    ),
    Applicant(
        called="Ines Kovač",
        organisation="Mostar tenants",
        zone="Europe/Sarajevo",
        region=EUROPE,
        thinks_in="Bosnian",
        work="A house where nobody complains and half have moved out.",
        hunch="If the one who leaves is asked why, then the next one stays.",
        lived="no",
    ),
    Applicant(
        called="Suresh",
        organisation="Sundarbans ferry",
        zone="Asia/Kolkata",
        region=ASIA,
        gender=MAN,
        thinks_in="Bengali",
        size=ALONE,
        work="Passengers who pay and never say when they need to cross.",
        hunch="If hands choose the last crossing, then fewer are stranded.",
    ),
    Applicant(
        called="سلمى الحوراني",
        organisation="مكتبة إربد المتنقلة",
        zone="Asia/Amman",
        region=MIDDLE_EAST,
        lang="ar",
        thinks_in="Arabic",
        sector=PUBLIC,
        role=LEADS,
        work="نسأل الأمهات دائمًا، ولا نسأل من يقرأ.",
        hunch="إذا اختار الأطفال خمسة كتب كل شهر، فسيعود من توقف عن المجيء.",
    ),
    Applicant(
        called="Chipo Moyo",
        organisation="Bulawayo seed swap",
        zone="Africa/Harare",
        region=AFRICA,
        thinks_in="Ndebele",
        sector=ENTERPRISE,
        work="Growers who sell to us and are silent about the price.",
        hunch="If they write a price in a closed envelope first, then we learn theirs.",
        lived="no",
    ),
    Applicant(
        called="Mele Fonua",
        organisation="Nuku'alofa night market",
        zone="Pacific/Tongatapu",
        region=ASIA,
        thinks_in="Tongan",
        work="Young sellers who agree with everything their aunts say.",
        hunch="If they meet a day earlier among themselves, then they bring a plan.",
    ),
)

WHY = "Whoever was never listened to knows best what it takes."


def draw_the_short_one(world: World) -> None:
    """Twelve applied for five seats; the draw is public, the letters went out."""
    thandi, mercy = world.people["thandi"], world.people["mercy"]
    intake = begin(
        world,
        name=f"{season(world, 20)} short circle",
        about=ABOUT,
        rhythm="Two hours, five evenings in a row of weeks.",
        seats=5,
        cohorts_wanted=1,
        size_min=4,
        size_max=6,
        days={
            Kind.APPLY: (-44, -26),
            Kind.REVIEW: (-30, -12),
            Kind.DECIDE: (-11, 9),
            Kind.CONFIRM: (-4, 14),
        },
        begun=-50,
    )
    quotas.add(
        intake,
        trait=intake.traits.get(key="lived-experience"),
        value="yes",
        least=3,
        most=5,
        why=WHY,
        by=thandi,
    )
    quotas.say_source(intake, words=CHANCE, by=thandi)
    rng = random.Random(SEED)
    applied = answer(world, intake, (*NO_SEAT, *MORE), on=-30)
    for number, application in enumerate(applied):
        for days, name in ((-18, "tomas"), (-17, "noor")):
            with world.on(days, 9 + number % 8) as then:
                by = world.people[name]
                read(application, by=by, rng=rng, weakest=1, now=then)
    with world.on(-11) as then:
        reckoning.work_out(intake, now=then)
        banding.follow(intake, reason="", by=thandi, now=then)
        lottery = preparing.prepare(intake, by=thandi, now=then)
    preparing.solve(lottery.pk)
    with world.on(-10) as then:
        drawing.commit(
            lottery,
            source=CHANCE,
            speaks_at=then + timedelta(days=2),
            by=mercy,
            now=then,
        )
    for by in (thandi, mercy):
        with world.on(-7) as then:
            drawing.type_value(lottery, value=NUMBERS, by=by, now=then)
    with world.on(-6) as then:
        banding.set_pending(intake, band=Band.ACCEPT, by=thandi, now=then)
        banding.set_pending(
            intake,
            band=Band.DECLINE,
            reasons="Others were nearer to what this circle asks; try the longer one.",
            by=thandi,
            now=then,
        )
        release(intake, by=thandi, now=then)
