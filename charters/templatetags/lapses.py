"""Whether a charter decides anything now: for every page that speaks of it."""

from __future__ import annotations

from django import template

from charters import lapsing
from charters.models import QuarterlyReview
from cohorts.models import Cohort

register = template.Library()


@register.simple_tag
def lapse_of(cohort: Cohort) -> QuarterlyReview | None:
    """`{% lapse_of cohort as lapse %}`: the review nobody held; None where all is well.

    `{% include "charters/_lapsed.html" with review=lapse %}` says so.
    """
    return lapsing.lapsed_review(cohort)
