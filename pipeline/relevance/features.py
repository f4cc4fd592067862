"""What the model reads of a text: its words in normal form and their stems, hashed.

The commonest words are left out. Each other one stands for itself and for its stem, and one of the headline for both a second time,
as a headline's. All are numbers below `BUCKETS`, the same on every machine; two features that share a number share its weight.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from pipeline.duplicates import COMMON, words

BUCKETS = 2**18
"""The weights of the model, one for each hash of a feature."""

_READ = 200
"""Words of the headline and of the body that are read: what an article is about stands in its beginning."""
_CHARACTERS = 4_000
"""Characters of a headline or a body that are read at most, whatever its words are like."""

# Letters and digits, with the marks of vowels and the joiners that stand within a word.
_WORD = re.compile(r"[\w\u0610-\u061a\u064b-\u065f\u0670\u200c\u200d]+")
# Clitics and endings that are written in one with the word ("وبالصواريخ", "قواتهم"), the longest first, in normal form. The
# stem keeps three letters at least.
_PREFIXES = ("وبال", "وكال", "فبال", "وال", "بال", "كال", "فال", "ولل", "لل", "ال", "و", "ف", "ب", "ل", "ك")
_SUFFIXES = ("يات", "ات", "ون", "ين", "ان", "يه", "ها", "هم", "ه", "ي")
_STEM = 3


class Word(NamedTuple):
    """A word as it stands in the text, and the features that it stands for."""

    text: str
    features: tuple[int, ...]


def features(title: str | None, body: str | None) -> set[int]:
    """All that the model reads of an article."""
    return {number for word in read_words(title, body) for number in word.features}


def read_words(title: str | None, body: str | None) -> Iterator[Word]:
    """The telling words of the headline, then those of the body's beginning, in their order."""
    for text, in_title in ((title, True), (body, False)):
        for found in islice(_WORD.finditer((text or "")[:_CHARACTERS]), _READ):
            yield from _read(found[0], in_title=in_title)


@lru_cache(1 << 16)
def _read(text: str, *, in_title: bool) -> tuple[Word, ...]:
    """A word as it stands in the text; none where it is one of the commonest, and several for a few ligatures."""
    return tuple(Word(text, _features(word, in_title=in_title)) for word in words(text) if word not in COMMON)


def _features(word: str, *, in_title: bool) -> tuple[int, ...]:
    named = (word, "~" + _stem(word))
    return tuple(_hash(name) for name in (*named, *(f"^{name}" for name in named if in_title)))


def _hash(name: str) -> int:
    return zlib.crc32(name.encode(errors="surrogatepass")) % BUCKETS


def _stem(word: str) -> str:
    """A word without its article, clitics and ending, as far as they show."""
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _STEM:
            word = word[len(prefix) :]
            break
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _STEM:
            return word[: -len(suffix)]
    return word
