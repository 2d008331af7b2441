from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from library.models import Audience, Kind, Resource
from people.forms import LONGEST_TEXT, EditForm, OnceForm


class TagsField(forms.CharField):
    """Words with commas between them, up to ten."""

    def clean(self, value: str) -> tuple[str, ...]:
        words = [w.strip().lower()[:60] for w in super().clean(value).split(",")]
        unique = tuple(dict.fromkeys(w for w in words if w))
        if len(unique) > 10:
            raise forms.ValidationError(_("Ten tags at most. Which ones matter?"))
        return unique


class ResourceForm(OnceForm, EditForm):
    """Write something down, or change it."""

    title = forms.CharField(label=_("Title"), max_length=200)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=Kind.choices, widget=forms.RadioSelect
    )
    summary = forms.CharField(
        label=_("In one or two sentences"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=_(
            "Markdown: a line that starts with # is a heading, with - a list, "
            "**two stars** make words bold."
        ),
        widget=forms.Textarea(attrs={"rows": 14}),
    )
    language = forms.ChoiceField(label=_("Written in"), choices=settings.LANGUAGES)
    tags = TagsField(
        label=_("Tags"),
        max_length=600,
        required=False,
        help_text=_("Words that others would search for, with commas between them."),
    )
    sector = forms.CharField(label=_("Field of work"), max_length=60, required=False)
    place = forms.CharField(
        label=_("Place and year"),
        max_length=100,
        required=False,
        help_text=_("Where it was tried, such as “Gulu, 2025”."),
    )

    DESCRIBED = ("title", "kind", "summary", "body", "language", "sector", "place")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        resource: Resource | None = kwargs.get("current")
        if resource is not None:
            kwargs["initial"] = {
                **{name: getattr(resource, name) for name in self.DESCRIBED},
                "tags": ", ".join(resource.tag_names),
                **(kwargs.get("initial") or {}),
            }
        super().__init__(*args, **kwargs)

    def described(self) -> dict[str, Any]:
        names = [n for n in (*self.DESCRIBED, "stayed", "changed") if n in self.fields]
        return {name: self.cleaned_data[name] for name in names}


class AdaptForm(ResourceForm):
    """Write down what became of a playbook somewhere else."""

    stayed = forms.CharField(
        label=_("What stayed"),
        max_length=300,
        help_text=_("The core that made it work here too."),
    )
    changed = forms.CharField(
        label=_("What changed, and why"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PublishForm(forms.Form):
    audience = forms.ChoiceField(
        label=_("Who may read it"),
        choices=Audience.choices,
        widget=forms.RadioSelect,
    )
    attribution = forms.CharField(
        label=_("Who it is from, as readers will see it"),
        max_length=300,
        help_text=_("Only names of people who have said yes."),
    )
    consent = forms.BooleanField(
        label=_("Nobody is named in it, or everyone named has said yes to this."),
        error_messages={
            "required": _("Ask those it names first, or take the names out.")
        },
    )


class SearchForm(forms.Form):
    """The search as a plain GET form; whatever is not understood is left out."""

    q = forms.CharField(required=False, max_length=400)
    kind = forms.MultipleChoiceField(required=False, choices=Kind.choices)
    sort = forms.ChoiceField(
        required=False, choices=[("best", _("Best match")), ("newest", _("Newest"))]
    )
