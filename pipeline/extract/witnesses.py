"""What was said of an article elsewhere than on its page: by a feed, by WordPress's interface, in a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from pipeline.page import PageTooLargeError, read_page
from pipeline.text import tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARKUP = re.compile(r"<[a-z/!]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundTexts:
    """The texts that came with an article's address, as lines without markup; empty where there were none.

    A text may be cut off, and it may hold what its page does not: that a line is missing proves nothing. Where a feed has but
    one text, that is the `summary`, whether it is an introduction or all of the article.
    """

    title: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    content: tuple[str, ...] = ()


def found_texts(found: Mapping[str, str]) -> FoundTexts:
    """The texts of `Capture.found`, which are HTML or plain; of what is too large or too deep to be read there are no lines."""
    return FoundTexts(*(lines_of(found.get(name, "")) for name in ("title", "summary", "content")))


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text that is HTML or plain, without markup; none of what is too large or too deep to be read."""
    if not _MARKUP.search(text):
        lines = [tidy(line) for line in unescape(text).splitlines()]
    else:
        try:
            page = read_page(text)
        except PageTooLargeError:
            page = None
        lines = [block.text for block in page.blocks] if page else []
    return tuple(line for line in lines if line)
