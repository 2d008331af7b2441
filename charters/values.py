"""What the charter tells the software: the small interface other apps read.

    from charters.values import values_of
    values = values_of(cohort)                # one query
    values.recording.rule                     # "each_yes"
    values.said                               # the kinds that a clause speaks of
    values.source("recording")                # that clause, to be linked to, or None

A clause may carry one value beside its text, adopted by the same consent. Where no
clause does, the default stands, and pages say that it is the default: they include
`charters/_says_so.html` with the source and the cohort's slug.

What was promised under a value stays as it was promised: whoever reads a window keeps
the moment it ends, and a later version changes only what begins after it. A charter
that has lapsed decides nothing new, and its values still hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Exists, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from charters.models import (
    CharterVersion,
    Clause,
    OutsideContact,
    QuarterlyReview,
    Section,
    Steers,
    section_name,
)
from cohorts.models import Cohort, Membership
from people.prepared import prepared


class RecordingRule(models.TextChoices):
    NEVER = "never", gettext_lazy("Never")
    EACH_YES = (
        "each_yes",
        gettext_lazy("Only when each person present says yes that day"),
    )
    UNLESS_OBJECTION = "unless_objection", gettext_lazy("Unless somebody objects")


class DecisionRule(models.TextChoices):
    """Names of `charters.consent.RULES`."""

    CONSENT = "consent", gettext_lazy("Consent: no reasoned objection stands")
    CONSENSUS = "consensus", gettext_lazy("Consensus: everyone says yes, no concern")
    GRADIENTS = (
        "gradients",
        gettext_lazy("Gradients: a chosen share is for it and nobody blocks"),
    )
    ADVICE = "advice", gettext_lazy("Advice: whoever proposes decides, after asking")


class Asks(models.TextChoices):
    """Whom a decision asks; but for everyone, the names of `cohorts.models.Role`."""

    EVERYONE = "everyone", gettext_lazy("Everyone in the circle")
    MEMBERS = "member", gettext_lazy("The members; facilitators talk along")
    FACILITATORS = "facilitator", gettext_lazy("The facilitators; members talk along")


class Support(models.TextChoices):
    """The share of those who answered that gradients of agreement ask for."""

    HALF = "1/2", gettext_lazy("half of those who answer")
    TWO_THIRDS = "2/3", gettext_lazy("two thirds of those who answer")
    THREE_QUARTERS = "3/4", gettext_lazy("three quarters of those who answer")
    NINE_TENTHS = "9/10", gettext_lazy("nine tenths of those who answer")


# Where a proposal touches several sections the strictest of their rules holds.
STRICTEST_FIRST = ("consensus", "gradients", "consent", "advice")


@dataclass(frozen=True, kw_only=True)
class Attendance:
    """Presence that the circle expects, and when somebody calls."""

    attend: int = 7
    of: int = 9
    call_after_days: int = 10


@dataclass(frozen=True, kw_only=True)
class Response:
    """Hours to answer, counted by the caller in the addressee's working time."""

    request_hours: int = 48
    decision_hours: int = 120

    @property
    def decision_window(self) -> timedelta:
        return timedelta(hours=max(72, self.decision_hours))

    @property
    def request_days(self) -> float:
        """In the addressee's working days: 48 hours are two of them."""
        return self.request_hours / 24

    @property
    def decision_days(self) -> float:
        return self.decision_hours / 24


@dataclass(frozen=True, kw_only=True)
class Recording:
    rule: str = RecordingRule.EACH_YES.value
    delete_after_days: int = 30


@dataclass(frozen=True, kw_only=True)
class Airtime:
    """True: everyone sees how time was shared. False: each sees their own."""

    visible: bool = False


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """How the circle decides and who is asked; a section may have its own of both."""

    rule: str = DecisionRule.CONSENT.value
    silence_counts: bool = False
    sections: Mapping[str, str] = field(default_factory=dict)
    asks: str = Asks.EVERYONE.value
    asks_in: Mapping[str, str] = field(default_factory=dict)
    support: str = Support.TWO_THIRDS.value

    @property
    def named(self) -> set[str]:
        """The sections that have a rule or a circle of their own."""
        return {*self.sections, *self.asks_in}

    def rule_for(self, sections: Iterable[str]) -> str:
        """The strictest rule of the sections that a proposal touches."""
        rules = {self.sections.get(section, self.rule) for section in sections}
        return next(
            (rule for rule in STRICTEST_FIRST if rule in rules),
            DecisionRule.CONSENT.value,
        )

    def asked_for(self, sections: Iterable[str]) -> str:
        """The widest circle of the sections that a proposal touches."""
        asked = {self.asks_in.get(section, self.asks) for section in sections}
        [one, *others] = asked or {Asks.EVERYONE.value}
        return one if not others and one in Asks.values else Asks.EVERYONE.value

    def differs_in(self, other: Deciding) -> set[str]:
        """The sections in which the other would decide in another way.

        An own section that neither speaks of decides like the rest, which "own" is.
        """
        known = {*Section.values, *self.named, *other.named}
        if (self.silence_counts, self.support) != (other.silence_counts, other.support):
            return known
        return {
            section
            for section in known
            if self.rule_for([section]) != other.rule_for([section])
            or self.asked_for([section]) != other.asked_for([section])
        }


@dataclass(frozen=True, kw_only=True)
class Review:
    months: int = 3


@dataclass(frozen=True, kw_only=True)
class Channels:
    """Who to turn to, by key: seats of the circle, and contacts outside of it.

    `charters.channels.who` reads who they are, as far as they are still there.
    """

    people: Sequence[str] = ()
    # Of the people, those who may be the third in a repair conversation.
    third: Sequence[str] = ()
    outside: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """The clause that says so, and since which moment this version is in force."""

    number: int
    version: int
    since: datetime
    # Whether the charter has lapsed: it steers on, and nobody can change it now.
    lapsed: bool = False


@dataclass(frozen=True, kw_only=True)
class Values:
    attendance: Attendance = Attendance()
    response: Response = Response()
    recording: Recording = Recording()
    airtime: Airtime = Airtime()
    deciding: Deciding = Deciding()
    review: Review = Review()
    support: Channels = Channels()
    # Which clause in force speaks of a kind; the rest are defaults.
    sources: Mapping[str, Source] = field(default_factory=dict)

    @property
    def said(self) -> frozenset[str]:
        return frozenset(self.sources)

    def source(self, kind: str) -> Source | None:
        return self.sources.get(kind)


KINDS: dict[str, type] = {
    Steers.ATTENDANCE.value: Attendance,
    Steers.RESPONSE.value: Response,
    Steers.RECORDING.value: Recording,
    Steers.AIRTIME.value: Airtime,
    Steers.DECIDING.value: Deciding,
    Steers.REVIEW.value: Review,
    Steers.SUPPORT.value: Channels,
}


def values_of(cohort: Cohort) -> Values:
    """What the charter in force tells the software. One query."""
    rows = _said_in(cohort)
    found = {kind: read(kind, value) for kind, value, *_source in rows if kind in KINDS}
    sources = {
        kind: Source(number=number, version=version, since=since, lapsed=lapsed)
        for kind, _value, number, version, since, lapsed in rows
        if kind in KINDS
    }
    return Values(**found, sources=sources)


def is_written(cohort: Cohort) -> bool:
    """Whether there is a charter at all; one that steers nothing is one, too."""
    return bool(_newest_of(cohort))


@prepared
def _newest_of(cohort: Cohort) -> QuerySet[CharterVersion]:
    return CharterVersion.objects.unsealed(
        "the charter steers the software for all"
    ).of(cohort)[:1]


@prepared
def _said_in(cohort: Cohort) -> QuerySet[Any, Any]:
    newest = (
        CharterVersion.objects.unsealed("the charter steers the software for all")
        .of(cohort)
        .values("pk")[:1]
    )
    lapsed = (
        QuarterlyReview.objects.unsealed("the charter steers the software for all")
        .of(cohort)
        .lapsed()
    )
    return (
        Clause.objects.unsealed("the charter steers the software for all")
        .filter(version__in=newest)
        .exclude(steers="")
        .values_list(
            "steers",
            "value",
            "number",
            "version__number",
            "version__adopted_at",
            Exists(lapsed),
        )
    )


def keys_of(kept: Iterable[Any]) -> list[UUID]:
    """The keys among what a value holds; what is none is left out."""
    found = []
    for key in kept:
        with suppress(ValueError):
            found.append(UUID(str(key)))
    return found


def read(kind: str, value: Mapping[str, Any]) -> Any:
    """A stored value as its dataclass; keys nobody knows any more are left out."""
    known = {f.name for f in fields(KINDS[kind])}
    return KINDS[kind](**{name: v for name, v in value.items() if name in known})


def days_in_words(days: float) -> str:
    """A window of working days; hours stand for parts of them."""
    if days == int(days):
        return ngettext("%(n)d working day", "%(n)d working days", int(days)) % {
            "n": int(days)
        }
    hours = round(days * 24)
    return ngettext(
        "%(n)d hour on working days", "%(n)d hours on working days", hours
    ) % {"n": hours}


def in_words(kind: str, value: Mapping[str, Any]) -> str:
    """One sentence for people, in the active language; empty where nothing steers."""
    if kind not in KINDS:
        return ""
    said = read(kind, value)
    match said:
        case Attendance():
            return _(
                "We aim for %(attend)d sessions of %(of)d; after %(days)d quiet days "
                "somebody calls."
            ) % {
                "attend": said.attend,
                "of": said.of,
                "days": said.call_after_days,
            }
        case Response():
            return _(
                "Whoever is asked has %(request)s to answer, counted in their own "
                "working time; a decision put to all stays open for %(decision)s, and "
                "a consent round for %(hours)d hours."
            ) % {
                "request": days_in_words(said.request_days),
                "decision": days_in_words(said.decision_days),
                "hours": said.decision_window / timedelta(hours=1),
            }
        case Recording(rule=RecordingRule.NEVER):
            return _("Sessions are never recorded.")
        case Recording():
            rule = (
                _("We record only when each person present has said yes that day.")
                if said.rule == RecordingRule.EACH_YES
                else _("We record unless somebody objects.")
            )
            kept = ngettext(
                "Recordings are deleted after %(days)d day.",
                "Recordings are deleted after %(days)d days.",
                said.delete_after_days,
            ) % {"days": said.delete_after_days}
            return f"{rule} {kept}"
        case Airtime():
            return (
                _("Everyone sees how time was shared.")
                if said.visible
                else _("Each of us sees our own share of the time only.")
            )
        case Deciding():
            rule = _rule_in_words(said.rule, said.support)
            others = [
                _("%(section)s: %(rule)s.")
                % {
                    "section": section_name(section),
                    "rule": DecisionRule(rule).label,
                }
                for section, rule in said.sections.items()
                if rule in DecisionRule.values
            ]
            silence = (
                _("Silence counts as yes, after two reminders.")
                if said.silence_counts
                else _("Silence does not count as yes.")
            )
            return " ".join([rule, *others, *_asked_in_words(said), silence])
        case Channels():
            return _channels_in_words(said)
        case Review():
            return ngettext(
                "We look at the charter again every month.",
                "We look at the charter again every %(months)d months.",
                said.months,
            ) % {"months": said.months}
    raise AssertionError(kind)


def _asked_in_words(said: Deciding) -> list[str]:
    """Who is asked, where that is not simply everyone."""
    labels = dict(Asks.choices)
    words = []
    if said.asks != Asks.EVERYONE and said.asks in labels:
        words.append(_("Asked are: %(who)s.") % {"who": labels[said.asks]})
    words += [
        _("%(section)s asks: %(who)s.")
        % {"section": section_name(section), "who": labels[asks]}
        for section, asks in said.asks_in.items()
        if asks in labels
    ]
    return words


def share_in_words(support: str) -> str:
    known = support if support in Support.values else Support.TWO_THIRDS.value
    return str(Support(known).label)


def _rule_in_words(rule: str, support: str) -> str:
    if rule == DecisionRule.GRADIENTS:
        return _("A proposal passes when %(share)s are for it and nobody blocks.") % {
            "share": share_in_words(support)
        }
    return {
        DecisionRule.CONSENSUS.value: _(
            "A proposal passes when everyone says yes without a concern."
        ),
        DecisionRule.ADVICE.value: _(
            "Whoever proposes decides, after asking the circle for advice."
        ),
    }.get(rule, _("A proposal passes when nobody has a reasoned objection."))


def _channels_in_words(said: Channels) -> str:
    """By name; two queries at most. Whoever left is still named in an old version."""
    people = dict(_names_of_seats(keys_of(said.people)) if said.people else ())
    outside = _names_of_contacts(keys_of(said.outside)) if said.outside else []
    gone = _("somebody who asked to be named no more")
    people = {key: name or _("someone") for key, name in people.items()}
    names = [*people.values(), *(name or gone for (name,) in outside)]
    if not names:
        return _("Nobody is named yet to turn to.")
    told = _("To turn to: %(names)s.") % {"names": ", ".join(names)}
    thirds = [people[key] for key in keys_of(said.third) if key in people]
    if thirds:
        told += " " + _("As a third person in a repair conversation: %(names)s.") % {
            "names": ", ".join(thirds)
        }
    return told


@prepared
def _names_of_seats(keys: list[UUID]) -> QuerySet[Any, Any]:
    return (
        Membership.objects.filter(pk__in=keys)
        .annotate(
            name=Coalesce(NullIf("person__called", Value("")), "person__full_name")
        )
        .order_by("joined_at", "pk")
        .values_list("pk", "name")
    )


@prepared
def _names_of_contacts(keys: list[UUID]) -> QuerySet[Any, Any]:
    return (
        OutsideContact.objects.unsealed("named in a clause that the reader may see")
        .filter(pk__in=keys)
        .order_by("added_at", "pk")
        .values_list("name")
    )
