"""A second look at a page whose article was not found with certainty: other ways are asked, and the best body of all is taken.

The first way is right on nearly every page, and the others cost time, so they are asked only where its body is not sure, or where
what states the whole text speaks against it. Each way gives a body that is made as the first was (`body.body_around`).
Trafilatura, shown the page as it is, is none of them: of 1,427 spoiled pages it bettered one, for three times what the rest costs.

Which body is the best, `WEIGHTS` says: fitted on pages with gold that were spoiled at random, so that of the bodies of one page the
one next to the gold comes first (conditional logit). How sure the one taken is, `confidence` says, as of any body.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.extract.body import SELECTOR, SELECTOR_FAILS, body_around
from pipeline.extract.confidence import Judgement, judge
from pipeline.extract.finders import breaks_off, find_flow, find_in_containers, find_stated
from pipeline.extract.main_content import count_letters
from pipeline.extract.witnesses import found_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.extract.article_page import ArticlePage

STATED, CONTAINER, FLOW = "stated", "container", "flow"
"""The ways of the second look: what states the text elsewhere, a known system's box, the most text in a box."""

SURE = 0.95
"""The chance that a body is right from which no second look is taken."""
WEIGHTS: Mapping[str, float] = {"chance": 0.65, "agreeing": 2.2, "broken off": -2.9, "headline": 0.65}
"""What each feature of a body counts for beside the other bodies of its page."""
_STATED_WHOLE = ("json-ld", "feed", "wordpress")
_DENIED = 0.5
"""Share of the words of what states the whole text under which it speaks against a body."""
_ALIKE = 0.8
"""Share of their lines that two bodies have in common which say the same."""


def best_of(
    first: ArticlePage, own_furniture: Sequence[str], found: Mapping[str, str]
) -> tuple[ArticlePage, Judgement]:
    """The page with the best body that is found on it, judged: the first, where it is sure or the source's file says where it is.

    `own_furniture` are the lines that the source says it repeats, `found` is what the crawl knew of the page.
    """
    judged = judge(first, found)
    if first.body.method == SELECTOR or _is_sure(first, judged):
        return first, judged
    page, headline = first.page, first.headline
    fails = SELECTOR_FAILS if first.body.method.endswith(SELECTOR_FAILS) else ""

    ways = {
        STATED: find_stated(page, found_texts(found)),
        CONTAINER: find_in_containers(page, headline),
        FLOW: find_flow(page, headline),
    }
    bodies = [(first, judged)]
    made: dict[tuple[int, ...], tuple[ArticlePage, Judgement]] = {}
    for way, lines in ways.items():
        key = tuple(lines)
        if key not in made:
            body = body_around(page, headline, first.names, lines, own_furniture, way + fails)
            one = replace(first, body=body)
            made[key] = one, judge(one, found)
        bodies.append(made[key])
    return _best(bodies) or bodies[0]


def _is_sure(one: ArticlePage, judged: Judgement) -> bool:
    if not one.body.paragraphs or judged.chance < SURE:
        return False
    return all(judged.said.get(name, 1.0) >= _DENIED for name in _STATED_WHOLE)


def _best(bodies: Sequence[tuple[ArticlePage, Judgement]]) -> tuple[ArticlePage, Judgement] | None:
    """The best of some bodies of one page, of equal ones the first; None where all are empty."""
    filled = [(one, judged) for one, judged in bodies if one.body.paragraphs]
    lines = [one.lines for one, _ in filled]

    def worth(body: tuple[ArticlePage, Judgement]) -> float:
        return sum(WEIGHTS[name] * value for name, value in features(*body, lines).items())

    return max(filled, key=worth, default=None)


def features(one: ArticlePage, judged: Judgement, bodies: Sequence[frozenset[int]]) -> dict[str, float]:
    """What speaks for a body beside the other bodies of its page and against it: log-odds for the chance, the others from 0 to 1.

    `bodies` are the lines of all of them, its own included.
    """
    blocks, right = one.page.blocks, judged.chance
    broken = count_letters(blocks, (index for index in one.lines if breaks_off(blocks[index].text)))
    alike = [other for other in bodies if len(one.lines & other) >= _ALIKE * len(one.lines | other)]
    return {
        "chance": math.log(right / (1 - right)),
        "agreeing": len(alike) / len(bodies),
        "broken off": broken / max(1, count_letters(blocks, one.lines)),
        "headline": judged.said.get("headline", 0.0),
    }
