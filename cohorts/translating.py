"""A call's own texts in each of its languages.

The leads write what they like in the language of the call; for each other language
there is one row with the same texts, as far as somebody has written them. A page
shows a text in the reader's language when there is one, else as it was first
written, and says in which language it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cohorts import usual
from cohorts.models import CallTexts, Criterion, Intake, Question, Trait
from cohorts.rights import must_lead
from people.models import User, record
from people.refusal import Refused

SPOKEN = dict(settings.LANGUAGES)
# Fields that hold text, by the kind of row; the lists among them hold one each.
OF_CALL = ("name", "about", "rhythm", "how_chosen")
OF_PART = {
    Question: ("label", "help", "options"),
    Trait: ("label", "help", "options"),
    Criterion: ("name", "help", "levels"),
}
LISTS = ("options", "levels")


class Words(str):
    """A text that knows its language where that is not the page's own."""

    __slots__ = ("lang",)
    lang: str

    def __new__(cls, text: str, lang: str = "") -> Words:
        made = super().__new__(cls, text)
        made.lang = lang
        return made


@dataclass(frozen=True)
class Text:
    """One text of the call: where it stands, and what it says."""

    key: str
    row: Any
    field: str
    original: Any  # str, or a list of them

    @property
    def is_list(self) -> bool:
        return self.field in LISTS


def texts_of(intake: Intake) -> Iterator[Text]:
    """Every text of the call that says something, in the order of its pages."""
    for row in rows_of(intake):
        fields = OF_PART.get(type(row), OF_CALL)
        place = "call" if row is intake else row.pk.hex
        for field in fields:
            original = getattr(row, field)
            if original:
                yield Text(f"{place}_{field}", row, field, original)


def rows_of(intake: Intake) -> Iterator[Any]:
    yield intake
    for parts in (intake.questions, intake.traits, intake.criteria):
        yield from sorted(parts.all(), key=lambda part: (part.position, part.pk))


def languages_of(intake: Intake) -> list[str]:
    """The language it is written in, then the others people may apply in."""
    others = [code for code in intake.languages if code in SPOKEN]
    return list(dict.fromkeys([intake.own_language, *others]))


# --- Reading ------------------------------------------------------------------


def in_language() -> Prefetch[Any]:
    """For `prefetch_related`: the texts in the language of the page."""
    return Prefetch(
        "translations",
        CallTexts.objects.filter(language=get_language() or ""),
        to_attr="texts_here",
    )


def spoken(intake: Intake) -> Intake:
    """The same call, with its texts in the language of the page where there are any.

    For pages that show it; whoever changes it fetches it anew.
    """
    prefetch_related_objects([intake], "questions", "traits", "criteria", in_language())
    here = get_language() or ""
    own = "" if intake.own_language == here else intake.own_language
    found: Sequence[CallTexts] = intake.texts_here  # type: ignore[attr-defined]
    texts = found[0].texts if found and own else {}
    if own or texts:
        for text in list(texts_of(intake)):
            if text.field == "options":
                text.row.options_as_written = text.original
            said = texts.get(text.key) or (own and by_itself(text, own, here))
            setattr(text.row, text.field, _said(text, said, own))
    return intake


def by_itself(text: Text, own: str, language: str) -> Any:
    """How the house says this, where the call left it as calls begin; else None.

    Of a list the lines that it can say, by what they stand for.
    """
    known = usual.said_in(language, written_in=own)
    if not text.is_list:
        return known.get(text.original)
    return {line: known[line] for line in text.original if line in known}


def _said(text: Text, said: Any, own: str) -> Any:
    """The translated text; whatever is missing of it stands as first written."""
    if not text.is_list:
        return Words(said) if said else Words(text.original, own)
    # By what it stands for, not by its place: lists are put in another order.
    said = said if isinstance(said, dict) else {}
    return [
        Words(said[line]) if said.get(line) else Words(line, own)
        for line in text.original
    ]


# --- Writing ------------------------------------------------------------------


def texts_in(intake: Intake, language: str) -> CallTexts:
    """The texts in that language; an unsaved row when nobody has written any."""
    return intake.translations.filter(language=language).first() or CallTexts(
        intake=intake, language=language, edition=0
    )


def progress(intake: Intake) -> list[tuple[str, int, int]]:
    """language, texts written, texts in all; for every language but its own."""
    texts = list(texts_of(intake))
    stands = {row.language: row.texts for row in intake.translations.all()}

    def is_said(text: Text, code: str) -> bool:
        said = by_itself(text, intake.own_language, code)
        whole = len(said) == len(text.original) if text.is_list else bool(said)
        return whole or text.key in stands.get(code, {})

    return [
        (code, sum(is_said(text, code) for text in texts), len(texts))
        for code in dict.fromkeys([*languages_of(intake)[1:], *sorted(stands)])
        if code != intake.own_language
    ]


@transaction.atomic
def translate(
    intake: Intake, *, by: User, language: str, texts: Mapping[str, Any]
) -> CallTexts:
    """Put these in place of the texts in that language.

    Possible at any time, for it asks nobody anything else; an empty text is none.
    """
    must_lead(by, intake.program)
    if language not in SPOKEN or language == intake.own_language:
        raise Refused(_("The call is written in this language already."))
    known = {text.key: text for text in texts_of(intake)}
    kept: dict[str, Any] = {}
    for key, said in texts.items():
        if key not in known or not said:
            continue
        if known[key].is_list:
            lines = known[key].original
            if len(said) != len(lines):
                raise Refused(_("A list needs as many lines as the one it stands for."))
            kept[key] = dict(zip(lines, said, strict=True))
        else:
            kept[key] = said
    row, is_new = CallTexts.objects.select_for_update().get_or_create(
        intake=intake, language=language, defaults={"texts": kept}
    )
    if not is_new:
        row.texts = kept
        row.edition += 1
        row.save(update_fields=["texts", "edition"])
    record("intake.translate", by=by, about=intake, place=intake.program_id)
    return row


def copy_texts(former: Intake, made: Intake, *, parts: Mapping[str, str]) -> None:
    """Take the translations over; `parts` gives each part's key in the new call."""

    def moved(key: str) -> str:
        place, field = key.split("_", 1)
        return f"{parts.get(place, place)}_{field}"

    CallTexts.objects.bulk_create(
        CallTexts(
            intake=made,
            language=row.language,
            texts={moved(key): said for key, said in row.texts.items()},
        )
        for row in former.translations.all()
    )
