"""What a lead says about a call: its offer, dates, questions, traits and rubric."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from cohorts.calls import ANYWHERE_ON_EARTH, faults, first_moment, last_moment
from cohorts.models import (
    Criterion,
    Intake,
    IntakePhase,
    Permit,
    Program,
    Question,
    Trait,
)
from cohorts.translating import Text, by_itself, texts_of
from people import cities
from people.forms import DayField, EditForm, OnceForm


class Lines(forms.CharField):
    """A list of short texts, one on a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def __init__(self, *, longest: int = 200, most: int = 60, **options: Any) -> None:
        super().__init__(**options)
        self.longest, self.most = longest, most

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in (value or "").splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(_("Write at least one line."))
        if len(value) > self.most:
            raise forms.ValidationError(_("At most %(n)s lines.") % {"n": self.most})
        for line in value:
            if len(line) > self.longest:
                raise forms.ValidationError(
                    _("“%(line)s…” is longer than %(n)s letters.")
                    % {"line": line[:40], "n": self.longest}
                )

    def run_validators(self, value: Any) -> None:
        return


class IntakeFields(forms.Form):
    name = forms.CharField(label=_("Name of the call"), max_length=120)
    about = forms.CharField(
        label=_("What it offers, and to whom"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    language = forms.ChoiceField(
        label=_("Language its texts are written in"),
        choices=settings.LANGUAGES,
        required=False,
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages people may apply in"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    timezone = forms.ChoiceField(
        label=_("Place whose days count for the dates"),
        choices=cities.grouped,
        widget=cities.CitySelect,
    )
    seats = forms.IntegerField(label=_("Seats in all"), min_value=1, max_value=5000)
    cohorts_wanted = forms.IntegerField(
        label=_("Cohorts to form"), min_value=1, max_value=200
    )
    size_min = forms.IntegerField(label=_("Smallest cohort"), min_value=1, max_value=60)
    size_max = forms.IntegerField(label=_("Largest cohort"), min_value=1, max_value=60)
    hours_per_month = forms.DecimalField(
        label=_("Hours a month it takes"),
        min_value=0,
        max_value=200,
        max_digits=4,
        decimal_places=1,
    )
    rhythm = forms.CharField(
        label=_("The rhythm, in words"),
        max_length=160,
        required=False,
        help_text=_("For example: two hours every second week, for nine months."),
    )
    readings_wanted = forms.IntegerField(
        label=_("Readings for each application"), min_value=1, max_value=9
    )
    how_chosen = forms.CharField(
        label=_("How you choose"),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown to applicants beside what follows from your settings."),
    )
    answer_by = DayField(
        label=_("Everyone hears from you by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    kept_until = DayField(
        label=_("Answers are kept until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        smallest, largest = cleaned.get("size_min"), cleaned.get("size_max")
        if smallest and largest and smallest > largest:
            self.add_error(
                "size_max", gettext("The largest cohort cannot be smaller than that.")
            )
        return cleaned


class NewCallForm(OnceForm, IntakeFields):
    program = forms.ModelChoiceField(
        label=_("Program"), queryset=Program.objects.none(), empty_label=None
    )

    field_order = ("program", "name")

    def __init__(self, *args: Any, programs: list[Program], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose = self.fields["program"]
        assert isinstance(choose, forms.ModelChoiceField)
        choose.queryset = Program.objects.filter(pk__in=[p.pk for p in programs])
        choose.label_from_instance = lambda program: program.name  # type: ignore[method-assign, assignment]
        if len(programs) == 1:
            choose.initial = programs[0].pk
            choose.widget = forms.HiddenInput()
        blank = Intake()
        for name in ("seats", "cohorts_wanted", "size_min", "size_max"):
            self.fields[name].initial = getattr(blank, name)
        self.fields["readings_wanted"].initial = blank.readings_wanted
        if programs:
            self.fields["hours_per_month"].initial = programs[0].hours_per_month
            self.fields["timezone"].initial = programs[0].timezone
            self.fields["languages"].initial = programs[0].languages
        self.fields["language"].initial = get_language()


class CopyForm(OnceForm):
    """A new call from a former one: its name, and the day it opens."""

    name = forms.CharField(label=_("Name of the new call"), max_length=120)
    opens_on = DayField(
        label=_("It opens on the morning of"),
        required=False,
        help_text=_(
            "All dates of the former call move by as many days. Leave it empty and "
            "set the dates later."
        ),
    )


class CallForm(IntakeFields, EditForm):
    pass


class OtherLines(forms.CharField):
    """A list in another language: one line for each of the original, or none."""

    def __init__(self, *, original: list[str], **options: Any) -> None:
        rows = min(len(original) + 1, 8)
        super().__init__(
            required=False, widget=forms.Textarea(attrs={"rows": rows}), **options
        )
        self.original = original

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        lines = [line for line in lines if line]
        if lines and len(lines) != len(self.original):
            raise forms.ValidationError(
                _("Write %(n)s lines, one for each.") % {"n": len(self.original)}
            )
        if any(len(line) > 200 for line in lines):
            raise forms.ValidationError(
                _("“%(line)s…” is longer than %(n)s letters.")
                % {"line": max(lines, key=len)[:40], "n": 200}
            )
        return lines


class TextsForm(EditForm):
    """Every text of a call in one other language, beside what it stands for."""

    def __init__(self, *args: Any, current: Any, intake: Intake, **kwargs: Any) -> None:
        super().__init__(*args, current=current, **kwargs)
        self.texts = {text.key: text for text in texts_of(intake)}
        for key, text in self.texts.items():
            said = current.texts.get(key) or by_itself(
                text, intake.own_language, current.language
            )
            if text.is_list:
                field: forms.CharField = OtherLines(original=text.original)
                said = said if isinstance(said, dict) else {}
                if all(said.get(line) for line in text.original):
                    field.initial = "\n".join(said[line] for line in text.original)
                field.help_text = " · ".join(text.original)
            else:
                longest = text.row._meta.get_field(text.field).max_length
                long = longest > 200
                field = forms.CharField(
                    required=False,
                    max_length=longest,
                    widget=forms.Textarea(attrs={"rows": 3}) if long else None,
                    initial=said,
                    help_text=text.original,
                )
            field.label = _what_it_is(text)
            field.widget.attrs |= {"lang": current.language, "dir": "auto"}
            self.fields[key] = field

    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields of each part of the call together, with what it is called."""
        found: dict[Any, list[forms.BoundField]] = {}
        for key, text in self.texts.items():
            found.setdefault(text.row, []).append(self[key])
        return [(_title(row), fields) for row, fields in found.items()]

    def clean(self) -> dict[str, Any] | None:
        try:
            return super().clean()
        except forms.ValidationError:
            self.theirs = {
                str(_what_it_is(text)): _lines(self.current.texts[key])
                for key, text in self.texts.items()
                if key in self.current.texts
            }
            raise


def _lines(said: Any) -> Any:
    return list(said.values()) if isinstance(said, dict) else said


WHAT_IT_IS = {
    "name": _("Name"),
    "about": _("What it offers, and to whom"),
    "rhythm": _("The rhythm, in words"),
    "how_chosen": _("How you choose"),
    "label": _("The question"),
    "help": _("A hint below it"),
    "options": _("What to choose from"),
    "levels": _("The four levels, lowest first"),
}


def _what_it_is(text: Text) -> Any:
    return WHAT_IT_IS[text.field]


def _title(row: Any) -> Any:
    if isinstance(row, Intake):
        return _("The offer")
    return row.name if isinstance(row, Criterion) else row.label


class PhasesForm(forms.Form):
    """The dates of a call: days in its own place, each to be left out."""

    def __init__(self, *args: Any, intake: Intake, **kwargs: Any) -> None:
        self.intake = intake
        super().__init__(*args, **kwargs)
        zone = ZoneInfo(intake.timezone)
        for kind in IntakePhase.Kind:
            stands = intake.phase(kind)
            for edge, label in (
                ("opens", _("opens on the morning of")),
                ("closes", _("closes at the end of")),
            ):
                at = getattr(stands, f"{edge}_at", None)
                if at is not None and stands and stands.anywhere_on_earth:
                    place: Any = ANYWHERE_ON_EARTH if edge == "closes" else zone
                else:
                    place = zone
                self.fields[f"{kind}_{edge}"] = DayField(
                    label=_("%(phase)s: %(edge)s")
                    % {"phase": kind.label, "edge": label},
                    required=False,
                    initial=at.astimezone(place).date() if at else None,
                    widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
                )
            self.fields[f"{kind}_everywhere"] = forms.BooleanField(
                label=_(
                    "%(phase)s: that day ends when it has ended everywhere on Earth"
                )
                % {"phase": kind.label},
                required=False,
                initial=bool(stands and stands.anywhere_on_earth),
            )
            self.fields[f"{kind}_permits"] = forms.MultipleChoiceField(
                label=_("%(phase)s: what may be done in this time")
                % {"phase": kind.label},
                required=False,
                choices=[(p.value, p.label) for p in IntakePhase.POSSIBLE[kind]],
                initial=stands.permits if stands else IntakePhase.USUAL[kind],
                widget=forms.CheckboxSelectMultiple,
                help_text=_("None ticked: what is usual."),
            )

    def rows(self) -> list[tuple[Any, list[Any], Any]]:
        return [
            (
                kind.label,
                [self[f"{kind}_{e}"] for e in ("opens", "closes", "everywhere")],
                self[f"{kind}_permits"],
            )
            for kind in IntakePhase.Kind
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.phases: dict[str, tuple[Any, Any, bool]] = {}
        self.permits: dict[str, list[str]] = {}
        for kind in IntakePhase.Kind:
            opens: date | None = cleaned.get(f"{kind}_opens")
            closes: date | None = cleaned.get(f"{kind}_closes")
            if opens is None and closes is None:
                continue
            if opens is None or closes is None:
                missing = "opens" if opens is None else "closes"
                if f"{kind}_{missing}" not in self.errors:
                    self.add_error(
                        f"{kind}_{missing}", gettext("Give both days, or neither.")
                    )
                continue
            everywhere = bool(cleaned.get(f"{kind}_everywhere"))
            self.phases[kind.value] = (
                first_moment(opens, self.intake.timezone),
                last_moment(closes, self.intake.timezone, anywhere_on_earth=everywhere),
                everywhere,
            )
            chosen = cleaned.get(f"{kind}_permits") or IntakePhase.USUAL[kind]
            # Applying is what that phase is for.
            essential = [Permit.APPLY] if kind == IntakePhase.Kind.APPLY else []
            self.permits[kind.value] = [
                p.value for p in Permit if p in chosen or p in essential
            ]
        if not self.errors:
            stretches = {k: (o, c) for k, (o, c, _e) in self.phases.items()}
            for kind_name, sentence in faults(stretches, self.permits):
                self.add_error(f"{kind_name}_opens", sentence)
        return cleaned


class QuestionForm(EditForm):
    label = forms.CharField(
        label=_("The question"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    help = forms.CharField(label=_("A hint below it"), max_length=500, required=False)
    kind = forms.ChoiceField(label=_("Kind of answer"), choices=Question.Kind.choices)
    options = Lines(
        label=_("What to choose from"),
        required=False,
        help_text=_("One on a line; for “one of” and “some of” only."),
    )
    required = forms.BooleanField(label=_("An answer is needed"), required=False)
    by_voice = forms.BooleanField(
        label=_("May be answered by voice or with a file in place of text"),
        required=False,
        initial=True,
        help_text=_(
            "For several lines only. Reviewers read what the leads write down of it, "
            "for a voice is not blind."
        ),
    )
    sensitive = forms.BooleanField(
        label=_("Sensitive: only the leads read it"), required=False
    )
    visible_to_reviewers = forms.BooleanField(
        label=_("Reviewers read the answer, without the name"),
        required=False,
        initial=True,
    )
    may_be_shared = forms.BooleanField(
        label=_("Whoever takes a seat may share the answer with their facilitators"),
        required=False,
        help_text=_(
            "They are asked then, and nothing is shared that they do not tick. Never "
            "for sensitive questions, files or recordings."
        ),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") in (Question.Kind.ONE_OF, Question.Kind.SOME_OF):
            if len(cleaned.get("options") or []) < 2 and "options" not in self.errors:
                self.add_error("options", gettext("Give at least two to choose from."))
        elif "options" in cleaned:
            cleaned["options"] = []
        if cleaned.get("sensitive") or cleaned.get("kind") == Question.Kind.CONSENT:
            cleaned["visible_to_reviewers"] = False
        if cleaned.get("may_be_shared"):
            if cleaned.get("sensitive"):
                self.add_error(
                    "may_be_shared", gettext("A sensitive answer is never shared.")
                )
            elif cleaned.get("kind") in Question.NEVER_SHARED:
                self.add_error(
                    "may_be_shared",
                    gettext("Only words, numbers and choices can be shared."),
                )
        return cleaned


class TraitForm(EditForm):
    label = forms.CharField(label=_("What it asks"), max_length=160)
    help = forms.CharField(label=_("A hint below it"), max_length=300, required=False)
    options = Lines(
        label=_("What to choose from"),
        required=False,
        help_text=_("One on a line. Leave it empty and people write their own words."),
    )
    several = forms.BooleanField(label=_("Several may be chosen"), required=False)
    protected = forms.BooleanField(
        label=_("Nobody should be the only one, unless they say it is fine"),
        required=False,
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("several") and not cleaned.get("options"):
            self.add_error(
                "options", gettext("Several of what? Give a few to choose from.")
            )
        return cleaned


class CriterionForm(EditForm):
    name = forms.CharField(label=_("What you look for"), max_length=160)
    help = forms.CharField(label=_("How to tell"), max_length=500, required=False)
    level_1 = forms.CharField(label=_("Level 1, the lowest"), max_length=200)
    level_2 = forms.CharField(label=_("Level 2"), max_length=200)
    level_3 = forms.CharField(label=_("Level 3"), max_length=200)
    level_4 = forms.CharField(label=_("Level 4, the highest"), max_length=200)
    weight = forms.IntegerField(label=_("Weight"), min_value=1, max_value=10, initial=1)
    beside_score = forms.BooleanField(
        label=_("Shown beside the score, not in it"), required=False
    )

    def __init__(
        self, *args: Any, current: Criterion | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, current=current, **kwargs)
        if current is not None:
            for n, level in enumerate(current.levels, 1):
                self.fields[f"level_{n}"].initial = level

    @property
    def values(self) -> dict[str, Any]:
        kept = {n: self.cleaned_data[n] for n in ("name", "help", "weight")}
        levels = [self.cleaned_data[f"level_{n}"] for n in Criterion.LEVELS]
        return {
            **kept,
            "beside_score": self.cleaned_data["beside_score"],
            "levels": levels,
        }


PART_FORMS: dict[type[Any], type[EditForm]] = {
    Question: QuestionForm,
    Trait: TraitForm,
    Criterion: CriterionForm,
}


def values_of(form: EditForm) -> dict[str, Any]:
    """What a part is made of, without what only the form needs."""
    if isinstance(form, CriterionForm):
        return form.values
    return {n: v for n, v in form.cleaned_data.items() if n != "edition"}


def initial_of(part: Any, form: type[EditForm]) -> dict[str, Any]:
    return {
        name: getattr(part, name)
        for name in form.base_fields
        if name != "edition" and hasattr(part, name)
    }
