from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from cohorts.models import Appointment
from people import cities
from people.forms import OnceForm


class ProgramForm(OnceForm):
    name = forms.CharField(label=_("What is it called?"), max_length=120)
    purpose = forms.CharField(
        label=_("What is it for?"),
        required=False,
        max_length=2000,
        help_text=_("Two or three sentences. Applicants read them."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    languages = forms.MultipleChoiceField(
        label=_("In which languages does it run?"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    timezone = forms.ChoiceField(
        label=_("Its place, for the time of day"),
        choices=cities.grouped,
        widget=cities.CitySelect,
    )
    hours_per_month = forms.DecimalField(
        label=_("Hours a month it asks of people"),
        min_value=0,
        max_value=200,
        max_digits=4,
        decimal_places=1,
        initial=6,
    )
    contact_email = forms.EmailField(
        label=_("Who to write to"), required=False, max_length=254
    )


class AppointForm(forms.Form):
    email = forms.EmailField(
        label=_("Their mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    called = forms.CharField(
        label=_("How you call them"), max_length=80, required=False
    )
    role = forms.ChoiceField(label=_("Their task"), choices=Appointment.Role.choices)


class AgreementForm(OnceForm):
    # The version the page was made from: another lead may be writing, too.
    after = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("The agreement"),
        max_length=20_000,
        help_text=_(
            "What taking part asks: time, presence, confidentiality, contribution. "
            "Everyone signs the exact text."
        ),
        widget=forms.Textarea(attrs={"rows": 14, "dir": "auto"}),
    )

    def look_again(self, number: int) -> None:
        """The next press of the button is made knowing this version."""
        again: MultiValueDict[str, Any] = MultiValueDict()
        again.update(self.data)
        again["after"] = str(number)
        self.data = again
