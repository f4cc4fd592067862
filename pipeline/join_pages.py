"""The stage that joins the pages of an article: the first page's document gets the text of all, and the later ones are no articles.

Captures alone decide it, whatever brought them. The pages of one article have addresses with one beginning and numbers
(`pipeline.urls.numbered_page`); the first must say that it goes on, and a later one bear its headline or name it as its
canonical URL. Of several captures of a page the newest text is joined. What is made of a series follows from its documents as
their pages gave them, so that it is the same in whatever order they came.

A page that says that it is a later one, and whose first was never captured, stays an article: its text is had nowhere else. It is
one of low confidence.
"""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from pipeline.dates import mentions
from pipeline.documents import JOINED, PAGE, Documents, text_facts
from pipeline.publication import CAPTURED
from pipeline.rejection import Rejection
from pipeline.series import CONTINUES, MOST_PAGES, joined, share_headline
from pipeline.text import escape_invisible
from pipeline.urls import numbered_page

_LOG = logging.getLogger(__name__)

Row = Mapping[str, Any]

_COLUMNS = [
    *("id", "source", "series", "article_id", "url", "fetched_url", "captured_at", "capture_key", "capture_offset"),
    *("rejected", "title", "body", "next_page", "body_method", "body_confidence", "captions", "date_order"),
    *("published_day", "published_method", "decision", *JOINED.names),
]
_SERIES_A_TIME = 5000
"""Articles whose pages are joined at a time: some hundred megabytes of texts."""
_LOW, *_ = _SURENESS = ("low", "medium", "high")


def join_pages(documents: Documents) -> int:
    """Join the pages of every article of which a document is not decided yet, and return how many documents that changed.

    Killed at any point and run again, it ends in the same documents.

    Raises:
        ConflictError: another build wrote at the same time; run again.
    """
    pending, changed = documents.pending_series(), 0
    for start in range(0, len(pending), _SERIES_A_TIME):
        articles: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in documents.of_series(_COLUMNS, pending[start : start + _SERIES_A_TIME]).to_pylist():
            articles[row["source"], row["series"]].append(row)
        changes = [change for rows in articles.values() for change in _changes_or_none(rows)]
        if changes:
            documents.join(changes)
        changed += len(changes)
    return changed


def _changes_or_none(rows: Sequence[Row]) -> list[Row]:
    """The changes of a series; none where its pages cannot be joined: they stay as they came, and stop no other article."""
    try:
        return list(_changes(rows))
    except Exception:
        _LOG.exception("the pages of %s were not joined", escape_invisible(rows[0]["fetched_url"]))
        return []


def _changes(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows of a series that its pages make others of, or leave open that are later pages."""
    pages = _by_number(rows)
    counts_from_0 = any(row["next_page"] and _number_of(row["next_page"]) == 1 for row in pages.get(0, ()))
    first_numbers = (0,) if counts_from_0 else (0, 1)
    firsts = [row for number in first_numbers for row in pages.get(number, ()) if row["next_page"]]
    later = {number: numbered for number, numbered in pages.items() if number not in first_numbers}
    of_article = {
        page["id"] for first in firsts for numbered in later.values() for page in numbered if _continues(first, page)
    }
    for row in rows:
        made: dict[str, Any] = dict.fromkeys(JOINED.names) | {"rejected": None}
        if row["id"] in of_article:
            made["rejected"] = Rejection.LATER_PAGE.value
        else:
            made |= _whole(row, later if _number(row) in first_numbers else {})
        is_open = made["rejected"] is not None and row["decision"] is None
        if is_open or any(row[name] != value for name, value in made.items()):
            yield {**row, **made, **text_facts(row["title"], made["whole_body"] or row["body"])}


def _number(row: Row) -> int:
    """The number of a document's page in its series."""
    series, number = numbered_page(row["fetched_url"])
    return number if series == row["series"] else 0


def _number_of(url: str) -> int:
    return numbered_page(url)[1]


def _by_number(rows: Sequence[Row]) -> dict[int, list[Row]]:
    """The documents of each page, the newest first."""
    numbered: defaultdict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["captured_at"], row["id"]), reverse=True):
        numbered[_number(row)].append(row)
    return numbered


def _continues(first: Row, page: Row) -> bool:
    return page["url"] == first["url"] or share_headline(first["title"], page["title"])


def _whole(first: Row, later: Mapping[int, Sequence[Row]]) -> dict[str, Any]:
    """What a page makes with those that follow it, or without the one that it continues; nothing where it is all there is."""
    text: list[str] = first["body"].split("\n")
    pages: list[Row] = []
    last, next_page = first, first["next_page"]
    while next_page is not None and len(pages) < MOST_PAGES - 1:
        number = _number_of(next_page)
        page = _newest([page for page in later.get(number, ()) if _continues(first, page)])
        if page is None or number <= _number(last):
            break
        last, next_page = page, page["next_page"]
        longer = joined(text, page["body"].split("\n"), (first["title"], page["title"]))
        if longer == text:  # the same page again, which goes nowhere
            next_page = None
        else:
            text = longer
            pages.append(page)
    is_later = (first["body_method"] or "").endswith(CONTINUES)
    if last is first and not is_later:
        return {}
    body = "\n".join(text)
    known_day = None if first["published_method"] == CAPTURED else first["published_day"]
    surest = min((row["body_confidence"] for row in (first, *pages)), key=_SURENESS.index)
    whole = {
        "pages": [_page(page) for page in pages],
        "next_page": next_page,
        "body_confidence": _LOW if is_later else surest,
        "captions": list(dict.fromkeys(caption for row in (first, *pages) for caption in row["captions"])),
        "dates_mentioned": [mention._asdict() for mention in mentions(body, known_day, order=first["date_order"])],
    }
    return {"whole": whole, "whole_body": body}


def _newest(captures: Sequence[Row]) -> Row | None:
    """The first capture of a page's newest text; they are given the newest first."""
    same = takewhile(lambda row: (row["title"], row["body"]) == (captures[0]["title"], captures[0]["body"]), captures)
    return deque(same, 1).pop() if captures else None


def _page(row: Row) -> dict[str, Any]:
    """The address of a later page, and its capture."""
    named = {part.name: row[part.name] for part in PAGE if part.name != "url"}
    return {"url": row["fetched_url"], **named}
