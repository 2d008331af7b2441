"""What changed, how it was counted, and what is told to those outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cohortsite.demo.world import World
from measurement import figures, hypotheses, sharing
from measurement.models import Hypothesis, Signal

PEOPLE, THINGS = Signal.Unit.PEOPLE, Signal.Unit.THINGS
ORGANISATIONS = Signal.Unit.ORGANISATIONS
TELLING = "the demo tells what its own people did"
# Groups of fewer people than this stay hidden.
THRESHOLD = 5
UNKNOWNS = """\
Whether patients were better a year later.

Whether those who could not come did worse: we counted who came.

What Saint-Louis would show with more people, and Durban with another month."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """One reading: so many days ago, so many, out of so many."""

    day: int
    value: int
    out_of: int | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A live project, its hunch and its signal, as its owner keeps them."""

    who: str
    title: str
    if_we: str
    then: str
    because: str
    signal: Mapping[str, Any]
    looks: Sequence[Look]
    about: str = ""
    decides: int = 30
    shared: bool = True
    # Closed and stated anew, or stopped: verdict, what was learned, the next hunch.
    verdict: str = ""
    learned: str = ""
    next: Mapping[str, str] | None = None


def show(world: World) -> None:
    """Projects with their readings; one release, one link to it."""
    for project in PROJECTS:
        _keep(world, project)
    thandi = world.people["thandi"]
    with world.on(-3, 12) as then:
        figures.release(
            world.program,
            by=thandi,
            period_from=world.day(-175),
            period_to=world.day(-4),
            threshold=THRESHOLD,
            unknowns=UNKNOWNS,
            now=then,
        )
        sharing.make_link(
            world.program,
            by=thandi,
            for_whom="Ruth Vasquez's board",
            days=90,
            now=then,
        )


def _keep(world: World, told: Project) -> None:
    seat = world.seats[told.who]
    with world.on(-80, 17) as then:
        project = hypotheses.begin(
            by=seat,
            title=told.title,
            about=told.about,
            hypothesis={
                "if_we": told.if_we,
                "then": told.then,
                "because": told.because,
                "decide_on": world.day(told.decides),
            },
            signal=dict(told.signal),
            now=then,
        )
    signal = Signal.objects.unsealed(TELLING).get(hypothesis__project=project)
    for look in told.looks:
        with world.on(look.day, 20) as then:
            hypotheses.read(
                signal,
                by=seat,
                value=look.value,
                out_of=look.out_of,
                on=world.day(look.day),
                note=look.note,
                now=then,
            )
    if told.shared:
        with world.on(-10, 12) as then:
            hypotheses.share(project, by=seat, shared=True, now=then)
    if told.verdict:
        with world.on(told.decides, 12) as then:
            hypotheses.restate(
                project,
                by=seat,
                verdict=told.verdict,
                learned=told.learned,
                hypothesis={**told.next, "decide_on": world.day(45)}
                if told.next
                else None,
                signal=dict(told.signal) if told.next else None,
                now=then,
            )


def _arrived(place: str, before: tuple[int, int]) -> dict[str, Any]:
    return {
        "name": f"{place}: patients who reached the second clinic within 14 days",
        "unit": PEOPLE,
        "is_share": True,
        "baseline": before[0],
        "baseline_of": before[1],
    }


PROJECTS = (
    Project(
        who="amina",
        title="Cards between two clinics",
        about=(
            "Cards leave our clinic full and reach the second one empty. Six nurses, "
            "one river, a ream of paper."
        ),
        if_we="draw the card again with the nurses at the second clinic",
        then="more cards come back with a stamp",
        because="nurses do not trust a card they did not help design",
        signal=_arrived("Kisumu", (38, 120)) | {"target": 80, "target_of": 120},
        looks=(
            Look(day=-60, value=41, out_of=116),
            Look(day=-32, value=55, out_of=121, note="Counted with two nurses."),
            Look(day=-8, value=71, out_of=118, note="Stamped cards, one by one."),
        ),
        decides=16,
    ),
    Project(
        who="grace",
        title="The next step as a picture",
        if_we="draw the next step instead of writing it",
        then="young people take it",
        because="they can show it to a friend",
        signal=_arrived("Gulu", (22, 64)) | {"target": 40, "target_of": 64},
        looks=(
            Look(day=-44, value=27, out_of=66),
            Look(day=-9, value=35, out_of=70, note="Stamped cards."),
        ),
    ),
    Project(
        who="mariam",
        title="Quarante secondes en wolof",
        if_we="faisons entendre la consigne au lieu de l'écrire",
        then="elle est suivie",
        because="on la réentend à la maison",
        signal=_arrived("Saint-Louis", (4, 15)),
        looks=(Look(day=-10, value=11, out_of=14, note="Par téléphone, une à une."),),
    ),
    Project(
        who="sipho",
        title="One register for nine clinics",
        if_we="add a card to the register that nine clinics share",
        then="fewer people are lost between two doors",
        because="what is in the hand is not in a drawer",
        signal=_arrived("Durban", (55, 140)),
        looks=(
            Look(day=-70, value=58, out_of=138),
            Look(day=-50, value=57, out_of=141),
        ),
        decides=-46,
        verdict=Hypothesis.Verdict.STOP,
        learned="We share a register already; the card made a third place to look.",
    ),
    Project(
        who="kwame",
        title="A ledger one can sing",
        if_we="sing the ledger before it is written",
        then="members catch mistakes in the meeting",
        because="they know the tune",
        signal={
            "name": "Mistakes found in the meeting, not after it",
            "unit": THINGS,
            "baseline": 2,
            "target": 10,
        },
        looks=(Look(day=-46, value=5), Look(day=-12, value=9)),
    ),
    Project(
        who="daniel",
        title="Tools that come back whole",
        if_we="check tools together at return",
        then="breakages are named early",
        because="it is nobody's fault yet",
        signal={
            "name": "Tools on the shelf on Friday evening",
            "unit": THINGS,
            "baseline": 41,
            "target": 60,
        },
        looks=(Look(day=-40, value=48), Look(day=-9, value=39, note="No fines.")),
        decides=-9,
        verdict=Hypothesis.Verdict.CHANGE,
        learned="Without fines tools stayed away; checking together helped anyway.",
        next={
            "if_we": "check together and let the borrower name the day of return",
            "then": "tools come back on that day",
            "because": "it was theirs to say",
        },
    ),
    Project(
        who="rafael",
        title="Tarjetas para el agua",
        if_we="dejamos la tarjeta en manos de la familia",
        then="la reparación se termina",
        because="alguien la espera",
        signal={
            "name": "Cusco: comités que usan la tarjeta",
            "unit": ORGANISATIONS,
            "baseline": 0,
            "target": 6,
        },
        looks=(Look(day=-20, value=2), Look(day=-7, value=4)),
    ),
    Project(
        who="putri",
        title="Ramps that stay free",
        if_we="let shopkeepers choose the place of the ramp",
        then="they keep it free",
        because="customers use it",
        signal={
            "name": "Ramps free on Friday",
            "unit": THINGS,
            "is_share": True,
            "baseline": 2,
            "baseline_of": 10,
            "target": 8,
            "target_of": 10,
        },
        looks=(Look(day=-18, value=3, out_of=10), Look(day=-4, value=5, out_of=10)),
        shared=False,
    ),
    Project(
        who="neema",
        title="Wimbo wa hesabu",
        if_we="tutaimba hesabu kabla ya kuandika",
        then="makosa yatapungua",
        because="kila mtu atasikia",
        signal={
            "name": "Makosa yaliyopatikana baada ya mkutano",
            "unit": THINGS,
            "baseline": 7,
            "target": 1,
            "direction": Signal.Direction.DOWN,
        },
        looks=(Look(day=-25, value=4), Look(day=-5, value=2)),
        shared=False,
    ),
)
