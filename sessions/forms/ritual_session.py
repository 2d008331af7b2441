"""What a facilitator fills in to plan a session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort, Membership
from people import cities
from people.clock import place_name
from people.forms import EditForm, OnceForm
from sessions import agendas
from sessions.models import RitualSession
from sessions.rituals import MOST_AT_ONCE, Plan

FURTHEST = timedelta(days=3 * 365)


def _places(*kept: str) -> list[Any]:
    """Cities by continent, and those in use that the list does not name."""
    groups: list[Any] = list(cities.grouped())
    listed = {zone for _group, places in groups for zone, _name in places}
    return [
        *((zone, place_name(zone)) for zone in kept if zone not in listed),
        *groups,
    ]


class MemberChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return obj.person.name


def members_of(cohort: Cohort) -> Any:
    return (
        Membership.objects.active()
        .filter(cohort=cohort)
        .select_related("person")
        .order_by("person__called", "pk")
    )


class PlanForm(forms.Form):
    """The plan of a session; the hour is the wall time of the place chosen."""

    title = forms.CharField(
        label=_("Title"),
        max_length=160,
        help_text=_("Your cohort reads it; mails and calendars do not carry it."),
    )
    purpose = forms.CharField(
        label=_("What for"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    template = forms.ChoiceField(
        label=_("Agenda"),
        choices=lazy(lambda: [(t.key, t.name) for t in agendas.BUILT_IN], list),
    )
    day = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    at = forms.TimeField(
        label=_("Hour"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    timezone = forms.ChoiceField(
        label=_("Place of that hour"),
        widget=cities.CitySelect,
        help_text=_("Everyone else sees the same moment told for their own place."),
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=480)
    host = MemberChoice(label=_("Who holds the time"), queryset=None, empty_label=None)
    co_host = MemberChoice(
        label=_("Co-host"),
        queryset=None,
        required=False,
        empty_label=_("nobody"),
    )
    video_link = forms.URLField(
        label=_("Video link"), required=False, max_length=500, assume_scheme="https"
    )
    dial_in = forms.CharField(
        label=_("Dial-in"),
        required=False,
        max_length=200,
        help_text=_("A number and a code, for those who join by phone."),
    )

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("host", "co_host"):
            self.fields[name].queryset = members_of(cohort)  # type: ignore[attr-defined]
        self.fields["timezone"].choices = _places(cohort.timezone)  # type: ignore[attr-defined]

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day < timezone.localdate() - timedelta(days=1):
            raise forms.ValidationError(_("Choose a day still to come."))
        if day > timezone.localdate() + FURTHEST:
            raise forms.ValidationError(_("Choose a day within the next three years."))
        return day

    def clean(self) -> Any:
        cleaned = super().clean()
        host, co_host = (self.cleaned_data.get(n) for n in ("host", "co_host"))
        if host is not None and host == co_host:
            self.add_error("co_host", _("Choose somebody besides the host."))
        return cleaned

    @property
    def plan(self) -> Plan:
        names = ("title", "purpose", "template", "day", "at", "timezone", "minutes")
        more = ("host", "co_host", "video_link", "dial_in")
        return Plan(**{name: self.cleaned_data[name] for name in names + more})


class ScheduleForm(OnceForm, PlanForm):
    every_weeks = forms.TypedChoiceField(
        label=_("Rhythm"),
        coerce=int,
        initial=1,
        choices=[
            (1, _("every week")),
            (2, _("every second week")),
            (3, _("every third week")),
            (4, _("every fourth week")),
        ],
        help_text=_("The hour stays the same there when the clocks change."),
    )
    times = forms.IntegerField(
        label=_("How many sessions"),
        min_value=1,
        max_value=MOST_AT_ONCE,
        initial=1,
    )


class ChangeForm(EditForm, PlanForm):
    """The plan of a session that exists, which somebody else may be changing."""

    def __init__(self, *args: Any, current: RitualSession, **kwargs: Any) -> None:
        kwargs.setdefault("initial", as_initial(current))
        super().__init__(*args, current=current, cohort=current.cohort, **kwargs)
        self.fields["timezone"].choices = _places(  # type: ignore[attr-defined]
            current.cohort.timezone, current.timezone
        )


def as_initial(session: RitualSession) -> dict[str, Any]:
    return {
        "title": session.title,
        "purpose": session.purpose,
        "template": session.template,
        "day": session.local_date,
        "at": session.local_time,
        "timezone": session.timezone,
        "minutes": session.minutes,
        "host": session.host_id,
        "co_host": session.co_host_id,
        "video_link": session.video_link,
        "dial_in": session.dial_in,
    }


class CallOffForm(forms.Form):
    why = forms.CharField(
        label=_("Why it does not happen"),
        max_length=300,
        help_text=_("One line. Your cohort reads it."),
    )
