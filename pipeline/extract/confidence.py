"""How sure it is that a body is its page's article: what speaks for it and against it, in one score.

Witnesses say the text in words of their own, whatever the page's markup: JSON-LD, what a feed or WordPress sent of the article, the
description, the headline. The rest are features of the place where the text was found. `WEIGHTS` is the whole of the score, fitted
by logistic regression on pages with gold that were spoiled at random; ``python -m benchmarks.confidence`` measures what it is
worth on such pages.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.extract.witnesses import found_texts
from pipeline.page import around, attribute_words, class_words
from pipeline.rules import SENTENCE_ENDS, markup
from pipeline.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.extract.article_page import ArticlePage

HIGH, MEDIUM, LOW = "high", "medium", "low"

BIAS = -0.2
WEIGHTS: Mapping[str, float] = {
    "stated text": 0.8,
    "in an article's element": 1.6,
    "doubtful lines dropped": -3.2,
    "sentences": 1.7,
    "in other boxes": -1.5,
    "length": 2.2,
}
"""What each feature adds to the logarithm of the odds that a body is right."""
_HIGH, _LOW = 0.95, 0.82
"""The chance that a body is right from which the confidence is high, and under which it is low: 3 % of good pages are."""

_FEWEST_WORDS = 5
"""Words of a statement below which it is no witness."""
_SAME = 0.8
"""Share of a witness's words that the body has, from which the two agree."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How sure a body is.

    Attributes:
        confidence: "high", "medium" or "low".
        witnesses: what states the same text, by name: "json-ld", "feed", "wordpress", "description", "headline".
    """

    confidence: str
    witnesses: tuple[str, ...]


def judge(article: ArticlePage, found: Mapping[str, str]) -> Judgement:
    """The confidence of the body as what its page has of the article.

    `found` is what the crawl knew of the page (`Capture.found`).
    """
    right, said = chance(article, found), witnesses(article, found)
    confidence = LOW if right < _LOW else HIGH if right >= _HIGH else MEDIUM
    return Judgement(confidence, tuple(name for name, share in said.items() if share >= _SAME))


def chance(article: ArticlePage, found: Mapping[str, str]) -> float:
    """How likely an article's body is to be right, from 0 to 1. `found` is what the crawl knew of the page."""
    values = features(article, witnesses(article, found))
    return 1 / (1 + math.exp(-BIAS - sum(WEIGHTS[name] * value for name, value in values.items())))


def witnesses(article: ArticlePage, found: Mapping[str, str]) -> dict[str, float]:
    """For each statement of the text that is independent of the page's markup, the share of its words that the body has."""
    page, by = article.page, found.get("by", "")
    sent = found_texts(found)
    stated: dict[str, Iterable[object]] = {
        "json-ld": [thing.get("articleBody") for thing in page.articles],
        "feed": ["\n".join(sent.content or sent.summary)] if by == "feed" else [],
        "wordpress": ["\n".join(sent.content or sent.summary)] if by == "wordpress" else [],
        "description": [page.stated("description"), page.stated("og:description")],
        "headline": [article.headline.text],
    }
    body = _words("\n".join(article.body.paragraphs))
    shares: dict[str, float] = {}
    for name, texts in stated.items():
        words = [_words(text) for text in texts if isinstance(text, str)]
        known = [_share(one, body) for one in words if one.total() >= (2 if name == "headline" else _FEWEST_WORDS)]
        if known:
            shares[name] = max(known)
    return shares


def features(article: ArticlePage, said: Mapping[str, float]) -> dict[str, float]:
    """What speaks for a body and against it, each from 0 to 1."""
    page, body = article.page, article.body
    kept = set(body.paragraphs)
    lines = [index for index, block in enumerate(page.blocks) if block.text in kept]
    letters = sum(len(page.blocks[index].key) for index in lines)
    words = len("\n".join(body.paragraphs).split())
    doubtful = sum(len(one.text) for one in body.removed if one.rule in _DOUBTFUL)
    return {
        "stated text": max(said.get(name, 0.0) for name in ("json-ld", "feed", "wordpress")),
        "in an article's element": _in_article(article),
        "doubtful lines dropped": doubtful / max(1, letters + doubtful),
        "sentences": _sentences(body.paragraphs),
        "in other boxes": _in_other_boxes(article, lines),
        "length": min(1.0, math.log1p(words) / math.log(400)),
    }


# Reasons that the place of a line gave, and not its words.
_DOUBTFUL = frozenset(
    {
        "apart from the text",
        "above the text",
        "another box",
        "below a line",
        "side box",
        "bare link",
        "caption",
        "another article",
    }
)


def _in_article(article: ArticlePage) -> float:
    """1 where an element is marked as the article around the text, 0.5 where the text's own element is called one."""
    container = article.body.container
    if container is None:
        return 0.0
    if any(
        holder.tag == "article" or "articlebody" in attribute_words(holder, "itemprop") for holder in around(container)
    ):
        return 1.0
    return 0.5 if not class_words(container).isdisjoint(markup().articles | markup().article_pages) else 0.0


def _sentences(paragraphs: Sequence[str]) -> float:
    """The share of the text that stands in lines that end as sentences do."""
    ended = sum(len(text) for text in paragraphs if text.rstrip('»”" ').endswith(SENTENCE_ENDS))
    return ended / max(1, sum(map(len, paragraphs)))


def _in_other_boxes(article: ArticlePage, lines: Sequence[int]) -> float:
    """The share of the text that stands in boxes of another make than most of it."""
    weights: Counter[tuple[object, object]] = Counter()
    for index in lines:
        block = article.page.blocks[index]
        box = block.element if block.element.tag in {"div", "td", "section"} else block.element.getparent()
        if box is not None:
            weights[box.tag, box.get("class")] += len(block.key)
    return 1 - max(weights.values()) / weights.total() if weights.total() else 0.0


_WORD = re.compile(r"\w+")


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(fold(text)))


def _share(some: Counter[str], words: Counter[str]) -> float:
    return sum((some & words).values()) / max(1, some.total())
