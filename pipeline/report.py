"""What a run of the corpus build found, kept and rejected, and why: JSON for programs, HTML for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.documents import Documents
from pipeline.duplicates import Decision, Kind

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


def build(
    documents: Documents,
    decisions: Sequence[Decision],
    *,
    run: str,
    new_files: Sequence[str],
    deposit: Mapping[str, Any],
) -> Report:
    """Count what became of every page; `new_files` are the capture files that this run took in."""
    columns = ["id", "source", "source_name", "url", "fetched_url", "capture_key", "http_status", "rejected"]
    rows = documents.read(columns).to_pylist()
    decided = {decision.id: decision for decision in decisions}
    url_of = {row["id"]: row["url"] for row in rows}
    taken = set(new_files)
    new = [row for row in rows if row["capture_key"] in taken]
    return Report(
        run=run,
        total=_count(rows, decided),
        new=_count(new, decided),
        sources={
            source: _count([row for row in rows if row["source"] == source], decided)
            for source in sorted({row["source"] for row in rows})
        },
        names={row["source"]: row["source_name"] for row in sorted(rows, key=lambda row: row["source"])},
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
                "article": url_of[made.article],
                "kind": made.kind,
                "similarity": made.similarity,
            }
            for row in new
            if (made := decided.get(row["id"])) and made.kind
        ],
        deposit=dict(deposit),
    )


def _count(rows: Sequence[Mapping[str, Any]], decided: Mapping[str, Decision]) -> Counts:
    copies: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    articles = 0
    for row in rows:
        if row["rejected"]:
            rejected[row["rejected"]] += 1
        elif kind := decided[row["id"]].kind:
            copies[Kind(kind).value] += 1
        else:
            articles += 1
    return Counts(len(rows), articles, dict(sorted(copies.items())), dict(sorted(rejected.items())))
