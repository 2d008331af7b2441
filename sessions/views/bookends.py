"""What a phase collects, inside the room: a form for it, and what was said so far.

The forms are those of the check-in, the thanks, the promise and the insight; they
post to their own addresses and come back to the room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cohorts.models import Membership
from library.models import Resource
from people import clock
from people.models import User
from people.prepared import prepared
from sessions.forms.bookends import (
    AppreciationForm,
    CheckInForm,
    CommitmentForm,
    InsightForm,
)
from sessions.models import (
    Appreciation,
    CheckIn,
    Commitment,
    Insight,
    RitualSession,
    SessionPhase,
)

MOST_LINES = 60
Captures = SessionPhase.Captures


@dataclass(frozen=True, kw_only=True)
class Line:
    person: User
    text: str
    lang: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Bookend:
    """One block of the room."""

    title: str
    action: str
    button: str
    form: forms.Form
    fields: list[forms.BoundField]
    lines: list[Line] = field(default_factory=list)


Maker = Callable[[HttpRequest, RitualSession, Membership], Bookend]


def bookend_of(
    request: HttpRequest,
    session: RitualSession,
    phase: SessionPhase,
    membership: Membership,
) -> Bookend | None:
    maker = _MAKERS.get(phase.capture)
    return maker(request, session, membership) if maker is not None else None


def insight_form(
    session: RitualSession, *, auto_id: str = "insight_%s"
) -> dict[str, Any]:
    """For the host's panel: an insight may come in any phase."""
    form = InsightForm(auto_id=auto_id)
    form.fields["title"].label = _("Catch an insight for the library")
    return {
        "insight_form": form,
        "insight_action": _address("insight_keep", session),
    }


def _address(name: str, session: RitualSession) -> str:
    return reverse(f"sessions:{name}", args=[session.cohort.slug])


def collected(
    request: HttpRequest, session: RitualSession
) -> list[tuple[str, list[Line]]]:
    """What a session that is over has left, by kind; empty kinds are left out."""
    check_ins = _check_ins(request, session)
    kept = [
        (_("Intentions"), _lines_of(check_ins, "intention")),
        (_("Edges"), _lines_of(check_ins, "edge")),
        (_("Thanks"), _thanks_lines(request, session)),
        (_("Promises"), _promise_lines(request, session)),
        (_("Insights"), _insight_lines(request, session)),
    ]
    return [(title, lines) for title, lines in kept if lines]


def _check_in(*names: str, title: str) -> Maker:
    def make(
        request: HttpRequest, session: RitualSession, membership: Membership
    ) -> Bookend:
        form = CheckInForm(auto_id="bookend_%s")
        return Bookend(
            title=_(title),
            action=_address("checkin_new", session),
            button=_("Share it"),
            form=form,
            fields=[form[name] for name in names],
            lines=_lines_of(_check_ins(request, session), *names),
        )

    return make


def _check_ins(request: HttpRequest, session: RitualSession) -> list[CheckIn]:
    return _check_ins_of(request.user, session)


@prepared
def _check_ins_of(viewer: Any, session: RitualSession) -> QuerySet[CheckIn]:
    return (
        CheckIn.objects.visible_to(viewer)
        .filter(session=session)
        .select_related("author__person")
        .order_by("written_at", "pk")[:MOST_LINES]
    )


def _lines_of(check_ins: list[CheckIn], *names: str) -> list[Line]:
    """One line for each check-in that says something under these names."""
    return [
        Line(
            person=checkin.author.person,
            text=" ".join(getattr(checkin, name) for name in names if name != "mood"),
            lang=checkin.lang,
            note=checkin.get_mood_display() if "mood" in names else "",
        )
        for checkin in check_ins
        if any(getattr(checkin, name) for name in names)
    ]


def _appreciations(
    request: HttpRequest, session: RitualSession, membership: Membership
) -> Bookend:
    form = AppreciationForm(by=membership, auto_id="bookend_%s")
    return Bookend(
        title=_("Thank somebody"),
        action=_address("appreciation_give", session),
        button=_("Say thanks"),
        form=form,
        fields=[form["to"], form["text"]],
        lines=_thanks_lines(request, session),
    )


def _thanks_lines(request: HttpRequest, session: RitualSession) -> list[Line]:
    return [
        Line(
            person=thanks.given_by.person,
            text=thanks.text,
            lang=thanks.lang,
            note=_("to %(name)s") % {"name": thanks.to.person.name},
        )
        for thanks in _thanks_of(request.user, session)
    ]


@prepared
def _thanks_of(viewer: Any, session: RitualSession) -> QuerySet[Appreciation]:
    return (
        Appreciation.objects.visible_to(viewer)
        .filter(session=session)
        .select_related("given_by__person", "to__person")
        .order_by("written_at", "pk")[:MOST_LINES]
    )


def _promises(
    request: HttpRequest, session: RitualSession, membership: Membership
) -> Bookend:
    form = CommitmentForm(auto_id="bookend_%s")
    return Bookend(
        title=_("Promise one small step"),
        action=_address("commitment_make", session),
        button=_("Promise it"),
        form=form,
        fields=[form["promise"], form["due_on"], form["evidence_of_done"]],
        lines=_promise_lines(request, session),
    )


def _promise_lines(request: HttpRequest, session: RitualSession) -> list[Line]:
    return [
        Line(
            person=promise.promised_by.person,
            text=promise.promise,
            lang=promise.lang,
            note=clock.day_for(promise.due_on),
        )
        for promise in _promises_of(request.user, session)
    ]


@prepared
def _promises_of(viewer: Any, session: RitualSession) -> QuerySet[Commitment]:
    return (
        Commitment.objects.visible_to(viewer)
        .filter(session=session)
        .select_related("promised_by__person")
        .order_by("written_at", "pk")[:MOST_LINES]
    )


def _insights(
    request: HttpRequest, session: RitualSession, membership: Membership
) -> Bookend:
    form = InsightForm(auto_id="bookend_%s")
    return Bookend(
        title=_("One insight for the library"),
        action=_address("insight_keep", session),
        button=_("Keep it"),
        form=form,
        fields=[form["title"], form["body"]],
        lines=_insight_lines(request, session),
    )


def _insight_lines(request: HttpRequest, session: RitualSession) -> list[Line]:
    return [
        Line(
            person=insight.kept_by.person,
            text=insight.resource.title,
            lang=insight.resource.language,
        )
        for insight in _insights_of(request.user, session)
    ]


@prepared
def _insights_of(viewer: Any, session: RitualSession) -> QuerySet[Insight]:
    return (
        Insight.objects.visible_to(viewer)
        .filter(session=session, resource__in=Resource.objects.visible_to(viewer))
        .select_related("kept_by__person", "resource")
        .order_by("written_at", "pk")[:MOST_LINES]
    )


_MAKERS: dict[str, Maker] = {
    Captures.ARRIVAL: _check_in(
        "mood", "grounding", title=gettext_noop("How do you arrive?")
    ),
    Captures.INTENTION: _check_in("intention", title=gettext_noop("Your intention")),
    Captures.EDGE: _check_in("edge", title=gettext_noop("Your edge")),
    Captures.APPRECIATION: _appreciations,
    Captures.COMMITMENT: _promises,
    Captures.INSIGHT: _insights,
}
