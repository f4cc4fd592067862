"""Why a page is no article of the corpus: a closed list."""

from __future__ import annotations

from enum import StrEnum


class Rejection(StrEnum):
    """The reasons for which a capture becomes no article."""

    UNCHANGED = "unchanged"
    """The site sent what an earlier capture of this URL holds."""
    REDIRECT = "redirect"
    """The response only points to another address (status 3xx)."""
    HTTP_ERROR = "http_error"
    """The site answered with any other status than 200 and 203."""
    BLOCKED = "blocked"
    """A wall stands before the article: a captcha, a check of the browser, a demand for consent or for JavaScript."""
    NOT_HTML = "not_html"
    """The content is no HTML page: a picture, a PDF, a feed."""
    TRUNCATED = "truncated"
    """The archive holds only a part of what the site sent: cut at the size limit, or broken off."""
    TOO_LARGE = "too_large"
    """Larger or deeper nested than a page can be read safely."""
    UNDECODABLE = "undecodable"
    """They are text in no encoding that the page names or that Arabic sites use, or lost before they were sent, or the
    page breaks our reader."""
    SOFT_404 = "soft_404"
    """The page says that there is no such page, with status 200."""
    PAYWALL = "paywall"
    """Only the opening of the article is there; the rest is for subscribers."""
    EMPTY = "empty"
    """No text is on the page."""
    NOT_AN_ARTICLE = "not_an_article"
    """A home page, a section, a tag, search results, a thread of a forum, a page about the site."""
    HEADLINE_ONLY = "headline_only"
    """A flash whose headline is all there is, or whose text the page does not hold."""
    VIDEO = "video"
    """A video or a broadcast with a headline, and no text."""
    GALLERY = "gallery"
    """Pictures with a headline, and no text but their captions."""
    WRONG_LANGUAGE = "wrong_language"
    """An article in another language than the source's."""
    LATER_PAGE = "later_page"
    """A later page of an article that the site prints on several: its text is part of that article's."""
    UNREADABLE = "unreadable"
    """The capture file breaks off here: this stands for the rest of it."""
    TAKEN_DOWN = "taken_down"
    """An operator took the article down; the row says no more than that."""
