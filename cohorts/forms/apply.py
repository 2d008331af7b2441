"""The four short pages of an application, built from the call.

Every page keeps what was typed, right or wrong, in a draft; `typed` is what goes
there, and `bound_to` makes the form of it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cohorts.arrivals import Arrival
from cohorts.attachments import accepted, of_draft
from cohorts.forms.calls import Lines
from cohorts.models import MOST_TIES, Draft, Intake, Question, Trait
from people import cities
from people.models import User
from people.week import WeekField

Typed = dict[str, str | list[str]]


class PageForm(forms.Form):
    """One page of the application."""

    # The seal of what the page held when it was opened: another device may write.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    number = 0
    title: Any = ""
    lead: Any = ""
    # What it asks may be read by few: without a connection none of it stays on a
    # device beyond the window it was typed in.
    is_delicate = False

    def __init__(
        self,
        *args: Any,
        intake: Intake,
        person: User | None = None,
        kept: Mapping[UUID, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.intake, self.person = intake, person
        self.kept = kept or {}
        self.theirs: list[tuple[str, str]] = []
        super().__init__(*args, **kwargs)
        self.build()

    def build(self) -> None:
        """Add the fields that depend on the call."""

    @property
    def names(self) -> list[str]:
        return [
            name
            for name, field in self.fields.items()
            if name != "seen" and not isinstance(field, forms.FileField)
        ]

    @property
    def groups(self) -> list[list[forms.BoundField]]:
        """The fields as they are shown: those of one question or trait together."""
        found: dict[str, list[forms.BoundField]] = {}
        for field in self.visible_fields():
            found.setdefault(re.sub(r"^[fqt]_|_fine$", "", field.name), []).append(
                field
            )
        return list(found.values())

    @property
    def typed(self) -> Typed:
        """What stands in the fields, as text."""
        found: Typed = {}
        for name in self.names:
            widget = self.fields[name].widget
            found[name] = _as_text(
                widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            )
        return found

    def warn_of_another_device(self, draft: Draft, seal: str) -> None:
        """The same page was saved elsewhere meanwhile: show both, keep both."""
        self.add_error(
            None,
            _(
                "You changed this page on another device meanwhile. What stands there "
                "is shown below, what you typed here is still in the fields. Save "
                "again to keep what is in the fields."
            ),
        )
        mine = self.typed
        self.theirs = [
            (str(self.fields[name].label), _in_words(draft.typed.get(name, "")))
            for name in self.names
            if draft.typed.get(name, "") != mine[name] and name != "availability"
        ]
        again: MultiValueDict[str, Any] = MultiValueDict()
        again.update(self.data)
        again["seen"] = seal
        self.data = again


def _as_text(value: Any) -> str | list[str]:
    if isinstance(value, list | tuple):
        return [str(v) for v in value]
    if value is True:
        return "on"
    return "" if value in (None, False) else str(value)


def _in_words(value: str | list[str]) -> str:
    return ", ".join(value) if isinstance(value, list) else value


def bound_to(typed: Typed) -> MultiValueDict[str, Any]:
    """Form data of what a draft holds."""
    data: MultiValueDict[str, Any] = MultiValueDict()
    for name, value in typed.items():
        if value == "":
            continue
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def _split(text: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"[,;\n]", text or "")]
    return list(dict.fromkeys(part for part in parts if part))


class Tags(forms.CharField):
    """A few words or short phrases, with commas or on lines of their own."""

    def __init__(self, *, longest: int = 80, most: int = 30, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(max_length=2000, required=False, **options)
        self.longest, self.most = longest, most

    def clean(self, value: Any) -> Any:
        tags = _split(super().clean(value))
        if len(tags) > self.most:
            raise forms.ValidationError(_("At most %(n)s.") % {"n": self.most})
        for tag in tags:
            if len(tag) > self.longest:
                raise forms.ValidationError(
                    _("“%(tag)s…” is longer than %(n)s letters. Say it shorter.")
                    % {"tag": tag[:40], "n": self.longest}
                )
        return tags


class AboutYou(PageForm):
    number = 1
    title = _("About you")
    lead = _("About 2 minutes. Reviewers do not see this page.")

    called = forms.CharField(
        label=_("What should we call you?"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your mail address"),
        help_text=_("We send a link to it, so that you can go on anywhere."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    organisation = forms.CharField(
        label=_("The organisation or group you work with, if any"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    languages = Tags(
        label=_("Languages you think in"),
        longest=35,
        most=12,
        widget=forms.TextInput,
    )
    timezone = forms.ChoiceField(
        label=_("Your place, for the time of day"),
        choices=cities.grouped,
        widget=cities.CitySelect,
    )

    def build(self) -> None:
        self.fields["timezone"].initial = (
            self.person.timezone if self.person else self.intake.timezone
        )
        if self.person is not None:
            # Whose account it is is known: the letters go there.
            self.fields["email"].disabled = True
            self.fields["email"].initial = self.person.email
            self.fields["email"].help_text = _("The address of your account.")
            self.fields["called"].initial = self.person.called
            self.fields["languages"].initial = ", ".join(self.person.languages)

    @property
    def typed(self) -> Typed:
        found = super().typed
        if self.person is not None:
            found["email"] = self.person.email
        return found


class YourWork(PageForm):
    number = 2
    title = _("What you want to test")
    lead = _(
        "About 10 minutes. Write in any language. We look for honest questions, not "
        "polished words."
    )

    def build(self) -> None:
        for question in self.intake.questions.all():
            if question.kind == Question.Kind.CONSENT:
                continue
            self.is_delicate = self.is_delicate or question.sensitive
            name = f"q_{question.pk.hex}"
            if question.kind not in Question.UPLOADS:
                self.fields[name] = field_for(question)
            if question.takes_upload:
                # Text or file: `clean` asks for one of them.
                if name in self.fields:
                    self.fields[name].required = False
                self.fields[f"f_{question.pk.hex}"] = UploadField(
                    question, self.kept.get(question.pk)
                )

    @property
    def uploads(self) -> list[UploadField]:
        return [f for f in self.fields.values() if isinstance(f, UploadField)]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        for field in self.uploads:
            question = field.question
            text = f"q_{question.pk.hex}"
            if not question.required or field.kept or cleaned.get(text):
                continue
            if text not in self.fields:
                self.add_error(f"f_{question.pk.hex}", _nothing_added(question))
            elif text not in self.errors:
                self.add_error(
                    text, _("Write a line here, or answer by voice or with a file.")
                )
        return cleaned


class UploadField(forms.FileField):
    """A recording or a file; `kept` is what the draft holds already.

    What is sent is judged and kept by the domain before the page is, so that a
    mistake elsewhere on the page loses no recording.
    """

    def __init__(self, question: Question, kept: Any = None) -> None:
        takes = accepted(question)
        sound = question.kind == Question.Kind.VOICE
        widget = forms.FileInput(
            attrs={"accept": ",".join(["audio/*", *takes] if sound else takes)}
        )
        if sound:
            widget.attrs["capture"] = True
        is_own = question.kind in Question.UPLOADS
        super().__init__(
            label=question.label if is_own else _("A recording, or a file"),
            help_text=question.help
            if is_own
            else _(
                "Up to 5 MB: a recording, a PDF, a picture or plain text. Where and "
                "when it was made is removed."
            ),
            required=False,
            widget=widget,
        )
        self.question, self.kept, self.is_own = question, kept, is_own
        self.takes_sound = question.kind != Question.Kind.FILE


def _nothing_added(question: Question) -> Any:
    if question.kind == Question.Kind.VOICE:
        return _("Add a recording; it can be short.")
    return _("Add a file.")


class GiveAndMeet(PageForm):
    number = 3
    title = _("What you bring, and when you can meet")
    lead = _(
        "About 5 minutes. Reviewers read what you offer, with your answers. The rest "
        "helps to form groups, not to choose people."
    )
    is_delicate = True  # what would make taking part easy

    offers = Tags(
        label=_("What do you offer others?"),
        help_text=_(
            "A few words each, with commas between: templates that worked, data you "
            "may share, a story of something that failed. Reviewers read this."
        ),
    )
    needs = Tags(
        label=_("What are you looking for?"),
        help_text=_("A few words each, with commas between."),
    )
    ties = Lines(
        label=_("Whom do you already work with?"),
        required=False,
        longest=120,
        most=MOST_TIES,
        help_text=_(
            "Up to five people or organisations, one on a line, so that you meet "
            "others too."
        ),
    )
    availability = WeekField(
        label=_("When could you meet, in a usual week?"),
        help_text=_("In the time of your own place."),
    )
    hours_per_month = forms.DecimalField(
        label=_("Hours a month you can give"),
        min_value=0,
        max_value=200,
        max_digits=4,
        decimal_places=1,
        required=False,
    )
    access_needs = forms.CharField(
        label=_("What would make taking part easy for you?"),
        max_length=500,
        required=False,
        help_text=_(
            "Captions, audio only, a paid-for data bundle, childcare, a quiet day. "
            "Only the program’s leads see this."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def build(self) -> None:
        self.fields["hours_per_month"].help_text = _(
            "The program asks for about %(hours)s hours a month."
        ) % {"hours": _plain(self.intake.hours_per_month)}
        if self.person is not None:
            self.fields["availability"].initial = self.person.availability


class LastThings(PageForm):
    number = 4
    title = _("Only if you like to say")
    lead: Any = _(
        "The questions about your background are optional, kept apart from your "
        "answers, and never shown to reviewers. They serve to balance groups and, "
        "where seats are drawn, the draw; nothing else."
    )
    is_delicate = True

    def build(self) -> None:
        needed = 0
        for trait in self.intake.traits.all():
            name = f"t_{trait.pk.hex}"
            if trait.several:
                self.fields[name] = forms.MultipleChoiceField(
                    label=trait.label,
                    help_text=trait.help,
                    required=False,
                    choices=_choices(trait),
                    widget=forms.CheckboxSelectMultiple,
                )
            elif trait.options:
                self.fields[name] = forms.ChoiceField(
                    label=trait.label,
                    help_text=trait.help,
                    required=False,
                    choices=[
                        ("", _("I would rather not say")),
                        *_choices(trait),
                    ],
                )
            else:
                self.fields[name] = forms.CharField(
                    label=trait.label,
                    help_text=trait.help,
                    required=False,
                    max_length=200,
                )
            if trait.protected:
                self.fields[f"{name}_fine"] = forms.BooleanField(
                    label=_("%(trait)s: I am fine being the only one in a group")
                    % {"trait": str(trait.label)},
                    required=False,
                )
        for question in self.intake.questions.all():
            if question.kind == Question.Kind.CONSENT:
                self.fields[f"q_{question.pk.hex}"] = field_for(question)
                needed += question.required
        if needed:
            said = ngettext(
                "The tick at the end is needed.",
                "The ticks at the end are needed.",
                needed,
            )
            has_traits = bool(self.intake.traits.all())
            self.lead = f"{self.lead} {said}" if has_traits else said


def _choices(part: Question | Trait) -> list[tuple[str, str]]:
    """What is kept, and what is shown: an option stays itself in every language."""
    shown = part.options
    kept = getattr(part, "options_as_written", shown)
    return list(zip(kept, shown, strict=True))


def _plain(hours: Any) -> str:
    return f"{hours.normalize():f}" if hasattr(hours, "normalize") else str(hours)


def field_for(question: Question) -> forms.Field:
    kind = Question.Kind
    common: dict[str, Any] = {
        "label": question.label,
        "help_text": question.help,
        "required": question.required,
    }
    choices = _choices(question)
    makers: dict[str, Callable[[], forms.Field]] = {
        kind.SHORT: lambda: forms.CharField(max_length=300, **common),
        kind.LONG: lambda: forms.CharField(
            max_length=5000, widget=forms.Textarea(attrs={"rows": 4}), **common
        ),
        kind.NUMBER: lambda: forms.DecimalField(
            max_digits=14, decimal_places=4, **common
        ),
        kind.ONE_OF: lambda: forms.ChoiceField(
            choices=choices, widget=forms.RadioSelect, **common
        ),
        kind.SOME_OF: lambda: forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, **common
        ),
        kind.CONSENT: lambda: forms.BooleanField(**common),
    }
    made = makers[question.kind]()
    made.error_messages["required"] = (
        _("Tick this to go on.")
        if question.kind == kind.CONSENT
        else _("Choose at least one.")
        if question.has_options
        else _("Write a line here; it can be short.")
    )
    return made


PAGES: dict[int, type[PageForm]] = {
    form.number: form for form in (AboutYou, YourWork, GiveAndMeet, LastThings)
}


def pages_of(draft: Draft, *, person: User | None) -> list[PageForm]:
    """All four pages as the draft holds them, to be looked through and checked."""
    data, kept = bound_to(draft.typed), of_draft(draft)
    return [
        form(data, intake=draft.intake, person=person, kept=kept)
        for form in PAGES.values()
    ]


def arrival_from(pages: list[PageForm], draft: Draft) -> Arrival:
    """What the four valid pages say."""
    said: dict[str, Any] = {}
    for page in pages:
        said |= page.cleaned_data
    intake = draft.intake
    answers: dict[UUID, tuple[str, list[str]]] = {}
    for question in intake.questions.all():
        value = said.get(f"q_{question.pk.hex}")
        if isinstance(value, list):
            answers[question.pk] = ("", value)
        elif question.kind == Question.Kind.ONE_OF:
            answers[question.pk] = ("", [value] if value else [])
        elif question.kind == Question.Kind.CONSENT:
            answers[question.pk] = ("yes" if value else "", [])
        else:
            answers[question.pk] = ("" if value is None else str(value), [])
    for question_id, kept in pages[0].kept.items():
        text, chosen = answers.get(question_id, ("", []))
        answers[question_id] = (text or not_yet_in_words(kept), chosen)
    traits = []
    for trait in intake.traits.all():
        value = said.get(f"t_{trait.pk.hex}")
        fine = bool(said.get(f"t_{trait.pk.hex}_fine"))
        for one in value if isinstance(value, list) else [value]:
            if one:
                traits.append((trait.pk, one, fine))
    return Arrival(
        called=said["called"],
        email=said["email"],
        organisation=said["organisation"],
        language=draft.language,
        languages=said["languages"],
        timezone=said["timezone"],
        availability=said["availability"],
        offers=said["offers"],
        needs=said["needs"],
        ties=said["ties"],
        hours_per_month=said["hours_per_month"],
        access_needs=said["access_needs"],
        answers=answers,
        traits=traits,
    )


def not_yet_in_words(kept: Any) -> str:
    """What stands for a recording until somebody has written down what it says."""
    if kept.is_sound:
        return gettext("[Answered with a recording. Its words are not written yet.]")
    return gettext("[Answered with a file. Its words are not written yet.]")


class LinkForm(forms.Form):
    email = forms.EmailField(
        label=_("The mail address you gave"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
