"""From a capture to the article on it, or to the reason why there is none."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from pipeline.clean import verdict
from pipeline.clean.body import find_body
from pipeline.clean.byline import find_authors
from pipeline.clean.decode import decode
from pipeline.clean.head import find_headline, find_section, find_url, site_names
from pipeline.clean.language import detect
from pipeline.clean.page import PageTooLargeError, read_page
from pipeline.clean.rejection import Rejection
from pipeline.dates import Candidate, find_candidates

if TYPE_CHECKING:
    from pipeline.captures import Capture
    from pipeline.clean.page import Page
    from pipeline.sources import Source

EXTRACTOR = f"warraq 1 / trafilatura {version('trafilatura')}"
"""What made a document's text. The number rises with every change of the rules, so that older rows can be told and rebuilt."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What one capture says: an article's parts, or the reason for which it is none.

    `rejected` is a value of `Rejection`, None for an article. `body` has one paragraph a line. `authors` are persons, empty
    where the page names none. `language` is a BCP-47 tag told by the text itself. `dates` are all dates that the page states,
    unresolved; a rejected page states none.
    """

    url: str
    rejected: str | None
    title: str | None = None
    authors: tuple[str, ...] = ()
    body: str | None = None
    section: str | None = None
    language: str | None = None
    dates: tuple[Candidate, ...] = ()


def clean(capture: Capture, source: Source) -> Cleaned:
    """Read the article off a captured page. Whatever the page holds, this raises nothing: it ends in a rejection instead."""
    try:
        return _clean(capture, source)
    except Exception:  # a page that breaks a library is a page we cannot read, not a reason to stop ten thousand others
        _LOG.exception("cleaning %s failed", capture.url)
        return Cleaned(find_url(None, capture.url, source), Rejection.UNDECODABLE)


def _clean(capture: Capture, source: Source) -> Cleaned:
    def rejected(reason: Rejection, page: Page | None = None, **known: str | None) -> Cleaned:
        return Cleaned(find_url(page, capture.url, source), reason, **known)  # type: ignore[arg-type]

    refused = verdict.of_response(capture)
    if refused:
        return rejected(refused)
    text = decode(capture.body, capture.content_type)
    if text is None:
        return rejected(Rejection.UNDECODABLE)
    try:
        page = read_page(text)
    except PageTooLargeError:
        return rejected(Rejection.TOO_LARGE)
    if page is None:
        return rejected(Rejection.EMPTY)
    names = site_names(source, page)
    headline = find_headline(page, names)
    body = find_body(page, headline, names, source.furniture)
    language = detect("\n".join(body.paragraphs) or headline.text or "")
    refused = verdict.of_page(page, headline, body, capture, source) or verdict.of_language(language, source)
    if refused:
        return rejected(refused, page, title=headline.text, language=language)
    return Cleaned(
        url=find_url(page, capture.url, source),
        rejected=None,
        title=headline.text,
        authors=find_authors(page, names, headline, body),
        body="\n".join(body.paragraphs),
        section=find_section(page),
        language=language,
        dates=find_candidates(page.tree, url=capture.url, found=capture.found),
    )
