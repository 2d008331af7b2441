"""What a lead says about selecting: quotas, bands, the source of chance, the draw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cohorts.models import Band, Intake, Quota, Trait
from cohorts.models.selection import WHY_LONGEST
from people.forms import DayField, EditForm, OnceForm
from people.wall_time import wall_to_utc


class SaidInPublic(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=WHY_LONGEST, widget=forms.Textarea(attrs={"rows": 2}), **options
        )


class _Bounds(forms.Form):
    """How many seats, and why; the call's seats are the most there can be."""

    seats: int

    least = forms.IntegerField(
        label=_("At least so many seats"), min_value=0, initial=0
    )
    most = forms.IntegerField(label=_("At most so many seats"), min_value=0)
    why = SaidInPublic(
        label=_("Why, in words that everyone may read"),
        help_text=_("It stands on the public page of the call."),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        least, most = cleaned.get("least"), cleaned.get("most")
        if least is not None and least > self.seats:
            self.add_error(
                "least",
                gettext("The call has %(n)s seats in all.") % {"n": self.seats},
            )
        elif least is not None and most is not None and least > most:
            self.add_error("most", gettext("This is fewer than at least."))
        return cleaned


class NewQuotaForm(OnceForm, _Bounds):
    whom = forms.ChoiceField(label=_("Who counts"))
    words = forms.CharField(
        label=_("The words they use"),
        max_length=200,
        required=False,
        help_text=_("Only where people answer in their own words."),
    )

    field_order = ("whom", "words", "least", "most", "why")

    def __init__(
        self, *args: Any, intake: Intake, traits: Sequence[Trait], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.seats = intake.seats
        self.traits = {str(trait.pk): trait for trait in traits}
        choose = self.fields["whom"]
        assert isinstance(choose, forms.ChoiceField)
        choose.choices = [
            (
                trait.label,
                [(f"{key}:{n}", option) for n, option in enumerate(trait.options)]
                or [(f"{key}:", gettext("who answers in the words below"))],
            )
            for key, trait in self.traits.items()
        ]
        self.fields["most"].initial = intake.seats

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if "whom" in cleaned:
            key, _colon, number = cleaned["whom"].partition(":")
            trait = self.traits[key]
            words = " ".join((cleaned.get("words") or "").split())
            if not number and not words:
                self.add_error("words", gettext("Write the words that count."))
            cleaned["trait"] = trait
            cleaned["value"] = trait.options[int(number)] if number else words
        return cleaned


class QuotaForm(EditForm, _Bounds):
    def __init__(self, *args: Any, current: Quota, **kwargs: Any) -> None:
        super().__init__(*args, current=current, **kwargs)
        self.seats = current.intake.seats


class SourceForm(EditForm):
    words = forms.CharField(
        label=_("Where the random value will come from"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Something public that nobody can foresee or bend, and what counts if it "
            "fails. For example: the numbers of the first national lottery draw in "
            "December, lowest first; if there is none, those of the next."
        ),
    )


class ReasonForm(forms.Form):
    reason = SaidInPublic(label=_("Why"), help_text=_("Kept for the leads."))


class MoveForm(ReasonForm):
    band = forms.ChoiceField(label=_("Put the ticked ones into"), choices=Band.choices)

    field_order = ("band", "reason")


class EaseForm(forms.Form):
    reason = SaidInPublic(
        label=_("Why they give, in words that everyone may read"),
        help_text=_("It stands beside the quota on the public page of the call."),
    )


class GiveUpForm(forms.Form):
    reason = SaidInPublic(
        label=_("Why it is given up, in words that everyone may read"),
        help_text=_("It stands on the public page of the draw, for good."),
    )


class DeclineForm(forms.Form):
    reasons = forms.CharField(
        label=_("Reasons, in words each of them will read"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CommitForm(EditForm):
    """Where and when the value will be spoken, by the clock of the call's place."""

    source = forms.CharField(
        label=_("Where the random value will come from"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    day = DayField(label=_("The day on which it is known"))
    hour = forms.TimeField(
        label=_("The hour, in the place of the call"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    understood = forms.BooleanField(
        label=_("I know that nothing of it can be changed afterwards")
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        day, hour = cleaned.get("day"), cleaned.get("hour")
        if day is not None and hour is not None:
            self.speaks_at: datetime = wall_to_utc(day, hour, self.zone)
            if self.speaks_at <= timezone.now():
                self.add_error(
                    "day",
                    gettext(
                        "It has to come later: nobody may know the value beforehand."
                    ),
                )
        return cleaned


class ValueForm(forms.Form):
    value = forms.CharField(
        label=_("What the source spoke, exactly"),
        max_length=500,
        help_text=_("Read it at the source yourself, not from somebody’s message."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
