from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measurement.models import Hypothesis, Signal
from people.forms import DayField, OnceForm

AREA = forms.Textarea(attrs={"rows": 2})


class HunchFields(forms.Form):
    """If we … then … because …, and one signal to watch."""

    if_we = forms.CharField(label=_("If we …"), max_length=400, widget=AREA)
    then = forms.CharField(label=_("then …"), max_length=400, widget=AREA)
    because = forms.CharField(
        label=_("because …"), max_length=400, widget=AREA, required=False
    )
    decide_on = DayField(
        label=_("We decide to go on or stop on"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    name = forms.CharField(
        label=_("What would you see if it worked?"),
        max_length=160,
        help_text=_("Something you can count, such as “stamped cards back”."),
    )
    unit = forms.ChoiceField(
        label=_("The numbers count"),
        choices=Signal.Unit.choices,
        initial=Signal.Unit.THINGS,
        help_text=_("Numbers of people are hidden from funders where they are small."),
    )
    direction = forms.ChoiceField(
        label=_("Better is"), choices=Signal.Direction.choices
    )
    is_share = forms.BooleanField(
        label=_("It is a part of a whole, such as 38 of 120"), required=False
    )
    baseline = forms.IntegerField(label=_("Before"), min_value=0, required=False)
    baseline_of = forms.IntegerField(
        label=_("Before: out of"), min_value=0, required=False
    )
    target = forms.IntegerField(label=_("We hope for"), min_value=0, required=False)
    target_of = forms.IntegerField(
        label=_("We hope for: out of"), min_value=0, required=False
    )

    HYPOTHESIS = ("if_we", "then", "because", "decide_on")
    SIGNAL = (
        "name",
        "unit",
        "direction",
        "is_share",
        "baseline",
        "baseline_of",
        "target",
        "target_of",
    )

    def clean_decide_on(self) -> Any:
        day = self.cleaned_data["decide_on"]
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day still to come."))
        return day

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("is_share"):
            for part in ("baseline", "target"):
                whole = cleaned.get(f"{part}_of")
                if cleaned.get(part) is not None and whole is None:
                    self.add_error(f"{part}_of", _("Say out of how many."))
                elif whole is not None and (cleaned.get(part) or 0) > whole:
                    self.add_error(part, _("The part cannot be more than its whole."))
        else:
            cleaned["baseline_of"] = cleaned["target_of"] = None
        return cleaned

    def hypothesis(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.HYPOTHESIS}

    def signal(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.SIGNAL}


class ProjectForm(OnceForm, HunchFields):
    title = forms.CharField(label=_("What you work on"), max_length=160)
    about = forms.CharField(
        label=_("In a few sentences"),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ("client_key", "title", "about")


class RestateForm(HunchFields):
    """What became of the hunch; the next one is asked for unless it stops."""

    verdict = forms.ChoiceField(
        label=_("What now?"),
        choices=Hypothesis.Verdict.choices,
        widget=forms.RadioSelect,
    )
    learned = forms.CharField(label=_("What we learned"), max_length=600, widget=AREA)
    field_order = ("verdict", "learned")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("verdict") == Hypothesis.Verdict.STOP:
            for name in (*self.HYPOTHESIS, *self.SIGNAL):
                self.fields[name].required = False

    def clean_decide_on(self) -> Any:
        if self.data.get("verdict") == Hypothesis.Verdict.STOP:
            return self.cleaned_data.get("decide_on")
        return super().clean_decide_on()


class ReadingForm(OnceForm):
    value = forms.IntegerField(label=_("How many"), min_value=0, max_value=10_000_000)
    out_of = forms.IntegerField(
        label=_("Out of"), min_value=0, max_value=10_000_000, required=False
    )
    on = DayField(
        label=_("Counted on"),
        widget=forms.DateInput(attrs={"type": "date"}),
        initial=timezone.localdate,
    )
    note = forms.CharField(
        label=_("How it was counted"), max_length=300, required=False
    )

    def __init__(self, *args: Any, signal: Signal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signal = signal
        if not signal.is_share:
            del self.fields["out_of"]

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("A count cannot come from the future."))
        return day

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        part, whole = cleaned.get("value"), cleaned.get("out_of")
        if self.signal.is_share and "out_of" not in self.errors and whole is None:
            self.add_error("out_of", _("Say out of how many."))
        elif part is not None and whole is not None and part > whole:
            self.add_error("value", _("The part cannot be more than its whole."))
        return cleaned


class ReleaseForm(forms.Form):
    """What a release covers, and what nobody knows."""

    period_from = DayField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"})
    )
    period_to = DayField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))
    threshold = forms.IntegerField(
        label=_("Hide groups of fewer people than"),
        min_value=5,
        max_value=50,
        initial=10,
        help_text=_("Ten protects well; never below five."),
    )
    unknowns = forms.CharField(
        label=_("What we do not know"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One thing on each line. Readers see it beside the numbers."),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        start, end = cleaned.get("period_from"), cleaned.get("period_to")
        if start and end and start > end:
            self.add_error("period_to", _("The period ends before it begins."))
        if end and end > timezone.localdate():
            self.add_error("period_to", _("Release only what is past."))
        return cleaned


class ShareLinkForm(forms.Form):
    for_whom = forms.CharField(label=_("Who it is for"), max_length=120)
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        initial=90,
    )
