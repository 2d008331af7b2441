"""The page of a cohort, its people, and how one comes and goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cohorts import agreements, joining
from cohorts.access import cohort_page, keeper_page, reader
from cohorts.forms.joining import HandOverForm, InviteForm
from cohorts.home import sections_of
from cohorts.models import Cohort, Invitation, Membership
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


@cohort_page
def cohort_leave(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    if request.method == "POST":
        joining.leave(membership, by=reader(request))
        messages.success(
            request,
            _("You have left %(cohort)s. Your own words are yours to take.")
            % {"cohort": cohort.name},
        )
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
    signed = (
        agreements.signed_by([s.person_id for s in seats], agreement)
        if agreement
        else set()
    )
    invitations = (
        Invitation.objects.visible_to(request.user)
        .filter(cohort=cohort, accepted_at=None)
        .order_by("revoked_at", "-sent_at", "pk")
    )
    return render(
        request,
        "cohorts/cohort_people.html",
        {
            "cohort": cohort,
            "seats": seats,
            "signed": signed,
            "agreement": agreement,
            "invitations": invitations,
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
        lambda: joining.add_facilitator(seat, by=reader(request)),
        done=_("%(name)s holds this cohort now.") % {"name": seat.person.name},
        question=_("Let %(name)s hold %(cohort)s as well?")
        % {"name": seat.person.name, "cohort": cohort.name},
        consequence=_("They will see what facilitators see, and may invite people."),
        action=_("Make them a facilitator"),
    )


@keeper_page
def membership_hand_over(
    request: HttpRequest, cohort: Cohort, membership_id: UUID
) -> HttpResponse:
    seat = _seat(cohort, membership_id)
    form = HandOverForm(request.POST or None, cohort=cohort, giver=seat)
    if request.method == "POST" and form.is_valid():
        joining.hand_over(seat, to=form.cleaned_data["to"], by=reader(request))
        messages.success(request, _("Facilitation is handed over."))
        if seat.person_id == request.user.pk:
            return redirect("cohorts:cohort_home", cohort.slug)
        return redirect("cohorts:cohort_people", cohort.slug)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Hand facilitation over?"),
            "consequence": _("%(name)s stays in the cohort as a member.")
            % {"name": seat.person.name},
            "action": _("Hand it over"),
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
            "their way are taken back. This cannot be undone."
        ),
        action=_("Finish the cohort"),
        stop=True,
    )
