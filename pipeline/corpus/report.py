"""What a run of the corpus build found, kept and rejected, and why: JSON for programs, HTML for people."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import html
from pipeline.corpus.counts import Counts, count, count_by_source
from pipeline.corpus.manifest import Manifest, partition_key
from pipeline.documents import Documents
from pipeline.duplicates import ARTICLE, REJECTED

_MOST_SHOWN = 50
"""Pages of a source's reason, days and files that the page shows; the JSON has all."""

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
    "relevance",
]


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a run, made `at` an instant (ISO 8601).

    `total` counts the whole corpus, `new` the pages that this run took in, and `sources` these by source id; `relevant` says how
    many of a source's new articles are called relevant to a conflict; `names` are the outlets' names; `captures` are
    the files that they came in, with the pages of each; `rejections` and `copies` list this run's pages (URL, reason; URL, its
    article's URL, kind, similarity), each with its capture's file and offset. `left_out` counts the capture files that no build
    reads, by the ids of their sources, which no file names. `health` says what became of ``health/``,
    with the `problem` where it could not be written, and the `verdicts` on the sources of which there was news, the worst first.
    `card` says which files of ``card/`` and ``sources/`` were written, with the `problem` where they could not be, and `index` the
    same of ``search/``. `faults` says what does not add up, a sentence each.
    """

    run: str
    at: str
    total: Counts
    new: Counts
    sources: dict[str, Counts]
    relevant: dict[str, int]
    names: dict[str, str]
    captures: dict[str, int]
    rejections: list[dict[str, Any]]
    copies: list[dict[str, Any]]
    left_out: dict[str, int]
    deposit: dict[str, Any]
    health: dict[str, Any]
    card: dict[str, Any]
    index: dict[str, Any]
    faults: list[str]

    @property
    def idle(self) -> bool:
        """Whether the run took no page in, changed no day of the corpus, and found nothing that a person must know."""
        did = self.new.captured or self.deposit["written"] or self.deposit["deleted"]
        problems = [told["problem"] for told in (self.health, self.card, self.index)]
        return not (did or self.left_out or any(problems) or self.faults)

    def to_json(self) -> bytes:
        """The report as a JSON file."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()

    def to_html(self) -> str:
        """The report as a page for people, the worst sources first; links lead to the bucket's files two folders up."""
        return html.render(
            "report.html",
            report=self,
            at=datetime.fromisoformat(self.at),
            sources=self._sections(),
            most=_MOST_SHOWN,
            written=[(day, partition_key(day)) for day in self.deposit["written"][:_MOST_SHOWN]],
            captures=sorted(self.captures.items())[:_MOST_SHOWN],
        )

    def _sections(self) -> list[_Section]:
        """The sources with pages in this run: those with a verdict, the worst first, then the others."""
        verdicts = {one["source"]: one for one in self.health["verdicts"]}
        return [
            _Section(
                id=id_,
                name=self.names[id_],
                verdict=verdicts.get(id_),
                counts=self.sources[id_],
                relevant=self.relevant[id_],
                rejections=_by_reason(row for row in self.rejections if row["source"] == id_),
                copies=[row for row in self.copies if row["source"] == id_],
            )
            for id_ in dict.fromkeys([*verdicts, *self.sources])
            if id_ in self.sources
        ]


@dataclass(frozen=True, slots=True)
class _Section:
    """One source's part of the page."""

    id: str
    name: str
    verdict: Mapping[str, Any] | None
    counts: Counts
    relevant: int
    rejections: Mapping[str, Sequence[Mapping[str, Any]]]
    copies: Sequence[Mapping[str, Any]]


def _by_reason(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["reason"]].append(row)
    return dict(sorted(found.items(), key=lambda one: (-len(one[1]), one[0])))


def make_report(
    documents: Documents,
    manifest: Manifest,
    *,
    run: str,
    at: datetime,
    taken_in: Mapping[str, int],
    left_out: Mapping[str, int],
    deposit: Mapping[str, Any],
    health: Mapping[str, Any],
    card: Mapping[str, Any],
    index: Mapping[str, Any],
) -> Report:
    """Say what became of every page that a run took in: `taken_in` has its capture files, and how many pages each gave.

    `at` is the time of the report (aware); the others are what the run's tasks handed on, see `Report`.
    """
    new = documents.of_captures(_COLUMNS, taken_in.keys()).to_pylist()
    copies = [row for row in new if row["decision"] not in {ARTICLE, REJECTED, None}]
    ids, days = {row["article"] for row in copies}, {str(row["article_day"]) for row in copies}
    articles = documents.read(["id", "url"], pc.field("id").isin(pa.array(sorted(ids), pa.string())), days=days)
    url_of = dict(zip(articles["id"].to_pylist(), articles["url"].to_pylist(), strict=True))
    return Report(
        run=run,
        at=at.isoformat(timespec="seconds"),
        total=manifest.counts,
        new=count(new),
        sources=count_by_source(new),
        relevant=_count_relevant(new),
        names={row["source"]: row["source_name"] for row in sorted(new, key=lambda row: row["source_name"])},
        captures=dict(taken_in),
        rejections=[
            {
                "source": row["source"],
                "url": row["fetched_url"],
                "status": row["http_status"],
                "reason": row["rejected"],
                "capture": row["id"],
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
                "capture": row["id"],
            }
            for row in copies
        ],
        left_out=dict(left_out),
        deposit=dict(deposit),
        health=dict(health),
        card=dict(card),
        index=dict(index),
        faults=[
            *_not_as_taken_in(taken_in, new),
            *(f"{id_} has copies, but is not in documents/" for id_ in sorted(ids - url_of.keys())),
            *manifest.faults(),
        ],
    )


def _count_relevant(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many articles of each source report on a conflict, as far as the model says."""
    found: Counter[str] = Counter()
    for row in rows:
        told = row["relevance"]
        found[row["source"]] += row["decision"] == ARTICLE and told is not None and told["relevant"]
    return dict(sorted(found.items()))


def _not_as_taken_in(taken_in: Mapping[str, int], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The capture files of which the table does not have every page."""
    held = Counter(row["capture_key"] for row in rows)
    for key, pages in sorted(taken_in.items()):
        if held[key] != pages:
            yield f"{key}: {pages} pages captured, but documents/ has {held[key]}"
