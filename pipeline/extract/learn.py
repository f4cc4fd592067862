"""What a source repeats: lines that recur across its articles, proposed to be written into its YAML as ``furniture:``.

Nothing here changes how a page is cleaned. A person reads the proposals, since a weekly column's opening recurs as well, and
writes down those that are no part of an article.
"""

from __future__ import annotations

import json
import unicodedata
from bisect import insort
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from pipeline.errors import WarraqError
from pipeline.extract.article import clean
from pipeline.rules import fold_lines, load_furniture
from pipeline.urls import article_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.captures import Capture
    from pipeline.extract.article import Cleaned
    from pipeline.sources import Source


FEWEST = 5
"""Articles of a source below which nothing is proposed: what recurs does not show yet."""
LEAST = 3
LEAST_SHARE = 1 / 20
"""A line is proposed that stands in so many of the articles, and in this share of them."""

_SAMPLES = 3
# Memory stays flat however many captures there are: after every so many articles, the lines are forgotten that are far from
# recurring, and counted anew should they come again.
_REVIEW = 500
_FORGOTTEN = LEAST_SHARE / 5
# Reasons for which the cleaner leaves out a line that a person need not be shown: they are of one page, not of the site.
_PASSING = frozenset({"bare link", "no words", "hashtags", "caption", "headline", "dateline", "printed twice"})


class LearnError(WarraqError):
    """There is nothing to learn from; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line that `pages` of the `of` articles print, in `inside` of them within the text as it is cleaned now.

    `samples` are the URLs of a few of them, the first by the alphabet.
    """

    line: str
    pages: int
    inside: int
    of: int
    samples: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    """What is known of a line so far; `places` are the samples, with the line's number and spelling on that page."""

    pages: int = 0
    inside: int = 0
    places: list[tuple[str, int, str]] = field(default_factory=list)


def propose(captures: Iterable[Capture], source: Source) -> list[Proposal]:
    """The lines that recur across the articles among a source's captures and that no rule takes, most frequent first.

    They are lines of the text, and lines just around it that the cleaner leaves out for their place on the page alone, where
    another page may print them elsewhere. An article counts once, as it was captured first. Lines that stand together on the
    same pages follow each other.

    Raises:
        LearnError: there are no captures, or fewer than `FEWEST` articles among them.
    """
    own = fold_lines(source.furniture)
    known: dict[str, _Seen] = {}
    articles: set[int] = set()
    captured = False
    for capture in captures:
        captured = True
        cleaned = clean(capture, source)
        number = int(article_id(cleaned.url)[:16], 16)
        if cleaned.rejected or number in articles:
            continue
        articles.add(number)
        _count(cleaned, own, known)
        if len(articles) % _REVIEW == 0:
            known = {line: seen for line, seen in known.items() if seen.pages >= _FORGOTTEN * len(articles)}
    if not captured:
        raise LearnError(f"no captures of {source.id!r} in the bucket yet: crawl it, or import an archive, first")
    if len(articles) < FEWEST:
        raise LearnError(
            f"the captures of {source.id!r} hold {len(articles)} articles; what recurs shows from {FEWEST} on: crawl more of it"
        )
    least = max(LEAST, LEAST_SHARE * len(articles))
    recurring = [seen for seen in known.values() if seen.pages >= least]
    recurring.sort(key=lambda seen: (-seen.pages, -seen.inside, seen.places))
    return [
        Proposal(
            line=seen.places[0][2],
            pages=seen.pages,
            inside=seen.inside,
            of=len(articles),
            samples=tuple(url for url, _, _ in seen.places),
        )
        for seen in recurring
    ]


def _count(cleaned: Cleaned, own: frozenset[str], known: dict[str, _Seen]) -> None:
    """Count the lines of one article, each once; of those around it, what no rule would take there."""
    rule_for = load_furniture().rule_for
    inside = (cleaned.body or "").split("\n")
    around = [
        one.text
        for one in cleaned.removed
        if one.rule not in _PASSING and rule_for(one.text, linked=0.0, edge=True, own=own) is None
    ]
    met: set[str] = set()
    for number, line in enumerate([*inside, *around]):
        for folded in fold_lines([line]) - met:
            met.add(folded)
            seen = known.setdefault(folded, _Seen())
            seen.pages += 1
            seen.inside += number < len(inside)
            insort(seen.places, (cleaned.url, number, line))
            del seen.places[_SAMPLES:]


def as_yaml(proposals: Iterable[Proposal]) -> str:
    """The proposals as they can be pasted under ``furniture:``: a comment with counts and samples, then the lines."""
    text = ""
    for counts, lines in groupby(proposals, key=lambda one: (one.pages, one.of, one.inside, one.samples)):
        pages, of, inside, samples = counts
        text += f"  # on {pages} of {of} articles' pages, within the text of {inside}:\n"
        text += "".join(f"  #   {url}\n" for url in samples)
        text += "".join(f"  - {_quoted(one.line)}\n" for one in lines)
    return text


def _quoted(line: str) -> str:
    """A line as a YAML string, with escapes for what a reader would not see."""
    return "".join(
        f"\\U{ord(one):08x}" if one != " " and unicodedata.category(one)[0] in "CZ" else one
        for one in json.dumps(line, ensure_ascii=False)
    )
