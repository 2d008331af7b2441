"""The cards for a tense moment, folded, on whatever page they may be needed."""

from __future__ import annotations

from typing import Any

from django import template

from charters.moves import CARDS

register = template.Library()


@register.inclusion_tag("charters/_moves.html")
def tense_moves(cohort: Any, *, repair: bool = True) -> dict[str, Any]:
    """`{% tense_moves cohort %}`: a section with one card for each move.

    It costs no query. `repair=False` where the page is a repair conversation itself.
    """
    return {"cards": CARDS, "cohort": cohort, "repair": repair}
