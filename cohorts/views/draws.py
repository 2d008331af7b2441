"""How seats are given, told to everyone; and the draw, for anybody to check."""

from __future__ import annotations

import shlex

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from cohorts import drawing, quotas
from cohorts.models import DrawRecord, Intake
from cohorts.views.apply import about_call, call_or_404
from people.access import public

# What anybody may run, without us; never imported, for it runs at once.
SCRIPT = settings.BASE_DIR / "cohorts" / "recompute_draw.py"
CHECKED = "a draw is published so that anybody can check it"


def _record_or_404(intake: Intake) -> DrawRecord:
    published = quotas.draws_of(intake).first()
    if published is None:
        raise Http404
    return published


@never_cache
@public(why=CHECKED)
def draw_show(request: HttpRequest, intake_slug: str) -> HttpResponse:
    """What was published, and once the value is known what follows from it."""
    intake = call_or_404(intake_slug)
    published = _record_or_404(intake)
    return render(
        request,
        "cohorts/draw_show.html",
        {
            **about_call(request, intake, now=timezone.now()),
            "record": published,
            "earlier": quotas.draws_of(intake)
            .exclude(pk=published.pk)
            .defer("text", "quotas"),
            # A value may hold signs that a shell would act on.
            "command": shlex.join(
                [
                    "python3",
                    SCRIPT.name,
                    f"{intake.slug}.json",
                    published.fingerprint,
                    published.value or "…",
                ]
            ),
            # Counted anew from record and value, each time somebody looks.
            "drawn": drawing.outcome_of(published) if published.value else None,
            "quotas": [
                (
                    quotas.named(one["trait"], one["value"]),
                    quotas.bounds(one["least"], one["most"], seats=one["of"]),
                    one["why"],
                )
                for one in published.quotas
            ],
        },
    )


def _file(body: bytes, *, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@never_cache
@public(why=CHECKED)
def draw_record(request: HttpRequest, intake_slug: str) -> HttpResponse:
    """The record, byte for byte what the fingerprint was taken of."""
    published = _record_or_404(call_or_404(intake_slug))
    return _file(
        drawing.bytes_of(published),
        name=f"{intake_slug}.json",
        kind="application/json",
    )


@public(why=CHECKED)
def draw_script(request: HttpRequest, intake_slug: str) -> HttpResponse:
    call_or_404(intake_slug)
    return _file(
        SCRIPT.read_bytes(), name=SCRIPT.name, kind="text/x-python; charset=utf-8"
    )
