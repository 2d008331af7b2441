"""Sessions before and after: the list, the plan, who comes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from charters.values import RecordingRule, Values, in_words, is_written, values_of
from cohorts import keyset
from cohorts.access import cohort_page, facilitator_page
from cohorts.models import Cohort, Membership
from people import clock
from people.access import by_link
from people.prepared import prepared, the_one
from people.wall_time import local_day
from sessions import (
    agenda,
    agendas,
    airtime,
    hosting,
    presence,
    rituals,
    runsheet,
)
from sessions.forms.ritual_session import (
    CallOffForm,
    ChangeForm,
    PlanForm,
    ScheduleForm,
)
from sessions.models import (
    OwnNote,
    Presence,
    RitualSession,
    Rsvp,
    SessionPhase,
    Writing,
)
from sessions.views.bookends import collected

PER_PAGE = 20
# How many sessions the trend of the index looks back over.
TREND = 6


def _session(request: HttpRequest, cohort: Cohort, number: int) -> RitualSession:
    session = the_one(_numbered(request.user, cohort, number))
    if session is None:
        raise Http404
    session.cohort = cohort
    return session


@prepared
def _numbered(viewer: Any, cohort: Cohort, number: int) -> QuerySet[RitualSession]:
    return (
        RitualSession.objects.visible_to(viewer)
        .filter(cohort=cohort, number=number)
        .select_related("host__person", "co_host__person")
    )


@cohort_page
def session_list(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    now = timezone.now()
    page = keyset.page(
        RitualSession.objects.visible_to(request.user)
        .filter(cohort=cohort)
        .behind(now),
        keys=("-starts_at", "-number"),
        size=PER_PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        values=lambda session: (session.starts_at, session.number),
        beginning=lambda: _behind(request.user, cohort, now),
    )
    return render(
        request,
        "sessions/session_list.html",
        {
            "cohort": cohort,
            "membership": membership,
            "ahead": _ahead(request.user, cohort, now),
            "page": page,
            "aim": aim_of(membership, values_of(cohort)),
        },
    )


def aim_of(membership: Membership, says: Values) -> dict[str, Any]:
    """What the circle aims for, and how often one has been there: for oneself alone."""
    return {
        "attend": says.attendance.attend,
        "of": says.attendance.of,
        "days": says.attendance.call_after_days,
        "source": says.source("attendance"),
        "own": presence.own(membership),
    }


@prepared
def _ahead(viewer: Any, cohort: Cohort, now: datetime) -> QuerySet[RitualSession]:
    return (
        RitualSession.objects.visible_to(viewer)
        .filter(cohort=cohort)
        .ahead(now)
        .select_related("host__person")
        .order_by("starts_at", "number")[:PER_PAGE]
    )


@prepared
def _behind(viewer: Any, cohort: Cohort, now: datetime) -> QuerySet[RitualSession]:
    return (
        RitualSession.objects.visible_to(viewer)
        .filter(cohort=cohort)
        .behind(now)
        .order_by("-starts_at", "-number")[: PER_PAGE + 1]
    )


@facilitator_page
def session_new(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    if request.method == "POST":
        form = ScheduleForm(request.POST, cohort=cohort)
        if form.is_valid():
            session = rituals.schedule(
                cohort,
                form.plan,
                by=membership.person,
                every_weeks=form.cleaned_data["every_weeks"],
                times=form.cleaned_data["times"],
                client_key=form.key,
            )
            messages.success(
                request,
                _("Session %(number)d stands in the calendar.")
                % {"number": session.number},
            )
            return redirect("sessions:session_page", cohort.slug, session.number)
    else:
        form = ScheduleForm(
            cohort=cohort,
            initial={
                "timezone": cohort.timezone,
                "minutes": 90,
                "template": agendas.BUILT_IN[0].key,
                "host": membership.pk,
                "at": "16:00",
                **_wished(request),
            },
        )
    return _plan_page(request, "sessions/session_new.html", cohort, form)


def _wished(request: HttpRequest) -> dict[str, Any]:
    """What an address asks for: the agenda by its key, and a day."""
    found = {t.key: t for t in agendas.BUILT_IN}.get(request.GET.get("template", ""))
    if found is None:
        return {}
    wished: dict[str, Any] = {
        "template": found.key,
        "title": str(found.name),
        "purpose": str(found.purpose),
        "minutes": 60,
    }
    day = _day_in(request.GET.get("day", ""))
    return wished | ({"day": day} if day else {})


def _day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@facilitator_page
def session_change(
    request: HttpRequest, cohort: Cohort, membership: Membership, number: int
) -> HttpResponse:
    session = _session(request, cohort, number)
    if request.method == "POST":
        form = ChangeForm(request.POST, current=session)
        if form.is_valid():
            rituals.change(session, form.plan, by=membership.person)
            messages.success(request, _("The session is changed."))
            return redirect("sessions:session_page", cohort.slug, number)
    else:
        form = ChangeForm(current=session)
    return _plan_page(
        request, "sessions/session_change.html", cohort, form, session=session
    )


def _plan_page(
    request: HttpRequest, template: str, cohort: Cohort, form: PlanForm, **more: Any
) -> HttpResponse:
    people = Membership.objects.active().filter(cohort=cohort).count()
    return render(
        request,
        template,
        {
            "cohort": cohort,
            "form": form,
            "people": people,
            "agendas": [
                (t, runsheet.fit(t, people=people, minutes=90).needed)
                for t in agendas.BUILT_IN
            ],
            **more,
        },
        status=422 if form.is_bound else 200,
    )


@cohort_page
def session_page(
    request: HttpRequest, cohort: Cohort, membership: Membership, number: int
) -> HttpResponse:
    """Before: prepare and say whether one comes. After: what was there."""
    session = _session(request, cohort, number)
    now = timezone.now()
    holds = session.is_hosted_by(membership) or membership.is_facilitator
    context: dict[str, Any] = {
        "cohort": cohort,
        "membership": membership,
        "session": session,
        "now": now,
        "phases": _with_hours(
            session, rituals.phases_of(session, reader=membership.person)
        ),
        "mine": holds,
    }
    says = values_of(cohort)
    context["record"] = {
        "in_words": in_words("recording", asdict(says.recording)),
        "source": says.source("recording"),
        "is_never": says.recording.rule == RecordingRule.NEVER,
    }
    if session.is_closed:
        context |= _afterwards(request, session)
        context["held_on"] = local_day(
            session.opened_at or session.starts_at, cohort.timezone
        )
        context["airtime_source"] = says.source("airtime")
        context["shows_evenness"] = says.airtime.visible
        assert session.closed_at is not None
        context["delete_on"] = local_day(
            session.closed_at, membership.person.timezone
        ) + timedelta(days=says.recording.delete_after_days)
    else:
        context |= _beforehand(request, session, membership, holds=holds, now=now)
        context["aim"] = aim_of(membership, says)
        # Without any value there may be no charter at all: then it can begin here.
        context["no_charter"] = not says.said and not is_written(cohort)
    return render(request, "sessions/session_page.html", context)


def _with_hours(
    session: RitualSession, phases: list[SessionPhase]
) -> list[tuple[SessionPhase, datetime]]:
    at, timed = session.starts_at, []
    for phase in phases:
        timed.append((phase, phase.started_at or at))
        at += timedelta(minutes=phase.minutes)
    return timed


def _beforehand(
    request: HttpRequest,
    session: RitualSession,
    membership: Membership,
    *,
    holds: bool,
    now: datetime,
) -> dict[str, Any]:
    members = _members_of(session.cohort)
    answers = dict(_answers_to(request.user, session))
    expected = sum(answers.get(m.pk) != Rsvp.Answer.NO for m in members)
    return {
        "answers": [
            (value, label, [m for m in members if answers.get(m.pk) == value])
            for value, label in Rsvp.Answer.choices
        ],
        "silent": [m for m in members if m.pk not in answers],
        "my_answer": answers.get(membership.pk, ""),
        "head_count": head_count(session, people=expected) if holds else None,
        "elsewhere": clock.elsewhere(
            session.starts_at,
            {m.person.timezone for m in members},
            besides=membership.person.timezone,
        ),
        "shifted": shifted(session, membership),
        "may_open": holds
        and session.is_planned
        and session.starts_at - now <= hosting.EARLIEST,
    }


@prepared
def _members_of(cohort: Cohort) -> QuerySet[Membership]:
    return (
        Membership.objects.active()
        .filter(cohort=cohort)
        .select_related("person")
        .order_by("joined_at", "pk")
    )


@prepared
def _answers_to(viewer: Any, session: RitualSession) -> QuerySet[Any, Any]:
    return (
        Rsvp.objects.visible_to(viewer)
        .filter(session=session)
        .values_list("membership_id", "answer")
    )


def shifted(session: RitualSession, membership: Membership) -> str:
    """A word when clocks have changed between this session and the one before it.

    The rhythm keeps the hour of its own place, so it may move for somebody else.
    """
    if session.series_id is None:
        return ""
    before = the_one(
        _one_before(membership.person, session.series_id, session.starts_at)
    )
    if before is None or before.local_time != session.local_time:
        return ""
    zone = membership.person.zone
    now, then = (s.starts_at.astimezone(zone) for s in (session, before))
    minutes = (now.hour - then.hour) * 60 + now.minute - then.minute
    minutes = (minutes + 720) % 1440 - 720
    if minutes == 0:
        return ""
    told = {"n": abs(minutes)}
    if minutes < 0:
        return (
            ngettext(
                "Clocks changed: it is %(n)d minute earlier for you than last time.",
                "Clocks changed: it is %(n)d minutes earlier for you than last time.",
                abs(minutes),
            )
            % told
        )
    return (
        ngettext(
            "Clocks changed: it is %(n)d minute later for you than last time.",
            "Clocks changed: it is %(n)d minutes later for you than last time.",
            minutes,
        )
        % told
    )


@prepared
def _one_before(viewer: Any, series: UUID, at: datetime) -> QuerySet[RitualSession]:
    return (
        RitualSession.objects.visible_to(viewer)
        .filter(series=series, starts_at__lt=at)
        .order_by("-starts_at")[:1]
    )


def head_count(session: RitualSession, *, people: int) -> dict[str, Any] | None:
    """Whether the agenda suits those who come, and what would; None when it does."""
    try:
        template = agendas.by_key(session.template)
    except KeyError:
        return None
    fit = runsheet.fit(template, people=people, minutes=session.minutes)
    if fit.verdict == agenda.Verdict.FITS and not fit.problems:
        return None
    count = {"n": people, "agenda": template.name, "needed": fit.needed}
    counted = ngettext(
        "%(n)d person is expected.", "%(n)d people are expected.", people
    )
    sentences = [counted % count]
    codes = {problem.code: problem for problem in fit.problems}
    if agenda.Code.TOO_FEW_PEOPLE in codes:
        least = codes[agenda.Code.TOO_FEW_PEOPLE].limit or 0
        sentences.append(
            ngettext(
                "%(agenda)s wants at least %(least)d.",
                "%(agenda)s wants at least %(least)d.",
                least,
            )
            % (count | {"least": least})
        )
    elif agenda.Code.TOO_MANY_PEOPLE in codes:
        most = codes[agenda.Code.TOO_MANY_PEOPLE].limit or 0
        sentences.append(
            ngettext(
                "%(agenda)s is for at most %(most)d.",
                "%(agenda)s is for at most %(most)d.",
                most,
            )
            % (count | {"most": most})
        )
    if fit.verdict == agenda.Verdict.TOO_LONG:
        sentences.append(
            ngettext(
                "%(agenda)s needs %(needed)d minute.",
                "%(agenda)s needs %(needed)d minutes.",
                fit.needed,
            )
            % count
        )
        sentences.append(
            ngettext(
                "The session has %(minutes)d minute.",
                "The session has %(minutes)d minutes.",
                session.minutes,
            )
            % {"minutes": session.minutes}
        )
    elif fit.verdict == agenda.Verdict.FITS_SHORTENED:
        sentences.append(_("It fits because each phase was made a little shorter."))
    return {
        "text": " ".join(sentences),
        "is_trouble": fit.verdict == agenda.Verdict.TOO_LONG or bool(fit.problems),
        "instead": runsheet.alternatives(
            people=people, minutes=session.minutes, besides=session.template
        )
        if fit.verdict == agenda.Verdict.TOO_LONG or fit.problems
        else [],
    }


def _afterwards(request: HttpRequest, session: RitualSession) -> dict[str, Any]:
    viewer = request.user
    recent = _recent(viewer, session.cohort, session.starts_at)
    spoken = hosting.seconds_by_person(recent)
    indices = _indices(request, recent, spoken)
    this = dict(indices).get(session.pk)
    my_seconds = spoken.get((session.pk, viewer.pk), 0)
    return {
        "present": _present_in(viewer, session),
        "collected": collected(request, session),
        "writings": _writings_in(viewer, session),
        "notes": _own_notes_in(viewer, session),
        "evenness": this,
        "trend": airtime.trend([index for _pk, index in indices])
        if len(indices) > 1
        else None,
        "my_minutes": (my_seconds + 30) // 60,
        "my_seconds": my_seconds,
    }


@prepared
def _recent(viewer: Any, cohort: Cohort, until: datetime) -> QuerySet[Any, Any]:
    return (
        RitualSession.objects.visible_to(viewer)
        .filter(
            cohort=cohort,
            state=RitualSession.State.CLOSED,
            starts_at__lte=until,
        )
        .order_by("-starts_at")
        .values_list("pk", flat=True)[:TREND]
    )


@prepared
def _present_in(viewer: Any, session: RitualSession) -> QuerySet[Presence]:
    return (
        Presence.objects.visible_to(viewer)
        .filter(session=session)
        .select_related("membership__person")
        .order_by("membership__joined_at", "membership_id")
    )


@prepared
def _people_in(viewer: Any, sessions: list[UUID]) -> QuerySet[Any, Any]:
    return (
        Presence.objects.visible_to(viewer)
        .filter(session__in=sessions)
        .values_list("session_id", "membership__person_id")
    )


@prepared
def _writings_in(viewer: Any, session: RitualSession) -> QuerySet[Writing]:
    return (
        Writing.objects.visible_to(viewer)
        .filter(session=session)
        .select_related("author__person")
        .order_by("written_at")
    )


@prepared
def _own_notes_in(viewer: Any, session: RitualSession) -> QuerySet[OwnNote]:
    return (
        OwnNote.objects.visible_to(viewer)
        .filter(session=session)
        .exclude(text="")
        .order_by("position")
    )


def _indices(
    request: HttpRequest, sessions: list[UUID], spoken: dict[tuple[Any, Any], int]
) -> list[tuple[Any, float]]:
    """The index of each session that has one, the oldest first."""
    people: dict[Any, list[Any]] = {}
    for of, person in _people_in(request.user, sessions):
        people.setdefault(of, []).append(person)
    found = [
        (
            pk,
            hosting.evenness(
                spoken={p: spoken.get((pk, p), 0) for p in people.get(pk, ())},
                people=people.get(pk, ()),
            ),
        )
        for pk in reversed(sessions)
    ]
    return [(pk, index) for pk, index in found if index is not None]


@require_POST
@cohort_page
def session_answer(
    request: HttpRequest, cohort: Cohort, membership: Membership, number: int
) -> HttpResponse:
    session = _session(request, cohort, number)
    rituals.answer(session, by=membership, answer=request.POST.get("answer", ""))
    messages.success(request, _("Your answer is kept. You can change it here."))
    return redirect("sessions:session_page", cohort.slug, number)


@facilitator_page
def session_call_off(
    request: HttpRequest, cohort: Cohort, membership: Membership, number: int
) -> HttpResponse:
    session = _session(request, cohort, number)
    form = CallOffForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        rituals.call_off(session, by=membership.person, why=form.cleaned_data["why"])
        return redirect("sessions:session_page", cohort.slug, number)
    return render(
        request,
        "sessions/session_call_off.html",
        {
            "cohort": cohort,
            "session": session,
            "form": form,
            "is_past": session.starts_at < timezone.now(),
        },
        status=422 if form.is_bound else 200,
    )


@by_link(why="the link in a mail answers for the one member it is bound to")
def answer_link(request: HttpRequest, answer_token: str) -> HttpResponse:
    """Say whether one comes, signed in or not. Looking changes nothing."""
    found = rituals.open_invitation(answer_token)
    if found is None:
        raise Http404
    session, membership = found
    if request.method == "POST":
        rituals.answer(session, by=membership, answer=request.POST.get("answer", ""))
    mine = (
        Rsvp.objects.visible_to(membership.person)
        .filter(session=session, membership=membership)
        .first()
    )
    return render(
        request,
        "sessions/answer_link.html",
        {
            "session": session,
            "membership": membership,
            "choices": Rsvp.Answer.choices,
            "mine": mine,
            "wanted": request.GET.get("answer", ""),
            "done": request.method == "POST",
            "when": clock.moment_for(membership.person, session.starts_at),
        },
    )
