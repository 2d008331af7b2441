"""What the library shows on a cohort's page."""

from __future__ import annotations

from django.http import HttpRequest

from cohorts.home import Section, section
from cohorts.models import Cohort, Membership
from library.models import Resource


@section
def latest_pieces(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> Section | None:
    latest = (
        Resource.objects.visible_to(request.user)
        .kept()
        .filter(cohort=cohort)
        .defer("body", "search")
        .order_by("-edited_at")[:3]
    )
    return Section(
        template="library/_section.html", context={"pieces": list(latest)}, order=70
    )
