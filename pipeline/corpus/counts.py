"""What became of captured pages, counted: every one of them is an article, a copy, or rejected with a reason."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.documents import Documents
from pipeline.duplicates import ARTICLE, REJECTED


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of captured pages. captured = articles + the sum of copies + the sum of rejected."""

    captured: int
    articles: int
    copies: dict[str, int]
    rejected: dict[str, int]

    @property
    def accounted_for(self) -> int:
        """How many pages are an article, a copy or rejected."""
        return self.articles + sum(self.copies.values()) + sum(self.rejected.values())

    @property
    def reconciled(self) -> bool:
        """Whether every captured page is accounted for."""
        return self.captured == self.accounted_for

    @property
    def told(self) -> str:
        """The counts in a line: "29 pages captured: 20 articles, 4 copies (near 4), 5 rejected (blocked 3, video 2)"."""
        parts = [f"{self.articles} articles"]
        for what, by_kind in (("copies", self.copies), ("rejected", self.rejected)):
            kinds = ", ".join(f"{kind} {number}" for kind, number in by_kind.items())
            parts.append(f"{sum(by_kind.values())} {what}" + (f" ({kinds})" if kinds else ""))
        return f"{self.captured} pages captured: {', '.join(parts)}"

    def __str__(self) -> str:
        """The counts as an error names them."""
        return (
            f"{self.captured} pages captured, but {self.articles} articles, {sum(self.copies.values())} copies and "
            f"{sum(self.rejected.values())} rejected make {self.accounted_for}"
        )


def count(rows: Sequence[Mapping[str, Any]]) -> Counts:
    """What became of pages, given by the columns rejected and decision.

    A page of which the two say different things, or which is rejected without a reason, counts as captured alone.
    """
    rejected = Counter(row["rejected"] for row in rows if row["rejected"] and row["decision"] == REJECTED)
    decided = Counter(
        row["decision"] for row in rows if not row["rejected"] and row["decision"] not in {REJECTED, None}
    )
    articles = decided.pop(ARTICLE, 0)
    return Counts(len(rows), articles, dict(sorted(decided.items())), dict(sorted(rejected.items())))


def count_by_source(rows: Iterable[Mapping[str, Any]]) -> dict[str, Counts]:
    """What became of pages, given by the columns source, rejected and decision, by the ids of their sources."""
    of_source = defaultdict(list)
    for row in rows:
        of_source[row["source"]].append(row)
    return {source: count(pages) for source, pages in sorted(of_source.items())}


def count_documents(documents: Documents) -> dict[str, Counts]:
    """What became of all captured pages, by the ids of their sources; reads three columns and no text."""
    alike = documents.tally(["source", "rejected", "decision"]).to_pylist()
    return count_by_source(itertools.chain.from_iterable(itertools.repeat(row, row["rows"]) for row in alike))


def add_up(counts: Iterable[Counts]) -> Counts:
    """The sum of counts."""
    captured, articles = 0, 0
    copies: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for one in counts:
        captured += one.captured
        articles += one.articles
        copies.update(one.copies)
        rejected.update(one.rejected)
    return Counts(captured, articles, dict(sorted(copies.items())), dict(sorted(rejected.items())))
