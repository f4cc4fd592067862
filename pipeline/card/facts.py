"""What is in the corpus and what is not, as the card, the page and the table of the outlets say it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import TypeVar

import pyarrow as pa

from pipeline.card import tallies
from pipeline.corpus import Counts, Manifest
from pipeline.coverage import DayCoverage
from pipeline.sources import Source, owners

CAPTURED = "captured"
"""The precision of a day that is the capture's: the page states none."""

Key = TypeVar("Key", str, tuple[str, str])

WITH_TIME = frozenset({"second", "minute"})
_LEVELS = ("high", "medium", "low")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in a row, from `first` to `last`."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many these are."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Outlet:
    """One outlet of the corpus, or of the configuration alone.

    `source` is what its file says; None where no file names it any more. `months` counts its articles by published month, given by
    the first day; `days` are the published days that have any. `copied` counts its articles that other outlets took, `taken` those
    that it took from others, which have no row of their own.
    """

    id: str
    name: str
    source: Source | None
    months: Mapping[date, int] = field(default_factory=dict)
    days: Sequence[date] = ()
    with_author: int = 0
    with_day: int = 0
    with_time: int = 0
    confidence: Mapping[str, int] = field(default_factory=dict)
    copied: int = 0
    taken: int = 0

    @property
    def articles(self) -> int:
        """How many it has in the corpus."""
        return sum(self.months.values())

    @property
    def first(self) -> date | None:
        """Its first published day."""
        return self.days[0] if self.days else None

    @property
    def last(self) -> date | None:
        """Its last published day."""
        return self.days[-1] if self.days else None


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the corpus, given by its first day: its articles, and how many of them are so."""

    first: date
    articles: int = 0
    with_author: int = 0
    with_day: int = 0
    with_time: int = 0
    confidence: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taking:
    """How many of an outlet's articles another one printed as well, later: ids."""

    source: str
    taker: str
    copies: int


@dataclass(frozen=True, slots=True)
class Facts:
    """The corpus, counted.

    `outlets` are all that have articles or a file, those with the most articles first; `months` are consecutive; counts by a word
    have the most frequent one first. `lacking` are days that crawls left incomplete, as last noted, by source and day.
    `manifest_sha256` is that of ``articles/_manifest.json``, and tells which state of the corpus this is.
    """

    manifest_sha256: str
    manifest_bytes: int
    schema_version: int
    counts: Counts
    days: Sequence[date]
    bytes: int
    outlets: Sequence[Outlet]
    months: Sequence[Month]
    precisions: Mapping[str, int]
    methods: Mapping[str, int]
    zones: Mapping[str, int]
    confidences: Mapping[str, int]
    languages: Mapping[str, int]
    relevances: Mapping[str, int]
    takings: Sequence[Taking]
    lacking: Sequence[DayCoverage]

    @property
    def articles(self) -> int:
        """How many there are."""
        return sum(outlet.articles for outlet in self.outlets)

    @property
    def with_articles(self) -> list[Outlet]:
        """The outlets that have any."""
        return [outlet for outlet in self.outlets if outlet.articles]

    @property
    def without(self) -> list[Outlet]:
        """The outlets that are crawled by the schedule and have none."""
        return [one for one in self.outlets if not one.articles and one.source and one.source.enabled]

    def empty(self, outlet: Outlet) -> list[Stretch]:
        """The days without an article of an outlet's own, from its first to the corpus's last, the longest stretches first."""
        ends = [*outlet.days[1:], *(day + _DAY for day in self.days[-1:])]
        gaps = (
            Stretch(one + _DAY, end - _DAY) for one, end in zip(outlet.days, ends, strict=False) if end - one > _DAY
        )
        return sorted(gaps, key=lambda gap: (-gap.days, gap.first))

    def name_of(self, outlet: str) -> str:
        """The name of the outlet with an id; the id itself where only copies name it."""
        return next((one.name for one in self.outlets if one.id == outlet), outlet)


def gather(
    manifest: Manifest,
    manifest_sha256: str,
    manifest_bytes: int,
    sums: pa.Table,
    sources: Mapping[str, Source],
    lacking: Sequence[DayCoverage],
) -> Facts:
    """Put together what the corpus is: `sums` are its counts by month (`pipeline.card.tallies`), `sources` what the files say."""
    rows = _by_present_ids(sums, sources)
    of_outlet: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        of_outlet[row.source].append(row)
    taken = _total((row.value, row.articles) for row in rows if row.fact == tallies.COPY)
    outlets = [
        _outlet(id_, of_outlet[id_], sources.get(id_), taken.get(id_, 0)) for id_ in of_outlet.keys() | sources.keys()
    ]
    pairs = _total(((row.source, row.value), row.articles) for row in rows if row.fact == tallies.COPY)
    return Facts(
        manifest_sha256=manifest_sha256,
        manifest_bytes=manifest_bytes,
        schema_version=manifest.schema_version,
        counts=manifest.counts,
        days=sorted(date.fromisoformat(part.published) for part in manifest.partitions),
        bytes=sum(part.bytes for part in manifest.partitions),
        outlets=sorted(outlets, key=lambda one: (-one.articles, one.id)),
        months=_months(rows),
        precisions=_of_fact(rows, tallies.PRECISION),
        methods=_of_fact(rows, tallies.METHOD),
        zones=_of_fact(rows, tallies.ZONE),
        confidences=_of_fact(rows, tallies.CONFIDENCE),
        languages=_of_fact(rows, tallies.LANGUAGE),
        relevances=_by_tenth(_of_fact(rows, tallies.RELEVANCE)),
        takings=[Taking(source, taker, copies) for (source, taker), copies in pairs.items()],
        lacking=lacking,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of `tallies.SUMS`."""

    month: date
    source: str
    fact: str
    value: str
    articles: int
    days: int


def _by_present_ids(sums: pa.Table, sources: Mapping[str, Source]) -> list[_Row]:
    """The sums, under the ids that sources have now; an outlet takes nothing from what it was called before."""
    owner = {id_: source.id for id_, source in owners(sources.values()).items()}
    columns = (sums[name].to_pylist() for name in tallies.SUMS.names)
    rows = []
    for month, source, fact, value, articles, days in zip(*columns, strict=True):
        taker = owner.get(value, value) if fact == tallies.COPY else value
        row = _Row(month, owner.get(source, source), fact, taker, articles, days)
        if fact != tallies.COPY or row.source != row.value:
            rows.append(row)
    return rows


def _total(counted: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    """Counts added up by what they are of, the greatest first."""
    total: Counter[Key] = Counter()
    for key, number in counted:
        total[key] += number
    return dict(sorted(total.items(), key=lambda one: (-one[1], one[0])))


def _of_fact(rows: Iterable[_Row], fact: str) -> dict[str, int]:
    return _total((row.value, row.articles) for row in rows if row.fact == fact)


def _sum(rows: Iterable[_Row], fact: str) -> int:
    return sum(row.articles for row in rows if row.fact == fact)


def _outlet(id_: str, rows: Sequence[_Row], source: Source | None, taken: int) -> Outlet:
    """One outlet; its name is that of its file, else the one of its last articles."""
    months = Counter[date]()
    days: set[date] = set()
    for row in rows:
        if row.fact == tallies.ALL:
            months[row.month] += row.articles
            days |= {row.month + place * _DAY for place in range(31) if row.days >> place & 1}
    named = [(row.month, row.days, row.value) for row in rows if row.fact == tallies.NAME]
    precisions = _of_fact(rows, tallies.PRECISION)
    return Outlet(
        id=id_,
        name=source.name if source else max(named)[2] if named else id_,
        source=source,
        months=dict(sorted(months.items())),
        days=sorted(days),
        with_author=_sum(rows, tallies.AUTHOR),
        with_day=_with_day(precisions),
        with_time=_with_time(precisions),
        confidence=_in_order(_of_fact(rows, tallies.CONFIDENCE)),
        copied=_sum(rows, tallies.COPIED),
        taken=taken,
    )


def _with_day(precisions: Mapping[str, int]) -> int:
    """Of how many articles, counted by precision, the day is known on which they were published."""
    return sum(precisions.values()) - precisions.get(CAPTURED, 0)


def _with_time(precisions: Mapping[str, int]) -> int:
    return sum(number for precision, number in precisions.items() if precision in WITH_TIME)


def _by_tenth(relevances: Mapping[str, int]) -> dict[str, int]:
    """The articles in each tenth of the probability, the highest first; under an empty word those of which none is known."""
    tenths = {
        f".{tenth} to {'1' if tenth == 9 else f'.{tenth + 1}'}": relevances.get(str(tenth), 0)
        for tenth in range(9, -1, -1)
    }
    return tenths | ({"": relevances[""]} if "" in relevances else {})


def _in_order(confidences: Mapping[str, int]) -> dict[str, int]:
    return {level: confidences.get(level, 0) for level in _LEVELS}


def _months(rows: Iterable[_Row]) -> list[Month]:
    """Every month from the first with an article to the last."""
    by_month = {first: list(of_month) for first, of_month in groupby(sorted(rows, key=_month_of), key=_month_of)}
    if not by_month:
        return []
    months, first = [], min(by_month)
    while first <= max(by_month):
        of_month = by_month.get(first, [])
        precisions = _of_fact(of_month, tallies.PRECISION)
        months.append(
            Month(
                first=first,
                articles=_sum(of_month, tallies.ALL),
                with_author=_sum(of_month, tallies.AUTHOR),
                with_day=_with_day(precisions),
                with_time=_with_time(precisions),
                confidence=_in_order(_of_fact(of_month, tallies.CONFIDENCE)),
            )
        )
        first = (first + 31 * _DAY).replace(day=1)
    return months


def _month_of(row: _Row) -> date:
    return row.month
