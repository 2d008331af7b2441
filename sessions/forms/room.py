"""What people fill in inside the room."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from people.forms import OnceForm


class WritingForm(OnceForm):
    text = forms.CharField(
        label=_("Write to the circle"),
        max_length=2000,
        widget=forms.TextInput(
            attrs={
                "class": "q",
                "autocomplete": "off",
                "dir": "auto",
                "placeholder": _("One line, in any language"),
            }
        ),
    )
    as_turn = forms.BooleanField(required=False, widget=forms.HiddenInput)


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("For yourself, before speaking"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "dir": "auto"}),
        help_text=_("Nobody else reads this."),
    )
