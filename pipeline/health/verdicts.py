"""Whether each source is as it should be: its last days held against its own past.

A source is held against nothing but itself, by simple statistics whose figures stand in the verdict:

- **Silence.** For every day the probability that the source, left to its own rhythm, publishes nothing on it is taken from the same
  weekday of its last half year, and from how its counts vary: so its Fridays, its weekends and a weekly's six other days cost
  nothing, and neither do the feasts. The days since its last publication make a silence where the product of their
  probabilities is below `SILENT` and the gap is longer than any before.
- **Shares** (pages missing, walls, empty pages, other rejections together and by reason, texts without author, day or time,
  doubtful bodies). The pages of the last one to seven days are held against those of the half year before: what they say is
  measured by the divergence (Kullback-Leibler) of both from what they are together, times their pages (half of the G statistic).
  Where the share wavers from day to day by more than chance, it counts for less.
- **Length.** The logarithm of each day's median length, against the median and the percentiles of the days before; a day counts by
  its texts, as the median of a few turns over with two flashes.
- **Crawls.** The last crawls failed, no discovery answers, robots.txt forbids every page, or most pages did not come.

Only whole days are judged, in the source's zone; a crawl of today counts as soon as a build has read its report.
"""

from __future__ import annotations

import logging
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate, groupby, islice, pairwise
from statistics import fmean, median, variance
from typing import Any, TypeVar

from croniter import croniter

from pipeline.coverage import MOVED_TO, DayCoverage
from pipeline.coverage import State as Covered
from pipeline.health.feasts import is_feast
from pipeline.health.model import SourceDay, State, Verdict
from pipeline.sources import Source

_LOG = logging.getLogger(__name__)

HISTORY_DAYS = 182
"""What a source's past is: 26 weeks, so that each weekday has 26 of its kind and both halves of a year show their habits."""

MIN_HISTORY_DAYS = 28
"""Before it has four of each weekday, a source's rhythm is not known."""

SILENT = 0.0035
"""Probability below which a silence is one: a daily source that never missed a day of its half year (a chance of 0.5 in 183 for the
next) is silent after one day; one that missed several, after two or three. Tuned in `benchmarks.health`."""

CERTAINLY_SILENT = 1e-6
"""Probability below which a longer gap in the past is no excuse."""

PAST_SILENCE = 1e-4
"""Probability below which a gap in the past was a silence itself, and no rhythm."""

DRIFT = math.log(20000)
"""Divergence, in nats, of a share that has drifted: less than one chance in 20,000, as many shares are looked at every
day. Tuned in `benchmarks.health`."""

MIN_CHANGE = 0.25
"""Change of a share that is worth a person's look, however certain it is."""

MIN_SHARE = 0.005
"""The least past share: what was never seen in a half year may be seen once in 200 pages."""

BLOCKS = 7
"""Parts of the past, of about 26 days, the middle of which are the usual: a drift that lasted for weeks is not, and does not make
the next one look like the source's habit."""

BLOCK_DAYS = HISTORY_DAYS // BLOCKS
"""Days with texts of a part of the past lengths: so many that the second from either end is about the 5th or 95th percentile."""

WINDOWS = (1, 2, 3, 5, 7)
"""Days with pages that are held against the past."""

LENGTH = 6.0
"""Deviations at which a length has drifted: days of a few short texts are none. Tuned in `benchmarks.health`."""

LEAST_DEVIATION = 0.15
"""Least deviation of the logarithm of a day's median length: one sixth up or down is every site's daily wavering."""

MIN_RATIO = 2.0
"""Ratio of lengths that is worth a person's look."""

MIN_PAGES = 3
"""Pages of which half must be walls, empty or missing, where there is no past to hold them against."""

MIN_FORBIDDING_DAYS = 2
"""Days with pages that robots.txt forbids, of a source of which it never forbade any: one page may be what nobody is to have."""

MIN_PAST_PAGES = 30
"""Pages that make a past."""

GRACE = timedelta(hours=12)
"""How long after it was due a crawl may still be running, and the build that reads its report."""

UNFINISHED_DAYS = 30
"""Days back to which pages that are missing are told; `warraq coverage` goes further."""

_Value = TypeVar("_Value")
_DAY = timedelta(days=1)
_WEEK = 7
_NO_JUDGEMENT = frozenset({"unchanged", "taken_down", "redirect", "unreadable", "later_page"})
"""Rejections that say nothing of how the site's pages are."""

_REFUSALS = frozenset({"http_401", "http_403", "http_407", "http_429", "http_451"})
"""Failures by which a site says that it answers, and not to us."""

_LEADS_ASTRAY = re.compile(r": https?://(?P<host>[^/:\s]+)\S* is on none of the source's hosts$")
"""What a crawl's report says of a list that redirects off the source's hosts (`crawlers.middlewares.Offsite`)."""

_BROKEN_OFF = "the crawl was "


@dataclass(frozen=True, slots=True)
class _Share:
    """A share that may drift: how many of a day's pages, of how many, and what to say of it."""

    name: str
    count: Callable[[SourceDay], int]
    of: Callable[[SourceDay], int]
    state: State
    said: str
    todo: str
    windows: tuple[int, ...] = WINDOWS


def _judged(day: SourceDay) -> int:
    """Pages that became a text or were rejected for what they are."""
    return day.texts + sum(count for reason, count in day.rejected.items() if reason not in _NO_JUDGEMENT)


def _missing(day: SourceDay) -> int:
    return sum(day.failed.values())


def _otherwise_rejected(day: SourceDay) -> int:
    return _judged(day) - day.texts - day.rejected.get("blocked", 0) - day.rejected.get("empty", 0)


_WALLS = _Share(
    name="blocked",
    count=lambda day: day.rejected.get("blocked", 0),
    of=_judged,
    state=State.BLOCKED,
    said="pages are walls",
    todo="warraq check {id}; ask the site for access, or set `browser: true` or a longer `politeness.delay` in its file",
)
_EMPTIES = _Share(
    name="empty",
    count=lambda day: day.rejected.get("empty", 0),
    of=_judged,
    state=State.EMPTY,
    said="pages have no text",
    todo="warraq check {id}; where its pages need JavaScript, `browser: true` in its file; else warraq learn {id}",
)
_REJECTED = _Share(
    name="rejected",
    count=_otherwise_rejected,
    of=_judged,
    state=State.DRIFTING,
    said="pages are rejected",
    todo="warraq explain URL, of rejected pages that its page names; where they are articles, warraq learn {id}; else `links` or "
    "`sections` in its file",
)
_MISSING = _Share(
    name="failed",
    count=_missing,
    of=lambda day: _missing(day) + (day.captured or 0),
    state=State.SICK,
    said="pages did not come",
    todo="warraq check {id}",
    windows=(1,),  # the same pages are asked for day after day
)


def _rejected_as(reason: str) -> _Share:
    """The share of one reason: a gallery that comes in swarms does not hide what was never seen."""
    return replace(
        _REJECTED,
        name=f"rejected_{reason}",
        count=lambda day: day.rejected.get(reason, 0),
        said=f"pages are rejected as {reason}",
    )


def _rejections(days: Iterable[SourceDay]) -> list[_Share]:
    """The shares of all rejections together, and of each reason."""
    reasons = {reason for day in days for reason in day.rejected} - _NO_JUDGEMENT - {_WALLS.name, _EMPTIES.name}
    return [_REJECTED, *(_rejected_as(reason) for reason in sorted(reasons))]


def _of_texts(name: str, count: Callable[[SourceDay], int], said: str, key: str) -> _Share:
    todo = "warraq learn {id}, which proposes `body:`"
    if key != "body":
        todo = f"warraq extract URL --explain, of a new article; then `{key}:` in the file of {{id}}, and warraq build --rebuild"
    return _Share(name, count, lambda day: day.texts, State.DRIFTING, said, todo)


_OF_TEXTS = (
    _of_texts("without_author", lambda day: day.texts - day.with_author, "texts have no author", "author"),
    _of_texts("without_day", lambda day: day.texts - day.with_day, "texts state no day", "date"),
    _of_texts("without_time", lambda day: day.texts - day.with_time, "texts state no time", "date"),
    _of_texts("low_confidence", lambda day: day.low_confidence, "bodies are doubtful", "body"),
    _of_texts("selector_fails", lambda day: day.selector_fails, "pages lack what `body:` selects", "body"),
)

_ORDER = {state: place for place, state in enumerate(State)}


def verdicts(
    days: Iterable[SourceDay],
    sources: Mapping[str, Source],
    now: datetime,
    coverage: Iterable[DayCoverage] = (),
) -> list[Verdict]:
    """How each of the sources stands, the worst first, then by id.

    `days` are those of `pipeline.health.read_days`, in any order, of the `HISTORY_DAYS` before `now` (aware) at least; `coverage`
    the published days of the last `UNFINISHED_DAYS`, where pages that are missing are to be told.
    """
    of_source: defaultdict[str, list[SourceDay]] = defaultdict(list)
    for day in days:
        of_source[day.source].append(day)
    covered: defaultdict[str, list[DayCoverage]] = defaultdict(list)
    for one in coverage:
        covered[one.source].append(one)
    told = [_verdict_or_none(source, of_source[id_], now, covered[id_]) for id_, source in sources.items()]
    return sorted(told, key=lambda one: (_ORDER[one.state], one.source))


def _verdict_or_none(
    source: Source, days: Iterable[SourceDay], now: datetime, coverage: Sequence[DayCoverage]
) -> Verdict:
    """The verdict on a source, or that it could not be reached: what breaks on one source's days hides no other source."""
    try:
        return _verdict(source, days, now, coverage)
    except Exception as error:
        _LOG.exception("source %s cannot be judged", source.id)
        reason = f"it cannot be judged, by a fault of warraq's ({type(error).__name__}: {error})"
        return Verdict(source.id, State.UNKNOWN, reason, todo="report the fault, with the log of what you did")


def _verdict(source: Source, days: Iterable[SourceDay], now: datetime, coverage: Sequence[DayCoverage]) -> Verdict:
    if not source.enabled:
        return Verdict(
            source.id, State.OFF, "its file says `enabled: false`", todo=f"warraq check {source.id} --enable"
        )
    today = now.astimezone(source.zone).date()
    # A clock that jumped may have left days of the future.
    past = sorted((day for day in days if today - HISTORY_DAYS * _DAY <= day.day <= today), key=lambda day: day.day)
    crawled = [day for day in past if day.crawls]
    if not crawled:
        return _never_crawled(source, past)
    # Where pages came, what they are says more than that their crawl failed of it: a shell that is always the same fails it, too.
    came = bool(crawled[-1].captured)
    return (
        (_drifted(source, past, (_WALLS, _EMPTIES)) if came else None)
        or _sick(source, crawled)
        or _drifted(source, past, (_MISSING, _WALLS, _EMPTIES))
        or _silent(source, past, crawled, today)
        or _drifted(source, past, (*_rejections(past), *_OF_TEXTS))
        or _shrunk(source, [day for day in past if day.texts])
        or _late(source, crawled[-1], now)
        or _unfinished(source, coverage, today)
        or _well(source, past, today)
    )


def _never_crawled(source: Source, past: Sequence[SourceDay]) -> Verdict:
    unreadable, backfilled = sum(day.reports_unreadable for day in past), sum(day.backfilled for day in past)
    if unreadable:
        reason = f"none of its {unreadable} crawls left a report that can be read"
    elif backfilled:
        reason = f"{backfilled} pages came by backfills and imports, which tell nothing of it; no other crawl has reported yet"
    else:
        reason = "no crawl has reported yet"
    return Verdict(source.id, State.UNKNOWN, reason, todo=f"warraq crawl {source.id}, then warraq build")


def _well(source: Source, past: Sequence[SourceDay], today: date) -> Verdict:
    whole = [day for day in past if day.day < today]
    known = (today - past[0].day).days
    published = sum(day.published for day in whole)
    if known < MIN_HISTORY_DAYS or not published:
        reason = f"{published} pages published in the {known} days that it is known: too few to tell its rhythm by"
        return Verdict(source.id, State.UNKNOWN, reason, figures={"days": known, "published": published})
    week = sum(day.published for day in whole if day.day >= today - _WEEK * _DAY)
    usual = published / known * _WEEK
    reason = f"{week} pages published in the last 7 days, {usual:.0f} in a usual week"
    return Verdict(source.id, State.OK, reason, figures={"last_week": week, "usual_week": round(usual, 1)})


# Crawls -------------------------------------------------------------------------------------------------------------------


def _sick(source: Source, crawled: Sequence[SourceDay]) -> Verdict | None:
    """The last crawls could not read the site."""
    last = crawled[-1]
    usual = median(day.skipped.get("robots", 0) for day in crawled)
    why = _failure(last, usual) or _forbidden_of_late(crawled)
    if why is None and last.last_outcome == "failed":
        why = _failing(crawled)
    if why is None:
        return None
    since = _unread_since(crawled, usual)
    figures = {
        "crawls": last.crawls,
        "crawls_failed": last.crawls_failed,
        "failed": dict(last.failed),
        "skipped": dict(last.skipped),
        "problems": list(last.problems),
    }
    if host := _moved_to(last):
        todo = f"add {host} to `allowed_hosts` in the file of {source.id}, and put `home` and `discovery` right there"
        return Verdict(source.id, State.SICK, f"moved to {host}: {why}", since, todo, figures | {"moved_to": host})
    if _is_refused(last.failed):
        return Verdict(source.id, State.BLOCKED, why, since, _WALLS.todo.format(id=source.id), figures)
    forbidden = why.startswith("robots.txt forbids")
    return Verdict(source.id, State.SICK, why, since, _cure(source, last, forbidden=forbidden), figures)


def _unread_since(crawled: Sequence[SourceDay], usual: float) -> date:
    """The first day, since the last page came, on which something kept pages from coming; `usual` of them robots.txt always does.

    A source that publishes little has days in between on which nothing was due.
    """
    came = max((place for place, day in enumerate(crawled) if day.captured), default=-1)
    bad = _since(crawled, lambda day: day.last_outcome == "failed" or _failure(day, usual) is not None)
    kept = (day.day for day in crawled[came + 1 :] if day.failed or day.skipped.get("robots", 0) > usual)
    return min(bad, next(kept, bad))


def _failure(day: SourceDay, forbidden: float = 0) -> str | None:
    """Why the site could not be read on a day; None where it could. robots.txt usually forbids so many of the pages found."""
    robots, missing, captured = day.skipped.get("robots", 0), _missing(day), day.captured or 0
    if not captured and robots > 2 * forbidden and (robots >= MIN_PAGES or not day.known):
        return f"robots.txt forbids {robots} pages found, and no page came"
    if missing >= MIN_PAGES and missing >= captured:
        reasons = ", ".join(f"{reason} {count}" for reason, count in day.failed.items())
        return f"{missing} pages did not come ({reasons}), {captured} did"
    return None


def _forbidden_of_late(crawled: Sequence[SourceDay]) -> str | None:
    """Why nothing came since the last page that did: of a source that publishes little, robots.txt forbids all by and by."""
    came = max((place for place, day in enumerate(crawled) if day.captured), default=-1)
    before, since = crawled[: came + 1], crawled[came + 1 :]
    forbidding = [robots for day in since if (robots := day.skipped.get("robots", 0))]
    if len(forbidding) < MIN_FORBIDDING_DAYS or not before or any(day.skipped.get("robots") for day in before):
        return None
    return f"robots.txt forbids the {sum(forbidding)} pages found on {len(forbidding)} days, none before, and no page came since"


def _moved_to(day: SourceDay) -> str | None:
    """The host to which a site has moved: most pages that did not come lead there, or its lists do."""
    pages = {
        reason.removeprefix(MOVED_TO): count for reason, count in day.failed.items() if reason.startswith(MOVED_TO)
    }
    if 2 * sum(pages.values()) > _missing(day):
        return max(sorted(pages), key=lambda host: pages[host])
    lists = [found["host"] for problem in day.problems if (found := _LEADS_ASTRAY.search(problem))]
    return lists[0] if lists else None


def _is_refused(failed: Mapping[str, int]) -> bool:
    """Whether most of the pages that did not come were refused: a wall that says so by its status."""
    return 2 * sum(count for reason, count in failed.items() if reason in _REFUSALS) > sum(failed.values())


def _failing(crawled: Sequence[SourceDay]) -> str | None:
    """What the last crawls failed of; None where it may have been one crawl's bad luck, and the next is soon."""
    failed = 0
    for day in reversed(crawled):
        failed += day.crawls_failed
        if day.crawls_failed < day.crawls:
            break
    if failed < 2 <= median(day.crawls for day in crawled):
        return None
    last = crawled[-1]
    if last.discoveries and not last.discoveries_answered:
        if _forbids_lists(last):
            return f"robots.txt forbids its lists: {last.problems[0]}"
        return f"no discovery answers: {last.problems[0] if last.problems else last.last_message}"
    return f"its last crawls failed, {failed} of them: {last.last_message}"


def _forbids_lists(day: SourceDay) -> bool:
    """Whether robots.txt forbids what the discoveries ask for; one that cannot be had is another thing."""
    return any(problem.endswith(": robots") for problem in day.problems)


def _cure(source: Source, day: SourceDay, *, forbidden: bool = False) -> str:
    if forbidden or _forbids_lists(day) or day.skipped.get("robots"):
        return f"read {source.home}robots.txt; ask the site for leave, or `enabled: false` in its file"
    broken = sum(count for reason, count in day.failed.items() if reason.startswith("http_5"))
    if 2 * broken > sum(day.failed.values()):
        return f"open one of its pages in a browser; broken there, too, wait or write to the site; else warraq check {source.id}"
    return f"warraq check {source.id}; where it has moved or closed, mend its file or `enabled: false`"


def _late(source: Source, last: SourceDay, now: datetime) -> Verdict | None:
    """No crawl began when one was due."""
    due = _due(source, now - GRACE)
    if last.last_crawl_at is None or last.last_crawl_at >= due:
        return None
    missed = _next_due(source, last.last_crawl_at)
    hours = (now - last.last_crawl_at) / timedelta(hours=1)
    reason = f"the last crawl that a build knows of began {hours:.0f} hours ago, one was due {missed:%Y-%m-%d %H:%M}"
    todo = f"look whether crawl_{source.id} and corpus run in Airflow, or: warraq crawl {source.id}; warraq build"
    figures = {"last_crawl_at": last.last_crawl_at.isoformat(), "due": due.isoformat()}
    return Verdict(source.id, State.LATE, reason, missed.date(), todo, figures)


def _due(source: Source, before: datetime) -> datetime:
    """The last time up to then at which the schedule starts a crawl."""
    due: datetime = croniter(source.schedule, before.astimezone(source.zone)).get_prev(datetime)
    return due


def _next_due(source: Source, after: datetime) -> datetime:
    due: datetime = croniter(source.schedule, after.astimezone(source.zone)).get_next(datetime)
    return due


def _unfinished(source: Source, coverage: Iterable[DayCoverage], today: date) -> Verdict | None:
    """Days lack pages, and are too long past for a scheduled crawl to come back to them."""
    first, end = today - UNFINISHED_DAYS * _DAY, today - source.look_back_days * _DAY
    lacking = [
        one
        for one in sorted(coverage, key=lambda one: one.day)
        if first <= one.day < end
        and (one.state == Covered.GAP or (one.state == Covered.PARTIAL and (one.failed or _BROKEN_OFF in one.why)))
    ]
    if not lacking:
        return None
    missing = sum(one.failed for one in lacking)
    reason = f"{len(lacking)} days lack pages ({missing} did not come), and no scheduled crawl comes back to them: {lacking[0].why}"
    todo = f"warraq crawl {source.id} --since {lacking[0].day} --until {lacking[-1].day + _DAY}"
    figures = {"days": [one.day.isoformat() for one in lacking], "failed": missing}
    return Verdict(source.id, State.UNFINISHED, reason, lacking[0].day, todo, figures)


# Silence ------------------------------------------------------------------------------------------------------------------


def _silent(source: Source, past: Sequence[SourceDay], crawled: Sequence[SourceDay], today: date) -> Verdict | None:
    """It has published nothing for longer than its own rhythm explains; what stands in the way is named, where it is known."""
    by_day = {day.day: day for day in past}
    published = [day.day for day in past if day.published]
    if not published or (published[-1] - past[0].day).days < MIN_HISTORY_DAYS:
        return None
    last = published[-1]
    # Days on which no crawl looked, and those after the last crawl, tell nothing.
    end = min(today, crawled[-1].day)
    gap = [last + n * _DAY for n in range(1, (end - last).days)]
    if not gap:
        return None
    days = [past[0].day + n * _DAY for n in range((last - past[0].day).days + 1)]
    rhythm = _rhythm([day for day in days if day not in by_day or not _troubled(by_day[day])], by_day)
    chance = rhythm.chance(gap)
    if chance >= SILENT or (len(gap) <= rhythm.longest and chance >= CERTAINLY_SILENT):
        return None
    missed = sum(1 - rhythm.idle_on(day) for day in gap)
    figures = {"days": len(gap), "chance": chance, "missed": round(missed, 1), "longest_before": rhythm.longest}
    silence = f"nothing published for {len(gap)} days, {missed:.0f} with articles were due; longest gap before: {rhythm.longest}"
    state, why, todo = _what_silences(source, [by_day[day] for day in gap if day in by_day])
    return Verdict(source.id, state, f"{silence}{why}", gap[0], todo, figures)


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """When a source rests: for each weekday the probability that nothing is published on it, and the longest gap."""

    idle: Mapping[int, float]
    longest: int = 0

    def idle_on(self, day: date) -> float:
        """The probability that nothing is published on a day: certain on a feast."""
        return 1.0 if is_feast(day) else self.idle[day.weekday()]

    def chance(self, gap: Iterable[date]) -> float:
        """The probability that nothing is published on any of these days."""
        return math.prod(self.idle_on(day) for day in gap)


def _rhythm(history: Sequence[date], days: Mapping[date, SourceDay]) -> _Rhythm:
    """The rhythm of some days, without the feasts on which it rested and what were silences then."""
    published = {day: days[day].published if day in days else 0 for day in history}
    published = {day: count for day, count in published.items() if count or not is_feast(day)}
    rhythm = _Rhythm(_idle(published))
    gaps = [list(of_gap) for none, of_gap in groupby(published, lambda day: not published[day]) if none]
    silences = [gap for gap in gaps if rhythm.chance(gap) < PAST_SILENCE]
    if silences:
        past = {day for gap in silences for day in gap}
        rhythm = _Rhythm(_idle({day: count for day, count in published.items() if day not in past}))
    return _Rhythm(rhythm.idle, max((len(gap) for gap in gaps if gap not in silences), default=0))


def _idle(published: Mapping[date, int]) -> dict[int, float]:
    """For each weekday the probability that nothing is published on it.

    Where it happened, its share of such days, to which a week of what the counts themselves say is added (a negative binomial
    with the weekday's mean and the dispersion of all weekdays); where it never did, the lesser of that and of what all such
    weekdays say together: 40 articles a day do not stop by chance.
    """
    counts: defaultdict[int, list[int]] = defaultdict(list)
    for day, count in published.items():
        counts[day.weekday()].append(count)
    never = sum(len(of_day) for of_day in counts.values() if all(of_day))
    several = [of_day for of_day in counts.values() if len(of_day) > 1]
    excess = sum(variance(of_day) - fmean(of_day) for of_day in several)
    size = sum(fmean(of_day) ** 2 for of_day in several) / excess if excess > 0 else math.inf
    idle = {}
    for weekday in range(_WEEK):
        of_day = counts[weekday]
        likely = _none_of(fmean(of_day), size) if of_day else 0.5
        if all(of_day) and of_day:
            idle[weekday] = min(0.5 / (never + 1), likely)
        else:
            idle[weekday] = (of_day.count(0) + _WEEK * likely) / (len(of_day) + _WEEK)
    return idle


def _none_of(mean: float, size: float) -> float:
    """The probability of none under a negative binomial of this mean and size; Poisson where that is infinite."""
    if math.isinf(size):
        return math.exp(-mean)
    return float((size / (size + mean)) ** size) if size else 1.0


def _troubled(day: SourceDay) -> bool:
    """Whether a day without publications tells of trouble rather than of a rhythm."""
    judged = _judged(day)
    no_texts = judged > 0 and 2 * (judged - day.texts) >= judged
    return not day.published and (day.last_outcome == "failed" or _failure(day) is not None or no_texts)


def _what_silences(source: Source, days: Sequence[SourceDay]) -> tuple[State, str, str]:
    """What stands in the way of a source that publishes nothing: its state, what to add to the sentence, and what to do."""
    judged = sum(_judged(day) for day in days)
    for share in (_WALLS, _EMPTIES, _REJECTED):
        count = sum(share.count(day) for day in days)
        least = 1 if share is not _REJECTED else MIN_PAGES
        if count >= least and 2 * count >= judged:
            return share.state, f": {count} of {judged} {share.said}", share.todo.format(id=source.id)
    robots = max((day.skipped.get("robots", 0) for day in days), default=0)
    failed: Counter[str] = Counter()
    for day in days:
        failed.update(day.failed)
    broken = sum(day.crawls_failed for day in days)
    if days and (failed.total() >= MIN_PAGES or robots or 2 * broken >= sum(day.crawls for day in days) > 0):
        told = ", ".join(f"{reason} {count}" for reason, count in sorted(failed.items()))
        why = told or (f"robots.txt forbids {robots} pages" if robots else days[-1].last_message or "its crawls fail")
        if _is_refused(failed):
            return State.BLOCKED, f": {why}", _WALLS.todo.format(id=source.id)
        return State.SICK, f": {why}", _cure(source, days[-1])
    found = max((day.found or 0 for day in days), default=0)
    todo = f"open {source.home} and see whether it publishes; then warraq check {source.id}"
    return (
        State.SILENT,
        f"; its lists show {found} addresses, none of them new" if found else "; its lists are empty",
        todo,
    )


# Drift --------------------------------------------------------------------------------------------------------------------


def _drifted(source: Source, days: Sequence[SourceDay], shares: Iterable[_Share]) -> Verdict | None:
    """One of these shares is not what it was: the one that tells most."""
    found = []
    for share in shares:
        if not _stands_out(share, days):
            continue
        counts = [(day, share.count(day), share.of(day)) for day in days if share.of(day)]
        for window in share.windows:
            if len(counts) < window:
                break
            recent, before = counts[-window:], counts[:-window]
            count, of = sum(one[1] for one in recent), sum(one[2] for one in recent)
            if count < MIN_CHANGE * of:
                continue
            past = [(k, n) for _, k, n in before]
            usual = _usual(past)
            certain = bool(past) and count / of - usual >= MIN_CHANGE
            divergence = _divergence(count, of, usual, sum(one[2] for one in before))
            certain = certain and divergence >= DRIFT and divergence / _wavering(past, usual) >= DRIFT
            certain &= recent[-1][1] / recent[-1][2] >= (usual + count / of) / 2  # it is not over yet
            # Walls and empty pages are no texts, also where there is no past, or where they are all of it.
            unseen = sum(one[2] for one in before) < MIN_PAST_PAGES
            never = of >= MIN_PAGES and 2 * count >= of if unseen else of >= 2 * MIN_PAGES and count >= 0.9 * of
            certain |= share.state in {State.BLOCKED, State.EMPTY} and never
            if certain:
                found.append((divergence, share, count, of, usual, counts))
                break
    if not found:
        return None
    divergence, share, count, of, usual, counts = max(found, key=lambda one: one[0])
    half = (usual + count / of) / 2
    since = _since([one[0] for one in counts], lambda day: share.count(day) >= half * share.of(day))
    figures = {
        "share": share.name,
        "count": count,
        "of": of,
        "usual": round(usual, 3),
        "divergence": round(divergence, 1),
    }
    reason = f"{count} of the last {of} {share.said}; usual is {usual:.0%}"
    return Verdict(source.id, share.state, reason, since, share.todo.format(id=source.id), figures)


def _stands_out(share: _Share, days: Sequence[SourceDay]) -> bool:
    """Whether a share of the last days is large enough for a change that is worth a look, whatever is usual."""
    of_share = ((share.count(day), of) for day in reversed(days) if (of := share.of(day)))
    counts = list(islice(of_share, share.windows[-1]))
    sums = accumulate(counts, lambda one, other: (one[0] + other[0], one[1] + other[1]))
    return any(count >= MIN_CHANGE * of for count, of in sums)


def _usual(counts: Sequence[tuple[int, int]]) -> float:
    """The share of some days: of the middle ones of its parts, taken together."""
    blocks = _blocks(counts)
    sums = sorted(
        ((sum(k for k, _ in block), sum(n for _, n in block)) for block in blocks), key=lambda one: one[0] / one[1]
    )
    outer = len(sums) // 4 if len(sums) < BLOCKS else 2
    middle = sums[outer : len(sums) - outer]
    # Of few pages most parts have none of what is rare: half of the share of all is the least, in whatever parts it was.
    least = max(MIN_SHARE, (sum(k for k, _ in counts) + 0.5) / (sum(n for _, n in counts) + 1) / 2)
    share = sum(k for k, _ in middle) / sum(n for _, n in middle) if middle else 0.5
    return min(max(share, least), 1 - MIN_SHARE)


def _wavering(counts: Sequence[tuple[int, int]], share: float) -> float:
    """By how much more than chance a share wavers from day to day (1: not at all).

    The squared deviations of one that wavers by chance alone are 1 on average, of however few pages.
    """
    deviations = [(k - n * share) ** 2 / (n * share * (1 - share)) for k, n in counts]
    return max(median(fmean(block) for block in _blocks(deviations)), 1.0)


def _blocks(values: Sequence[_Value]) -> list[Sequence[_Value]]:
    """The parts of a past."""
    size = -(-len(values) // BLOCKS) or 1
    return [values[start : start + size] for start in range(0, len(values), size)]


def _divergence(count: int, of: int, usual: float, before: int) -> float:
    """How far `count` of `of` pages are from a usual share, itself known of so many pages, in nats (half of the G statistic).

    The divergence (Kullback-Leibler) of both from what they are together: a usual share known of few pages may be another itself.
    """
    together = (count + usual * before) / (of + before)
    own = of * _kullback_leibler(count / of, together)
    # Of nothing is known how far it is from anything: where all pages are so, `together` leaves it no room.
    return own + before * _kullback_leibler(usual, together) if before else own


def _kullback_leibler(share: float, usual: float) -> float:
    parts = ((share, usual), (1 - share, 1 - usual))
    return sum(now * math.log(now / before) for now, before in parts if now)


def _shrunk(source: Source, days: Sequence[SourceDay]) -> Verdict | None:
    """The texts are much shorter, or much longer, than they were."""
    lengths = [(day, math.log(day.body_median)) for day in days if day.body_median]
    for window in WINDOWS:
        recent, before = lengths[-window:], lengths[:-window]
        if len(before) < _WEEK:
            return None
        usual = median(length for _, length in before)
        texts = sum(day.texts for day, _ in recent)
        change = sum(length * day.texts for day, length in recent) / texts - usual
        lasts = (recent[-1][1] - usual - change / 2) * change > 0  # it is not over yet
        # So many texts must have changed, at least, to turn the medians of these days.
        turned = sum((day.texts + 1) // 2 for day, length in recent if (length - usual - change / 2) * change > 0)
        if turned < MIN_PAGES or abs(change) < math.log(MIN_RATIO) or not lasts:
            continue
        # A day's median wavers by as much less as it has more texts.
        deviation = max(
            _deviation([(length - usual) * math.sqrt(day.texts) for day, length in before]), LEAST_DEVIATION
        )
        deviations = abs(change) * math.sqrt(texts) / deviation
        if deviations >= LENGTH:
            was, now = round(math.exp(usual)), round(math.exp(usual + change))
            half = usual + change / 2
            since = _since(
                [day for day, _ in lengths],
                lambda day: (math.log(day.body_median or 1) - half) * change > 0,  # noqa: B023 - used at once
            )
            reason = f"bodies have {now:,} characters, usual are {was:,}"
            figures: dict[str, Any] = {"body_median": now, "usual": was, "deviations": round(deviations, 1)}
            return Verdict(
                source.id, State.DRIFTING, reason, since, f"warraq learn {source.id}, which proposes `body:`", figures
            )
    return None


def _deviation(values: Sequence[float]) -> float:
    """The standard deviation as the 5th and 95th percentile have it, which see the tails that a median deviation does not.

    The median of those of the past's parts, each of `BLOCK_DAYS` values at least.
    """
    parts = max(len(values) // BLOCK_DAYS, 1)
    bounds = [len(values) * part // parts for part in range(parts + 1)]
    return median(_spread(values[start:end]) for start, end in pairwise(bounds))


def _spread(values: Sequence[float]) -> float:
    ranked = sorted(values)
    least, most = ranked[len(ranked) // 20], ranked[-1 - len(ranked) // 20]
    return (most - least) / (2 * 1.645)


def _since(days: Sequence[SourceDay], bad: Callable[[SourceDay], bool]) -> date:
    """The first of the last days that were all bad."""
    since = days[-1].day
    for day in reversed(days):
        if not bad(day):
            break
        since = day.day
    return since
