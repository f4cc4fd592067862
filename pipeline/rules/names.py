"""The names that several readers know: agencies, places, kinds of outlets, days and months."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pipeline.rules.load import Strict, Words, read
from pipeline.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable


class Agencies(Strict):
    """What ``agencies.yaml`` holds; that file says what the groups are."""

    unmistakable: Words
    names: Words
    common_words: Words
    heads: Words
    collective: Words
    own_report: Words

    @property
    def all(self) -> frozenset[str]:
        """Every name of an agency or of several: what a whole part of a byline may be."""
        return self.unmistakable | self.names | self.common_words | self.heads | self.collective

    @property
    def telling(self) -> frozenset[str]:
        """The names of which a line may consist that is no text, and what stands in their place."""
        return self.unmistakable | self.names | self.heads | self.collective | self.own_report


class Places(Strict):
    """What ``places.yaml`` holds."""

    cities: Words
    countries: Words
    around: Words


class Outlets(Strict):
    """What ``outlets.yaml`` holds."""

    kinds: Words
    other_kinds: Words
    rights: tuple[str, ...]
    around_holder: Words
    makers: Words


class Calendar(Strict):
    """What ``calendar.yaml`` holds."""

    weekdays: Words
    months: Words


class Headlines(Strict):
    """What ``headlines.yaml`` holds."""

    unnamed: Words
    lists: Words


class Sections(Strict):
    """What ``sections.yaml`` holds."""

    home: Words
    none: Words
    tag_labels: Words


@cache
def agencies() -> Agencies:
    """News agencies, read once."""
    return read("agencies.yaml", Agencies)


@cache
def places() -> Places:
    """Places, read once."""
    return read("places.yaml", Places)


@cache
def outlets() -> Outlets:
    """Kinds of outlets, and what their claims of rights say, read once."""
    return read("outlets.yaml", Outlets)


@cache
def calendar() -> Calendar:
    """Weekdays and months, read once."""
    return read("calendar.yaml", Calendar)


@cache
def headlines() -> Headlines:
    """What is no headline, read once."""
    return read("headlines.yaml", Headlines)


@cache
def sections() -> Sections:
    """What is no section, and what announces tags, read once."""
    return read("sections.yaml", Sections)


def single_words(names: Iterable[str]) -> frozenset[str]:
    """The words of which names consist."""
    return frozenset(word for name in names for word in name.split())


def consists_of(text: str, names: frozenset[str]) -> bool:
    """Whether a text is nothing but such names, one or more."""
    words = fold(text).split()
    at = 0
    while at < len(words):
        ends = range(min(len(words), at + _LONGEST), at, -1)
        at = next((end for end in ends if " ".join(words[at:end]) in names), 0)
        if not at:
            return False
    return bool(words)


_LONGEST = 4
"""Words of the longest name looked for."""
