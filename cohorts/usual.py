"""What a call begins with, and how the house says it in each of its languages.

Whatever a lead leaves as it was needs nobody to translate it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from cohorts.models import Question


@lru_cache(maxsize=64)
def said_in(language: str, *, written_in: str) -> Mapping[str, str]:
    """Each usual text as it is written in one language, and as another says it.

    Without those that the house cannot say in that language yet.
    """
    with override("en"):
        plain = list(_texts())
    with override(written_in):
        here = list(_texts())
    with override(language):
        there = list(_texts())
    return {
        one: other
        for one, other, english in zip(here, there, plain, strict=True)
        if other != english or language.split("-")[0] == "en"
    }


def _texts() -> Iterator[str]:
    """All of them, always in this order."""
    for part in (*questions(), *traits(), *criteria()):
        for field in ("label", "name", "help"):
            if part.get(field):
                yield part[field]
        for field in ("options", "levels"):
            yield from part.get(field, ())


def questions() -> Sequence[dict[str, Any]]:
    kind = Question.Kind
    return (
        {
            "kind": kind.LONG,
            "label": _("The work you would bring"),
            "help": _("One live project, in a sentence or two. It can be stuck."),
            "required": True,
            "may_be_shared": True,
        },
        {
            "kind": kind.LONG,
            "label": _("A hunch you could test in a month"),
            "help": _("“If we… then… and we would see it in…”"),
            "required": True,
            "may_be_shared": True,
        },
        {
            "kind": kind.LONG,
            "label": _("A time someone’s feedback changed your mind"),
            "help": _("What did you do differently afterwards?"),
            "required": True,
        },
        {
            "kind": kind.LONG,
            "label": _("What would you like to have learned by the end?"),
            "required": True,
            "may_be_shared": True,
        },
        {
            "kind": kind.LONG,
            "label": _("Where does your work touch how things are done around you?"),
            "help": _("Formally or informally: rules, habits, who gets heard."),
        },
        {
            "kind": kind.CONSENT,
            "label": _("I have read what happens to my answers, and I agree to it."),
            "required": True,
            "visible_to_reviewers": False,
        },
    )


def traits() -> Sequence[dict[str, Any]]:
    return (
        {"key": "region", "label": _("Region"), "options": []},
        {
            "key": "gender",
            "label": _("Gender"),
            "options": [_("woman"), _("man"), _("non-binary")],
            "protected": True,
        },
        {
            "key": "sector",
            "label": _("Sector"),
            "options": [
                _("community group"),
                _("non-profit"),
                _("public service"),
                _("social enterprise"),
                _("research"),
            ],
        },
        {
            "key": "role",
            "label": _("Role"),
            "options": [_("leads"), _("coordinates"), _("works directly with people")],
        },
        {
            "key": "organisation-size",
            "label": _("Size of your organisation"),
            "options": [_("just me"), _("2 to 10"), _("11 to 50"), _("more than 50")],
        },
        {
            "key": "language",
            "label": _("Language you think in"),
            "options": [],
            "protected": True,
        },
        {
            "key": "lived-experience",
            "label": _("Lived experience of what you work on"),
            "options": [_("yes"), _("partly"), _("no")],
            "protected": True,
        },
    )


def criteria() -> Sequence[dict[str, Any]]:
    return (
        {
            "name": _("Readiness to test ideas"),
            "levels": [
                _("No idea to test yet"),
                _("An idea, no way to see whether it works"),
                _("A test that could be done in a few months"),
                _("A small test ready to begin, and what would show it"),
            ],
        },
        {
            "name": _("Clear learning goals"),
            "levels": [
                _("No goal for their own learning"),
                _("A wide goal"),
                _("A goal one could come back to"),
                _("A goal, why now, and how they will notice"),
            ],
        },
        {
            "name": _("Openness to feedback"),
            "levels": [
                _("Feedback is not spoken of"),
                _("Says feedback is welcome"),
                _("Tells of feedback they took"),
                _("Tells how it changed what they did"),
            ],
        },
        {
            "name": _("Evidence of reflection"),
            "levels": [
                _("Tells what happened only"),
                _("Says what went well or badly"),
                _("Says why, and their own part in it"),
                _("Draws something from it that others could use"),
            ],
        },
        {
            "name": _("Influence on systems, formal or informal"),
            "levels": [
                _("Within their own tasks"),
                _("Within their team"),
                _("Across an organisation or neighbourhood"),
                _("On how things are done beyond it"),
            ],
        },
        {
            "name": _("What they will contribute"),
            "help": _("Artefacts, data, stories that others may use."),
            "levels": [
                _("Not said"),
                _("Will take part"),
                _("Names something to share"),
                _("Names something and who could use it how"),
            ],
        },
    )
