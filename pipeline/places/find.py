"""The places that a text names: found by their names, kept where the name can mean nothing else.

A name is looked up in its normal form, behind "and", "in", "to" and the like. Texts use some names for a place and
for nothing else, others are words as well and are a place's where the word before is of a place: "in", "the city",
"the airport of" (`_usage`). A place is kept

- as ``name``: where its name is so used, and it alone bears it;
- as ``kind``: where the word before calls it a city, a town or a village;
- by ``context``: where several places bear it, or it is a name of several words of which nothing else is known, the
  article speaks of the country of just one, and none that bears it is larger.

All but the names that are always a place's count only where the article speaks of the country, by its name or by
another place's. What the words around say is another place's, or none's, is left out: a province, a street, a
newspaper, an army, a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

import pyarrow as pa

from pipeline.duplicates import fold_in_place
from pipeline.places import words as said
from pipeline.places.countries import spoken_of
from pipeline.places.gazetteer import Gazetteer, GazetteerError, Name, Place, load
from pipeline.words import Placed, answers_to, placed_words

PLACE = pa.struct(
    [
        ("geonameid", pa.int32()),
        ("name", pa.string()),
        ("country", pa.string()),
        ("latitude", pa.float64()),
        ("longitude", pa.float64()),
        ("text", pa.string()),
        ("part", pa.string()),
        ("offset", pa.int32()),
        ("by", pa.string()),
        ("finder", pa.string()),
    ]
)
"""A place that an article names, see `Found`."""

_READ_AS = 2
"""Version of the rules; raised where they find other places."""
_USAGE = "proper_names.tsv"
_ALWAYS = "always"
_THE = "ال"
_TANWIN = "\u064b"
"""The ending of an adverb: "دومًا" is no Duma."""
_WITHIN_NAME = frozenset(" \u00a0\u200c\u200e\u200f\u0640-")
_SHORTLY = 15
"""Words before a name in which a province is spoken of."""
_ENDS = frozenset(".!?؟\n")
_WITHIN_LIST = frozenset(" \u00a0،,و-–/")


class Found(NamedTuple):
    """A place that an article names.

    Attributes:
        geonameid: the place's id in GeoNames.
        name: its name there, in Latin letters.
        country: where it is, in ISO 3166-1.
        latitude: degrees, WGS 84.
        longitude: degrees, WGS 84.
        text: the literal words, without the "and" or "in" that is written in one with them.
        part: "title" or "body".
        offset: where they begin there, in characters (Unicode code points).
        by: why it is this place: "name", "kind" or "context".
        finder: version of the rules and of the gazetteer.
    """

    geonameid: int
    name: str
    country: str
    latitude: float
    longitude: float
    text: str
    part: str
    offset: int
    by: str
    finder: str


class _Candidate(NamedTuple):
    """A name where it stands, whose it may be, and what the words around it say."""

    part: str
    start: int
    end: int
    name: Name
    places: tuple[Place, ...]
    has_kind: bool
    is_placed: bool
    is_left_out: bool

    @property
    def is_name(self) -> bool:
        """Whether it is a place's name, whosever."""
        return self.is_always or (self.is_placed and self.name in _usage())

    @property
    def is_always(self) -> bool:
        """Whether it is one whatever stands before."""
        return _usage().get(self.name) == _ALWAYS


def find(title: str | None, body: str | None, countries: Collection[str]) -> tuple[Found, ...]:
    """The places of some countries that an article names, in the order of its headline and its text.

    Args:
        title: its headline.
        body: its text.
        countries: those that its source reports on, by their codes in ISO 3166-1; where there is one, all that it prints is taken
            to be about that one, too.

    Raises:
        GazetteerError: the gazetteer is missing or damaged.
    """
    if not countries:
        return ()
    gazetteer = load()
    candidates: list[_Candidate] = []
    about = set(countries) if len(countries) == 1 else set[str]()
    for part, text in (("title", title or ""), ("body", body or "")):
        placed = placed_words(text)
        readings = [_readings(one.word) for one in placed]
        about.update(spoken_of(readings))
        candidates += _candidates(part, text, placed, readings, gazetteer)
    named: defaultdict[str, set[Place]] = defaultdict(set)
    for one in candidates:
        if one.is_name and len({place.country for place in one.places}) == 1:
            named[one.places[0].country].add(one.places[0])
    finder = f"{_READ_AS} / {gazetteer.version}"
    texts = {"title": title or "", "body": body or ""}
    return tuple(
        Found(*place[:5], texts[one.part][one.start : one.end], one.part, one.start, by, finder)
        for one in candidates
        if (decided := _decide(one, about | {country for country, of in named.items() if not of.issubset(one.places)}))
        for place, by in (decided,)
        if place.country in countries
    )


def _decide(one: _Candidate, about: Collection[str]) -> tuple[Place, str] | None:
    """Which place a name means, and why; None where that is open."""
    if one.is_left_out:
        return None
    largest, *others = one.places
    if not others and one.is_always:
        return largest, "name"
    if largest.country not in about or any(place.country in about for place in others):
        return None
    if not others and one.is_name:
        return largest, "name"
    if not others and one.has_kind:
        return largest, "kind"
    return (largest, "context") if one.is_name or one.has_kind or (len(one.name) > 1 and one.is_placed) else None


def _candidates(
    part: str, text: str, placed: Sequence[Placed], readings: Sequence[tuple[str, ...]], gazetteer: Gazetteer
) -> list[_Candidate]:
    """The names that stand in a text, the longest where one begins with another."""
    found: list[_Candidate] = []
    at = 0
    while at < len(placed):
        match = _match(text, placed, at, readings, gazetteer)
        if match is None:
            at += 1
            continue
        name, length, before = match
        previous = readings[at - 1] if at else ()
        following = readings[at + length] if at + length < len(placed) else ()
        start, end = _start(text, placed[at], before), placed[at + length - 1].end
        # In a list, what stands before the first name goes for all: "محافظتي حمص وحماة".
        first = found[-1] if found and _WITHIN_LIST.issuperset(text[found[-1].end : start]) else None
        is_area = not said.AREAS.isdisjoint(previous) or any((word, name[0]) in said.COMPOUNDS for word in previous)
        has_kind = not said.KINDS.isdisjoint(previous)
        is_placed = has_kind or before.endswith("ب") or not said.LOCATIVES.isdisjoint(previous)
        found.append(
            _Candidate(
                part,
                start,
                end,
                name,
                gazetteer.names[name],
                has_kind,
                is_placed or (first is not None and first.is_placed),
                is_area
                or (first is not None and first.is_left_out)
                or not said.NOT_BEFORE.isdisjoint(previous)
                or not said.NOT_AFTER.isdisjoint(following)
                or (not said.TODAY.isdisjoint(following) and not is_placed)
                or (not has_kind and (name in said.WIDER or _speaks_of_provinces(text, placed, at, readings)))
                or _TANWIN in text[start:end],
            )
        )
        at += length
    return found


def _match(
    text: str, placed: Sequence[Placed], at: int, readings: Sequence[tuple[str, ...]], gazetteer: Gazetteer
) -> tuple[Name, int, str] | None:
    """The longest name that begins with a word, of how many words it is, and what of the first is written before it."""
    best: tuple[Name, int, str] | None = None
    for word in readings[at]:
        for length in range(min(gazetteer.longest.get(word, 0), len(placed) - at), best[1] if best else 0, -1):
            name = (word, *(one.word for one in placed[at + 1 : at + length]))
            if name in gazetteer.names and _is_joined(text, placed[at : at + length]):
                best = name, length, _before(placed[at].word, word)
                break
    return best


def _speaks_of_provinces(text: str, placed: Sequence[Placed], at: int, readings: Sequence[tuple[str, ...]]) -> bool:
    """Whether the sentence was speaking of provinces shortly before, which bear their towns' names: "المحافظة الثالثة بعد عدن"."""
    for before in range(at - 1, max(at - _SHORTLY, 0) - 1, -1):
        if not _ENDS.isdisjoint(text[placed[before].end : placed[before + 1].start]):
            return False
        if any(word.removeprefix(_THE) in said.PROVINCES for word in readings[before]):
            return True
    return False


def _is_joined(text: str, name: Sequence[Placed]) -> bool:
    """Whether nothing but blanks stands between the words of a name."""
    return all(_WITHIN_NAME.issuperset(text[one.end : other.start]) for one, other in pairwise(name))


@lru_cache(1 << 16)
def _readings(word: str) -> tuple[str, ...]:
    """What a word may be without what is written in one with it, itself first; its article stays: "الحلب" is no "حلب"."""
    answers = answers_to(word)
    return tuple(one for one in answers if _THE + one not in answers and not _is_for_the(word, one))


def _is_for_the(word: str, rest: str) -> bool:
    """Whether a letter of "for the" is left before the rest of a word: "للحج" is "for the hajj", and no "لحج"."""
    return word != rest and word.endswith(f"لل{rest[1:]}") and rest.startswith("ل")


def _before(word: str, rest: str) -> str:
    """What stands in a word before a reading of it: of "للرقة" that is one letter, since the article's first is left out."""
    return word.removesuffix(rest) if word.endswith(rest) else word.removesuffix(rest.removeprefix(_THE))[:-1]


def _start(text: str, word: Placed, before: str) -> int:
    """Where a name begins of which something is written before in one word, with its marks."""
    return word.start + fold_in_place(text[word.start : word.end])[1][len(before)]


@cache
def _usage() -> dict[Name, str]:
    """How texts use the names of which that is known: ``python -m benchmarks.places`` says how it is told."""
    try:
        lines = (files("pipeline.places") / _USAGE).read_text(encoding="utf-8").splitlines()
        return {tuple(name.split()): usage for name, usage in (line.split("\t") for line in lines)}
    except (OSError, ValueError) as error:
        raise GazetteerError(f"{_USAGE} cannot be read ({error}): install warraq anew") from error
