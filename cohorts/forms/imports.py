"""A file of applicants, and what its columns are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cohorts.importing import BIGGEST_FILE, IGNORE, NEW_TRAIT, mapping_faults
from cohorts.models import ImportBatch
from cohorts.spreadsheets import ENCODINGS


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("The file"),
        help_text=_(
            "A CSV file or a workbook (.xlsx) with one line for each person. At most "
            "5 MB."
        ),
        widget=forms.ClearableFileInput(
            attrs={"accept": ".csv,.tsv,.txt,.xlsx,text/csv,text/plain"}
        ),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("This file is empty. Export it again and upload it."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > BIGGEST_FILE:
            raise forms.ValidationError(
                _("This file is bigger than 5 MB. Split it and import the parts.")
            )
        return file


ENCODING_NAMES = {
    "utf-8": _("Unicode (UTF-8)"),
    "cp1252": _("Western Europe (Windows)"),
    "mac_roman": _("Western Europe (older Mac)"),
    "cp1250": _("Central Europe (Windows)"),
    "cp1251": _("Cyrillic (Windows)"),
    "cp1256": _("Arabic (Windows)"),
    "utf-16": _("Unicode (UTF-16)"),
}


class ForgetForm(forms.Form):
    # Tells it from taking an import back, whose button may be pressed twice.
    forget = forms.CharField(initial="yes", widget=forms.HiddenInput, required=False)
    headings = forms.BooleanField(
        label=_("Forget what was said of these headings in former imports, too"),
        required=False,
        help_text=_("The next file with the same headings is then read afresh."),
    )

    def __init__(self, *args: Any, is_remembered: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_remembered:
            del self.fields["headings"]


class ReadAgainForm(forms.Form):
    """Which sheet of a workbook, or which letters of a text file."""

    sheet = forms.ChoiceField(label=_("Which sheet"))
    encoding = forms.ChoiceField(label=_("How the letters were written"))

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        if batch.encoding == "xlsx":
            del fields["encoding"]
            fields["sheet"].choices = [(title, title) for title in batch.sheets]
            fields["sheet"].initial = batch.sheet
        else:
            del fields["sheet"]
            fields["encoding"].choices = [(e, ENCODING_NAMES[e]) for e in ENCODINGS]
            fields["encoding"].initial = {"utf-8-sig": "utf-8"}.get(
                batch.encoding, batch.encoding
            )


class MappingForm(forms.Form):
    """For each column of the file, what it holds."""

    def __init__(
        self, *args: Any, batch: ImportBatch, examples: list[list[str]], **kwargs: Any
    ) -> None:
        self.batch = batch
        super().__init__(*args, **kwargs)
        choices = targets_of(batch)
        for n, header in enumerate(batch.headers):
            seen = list(
                dict.fromkeys(
                    cells[n] for cells in examples if n < len(cells) and cells[n]
                )
            )
            self.fields[f"column_{n}"] = forms.ChoiceField(
                label=header or _("Column %(n)s, without a heading") % {"n": n + 1},
                choices=choices,
                required=False,
                initial=batch.mapping.get(str(n), IGNORE),
                help_text=" · ".join(value[:60] for value in seen[:3]),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.mapping = {
            str(n): cleaned.get(f"column_{n}", "")
            for n in range(len(self.batch.headers))
        }
        for column, sentence in mapping_faults(self.batch, self.mapping).items():
            self.add_error(f"column_{column}" if column else None, sentence)
        return cleaned


def targets_of(batch: ImportBatch) -> list[tuple[Any, Any]]:
    intake = batch.intake
    found: list[tuple[Any, Any]] = [
        (IGNORE, _("left out")),
        (
            _("The person"),
            [
                ("called", _("Name")),
                ("email", _("Mail address")),
                ("organisation", _("Organisation")),
                ("languages", _("Languages")),
                ("timezone", _("Place (time zone)")),
                ("hours_per_month", _("Hours a month")),
                ("offers", _("Offers")),
                ("needs", _("Needs")),
                ("ties", _("Ties")),
                ("access_needs", _("Access needs")),
            ],
        ),
        (
            _("Answers"),
            [(f"question:{q.pk}", q.label[:80]) for q in intake.questions.all()],
        ),
    ]
    traits: list[tuple[str, Any]] = [
        (f"trait:{t.pk}", t.label) for t in intake.traits.all()
    ]
    if not intake.is_frozen:
        traits.append((NEW_TRAIT, _("a new trait, made from this column")))
    found.append((_("Traits, for balance only"), traits))
    return found
