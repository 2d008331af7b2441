"""Three made-up applications, scored by all before the real ones."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts import practising, verdicts
from cohorts.access import reviewer_call_page
from cohorts.forms.reading import PracticeForm
from cohorts.models import Criterion, Intake
from cohorts.practising import SAMPLES
from cohorts.views.calls import person_of


@reviewer_call_page
def practice(request: HttpRequest, intake: Intake) -> HttpResponse:
    """The three; and how the others scored them, when one's own are in."""
    person = person_of(request)
    mine = practising.mine(intake, by=person)
    compared = practising.compared(intake, by=person)
    return render(
        request,
        "cohorts/practice.html",
        {
            "intake": intake,
            "samples": [(n, title, n in mine) for n, (title, _text) in SAMPLES.items()],
            "next": next((n for n in SAMPLES if n not in mine), None),
            "compared": [
                (
                    SAMPLES[n][0],
                    [
                        (
                            one.criterion,
                            one.mine,
                            one.usual,
                            [one.given.get(level, 0) for level in Criterion.LEVELS],
                        )
                        for one in rows
                    ],
                )
                for n, rows in compared.items()
            ],
            "agreement": verdicts.agreement(practising.agreement(compared))
            if compared
            else "",
            "readers": max(
                (one.readers for rows in compared.values() for one in rows), default=0
            ),
        },
    )


@reviewer_call_page
def practice_sample(request: HttpRequest, intake: Intake, sample: int) -> HttpResponse:
    person = person_of(request)
    if sample not in SAMPLES:
        raise Http404
    mine = practising.mine(intake, by=person)
    given = mine[sample].levels if sample in mine else {}
    common: dict[str, Any] = {"criteria": intake.rubric, "given": given}
    if request.method == "POST":
        form = PracticeForm(request.POST, **common)
        if form.is_valid():
            practising.score(
                intake,
                sample=sample,
                levels=form.levels,
                by=person,
                now=timezone.now(),
            )
            following = next((n for n in SAMPLES if n not in {*mine, sample}), None)
            if following is None:
                messages.success(request, _("All three are in."))
                return redirect("cohorts:practice", intake.slug)
            return redirect("cohorts:practice_sample", intake.slug, following)
    else:
        form = PracticeForm(**common)
    title, paragraphs = SAMPLES[sample]
    return render(
        request,
        "cohorts/practice_sample.html",
        {
            "intake": intake,
            "sample": sample,
            "title": title,
            "paragraphs": paragraphs,
            "form": form,
            "is_whole": any(row.is_whole for row in mine.values()),
        },
        status=422 if form.is_bound else 200,
    )
