"""Signing a proposal, and making its cohorts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cohorts import publishing, seating, signing
from cohorts.access import composing_page, reader
from cohorts.forms.composing import (
    AskForm,
    SignatureForm,
)
from cohorts.models import (
    Appointment,
    Composition,
    CompositionSignature,
    Intake,
)
from people.access import signed_in


def _to_sign(request: HttpRequest, composition_id: UUID) -> Composition:
    """The proposal, for its leads and for those who were asked to sign it."""
    composition = (
        Composition.objects.unsealed("whoever may sign it reads names and groups")
        .select_related("intake__program")
        .filter(pk=composition_id)
        .first()
    )
    if composition is None or not signing.may_sign(reader(request), composition):
        raise Http404
    return composition


@signed_in
def composition_sign(request: HttpRequest, composition_id: UUID) -> HttpResponse:
    composition = _to_sign(request, composition_id)
    form = SignatureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = signing.sign(
            composition,
            by=reader(request),
            arrangement=form.cleaned_data["arrangement"],
            agrees=request.POST.get("answer") == "sign",
            note=form.cleaned_data["note"],
        )
        messages.success(
            request,
            _("Signed, exactly as it stands.")
            if given.answer == CompositionSignature.Answer.SIGNED
            else _("Your answer is kept; talk with those who made the proposal."),
        )
        return redirect("cohorts:composition_sign", composition.pk)
    return _sign_page(request, composition, form)


def _sign_page(
    request: HttpRequest, composition: Composition, form: SignatureForm
) -> HttpResponse:
    leads = list(
        Appointment.objects.active()
        .filter(program=composition.program_id, role=Appointment.Role.LEAD)
        .values_list("person", flat=True)
    )
    is_lead = request.user.pk in leads
    arrangement = signing.arrangement_of(composition)
    could = [
        one
        for one in (signing.who_could_sign(composition) if is_lead else [])
        if one.pk != request.user.pk
    ]
    seats = (
        seating.seats_of(composition)
        .select_related("application")
        .order_by("application__called", "pk")
    )
    by_group: dict[Any, list[str]] = {}
    for seat in seats:
        by_group.setdefault(seat.group_id, []).append(seat.application.called)
    groups = [(g, by_group.get(g.pk, [])) for g in seating.groups_of(composition)]
    signatures = signing.signatures_of(composition)
    mine = next((s for s in signatures if s.person_id == request.user.pk), None)
    return render(
        request,
        "cohorts/composition_sign.html",
        {
            "composition": composition,
            "intake": composition.intake,
            "groups": groups,
            "waiting": by_group.get(None, []),
            "signatures": [(s, s.arrangement == arrangement) for s in signatures],
            "has_signed": bool(
                mine and mine.answer == "signed" and mine.arrangement == arrangement
            ),
            "arrangement": arrangement,
            "is_lead": is_lead,
            "alone": is_lead and not could and len(signatures) < 2,
            "hindering": publishing.what_hinders(composition)
            if composition.is_open
            else [],
            "ask_form": AskForm(people=could) if could else None,
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@require_POST
@composing_page
def composition_ask(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    form = AskForm(request.POST, people=signing.who_could_sign(composition))
    if form.is_valid():
        person = form.cleaned_data["person"]
        signing.ask_to_sign(composition, person, by=reader(request))
        messages.success(
            request, _("%(name)s is asked to sign.") % {"name": person.name}
        )
    return redirect("cohorts:composition_sign", composition.pk)


@composing_page
def composition_publish(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    sign_url = reverse("cohorts:composition_sign", args=[composition.pk])
    if request.method == "POST":
        made = publishing.publish(composition, by=reader(request))
        messages.success(
            request,
            ngettext(
                "One cohort is made; its invitations are on their way.",
                "%(n)s cohorts are made; their invitations are on their way.",
                len(made),
            )
            % {"n": len(made)},
        )
        return redirect("cohorts:composition_board", intake.slug, composition.number)
    hindering = publishing.what_hinders(composition) if composition.is_open else []
    if hindering or not composition.is_open:
        return redirect(sign_url)
    count = seating.seats_of(composition).filter(group__isnull=False).count()
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Make these cohorts and invite everybody?"),
            "consequence": ngettext(
                "One invitation leaves now. This cannot be undone.",
                "%(n)s invitations leave now. This cannot be undone.",
                count,
            )
            % {"n": count},
            "action": _("Make the cohorts"),
            "back": sign_url,
        },
    )
