"""What the words of a text are to those who look for some: their normal form, where they stand, and what they may be asked for by.

Arabic writes "and", "in", "like", "for" and "the" in one word with what follows. A word answers to itself, and to what is left of
it without these: "وللمستشفى" to "للمستشفى", "المستشفى" and "مستشفى". Nothing is taken off at a word's end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pipeline.duplicates import fold_in_place, words

_LONGEST = 64
"""Letters of a word; what is longer, such as an address without its signs, is several."""

# Letters and digits are words of their own ("عام2016م", "F-16" and "F16"), and a hashtag's are parted by its underscores.
_WORD = re.compile(rf"[0-9]{{1,{_LONGEST}}}|[^\s0-9_]{{1,{_LONGEST}}}")

_AND, _TO, _THE = ("", "و", "ف"), ("", "ب", "ك", "ل"), "ال"
_BEFORE = tuple(
    one + to + the for one in _AND for to in _TO for the in ("", _THE) if one + to + the and to + the != "ل" + _THE
)
_FOR_THE = tuple(one + "لل" for one in _AND)
"""How "for the" is written; where the word itself begins with that letter, one of the three is left out."""

_SHORT = 2
_BEFORE_SHORT = frozenset({"و", _THE, "و" + _THE})
"""What is taken off before a word of two letters, in which it is else too often its first letter: "عد" is not in "بعد"."""


class Placed(NamedTuple):
    """A word in normal form, and where it stands in its text: from a character on, up to another."""

    word: str
    start: int
    end: int


def words_of(text: str) -> list[str]:
    """The words of a text in normal form, in their order: those that `pipeline.duplicates.words` knows, parted as here."""
    return _WORD.findall(" ".join(words(text)))


def placed_words(text: str) -> list[Placed]:
    """The words of a text as `words_of` has them, and where they stand; marks and tatweel belong to the word before them."""
    folded, places = fold_in_place(text)
    return [
        Placed(
            found[0],
            places[found.start()],
            max(places[found.end()] if found.end() < len(places) else len(text), places[found.end() - 1] + 1),
        )
        for found in _WORD.finditer(folded)
    ]


@lru_cache(maxsize=2**17)
def answers_to(word: str) -> tuple[str, ...]:
    """What a word of a text may be asked for by, all in normal form, itself first."""
    return tuple(dict.fromkeys((word, *_without_clitics(word))))


def _without_clitics(word: str) -> Iterator[str]:
    for before in _BEFORE:
        if word.startswith(before) and _may_stay(len(word) - len(before), before):
            yield word[len(before) :]
    for before in _FOR_THE:
        rest = word[len(before) :]
        if word.startswith(before) and len(rest) > 1:
            if _may_stay(len(rest), before):
                yield rest
            yield from (_THE + rest, _THE + "ل" + rest)


def _may_stay(letters: int, before: str) -> bool:
    return letters > _SHORT or (letters == _SHORT and before in _BEFORE_SHORT)
