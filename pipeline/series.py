"""An article over several pages: whether a page continues another, and the one text that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import dropwhile, takewhile

from pipeline.text import fold, letters

MOST_PAGES = 20
"""Pages of one article that are followed and joined: an end to a series that goes on for ever."""

CONTINUES = ", continues another page"
"""What stands behind the method by which a body was found, where its page says that it is a later one."""

_SAME_HEADLINE = 0.5
"""Share of the shorter headline's words that the pages of one article have in common at least: a later page's may say "الصفحة 2"
besides."""


def share_headline(first: str | None, later: str | None) -> bool:
    """Whether two headlines may be those of one article's pages; a page without one speaks against nothing."""
    one, other = (set(fold(title or "").split()) for title in (first, later))
    return len(one & other) >= _SAME_HEADLINE * min(len(one), len(other))


def joined(text: Sequence[str], later: Sequence[str], headlines: Iterable[str | None]) -> list[str]:
    """The paragraphs of a text and of its next page, each once: what the next page opens with again, and what both close with.

    `headlines` are those of both. A page that adds nothing leaves the text as it was.
    """
    known = {_key(line) for line in (*text, *headlines) if line}
    new = list(dropwhile(lambda line: _key(line) in known, later))
    pairs = zip(reversed(text), reversed(new), strict=False)
    closing = sum(1 for _ in takewhile(lambda pair: _key(pair[0]) == _key(pair[1]), pairs))
    return [*text[: len(text) - closing], *new] if closing < len(new) else list(text)


def _key(line: str) -> str:
    return letters(fold(line))
