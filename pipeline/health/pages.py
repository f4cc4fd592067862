"""Health as pages for a browser: one of all sources, the worst first, one for each, and one for each crawl's report.

They need no other file and no network.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median, median_high

from pipeline import html, plots
from pipeline.crawl_reports import Crawl
from pipeline.health.current import Health
from pipeline.health.details import RECENT_DAYS, Details
from pipeline.health.model import SourceDay, State, Verdict
from pipeline.health.verdicts import HISTORY_DAYS
from pipeline.sources import Source

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
    spark: str
    last_article: date | None
    rejected: float | None
    copies: float | None
    latency: int | None


@dataclass(frozen=True, slots=True)
class _Plot:
    """A plot of half a year, under its title, with what it shows in words; an empty `svg` where there is nothing to draw."""

    title: str
    told: str
    svg: str


def index_page(health: Health, *, wrong: Iterable[str] = (), dags: str | None = None, pages: str = SOURCE_PAGE) -> str:
    """The page of all sources, the worst first.

    `wrong` says of each source's file that cannot be read what is wrong with it. `dags` is the address of Airflow's list of DAGs,
    to which the sources are linked; `pages` the addresses of the sources' pages, with ``{}`` for the id.
    """
    of_source = _by_source(health.days)
    rows = [
        _row(verdict, health.sources[verdict.source], of_source[verdict.source], health) for verdict in health.verdicts
    ]
    of = [row.source for row in rows]
    return html.render(
        "sources.html",
        health=health,
        rows=rows,
        wrong=list(wrong),
        choices={
            "state": [state.value for state in State if any(row.verdict.state == state for row in rows)],
            "conflict": sorted({conflict for source in of for conflict in source.conflicts}),
            "country": sorted({country for source in of for country in source.countries}),
            "language": sorted({source.language for source in of}),
        },
        counts=Counter(row.verdict.state for row in rows),
        signs=SIGNS,
        dags=dags,
        pages=pages,
    )


def source_page(
    health: Health,
    details: Details,
    source_id: str,
    *,
    dags: str | None = None,
    index: str = "index.html",
    reports: str | None = None,
) -> str:
    """The page of one source: its verdict with the figures, its days over half a year, and what the last month has and lacks.

    `index` is the address of the page of all, `reports` those of its crawls' reports, with ``{}`` for the run.
    """
    [verdict] = [one for one in health.verdicts if one.source == source_id]
    days = _by_source(health.days)[source_id]
    today = _today(health, health.sources[source_id])
    past = [today - ago * _DAY for ago in range(HISTORY_DAYS, -1, -1)]
    recent = [day for day in days.values() if day.day > today - RECENT_DAYS * _DAY]
    coverage = [one for one in health.coverage if one.source == source_id]
    return html.render(
        "source.html",
        verdict=verdict,
        source=health.sources[source_id],
        plots=_plots(past, [days.get(day) for day in past]),
        first=past[0],
        last=past[-1],
        rejected=_summed(day.rejected for day in recent),
        failed=_summed(day.failed for day in recent),
        recent=sorted(days.values(), key=lambda day: day.day, reverse=True)[:_TABLE_DAYS],
        coverage=coverage,
        lacking=[day for day in coverage if day.why],
        details=details,
        signs=SIGNS,
        dags=dags,
        index=index,
        reports=reports,
    )


def crawl_page(crawl: Crawl, source_id: str) -> str:
    """The report of one crawl of a source, which must be readable, as a page; links lead to the bucket's files two folders up."""
    report = crawl.report
    assert report is not None  # noqa: S101 - said to the type checker alone
    counts = {
        "found": report.found,
        "captured": report.captured,
        "stored before": report.known,
        "… asked for again, and not changed": report.unchanged,
        "did not come": len(report.failed),
        "would be fetched": report.would_fetch,
        "not come to": report.remaining,
        **{f"left out: {reason.replace('_', ' ')}": number for reason, number in report.skipped.items()},
    }
    shown = {what: number for what, number in counts.items() if number or what in {"found", "captured"}}
    return html.render("crawl.html", crawl=crawl, counts=shown, source=source_id)


def _plots(past: Sequence[date], days: Sequence[SourceDay | None]) -> list[_Plot]:
    """What a source's days were, of which `past` has the dates; None is a day of which nothing is known."""
    lengths = [_quartiles(day) if day else None for day in days]
    minutes = [day.latency_median if day else None for day in days]
    unit, size = _unit(minutes)
    latency = [value / size if value is not None else None for value in minutes]
    shares = {
        "author": _shares(days, lambda day: day.with_author),
        "day": _shares(days, lambda day: day.with_day),
        "time": _shares(days, lambda day: day.with_time),
    }
    known = {name: [value for value in of if value is not None] for name, of in shares.items()}
    told = ", ".join(f"{name} {median(of):.0f} and {of[-1]:.0f} %" for name, of in known.items() if of)
    return [
        _bars("articles a day", past, [day.articles if day else None for day in days]),
        _bars("pages rejected a day", past, [sum(day.rejected.values()) if day else None for day in days]),
        _bars("pages a day that did not come", past, [sum(day.failed.values()) if day else None for day in days]),
        _plot(
            "characters of a text: median, and the middle half",
            told=_tell(past, [three and three[1] for three in lengths]),
            draw=lambda says: plots.band(past, lengths, says),
        ),
        _plot(
            f"{unit} from publication to capture (median)",
            told=_tell(past, latency),
            draw=lambda says: plots.lines(past, {"": latency}, says),
        ),
        _plot(
            "% of texts with an author, a day, a time (over seven days)",
            told=told and f"median and last: {told}",
            draw=lambda says: plots.lines(past, shares, says, top=100),
        ),
    ]


def _bars(title: str, past: Sequence[date], values: Sequence[int | None]) -> _Plot:
    told = _tell(past, values) if any(values) else ""
    return _plot(title, told=told, draw=lambda says: plots.bars(past, values, says))


def _plot(title: str, *, told: str, draw: Callable[[str], str]) -> _Plot:
    return _Plot(title, told, draw(f"{title}: {told}")) if told else _Plot(title, "none", "")


def _quartiles(day: SourceDay) -> tuple[int, int, int] | None:
    if day.body_q1 is None or day.body_median is None or day.body_q3 is None:
        return None
    return day.body_q1, day.body_median, day.body_q3


def _tell(past: Sequence[date], values: Sequence[float | None]) -> str:
    """What a plot shows, in words; empty where nothing is known."""
    known = [(value, day) for value, day in zip(values, past, strict=True) if value is not None]
    if not known:
        return ""
    most, on = max(known, key=lambda one: (one[0], one[1]))
    return f"median {median(value for value, _ in known):,.0f}, most {most:,.0f} on {on}, last {known[-1][0]:,.0f}"


def _unit(minutes: Iterable[int | None]) -> tuple[str, int]:
    """The unit in which a source's latencies are read most easily, and its minutes."""
    usual = median([value for value in minutes if value is not None] or [0])
    return ("minutes", 1) if usual < 180 else ("hours", 60) if usual < 3 * 1440 else ("days", 1440)


def _shares(days: Sequence[SourceDay | None], count: Callable[[SourceDay], int]) -> list[float | None]:
    """For each day the share of the texts of the seven days up to it, in per cent; None where there is no text."""
    shares: list[float | None] = []
    for place in range(len(days)):
        week = [day for day in days[max(0, place - _WEEK + 1) : place + 1] if day]
        share = _share(sum(count(day) for day in week), sum(day.texts for day in week))
        shares.append(None if share is None else 100 * share)
    return shares


def _row(verdict: Verdict, source: Source, days: Mapping[date, SourceDay], health: Health) -> _Row:
    today = _today(health, source)
    week = [day for day in days.values() if day.day > today - _WEEK * _DAY]
    spark = [today - ago * _DAY for ago in range(_SPARK_DAYS - 1, -1, -1)]
    latencies = [day.latency_median for day in week if day.latency_median is not None]
    articles = [days[day].articles if day in days else 0 for day in spark]
    return _Row(
        verdict=verdict,
        source=source,
        articles=articles,
        spark=plots.spark(articles),
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
