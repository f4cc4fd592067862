"""Why a page is no article of the corpus: a closed list, and which of its reasons may pass.

What may pass is asked for again (`pipeline.refetch`), and keeps its day from being covered until it has passed.
"""

from __future__ import annotations

from enum import StrEnum


class Passing(StrEnum):
    """Whether a page that was rejected may be an article when it is asked for again."""

    YES = "yes"
    """Something stands before the article, or it came only in part. That never lasts for sure."""
    AT_FIRST = "at first"
    """So looks a page that is not ready yet, or that a script fills. One that was a week old when it was first had, or that looks
    so to the end of the schedule, is what it shows."""
    DEPENDS = "depends"
    """The status tells, or what the page leads to, or what it repeats."""
    NO = "no"
    """The page itself is something else than an article that we could have."""


class Rejection(StrEnum):
    """The reasons for which a capture becomes no article."""

    UNCHANGED = "unchanged"
    """The site sent what an earlier capture of this URL holds, and the page is what that one is."""
    REDIRECT = "redirect"
    """The response only points to another address (status 3xx, or a page that is nothing but a refresh, a line of script or a
    frame), and the page is what is there. Round in a circle may pass."""
    HTTP_ERROR = "http_error"
    """The site answered with any other status than 200 and 203. 401, 403, 407, 408, 425, 429, 5xx and other 2xx may pass."""
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
    """A home page, a section, a tag, search results, a thread of a forum, a page about the site. It may pass where a day of
    publication was stated with the address, as feeds do."""
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
    """The capture file breaks off, or a record of it cannot be read: this stands for what is lost."""
    TAKEN_DOWN = "taken_down"
    """An operator took the article down; the row says no more than that."""

    @property
    def passing(self) -> Passing:
        """Whether what the page shows may pass."""
        return _PASSING.get(self, Passing.NO)


_PASSING = {
    Rejection.UNCHANGED: Passing.DEPENDS,
    Rejection.REDIRECT: Passing.DEPENDS,
    Rejection.HTTP_ERROR: Passing.DEPENDS,
    Rejection.BLOCKED: Passing.YES,
    Rejection.TRUNCATED: Passing.YES,
    Rejection.EMPTY: Passing.YES,
    Rejection.SOFT_404: Passing.AT_FIRST,
    Rejection.HEADLINE_ONLY: Passing.AT_FIRST,
    Rejection.NOT_AN_ARTICLE: Passing.AT_FIRST,
}

REASONS = tuple(
    one for one in Rejection if one not in {Rejection.UNCHANGED, Rejection.UNREADABLE, Rejection.TAKEN_DOWN}
)
"""What a page may be asked for again for, by its name, whether or not it may pass by itself."""

_PASSING_STATUSES = frozenset({401, 403, 407, 408, 425, 429})


def status_may_pass(status: int) -> bool:
    """Whether a later request may not meet an HTTP status: the page has not been seen yet, nor its lasting absence."""
    return status >= 500 or status in _PASSING_STATUSES or (200 <= status < 300 and status not in {200, 203})
