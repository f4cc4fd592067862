"""Whether sick sources are told from well ones: ``python -m benchmarks.health [--seeds N ...]``.

A year of 70 invented sources (half a year of history before it), as the rows that the corpus build writes: sources of many articles
a day, of a few, on weekdays alone, never on Fridays, once a week, and irregular ones; their articles' lengths, authors, times and
rejections waver by day, some crawls fail by chance, some sites rest on holidays, and half of the smaller ones on the feasts. 200
faults are planted in it, each for 10 to 40 days and at least 70 from the next of its source: nothing published, walls, empty
pages, bodies cut to a twentieth, authors or days lost, pages rejected, HTTP 500, a dead host, a robots.txt that forbids all.

Every morning each source is judged on what is known until the evening before. A fault is found in time when the source is wrong on
the morning after its first whole day with articles due (of a daily source), or after the third of them (of a slower one). A
day on which a source is wrong without a fault begins a false alarm, but for the ten days after a fault. The constants of
`pipeline.health` were tuned on seeds 1 to 6; what counts are the others.

A fault of a source that has no three days with articles due while it lasts, or that loses authors whom most of its articles never
named, cannot be seen, and counts as planted alone.

Asked: 95 % found in time, and of no rhythm more than one false alarm for each source and year.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from pipeline.bucket import Bucket
from pipeline.health import HISTORY_DAYS, SCHEMA, SourceDay, State, verdicts
from pipeline.sources import Source

SOURCES, FAULTS = 70, 200
FIRST, DAYS = date(2023, 1, 1), 365
"""The year that is judged."""

SHORTEST, LONGEST, APART = 10, 40, 70
"""Days that a fault lasts, and that lie between the beginnings of two of one source."""

AFTERMATH = 10
"""Days after a fault in which a verdict may still speak of it."""

SEEDS = tuple(range(7, 13))
"""Of the measurement; those before them were looked at while the constants were chosen."""

FEASTS = tuple(
    first + n * timedelta(days=1)
    for first in (date(2022, 7, 9), date(2023, 4, 21), date(2023, 6, 28))
    for n in range(3)
)
"""Three days of each of the feasts that lie in the history or the year."""

_DAY = timedelta(days=1)


class Rhythm(NamedTuple):
    """How often a source publishes: the mean of its articles on each weekday (Monday first), and how many sources are so.

    `steady` ones publish so many and no other number on a day with articles, as a column or a bulletin does.
    """

    name: str
    means: tuple[float, ...]
    sources: int
    steady: bool = False

    @property
    def daily(self) -> bool:
        """Whether there is an article on every day, but for chances of less than one day in 200."""
        return min(self.means) >= 8


RHYTHMS = (
    Rhythm("several a day", (60.0,) * 7, 14),
    Rhythm("daily", (8.0,) * 7, 14),
    Rhythm("daily, few", (4.0,) * 7, 7),
    Rhythm("weekdays", (10.0, 10.0, 10.0, 10.0, 0.0, 0.0, 10.0), 10),
    Rhythm("Friday off", (12.0, 12.0, 12.0, 12.0, 0.0, 12.0, 12.0), 10),
    Rhythm("weekly", (0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0), 8, steady=True),
    Rhythm("irregular", (0.6,) * 7, 7),
)


class Fault(NamedTuple):
    """A kind of fault: what it makes of a well day, and the verdicts that name it."""

    name: str
    spoil: Callable[[SourceDay], SourceDay]
    right: frozenset[State]


_NO_LENGTHS: dict[str, Any] = dict.fromkeys(("body_q1", "body_median", "body_q3", "latency_median"))


def _nothing(day: SourceDay) -> SourceDay:
    """No page came, and none was published."""
    counts = ("captured", "pages", "articles", "copies", "texts", "published")
    nothing: dict[str, Any] = dict.fromkeys((*counts, "with_author", "with_day", "with_time", "low_confidence"), 0)
    return replace(day, rejected={}, **nothing, **_NO_LENGTHS)


def _rejected(day: SourceDay, reason: str) -> SourceDay:
    """Every page is rejected for this reason."""
    return replace(
        _nothing(day), captured=day.captured, pages=day.pages, rejected={reason: day.pages} if day.pages else {}
    )


def _no_authors(day: SourceDay) -> SourceDay:
    return replace(day, with_author=0)


def _no_days(day: SourceDay) -> SourceDay:
    return replace(day, with_day=0, with_time=0)


def _mostly_rejected(day: SourceDay) -> SourceDay:
    """Three pages in four are taken for something else than an article."""
    kept = day.texts // 4
    counts = ("with_author", "with_day", "with_time", "low_confidence", "published")
    fewer: dict[str, Any] = {name: getattr(day, name) * kept // max(day.texts, 1) for name in counts}
    rejected = Counter(day.rejected) + Counter(not_an_article=day.texts - kept)
    lengths: dict[str, Any] = {} if kept else _NO_LENGTHS
    return replace(day, articles=kept, texts=kept, copies=0, rejected=dict(rejected), **fewer, **lengths)


def _shrunk(day: SourceDay) -> SourceDay:
    """The bodies are a twentieth of what they were."""
    if day.body_q1 is None or day.body_median is None or day.body_q3 is None:
        return day
    return replace(day, body_q1=day.body_q1 // 20, body_median=day.body_median // 20, body_q3=day.body_q3 // 20)


def _server_error(day: SourceDay) -> SourceDay:
    """The lists come; the pages, each asked for four times a day and for three more days, do not."""
    failing = {"http_500": day.pages} if day.pages else {}
    outcome = "failed" if day.pages >= 5 else "finished"
    return replace(
        _nothing(day), failed=failing, last_outcome=outcome, crawls_failed=4 * (outcome == "failed"),
        rejected={"http_error": 4 * day.pages} if day.pages else {}, pages=4 * day.pages,
    )  # fmt: skip


def _dead(day: SourceDay) -> SourceDay:
    return replace(
        _nothing(day), found=0, known=0, discoveries_answered=0, problems=("http://x.example/rss: dns",),
        last_outcome="failed", last_message="no discovery of x could be used", crawls_failed=day.crawls,
    )  # fmt: skip


def _robots(day: SourceDay) -> SourceDay:
    """The feed may be read, and no page: those that were had before are still listed."""
    return replace(_nothing(day), skipped={"robots": day.pages} if day.pages else {})


DRIFTING, SILENT = frozenset({State.DRIFTING}), frozenset({State.SILENT})
FAULTS_THERE_ARE = (
    Fault("silent", _nothing, SILENT),
    Fault("walls", partial(_rejected, reason="blocked"), frozenset({State.BLOCKED})),
    Fault("empty bodies", partial(_rejected, reason="empty"), frozenset({State.EMPTY})),
    Fault("bodies shrunk", _shrunk, DRIFTING),
    Fault("authors lost", _no_authors, DRIFTING),
    Fault("days lost", _no_days, DRIFTING),
    Fault("rejected", _mostly_rejected, DRIFTING),
    Fault("HTTP 500", _server_error, frozenset({State.SICK})),
    Fault("dead host", _dead, frozenset({State.SICK})),
    Fault("robots", _robots, frozenset({State.SICK})),
)


@dataclass(frozen=True)
class Year:
    """A source's rows, and the faults planted in them by their first days, with the days that they last."""

    source: Source
    rhythm: Rhythm
    days: list[SourceDay]
    due: frozenset[date]
    """Days on which something would have been published without the faults."""
    faults: dict[date, tuple[Fault, int]]


def make_years(seed: int) -> list[Year]:
    """The sources of a seed, with their faults."""
    chance = random.Random(seed)
    names = [rhythm for rhythm in RHYTHMS for _ in range(rhythm.sources)]
    places: list[list[tuple[date, Fault, int]]] = [[] for _ in names]
    for number in range(FAULTS):
        fault = FAULTS_THERE_ARE[number % len(FAULTS_THERE_ARE)]
        while True:
            place, first = chance.randrange(SOURCES), FIRST + chance.randrange(DAYS - LONGEST) * _DAY
            if all(abs((first - other).days) >= APART for other, _, _ in places[place]):
                places[place].append((first, fault, chance.randint(SHORTEST, LONGEST)))
                break
    return [
        _year(f"source_{number}", rhythm, planted, random.Random(f"{seed} {number}"))
        for number, (rhythm, planted) in enumerate(zip(names, places, strict=True))
    ]


def _year(id_: str, rhythm: Rhythm, planted: Sequence[tuple[date, Fault, int]], chance: random.Random) -> Year:
    source = Source.model_validate(
        {"id": id_, "name": id_, "home": f"http://{id_}.example/", "timezone": "Asia/Damascus"}
    )
    well = list(_well_days(id_, rhythm, chance))
    faults = {first: (fault, lasts) for first, fault, lasts in planted}
    days = []
    for day in well:
        ill = [fault for first, (fault, lasts) in faults.items() if first <= day.day < first + lasts * _DAY]
        days.append(ill[0].spoil(day) if ill else day)
    return Year(source, rhythm, days, frozenset(day.day for day in well if day.published), faults)


def _well_days(id_: str, rhythm: Rhythm, chance: random.Random) -> Iterator[SourceDay]:
    """Every day of a source that is well, of the half year before and the year."""
    draw = np.random.default_rng(chance.randrange(2**32))
    length, spread = chance.uniform(900, 3500), chance.uniform(0.4, 0.7)
    rates = {"author": chance.choice((0.0, 0.3, 0.9, 0.97)), "day": chance.choice((0.95, 0.995, 1.0))}
    time, copied, low = chance.choice((0.0, 0.9, 1.0)), chance.uniform(0, 0.2), chance.uniform(0, 0.1)
    # Videos, galleries and flashes come in swarms.
    no_article = chance.choice((0.0, 0.03, 0.1, 0.2))
    holidays = {FIRST + (chance.randrange(DAYS) + n) * _DAY for n in range(2)} if not rhythm.daily else set()
    if chance.random() < 0.5 and max(rhythm.means) < 60:
        holidays.update(FEASTS)
    for number in range(-HISTORY_DAYS, DAYS + 1):
        day = FIRST + number * _DAY
        mean = 0.0 if day in holidays else rhythm.means[day.weekday()]
        # Days differ by more than chance would, by a quarter: a negative binomial.
        shown = int(mean) if rhythm.steady else int(draw.poisson(mean * draw.gamma(16, 1 / 16)))
        rejected = {}
        swarm = min(1.0, no_article * draw.gamma(4, 1 / 4))
        for reason, share in (("video", swarm), ("blocked", 0.003), ("empty", 0.005)):
            if count := int(draw.binomial(shown, share)):
                rejected[reason] = count
        texts = max(0, shown - sum(rejected.values()))
        lengths = np.exp(draw.normal(np.log(length), spread, texts))
        lengths[draw.random(texts) < 0.04] = 150  # a flash
        quartiles = [int(one) for one in np.quantile(lengths, [0.25, 0.5, 0.75])] if texts else [None] * 3
        copies = int(draw.binomial(texts, copied))
        dated = int(draw.binomial(texts, rates["day"]))
        # A crawl that fails by chance is followed by one that does not, but for one in ten.
        failed = int(draw.binomial(4, 0.01))
        last_failed = failed > 0 and draw.random() < 0.25
        yield SourceDay(
            source=id_,
            day=day,
            crawls=4,
            crawls_failed=failed,
            last_crawl_at=datetime(day.year, day.month, day.day, 15, tzinfo=UTC),
            last_outcome="failed" if last_failed else "finished",
            last_message="timeout" if last_failed else "",
            discoveries=1,
            discoveries_answered=1,
            found=shown * 4 + 20,
            captured=shown,
            known=shown * 3 + 20,
            unchanged=0,
            remaining=0,
            failed={"http_404": 1} if draw.random() < 0.02 else {},
            requests=shown + 8,
            bytes=shown * 60_000,
            throttled=0,
            pages=shown,
            articles=texts - copies,
            copies=copies,
            rejected=rejected,
            texts=texts,
            body_q1=quartiles[0],
            body_median=quartiles[1],
            body_q3=quartiles[2],
            with_author=int(draw.binomial(texts, rates["author"])),
            with_day=dated,
            with_time=int(draw.binomial(dated, time)),
            low_confidence=int(draw.binomial(texts, low)),
            latency_median=90 if texts else None,
            published=texts,
        )


def put_days(bucket: Bucket, days: Iterable[SourceDay]) -> None:
    """Write rows into ``health/`` of a bucket, as a build would: a file for each month, instead of the one that is there."""
    by_month: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for day in sorted(days, key=lambda day: (day.source, day.day)):
        counts = {name: list(getattr(day, name).items()) for name in ("failed", "skipped", "rejected")}
        by_month[f"{day.day:%Y-%m}"].append(asdict(day) | counts)
    for month, rows in by_month.items():
        written = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), written, compression="zstd")
        bucket.put(f"health/month={month}/days.parquet", written.getvalue())


class Told(NamedTuple):
    """What came of one planted fault."""

    kind: str
    rhythm: str
    visible: bool
    in_time: bool
    found: bool
    named: bool
    days: int
    """Whole days with articles due until it was found."""


def judge(year: Year) -> tuple[list[Told], list[tuple[str, date, State, str]]]:
    """What was found of a source's faults, and its false alarms (rhythm, day, state, reason)."""
    states: dict[date, tuple[State, str]] = {}
    for number in range(DAYS):
        day = FIRST + number * _DAY
        known = [*year.days[number : number + HISTORY_DAYS], _at_midnight(year.days[number + HISTORY_DAYS])]
        now = datetime(day.year, day.month, day.day, 5, tzinfo=year.source.zone)
        [verdict] = verdicts(known, {year.source.id: year.source}, now)
        states[day] = (verdict.state, verdict.reason) if verdict.wrong else (State.OK, "")
    told: list[Told] = []
    excused: set[date] = set()
    for first, (fault, lasts) in year.faults.items():
        spoiled = [first + n * _DAY for n in range(lasts)]
        excused.update(first + n * _DAY for n in range(lasts + AFTERMATH))
        mornings = [day + _DAY for day in spoiled if day + _DAY in states]
        wrong = [day for day in mornings if states[day][0] != State.OK]
        due = [day for day in spoiled if day in year.due]
        allowed = 1 if year.rhythm.daily else 3
        visible = len(due) >= allowed and _can_be_seen(year, fault)
        until = len([day for day in due if wrong and day < wrong[0]])
        in_time = bool(wrong) and until <= allowed
        named = bool(wrong) and any(states[day][0] in fault.right for day in wrong)
        told.append(Told(fault.name, year.rhythm.name, visible, in_time, bool(wrong), named, until))
    alarms, before = [], False
    for day, (state, reason) in states.items():
        now_wrong = state != State.OK and day not in excused
        if now_wrong and not before:
            alarms.append((year.rhythm.name, day, state, reason))
        before = now_wrong
    return told, alarms


def _at_midnight(day: SourceDay) -> SourceDay:
    """What is known of a day after its first crawl, which found nothing new yet."""
    ill = day.last_outcome == "failed" and day.crawls_failed == day.crawls
    began = datetime(day.day.year, day.day.month, day.day.day, tzinfo=UTC) - timedelta(hours=3)
    return replace(
        _nothing(day),
        crawls=1,
        crawls_failed=int(ill),
        last_outcome="failed" if ill else "finished",
        last_crawl_at=began,
    )


def _can_be_seen(year: Year, fault: Fault) -> bool:
    """Whether there is enough to lose: a source that names few authors has days without one, and does not stop to."""
    if fault.name != "authors lost":
        return True
    before = [day for day in year.days if day.day < FIRST]
    return 2 * sum(day.with_author for day in before) > sum(day.texts for day in before)


def main() -> int:
    """Judge the years of each seed; the exit code is 1 where what is asked is not reached."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, metavar="N")
    parser.add_argument("--alarms", action="store_true", help="list the false alarms and what was not found in time")
    arguments = parser.parse_args()
    told: list[Told] = []
    alarms: list[tuple[str, date, State, str]] = []
    with ProcessPoolExecutor(2) as judges:
        for found, false in judges.map(judge, [year for seed in arguments.seeds for year in make_years(seed)]):
            told += found
            alarms += false
    console = Console()
    for title, name in (("kind", lambda one: one.kind), ("rhythm", lambda one: one.rhythm)):
        console.print(_table(title, name, told, alarms if title == "rhythm" else (), len(arguments.seeds)))
    visible = [one for one in told if one.visible]
    in_time = sum(one.in_time for one in visible) / len(visible)
    most, rhythm = max((_alarms_a_year(rhythm.name, alarms, len(arguments.seeds)), rhythm.name) for rhythm in RHYTHMS)
    console.print(
        f"seeds {', '.join(map(str, arguments.seeds))}: {len(told)} faults, {len(visible)} of them could be seen"
    )
    console.print(
        f"found in time {in_time:.1%} (asked: 95 %), false alarms a source and year "
        f"{len(alarms) / SOURCES / len(arguments.seeds):.2f}, at most {most:.2f} ({rhythm}; asked: 1)"
    )
    console.print("false alarms by verdict:", dict(Counter(state.value for _, _, state, _ in alarms)))
    if arguments.alarms:
        for alarm in alarms:
            console.print(*alarm, soft_wrap=True)
        for one in visible:
            if not one.in_time:
                console.print(str(one), soft_wrap=True)
    return int(in_time < 0.95 or most > 1)


def _alarms_a_year(rhythm: str, alarms: Iterable[tuple[str, date, State, str]], seeds: int) -> float:
    """How often a source of this rhythm is called wrong in a year while it is well."""
    sources = next(one.sources for one in RHYTHMS if one.name == rhythm)
    return sum(alarm[0] == rhythm for alarm in alarms) / sources / seeds


def _table(
    title: str,
    name: Callable[[Told], str],
    told: Sequence[Told],
    alarms: Sequence[tuple[str, date, State, str]],
    seeds: int,
) -> Table:
    of_name: defaultdict[str, list[Told]] = defaultdict(list)
    for one in told:
        of_name[name(one)].append(one)
    columns = [title, "planted", "could be seen", "found in time", "found at all", "right verdict"]
    table = Table(*columns, *(["false alarms a source-year"] if alarms else []))
    for row, ones in of_name.items():
        seen = [one for one in ones if one.visible]
        shares = [
            f"{sum(values) / max(1, len(seen)):.1%}"
            for values in zip(*((one.in_time, one.found, one.named) for one in seen), strict=True)
        ]
        cells = [row, str(len(ones)), str(len(seen)), *shares]
        if alarms:
            cells.append(f"{_alarms_a_year(row, alarms, seeds):.2f}")
        table.add_row(*cells)
    return table


if __name__ == "__main__":
    sys.exit(main())
