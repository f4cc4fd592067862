"""The dates of a page as the pipeline reads it: parsed once, its headline found, its candidates collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from pipeline.extract.headline import find_headline
from pipeline.page import read_page
from pipeline.publication import Candidate, find_candidates

if TYPE_CHECKING:
    from lxml.html import HtmlElement


def candidates_of(markup: str | HtmlElement, url: str, found: dict[str, str] | None = None) -> tuple[Candidate, ...]:
    """Every date that a page of an unknown outlet states."""
    text = markup if isinstance(markup, str) else etree.tostring(markup, encoding="unicode", method="html")
    page = read_page(text)
    if page is None:
        return ()
    headline = find_headline(page, frozenset())
    return find_candidates(page, headline.heading, headline.printed, url=url, found=found or {})
