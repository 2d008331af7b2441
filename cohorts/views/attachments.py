"""Answers by voice or file, and what is added to an application afterwards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from cohorts import afterwards, applying, attachments
from cohorts.access import lead_call_page, reader
from cohorts.models import Answer, AnswerFile, Application, Intake, Question
from cohorts.views.apply import ANYONE, about_call, actor_of, call_or_404
from people.access import public
from people.refusal import Refused


def handed_out(upload: Any, *, name: str) -> HttpResponse:
    """The file to be kept, never to be shown: what people send runs nowhere here."""
    if not upload.file:
        raise Http404
    try:
        with upload.file.open("rb") as opened:
            response = HttpResponse(opened.read(), content_type=upload.mime)
    except FileNotFoundError as gone:
        raise Http404 from gone
    response.headers["Content-Disposition"] = (
        content_disposition_header(True, f"{name}{upload.suffix}") or "attachment"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store, private"
    return response


@never_cache
@public(why=ANYONE)
def apply_file(
    request: HttpRequest, intake_slug: str, question_id: UUID
) -> HttpResponse:
    """One's own recording or file, of a draft or of what was sent."""
    intake = call_or_404(intake_slug)
    actor = actor_of(request, intake)
    draft = applying.draft_of(intake, actor)
    upload: Any = attachments.of_draft(draft).get(question_id)
    if upload is None:
        application = applying.application_of(intake, actor)
        upload = application and (
            AnswerFile.objects.unsealed("held by the applicant's own browser")
            .filter(application=application, question=question_id)
            .first()
        )
    if upload is None:
        raise Http404
    return handed_out(upload, name=intake.slug)


# --- Leads --------------------------------------------------------------------


def _upload_or_404(request: HttpRequest, intake: Intake, key: UUID) -> AnswerFile:
    return get_object_or_404(
        AnswerFile.objects.visible_to(request.user).select_related(
            "application", "question", "program"
        ),
        application__intake=intake,
        pk=key,
    )


@lead_call_page
def answer_file(
    request: HttpRequest, intake: Intake, answerfile_id: UUID
) -> HttpResponse:
    upload = _upload_or_404(request, intake, answerfile_id)
    return handed_out(upload, name=f"{upload.application.code}")


class WordsForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("What it says"),
        max_length=afterwards.LONGEST,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy(
            "In the language it was said in. Names are hidden from reviewers as in "
            "every other answer."
        ),
    )


@lead_call_page
def answer_words(
    request: HttpRequest, intake: Intake, answerfile_id: UUID
) -> HttpResponse:
    """Write down what a recording or a file says, for those who read without a name."""
    upload = _upload_or_404(request, intake, answerfile_id)
    stands = (
        Answer.objects.visible_to(request.user)
        .filter(application=upload.application, question=upload.question)
        .first()
    )
    words = stands.text if stands and upload.written_down_at else ""
    form = WordsForm(request.POST or None, initial={"words": words})
    if request.method == "POST" and form.is_valid():
        afterwards.write_down(
            upload,
            by=reader(request),
            words=form.cleaned_data["words"],
            now=timezone.now(),
        )
        messages.success(request, _("Reviewers read these words now."))
        return redirect("cohorts:application_show", intake.slug, upload.application_id)
    return render(
        request,
        "cohorts/answer_words.html",
        {"form": form, "intake": intake, "upload": upload},
        status=422 if form.is_bound else 200,
    )


# --- The applicant, afterwards ------------------------------------------------


class AddForm(forms.Form):
    question = forms.ModelChoiceField(
        label=gettext_lazy("To which answer?"),
        queryset=Question.objects.none(),
        empty_label=None,
    )
    text = forms.CharField(
        label=gettext_lazy("What you would like to add"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, intake: Intake, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = (Question.Kind.SHORT, Question.Kind.LONG)
        asked = [q for q in intake.questions.all() if q.kind in kinds]
        choose = self.fields["question"]
        assert isinstance(choose, forms.ModelChoiceField)
        choose.queryset = Question.objects.filter(pk__in=[q.pk for q in asked])
        labels = {q.pk: q.label for q in asked}
        choose.label_from_instance = lambda q: labels[q.pk]  # type: ignore[method-assign, assignment]


@never_cache
@public(why=ANYONE)
def apply_add(request: HttpRequest, intake_slug: str) -> HttpResponse:
    """Add to an answer after it was sent, until the decision is told."""
    intake = call_or_404(intake_slug)
    actor = actor_of(request, intake)
    application: Application | None = applying.application_of(intake, actor)
    if application is None:
        return redirect("cohorts:call_show", intake.slug)
    if not afterwards.may_be_added_to(application):
        return redirect("cohorts:apply_status", intake.slug)
    form = AddForm(request.POST or None, intake=intake)
    if request.method == "POST" and form.is_valid():
        try:
            afterwards.add_to_answer(
                application,
                by=actor,
                question=form.cleaned_data["question"],
                text=form.cleaned_data["text"],
                now=timezone.now(),
            )
        except Refused as why:
            form.add_error("text", str(why))
        else:
            messages.success(request, _("Added. Whoever reads it sees what is new."))
            return redirect("cohorts:apply_status", intake.slug)
    return render(
        request,
        "cohorts/apply_add.html",
        {**about_call(request, intake, now=timezone.now()), "form": form},
        status=422 if form.is_bound else 200,
    )
