"""Both circles come together, sign what taking part asks, and write their charters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from charters import amending, channels, quarterly
from charters.amending import Draft
from charters.models import (
    Amendment,
    CharterVersion,
    Consent,
    ConsentRound,
    ProposedClause,
    QuarterlyReview,
    Remark,
)
from charters.starters import BY_NAME
from cohorts import agreements, joining, showing
from cohorts.models import Application, Cohort, Invitation, Membership
from cohortsite.demo.people import BAOBAB, MANGROVE
from cohortsite.demo.world import World

TELLING = "the demo tells what its own people did"
# Its paragraphs are lines: every phone breaks them where it has to.
AGREEMENT = (
    "What we ask of each other\n\n"
    "Time. Nine sessions of an hour and a half, and about five hours a month in "
    "all. If you cannot come, say so; a line is enough.\n\n"
    "Presence. You bring one live project and let others look at it. Voice only is "
    "full presence, and so is writing.\n\n"
    "Confidentiality. What is said in the circle stays there. Lessons may leave it; "
    "names, places and numbers leave only with a yes from the person they belong "
    "to. The program's funders see counts of groups, never a word of yours.\n\n"
    "Contribution. You leave something that others can use: a card, a form, a story "
    "of what did not work.\n\n"
    "You may stop at any time, and it will not be held against you. Talk to Thandi, "
    "or to your facilitator, in any language you like."
)

Change = ProposedClause.Change
YES, CONCERN, OBJECT = Consent.Kind.CONSENT, Consent.Kind.CONCERN, Consent.Kind.OBJECT


# Who lets those who hold their circle read which of the answers that may be shared.
SHARES = {"amina": (0, 2), "rafael": (0,), "grace": (0, 1, 2)}


def gather(world: World) -> None:
    """Invitations are accepted, agreements signed, three versions adopted."""
    _join(world)
    _share(world)
    _baobab_writes(world)
    _mangrove_writes(world)


def _join(world: World) -> None:
    thandi = world.people["thandi"]
    with world.on(-92) as then:
        agreement = agreements.offer(
            world.program, text=AGREEMENT, by=thandi, language="en", now=then
        )
    invitations = {
        invitation.email: invitation
        for invitation in Invitation.objects.unsealed(TELLING)
        .filter(cohort__program=world.program)
        .select_related("cohort")
    }
    circle = ("leila", "elif", *(one.key for one in (*BAOBAB, *MANGROVE)))
    for number, key in enumerate(circle):
        person = world.people[key]
        invitation = invitations[person.email]
        with world.on(-91, 8 + number % 10, number) as then:
            seat = joining.accept(invitation, by=person, now=then)
        with world.on(-90, 8 + number % 10, number) as then:
            agreements.sign(
                agreement,
                by=person,
                name_typed=person.full_name,
                sha256=agreement.sha256,
                now=then,
            )
        seat.cohort, seat.person = invitation.cohort, person
        world.seats[key] = seat


def _share(world: World) -> None:
    for key, picked in SHARES.items():
        person = world.people[key]
        application = (
            Application.objects.visible_to(person).accepted().get(applicant=person)
        )
        lines = showing.lines_of(application)
        with world.on(-89, 18) as then:
            showing.share(
                application, [lines[n].key for n in picked], by=person, now=then
            )


# --- Charters --------------------------------------------------------------------


def _clause(section: str, title: str, text: str, **steering: Any) -> Draft:
    return Draft(section=section, title=title, text=text, **steering)


def _changed(draft: Draft, text: str, value: dict[str, Any]) -> Draft:
    return Draft(
        change=Change.CHANGED,
        key=draft.key,
        section=draft.section,
        title=draft.title,
        text=text,
        value=value,
    )


def _seats_of(world: World, cohort: Cohort) -> dict[str, Membership]:
    return {
        key: seat for key, seat in world.seats.items() if seat.cohort_id == cohort.pk
    }


def _decide(
    world: World,
    amendment: Amendment,
    *,
    by: Membership,
    opens: int,
    concern: dict[str, str] | None = None,
) -> CharterVersion:
    """Everyone answers within two days of `opens`; then it is adopted."""
    with world.on(opens, 9) as then:
        asked = amending.open_round(amendment, by=by, now=then)
    for number, (key, seat) in enumerate(_seats_of(world, by.cohort).items()):
        if seat.pk == amendment.proposer_id:
            continue
        reason = (concern or {}).get(key, "")
        with world.on(opens + number % 2, 10 + number % 8, number) as then:
            amending.answer(
                asked,
                by=seat,
                kind=CONCERN if reason else YES,
                reason=reason,
                text_hash=asked.text_hash,
                now=then,
            )
    with world.on(opens + 2, 9) as then:
        return amending.adopt(amendment, by=by, now=then)


def _baobab_writes(world: World) -> None:
    leila = world.seats["leila"]
    airtime = _clause(
        "feedback",
        "Airtime",
        "Everyone is offered a turn in each round and may pass.",
        steers="airtime",
        value={"visible": False},
    )
    presence = _clause(
        "attendance",
        "Presence and care",
        "We aim for seven sessions of nine. No explanation is owed.",
        steers="attendance",
        value={"attend": 7, "of": 9, "call_after_days": 21},
    )
    recording = _clause(
        "own",
        "Recording",
        "Sessions are recorded unless someone objects. Recordings are deleted after "
        "90 days.",
        steers="recording",
        value={"rule": "unless_objection", "delete_after_days": 90},
    )
    with world.on(-84, 18) as then:
        counsellor = channels.add(
            by=leila,
            name="Nomsa Dube",
            role="Counsellor, for whatever is too heavy for a circle",
            reach="nomsa@counsel.example",
            tongues="isiZulu, English",
            hours="Weekday mornings, Johannesburg",
            said_yes=True,
            now=then,
        )
        first = amending.propose(
            by=leila,
            now=then,
            clauses=[
                _starter("stays_here"),
                _starter("ask_first"),
                airtime,
                _clause(
                    "decisions",
                    "Decisions",
                    "By consent: a proposal passes when nobody has a reasoned "
                    "objection. Silence is asked about, never counted.",
                    steers="deciding",
                    value={"rule": "consent", "silence_counts": False},
                ),
                presence,
                recording,
                _clause(
                    "support",
                    "Support",
                    "Leila or Grace answer within one working day. For harm, write "
                    "to the care contact outside this program.",
                    steers="support",
                    value={
                        "people": [str(leila.pk), str(world.seats["grace"].pk)],
                        "third": [str(world.seats["grace"].pk)],
                        "outside": [str(counsellor.pk)],
                    },
                ),
            ],
        )
    _decide(world, first, by=leila, opens=-83)
    sipho = world.seats["sipho"]
    with world.on(-60, 11) as then:
        second = amending.propose(
            by=sipho,
            now=then,
            clauses=[
                _changed(
                    airtime,
                    "Everyone is offered a turn in each round and may pass. We can all "
                    "see how time was shared.",
                    {"visible": True},
                )
            ],
            why="I talk a lot and do not notice. A ring round my name would tell me.",
        )
    _decide(
        world,
        second,
        by=sipho,
        opens=-58,
        concern={
            "linh": "On a bad line I say little and listen well. Please do not read my "
            "ring as absence."
        },
    )
    tenzin = world.seats["tenzin"]
    with world.on(-40, 12) as then:
        third = amending.propose(
            by=tenzin,
            now=then,
            clauses=[
                _changed(
                    presence,
                    "We aim for seven sessions of nine. If you go quiet for ten days, "
                    "Leila calls. No explanation is owed.",
                    {"attend": 7, "of": 9, "call_after_days": 10},
                )
            ],
            why=(
                "In the snow weeks I was gone for a month, and everyone was too polite "
                "to ask. A call would have been kind."
            ),
        )
    _decide(world, third, by=tenzin, opens=-38)
    _review(world, world.baobab, host=world.seats["grace"])
    _ask_about_recording(world, recording)


def _ask_about_recording(world: World, recording: Draft) -> None:
    """The round that is open: seven say yes, one worries, one objects, three wait."""
    farah = world.seats["farah"]
    with world.on(-5, 11) as then:
        fourth = amending.propose(
            by=farah,
            now=then,
            clauses=[
                _changed(
                    recording,
                    "We record only when each person present has said yes that day. "
                    "Recordings are deleted after 30 days. A written summary is always "
                    "offered instead.",
                    {"rule": "each_yes", "delete_after_days": 30},
                )
            ],
            why=(
                "Two of us work where a voice can be recognised. Asking people to "
                "object puts the weight on the person at risk."
            ),
        )
    with world.on(-4, 17) as then:
        _say(fourth, world.seats["joao"], "question", then, "Who keeps the summary?")
        _say(
            fourth,
            farah,
            "reply",
            then,
            "Whoever holds the time that day. It goes to the circle within a week.",
        )
    with world.on(-3, 18) as then:
        asked = amending.open_round(fourth, by=farah, now=then)
    for number, key in enumerate(
        ("mariam", "tenzin", "joao", "grace", "sipho", "linh")
    ):
        with world.on(-3, 18 + number % 4, 10 + number) as then:
            _answer(asked, world.seats[key], YES, then)
    with world.on(-2, 9) as then:
        _answer(
            asked,
            world.seats["rafael"],
            CONCERN,
            then,
            reason=(
                "Mis vecinos confían más cuando pueden volver a escuchar. Acepto, y "
                "quisiera que lo miremos de nuevo en tres meses."
            ),
            lang="es",
        )
    with world.on(-1, 19) as then:
        _answer(
            asked,
            world.seats["marek"],
            OBJECT,
            then,
            reason=(
                "Thirty days is short for those of us who listen on the weekend bus."
            ),
            harm="Whoever works evenings falls behind, and stops bringing cases.",
            fix="Could summaries be ready in three days?",
            lang="en",
        )
    with world.on(0, 7) as then:
        _say(
            fourth,
            farah,
            "reply",
            then,
            "Marek, three days is fair. Let me put it into the text tonight.",
        )


def _answer(
    asked: ConsentRound, seat: Membership, kind: str, now: Any, **words: Any
) -> None:
    amending.answer(
        asked, by=seat, kind=kind, text_hash=asked.text_hash, now=now, **words
    )


def _say(
    amendment: Amendment, by: Membership, kind: str, now: Any, text: str
) -> Remark:
    return amending.say(amendment, by=by, kind=kind, text=text, now=now)


def _starter(name: str) -> Draft:
    starter = BY_NAME[name]
    return Draft(
        section=starter.section,
        title=str(starter.title),
        text=str(starter.text),
        steers=starter.steers,
        value=dict(starter.value),
    )


def _mangrove_writes(world: World) -> None:
    elif_, neema, kwame = (world.seats[key] for key in ("elif", "neema", "kwame"))
    usual: Sequence[Draft] = [
        _starter(starter.name) for starter in BY_NAME.values() if starter.usual
    ]
    with world.on(-83, 19) as then:
        first = amending.propose(by=elif_, clauses=usual, now=then)
    _decide(world, first, by=elif_, opens=-82)
    with world.on(-54, 12) as then:
        second = amending.propose(
            by=neema,
            clauses=[_starter("languages")],
            now=then,
            why="Ninafikiri kwa Kiswahili. Nikipewa muda kidogo, nasema vizuri zaidi.",
            lang="sw",
        )
    _decide(world, second, by=neema, opens=-52)
    with world.on(-33, 12) as then:
        third = amending.propose(
            by=kwame,
            clauses=[_starter("repair")],
            now=then,
            why="We nearly stopped in the second month. I would like a way through.",
        )
    _decide(
        world,
        third,
        by=kwame,
        opens=-31,
        concern={"carmen": "Que la tercera persona hable nuestro idioma, por favor."},
    )
    _review(world, world.mangrove, host=world.seats["ravi"])


def _review(world: World, cohort: Cohort, *, host: Membership) -> None:
    """The next look together is in the sixth session."""
    review = QuarterlyReview.objects.unsealed(TELLING).awaited().get(cohort=cohort)
    with world.on(-21, 18) as then:
        quarterly.plan(review, by=host, due_on=world.day(21), host=host, now=then)
