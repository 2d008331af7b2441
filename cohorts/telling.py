"""How selection works, told from the settings of the call itself.

A page of parts, in their order. Whatever has a say in choosing registers a part
of its own (from `AppConfig.ready`), so that the page cannot promise what the house
does not do, nor keep silent about what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import Intake, Question
from people.clock import day_for


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line of a list: what it is, and what there is to say about it.

    `words` are the call's own and may be in another language than the page.
    """

    words: Any
    notes: Sequence[Any] = ()


@dataclass(frozen=True, kw_only=True)
class Part:
    """One heading of the page, with sentences and perhaps a list under them."""

    key: str  # its place in the address: `#reading`
    title: str
    sentences: Sequence[Any] = ()
    facts: Sequence[Fact] = ()
    # In the call's own words, below the sentences.
    words: Any = ""
    # An address, and what stands on the link to it.
    link: tuple[str, str] | None = None


# A teller returns None when the call has nothing of the kind.
Teller = Callable[[Intake], Part | None]


@dataclass(order=True)
class _Told:
    order: int
    teller: Teller = field(compare=False)


_tellers: list[_Told] = []


def tells(*, order: int) -> Callable[[Teller], Teller]:
    """Register a part of the page. Asking 10, reading 20, choosing 30 to 59,
    groups 60, answers 70, the call's own words 90."""

    def remember(teller: Teller) -> Teller:
        _tellers.append(_Told(order, teller))
        return teller

    return remember


def told(intake: Intake) -> list[Part]:
    made = [one.teller(intake) for one in sorted(_tellers)]
    return [part for part in made if part is not None]


# --- What every call has --------------------------------------------------------


@tells(order=10)
def asking(intake: Intake) -> Part:
    questions = [
        q
        for q in sorted(intake.questions.all(), key=lambda q: (q.position, q.pk))
        if q.kind != Question.Kind.CONSENT
    ]
    read = [q for q in questions if q.visible_to_reviewers]
    apart = [q for q in questions if not q.visible_to_reviewers]
    sentences = [
        _(
            "Your name, your address, your organisation, whom you work with, what you "
            "look for, what would make taking part easy, and when and how long you "
            "can meet stay with the program’s leads. Whoever scores your application "
            "sees none of it."
        )
    ]
    if apart:
        sentences.append(
            ngettext(
                "One of the questions is for the leads alone, and is not scored.",
                "%(n)s of the questions are for the leads alone, and are not scored.",
                len(apart),
            )
            % {"n": len(apart)}
        )
    if intake.traits.all():
        sentences.append(
            _(
                "What you say about your background is optional and kept apart. No "
                "reader sees it, and an empty answer counts against nobody."
            )
        )
    if any(q.may_be_shared for q in questions):
        sentences.append(
            _(
                "Whoever takes a seat may let those who hold their group read some "
                "answers. They are asked then, and nothing is shared that they do not "
                "tick."
            )
        )
    return Part(
        key="asking",
        title=_("What is read, and what is not"),
        sentences=[*sentences, _("These answers are read and scored:")],
        facts=[
            *(Fact(words=q.label) for q in read),
            # Asked in every call, and read: it is what somebody will contribute.
            Fact(words=_("What do you offer others?")),
        ],
    )


@tells(order=20)
def reading(intake: Intake) -> Part:
    criteria = sorted(intake.criteria.all(), key=lambda c: (c.position, c.pk))
    return Part(
        key="reading",
        title=_("How it is read"),
        sentences=[
            ngettext(
                "One person reads every application and gives one of four levels for "
                "each of these, with a line of evidence.",
                "%(n)s people read every application, each for themselves, and give "
                "one of four levels for each of these, with a line of evidence. Nobody "
                "sees the others’ levels before giving their own.",
                intake.readings_wanted,
            )
            % {"n": intake.readings_wanted}
        ],
        facts=[
            Fact(
                words=c.name,
                notes=[
                    *(
                        [_("Looked at, but not part of the score.")]
                        if c.beside_score
                        else [_("Counts %(n)s times.") % {"n": c.weight}]
                        if c.weight > 1
                        else []
                    ),
                    *([c.help] if c.help else []),
                    *(c.levels),
                ],
            )
            for c in criteria
        ],
    )


@tells(order=25)
def reading_fairly(intake: Intake) -> Part:
    sentences = [
        _(
            "Readers who know who somebody is, or have something to gain or to lose, "
            "leave the application to others."
        )
    ]
    sentences.append(
        _(
            "Who reads what is not chosen by hand. Nobody gets the application of "
            "somebody from their own organisation or cohort."
        )
        if intake.handed_out_at
        else _(
            "Nobody is given the application of somebody from their own organisation "
            "or cohort to read."
        )
    )
    if intake.readings_wanted > 1:
        sentences.append(
            _(
                "Some readers are stricter than others. The leads see what is left of "
                "the scores without that, how far the readers agree, and how sure the "
                "result is."
            )
        )
    return Part(key="fairly", title=_("How reading is kept fair"), sentences=sentences)


@tells(order=30)
def choosing(intake: Intake) -> Part:
    return Part(
        key="choosing",
        title=_("Who decides"),
        sentences=[
            ngettext("There is one seat.", "There are %(n)s seats.", intake.seats)
            % {"n": intake.seats},
            _(
                "The program’s leads decide, and every answer carries its reasons. No "
                "score decides on its own; you can ask why."
            ),
            _(
                "All answers are told together. Whoever asks early learns nothing "
                "that others do not."
            ),
        ],
    )


@tells(order=60)
def grouping(intake: Intake) -> Part:
    protected = [
        t
        for t in sorted(intake.traits.all(), key=lambda t: (t.position, t.pk))
        if t.protected
    ]
    sentences = [
        ngettext(
            "Those who take a seat form one group of %(least)s to %(most)s people.",
            "Those who take a seat form %(n)s groups of %(least)s to %(most)s people.",
            intake.cohorts_wanted,
        )
        % {
            "n": intake.cohorts_wanted,
            "least": intake.size_min,
            "most": intake.size_max,
        },
        _(
            "Groups are formed so that their people share hours in which they can "
            "meet, bring what others look for, and come to know people they do not "
            "work with yet. Two people sign before anybody is told."
        ),
    ]
    if protected:
        sentences.append(
            _(
                "Nobody is left the only one in a group in these, unless they said "
                "that it is fine for them:"
            )
        )
    return Part(
        key="groups",
        title=_("How groups are formed"),
        sentences=sentences,
        facts=[Fact(words=t.label) for t in protected],
    )


@tells(order=70)
def answering(intake: Intake) -> Part:
    sentences = []
    if intake.answer_by:
        sentences.append(
            _("Everyone gets an answer, with reasons, by %(day)s.")
            % {"day": day_for(intake.answer_by)}
        )
    sentences.append(
        _(
            "Whoever is on the waiting list is written to when a seat comes free. You "
            "can withdraw at any time."
        )
    )
    if intake.kept_until:
        sentences.append(
            _("Answers are kept until %(day)s, then deleted unless you join.")
            % {"day": day_for(intake.kept_until)}
        )
    return Part(key="answers", title=_("When you hear"), sentences=sentences)


@tells(order=90)
def own_words(intake: Intake) -> Part | None:
    if not intake.how_chosen.strip():
        return None
    return Part(
        key="words",
        title=_("In the program’s own words"),
        words=intake.how_chosen,
    )
