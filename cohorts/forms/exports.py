"""What goes into a table of applications."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ExportForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind of file"),
        choices=[
            ("csv", _("CSV, for any program")),
            ("xlsx", _("a workbook (.xlsx)")),
        ],
        initial="csv",
        widget=forms.RadioSelect,
    )
    traits = forms.BooleanField(
        label=_("with traits, which were given for balance only"), required=False
    )
    sensitive = forms.BooleanField(label=_("with sensitive answers"), required=False)
    reason = forms.CharField(
        label=_("What you need them for"),
        help_text=_(
            "Asked for with traits or sensitive answers. The leads of the program "
            "read it, and so may the people it is about, if they ask."
        ),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        asked = cleaned.get("traits") or cleaned.get("sensitive")
        if asked and not cleaned.get("reason"):
            self.add_error("reason", _("Say in a few words what you need them for."))
        return cleaned
