"""Furniture: text on a page that is not the article, told by the rules in ``furniture.yaml``."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from pipeline.text import fold, letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lxml.html import HtmlElement


NEAR = 2
"""Paragraphs that may stand between a line and the article's first or last, for the rules whose place is `near`."""
DATE_LINE = "date-line"
"""The rule for printed dates."""
LONGEST = 600
"""Characters of the longest line that the rules are tried on; longer ones are paragraphs, or a source's own furniture."""

_CACHED = 4096
"""Lines whose rules are remembered: the same ones recur within a page and from page to page."""
_SENTENCE_ENDS = (".", "؟", "!", "?", "…", "۔")
_DIGIT = re.compile(r"\d")
_PARTS = re.compile(r"\s*[-–—/،,]\s*")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


Place = Literal["anywhere", "near", "edge"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WrittenRule(_Strict):
    """A rule as ``furniture.yaml`` has it; that file says what its parts mean."""

    name: str
    removes: str
    where: Place = "anywhere"
    linked: bool = False
    opens: bool = False
    closes: bool = False
    longest: int = 12
    share: float = 1
    lines: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


class _Markup(_Strict):
    sure: str
    likely: str


class RuleFile(_Strict):
    """The whole of ``furniture.yaml``."""

    version: int
    rules: tuple[WrittenRule, ...]
    vocabularies: dict[str, str]
    suffixes: tuple[str, ...]
    markup: _Markup


class FoldedLine(NamedTuple):
    """A line in the spelling in which it is compared, with a blank after every word; its words; whether it ends as a sentence."""

    spaced: str
    words: Sequence[str]
    sentence: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """What is asked of a line that a rule's lines, phrases, patterns or vocabularies describe; and its vocabularies."""

    name: str
    where: Place
    linked: bool
    opens: bool
    closes: bool
    longest: int
    share: float
    only: frozenset[str]
    needs: frozenset[str]
    numbers: bool
    never: frozenset[str]

    @property
    def anchor(self) -> frozenset[str]:
        """The words of which a line must have one, for its words to describe it."""
        return _first_words(self.needs) or frozenset("0")

    def stands(self, *, linked: float, edge: bool, near: bool) -> bool:
        """Whether a line stands where the rule asks for it, and is as much of a link."""
        placed = edge or self.where == "anywhere" or (near and self.where == "near")
        return placed and (linked >= 0.5 or not self.linked)

    def describes(self, line: FoldedLine) -> bool:
        """Whether enough words are of the rule's vocabularies, and one at least of the first named."""
        words = line.words
        if len(words) > self.longest:
            return False
        strange, needed, at = (1 - self.share) * len(words), False, 0
        while at < len(words):
            word, pair = words[at], " ".join(words[at : at + 2])
            names = (pair, pair.removeprefix("و"), word, word.removeprefix("و"))
            known = next((name for name in names if name in self.only), None)
            at += 1 if known is None else 1 + known.count(" ")
            if known is not None:
                needed = needed or known in self.needs
            elif word[0].isdigit() and self.numbers:
                needed = needed or not self.needs
            elif word != ":":
                strange -= 1
                if strange < 0:
                    return False
        return needed


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in their order, as a regular expression over a folded line in which a blank follows every word.

    `anchor` are words of which the line must have one; none where the phrase has only numbers and codes. `sentence` says
    that a line that ends as a sentence may be meant.
    """

    anchor: frozenset[str]
    pattern: re.Pattern[str]
    sentence: bool

    def describes(self, line: FoldedLine) -> bool:
        """Whether the line is these words, and no sentence where none is meant."""
        return (self.sentence or not line.sentence) and self.pattern.fullmatch(line.spaced) is not None


class Furniture:
    """All rules, and what the rest of the cleaner knows from the same file."""

    def __init__(self, written: RuleFile) -> None:
        vocabularies = fold_vocabularies(written)
        self.rules = tuple(_rule(rule, vocabularies) for rule in written.rules)
        self.agencies = vocabularies["agencies"]
        self.places = vocabularies["places"]
        self._suffixes = tuple(re.compile(pattern) for pattern in written.suffixes)
        self.sure_markup = frozenset(written.markup.sure.split())
        self.likely_markup = frozenset(written.markup.likely.split())
        # What describes a line, each with the number of its rule; phrases and vocabularies by a word that the line must have
        # ("0" for any number, "" for none), so that a line is tried on few of them.
        self._lines: defaultdict[str, list[int]] = defaultdict(list)
        self._by_word: defaultdict[str, list[tuple[int, Phrase | Rule]]] = defaultdict(list)
        self._patterns: list[tuple[int, re.Pattern[str]]] = []
        for number, rule in enumerate(written.rules):
            for line in fold_lines(rule.lines):
                self._lines[line].append(number)
            describing: list[Phrase | Rule] = [self.rules[number]] if rule.only else []
            describing += [compile_phrase(text, vocabularies) for text in rule.phrases]
            for one in describing:
                for word in one.anchor or {""}:
                    self._by_word[word].append((number, one))
            if rule.patterns:
                self._patterns.append((number, re.compile("|".join(f"(?:{pattern})" for pattern in rule.patterns))))
        self._anchors = frozenset(self._by_word)
        self._read = lru_cache(maxsize=_CACHED)(self._taking)

    def rule_for(
        self, line: str, *, linked: float, edge: bool, near: bool = False, own: frozenset[str] = frozenset()
    ) -> str | None:
        """The name of the first rule that takes a line, or None.

        `linked` is the share (0 to 1) of the line that is a link; `edge` says that no paragraph stays before it, or none
        after, `near` that at most `NEAR` do; `own` holds the source's own furniture, folded (`fold_lines`).
        """
        if own and _folded(line) in own:
            return "source"
        taking = (rule.name for rule in self._read(line) if rule.stands(linked=linked, edge=edge, near=near))
        return next(taking, None)

    def opens_block(self, line: str, *, linked: float) -> bool:
        """Whether a line is the heading of a block of furniture."""
        return any(rule.opens and rule.stands(linked=linked, edge=True, near=True) for rule in self._read(line))

    def closes_article(self, line: str, *, linked: float) -> bool:
        """Whether a line, if it is a heading after the text, says that the article is over."""
        return any(rule.closes and rule.stands(linked=linked, edge=True, near=True) for rule in self._read(line))

    def _taking(self, line: str) -> tuple[Rule, ...]:
        """The rules that describe a line, in their order; its place, and whether it is a link, apart."""
        if len(line) > LONGEST:
            return ()
        folded = _folded(line)
        read = FoldedLine(folded + " ", folded.split(), line.endswith(_SENTENCE_ENDS))
        found = set(self._lines.get(folded, ()))
        found.update(number for number, pattern in self._patterns if pattern.match(line))
        for anchor in self._anchors.intersection(read.words) | ({"", "0"} if _DIGIT.search(folded) else {""}):
            for number, one in self._by_word[anchor]:
                if number not in found and one.describes(read):
                    found.add(number)
        return tuple(self.rules[number] for number in sorted(found) if self.rules[number].never.isdisjoint(read.words))

    def dateline(self, line: str, names: frozenset[str]) -> tuple[str, ...]:
        """What a line of one or two places and names says besides the place: "(دمشق - سانا)", "حلب – سامر علي".

        Empty where the line is no such line; `names` are the outlet's, by `pipeline.text.letters`.
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
        for pattern in self._suffixes:
            paragraph = pattern.sub("", paragraph)
        return paragraph.rstrip()

    def marks(self, element: HtmlElement, *, sure: bool) -> bool:
        """Whether the classes and id of an element name furniture; `sure` asks for the words that leave no doubt."""
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        words = {word.lower() for word in _WORDS.findall(names)}
        return not words.isdisjoint(self.sure_markup) or (not sure and not words.isdisjoint(self.likely_markup))


def fold_lines(lines: Iterable[str]) -> frozenset[str]:
    """Lines in the spelling in which they are compared."""
    return frozenset(_folded(line) for line in lines) - {""}


def fold_vocabularies(written: RuleFile) -> dict[str, frozenset[str]]:
    """The vocabularies in the spelling in which they are compared; names of two words have a blank."""
    return {name: frozenset(map(fold, words.split())) for name, words in written.vocabularies.items()}


@cache
def load_furniture() -> Furniture:
    """The rules of ``furniture.yaml``, read once."""
    return Furniture(read_rules())


def read_rules() -> RuleFile:
    """What ``furniture.yaml`` has, checked but for the spelling of its phrases and patterns.

    Raises:
        pydantic.ValidationError: it has an unknown or wrong key.
    """
    text = files(__package__).joinpath("furniture.yaml").read_text(encoding="utf-8")
    return RuleFile.model_validate(YAML(typ="safe").load(text))


def _folded(line: str) -> str:
    return fold(line).strip(" :")


# The parts of a phrase, as furniture.yaml describes them.
_GAP = re.compile(r"…(?:(\d+)-)?(\d+)")
_PART = re.compile(r"\[(?P<optional>[^\[\]…]+)\]|(?P<needed>[^\[\]…]+)")
_ANY_WORD = "[^ ]++ "
_NUMBER = r"\d[^ ]*+ "
_LETTER = r"[ء-ی]\d*+ "


def compile_phrase(text: str, vocabularies: Mapping[str, frozenset[str]]) -> Phrase:
    """A phrase as it stands in the file, made ready.

    Raises:
        ValueError: it has a part that is no word, gap, number, code or vocabulary.
    """
    pattern = ""
    anchors: list[frozenset[str]] = []
    parts = text.split()
    sentence = parts[-1] == "."
    for part in parts[: len(parts) - sentence]:
        expression, words = _part(part, vocabularies)
        pattern += expression
        if words:
            anchors.append(words)
    # The anchor is what fewest lines have: not the little words, so the alternatives of which the shortest is longest.
    anchor = max(anchors, key=lambda words: min(map(len, words)), default=frozenset[str]())
    gaps = _GAP.search(text) is not None
    return Phrase(anchor, re.compile(pattern), sentence or not gaps)


def _part(part: str, vocabularies: Mapping[str, frozenset[str]]) -> tuple[str, frozenset[str]]:
    """The regular expression of a phrase's part, and the words of which a line must have one for its sake."""
    if gap := _GAP.fullmatch(part):
        return f"(?:{_ANY_WORD}){{{gap[1] or 0},{gap[2]}}}", frozenset()
    found = _PART.fullmatch(part)
    if found is None:
        raise ValueError(f"{part!r} is no part of a phrase")
    inner = found["optional"] or found["needed"]
    expression, words = _words_of(inner, vocabularies)
    return (f"(?:{expression})?", frozenset()) if found["optional"] else (expression, words)


def _words_of(inner: str, vocabularies: Mapping[str, frozenset[str]]) -> tuple[str, frozenset[str]]:
    if inner == "N":
        return _NUMBER, frozenset()
    if inner == "L":
        return _LETTER, frozenset()
    if inner.startswith("<"):
        names = inner.strip("<>").split("+")
        if unknown := set(names) - vocabularies.keys() - {"numbers"}:
            raise ValueError(f"there are no words named {min(unknown)!r}")
        known = frozenset().union(*(vocabularies[name] for name in names if name != "numbers"))
        number = r"\d[^ ]*+|" if "numbers" in names else ""
        anchor = frozenset() if number else _first_words(known)
        return f"(?:(?:{number}و?(?:{'|'.join(sorted(known))})) (?:: )?){{1,40}}", anchor
    choices = [fold(choice) for choice in inner.split("|")]
    if not all(choices) or {"N", "L"} & set(inner.split("|")):
        raise ValueError(f"{inner!r} offers a choice that is no word")
    return f"(?:{'|'.join(map(re.escape, choices))}) ", frozenset(choice.split()[0] for choice in choices)


def _first_words(names: Iterable[str]) -> frozenset[str]:
    """The words with which a line can say one of these names, with and without a leading و."""
    return frozenset(lead + name.partition(" ")[0] for name in names for lead in ("", "و"))


def _rule(written: WrittenRule, vocabularies: Mapping[str, frozenset[str]]) -> Rule:
    named = [vocabularies[name] for name in written.only if name != "numbers"]
    return Rule(
        name=written.name,
        where=written.where,
        linked=written.linked,
        opens=written.opens,
        closes=written.closes,
        longest=written.longest,
        share=written.share,
        only=frozenset().union(*named),
        needs=named[0] if written.only[:1] != ("numbers",) and named else frozenset(),
        numbers="numbers" in written.only,
        never=frozenset().union(*(vocabularies[name] for name in written.never)),
    )
