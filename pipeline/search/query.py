"""What is looked for, and whether a text has it: the meaning of a query, by which the index is held.

A query is words and phrases in quotation marks; all of them must stand in an article, in its headline or body, a phrase's words in
a row within a paragraph. Words are told alike by `pipeline.words`: so "حلب" is in "وبحلب", and not in "حلبة" or "حلبجة".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.errors import WarraqError
from pipeline.words import answers_to, placed_words, words_of

_QUOTED = re.compile(r'"([^"]*)"|[«“„]([^«»“”„]*)[»”“]')
_QUOTES = re.compile('["«»“”„]')
_PHRASE = "\0"
"""What stands for a phrase where the words are looked at."""
_OPERATOR = re.compile(
    rf"""(?<!\S)(?:
        [(]*(?:AND|OR|NOT|&&|\|\|)[)]*(?!\S)  # between words
        | [-\u2013\u2212](?=[^\s\d])\S+  # a minus before a word or a phrase
        | \S*(?:[^\W_]|{_PHRASE})[\u064b-\u0652]*[*]\S* | [*]\S+  # a star at a word
        | \S*[\w{_PHRASE}](?:\||[~^](?=\d))\S+  # one word or another; how near, how much
    )""",
    re.VERBOSE,
)
"""What other search boxes take for more than a word, and would be looked for as one."""
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Egypt's papers write the hamza of "شئون" and "مسئول" on another letter.
_HAMZA = (("ئو", "ؤو"), ("ؤو", "ئو"))


class QueryError(WarraqError):
    """A query that asks for nothing, or that cannot be read; the message says why."""


class Mark(NamedTuple):
    """A place of a text, from a character on up to another, that a part of a query is met by: the number of the part."""

    part: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Query:
    """The parts of a query: each its words in a row, of one word one, each as the spellings of it in normal form."""

    parts: tuple[tuple[tuple[str, ...], ...], ...]

    def marks(self, text: str) -> list[Mark]:
        """Every place of a text that meets a part of the query, in order; of a phrase each of its words is a mark."""
        found: set[Mark] = set()
        before = 0
        for line in text.split("\n"):
            placed = placed_words(line)
            answers = [frozenset(answers_to(one.word)) for one in placed]
            for number, part in enumerate(self.parts):
                for first in range(len(placed) - len(part) + 1):
                    if all(not answers[first + at].isdisjoint(spellings) for at, spellings in enumerate(part)):
                        row = placed[first : first + len(part)]
                        found.update(Mark(number, before + one.start, before + one.end) for one in row)
            before += len(line) + 1
        return sorted(found, key=lambda mark: (mark.start, mark.end, mark.part))

    def meets(self, title: str, body: str) -> bool:
        """Whether an article has every part of the query."""
        return self.is_met_by([*self.marks(title), *self.marks(body)])

    def is_met_by(self, marks: Iterable[Mark]) -> bool:
        """Whether an article that has these marks has every part of the query."""
        return {mark.part for mark in marks} == set(range(len(self.parts)))


def read_query(text: str) -> Query:
    """Read a query as a person writes it.

    Raises:
        QueryError: it has no word, a quotation mark that is not closed, or what is no word: OR, a star, a word with a minus.
    """
    text = unicodedata.normalize("NFC", text)
    if not text.strip():
        raise QueryError("there is nothing to look for: name a word, such as حلب, or a phrase in quotation marks")
    apart = _QUOTED.sub(" ", text)
    if _QUOTES.search(apart):
        raise QueryError(f"{text}: a quotation mark is not closed")
    if operator := _OPERATOR.search(_DIRECTIONS.sub("", _QUOTED.sub(_PHRASE, text))):
        raise QueryError(
            f"{text}: {operator[0].replace(_PHRASE, '«…»')} means nothing here. All words must stand in an article, each as a "
            "whole, whatever is joined to it (و, ب, ال); for one word or another, search twice"
        )
    phrases = [quoted or other for quoted, other in _QUOTED.findall(text)]
    parts = dict.fromkeys(part for words in (*apart.split(), *phrases) if (part := tuple(_spellings(words))))
    if not parts:
        raise QueryError(f"{text}: there is no word in it, only marks")
    return Query(tuple(parts))


def _spellings(text: str) -> Iterator[tuple[str, ...]]:
    """For each word of a text its spellings in normal form."""
    others = [words_of(text), *(words_of(text.replace(one, other)) for one, other in _HAMZA)]
    for spellings in zip(*others, strict=True):
        yield tuple(dict.fromkeys(spellings))
