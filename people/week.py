"""A person's usual week as a form field: what stands, and a brush to change it.

The value is the text of `people.availability`: 336 digits, half-hours from
Monday 00:00 in the person's own zone, comfort 0 to 3. The page shows each day
as words and as a bar; a brush (days, from, until, how well) is laid over it with
every submit of the form, whichever button was pressed. So it works without a
script, by keyboard, and on a small phone. A view that saves and shows the same
page again lets people add hours one brush at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from people.availability import A_DAY, HALF_HOURS, NEVER, Span, is_week, spans

COMFORTS = (
    ("3", _("gladly")),
    ("2", _("fine")),
    ("1", _("if it must be")),
    ("0", _("not possible")),
)


def _clock(half_hour: int) -> str:
    return f"{half_hour // 2:02}:{30 * (half_hour % 2):02}"


STARTS = [(str(n), _clock(n)) for n in range(A_DAY)]
ENDS = [(str(n), _clock(n)) for n in range(1, A_DAY + 1)]


@dataclass(frozen=True)
class Day:
    """One day of the week as the page shows it."""

    name: Any
    spans: tuple[tuple[str, str, Any], ...]  # from, until, how well
    bars: tuple[tuple[int, int, int], ...]  # start, length, comfort


def days_of(week: str) -> list[Day]:
    said = spans(week) if is_week(week) else ()
    words = dict(COMFORTS)
    return [
        Day(
            name=WEEKDAYS[weekday],
            spans=tuple(
                (_clock(_start(s)), _clock(_end(s)), words[str(s.comfort)])
                for s in said
                if s.weekday == weekday
            ),
            bars=tuple(
                (_start(s), _end(s) - _start(s), s.comfort)
                for s in said
                if s.weekday == weekday
            ),
        )
        for weekday in range(7)
    ]


def _start(span: Span) -> int:
    return span.starts.hour * 2 + span.starts.minute // 30


def _end(span: Span) -> int:
    return (span.ends.hour * 2 + span.ends.minute // 30) or A_DAY


class WeekWidget(forms.Widget):
    template_name = "components/week.html"
    use_fieldset = True
    is_whole = True  # components/field.html: it draws all its parts itself

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"].update(
            week=value if isinstance(value, str) else "",
            days=days_of(value or ""),
            weekdays=[(str(n), WEEKDAYS_ABBR[n]) for n in range(7)],
            starts=STARTS,
            ends=ENDS,
            comforts=COMFORTS,
        )
        return context

    def id_for_label(self, id_: str) -> str:
        return ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        """What stood on the page, with the brush laid over it."""
        week = data.get(name)
        if week is None:
            return None
        listed = data.getlist if hasattr(data, "getlist") else data.get
        days = listed(f"{name}_day") or []
        try:
            start, end = (int(data[f"{name}_{edge}"]) for edge in ("from", "until"))
        except (KeyError, ValueError):
            return week
        comfort = data.get(f"{name}_comfort", "")
        if not days or comfort not in dict(COMFORTS):
            return week
        return laid_over(week, days=days, start=start, end=end, comfort=comfort)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data


def laid_over(week: str, *, days: list[str], start: int, end: int, comfort: str) -> str:
    """The week with these half-hours of these days at this comfort.

    A stretch that ends before it starts runs past midnight into the next day.
    """
    if not is_week(week):
        week = NEVER if week == "" else week
        if not is_week(week):
            return week  # the field says what is wrong with it
    slots = list(week)
    length = (end - start) % A_DAY or A_DAY
    for day in days:
        if day in tuple("0123456") and 0 <= start < A_DAY:
            for n in range(length):
                slots[(int(day) * A_DAY + start + n) % HALF_HOURS] = comfort
    return "".join(slots)


class WeekField(forms.CharField):
    """The text of a week; empty when the person said nothing."""

    widget = WeekWidget

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(max_length=HALF_HOURS, strip=True, **options)

    def clean(self, value: Any) -> str:
        week = super().clean(value)
        if week and not is_week(week):
            raise ValidationError(_("These hours could not be read. Set them anew."))
        return "" if week == NEVER else week
