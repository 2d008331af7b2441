"""The week of those who hold cohorts, and the running of a program."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts import agreements, founding
from cohorts.access import lead_page, reader
from cohorts.forms.programs import AgreementForm, AppointForm, ProgramForm
from cohorts.home import concerns_of, with_standings
from cohorts.models import Agreement, Appointment, Cohort, Membership, Program
from cohorts.places import places_for
from people.access import signed_in
from people.prepared import prepared
from people.refusal import Refused

VERSIONS_SHOWN = 10


@signed_in
def week(request: HttpRequest) -> HttpResponse:
    """What asks for a facilitator or a lead; before any program, three doors."""
    places = places_for(request)
    may_begin = request.user.is_staff or request.user.is_superuser
    if may_begin and not Program.objects.exists():
        return render(request, "cohorts/first_run.html")
    facilitated = [m.cohort for m in places.facilitates if not m.cohort.is_finished]
    if not (places.facilitates or places.leads or places.reviews or may_begin):
        raise Http404
    return render(
        request,
        "cohorts/week.html",
        {
            "facilitated": facilitated,
            "led": [
                {"cohort": cohort, "program": cohort.program, "stands": stands}
                for cohort, stands in with_standings(
                    request, _led([p.pk for p in places.leads]), now=timezone.now()
                )
            ],
            "leads": places.leads,
            "reviews": places.reviews,
            "may_begin": may_begin,
            "concerns": concerns_of(request, facilitated, now=timezone.now())
            if facilitated
            else [],
        },
    )


@prepared
def _led(programs: list[UUID]) -> QuerySet[Cohort]:
    return (
        Cohort.objects.open()
        .filter(program__in=programs)
        .select_related("program")
        .order_by("program__name", "name", "pk")
    )


@signed_in
def program_new(request: HttpRequest) -> HttpResponse:
    if not founding.may_begin_programs(request.user):
        raise Http404
    form = ProgramForm(
        request.POST or None,
        initial={"timezone": reader(request).timezone, "languages": ["en"]},
    )
    if request.method == "POST" and form.is_valid():
        values = {k: v for k, v in form.cleaned_data.items() if k != "client_key"}
        program = founding.begin(by=reader(request), client_key=form.key, **values)
        messages.success(
            request, _("%(program)s has begun.") % {"program": program.name}
        )
        return redirect("cohorts:program_people", program.slug)
    return render(
        request,
        "cohorts/program_new.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@lead_page
def program_people(
    request: HttpRequest, program: Program, appointment: Appointment
) -> HttpResponse:
    form = AppointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if "sure" not in request.POST:
            task = Appointment.Role(form.cleaned_data["role"]).label
            return render(
                request,
                "cohorts/program_appoint.html",
                {"program": program, "form": form, "task": task},
            )
        given = founding.give_task(
            form.cleaned_data["email"],
            program=program,
            role=form.cleaned_data["role"],
            called=form.cleaned_data["called"],
            by=reader(request),
        )
        messages.success(
            request,
            _("%(address)s is appointed: %(task)s.")
            % {"address": given.person.email, "task": given.get_role_display()},
        )
        return redirect("cohorts:program_people", program.slug)
    tasks = (
        Appointment.objects.active()
        .filter(program=program)
        .select_related("person")
        .order_by("role", "person__called", "pk")
    )
    facilitators = (
        Membership.objects.active()
        .facilitators()
        .filter(cohort__program=program, cohort__finished_at=None)
        .select_related("person", "cohort")
        .order_by("cohort__name", "pk")
    )
    return render(
        request,
        "cohorts/program_people.html",
        {
            "program": program,
            "tasks": tasks,
            "facilitators": facilitators,
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@lead_page
def appointment_end(
    request: HttpRequest,
    program: Program,
    appointment: Appointment,
    appointment_id: UUID,
) -> HttpResponse:
    ended = get_object_or_404(
        Appointment.objects.active().select_related("person", "program"),
        program=program,
        pk=appointment_id,
    )
    back = reverse("cohorts:program_people", args=[program.slug])
    if request.method == "POST":
        founding.end_task(ended, by=reader(request))
        messages.success(request, _("The task is ended."))
        return redirect("cohorts:today" if ended.pk == appointment.pk else back)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("End the task of %(name)s?") % {"name": ended.person.name},
            "consequence": _(
                "As %(task)s they stop seeing what that task lets them see, at once."
            )
            % {"task": ended.get_role_display()},
            "action": _("End the task"),
            "back": back,
            "stop": True,
        },
    )


@lead_page
def program_agreement(
    request: HttpRequest, program: Program, appointment: Appointment
) -> HttpResponse:
    current = agreements.in_force(program)
    number = current.number if current else 0
    form = AgreementForm(
        request.POST or None,
        initial={"text": current.text if current else "", "after": number},
    )
    theirs = None
    if request.method == "POST" and form.is_valid():
        try:
            offered = agreements.offer(
                program,
                text=form.cleaned_data["text"],
                after=form.cleaned_data["after"],
                client_key=form.key,
                by=reader(request),
            )
        except Refused as refusal:
            theirs = current = agreements.in_force(program)
            form.add_error(None, str(refusal.sentence))
            form.look_again(current.number if current else 0)
        else:
            if current is not None and offered.pk == current.pk:
                messages.info(request, _("The text is the same; nobody is asked anew."))
            else:
                messages.success(
                    request, _("In force. Everyone in the program is asked to sign.")
                )
            return redirect("cohorts:program_agreement", program.slug)
    versions = list(
        Agreement.objects.filter(program=program).order_by("-number")[:VERSIONS_SHOWN]
    )
    return render(
        request,
        "cohorts/program_agreement.html",
        {
            "program": program,
            "current": current,
            "form": form,
            "theirs": theirs,
            "answers": agreements.answers_to(current, by=reader(request))
            if current
            else None,
            # Each with the one before it, to show what changed.
            "versions": list(pairwise(versions)),
        },
        status=422 if form.errors else 200,
    )
