"""Applicants from a file, step by step."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cohorts import importing
from cohorts.access import lead_call_page
from cohorts.forms.imports import ForgetForm, MappingForm, ReadAgainForm, UploadForm
from cohorts.models import ImportBatch, ImportRow, Intake
from cohorts.spreadsheets import MIXED, NotATable, written
from cohorts.tasks import go_on_importing
from cohorts.views.calls import person_of
from cohorts.workbooks import letters_of
from people.tasks import knock

State = ImportBatch.State


@lead_call_page
def import_list(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Upload a file; and the imports there were."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                batch = importing.upload(
                    intake,
                    by=person_of(request),
                    filename=file.name,
                    raw=file.read(),
                    now=timezone.now(),
                )
            except NotATable as error:
                form.add_error("file", importing.why_not(error))
            else:
                return redirect("cohorts:import_columns", intake.slug, batch.pk)
    batches = (
        ImportBatch.objects.visible_to(request.user)
        .filter(intake=intake)
        .order_by("-uploaded_at", "pk")[:20]
    )
    return render(
        request,
        "cohorts/import_list.html",
        {"intake": intake, "form": form, "batches": batches},
        status=422 if form.is_bound else 200,
    )


def _batch_or_404(request: HttpRequest, intake: Intake, pk: UUID) -> ImportBatch:
    batch = get_object_or_404(
        ImportBatch.objects.visible_to(request.user), intake=intake, pk=pk
    )
    batch.intake = intake
    return batch


@lead_call_page
def import_columns(
    request: HttpRequest, intake: Intake, importbatch_id: UUID
) -> HttpResponse:
    """What each column is; saving it checks every line."""
    batch = _batch_or_404(request, intake, importbatch_id)
    if batch.state not in (State.UPLOADED, State.CHECKED):
        return redirect("cohorts:import_show", intake.slug, batch.pk)
    form = MappingForm(
        request.POST or None, batch=batch, examples=_examples(request, batch)
    )
    if request.method == "POST" and form.is_valid():
        importing.say_what_columns_are(
            batch, by=person_of(request), mapping=form.mapping
        )
        return redirect("cohorts:import_show", intake.slug, batch.pk)
    return _columns_page(request, intake, batch, form)


def _columns_page(
    request: HttpRequest,
    intake: Intake,
    batch: ImportBatch,
    form: MappingForm,
    again: ReadAgainForm | None = None,
) -> HttpResponse:
    is_workbook = batch.encoding == "xlsx"
    return render(
        request,
        "cohorts/import_columns.html",
        {
            "intake": intake,
            "batch": batch,
            "form": form,
            "is_workbook": is_workbook,
            "again": (again or ReadAgainForm(batch=batch))
            if not is_workbook or len(batch.sheets) > 1
            else None,
            "is_mixed": batch.encoding == MIXED,
            "remembered": batch.mapping.get("from", ""),
        },
        status=422 if form.is_bound or again else 200,
    )


@require_POST
@lead_call_page
def import_read(
    request: HttpRequest, intake: Intake, importbatch_id: UUID
) -> HttpResponse:
    """Read the file once more: another sheet, or other letters."""
    batch = _batch_or_404(request, intake, importbatch_id)
    form = ReadAgainForm(request.POST, batch=batch)
    if form.is_valid():
        try:
            importing.read_again(batch, by=person_of(request), **form.cleaned_data)
        except NotATable as error:
            form.add_error(None, importing.why_not(error))
        else:
            return redirect("cohorts:import_columns", intake.slug, batch.pk)
    mapping = MappingForm(batch=batch, examples=_examples(request, batch))
    return _columns_page(request, intake, batch, mapping, form)


def _examples(request: HttpRequest, batch: ImportBatch) -> list[list[str]]:
    return list(
        ImportRow.objects.visible_to(request.user)
        .filter(batch=batch)
        .order_by("number")
        .values_list("cells", flat=True)[:40]
    )


def _heading(batch: ImportBatch, column: int | None) -> str:
    there = column is not None and column < len(batch.headers)
    return batch.headers[column] if there and column is not None else ""


def _named(batch: ImportBatch, column: int | None) -> str:
    """As the spreadsheet names it, and as its heading says."""
    if column is None:
        return ""
    return f"{letters_of(column)} {_heading(batch, column)}".strip()


@lead_call_page
def import_show(
    request: HttpRequest, intake: Intake, importbatch_id: UUID
) -> HttpResponse:
    """A look at what will happen, how far it is, or what it became."""
    batch = _batch_or_404(request, intake, importbatch_id)
    if batch.state == State.UPLOADED:
        return redirect("cohorts:import_columns", intake.slug, batch.pk)
    rows = ImportRow.objects.visible_to(request.user).filter(batch=batch)
    columns = {int(n): t for n, t in batch.mapping.items() if n.isdecimal()}
    with_problems = rows.exclude(problems=[]).order_by("number")
    page = Paginator(with_problems, 50).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.said = [  # type: ignore[attr-defined]
            (
                _named(batch, column),
                sentence,
                row.cells[column][:80]
                if column is not None and column < len(row.cells)
                else "",
            )
            for column, sentence in row.problems
        ]
    sample = list(rows.filter(verdict=ImportRow.Verdict.GOOD).order_by("number")[:10])
    shown = sorted(columns)
    return render(
        request,
        "cohorts/import_show.html" + ("#progress" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "intake": intake,
            "batch": batch,
            "is_checked": batch.state == State.CHECKED,
            "is_running": batch.state == State.IMPORTING,
            "is_done": batch.state == State.IMPORTED,
            "unasked": importing.consents_missing(batch)
            if batch.state == State.CHECKED
            else [],
            "left_out": batch.rows_in_all - batch.rows_good,
            "page": page,
            "headings": [batch.headers[n] for n in shown if n < len(batch.headers)],
            "sample": [
                (
                    row.number,
                    [row.cells[n] if n < len(row.cells) else "" for n in shown],
                )
                for row in sample
                if row.cells
            ],
        },
    )


@lead_call_page
def import_problems(
    request: HttpRequest, intake: Intake, importbatch_id: UUID
) -> HttpResponse:
    """What to look at, as a table to mend the file by."""
    batch = _batch_or_404(request, intake, importbatch_id)
    rows = (
        ImportRow.objects.visible_to(request.user)
        .filter(batch=batch)
        .exclude(problems=[])
        .order_by("number")
    )
    is_in = _("comes in"), _("left out")
    lines = (
        (
            row.number,
            letters_of(column) if column is not None else "",
            _heading(batch, column),
            is_in[row.verdict != ImportRow.Verdict.GOOD],
            sentence,
            row.cells[column] if column is not None and column < len(row.cells) else "",
        )
        for row in rows
        for column, sentence in row.problems
    )
    headings = (
        _("line"),
        _("column"),
        _("heading"),
        _("what happens"),
        _("why"),
        _("what stands there"),
    )
    response = HttpResponse(
        written(headings, lines), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = (
        f'attachment; filename="{intake.slug}-to-mend.csv"'
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@lead_call_page
def import_confirm(
    request: HttpRequest, intake: Intake, importbatch_id: UUID
) -> HttpResponse:
    """Confirm, or go on with what was confirmed and rested."""
    batch = _batch_or_404(request, intake, importbatch_id)
    now = timezone.now()
    if batch.state == State.IMPORTING:
        batch = importing.go_on(batch, now=now)
    else:
        batch = importing.confirm(batch, by=person_of(request), now=now)
    if batch.state == State.IMPORTING:
        transaction.on_commit(lambda: knock(go_on_importing, str(batch.pk)))
    else:
        messages.success(
            request,
            ngettext(
                "%(n)s application is in.",
                "%(n)s applications are in.",
                batch.rows_good,
            )
            % {"n": batch.rows_good},
        )
    return redirect("cohorts:import_show", intake.slug, batch.pk)


@lead_call_page
def import_undo(
    request: HttpRequest, intake: Intake, importbatch_id: UUID
) -> HttpResponse:
    """Take an import back, or forget a file that was not confirmed."""
    batch = _batch_or_404(request, intake, importbatch_id)
    confirmed = batch.state in (State.IMPORTING, State.IMPORTED)
    form = None
    if not confirmed:
        form = ForgetForm(
            request.POST or None, is_remembered=importing.is_remembered(batch)
        )
    if request.method == "POST":
        pressed_twice = batch.state == State.UNDONE and "forget" not in request.POST
        if confirmed or pressed_twice or form is None or not form.is_valid():
            importing.undo(batch, by=person_of(request))
            messages.success(request, _("The import is taken back."))
        else:
            importing.throw_away(
                batch,
                by=person_of(request),
                headings=form.cleaned_data.get("headings", False),
            )
            messages.success(
                request,
                _("The file is forgotten, and what you said of its columns."),
            )
        return redirect("cohorts:import_list", intake.slug)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Take this import back?")
            if confirmed
            else _("Forget this file?"),
            "consequence": _("All applications it brought are deleted.")
            if confirmed
            else _(
                "Nobody stays in the call from it. What you said of its columns is "
                "forgotten, too."
            ),
            "action": _("Take it back") if confirmed else _("Forget it"),
            "back": f"/f/calls/{intake.slug}/import/{batch.pk}/",
            "stop": confirmed,
            "form": form,
        },
    )
