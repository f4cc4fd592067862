"""What two texts are compared by: a normal form for Arabic, its shingles and figures, and a MinHash signature.

The normal form serves comparing only; the stored text is never altered.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from babel import Locale
from rensa import RMinHash

from pipeline.text import TATWEEL, FoldTable, fold_letters

SIGNATURE_SIZE = 128
"""Numbers of a signature, 32 bits each."""

SHORT_WORDS = 30
"""A text shorter than this says too little for shares to mean anything: it is a copy of the same words only."""

# A word that its writer split to slip past a filter: "قـ ـتـ ـلى", "الـ.ـجـ.يش".
_SPLIT_AFTER = re.compile(rf"{TATWEEL}(?:[\s.·*]+(?={TATWEEL})|[.·*]+(?=\w))")
_SPLIT_BEFORE = re.compile(rf"[.·*](?<=\w.)[.·*]*(?={TATWEEL})")
_NO_WORD = re.compile(r"\W")


_FOLD = FoldTable(lambda character: _NO_WORD.sub(" ", fold_letters(character)))

# The same table for the characters that fold to one or none, which are nearly all: looking a whole text up in an array takes a
# fifth of the time. Zero drops the character; the last two values stand for none of their own.
_SEVERAL, _UNKNOWN = 0xFFFE, 0xFFFF
_FOLD_ONE = np.full(0x10000, _UNKNOWN, "<u2")
_FOLD_ONE[[0, 0xFFFE, 0xFFFF]] = _SEVERAL
_FOLD_ONE[0xD800:0xE000] = _SEVERAL  # halves of characters beyond the table


def _fold(text: str) -> str:
    """The text with its letters folded and a blank for all that is no part of a word."""
    codes = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    folded = _FOLD_ONE[codes]
    unknown = folded == _UNKNOWN
    if unknown.any():
        for code in np.unique(codes[unknown]).tolist():
            character = _FOLD[code]
            one = len(character) == 1 and "\0" < character < "\ufffe"
            _FOLD_ONE[code] = 0 if not character else ord(character) if one else _SEVERAL
        folded = _FOLD_ONE[codes]
    if (folded == _SEVERAL).any():
        return text.translate(_FOLD)
    kept: bytes = folded[folded != 0].tobytes()
    return kept.decode("utf-16-le")


def words(text: str) -> list[str]:
    """The words of a text in normal form, in their order.

    Letters are folded (`pipeline.text.fold_letters`), punctuation is left out, split words are joined.
    """
    if TATWEEL in text:
        text = _SPLIT_BEFORE.sub("", _SPLIT_AFTER.sub(TATWEEL, text))
    return _fold(text).split()


def fold_in_place(text: str) -> tuple[str, list[int]]:
    """A text in normal form, a blank for whatever parts its words, and for each character the place in the text that it stands for.

    Its words, parted at the blanks, are those of `words`.
    """
    places: Sequence[int] = range(len(text))
    kept = text
    for pattern, stays in ((_SPLIT_AFTER, 1), (_SPLIT_BEFORE, 0)) if TATWEEL in text else ():
        cut = {at for found in pattern.finditer(kept) for at in range(found.start() + stays, found.end())}
        places = [place for at, place in enumerate(places) if at not in cut]
        kept = "".join(character for at, character in enumerate(kept) if at not in cut)
    folded = [(one, place) for place, character in zip(places, kept, strict=True) for one in _FOLD[ord(character)]]
    return "".join(one for one, _ in folded), [place for _, place in folded]


def _normal(line: str) -> frozenset[str]:
    return frozenset(words(line))


COMMON = _normal(
    "في من على إلى أن إن عن مع التي الذي الذين هذا هذه ذلك تلك كما بعد قبل ما لا لم لن كان كانت قد وقد بين وفي خلال أو "
    "ثم حتى لكن كل أي منذ عند غير هو هي هم وهو وهي بن ولا وما ولم أنه أنها إنه إنها به بها له لها لهم فيه فيها عليه عليها منه "
    "منها وكان وكانت ومن وعلى وأن حيث إذ إذا بأن لأن و در به از که این است را با برای آن بر تا یک می های شد شده بود نیز"
)
"""The commonest words, which two texts share whatever they tell; Arabic, and Persian's for the outlets of Iran. In normal form."""


def shingles(text: str) -> frozenset[str]:
    """Every pair of neighbouring words of the normal form, the commonest words left out; a short text is one shingle.

    Pairs, since a text with one word in five exchanged keeps two pairs of three: their Jaccard share stays about .44, where
    runs of three words would fall to .30. Without the commonest words, two unrelated reports share no more than one pair in
    a hundred.
    """
    return frozenset(shingles_of(words(text)))


def shingles_of(of_text: Sequence[str]) -> list[str]:
    """The shingles of a text given as the words of its normal form, in their order, with repetitions."""
    return pairs_of(of_text) if len(of_text) >= SHORT_WORDS else [" ".join(of_text)]


def pairs_of(of_text: Sequence[str]) -> list[str]:
    """Every pair of neighbouring words, the commonest left out."""
    telling = [word for word in of_text if word not in COMMON]
    return list(map(" ".join, pairwise(telling)))


def text_hash(text: str) -> str:
    """128 bits of the SHA-256 of the normal form, in hex: equal for texts that differ in spelling habits only."""
    return hashlib.sha256(" ".join(words(text)).encode()).hexdigest()[:32]


def signature(text: str) -> bytes:
    """MinHash of the shingles: 128 little-endian 32-bit numbers. Equal texts have equal signatures, on any machine."""
    sketch = RMinHash(num_perm=SIGNATURE_SIZE, seed=1)
    sketch.update(shingles_of(words(text)))  # repetitions and order change nothing
    numbers = array("I", sketch.digest())
    if numbers.itemsize != 4:  # the C standard promises no size
        raise RuntimeError("this platform's unsigned int is not 32 bits")
    return numbers.tobytes()


def agreement(one: bytes, others: bytes) -> npt.NDArray[np.float64]:
    """The share of its numbers that a signature has in common with each of others, which are joined: estimates of Jaccard."""
    numbers = np.frombuffer(others, "<u4").reshape(-1, SIGNATURE_SIZE)
    shares: npt.NDArray[np.float64] = np.mean(numbers == np.frombuffer(one, "<u4"), axis=1)
    return shares


# Figures ---------------------------------------------------------------------------------------------------------------

_DIGITS = frozenset("0123456789")
_BEFORE_DIGITS = "0والبلكف"  # "and 12", "the 12" are written in one word


def _numbers() -> dict[str, int]:
    """The number words, in the forms that gender and case give them, also after "and"."""
    units = ("ثلاث ثلاثة", "أربع أربعة", "خمس خمسة", "ست ستة", "سبع سبعة", "ثمان ثماني ثمانية", "تسع تسعة")
    tens = (
        "عشرون عشرين",
        "ثلاثون ثلاثين",
        "أربعون أربعين",
        "خمسون خمسين",
        "ستون ستين",
        "سبعون سبعين",
        "ثمانون ثمانين",
        "تسعون تسعين",
    )
    forms = {
        1: "واحد واحدة أحد إحدى",
        2: "اثنان اثنين اثنتان اثنتين اثنا اثني اثنتا اثنتي",
        10: "عشر عشرة",
        100: "مئة مائة",
        200: "مئتان مئتين مائتان مائتين",
    }
    forms |= {
        1000: "ألف آلاف ألفا",
        2000: "ألفان ألفين",
        1_000_000: "مليون ملايين مليونا",
        2_000_000: "مليونان مليونين",
    }
    forms |= dict(enumerate(units, 3))
    forms |= {number * 10: line for number, line in enumerate(tens, 2)}
    forms |= {
        number * 100: " ".join(form + one for form in line.split() for one in ("مئة", "مائة"))
        for number, line in enumerate(units, 3)
    }
    return {
        word: number
        for number, line in forms.items()
        for form in line.split()
        for word in (*words(form), *words("و" + form))
    }


def _calendar() -> dict[str, str]:
    """What stands for each name of a month or a weekday, whichever name an outlet uses; names of two words by both."""
    names: dict[str, str] = {}
    for code in ("ar", "ar_SY", "ar_IQ", "ar_DZ", "ar_TN", "ar_MA", "fa"):
        locale = Locale.parse(code)
        for letter, table in (("m", locale.months["format"]["wide"]), ("d", locale.days["format"]["wide"])):
            for number, name in table.items():
                names[" ".join(words(name))] = f"{letter}{number}"
    return names


_NUMBERS = _numbers()
_CALENDAR = _calendar()
_FIGURE_WORDS = _NUMBERS.keys() | {name.split()[0] for name in _CALENDAR}

FIGURE = "#"
"""What begins a figure among the words of `read_figures`."""


def read_figures(of_text: Sequence[str]) -> tuple[list[str], list[int]]:
    """The words of a text with each figure as its value, and which of them are figures.

    A figure is a number, in digits or in words (both of one value are one figure), a month or a weekday.
    """
    starts = [place for place, word in enumerate(of_text) if word in _FIGURE_WORDS or not word.isalpha()]
    read: list[str] = []
    places: list[int] = []
    end = 0
    for start in starts:
        if start >= end:
            read += of_text[end:start]
            figure, end = _figure(of_text, start)
            if figure[0] == FIGURE:
                places.append(len(read))
            read.append(figure)
    return [*read, *of_text[end:]], places


def placed_figures(read: Sequence[str], at: Iterable[int]) -> list[tuple[tuple[str, ...], str]]:
    """The figures of a text as `read_figures` gives them, in their order, each after its place.

    The place is what stands around it: the two words before it and the one after, with "#" for any figure.
    """
    masked = [FIGURE if word[0] == FIGURE else word for word in read]
    return [(tuple(masked[max(place - 2, 0) : place + 2]), read[place]) for place in at]


def _figure(of_text: Sequence[str], start: int) -> tuple[str, int]:
    """The figure that begins at a word, or the word if it is none after all, and where it ends."""
    word = of_text[start]
    for end in (start + 2, start + 1):
        if (name := _CALENDAR.get(" ".join(of_text[start:end]))) is not None:
            return FIGURE + name, end
    if word not in _NUMBERS:
        if word[0] not in _DIGITS and word[-1] not in _DIGITS:
            return word, start + 1
        thousands = _NUMBERS.get(of_text[start + 1], 0) if start + 1 < len(of_text) else 0
        if not word.isdecimal() or thousands < 1000 or len(word) > 9:
            return FIGURE + word.lstrip(_BEFORE_DIGITS), start + 1
    # Words that follow one another add up to one number; "thousand" and "million" multiply what stands before them.
    total = current = 0
    end = start
    while end < len(of_text) and (end == start or of_text[end] in _NUMBERS):
        number = _NUMBERS.get(of_text[end]) or int(of_text[end])
        if number in {1000, 1_000_000}:
            total, current = total + max(current, 1) * number, 0
        else:
            current += number
        end += 1
    return f"{FIGURE}{total + current}", end
