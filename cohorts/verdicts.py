"""The words for what assigning, agreement and conflicts come to: from data to
sentences. Nothing here prints a number on a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.assigning import Plan, Shortage
from cohorts.conflicts import Kind
from cohorts.handing_out import Situation
from cohorts.reliability import Verdict, verdict
from people.clock import language_name

NAMED = 4


def names(people: Sequence[str]) -> str:
    """Some of them by name, and how many more."""
    said = list(people)
    if len(said) > NAMED:
        more = len(said) - NAMED + 1
        said = [
            *said[: NAMED - 1],
            ngettext("%(n)s other", "%(n)s others", more) % {"n": more},
        ]
    return str(get_text_list(said, _("and")))


# --- Who reads what -------------------------------------------------------------


def shortage(found: Shortage, situation: Situation) -> str:
    """What cannot be met, and why."""
    codes = names([situation.copies[key].code for key in found.texts])
    n = len(found.texts)
    lacks = ngettext(
        "Application %(codes)s lacks %(missing)s.",
        "%(n)s applications (%(codes)s) lack %(missing)s in all.",
        n,
    ) % {"n": n, "codes": codes, "missing": _readings(found.missing)}
    return " ".join([lacks, *_reasons(found, situation)])


def _readings(n: int) -> str:
    return ngettext("%(n)s reading", "%(n)s readings", n) % {"n": n}


def _reasons(found: Shortage, situation: Situation) -> Iterable[str]:
    people = [
        str(situation.reviewers[key].name)
        for key in found.readers
        if key in situation.reviewers
    ]
    spoken = names([language_name(code) for code in found.languages])
    if not situation.reviewers:
        yield _("Nobody is appointed to read yet.")
        return
    if not people:
        yield _("Nobody may read what is missing.")
    elif found.are_full:
        yield ngettext(
            "Only %(people)s could read more, and has no time left.",
            "Only %(people)s could read more, and have no time left.",
            len(people),
        ) % {"people": names(people)}
    else:
        yield _("Nobody is left besides %(people)s.") % {"people": names(people)}
    if found.foreign and spoken:
        yield ngettext(
            "%(n)s reviewer does not read %(languages)s.",
            "%(n)s reviewers do not read %(languages)s.",
            found.foreign,
        ) % {"n": found.foreign, "languages": spoken}
    if found.barred:
        yield ngettext(
            "A conflict keeps %(n)s reviewer away.",
            "Conflicts keep %(n)s reviewers away.",
            found.barred,
        ) % {"n": found.barred}


def way_out(plan: Plan, situation: Situation) -> str:
    """What would help when readings are missing."""
    if not situation.reviewers:
        return _("Appoint reviewers first.")
    if not any(one.are_full for one in plan.shortages):
        return _(
            "Appoint a reviewer who may read these, look at the conflicts, or ask for "
            "fewer readings."
        )
    missing = sum(plan.missing.values())
    return ngettext(
        "Appoint another reviewer, ask somebody to read %(n)s more, or ask for fewer "
        "readings.",
        "Appoint more reviewers, ask them to read %(n)s more between them, or ask for "
        "fewer readings.",
        missing,
    ) % {"n": missing}


def evenness(plan: Plan, situation: Situation) -> list[str]:
    """Why loads are not all alike, where they are not."""
    said = []
    full = [
        str(situation.reviewers[key].name) for key, full in plan.uneven.items() if full
    ]
    other = [
        str(situation.reviewers[key].name)
        for key, full in plan.uneven.items()
        if not full
    ]
    if full:
        said.append(
            ngettext(
                "%(people)s has fewer, and takes no more.",
                "%(people)s have fewer, and take no more.",
                len(full),
            )
            % {"people": names(full)}
        )
    if other:
        said.append(
            ngettext(
                "%(people)s has fewer: conflicts, languages, or what others have read "
                "already leave no more to give.",
                "%(people)s have fewer: conflicts, languages, or what others have read "
                "already leave no more to give.",
                len(other),
            )
            % {"people": names(other)}
        )
    if not plan.is_connected and len(plan.loads) > 1 and plan.loads:
        said.append(
            _(
                "Some reviewers share no application with the others. Whether they "
                "are severe or read weaker applications cannot be told then: ask for "
                "two readings of each at least."
            )
        )
    return said


def conflict(kind: Kind) -> str:
    return {
        Kind.OWN: _("their own application"),
        Kind.ORGANISATION: _("the same organisation"),
        Kind.MAIL_DOMAIN: _("the same mail domain"),
        Kind.COHORT: _("they sit, or sat, in one cohort"),
        Kind.INVITED: _("the reviewer once invited this person"),
        Kind.NAMED: _("the reviewer named them"),
        Kind.NAMES_THEM: _("the applicant works with the reviewer already"),
    }[kind]


def conflicts(kinds: Iterable[Kind]) -> str:
    return str(get_text_list([conflict(kind) for kind in kinds], _("and")))


# --- Agreement --------------------------------------------------------------------


def agreement(alpha: float | None) -> str:
    """What a value allows to conclude, in a sentence."""
    return {
        Verdict.UNKNOWN: _(
            "Nothing can be said yet: no application has two readings that differ."
        ),
        Verdict.HOLDS: _("Reviewers agree well enough to build on."),
        Verdict.TENTATIVE: _(
            "Reviewers agree in the main; draw careful conclusions only."
        ),
        Verdict.WEAK: _(
            "Reviewers agree too little to build on a single score. Talk about what "
            "the levels mean, and lean on the intervals."
        ),
        Verdict.CHANCE: _(
            "Reviewers agree hardly more than by chance. The scores alone do not tell "
            "who is stronger."
        ),
    }[verdict(alpha)]


def agreement_in_short(alpha: float | None) -> str:
    return {
        Verdict.UNKNOWN: _("not known yet"),
        Verdict.HOLDS: _("good"),
        Verdict.TENTATIVE: _("fair"),
        Verdict.WEAK: _("weak"),
        Verdict.CHANCE: _("near chance"),
    }[verdict(alpha)]


def severity(variance: float) -> str:
    """How far reviewers differ in severity, all together; never one by one."""
    apart = sqrt(max(0.0, variance))
    if apart < 0.05:
        return _("Reviewers are about equally severe.")
    return _(
        "Some reviewers score lower than others whatever they read, usually by about "
        "%(apart)s of a level. The order below is what is left without that."
    ) % {"apart": f"{apart:.1f}"}
