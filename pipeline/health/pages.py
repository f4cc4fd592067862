"""Health as pages for a browser: one of all sources, the worst first, and one for each. They need no other file and no network."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_high
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.health.current import Health
from pipeline.health.model import SourceDay, State, Verdict
from pipeline.health.verdicts import HISTORY_DAYS
from pipeline.sources import Source
from pipeline.text import escape_invisible

_TEMPLATES = Environment(
    loader=PackageLoader("pipeline"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_TEMPLATES.filters["visible"] = escape_invisible

SIGNS: Mapping[State, str] = {
    State.SICK: "✖",
    State.BLOCKED: "⊘",
    State.EMPTY: "○",
    State.DRIFTING: "↯",
    State.SILENT: "…",
    State.LATE: "◷",
    State.UNFINISHED: "◐",
    State.UNKNOWN: "?",
    State.OK: "✔",
    State.OFF: "–",
}
"""A sign for each state, so that colour alone means nothing."""

SOURCE_PAGE = "source-{}.html"
"""The file of a source's page, beside ``index.html``."""

_SPARK_DAYS = 60
_WEEK = 7
_TABLE_DAYS = 14
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Row:
    """One source on the page of all: what its last week was, and its articles day by day."""

    verdict: Verdict
    source: Source
    articles: Sequence[int]
    last_article: date | None
    rejected: float | None
    copies: float | None
    latency: int | None


def index_page(health: Health, *, wrong: Iterable[str] = (), dags: str | None = None, pages: str = SOURCE_PAGE) -> str:
    """The page of all sources, the worst first.

    `wrong` says of each source's file that cannot be read what is wrong with it. `dags` is the address of Airflow's list of DAGs,
    to which the sources are linked; `pages` the addresses of the sources' pages, with ``{}`` for the id.
    """
    of_source = _by_source(health.days)
    rows = [
        _row(verdict, health.sources[verdict.source], of_source[verdict.source], health) for verdict in health.verdicts
    ]
    return _TEMPLATES.get_template("health.html").render(
        health=health,
        rows=rows,
        wrong=list(wrong),
        counts=Counter(row.verdict.state for row in rows),
        signs=SIGNS,
        dags=dags,
        pages=pages,
    )


def source_page(health: Health, source_id: str, *, dags: str | None = None, index: str = "index.html") -> str:
    """The page of one source: its verdict with the figures, its days over half a year, and what the last month has and lacks.

    `index` is the address of the page of all.
    """
    [verdict] = [one for one in health.verdicts if one.source == source_id]
    days = _by_source(health.days)[source_id]
    today = _today(health, health.sources[source_id])
    past = [today - ago * _DAY for ago in range(HISTORY_DAYS, -1, -1)]
    known = [days.get(day, SourceDay(source_id, day)) for day in past]
    recent = [day for day in known if day.day > today - 30 * _DAY]
    plots: dict[str, list[float | None]] = {
        "articles": [day.articles for day in known],
        "pages rejected": [sum(day.rejected.values()) for day in known],
        "pages that did not come": [sum(day.failed.values()) for day in known],
        "median characters of a text": [day.body_median for day in known],
        "minutes from publication to capture (median)": [day.latency_median for day in known],
    }
    return _TEMPLATES.get_template("health_source.html").render(
        health=health,
        verdict=verdict,
        source=health.sources[source_id],
        plots=plots,
        first=past[0],
        last=past[-1],
        rejected=_summed(day.rejected for day in recent),
        failed=_summed(day.failed for day in recent),
        recent=[day for day in reversed(known) if day.day in days][:_TABLE_DAYS],
        coverage=[one for one in health.coverage if one.source == source_id],
        signs=SIGNS,
        dags=dags,
        index=index,
    )


def _row(verdict: Verdict, source: Source, days: Mapping[date, SourceDay], health: Health) -> _Row:
    today = _today(health, source)
    week = [day for day in days.values() if day.day > today - _WEEK * _DAY]
    spark = [today - ago * _DAY for ago in range(_SPARK_DAYS - 1, -1, -1)]
    latencies = [day.latency_median for day in week if day.latency_median is not None]
    return _Row(
        verdict=verdict,
        source=source,
        articles=[days[day].articles if day in days else 0 for day in spark],
        last_article=max((day.day for day in days.values() if day.articles), default=None),
        rejected=_share(sum(sum(day.rejected.values()) for day in week), sum(day.pages for day in week)),
        copies=_share(sum(day.copies for day in week), sum(day.copies + day.articles for day in week)),
        latency=median_high(latencies) if latencies else None,
    )


def _today(health: Health, source: Source) -> date:
    """The day that it is at the source, as its days are counted."""
    return health.now.astimezone(source.zone).date()


def _by_source(days: Iterable[SourceDay]) -> defaultdict[str, dict[date, SourceDay]]:
    found: defaultdict[str, dict[date, SourceDay]] = defaultdict(dict)
    for day in days:
        found[day.source][day.day] = day
    return found


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _summed(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(total.most_common())


def _heights(values: Sequence[Any], height: int) -> list[tuple[int, float]]:
    """The bars of a plot: the place of each value that is known and not 0, and its height."""
    most = max((value for value in values if value is not None), default=0)
    return [(place, round(height * value / most, 1)) for place, value in enumerate(values) if value]


_TEMPLATES.globals["heights"] = _heights
