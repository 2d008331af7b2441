"""What it costs to show two versions of 5,000 words beside each other, word by word.

    .venv/bin/python -m benchmarks.redline [--words 5000] [--rounds 7] [--json FILE]

CPU of one redline, from two texts to the marked-up line that stands on the page. The
texts are made from a fixed seed, the last ones to be as hard as can be: no word that
occurs once to hold on to, and as many equal words as a table of comparisons bears.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

GOAL_MS = 100

Texts = tuple[str, str]
Dice = random.Random


def vocabulary(dice: Dice, letters: str, many: int) -> list[str]:
    return [
        "".join(dice.choices(letters, k=dice.randint(2, 9))) + str(n)
        for n in range(many)
    ]


def spoken(dice: Dice, words: list[str], count: int) -> list[str]:
    """Words as often as people use them: the first ones much, the last ones hardly."""
    weights = [1 / (rank + 1) for rank in range(len(words))]
    return dice.choices(words, weights, k=count)


def sentences(words: list[str], *, every: int = 12, paragraph: int = 0) -> str:
    """With a full stop now and then; without `paragraph` it is one block."""
    parts = []
    for n, word in enumerate(words, start=1):
        parts.append(word + ("." if n % every == 0 else ""))
        parts.append("\n" if paragraph and n % paragraph == 0 else " ")
    return "".join(parts)


def edited(
    dice: Dice, words: list[str], *, share: float, fresh: list[str]
) -> list[str]:
    """Some words replaced, some left out, some put in."""
    after: list[str] = []
    for word in words:
        if dice.random() >= share:
            after.append(word)
            continue
        kind = dice.randrange(3)
        if kind:
            after.append(dice.choice(fresh))
        if kind == 2:
            after.append(word)
    return after


def cases(count: int) -> dict[str, Callable[[], Texts]]:
    dice = random.Random(4)
    latin = vocabulary(dice, "abcdefghijklmnopqrstuvwxyz", 3000)
    arabic = vocabulary(dice, "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", 3000)
    text = spoken(dice, latin, count)
    in_arabic = spoken(dice, arabic, count)
    han = "".join(dice.choices([chr(0x4E00 + n) for n in range(2500)], k=count))
    few = spoken(dice, latin[:6], count)
    moved = text[count // 2 :] + text[: count // 2]
    two = ["to", "be"]

    def edit(words: list[str], share: float, fresh: list[str], **shape: int) -> Texts:
        return (
            sentences(words, **shape),
            sentences(edited(dice, words, share=share, fresh=fresh), **shape),
        )

    return {
        "a word in ten changed": lambda: edit(text, 0.1, latin, paragraph=60),
        "the same in Arabic": lambda: edit(in_arabic, 0.1, arabic, paragraph=60),
        "Chinese, a sign in ten changed": lambda: (
            han,
            "".join(edited(dice, list(han), share=0.1, fresh=list(han))),
        ),
        "half of it changed, one paragraph": lambda: edit(text, 0.5, latin),
        "all words different": lambda: (
            sentences(text),
            sentences([f"x{word}" for word in text]),
        ),
        "the two halves change places": lambda: (sentences(text), sentences(moved)),
        "six words over and over": lambda: (
            sentences(few, every=10**9),
            sentences(dice.sample(few, len(few)), every=10**9),
        ),
        "two words by chance": lambda: (
            " ".join(dice.choices(two, k=count)),
            " ".join(dice.choices(two, k=count)),
        ),
        "one word, more and less of it": lambda: ("no " * count, "no " * (count - 9)),
        "islands a table wide": lambda: islands(dice, count),
    }


def islands(dice: Dice, count: int) -> Texts:
    """Words that hold fast, and between them three that occur over and over."""
    before, after = [], []
    for n in range(count // 86):
        before += [f"anchor{n}", *dice.choices(["a", "b", "c"], k=85)]
        after += [f"anchor{n}", *dice.choices(["a", "b", "c"], k=85)]
    return " ".join(before), " ".join(after)


def measure(texts: Texts, rounds: int) -> tuple[list[float], int]:
    from charters.templatetags.redlines import redline

    took = []
    for _ in range(rounds):
        began = time.process_time()
        shown = redline(*texts)
        took.append((time.process_time() - began) * 1000)
    return took, len(shown)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--words", type=int, default=5000)
    asked.add_argument("--rounds", type=int, default=7)
    asked.add_argument("--json", type=Path)
    given = asked.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cohortsite.settings")
    import django

    django.setup()
    rows = []
    for name, make in cases(given.words).items():
        took, length = measure(make(), given.rounds)
        rows.append(
            {
                "case": name,
                "cpu_ms": round(statistics.median(took), 1),
                "most_ms": round(max(took), 1),
                "goal_ms": GOAL_MS,
                "characters": length,
            }
        )
    width = max(len(str(row["case"])) for row in rows)
    for row in rows:
        print(
            f"{row['case']!s:{width}}  {row['cpu_ms']:7.1f} ms"
            f"  (most {row['most_ms']:.1f}, goal {GOAL_MS})"
        )
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
