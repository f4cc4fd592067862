"""Which language a text is in, by its letters and its commonest words; a page's language tag is often wrong."""

from __future__ import annotations

import re
from collections import Counter

_WORD = re.compile(r"[^\W\d_]+")
_READ = 4000
"""Words read: a language shows within a few hundred."""

# Letters that one language of the Arabic script has and Arabic has not. A loan word has one now and then: see _SHARE.
_LETTERS = {
    "fa": frozenset("پچژگکی"),
    "ckb": frozenset("ۆێڕڵڤە"),
    "ur": frozenset("ٹڈڑںےہھ"),
    "ps": frozenset("ښځڅډړټېږ"),
}
_SHARE = 0.02
"""Share of a text's letters that must be a language's own. Arabic quoting a Persian name stays far below."""

# The commonest words of each language; several hundred running words hold dozens of them.
_COMMON = {
    tag: frozenset(words.split())
    for tag, words in {
        "ar": "في من على إلى الى أن ان عن مع التي الذي هذا هذه كما بعد قبل ما لا لم كان قد بين وقد وفي خلال بن عبد حيث أو",
        "fa": "و در به از که این است را با برای آن بر تا یک می های خود کرد شد شده هم بود نیز اما ما",
        "en": "the of and to in a is that for on was with as by it at from said has are be",
        "fr": "le la les de des du et en un une est que dans pour qui sur au par pas avec plus",
        "de": "der die das und in den von zu mit ist des im nicht ein eine für auf dem sich",
        "es": "el la los las de y en que un una es por con para del se al lo su",
        "tr": "ve bir bu da de için ile olarak olan daha çok gibi ancak sonra kadar",
        "ku": "û li ji bi di de ku ev ew jî bo wek yên kir tê",
    }.items()
}


def detect(text: str) -> str | None:
    """The BCP-47 tag of a text's language, or None where it is too short or too mixed to tell."""
    words = [match.group().lower() for match in _WORD.finditer(text[: _READ * 12])][:_READ]
    letters = Counter("".join(words))
    total = sum(letters.values())
    if total < 10:
        return None
    arabic_script = sum(
        count for letter, count in letters.items() if "\u0600" <= letter <= "\u06ff" or "\ufb50" <= letter <= "\ufefc"
    )
    if arabic_script >= 0.5 * total:
        return _of_arabic_script(words, letters, total)
    hits = {tag: sum(word in common for word in words) for tag, common in _COMMON.items() if tag not in {"ar", "fa"}}
    best = max(sorted(hits), key=lambda tag: hits[tag])
    if hits[best] >= 0.08 * len(words):
        return best
    for tag, first, last in (("ru", "\u0400", "\u04ff"), ("he", "\u0590", "\u05ff"), ("hy", "\u0530", "\u058f")):
        if sum(count for letter, count in letters.items() if first <= letter <= last) >= 0.5 * total:
            return tag
    return None


def _of_arabic_script(words: list[str], letters: Counter[str], total: int) -> str:
    shares = {tag: sum(letters[letter] for letter in own) / total for tag, own in _LETTERS.items()}
    # Kurdish and Urdu share letters with Persian, so theirs are asked for first.
    for tag in ("ckb", "ps", "ur"):
        if shares[tag] >= _SHARE:
            return tag
    arabic = sum(word in _COMMON["ar"] for word in words)
    persian = sum(word in _COMMON["fa"] for word in words)
    # Persian typed on an Arabic keyboard has ك and ي; Arabic typed on a Persian one has ک and ی. So the words decide, and in
    # a text too short to hold any, the letters that Persian has from Arabic words alone.
    if persian != arabic:
        return "fa" if persian > arabic else "ar"
    return "fa" if shares["fa"] * total > sum(letters[letter] for letter in "ةأإىؤ") else "ar"
