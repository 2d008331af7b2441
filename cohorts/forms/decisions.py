"""What a lead means to answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cohorts import deciding
from cohorts.models import Application, Intake
from people.forms import EditForm
from people.models import User

OUTCOMES = (
    (Application.Outcome.OFFERED, _("offer a seat")),
    (Application.Outcome.WAITLISTED, _("put on the waiting list")),
    (Application.Outcome.DECLINED, _("decline, kindly")),
)
TAKE_BACK = "none"
WHOM = {
    Application.Outcome.OFFERED: _("To whom a seat is offered"),
    Application.Outcome.WAITLISTED: _("To the waiting list"),
    Application.Outcome.DECLINED: _("To whom we say no"),
}


class DecideForm(forms.Form):
    """For one application, or for the ticked ones of a list."""

    edition = forms.IntegerField(required=False, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("Decision, told to nobody yet"),
        choices=[*OUTCOMES, (TAKE_BACK, _("take a pending decision back"))],
    )
    reasons = forms.CharField(
        label=_("Reasons, in words the person will read"),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed when you decline."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        declined = cleaned.get("outcome") == Application.Outcome.DECLINED
        if declined and not (cleaned.get("reasons") or "").strip():
            self.add_error(
                "reasons", gettext("Say why; everyone gets an answer they can use.")
            )
        return cleaned

    @property
    def chosen(self) -> str:
        outcome = self.cleaned_data["outcome"]
        return "" if outcome == TAKE_BACK else outcome


class WordsForm(EditForm):
    """What the letters say, answer by answer; empty fields leave it to the house."""

    def __init__(self, *args: Any, current: Intake, **kwargs: Any) -> None:
        super().__init__(*args, current=current, **kwargs)
        for outcome in deciding.TOLD:
            words = deciding.default_words(current, outcome)
            self.fields[f"letter_{outcome}"] = forms.CharField(
                label=WHOM[outcome],
                max_length=3000,
                required=False,
                initial=current.words_of(outcome),
                widget=forms.Textarea(attrs={"rows": 6}),
                help_text=gettext("Left empty, it says: %(words)s") % {"words": words},
            )


class ReplyForm(forms.Form):
    """What an applicant said to a lead in another way than by the link."""

    accepted = forms.TypedChoiceField(
        label=_("They told us that"),
        choices=[("yes", _("they take the seat")), ("no", _("they refuse the seat"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )


class AddressForm(forms.Form):
    email = forms.EmailField(label=_("Mail address"))


class AskReviewerForm(forms.Form):
    reviewer = forms.ModelChoiceField(
        label=_("Ask somebody to read it"), queryset=User.objects.none()
    )

    def __init__(self, *args: Any, reviewers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose = self.fields["reviewer"]
        assert isinstance(choose, forms.ModelChoiceField)
        choose.queryset = reviewers
        choose.label_from_instance = lambda person: str(person.name)  # type: ignore[method-assign, assignment]
