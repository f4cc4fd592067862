"""Text as it stands on a page, made into a line of a document: white space, control characters, invisible marks."""

from __future__ import annotations

import re
from functools import lru_cache

# Zero-width space, soft hyphen, word joiner, byte order mark, object replacement character, noncharacters, and the embedding,
# override and isolate controls: they steer layout or are left by an editor's clipboard, and say nothing.
_LAYOUT = dict.fromkeys(
    [0x00AD, 0x200B, 0x2060, 0xFEFF, 0xFFFC, 0xFFFE, 0xFFFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)],
)
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# A joiner or a direction mark between spaces, or where a line begins or ends, joins and turns nothing. A ZWJ after a
# letter stays: it gives the initial form of the era's abbreviation in "1445 ه".
_IDLE_MARKS = re.compile(r"(?:(?<=\s)|^)[\u200c\u200e\u200f\u061c]+(?=\s|$)")
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
    text = _IDLE_MARKS.sub("", _SPACES.sub(" ", text.translate(_LAYOUT)))
    return _SPACES.sub(" ", text).lstrip(_IDLE_BEFORE).rstrip(_IDLE_AFTER)


def letters(text: str) -> str:
    """The letters and digits of a text alone, lower case: the key by which two printings of one line are told equal."""
    return "".join(_WORDS.findall(text)).lower()


# One spelling for what writers and sites spell in several ways: carriers of hamza, alef maqsura and yeh, teh marbuta and heh,
# the Persian and Urdu forms of the same letters, all digits. Tashkeel, the dagger alef and the kashida go.
_ONE_SPELLING = {
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("ىیۍې", "ي"),
    **dict.fromkeys("ةۀہھە", "ه"),
    **dict.fromkeys("کڪ", "ك"),
    "ؤ": "و",
    "|": ":",
    "：": ":",
    "\u200c": " ",
    "©": " copyright ",
    **{chr(code): "" for code in (*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, 0x0640, 0x200D)},
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
