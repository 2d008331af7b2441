"""How reading goes, for the leads of a call: what is missing, how far reviewers
agree, and the order that their readings allow.

The only page that prints places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cohorts import handing_out, reckoning, reviewing, verdicts
from cohorts.access import lead_call_page
from cohorts.models import Application, Intake, Reckoned
from cohorts.reckoning import Place
from cohorts.severity import Band
from cohorts.views.calls import person_of
from people.models import User
from people.prepared import prepared

PAGE_SIZE = 50
APART = 1.5  # of a level: worth a talk between its readers
MOST_APART = 8


@lead_call_page
def review_progress(request: HttpRequest, intake: Intake) -> HttpResponse:
    person = person_of(request)
    progress = reviewing.progress(intake, by=person)
    reckoned = reckoning.latest(intake, by=person)
    read = sum(row[1] for row in progress.by_reviewer)
    return render(
        request,
        "cohorts/review_progress.html",
        {
            "intake": intake,
            "progress": progress,
            "missing": [
                (
                    ngettext("%(n)s reading", "%(n)s readings", readings)
                    % {"n": readings},
                    n,
                    f"{100 * n / max(1, progress.applications):.1f}",
                )
                for readings, n in sorted(progress.by_readings.items())
            ],
            "waiting": sum(row[2] for row in progress.by_reviewer),
            "read": read,
            "without_reader": handing_out.without_reader(intake, by=person)
            if intake.handed_out_at
            else 0,
            "since": read - reckoned.readings if reckoned else 0,
            **(_found(request, intake, reckoned, person) if reckoned else {}),
        },
    )


def _found(
    request: HttpRequest, intake: Intake, reckoned: Reckoned, person: User
) -> dict[str, Any]:
    """What the readings come to: agreement, who is read unlike, the order."""
    places: list[Any] = reckoned.places
    chosen = request.GET.get("band", "")
    bands = reckoning.banded(places, seats=intake.seats)
    shown = bands.get(chosen, places)
    last = max(1, -(-len(shown) // PAGE_SIZE))
    asked = request.GET.get("page", "")
    number = min(last, max(1, int(asked))) if asked.isdecimal() else 1
    rows = reckoning.places_of(
        reckoned, shown[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    )
    apart = sorted(places, key=reckoning.closeness)[:MOST_APART]
    unlike = [
        place for place in reckoning.places_of(reckoned, apart) if place.apart >= APART
    ]
    people = names_of(person, intake, [one.application for one in [*rows, *unlike]])
    facts = reckoned.facts
    return {
        "reckoned": reckoned,
        "agreement": verdicts.agreement(facts["alpha"]),
        "alpha": facts["alpha"],
        "criteria": [
            (
                criterion,
                facts["criteria"].get(str(criterion.pk)),
                verdicts.agreement_in_short(facts["criteria"].get(str(criterion.pk))),
            )
            for criterion in intake.rubric
        ],
        "severity": verdicts.severity(facts["variances"][1]),
        "unlike": [
            (one.application, *people[one.application], one.least, one.most)
            for one in unlike
            if one.application in people
        ],
        "lines": mark_safe(
            "\n".join(lines_of(intake, rows, people, of=len(places)))  # escaped there
        ),
        "band": chosen,
        "bands": [
            ("", _("all"), len(places)),
            *((key, _band(key), len(found)) for key, found in bands.items()),
        ],
        "number": number,
        "last": last,
        "before": number - 1,
        "after": number + 1,
    }


def _band(key: str) -> str:
    return {
        Band.ABOVE.value: _("clearly within the seats"),
        Band.OVERLAP.value: _("could be either"),
        Band.BELOW.value: _("clearly beyond the seats"),
    }[key]


TONES = {Band.ABOVE.value: "good", Band.OVERLAP.value: "wait", Band.BELOW.value: ""}

# One row of the order. Written here and not in the template: fifty times a dozen
# template variables would cost more than all the rest of the page.
ROW = """<tr><td>{}</td><td><span class="nowrap">{}</span> \
<svg class="bar" viewBox="0 0 100 9" \
preserveAspectRatio="none" aria-hidden="true"><rect class="f1" height="9" \
x="{:.1f}" width="{:.1f}"/></svg></td><th scope="row"><a href="{}"><bdi>{}</bdi></a> \
<span class="muted small">{}</span></th><td>{}</td><td>{:.2f}</td><td>{:.2f}</td>\
<td><span class="tag {}">{}</span></td></tr>"""


def lines_of(
    intake: Intake,
    rows: Sequence[Place],
    people: dict[UUID, tuple[str, str]],
    *,
    of: int,
) -> Iterator[str]:
    """The rows as HTML. Whatever a person typed goes through `escape`."""
    base = reverse("cohorts:application_list", args=[intake.slug])
    words = {band.value: escape(_band(band.value)) for band in Band}
    between = _("%(low)s to %(high)s")
    for one in rows:
        if one.application not in people:  # erased since it was worked out
            continue
        code, called = people[one.application]
        band = one.band(intake.seats)
        yield ROW.format(
            number_format(one.expected, 1),
            escape(between % {"low": one.low, "high": one.high}),
            100 * (one.low - 1) / of,
            max(0.8, 100 * (one.high - one.low + 1) / of),
            f"{base}{one.application}/",
            escape(called),
            code,
            one.readings,
            one.score,
            one.mean,
            TONES[band],
            words[band],
        )


def names_of(
    person: User, intake: Intake, keys: list[UUID]
) -> dict[UUID, tuple[str, str]]:
    """The code and the name of these applications, as far as they still stand."""
    if not keys:
        return {}
    # Always as many keys, so that the query is written once.
    filled = [*keys, *keys[:1] * (PAGE_SIZE + MOST_APART - len(keys))]
    return {key: (code, called) for key, code, called in _named(person, intake, filled)}


@prepared
def _named(person: User, intake: Intake, keys: list[UUID]) -> QuerySet[Any, Any]:
    return (
        Application.objects.visible_to(person)
        .filter(intake=intake, pk__in=keys)
        .values_list("pk", "code", "called")
    )


@require_POST
@lead_call_page
def review_reckon(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Work it out now, and not with the next round."""
    reckoning.work_out_now(intake, by=person_of(request), now=timezone.now())
    messages.success(request, _("Worked out from all readings that are in."))
    return redirect("cohorts:review_progress", intake.slug)
