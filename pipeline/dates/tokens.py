"""Text as the date reader sees it: folded letters, plain digits and tokens.

Arabic newsrooms write one name in many ways: with and without hamza, with tatweel, vowel marks, direction marks between
the digits, Persian letters from another keyboard. Folding removes those differences (`pipeline.text.fold_letters`) and
those of punctuation; `cut` keeps the literal text of every token, so that a reader can be shown exactly what was read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from pipeline.text import TATWEEL, FoldTable, fold_letters

_Meaning = TypeVar("_Meaning")

LONGEST_NUMBER = 14
"""Digits of the longest number with a meaning here (a compact date and time, 20160510143500)."""

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
    "_": "-",
    "\n": "|",
    "\r": "|",
    "\u2028": "|",
    "\u2029": "|",
}


def _fold_character(character: str) -> str:
    """The folded form of one character: nothing, one character, or a few for a ligature."""
    known = _PUNCTUATION.get(character)
    if known is not None:
        return known
    category = unicodedata.category(character)
    if category in {"Zs", "Cc", "Cs", "Co", "Cn"}:
        return " "
    if category == "So" and character != "©":
        return "|"  # an icon before a field, such as a calendar or a clock
    return fold_letters(character)


_FOLD = FoldTable(_fold_character)


def fold(text: str) -> str:
    """Text with digits, letters and marks folded, as names are compared. Offsets are not kept; see `cut`."""
    return text.translate(_FOLD)


class Token(NamedTuple):
    """A number, a word or one mark of punctuation; where in a text it stands, `cut` tells.

    ``text`` is folded, a dash where nothing is left of it; ``value`` is the number's value, -1 for anything else and for
    numbers too long to mean a date; ``length`` is that of the literal text, in characters; ``spaced`` says that white space
    stands before it.
    """

    kind: str
    text: str
    value: int
    length: int
    spaced: bool


# What may stand unseen within a name or behind it: vowel marks, marks of direction, joiners, variation selectors. A run of
# tatweel on its own is a dash.
_MARKS = (
    r"\u00ad\u0300-\u036f\u0610-\u061a\u061c\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    r"\u08d3-\u08ff\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
)
_UNPRINTED = r"\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff"  # control, surrogates, the icons of web fonts
_TOKEN = re.compile(
    rf"([^\W\d_{TATWEEL}][^\W\d_]*(?:[{_MARKS}]+[^\W\d_]*)*|\d[\d{_MARKS}]*"
    rf"|(?:[^\w\s{_MARKS}{_UNPRINTED}]|[_\n\r\u2028\u2029]|{TATWEEL}+)[{_MARKS}]*)"
)
_LONGEST_KEPT = 24
"""Characters of the longest token whose reading is kept: a text's words recur, so that most of its tokens are not made anew."""


def _read(literal: str, spaced: bool) -> Token:
    folded = fold(literal) or "-"
    if literal[0].isdecimal():
        value = int(folded) if len(folded) <= LONGEST_NUMBER else -1
        return Token("n", folded, value, len(literal), spaced)
    kind = "w" if literal[0].isalnum() and literal[0] != TATWEEL else "p"
    return Token(kind, folded, -1, len(literal), spaced)


_read_before = lru_cache(maxsize=1 << 15)(_read)


def tokenize(text: str) -> list[Token]:
    """Numbers ("n"), words ("w") and punctuation ("p") of a text, in one scan."""
    return tokens_of(cut(text))


def cut(text: str) -> list[str]:
    """A text in pieces: what stands before a token, the token, what stands before the next, and so on; the last is no token."""
    return _TOKEN.split(text)


def tokens_of(pieces: Sequence[str]) -> list[Token]:
    """The tokens of a text as `cut` cuts it."""
    return [
        (_read_before if len(piece) <= _LONGEST_KEPT else _read)(piece, before != "")
        for before, piece in zip(pieces[::2], pieces[1::2], strict=False)
    ]


def texts_at(tokens: Sequence[Token], index: int, length: int) -> tuple[str, ...]:
    """The folded texts of so many tokens from an index; nothing where there are not so many."""
    return tuple(token.text for token in tokens[index : index + length]) if index + length <= len(tokens) else ()


class Phrases(Generic[_Meaning]):
    """Phrases of folded words with what they mean, found by their first word; of two that fit the longer one."""

    def __init__(self, meanings: Mapping[tuple[str, ...], _Meaning]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], _Meaning]]] = {}
        for phrase in sorted(meanings, key=len, reverse=True):
            self._by_first.setdefault(phrase[0], []).append((phrase, meanings[phrase]))
        self.first_words = frozenset(self._by_first)

    def at(self, tokens: Sequence[Token], index: int) -> tuple[_Meaning, int] | None:
        """The meaning of the phrase that begins at an index, and the index after it."""
        for phrase, meaning in self._by_first.get(text_at(tokens, index), ()):
            if len(phrase) == 1 or texts_at(tokens, index, len(phrase)) == phrase:
                return meaning, index + len(phrase)
        return None


def text_at(tokens: Sequence[Token], index: int) -> str:
    """The folded text of the token at an index; nothing outside the text."""
    return tokens[index].text if 0 <= index < len(tokens) else ""


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
TWO = range(2, 3)
COMPACT_TIME = range(4, 7, 2)
