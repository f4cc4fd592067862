"""What a run of the corpus build found, kept and rejected, and why: JSON for programs, HTML for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.documents import Documents
from pipeline.duplicates import ARTICLE, REJECTED

_TEMPLATES = Environment(loader=PackageLoader("pipeline"), autoescape=True, undefined=StrictUndefined)
_TEMPLATES.filters["readable"] = unquote


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of captured pages. captured = articles + the sum of copies + the sum of rejected."""

    captured: int
    articles: int
    copies: dict[str, int]
    rejected: dict[str, int]

    @property
    def reconciled(self) -> bool:
        """Whether every captured page is accounted for."""
        return self.captured == self.articles + sum(self.copies.values()) + sum(self.rejected.values())


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a run.

    `total` counts the whole corpus, `new` the pages that this run took in, and `sources` these by source id; `names` are the
    outlets' names; `rejections` and `copies` list this run's pages (URL, reason; URL, its article's URL, kind, similarity).
    """

    run: str
    total: Counts
    new: Counts
    sources: dict[str, Counts]
    names: dict[str, str]
    rejections: list[dict[str, Any]]
    copies: list[dict[str, Any]]
    deposit: dict[str, Any]

    def to_json(self) -> bytes:
        """The report as a JSON file."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()

    def to_html(self) -> str:
        """The report as a page for people."""
        return _TEMPLATES.get_template("report.html").render(report=self)


def build(
    documents: Documents, total: Counts, *, run: str, new_files: Collection[str], deposit: Mapping[str, Any]
) -> Report:
    """Say what became of every page of `new_files`, the capture files that this run took in; `total` is of the whole corpus."""
    new = documents.of_captures(_COLUMNS, new_files).to_pylist()
    copies = [row for row in new if row["decision"] not in {ARTICLE, REJECTED, None}]
    ids, days = {row["article"] for row in copies}, {str(row["article_day"]) for row in copies}
    articles = documents.read(["id", "url"], pc.field("id").isin(pa.array(sorted(ids), pa.string())), days=days)
    url_of = dict(zip(articles["id"].to_pylist(), articles["url"].to_pylist(), strict=True))
    return Report(
        run=run,
        total=total,
        new=count(new),
        sources=count_by_source(new),
        names={row["source"]: row["source_name"] for row in sorted(new, key=lambda row: row["source_name"])},
        rejections=[
            {
                "source": row["source"],
                "url": row["fetched_url"],
                "status": row["http_status"],
                "reason": row["rejected"],
            }
            for row in new
            if row["rejected"]
        ],
        copies=[
            {
                "source": row["source"],
                "url": row["url"],
                "article": url_of[row["article"]],
                "kind": row["decision"],
                "similarity": row["similarity"],
            }
            for row in copies
        ],
        deposit=dict(deposit),
    )


_COLUMNS = [
    "id",
    "source",
    "source_name",
    "url",
    "fetched_url",
    "http_status",
    "rejected",
    "decision",
    "article",
    "article_day",
    "similarity",
]


def count_by_source(rows: Sequence[Mapping[str, Any]]) -> dict[str, Counts]:
    """What became of pages, given by the columns source, rejected and decision, by the ids of their sources."""
    sources = sorted({row["source"] for row in rows})
    return {source: count([row for row in rows if row["source"] == source]) for source in sources}


def count(rows: Sequence[Mapping[str, Any]]) -> Counts:
    """What became of pages, given by the columns rejected and decision."""
    copies = Counter(row["decision"] for row in rows if row["decision"] not in {ARTICLE, REJECTED, None})
    rejected = Counter(row["rejected"] for row in rows if row["rejected"])
    articles = sum(row["decision"] == ARTICLE for row in rows)
    return Counts(len(rows), articles, dict(sorted(copies.items())), dict(sorted(rejected.items())))
