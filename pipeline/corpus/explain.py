"""Why a document is an article or a copy, told for people: what it was held against, and the shares that decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow.compute as pc

from pipeline.bucket import Bucket
from pipeline.corpus.takedown_records import taken_down
from pipeline.documents import JOINED, Documents
from pipeline.duplicates import (
    ARTICLE,
    CONTAINED,
    COVERED,
    DECISION,
    NEAR_JACCARD,
    SHORT_DAYS,
    SHORT_WORDS,
    WINDOW_DAYS,
    Comparison,
    Features,
    Kind,
    agreement,
    compare,
)
from pipeline.errors import WarraqError
from pipeline.rejection import Rejection
from pipeline.series import CONTINUES
from pipeline.urls import article_id, normalize_url

OTHERS = 3
"""How many of the most alike documents that are not merged with it are told of an article."""

ALIKE = 0.05
"""Share of the signature from which such a document is worth telling: unrelated reports share less."""

_COLUMNS = [
    "id",
    "article_id",
    "url",
    "source_name",
    "title",
    "body",
    "published_day",
    "captured_at",
    "text_hash",
    "signature",
    "rejected",
    "series",
    "body_method",
    "next_page",
    *JOINED.names,
    "http_status",
    "location",
    "decision",
    "article",
    "article_day",
    "matched",
    "similarity",
]
Row = Mapping[str, Any]

_FACTS = (
    *("url", "article_id", "captured_at", "published_day", "rejected", "http_status", "location"),
    *("decision", "article", "matched", "similarity"),
)

_REASONS = {
    "short": f"one has fewer than {SHORT_WORDS} words: such texts are one report only in the same words, within {SHORT_DAYS} days",
    "different": "they share too few of their shingles",
    "series": "the same words with other figures: reports of a series, a toll, prices, the weather",
    "partial": "what they share stands in a part of the text only: a follow-up that recalls what happened before",
}


class ExplainError(WarraqError):
    """There is nothing to explain; the message says what was looked for."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What was decided on one capture of a page, or how two pages stand to each other.

    `facts` are the columns of ``documents/`` that say it (of two pages their addresses), `says` the sentences, indented by two
    spaces for each level.
    """

    facts: Mapping[str, Any]
    says: tuple[str, ...]

    @property
    def lines(self) -> Iterator[str]:
        """As people read it."""
        if at := self.facts.get("captured_at"):
            yield f"{self.facts['url']}, captured {at:%Y-%m-%d %H:%M} UTC"
        yield from self.says

    def to_json(self) -> dict[str, Any]:
        """Plain data for ``json.dumps``: times and days in ISO 8601."""
        facts = {name: value.isoformat() if isinstance(value, date) else value for name, value in self.facts.items()}
        return {**facts, "says": [line.strip() for line in self.says]}


def explain(bucket: Bucket, wanted: str, other: str | None = None) -> Iterator[Explained]:
    """What was decided on each capture of a page, given by its URL or article id, and why; or how it stands to another.

    Raises:
        ExplainError: no captured page has this URL or id.
        BucketError: the store cannot be reached.
    """
    documents = Documents(bucket)
    pages = _find(bucket, documents, wanted)
    if other is not None:
        one, another = _standing(pages, wanted), _standing(_find(bucket, documents, other), other)
        same = one["id"] == another["id"]
        says = ("one and the same page",) if same else tuple(_held_against(one, another))
        yield Explained({"url": one["url"], "other": another["url"]}, says)
        return
    for row in pages:
        yield Explained({name: row[name] for name in _FACTS}, tuple(_of_page(documents, row)))


def _of_page(documents: Documents, row: Row) -> Iterator[str]:
    """What was decided on a capture, and why."""
    if row["rejected"] == Rejection.LATER_PAGE:
        firsts = documents.of_series(["url", "next_page", "rejected"], {row["series"]}).to_pylist()
        of = sorted({one["url"] for one in firsts if one["rejected"] is None and one["next_page"]} - {row["url"]})
        yield f"  rejected: later_page: its text is part of the article at {', '.join(of) or row['url']}"
    elif row["rejected"] is not None:
        leads = f" to {row['location']}" if row["location"] else ""
        yield f"  rejected: {row['rejected']} (HTTP {row['http_status']}{leads})"
    elif row["decision"] is None:
        yield "  not decided yet: `warraq build` decides"
    elif row["decision"] in {Kind.REVISION, Kind.RECAPTURE}:
        older = row["decision"] == Kind.REVISION
        yield f"  {'an older text' if older else 'the same text again'} of this URL; {row['article']} stands for it"
    elif row["decision"] == ARTICLE:
        yield "  an article"
        yield from _pages(row)
        yield from _around(documents, row)
    else:
        yield f"  a copy ({row['decision']}), similarity {row['similarity']:.2f}"
        yield from _held_against(_match(documents, row), row)
        if row["article"] != row["matched"]:
            yield f"  which is itself a copy of {row['article']}"


def _find(bucket: Bucket, documents: Documents, wanted: str) -> list[Row]:
    by_url = "://" in wanted
    id_ = article_id(normalize_url(wanted)) if by_url else wanted
    found = documents.of_articles(_COLUMNS, {id_}).to_pylist()
    if (by_url and taken_down(bucket).has(wanted)) or any(row["rejected"] == Rejection.TAKEN_DOWN for row in found):
        raise ExplainError(f"{wanted} was taken down: nothing more is kept of it")
    if not found:
        raise ExplainError(f"no captured page has the {'URL' if by_url else 'article id'} {wanted}")
    return sorted(found, key=lambda row: (row["captured_at"], row["id"]))


def _standing(pages: Sequence[Row], wanted: str) -> Row:
    """The page that stands for its URL."""
    standing = [row for row in pages if row["rejected"] is None]
    standing = [row for row in standing if row["decision"] not in {Kind.REVISION, Kind.RECAPTURE}] or standing
    if not standing:
        raise ExplainError(f"{wanted}: no article: {pages[-1]['rejected']}")
    return standing[-1]


def _match(documents: Documents, row: Row) -> Row:
    """What a copy repeats."""
    capture_key, _, _ = row["matched"].rpartition("#")
    rows = documents.of_captures(_COLUMNS, {capture_key})
    [match] = rows.filter(pc.equal(rows["id"], row["matched"])).to_pylist()
    return dict(match)


def _pages(row: Row) -> Iterator[str]:
    """The pages of an article over several, and where the first or the next one is missing."""
    if (row["body_method"] or "").endswith(CONTINUES):
        yield "  it continues a page that is not in the corpus"
    for number, page in enumerate(row["whole"]["pages"] if row["whole"] else [], 2):
        yield f"  its page {number}: {page['url']}, captured {page['captured_at']:%Y-%m-%d %H:%M} UTC"
    missing = row["whole"]["next_page"] if row["whole"] else row["next_page"]
    if missing:
        yield f"  it goes on at {missing}, which is not in the corpus"


def _around(documents: Documents, row: Row) -> Iterator[str]:
    """The copies of an article, and those most alike that are none."""
    window = timedelta(days=WINDOW_DAYS)
    columns = ["id", "url", "published_order", "published_day", "signature", *DECISION.names]
    near = documents.between(row["published_day"] - window, row["published_day"] + window, columns)
    near = near.filter(pc.is_valid(near["article"]))
    copies = near.filter(pc.and_(pc.equal(near["article"], row["id"]), pc.not_equal(near["id"], row["id"])))
    for copy in copies.sort_by([("published_order", "ascending"), ("url", "ascending")]).to_pylist():
        if copy["decision"] not in {Kind.REVISION, Kind.RECAPTURE}:
            yield f"  its copy: {copy['url']} ({copy['decision']}, {copy['similarity']:.2f})"
    others = near.filter(pc.not_equal(near["article"], row["id"]))
    estimates = agreement(row["signature"], b"".join(others["signature"].to_pylist()))
    alike = [place for place in np.argsort(-estimates, kind="stable")[:OTHERS].tolist() if estimates[place] >= ALIKE]
    for place in alike:
        id_, day = others["id"][place].as_py(), others["published_day"][place].as_py()
        [other] = documents.read(_COLUMNS, pc.field("id") == id_, days={str(day)}).to_pylist()
        yield "  not merged:"
        yield from _held_against(*sorted((row, other), key=_place))


def _place(row: Row) -> tuple[date, str]:
    return row["published_day"], row["url"]


def _held_against(earlier: Row, later: Row) -> Iterator[str]:
    for name, row in (("earlier", earlier), ("later", later)):
        yield f"    {name}: {row['published_day']} {row['source_name']}: {row['title'] or '(no headline)'} <{row['url']}>"
    days = abs((later["published_day"] - earlier["published_day"]).days)
    if days > WINDOW_DAYS:
        yield f"    no copy: {days} days apart, and only what lies within {WINDOW_DAYS} days is compared"
        return
    if earlier["text_hash"] == later["text_hash"]:
        yield "    the same words, spelling and punctuation apart"
        return
    texts = (Features.of(row["whole_body"] or row["body"]) for row in (earlier, later))
    yield from (f"    {line}" for line in _told(compare(*texts)))


def _told(made: Comparison) -> Iterator[str]:
    yield f"{made.jaccard:.0%} of both texts' shingles are common (near from {NEAR_JACCARD:.0%})"
    yield f"{made.contained:.0%} of the shorter one's are in the longer one (contained from {CONTAINED:.0%})"
    if made.covered is not None:
        yield f"{made.covered:.0%} of the shorter one's blocks are repeated (a copy from {COVERED:.0%})"
    yield f"figures at the same places: {made.kept} the same, {made.exchanged} exchanged"
    yield f"a copy: {made.kind}" if made.kind is not None else f"no copy: {_REASONS[made.reason or 'different']}"
