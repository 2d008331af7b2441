"""What the first page and the sign-in page show that `people` cannot know.

Higher apps register makers in `AppConfig.ready()`, so that nothing here imports
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone


@dataclass(frozen=True, kw_only=True)
class OpenCall:
    """A call for applications that anybody may answer now."""

    title: str
    url: str
    offered_by: str = ""
    summary: str = ""
    closes_at: datetime | None = None
    zone: str = ""  # where the call is made, for readers whose place is not known


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """Somebody of the demo program whom visitors may sign in as."""

    email: str
    role: str  # "A member of Baobab": a translated sentence


CallMaker = Callable[[datetime], Iterable[OpenCall]]
DemoMaker = Callable[[], Iterable[DemoPerson]]

_calls: list[CallMaker] = []
_demo: list[DemoMaker] = []


def opens_calls(maker: CallMaker) -> CallMaker:
    """Register a maker of open calls: maker(now)."""
    _calls.append(maker)
    return maker


def shows_demo(maker: DemoMaker) -> DemoMaker:
    """Register who may be tried out; empty while no demo program stands."""
    _demo.append(maker)
    return maker


def open_calls(*, now: datetime | None = None) -> list[OpenCall]:
    """Every open call, the one that closes first on top."""
    now = now or timezone.now()
    calls = [call for maker in _calls for call in maker(now)]
    return sorted(calls, key=lambda c: (c.closes_at is None, c.closes_at or now))


def demo_people() -> list[DemoPerson]:
    return [person for maker in _demo for person in maker()]
