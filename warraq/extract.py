"""``warraq extract``: one page, from wherever it lies, and what became of it, for programs and for people."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.bucket import Bucket
from pipeline.captures import PREFIX, Capture, CaptureError, read_captures
from pipeline.errors import WarraqError
from pipeline.page import PageTooLargeError, decode, read_page
from pipeline.publication import CAPTURED
from pipeline.urls import absolute_url, normalize_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.extract import Cleaned

_WARC = (b"WARC/", b"\x1f\x8b")
_NAMED = 5
"""URLs of a WARC file that an error names."""


def find_capture(page: str, url: str | None) -> Capture | None:
    """The captured page that an argument names: in the bucket by its key and offset, or in a WARC file; None for other files.

    Raises:
        WarraqError: there is no such page, or the file holds several and `url` names none of them.
    """
    if page.startswith(PREFIX) and "#" in page:
        return _in_bucket(page)
    try:
        with Path(page).open("rb") as file:
            if not file.read(5).startswith(_WARC):
                return None
            file.seek(0)
            return _in_file(page, file.read(), url)
    except OSError:
        return None  # told by whoever reads it as a page


NO_ADDRESS = "http://unknown.invalid/page"
"""Stands for the URL of a page that states none; it is not shown."""


def stated_url(body: bytes) -> str:
    """The URL that a saved page states as its own; a made-up one, of no site, where it states none."""
    text = decode(body, "")
    try:
        page = read_page(text) if text else None
    except PageTooLargeError:
        page = None
    if page is not None:
        links = page.links.get("canonical", ())
        for url in [*links, page.stated("og:url") or ""]:
            if absolute_url("", url):
                return url.strip()
    return NO_ADDRESS


def _shown(url: str) -> str | None:
    return None if url == NO_ADDRESS else url


def _in_bucket(page: str) -> Capture:
    key, _, offset = page.rpartition("#")
    try:
        data = Bucket().get(key)
    except KeyError:
        raise WarraqError(f"the bucket holds no {key}") from None
    found = next((capture for capture in read_captures(io.BytesIO(data), key) if str(capture.offset) == offset), None)
    if found is None:
        raise WarraqError(f"{key} holds no page at offset {offset}")
    return found


def _in_file(page: str, data: bytes, url: str | None) -> Capture:
    """The page with this URL in a WARC file, captured last; without a URL the only one."""
    try:
        with redirect_stderr(io.StringIO()):  # warcio's own words on what it cannot read
            captures = [capture for capture in read_captures(io.BytesIO(data), page) if not capture.revisit]
    except CaptureError as error:
        raise WarraqError(str(error)) from None
    if url is not None:
        captures = [capture for capture in captures if normalize_url(capture.url) == normalize_url(url)]
        if not captures:
            raise WarraqError(f"{page} holds no page with the URL {url}")
    addresses = list(dict.fromkeys(capture.url for capture in captures))
    if len(addresses) != 1:
        some = ", ".join(addresses[:_NAMED]) + (" …" if len(addresses) > _NAMED else "")
        raise WarraqError(f"{page} holds {len(addresses)} pages; say which with --url: {some}")
    return max(captures, key=lambda capture: (capture.captured_at, capture.offset))


_DATED = (
    "published_at", "published_day", "published_precision", "published_method", "published_confidence", "modified_at", "dates",
)  # fmt: skip


def as_json(cleaned: Cleaned, row: Mapping[str, Any]) -> dict[str, Any]:
    """What became of a page, for programs; `row` is its row of the documents table."""
    shown: dict[str, Any] = {"url": _shown(row["url"]), "rejected": row["rejected"]}
    if row["rejected"] is None:
        shown |= {
            "title": cleaned.title,
            "standfirst": cleaned.standfirst,
            "authors": list(cleaned.authors),
            "agencies": list(cleaned.agencies),
            "body": cleaned.body,
            "body_method": cleaned.body_method,
            "body_confidence": cleaned.body_confidence,
            "body_witnesses": list(cleaned.body_witnesses),
            "next_page": cleaned.next_page,
            "captions": list(cleaned.captions),
            "image": cleaned.image,
            "section": cleaned.section,
            "tags": list(cleaned.tags),
            "language": cleaned.language,
            **{name: row[name] for name in _DATED},
            "evidence": row["published_evidence"],
        }
    return shown | {"extractor": row["extractor"]}


def as_lines(cleaned: Cleaned, row: Mapping[str, Any]) -> Iterator[str]:
    """The same for people, with where each part was found and what was taken away.

    Every text has a line of its own and no column beside it, so that a terminal sets right-to-left lines whole.
    """
    yield from _part("url", _shown(row["url"]))
    if row["rejected"]:
        yield from _part("rejected", row["rejected"])
    origins = dict(cleaned.origins)
    yield from _part("title", cleaned.title, found=origins.get("title"))
    if row["rejected"]:
        return
    yield from _part("standfirst", cleaned.standfirst)
    yield from _part("authors", *cleaned.authors, found=origins.get("authors"))
    yield from _part("agencies", *cleaned.agencies)
    yield from _part(
        "published", *_published(row), found=f"{row['published_method']}, {row['published_confidence']} confidence"
    )
    yield from _part("modified", row["modified_at"] and row["modified_at"].isoformat())
    yield from _part("section", cleaned.section)
    yield from _part("tags", *cleaned.tags)
    yield from _part("language", cleaned.language)
    yield from _part("image", cleaned.image)
    yield from _part("captions", *cleaned.captions)
    yield from _part("next page", cleaned.next_page)
    yield from _part("witnesses", *cleaned.body_witnesses)
    place = f"{origins.get('body')}, {cleaned.body_method}, {cleaned.body_confidence} confidence"
    yield from _part("body", *(cleaned.body or "").split("\n"), found=place)
    for line in cleaned.removed:
        yield from _part("removed", line.text, found=line.rule)


def _part(name: str, *texts: str | None, found: str | None = None) -> Iterator[str]:
    """A part's name with where it was found or why it was taken, then its lines; "none" where there are none."""
    lines = [text for text in texts if text]
    yield name + (f" ({found})" if found and lines else "") + ("" if lines else ": none")
    yield from (f"  {line}" for line in lines)


def _published(row: Mapping[str, Any]) -> Iterator[str]:
    """The published day, the instant where one is known, and the literal text that states them."""
    stated = row["published_method"] != CAPTURED
    yield f"{row['published_day']}, " + (
        f"known to the {row['published_precision']}" if stated else "the day of the capture"
    )
    if row["published_at"]:
        yield row["published_at"].isoformat()
    yield row["published_evidence"] or ""
