"""A draw that everybody can check afterwards. Pure.

Before the random value exists, the record (who takes part, the panels, how heavy each
of them is) is fixed and its fingerprint published. Afterwards anybody who has record
and value finds the same people (commit and reveal; after RFC 3797). The record names
nobody and says nothing about anybody: people are numbers that only they know, kinds of
people are numbers too.

Form of the record, the keys in this order once it is written down:

    {"draw": 1,                    version of this method
     "kinds": [0, 0, 1, ...],      the kind of each number
     "numbers": ["k3f…", ...],     who takes part, in order of the alphabet
     "panels": [[2, 1], ...],      how many of each kind sit in each panel
     "source": "…",                where the random value will come from, and when
     "weights": [5, ...]}          how often each panel comes, out of their sum
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from typing import Any

from cohorts.lottery import Mixture

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Who was drawn, and in which order the others move up."""

    seated: tuple[str, ...]
    waiting: tuple[str, ...]


def record_of(mixture: Mixture, numbers: Sequence[str], *, source: str) -> bytes:
    """The record of a lottery, as the bytes whose fingerprint is published.

    numbers: one for each person of the pool, in the order of the pool.
    Raises ValueError if a number comes twice.
    """
    if len(set(numbers)) != len(mixture.kind_of):
        raise ValueError("Each person takes part under a number of her own.")
    people = sorted(zip(numbers, mixture.kind_of, strict=True))
    return written_down(
        {
            "draw": VERSION,
            "kinds": [kind for _, kind in people],
            "numbers": [number for number, _ in people],
            "panels": [list(panel) for panel in mixture.panels],
            "source": source,
            "weights": list(mixture.weights),
        }
    )


def written_down(record: Mapping[str, Any]) -> bytes:
    """One way to write a record, and only one: sorted keys, no spaces, plain ASCII."""
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode("ascii")


def fingerprint(record: bytes) -> str:
    """SHA-256 in hexadecimal: other by one byte, another fingerprint."""
    return hashlib.sha256(record).hexdigest()


def draw(record: bytes, *, value: str) -> Drawn:
    """Who is seated, and the order of the rest, once the random value is known."""
    read = json.loads(record)
    lots = _lots(value.strip().encode(), fingerprint(record).encode())
    point = _below(sum(read["weights"]), lots)
    ends = accumulate(read["weights"])
    panel = next(i for i, end in enumerate(ends) if point < end)
    seated: set[str] = set()
    for kind, seats in enumerate(read["panels"][panel]):
        of_kind = [
            number
            for number, its in zip(read["numbers"], read["kinds"], strict=True)
            if its == kind
        ]
        seated.update(_shuffled(of_kind, lots)[:seats])
    rest = [number for number in read["numbers"] if number not in seated]
    return Drawn(seated=tuple(sorted(seated)), waiting=tuple(_shuffled(rest, lots)))


def _lots(key: bytes, message: bytes) -> Iterator[int]:
    """Random numbers of 64 bits without end: HMAC-SHA256 over a counter."""
    for step in count():
        block = hmac.digest(key, message + b":%d" % step, "sha256")
        yield int.from_bytes(block[:8], "big")


def _below(bound: int, lots: Iterator[int]) -> int:
    """A number below `bound`, each as likely: lots that favour small ones are left."""
    usable = 2**64 - 2**64 % bound
    return next(lot for lot in lots if lot < usable) % bound


def _shuffled(numbers: Sequence[str], lots: Iterator[int]) -> list[str]:
    """Fisher and Yates, from the front."""
    mixed = list(numbers)
    for place in range(len(mixed)):
        other = place + _below(len(mixed) - place, lots)
        mixed[place], mixed[other] = mixed[other], mixed[place]
    return mixed
