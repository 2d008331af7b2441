"""Tags that every page may use; a builtin, so pages need no `{% load %}`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from django import template
from django.template.loader import get_template
from django.urls import is_valid_path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name

from people import access, cities, clock
from people.charts import Chart
from people.fragments import kept

register = template.Library()


class Still(template.Node):
    """What hangs on nothing but the language: written once for each, then kept."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        return kept(self, lambda: self.write(context))

    def write(self, context: template.Context) -> SafeString:
        # Without the page's context: nothing of its reader can be kept.
        blank = template.Context()
        assert context.template  # every render binds one
        with blank.bind_template(context.template):
            return self.nodelist.render(blank)


@register.tag
def still(parser: template.base.Parser, token: template.base.Token) -> Still:
    """`{% still %}...{% endstill %}`: for parts that every page shows alike.

    Inside stand words, addresses and pictures of the house; a variable is empty.
    """
    nodelist = parser.parse(("endstill",))
    parser.delete_first_token()
    return Still(nodelist)


@register.simple_tag(takes_context=True)
def moment(
    context: template.Context, at: datetime | None, zone: str = ""
) -> str | SafeString:
    """`{% moment session.starts_at %}`: weekday, day, hour and place, for the reader.

    Give `zone` to tell it for another place: `{% moment at cohort.timezone %}`.
    In the text of a mail, where nothing is escaped, it is plain text.
    """
    if not at:
        return ""
    words = clock.moment(at, zone or get_current_timezone_name())
    if not context.autoescape:
        return words
    return format_html(
        '<time datetime="{}">{}</time>', at.isoformat(timespec="minutes"), words
    )


@register.simple_tag(takes_context=True)
def day(context: template.Context, value: date | None) -> str | SafeString:
    """`{% day commitment.due_on %}`: weekday, day and month."""
    if value is None:
        return ""
    if not context.autoescape:
        return clock.day_for(value)
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(), clock.day_for(value)
    )


@register.simple_tag(takes_context=True)
def place_question(context: template.Context) -> str:
    """Asks once, in one line, when the device is somewhere else than the account."""
    request = context.get("request")
    if request is None or "zone" not in request.COOKIES:
        return ""
    # What is refused at the door is refused before anybody asks who is there.
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return ""
    zone = cities.elsewhere(
        unquote(request.COOKIES["zone"]), request.user.timezone, now=timezone.now()
    )
    if not zone or zone == request.COOKIES.get("zone_asked"):
        return ""
    said = {"zone": zone, "place": clock.place_name(zone)}
    return get_template("people/place_question.html").render(said, request)


@register.simple_tag
def place(zone: str) -> str:
    """`{% place person.timezone %}`: the city, as the reader writes it."""
    return clock.place_name(zone)


@register.filter
def languages(codes: Iterable[str]) -> str:
    """`{{ application.languages|languages }}`: by name, as the reader writes them."""
    return ", ".join(clock.language_name(code) for code in codes)


@register.simple_tag
def bead(person: Any, extra: str = "") -> SafeString:
    """A person as a bead; hidden from screen readers, who hear the name in text."""
    classes = " ".join(filter(None, ("bead", person.tint, extra)))
    return format_html(
        '<span class="{}" aria-hidden="true">{}</span>', classes, person.initials
    )


@register.simple_tag
def chart(one: Chart) -> SafeString:
    """`{% chart adoption %}`: one of people.charts; the page loads desk.css."""
    return SafeString(get_template(one.template).render({"chart": one}))


@register.simple_tag(takes_context=True)
def outbox_name(context: Any) -> str:
    """Whose entries the phone's outbox shows and sends on this page."""
    return access.outbox_name(context["request"].user)


@register.filter
def width_percent(part: float, whole: float) -> str:
    """`{{ kept|width_percent:made }}`: for the width of a bar out of 100."""
    return f"{min(100.0, 100 * part / whole):.1f}" if whole else "0"


@lru_cache(maxsize=128)
def _is_built(path: str) -> bool:
    return bool(is_valid_path(path))


@register.simple_tag
def route(path: str, *parts: Any) -> str:
    """`{% route "/c/%/charter/" cohort.slug as url %}`: the path, or nothing.

    For the frame and the ground floor, which link up to rooms they must not
    know: where a room is not built, there is no link.
    """
    for part in parts:
        path = path.replace("%", str(part), 1)
    return path if _is_built(path) else ""
