"""What changed between two texts, as <ins> and <del> that can also be heard."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from charters import redline as kernel
from charters import values

register = template.Library()


@register.simple_tag
def redline(before: str, after: str) -> SafeString:
    """`{% redline old.text new.text %}`: word by word, both texts in one."""
    around = {kernel.Kind.GONE: _what_is_gone(), kernel.Kind.NEW: _what_is_new()}
    parts = []
    for segment in kernel.redline(before, after):
        begin, end = around.get(segment.kind, ("", ""))
        parts.append(f"{begin}{_lines(segment.text)}{end}")
    return mark_safe("".join(parts))  # every segment is escaped in _lines


# A number to call: digits with what people put between them.
CALLED = re.compile(r"\+?\d[\d ().\-\u2011]{4,}\d")


@register.simple_tag
def reach(text: str) -> SafeString:
    """How to reach somebody: addresses and numbers as links, each line by itself."""
    lines = []
    for line in text.splitlines():
        linked = urlize(line, autoescape=True)
        if "<a " not in linked:
            linked = CALLED.sub(_call, linked)
        lines.append(linked)
    return mark_safe("<br>".join(lines))  # urlize escaped every line


def _call(found: re.Match[str]) -> str:
    dialled = re.sub(r"[^\d+]", "", found[0])
    return f'<a href="tel:{dialled}" dir="ltr">{found[0]}</a>'


@register.simple_tag
def added(text: str) -> SafeString:
    begin, end = _what_is_new()
    return format_html("{}{}{}", begin, _lines(text), end)


@register.simple_tag
def removed(text: str) -> SafeString:
    begin, end = _what_is_gone()
    return format_html("{}{}{}", begin, _lines(text), end)


def _what_is_new() -> tuple[SafeString, SafeString]:
    return _around("ins", _("added:"), _("end of addition"))


def _what_is_gone() -> tuple[SafeString, SafeString]:
    return _around("del", _("removed:"), _("end of removal"))


def _around(tag: str, begins: str, ends: str) -> tuple[SafeString, SafeString]:
    """Screen readers seldom tell of <ins> and <del>: words say where each begins."""
    named = mark_safe(tag)
    return (
        format_html("<{}>{}", named, _hush(begins)),
        format_html("{}</{}>", _hush(ends), named),
    )


@register.filter
def lines(text: str) -> SafeString:
    """A text with its line ends kept."""
    return _lines(text)


@register.filter
def local_day(at: datetime) -> date:
    """The day of a moment where the reader is."""
    return timezone.localtime(at).date()


@register.simple_tag
def steering(steers: str, value: Any) -> str:
    """What a clause tells the software, in words."""
    return values.in_words(steers, value or {})


def _hush(word: str) -> SafeString:
    # Its own language and direction: it must not turn round the text it stands in.
    return format_html(
        '<span class="hush" lang="{}" dir="{}"> {} </span>',
        get_language() or "en",
        "rtl" if get_language_bidi() else "ltr",
        word,
    )


def _lines(text: str) -> SafeString:
    escaped = escape(text.replace("\r\n", "\n").replace("\r", "\n"))
    return mark_safe(escaped.replace("\n", "<br>"))  # nothing but <br> is added
