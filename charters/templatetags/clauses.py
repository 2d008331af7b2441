"""Clauses and versions as they stand in long lists, without a template.

A charter of forty clauses and thirty versions is rows of the same few words: as nodes
of a template they cost most of what the page costs.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charters.models import CharterVersion, Clause
from charters.templatetags.redlines import lines
from cohorts.models import Cohort
from people.clock import day_for

register = template.Library()

CLASS_END = ' class="end"'


@register.simple_tag
def clause_words(clause: Clause) -> SafeString:
    """Its name, its text, and since when it reads so."""
    spoken = f'dir="auto" lang="{escape(clause.lang)}"'
    changed = ""
    if clause.since > 1:
        words = escape(_("Changed in version %(n)s") % {"n": clause.since})
        changed = f'<p class="small"><span class="tag here">{words}</span></p>'
    title, text = escape(clause.title), lines(clause.text)
    # Whatever people wrote is escaped above.
    return mark_safe(f"<h4 {spoken}>{title}</h4><p {spoken}>{text}</p>{changed}")


@register.simple_tag
def whole_clause(clause: Clause) -> SafeString:
    """`{% whole_clause clause %}`: one that nobody wants to change."""
    number, words = int(clause.number), clause_words(clause)
    return mark_safe(  # a number and escaped words
        f'<article class="clause" id="c{number}"><span class="n" aria-hidden="true">'
        f'{number}</span><div class="flow tight">{words}</div></article>'
    )


@register.simple_tag
def how_it_grew(versions: Iterable[CharterVersion], cohort: Cohort) -> SafeString:
    """The versions as points of a thread, the newest first."""
    home = reverse("charters:charter", args=[cohort.slug])
    named, compare = _("Version %(n)s"), _("Compare with %(before)s")
    points = []
    for version in versions:
        number = int(version.number)
        day = timezone.localtime(version.adopted_at).date()
        compared = ""
        if number > 1:
            words = escape(compare % {"before": number - 1})
            compared = f' <a href="{home}diff/{number - 1}/{number}/">{words}</a>'
        points.append(
            f"<li{'' if number > 1 else CLASS_END}><p><strong>"
            f'<a href="{home}v/{number}/">{escape(named % {"n": number})}</a></strong>'
            f'</p><p class="small muted"><time datetime="{day.isoformat()}">'
            f"{escape(day_for(day))}</time> · <bdi>{escape(version.title)}</bdi> · "
            f"{escape(_agreed(version) + _silent(version))}.{compared}</p></li>"
        )
    return mark_safe("".join(points))  # each word is escaped above


def _agreed(version: CharterVersion) -> str:
    counts = {"yes": version.agreed, "asked": version.asked, "n": version.concerned}
    if not version.concerned:
        return _("%(yes)s of %(asked)s") % counts
    return (
        ngettext(
            "%(yes)s of %(asked)s, one concern kept on record",
            "%(yes)s of %(asked)s, %(n)s concerns kept on record",
            version.concerned,
        )
        % counts
    )


def _silent(version: CharterVersion) -> str:
    if not version.silent:
        return ""
    words = ngettext("one silent", "%(n)s silent", version.silent)
    return ", " + words % {"n": version.silent}
