"""Furniture (the field says boilerplate): text on a page that is not the article, told by the rules in ``furniture.yaml``."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from pipeline.rules.load import Strict, Words, fault, read
from pipeline.rules.markup import markup
from pipeline.rules.names import agencies, calendar, consists_of, places
from pipeline.rules.vocabulary import byline_words
from pipeline.text import fold, letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


SENTENCE_ENDS = (".", "؟", "!", "?", "…", "۔")
"""Signs with which a sentence ends."""
NEAR = 2
"""Paragraphs that may stand between a line and the article's first or last, for the rules whose place is `near`."""
DATE_LINE = "date-line"
"""The rule for printed dates."""
EMBED_FOOT = "embed-foot"
"""The rule for the feet of embedded posts."""
LONGEST = 600
"""Characters of the longest line that the rules are tried on; longer ones are paragraphs, or a source's own furniture."""

_FILE = "furniture.yaml"
_LONGEST_SUFFIX = 100
"""Characters at the end of a text in which an agency's mark is looked for: twice as many as any of them has."""
_CACHED = 4096
"""Lines whose rules are remembered: the same ones recur within a page and from page to page."""
_DIGIT = re.compile(r"\d")
_PARTS = re.compile(r"\s*[-–—/،,]\s*")


Place = Literal["anywhere", "near", "edge"]


class WrittenRule(Strict):
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


class RuleFile(Strict):
    """The whole of ``furniture.yaml``."""

    rules: tuple[WrittenRule, ...]
    vocabularies: dict[str, Words]
    answers: Words
    suffixes: tuple[str, ...]


class FoldedLine(NamedTuple):
    """A line in the spelling in which it is compared, with a blank after every word; its words; whether it ends as a sentence."""

    spaced: str
    words: Sequence[str]
    sentence: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """What is asked of a line that a rule's lines, phrases, patterns or vocabularies describe; and its vocabularies.

    `only` are the names of its vocabularies, `words` the words of the longest, `needs` those of which a line must have one.
    """

    name: str
    where: Place
    linked: bool
    opens: bool
    closes: bool
    longest: int
    share: float
    only: frozenset[str]
    words: int
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
            word, known = words[at], self._name_at(words, at)
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

    def _name_at(self, words: Sequence[str], at: int) -> str | None:
        """The longest name of the rule's vocabularies that begins at a word, with or without a leading و."""
        for end in range(min(at + self.words, len(words)), at, -1):
            name = " ".join(words[at:end])
            for spelled in (name, name.removeprefix("و")):
                if spelled in self.only:
                    return spelled
        return None


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
    """All rules, and what else tells furniture."""

    def __init__(self, written: RuleFile) -> None:
        vocabularies = all_vocabularies(written)
        self.rules = tuple(_rule(rule, vocabularies) for rule in written.rules)
        self.answers = written.answers
        self._agencies = vocabularies["agencies"]
        self._cities = vocabularies["cities"]
        self._suffixes = tuple(re.compile(pattern) for pattern in written.suffixes)
        self.sure_markup = markup().sure
        self.likely_markup = markup().likely
        # What describes a line, each with the number of its rule; phrases and vocabularies by a word that the line must have
        # ("0" for any number, "" for none), so that a line is tried on few of them.
        self._lines: defaultdict[str, list[int]] = defaultdict(list)
        self._by_word: defaultdict[str, list[tuple[int, Phrase | Rule]]] = defaultdict(list)
        self._patterns: list[tuple[int, re.Pattern[str]]] = []
        for number, rule in enumerate(written.rules):
            for line in fold_lines(rule.lines):
                self._lines[line].append(number)
            describing: list[Phrase | Rule] = [self.rules[number]] if rule.only else []
            describing += [_phrase(number, at, text, vocabularies) for at, text in enumerate(rule.phrases)]
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
        read = FoldedLine(folded + " ", folded.split(), line.endswith(SENTENCE_ENDS))
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
        if len(line) > LONGEST or len(line.split()) > 7 or line.endswith(SENTENCE_ENDS):
            return ()
        parts = [part for part in _PARTS.split(line.strip(" ()[]")) if part]
        if len(parts) not in {2, 3}:
            return ()
        placed = [part for part in parts if set(fold(part).split()) <= self._cities]
        others = [part for part in parts if part not in placed]
        sources = [part for part in others if letters(fold(part)) in names or self.names_agencies(part)]
        if others and (len(sources) == len(others) or (sources and len(parts) == 2) or (placed and len(others) == 1)):
            return tuple(others)
        return ()

    def without_suffix(self, paragraph: str) -> str:
        """The last paragraph of a text without an agency's mark at its end."""
        for pattern in self._suffixes:
            found = pattern.search(paragraph, max(0, len(paragraph) - _LONGEST_SUFFIX))
            paragraph = paragraph[: found.start()] if found else paragraph
        return paragraph.rstrip()

    def names_agencies(self, text: str) -> bool:
        """Whether a text is nothing but names of agencies, or what stands in their place."""
        return consists_of(text, self._agencies)

    def marks(self, words: frozenset[str], *, sure: bool) -> bool:
        """Whether the words of an element's class and id name furniture; `sure` asks for those that leave no doubt."""
        return not words.isdisjoint(self.sure_markup) or (not sure and not words.isdisjoint(self.likely_markup))


def fold_lines(lines: Iterable[str]) -> frozenset[str]:
    """Lines in the spelling in which they are compared."""
    return frozenset(_folded(line) for line in lines) - {""}


def all_vocabularies(written: RuleFile) -> dict[str, frozenset[str]]:
    """The vocabularies that rules may name: the file's own, and those of the files that others read too."""
    offices = byline_words().offices
    return {
        **written.vocabularies,
        "agencies": agencies().telling,
        "cities": places().cities,
        "countries": places().countries,
        "weekdays": calendar().weekdays,
        "months": calendar().months,
        "writers": offices.writers,
        "scholars": offices.scholars,
        "offices": offices.others,
    }


@cache
def load_furniture() -> Furniture:
    """The rules of ``furniture.yaml``, read once."""
    return Furniture(read_rules())


def read_rules() -> RuleFile:
    """What ``furniture.yaml`` has, checked but for the spelling of its phrases and patterns.

    Raises:
        WarraqError: it has an unknown or wrong key.
    """
    return read(_FILE, RuleFile)


def _folded(line: str) -> str:
    return fold(line).strip(" :")


# The parts of a phrase, as furniture.yaml describes them.
_GAP = re.compile(r"…(?:(\d+)-)?(\d+)")
_PART = re.compile(r"\[(?P<optional>[^\[\]…]+)\]|(?P<needed>[^\[\]…]+)")
_ANY_WORD = "[^ ]++ "
_NUMBER = r"\d[^ ]*+ "
_LETTER = r"[ء-ی]\d*+ "


def _phrase(rule: int, at: int, text: str, vocabularies: Mapping[str, frozenset[str]]) -> Phrase:
    try:
        return compile_phrase(text, vocabularies)
    except ValueError as error:
        raise fault(_FILE, ("rules", rule, "phrases", at), str(error)) from error


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
    named = [
        frozenset[str]().union(*(vocabularies[name] for name in names.split("+")))
        for names in written.only
        if names != "numbers"
    ]
    only = frozenset[str]().union(*named)
    return Rule(
        name=written.name,
        where=written.where,
        linked=written.linked,
        opens=written.opens,
        closes=written.closes,
        longest=written.longest,
        share=written.share,
        only=only,
        words=max((1 + name.count(" ") for name in only), default=1),
        needs=named[0] if written.only[:1] != ("numbers",) and named else frozenset(),
        numbers="numbers" in written.only,
        never=frozenset().union(*(vocabularies[name] for name in written.never)),
    )
