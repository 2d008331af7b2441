"""The page of a cohort, its people, and how one comes and goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cohorts import agreements, joining, reopening, showing
from cohorts.access import cohort_page, keeper_page, reader
from cohorts.forms.joining import (
    HandOverForm,
    InviteForm,
    LeaveForm,
    ReopenForm,
    ReplaceForm,
)
from cohorts.home import sections_of
from cohorts.models import Cohort, Invitation, Membership
from people import privacy, tasks
from people.prepared import prepared
from people.refusal import Refused


@cohort_page
def cohort_home(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    sections = sections_of(request, cohort, membership)
    return render(
        request,
        "cohorts/cohort_home.html",
        {
            "cohort": cohort,
            "membership": membership,
            "seats": _seats(cohort),
            "main": [s for s in sections if not s.aside],
            "aside": [s for s in sections if s.aside],
        },
    )


@prepared
def _seats(cohort: Cohort) -> QuerySet[Membership]:
    """Facilitators first, then by name."""
    return (
        Membership.objects.active()
        .filter(cohort=cohort)
        .select_related("person")
        .order_by("role", "person__called", "pk")
    )


def _gone(cohort: Cohort) -> QuerySet[Membership]:
    """Who sat here and does not any more."""
    still = Membership.objects.active().filter(cohort=cohort)
    return (
        Membership.objects.filter(cohort=cohort, person__is_active=True)
        .exclude(left_at=None)
        .exclude(person__in=still.values("person"))
        .select_related("person")
        .order_by("-left_at", "pk")[:20]
    )


@cohort_page
def cohort_leave(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            joining.leave(membership, by=reader(request))
            if form.cleaned_data["take"]:
                privacy.ask_for_export(reader(request))
        messages.success(
            request,
            _("You have left %(cohort)s. Your own words are yours to take.")
            % {"cohort": cohort.name},
        )
        if form.cleaned_data["take"]:
            tasks.knock(tasks.make_exports)
            return redirect("people:data")
        return redirect("cohorts:today")
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Leave %(cohort)s?") % {"cohort": cohort.name},
            "consequence": _(
                "You stop seeing this cohort at once. What you said there stays with "
                "it; your own words you can take along from your page, now or later."
            ),
            "action": _("Leave the cohort"),
            "back": reverse("cohorts:cohort_home", args=[cohort.slug]),
            "form": form,
            "stop": True,
        },
    )


# For those who hold the cohort


@keeper_page
def cohort_people(request: HttpRequest, cohort: Cohort) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sent = joining.invite(
                form.cleaned_data["email"],
                into=cohort,
                by=reader(request),
                role=form.cleaned_data["role"],
                called=form.cleaned_data["called"],
            )
        except Refused as refusal:
            form.add_error("email", str(refusal.sentence))
        else:
            messages.success(
                request,
                _("The invitation to %(address)s is on its way.")
                % {"address": sent.email},
            )
            return redirect("cohorts:cohort_people", cohort.slug)
    seats = _seats(cohort)
    agreement = agreements.in_force(cohort.program)
    answers = (
        agreements.answers_of([s.person_id for s in seats], agreement)
        if agreement
        else {}
    )
    invitations = (
        Invitation.objects.visible_to(request.user)
        .filter(cohort=cohort, accepted_at=None)
        .select_related("in_place_of__person")
        .order_by("revoked_at", "-sent_at", "pk")
    )
    return render(
        request,
        "cohorts/cohort_people.html",
        {
            "cohort": cohort,
            "seats": seats,
            "signed": {one for one, signed in answers.items() if signed},
            "declined": {one for one, signed in answers.items() if not signed},
            "agreement": agreement,
            "shared": showing.counted(cohort, to=reader(request)),
            "invitations": invitations,
            "gone": _gone(cohort),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


def _confirmed(
    request: HttpRequest,
    cohort: Cohort,
    act: Callable[[], Any],
    *,
    done: str,
    **page: Any,
) -> HttpResponse:
    """A question by GET, the act by POST, then back to the people of the cohort."""
    back = reverse("cohorts:cohort_people", args=[cohort.slug])
    if request.method == "POST":
        act()
        messages.success(request, done)
        return redirect(back)
    return render(request, "components/confirm.html", {"back": back, **page})


def _invitation(request: HttpRequest, cohort: Cohort, pk: UUID) -> Invitation:
    return get_object_or_404(
        Invitation.objects.visible_to(request.user).select_related("cohort__program"),
        cohort=cohort,
        pk=pk,
    )


def _seat(cohort: Cohort, pk: UUID) -> Membership:
    return get_object_or_404(
        Membership.objects.active().select_related("person", "cohort__program"),
        cohort=cohort,
        pk=pk,
    )


@require_POST
@keeper_page
def invitation_resend(
    request: HttpRequest, cohort: Cohort, invitation_id: UUID
) -> HttpResponse:
    found = _invitation(request, cohort, invitation_id)
    joining.resend(found, by=reader(request))
    messages.success(
        request,
        _("A new link is on its way to %(address)s.") % {"address": found.email},
    )
    return redirect("cohorts:cohort_people", cohort.slug)


@keeper_page
def invitation_revoke(
    request: HttpRequest, cohort: Cohort, invitation_id: UUID
) -> HttpResponse:
    found = _invitation(request, cohort, invitation_id)
    return _confirmed(
        request,
        cohort,
        lambda: joining.revoke(found, by=reader(request)),
        done=_("The invitation is taken back."),
        question=_("Take the invitation to %(address)s back?")
        % {"address": found.email},
        consequence=_("Its link opens nothing from then on."),
        action=_("Take it back"),
    )


@keeper_page
def membership_remove(
    request: HttpRequest, cohort: Cohort, membership_id: UUID
) -> HttpResponse:
    seat = _seat(cohort, membership_id)
    return _confirmed(
        request,
        cohort,
        lambda: joining.remove(seat, by=reader(request)),
        done=_("%(name)s no longer sits in this cohort.") % {"name": seat.person.name},
        question=_("Remove %(name)s from %(cohort)s?")
        % {"name": seat.person.name, "cohort": cohort.name},
        consequence=_(
            "They stop seeing this cohort at once. What they said stays with it, and "
            "they keep an export of their own words. Talk with them first."
        ),
        action=_("Remove from the cohort"),
        stop=True,
    )


@keeper_page
def membership_facilitate(
    request: HttpRequest, cohort: Cohort, membership_id: UUID
) -> HttpResponse:
    seat = _seat(cohort, membership_id)
    return _confirmed(
        request,
        cohort,
        lambda: joining.ask_to_hold(seat, by=reader(request)),
        done=_("%(name)s is asked. Nothing changes before they say yes.")
        % {"name": seat.person.name},
        question=_("Ask %(name)s to hold %(cohort)s as well?")
        % {"name": seat.person.name, "cohort": cohort.name},
        consequence=_(
            "If they say yes, they see what facilitators see and may invite people."
        ),
        action=_("Ask them"),
    )


@keeper_page
def membership_step_down(
    request: HttpRequest, cohort: Cohort, membership_id: UUID
) -> HttpResponse:
    seat = _seat(cohort, membership_id)
    if seat.person_id != request.user.pk:
        raise Http404
    if request.method == "POST":
        joining.step_down(seat, by=reader(request))
        messages.success(request, _("You are a member of this cohort now."))
        return redirect("cohorts:cohort_home", cohort.slug)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Stop holding %(cohort)s?") % {"cohort": cohort.name},
            "consequence": _(
                "You stay as a member and stop seeing what facilitators see. The "
                "others who hold it can ask you again."
            ),
            "action": _("Step down"),
            "back": reverse("cohorts:cohort_people", args=[cohort.slug]),
        },
    )


@keeper_page
def membership_replace(
    request: HttpRequest, cohort: Cohort, membership_id: UUID
) -> HttpResponse:
    """Invite somebody in the place of one who goes, or who has gone."""
    seat = get_object_or_404(
        Membership.objects.select_related("person", "cohort__program"),
        cohort=cohort,
        pk=membership_id,
    )
    form = ReplaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sent = joining.replace(
                seat,
                to=form.cleaned_data["email"],
                called=form.cleaned_data["called"],
                by=reader(request),
            )
        except Refused as refusal:
            form.add_error("email", str(refusal.sentence))
        else:
            messages.success(
                request,
                _("The invitation to %(address)s is on its way.")
                % {"address": sent.email},
            )
            return redirect("cohorts:cohort_people", cohort.slug)
    if seat.left_at is None:
        consequence = _(
            "%(name)s keeps the seat until the new person has taken it, and leaves at "
            "that moment. Talk with them first. Who comes reads nothing from before, "
            "unless its author opens it."
        )
    else:
        consequence = _(
            "%(name)s has left. Who comes reads nothing from before, unless its "
            "author opens it."
        )
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Invite somebody in the place of %(name)s?")
            % {"name": seat.person.name},
            "consequence": consequence % {"name": seat.person.name},
            "action": _("Send the invitation"),
            "back": reverse("cohorts:cohort_people", args=[cohort.slug]),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@keeper_page
def membership_hand_over(
    request: HttpRequest, cohort: Cohort, membership_id: UUID
) -> HttpResponse:
    seat = _seat(cohort, membership_id)
    form = HandOverForm(request.POST or None, cohort=cohort, giver=seat)
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["to"]
        joining.ask_to_hold(to, by=reader(request), in_place_of=seat)
        messages.success(
            request,
            _("%(name)s is asked. Nothing changes before they say yes.")
            % {"name": to.person.name},
        )
        return redirect("cohorts:cohort_people", cohort.slug)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Hand facilitation over?"),
            "consequence": _(
                "Who you choose is asked first. When they say yes, %(name)s stays in "
                "the cohort as a member."
            )
            % {"name": seat.person.name},
            "action": _("Ask them"),
            "back": reverse("cohorts:cohort_people", args=[cohort.slug]),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@keeper_page
def cohort_finish(request: HttpRequest, cohort: Cohort) -> HttpResponse:
    return _confirmed(
        request,
        cohort,
        lambda: joining.finish(cohort, by=reader(request)),
        done=_("%(cohort)s has finished. Everything in it can still be read.")
        % {"cohort": cohort.name},
        question=_("Finish %(cohort)s?") % {"cohort": cohort.name},
        consequence=_(
            "From then on everything can be read and nothing added. Invitations on "
            "their way are taken back. People can still leave and take their words "
            "along. Opening it again takes two of those who keep it."
        ),
        action=_("Finish the cohort"),
        stop=True,
    )


@keeper_page
def cohort_reopen(request: HttpRequest, cohort: Cohort) -> HttpResponse:
    """Ask for a finished cohort to be opened, or answer one who asked."""
    back = redirect("cohorts:cohort_people", cohort.slug)
    person, now = reader(request), timezone.now()
    if not cohort.is_finished:
        messages.info(request, _("This cohort is open."))
        return back
    asked = reopening.waiting_for(cohort, by=person, now=now)
    act = request.POST.get("act", "")
    form = ReopenForm(request.POST if act == "ask" else None)
    if asked is not None and act == "agree":
        reopening.agree(asked, by=person, now=now)
        messages.success(request, _("The cohort is open again; everyone is told."))
        return back
    if asked is not None and act == "withdraw":
        reopening.withdraw(asked, by=person, now=now)
        messages.success(request, _("The cohort stays closed."))
        return back
    if act == "ask" and form.is_valid():
        reopening.ask(cohort, by=person, now=now, **form.cleaned_data)
        messages.success(
            request, _("Asked. It opens when another one who keeps it agrees.")
        )
        return redirect("cohorts:cohort_reopen", cohort.slug)
    return render(
        request,
        "cohorts/cohort_reopen.html",
        {
            "cohort": cohort,
            "asked": asked,
            "is_mine": asked is not None and asked.asked_by_id == person.pk,
            "form": form,
        },
        status=422 if form.errors else 200,
    )
