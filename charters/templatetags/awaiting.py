"""What waits for a session, on the page where one is planned or prepared."""

from __future__ import annotations

from typing import Any

from django import template

from charters import amending

register = template.Library()


@register.inclusion_tag("charters/_for_a_session.html", takes_context=True)
def waits_for_a_session(context: dict[str, Any], cohort: Any) -> dict[str, Any]:
    """`{% waits_for_a_session cohort %}`: proposals that writing did not settle.

    One query; nothing is shown where nothing waits.
    """
    viewer = context["request"].user
    return {
        "cohort": cohort,
        "proposals": amending.waiting_for_a_session(viewer, cohort),
    }
