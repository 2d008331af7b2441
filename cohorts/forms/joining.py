from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort, Membership, Role
from cohorts.showing import Line
from people import cities


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("Their mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    called = forms.CharField(
        label=_("How you call them"), max_length=80, required=False
    )
    role = forms.ChoiceField(
        label=_("What they will be"), choices=Role.choices, initial=Role.MEMBER
    )


class WelcomeForm(forms.Form):
    """What somebody who never was here says about themselves."""

    called = forms.CharField(
        label=_("What should we call you?"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Which language shall the pages speak?"), choices=settings.LANGUAGES
    )
    timezone = forms.ChoiceField(
        label=_("Your place, for the time of day"),
        choices=cities.grouped,
        widget=cities.CitySelect,
    )


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("A word about it, if you like"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SignForm(forms.Form):
    # The text that stood on the page; a newer one is not signed by accident.
    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    name_typed = forms.CharField(
        label=_("Type your name to sign"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class HandOverForm(forms.Form):
    to: Any = forms.ModelChoiceField(
        label=_("To whom"), queryset=None, empty_label=_("Choose somebody")
    )

    def __init__(self, *args: Any, cohort: Cohort, giver: Membership, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["to"]
        field.queryset = (
            Membership.objects.active()
            .filter(cohort=cohort)
            .exclude(pk=giver.pk)
            .exclude(role=Role.FACILITATOR)
            .select_related("person")
            .order_by("person__called", "pk")
        )
        field.label_from_instance = lambda seat: seat.person.name


class ReplaceForm(forms.Form):
    email = forms.EmailField(
        label=_("The mail address of who comes in their place"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    called = forms.CharField(
        label=_("How you call them"), max_length=80, required=False
    )


class LeaveForm(forms.Form):
    take = forms.BooleanField(
        label=_("Make me a file of my own words"),
        help_text=_(
            "Everything you wrote here and elsewhere in Cohortsite. It waits for you "
            "on your page, and you may ask for it later as well."
        ),
        required=False,
        initial=True,
    )


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it should open again"),
        help_text=_("Whoever agrees reads it."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ShareForm(forms.Form):
    """Every answer that may be shown, each with a tick; a tick means these words."""

    shown = forms.MultipleChoiceField(
        label=_("What may they read?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _(
                "An answer changed while you were reading. Look through them again."
            )
        },
    )

    def __init__(self, *args: Any, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        field: Any = self.fields["shown"]
        field.choices = [(line.key, line.question.label) for line in lines]
        field.initial = [line.key for line in lines if line.is_shared]

    def rows(self) -> Iterator[tuple[Line, Any]]:
        return zip(self.lines, self["shown"], strict=True)
