"""What became of captured pages, counted: every one of them is an article, a copy, or rejected with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


def count_by_source(rows: Sequence[Mapping[str, Any]]) -> dict[str, Counts]:
    """What became of pages, given by the columns source, rejected and decision, by the ids of their sources."""
    sources = sorted({row["source"] for row in rows})
    return {source: count([row for row in rows if row["source"] == source]) for source in sources}


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
