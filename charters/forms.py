from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from charters import starters
from charters.channels import Choices, choices
from charters.consent import RULES
from charters.course import TWO, Part, Way
from charters.models import (
    LONGEST_CLAUSE,
    LONGEST_NOTE,
    LONGEST_REASON,
    LONGEST_SECTION,
    LONGEST_TITLE,
    LONGEST_WORDS,
    Amendment,
    CareContact,
    Consent,
    NewcomerAnswer,
    Remark,
    RepairCase,
    Section,
    Steers,
    section_called,
    section_name,
)
from charters.questions import FIVE
from charters.values import Asks, DecisionRule, RecordingRule, Support, read
from cohorts.models import Cohort, Membership
from people.forms import DayField, EditForm, OnceForm
from people.models import User


def _area(rows: int, **attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto", **attrs})


def _days(label: Any, most: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=most, **more)


class BySection(forms.MultiWidget):
    """One select for each section; nothing chosen means: like the rest."""

    template_name = "charters/section_rules.html"
    is_whole = True

    def __init__(
        self, attrs: Any = None, *, choices: Any = (), sections: Sequence[str] = ()
    ) -> None:
        choices = [("", _("Like the rest")), *choices]
        self.sections = sections
        super().__init__(
            {_slot(section): forms.Select(choices=choices) for section in sections},
            attrs,
        )

    def decompress(self, value: Any) -> list[Any]:
        return [(value or {}).get(section, "") for section in self.sections]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        names = map(section_name, self.sections)
        context["labelled"] = list(
            zip(names, context["widget"]["subwidgets"], strict=True)
        )
        return context


def _slot(section: str) -> str:
    """What a section's select is called: an own name may hold any sign."""
    if section in Section.values:
        return section
    return f"own_{sha256(section.encode()).hexdigest()[:12]}"


class BySectionField(forms.MultiValueField):
    """Section → what was chosen for it, for the sections that have their own."""

    def __init__(self, *, choices: Any, sections: Sequence[str], **kwargs: Any) -> None:
        self.sections = sections
        super().__init__(
            fields=[forms.ChoiceField(choices=[("", ""), *choices], required=False)]
            * len(sections),
            require_all_fields=False,
            widget=BySection(choices=choices, sections=sections),
            **kwargs,
        )

    def compress(self, data_list: list[str]) -> dict[str, str]:
        chosen = zip(self.sections, data_list or (), strict=False)
        return {section: rule for section, rule in chosen if rule}


def all_sections(own: Iterable[str] = ()) -> list[str]:
    """The named sections, then those of the circle's own, each once."""
    return list(dict.fromkeys([*Section.values, *own]))


def value_fields(
    steers: str, *, own: Iterable[str] = (), named: Choices | None = None
) -> dict[str, forms.Field]:
    """The fields of what a clause tells the software; names as in charters.values.

    `own` are the circle's own sections, which may have a rule of their own too, and
    `named` those whom a clause on support may name.
    """
    match steers:
        case Steers.ATTENDANCE:
            return {
                "attend": _days(_("Sessions we aim for"), 200),
                "of": _days(_("Out of how many"), 200),
                "call_after_days": _days(
                    _("Quiet days after which somebody calls"), 120
                ),
            }
        case Steers.RESPONSE:
            return {
                "request_hours": _days(
                    _("Hours a request may wait"),
                    24 * 30,
                    help_text=_(
                        "24 are one working day of whoever is asked, where they live."
                    ),
                ),
                "decision_hours": forms.IntegerField(
                    label=_("Hours a decision stays open"),
                    min_value=72,
                    max_value=24 * 60,
                    help_text=_("72 at least, so that nobody is outrun."),
                ),
            }
        case Steers.RECORDING:
            return {
                "rule": forms.ChoiceField(
                    label=_("When we record"), choices=RecordingRule.choices
                ),
                "delete_after_days": _days(
                    _("Days after which recordings are deleted"), 366
                ),
            }
        case Steers.AIRTIME:
            return {
                "visible": forms.BooleanField(
                    label=_("Everyone sees how time was shared"), required=False
                )
            }
        case Steers.DECIDING:
            return {
                "rule": forms.ChoiceField(
                    label=_("When a proposal passes"), choices=DecisionRule.choices
                ),
                "silence_counts": forms.BooleanField(
                    label=_("Silence counts as yes, after two reminders"),
                    required=False,
                    help_text=_("For decisions by consent only."),
                ),
                "support": forms.ChoiceField(
                    label=_("What gradients of agreement need"),
                    choices=Support.choices,
                ),
                "asks": forms.ChoiceField(
                    label=_("Who is asked"), choices=Asks.choices
                ),
                "sections": BySectionField(
                    label=_("Sections with a rule of their own"),
                    choices=DecisionRule.choices,
                    sections=all_sections(own),
                    required=False,
                ),
                "asks_in": BySectionField(
                    label=_("Sections that ask others"),
                    choices=Asks.choices,
                    sections=all_sections(own),
                    required=False,
                ),
            }
        case Steers.REVIEW:
            return {"months": _days(_("Months between two reviews"), 12)}
        case Steers.SUPPORT:
            named = named or Choices()
            return {
                "people": _several(
                    _("People of the circle to turn to"),
                    named.people,
                    help_text=_("Ask them first. Whoever leaves drops out by that."),
                ),
                "third": _several(
                    _("Who of them may be asked to be the third in a repair"),
                    named.people,
                    help_text=_("Whoever takes part in it is left out by themselves."),
                ),
                "outside": _several(
                    _("Outside of the circle"),
                    named.outside,
                    help_text=_("Contacts are written down on a page of their own."),
                ),
            }
    return {}


def _several(
    label: Any, choices: Iterable[tuple[str, str]], **more: Any
) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=list(choices),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        **more,
    )


class ClauseForm(EditForm):
    """The words of one clause, and what it tells the software."""

    title = forms.CharField(label=_("Name of the clause"), max_length=LONGEST_TITLE)
    text = forms.CharField(
        label=_("What we agree"),
        max_length=LONGEST_CLAUSE,
        widget=_area(5),
        help_text=_("One to three sentences that somebody could say aloud."),
    )
    section = forms.ChoiceField(label=_("Section"))
    own_section = forms.CharField(
        label=_("Or a section of our own"),
        max_length=LONGEST_SECTION,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
        help_text=_("Its name, in a word or two: Money, Languages, Children."),
    )
    lang = forms.ChoiceField(label=_("Written in"), choices=settings.LANGUAGES)

    def __init__(
        self,
        *args: Any,
        steers: str = "",
        value: Mapping[str, Any] | None = None,
        own: Iterable[str] = (),
        cohort: Cohort | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        # A rule may stand for a section whose last clause is gone.
        said_of = value or {}
        own = [*own, *said_of.get("sections", ()), *said_of.get("asks_in", ())]
        self.sections = all_sections([*own, self.initial.get("section", Section.OWN)])
        self.fields["section"].choices = [  # type: ignore[attr-defined]
            (section, section_name(section)) for section in self.sections
        ]
        for name in ("title", "text"):
            self.fields[name].widget.attrs.setdefault("dir", "auto")
        self.steers, self.kept = steers, dict(value or {})
        asks_whom = steers == Steers.SUPPORT and cohort is not None
        named = choices(cohort) if asks_whom and cohort else None
        self.of_value = value_fields(steers, own=own, named=named)
        said = read(steers, self.kept) if self.of_value else None
        for name, field in self.of_value.items():
            field.initial = getattr(said, name)
            self.fields[f"value_{name}"] = field

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        named = self.cleaned_data.get("own_section")
        if named:
            self.cleaned_data["section"] = section_called(named, known=self.sections)
        third = self.cleaned_data.get("value_third") or []
        if not set(third) <= set(self.cleaned_data.get("value_people") or []):
            self.add_error(
                "value_third",
                _("A third person has to be among the people to turn to."),
            )
        attend = self.cleaned_data.get("value_attend")
        of = self.cleaned_data.get("value_of")
        if attend and of and attend > of:
            self.add_error(
                "value_attend",
                _("That is more than there are. Choose %d at most.") % of,
            )
        return cleaned

    @property
    def value(self) -> dict[str, Any]:
        """What the clause tells the software; sections' own rules are kept."""
        if not self.of_value:
            return {}
        typed = {name: self.cleaned_data[f"value_{name}"] for name in self.of_value}
        return {**self.kept, **typed}

    @property
    def value_bound(self) -> list[forms.BoundField]:
        return [self[f"value_{name}"] for name in self.of_value]


class ContactForm(OnceForm):
    """Somebody outside the circle, who has said yes to being named here."""

    name = forms.CharField(label=_("Who"), max_length=160)
    role = forms.CharField(
        label=_("For what, or as what"), max_length=160, required=False
    )
    reach = forms.CharField(
        label=_("How to reach them"),
        max_length=1_000,
        widget=_area(2),
        help_text=_("A number of their office is better than their own."),
    )
    tongues = forms.CharField(
        label=_("In which languages"), max_length=300, required=False
    )
    hours = forms.CharField(label=_("When"), max_length=300, required=False)
    said_yes = forms.BooleanField(
        label=_("I have asked them, and they said yes to standing here"),
        error_messages={
            "required": _("Ask them first: nobody is named without their own yes.")
        },
    )


class AddForm(OnceForm, ClauseForm):
    """One line more in a proposal."""


class ProposeForm(OnceForm, ClauseForm):
    """One clause as its proposer would have it, and why."""

    # Fingerprint of the clause as the page showed it.
    based_on = forms.CharField(required=False, widget=forms.HiddenInput)
    why = forms.CharField(
        label=_("Why do you propose it?"),
        max_length=LONGEST_REASON,
        required=False,
        widget=_area(3),
        help_text=_("What happens now, to whom, and what would be better."),
    )

    def __init__(self, *args: Any, stands_on: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stands_on = stands_on
        self.fields["based_on"].initial = stands_on

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("based_on") not in ("", None, self.stands_on):
            typed: Any = self.data.copy()  # type: ignore[attr-defined]
            typed[self.add_prefix("based_on")] = self.stands_on
            self.data = typed
            raise forms.ValidationError(
                _(
                    "This clause was changed while you were writing. Both texts are "
                    "below: yours is still in the form. Send again to propose yours."
                ),
                code="stale",
            )
        return cleaned


class RemoveForm(OnceForm):
    """Take a clause out of the charter."""

    why = forms.CharField(
        label=_("Why should it go?"), max_length=LONGEST_REASON, widget=_area(3)
    )


class StartForm(OnceForm):
    """Which starter clauses the first charter begins with."""

    clauses = forms.MultipleChoiceField(
        label=_("Clauses to begin with"),
        choices=[(s.name, s.title) for s in starters.ALL],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one clause.")},
    )
    lang = forms.ChoiceField(
        choices=settings.LANGUAGES, widget=forms.HiddenInput, required=False
    )


class LanguageForm(forms.Form):
    """In which language clauses are shown and written; sent by GET."""

    lang = forms.ChoiceField(label=_("Written in"), choices=settings.LANGUAGES)


class QuestionsForm(OnceForm):
    """Five questions; each answer is a line of the first charter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in FIVE:
            self.fields[question.name] = forms.CharField(
                label=question.asks,
                help_text=question.hint,
                max_length=LONGEST_CLAUSE,
                required=False,
                widget=_area(3),
            )
        self.fields["lang"] = forms.ChoiceField(
            label=_("Written in"), choices=settings.LANGUAGES
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.errors and not any(self.answers.values()):
            raise forms.ValidationError(
                _("Answer one of the five at least; the rest can wait.")
            )
        return cleaned

    @property
    def answers(self) -> dict[str, str]:
        """What was written, by the question's name."""
        return {q.name: self.cleaned_data.get(q.name, "").strip() for q in FIVE}


# The same answers under another rule have other names.
WORDS_OF_A_RULE: dict[str, dict[str, Any]] = {
    "advice": {
        "consent": _("I have nothing to add"),
        "concern": _("Here is my advice"),
    },
    "gradients": {
        "consent": _("I am for it"),
        "concern": _("I am for it, with a concern"),
        "object": _("I block it: it would harm our purpose"),
    },
}


class AnswerForm(OnceForm):
    """One question: can you live with this text?"""

    text_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("Your answer"),
        choices=Consent.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three answers.")},
    )
    reason = forms.CharField(
        label=_("Your concern, or the reason for your objection"),
        max_length=LONGEST_REASON,
        required=False,
        widget=_area(2),
    )
    harm = forms.CharField(
        label=_("What harm to our purpose do you fear?"),
        max_length=LONGEST_REASON,
        required=False,
        widget=_area(2),
    )
    fix = forms.CharField(
        label=_("What would make it safe enough to try?"),
        max_length=LONGEST_REASON,
        required=False,
        widget=_area(2),
    )

    def __init__(
        self, *args: Any, text_hash: str = "", rule: str = "consent", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text_hash"].initial = text_hash
        labels: dict[str, Any] = {
            **dict(Consent.Kind.choices),
            **WORDS_OF_A_RULE.get(rule, {}),
        }
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (kind.value, labels[kind.value]) for kind in RULES[rule].offers
        ]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        kind = self.cleaned_data.get("kind")
        needed: dict[str, Any] = {}
        if kind == Consent.Kind.CONCERN:
            needed = {"reason": _("Write your concern down, so that it can be kept.")}
        elif kind == Consent.Kind.OBJECT:
            needed = {
                "reason": _("Say why you object."),
                "harm": _("Say what harm you fear."),
                "fix": _("Say what would mend it, even roughly."),
            }
        for name, sentence in needed.items():
            if name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, sentence)
        return cleaned

    @property
    def said(self) -> str:
        """The answer as this rule calls it."""
        labels = dict(self.fields["kind"].choices)  # type: ignore[attr-defined]
        return str(labels.get(self.initial.get("kind"), ""))

    def ask_about(self, text_hash: str) -> None:
        """Keep what was typed, and let the next press answer this text."""
        typed: Any = self.data.copy()  # type: ignore[attr-defined]
        typed["text_hash"] = text_hash
        self.data = typed


class WelcomeForm(OnceForm):
    """A newcomer's one question: can you live with the charter you came to?"""

    fingerprint = forms.CharField(max_length=64, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("Your answer"),
        choices=NewcomerAnswer.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two answers.")},
    )
    text = forms.CharField(
        label=_("What would you like to talk about?"),
        max_length=LONGEST_REASON,
        required=False,
        widget=_area(2),
    )

    def has_read(self, fingerprint: str) -> bool:
        """Whether they read this text; if not, the next press answers it."""
        if self.cleaned_data["fingerprint"] == fingerprint:
            return True
        typed: Any = self.data.copy()  # type: ignore[attr-defined]
        typed["fingerprint"] = fingerprint
        self.data = typed
        self.add_error(
            None,
            _(
                "The charter has a new version since you opened it. It stands here "
                "now; read it, and send your answer again."
            ),
        )
        return False


class SearchForm(forms.Form):
    """Everything we were asked: words of it, and what became of it."""

    q = forms.CharField(label=_("Search"), max_length=100, required=False)
    became = forms.ChoiceField(
        label=_("What became of it"),
        choices=[("", _("Anything")), *Amendment.State.choices],
        required=False,
    )


class RemarkForm(OnceForm):
    kind = forms.ChoiceField(label=_("What is it?"), choices=Remark.Kind.choices)
    text = forms.CharField(
        label=_("Your words"), max_length=LONGEST_REASON, widget=_area(2)
    )


class ReviewForm(OnceForm):
    """What one member says about the charter this quarter."""

    serves = forms.CharField(
        label=_("What serves us?"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=_area(3),
    )
    strains = forms.CharField(
        label=_("What strains?"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=_area(3),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.errors and not any(
            self.cleaned_data.get(name) for name in ("serves", "strains")
        ):
            raise forms.ValidationError(
                _("One line is plenty; “all well” is an answer too.")
            )
        return cleaned


def _day(label: Any, **more: Any) -> DayField:
    return DayField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **more)


class PlanForm(forms.Form):
    """The day of the next review, and who hosts it."""

    due_on = _day(_("Day of the review"))
    host = forms.ChoiceField(label=_("Host"), required=False)

    def __init__(self, *args: Any, members: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(m.pk): m for m in members}
        self.fields["host"].choices = [  # type: ignore[attr-defined]
            ("", _("Nobody yet")),
            *((pk, m.person.name) for pk, m in self.members.items()),
        ]

    @property
    def chosen_host(self) -> Any:
        return self.members.get(self.cleaned_data["host"])


class HeldForm(forms.Form):
    """That a review was held: this very one, however often the button is pressed."""

    review = forms.UUIDField(widget=forms.HiddenInput)
    summary = forms.CharField(
        label=_("What did we see?"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=_area(3),
        help_text=_("A line to read next time. “Nothing to change” is a result too."),
    )
    next_on = _day(_("Day of the next review"))

    def __init__(self, *args: Any, suggested: date | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["next_on"].initial = suggested


class TalkedForm(OnceForm):
    """That a facilitator has talked with a newcomer."""

    text = forms.CharField(
        label=_("What you agreed, in a line or two"),
        max_length=LONGEST_REASON,
        required=False,
        widget=_area(3),
        help_text=_("The newcomer reads it, and the facilitators; nobody else."),
    )


# --- Repair -------------------------------------------------------------------------


def _words(label: Any, rows: int = 4, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=LONGEST_WORDS, widget=_area(rows), **more
    )


# As somebody says it for themselves; pages show the same ways without the "I".
MY_WAYS = [
    (Way.ROOM.value, Way.ROOM.label),
    (Way.WRITTEN.value, Way.WRITTEN.label),
    (
        Way.SHUTTLE.value,
        _("I do not want to be in a room with them: the third person carries"),
    ),
]


class ConcernForm(OnceForm, EditForm):
    """What happened, what it did, what is wished. What the other meant is not asked."""

    addressee = forms.ChoiceField(label=_("With whom do you want to talk?"))
    happened = _words(
        _("What happened?"),
        help_text=_(
            "As a camera would have seen it: when, where, what was said or done."
        ),
    )
    impact = _words(
        _("What did it do to me?"),
        help_text=_(
            "What you felt, what it cost you. What the other one meant is left blank: "
            "only they can say."
        ),
    )
    wish = _words(_("What do I wish?"), rows=2, required=False)
    way = forms.ChoiceField(
        label=_("How could you meet?"),
        choices=MY_WAYS,
        widget=forms.RadioSelect,
        initial=Way.ROOM.value,
        help_text=_("Either of you may ask for more distance at any time."),
    )
    others = forms.MultipleChoiceField(
        label=_("Is it about somebody else as well?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "They are not told. They are only left out when you choose a third person."
        ),
    )

    def __init__(
        self, *args: Any, members: Iterable[Membership], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(m.person_id): m for m in members}
        people = [(key, m.person.name) for key, m in self.members.items()]
        addressee, others = self.fields["addressee"], self.fields["others"]
        addressee.choices = [("", _("Choose")), *people]  # type: ignore[attr-defined]
        others.choices = people  # type: ignore[attr-defined]
        if not people:
            del self.fields["others"]

    @property
    def said(self) -> dict[str, Any]:
        """As the domain takes it."""
        given = self.cleaned_data
        return {
            "addressee": self.members[given["addressee"]],
            "happened": given["happened"],
            "impact": given["impact"],
            "wish": given["wish"],
            "way": given["way"],
            "left_out": [UUID(key) for key in given.get("others", ())],
        }


class ThirdForm(forms.Form):
    third = forms.ChoiceField(
        label=_("Who could be the third?"), widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, free: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.free = {str(person.pk): person for person in free}
        self.fields["third"].choices = [  # type: ignore[attr-defined]
            (key, person.name) for key, person in self.free.items()
        ]

    @property
    def chosen(self) -> User:
        return self.free[self.cleaned_data["third"]]


class SayForm(OnceForm):
    words = _words(_("Your words"))


class MeantForm(OnceForm):
    words = _words(
        _("What I meant"),
        help_text=_("It takes nothing away from what it did."),
    )


class AsideForm(OnceForm):
    """Between one of the two and the third; the third says which of the two."""

    to = forms.ChoiceField(label=_("To whom?"), widget=forms.RadioSelect)
    words = _words(_("A word that nobody else reads"), rows=2)

    def __init__(self, *args: Any, case: RepairCase, part: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if part == Part.THIRD:
            self.fields["to"].choices = [  # type: ignore[attr-defined]
                (each, case.who(each).name) for each in TWO
            ]
        else:
            del self.fields["to"]

    @property
    def whom(self) -> str:
        return self.cleaned_data.get("to", Part.THIRD.value)


class DeclineForm(OnceForm):
    words = _words(
        _("What would make it a yes? Or simply: not now"), rows=2, required=False
    )


class AskedForm(OnceForm):
    words = _words(
        _("I ask that…"),
        rows=2,
        help_text=_("Something that can be seen: who does what, until when."),
    )


class RewordForm(EditForm):
    words = _words(_("The words"), rows=3)


class AgainForm(forms.Form):
    way = forms.ChoiceField(
        label=_("How could it be instead?"), widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, beyond: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nearer = list(Way.values).index(beyond)
        self.fields["way"].choices = MY_WAYS[nearer + 1 :]  # type: ignore[attr-defined]


class CheckBackForm(forms.Form):
    day = DayField(label=_("The day on which we look whether it holds"))


class LookBackForm(OnceForm):
    holds = forms.ChoiceField(
        label=_("Does it hold?"),
        choices=[
            ("yes", _("Yes, it holds")),
            ("no", _("There is more to say; let us talk again")),
        ],
        widget=forms.RadioSelect,
    )
    words = _words(_("A word, if you like"), rows=2, required=False)


class CareForm(EditForm):
    """Where to go with harm, outside the program."""

    name = forms.CharField(
        label=_("Who is it?"),
        max_length=160,
        help_text=_("A person or a place that is not part of this program."),
    )
    reach = forms.CharField(
        label=_("How does one reach them?"),
        max_length=1_000,
        widget=_area(3),
        help_text=_("A number, an address, a page; each on a line of its own."),
    )
    hours = forms.CharField(label=_("When?"), max_length=300, required=False)
    tongues = forms.CharField(
        label=_("In which languages?"), max_length=300, required=False
    )

    def __init__(self, *args: Any, current: CareContact | None, **kwargs: Any) -> None:
        if current is not None:
            kwargs.setdefault(
                "initial",
                {n: getattr(current, n) for n in ("name", "reach", "hours", "tongues")},
            )
        super().__init__(*args, current=current, **kwargs)
