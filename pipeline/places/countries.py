"""Which country a text speaks of, and which one a conflict is named after: names and adjectives, from Unicode's CLDR."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from babel import Locale

from pipeline.duplicates import words
from pipeline.places.gazetteer import Name, arabic_countries

# CLDR calls it "Palestinian Territories" and "الأراضي الفلسطينية", and spells Syria in one way of two.
_ALSO_IN_ENGLISH = {"Palestine": "PS"}
_ALSO_IN_ARABIC = {
    "فلسطين": "PS",
    "سورية": "SY",
    "السعودية": "SA",
    "الإمارات": "AE",
    "قطاع غزة": "PS",
    "الضفة الغربية": "PS",
}


def countries_of(conflicts: Iterable[str], countries: Iterable[str] = ()) -> frozenset[str]:
    """The countries (ISO 3166-1) after which wars are named, and those given by their codes; of names that are none's, none."""
    named = _in_english()
    return frozenset({*countries, *(named[one] for one in conflicts if one in named)})


@cache
def _in_english() -> dict[str, str]:
    return {name: code for code, name in Locale("en").territories.items() if len(code) == 2} | _ALSO_IN_ENGLISH


def spoken_of(text: Sequence[Sequence[str]]) -> Iterator[str]:
    """The countries that a text names, or its people by their adjective: of each word, what it may be read as."""
    names = _names()
    for at, readings in enumerate(text):
        for word in readings:
            if (country := names.get((word,))) is not None or (
                at + 1 < len(text) and (country := names.get((word, text[at + 1][0]))) is not None
            ):
                yield country


@cache
def _names() -> dict[Name, str]:
    named = {
        name: code for code, name in Locale("ar").territories.items() if code in arabic_countries()
    } | _ALSO_IN_ARABIC
    found: dict[Name, str] = {}
    for name, code in named.items():
        found[tuple(words(name))] = code
        if len(words(name)) == 1:
            found |= {(adjective,): code for adjective in _adjectives(words(name)[0])}
    return found


def _adjectives(name: str) -> Iterator[str]:
    """Of "سوريا" "السوري", "سورية", "السوريين" and the like; of "اليمن" "اليمني"."""
    stem = name.removeprefix("ال")
    stem = stem.removesuffix("يا").removesuffix("يه").removesuffix("ا")
    for ending in ("ي", "يه", "يون", "يين", "يات"):
        yield stem + ending
        yield "ال" + stem + ending
