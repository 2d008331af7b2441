"""A reading: four labelled levels and a line of evidence for each criterion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cohorts.models import Criterion, Review
from cohorts.reviewing import SHORTEST_EVIDENCE, Given
from people.forms import EditForm


@dataclass(frozen=True)
class Row:
    """One criterion of the form."""

    criterion: Criterion
    # How it counts, where that is not the usual way.
    beside: str
    level: str
    levels: list[tuple[int, str, str]]
    level_errors: Any
    evidence: str
    line: str
    evidence_errors: Any


class ReviewForm(EditForm):
    note = forms.CharField(
        label=_("Anything else the leads should know"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        *args: Any,
        criteria: list[Criterion],
        given: dict[UUID, Given],
        finishing: bool = True,
        kept: Callable[[], dict[UUID, Given]] = dict,
        **kwargs: Any,
    ) -> None:
        """`kept` finds the levels that stand; asked only for a stale page."""
        super().__init__(*args, **kwargs)
        self.criteria, self.finishing, self.kept = criteria, finishing, kept
        if self.current is None:
            # As a review that nothing was written in yet: another window may write.
            self.fields["edition"].initial = 1
        for criterion in criteria:
            stands = given.get(criterion.pk)
            self.fields[f"level_{criterion.pk.hex}"] = forms.TypedChoiceField(
                label=criterion.name,
                help_text=criterion.help,
                choices=list(enumerate(criterion.levels, 1)),
                coerce=int,
                empty_value=None,
                widget=forms.RadioSelect,
                required=finishing,
                initial=stands.level if stands else None,
                error_messages={"required": _("Choose a level.")},
            )
            self.fields[f"evidence_{criterion.pk.hex}"] = forms.CharField(
                label=_("What it rests on"),
                max_length=400,
                required=finishing,
                initial=stands.evidence if stands else "",
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
                error_messages={
                    "required": _("Write the words or the fact your level rests on.")
                },
            )
        self.order_fields(["edition", *(n for n in self.fields if n != "note"), "note"])

    def rows(self) -> list[Row]:
        """Each criterion as the page shows it. Written out there by hand: twenty-four
        radio buttons as widgets would cost more than all the rest."""
        found = []
        for criterion in self.criteria:
            level = self[f"level_{criterion.pk.hex}"]
            evidence = self[f"evidence_{criterion.pk.hex}"]
            chosen = str(level.value() or "")
            found.append(
                Row(
                    criterion=criterion,
                    beside=_counts(criterion),
                    level=level.html_name,
                    levels=[
                        (n, label, " checked" if str(n) == chosen else "")
                        for n, label in enumerate(criterion.levels, 1)
                    ],
                    level_errors=level.errors,
                    evidence=evidence.html_name,
                    line=evidence.value() or "",
                    evidence_errors=evidence.errors,
                )
            )
        return found

    def clean(self) -> dict[str, Any] | None:
        try:
            cleaned = super().clean() or self.cleaned_data
        except forms.ValidationError:
            if not self._says_what_stands():
                raise
            self.theirs, cleaned = {}, self.cleaned_data  # the button, pressed twice
        for criterion in self.criteria:
            name = f"evidence_{criterion.pk.hex}"
            line = cleaned.get(name) or ""
            if self.finishing and 0 < len(line.strip()) < SHORTEST_EVIDENCE:
                self.add_error(name, gettext("Write a little more."))
        return cleaned

    def _says_what_stands(self) -> bool:
        state = Review.State.DONE if self.finishing else Review.State.BEGUN
        return (
            self.current is not None
            and self.current.state == state
            and self.current.note == (self.cleaned_data.get("note") or "")
            and self.kept() == self.given
        )

    @property
    def given(self) -> dict[UUID, Given]:
        found = {}
        for criterion in self.criteria:
            level = self.cleaned_data.get(f"level_{criterion.pk.hex}")
            if level:
                evidence = self.cleaned_data.get(f"evidence_{criterion.pk.hex}") or ""
                found[criterion.pk] = Given(level, evidence)
        return found


def _counts(criterion: Criterion) -> str:
    if criterion.beside_score:
        return gettext("shown beside the score, not in it")
    if criterion.weight != 1:
        return gettext("counts %(n)s times") % {"n": criterion.weight}
    return ""
