"""Takedowns: an article and its copies leave the corpus for good, and are kept out of it.

A takedown is one object, ``takedowns/<article_id>.json``, named after the article that was named: the reason, the time, the
ids of the articles that go (it, what it is a copy of, all copies), and hashes of the texts that went. It holds no text, no
title and no URL. Wherever documents are written, a page that a takedown covers becomes a row that says only that it was
captured and taken down, always the same row: so the corpus stays a pure function of captures, takedowns, configuration
and code, and builds, backfills and imports keep out what is down. Deleting the object and rebuilding brings the article
back, unless its captures were purged.

A whole source is taken down by ``takedowns/source=<id>.json``: it names the source's ids, under which its captures lie, and its
hosts, so that no other source captures its pages either. It has no texts: what other outlets took from it stays.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import numpy as np

from pipeline.bucket import Bucket
from pipeline.captures import TAKEN_DOWN_URN, source_of
from pipeline.documents import SCHEMA, row_hash, text_facts
from pipeline.duplicates import REJECTED, agreement, other_figures, placed_figures, read_figures, words
from pipeline.errors import WarraqError
from pipeline.rejection import Rejection
from pipeline.urls import article_id, normalize_url, numbered_page

PREFIX = "takedowns/"
_RECORD = re.compile(rf"{PREFIX}([0-9a-f]{{32}}|source=[^/]+)\.json")

AGREEMENT = 0.6
"""Share of two signatures from which a page repeats a text that was taken down. No text is left to verify it on, so it takes more
than `pipeline.duplicates.compare` asks for: the nearest that must not pass, a follow-up of which three fifths recall the earlier
report, agrees in .33 to .52 (300 made-up pairs), the same text with one word in twenty exchanged in .60 to .96, with a lead
of three tenths in .67 to .88. With one word in ten exchanged three in four pass. Reports of a series (a daily toll) agree
further still: they are told by their figures."""


class TakedownError(WarraqError):
    """What is to be taken down is not known, or is no address."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that was taken down: hashes by which it is known again, and a hash of each of its figures by the place's hash."""

    text_hash: str
    signature: bytes
    figures: Mapping[str, str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Text:
        """That of a document."""
        return cls(row["text_hash"], row["signature"], _figures(row["whole_body"] or row["body"]))

    @classmethod
    def all_of(cls, row: Mapping[str, Any]) -> Iterator[Text]:
        """That of a document, and of its own page where it is the first of several."""
        yield cls.of(row)
        if row["whole_body"]:
            yield cls.of({**text_facts(row["title"], row["body"]), "body": row["body"], "whole_body": None})


@dataclass(frozen=True, slots=True)
class Takedown:
    """What was taken down: `articles` are the ids of the articles, `time` is when it was asked for first, in UTC.

    Of a whole source `article_id` is ``source=<id>``; `sources` are its ids, `hosts` its hosts.
    """

    article_id: str
    reason: str
    time: datetime
    articles: frozenset[str] = frozenset()
    texts: tuple[Text, ...] = ()
    sources: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Where it lies in the bucket."""
        return f"{PREFIX}{self.article_id}.json"

    def to_json(self) -> bytes:
        """The object in the bucket."""
        texts = [
            {
                "text_hash": text.text_hash,
                "signature": base64.b64encode(text.signature).decode(),
                "figures": dict(sorted(text.figures.items())),
            }
            for text in self.texts
        ]
        data = {"article_id": self.article_id, "reason": self.reason, "time": self.time.isoformat()}
        data |= {"articles": sorted(self.articles), "texts": texts}  # type: ignore[dict-item]
        if self.sources:
            data |= {"sources": sorted(self.sources), "hosts": sorted(self.hosts)}  # type: ignore[dict-item]
        return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def from_json(cls, data: bytes) -> Takedown:
        """Read from the bucket."""
        read = json.loads(data)
        texts = tuple(
            Text(text["text_hash"], base64.b64decode(text["signature"]), text["figures"]) for text in read["texts"]
        )
        time = datetime.fromisoformat(read["time"])
        articles, sources, hosts = (frozenset(read.get(name, ())) for name in ("articles", "sources", "hosts"))
        return cls(read["article_id"], read["reason"], time, articles, texts, sources, hosts)

    def extended(self, articles: Iterable[str], texts: Iterable[Text]) -> Takedown:
        """With more articles and texts; reason and time stay those of the first asking."""
        known = {text.text_hash: text for text in (*texts, *self.texts)}
        ordered = tuple(text for _, text in sorted(known.items()))
        return replace(self, articles=self.articles.union(articles), texts=ordered)


class Takedowns:
    """All takedowns of a bucket, as they stood when they were read."""

    def __init__(self, takedowns: Iterable[Takedown]) -> None:
        # Of several that cover a page the earliest counts: then one that comes later changes no row that is down already.
        self._takedowns = sorted(takedowns, key=lambda takedown: (takedown.time, takedown.article_id))
        self._of_article: dict[str, int] = {}
        self._of_source: dict[str, int] = {}
        self._of_host: dict[str, int] = {}
        self._of_text: dict[str, int] = {}
        self._texts: list[tuple[int, Text]] = []
        for number, takedown in enumerate(self._takedowns):
            for article in takedown.articles:
                self._of_article.setdefault(article, number)
            for source in takedown.sources:
                self._of_source.setdefault(source, number)
            for host in takedown.hosts:
                self._of_host.setdefault(host, number)
            for text in takedown.texts:
                self._of_text.setdefault(text.text_hash, number)
                self._texts.append((number, text))
        self._signatures = b"".join(text.signature for _, text in self._texts)

    def __bool__(self) -> bool:
        return bool(self._takedowns)

    def has(self, url: str) -> bool:
        """Whether the page at a URL, in any spelling, was taken down, or is a later page of one that was."""
        return bool(self._at(url)) or (bool(self._of_article) and numbered_page(url)[0] in self._of_article)

    def has_file(self, capture_key: str) -> bool:
        """Whether all that a capture file holds was taken down, with its source."""
        return self.has_source(source_of(capture_key))

    def has_source(self, source: str) -> bool:
        """Whether a whole source, given by any of its ids, was taken down."""
        return source in self._of_source

    def covering(self, article: str) -> Takedown | None:
        """The earliest takedown that an article, given by its id, belongs to."""
        number = self._of_article.get(article)
        return None if number is None else self._takedowns[number]

    def emptied(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """The row that a document becomes that is down; None for one that is not.

        What is left: which capture it was, of which source, and which takedown covers it. The address goes too, since a
        site may write the headline in it.
        """
        takedown = self._of(row)
        if takedown is None:
            return None
        urn = f"{TAKEN_DOWN_URN}{takedown}"
        kept = ("id", "source", "source_name", "captured_at", "capture_key", "capture_offset", "extractor")
        left = dict.fromkeys(SCHEMA.names) | {name: row[name] for name in kept}
        left |= {"url": urn, "fetched_url": urn, "article_id": takedown, "rejected": Rejection.TAKEN_DOWN.value}
        left |= {"http_status": 0, "digest": "", "found": "{}", "decision": REJECTED}
        left["day"] = f"{row['captured_at']:%Y-%m-%d}"
        left["row_hash"] = row_hash(left)
        return left

    def suspects(self, row: Mapping[str, Any]) -> bool:
        """Whether a document may be down that is not emptied yet, told without its body."""
        if row["fetched_url"].startswith(TAKEN_DOWN_URN):
            return False
        if self.has_file(row["capture_key"]) or self._by_address(row):
            return True
        return row["text_hash"] in self._of_text or any(self._alike(row))

    def _of(self, row: Mapping[str, Any]) -> str | None:
        if row["fetched_url"].startswith(TAKEN_DOWN_URN):  # emptied, or purged from its capture file
            return str(row["fetched_url"].removeprefix(TAKEN_DOWN_URN))
        numbers = self._by_address(row)
        if (number := self._of_source.get(source_of(row["capture_key"]))) is not None:
            numbers.append(number)
        if (number := self._of_text.get(row["text_hash"])) is not None:
            numbers.append(number)
        alike = list(self._alike(row))
        figures = _figures(row.get("whole_body") or row["body"]) if alike else {}
        numbers += [number for number, text in alike if not _of_a_series(text.figures, figures)]
        return self._takedowns[min(numbers)].article_id if numbers else None

    def _by_address(self, row: Mapping[str, Any]) -> list[int]:
        """The takedowns of a page's canonical URL, of that it was fetched from or redirects to, and of the article it continues."""
        if not self._of_article and not self._of_host:
            return []
        urls = {row["url"], row["fetched_url"]}
        if row["location"] and (target := redirect_target(row)):
            urls.add(target)
        numbers = [number for url in urls for number in self._at(url)]
        return [*numbers, self._of_article[row["series"]]] if row["series"] in self._of_article else numbers

    def _at(self, url: str) -> list[int]:
        """The takedowns of the page at a URL, in any spelling: its own, and that of its whole host."""
        numbers = [self._of_article.get(id_of_url(url)) if self._of_article else None]
        numbers.append(self._of_host.get(_host(url)) if self._of_host else None)
        return [number for number in numbers if number is not None]

    def _alike(self, row: Mapping[str, Any]) -> Iterator[tuple[int, Text]]:
        """The texts whose signatures agree with that of a document."""
        if row["signature"] is None or not self._texts:
            return
        for place in np.flatnonzero(agreement(row["signature"], self._signatures) >= AGREEMENT).tolist():
            yield self._texts[place]


def taken_down(bucket: Bucket) -> Takedowns:
    """The takedowns of a bucket.

    Raises:
        TakedownError: one of them cannot be read.
        BucketError: the store cannot be reached.
    """
    keys = [stored.key for stored in bucket.list(PREFIX) if _RECORD.fullmatch(stored.key)]
    return Takedowns(_read(bucket, key) for key in keys)


def _read(bucket: Bucket, key: str) -> Takedown:
    try:
        return Takedown.from_json(bucket.get(key))
    except (KeyError, TypeError, ValueError) as error:
        raise TakedownError(f"{key} in bucket {bucket.name!r} is no takedown: put it right, or delete it") from error


def id_of_url(url: str) -> str:
    """The article id of the page at a URL, in any spelling."""
    return article_id(normalize_url(url))


def redirect_target(row: Mapping[str, Any]) -> str:
    """The URL of the page that a redirect leads to; empty where it is none."""
    try:
        return normalize_url(urljoin(row["fetched_url"], row["location"]))
    except ValueError:  # such as an unclosed bracket in the host
        return ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _figures(text: str) -> dict[str, str]:
    """A hash of each figure of a text by a hash of its place: after which two words and before which one it stands."""
    places: Counter[tuple[str, ...]] = Counter()
    figures = {}
    for place, figure in placed_figures(*read_figures(words(text))):
        places[place] += 1
        numbered = f"{places[place]} {' '.join(place)}"
        figures[_short_hash(numbered)] = _short_hash(f"{numbered} {figure}")
    return figures


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _of_a_series(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two texts that agree otherwise differ in their figures, as `pipeline.duplicates.compare` tells a series."""
    common = one.keys() & other.keys()
    kept = sum(one[place] == other[place] for place in common)
    return other_figures(len(common) - kept, kept)
