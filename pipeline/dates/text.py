"""Text as the date reader sees it: folded letters, plain digits and tokens that remember where they stood.

Arabic newsrooms write one name in many ways: with and without hamza, with tatweel, vowel marks, direction marks between
the digits, Persian letters from another keyboard. Folding removes those differences; every token keeps the offsets of
its literal text, so that a reader can be shown exactly what was read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

READ_LIMIT = 4096
"""Characters of a text that are read. A date line is short; what is longer is prose, and the bound keeps any input cheap."""

LONGEST_NUMBER = 14
"""Digits of the longest number with a meaning here (a compact date and time, 20160510143500)."""

_LETTERS = {
    "أ": "ا",
    "إ": "ا",
    "آ": "ا",
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ې": "ي",
    "ئ": "ي",
    "ؤ": "و",
    "ة": "ه",
    "ۀ": "ه",
    "ە": "ه",
    "ھ": "ه",
    "ہ": "ه",
    "ک": "ك",
    "ڪ": "ك",
}
# Dropped outright: the free-standing hamza (الثلاثا is a common spelling of الثلاثاء), tatweel, and apostrophes kept by nobody.
_DROPPED = "ء\u0640"
_PUNCTUATION = {
    "،": ",",
    "٬": ",",
    "؛": ";",
    "٫": ".",
    "∕": "/",
    "⁄": "/",
    "؍": "/",
    "\\": "/",
    "‐": "-",
    "‑": "-",
    "‒": "-",
    "–": "-",
    "—": "-",
    "―": "-",
    "−": "-",
    "∶": ":",
    "•": "|",
    "·": "|",
    "●": "|",
    "»": "|",
    "«": "|",
    "\n": "|",
    "\r": "|",
    "\u2028": "|",
    "\u2029": "|",
}


def _fold_character(character: str) -> str:
    """The folded form of one character: nothing, one character, or a few for a ligature."""
    known = _LETTERS.get(character) or _PUNCTUATION.get(character)
    if known is not None:
        return known
    if character in _DROPPED:
        return ""
    category = unicodedata.category(character)
    if category in {"Mn", "Me", "Cf"}:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in {"Zs", "Cc", "Cs", "Co", "Cn"}:
        return " "
    parts = unicodedata.normalize("NFKD", character).lower()
    return "".join(
        _LETTERS.get(part, part) for part in parts if part not in _DROPPED and not unicodedata.combining(part)
    )


class _FoldTable(dict[int, str]):
    """Translation table for :meth:`str.translate`, filled as characters are met; there are at most 0x110000."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


_FOLD = _FoldTable()


def fold(text: str) -> str:
    """Text with digits, letters and marks folded, as names are compared. Offsets are not kept; see :func:`tokenize`."""
    return text.translate(_FOLD)


class Token(NamedTuple):
    """A number, a word or one mark of punctuation.

    ``text`` is folded; ``value`` is the number's value, -1 for anything else and for numbers too long to mean a date;
    ``start`` and ``end`` are offsets in the original text; ``spaced`` says that white space stands before it.
    """

    kind: str
    text: str
    value: int
    start: int
    end: int
    spaced: bool


_TOKEN = re.compile(r"(?P<n>[0-9]+)|(?P<w>[^\W\d_]+)|(?P<p>[^\w\s]|_)")


def tokenize(text: str) -> list[Token]:
    """Numbers ("n"), words ("w") and punctuation ("p") of a text's first :data:`READ_LIMIT` characters, in one scan."""
    text = text[:READ_LIMIT]
    folded = text.translate(_FOLD)
    positions: list[int] | None = None
    if len(folded) != len(text) or any(len(_FOLD[ord(character)]) != 1 for character in text):
        positions = [index for index, character in enumerate(text) for _ in _FOLD[ord(character)]]
    tokens: list[Token] = []
    previous_end = 0
    for match in _TOKEN.finditer(folded):
        start, end = match.span()
        kind = match.lastgroup or "p"
        word = match.group()
        value = int(word) if kind == "n" and len(word) <= LONGEST_NUMBER else -1
        if positions is None:
            tokens.append(Token(kind, word, value, start, end, start > previous_end))
        else:
            # What was dropped behind the last letter, its vowel marks and tatweel, belongs to the word.
            literal_end = positions[end] if end < len(positions) else len(text)
            tokens.append(Token(kind, word, value, positions[start], literal_end, start > previous_end))
        previous_end = end
    return tokens


def texts_at(tokens: Sequence[Token], index: int, length: int) -> tuple[str, ...]:
    """The folded texts of so many tokens from an index; nothing where there are not so many."""
    return tuple(token.text for token in tokens[index : index + length]) if index + length <= len(tokens) else ()


def is_at(tokens: Sequence[Token], index: int, *texts: str) -> bool:
    """Whether the token at an index is one of these, folded; False outside the text."""
    return 0 <= index < len(tokens) and tokens[index].text in texts


def is_number(tokens: Sequence[Token], index: int) -> bool:
    """Whether the token at an index is a number; False outside the text."""
    return 0 <= index < len(tokens) and tokens[index].kind == "n"


def number_at(tokens: Sequence[Token], index: int, digits: range) -> int | None:
    """The value of a number of so many digits at an index."""
    if 0 <= index < len(tokens) and tokens[index].kind == "n" and len(tokens[index].text) in digits:
        return tokens[index].value
    return None


SHORT = range(1, 3)
FOUR = range(4, 5)
