"""Who may knock at the charter: its circle, and to read it the program's leads.

And at repair: the circle, with those whom its program appointed for it; a case opens
to the people in it, and to everybody else it is a page that does not exist.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from charters.models import RepairCase
from cohorts.access import cohort_page
from cohorts.models import Appointment, Cohort, Membership
from cohorts.places import places_for
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


def quiet_page(view: View) -> View:
    """For the circle, and for whom its program appointed for repair.

    The route's `cohort_slug` becomes `cohort` and `membership`; for somebody from
    outside the circle `membership` is None. Nothing of these pages rests in a browser.
    """

    @wraps(view)
    def inner(request: HttpRequest, cohort_slug: str, **kwargs: Any) -> HttpResponse:
        cohort, membership = _place(request, cohort_slug)
        response = view(request, cohort, membership, **kwargs)
        return _at_rest_nowhere(response)

    return declare(inner, who="member or facilitator or third party")


def case_page(view: View) -> View:
    """For the people in one repair conversation; to others it is not there.

    `cohort_slug` and `repaircase_id` become `case`, with its cohort and its people.
    """

    @wraps(view)
    def inner(
        request: HttpRequest, cohort_slug: str, repaircase_id: Any, **kwargs: Any
    ) -> HttpResponse:
        case = (
            RepairCase.objects.visible_to(request.user)
            .filter(pk=repaircase_id, cohort__slug=cohort_slug)
            .select_related("cohort__program", "asker", "addressee", "third")
            .first()
        )
        if case is None:
            raise Http404
        request.cohort = case.cohort  # type: ignore[attr-defined]
        return _at_rest_nowhere(view(request, case, **kwargs))

    return declare(inner, who="the people it names")


def _place(request: HttpRequest, slug: str) -> tuple[Cohort, Membership | None]:
    places = places_for(request)
    for membership in places.memberships:
        if membership.cohort.slug == slug:
            membership.person = request.user  # type: ignore[assignment]
            request.cohort = membership.cohort  # type: ignore[attr-defined]
            return membership.cohort, membership
    served = places.programs(Appointment.Role.THIRD_PARTY)
    cohort = (
        Cohort.objects.filter(slug=slug, program__in=served)
        .select_related("program")
        .first()
        if served
        else None
    )
    if cohort is None:
        raise Http404
    request.cohort = cohort  # type: ignore[attr-defined]
    return cohort, None


def _at_rest_nowhere(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
