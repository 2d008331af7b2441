"""Who may knock at the charter: its circle, and to read it the program's leads."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from cohorts.access import cohort_page
from cohorts.models import Appointment, Cohort
from people.access import View, declare


def reading_page(view: View) -> View:
    """For the cohort's own people, and for leads of its program without a membership.

    The route's `cohort_slug` becomes the arguments `cohort` and `membership`; for a
    lead `membership` is None.
    """
    for_members = cohort_page(view)

    @wraps(view)
    def inner(request: HttpRequest, cohort_slug: str, **kwargs: Any) -> HttpResponse:
        try:
            return for_members(request, cohort_slug=cohort_slug, **kwargs)
        except Http404:
            cohort = (
                Cohort.objects.filter(
                    slug=cohort_slug,
                    program__appointments__person=request.user.pk,
                    program__appointments__role=Appointment.Role.LEAD,
                    program__appointments__ended_at=None,
                )
                .select_related("program")
                .first()
            )
            if cohort is None:
                raise
        return view(request, cohort, None, **kwargs)

    return declare(inner, who="member or facilitator or lead")
