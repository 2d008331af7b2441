"""What the library shows on a cohort's page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from cohorts.home import Section, section
from cohorts.models import Cohort, Membership
from library.models import Resource
from people.prepared import prepared


@section
def latest_pieces(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> Section | None:
    return Section(
        template="library/_section.html",
        context={"pieces": _latest(request.user, cohort)},
        order=70,
    )


@prepared
def _latest(viewer: Any, cohort: Cohort) -> QuerySet[Resource]:
    return (
        Resource.objects.visible_to(viewer)
        .kept()
        .filter(cohort=cohort)
        .defer("body", "search")
        .order_by("-edited_at")[:3]
    )
