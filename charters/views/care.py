"""Where to go with harm; moves for a tense moment; what a lead says and learns."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charters import care
from charters.forms import CareForm
from charters.models import CareContact, RepairOverdue
from charters.moves import CARDS
from charters.views.parts import typed
from cohorts.access import cohort_page, lead_page, reader
from cohorts.models import Appointment, Cohort, Membership, Program
from cohorts.places import places_for
from people.access import public


@require_safe
@public(why="whoever needs help is not asked who they are")
def care_all(request: HttpRequest) -> HttpResponse:
    """Every care contact of the house; one's own first, and only those by program.

    Which programs there are is nobody's to read off a page that is open to all.
    """
    own = _programs_of(request)
    contacts = CareContact.objects.select_related("program").order_by("name", "pk")
    return render(
        request,
        "charters/care.html",
        {
            "contacts": sorted(contacts, key=lambda c: c.program_id not in own),
            "own": own,
            "circles": _circles_of(request),
        },
    )


def _programs_of(request: HttpRequest) -> set[UUID]:
    places = places_for(request)
    seats = {membership.cohort.program_id for membership in places.memberships}
    return seats | {task.program_id for task in places.appointments}


def _circles_of(request: HttpRequest) -> list[Cohort]:
    """One's own, where the charter may name people to turn to; nobody's, signed out."""
    return [membership.cohort for membership in places_for(request).memberships]


@require_safe
@public(why="whoever needs help is not asked who they are")
def care_of(request: HttpRequest, care_key: UUID) -> HttpResponse:
    """That of one program, by a key that nobody guesses.

    Where there is none the page is that of all, so that no key tells what there is.
    """
    contact = (
        CareContact.objects.filter(program=care_key).select_related("program").first()
    )
    if contact is None:
        return care_all(request)
    return render(
        request,
        "charters/care.html",
        {
            "contacts": [contact],
            "own": {contact.program_id},
            "circles": _circles_of(request),
        },
    )


@require_safe
@cohort_page
def moves(request: HttpRequest, cohort: Cohort, membership: Membership) -> HttpResponse:
    return render(request, "charters/moves.html", {"cohort": cohort, "cards": CARDS})


@lead_page
def program_care(
    request: HttpRequest, program: Program, appointment: Appointment
) -> HttpResponse:
    """Name the care contact; see whom to call, and how many asked, in bands."""
    form = CareForm(typed(request), current=care.contact_of(program))
    if request.method == "POST" and form.is_valid():
        said = {n: form.cleaned_data[n] for n in ("name", "reach", "hours", "tongues")}
        care.say_whom(program, by=reader(request), **said)
        messages.success(request, _("Everybody can find it now, signed in or not."))
        return redirect("charters:program_care", program.slug)
    return render(
        request,
        "charters/program_care.html",
        {
            "program": program,
            "form": form,
            "calls": RepairOverdue.objects.visible_to(request.user)
            .filter(program=program)
            .select_related("whom")
            .order_by("since", "pk"),
            "bands": care.bands(program, now=timezone.now()),
        },
        status=422 if form.is_bound else 200,
    )
