"""In which language something was probably written. Pure."""

from __future__ import annotations

import unicodedata
from collections import Counter

# Scripts that tell a page's language apart from what somebody typed into it.
SCRIPT_OF = {"ar": "ARABIC", "fa": "ARABIC", "ur": "ARABIC", "hi": "DEVANAGARI"}


def language_of(text: str, claimed: str) -> str:
    """`claimed`, unless the letters say that it cannot be; then "" or the likely one.

    People write in any language on a page in theirs. A wrong `lang` makes a screen
    reader read nonsense, none at all does not.
    """
    scripts = Counter(
        unicodedata.name(letter, "?").split()[0] for letter in text if letter.isalpha()
    )
    if not scripts:
        return claimed
    script = scripts.most_common(1)[0][0]
    if SCRIPT_OF.get(claimed.split("-")[0], "LATIN") == script:
        return claimed
    return "ar" if script == "ARABIC" else ""
