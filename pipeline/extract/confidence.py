"""How sure it is that a body is its page's article: what speaks for it and against it, in one score.

Witnesses say the text in words of their own, whatever the page's markup: JSON-LD, what a feed or WordPress sent of the article, the
description, the headline. The rest are features of the place where the text was found. `WEIGHTS` is the whole of the score; it was
fitted on pages with gold that were spoiled at random, each outlet's pages judged by weights that had not seen them
(``python -m benchmarks.confidence``).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.page import around, attribute_words, class_words
from pipeline.rules import markup
from pipeline.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pipeline.extract.article_page import ArticlePage

HIGH, MEDIUM, LOW = "high", "medium", "low"

WEIGHTS: Mapping[str, float] = {}
BIAS = 0.0
_HIGH, _LOW = 0.9, 0.6
"""The chance that a body is right from which the confidence is high, and under which it is low."""

_FEWEST_WORDS = 5
"""Words of a statement below which it is no witness."""
_SAME = 0.8
"""Share of a witness's words that the body has, from which the two agree."""
_LONG = 30
"""Letters and digits of a line that counts as text of the page."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How sure a body is.

    Attributes:
        confidence: "high", "medium" or "low".
        witnesses: what states the same text, by name: "json-ld", "feed", "wordpress", "description", "headline".
        doubts: what speaks against it, by the names of `features`, the worst first; empty unless the confidence is low.
    """

    confidence: str
    witnesses: tuple[str, ...]
    doubts: tuple[str, ...]


def judge(article: ArticlePage, found: Mapping[str, str]) -> Judgement:
    """The confidence of an article's body; `found` is what the crawl knew of the page (`Capture.found`)."""
    said = witnesses(article, found)
    known = features(article, said)
    parts = {name: WEIGHTS.get(name, 0.0) * value for name, value in known.items()}
    chance = 1 / (1 + math.exp(-(BIAS + sum(parts.values()))))
    confidence = HIGH if chance >= _HIGH else LOW if chance < _LOW else MEDIUM
    against = sorted((part, name) for name, part in parts.items() if part < 0)
    return Judgement(
        confidence,
        tuple(name for name, share in said.items() if share >= _SAME),
        tuple(name for _, name in against[:3]) if confidence == LOW else (),
    )


def witnesses(article: ArticlePage, found: Mapping[str, str]) -> dict[str, float]:
    """For each statement of the text that is independent of the page's markup, the share of its words that the body has."""
    page = article.page
    body = _words("\n".join(article.body.paragraphs))
    stated: dict[str, Iterable[object]] = {
        "json-ld": [thing.get("articleBody") for thing in page.articles],
        "description": [page.stated("description"), page.stated("og:description")],
        "headline": [article.headline.text],
    }
    by = found.get("by", "")
    if by in {"feed", "wordpress"}:
        stated[by] = [found.get("content"), found.get("summary")]
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
    inside = set(range(lines[0], lines[-1] + 1)) if lines else set()
    long = [index for index, block in enumerate(page.blocks) if len(block.key) >= _LONG and block.linked < 0.5]
    elsewhere = sum(len(page.blocks[index].key) for index in long if index not in inside)
    dropped = sum(
        len(page.blocks[index].key) for index in long if index in inside and page.blocks[index].text not in kept
    )
    weak = sum(len(one.text) for one in body.removed if one.rule in _WEAK)
    return {
        "json-ld": said.get("json-ld", 0.0),
        "no json-ld agrees": float("json-ld" in said and said["json-ld"] < _SAME),
        "sent text": max(said.get("feed", 0.0), said.get("wordpress", 0.0)),
        "description": said.get("description", 0.0),
        "no description agrees": float("description" in said and said["description"] < 0.5),
        "headline": said.get("headline", 0.0),
        "below the headline": _nearness(article, lines),
        "in an article's element": _in_article(article),
        "in furniture": _marked_share(article, lines),
        "text elsewhere": elsewhere / max(1, letters + elsewhere),
        "text dropped within": dropped / max(1, letters + dropped),
        "doubtful lines dropped": weak / max(1, letters + weak),
        "sentences": _sentences(body.paragraphs),
        "foreign paragraphs": _foreign_share(article),
        "in other boxes": _other_boxes(article, lines),
        "linked": sum(len(page.blocks[index].key) * page.blocks[index].linked for index in lines) / max(1, letters),
        "no headline printed": float(article.heading is None),
        "short lines": sum(len(page.blocks[index].key) < _LONG for index in lines) / max(1, len(lines)),
        "cards on the page": min(1.0, _cards(article, inside) / 8),
        "share of the page": letters / max(1, sum(len(block.key) for block in page.blocks)),
        "length": min(1.0, math.log1p(words) / math.log(400)),
    }


_WEAK = frozenset(
    {"apart from the text", "above the text", "another box", "below a line", "side box", "bare link", "caption"}
)


def _nearness(article: ArticlePage, lines: Sequence[int]) -> float:
    """1 where the text begins right below the headline, less the more lines stand between; 0 above it or without one."""
    if article.heading is None or not lines:
        return 0.0
    first = next((index for index in lines if index > article.heading), None)
    if first is None:
        return 0.0
    above = sum(index < article.heading for index in lines) / len(lines)
    return (1 - above) / (1 + max(0, first - article.heading - 1) / 8)


def _in_article(article: ArticlePage) -> float:
    container = article.body.container
    if container is None:
        return 0.0
    for holder in around(container):
        if holder.tag == "article" or "articlebody" in attribute_words(holder, "itemprop"):
            return 1.0
    return 0.5 if not class_words(container).isdisjoint(markup().articles | markup().article_pages) else 0.0


def _marked_share(article: ArticlePage, lines: Sequence[int]) -> float:
    """The share of the text's lines that stand in an element of furniture."""
    marked = markup().sure | markup().likely
    known: dict[object, bool] = {}
    count = 0
    for index in lines:
        element = article.page.blocks[index].element
        if element not in known:
            known[element] = any(
                holder.tag in {"nav", "aside", "footer"} or not class_words(holder).isdisjoint(marked)
                for holder in around(element)
            )
        count += known[element]
    return count / max(1, len(lines))


def _sentences(paragraphs: Sequence[str]) -> float:
    """The share of the text that stands in lines that end as sentences do."""
    total = sum(map(len, paragraphs))
    return sum(len(text) for text in paragraphs if text.rstrip('»”" ').endswith((".", "؟", "!", "?", "۔", "…"))) / max(
        1, total
    )


def _foreign_share(article: ArticlePage) -> float:
    """The share of the text in paragraphs that have hardly a word in common with the headline and the others."""
    said = [Counter(word for word in _words(text) if len(word) > 3) for text in article.body.paragraphs]
    total = sum(said, Counter(word for word in _words(article.headline.text or "") if len(word) > 3))
    foreign = sum(
        words.total()
        for words in said
        if words.total() >= 8 and sum(total[word] > count for word, count in words.items()) < 0.15 * len(words)
    )
    return foreign / max(1, total.total())


def _other_boxes(article: ArticlePage, lines: Sequence[int]) -> float:
    """The share of the text that stands in boxes of another make than most of it."""
    weights: Counter[tuple[object, object]] = Counter()
    for index in lines:
        element = article.page.blocks[index].element
        box = element if element.tag in {"div", "td", "section"} else element.getparent()
        if box is not None:
            weights[box.tag, box.get("class")] += len(article.page.blocks[index].key)
    return 1 - max(weights.values()) / weights.total() if weights.total() else 0.0


def _cards(article: ArticlePage, inside: Collection[int]) -> int:
    """The links on the page that are other articles' headlines, between and right beside the text's lines."""
    if not inside:
        return 0
    near = range(max(0, min(inside) - 10), min(len(article.page.blocks), max(inside) + 11))
    return sum(
        article.page.blocks[index].is_bare_link and len(article.page.blocks[index].text.split()) >= 4 for index in near
    )


_WORD = re.compile(r"\w+")


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(fold(text)))


def _share(some: Counter[str], words: Counter[str]) -> float:
    return sum((some & words).values()) / max(1, some.total())
