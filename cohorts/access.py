"""Route decorators for pages inside a cohort and inside a program."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from cohorts.models import (
    Appointment,
    Cohort,
    Composition,
    Intake,
    Membership,
    Program,
    Role,
)
from cohorts.places import places_for
from people.access import View, declare
from people.models import User
from people.prepared import prepared, the_one


def reader(request: HttpRequest) -> User:
    """The person behind a request of a page that is not public."""
    # LoginRequiredMiddleware stands before every such route.
    return cast(User, request.user)


def cohort_page(view: View) -> View:
    """For the cohort's own people; others get the 404 a missing cohort gives.

    The route's `cohort_slug` becomes the arguments `cohort` and `membership`.
    """
    return _cohort_page(view, roles=tuple(Role.values))


def facilitator_page(view: View) -> View:
    return _cohort_page(view, roles=(Role.FACILITATOR.value,))


def _cohort_page(view: View, *, roles: tuple[str, ...]) -> View:
    @wraps(view)
    def inner(request: HttpRequest, cohort_slug: str, **kwargs: Any) -> HttpResponse:
        # Asked once for the whole page: its frame shows them, too.
        membership = next(
            (
                m
                for m in places_for(request).memberships
                if m.cohort.slug == cohort_slug and m.role in roles
            ),
            None,
        )
        if membership is None:
            raise Http404
        membership.person = request.user  # type: ignore[assignment]
        request.cohort = membership.cohort  # type: ignore[attr-defined]
        return view(request, membership.cohort, membership, **kwargs)

    return declare(inner, who=" or ".join(roles))


def keeper_page(view: View) -> View:
    """For those who say who sits in a cohort: its facilitators, its program's leads.

    The route's `cohort_slug` becomes the argument `cohort`.
    """

    @wraps(view)
    def inner(request: HttpRequest, cohort_slug: str, **kwargs: Any) -> HttpResponse:
        seats = Membership.objects.active().facilitators()
        leads = Appointment.objects.active().filter(role=Appointment.Role.LEAD)
        cohort = (
            Cohort.objects.filter(slug=cohort_slug)
            .filter(
                Q(pk__in=seats.filter(person=request.user.pk).values("cohort"))
                | Q(program__in=leads.filter(person=request.user.pk).values("program"))
            )
            .select_related("program")
            .first()
        )
        if cohort is None:
            raise Http404
        request.cohort = cohort  # type: ignore[attr-defined]
        request.program = cohort.program  # type: ignore[attr-defined]
        return view(request, cohort, **kwargs)

    return declare(inner, who="facilitator of the cohort or lead of its program")


def program_page(*roles: str) -> Callable[[View], View]:
    """For people appointed to the program with one of these roles.

    The route's `program_slug` becomes the arguments `program` and `appointment`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(
            request: HttpRequest, program_slug: str, **kwargs: Any
        ) -> HttpResponse:
            appointment = next(
                (
                    a
                    for a in places_for(request).appointments
                    if a.program.slug == program_slug and a.role in roles
                ),
                None,
            )
            if appointment is None:
                raise Http404
            request.program = appointment.program  # type: ignore[attr-defined]
            appointment.person = reader(request)
            return view(request, appointment.program, appointment, **kwargs)

        return declare(inner, who=" or ".join(roles))

    return decorate


lead_page = program_page(Appointment.Role.LEAD)
reviewer_page = program_page(Appointment.Role.REVIEWER, Appointment.Role.LEAD)


@prepared
def _call_of(slug: str, programs: list[Program]) -> QuerySet[Intake]:
    return Intake.objects.filter(slug=slug, program__in=programs)


def _call(
    request: HttpRequest, slug: str, roles: tuple[str, ...]
) -> tuple[Intake, set[str]]:
    """The call, and which of these roles the reader holds in its program."""
    served = [a for a in places_for(request).appointments if a.role in roles]
    intake = the_one(_call_of(slug, [a.program for a in served]))
    if intake is None:
        raise Http404
    held = [a for a in served if a.program_id == intake.program_id]
    intake.program = held[0].program
    return intake, {a.role for a in held}


def call_page(*roles: str) -> Callable[[View], View]:
    """For people appointed to a call's program with one of these roles.

    The route's `intake_slug` becomes the argument `intake`; `request.roles` holds
    what the reader is in its program.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(
            request: HttpRequest, intake_slug: str, **kwargs: Any
        ) -> HttpResponse:
            intake, held = _call(request, intake_slug, roles)
            request.program = intake.program  # type: ignore[attr-defined]
            request.roles = held  # type: ignore[attr-defined]
            return view(request, intake, **kwargs)

        return declare(inner, who=" or ".join(roles))

    return decorate


lead_call_page = call_page(Appointment.Role.LEAD)
reviewer_call_page = call_page(Appointment.Role.REVIEWER, Appointment.Role.LEAD)


def composing_page(view: View) -> View:
    """For the leads of a call's program.

    The route's `intake_slug` becomes the argument `intake`; a `number` becomes the
    proposal of that number as `composition`.
    """

    @wraps(view)
    def inner(
        request: HttpRequest,
        intake_slug: str,
        number: int | None = None,
        **kwargs: Any,
    ) -> HttpResponse:
        intake, _held = _call(request, intake_slug, (Appointment.Role.LEAD,))
        request.program = intake.program  # type: ignore[attr-defined]
        if number is not None:
            composition = (
                Composition.objects.visible_to(request.user)
                .filter(intake=intake, number=number)
                .first()
            )
            if composition is None:
                raise Http404
            composition.intake = intake
            kwargs["composition"] = composition
        return view(request, intake, **kwargs)

    return declare(inner, who=Appointment.Role.LEAD)
