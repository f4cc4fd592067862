"""Text as it stands on a page: made into a line of a document, and folded into the spelling in which it is compared.

Arabic is spelled in many ways: with and without hamza, with marks and tatweel, from a Persian keyboard. What letters are one
and the same is said here, once. There are three foldings, each as loose as what it compares allows:

- `fold`, of lines that may be furniture: keeps "ئ" and "ء", which tell whole phrases apart, all accents of other
  scripts, and colons, which end labels.
- ``pipeline.dates.fold``, of date words: `fold_letters`, and punctuation made one of a kind, since it joins numbers.
- ``pipeline.duplicates.text``, of articles: `fold_letters`, and no punctuation at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

# Zero-width space, soft hyphen, word joiner, byte order mark, object replacement character, noncharacters, and the embedding,
# override and isolate controls: they steer layout or are left by an editor's clipboard, and say nothing.
_LAYOUT = re.compile(r"[\u00ad\u200b\u2060\ufeff\ufffc\ufffe\uffff\u202a-\u202e\u2066-\u2069]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
# A joiner or a direction mark between spaces, or where a line begins or ends, joins and turns nothing. A ZWJ after a
# letter stays: it gives the initial form of the era's abbreviation in "1445 ه".
# It is looked for by its own sign, which is rare, and then what stands before it.
_IDLE_MARKS = re.compile(r"[\u200c\u200e\u200f\u061c](?<!\S.)[\u200c\u200e\u200f\u061c]*(?=\s|$)")
_IDLE_BEFORE, _IDLE_AFTER = " \u200c\u200d\u200e\u200f\u061c", " \u200c\u200e\u200f\u061c"
_WORDS = re.compile(r"[^\W_]+")


def tidy(text: str) -> str:
    """One line of text: runs of white space and control characters as one space, layout characters gone.

    The joiners (ZWNJ, ZWJ) stay where they shape a word, the direction marks (LRM, RLM, ALM) where they stand in a line.
    """
    spaced = " ".join(text.split())
    # Of what is taken out below, Python calls all but the object replacement character unprintable; most lines hold none.
    if spaced.isprintable() and "\ufffc" not in spaced:
        return spaced
    text = " ".join(_CONTROLS.sub(" ", _LAYOUT.sub("", text)).split())
    return " ".join(_IDLE_MARKS.sub("", text).split()).lstrip(_IDLE_BEFORE).rstrip(_IDLE_AFTER)


def escape_invisible(text: str) -> str:
    """Text with escapes for what a reader would not see: marks of direction, joiners, spaces that are none of the keyboard's.

    The escapes are Python's, which between double quotes are YAML's as well.
    """
    return "".join(
        one.encode("unicode_escape").decode() if one != " " and unicodedata.category(one)[0] in "CZ" else one
        for one in text
    )


def escape_lines(text: str) -> str:
    """The same of a text of several lines, whose ends stay."""
    return "\n".join(map(escape_invisible, text.split("\n")))


def letters(text: str) -> str:
    """The letters and digits of a text alone, lower case: the key by which two printings of one line are told equal."""
    return "".join(_WORDS.findall(text)).lower()


# Folding ---------------------------------------------------------------------------------------------------------------

TATWEEL = "\u0640"
"""Stretches a word and says nothing."""

# Letters that writers and sites use for one another: carriers of hamza, alef maqsura and yeh, teh marbuta and heh, and the
# forms of Persian, Urdu, Kurdish and Pashto keyboards.
_SAME_LETTERS = {
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("ىیۍې", "ي"),
    **dict.fromkeys("ةۀہھە", "ه"),
    **dict.fromkeys("کڪ", "ك"),
    "ؤ": "و",
}
# The hamza on its yeh, and the free-standing one, which comes and goes ("الثلاثا") as tatweel does.
_LOOSE_LETTERS = {**_SAME_LETTERS, "ئ": "ي", "ء": "", TATWEEL: ""}
_DROPPED_CATEGORIES = frozenset({"Mn", "Me", "Cf"})
"""Marks, of vowels and others, and what is not seen: Arabic diacritics are marks."""


def fold_letters(text: str) -> str:
    """Text without case and marks, digits of any script as 0-9, compatibility forms as their letters, letters folded.

    >>> fold_letters("ﻷسئلةٍ ١٢")
    'لاسيله 12'
    """
    return "".join(map(_fold_letter, unicodedata.normalize("NFKD", text).casefold()))


def _fold_letter(character: str) -> str:
    folded = _LOOSE_LETTERS.get(character)
    if folded is not None:
        return folded
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return "" if category in _DROPPED_CATEGORIES else character


class FoldTable(dict[int, str]):
    """Translation table for `str.translate`, filled as characters are met; there are at most 0x110000."""

    def __init__(self, fold_character: Callable[[str], str]) -> None:
        super().__init__()
        self._fold_character = fold_character

    def __missing__(self, code: int) -> str:
        folded = self[code] = self._fold_character(chr(code))
        return folded


# Of lines that may be furniture. Tashkeel, the dagger alef and tatweel go; a joiner does, or parts words.
_ONE_SPELLING = {
    **_SAME_LETTERS,
    "|": ":",
    "：": ":",
    "\u200c": " ",
    "©": " copyright ",
    **{chr(code): "" for code in (*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, ord(TATWEEL), 0x200D)},
    **{chr(0x0660 + digit): str(digit) for digit in range(10)},
    **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
}
_SPELLED = re.compile(f"[{''.join(_ONE_SPELLING)}]")
_FOLDED = re.compile(r"[^\W_]+|:")
_SHORT = 200
"""Characters of a line that is worth remembering: those that furniture rules look at again and again."""


def fold(text: str) -> str:
    """A line in the spelling in which furniture is compared: folded letters, no marks, and of the punctuation only colons.

    >>> fold("اقرأ أيضاً | الأكثر قراءةً…")
    'اقرا ايضا : الاكثر قراءه'
    """
    return _fold_short(text) if len(text) <= _SHORT else _fold(text)


def _fold(text: str) -> str:
    return " ".join(_FOLDED.findall(_SPELLED.sub(_in_one_spelling, text).lower()))


def _in_one_spelling(found: re.Match[str]) -> str:
    return _ONE_SPELLING[found[0]]


_fold_short = lru_cache(maxsize=1024)(_fold)
