"""The words of ``byline.yaml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, TypeAlias

from ruamel.yaml import YAML

from pipeline.rules.furniture import load_furniture
from pipeline.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


Label: TypeAlias = Literal["writer", "work", "poster", "other", "source", "none"]


# ---- the words


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What ``byline.yaml`` lists, folded."""

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
def vocabulary() -> Vocabulary:
    """The words of ``byline.yaml``, read once."""
    data = YAML(typ="safe").load(files(__package__).joinpath("byline.yaml").read_text(encoding="utf-8"))

    def listed(name: str) -> frozenset[str]:
        return frozenset(fold(word.replace("_", " ")) for word in str(data[name]).split())

    kinds: dict[str, Label] = {fold(label): kind for kind, labels in data["labels"].items() for label in labels}
    spelled = "|".join(_spelled(label) for label in sorted(kinds, key=lambda label: (-len(label), label)))
    return Vocabulary(
        label=re.compile(
            rf"(?:^[\s(\[«\"•*–—-]*|(?<=[\s،,|/–—(-]))(?P<label>{spelled})(?:\s*(?P<sep>[:：/|–—ـ-])[:：/|–—ـ\s-]*|\s+|$)",
            re.IGNORECASE,
        ),
        kinds=kinds,
        agencies=frozenset(fold(name) for name in data["agencies"]),
        outlet_heads=listed("outlet_heads"),
        idle=listed("idle"),
        roles=listed("roles"),
        reporters=listed("reporters"),
        writers=listed("writers"),
        places=load_furniture().places | listed("around_places"),
        names_in_waw=listed("names_in_waw"),
        names_with_article=listed("names_with_article"),
        no_person=listed("no_person"),
    )


_SPELLINGS = {"ا": "[اأإآ]", "ي": "[يىی]", "ه": "[هة]", "ك": "[كک]", "و": "[وؤ]", " ": r"[\s\u200c]+"}


def _spelled(folded: str) -> str:
    """A pattern for every spelling of a folded text, with tashkeel and kashida between its letters."""
    return (
        r"[\u064b-\u0652\u0640]*".join(_SPELLINGS.get(letter, re.escape(letter)) for letter in folded)
        + r"[\u064b-\u0652\u0640]*"
    )
