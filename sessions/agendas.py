"""The agendas that come with the house, in our own words, each with its source.

Minutes follow the sources named; the words do not. ``BUILT_IN`` is in the order of the
menu.
"""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from sessions.agenda import Capture, Phase, Repeat, Speaks, Template

_OURS = _("Cohortsite")
_LIBERATING = _(
    "After Liberating Structures, by Henri Lipmanowicz and Keith McCandless"
)

# The two bookends open and close most sessions, so the standard one is made of them.

_ARRIVE = Phase(
    key="arrive",
    name=_("Arrive"),
    minutes=5,
    minutes_min=3,
    minutes_max=8,
    speaker_rule=Speaks.ROUND,
    prompt=_(
        "Put both feet on the floor and take three slow breaths. Then say in a few "
        "words how you come in today."
    ),
    capture=Capture.ARRIVAL,
    low_bandwidth=_("Write three words on how you come in. The host reads them out."),
)
_INTENTIONS = Phase(
    key="intentions",
    name=_("Intentions"),
    minutes=4,
    minutes_min=3,
    minutes_max=8,
    speaker_rule=Speaks.ROUND,
    prompt=_(
        "Write down one thing you want to take away from today, then say it in a "
        "single sentence."
    ),
    capture=Capture.INTENTION,
    private_writing=True,
    low_bandwidth=_("Send your sentence before the session or while it runs."),
)
_EDGES = Phase(
    key="edges",
    name=_("Edges"),
    minutes=6,
    minutes_min=4,
    minutes_max=10,
    speaker_rule=Speaks.ROUND,
    prompt=_(
        "An edge is the place where you stop knowing what to do. Write about yours "
        "for two minutes. Share as much of it as you like, and listen without "
        "advising."
    ),
    capture=Capture.EDGE,
    private_writing=True,
    low_bandwidth=_("Write your edge. You choose whether the circle may read it."),
)
_APPRECIATE = Phase(
    key="appreciate",
    name=_("Appreciate"),
    minutes=4,
    minutes_min=3,
    minutes_max=8,
    prompt=_(
        "Tell one person what they did today that helped you, and how. Speak to "
        "them, not about them. The answer is “thank you”."
    ),
    capture=Capture.APPRECIATION,
    low_bandwidth=_("Write to the person. They find it on their page."),
)
_COMMIT = Phase(
    key="commit",
    name=_("Commit"),
    minutes=7,
    minutes_min=5,
    minutes_max=12,
    speaker_rule=Speaks.ROUND,
    prompt=_(
        "Promise one small step that you will take before we meet again: what, by "
        "which day, and what will show that it is done. Promising nothing is fine "
        "too."
    ),
    capture=Capture.COMMITMENT,
    low_bandwidth=_(
        "Write your step and its day. It counts as much as one said aloud."
    ),
)
_ONE_INSIGHT = Phase(
    key="one-insight",
    name=_("One insight"),
    minutes=4,
    minutes_min=3,
    minutes_max=8,
    prompt=_(
        "What did we learn today that somebody who was not here could use? Agree "
        "on one sentence and ask everyone named in it before it is kept."
    ),
    capture=Capture.INSIGHT,
    low_bandwidth=_("Suggest a sentence in writing. The host reads it out."),
)

OPENING_BOOKEND = Template(
    key="opening-bookend",
    name=_("Opening bookend"),
    purpose=_("Come in, say what you are here for, and name what is hard."),
    people_min=3,
    people_max=14,
    phases=(_ARRIVE, _INTENTIONS, _EDGES),
    source=_OURS,
)

CLOSING_BOOKEND = Template(
    key="closing-bookend",
    name=_("Closing bookend"),
    purpose=_("Thank each other, promise a step, and keep what was learned."),
    people_min=3,
    people_max=14,
    phases=(_APPRECIATE, _COMMIT, _ONE_INSIGHT),
    source=_OURS,
)

STANDARD = Template(
    key="standard-90",
    name=_("Standard 90-minute session"),
    purpose=_(
        "The usual meeting: arrive, help one another with a real case, and leave "
        "with a step."
    ),
    people_min=4,
    people_max=14,
    phases=(
        _ARRIVE,
        _INTENTIONS,
        _EDGES,
        Phase(
            key="consult",
            name=_("Consult"),
            minutes=50,
            minutes_min=30,
            minutes_max=60,
            speaker_rule=Speaks.ROLE,
            roles=(_("Case giver"), _("Consultants"), _("Timekeeper")),
            prompt=_(
                "One person brings a case that is open and theirs: ten minutes to "
                "tell it, with the hypothesis and the signal they watch. Then a "
                "round of questions without advice, a round of what each of you "
                "hears, and an open talk. The case giver has the last word."
            ),
            capture=Capture.NOTE,
            low_bandwidth=_(
                "Read the case before the session and send one question. It is "
                "read out in the round of questions."
            ),
        ),
        Phase(
            key="reflect",
            name=_("Reflect"),
            minutes=10,
            minutes_min=6,
            minutes_max=15,
            prompt=_(
                "What did you notice? What does it mean for your own work? What "
                "will you do differently? One minute alone, then together."
            ),
            capture=Capture.NOTE,
            private_writing=True,
            low_bandwidth=_("Answer the three questions in writing, one line each."),
            attribution=_LIBERATING,
        ),
        _APPRECIATE,
        _COMMIT,
        _ONE_INSIGHT,
    ),
    source=_OURS,
)

TROIKA = Template(
    key="troika-consulting",
    name=_("Troika Consulting"),
    purpose=_("Everyone gets help with a question of their own, in rooms of three."),
    people_min=3,
    people_max=30,
    room=3,
    phases=(
        Phase(
            key="think",
            name=_("Find your question"),
            minutes=1,
            repeat_per=Repeat.CLIENT,
            speaker_rule=Speaks.SILENT,
            prompt=_("In silence: what do you need help with, and what kind of help?"),
            private_writing=True,
        ),
        Phase(
            key="share",
            name=_("Ask for help"),
            minutes=2,
            minutes_min=1,
            minutes_max=2,
            repeat_per=Repeat.CLIENT,
            speaker_rule=Speaks.ROLE,
            roles=(_("Client"),),
            prompt=_("The client tells the question. The others listen."),
        ),
        Phase(
            key="clarify",
            name=_("Clarify"),
            minutes=2,
            minutes_min=1,
            minutes_max=2,
            repeat_per=Repeat.CLIENT,
            speaker_rule=Speaks.ROLE,
            roles=(_("Consultants"),),
            prompt=_("Ask only what you need in order to understand. No advice yet."),
        ),
        Phase(
            key="consult",
            name=_("Consultants talk"),
            minutes=4,
            minutes_min=4,
            minutes_max=5,
            repeat_per=Repeat.CLIENT,
            speaker_rule=Speaks.ROLE,
            roles=(_("Consultants"),),
            prompt=_(
                "The client turns away, or turns the camera off, and takes notes. "
                "The others think aloud together, as if alone, and offer ideas "
                "rather than verdicts."
            ),
            capture=Capture.NOTE,
            low_bandwidth=_("Consult by voice or in writing. The client reads along."),
        ),
        Phase(
            key="return",
            name=_("Client returns"),
            minutes=1,
            minutes_max=2,
            repeat_per=Repeat.CLIENT,
            speaker_rule=Speaks.ROLE,
            roles=(_("Client"),),
            prompt=_(
                "The client says what was of most use, and thanks. Then the next one."
            ),
        ),
    ),
    source=_LIBERATING,
)

ONE_TWO_FOUR_ALL = Template(
    key="1-2-4-all",
    name=_("1-2-4-All"),
    purpose=_("Hear every voice on one question, in twelve minutes."),
    people_min=4,
    people_max=60,
    phases=(
        Phase(
            key="alone",
            name=_("Alone"),
            minutes=1,
            minutes_max=3,
            speaker_rule=Speaks.SILENT,
            prompt=_("Write down your own answer to the question."),
            private_writing=True,
        ),
        Phase(
            key="pairs",
            name=_("In twos"),
            minutes=2,
            minutes_max=4,
            prompt=_("Compare your answers and build on them."),
        ),
        Phase(
            key="fours",
            name=_("In fours"),
            minutes=4,
            minutes_max=8,
            prompt=_("Two pairs meet. What is alike, what is different?"),
        ),
        Phase(
            key="all",
            name=_("All"),
            minutes=5,
            minutes_max=10,
            prompt=_("Each four offers the one idea that stood out for them."),
            capture=Capture.NOTE,
            low_bandwidth=_("Send your idea in writing. The host adds it to the list."),
        ),
    ),
    source=_LIBERATING,
)

CASE_CLINIC_LIGHT = Template(
    key="case-clinic-light",
    name=_("Case Clinic (light)"),
    purpose=_("Look at one case slowly, with more listening than advice."),
    people_min=4,
    people_max=6,
    phases=(
        Phase(
            key="case",
            name=_("The case"),
            minutes=5,
            speaker_rule=Speaks.ROLE,
            roles=(_("Case giver"),),
            prompt=_(
                "The case giver tells what is going on, what they hope for, and "
                "where they could use help."
            ),
            capture=Capture.NOTE,
        ),
        Phase(
            key="clarify",
            name=_("Clarify"),
            minutes=4,
            minutes_min=3,
            minutes_max=5,
            speaker_rule=Speaks.ROLE,
            roles=(_("Coaches"),),
            prompt=_(
                "Short questions for facts. No solutions dressed up as questions."
            ),
        ),
        Phase(
            key="stillness",
            name=_("Stillness"),
            minutes=1,
            minutes_max=3,
            speaker_rule=Speaks.SILENT,
            prompt=_(
                "Stay quiet. Notice which pictures, feelings and thoughts come up."
            ),
        ),
        Phase(
            key="mirror",
            name=_("Mirror"),
            minutes=5,
            speaker_rule=Speaks.ROUND,
            roles=(_("Coaches"),),
            prompt=_(
                "Each coach in turn gives back the picture or feeling that came "
                "up, without explaining it."
            ),
            low_bandwidth=_(
                "Send your picture in one sentence. It is read out in the round."
            ),
        ),
        Phase(
            key="case-giver",
            name=_("The case giver answers"),
            minutes=1,
            minutes_max=2,
            speaker_rule=Speaks.ROLE,
            roles=(_("Case giver"),),
            prompt=_("What touched something? Say that much and no more."),
        ),
        Phase(
            key="dialogue",
            name=_("Dialogue"),
            minutes=12,
            minutes_min=10,
            minutes_max=15,
            prompt=_(
                "Think on together. Follow what seems new rather than what seems "
                "clever."
            ),
            capture=Capture.NOTE,
        ),
        Phase(
            key="closing",
            name=_("Closing"),
            minutes=5,
            minutes_min=3,
            speaker_rule=Speaks.ROUND,
            prompt=_(
                "The case giver names a next step. Then each of you says what you "
                "take home for your own work."
            ),
            capture=Capture.COMMITMENT,
        ),
    ),
    source=_("After the Case Clinic of Theory U, Presencing Institute"),
)

CONSENT_ROUND = Template(
    key="consent-round",
    name=_("Consent round"),
    purpose=_(
        "Decide about one proposal: good enough for now, and safe enough to try."
    ),
    people_min=3,
    people_max=14,
    phases=(
        Phase(
            key="present",
            name=_("Present"),
            minutes=3,
            speaker_rule=Speaks.ROLE,
            roles=(_("Proposer"),),
            prompt=_("Read the proposal aloud, and say which need it answers."),
        ),
        Phase(
            key="clarify",
            name=_("Clarify"),
            minutes=5,
            minutes_min=2,
            prompt=_(
                "Questions to understand the proposal, nothing else. The proposer "
                "answers."
            ),
        ),
        Phase(
            key="react",
            name=_("Quick reactions"),
            minutes=5,
            minutes_min=3,
            speaker_rule=Speaks.ROUND,
            prompt=_("One breath each: what do you like, what troubles you?"),
            capture=Capture.NOTE,
            low_bandwidth=_("Write your reaction in two lines. The host reads it out."),
        ),
        Phase(
            key="adjust",
            name=_("Adjust"),
            minutes=2,
            minutes_max=5,
            speaker_rule=Speaks.ROLE,
            roles=(_("Proposer"),),
            prompt=_(
                "The proposer may change the text, or leave it as it is. Read out "
                "what is new."
            ),
        ),
        Phase(
            key="consent",
            name=_("Consent"),
            minutes=4,
            speaker_rule=Speaks.ROUND,
            prompt=_(
                "In turn: consent, consent with a concern, or object. An objection "
                "says why, which harm to our shared purpose you see, and what "
                "would mend it."
            ),
            capture=Capture.DECISION,
            low_bandwidth=_("Answer on the page of the amendment. It counts the same."),
        ),
        Phase(
            key="integrate",
            name=_("Integrate objections"),
            minutes=10,
            minutes_min=0,
            minutes_max=20,
            prompt=_(
                "Take one objection at a time. Thank the person, then look "
                "together for words that keep the purpose and prevent the harm. "
                "Ask for consent again."
            ),
            capture=Capture.DECISION,
        ),
        Phase(
            key="record",
            name=_("Record"),
            minutes=1,
            speaker_rule=Speaks.ROLE,
            roles=(_("Scribe"),),
            prompt=_(
                "Write down what was decided, by whom, and when we look at it again."
            ),
            capture=Capture.DECISION,
        ),
    ),
    source=_("After consent decision making in sociocracy"),
)

QUARTERLY_REVIEW = Template(
    key="quarterly-review",
    name=_("Quarterly charter review"),
    purpose=_("Read the charter again, keep what serves, and change what strains."),
    people_min=3,
    people_max=14,
    phases=(
        Phase(
            key="read",
            name=_("Read alone"),
            minutes=4,
            minutes_max=8,
            speaker_rule=Speaks.SILENT,
            prompt=_(
                "Read the charter from beginning to end. Mark what you would miss, "
                "and what you stumble over."
            ),
            private_writing=True,
        ),
        *(
            replace(
                phase,
                prompt=prompt,
                capture=Capture.NOTE if phase.key == "all" else Capture.NONE,
                attribution=_LIBERATING,
            )
            for phase, prompt in zip(
                ONE_TWO_FOUR_ALL.phases,
                (
                    _("What in the charter serves us? What strains us?"),
                    _("Tell each other what serves and what strains."),
                    _("Two pairs meet. Which lines come up again?"),
                    _("Each four names one line to keep and one to change."),
                ),
                strict=True,
            )
        ),
        Phase(
            key="candidates",
            name=_("What to change"),
            minutes=8,
            minutes_min=5,
            prompt=_(
                "Put the changes into words. Choose two at most for today; the "
                "others wait in writing."
            ),
            capture=Capture.NOTE,
        ),
        Phase(
            key="consent",
            name=_("Consent rounds"),
            minutes=15,
            minutes_min=8,
            minutes_max=20,
            repeat_per=Repeat.ROUND,
            rounds=2,
            speaker_rule=Speaks.ROUND,
            prompt=_(
                "One change at a time: read it, clarify, react, then ask for "
                "consent in turn."
            ),
            capture=Capture.DECISION,
            low_bandwidth=_("Answer on the page of the amendment. It counts the same."),
        ),
        Phase(
            key="dates",
            name=_("Dates"),
            minutes=2,
            prompt=_("When do we read the charter again, and who calls us together?"),
            capture=Capture.DECISION,
        ),
    ),
    source=_OURS,
)

BUILT_IN = (
    STANDARD,
    OPENING_BOOKEND,
    CLOSING_BOOKEND,
    TROIKA,
    ONE_TWO_FOUR_ALL,
    CASE_CLINIC_LIGHT,
    CONSENT_ROUND,
    QUARTERLY_REVIEW,
)


def by_key(key: str) -> Template:
    """The built-in agenda of that key; KeyError where there is none."""
    return {template.key: template for template in BUILT_IN}[key]
