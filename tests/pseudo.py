"""Two languages nobody speaks, to see what was never said through the catalogue.

`en-XA` is English with accents, brackets and a third more letters; `ar-XB` is the
same from right to left. Both are made on the spot of whatever the pages ask for, so
that a sentence counts as translated the moment it goes through gettext.
"""

import re
from gettext import NullTranslations

from django.utils.translation import trans_real

from people import fragments

OPEN, CLOSE = "⟦", "⟧"
_HOLES = re.compile(r"(%\(\w+\)[sd]|%[sd%]|\{\w+\}|</?[a-z][^>]*>|&\w+;)")
_ACCENTS = str.maketrans("aceinouyACEINOUY", "åçéîñöûýÅÇÉÎÑÖÛÝ")


def said(sentence: str) -> str:
    """A sentence in brackets, accented, and about a third longer."""
    if not sentence.strip():
        return sentence
    parts = _HOLES.split(sentence)
    letters = sum(len(part) for part in parts[::2])
    parts[::2] = [part.translate(_ACCENTS) for part in parts[::2]]
    more = " ñöûý" * max(1, round(letters / 15))
    return f"{OPEN}{''.join(parts)}{more}{CLOSE}"


class Pseudo(NullTranslations):
    """Stands where Django keeps a language's messages."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self._catalog: dict[str, str] = {}

    def gettext(self, message: str) -> str:
        return said(message.rpartition(trans_real.CONTEXT_SEPARATOR)[2])

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def language(self) -> str:
        return self._language

    def to_language(self) -> str:
        return self._language


def spoken_in(monkeypatch, *languages: str) -> None:
    """From here on pages in these languages speak pseudo; dates stay as they are."""
    for language in languages:
        monkeypatch.setitem(trans_real._translations, language, Pseudo(language))
    monkeypatch.setattr(fragments, "_kept", {})
