"""Every route the project serves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    name: str
    view: Any
    params: tuple[str, ...]
    pattern: str

    @property
    def is_ours(self) -> bool:
        return not self.name.startswith(("admin:", "account_", "mfa_", "usersessions_"))


def to_be_walked() -> list["Route"]:
    """All of ours; of what libraries bring, whatever needs no parameter."""
    return [route for route in walk() if route.is_ours or not route.params]


def walk(patterns=None, namespaces=(), inherited=(), prefix="") -> Iterator[Route]:
    """Every route, with the parameters it wants."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        params = (*inherited, *_wanted_by(entry.pattern))
        path = prefix + str(entry.pattern)
        match entry:
            case URLResolver():
                inner = (*namespaces, *filter(None, [entry.namespace]))
                yield from walk(entry.url_patterns, inner, params, path)
            case URLPattern():
                name = ":".join((*namespaces, entry.name or f"?{path}"))
                yield Route(name, entry.callback, params, path)


def _wanted_by(pattern: Any) -> list[str]:
    """The parameters of a `path()`, or of a `re_path()` as libraries write them."""
    return list(pattern.converters) or list(pattern.regex.groupindex)
