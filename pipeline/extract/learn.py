"""What a source's own pages teach, proposed to be written into its YAML.

Lines that recur across its articles, as ``furniture:``; the selector of what holds their text, as ``body:``. Nothing here changes
how a page is cleaned. A person reads the proposals, since a weekly column's opening recurs as well, and writes down what is right.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from pipeline.errors import WarraqError
from pipeline.extract.article import clean
from pipeline.extract.learn_body import FEWEST, BodySample
from pipeline.rules import fold_lines, load_furniture
from pipeline.urls import article_id
from pipeline.yaml_text import to_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.captures import Capture
    from pipeline.extract.article import Cleaned
    from pipeline.extract.learn_body import BodyProposal, NoBody
    from pipeline.sources import Source


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


@dataclass(frozen=True, slots=True)
class Proposals:
    """What may be written into a source's file; `body` is None where that is written there already."""

    furniture: list[Proposal]
    body: BodyProposal | NoBody | None


@dataclass(slots=True)
class _Seen:
    """What is known of a line so far; `places` are the samples, with the line's number and spelling on that page."""

    pages: int = 0
    inside: int = 0
    places: list[tuple[str, int, str]] = field(default_factory=list)


def propose(captures: Iterable[Capture], source: Source) -> Proposals:
    """What the articles among a source's captures have in common.

    The furniture are the lines that recur across them and that no rule takes, most frequent first: lines of the text, and lines
    just around it that the cleaner leaves out for their place on the page alone, where another page may print them elsewhere. An
    article counts once, as it was captured first. Lines that stand together on the same pages follow each other.

    Raises:
        LearnError: there are no captures, or fewer than `FEWEST` articles among them.
    """
    own = fold_lines(source.furniture)
    known: dict[str, _Seen] = {}
    articles: set[int] = set()
    sample = BodySample()
    captured = False
    for capture in captures:
        captured = True
        cleaned = clean(capture, source)
        number = int(article_id(cleaned.url)[:16], 16)
        if cleaned.rejected or number in articles:
            continue
        articles.add(number)
        _count(cleaned, own, known)
        if not source.body:
            sample.add(number, capture, cleaned)
        if len(articles) % _REVIEW == 0:
            known = {line: seen for line, seen in known.items() if seen.pages >= _FORGOTTEN * len(articles)}
    if not captured:
        raise LearnError(f"no captures of {source.id!r} in the bucket yet: crawl it, or import an archive, first")
    if len(articles) < FEWEST:
        raise LearnError(
            f"the captures of {source.id!r} hold {len(articles)} articles; what recurs shows from {FEWEST} on: crawl more of it"
        )
    return Proposals(_recurring(known, len(articles)), None if source.body else sample.propose())


def _recurring(known: dict[str, _Seen], articles: int) -> list[Proposal]:
    least = max(LEAST, LEAST_SHARE * articles)
    recurring = [seen for seen in known.values() if seen.pages >= least]
    recurring.sort(key=lambda seen: (-seen.pages, -seen.inside, seen.places))
    return [
        Proposal(
            line=seen.places[0][2],
            pages=seen.pages,
            inside=seen.inside,
            of=articles,
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
    furniture = CommentedSeq()
    for counts, lines in groupby(proposals, key=lambda one: (one.pages, one.of, one.inside, one.samples)):
        pages, of, inside, samples = counts
        comment = [
            f"on {pages} of {of} articles' pages, within the text of {inside}:",
            *(f"  {url}" for url in samples),
        ]
        first = len(furniture)
        furniture.extend(DoubleQuotedScalarString(one.line) for one in lines)
        furniture.yaml_set_comment_before_after_key(first, before="\n".join(comment), indent=2)
    return to_yaml({"furniture": furniture}).removeprefix("furniture:\n")
