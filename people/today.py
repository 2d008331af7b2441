"""Today: what waits for a person, in order, and when they are done.

Higher apps register what they know; this page knows none of them. Each maker
may cost two queries at most, and should look at `places` before it costs any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One line of "Waiting for you"."""

    kind: str  # "Decision", "Request", "Reading": a translated word
    title: str
    url: str
    window: str = ""  # "2 days left", "reply by tomorrow 14:00"
    detail: str = ""
    person: Any = None  # whose bead stands beside it
    urgent: bool = True  # turmeric tag, against a plain one
    until: datetime | None = None  # sorts the list; None comes last


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One block of the page. At most one block claims each slot of the layout."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    slot: Literal["next", "promise", "checkin", "more"] = "more"
    order: int = 50
    # One whole sentence for the top of the page: "One session this week."
    summary: str = ""
    # When the block is about a meeting: "Your circle meets on Thursday ..."
    meets_at: datetime | None = None


WaitingMaker = Callable[[HttpRequest, Any, datetime], Iterable[Waiting]]
PanelMaker = Callable[[HttpRequest, Any, datetime], Iterable[Panel]]

_waiting: list[WaitingMaker] = []
_panels: list[PanelMaker] = []


def waits(maker: WaitingMaker) -> WaitingMaker:
    """Register lines for "Waiting for you": maker(request, places, now)."""
    _waiting.append(maker)
    return maker


def panel(maker: PanelMaker) -> PanelMaker:
    """Register blocks of Today: maker(request, places, now)."""
    _panels.append(maker)
    return maker


def waiting_for(request: HttpRequest, places: Any, *, now: datetime) -> list[Waiting]:
    lines = [line for maker in _waiting for line in maker(request, places, now)]
    return sorted(lines, key=lambda w: (w.until is None, w.until or now))


def panels_for(request: HttpRequest, places: Any, *, now: datetime) -> list[Panel]:
    blocks = [block for maker in _panels for block in maker(request, places, now)]
    return sorted(blocks, key=lambda p: p.order)
