"""From a capture to the article on it, or to the reason why there is none."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from pipeline.captures import NEXT_PAGE
from pipeline.extract import reject
from pipeline.extract.article_page import ArticlePage
from pipeline.extract.authors import find_byline
from pipeline.extract.body import find_body
from pipeline.extract.canonical import find_url
from pipeline.extract.headline import find_headline
from pipeline.extract.image import find_image
from pipeline.extract.language import detect
from pipeline.extract.next_page import find_place
from pipeline.extract.second_look import best_of
from pipeline.extract.sections import find_section, find_tags
from pipeline.extract.selectors import stated_texts
from pipeline.extract.site import on_site, site_names
from pipeline.page import PageTooLargeError, around, decode, describe, leads_to, read_page
from pipeline.publication import Candidate, find_candidates
from pipeline.rejection import Rejection
from pipeline.text import escape_invisible

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from pipeline.captures import Capture
    from pipeline.extract.body import Removed
    from pipeline.page import Page
    from pipeline.sources import Source


EXTRACTOR = f"warraq 4 / trafilatura {version('trafilatura')}"
"""What made a document's text. The number rises with every change of the rules, so that older rows can be told and rebuilt."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What one capture says: an article's parts, or the reason for which it is none.

    Attributes:
        url: the canonical URL.
        rejected: a value of `Rejection`, None for an article.
        title: the headline as the reader sees it.
        next_page: where the article goes on, if the site prints it on several pages; the body is of this page alone.
        standfirst: the lead, where the page sets it apart; the body begins with it.
        authors: persons, in the byline's order; empty where the page names none.
        agencies: agencies and outlets that the byline or the dateline names, as printed.
        body: the text, one paragraph a line.
        body_method: how it was found: "general"; "selector" (where the source's file says); in a second look "stated", "container"
            or "flow". Behind any but "selector" stands ", selector fails" where what the file says is not there.
        body_confidence: "high", "medium" or "low", how sure it is that the body is what this page has of the article, alone.
        body_witnesses: what states the same text besides: "json-ld", "feed", "wordpress", "description", "headline".
        body_features: what the confidence was reckoned from, by name, each from 0 to 1 (`confidence.WEIGHTS`).
        is_later_page: whether the page says that it goes on with the text of another.
        captions: of the article's pictures, in order; no part of the body.
        image: absolute URL of the main picture.
        section: the section of the site that the page files the article under.
        tags: what the page tags the article with, in its order.
        language: a BCP-47 tag told by the text itself.
        dates: all dates that the page states, unresolved.
        removed: lines by the article that are no part of it, each with the rule that took it.
        origins: where title, authors and body were found.
        location: where a page that is nothing but the way to another one leads.

    A rejected page has its URL, and, where it was read so far, its title and language.
    """

    url: str
    rejected: str | None
    title: str | None = None
    standfirst: str | None = None
    authors: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    body: str | None = None
    body_method: str | None = None
    body_confidence: str | None = None
    body_witnesses: tuple[str, ...] = ()
    body_features: tuple[tuple[str, float], ...] = ()
    next_page: str | None = None
    is_later_page: bool = False
    captions: tuple[str, ...] = ()
    image: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    dates: tuple[Candidate, ...] = ()
    removed: tuple[Removed, ...] = ()
    origins: tuple[tuple[str, str], ...] = ()
    location: str | None = None


def clean(capture: Capture, source: Source) -> Cleaned:
    """Read the article off a captured page. Whatever the page holds, this raises nothing: it ends in a rejection instead."""
    try:
        return _clean(capture, source)
    except Exception:  # a page that breaks a library is a page we cannot read, not a reason to stop ten thousand others
        _LOG.exception("cleaning %s failed", escape_invisible(capture.url))
        return Cleaned(find_url(None, capture.url, source), Rejection.UNDECODABLE)


def _clean(capture: Capture, source: Source) -> Cleaned:
    def rejected(reason: Rejection, page: Page | None = None, **known: str | None) -> Cleaned:
        url = find_url(page, capture.url, source, known.get("title"))
        return Cleaned(url, reason, **known)  # type: ignore[arg-type]

    refused = reject.of_response(capture)
    if refused:
        return rejected(refused)
    # Where a page leads, a browser that rendered it has gone.
    target = None if "rendered" in capture.found else leads_to(capture.body, capture.content_type, capture.url)
    if target is not None and on_site(target, source):
        return replace(rejected(Rejection.REDIRECT), location=target)
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
    headline = find_headline(page, names, source.title)
    body = find_body(page, headline, names, source.furniture, source.body)
    article, judged = best_of(ArticlePage(page, capture.url, names, headline, body), source.furniture, capture.found)
    body = article.body
    language = detect("\n".join(body.paragraphs) or headline.text or "")
    refused = reject.of_page(article, judged, capture, source) or reject.of_language(language, source)
    if refused:
        return rejected(refused, page, title=headline.text, language=language)
    byline = find_byline(article, source.author)
    url = find_url(page, capture.url, source, headline.text)
    place = find_place(article, url, followed=capture.found.get("by") == NEXT_PAGE)
    origins = {"title": headline.origin, "authors": byline.origin, "body": _path(body.container)}
    return Cleaned(
        url=url,
        rejected=None,
        title=headline.text,
        standfirst=body.standfirst,
        authors=byline.authors,
        agencies=byline.agencies,
        body="\n".join(body.paragraphs),
        body_method=body.method,
        body_confidence=judged.confidence,
        body_witnesses=judged.witnesses,
        body_features=tuple(judged.features.items()),
        next_page=place.next_page,
        is_later_page=place.is_later,
        captions=body.captions,
        image=find_image(article),
        section=find_section(article),
        tags=find_tags(article),
        language=language,
        dates=find_candidates(
            page,
            headline.heading,
            headline.printed,
            url=capture.url,
            found=capture.found,
            named=stated_texts(page, source.date) if source.date else (),
        ),
        removed=body.removed,
        origins=tuple((part, origin) for part, origin in origins.items() if origin),
    )


def _path(element: HtmlElement | None) -> str | None:
    """An element and those around it, the outer ones first, each by its tag and its first class or id."""
    if element is None:
        return None
    steps = [describe(holder) for holder in around(element) if holder.tag not in {"html", "body"}]
    return " > ".join(reversed(steps[:3])) or "body"
