"""The line that says that all of this is a demo."""

from __future__ import annotations

from typing import Any

from django import template

from cohortsite.demo import visiting

register = template.Library()


@register.inclusion_tag("demo/banner.html", takes_context=True)
def demo_banner(context: template.Context) -> dict[str, Any]:
    """Only what the page knows of its reader already: it costs no query.

    The tabs above it have asked where the reader has a place.
    """
    places = getattr(context.get("request"), "_places", None)
    if places is None or not places.are_known:
        return {"is_demo": False, "may_remove": False}
    return {
        "is_demo": visiting.is_in_the_demo(places),
        "may_remove": visiting.demo_led(places) is not None,
    }
