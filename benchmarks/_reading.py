"""A page as the pipeline reads it, and how near one text is to another, for the benchmarks of quality."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pipeline.captures import Capture
from pipeline.extract import Cleaned, clean
from pipeline.publication import CAPTURED, resolve
from pipeline.sources import Source


def source_of(
    url: str, *, language: str, zone: str = "UTC", home: str | None = None, body: str | None = None
) -> Source:
    """A source of which nothing is known but its language, its zone, its home page and what holds its articles' text."""
    home = home or f"https://{urlsplit(url).hostname}/"
    return Source.model_validate(
        {"id": "page", "name": "-", "home": home, "timezone": zone, "language": language, "body": body}
    )


def capture_of(html: bytes, url: str) -> Capture:
    """A page as if it had been captured now."""
    return Capture(
        key="", offset=0, url=url, captured_at=datetime.now(UTC), status=200, content_type="text/html", body=html
    )


def read(html: bytes, url: str, source: Source) -> tuple[Cleaned, str]:
    """A page of a source, and its day, or nothing."""
    capture = capture_of(html, url)
    result = clean(capture, source)
    found = resolve(result.dates, captured_at=capture.captured_at, zone=source.timezone, order=source.date_order)
    return result, "" if found.method == CAPTURED else found.published_day.isoformat()


def count_words(text: str) -> Counter[str]:
    """The words of a text, each with how often it stands there."""
    return Counter(re.findall(r"\w+", text))


def compare(found: Counter[str], wanted: Counter[str]) -> tuple[float, float]:
    """The precision and the recall of some words, 0 to 1."""
    common = sum((found & wanted).values())
    return common / max(1, found.total()), common / max(1, wanted.total())


def harmonic_mean(precision: float, recall: float) -> float:
    """F1."""
    return 2 * precision * recall / max(1e-9, precision + recall)
