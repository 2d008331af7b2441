"""PURE: how a practice travelled, from flat rows to a tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Node:
    """One station: the copy and what grew from it, in the order it happened."""

    copy: Any
    children: list[Node] = field(default_factory=list)
    is_here: bool = False


def family(copies: Iterable[Any], *, here: Any = None) -> list[Node]:
    """Copies of one family as trees; `here` is the key of the one being read.

    A copy whose parent is not among them (withdrawn, or not this reader's to see)
    stands at the top. A ring of parents, which no door lets in, is cut open
    rather than followed.
    """
    ordered = sorted(copies, key=lambda c: (c.published_at, str(c.pk)))
    nodes = {c.pk: Node(c, is_here=c.pk == here) for c in ordered}
    tops = []
    for copy in ordered:
        parent = nodes.get(copy.parent)
        if parent is None or _reaches(copy.pk, copy.parent, nodes):
            tops.append(nodes[copy.pk])
        else:
            parent.children.append(nodes[copy.pk])
    return tops


def _reaches(start: Any, key: Any, nodes: dict[Any, Node]) -> bool:
    seen = set()
    while key in nodes and key not in seen:
        if key == start:
            return True
        seen.add(key)
        key = nodes[key].copy.parent
    return False
