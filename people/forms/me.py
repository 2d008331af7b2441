"""What a person says about themselves, and how they want to be reached."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from people import cities
from people.clock import babel_locale
from people.forms import DayField
from people.models import DEFAULTS, How, Purpose, User, When, Wish
from people.week import WeekField
from people.working import usual_days, week_of

# Languages offered as one tap; any other can be written.
# fmt: off
OFTEN_THOUGHT_IN = (
    "am", "ar", "bn", "en", "es", "fr", "ha", "hi", "id", "ig", "ku", "lg", "ln",
    "my", "ne", "om", "ps", "pt", "qu", "rw", "sn", "so", "sw", "ta", "tr", "ur",
    "wo", "xh", "yo", "zu",
)
# fmt: on


def tongues() -> list[tuple[str, str]]:
    """Languages by their name in the reader's language, sorted by it."""
    names = babel_locale((get_language() or "en").split("-")[0]).languages
    pairs = [(code, names.get(code, code)) for code in OFTEN_THOUGHT_IN]
    return sorted(pairs, key=lambda pair: pair[1].casefold())


def _own_names() -> list[tuple[str, str]]:
    return [
        (code, get_language_info(code)["name_local"]) for code, _n in settings.LANGUAGES
    ]


class ProfileForm(forms.ModelForm):
    languages = forms.MultipleChoiceField(
        label=_("Languages you think in"),
        choices=tongues,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    timezone = forms.ChoiceField(
        label=_("Your place, for the time of day"),
        choices=cities.grouped,
        widget=cities.CitySelect,
    )
    language = forms.ChoiceField(label=_("Language of the pages"), choices=_own_names)

    class Meta:
        model = User
        fields = (
            "called",
            "full_name",
            "pronouns",
            "languages",
            "timezone",
            "language",
            "theme",
        )
        widgets = {
            "called": forms.TextInput(attrs={"autocomplete": "nickname"}),
            "full_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "theme": forms.RadioSelect,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["called"].required = True
        mine = self.instance.timezone
        zone: Any = self.fields["timezone"]
        offered = {value for _name, group in cities.grouped() for value, _c in group}
        if mine not in offered:
            # A place that devices know and the list does not: keep it choosable.
            name = cities.place_name(mine)
            zone.choices = [(mine, name), *cities.grouped()]
        extra = [c for c in self.instance.languages if c not in OFTEN_THOUGHT_IN]
        if extra:
            field: Any = self.fields["languages"]
            field.choices = [*tongues(), *((code, code) for code in extra)]
        if not self.instance.language:
            self.initial["language"] = get_language()


LONGEST_ABSENCE = timedelta(days=366)


class HoursForm(forms.ModelForm):
    availability = WeekField(label=_("When could you meet, in a usual week?"))
    working_days = forms.MultipleChoiceField(
        label=_("On which days do you work?"),
        help_text=_(
            "Whoever asks you for something gets their answer in your working time: "
            "these days, nine to five where you live."
        ),
        choices=[(str(n), WEEKDAYS[n]) for n in range(7)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    away_from = DayField(label=_("First day away"), required=False)
    away_until = DayField(
        label=_("Last day away"),
        required=False,
        help_text=_("No window runs for you on days away. Leave both empty if none."),
    )

    class Meta:
        model = User
        fields = ("availability", "working_days", "away_from", "away_until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = week_of(self.instance).days
        self.initial["working_days"] = [str(day) for day in sorted(days)]

    def clean_working_days(self) -> str:
        days = sorted(self.cleaned_data["working_days"])
        # As usual where they live stays so if they move.
        usual = sorted(map(str, usual_days(self.instance)))
        return "" if days == usual else "".join(days)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        begins = self.cleaned_data.get("away_from")
        ends = self.cleaned_data.get("away_until")
        if not self.errors and (begins is None) != (ends is None):
            missing = "away_until" if ends is None else "away_from"
            self.add_error(missing, _("Give both days, or none."))
        elif begins and ends and ends < begins:
            self.add_error("away_until", _("This is before the first day away."))
        elif begins and ends and ends - begins > LONGEST_ABSENCE:
            self.add_error("away_until", _("A year at most."))
        return cleaned


DAYS = [(str(n), WEEKDAYS[n]) for n in range(7)]
QUIET_WHEN = {
    # A digest of "a meeting begins now" would come too late to be of use.
    Purpose.ACCOUNT: (When.ALWAYS, When.NOW),
    Purpose.SESSION: (When.NOW, When.ALWAYS, When.DAY),
    # In a digest of the week, the day would be over.
    Purpose.PROMISE: (When.NOW, When.DAY),
    Purpose.CARE: (When.NOW, When.ALWAYS),
}
OFFERED = (When.NOW, When.DAY, When.WEEK)


class NoticesForm(forms.ModelForm):
    """Purpose by purpose, how and when, and the hours of rest: on one screen."""

    day_off = forms.TypedChoiceField(
        label=_("One quiet day"),
        choices=[("", _("none")), *DAYS],
        coerce=int,
        empty_value=None,
        required=False,
    )
    digest_day = forms.TypedChoiceField(
        label=_("Day of the digest"), choices=DAYS, coerce=int
    )

    class Meta:
        model = User
        fields = ("quiet_from", "quiet_until", "day_off", "digest_day")
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, wishes: dict[Purpose, Wish], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for purpose in Purpose:
            offered = QUIET_WHEN.get(purpose, OFFERED)
            wish = wishes.get(purpose, DEFAULTS[purpose])
            self.fields[f"{purpose}_how"] = forms.ChoiceField(
                label=_("How"), choices=How.choices, initial=wish.how
            )
            self.fields[f"{purpose}_when"] = forms.ChoiceField(
                label=_("When"),
                choices=[(when.value, when.label) for when in offered],
                initial=wish.when,
            )

    def rows(self) -> list[tuple[Purpose, Any, Any]]:
        return [
            (purpose, self[f"{purpose}_how"], self[f"{purpose}_when"])
            for purpose in Purpose
        ]

    def rest(self) -> list[Any]:
        return [self[name] for name in self.Meta.fields]

    def wishes(self) -> dict[Purpose, Wish]:
        data = self.cleaned_data
        return {
            purpose: Wish(How(data[f"{purpose}_how"]), When(data[f"{purpose}_when"]))
            for purpose in Purpose
        }


class EraseForm(forms.Form):
    """Typed by hand, so that it cannot be pressed by accident."""

    confirm = forms.CharField(
        label=_("Your mail address, to be sure"),
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "off"}),
        max_length=254,
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_confirm(self) -> str:
        typed = self.cleaned_data["confirm"].strip().lower()
        if typed != self.person.email.lower():
            raise forms.ValidationError(
                _("That is not the address of this account. Nothing was erased.")
            )
        return typed
