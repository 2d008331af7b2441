"""Forms of the bookends and of the days between. A form cleans, it never acts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from charters.values import days_in_words
from cohorts.models import Membership
from people.forms import OnceForm
from sessions.checkins import Extra
from sessions.models import CheckIn, Post

# What a promise can reasonably be about.
FURTHEST = timedelta(days=2 * 365)


class Words(forms.CharField):
    """Text as it was typed, with one kind of line end.

    A browser sends two signs for each, and counts one against `maxlength`.
    """

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        return super().to_python(value)


def lines(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto", "autocomplete": "off"})


def line() -> forms.TextInput:
    return forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"})


class WaitedField(forms.Field):
    """Seconds between the button and the sending, as the phone's outbox says.

    Nobody could mend a wrong one: what is no span counts as none.
    """

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput)

    def clean(self, value: Any) -> timedelta:
        digits = str(value or "")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
            return timedelta()
        return timedelta(seconds=int(digits))


class SentForm(OnceForm):
    """A form that may have waited on a phone, and may come back with other words."""

    waited = WaitedField()

    def send_again_as_new(self, sentence: Any) -> None:
        """What was typed stays, under a new key: the next press adds another row."""
        again: MultiValueDict[str, Any] = MultiValueDict()
        again.update(self.data)
        again[self.add_prefix("client_key")] = str(uuid4())
        self.data = again
        self.add_error(None, str(sentence))


class CheckInForm(SentForm):
    mood = forms.ChoiceField(
        label=_("How are you arriving this week?"),
        required=False,
        choices=CheckIn.Mood.choices,
        widget=forms.RadioSelect,
    )
    grounding = Words(
        label=_("What helps you to be here?"),
        help_text=_("A breath, a place, somebody you bring with you."),
        required=False,
        max_length=1000,
        widget=lines(2),
    )
    intention = Words(
        label=_("What do you want to have done or understood?"),
        required=False,
        max_length=1000,
        widget=lines(2),
    )
    edge = Words(
        label=_("What is your edge right now?"),
        help_text=_("One line is plenty. Your cohort sees it; funders never do."),
        required=False,
        max_length=1000,
        widget=lines(3),
    )

    def __init__(self, *args: Any, extras: Iterable[Extra] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extras = list(extras)
        for extra in self.extras:
            for name, field in extra.fields.items():
                self.fields[f"{extra.name}-{name}"] = field

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        said = ("mood", "grounding", "intention", "edge")
        if not self.errors and not any(self.cleaned_data.get(n) for n in said):
            raise forms.ValidationError(
                _("Say at least one thing: how you arrive, or your edge.")
            )
        return cleaned

    @property
    def says_more(self) -> bool:
        """Something stands in the part that is folded away."""
        folded = ("intention", "grounding")
        return any(self[name].value() or self[name].errors for name in folded)

    @property
    def blocks(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The added fields, in blocks with a heading each."""
        return [
            (extra.title, [self[f"{extra.name}-{name}"] for name in extra.fields])
            for extra in self.extras
        ]

    @property
    def added(self) -> list[tuple[Extra, dict[str, Any]]]:
        """Each extra with what was given for it."""
        return [
            (
                extra,
                {
                    name: self.cleaned_data.get(f"{extra.name}-{name}")
                    for name in extra.fields
                },
            )
            for extra in self.extras
        ]


class DueField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        today = timezone.localdate()
        if day is not None and day < today:
            raise forms.ValidationError(_("Choose a day still to come."))
        if day is not None and day > today + FURTHEST:
            raise forms.ValidationError(_("Choose a day within two years."))
        return day


class CommitmentForm(SentForm):
    promise = Words(
        label=_("I will"),
        help_text=_("The smallest next step that you would say aloud."),
        max_length=280,
        widget=lines(2),
    )
    due_on = DueField(label=_("by"))
    evidence_of_done = Words(
        label=_("We will know by"),
        help_text=_("What will show that it is done, if you can say."),
        max_length=280,
        required=False,
        widget=line(),
    )


class TickedField(forms.MultipleChoiceField):
    """Some of a list. What has left the list since the page was made is passed over."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> list[str]:
        choices = cast(Iterable[tuple[Any, Any]], self.choices)
        offered = {str(key) for key, _label in choices}
        return [key for key in self.to_python(value) if key in offered]


class RenewForm(SentForm):
    due_on = DueField(label=_("New day"))


class EndForm(forms.Form):
    outcome = Words(
        label=_("A word on it, if you like"),
        max_length=500,
        required=False,
        widget=lines(2),
    )


class PeerField(forms.ModelChoiceField):
    """Somebody else in the cohort, by name."""

    def label_from_instance(self, obj: Any) -> str:
        return obj.person.name


def peers_of(membership: Membership) -> Any:
    return (
        Membership.objects.active()
        .filter(cohort=membership.cohort_id)
        .exclude(pk=membership.pk)
        .select_related("person")
        .order_by("person__called", "pk")
    )


class AppreciationForm(SentForm):
    to = PeerField(
        queryset=Membership.objects.none(),
        label=_("Thank"),
        empty_label=_("Choose somebody"),
    )
    text = Words(
        label=_("for"),
        help_text=_("Say what they did and what it changed for you."),
        max_length=500,
        widget=lines(2),
    )

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = peers_of(by)  # type: ignore[attr-defined]


class InsightForm(SentForm):
    title = Words(
        label=_("One thing learned"),
        help_text=_("In a sentence that would help somebody who was not there."),
        max_length=160,
        widget=line(),
    )
    body = Words(
        label=_("More, if needed"),
        help_text=_("Name nobody without asking them."),
        max_length=10_000,
        required=False,
        widget=lines(4),
    )


USUAL_DAYS = (1.0, 2.0, 5.0)


def windows(charters: float) -> list[tuple[str, str]]:
    """What an asker may choose from: the usual ones, and the charter's own."""
    return [
        (f"{days:g}", days_in_words(days)) for days in sorted({*USUAL_DAYS, charters})
    ]


class UpdateForm(SentForm):
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            (Post.Kind.UPDATE.value, _("An update: nobody needs to answer")),
            (Post.Kind.DECISION.value, _("A decision: everybody is asked")),
        ],
        initial=Post.Kind.UPDATE.value,
        widget=forms.RadioSelect,
    )
    title = Words(label=_("In one line"), max_length=160, widget=line())
    text = Words(
        label=_("More, if needed"), max_length=10_000, required=False, widget=lines(3)
    )


class RequestForm(SentForm):
    to = PeerField(
        queryset=Membership.objects.none(),
        label=_("Whom do you ask?"),
        required=False,
        empty_label=_("The whole circle"),
    )
    title = Words(
        label=_("What do you ask, in one line?"), max_length=160, widget=line()
    )
    text = Words(
        label=_("What have you tried, what would help?"),
        max_length=10_000,
        required=False,
        widget=lines(3),
    )
    days = forms.TypedChoiceField(
        label=_("Answer within"),
        help_text=_("Counted in the working time of the one who answers."),
        coerce=float,
    )

    def __init__(
        self, *args: Any, by: Membership, charters: float, **kwargs: Any
    ) -> None:
        """`charters`: the working days that the charter gives for an answer."""
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = peers_of(by)  # type: ignore[attr-defined]
        self.fields["days"].choices = windows(charters)  # type: ignore[attr-defined]
        self.fields["days"].initial = f"{charters:g}"


class PutToForm(forms.Form):
    """Ask somebody else, or everybody, when the window went by."""

    to = PeerField(
        queryset=Membership.objects.none(),
        label=_("Whom do you ask now?"),
        required=False,
        empty_label=_("The whole circle"),
    )

    def __init__(
        self, *args: Any, by: Membership, asked: Membership | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        to.queryset = peers_of(by)
        if asked is None:
            to.required, to.empty_label = True, _("Choose somebody")
        else:
            to.queryset = to.queryset.exclude(pk=asked.pk)


class ReplyForm(SentForm):
    text = Words(label=_("Your answer"), max_length=10_000, widget=lines(3))
