"""Selecting, for the leads of a call: quotas, the source of chance, who is next."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cohorts import banding, preparing, promoting, quotas
from cohorts.access import lead_call_page
from cohorts.forms.selection import (
    NewQuotaForm,
    QuotaForm,
    SourceForm,
)
from cohorts.models import (
    Intake,
    Lottery,
    Quota,
    Standing,
)
from cohorts.views.calls import person_of
from people.refusal import Refused


def home_of(intake: Intake) -> str:
    return reverse("cohorts:selection_home", args=[intake.slug])


@lead_call_page
def selection_home(request: HttpRequest, intake: Intake) -> HttpResponse:
    """How far selecting is, and each step of it."""
    person = person_of(request)
    lottery = preparing.latest(intake, by=person)
    bands = banding.counted(intake, by=person)
    # Between a published draw and its value nobody is next in line.
    drawn = lottery is not None and lottery.state == Lottery.State.DRAWN
    line = None
    if lottery is None or drawn or not lottery.is_fixed:
        line = promoting.line_of(intake, by=person)
    if line is None and drawn:
        free = promoting.free_seats(intake, by=person)
        line = promoting.Line(free=free, waiting=0, next=None)
    return render(
        request,
        "cohorts/selection_home.html",
        {
            "intake": intake,
            "quotas": quota_lines(intake),
            "is_fixed": quotas.is_fixed(intake),
            "source": quotas.source_of(intake),
            "bands": {**bands, "unplaced": bands[""]},
            "lottery": lottery,
            "line": line,
        },
    )


def quota_lines(intake: Intake) -> list[tuple[Quota, str, str]]:
    """Each quota, whom it counts, and its bounds in words."""
    return [
        (
            quota,
            quotas.named(quota.trait.label, quota.value),
            quotas.bounds(quota.least, quota.most, seats=intake.seats),
        )
        for quota in quotas.quotas_of(intake)
    ]


def _form_page(
    request: HttpRequest, intake: Intake, form: Any, title: str
) -> HttpResponse:
    return render(
        request,
        "cohorts/selection_form.html",
        {"intake": intake, "form": form, "title": title},
        status=422 if form.is_bound else 200,
    )


@lead_call_page
def quota_new(request: HttpRequest, intake: Intake) -> HttpResponse:
    quotas.refuse_if_fixed(intake)
    traits = list(intake.traits.order_by("position", "pk"))
    form = NewQuotaForm(request.POST or None, intake=intake, traits=traits)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            quotas.add(
                intake,
                by=person_of(request),
                client_key=form.key,
                **{n: asked[n] for n in ("trait", "value", "least", "most", "why")},
            )
        except Refused as refusal:
            form.add_error("whom", str(refusal.sentence))
        else:
            messages.success(request, _("The quota stands, in public."))
            return redirect("cohorts:selection_home", intake.slug)
    return _form_page(request, intake, form, _("Keep seats"))


def _quota_or_404(intake: Intake, quota_id: UUID) -> Quota:
    quota = get_object_or_404(
        Quota.objects.select_related("trait"), intake=intake, pk=quota_id
    )
    quota.intake = intake
    return quota


@lead_call_page
def quota_change(request: HttpRequest, intake: Intake, quota_id: UUID) -> HttpResponse:
    quota = _quota_or_404(intake, quota_id)
    quotas.refuse_if_fixed(intake)
    form = QuotaForm(
        request.POST or None,
        current=quota,
        initial={"least": quota.least, "most": quota.most, "why": quota.why},
    )
    if request.method == "POST" and form.is_valid():
        asked = {n: form.cleaned_data[n] for n in ("least", "most", "why")}
        quotas.change(quota, by=person_of(request), **asked)
        messages.success(request, _("Saved."))
        return redirect("cohorts:selection_home", intake.slug)
    return _form_page(
        request, intake, form, quotas.named(quota.trait.label, quota.value)
    )


@lead_call_page
def quota_remove(request: HttpRequest, intake: Intake, quota_id: UUID) -> HttpResponse:
    quota = _quota_or_404(intake, quota_id)
    if request.method == "POST":
        quotas.remove(quota, by=person_of(request))
        messages.success(request, _("The quota is removed."))
        return redirect("cohorts:selection_home", intake.slug)
    quotas.refuse_if_fixed(intake)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Remove this quota?"),
            "consequence": quotas.named(quota.trait.label, quota.value),
            "action": _("Remove"),
            "back": home_of(intake),
        },
    )


@lead_call_page
def source_say(request: HttpRequest, intake: Intake) -> HttpResponse:
    quotas.refuse_if_fixed(intake)
    source = quotas.source_of(intake)
    form = SourceForm(
        request.POST or None,
        current=source,
        initial={"words": source.words} if source else None,
    )
    if request.method == "POST" and form.is_valid():
        quotas.say_source(
            intake, words=form.cleaned_data["words"], by=person_of(request)
        )
        messages.success(request, _("Saved. It stands on the public page."))
        return redirect("cohorts:selection_home", intake.slug)
    return _form_page(request, intake, form, _("Where chance comes from"))


@require_POST
@lead_call_page
def next_offer(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Offer a free seat to the next in line; the letter is read before it leaves."""
    standing = get_object_or_404(
        Standing.objects.visible_to(request.user),
        intake=intake,
        application=_uuid(request.POST.get("application", "")),
    )
    one = promoting.promote(
        intake, standing.application_id, by=person_of(request), now=timezone.now()
    )
    messages.success(
        request,
        _("An offer to %(name)s is set. Read the letter, then send it.")
        % {"name": one.called},
    )
    return redirect("cohorts:decision_letters", intake.slug)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
