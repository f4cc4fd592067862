"""Furniture: text on a page that is not the article, told by the rules in ``furniture.yaml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from pipeline.clean.text import fold, letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml.html import HtmlElement

NEAR = 2
"""Paragraphs that may stand between a line and the article's first or last, for the rules whose place is `near`."""

_SENTENCE_ENDS = (".", "؟", "!", "?", "…", "۔")
_PARTS = re.compile(r"\s*[-–—/،,]\s*")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of ``furniture.yaml``; that file says what its parts mean."""

    name: str
    where: str
    linked: bool
    opens: bool
    closes: bool
    longest: int
    lines: frozenset[str]
    pattern: re.Pattern[str] | None
    only: frozenset[str]
    needs: frozenset[str]
    numbers: bool
    begins: frozenset[str]
    ends: frozenset[str]

    def takes(self, line: str, folded: str, linked: float) -> bool:
        """Whether the rule takes a line of the page, `linked` being the share of it that is a link; its place apart."""
        if self.linked and linked < 0.5:
            return False
        if folded.removesuffix(" :") in self.lines:
            return True
        words = folded.split()
        if len(words) > self.longest:
            return False
        if self.pattern is not None and self.pattern.fullmatch(folded):
            return True
        words = [word for word in words if word != ":"]
        if not words:
            return False
        if self.begins and words[0] in self.begins and words[-1] in self.ends:
            return len(words) > 1 and not line.endswith(_SENTENCE_ENDS)
        return bool(self.only) and self._all_known(words)

    def _all_known(self, words: list[str]) -> bool:
        needed = False
        for word in words:
            if word[0].isdigit():
                if not self.numbers:
                    return False
                needed = True
                continue
            known = word if word in self.only else word.removeprefix("و")
            if known not in self.only:
                return False
            needed = needed or known in self.needs
        return needed


@dataclass(frozen=True, slots=True)
class Furniture:
    """All rules, and what the rest of the cleaner knows from the same file."""

    rules: tuple[Rule, ...]
    sure_markup: frozenset[str]
    likely_markup: frozenset[str]
    agencies: frozenset[str]
    places: frozenset[str]
    suffixes: tuple[re.Pattern[str], ...]

    def rule_for(
        self, line: str, *, linked: float, edge: bool, near: bool = False, own: frozenset[str] = frozenset()
    ) -> str | None:
        """The name of the first rule that takes a line, or None.

        `linked` is the share (0 to 1) of the line that is a link; `edge` says that no paragraph stays before it, or none
        after, `near` that at most `NEAR` do; `own` holds the source's own furniture, folded.
        """
        folded = fold(line)
        if folded and folded.removesuffix(" :") in own:
            return "source"
        places = {"anywhere"} | ({"edge", "near"} if edge else {"near"} if near else set())
        for rule in self.rules:
            if rule.where in places and rule.takes(line, folded, linked):
                return rule.name
        return None

    def opens_block(self, line: str, *, linked: float) -> bool:
        """Whether a line is the heading of a block of furniture."""
        folded = fold(line)
        return any(rule.opens and rule.takes(line, folded, linked) for rule in self.rules)

    def closes_article(self, line: str, *, linked: float) -> bool:
        """Whether a line, if it is a heading after the text, says that the article is over."""
        folded = fold(line)
        return any(rule.closes and rule.takes(line, folded, linked) for rule in self.rules)

    def dateline(self, line: str, names: frozenset[str]) -> tuple[str, ...]:
        """What a line of one or two places and names says besides the place: "(دمشق - سانا)", "حلب – سامر علي".

        Empty where the line is no such line; `names` are the outlet's, by `pipeline.clean.text.letters`.
        """
        parts = [part for part in _PARTS.split(line.strip(" ()[]")) if part]
        if len(line.split()) > 7 or len(parts) not in {2, 3} or line.endswith(_SENTENCE_ENDS):
            return ()
        places = [part for part in parts if set(fold(part).split()) <= self.places]
        others = [part for part in parts if part not in places]
        sources = [part for part in others if letters(fold(part)) in names or set(fold(part).split()) <= self.agencies]
        if others and (len(sources) == len(others) or (sources and len(parts) == 2) or (places and len(others) == 1)):
            return tuple(others)
        return ()

    def without_suffix(self, paragraph: str) -> str:
        """The last paragraph of a text without an agency's mark at its end."""
        for pattern in self.suffixes:
            paragraph = pattern.sub("", paragraph)
        return paragraph.rstrip()

    def marks(self, element: HtmlElement, *, sure: bool) -> bool:
        """Whether the classes and id of an element name furniture; `sure` asks for the words that leave no doubt."""
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        words = {word.lower() for word in _WORDS.findall(names)}
        return not words.isdisjoint(self.sure_markup) or (not sure and not words.isdisjoint(self.likely_markup))


def fold_lines(lines: Iterable[str]) -> frozenset[str]:
    """Lines in the spelling in which they are compared."""
    return frozenset(fold(line).removesuffix(" :") for line in lines) - {""}


@cache
def load_furniture() -> Furniture:
    """The rules of ``furniture.yaml``, read once."""
    data = YAML(typ="safe").load(files(__package__).joinpath("furniture.yaml").read_text(encoding="utf-8"))
    vocabularies = {name: frozenset(fold(words).split()) for name, words in data["vocabularies"].items()}
    return Furniture(
        rules=tuple(_rule(rule, vocabularies) for rule in data["rules"]),
        sure_markup=frozenset(data["markup"]["sure"].split()),
        likely_markup=frozenset(data["markup"]["likely"].split()),
        agencies=vocabularies["agencies"],
        places=vocabularies["places"],
        suffixes=tuple(re.compile(pattern) for pattern in data["suffixes"]),
    )


def _rule(data: Mapping[str, object], vocabularies: Mapping[str, frozenset[str]]) -> Rule:
    def strings(key: str) -> list[str]:
        value = data.get(key, [])
        return [str(item) for item in value] if isinstance(value, list) else [str(value)]

    only = strings("only")
    patterns = "|".join(f"(?:{pattern})" for pattern in strings("patterns"))
    return Rule(
        name=str(data["name"]),
        where=str(data.get("where", "anywhere")),
        linked=data.get("linked") is True,
        opens=data.get("opens") is True,
        closes=data.get("closes") is True,
        longest=int(str(data.get("longest", 12))),
        lines=fold_lines(strings("lines")),
        pattern=re.compile(re.sub(r"\bN\b", r"\\d+", patterns)) if patterns else None,
        only=frozenset().union(*(vocabularies[name] for name in only if name != "numbers")),
        needs=vocabularies[only[0]] if only and only[0] != "numbers" else frozenset(),
        numbers="numbers" in only,
        begins=fold_lines(strings("begins")),
        ends=frozenset().union(*(vocabularies[name] for name in strings("ends"))),
    )
