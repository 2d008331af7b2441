"""An arrangement under way: groups exchange people, or meet at other hours. Pure.

Every exchange between two groups is weighed at once, and one is drawn, the better the
likelier; ever less by chance as the search cools. Windows follow the people and may
become shorter for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from cohorts.bounding import Bound
from cohorts.tally import Table, Tally, Window
from cohorts.weighing import GROUP_RULE, LEFT_WAITING, PLENTY_OF_HOURS

Worth = tuple[float, float]  # points, and how strong below nothing
Groups = list[int]  # masks, the last one of those who wait
Watch = Callable[[float, Worth], bool]  # how much is done; False stops the search


HOT, COLD = 0.03, 0.0008
RULE_AT_FIRST, RULE_AT_LAST = 0.4, 4.0
SOFT_AT_FIRST, SOFT_AT_LAST = 40.0, 250.0
AT_THE_SORE_SPOT = 0.35
DRIFT = 0.12
# giving other hours
SHORT, OUTSIDE = 0.01, 1.5
INNER_HOT, INNER_COLD = 0.008, 0.0005
LET_BE = 0.0012
CALLED, TWO_AT_ONCE = 2.0, 0.3

# all of it copied before something is tried
CHANGING = (
    *("place", "able", "run", "counts", "housed"),
    *("tied_to", "size", "strengths", "points"),
)


class Search:
    """An arrangement under way, with all that changes when two groups exchange."""

    def __init__(
        self,
        tally: Tally,
        windows: Sequence[Window | None],
        *,
        seed: int,
        likely: Bound | None = None,
    ) -> None:
        self.tally, self.pool = tally, tally.pool
        self.groups = tally.pool.groups
        self.chance = np.random.Generator(np.random.PCG64(seed))
        self.waiting = self.groups
        self.place = np.full(tally.count, self.waiting)
        for person, group in self.pool.pinned.items():
            self.place[person] = group
        self.fixed = np.zeros(tally.count + 1, bool)
        self.fixed[list(self.pool.pinned)] = True
        self.window = self._for_the_pinned(windows)
        self.likely = likely
        if likely is not None:
            self.makes = np.stack([tally.who(window) for window in likely.windows])
            self.short = np.array(likely.short)
        self._count()
        self.settle()
        self.best = self.place.copy()
        self.best_worth = self.worth()

    def _for_the_pinned(self, windows: Sequence[Window | None]) -> list[Window | None]:
        """The same windows, so that those who are pinned find hours they can make."""
        held: dict[int, list[int]] = {}
        for person, group in sorted(self.pool.pinned.items()):
            held.setdefault(group, []).append(person)
        left = list(windows)
        given: dict[int, Window | None] = {}
        for group, people in sorted(
            held.items(), key=lambda one: (-len(one[1]), one[0])
        ):
            able = [
                0 if window is None else int(self.tally.who(window)[people].sum())
                for window in left
            ]
            given[group] = left.pop(able.index(max(able)))
        return [
            given[group] if group in given else left.pop(0)
            for group in range(self.groups)
        ]

    def _count(self) -> None:
        """Everything from the places alone."""
        tally, groups = self.tally, self.groups
        self.members: list[Table] = [np.zeros(0, int)] * (groups + 1)
        self.able = np.ones((groups + 1, tally.count + 1), bool)
        self.run = np.zeros(groups + 1)
        self.counts = np.zeros((groups + 1, tally.rows.shape[1]), np.float32)
        self.housed = np.zeros((groups + 1, tally.houses), np.int64)
        self.tied_to = np.zeros((tally.count + 1, groups + 1), np.int16)
        self.size = np.zeros(groups + 1, np.int64)
        self.strengths = np.zeros(groups)
        self.points = np.zeros(groups + 1)
        self._recount(range(groups + 1))

    def _recount(self, groups: Iterable[int]) -> None:
        tally = self.tally
        for group in groups:
            people = self.members[group] = np.flatnonzero(self.place == group)
            self.counts[group] = tally.rows[people].sum(axis=0)
            self.housed[group] = np.bincount(
                tally.house[people], minlength=tally.houses
            )
            # whoever has no house, or a small one, never is over the cap
            self.housed[group, 0] = -(10**6)
            self.tied_to[:, group] = tally.ties[:, people].sum(axis=1)
            self.size[group] = len(people)
            if group == self.waiting:
                self.points[group] = self._waiting_points(
                    self.counts[group:], self.size[group:]
                )[0]
            else:
                self._take(group, self.window[group])

    def _take(self, group: int, window: Window | None) -> None:
        self.window[group] = window
        if window is not None:
            self.able[group] = self.tally.who(window)
            self.run[group] = window.run
        self._weigh(group)

    def follow(self, group: int, *, shorter: bool = False) -> None:
        """The longest window that all share; else the one that most can make."""
        people = self.members[group]
        shared = self.tally.can_begin[people].all(axis=0)
        open_ = [shared]
        for _ in range(1, PLENTY_OF_HOURS):
            open_.append(open_[-1] & np.roll(shared, -len(open_)))
        runs = [len(open_) - n for n in range(len(open_))]
        longest = next((run for run in runs if open_[run - 1].any()), 0)
        if longest > 1 and shorter:
            longest -= 1
        window = self.window[group]
        if longest and len(people):
            firsts = np.flatnonzero(open_[longest - 1])
            first = int(firsts[self.chance.integers(len(firsts))])
            window = Window(first=first, run=longest)
        elif window is None or not len(people):
            most = self.tally.can_begin[people].sum(axis=0)
            window = Window(first=int(most.argmax()), run=1)
        self._take(group, window)

    def _weigh(self, group: int) -> None:
        people = self.members[group]
        one = slice(group, group + 1)
        over = np.maximum(self.housed[one] - self.pool.cap, 0).sum(axis=1)
        outside = (~self.able[group][people]).sum()
        self.points[group] = (
            self.tally.points(self.counts[one], self.size[one])[0]
            + (over[0] + outside) * GROUP_RULE
        )
        tied = self.tied_to[people, group].sum() / 2
        run = self.run[group] if not outside else 0.0
        self.strengths[group] = self.tally.strength(
            self.counts[one], self.size[one], np.array([tied]), np.array([run])
        )[0]

    def _waiting_points(self, counts: Table, size: Table) -> Table:
        tally = self.tally
        points = np.maximum(size - self.pool.must_wait, 0) * LEFT_WAITING
        parted = (counts[:, tally.first] == 1) & (counts[:, tally.couple] == 1)
        found: Table = points + parted.sum(axis=1) * GROUP_RULE
        return found

    def value(self) -> float:
        return float((self.strengths.min() + self.strengths.mean()) / 2)

    def worth(self) -> Worth:
        """The smaller the better."""
        if not self.groups:
            return float(self.points.sum()), 0.0
        return float(self.points.sum()), -round(self.value(), 9)

    def exchange(
        self, one: int, two: int, *, heat: float, rule: float, soft: float
    ) -> bool:
        """Draw one of all exchanges between two groups; True if somebody moved."""
        tally, groups = self.tally, self.groups
        nobody = tally.nobody
        here, there = self.members[one], self.members[two]
        # whoever sits well and cannot make the other hours is no candidate
        from_one = here[
            (self.able[two][here] | ~self.able[one][here]) & ~self.fixed[here]
        ]
        from_two = there[
            (self.able[one][there] | ~self.able[two][there]) & ~self.fixed[there]
        ]
        a, b = np.append(from_one, nobody), np.append(from_two, nobody)
        if len(a) == 1 and len(b) == 1:
            return False
        shape = (len(a), len(b))
        change = (tally.rows[b][None, :, :] - tally.rows[a][:, None, :]).reshape(
            len(a) * len(b), -1
        )
        grown = (
            (b != nobody)[None, :].astype(np.int64) - (a != nobody)[:, None]
        ).ravel()
        many = len(change)
        counts = np.concatenate([self.counts[one] + change, self.counts[two] - change])
        size = np.concatenate([self.size[one] + grown, self.size[two] - grown])
        between = tally.ties[np.ix_(a, b)]
        house_a, house_b = tally.house[a][:, None], tally.house[b][None, :]
        same = house_a == house_b
        points: list[Table] = []
        strengths: list[Table | None] = []
        for nth, (group, gone, come, axis) in enumerate(
            ((one, a, b, 0), (two, b, a, 1))
        ):
            part = slice(nth * many, (nth + 1) * many)
            if group == self.waiting:
                points.append(self._waiting_points(counts[part], size[part]))
                strengths.append(None)
                continue
            leave = np.expand_dims(self.tied_to[gone, group], 1 - axis)
            enter = np.expand_dims(self.tied_to[come, group], axis)
            inside = self.tied_to[self.members[group], group].sum() / 2
            tied = inside - leave + enter - between
            stays = ~self.able[group]
            outside = (
                stays[self.members[group]].sum()
                - np.expand_dims(stays[gone], 1 - axis).astype(np.int64)
                + np.expand_dims(stays[come], axis)
            ) + np.zeros(shape, np.int64)
            cap, housed = self.pool.cap, self.housed[group]
            goes, comes = (house_a, house_b) if axis == 0 else (house_b, house_a)
            over = np.maximum(housed - cap, 0).sum() + np.where(
                same,
                0,
                (housed[comes] + 1 > cap).astype(np.int64)
                - (housed[goes] > cap).astype(np.int64),
            )
            points.append(
                tally.points(counts[part], size[part])
                + ((over + outside) * GROUP_RULE).ravel()
            )
            run = np.where(outside.ravel() == 0, self.run[group], 0.0)
            strengths.append(
                tally.strength(counts[part], size[part], tied.ravel(), run)
            )
        before = self.points[one] + self.points[two]
        worse = (points[0] + points[1] - before) / GROUP_RULE
        gain = -rule * worse
        low = self.strengths.min()
        pull = np.exp(-soft * (self.strengths - low))
        rest = pull.sum()
        was = np.log(rest)
        now = np.full(many, rest)
        for group, strength in zip((one, two), strengths, strict=True):
            if strength is not None:
                gain = gain + strength - self.strengths[group]
                now = now - pull[group] + np.exp(-soft * (strength - low))
        gain = gain - groups / soft * (np.log(np.maximum(now, 1e-300)) - was)
        noise = self.chance.gumbel(size=many)
        drawn = int((gain / heat + noise).argmax())
        if drawn == many - 1:  # nobody for nobody
            return False
        first, second = divmod(drawn, len(b))
        self._swap(one, two, int(a[first]), int(b[second]))
        for group, point, strength in zip((one, two), points, strengths, strict=True):
            self.points[group] = point[drawn]
            if strength is not None:
                self.strengths[group] = strength[drawn]
        return True

    def _swap(self, one: int, two: int, a: int, b: int) -> None:
        tally = self.tally
        for person, come_from, go_to in ((a, one, two), (b, two, one)):
            if person == tally.nobody:
                continue
            self.place[person] = go_to
            left = self.members[come_from]
            self.members[come_from] = left[left != person]
            self.members[go_to] = np.append(self.members[go_to], person)
            for group, sign in ((come_from, -1), (go_to, 1)):
                self.counts[group] += sign * tally.rows[person]
                self.size[group] += sign
                self.housed[group, tally.house[person]] += sign
                self.tied_to[:, group] += sign * tally.ties[:, person]

    def keep_best(self) -> None:
        worth = self.worth()
        if worth < self.best_worth:
            self.best, self.best_worth = self.place.copy(), worth

    def cool(
        self,
        *,
        moves: int,
        hot: float = HOT,
        drift: float = DRIFT,
        watch: Watch | None = None,
    ) -> bool:
        """So many exchanges of two groups, then back to the best; False if it was told
        to stop."""
        groups, chance = self.groups, self.chance
        going = True
        for nth in range(moves if groups and self.tally.count else 0):
            done = nth / moves
            heat = hot * (COLD / hot) ** done
            rule = RULE_AT_FIRST * (RULE_AT_LAST / RULE_AT_FIRST) ** done
            soft = SOFT_AT_FIRST * (SOFT_AT_LAST / SOFT_AT_FIRST) ** done
            some_wait = len(self.members[self.waiting]) > 0
            many = groups + some_wait
            if many < 2:
                break
            one = int(chance.integers(many))
            if chance.random() < AT_THE_SORE_SPOT:
                sore = np.flatnonzero(self.points[:many] > 0)
                one = (
                    int(sore[chance.integers(len(sore))])
                    if len(sore)
                    else int(self.strengths.argmin())
                )
            two = self._another(one, of=many)
            if one == self.waiting:
                one, two = two, one
            moved = self.exchange(one, two, heat=heat, rule=rule, soft=soft)
            for group in (one, two):
                if group < groups and chance.random() < drift:
                    self.follow(group, shorter=bool(chance.random() < 0.3 * (1 - done)))
            if moved:
                self.keep_best()
            if watch is not None and nth % 200 == 0:
                going = watch(done, self.best_worth)
                if not going:
                    break
        self.go_back()
        return going

    def _another(self, one: int, *, of: int) -> int:
        """Any of so many, but this one."""
        two = int(self.chance.integers(of - 1))
        return two + (two >= one)

    def settle(self) -> set[int]:
        """Seat those who wait or cannot make the hours of their group, others moving
        over to hours they can make; then fill groups that are too small. Where no chain
        of moves helps, people wait. Which groups changed."""
        groups, chance, fixed = self.groups, self.chance, self.fixed
        least, most = self.pool.size
        place, able = self.place, self.able
        changed: set[int] = set()
        sits = place < groups
        astray = np.flatnonzero(
            sits & ~able[place, np.arange(len(place))] & ~fixed[: len(place)]
        )
        changed.update(place[astray].tolist())
        place[astray] = self.waiting
        size = np.bincount(place, minlength=groups + 1)
        free = ~fixed[: len(place)]
        # how many of one group could go to another
        could = np.zeros((groups, groups), np.int64)
        for group in range(groups):
            could[group] = able[:groups, : len(place)][:, (place == group) & free].sum(
                axis=1
            )

        def go(person: int, to: int) -> None:
            come_from = int(place[person])
            if come_from < groups:
                could[come_from] -= able[:groups, person]
            could[to] += able[:groups, person]
            size[come_from] -= 1
            size[to] += 1
            place[person] = to
            changed.update((come_from, to))

        def chain(begin: list[int], ends: Table) -> list[int]:
            """The shortest way over groups from one that begins to one that ends."""
            came: dict[int, int] = dict.fromkeys(begin, -1)
            queue = list(begin)
            for group in queue:
                if ends[group]:
                    way = [group]
                    while came[way[-1]] >= 0:
                        way.append(came[way[-1]])
                    return way[::-1]
                for other in np.flatnonzero(could[group] > 0).tolist():
                    if other not in came:
                        came[other] = group
                        queue.append(other)
            return []

        def shift(way: list[int]) -> None:
            for come_from, to in reversed(list(pairwise(way))):
                some = np.flatnonzero((place == come_from) & able[to, :-1] & free)
                go(int(some[chance.integers(len(some))]), to)

        waiting = np.flatnonzero((place == self.waiting) & free)
        chance.shuffle(waiting)
        few = able[:groups, waiting].sum(axis=0)
        for person in waiting[np.argsort(few, kind="stable")].tolist():
            open_to = np.flatnonzero(able[:groups, person])
            open_to = open_to[np.argsort(size[open_to], kind="stable")]
            way = chain(open_to.tolist(), size[:groups] < most)
            if way:
                shift(way)
                go(person, way[0])
        for group in range(groups):
            ends = np.zeros(groups, bool)
            ends[group] = True
            while size[group] < least:
                way = chain(np.flatnonzero(size[:groups] > least).tolist(), ends)
                if len(way) < 2:
                    break
                shift(way)
        changed.add(self.waiting)
        self._recount(changed)
        return changed

    def _keep(self) -> dict[str, Any]:
        return {
            **{name: getattr(self, name).copy() for name in CHANGING},
            "members": list(self.members),
            "window": list(self.window),
        }

    def _other_window(self, group: int) -> Window:
        """Good by the prices, and not many of the group cannot make it."""
        assert self.likely is not None
        outside = (~self.makes[:, self.members[group]]).sum(axis=1)
        noise = self.chance.gumbel(size=len(self.short))
        score = -self.short / SHORT - outside / OUTSIDE + noise
        left = self.members[self.waiting]
        if len(left) > self.pool.must_wait:
            score += CALLED * np.minimum(self.makes[:, left].sum(axis=1), 3)
        return self.likely.windows[int(score.argmax())]

    def wander(
        self,
        *,
        steps: int,
        inner: int,
        watch: Watch | None = None,
    ) -> bool:
        """So many times give a group other hours and mend what that upset; keep it if
        it is better, or now and then a little worse. Then back to the best; False if
        it was told to stop."""
        groups, chance = self.groups, self.chance
        going = True
        for nth in range(0 if self.likely is None or groups < 2 else steps):
            done = nth / steps
            kept, before = self._keep(), self.worth()
            group = int(chance.integers(groups))
            if chance.random() < 0.3:
                group = int(self.strengths.argmin())
            given = {group}
            if chance.random() < TWO_AT_ONCE:
                given.add(int(chance.integers(groups)))
            for one in sorted(given):
                self._take(one, self._other_window(one))
            changed = sorted((self.settle() | given) - {self.waiting})
            for turn in range(inner):
                way = turn / inner
                one = changed[int(chance.integers(len(changed)))]
                two = self._another(one, of=groups)
                if self.size[self.waiting] and chance.random() < 0.2:
                    two = self.waiting
                self.exchange(
                    one,
                    two,
                    heat=INNER_HOT * (INNER_COLD / INNER_HOT) ** way,
                    rule=1.0 + 2 * way,
                    soft=SOFT_AT_LAST,
                )
            for one in changed:
                self.follow(one)
            after = self.worth()
            slack = -LET_BE * (1 - done) * np.log(1 - chance.random())
            if after[0] < before[0] or (
                after[0] == before[0] and after[1] <= before[1] + slack
            ):
                self.keep_best()
            else:
                vars(self).update(kept)
            if watch is not None:
                going = watch(done, self.best_worth)
                if not going:
                    break
        self.go_back()
        return going

    def go_back(self) -> None:
        """To the best so far, at the longest hours that its groups share."""
        self.place = self.best.copy()
        self._count()
        for group in range(self.groups):
            self.follow(group)
        self.keep_best()

    def masks(self) -> Groups:
        masks = [0] * (self.groups + 1)
        for person, group in enumerate(self.best.tolist()):
            masks[group] |= 1 << person
        return masks
