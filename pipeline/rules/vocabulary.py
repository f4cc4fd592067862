"""The words of bylines: those of ``byline.yaml``, and the agencies, places, outlets and months that bylines name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from pipeline.rules.load import Strict, Words, read
from pipeline.rules.names import agencies, calendar, outlets, places, single_words
from pipeline.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


Label: TypeAlias = Literal["writer", "work", "poster", "other", "source", "none"]


class Offices(Strict):
    """What persons are, as ``byline.yaml`` groups it."""

    reporters: Words
    writers: Words
    scholars: Words
    others: Words


class BylineFile(Strict):
    """The whole of ``byline.yaml``."""

    labels: dict[Label, Words]
    idle: Words
    offices: Offices
    names_in_waw: Words
    names_with_article: Words
    no_person: Words


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All words by which a byline is read, folded."""

    label: re.Pattern[str]
    kinds: Mapping[str, Label]
    agencies: frozenset[str]
    outlet_heads: frozenset[str]
    idle: frozenset[str]
    roles: frozenset[str]
    reporters: frozenset[str]
    writers: frozenset[str]
    places: frozenset[str]
    names_in_waw: frozenset[str]
    names_with_article: frozenset[str]
    no_person: frozenset[str]

    def is_idle(self, key: str, part: str) -> bool:
        """Whether a part says neither who nor where: a date, an address, a label of the page."""
        if (
            any(letter.isdigit() for letter in key)
            or "@" in part
            or "#" in part
            or "://" in part
            or part.startswith("www.")
        ):
            return True
        return (
            key in self.idle
            or all(len(word) == 1 for word in key.split())  # initials
            or set(key.split()) <= self.idle
            or (key.split(maxsplit=1)[0] in {"خاص", "حصري"} and len(key.split()) <= 4)
        )

    def before_date(self, part: str) -> str:
        """What stands before the date in a part that ends with one: "سامر علي الثلاثاء 12 مارس"; empty where a word does not."""
        split = part.split()
        date = next((index for index, word in enumerate(split) if self.is_idle(fold(word), word)), 0)
        return " ".join(split[:date]) if date >= 2 else ""

    def is_place(self, split: Sequence[str]) -> bool:
        """Whether all words of a part are places, or stand with them."""
        return bool(split) and set(split) <= self.places

    def agencies_in(self, part: str) -> list[str] | None:
        """The agencies that a part names, parted at "و"; None where it names anything else."""
        key = fold(part)
        if key in self.agencies or _AGENCY_HEAD.sub("", key) in self.agencies:
            return [part]
        split = part.split()
        for index in range(1, len(split)):
            rest = " ".join([split[index].removeprefix("و"), *split[index + 1 :]]).strip()
            if split[index].startswith("و") and fold(" ".join(split[:index])) in self.agencies:
                others = self.agencies_in(rest)
                if others is not None:
                    return [" ".join(split[:index]), *others]
        return None


_AGENCY_HEAD = re.compile("^وكاله (?:(?:ال)?انباء )?")


@cache
def byline_words() -> BylineFile:
    """What ``byline.yaml`` has, read once."""
    return read("byline.yaml", BylineFile)


@cache
def vocabulary() -> Vocabulary:
    """The words of bylines, made ready once."""
    words = byline_words()
    kinds = {label: kind for kind, labels in words.labels.items() for label in labels}
    spelled = "|".join(_spelled(label) for label in sorted(kinds, key=lambda label: (-len(label), label)))
    of_agencies = agencies().heads | agencies().collective
    outlet_heads = outlets().kinds | outlets().other_kinds | of_agencies
    offices = words.offices
    return Vocabulary(
        label=re.compile(
            rf"(?:^[\s(\[«\"•*–—-]*|(?<=[\s،,|/–—(-]))(?P<label>{spelled})(?:\s*(?P<sep>[:：/|–—ـ-])[:：/|–—ـ\s-]*|\s+|$)",
            re.IGNORECASE,
        ),
        kinds=kinds,
        agencies=agencies().all,
        outlet_heads=outlet_heads,
        idle=words.idle | agencies().own_report | calendar().weekdays | calendar().months,
        roles=offices.reporters | offices.writers | offices.scholars | offices.others,
        reporters=offices.reporters,
        writers=offices.writers,
        places=places().cities | places().countries | places().around,
        names_in_waw=words.names_in_waw,
        names_with_article=words.names_with_article,
        no_person=words.no_person
        | single_words(agencies().unmistakable | outlet_heads)
        | agencies().own_report
        | offices.reporters
        | places().countries,
    )


_SPELLINGS = {"ا": "[اأإآ]", "ي": "[يىی]", "ه": "[هة]", "ك": "[كک]", "و": "[وؤ]", " ": r"[\s\u200c]+"}


def _spelled(folded: str) -> str:
    """A pattern for every spelling of a folded text, with tashkeel and kashida between its letters."""
    return (
        r"[\u064b-\u0652\u0640]*".join(_SPELLINGS.get(letter, re.escape(letter)) for letter in folded)
        + r"[\u064b-\u0652\u0640]*"
    )
