"""What two texts are compared by: a normal form for Arabic, its shingles, and their MinHash signature.

The normal form serves comparing only; the stored text is never altered.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from array import array

from rensa import RMinHash

SIGNATURE_SIZE = 128
SHINGLE_WORDS = 3

# Letters that outlets use for one another in the same story: alef and hamza seats, alef maqsura, ta marbuta, Persian keyboards.
_LETTERS = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ئ": "ي",
        "ؤ": "و",
        "ة": "ه",
        "ک": "ك",
        "ـ": None,  # tatweel only stretches a word
    }
)
_WORD = re.compile(r"\w+")


def compare_form(text: str) -> str:
    """The text as its words in normal form, one blank between them.

    Compatibility forms are folded (NFKC), marks and invisible characters dropped (Arabic diacritics are marks), letters
    folded as above, digits of any script written 0-9, case folded, punctuation left out.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_LETTERS).casefold()
    kept = []
    for character in unicodedata.normalize("NFD", folded):
        category = unicodedata.category(character)
        if category == "Nd":
            kept.append(str(unicodedata.decimal(character)))
        elif category not in {"Mn", "Cf"}:
            kept.append(character)
    return " ".join(_WORD.findall("".join(kept).translate(_LETTERS)))


def text_hash(text: str) -> str:
    """128 bits of the SHA-256 of the normal form, in hex: equal for texts that differ in spelling habits only."""
    return hashlib.sha256(compare_form(text).encode()).hexdigest()[:32]


def shingles(text: str) -> frozenset[str]:
    """Every run of three words of the normal form; a shorter text is one shingle."""
    words = compare_form(text).split()
    count = max(len(words) - SHINGLE_WORDS + 1, 1)
    return frozenset(" ".join(words[start : start + SHINGLE_WORDS]) for start in range(count))


def signature(text: str) -> bytes:
    """MinHash of the shingles: 128 little-endian 32-bit numbers. Equal texts have equal signatures, on any machine."""
    sketch = RMinHash(num_perm=SIGNATURE_SIZE, seed=1)
    sketch.update(sorted(shingles(text)))
    numbers = array("I", sketch.digest())
    if numbers.itemsize != 4:  # the C standard promises no size
        raise RuntimeError("this platform's unsigned int is not 32 bits")
    return numbers.tobytes()
