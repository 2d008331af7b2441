"""Projects, hunches and readings, inside a cohort."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
from measurement import hypotheses
from measurement.forms import ProjectForm, ReadingForm, RestateForm
from measurement.models import Hypothesis, Project, Reading, Signal


def _projects(request: HttpRequest, cohort: Cohort) -> QuerySet[Project]:
    """The cohort's projects with hunches, signals and readings: four queries."""
    reader = request.user
    readings = (
        Reading.objects.visible_to(reader).standing().order_by("-on", "-written_at")
    )
    signals = Signal.objects.visible_to(reader).prefetch_related(
        Prefetch("readings", queryset=readings)
    )
    hunches = (
        Hypothesis.objects.visible_to(reader)
        .order_by("-number")
        .prefetch_related(Prefetch("signals", queryset=signals))
    )
    return (
        Project.objects.visible_to(reader)
        .filter(cohort=cohort)
        .select_related("owner__person")
        .prefetch_related(Prefetch("hypotheses", queryset=hunches))
        .order_by("closed_at", "-written_at")
    )


@cohort_page
def project_list(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    projects = list(_projects(request, cohort))
    return render(
        request,
        "measurement/project_list.html",
        {
            "cohort": cohort,
            "membership": membership,
            "mine": [p for p in projects if p.owner_id == membership.pk],
            "others": [p for p in projects if p.owner_id != membership.pk],
        },
    )


@cohort_page
def project_new(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        project = hypotheses.begin(
            by=membership,
            title=form.cleaned_data["title"],
            about=form.cleaned_data["about"],
            hypothesis=form.hypothesis(),
            signal=form.signal(),
            client_key=form.key,
        )
        return redirect("measurement:project_detail", cohort.slug, project.pk)
    return render(
        request,
        "measurement/project_new.html",
        {"cohort": cohort, "form": form},
        status=422 if form.errors else 200,
    )


@cohort_page
def project_detail(
    request: HttpRequest, cohort: Cohort, membership: Membership, project_id: UUID
) -> HttpResponse:
    project = get_object_or_404(_projects(request, cohort), pk=project_id)
    hunches = list(project.hypotheses.all())
    return render(
        request,
        "measurement/project_detail.html",
        {
            "cohort": cohort,
            "project": project,
            "is_owner": project.owner_id == membership.pk,
            "membership": membership,
            "standing": next((h for h in hunches if h.closed_at is None), None),
            "earlier": [h for h in hunches if h.closed_at is not None],
        },
    )


@cohort_page
def project_restate(
    request: HttpRequest, cohort: Cohort, membership: Membership, project_id: UUID
) -> HttpResponse:
    project = get_object_or_404(_projects(request, cohort), pk=project_id)
    standing = hypotheses.current(project)
    form = RestateForm(
        request.POST or None,
        initial={
            name: getattr(standing, name, "") for name in ("if_we", "then", "because")
        },
    )
    if request.method == "POST" and form.is_valid():
        hypotheses.restate(
            project,
            by=membership,
            verdict=form.cleaned_data["verdict"],
            learned=form.cleaned_data["learned"],
            hypothesis=form.hypothesis(),
            signal=form.signal(),
        )
        return redirect("measurement:project_detail", cohort.slug, project.pk)
    return render(
        request,
        "measurement/project_restate.html",
        {"cohort": cohort, "project": project, "standing": standing, "form": form},
        status=422 if form.errors else 200,
    )


@cohort_page
def reading_new(
    request: HttpRequest, cohort: Cohort, membership: Membership, signal_id: UUID
) -> HttpResponse:
    signal = get_object_or_404(
        Signal.objects.visible_to(request.user).select_related("hypothesis__project"),
        cohort=cohort,
        pk=signal_id,
    )
    form = ReadingForm(request.POST or None, signal=signal)
    if request.method == "POST" and form.is_valid():
        hypotheses.read(
            signal,
            by=membership,
            value=form.cleaned_data["value"],
            out_of=form.cleaned_data.get("out_of"),
            on=form.cleaned_data["on"],
            note=form.cleaned_data["note"],
            client_key=form.key,
        )
        messages.success(request, _("Written down."))
        return redirect(
            "measurement:project_detail", cohort.slug, signal.hypothesis.project_id
        )
    return render(
        request,
        "measurement/reading_new.html",
        {"cohort": cohort, "signal": signal, "form": form},
        status=422 if form.errors else 200,
    )


@require_POST
@cohort_page
def reading_withdraw(
    request: HttpRequest, cohort: Cohort, membership: Membership, reading_id: UUID
) -> HttpResponse:
    reading = get_object_or_404(
        Reading.objects.visible_to(request.user).select_related(
            "signal__hypothesis__project"
        ),
        cohort=cohort,
        pk=reading_id,
    )
    hypotheses.withdraw_reading(reading, by=membership)
    messages.success(request, _("Taken back."))
    return redirect(
        "measurement:project_detail", cohort.slug, reading.signal.hypothesis.project_id
    )


@require_POST
@cohort_page
def project_share(
    request: HttpRequest, cohort: Cohort, membership: Membership, project_id: UUID
) -> HttpResponse:
    project = get_object_or_404(
        Project.objects.visible_to(request.user), cohort=cohort, pk=project_id
    )
    hypotheses.share(project, by=membership, shared="share" in request.POST)
    return redirect("measurement:project_detail", cohort.slug, project.pk)
