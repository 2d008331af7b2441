"""The way through something that broke: a concern, an answer, the gates, the end.

Every page here opens to the people in it alone; to everybody else it is a page that
does not exist, whether there is a case or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from charters import agreeing, asking, holding, repair, support
from charters.access import case_page, quiet_page
from charters.care import contact_of
from charters.course import CHECK, LAST, OPEN, STEPS, TWO, Part, State, Way
from charters.forms import (
    AgainForm,
    AsideForm,
    AskedForm,
    CheckBackForm,
    ConcernForm,
    DeclineForm,
    LookBackForm,
    MeantForm,
    RewordForm,
    SayForm,
    ThirdForm,
)
from charters.models import (
    RepairAgreement,
    RepairAside,
    RepairCase,
    RepairConcern,
    RepairSaying,
)
from charters.views.parts import typed
from cohorts.access import cohort_page, reader
from cohorts.models import Cohort, Membership
from people.access import signed_in
from people.models import User
from people.prepared import prepared
from people.refusal import Refused


def _tongue() -> str:
    return get_language() or "en"


# --- The room, and a concern ------------------------------------------------------


@prepared
def _cases_of(viewer: Any, cohort: Cohort) -> QuerySet[RepairCase]:
    return (
        RepairCase.objects.visible_to(viewer)
        .filter(cohort=cohort)
        .select_related("asker", "addressee", "third")
        .order_by("-moved_at", "pk")
    )


@prepared
def _concerns_of(viewer: Any, cohort: Cohort) -> QuerySet[RepairConcern]:
    return (
        RepairConcern.objects.visible_to(viewer)
        .filter(cohort=cohort)
        .select_related("addressee")
        .order_by("-written_at", "pk")
    )


@require_safe
@quiet_page
def repair_home(
    request: HttpRequest, cohort: Cohort, membership: Membership | None
) -> HttpResponse:
    me = reader(request)
    return render(
        request,
        "charters/repair_home.html",
        {
            "cohort": cohort,
            "membership": membership,
            "cases": [
                {"case": case, "with": _others(case, me)}
                for case in _cases_of(me, cohort)
            ],
            "concerns": _concerns_of(me, cohort) if membership else [],
            "support": support.support_list(cohort),
            "care": contact_of(cohort.program),
        },
    )


def _others(case: RepairCase, me: User) -> list[User]:
    part = case.part_of(me)
    parts = TWO if part == Part.THIRD else [case.other(part)]
    return [case.who(other) for other in parts]


def _people_to_ask(cohort: Cohort, membership: Membership) -> list[Membership]:
    return list(
        Membership.objects.active()
        .filter(cohort=cohort)
        .exclude(pk=membership.pk)
        .select_related("person")
        .order_by("person__called", "pk")
    )


@never_cache
@cohort_page
def repair_new(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    """A concern, for oneself at first. Who could be the third is asked next."""
    cohort.must_be_open()
    form = ConcernForm(typed(request), members=_people_to_ask(cohort, membership))
    if request.method == "POST" and form.is_valid():
        concern = asking.note_down(
            by=membership,
            now=timezone.now(),
            lang=_tongue(),
            client_key=form.key,
            **form.said,
        )
        return redirect("charters:repair_third", cohort.slug, concern.pk)
    return _concern_form(request, cohort, form)


def _concern_form(
    request: HttpRequest,
    cohort: Cohort,
    form: ConcernForm,
    concern: RepairConcern | None = None,
) -> HttpResponse:
    return render(
        request,
        "charters/repair_concern.html",
        {
            "cohort": cohort,
            "form": form,
            "concern": concern,
            "care": contact_of(cohort.program),
        },
        status=422 if form.is_bound else 200,
    )


def _own_concern(request: HttpRequest, cohort: Cohort, pk: UUID) -> RepairConcern:
    concern = get_object_or_404(
        RepairConcern.objects.visible_to(request.user)
        .filter(cohort=cohort)
        .select_related("addressee"),
        pk=pk,
    )
    concern.cohort = cohort
    return concern


@never_cache
@cohort_page
def repair_reword(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership,
    repairconcern_id: UUID,
) -> HttpResponse:
    concern = _own_concern(request, cohort, repairconcern_id)
    form = ConcernForm(
        typed(request),
        current=concern,
        members=_people_to_ask(cohort, membership),
        initial={
            "addressee": str(concern.addressee_id),
            "happened": concern.happened,
            "impact": concern.impact,
            "wish": concern.wish,
            "way": concern.way,
            "others": [str(pk) for pk in concern.left_out],
        },
    )
    if request.method == "POST" and form.is_valid():
        asking.reword(concern, by=membership, now=timezone.now(), **form.said)
        return redirect("charters:repair_third", cohort.slug, concern.pk)
    return _concern_form(request, cohort, form, concern)


@never_cache
@cohort_page
def repair_third(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership,
    repairconcern_id: UUID,
) -> HttpResponse:
    """Read it once more, choose the third, and ask. Or nobody is left to choose."""
    sent = (
        RepairCase.objects.visible_to(request.user)
        .filter(pk=repairconcern_id, asker=request.user.pk)
        .first()
    )
    if sent is not None:
        return redirect("charters:repair_case", cohort.slug, sent.pk)
    concern = _own_concern(request, cohort, repairconcern_id)
    choice = asking.thirds_for(concern)
    concerned = {concern.person_id, concern.addressee_id, *concern.left_out}
    form = ThirdForm(typed(request), free=choice.free)
    if request.method == "POST" and form.is_valid():
        case = asking.send(
            concern, by=membership, third=form.chosen, now=timezone.now()
        )
        messages.success(request, _("They are asked. You will hear from us."))
        return redirect("charters:repair_case", cohort.slug, case.pk)
    return render(
        request,
        "charters/repair_third.html",
        {
            "cohort": cohort,
            "concern": concern,
            "choice": choice,
            "form": form,
            "leads": [
                lead
                for lead in support.leads_of(cohort.program)
                if lead.pk not in concerned
            ]
            if choice.nobody_is_left
            else [],
            "care": contact_of(cohort.program),
        },
        status=422 if form.is_bound else 200,
    )


@never_cache
@cohort_page
def repair_drop(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership,
    repairconcern_id: UUID,
) -> HttpResponse:
    concern = _own_concern(request, cohort, repairconcern_id)
    if request.method == "POST":
        asking.drop(concern, by=membership)
        messages.success(request, _("It is gone. Nobody has read it."))
        return redirect("charters:repair_home", cohort.slug)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Throw these words away?"),
            "consequence": _("Nobody has read them, and nobody will."),
            "action": _("Throw them away"),
            "back": reverse("charters:repair_third", args=[cohort.slug, concern.pk]),
        },
    )


# --- One conversation -------------------------------------------------------------


@require_safe
@never_cache
@signed_in
def in_confidence_home(request: HttpRequest) -> HttpResponse:
    """Everything of this kind that one is part of; the room of a third person."""
    me = reader(request)
    return render(
        request,
        "charters/in_confidence.html",
        {
            "cases": [
                {"case": case, "with": _others(case, me)} for case in _all_cases_of(me)
            ]
        },
    )


@prepared
def _all_cases_of(viewer: Any) -> QuerySet[RepairCase]:
    return (
        RepairCase.objects.visible_to(viewer)
        .select_related("asker", "addressee", "third", "cohort")
        .order_by("-moved_at", "pk")
    )


@require_safe
@never_cache
@signed_in
def in_confidence(request: HttpRequest, repaircase_id: UUID) -> HttpResponse:
    """Where mails lead: an address that tells nothing."""
    case = get_object_or_404(
        RepairCase.objects.visible_to(request.user).select_related("cohort"),
        pk=repaircase_id,
    )
    return redirect("charters:repair_case", case.cohort.slug, case.pk)


@require_safe
@case_page
def repair_case(request: HttpRequest, case: RepairCase) -> HttpResponse:
    return _show(request, case)


@require_safe
@case_page
def repair_print(request: HttpRequest, case: RepairCase) -> HttpResponse:
    """Everything that both read, on paper, for whoever it belongs to."""
    return render(
        request,
        "charters/repair_print.html",
        {**_context(request, case), "printed_at": timezone.now()},
    )


@require_safe
@case_page
def repair_file(request: HttpRequest, case: RepairCase) -> HttpResponse:
    """The same as one file of plain text, under a name that tells nothing."""
    paper = render_to_string(
        "charters/repair_file.txt",
        {**_context(request, case), "printed_at": timezone.now()},
        request,
    )
    response = HttpResponse(
        re.sub(r"\n{3,}", "\n\n", paper), content_type="text/plain; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="words.txt"'
    return response


def _show(
    request: HttpRequest, case: RepairCase, bound: forms.Form | None = None
) -> HttpResponse:
    context = _context(request, case)
    if bound is not None:
        context["bound"] = bound
        context[_name_of(bound)] = bound
    return render(
        request,
        "charters/repair_case.html",
        context,
        status=422 if bound is not None else 200,
    )


FORMS: dict[type[forms.Form], str] = {
    SayForm: "say_form",
    MeantForm: "meant_form",
    AsideForm: "aside_form",
    DeclineForm: "decline_form",
    AskedForm: "asked_form",
    CheckBackForm: "day_form",
    LookBackForm: "look_form",
    AgainForm: "again_form",
    ThirdForm: "third_form",
}


def _name_of(form: forms.Form) -> str:
    return FORMS[type(form)]


def _prefix(kind: type[forms.Form]) -> str:
    """Several forms stand on one page; each field has an id of its own."""
    return FORMS[kind].removesuffix("_form")


def _context(request: HttpRequest, case: RepairCase) -> dict[str, Any]:
    me, now = reader(request), timezone.now()
    part = case.part_of(me)
    sayings = list(
        RepairSaying.objects.visible_to(me)
        .filter(case=case)
        .select_related("author")
        .order_by("said_at", "pk")
    )
    asides = list(
        RepairAside.objects.visible_to(me)
        .filter(case=case)
        .select_related("author", "to")
        .order_by("said_at", "pk")
    )
    agreements = list(
        RepairAgreement.objects.visible_to(me)
        .filter(case=case)
        .select_related("author")
        .order_by("said_at", "pk")
    )
    opened = holding.pressed(case)
    # Somebody left, and the clock has not come by yet: it is over all the same.
    gone = case.state in OPEN and holding.gone_from(case)
    talks = not gone and case.state in (State.TALKING, State.PAUSED)
    chooses = (
        not gone
        and part in TWO
        and (case.state in (State.ASKED, State.DECLINED, State.AGREED, State.PAUSED))
    )
    choice = repair.other_thirds_for(case) if chooses else None
    others = [p for p in choice.free if p.pk != case.third_id] if choice else []
    first = (
        RepairSaying.Kind.HAPPENED,
        RepairSaying.Kind.IMPACT,
        RepairSaying.Kind.WISH,
        RepairSaying.Kind.INTENT,
    )
    return {
        "case": case,
        "cohort": case.cohort,
        "part": part,
        "is_third": part == Part.THIRD,
        "other": case.who(case.other(part)) if part in TWO else None,
        "with": _others(case, me),
        "gone": gone,
        "is_over": gone or case.state == State.ENDED,
        "concern": [s for s in sayings if s.kind in first[:3]],
        "meant": [s for s in sayings if s.kind == RepairSaying.Kind.INTENT],
        "sayings": [s for s in sayings if s.kind not in first],
        "to_hear": _to_hear(case, part, sayings),
        "asides": [a for a in asides if a.stays],
        "carried": [a for a in asides if not a.stays],
        "agreements": [
            {
                "asked": a,
                "mine": a.said_yes(part),
                "stands": a.stands,
                "words_form": RewordForm(
                    current=a, initial={"words": a.words}, prefix=f"a{n}"
                ),
            }
            for n, a in enumerate(agreements)
            if a.dropped_at is None
        ],
        "steps": [
            {
                "step": step,
                "speaker": case.who(step.speaker) if step.speaker else None,
                "is_mine": step.speaker == part,
                "is_past": n < case.step,
                "is_now": n == case.step,
            }
            for n, step in enumerate(STEPS)
        ],
        "step": case.now_at,
        "asks_now": case.now_at.key == "requests",
        "is_last": case.step == LAST,
        "speaker": case.who(case.now_at.speaker) if case.now_at.speaker else None,
        "speaks": case.now_at.speaker == part,
        "may_open": repair.may_open(case, part, now=now),
        "has_opened": part in opened,
        "other_opened": bool(opened - {part}),
        "opens": part in case.now_at.opened_by,
        "heard": case.way == Way.ROOM or repair.may_open(case, part, now=now),
        "writes_now": case.state == State.TALKING
        and case.way != Way.ROOM
        and case.now_at.speaker == part,
        "may_resume": repair.may_resume(case, part),
        "talks": talks,
        "minutes_left": -(-case.seconds_left(now) // 60),
        "is_late": case.seconds_left(now) == 0,
        "checked": part in holding.pressed(case, CHECK) if part in TWO else False,
        "further": [
            (way, Way(way).label)
            for way in list(Way.values)[list(Way.values).index(case.way) + 1 :]
        ],
        "in_touch": not gone
        and case.state in (State.AGREED, State.TALKING, State.PAUSED, State.SETTLED),
        "other_thirds": others,
        "nobody_else": chooses and not others and case.third_id is None,
        "care": contact_of(case.cohort.program),
        "say_form": SayForm(prefix="say"),
        "meant_form": MeantForm(prefix="meant"),
        "aside_form": AsideForm(prefix="aside", case=case, part=part),
        "decline_form": DeclineForm(prefix="decline"),
        "asked_form": AskedForm(prefix="asked"),
        "day_form": CheckBackForm(
            prefix="day", initial={"day": case.check_back_on or None}
        ),
        "look_form": LookBackForm(prefix="look"),
        "again_form": AgainForm(prefix="again", beyond=case.way),
        "third_form": ThirdForm(prefix="third", free=others),
    }


def _to_hear(
    case: RepairCase, part: str, sayings: list[RepairSaying]
) -> RepairSaying | None:
    """In writing, the last words of the other one: those that are answered now."""
    if part not in TWO or case.way == Way.ROOM or case.state != State.TALKING:
        return None
    other = case.who(case.other(part))
    kinds = (RepairSaying.Kind.SAID, RepairSaying.Kind.BACK)
    theirs = (
        s
        for s in reversed(sayings)
        if s.author_id == other.pk and s.kind in kinds and s.round == case.round
    )
    return next(theirs, None)


def _back(case: RepairCase) -> HttpResponse:
    return redirect("charters:repair_case", case.cohort.slug, case.pk)


def _at(request: HttpRequest) -> dict[str, int]:
    """Which gate the page stood at."""
    try:
        return {
            "step": int(request.POST.get("step", "")),
            "attempt": int(request.POST.get("attempt", "")),
        }
    except ValueError as error:
        raise Refused(_("Open the page again, then press once more.")) from error


Act = Callable[[HttpRequest, RepairCase], Any]


def _plain(act: Callable[..., Any]) -> Act:
    return lambda request, case: act(case, by=reader(request), now=timezone.now())


def _at_gate(act: Callable[..., Any]) -> Act:
    return lambda request, case: act(
        case, by=reader(request), now=timezone.now(), **_at(request)
    )


def _with_way(act: Callable[..., Any]) -> Act:
    return lambda request, case: act(
        case,
        by=reader(request),
        now=timezone.now(),
        way=request.POST.get("way", ""),
    )


# The buttons of the page: what each is called in the form, and what it does.
BUTTONS: dict[str, Act] = {
    "accept": _with_way(repair.accept),
    "apart": _with_way(repair.keep_apart),
    "end": _plain(repair.end),
    "willing": _plain(repair.be_the_third),
    "step_back": _plain(repair.step_back),
    "begin": _plain(repair.begin),
    "pause": _plain(repair.pause),
    "resume": _plain(repair.resume),
    "open": _at_gate(repair.open_gate),
    "done": _at_gate(repair.be_done),
    "not_quite": _at_gate(repair.not_quite),
    "time": _at_gate(repair.give_time),
}


@require_POST
@case_page
def repair_do(request: HttpRequest, case: RepairCase) -> HttpResponse:
    """One press of one button."""
    act = BUTTONS.get(request.POST.get("do", ""))
    if act is None:
        raise Refused(_("Open the page again, then press once more."))
    act(request, case)
    still = RepairCase.objects.visible_to(request.user).filter(pk=case.pk)
    if not still.exists():  # the third stepped back
        messages.success(request, _("You are out of it. Thank you for being there."))
        return redirect("charters:repair_home", case.cohort.slug)
    return _back(case)


# What is written on the page: the form of each, and what is done with its words.
Written = Callable[[RepairCase, User, Any], Any]


def _said(kind: str) -> Written:
    return lambda case, me, form: repair.say(
        case,
        by=me,
        words=form.cleaned_data["words"],
        kind=kind,
        lang=_tongue(),
        client_key=form.key,
        now=timezone.now(),
    )


def _words_to(act: Callable[..., Any]) -> Written:
    return lambda case, me, form: act(
        case,
        by=me,
        words=form.cleaned_data["words"],
        lang=_tongue(),
        client_key=form.key,
        now=timezone.now(),
    )


WRITTEN: dict[str, tuple[type[forms.Form], Written]] = {
    "say": (SayForm, _said("")),
    "meant": (MeantForm, _said(RepairSaying.Kind.INTENT)),
    "aside": (
        AsideForm,
        lambda case, me, form: repair.say_aside(
            case,
            by=me,
            to=form.whom,
            words=form.cleaned_data["words"],
            lang=_tongue(),
            client_key=form.key,
            now=timezone.now(),
        ),
    ),
    "decline": (DeclineForm, _words_to(repair.decline)),
    "request": (AskedForm, _words_to(agreeing.request)),
    "day": (
        CheckBackForm,
        lambda case, me, form: agreeing.name_day(
            case, by=me, day=form.cleaned_data["day"], now=timezone.now()
        ),
    ),
    "look": (
        LookBackForm,
        lambda case, me, form: agreeing.look_back(
            case,
            by=me,
            holds=form.cleaned_data["holds"] == "yes",
            words=form.cleaned_data["words"],
            lang=_tongue(),
            client_key=form.key,
            now=timezone.now(),
        ),
    ),
    "again": (
        AgainForm,
        lambda case, me, form: repair.ask_again(
            case, by=me, way=form.cleaned_data["way"], now=timezone.now()
        ),
    ),
    "third": (
        ThirdForm,
        lambda case, me, form: repair.choose_third(
            case, by=me, third=form.chosen, now=timezone.now()
        ),
    ),
}


@require_POST
@case_page
def repair_write(request: HttpRequest, case: RepairCase, what: str) -> HttpResponse:
    if what not in WRITTEN:
        raise Http404
    kind, act = WRITTEN[what]
    more: dict[str, Any] = {}
    if kind is AgainForm:
        more["beyond"] = case.way
    if kind is AsideForm:
        more.update(case=case, part=case.part_of(request.user))
    if kind is ThirdForm:
        more["free"] = repair.other_thirds_for(case).free
    form = kind(request.POST, prefix=_prefix(kind), **more)
    if not form.is_valid():
        return _show(request, case, form)
    act(case, reader(request), form)
    return _back(case)


@require_POST
@case_page
def repair_carry(
    request: HttpRequest, case: RepairCase, repairaside_id: UUID
) -> HttpResponse:
    aside = (
        RepairAside.objects.visible_to(request.user)
        .filter(case=case, pk=repairaside_id)
        .first()
    )
    if aside is not None:  # else an earlier press did it
        if request.POST.get("do") == "back":
            repair.take_back(aside, by=reader(request), now=timezone.now())
            messages.success(request, _("You have it back. Nobody else keeps it."))
        else:
            repair.carry(aside, by=reader(request), now=timezone.now())
            messages.success(request, _("It is carried over."))
    return _back(case)


@require_POST
@case_page
def repair_agreement(
    request: HttpRequest, case: RepairCase, repairagreement_id: UUID
) -> HttpResponse:
    """Yes to the words on the page, other words, or not this."""
    asked = get_object_or_404(
        RepairAgreement.objects.visible_to(request.user).filter(case=case),
        pk=repairagreement_id,
    )
    me, now = reader(request), timezone.now()
    match request.POST.get("do"):
        case "yes":
            seen = request.POST.get("edition") == str(asked.edition)
            agreeing.say_yes(
                asked, by=me, edition=asked.edition if seen else 0, now=now
            )
        case "drop":
            agreeing.drop_request(asked, by=me, now=now)
        case _other:
            return _reword(request, case, asked)
    return _back(case)


def _reword(
    request: HttpRequest, case: RepairCase, asked: RepairAgreement
) -> HttpResponse:
    prefix = request.POST.get("prefix", "")[:4]
    form = RewordForm(request.POST, current=asked, prefix=prefix)
    if form.is_valid():
        agreeing.word_otherwise(
            asked,
            by=reader(request),
            words=form.cleaned_data["words"],
            edition=form.cleaned_data["edition"] or 0,
            now=timezone.now(),
        )
        return _back(case)
    return render(
        request,
        "charters/repair_reword.html",
        {"case": case, "cohort": case.cohort, "form": form, "asked": asked},
        status=422,
    )


@require_safe
@case_page
def repair_news(request: HttpRequest, case: RepairCase) -> HttpResponse:
    """Whether there is something new since the page, or what its clock says now."""
    if "clock" in request.GET:
        return _clock(request, case)
    if request.GET.get("edition") == str(case.edition):
        return HttpResponse(status=204)
    # 286 tells htmx that it need not ask again.
    return render(request, "charters/repair_news.html", {"case": case}, status=286)


def _clock(request: HttpRequest, case: RepairCase) -> HttpResponse:
    """The minutes that are left of the step on the page; once it is over, nothing."""
    if request.GET["clock"] != str(case.edition) or case.state != State.TALKING:
        return HttpResponse(status=204)
    left = case.seconds_left(timezone.now())
    return render(
        request,
        "charters/_repair_clock.html",
        {
            "case": case,
            "minutes_left": -(-left // 60),
            "is_late": left == 0,
            "again": True,
        },
    )


__all__ = [
    "in_confidence",
    "in_confidence_home",
    "repair_agreement",
    "repair_carry",
    "repair_case",
    "repair_do",
    "repair_drop",
    "repair_file",
    "repair_home",
    "repair_new",
    "repair_news",
    "repair_print",
    "repair_reword",
    "repair_third",
    "repair_write",
]
