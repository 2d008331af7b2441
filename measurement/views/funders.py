"""What funders read: released figures, and nothing else.

Members of the program see these very pages. All of it runs as the database role
`funder` (measurement.access), and this module may import no cohort's rows.
"""

from __future__ import annotations

import csv
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from measurement import wording
from measurement.access import evidence_page, shared_page
from measurement.models import Figure, Release
from people.fragments import kept
from people.prepared import prepared


@prepared
def _releases(program_id: UUID) -> QuerySet[Release]:
    return Release.objects.standing().filter(program_id=program_id).order_by("-number")


def _page(
    request: HttpRequest,
    program_id: UUID,
    addresses: dict[str, str],
    releases_url: str = "",
) -> HttpResponse:
    releases = _releases(program_id)
    release = _chosen(request, releases)
    return render(
        request,
        "measurement/evidence.html",
        {
            "release": release,
            "releases": releases,
            "figures": _shown(release) if release else "",
            "addresses": addresses,
            "releases_url": releases_url,
        },
    )


def _shown(release: Release) -> SafeString:
    """The figures, written once: a release is never edited, and all read the same.

    Whether it still stands is asked each time before.
    """
    return kept(("release", release.pk), lambda: _written(release))


def _written(release: Release) -> SafeString:
    tables = wording.tables(_figures(release))
    template = get_template("measurement/_released.html")
    return SafeString(template.render({"release": release, "tables": tables}))


def _chosen(request: HttpRequest, releases: list[Release]) -> Release | None:
    asked = request.GET.get("release", "")
    if asked:
        for release in releases:
            if str(release.number) == asked:
                return release
        raise Http404
    return releases[0] if releases else None


@prepared
def _figures(release: Release) -> QuerySet[Figure]:
    return Figure.objects.filter(release=release).order_by("table", "position")


def _csv(request: HttpRequest, program_id: UUID) -> HttpResponse:
    release = _chosen(request, _releases(program_id))
    if release is None:
        raise Http404
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="{release.program_slug}-{release.number}.csv"'
    )
    response.write("\ufeff")  # so that spreadsheets read the accents
    out = csv.writer(response)
    out.writerow(
        [_("table"), _("row"), _("column"), _("number"), _("out of"), _("why hidden")]
    )
    for table in wording.tables(_figures(release)):
        for row in table.rows:
            for cell in row.cells:
                out.writerow(
                    [
                        wording.safe_cell(str(text))
                        for text in (
                            table.title,
                            row.label,
                            cell.column,
                            cell.number,
                            cell.out_of,
                            cell.why,
                        )
                    ]
                )
    return response


def _json(request: HttpRequest, program_id: UUID) -> HttpResponse:
    release = _chosen(request, _releases(program_id))
    if release is None:
        raise Http404
    return JsonResponse(
        {
            "program": release.program_name,
            "release": release.number,
            "from": release.period_from.isoformat(),
            "to": release.period_to.isoformat(),
            "threshold": release.threshold,
            "rounding": release.rounding,
            "unknowns": release.unknowns.splitlines(),
            "tables": [table.as_data() for table in wording.tables(_figures(release))],
        },
        json_dumps_params={"ensure_ascii": False},
    )


def _method(request: HttpRequest, program_id: UUID, back: str) -> HttpResponse:
    release = _chosen(request, _releases(program_id))
    return render(
        request, "measurement/method.html", {"release": release, "back": back}
    )


@evidence_page
def evidence(request: HttpRequest, program_id: UUID) -> HttpResponse:
    slug = request.resolver_match.kwargs["program_slug"]  # type: ignore[union-attr]
    return _page(
        request,
        program_id,
        {
            name: reverse(f"measurement:evidence_{name}", args=[slug])
            for name in ("csv", "json", "method")
        },
        releases_url=reverse("measurement:release_list", args=[slug])
        if request.leads_it  # type: ignore[attr-defined]
        else "",
    )


@evidence_page
def evidence_csv(request: HttpRequest, program_id: UUID) -> HttpResponse:
    return _csv(request, program_id)


@evidence_page
def evidence_json(request: HttpRequest, program_id: UUID) -> HttpResponse:
    return _json(request, program_id)


@evidence_page
def evidence_method(request: HttpRequest, program_id: UUID) -> HttpResponse:
    slug = request.resolver_match.kwargs["program_slug"]  # type: ignore[union-attr]
    return _method(request, program_id, reverse("measurement:evidence", args=[slug]))


@shared_page
def shared(request: HttpRequest, program_id: UUID, shared_token: str) -> HttpResponse:
    return _page(
        request,
        program_id,
        {
            name: reverse(f"measurement:shared_{name}", args=[shared_token])
            for name in ("csv", "json", "method")
        },
    )


@shared_page
def shared_csv(
    request: HttpRequest, program_id: UUID, shared_token: str
) -> HttpResponse:
    return _csv(request, program_id)


@shared_page
def shared_json(
    request: HttpRequest, program_id: UUID, shared_token: str
) -> HttpResponse:
    return _json(request, program_id)


@shared_page
def shared_method(
    request: HttpRequest, program_id: UUID, shared_token: str
) -> HttpResponse:
    return _method(
        request, program_id, reverse("measurement:shared", args=[shared_token])
    )
