"""Pieces of pages that never change: written once for each language, then kept.

Only what is the same for every reader may be kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from django.utils.safestring import SafeString
from django.utils.translation import get_language

# More than the house has pieces; releases of many programs come and go.
MOST = 500

_kept: dict[tuple[Hashable, str | None], SafeString] = {}


def kept(piece: Hashable, write: Callable[[], SafeString]) -> SafeString:
    """The piece in the language of the page; `write` is called when it is new."""
    key = piece, get_language()
    if key not in _kept:
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[key] = write()
    return _kept[key]
