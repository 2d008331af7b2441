"""The lottery, for the leads of a call: its chances, its publishing, its draw."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cohorts import drawing, preparing, quotas
from cohorts.access import lead_call_page
from cohorts.forms.selection import (
    CommitForm,
    EaseForm,
    GiveUpForm,
    ValueForm,
)
from cohorts.models import (
    Intake,
    Lottery,
    Ticket,
)
from cohorts.tasks import prepare_lottery
from cohorts.views.calls import person_of
from people.tasks import knock

PAGE_SIZE = 50
# A kind of fewer people is not shown by itself: who they are could be told.
SMALLEST_KIND = 3
# Pages of a thousand kinds say nothing; the rest is told together.
MOST_KINDS = 40
State = Lottery.State


@require_POST
@lead_call_page
def lottery_prepare(request: HttpRequest, intake: Intake) -> HttpResponse:
    lottery = preparing.prepare(intake, by=person_of(request), now=timezone.now())
    if lottery.state == State.PREPARING:
        if preparing.is_quick(lottery):
            preparing.solve(lottery.pk)
        else:
            transaction.on_commit(lambda: knock(prepare_lottery, str(lottery.pk)))
    return _back(intake, lottery)


def _lottery_or_404(request: HttpRequest, intake: Intake, lottery_id: UUID) -> Lottery:
    lottery = get_object_or_404(
        Lottery.objects.visible_to(request.user)
        .select_related("record")
        .defer("mixture", "record__text"),
        intake=intake,
        pk=lottery_id,
    )
    lottery.intake = intake
    return lottery


def _back(intake: Intake, lottery: Lottery) -> HttpResponse:
    return redirect("cohorts:lottery_show", intake.slug, lottery.pk)


@lead_call_page
def lottery_show(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """What was found: chances, quotas, or what clashes; and the next step from here."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    return _lottery_page(request, intake, lottery, ValueForm())


def _lottery_page(
    request: HttpRequest,
    intake: Intake,
    lottery: Lottery,
    form: ValueForm,
    give_up: GiveUpForm | None = None,
) -> HttpResponse:
    now = timezone.now()
    facts = lottery.facts
    context: dict[str, Any] = {
        "intake": intake,
        "lottery": lottery,
        "record": lottery.record,
        "facts": facts,
        "is_running": lottery.state == State.PREPARING,
        "form": form,
    }
    if lottery.state in (State.PREPARED, State.CLASHING):
        gathering = preparing.gather(intake)
        context["has_moved_on"] = preparing.has_moved_on(lottery, gathering)
        context["hindrances"] = gathering.hindrances
    if lottery.state == State.CLASHING:
        context["clash"] = [_asked(one) for one in facts.get("clash", ())]
        context["easings"] = [_eased(one) for one in facts.get("easings", ())]
    if facts.get("kinds"):
        context["smallest"] = preparing.in_a_hundred(facts["smallest"])
        # What was prepared before bounds were kept was proved.
        context["is_proved"] = facts.get("is_proved", True)
        context["bound"] = preparing.in_a_hundred(
            facts.get("bound", facts["smallest"]), rounding=ROUND_CEILING
        )
        context["kinds"], context["small"] = kinds_in_words(facts)
        context["kept"] = [_kept(one) for one in facts["quotas"]]
    if lottery.state == State.COMMITTED and lottery.record is not None:
        person = person_of(request)
        context["has_spoken"] = now >= lottery.record.speaks_at
        context["typing"] = drawing.typing_of(lottery, by=person)
        context["alone"] = not drawing.other_leads(lottery, than=person)
        context["asked"] = drawing.giving_up_of(lottery, by=person)
        context["give_up_form"] = give_up or GiveUpForm()
    return render(
        request,
        "cohorts/lottery_show.html" + ("#progress" if request.htmx else ""),  # type: ignore[attr-defined]
        context,
        status=422 if form.is_bound or give_up else 200,
    )


def kinds_in_words(
    facts: dict[str, Any],
) -> tuple[list[tuple[str, int, Decimal]], dict[str, Any] | None]:
    """Kinds of people by the quotas that count them; those of few people together.

    Of a kind with one or two people, its words would tell what these people said.
    """
    names = [quotas.named(q["trait"], q["value"]) for q in facts["quotas"]]
    large = sorted(
        (k for k in facts["kinds"] if k["people"] >= SMALLEST_KIND),
        key=lambda kind: (-kind["people"], kind["in"]),
    )[:MOST_KINDS]
    shown = [
        (
            _("counted by %(quotas)s")
            % {"quotas": get_text_list([names[n] for n in kind["in"]], _("and"))}
            if kind["in"]
            else _("counted by no quota"),
            kind["people"],
            preparing.in_a_hundred(kind["chance"]),
        )
        for kind in large
    ]
    rest = [kind for kind in facts["kinds"] if kind not in large]
    if not rest:
        return shown, None
    chances = [Decimal(kind["chance"]) for kind in rest]
    return shown, {
        "kinds": len(rest),
        "people": sum(kind["people"] for kind in rest),
        "least": preparing.in_a_hundred(min(chances)),
        "most": preparing.in_a_hundred(max(chances)),
    }


def _asked(one: dict[str, Any]) -> str:
    """A quota that clashes, as a sentence."""
    said = {
        "quota": quotas.named(one["trait"], one["value"]),
        "bounds": quotas.bounds(one["least"], one["most"], seats=one["of"]),
        "n": one["counted"],
    }
    if one["counted"]:
        return (
            ngettext(
                "“%(quota)s” asks for %(bounds)s; %(n)s of them is given already.",
                "“%(quota)s” asks for %(bounds)s; %(n)s of them are given already.",
                one["counted"],
            )
            % said
        )
    return _("“%(quota)s” asks for %(bounds)s.") % said


def _eased(one: dict[str, Any]) -> str:
    """A quota that would give, as a sentence."""
    seats = one["of"]
    return _("“%(quota)s”: %(becomes)s in place of %(was)s.") % {
        "quota": quotas.named(one["trait"], one["value"]),
        "was": quotas.bounds(one["least"], one["most"], seats=seats),
        "becomes": quotas.bounds(
            one["becomes_least"], one["becomes_most"], seats=seats
        ),
    }


def _kept(one: dict[str, Any]) -> tuple[str, str, int, int]:
    return (
        quotas.named(one["trait"], one["value"]),
        quotas.bounds(one["least"], one["most"], seats=one["of"]),
        one["fewest"],
        one["largest"],
    )


@lead_call_page
def lottery_ease(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """Let the quotas give as little as can be, with a reason that everyone may read."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    back = _back(intake, lottery)
    easings = lottery.facts.get("easings", ())
    if lottery.state != State.CLASHING or not easings:
        return back
    form = EaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        quotas.ease(
            intake,
            [
                quotas.Easing(
                    quota=UUID(one["quota"]),
                    least=one["becomes_least"],
                    most=one["becomes_most"],
                )
                for one in easings
            ],
            reason=form.cleaned_data["reason"],
            by=person_of(request),
            now=timezone.now(),
        )
        messages.success(
            request, _("The quotas gave. The lottery can be prepared again.")
        )
        return redirect("cohorts:selection_home", intake.slug)
    return render(
        request,
        "cohorts/lottery_ease.html",
        {
            "intake": intake,
            "lottery": lottery,
            "form": form,
            "easings": [_eased(one) for one in easings],
        },
        status=422 if form.is_bound else 200,
    )


@lead_call_page
def lottery_set_aside(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    lottery = _lottery_or_404(request, intake, lottery_id)
    if request.method == "POST":
        preparing.set_aside(lottery, by=person_of(request))
        messages.success(request, _("The lottery is set aside."))
        return redirect("cohorts:selection_home", intake.slug)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Set this lottery aside?"),
            "consequence": _("Nothing of it was published. It can be prepared again."),
            "action": _("Set it aside"),
            "back": reverse("cohorts:lottery_show", args=[intake.slug, lottery.pk]),
        },
    )


@lead_call_page
def lottery_commit(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """Publish the record and its fingerprint; from then on nothing changes."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    if lottery.state != State.PREPARED and request.method != "POST":
        return _back(intake, lottery)
    source = quotas.source_of(intake)
    form = CommitForm(
        request.POST or None,
        current=lottery,
        zone=intake.timezone,
        initial={"source": source.words if source else ""},
    )
    if request.method == "POST" and (lottery.is_fixed or form.is_valid()):
        if not lottery.is_fixed:
            drawing.commit(
                lottery,
                source=form.cleaned_data["source"],
                speaks_at=form.speaks_at,
                by=person_of(request),
                edition=form.cleaned_data["edition"],
                now=timezone.now(),
            )
        messages.success(request, _("It is published. Nothing of it changes any more."))
        return _back(intake, lottery)
    return render(
        request,
        "cohorts/lottery_commit.html",
        {"intake": intake, "lottery": lottery, "form": form},
        status=422 if form.is_bound else 200,
    )


@require_POST
@lead_call_page
def lottery_value(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """Type what the source spoke; the second lead who types the same draws."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    form = ValueForm(request.POST)
    if not form.is_valid():
        return _lottery_page(request, intake, lottery, form)
    after = drawing.type_value(
        lottery,
        value=form.cleaned_data["value"],
        by=person_of(request),
        now=timezone.now(),
    )
    messages.success(
        request,
        _("Drawn. The letters wait for you to read them.")
        if after.state == State.DRAWN
        else _("Kept. A second lead has to type the same."),
    )
    return _back(intake, lottery)


@require_POST
@lead_call_page
def lottery_value_back(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """What I typed was not it."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    drawing.take_back_value(lottery, by=person_of(request))
    messages.success(request, _("Taken back."))
    return _back(intake, lottery)


@require_POST
@lead_call_page
def lottery_give_up(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """Ask to give up a published draw, agree with who asked, or go on after all."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    person = person_of(request)
    back = _back(intake, lottery)
    match request.POST.get("act"):
        case "go_on":
            drawing.go_on(lottery, by=person)
            messages.success(request, _("The draw goes on as it was published."))
            return back
        case "agree":
            reason = ""
        case _:
            form = GiveUpForm(request.POST)
            if not form.is_valid():
                return _lottery_page(request, intake, lottery, ValueForm(), form)
            reason = form.cleaned_data["reason"]
    after = drawing.give_up(lottery, reason=reason, by=person, now=timezone.now())
    messages.success(
        request,
        _("Asked. A second lead has to agree.")
        if after.state == State.COMMITTED
        else _(
            "The draw is given up, and everybody reads why. The chances stand: publish "
            "them anew with another source, or set them aside."
        ),
    )
    return back


@lead_call_page
def lottery_order(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """Who was drawn, and who waits in which order: for the leads, by name."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    if lottery.state != State.DRAWN:
        return _back(intake, lottery)
    tickets = (
        Ticket.objects.visible_to(request.user)
        .filter(lottery=lottery)
        .select_related("application")
        .order_by("-is_drawn", "place", "application__called", "pk")
    )
    return render(
        request,
        "cohorts/lottery_order.html",
        {
            "intake": intake,
            "lottery": lottery,
            "page": Paginator(tickets, PAGE_SIZE).get_page(request.GET.get("page")),
        },
    )
