"""Applications as a table for a spreadsheet: what the list shows, and no more.

Sensitive answers and traits stay out unless a lead asks for them and says why; that
is kept, for every lead of the program to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts import disclosing, spreadsheets, workbooks
from cohorts.access import lead_call_page
from cohorts.forms.exports import ExportForm
from cohorts.models import (
    Answer,
    Application,
    Disclosure,
    Intake,
    Question,
    Trait,
    TraitAnswer,
)
from cohorts.views.applications import (
    COLUMNS,
    chosen,
    sorted_for,
    standings,
    tag_of,
    words_of_states,
)
from cohorts.views.calls import person_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@lead_call_page
def application_export(request: HttpRequest, intake: Intake) -> HttpResponse:
    """What the list shows, with the answers that are not sensitive, as CSV."""
    return _file(request, intake, _ordered(request, intake), kind="csv")


@lead_call_page
def application_take(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Choose what goes into the table; what is sensitive asks for a reason."""
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        ordered = _ordered(request, intake)
        if said["traits"] or said["sensitive"]:
            disclosing.disclose(
                intake,
                by=person_of(request),
                reason=said["reason"],
                traits=said["traits"],
                sensitive=said["sensitive"],
                people=len(ordered),
                now=timezone.now(),
            )
        return _file(
            request,
            intake,
            ordered,
            kind=said["kind"],
            with_sensitive=said["sensitive"],
            with_traits=said["traits"],
        )
    return render(
        request,
        "cohorts/application_take.html",
        {
            "intake": intake,
            "form": form,
            "n": len(_ordered(request, intake)),
            "former": Disclosure.objects.visible_to(request.user)
            .filter(intake=intake)
            .select_related("taken_by")
            .order_by("-taken_at", "-pk")[:20],
        },
        status=422 if form.is_bound else 200,
    )


def _ordered(request: HttpRequest, intake: Intake) -> list[UUID]:
    rows, keys = sorted_for(chosen(request, intake), request)
    # By the same names as the list, so that both come in the same order.
    return [
        row["application_id"]
        for row in rows.values("application_id", **COLUMNS).order_by(*keys)
    ]


def _file(
    request: HttpRequest,
    intake: Intake,
    ordered: list[UUID],
    *,
    kind: str,
    with_sensitive: bool = False,
    with_traits: bool = False,
) -> HttpResponse:
    questions = [
        q
        for q in intake.questions.order_by("position", "pk")
        if with_sensitive or not q.sensitive
    ]
    traits = list(intake.traits.order_by("position", "pk")) if with_traits else []
    headings = [
        _("code"),
        _("name"),
        _("mail"),
        _("organisation"),
        _("languages"),
        _("time zone"),
        _("hours a month"),
        _("offers"),
        _("needs"),
        _("ties"),
        _("sent"),
        _("state"),
        _("readings"),
        _("score without severity"),
        _("surely from"),
        _("surely to"),
        _("score as given"),
        *(q.label for q in questions),
        *(t.label for t in traits),
    ]
    lines: Iterable[list[object]] = (
        line
        for start in range(0, len(ordered), 500)
        for line in _lines(
            request, intake, ordered[start : start + 500], questions, traits
        )
    )
    content: str | bytes
    if kind == "xlsx":
        content, spoken = workbooks.written(intake.name, headings, lines), XLSX
    else:
        content, spoken = (
            spreadsheets.written(headings, lines),
            "text/csv; charset=utf-8",
        )
    response = HttpResponse(content, content_type=spoken)
    response["Content-Disposition"] = f'attachment; filename="{intake.slug}.{kind}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _lines(
    request: HttpRequest,
    intake: Intake,
    keys: list[UUID],
    questions: list[Question],
    traits: list[Trait],
) -> Iterator[list[object]]:
    viewer = request.user
    words = {key: str(word) for key, (word, _tone) in words_of_states().items()}
    people = Application.objects.visible_to(viewer).in_bulk(keys)
    stands = {
        s.application_id: s
        for s in standings(request, intake).filter(application__in=keys)
    }
    answers: dict[Any, dict[Any, str]] = {}
    for answer in Answer.objects.visible_to(viewer).filter(
        application__in=keys, question__in=questions
    ):
        answers.setdefault(answer.application_id, {})[answer.question_id] = answer.shown
    values: dict[Any, dict[Any, list[str]]] = {}
    if traits:
        for said in TraitAnswer.objects.visible_to(viewer).filter(application__in=keys):
            values.setdefault(said.application_id, {}).setdefault(
                said.trait_id, []
            ).append(said.value)
    for key in keys:
        one = people.get(key)
        if one is None:
            continue
        stand = stands.get(key)
        row = {"state": one.state, "reply": one.reply, "outcome": one.outcome}
        yield [
            one.code,
            one.called,
            one.email,
            one.organisation,
            "; ".join(one.languages),
            one.timezone,
            one.hours_per_month,
            "; ".join(one.offers),
            "; ".join(one.needs),
            "; ".join(one.ties),
            one.submitted_at.isoformat(timespec="minutes"),
            words[tag_of(row, stand.pending if stand else "")],
            stand.readings if stand else 0,
            *(
                (stand.corrected, stand.surely_from, stand.surely_to, stand.score)
                if stand
                else (None,) * 4
            ),
            *(answers.get(key, {}).get(q.pk, "") for q in questions),
            *("; ".join(values.get(key, {}).get(t.pk, [])) for t in traits),
        ]
