"""Takedowns: an article and its copies leave the corpus for good, and are kept out of it.

A takedown is one object, ``takedowns/<article_id>.json``, named after the article that was named: the reason, the time, the
ids of the articles that go (it, what it is a copy of, all copies), and hashes of the texts that went. It holds no text, no
title and no URL. Wherever documents are written, a page that a takedown covers becomes a row that says only that it was
captured and taken down, always the same row: so the corpus stays a pure function of captures, takedowns, configuration
and code, and builds, backfills and imports keep out what is down. Deleting the object and rebuilding brings the article
back, unless its captures were purged.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import corpus
from pipeline.bucket import Bucket
from pipeline.captures import TAKEN_DOWN_URN, Capture, list_page_files, purge, read_index
from pipeline.documents import SCHEMA, Documents, row_hash
from pipeline.duplicates import REJECTED, agreement, decide, other_figures, placed_figures, read_figures, words
from pipeline.errors import WarraqError
from pipeline.rejection import Rejection
from pipeline.urls import article_id, normalize_url

PREFIX = "takedowns/"

AGREEMENT = 0.6
"""Share of two signatures from which a page repeats a text that was taken down. No text is left to verify it on, so it takes more
than `pipeline.duplicates.compare` asks for: the nearest that must not pass, a follow-up of which three fifths recall the earlier
report, agrees in .33 to .52 (300 made-up pairs), the same text with one word in twenty exchanged in .60 to .96, with a lead
of three tenths in .67 to .88. With one word in ten exchanged three in four pass. Reports of a series (a daily toll) agree
further still: they are told by their figures."""

_ARTICLE_ID = re.compile(r"[0-9a-f]{32}")
_FILES = 20
"""Capture files whose rows are replaced in one commit."""
_DAYS = 45
"""Days of documents looked through at a time: bounds the memory."""
_HOPS = 10
_TOLD_BY = ["capture_key", "url", "article_id", "fetched_url", "location", "text_hash", "signature"]


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
        return cls(row["text_hash"], row["signature"], _figures(row["body"]))


@dataclass(frozen=True, slots=True)
class Takedown:
    """What was taken down: `articles` are the ids of the articles, `time` is when it was asked for first, in UTC."""

    article_id: str
    reason: str
    time: datetime
    articles: frozenset[str] = frozenset()
    texts: tuple[Text, ...] = ()

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
        return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def from_json(cls, data: bytes) -> Takedown:
        """Read from the bucket."""
        read = json.loads(data)
        texts = tuple(
            Text(text["text_hash"], base64.b64decode(text["signature"]), text["figures"]) for text in read["texts"]
        )
        time = datetime.fromisoformat(read["time"])
        return cls(read["article_id"], read["reason"], time, frozenset(read["articles"]), texts)

    def extended(self, articles: Iterable[str], texts: Iterable[Text]) -> Takedown:
        """With more articles and texts; reason and time stay those of the first asking."""
        known = {text.text_hash: text for text in (*texts, *self.texts)}
        ordered = tuple(text for _, text in sorted(known.items()))
        return Takedown(self.article_id, self.reason, self.time, self.articles.union(articles), ordered)


class Takedowns:
    """All takedowns of a bucket, as they stood when they were read."""

    def __init__(self, takedowns: Iterable[Takedown]) -> None:
        # Of several that cover a page the earliest counts: then one that comes later changes no row that is down already.
        self._takedowns = sorted(takedowns, key=lambda takedown: (takedown.time, takedown.article_id))
        self._of_article: dict[str, int] = {}
        self._of_text: dict[str, int] = {}
        self._texts: list[tuple[int, Text]] = []
        for number, takedown in enumerate(self._takedowns):
            for article in takedown.articles:
                self._of_article.setdefault(article, number)
            for text in takedown.texts:
                self._of_text.setdefault(text.text_hash, number)
                self._texts.append((number, text))
        self._signatures = b"".join(text.signature for _, text in self._texts)

    def __bool__(self) -> bool:
        return bool(self._takedowns)

    def has(self, url: str) -> bool:
        """Whether the page at a URL, in any spelling, was taken down."""
        return bool(self._of_article) and _id(url) in self._of_article

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
        return bool(self._by_address(row)) or row["text_hash"] in self._of_text or any(self._alike(row))

    def _of(self, row: Mapping[str, Any]) -> str | None:
        if row["fetched_url"].startswith(TAKEN_DOWN_URN):  # emptied, or purged from its capture file
            return str(row["fetched_url"].removeprefix(TAKEN_DOWN_URN))
        numbers = self._by_address(row)
        if (number := self._of_text.get(row["text_hash"])) is not None:
            numbers.append(number)
        alike = list(self._alike(row))
        figures = _figures(row["body"]) if alike else {}
        numbers += [number for number, text in alike if not _of_a_series(text.figures, figures)]
        return self._takedowns[min(numbers)].article_id if numbers else None

    def _by_address(self, row: Mapping[str, Any]) -> list[int]:
        """The takedowns of a page's canonical URL, of that it was fetched from, and of that it redirects to."""
        if not self._of_article:
            return []
        ids = {article_id(row["url"])}
        if row["fetched_url"] != row["url"]:
            ids.add(_id(row["fetched_url"]))
        if row["location"]:
            ids.add(_target(row))
        return [self._of_article[id_] for id_ in ids if id_ in self._of_article]

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
    # Browsers of buckets leave markers.
    keys = [stored.key for stored in bucket.list(PREFIX) if stored.key.endswith(".json")]
    return Takedowns(_read(bucket, key) for key in keys)


def _read(bucket: Bucket, key: str) -> Takedown:
    try:
        return Takedown.from_json(bucket.get(key))
    except (KeyError, TypeError, ValueError) as error:
        raise TakedownError(f"{key} in bucket {bucket.name!r} is no takedown: put it right, or delete it") from error


@dataclass(frozen=True, slots=True)
class Outcome:
    """What taking down did: the takedown, how many captured pages were emptied and purged, and which days were written."""

    takedown: Takedown
    emptied: int
    purged: int
    days: list[str]


def take_down(bucket: Bucket, named: str, reason: str, *, now: datetime, purge_captures: bool = False) -> Outcome:
    """Take down the article that a URL or an article id names, what it is a copy of, and every copy.

    The texts leave ``documents/``, ``articles/`` and what builds handed on in ``work/``, the table's older versions included;
    with `purge_captures` also the capture files. `now` is the time to note. Killed at any point and run again, it ends the same;
    repeated, it changes nothing but takes in what a build that ran at the same time had still let through.

    Raises:
        TakedownError: no such article, no URL, or no reason.
        ConflictError: another writer was there at the same time; run again.
        BucketError: the store cannot be reached.
    """
    if not reason.strip():
        raise TakedownError("a takedown needs a reason: who asked for it, and when")
    takedown = _record(bucket, named, reason, now)
    known = taken_down(bucket)
    _empty_work(bucket, known)
    # Opened only now: what comes later was written by a build that reads the takedowns again before it decides.
    documents = Documents(bucket)
    emptied = _sweep(documents, known, _all_suspects(documents, Takedowns([takedown])))
    days: list[str] = []
    if documents.files:
        decide(Documents(bucket))
        deposit = corpus.deposit(bucket)
        days = sorted({*deposit.written, *deposit.deleted})
        if days:  # readers who ask for changes by time learn of days that are gone
            told = json.dumps({"deposit": asdict(deposit)}).encode()
            run = f"takedown-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{takedown.article_id[:6]}"
            bucket.put(f"reports/{run}/report.json", told, content_type="application/json")
        documents.vacuum()
    purged = _purge(bucket, documents, takedown) if purge_captures else 0
    return Outcome(takedown, emptied, purged, days)


def sweep_pending(bucket: Bucket) -> int:
    """Empty what is down among the documents that nothing was decided on yet, and return how many those were.

    A takedown that comes between a build's reading of the takedowns and its writing of documents misses those, and the
    build misses it: this finds them before they reach a reader.
    """
    known = taken_down(bucket)
    if not known:
        return 0
    documents = Documents(bucket)
    pending = {id_.rpartition("#")[0] for id_ in documents.pending()["id"].to_pylist()}
    emptied = _sweep(documents, known, _suspects(known, documents.of_captures(_TOLD_BY, pending)))
    if emptied:
        documents.vacuum()
    return emptied


# Which articles ----------------------------------------------------------------------------------------------------------


def _record(bucket: Bucket, named: str, reason: str, now: datetime) -> Takedown:
    """Write the takedown of what is named, or add to the one that it belongs to."""
    documents = Documents(bucket)
    first = named if _ARTICLE_ID.fullmatch(named) else _id(_web_address(named))
    known = taken_down(bucket).covering(first)
    if known is None and first == named and not len(documents.read(["id"], pc.field("article_id") == named)):
        raise TakedownError(f"no article {named} is in the corpus: name it by its URL to keep it out")
    articles = _group(documents, first)
    wanted = _is_in("article_id", articles) & pc.field("text_hash").is_valid()
    texts = map(Text.of, documents.read(["text_hash", "signature", "body"], wanted).to_pylist())
    takedown = (known or Takedown(first, reason, now)).extended(articles, texts)
    if takedown != known:
        key = f"{PREFIX}{takedown.article_id}.json"
        etag = bucket.get_with_etag(key)[1] if known else None
        bucket.put(key, takedown.to_json(), content_type="application/json", if_etag=etag, if_absent=known is None)
    return takedown


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise TakedownError(f"{url} is neither the URL of a web page nor the id of an article (32 hexadecimal digits)")
    return url


def _group(documents: Documents, first: str) -> set[str]:
    """The ids of an article, of what it is a copy of, and of every copy of that."""
    group = _leading_to(documents, first)
    own = _column(documents, "article", _is_in("article_id", group))
    # What was decided on a revision names the document that stands for its URL, which may be a copy in turn.
    roots = _column(documents, "article", _is_in("id", own))
    return group | _column(documents, "article_id", _is_in("article", roots))


def _leading_to(documents: Documents, first: str) -> set[str]:
    """An id, and those of the canonical URLs that its page states and redirects to."""
    aside = pc.field("location").is_valid() | (pc.field("fetched_url") != pc.field("url"))
    rows = documents.read(["article_id", "url", "fetched_url", "location"], aside).to_pylist()
    leads = [(_id(row["fetched_url"]), row["article_id"]) for row in rows]
    leads += [(row["article_id"], _target(row)) for row in rows if row["location"]]
    found = {first}
    for _ in range(_HOPS):
        found |= {end for start, end in leads if start in found}
    return found


def _column(documents: Documents, name: str, where: pc.Expression) -> set[str]:
    return set(pc.unique(documents.read([name], where)[name].drop_null()).to_pylist())


def _is_in(name: str, values: Collection[str]) -> pc.Expression:
    return pc.field(name).isin(pa.array(sorted(values), pa.string()))


def _id(url: str) -> str:
    return article_id(normalize_url(url))


def _target(row: Mapping[str, Any]) -> str:
    """The id of the page that a redirect leads to."""
    try:
        return _id(urljoin(row["fetched_url"], row["location"]))
    except ValueError:  # such as an unclosed bracket in the host
        return ""


# What is stored ----------------------------------------------------------------------------------------------------------


def _all_suspects(documents: Documents, takedowns: Takedowns) -> set[str]:
    """The capture files that may hold what is down, of the whole table."""
    days = sorted(set(documents.files.values()))
    found: set[str] = set()
    for start in range(0, len(days), _DAYS):
        found |= _suspects(takedowns, documents.read(_TOLD_BY, days=days[start : start + _DAYS]))
    return found


def _suspects(takedowns: Takedowns, rows: pa.Table) -> set[str]:
    return {row["capture_key"] for row in rows.to_pylist() if takedowns.suspects(row)}


def _sweep(documents: Documents, takedowns: Takedowns, files: set[str]) -> int:
    """Empty the rows of these capture files that are down, and return how many were."""
    ordered, emptied = sorted(files), 0
    for start in range(0, len(ordered), _FILES):
        standing = documents.of_captures(SCHEMA.names, ordered[start : start + _FILES]).to_pylist()
        rows = [takedowns.emptied(row) or row for row in standing]
        documents.replace(pa.Table.from_pylist(rows, schema=SCHEMA))
        emptied += sum(row["row_hash"] != was["row_hash"] for row, was in zip(rows, standing, strict=True))
    return emptied


def _empty_work(bucket: Bucket, takedowns: Takedowns) -> None:
    """Empty the rows that builds, running or killed, have cleaned and not yet written."""
    for stored in bucket.list("work/"):
        if "/cleaned/" not in stored.key:
            continue
        table = pq.read_table(io.BytesIO(bucket.get(stored.key)))
        rows = table.to_pylist()
        if any(map(takedowns.suspects, rows)):
            emptied = pa.Table.from_pylist([takedowns.emptied(row) or row for row in rows], schema=table.schema)
            buffer = io.BytesIO()
            pq.write_table(emptied, buffer, compression="zstd")
            bucket.put(stored.key, buffer.getvalue(), if_etag=stored.etag)


def _purge(bucket: Bucket, documents: Documents, takedown: Takedown) -> int:
    """Purge the captures of what a takedown covers, also from files that no build has taken in."""
    ours = pc.field("article_id") == takedown.article_id
    rows = documents.read(
        ["capture_key", "capture_offset"], ours & (pc.field("rejected") == Rejection.TAKEN_DOWN.value)
    )
    offsets: dict[str, set[int]] = {}
    for row in rows.to_pylist():
        offsets.setdefault(row["capture_key"], set()).add(row["capture_offset"])
    taken, only = documents.capture_files(), Takedowns([takedown])
    for key in list_page_files(bucket):
        if key not in taken and any(map(only.has, _addresses(bucket, key))):
            offsets[key] = set()
    return sum(
        purge(bucket, key, takedown.article_id, partial(_is_down, only, offsets[key])) for key in sorted(offsets)
    )


def _addresses(bucket: Bucket, key: str) -> Iterator[str]:
    for line in read_index(bucket, key):
        yield line.url
        if line.location:
            yield urljoin(line.url, line.location)


def _is_down(takedowns: Takedowns, offsets: set[int], capture: Capture) -> bool:
    if capture.offset in offsets or takedowns.has(capture.url):
        return True
    return capture.location is not None and takedowns.has(urljoin(capture.url, capture.location))


# Figures -----------------------------------------------------------------------------------------------------------------


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
