"""What every form of the house has in common."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

# Long enough for a playbook, short enough for any page.
LONGEST_TEXT = 50_000


class HouseRenderer(TemplatesSetting):
    """Widgets from Django, forms and fields from templates/components."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class DayField(forms.DateField):
    """A day that can be told in every place and counted from in both directions.

    At either end of the calendar a moment falls off it: the first morning of year 1
    in Nairobi is, for the database, one before Christ, and no page can read it.
    """

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and not 1900 <= day.year < 3000:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class OnceForm(forms.Form):
    """A form that may be sent twice and makes one row.

    The page carries a key; the same key makes the same row. Pass
    `form.client_key` to `people.models.create_once` through the domain function.
    """

    client_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client_key"].initial = uuid4

    @property
    def key(self) -> UUID:
        """The key that came with the page; a new one if it carried none."""
        return self.cleaned_data.get("client_key") or uuid4()


class EditForm(forms.Form):
    """A form over a row that somebody else may have changed meanwhile.

    Give it `current`: the row as it stands. When the page was made from an older
    edition, the form is invalid, keeps what was typed, and `theirs` holds what
    stands now, so that the page can show both.
    """

    edition = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, current: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current = current
        self.theirs: dict[str, Any] = {}
        if current is not None:
            self.fields["edition"].initial = current.edition

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.cleaned_data.get("edition")
        if self.current is not None and seen not in (None, self.current.edition):
            self.theirs = {
                name: getattr(self.current, name)
                for name in self.fields
                if name != "edition" and hasattr(self.current, name)
            }
            # The next press of the button is made knowing both.
            again: MultiValueDict[str, Any] = MultiValueDict()
            again.update(self.data)
            again[self.add_prefix("edition")] = str(self.current.edition)
            self.data = again
            raise forms.ValidationError(
                _(
                    "Somebody changed this while you were writing. Both texts are "
                    "below: yours is still in the form. Send again to keep yours."
                ),
                code="stale",
            )
        return cleaned


__all__ = ["LONGEST_TEXT", "DayField", "EditForm", "HouseRenderer", "OnceForm"]
