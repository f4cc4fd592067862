"""Numbers that count units of time, in digits or in words."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.dates import words
from pipeline.dates.tokens import Token, is_at, number_at, text_at


def count_at(tokens: Sequence[Token], index: int, *, joined: bool = False) -> tuple[int, int] | None:
    """A number at an index, and the index after it: "3", "خمسة عشر", "خمس وعشرين", "خمس و عشرين", "an".

    A ``joined`` one may carry the "and" that joins it to what stands before: "وعشر".
    """
    count = number_at(tokens, index, range(1, 5))
    if count is not None:
        return count, index + 1
    if index >= len(tokens):
        return None
    word = without_and(tokens[index].text) if joined else tokens[index].text
    apart = is_at(tokens, index + 1, "و")
    end = index + 3 if apart else index + 2
    if end <= len(tokens):
        phrase = words.NUMBER_PHRASES.get((word, f"و{tokens[end - 1].text}" if apart else tokens[end - 1].text))
        if phrase is not None:
            return phrase, end
    single = words.NUMBER_WORDS.get(word)
    return None if single is None else (single, index + 1)


def and_fraction_at(tokens: Sequence[Token], index: int) -> tuple[int, int] | None:
    """The minutes of a part of an hour behind "and", and the index after it: "والنصف", "وربع", "و ثلث"."""
    word = text_at(tokens, index)
    apart = word == "و"
    name = text_at(tokens, index + 1) if apart else word[1:] if word.startswith("و") else ""
    minutes = words.FRACTION_FORMS.get(name)
    return None if minutes is None else (minutes, index + 1 + apart)


def without_and(word: str) -> str:
    """A word without the "and" that is written onto it."""
    return word[1:] if word.startswith("و") and len(word) > 3 else word
