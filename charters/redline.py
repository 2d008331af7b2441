"""What changed between two texts, word by word, in any script. Pure: no HTML here.

Joining the *same* and *gone* segments gives the first text exactly, *same* and *new*
the second.
"""

import re
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class Kind(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, kw_only=True)
class Segment:
    kind: Kind
    text: str


# Scripts that put no space between words are compared character by character, each with
# the marks that belong to it: Han, Kana, Thai, Lao, Burmese, Khmer.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_MARKS = (
    "\u0300-\u036f\u0e31\u0e33-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb3-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u1056-\u1059\u105e-\u1060\u17b4-\u17d3\u17dd\u200c\u200d"
    "\u3099\u309a\ufe00-\ufe0f\uff9e\uff9f\U000e0100-\U000e01ef"
)
# Harakat, vowel signs and joiners are not listed here, so they stay inside their word.
_PUNCTUATION = (
    r"!-/:-@\[-^`{-~"
    "\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u060c\u060d\u061b\u061e\u061f"
    "\u066a-\u066d\u06d4\u0964\u0965\u0970\u1360-\u1368\u2010-\u2027\u2030-\u205e"
    "\u3001-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_WORD = rf"[^\s{_PUNCTUATION}{_UNSPACED}]"
_TOKEN = re.compile(
    rf"\r\n|[\r\n]|[^\S\r\n]+"  # a line's end is a token of its own
    rf"|[{_UNSPACED}][{_MARKS}]*"
    rf"|{_WORD}+(?:['’\-]{_WORD}+)*"  # don't and well-being are one word
    rf"|[{_PUNCTUATION}]",
)


def words(text: str) -> list[str]:
    """The text in the pieces that are compared; joined, they are the text."""
    return _TOKEN.findall(text)


def redline(before: str, after: str) -> tuple[Segment, ...]:
    old, new = words(before), words(after)
    pieces = _drop_lonely_spaces(_changes(old, new))
    return tuple(_merged(pieces))


def is_changed(segments: Iterable[Segment]) -> bool:
    return any(segment.kind != Kind.SAME for segment in segments)


def text_before(segments: Iterable[Segment]) -> str:
    return "".join(s.text for s in segments if s.kind != Kind.NEW)


def text_after(segments: Iterable[Segment]) -> str:
    return "".join(s.text for s in segments if s.kind != Kind.GONE)


def moved(before: Iterable[Hashable], after: Iterable[Hashable]) -> set[Hashable]:
    """The fewest of what both have that must have changed their place.

    What was added or taken out moves nothing.
    """
    before = list(before)
    place = {key: n for n, key in enumerate(before)}
    common = [(place[key], n) for n, key in enumerate(after) if key in place]
    stays = {before[i] for i, _n in _longest_chain(sorted(common))}
    return {before[i] for i, _n in common} - stays


# (old words, new words, are they the same?) in the order of both texts
Piece = tuple[Sequence[str], Sequence[str], bool]


def _changes(old: list[str], new: list[str]) -> list[Piece]:
    pieces: list[Piece] = []
    a = b = 0
    for i, j, length in _matches(old, new):
        if i > a or j > b:
            pieces.append((old[a:i], new[b:j], False))
        pieces.append((old[i : i + length], new[j : j + length], True))
        a, b = i + length, j + length
    if a < len(old) or b < len(new):
        pieces.append((old[a:], new[b:], False))
    return pieces


def _matches(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int]]:
    """Runs of equal words in order: (place in old, place in new, length)."""
    start = length = 0
    shift: int | None = None
    for i, j in _pairs(old, new):
        if shift == j - i and i == start + length:
            length += 1
            continue
        if length:
            assert shift is not None
            yield start, start + shift, length
        start, shift, length = i, j - i, 1
    if length:
        assert shift is not None
        yield start, start + shift, length


# Comparisons that one redline may cost beside its anchors: two texts of 5,000 words
# without a single anchor just fit. What is beyond them counts as rewritten.
_MOST_COMPARED = 130_000_000
# A stretch this long of which hardly anything stays is read as rewritten, too: the few
# words that both have in common, scattered over it, would only tear the sentences up.
_LONG = 40
_HARDLY = 5  # one word in so many


def _pairs(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Which word of the old text is which word of the new one, in order.

    Equal ends first; then the words that occur once on each side hold fast (patience),
    and the stretches between them are looked at again, where more words occur but once.
    """
    found: list[tuple[int, int]] = []
    loose: list[tuple[int, int, int, int]] = []
    ranges = [(0, len(old), 0, len(new))]
    while ranges:
        a, a_end, b, b_end = ranges.pop()
        while a < a_end and b < b_end and old[a] == new[b]:
            found.append((a, b))
            a, b = a + 1, b + 1
        while a < a_end and b < b_end and old[a_end - 1] == new[b_end - 1]:
            a_end, b_end = a_end - 1, b_end - 1
            found.append((a_end, b_end))
        if a == a_end or b == b_end:
            continue
        anchors = _anchors(old, new, a, a_end, b, b_end)
        if anchors:
            found.extend(anchors)
            edges = [(a - 1, b - 1), *anchors, (a_end, b_end)]
            ranges.extend(
                (i + 1, next_i, j + 1, next_j)
                for (i, j), (next_i, next_j) in pairwise(edges)
            )
        else:
            loose.append((a, a_end, b, b_end))
    left = _MOST_COMPARED
    for a, a_end, b, b_end in sorted(loose, key=_size):  # the short ones first
        left -= _size((a, a_end, b, b_end))
        if left < 0:
            break
        common = _longest_common(old[a:a_end], new[b:b_end])
        if _holds(old, common, a, min(a_end - a, b_end - b)):
            found.extend((a + i, b + j) for i, j in common)
    return sorted(found)


def _size(stretch: tuple[int, int, int, int]) -> int:
    a, a_end, b, b_end = stretch
    return (a_end - a) * (b_end - b)


def _holds(old: list[str], common: list[tuple[int, int]], a: int, length: int) -> bool:
    """Whether enough words stay to call this a change, not a rewriting."""
    if length < _LONG:
        return True
    words_kept = sum(1 for i, _j in common if old[a + i][0].isalnum())
    return words_kept * _HARDLY * 2 >= length  # every second piece is a space


def _anchors(
    old: list[str], new: list[str], a: int, a_end: int, b: int, b_end: int
) -> list[tuple[int, int]]:
    """The longest chain of words that occur exactly once on each side."""
    once_old = _once(old, a, a_end)
    once_new = _once(new, b, b_end)
    common = [(i, once_new[word]) for word, i in once_old.items() if word in once_new]
    return _longest_chain(sorted(common))


def _longest_chain(common: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of pairs in the order of their first half, the most whose second half grows."""
    # longest increasing subsequence by patience sorting, with links back
    tops: list[int] = []
    holders: list[int] = []
    links: list[int] = []
    for n, (_, j) in enumerate(common):
        pile = bisect_left(tops, j)
        links.append(holders[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(j)
            holders.append(n)
        else:
            tops[pile], holders[pile] = j, n
    chain = []
    n = holders[-1] if holders else -1
    while n >= 0:
        chain.append(common[n])
        n = links[n]
    return chain[::-1]


def _once(tokens: list[str], start: int, end: int) -> dict[str, int]:
    seen: dict[str, int] = {}
    twice = set()
    for n in range(start, end):
        word = tokens[n]
        if word in seen:
            twice.add(word)
        seen[word] = n
    return {word: n for word, n in seen.items() if word not in twice}


def _longest_common(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """A longest common subsequence, a whole row of the textbook table at a time.

    Each row is one long number: its bit j is 0 where the table grows between columns j
    and j + 1 (Hyyrö 2004), so that adding two numbers compares a word with all others.
    """
    places: dict[str, int] = {}
    for j, word in enumerate(new):
        places[word] = places.get(word, 0) | 1 << j
    everything = (1 << len(new)) - 1
    row = everything
    rows = [row]
    for word in old:
        held = row & places.get(word, 0)
        row = ((row + held) | (row - held)) & everything
        rows.append(row)
    found = []
    i, j = len(old), len(new)
    while i and j:
        column = 1 << (j - 1)
        if rows[i] & column:
            j -= 1
        elif not rows[i - 1] & column:
            i -= 1
        else:
            i, j = i - 1, j - 1
            found.append((i, j))
    return found[::-1]


def _drop_lonely_spaces(pieces: list[Piece]) -> list[Piece]:
    """A space alone between two changes joins them: one phrase gone, one phrase new.

    Line ends stay, so that paragraphs keep their places.
    """
    joined: list[Piece] = []
    for n, piece in enumerate(pieces):
        old, new, same = piece
        between = 0 < n < len(pieces) - 1
        if same and between and len(old) == 1 and old[0].isspace():
            same = old[0] in "\r\n"
        if joined and not same and not joined[-1][2]:
            last = joined.pop()
            joined.append(([*last[0], *old], [*last[1], *new], False))
        else:
            joined.append((old, new, same))
    return joined


def _merged(pieces: list[Piece]) -> Iterator[Segment]:
    for old, new, same in pieces:
        if same:
            yield Segment(kind=Kind.SAME, text="".join(old))
            continue
        if old:
            yield Segment(kind=Kind.GONE, text="".join(old))
        if new:
            yield Segment(kind=Kind.NEW, text="".join(new))
