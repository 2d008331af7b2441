"""Calls, as their leads make them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cohorts import attachments, calls, reviewing, telling, translating
from cohorts.access import lead_call_page, reviewer_call_page
from cohorts.forms.apply import PAGES, PageForm, UploadField
from cohorts.forms.calls import (
    PART_FORMS,
    CallForm,
    CopyForm,
    NewCallForm,
    PhasesForm,
    TextsForm,
    initial_of,
    values_of,
)
from cohorts.models import (
    Application,
    Appointment,
    Criterion,
    Intake,
    IntakePhase,
    Permit,
    Question,
    Trait,
)
from cohorts.places import places_for
from cohorts.views.apply import about_call
from people.access import signed_in
from people.models import User
from people.refusal import Refused

PARTS: dict[str, tuple[type[Any], Any]] = {
    "questions": (Question, gettext_lazy("question")),
    "traits": (Trait, gettext_lazy("trait")),
    "criteria": (Criterion, gettext_lazy("criterion")),
}


def person_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@signed_in
def call_list(request: HttpRequest) -> HttpResponse:
    """The calls of the programs one leads or reads for."""
    places = places_for(request)
    leads, reviews = places.leads, places.reviews
    if not leads and not reviews:
        raise Http404
    lead_of = {program.pk for program in leads}
    intakes = list(
        Intake.objects.filter(program__in=[*leads, *reviews])
        .select_related("program")
        .prefetch_related("phases")
        .order_by("-created_at", "pk")[:200]
    )
    counts = dict(
        Application.objects.visible_to(request.user)
        .submitted()
        .filter(intake__in=[i for i in intakes if i.program_id in lead_of])
        .values_list("intake")
        .annotate(n=Count("pk"))
    )
    now = timezone.now()
    settled = reviewing.all_settled(intakes)
    return render(
        request,
        "cohorts/call_list.html",
        {
            "calls": [
                {
                    "intake": intake,
                    "is_lead": intake.program_id in lead_of,
                    "applications": counts.get(intake.pk, 0),
                    "apply": intake.phase(IntakePhase.Kind.APPLY),
                    "is_open": intake.takes_applications(now=now),
                    "reading": None
                    if intake.pk in settled
                    else intake.phase_on(Permit.REVIEW, now=now),
                }
                for intake in intakes
            ],
            "now": now,
            "may_begin": bool(leads),
        },
    )


@signed_in
def call_new(request: HttpRequest) -> HttpResponse:
    programs = places_for(request).leads
    if not programs:
        raise Http404
    form = NewCallForm(request.POST or None, programs=programs)
    if request.method == "POST" and form.is_valid():
        values = {n: v for n, v in form.cleaned_data.items() if n != "client_key"}
        intake = calls.begin(
            values.pop("program"), by=person_of(request), client_key=form.key, **values
        )
        return redirect("cohorts:call_setup", intake.slug)
    status = 422 if form.is_bound else 200
    return render(request, "cohorts/call_form.html", {"form": form}, status=status)


@lead_call_page
def call_copy(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Begin another call with what this one is made of."""
    form = CopyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = calls.begin_like(
            intake,
            by=person_of(request),
            name=form.cleaned_data["name"],
            opens_on=form.cleaned_data["opens_on"],
            client_key=form.key,
        )
        messages.success(
            request, _("The new call is here. Nobody sees it before you publish it.")
        )
        return redirect("cohorts:call_setup", made.slug)
    return render(
        request,
        "cohorts/call_copy.html",
        {"form": form, "intake": intake},
        status=422 if form.is_bound else 200,
    )


@lead_call_page
def call_texts(request: HttpRequest, intake: Intake, tongue: str) -> HttpResponse:
    """The call's own texts in another of its languages."""
    if tongue not in translating.SPOKEN or tongue == intake.own_language:
        raise Http404
    stands = translating.texts_in(intake, tongue)
    form = TextsForm(request.POST or None, current=stands, intake=intake)
    if request.method == "POST" and form.is_valid():
        texts = {key: form.cleaned_data[key] for key in form.texts}
        translating.translate(
            intake, by=person_of(request), language=tongue, texts=texts
        )
        messages.success(request, _("Saved."))
        return redirect("cohorts:call_setup", intake.slug)
    return render(
        request,
        "cohorts/call_texts.html",
        {"form": form, "intake": intake, "tongue": tongue},
        status=422 if form.is_bound else 200,
    )


@lead_call_page
def call_how_told(request: HttpRequest, intake: Intake) -> HttpResponse:
    """How selection works, as applicants will read it."""
    return render(
        request,
        "cohorts/call_how.html",
        {
            "intake": intake,
            "program": intake.program,
            "parts": telling.told(translating.spoken(intake)),
            "is_preview": True,
        },
    )


@lead_call_page
def call_setup(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Everything a call is made of, with a way to change each."""
    now = timezone.now()
    return render(
        request,
        "cohorts/call_setup.html",
        {
            **about_call(request, intake, now=now),
            "questions": intake.questions.order_by("position", "pk"),
            "traits": intake.traits.order_by("position", "pk"),
            "rubric": intake.criteria.order_by("position", "pk"),
            "is_scored": calls.is_scored(intake),
            "tongues": translating.progress(intake),
            "missing": calls.missing(intake),
        },
    )


@lead_call_page
def call_change(request: HttpRequest, intake: Intake) -> HttpResponse:
    form = CallForm(
        request.POST or None, current=intake, initial=initial_of(intake, CallForm)
    )
    if request.method == "POST" and form.is_valid():
        values = {n: v for n, v in form.cleaned_data.items() if n != "edition"}
        calls.change(intake, by=person_of(request), **values)
        messages.success(request, _("Saved."))
        return redirect("cohorts:call_setup", intake.slug)
    status = 422 if form.is_bound else 200
    return render(
        request,
        "cohorts/call_form.html",
        {"form": form, "intake": intake},
        status=status,
    )


@lead_call_page
def call_phases(request: HttpRequest, intake: Intake) -> HttpResponse:
    form = PhasesForm(request.POST or None, intake=intake)
    if request.method == "POST" and form.is_valid():
        calls.set_phases(
            intake, by=person_of(request), phases=form.phases, permits=form.permits
        )
        messages.success(request, _("Saved."))
        return redirect("cohorts:call_setup", intake.slug)
    status = 422 if form.is_bound else 200
    return render(
        request,
        "cohorts/call_phases.html",
        {"form": form, "intake": intake},
        status=status,
    )


def _kind_or_404(parts: str) -> tuple[type[Any], Any]:
    if parts not in PARTS:
        raise Http404
    return PARTS[parts]


@lead_call_page
def part_new(request: HttpRequest, intake: Intake, parts: str) -> HttpResponse:
    kind, word = _kind_or_404(parts)
    calls.refuse_if_fixed(intake, kind)
    form = PART_FORMS[kind](request.POST or None)
    if request.method == "POST" and form.is_valid():
        calls.add(kind, intake, by=person_of(request), **values_of(form))
        return redirect("cohorts:call_setup", intake.slug)
    return _part_shown(
        request, intake, form, parts, _("Add a %(part)s") % {"part": word}
    )


@lead_call_page
def part_change(
    request: HttpRequest, intake: Intake, parts: str, part_id: Any
) -> HttpResponse:
    kind, word = _kind_or_404(parts)
    part = get_object_or_404(kind, intake=intake, pk=part_id)
    part.intake = intake
    calls.refuse_if_fixed(intake, kind)
    form_kind = PART_FORMS[kind]
    form = form_kind(
        request.POST or None, current=part, initial=initial_of(part, form_kind)
    )
    if request.method == "POST" and form.is_valid():
        calls.change_part(part, by=person_of(request), **values_of(form))
        return redirect("cohorts:call_setup", intake.slug)
    return _part_shown(
        request, intake, form, parts, _("Change this %(part)s") % {"part": word}
    )


def _part_shown(
    request: HttpRequest, intake: Intake, form: Any, parts: str, title: str
) -> HttpResponse:
    return render(
        request,
        "cohorts/part_form.html",
        {"form": form, "intake": intake, "title": title, "parts": parts},
        status=422 if form.is_bound else 200,
    )


@require_POST
@lead_call_page
def part_move(
    request: HttpRequest, intake: Intake, parts: str, part_id: Any
) -> HttpResponse:
    kind, _word = _kind_or_404(parts)
    part = get_object_or_404(kind, intake=intake, pk=part_id)
    part.intake = intake
    calls.move(part, by=person_of(request), up=request.POST.get("way") == "up")
    response = redirect("cohorts:call_setup", intake.slug)
    response["Location"] += f"#part-{part.pk}"
    return response


@lead_call_page
def part_remove(
    request: HttpRequest, intake: Intake, parts: str, part_id: Any
) -> HttpResponse:
    kind, word = _kind_or_404(parts)
    part = get_object_or_404(kind, intake=intake, pk=part_id)
    part.intake = intake
    if request.method == "POST":
        calls.remove(part, by=person_of(request))
        return redirect("cohorts:call_setup", intake.slug)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Remove this %(part)s?") % {"part": word},
            "consequence": getattr(part, "label", "") or getattr(part, "name", ""),
            "action": _("Remove"),
            "back": f"/f/calls/{intake.slug}/setup/",
        },
    )


@lead_call_page
def call_preview(request: HttpRequest, intake: Intake, page: int) -> HttpResponse:
    """The pages as an applicant meets them, to be tried out; nothing is kept."""
    if page not in PAGES:
        raise Http404
    intake = translating.spoken(intake)
    form = PAGES[page](intake=intake)
    if request.method == "POST":
        tried = _tried(request, intake, page)
        if "stay" in request.POST:
            form.initial = tried.typed
        elif not tried.is_valid():
            form = tried
        elif page < max(PAGES):
            return redirect("cohorts:call_preview", intake.slug, page + 1)
        else:
            messages.success(
                request,
                _(
                    "That was the last page. Applicants look through all of it, then "
                    "they send it. Nothing of what you tried was kept."
                ),
            )
            return redirect("cohorts:call_setup", intake.slug)
    return render(
        request,
        "cohorts/apply_page.html",
        {
            **about_call(request, intake, now=timezone.now()),
            "form": form,
            "pages": sorted(PAGES),
            "is_preview": True,
        },
        status=422 if form.is_bound else 200,
    )


def _tried(request: HttpRequest, intake: Intake, page: int) -> PageForm:
    """What a lead typed on a page, judged as an applicant's would be."""
    taken, refused = {}, {}
    for question in intake.questions.all():
        upload = request.FILES.get(f"f_{question.pk.hex}")
        if upload is None or not question.takes_upload:
            continue
        try:
            attachments.judged(question, upload)
        except Refused as why:
            refused[f"f_{question.pk.hex}"] = str(why)
        else:
            taken[question.pk] = upload
    form = PAGES[page](request.POST, intake=intake, kept=taken)
    form.is_valid()
    for name, sentence in refused.items():
        form.add_error(name, sentence)
    for field in form.fields.values():
        # Not kept, so the page does not say that it is.
        if isinstance(field, UploadField):
            field.kept = None
    return form


@lead_call_page
def call_publish(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Publish, or take back what nobody has answered yet."""
    take_back = intake.published_at is not None
    if request.method == "POST":
        if take_back:
            calls.take_back(intake, by=person_of(request))
            messages.success(request, _("The call is no longer public."))
        else:
            calls.publish(intake, by=person_of(request), now=timezone.now())
            messages.success(request, _("The call is public."))
        return redirect("cohorts:call_setup", intake.slug)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Take this call back?")
            if take_back
            else _("Publish this call?"),
            "consequence": _("From then on nobody can see it or apply.")
            if take_back
            else _(
                "Everyone can read it and apply in its time. With the first "
                "application its questions stay as they are."
            ),
            "action": _("Take it back") if take_back else _("Publish"),
            "back": f"/f/calls/{intake.slug}/setup/",
        },
    )


@reviewer_call_page
def call_home(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Leads come to the applications, reviewers to their readings."""
    if Appointment.Role.LEAD in request.roles:  # type: ignore[attr-defined]
        return redirect("cohorts:application_list", intake.slug)
    return redirect("cohorts:review_queue", intake.slug)
