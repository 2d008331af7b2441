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
    spoken = {
        kernel.Kind.GONE: _hush(_("removed:")),
        kernel.Kind.NEW: _hush(_("added:")),
    }
    tags = {kernel.Kind.GONE: "del", kernel.Kind.NEW: "ins"}
    parts = []
    for segment in kernel.redline(before, after):
        text = _lines(segment.text)
        tag = tags.get(segment.kind)
        parts.append(f"<{tag}>{spoken[segment.kind]}{text}</{tag}>" if tag else text)
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
    return format_html("<ins>{}{}</ins>", _hush(_("added:")), _lines(text))


@register.simple_tag
def removed(text: str) -> SafeString:
    return format_html("<del>{}{}</del>", _hush(_("removed:")), _lines(text))


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
