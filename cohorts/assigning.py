"""Who reads what. Pure: plain data in, an assignment with its reasons out, seeded.

A min-cost flow from texts to readers, solved to the optimum. What counts, in order:

1. every text gets its readings; where they do not suffice, no text goes empty before
   another gets its last;
2. loads are as even as conflicts, languages and capacities allow (the squares of all
   loads are smallest: no reading can move to somebody who has two fewer);
3. whoever said that they read the language goes before whoever said nothing; and who
   shares texts with whom is mixed by the seed, so that severe readers can be told
   from weak texts.

What somebody has read, begun or been handed stays as it is.

The network is large (texts times readers) and the answer small, so the program holds
few of its arcs at first and takes in those that its own prices ask for, until none
does: then the answer is optimal for all arcs. `Plan.gap` is what the prices leave to
doubt; it is recomputed here and not taken from the solver.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

FIRST_ARCS = 10  # of each text, before prices ask for more
MIXED = 12  # whole numbers that the seed deals out to arcs
NOT_SAID = 12  # the price of a reader who said nothing about languages


@dataclass(frozen=True, kw_only=True)
class Text:
    """Something to be read. `kept`: whose reading of it stands, in whatever state."""

    key: str
    language: str = ""
    wanted: int = 2
    kept: frozenset[str] = frozenset()
    # Who must not read it.
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Somebody who reads. No languages named: any will do."""

    key: str
    capacity: int | None = None  # None: as many as come
    languages: frozenset[str] = frozenset()

    def reads(self, language: str) -> bool:
        """Regional kinds of one language are read alike: "pt" and "pt-br"."""
        return (
            not language
            or not self.languages
            or _base(language) in {_base(one) for one in self.languages}
        )


@dataclass(frozen=True, kw_only=True)
class Shortage:
    """Texts that do not get their readings, and the readers who are all there are.

    Everybody else cannot read them: `barred` by a conflict, or of another `language`.
    """

    texts: tuple[str, ...]
    missing: int
    readers: tuple[str, ...]  # all of them full, or reading the text already
    are_full: bool
    barred: int  # readers that a conflict keeps from one of the texts
    foreign: int  # readers that read another language
    languages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """New readings, as pairs of text and reader; and how that leaves everybody."""

    new: tuple[tuple[str, str], ...]
    loads: Mapping[str, int]
    missing: Mapping[str, int]
    shortages: tuple[Shortage, ...] = ()
    # Whoever has two fewer than the fullest, and whether they are full themselves.
    uneven: Mapping[str, bool] = field(default_factory=dict)
    is_connected: bool = True
    # How far the readings could be from the best there are, by their own prices.
    gap: float = 0.0

    @property
    def spread(self) -> int:
        return max(self.loads.values()) - min(self.loads.values()) if self.loads else 0


def assign(texts: Sequence[Text], readers: Sequence[Reader], *, seed: int) -> Plan:
    """The best assignment there is; the same one for the same seed."""
    if not texts or not readers:
        return _nothing(texts, readers)
    network = Network(texts, readers, seed=seed)
    chosen = network.solve()
    return _told(network, chosen)


def _base(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


def _nothing(texts: Sequence[Text], readers: Sequence[Reader]) -> Plan:
    loads = Counter({reader.key: 0 for reader in readers})
    loads.update(key for text in texts for key in text.kept)
    missing = {t.key: t.wanted - len(t.kept) for t in texts if t.wanted > len(t.kept)}
    shortages = (
        Shortage(
            texts=tuple(missing),
            missing=sum(missing.values()),
            readers=(),
            are_full=True,
            barred=0,
            foreign=0,
            languages=(),
        ),
    )
    return Plan(
        new=(),
        loads=dict(loads),
        missing=missing,
        shortages=shortages if missing else (),
    )


class Network:
    """Texts by readers as a table of prices; infinite where nothing may flow."""

    def __init__(
        self, texts: Sequence[Text], readers: Sequence[Reader], *, seed: int
    ) -> None:
        self.texts, self.readers = texts, readers
        self.place = {reader.key: r for r, reader in enumerate(readers)}
        self.wanted = np.array([max(0, t.wanted - len(t.kept)) for t in texts])
        held = Counter(key for text in texts for key in text.kept)
        self.held = np.array([held[reader.key] for reader in readers])
        # Of those who left, readings stand that nobody here holds.
        self.prices = self._prices(seed)
        enough = int(self.wanted.sum()) + int(self.held.max(initial=0))
        self.room = np.array(
            [
                max(0, (enough if r.capacity is None else r.capacity) - held[r.key])
                for r in readers
            ]
        )
        self.room = np.minimum(self.room, np.isfinite(self.prices).sum(axis=0))
        # Each tier outweighs whatever the one below could gain along a whole path.
        self.step = (MIXED + NOT_SAID) * (len(readers) + 1)
        fullest = int((self.held + self.room).max(initial=0))
        self.lacking = self.step * (2 * fullest + 3)

    def _prices(self, seed: int) -> NDArray[np.float64]:
        dice = np.random.default_rng(seed)
        prices = dice.integers(
            0, MIXED, size=(len(self.texts), len(self.readers))
        ).astype(np.float64)
        by_language = {
            language: np.array(
                [
                    (0.0 if reader.languages or not language else float(NOT_SAID))
                    if reader.reads(language)
                    else np.inf
                    for reader in self.readers
                ]
            )
            for language in {text.language for text in self.texts}
        }
        for t, text in enumerate(self.texts):
            prices[t] += by_language[text.language]
            out = [self.place[k] for k in text.barred | text.kept if k in self.place]
            prices[t, out] = np.inf
        return prices

    # What the answer costs, and what the prices of the answer allow

    def cost(self, chosen: NDArray[np.bool_]) -> float:
        loads = self.held + chosen.sum(axis=0)
        lacks = self.wanted - chosen.sum(axis=1)
        return float(
            self.prices[chosen].sum()
            + self.step * (loads**2 - self.held**2).sum()
            + self.lacking * (lacks * (lacks + 1) // 2).sum()
        )

    def bound(self, of_text: NDArray[Any], of_reader: NDArray[Any]) -> float:
        """What any assignment costs at least, by these prices: weak duality.

        Each arc is taken where that is cheaper than leaving it; nothing of this
        rests on what the solver says.
        """
        # text t sends wanted[t] units at the price of_text[t]; reader r passes them
        # on at the price of_reader[r].
        reduced = self.prices - of_text[:, None] + of_reader[None, :]
        least = float(np.minimum(reduced, 0)[np.isfinite(reduced)].sum())
        least += float((of_text * self.wanted).sum())
        for lacks in range(1, int(self.wanted.max(initial=0)) + 1):
            can = self.wanted >= lacks
            least += float(np.minimum(0, lacks * self.lacking - of_text[can]).sum())
        for nth in range(int(self.room.max(initial=0))):
            can = self.room > nth
            step = self.step * (2 * (self.held[can] + nth) + 1)
            least += float(np.minimum(0, step - of_reader[can]).sum())
        return least

    def solve(self) -> NDArray[np.bool_]:
        n, m = self.prices.shape
        program = _Program(self)
        known = np.zeros((n, m), dtype=bool)
        # The first arcs of each text: its cheapest, which the seed has mixed.
        first = np.argsort(self.prices, axis=1, kind="stable")[:, :FIRST_ARCS]
        known[np.arange(n)[:, None], first] = True
        known &= np.isfinite(self.prices)
        program.add(known)
        while True:
            of_text, of_reader = program.solve()
            reduced = self.prices - of_text[:, None] + of_reader[None, :]
            wanting = (reduced < -1e-6) & ~known
            if not wanting.any():
                break
            # Of each text the few that promise most: all at once would be too many.
            most = np.argsort(np.where(wanting, reduced, np.inf), axis=1)[:, :8]
            fresh = np.zeros_like(known)
            fresh[np.arange(n)[:, None], most] = True
            fresh &= wanting
            program.add(fresh)
            known |= fresh
        chosen = program.chosen()
        assert (chosen.sum(axis=1) <= self.wanted).all()
        assert (chosen.sum(axis=0) <= self.room).all()
        assert np.isfinite(self.prices[chosen]).all()
        self.gap = self.cost(chosen) - self.bound(of_text, of_reader)
        return chosen


class _Program:
    """The flow as a linear program; its corners are whole numbers."""

    def __init__(self, network: Network) -> None:
        self.network = network
        n, m = network.prices.shape
        self.rows, self.columns = n, m
        self.highs = highspy.Highs()
        self.highs.silent()
        self.highs.setOptionValue("threads", 1)
        self.highs.setOptionValue("presolve", "off")  # each round starts from the last
        self.arcs: list[tuple[NDArray[Any], NDArray[Any]]] = []
        # Texts send what they want; readers pass on what they get.
        bounds = np.concatenate([network.wanted, np.zeros(m)]).astype(np.float64)
        self.highs.addRows(
            n + m,
            bounds,
            bounds,
            0,
            np.zeros(n + m, np.int32),
            np.zeros(0, np.int32),
            np.zeros(0),
        )
        lacks = [
            (t, nth * network.lacking, 1.0)
            for t, wanted in enumerate(network.wanted)
            for nth in range(1, wanted + 1)
        ]
        passes = [
            (n + r, network.step * (2 * (network.held[r] + nth) + 1), -1.0)
            for r in range(m)
            for nth in range(network.room[r])
        ]
        sides = lacks + passes
        self._add(
            np.array([cost for _row, cost, _sign in sides], dtype=np.float64),
            np.arange(len(sides), dtype=np.int32),
            np.array([row for row, _cost, _sign in sides], dtype=np.int32),
            np.array([sign for _row, _cost, sign in sides], dtype=np.float64),
        )
        self.before = len(sides)

    def _add(
        self,
        costs: NDArray[Any],
        starts: NDArray[Any],
        rows: NDArray[Any],
        values: NDArray[Any],
    ) -> None:
        k = len(costs)
        self.highs.addCols(
            k, costs, np.zeros(k), np.ones(k), len(rows), starts, rows, values
        )

    def add(self, arcs: NDArray[np.bool_]) -> None:
        texts, readers = np.nonzero(arcs)
        self.arcs.append((texts, readers))
        rows = np.empty(2 * len(texts), dtype=np.int32)
        rows[0::2], rows[1::2] = texts, self.rows + readers
        self._add(
            self.network.prices[texts, readers],
            np.arange(0, 2 * len(texts), 2, dtype=np.int32),
            rows,
            np.ones(2 * len(texts)),
        )

    def solve(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Solve; the prices of texts and of readers."""
        self.highs.run()
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kModelEmpty:
            return np.zeros(self.rows), np.zeros(self.columns)
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"The flow was not solved: {status}")
        duals = np.array(self.highs.getSolution().row_dual)
        # A reader's row is (in minus out = 0): the price of passing on is its negative.
        return duals[: self.rows], -duals[self.rows :]

    def chosen(self) -> NDArray[np.bool_]:
        flows = np.array(self.highs.getSolution().col_value)[self.before :]
        whole = np.rint(flows)
        assert np.abs(flows - whole).max(initial=0) < 1e-6
        chosen = np.zeros((self.rows, self.columns), dtype=bool)
        texts = np.concatenate([t for t, _r in self.arcs])
        readers = np.concatenate([r for _t, r in self.arcs])
        taken = whole > 0.5
        chosen[texts[taken], readers[taken]] = True
        return chosen


# --- What it came to ------------------------------------------------------------


def _told(network: Network, chosen: NDArray[np.bool_]) -> Plan:
    texts, readers = network.texts, network.readers
    loads = network.held + chosen.sum(axis=0)
    lacks = network.wanted - chosen.sum(axis=1)
    pairs = [
        (texts[t].key, readers[r].key) for t, r in zip(*np.nonzero(chosen), strict=True)
    ]
    fullest = int(loads.max())
    return Plan(
        new=tuple(pairs),
        loads={reader.key: int(loads[r]) for r, reader in enumerate(readers)},
        missing={text.key: int(n) for text, n in zip(texts, lacks, strict=True) if n},
        shortages=tuple(_shortages(network, chosen, lacks)),
        uneven={
            reader.key: reader.capacity is not None and loads[r] >= reader.capacity
            for r, reader in enumerate(readers)
            if loads[r] < fullest - 1
        },
        is_connected=_connected(texts, pairs),
        gap=network.gap,
    )


def _shortages(
    network: Network, chosen: NDArray[np.bool_], lacks: NDArray[Any]
) -> Iterable[Shortage]:
    """From each text that lacks readings: everything a reading could come from.

    A reader who could read it is full of others, those have other readers … all of
    which are full, else a reading would have moved. That set is the reason. Texts
    with the same reason are told together.
    """
    can = np.isfinite(network.prices)
    seen: set[int] = set()
    alike: dict[Any, list[int]] = {}
    for start in np.nonzero(lacks)[0]:
        if int(start) in seen:
            continue
        there, readers = _reached(int(start), can, chosen)
        seen |= there
        lacking = sorted(t for t in there if lacks[t])
        could = readers | {int(r) for t in lacking for r in np.nonzero(chosen[t])[0]}
        languages = {network.texts[t].language for t in lacking}
        why = (tuple(sorted(could)), bool(readers), tuple(sorted(languages)))
        alike.setdefault(why, []).extend(lacking)
    for (could, are_full, languages), lacking in alike.items():
        texts = [network.texts[t] for t in lacking]
        others = [r for n, r in enumerate(network.readers) if n not in set(could)]
        yield Shortage(
            texts=tuple(text.key for text in texts),
            missing=int(lacks[lacking].sum()),
            readers=tuple(network.readers[r].key for r in could),
            are_full=are_full,
            barred=sum(
                any(reader.key in text.barred for text in texts) for reader in others
            ),
            foreign=sum(
                not any(reader.reads(text.language) for text in texts)
                for reader in others
            ),
            languages=tuple(language for language in languages if language),
        )


def _reached(
    start: int, can: NDArray[np.bool_], chosen: NDArray[np.bool_]
) -> tuple[set[int], set[int]]:
    """The texts that compete with this one, and the readers they compete for."""
    there, readers, ahead = {start}, set[int](), [start]
    while ahead:
        text = ahead.pop()
        for r in np.nonzero(can[text] & ~chosen[text])[0]:
            if int(r) in readers:
                continue
            readers.add(int(r))
            for other in np.nonzero(chosen[:, r])[0]:
                if int(other) not in there:
                    there.add(int(other))
                    ahead.append(int(other))
    return there, readers


def _connected(texts: Sequence[Text], pairs: Collection[tuple[str, str]]) -> bool:
    """Whether severity can be compared: everybody linked through texts they share."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    links = [*pairs, *((text.key, key) for text in texts for key in text.kept)]
    for text, reader in links:
        parent[root(f"t{text}")] = root(f"r{reader}")
    return len({root(key) for key in list(parent)}) <= 1
