"""How sure it is that a body is its page's article, whole and alone: what speaks for it and against it, in one score.

A wrong body has lines of other articles, comments or furniture in it, lacks lines of its own, or is another text altogether. Each
has its features, of the page alone; `WEIGHTS` makes them a chance. Where a feed or WordPress sent the whole text, that decides.

The weights are fitted by logistic regression on pages with gold that were spoiled at random; ``python -m benchmarks.confidence``
measures what they are worth, and fits them anew: whenever the rules that find the body change, the weights are of another body.

Witnesses are shown and not weighed: what states the text in words of its own, whatever the page's markup.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.extract.main_content import ANCHOR, count_letters
from pipeline.extract.witnesses import found_texts
from pipeline.page import HEADINGS, around, attribute_words, class_words
from pipeline.rules import SENTENCE_ENDS, markup
from pipeline.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml.html import HtmlElement

    from pipeline.extract.article_page import ArticlePage

HIGH, MEDIUM, LOW = "high", "medium", "low"

BIAS = 5.3
WEIGHTS: Mapping[str, float] = {
    "in an article's element": 1.6,
    "first line no sentence": -2.0,
    "no word of the headline": -3.8,
    "cut off": -2.8,
    "below another headline": -5.7,
    "strange, in other boxes": -3.3,
    "dropped for its place": -2.9,
    "left out, of its shape": -2.6,
    "left out, sentences": -1.6,
    "left out, sentences with its words": -2.4,
}
"""What each feature adds to the logarithm of the odds that a body is right. With `BIAS` and `_LOW` it is found by
``python -m benchmarks.confidence --fit --demo --first-seed 101 --seeds 40``; a new feature stands here with 0 before it is fitted.
"""
_HIGH, _LOW = 0.98, 0.92
"""The chance that a body is right from which the confidence is high, and under which it is low.

`_LOW` is where 2.4 % of the right bodies of the fit are low, so that it is no more than 3 % of others. Of bodies that are high one
in some 400 is wrong.
"""

_FEWEST_WORDS = 5
"""Words of a statement below which it is no witness."""
_SAME = 0.8
"""Share of a witness's words that the body has, from which the two agree."""
_ALIKE = 0.95
"""Share of the words of the body and of the text that was sent, from which they are one and the same."""
_CUT = ("…", "...", "[…]", "[...]")
"""How a text ends that is cut off."""
_HEADLINE = 15
"""Letters and digits of a link that can be another article's headline."""
_KIN = 0.15
"""Share of a line's words that a text has too, from which it may be of it. Of .1 to .5 it tells best, on the pages of the fit."""
_PLACES = frozenset(
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
"""Reasons for which a line was dropped that its place gave, and not its words."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How sure a body is.

    Attributes:
        chance: how likely it is to be right, from 0 to 1.
        said: what states the text besides, by name, with the share of its words that the body has (`witnesses`).
        features: what the chance was reckoned from (`features`).
    """

    chance: float
    said: Mapping[str, float]
    features: Mapping[str, float]

    @property
    def confidence(self) -> str:
        """The chance in a word: "high", "medium" or "low"."""
        return LOW if self.chance < _LOW else HIGH if self.chance >= _HIGH else MEDIUM

    @property
    def witnesses(self) -> tuple[str, ...]:
        """The names of what states the same text: "json-ld", "feed", "wordpress", "description", "headline"."""
        return tuple(name for name, share in self.said.items() if share >= _SAME)


def judge(article: ArticlePage, found: Mapping[str, str]) -> Judgement:
    """The confidence of the body as what its page has of the article: never high where a feed or WordPress sent another text.

    `found` is what the crawl knew of the page (`Capture.found`).
    """
    values, words = features(article), _words("\n".join(article.body.paragraphs))
    return Judgement(_chance(values, _agreement(words, found)), witnesses(article, words, found), values)


def _chance(values: Mapping[str, float], agreement: float | None) -> float:
    right = 1 / (1 + math.exp(-BIAS - sum(WEIGHTS[name] * value for name, value in values.items())))
    if agreement is None or _SAME <= agreement < _ALIKE:
        return right
    return max(right, _HIGH) if agreement >= _ALIKE else min(right, _LOW)


def witnesses(article: ArticlePage, body: Counter[str], found: Mapping[str, str]) -> dict[str, float]:
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
    shares: dict[str, float] = {}
    for name, texts in stated.items():
        words = [_words(text) for text in texts if isinstance(text, str)]
        known = [_share(one, body) for one in words if one.total() >= (2 if name == "headline" else _FEWEST_WORDS)]
        if known:
            shares[name] = max(known)
    return shares


def _agreement(body: Counter[str], found: Mapping[str, str]) -> float | None:
    """How far the body is the whole text that a feed or WordPress sent: the lower of the shares of each's words that the other has.

    Of a text that is cut off all words should be in the body, and no more can be said. None where nothing was sent.
    """
    content = found_texts(found).content
    if not content:
        return None
    sent = _words("\n".join(content))
    if sent.total() < _FEWEST_WORDS:
        return None
    held = _share(sent, body)
    if content[-1].endswith(_CUT):
        return None if held >= _SAME else held
    return min(held, _share(body, sent))


def features(article: ArticlePage) -> dict[str, float]:
    """What speaks for a body and against it, each from 0 to 1.

    Of the shares of the text the root is taken: that something was lost, or is foreign, says more than how much it is.
    """
    lines = _Lines(article)
    headline, main = _stems(article.headline.text or ""), lines.of_main_box()

    @cache
    def of_main() -> frozenset[str]:
        return headline.union(*map(lines.stems, main))

    @cache
    def of_text() -> frozenset[str]:
        return headline.union(*map(lines.stems, lines.text))

    in_main = frozenset(main)
    others = [index for index in lines.text if index not in in_main]
    sentences = [index for index in lines.left_out if _is_ended(lines.blocks[index].text)]
    akin = [index for index in sentences if _are_kin(lines.stems(index), of_text())]
    shapes = {_shape(lines.blocks[index].element) for index in lines.text}
    paragraphs = article.body.paragraphs
    return {
        "in an article's element": _in_article(article),
        "first line no sentence": float(not paragraphs or not _is_ended(paragraphs[0])),
        "no word of the headline": float(
            bool(headline) and all(headline.isdisjoint(lines.stems(index)) for index in lines.text)
        ),
        "cut off": lines.part(index for index in lines.text if lines.blocks[index].text.endswith(_CUT)),
        "below another headline": lines.part(index for index in lines.text if lines.is_on_card(index)),
        "strange, in other boxes": lines.part(index for index in others if not _are_kin(lines.stems(index), of_main())),
        "dropped for its place": lines.beside(
            sum(len(one.text) for one in article.body.removed if one.rule in _PLACES)
        ),
        "left out, of its shape": lines.beside(
            lines.letters(index for index in lines.left_out if _shape(lines.blocks[index].element) in shapes)
        ),
        "left out, sentences": lines.beside(lines.letters(sentences)),
        "left out, sentences with its words": lines.beside(lines.letters(akin)),
    }


class _Lines:
    """The lines of the page that are the body, in page order, and those around them that are not.

    Around is from the headline, or where the container begins, to the last line of either.
    """

    def __init__(self, article: ArticlePage) -> None:
        self._article = article
        self.blocks = blocks = article.page.blocks
        body = article.body
        span = range(0) if body.container is None else article.page.spans.get(body.container, range(0))
        paragraphs = frozenset(body.paragraphs)
        last = body.paragraphs[-1:]  # its source's name may have been taken off
        self._kept = frozenset(
            index
            for index, block in enumerate(blocks)
            if block.text in paragraphs or (index in span and block.text.startswith(last))
        )
        edges = [index for index in self._kept if index in span] or [*self._kept]
        edges += [*span[:1], *span[-1:], *([] if article.heading is None else [article.heading])]
        around = range(min(edges), max(edges) + 1) if edges else range(0)
        self.text = [index for index in around if index in self._kept]
        self.left_out = [index for index in around if index not in self._kept and self._is_running(index)]
        self._letters = max(1, self.letters(self.text))
        self._stems: dict[int, frozenset[str]] = {}

    def letters(self, indexes: Iterable[int]) -> int:
        return count_letters(self.blocks, indexes)

    def stems(self, index: int) -> frozenset[str]:
        """The stems of a line's words. Most lines of most pages are never asked for them."""
        if index not in self._stems:
            self._stems[index] = _stems(self.blocks[index].text)
        return self._stems[index]

    def part(self, indexes: Iterable[int]) -> float:
        """The share of the text that some of its lines are, its root."""
        return math.sqrt(self.letters(indexes) / self._letters)

    def beside(self, letters: int) -> float:
        """The share of some letters in themselves and the text, its root."""
        return math.sqrt(letters / (self._letters + letters))

    def of_main_box(self) -> list[int]:
        """The lines in the element that most of the text stands in."""
        boxes: dict[HtmlElement | None, list[int]] = {}
        for index in self.text:
            boxes.setdefault(self.blocks[index].element.getparent(), []).append(index)
        return max(boxes.values(), key=self.letters, default=[])

    def is_below_link(self, index: int) -> bool:
        """Whether a line stands right below a link that may be another article's headline."""
        above = self.blocks[index - 1] if index and index - 1 not in self._kept else None
        return (
            above is not None
            and above.is_bare_link
            and len(above.key) >= _HEADLINE
            and above is not self._article.headline.block
        )

    def is_on_card(self, index: int) -> bool:
        """Whether that link is a heading, and stands in the same box as the line."""
        above, block = self.blocks[index - 1].element, self.blocks[index].element
        return self.is_below_link(index) and above.tag in HEADINGS and above.getparent() is block.getparent()

    def _is_running(self, index: int) -> bool:
        """Whether a line may be running text of the article: long, no link, and no excerpt of another."""
        block = self.blocks[index]
        return (
            block.linked < 0.5
            and len(block.key) >= ANCHOR
            and block.key != self._article.headline.key
            and not block.text.endswith(_CUT)
            and not self.is_below_link(index)
        )


def _are_kin(line: frozenset[str], text: frozenset[str]) -> bool:
    """Whether a line shares words with a text."""
    return len(line & text) >= _KIN * len(line)


def _shape(element: HtmlElement) -> tuple[object, ...]:
    """The names and classes of an element and of the one around it."""
    holder = element.getparent()
    return element.tag, element.get("class"), *(() if holder is None else (holder.tag, holder.get("class")))


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


def _is_ended(text: str) -> bool:
    return text.rstrip('»”")').endswith(SENTENCE_ENDS)


# A word without what is written before it (conjunction, preposition, article) and without its ending.
_STEM = re.compile(r"\b(?:[وف]?(?:[بك]?ال|لل)|و)?(\w{3,5})")


def _stems(text: str) -> frozenset[str]:
    return frozenset(_STEM.findall(fold(text)))


def _words(text: str) -> Counter[str]:
    words = Counter(fold(text).split())
    del words[":"]  # the one sign that is kept in folding
    return words


def _share(some: Counter[str], words: Counter[str]) -> float:
    return sum((some & words).values()) / max(1, some.total())
