"""Applicants from a file: upload, say what each column is, look, confirm, undo.

Lines are kept as text in a table of the leads. Nothing becomes an application
before it is confirmed; then it goes in stretches, so that a file of 5,000 lines
shows how far it is and can be gone on with after a break.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts import spreadsheets, workbooks
from cohorts.arrivals import Arrival, arrive
from cohorts.models import (
    MOST_TIES,
    Application,
    EarlierCopy,
    ImportBatch,
    ImportFile,
    ImportRow,
    Intake,
    Placement,
    Question,
    Redaction,
    Review,
    Seat,
    Standing,
    Ticket,
    Trait,
)
from cohorts.rights import must_lead
from people.models import User, pour, record
from people.refusal import Refused

BIGGEST_FILE = 5 * 1024 * 1024
# Lines that become applications in one go.
STRETCH = 500
LONGEST_IMPORT = timedelta(minutes=5)
# A file that nobody confirmed for so long holds people for nothing.
FORGOTTEN_AFTER = timedelta(days=30)
# A column with more different values than this describes nobody's trait.
MOST_VALUES = 60

IGNORE, NEW_TRAIT = "", "trait:new"
# Each of these is one column at most.
PLAIN = (
    "called",
    "email",
    "organisation",
    "languages",
    "timezone",
    "hours_per_month",
    "offers",
    "needs",
    "ties",
    "access_needs",
)


# --- Upload -------------------------------------------------------------------


def why_not(error: spreadsheets.NotATable) -> str:
    """What to do about a file that cannot be read, in a sentence."""
    return {
        spreadsheets.EMPTY: _("This file is empty. Export it again and upload it."),
        spreadsheets.BINARY: _(
            "This is neither a CSV file nor a workbook (.xlsx) that we can read. In "
            "your spreadsheet choose “Save as” and one of the two, then upload that "
            "file."
        ),
        workbooks.LOCKED: _(
            "This workbook is locked by a password, or of a kind from before 2007. "
            "In your spreadsheet choose “Save as” and .xlsx, without a password."
        ),
        workbooks.OPEN_DOCUMENT: _(
            "This is an OpenDocument file (.ods). In your spreadsheet choose “Save "
            "as” and .xlsx or CSV, then upload that file."
        ),
        workbooks.SWOLLEN: _(
            "This workbook holds far more than a list of people would. Copy the list "
            "into a new one, or save it as CSV, and upload that."
        ),
        spreadsheets.NO_ROWS: _(
            "This file has headings and no lines below them, so there is nobody to "
            "import."
        ),
        spreadsheets.NO_HEADINGS: _("The first line should name the columns."),
        spreadsheets.TOO_MANY_ROWS: _(
            "This file has more than %(n)s lines. Split it and import the parts."
        )
        % {"n": spreadsheets.MOST_ROWS},
        spreadsheets.TOO_WIDE: _(
            "This file has more than %(n)s columns. Is it the right one?"
        )
        % {"n": spreadsheets.MOST_COLUMNS},
    }[error.why]


def read_table(
    raw: bytes, *, sheet: str = "", encoding: str = ""
) -> spreadsheets.Table:
    """The table in a file of either kind. Raises spreadsheets.NotATable."""
    if workbooks.is_workbook(raw):
        return workbooks.read(raw, sheet=sheet)
    if workbooks.is_locked(raw):
        raise spreadsheets.NotATable(workbooks.LOCKED)
    return spreadsheets.read(raw, encoding=encoding)


@transaction.atomic
def upload(
    intake: Intake, *, by: User, filename: str, raw: bytes, now: datetime
) -> ImportBatch:
    """Keep the lines of the file as text. Raises spreadsheets.NotATable."""
    must_lead(by, intake.program)
    batch = ImportBatch(
        program_id=intake.program_id,
        intake=intake,
        uploaded_by=by,
        filename=filename[-200:],
        uploaded_at=now,
    )
    _take_in(batch, read_table(raw))
    ImportFile.objects.create(program_id=intake.program_id, batch=batch, content=raw)
    record("import.upload", by=by, about=batch, place=intake.program_id)
    return batch


@transaction.atomic
def read_again(
    batch: ImportBatch, *, by: User, sheet: str = "", encoding: str = ""
) -> ImportBatch:
    """Read the file by another sheet, or as other letters.

    Raises spreadsheets.NotATable; then all stays as it was.
    """
    must_lead(by, batch.intake.program)
    batch = _locked(batch)
    if batch.state not in (ImportBatch.State.UPLOADED, ImportBatch.State.CHECKED):
        raise Refused(_("This import was confirmed already."))
    file = (
        ImportFile.objects.unsealed("a lead reads their file again")
        .filter(batch=batch)
        .first()
    )
    if file is None:
        raise Refused(_("This file is no longer here. Upload it again."))
    table = read_table(bytes(file.content), sheet=sheet, encoding=encoding)
    _forget_rows(batch)
    _take_in(batch, table)
    return batch


def _take_in(batch: ImportBatch, table: spreadsheets.Table) -> None:
    batch.encoding, batch.delimiter = table.encoding, table.delimiter
    batch.headers = [header[:300] for header in table.headers]
    batch.sheet = table.sheet[:255]
    batch.sheets = [title[:255] for title in table.sheets]
    batch.rows_in_all, batch.rows_good, batch.rows_seen = len(table.rows), 0, 0
    batch.state = ImportBatch.State.UPLOADED
    remembered = _remembered(batch)
    batch.mapping = remembered or {
        str(n): target
        for n, target in enumerate(guessed(batch.headers, batch.intake))
        if target
    }
    batch.save()
    pour(
        [
            ImportRow(
                program_id=batch.program_id,
                batch=batch,
                number=number,
                cells=list(cells),
                marks=[list(mark) for mark in table.marks.get(number, ())],
            )
            for number, cells in table.rows
        ]
    )


def _remembered(batch: ImportBatch) -> dict[str, Any]:
    """What these headings were said to be the last time, in this program.

    Questions and traits of another call are found here by their own words.
    """
    former = (
        _with_these_headings(batch)
        .select_related("intake")
        .order_by("-uploaded_at", "-pk")
        .first()
    )
    if former is None:
        return {}
    here = _words_of_targets(batch.intake)
    by_words = {words: target for target, words in here.items()}
    there = here
    if former.intake_id != batch.intake_id:
        there = _words_of_targets(former.intake)
    made = former.mapping.get("made", {})
    found: dict[str, Any] = {}
    for column, target in former.mapping.items():
        if not column.isdecimal():
            continue
        if target == NEW_TRAIT and column in made:
            target = f"trait:{made[column]}"
        if ":" in target and target != NEW_TRAIT:
            target = by_words.get(there.get(target, ""), "")
        if target == NEW_TRAIT and batch.intake.is_frozen:
            target = ""
        if target and target not in found.values():
            found[column] = target
    return {**found, "from": former.filename} if found else {}


def _with_these_headings(batch: ImportBatch) -> QuerySet[ImportBatch]:
    """Other files of the program with the same headings, and what was said of them."""
    return (
        ImportBatch.objects.unsealed("what the leads said of these headings before")
        .filter(program=batch.program_id, headers=batch.headers)
        .exclude(pk=batch.pk)
        .exclude(state=ImportBatch.State.UPLOADED)
    )


def is_remembered(batch: ImportBatch) -> bool:
    """Whether another file says of these headings what they are."""
    return any(
        column.isdecimal()
        for former in _with_these_headings(batch)
        for column in former.mapping
    )


def _words_of_targets(intake: Intake) -> dict[str, str]:
    return {
        **{
            f"question:{q.pk}": f"question {_plainly(q.label)}"
            for q in intake.questions.all()
        },
        **{f"trait:{t.pk}": f"trait {t.key}" for t in intake.traits.all()},
    }


# Headings that form tools give these columns, in the languages we speak.
HEADINGS: Mapping[str, str] = {
    "called": r"(full )?name|your name|called|nom|nombre|nome|الاسم|jina",
    "email": r"e ?mail( address)?|mail( address)?|courriel|correo|البريد|barua pepe",
    "organisation": r"organi[sz]ation|company|employer|organisme|organización",
    "languages": r"languages?( you speak)?|langues?|idiomas?|lugha",
    "timezone": r"time ?zone|fuseau horaire|zona horaria|fuso horário",
    "hours_per_month": r"hours( a| per)? month|heures par mois",
    "offers": r"(what )?(i|you|we)? ?(can )?offers?|skills",
    "needs": r"(what )?(i|you|we)? ?needs?",
    "ties": r"ties|works? with|knows",
    "access_needs": r"access( needs| requirements)?|accessibility",
}


def guessed(headers: Sequence[str], intake: Intake) -> list[str]:
    """For each column, the likeliest target; "" where there is none."""
    known = {
        _plainly(question.label): f"question:{question.pk}"
        for question in intake.questions.all()
    }
    for trait in intake.traits.all():
        known[_plainly(trait.label)] = known[_plainly(trait.key)] = f"trait:{trait.pk}"
    found: list[str] = []
    for header in headers:
        plain = _plainly(header)
        target = known.get(plain, "") or next(
            (t for t, words in HEADINGS.items() if re.fullmatch(words, plain)), ""
        )
        found.append("" if target in found else target)
    return found


def _plainly(text: str) -> str:
    return re.sub(r"[\s_\-:*?]+", " ", text.casefold()).strip()


# --- What each column is ------------------------------------------------------


def mapping_faults(batch: ImportBatch, mapping: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, by column number ("" for the whole)."""
    found: dict[str, str] = {}
    if "called" not in mapping.values():
        found[""] = _("Say which column holds the name.")
    seen: dict[str, str] = {}
    for column, target in sorted(mapping.items(), key=lambda pair: int(pair[0])):
        if target and target != NEW_TRAIT and target in seen:
            found[column] = _("“%(other)s” is this already.") % {
                "other": batch.headers[int(seen[target])]
            }
        seen.setdefault(target, column)
    return found


@transaction.atomic
def say_what_columns_are(
    batch: ImportBatch, *, by: User, mapping: Mapping[str, str]
) -> ImportBatch:
    """Keep the mapping and check every line against it."""
    must_lead(by, batch.intake.program)
    batch = _locked(batch)
    if batch.state not in (ImportBatch.State.UPLOADED, ImportBatch.State.CHECKED):
        raise Refused(_("This import was confirmed already."))
    faults = mapping_faults(batch, mapping)
    if faults:
        raise Refused(" ".join(faults.values()))
    batch.mapping = {column: target for column, target in mapping.items() if target}
    _check(batch)
    batch.state = ImportBatch.State.CHECKED
    batch.save(update_fields=["mapping", "state", "rows_good", "rows_seen"])
    return batch


def consents_missing(batch: ImportBatch) -> list[str]:
    """The needed consents that no column of this file answers, in their words."""
    mapped = set(batch.mapping.values())
    return [
        question.label
        for question in batch.intake.questions.order_by("position", "pk")
        if question.kind == Question.Kind.CONSENT
        and question.required
        and f"question:{question.pk}" not in mapped
    ]


def _check(batch: ImportBatch) -> None:
    reader = _reader_for(batch)
    rows = list(
        ImportRow.objects.unsealed("a lead checks the lines they uploaded")
        .filter(batch=batch)
        .order_by("number")
    )
    earlier = set(
        email.lower()
        for email in Application.objects.unsealed("who applied already")
        .submitted()
        .filter(intake=batch.intake)
        .exclude(email="")
        .values_list("email", flat=True)
    )
    known = {
        (_plainly(called), _plainly(organisation))
        for called, organisation in Application.objects.unsealed("who applied already")
        .submitted()
        .filter(intake=batch.intake)
        .values_list("called", "organisation")
    }
    first_line: dict[str, int] = {}
    # Of those who gave no address: what they said, and in which line.
    whole_lines: dict[tuple[str, ...], int] = {}
    spoken_of, good = [], 0
    verdict = ImportRow.Verdict
    for row in rows:
        arrival, problems, is_bad = reader.read(row.cells, row.marks)
        was = (row.verdict, row.problems)
        row.verdict = verdict.BAD if is_bad else verdict.GOOD
        email = arrival.email.lower()
        if email and not is_bad:
            column = reader.column_of("email")
            if email in earlier:
                row.verdict = verdict.DOUBLE
                problems.append([column, _("This person has applied already.")])
            elif email in first_line:
                row.verdict = verdict.DOUBLE
                problems.append(
                    [
                        column,
                        _("The same address as in line %(n)s.")
                        % {"n": first_line[email]},
                    ]
                )
            first_line.setdefault(email, row.number)
        elif not is_bad:
            said = tuple(row.cells[n] for n in reader.columns if n < len(row.cells))
            if said in whole_lines:
                row.verdict = verdict.DOUBLE
                problems.append(
                    [None, _("The same as line %(n)s.") % {"n": whole_lines[said]}]
                )
            whole_lines.setdefault(said, row.number)
        if row.verdict == verdict.GOOD:
            who = (_plainly(arrival.called), _plainly(arrival.organisation))
            if who in known:
                problems.append(
                    [
                        reader.column_of("called"),
                        _(
                            "Somebody of this name has applied already, from another "
                            "address. Is it the same person?"
                        ),
                    ]
                )
        row.problems = problems
        good += row.verdict == verdict.GOOD
        if (row.verdict, row.problems) != was:
            spoken_of.append(row)
    # Nearly all lines are fine: those in one statement, the others one by one.
    quiet = [r.pk for r in spoken_of if r.verdict == verdict.GOOD and not r.problems]
    ImportRow.objects.unsealed("a lead checks the lines they uploaded").filter(
        pk__in=quiet
    ).update(verdict=verdict.GOOD, problems=[])
    loud = [r for r in spoken_of if r.verdict != verdict.GOOD or r.problems]
    if loud:
        ImportRow.objects.unsealed("a lead checks the lines they uploaded").bulk_update(
            loud, ["verdict", "problems"], batch_size=500
        )
    batch.rows_good = good
    batch.rows_seen = 0


@dataclass
class Reader:
    """Reads one line by the mapping."""

    columns: dict[int, str]
    headers: Sequence[str]
    questions: dict[str, Question]
    traits: dict[str, Trait]
    new_traits: dict[int, UUID] = field(default_factory=dict)
    # Of the call, its own first: letters speak one of them.
    languages: Sequence[str] = ()
    zone: str = "UTC"

    def column_of(self, target: str) -> int | None:
        return next((n for n, t in self.columns.items() if t == target), None)

    def read(
        self, cells: Sequence[str], marks: Iterable[Sequence[Any]] = ()
    ) -> tuple[Arrival, list[list[Any]], bool]:
        """The person of this line, what is wrong with it, and whether that is bad."""
        problems: list[list[Any]] = []
        is_bad = False
        values: dict[str, Any] = {"timezone": self.zone}
        answers: dict[UUID, tuple[str, Sequence[str]]] = {}
        traits: list[tuple[UUID, str, bool]] = []
        if len(cells) > len(self.headers) and any(cells[len(self.headers) :]):
            problems.append([None, _("More cells than there are headings.")])
            is_bad = True
        for column, way, word in marks:
            # A cell that says less than it seems to is never guessed at.
            if column in self.columns:
                problems.append([column, _of_mark(way, word)])
                is_bad = True
        for column, target in self.columns.items():
            cell = cells[column].strip() if column < len(cells) else ""
            if "\ufffd" in cell:
                problems.append([column, _("Some letters here could not be read.")])
            try:
                self._take(column, target, cell, values, answers, traits)
            except _Note as note:
                problems.append([column, note.sentence])
                is_bad = is_bad or note.is_bad
        spoken = [language.lower() for language in values.get("languages", ())]
        common = [code for code in spoken if code in self.languages]
        arrival = Arrival(
            **{"called": "", **values},
            language=(*common, *self.languages, "")[0],
            answers=answers,
            traits=list(dict.fromkeys(traits)),
        )
        return arrival, problems, is_bad

    def _take(
        self,
        column: int,
        target: str,
        cell: str,
        values: dict[str, Any],
        answers: dict[UUID, tuple[str, Sequence[str]]],
        traits: list[tuple[UUID, str, bool]],
    ) -> None:
        kind, _colon, key = target.partition(":")
        if kind == "question" and key in self.questions:
            question = self.questions[key]
            if cell:
                answers[question.pk] = _answer(question, cell)
        elif target == NEW_TRAIT:
            if cell and column in self.new_traits:
                traits.append((self.new_traits[column], cell[:200], False))
        elif kind == "trait" and key in self.traits:
            trait = self.traits[key]
            several = _parts(cell) if trait.several else [cell] if cell else []
            traits += [
                (trait.pk, _like(v, trait.options)[:200], False) for v in several
            ]
        elif target in PLAIN:
            values[target] = _plain(target, cell, self.zone)


def _of_mark(way: str, word: str) -> str:
    if way == "merged":
        return _(
            "This cell is merged with %(cell)s. Split it in your spreadsheet and fill "
            "in every line."
        ) % {"cell": word}
    if way == "formula":
        return _(
            "This formula was never worked out. Open the file in your spreadsheet, "
            "save it there, and upload it again."
        )
    return _("The spreadsheet shows an error here: %(error)s") % {"error": word}


class _Note(Exception):
    def __init__(self, sentence: str, *, is_bad: bool):
        super().__init__(sentence)
        self.sentence, self.is_bad = sentence, is_bad


def _parts(cell: str) -> list[str]:
    # Not at slashes, plus signs or commas: those belong to values.
    return [p.strip() for p in re.split(r"[;|\n]", cell) if p.strip()]


def _like(value: str, options: Sequence[str]) -> str:
    """The option that is this value but for capitals, else the value itself."""
    return next((o for o in options if o.casefold() == value.casefold()), value)


def _plain(target: str, cell: str, zone: str) -> Any:
    if target == "called":
        if not cell:
            raise _Note(_("There is no name here."), is_bad=True)
        if len(cell) > 300:
            raise _Note(_("A name of more than 300 letters."), is_bad=True)
        return cell
    if target == "email":
        if cell:
            try:
                validate_email(cell)
            except ValidationError:
                raise _Note(
                    _("“%(cell)s” is not a mail address.") % {"cell": cell[:80]},
                    is_bad=True,
                ) from None
            if len(cell) > 254:
                raise _Note(_("This address is too long."), is_bad=True)
        return cell
    if target == "timezone":
        if not cell:
            return zone
        try:
            ZoneInfo(cell)
        except (KeyError, ValueError, OSError):
            raise _Note(
                _("“%(cell)s” is no place we know; the call’s own is used.")
                % {"cell": cell[:80]},
                is_bad=False,
            ) from None
        return cell
    if target == "hours_per_month":
        return _number(cell)
    if target in ("offers", "needs"):
        return [part[:80] for part in _parts(cell)][:30]
    if target == "ties":
        parts = _parts(cell)
        if len(parts) > MOST_TIES:
            raise _Note(
                _("More than %(n)s ties.") % {"n": MOST_TIES},
                is_bad=True,
            )
        return [part[:120] for part in parts]
    if target == "languages":
        return [p.strip()[:35] for p in re.split(r"[;|,\n]", cell) if p.strip()][:20]
    return cell[:200] if target == "organisation" else cell[:500]


def _number(cell: str) -> Decimal | None:
    if not cell:
        return None
    try:
        number = Decimal(cell.replace(",", "."))
    except InvalidOperation:
        raise _Note(
            _("“%(cell)s” is not a number.") % {"cell": cell[:80]}, is_bad=False
        ) from None
    if not number.is_finite() or not 0 <= number < 1000:
        raise _Note(
            _("“%(cell)s” is not a number of hours.") % {"cell": cell[:80]},
            is_bad=False,
        )
    return number.quantize(Decimal("0.1"))


YES = re.compile(r"(y|yes|true|1|x|oui|sí|si|sim|نعم|ndiyo|ja|ok|agreed?)", re.I)


def _answer(question: Question, cell: str) -> tuple[str, Sequence[str]]:
    kind = Question.Kind
    if question.kind == kind.CONSENT:
        return ("yes" if YES.fullmatch(cell) else "", ())
    if question.kind == kind.NUMBER:
        try:
            Decimal(cell.replace(",", "."))
        except InvalidOperation:
            raise _Note(
                _("“%(cell)s” is not a number.") % {"cell": cell[:80]}, is_bad=True
            ) from None
        return (cell.replace(",", "."), ())
    if question.has_options:
        parts = _parts(cell) if question.kind == kind.SOME_OF else [cell]
        chosen = [_like(part, question.options) for part in parts]
        for value in chosen:
            if value not in question.options:
                raise _Note(
                    _("“%(cell)s” is none of the answers to choose from.")
                    % {"cell": value[:80]},
                    is_bad=True,
                )
        return ("", chosen)
    return (cell[:10_000], ())


def _reader_for(batch: ImportBatch) -> Reader:
    intake = batch.intake
    made = batch.mapping.get("made", {})
    return Reader(
        columns={int(n): t for n, t in batch.mapping.items() if n.isdecimal()},
        headers=batch.headers,
        questions={str(q.pk): q for q in intake.questions.all()},
        traits={str(t.pk): t for t in intake.traits.all()},
        new_traits={int(n): UUID(pk) for n, pk in made.items()},
        languages=intake.languages or (),
        zone=intake.timezone,
    )


# --- Confirm ------------------------------------------------------------------


@transaction.atomic
def confirm(batch: ImportBatch, *, by: User, now: datetime) -> ImportBatch:
    """The good lines become applications, the first stretch at once.

    Confirming twice confirms once. Go on with `go_on` while the state is importing.
    """
    must_lead(by, batch.intake.program)
    batch = _locked(batch)
    if batch.state in (ImportBatch.State.IMPORTING, ImportBatch.State.IMPORTED):
        return batch
    if batch.state != ImportBatch.State.CHECKED:
        raise Refused(_("Say what the columns are first."))
    if not batch.rows_good:
        raise Refused(_("No line of this file can be imported."))
    _make_traits(batch)
    batch.state = ImportBatch.State.IMPORTING
    batch.imported_at = now
    batch.save(update_fields=["mapping", "state", "imported_at"])
    _forget_file(batch)
    record("import.confirm", by=by, about=batch, place=batch.program_id)
    return _one_stretch(batch, now=now)


@transaction.atomic
def go_on(batch: ImportBatch, *, now: datetime) -> ImportBatch:
    """The next stretch of a confirmed import. Harmless when there is none."""
    batch = _locked(batch)
    if batch.state != ImportBatch.State.IMPORTING:
        return batch
    return _one_stretch(batch, now=now)


def resting(*, now: datetime) -> list[UUID]:
    """Confirmed imports that should have come to their end and have not."""
    return list(
        ImportBatch.objects.unsealed("a confirmed import is taken up again")
        .filter(state=ImportBatch.State.IMPORTING, imported_at__lt=now - LONGEST_IMPORT)
        .order_by("imported_at", "pk")
        .values_list("pk", flat=True)
    )


def _one_stretch(batch: ImportBatch, *, now: datetime) -> ImportBatch:
    rows = list(
        ImportRow.objects.unsealed("a confirmed import goes on")
        .filter(batch=batch, verdict=ImportRow.Verdict.GOOD, application=None)
        .exclude(cells=[])
        .order_by("number")[:STRETCH]
    )
    reader = _reader_for(batch)
    # The key of the line becomes the application's: no line can come in twice.
    arrivals = [replace(reader.read(row.cells)[0], key=row.pk) for row in rows]
    taken = _addresses_taken(batch.intake, [a.email for a in arrivals if a.email])
    fresh, late = [], []
    for row, arrival in zip(rows, arrivals, strict=True):
        if arrival.email and arrival.email.lower() in taken:
            # Applied by the form between the look and the confirmation.
            row.verdict = ImportRow.Verdict.DOUBLE
            row.problems = [
                [reader.column_of("email"), _("This person has applied already.")]
            ]
            late.append(row)
        else:
            fresh.append(arrival)
    try:
        with transaction.atomic():
            arrive(batch.intake, fresh, at=now, batch=batch)
    except IntegrityError as error:
        raise Refused(
            _("Somebody applied at this very moment. Press the button again.")
        ) from error
    lines = ImportRow.objects.unsealed("a confirmed import goes on")
    # Emptied: the applications hold what they said now.
    lines.filter(pk__in=[a.key for a in fresh]).update(application=F("pk"), cells=[])
    lines.bulk_update(late, ["verdict", "problems"])
    batch.rows_seen += len(rows)
    if len(rows) < STRETCH:
        batch.state = ImportBatch.State.IMPORTED
    batch.save(update_fields=["rows_seen", "state"])
    return batch


def _addresses_taken(intake: Intake, emails: Sequence[str]) -> set[str]:
    return set(
        Application.objects.unsealed("who applied already")
        .submitted()
        .annotate(address=Lower("email"))
        .filter(intake=intake, address__in={email.lower() for email in emails})
        .values_list("address", flat=True)
    )


def _make_traits(batch: ImportBatch) -> None:
    """Traits for the columns that ask for one, and options for the values met."""
    intake = batch.intake
    targets = {int(n): t for n, t in batch.mapping.items() if t.startswith("trait:")}
    if not targets:
        return
    values: dict[int, dict[str, None]] = {column: {} for column in targets}
    for cells in (
        ImportRow.objects.unsealed("a confirmed import meets its values")
        .filter(batch=batch, verdict=ImportRow.Verdict.GOOD)
        .order_by("number")
        .values_list("cells", flat=True)
        .iterator()
    ):
        for column in targets:
            if column < len(cells) and cells[column]:
                values[column].setdefault(cells[column].strip()[:200])
    traits = {str(t.pk): t for t in intake.traits.all()}
    made: dict[str, str] = {}
    position = max((t.position for t in traits.values()), default=0)
    keys = {t.key for t in traits.values()}
    for column, target in sorted(targets.items()):
        met = sorted(values[column])
        if target != NEW_TRAIT:
            trait = traits.get(target.partition(":")[2])
            if trait is None or intake.is_frozen or trait.several:
                continue
            more = [v for v in met if _like(v, trait.options) not in trait.options]
            if more and len(trait.options) + len(more) <= MOST_VALUES:
                trait.options = [*trait.options, *more]
                trait.save(update_fields=["options"])
            continue
        if len(met) > MOST_VALUES:
            raise Refused(
                ngettext(
                    "“%(column)s” has %(n)s value: too many for a trait.",
                    "“%(column)s” has %(n)s different values: too many for a trait. "
                    "Leave the column out, or map it to a question.",
                    len(met),
                )
                % {"column": batch.headers[column], "n": len(met)}
            )
        position += 1
        label = (batch.headers[column] or _("Column %(n)s") % {"n": column + 1})[:160]
        key = _free_key(label, keys)
        keys.add(key)
        trait = Trait.objects.create(
            intake=intake, position=position, key=key, label=label, options=met
        )
        made[str(column)] = str(trait.pk)
    batch.mapping = {**batch.mapping, "made": made} if made else batch.mapping


def _free_key(label: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:50] or "trait"
    key, n = base, 2
    while key in taken:
        key, n = f"{base}-{n}", n + 1
    return key


# --- Undo, throw away ---------------------------------------------------------


@transaction.atomic
def undo(batch: ImportBatch, *, by: User) -> ImportBatch:
    """Take the whole import back, while nobody has acted on any of it."""
    must_lead(by, batch.intake.program)
    batch = _locked(batch)
    if batch.state == ImportBatch.State.UNDONE:
        return batch
    # Whoever publishes a draw takes the same turn: nobody of it vanishes meanwhile.
    Intake.objects.select_for_update(of=("self",)).get(pk=batch.intake_id)
    imported = Application.objects.unsealed("a lead takes an import back").filter(
        batch=batch
    )
    acted = _acted_on(batch)
    if acted:
        raise Refused(acted)
    imported.delete()
    _forget_rows(batch)
    made = batch.mapping.get("made", {})
    intake = batch.intake
    left = Application.objects.unsealed("whether the call is empty again").filter(
        intake=intake
    )
    if not left.exists():
        intake.frozen_at = None
        intake.save(update_fields=["frozen_at"])
        Trait.objects.filter(pk__in=list(made.values())).delete()
    batch.state = ImportBatch.State.UNDONE
    batch.save(update_fields=["state"])
    record("import.undo", by=by, about=batch, place=batch.program_id)
    return batch


def _acted_on(batch: ImportBatch) -> str:
    """Why the import can no longer be taken back; "" while nobody acted on it."""
    why = "whether a lead may take an import back"
    imported = Application.objects.unsealed(why).filter(batch=batch)
    reviews = Review.objects.unsealed(why).filter(copy__application__batch=batch)
    state = Review.State
    if imported.exclude(released_at=None).exists():
        return _("Some of these people have been answered, so the import stays.")
    if reviews.filter(state__in=(state.BEGUN, state.DONE, state.ABSTAINED)).exists():
        return _("Some of these applications have been read, so the import stays.")
    if (
        Standing.objects.unsealed(why)
        .filter(application__batch=batch)
        .exclude(pending="")
        .exists()
    ):
        return _(
            "Some of these applications have been decided about, so the import stays."
        )
    banded = Placement.objects.unsealed(why).filter(application__batch=batch)
    drawn = Ticket.objects.unsealed(why).filter(application__batch=batch)
    if banded.exists() or drawn.exists():
        return _(
            "Some of these applications stand in a band or in a draw, so the import "
            "stays."
        )
    if Seat.objects.unsealed(why).filter(application__batch=batch).exists():
        return _("Some of these people sit in a proposal, so the import stays.")
    if imported.filter(Q(edition__gt=1) | ~Q(applicant=None)).exists():
        return _(
            "Some of these people have changed or withdrawn what they sent, so the "
            "import stays."
        )
    copies = {"copy__application__batch": batch}
    if (
        Redaction.objects.unsealed(why).filter(**copies).exists()
        or EarlierCopy.objects.unsealed(why).filter(**copies).exists()
    ):
        return _(
            "Words were hidden or changed in some of these applications, so the "
            "import stays."
        )
    return ""


def forget_old(*, now: datetime) -> int:
    """Forget files that nobody confirmed; how many."""
    old = ImportBatch.objects.unsealed("files that nobody came back to").filter(
        state__in=(ImportBatch.State.UPLOADED, ImportBatch.State.CHECKED),
        uploaded_at__lt=now - FORGOTTEN_AFTER,
    )
    return old.delete()[1].get(ImportBatch._meta.label, 0)


@transaction.atomic
def throw_away(batch: ImportBatch, *, by: User, headings: bool = False) -> None:
    """Forget a file that brought nobody in, and what was said of its columns.

    With `headings`, what was said of the same headings in former files goes, too.
    """
    must_lead(by, batch.intake.program)
    batch = _locked(batch)
    if batch.state in (ImportBatch.State.IMPORTING, ImportBatch.State.IMPORTED):
        raise Refused(_("This import was confirmed; undo it instead."))
    if headings:
        # The traits that it made are no columns: they are needed to take it back.
        for former in _with_these_headings(batch).exclude(
            state=ImportBatch.State.IMPORTING
        ):
            former.mapping = {
                name: said
                for name, said in former.mapping.items()
                if not name.isdecimal()
            }
            former.save(update_fields=["mapping"])
    _forget_rows(batch)
    record("import.throw_away", by=by, about=batch, place=batch.program_id)
    batch.delete()


def _forget_rows(batch: ImportBatch) -> None:
    ImportRow.objects.unsealed("the lines of an import are forgotten").filter(
        batch=batch
    ).delete()


def _forget_file(batch: ImportBatch) -> None:
    ImportFile.objects.unsealed("the file of an import is forgotten").filter(
        batch=batch
    ).delete()


def _locked(batch: ImportBatch) -> ImportBatch:
    return (
        ImportBatch.objects.unsealed("an import moves one step at a time")
        .select_for_update(of=("self",))
        .select_related("intake__program")
        .get(pk=batch.pk)
    )
