"""What a run of the corpus build found, kept and rejected, and why: JSON for programs, HTML for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.corpus.counts import Counts, count, count_by_source
from pipeline.corpus.manifest import Manifest
from pipeline.documents import Documents
from pipeline.duplicates import ARTICLE, REJECTED

_TEMPLATES = Environment(loader=PackageLoader("pipeline"), autoescape=True, undefined=StrictUndefined)
_TEMPLATES.filters["readable"] = unquote

_COLUMNS = [
    "id",
    "source",
    "source_name",
    "url",
    "capture_key",
    "fetched_url",
    "http_status",
    "rejected",
    "decision",
    "article",
    "article_day",
    "similarity",
]


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a run.

    `total` counts the whole corpus, `new` the pages that this run took in, and `sources` these by source id; `names` are the
    outlets' names; `rejections` and `copies` list this run's pages (URL, reason; URL, its article's URL, kind, similarity).
    `left_out` counts the capture files that no build reads, by the ids of their sources, which no file names. `health` says what
    became of ``health/``, with the `problem` where it could not be written. `faults` says what does not add up, a sentence each.
    """

    run: str
    total: Counts
    new: Counts
    sources: dict[str, Counts]
    names: dict[str, str]
    rejections: list[dict[str, Any]]
    copies: list[dict[str, Any]]
    left_out: dict[str, int]
    deposit: dict[str, Any]
    health: dict[str, Any]
    faults: list[str]

    def to_json(self) -> bytes:
        """The report as a JSON file."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()

    def to_html(self) -> str:
        """The report as a page for people."""
        return _TEMPLATES.get_template("report.html").render(report=self)


def make_report(
    documents: Documents,
    manifest: Manifest,
    *,
    run: str,
    taken_in: Mapping[str, int],
    left_out: Mapping[str, int],
    deposit: Mapping[str, Any],
    health: Mapping[str, Any],
) -> Report:
    """Say what became of every page that a run took in: `taken_in` has its capture files, and how many pages each gave."""
    new = documents.of_captures(_COLUMNS, taken_in.keys()).to_pylist()
    copies = [row for row in new if row["decision"] not in {ARTICLE, REJECTED, None}]
    ids, days = {row["article"] for row in copies}, {str(row["article_day"]) for row in copies}
    articles = documents.read(["id", "url"], pc.field("id").isin(pa.array(sorted(ids), pa.string())), days=days)
    url_of = dict(zip(articles["id"].to_pylist(), articles["url"].to_pylist(), strict=True))
    return Report(
        run=run,
        total=manifest.counts,
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
                "article": url_of.get(row["article"], ""),
                "kind": row["decision"],
                "similarity": row["similarity"],
            }
            for row in copies
        ],
        left_out=dict(left_out),
        deposit=dict(deposit),
        health=dict(health),
        faults=[
            *_not_as_taken_in(taken_in, new),
            *(f"{id_} has copies, but is not in documents/" for id_ in sorted(ids - url_of.keys())),
            *manifest.faults(),
        ],
    )


def _not_as_taken_in(taken_in: Mapping[str, int], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The capture files of which the table does not have every page."""
    held = Counter(row["capture_key"] for row in rows)
    for key, pages in sorted(taken_in.items()):
        if held[key] != pages:
            yield f"{key}: {pages} pages captured, but documents/ has {held[key]}"
