"""The facts as a data set card for people and hubs, and as a page for a browser; both hold counts and names alone, no text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from pipeline import corpus, html, plots
from pipeline.card import outlets
from pipeline.card.facts import Facts, Month
from pipeline.coverage import DayCoverage
from pipeline.rejection import Rejection
from pipeline.yaml_text import to_yaml

NAME = "arabic-conflict-reporting"

_MOST_LISTED = 30
"""Pairs of outlets, and outlets with empty days, that are listed; incomplete days of one outlet, too."""

_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))
_LARGEST = "10M<n<100M"
"""Sizes as hubs name them: https://huggingface.co/docs/hub/datasets-cards"""


@dataclass(frozen=True, slots=True)
class _Year:
    """A year's articles, in all and by its twelve months."""

    year: int
    all: int
    months: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Plot:
    """A plot of all months, under its title, with what it shows in words."""

    title: str
    told: str
    svg: str


def summary(facts: Facts) -> str:
    """What the corpus is, in two or three sentences."""
    if not facts.days:
        return "Articles on wars and their people, as Arabic outlets printed them. The corpus is empty yet."
    printed_by = _counted(len(facts.with_articles), "outlet")
    days = f"{_counted(len(facts.days), 'day')}, {facts.bytes / 1e6:,.1f} MB"
    return (
        f"{_counted(facts.articles, 'article')} of {printed_by}, published from {facts.days[0]} to {facts.days[-1]} ({days}): each "
        "with its outlet, its day and the evidence for it, its text without furniture, and who printed it again. Outlets print "
        "everything: not every article is about a war."
    )


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def cite_as(facts: Facts) -> str:
    """The corpus in this state, as a BibTeX entry without the day on which a copy was taken."""
    span = f"{facts.days[0]} to {facts.days[-1]}" if facts.days else "no articles"
    return (
        f"@misc{{warraq-{facts.manifest_sha256[:12]},\n"
        f"  title = {{{corpus.TITLE}: {facts.articles:,} articles of {len(facts.with_articles):,} outlets, {span}}},\n"
        f"  howpublished = {{Corpus gathered with warraq}},\n"
        f"  note = {{SHA-256 of articles/\\_manifest.json: {facts.manifest_sha256}}}\n"
        "}"
    )


def keywords(facts: Facts) -> list[str]:
    """What the corpus is found by."""
    conflicts = {conflict for one in facts.with_articles if one.source for conflict in one.source.conflicts}
    return ["arabic", "news", "journalism", "armed-conflict", *sorted(conflicts)]


def readme(facts: Facts) -> str:
    """The card: a metadata header in YAML, by which `datasets` finds the files, and the facts in Markdown."""
    header = {
        "pretty_name": corpus.TITLE,
        "license": "other",
        "license_name": "rights-of-the-outlets",
        "license_link": "README.md",
        "language": sorted({tag.split("-")[0] for tag in facts.languages if tag} or {"ar"}),
        "size_categories": [next((size for below, size in _SIZES if facts.articles < below), _LARGEST)],
        "tags": keywords(facts),
        "configs": [
            {
                "config_name": "articles",
                "default": True,
                "data_files": [{"split": "train", "path": "articles/published=*/articles.parquet"}],
            },
            {"config_name": "sources", "data_files": [{"split": "train", "path": outlets.FILE}]},
        ],
    }
    body = html.render(
        "card.md",
        columns=[(one.name, str(one.type).split("<")[0], one.metadata[b"meaning"].decode()) for one in corpus.SCHEMA],
        outlet_years=[(one, _by_year(one.months)) for one in facts.with_articles],
        **_common(facts),
    )
    return f"---\n{to_yaml(header)}---\n\n{body.strip()}\n"


def page(facts: Facts) -> str:
    """The page: the same as tables and plots; it needs no other file and no network."""
    firsts = [month.first for month in facts.months]
    return html.render(
        "card.html",
        plots=_plots(facts.months),
        sparks=[(one, plots.spark([one.months.get(first, 0) for first in firsts])) for one in facts.with_articles],
        outlet_grids=[(one, _grid(one.months)) for one in facts.with_articles],
        terms=html.from_markdown(html.render("card_terms.md")),
        **_common(facts),
    )


def _common(facts: Facts) -> dict[str, Any]:
    empties = [(one, gaps, sum(gap.days for gap in gaps)) for one in facts.with_articles if (gaps := facts.empty(one))]
    return {
        "facts": facts,
        "title": corpus.TITLE,
        "summary": summary(facts),
        "cite": cite_as(facts),
        "grid": _grid({month.first: month.articles for month in facts.months}),
        "copied": sum(facts.counts.copies.values()),
        "rejected": sum(facts.counts.rejected.values()),
        "rejections": [
            (reason, number, _passing(reason))
            for reason, number in sorted(facts.counts.rejected.items(), key=lambda one: (-one[1], one[0]))
        ],
        "empties": sorted(empties, key=lambda told: (-told[2], told[0].id)),
        "span": lambda outlet: (facts.days[-1] - outlet.days[0]).days + 1,
        "lacking": [(id_, list(days)[:_MOST_LISTED]) for id_, days in groupby(facts.lacking, key=_source_of)],
        "most": _MOST_LISTED,
        "n": lambda number: f"{number:,}",
        "share": _share,
    }


def _source_of(day: DayCoverage) -> str:
    return day.source


def _passing(reason: str) -> str:
    return Rejection(reason).passing if reason in set(Rejection) else ""


def _share(part: int, whole: int) -> str:
    if not whole:
        return "–"
    percent = 100 * part / whole
    return f"{percent:.0f} %" if percent == 0 or 1 <= percent <= 99 or percent == 100 else f"{percent:.1f} %"


def _by_year(months: Mapping[date, int]) -> Counter[int]:
    years: Counter[int] = Counter()
    for first, number in months.items():
        years[first.year] += number
    return years


def _grid(months: Mapping[date, int]) -> list[_Year]:
    """Every year from the first with an article to the last."""
    years = _by_year(months)
    return [
        _Year(year, years[year], [months.get(date(year, month, 1), 0) for month in range(1, 13)])
        for year in range(min(years, default=0), max(years, default=-1) + 1)
    ]


def _plots(months: Sequence[Month]) -> list[_Plot]:
    firsts = [month.first for month in months]
    if not months:
        return []
    most = max(months, key=lambda month: month.articles)
    stated = {
        "author": _shares(months, lambda month: month.with_author),
        "day": _shares(months, lambda month: month.with_day),
        "time": _shares(months, lambda month: month.with_time),
    }
    levels = ("high", "medium", "low")
    sure = {level: _shares(months, lambda month, of=level: month.confidence[of]) for level in levels}  # type: ignore[misc]
    return [
        _plot(
            "articles a month",
            f"most in {most.first:%Y-%m}: {most.articles:,}",
            lambda says: plots.bars(firsts, [month.articles for month in months], says),
        ),
        _lines("% of articles that state an author, a day, a time", firsts, stated),
        _lines("% of bodies by body_confidence", firsts, sure),
    ]


def _shares(months: Iterable[Month], part: Callable[[Month], int]) -> list[float | None]:
    return [100 * part(month) / month.articles if month.articles else None for month in months]


def _lines(title: str, firsts: Sequence[date], of: Mapping[str, Sequence[float | None]]) -> _Plot:
    last = ", ".join(f"{name} {values[-1]:.0f}" for name, values in of.items() if values[-1] is not None)
    return _plot(title, f"in {firsts[-1]:%Y-%m}: {last}", lambda says: plots.lines(firsts, of, says, top=100))


def _plot(title: str, told: str, draw: Callable[[str], str]) -> _Plot:
    return _Plot(title, told, draw(f"{title}; {told}"))
