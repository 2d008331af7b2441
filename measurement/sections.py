"""What measurement shows elsewhere: projects, a line in check-ins, the last release."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from cohorts.home import Section, section
from cohorts.models import Cohort, Membership
from measurement import hypotheses
from measurement.models import Project, Release, Signal
from people import today
from people.prepared import prepared
from sessions.checkins import Extra, register_extra


@section
def projects(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> Section | None:
    return Section(
        template="measurement/_section.html",
        context={"projects": _live_in(request.user, cohort)},
        order=60,
    )


@prepared
def _live_in(viewer: Any, cohort: Cohort) -> QuerySet[Project]:
    return (
        Project.objects.visible_to(viewer)
        .live()
        .filter(cohort=cohort)
        .select_related("owner__person")
        .order_by("-written_at")[:6]
    )


@today.panel
def last_release(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[today.Panel]:
    """For funders, who have no meeting: what was released last. One query."""
    if not places.funds or places.memberships:
        return
    release = next(iter(_last_of([program.pk for program in places.funds])), None)
    yield today.Panel(
        slot="next",
        template="measurement/_today.html",
        context={"release": release, "program": places.funds[0]},
    )


@prepared
def _last_of(programs: list[UUID]) -> QuerySet[Release]:
    return (
        Release.objects.standing()
        .filter(program_id__in=programs)
        .order_by("-released_at")[:1]
    )


@prepared
def _signals_of(person: Any, membership: Membership) -> QuerySet[Signal]:
    return (
        Signal.objects.visible_to(person)
        .filter(
            hypothesis__project__owner=membership,
            hypothesis__project__closed_at=None,
            hypothesis__closed_at=None,
        )
        .order_by("pk")[:3]
    )


@register_extra
def reading_of_my_signal(membership: Membership) -> Extra | None:
    """One field in the check-in for each signal of the member's own live project."""
    signals = _signals_of(membership.person, membership)
    if not signals:
        return None
    fields: dict[str, forms.Field] = {}
    for signal in signals:
        fields[f"value_{signal.pk.hex}"] = forms.IntegerField(
            label=signal.name,
            min_value=0,
            max_value=10_000_000,
            required=False,
            help_text=_("Only if you counted. Leave it empty otherwise."),
        )
        if signal.is_share:
            fields[f"of_{signal.pk.hex}"] = forms.IntegerField(
                label=_("out of"), min_value=0, max_value=10_000_000, required=False
            )

    def save(checkin: Any, cleaned: dict[str, Any]) -> None:
        for signal in signals:
            value = cleaned.get(f"value_{signal.pk.hex}")
            whole = cleaned.get(f"of_{signal.pk.hex}")
            # Half a fraction says nothing; the check-in is not lost for it.
            if value is None or (signal.is_share and (whole is None or value > whole)):
                continue
            hypotheses.read(
                signal,
                by=membership,
                value=value,
                out_of=whole,
                note=_("from a check-in"),
                client_key=checkin.client_key,
            )

    return Extra(
        name="reading", title=_("A number from your project"), fields=fields, save=save
    )
