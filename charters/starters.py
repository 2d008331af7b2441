"""Clauses to argue with: a first text, and the reason somebody might want it.

They are translated when they are chosen, into the language that the circle writes in,
and belong to the circle from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from charters.models import Section, Steers


@dataclass(frozen=True, kw_only=True)
class Starter:
    name: str
    section: Section
    title: Any
    text: Any
    reason: Any
    steers: str = ""
    value: Mapping[str, Any] = field(default_factory=dict)
    # Ticked when the page opens: the seven that most circles begin with.
    usual: bool = False

    def said_in(self, lang: str) -> Said:
        """Its words in that language; where nobody has translated them, in English."""
        with translation.override(lang):
            said = str(self.title), str(self.text), str(self.reason)
        with translation.override("en"):
            plain = str(self.text)
        return Said(
            starter=self,
            title=said[0],
            text=said[1],
            reason=said[2],
            lang="en" if said[1] == plain else lang,
        )


@dataclass(frozen=True, kw_only=True)
class Said:
    """A starter clause in one language."""

    starter: Starter
    title: str
    text: str
    reason: str
    lang: str


ALL: tuple[Starter, ...] = (
    # Confidentiality
    Starter(
        name="stays_here",
        section=Section.CONFIDENTIALITY,
        title=_("What is said here stays here"),
        text=_(
            "Lessons may leave the room. Names, places and numbers leave only with a "
            "yes from the person they belong to."
        ),
        reason=_("People bring what is not finished only where it will not travel."),
        usual=True,
    ),
    Starter(
        name="recording",
        section=Section.CONFIDENTIALITY,
        title=_("Recording"),
        text=_(
            "We record only when each person present has said yes that day. Recordings "
            "are deleted after 30 days. A written summary is always offered instead."
        ),
        reason=_(
            "Asking people to object puts the weight on whoever is at risk; asking for "
            "a yes does not."
        ),
        steers=Steers.RECORDING,
        value={"rule": "each_yes", "delete_after_days": 30},
    ),
    Starter(
        name="own_words",
        section=Section.CONFIDENTIALITY,
        title=_("My story is mine"),
        text=_(
            "Nobody retells another person's story, not even kindly, unless that "
            "person was asked first and may say no."
        ),
        reason=_("A story that helps in the room may harm its owner outside of it."),
    ),
    Starter(
        name="work_ties",
        section=Section.CONFIDENTIALITY,
        title=_("When our work meets"),
        text=_(
            "If two of us share a funder, an employer or a campaign, we say so before "
            "a case is told, and the teller decides who stays."
        ),
        reason=_("Ties that are named early can be handled; found later, they sting."),
    ),
    # Feedback
    Starter(
        name="ask_first",
        section=Section.FEEDBACK,
        title=_("Feedback"),
        text=_(
            "We ask before we advise. We say what we saw, what it did to us, and what "
            "we would try."
        ),
        reason=_("Advice that nobody asked for closes people; a plain account opens."),
        usual=True,
    ),
    Starter(
        name="airtime",
        section=Section.FEEDBACK,
        title=_("Airtime"),
        text=_(
            "Everyone is offered a turn in each round and may pass. We can all see how "
            "time was shared."
        ),
        reason=_(
            "Groups in which turns are shared think better than those ruled by"
            " two voices."
        ),
        steers=Steers.AIRTIME,
        value={"visible": True},
        usual=True,
    ),
    Starter(
        name="impact",
        section=Section.FEEDBACK,
        title=_("Impact counts, whatever we meant"),
        text=_(
            "When something hurt, we first hear what it did. What was meant comes "
            "after, and does not undo it."
        ),
        reason=_("Defending a good intention is how small harms grow."),
    ),
    Starter(
        name="appreciation",
        section=Section.FEEDBACK,
        title=_("Thanks by name"),
        text=_(
            "We close each session by thanking people for one thing they did, so "
            "clearly that they could do it again."
        ),
        reason=_("Precise thanks tell people what is worth repeating."),
    ),
    Starter(
        name="languages",
        section=Section.FEEDBACK,
        title=_("Languages in the room"),
        text=_(
            "We speak slowly, leave pauses, and may switch to the language we think "
            "in. Somebody sums up in the shared one."
        ),
        reason=_("A second language costs effort that others never see."),
    ),
    # Decisions
    Starter(
        name="consent",
        section=Section.DECISIONS,
        title=_("How we decide"),
        text=_(
            "By consent: a proposal passes when nobody has a reasoned objection. "
            "Silence is asked about, never counted."
        ),
        reason=_(
            "Good enough for now and safe enough to try moves faster than all "
            "agreeing, and listens better than a vote."
        ),
        steers=Steers.DECIDING,
        value={"rule": "consent", "silence_counts": False},
        usual=True,
    ),
    Starter(
        name="review",
        section=Section.DECISIONS,
        title=_("Looking at this again"),
        text=_(
            "Every three months we give this charter half an hour: what serves, what "
            "strains, what to change."
        ),
        reason=_("An agreement nobody looks at turns into decoration."),
        steers=Steers.REVIEW,
        value={"months": 3},
        usual=True,
    ),
    Starter(
        name="windows",
        section=Section.DECISIONS,
        title=_("Time to answer"),
        text=_(
            "A request may wait two working days for an answer, a decision five days. "
            "A late answer needs no excuse, only a word."
        ),
        reason=_("When the window is known, silence stops being a riddle."),
        steers=Steers.RESPONSE,
        value={"request_hours": 48, "decision_hours": 120},
    ),
    Starter(
        name="small_things",
        section=Section.DECISIONS,
        title=_("Small things need no meeting"),
        text=_(
            "Whoever does the work decides how, after asking the people it touches. "
            "What is hard to undo goes to the circle."
        ),
        reason=_("Time together is dear; spend it on what only the circle can settle."),
    ),
    Starter(
        name="money",
        section=Section.DECISIONS,
        title=_("Money between us"),
        text=_(
            "Paid work, loans and shared applications between members are named to "
            "the circle before they are agreed."
        ),
        reason=_("Unspoken money bends advice without anyone wanting it to."),
    ),
    # Attendance
    Starter(
        name="presence",
        section=Section.ATTENDANCE,
        title=_("Presence and care"),
        text=_(
            "We aim for seven sessions of nine. If somebody goes quiet for ten days, a "
            "facilitator calls. No explanation is owed."
        ),
        reason=_("A call after ten days is care; after two months it is an inquiry."),
        steers=Steers.ATTENDANCE,
        value={"attend": 7, "of": 9, "call_after_days": 10},
        usual=True,
    ),
    Starter(
        name="on_time",
        section=Section.ATTENDANCE,
        title=_("Beginning and ending on time"),
        text=_(
            "We begin and end when we said. Whoever comes late slips in; nobody goes "
            "back to the start."
        ),
        reason=_(
            "People with care work and long journeys can only plan round a clock "
            "that holds."
        ),
    ),
    Starter(
        name="weak_link",
        section=Section.ATTENDANCE,
        title=_("When the line is weak"),
        text=_(
            "Voice only is full presence, and so is writing. Cameras are never asked "
            "for."
        ),
        reason=_("Bandwidth, power and safety are not shared out evenly."),
    ),
    Starter(
        name="promises",
        section=Section.ATTENDANCE,
        title=_("Promises"),
        text=_(
            "We promise small and aloud. A promise may be kept, changed or let go, as "
            "long as we say which."
        ),
        reason=_("Letting go in the open keeps trust; quiet failure eats it."),
    ),
    Starter(
        name="leaving",
        section=Section.ATTENDANCE,
        title=_("Leaving well"),
        text=_(
            "Anyone may leave at any time. We ask for one goodbye, spoken or written, "
            "and give one back."
        ),
        reason=_("A circle that can end well for one can go on for the rest."),
    ),
    # Support
    Starter(
        name="support",
        section=Section.SUPPORT,
        title=_("Support"),
        text=_(
            "A facilitator answers within one working day. For harm, write to the care "
            "contact outside this program."
        ),
        reason=_("In a hard moment people need one door, and need it known before."),
        steers=Steers.SUPPORT,
        usual=True,
    ),
    Starter(
        name="buddy",
        section=Section.SUPPORT,
        title=_("Pairs"),
        text=_(
            "Each of us has one other to ask first. Pairs change every three months, "
            "by lot."
        ),
        reason=_("Asking one person is easier than asking twelve."),
    ),
    Starter(
        name="repair",
        section=Section.SUPPORT,
        title=_("When something broke"),
        text=_(
            "Either side may ask for a repair conversation, with a third person both "
            "accept. First answer within two working days."
        ),
        reason=_("Conflict comes to every circle; having a way through is a choice."),
    ),
    Starter(
        name="not_therapy",
        section=Section.SUPPORT,
        title=_("What we are not"),
        text=_(
            "We are peers, neither therapists nor managers. When something is too "
            "heavy for us we say so and help to find who can carry it."
        ),
        reason=_("Saying where help ends is part of helping."),
    ),
    Starter(
        name="rest",
        section=Section.SUPPORT,
        title=_("Rest"),
        text=_(
            "Nobody is expected to read or answer in their quiet hours. Urgent is a "
            "word we keep for harm."
        ),
        reason=_("Change work runs long; people who rest stay in it."),
    ),
)

BY_NAME = {starter.name: starter for starter in ALL}
