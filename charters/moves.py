"""Moves for a tense moment: what to do, and words to say it with.

The same cards for everyone and in every circle. They are opened from a session, and
opening them is seen by nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Card:
    key: str
    name: Any
    when: Any
    do: Any
    # Words that anybody may say as they stand.
    words: tuple[Any, ...]
    # The way to repair stands on the last one.
    leads_to_repair: bool = False


CARDS: tuple[Card, ...] = (
    Card(
        key="paraphrase",
        name=_("Say it back"),
        when=_("Two people talk past each other, or somebody says a thing twice."),
        do=_(
            "Say back what you heard, in your own words, before anybody answers. Go on "
            "only when the one who said it says that this is it."
        ),
        words=(
            _("“Before we go on: what I hear is… Is that it?”"),
            _("“Could you say back what you heard, before you answer?”"),
            _("“Not quite? Then say the part that is missing.”"),
        ),
    ),
    Card(
        key="impact",
        name=_("Impact apart from intent"),
        when=_("Somebody is hurt, and somebody else explains that they meant well."),
        do=_(
            "Ask for each by itself: first what it did, then what was meant. Neither "
            "takes the other away."
        ),
        words=(
            _("“What did it do to you? We come to what was meant afterwards.”"),
            _("“You meant…, and what it did was… Both are true.”"),
            _("“I do not need to agree on what you meant to see that it hurt.”"),
        ),
    ),
    Card(
        key="timebox",
        name=_("A few minutes, by the clock"),
        when=_("A hard matter takes the whole session, or nobody dares to open it."),
        do=_(
            "Give it a fixed time, the same for each side. When it is over, choose "
            "together: more time, another day, or enough for now."
        ),
        words=(
            _("“Let us give this six minutes: two for you, two for you, two for us.”"),
            _("“Time. Do we want three minutes more, or another day?”"),
        ),
    ),
    Card(
        key="pause",
        name=_("A pause"),
        when=_("Voices rise, somebody falls silent, or you notice your own breath."),
        do=_(
            "Anyone may ask for it, without a reason. Hold the clock, be quiet for a "
            "minute, then ask who needs what to go on."
        ),
        words=(
            _("“I need a pause.”"),
            _("“Let us be quiet for a minute. Then each says one word.”"),
            _("“What would you need to go on? Stopping here is fine, too.”"),
        ),
    ),
    Card(
        key="third",
        name=_("A third person"),
        when=_("It keeps coming back, or the two of you cannot hold it alone."),
        do=_(
            "Do not settle it before the whole circle. Offer a conversation of the two "
            "with somebody from the support list, on another day."
        ),
        words=(
            _(
                "“This deserves more than the minutes we have. Would you talk, with "
                "somebody beside you?”"
            ),
            _("“Who could sit with you both?”"),
        ),
        leads_to_repair=True,
    ),
)
