"""What a run of the corpus build found, kept and rejected, and why: JSON for programs, HTML for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.documents import Documents
from pipeline.duplicates import ARTICLE

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

    `total` counts the whole corpus, `new` the pages that this run took in, `sources` the whole corpus by source id; `rejections`
    and `copies` list this run's pages (URL, reason; URL, its article's URL, kind, similarity).
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


def build(documents: Documents, *, run: str, new_files: Sequence[str], deposit: Mapping[str, Any]) -> Report:
    """Count what became of every page; `new_files` are the capture files that this run took in."""
    everything = documents.read(["source", "source_name", "rejected", "decision"]).to_pylist()
    columns = [
        "id",
        "source",
        "url",
        "fetched_url",
        "http_status",
        "rejected",
        "decision",
        "article",
        "article_day",
        "similarity",
    ]
    new = documents.read(columns, pc.field("capture_key").isin(pa.array(new_files, pa.string()))).to_pylist()
    copies = [row for row in new if row["decision"] not in {ARTICLE, None}]
    articles = documents.read(
        ["id", "url"], pc.field("id").isin(pa.array([row["article"] for row in copies], pa.string()))
    )
    url_of = dict(zip(articles["id"].to_pylist(), articles["url"].to_pylist(), strict=True))
    return Report(
        run=run,
        total=_count(everything),
        new=_count(new),
        sources={
            source: _count([row for row in everything if row["source"] == source])
            for source in sorted({row["source"] for row in everything})
        },
        names={row["source"]: row["source_name"] for row in sorted(everything, key=lambda row: row["source_name"])},
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


def _count(rows: Sequence[Mapping[str, Any]]) -> Counts:
    copies = Counter(row["decision"] for row in rows if row["decision"] not in {ARTICLE, None})
    rejected = Counter(row["rejected"] for row in rows if row["rejected"])
    articles = sum(row["decision"] == ARTICLE for row in rows)
    return Counts(len(rows), articles, dict(sorted(copies.items())), dict(sorted(rejected.items())))
