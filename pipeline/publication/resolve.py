"""Which of a page's dates is its publication.

Every candidate is read in the source's zone, then weighed. What a page states in several independent ways (its metadata,
its printed line, its address, the feed) outweighs what it states in one. The known errors of real pages are set right first:

- "Z" or "+00:00" stamped on local time: the printed local time reads the same wall clock, or the stamp, taken at its word,
  follows the capture. The stamp's zone is wrong, and so is that of all stamps of its kind.
- the UTC day of a local date: a printed day wins over a machine's that differs as the two zones do.
- where the source's own file names the place of the date, what stands there is the day, whatever else is stated.
- a clock, of the site or of its server: a day or an instant that is the capture's own gives way to any other.
- another article's date in a related box: marked by `pipeline.publication.find_candidates`, never read.
- a modification before the publication; a template's creation date of 2000; a day after the capture; day and month in the
  other order than the source's, where only that agrees with what the page states elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.dates import EARLIEST, GREGORIAN, WEEKDAYS, ParsedDate, fold, parse_date, zone_of
from pipeline.publication.candidate import MODIFIED, PUBLISHED, Candidate
from pipeline.publication.url_dates import day_in_path, is_number_run

CAPTURED = "captured"


@dataclass(frozen=True, slots=True)
class Publication:
    """When an article was published, and how that is known.

    Attributes:
        published_at: the instant, aware, in UTC; only where a time is stated that falls on ``published_day``.
        published_day: the calendar day printed for readers, in the source's zone.
        precision: "second", "minute", "day", or "captured" where nothing trustworthy was found.
        method: the chosen candidate's method, or "captured". "visible, correcting meta:…" where metadata stamped UTC on
            the local time that the page prints.
        evidence: the chosen candidate's literal text; None where captured.
        confidence: "high" (independent statements agree), "medium" (one statement, uncontradicted) or "low". A statement
            that contradicts itself (a weekday that is not the day's, two calendars apart) is one step lower, as is one
            that another contradicts by more than a day.
        zone: how the instant's zone is known: "stated" (the evidence states an offset or a zone, or counts from the
            capture), "source" (it states none: the source's zone was taken), "corrected" (it states UTC on what is local
            time, as the printed time or the capture shows); None where ``published_at`` is.
        modified_at: the last stated modification not before the publication, aware, in UTC.
    """

    published_at: datetime | None
    published_day: date
    precision: str
    method: str
    evidence: str | None
    confidence: str
    zone: str | None
    modified_at: datetime | None


class _Source(NamedTuple):
    """Where and how a source prints its dates, and when the page was captured there."""

    zone: ZoneInfo
    order: str
    captured: datetime

    def allows(self, day: date) -> bool:
        return day >= EARLIEST and day.toordinal() <= self.captured.toordinal() + 1


# How an instant is known: from a stamp in UTC or in another offset, in the source's zone as none is stated, in that zone
# though UTC is stated, or as so long before the capture.
_UTC, _OFFSET, _LOCAL, _CORRECTED, _COUNTED = "utc", "offset", "local", "corrected", "counted"
_ZONES = {_UTC: "stated", _OFFSET: "stated", _COUNTED: "stated", _LOCAL: "source", _CORRECTED: "corrected"}


class _Reading(NamedTuple):
    """A candidate as read: its day at the source; its instant, and the time as printed, where a time is stated."""

    candidate: Candidate
    family: str
    weight: float
    day: date
    instant: datetime | None = None
    precision: str = "day"
    stamp: str = _LOCAL
    calendar: str = GREGORIAN
    doubtful: bool = False
    """It contradicts itself."""

    @property
    def origin(self) -> str:
        """What counts as one independent statement: ``<time>`` and its text do."""
        return _VISIBLE if self.candidate.method.startswith(("time", "abbr")) else self.family

    @property
    def is_strong(self) -> bool:
        """Whether it is trusted enough to contradict another."""
        return self.weight >= _LEAST_STRONG

    @property
    def wall_time(self) -> datetime | None:
        """The time as stated, whatever its zone, to the minute."""
        return None if self.instant is None else self.instant.replace(tzinfo=None, second=0, microsecond=0)


_MACHINE = "machine"
_VISIBLE = "visible"
_ADDRESS = "url"
_DISCOVERY = "discovery"
_NAMED = "named"
# How far each kind of statement is trusted on its own, judged on real Arabic news pages; kinds of one family share a template
# and so count once.
_WEIGHTS: dict[str, tuple[str, float]] = {
    "json-ld:datePublished": (_MACHINE, 5),
    "json-ld:dateCreated": (_MACHINE, 2.5),
    "json-ld:uploadDate": (_MACHINE, 2),
    "microdata:datePublished": (_MACHINE, 5),
    "microdata:dateCreated": (_MACHINE, 2.5),
    "microdata:uploadDate": (_MACHINE, 2),
    "meta:article:published_time": (_MACHINE, 5),
    "meta:date": (_MACHINE, 2.5),
    "meta:timestamp": (_MACHINE, 1),
    "meta:created": (_MACHINE, 1),
    "meta:created_at": (_MACHINE, 1),
    "selector": (_NAMED, 5),
    "abbr": (_MACHINE, 4),
    "visible": (_VISIBLE, 4),
    "visible:bare": (_VISIBLE, 3.5),
    "url": (_ADDRESS, 3),
    "feed": (_DISCOVERY, 4.5),
    "sitemap": (_DISCOVERY, 4.5),
    "wordpress": (_DISCOVERY, 4.5),
    "listing": (_DISCOVERY, 2),
}
# A lighter statement is never chosen; a number that begins like a day and a date far below the heading weigh just this.
_LEAST_WEIGHT = 1.5
# From here on a statement is trusted enough to contradict another, and a printed line to correct a machine's.
_LEAST_STRONG = 3
_LEAST_PRINTED = 2.5
# What the reader's notes, a count of time, a day without a year, and one with neither weekday nor time that only its place
# makes the article's, leave of a weight.
_DOUBTFUL_WEIGHT = 2
_COUNTED_WEIGHT = 2
_YEARLESS_WEIGHT = 3
_BARE_DAY_WEIGHT = 2.5

# Days by the heading, unless they are labelled.
_BY_HEADING = frozenset({"visible", "visible:bare", "time"})
# What content systems write when they know no date: the epoch of 2000, and MySQL's 0000-00-00 as PHP prints it.
_PLACEHOLDER_DAYS = frozenset({date(1999, 11, 30), date(2000, 1, 1)})
# A page is rarely published within minutes of its capture; a server's clock always is. None is published after it.
_JUST_NOW = timedelta(minutes=10)
_DAY = timedelta(days=1)
# Notes of the date reader on a text that says two things.
_CONTRADICTIONS = frozenset({"weekday contradicts", "calendars disagree"})


def resolve(candidates: Sequence[Candidate], *, captured_at: datetime, zone: str, order: str = "DMY") -> Publication:
    """Weigh a page's candidates and say when it was published and last modified.

    Args:
        candidates: what `pipeline.publication.find_candidates` found.
        captured_at: when the page was fetched; a naive time is taken in ``zone``.
        zone: IANA zone in which the source prints its dates.
        order: order of the source's numeric dates: "DMY", "MDY" or "YMD".

    Returns:
        The publication. With no trustworthy candidate its day is the capture's, its precision and method "captured".

    Raises:
        ValueError: ``zone`` is unknown, or ``order`` is and some text must be read by it. No candidate raises.
    """
    where = zone_of(zone)
    try:
        captured = captured_at.replace(tzinfo=where) if captured_at.tzinfo is None else captured_at.astimezone(where)
        return _decide(candidates, _Source(where, order, captured))
    except OverflowError:  # a capture at the edge of the calendar
        return Publication(None, captured_at.date(), CAPTURED, CAPTURED, None, "low", None, None)


def _decide(candidates: Sequence[Candidate], source: _Source) -> Publication:
    where = source.zone
    readings, corroborating = _correct(_read_all(candidates, source), source)
    modified = [reading for reading in readings if reading.candidate.role == MODIFIED]
    published = _without_clocks(_trusted(readings), modified, source)
    clear = [reading for reading in published if reading.family == _NAMED] or _unambiguous(published)
    day = _best_day(clear, where)
    if day is None:
        last = _last_modification(modified, None, None)
        return Publication(None, source.captured.date(), CAPTURED, CAPTURED, None, "low", None, last)
    chosen = _chosen(clear, day)
    method, evidence = chosen.candidate.method, chosen.candidate.text
    confidence = _confidence(published, chosen)
    printed = corroborating.get(chosen)
    if printed is not None:
        method, evidence = f"{printed.candidate.method}, correcting {method}", printed.candidate.text
        chosen = chosen._replace(instant=printed.instant, precision=printed.precision)
    instant = chosen.instant
    if instant is not None and instant.astimezone(where).date() != day:
        instant = None
    return Publication(
        published_at=instant.astimezone(UTC) if instant is not None else None,
        published_day=day,
        precision=chosen.precision if instant is not None else "day",
        method=method,
        evidence=evidence,
        confidence=confidence,
        zone=_ZONES[chosen.stamp] if instant is not None else None,
        modified_at=_last_modification(modified, instant, day),
    )


# Reading ---------------------------------------------------------------------------------------------------------------


def _read_all(candidates: Sequence[Candidate], source: _Source) -> list[_Reading]:
    """The readings of all candidates that state a day of the article's.

    Of one printed in numbers day and month are exchanged where only so it agrees with what is stated elsewhere.
    """
    texts: dict[str, ParsedDate | None] = {}  # one text stands in many places
    readings = [reading for candidate in candidates if (reading := _read(candidate, source, texts)) is not None]
    days = {reading.day for reading in readings if reading.family != _VISIBLE and reading.is_strong}
    agreeing = {reading.candidate for reading in readings if reading.day in days}
    exchanged = source._replace(order="DMY" if source.order == "MDY" else "MDY")
    for candidate in candidates:
        printed = candidate.method.startswith(_VISIBLE) and _IN_NUMBERS.search(candidate.text)
        other = _read(candidate, exchanged, {}) if printed and candidate not in agreeing else None
        if other is not None and other.day in days:
            readings = [reading for reading in readings if reading.candidate != candidate] + [other]
    return readings


def _read(candidate: Candidate, source: _Source, texts: dict[str, ParsedDate | None]) -> _Reading | None:
    """A candidate's day and instant; None where it states no real day within the allowed range, or another thing's."""
    text = candidate.text
    if candidate.method.endswith(":other"):
        return None
    family, weight = _weigh(candidate)
    if family == _ADDRESS:
        day = day_in_path(text)
        weight = _LEAST_WEIGHT if is_number_run(text) else weight
        return _Reading(candidate, family, weight, day) if day is not None and source.allows(day) else None
    stamped = _read_stamp(text) if family != _VISIBLE else None
    if stamped is not None:
        value, precision = stamped
        reading = _Reading(candidate, family, weight, EARLIEST, precision=precision)
        return _with_value(reading, value, source, with_zone=isinstance(value, datetime) and value.tzinfo is not None)
    if text not in texts:
        texts[text] = parse_date(text, reference=source.captured, zone=source.zone.key, order=source.order)
    parsed = texts[text]
    return None if parsed is None else _read_prose(candidate, family, weight, parsed, source)


def _weigh(candidate: Candidate) -> tuple[str, float]:
    """A candidate's family, and how far it is trusted."""
    method = candidate.method
    if method.endswith(":foot"):
        return (_VISIBLE if method.startswith("visible") else _MACHINE), _LEAST_WEIGHT
    known = _WEIGHTS.get(method.removesuffix(":above"))
    if known is not None:
        family, weight = known
        return family, weight + 1 if family == _VISIBLE and candidate.role == PUBLISHED else weight
    if method.startswith(("meta:", "rdfa:")):
        return _MACHINE, 4 if candidate.role == PUBLISHED else 0
    if method in {"time", "time:above"}:
        return _MACHINE, 4 if candidate.role == PUBLISHED else 3
    if method.startswith(("json-ld:", "microdata:")):
        return _MACHINE, 3
    return _DISCOVERY, 2


# A day and a month in either order.
_IN_NUMBERS = re.compile(r"(?<!\d)\d{1,2}\W{1,3}\d{1,2}\W{1,3}\d{4}(?!\d)")
# ISO 8601, extended and basic, and Unix's seconds or milliseconds: what programs write. Other calendars' years are read as prose.
_STAMP = re.compile(
    r"((?:19|20)[0-9]{2})(-?)([0-9]{2})\2([0-9]{2})"
    r"(?:[T ]?([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,][0-9]{1,9})?)? ?(?:(Z|UTC|GMT)|([+-])([0-9]{2}):?([0-9]{2}))?)?"
)
_EPOCH = re.compile(r"(1[0-9]{9})(?:[0-9]{3})?")
# As ASP.NET writes JSON, in milliseconds; an offset behind them changes no instant.
_ASP_NET = re.compile(r"/Date\(([0-9]{9,10})[0-9]{3}(?:[+-][0-9]{4})?\)/")


def _read_stamp(text: str) -> tuple[date, str] | None:
    """What a program's stamp says, aware where it states an offset, and its precision."""
    match = _STAMP.fullmatch(text)
    try:
        if match is None:
            seconds = _EPOCH.fullmatch(text) or _ASP_NET.fullmatch(text)
            return (datetime.fromtimestamp(int(seconds[1]), tz=UTC), "second") if seconds else None
        year, _, month, day, hour, minute, second, utc, sign, hours, minutes = match.groups()
        if hour is None:
            return date(int(year), int(month), int(day)), "day"
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        zone = timezone(-offset if sign == "-" else offset) if utc or sign else None
        clock = int(hour), int(minute), int(second or 0)
        return datetime(int(year), int(month), int(day), *clock, tzinfo=zone), "second" if second else "minute"
    except ValueError:
        return None


def _read_prose(
    candidate: Candidate, family: str, weight: float, parsed: ParsedDate, source: _Source
) -> _Reading | None:
    """What a person wrote, or a program for persons."""
    value: date = parsed.value
    counted = parsed.method.startswith("relative")
    if parsed.precision in {"month", "year"} or parsed.method == "relative:week":
        return None
    if parsed.method == "relative:hour" and isinstance(value, datetime):
        value = value.date()  # whole hours do not tell the minute
    doubtful = not _CONTRADICTIONS.isdisjoint(parsed.notes)
    if doubtful or counted:
        weight = min(weight, _DOUBTFUL_WEIGHT)
    elif parsed.method == "no-year":
        weight = min(weight, _YEARLESS_WEIGHT)
    elif candidate.method.endswith(":bare") and not isinstance(value, datetime) and not _has_weekday(parsed.matched):
        weight = min(weight, _BARE_DAY_WEIGHT)
    stamp = _COUNTED if counted else _LOCAL
    reading = _Reading(candidate, family, weight, EARLIEST, None, parsed.precision, stamp, parsed.calendar, doubtful)
    return _with_value(reading, value, source, with_zone="zone stated" in parsed.notes)


def _has_weekday(text: str) -> bool:
    return not WEEKDAYS.keys().isdisjoint(fold(text).replace(",", " ").split())


def _with_value(reading: _Reading, value: date, source: _Source, *, with_zone: bool) -> _Reading | None:
    """A reading with the day and the instant of a value; ``with_zone`` where it states the zone it is in."""
    day, instant, stamp = value, None, reading.stamp
    if isinstance(value, datetime):
        instant = value if value.tzinfo is not None else value.replace(tzinfo=source.zone)
        local = instant.astimezone(source.zone)
        day = local.date()
        if with_zone:
            stamp = _OFFSET if value.utcoffset() else _UTC
        if value.time() == time(0):
            day, instant = value.date(), None  # midnight in the zone it states: a day, printed as a time
        elif local.time() == time(0):
            instant = None
    if not source.allows(day) or (reading.family in {_MACHINE, _DISCOVERY} and day in _PLACEHOLDER_DAYS):
        return None
    return reading._replace(day=day, instant=instant, precision=reading.precision if instant else "day", stamp=stamp)


# Known errors ----------------------------------------------------------------------------------------------------------


def _correct(readings: list[_Reading], source: _Source) -> tuple[list[_Reading], dict[_Reading, _Reading]]:
    """UTC stamps taken for local time, all of a family of which one proves wrong; and the readings that corroborate them.

    A corrected reading's corroborating one prints the same wall time in the source's zone. An instant that still follows
    the capture is dropped: some zone is wrong, though the day may be right.
    """
    printed: dict[datetime | None, _Reading] = {}
    for reading in readings:
        is_line = reading.family == _VISIBLE and reading.stamp == _LOCAL and reading.weight >= _LEAST_PRINTED
        if is_line or (reading.family != _VISIBLE and reading.stamp == _OFFSET):
            printed.setdefault(reading.wall_time, reading)
    latest = source.captured + _JUST_NOW
    wrong_families = {
        reading.family
        for reading in readings
        if _may_be_local(reading, source) and (reading.wall_time in printed or (reading.instant or latest) > latest)
    }
    corrected: list[_Reading] = []
    corroborating: dict[_Reading, _Reading] = {}
    for reading in readings:
        kept = reading
        if reading.family in wrong_families and _may_be_local(reading, source):
            kept = _as_local(reading, source)
            if reading.wall_time in printed:
                corroborating[kept] = printed[reading.wall_time]
        late = kept.instant is not None and kept.instant > latest
        corrected.append(kept._replace(instant=None, precision="day") if late else kept)
    return corrected, corroborating


def _as_local(reading: _Reading, source: _Source) -> _Reading:
    """A reading with its wall time taken in the source's zone."""
    if reading.instant is None:
        return reading
    instant = reading.instant.replace(tzinfo=source.zone)
    return reading._replace(day=instant.date(), instant=instant, stamp=_CORRECTED)


def _may_be_local(reading: _Reading, source: _Source) -> bool:
    """Whether a program stamped a reading UTC though its source's clocks show another time: it may have meant theirs."""
    if reading.stamp != _UTC or reading.family == _VISIBLE or reading.instant is None:
        return False
    return bool(reading.instant.astimezone(source.zone).utcoffset())


def _trusted(readings: Sequence[_Reading]) -> list[_Reading]:
    """What may be the publication. Of dates far below the heading only one day may: several are those of comments."""
    foot_days = {reading.day for reading in readings if _is_far_below(reading) and reading.candidate.role != MODIFIED}
    return [
        reading
        for reading in readings
        if reading.candidate.role != MODIFIED
        and reading.weight >= _LEAST_WEIGHT
        and not (len(foot_days) > 1 and _is_far_below(reading))
    ]


def _is_far_below(reading: _Reading) -> bool:
    """Whether a reading stands far below the heading."""
    return reading.candidate.method.endswith(":foot")


def _without_clocks(published: Sequence[_Reading], modified: Sequence[_Reading], source: _Source) -> list[_Reading]:
    """Without the clocks where something else states another day: an instant that is the capture's, a printed day that is.

    A printed day that is the modification's is left out likewise.
    """
    today = source.captured.date()

    def is_server_clock(reading: _Reading) -> bool:
        return reading.instant is not None and abs(reading.instant - source.captured) <= _JUST_NOW

    rivals = [reading for reading in published if reading.is_strong and not is_server_clock(reading)]
    others = any(reading.day != today for reading in rivals)
    published = [
        reading
        for reading in published
        # A weak one, "meta date", is a clock of the rendering even where it is alone: its day is the capture's anyhow.
        if reading.family != _MACHINE or not is_server_clock(reading) or (reading.is_strong and not others)
    ]
    firm = {reading.day for reading in published if reading.family != _VISIBLE and reading.is_strong}
    doubtful = {today} - firm if {reading.day for reading in rivals} - {today} else set()
    if firm:
        doubtful |= {reading.day for reading in modified if reading.family != _VISIBLE} - firm
    return [
        reading
        for reading in published
        if (reading.family != _VISIBLE or reading.day not in doubtful)
        # Where clocks stand, the capture's day is one; were it the article's, nothing would be lost.
        and not (reading.candidate.method.endswith(":above") and reading.day == today)
    ]


def _unambiguous(published: Sequence[_Reading]) -> list[_Reading]:
    """Without the days by the heading that no label calls the publication, where there are several.

    Of several that one stays which alone is marked as a date, or else alone has a weekday or a time, or a time.
    """
    own = [
        reading
        for reading in published
        if reading.candidate.role != PUBLISHED and reading.candidate.method in _BY_HEADING
    ]
    own = [reading for reading in own if reading.calendar == GREGORIAN] or own
    marked = [reading for reading in own if reading.candidate.method != "visible:bare"] or own
    full = [reading for reading in marked if reading.weight > _BARE_DAY_WEIGHT] or marked
    timed = [reading for reading in full if reading.instant is not None] or full
    for kept in (own, marked, full, timed):
        days = {reading.day for reading in kept}
        if len(days) < 2:
            return [reading for reading in published if reading not in own or reading.day in days]
    return [reading for reading in published if reading not in own]


# The choice -----------------------------------------------------------------------------------------------------------


def _best_day(published: Sequence[_Reading], zone: ZoneInfo) -> date | None:
    """The day with the most independent weight behind it; over a machine's that it may be the local day of, a printed one."""
    weights: dict[date, dict[str, float]] = {}
    for reading in published:
        of_day = weights.setdefault(reading.day, {})
        of_day[reading.origin] = max(of_day.get(reading.origin, 0), reading.weight)
    if not weights:
        return None
    preference = {_VISIBLE: 3, _DISCOVERY: 2, _MACHINE: 1}
    best = max(
        weights,
        key=lambda day: (
            sum(weights[day].values()),
            max(preference.get(origin, 0) for origin in weights[day]),
            -day.toordinal(),
        ),
    )
    stated = [reading for reading in published if reading.day == best and reading.is_strong]
    if any(reading.family == _VISIBLE for reading in stated):
        return best
    for reading in published:
        printed = reading.family == _VISIBLE and reading.weight >= _LEAST_PRINTED and reading.calendar == GREGORIAN
        enough = len(weights[reading.day]) >= len(weights[best])
        if printed and enough and all(_may_print(statement, reading.day, zone) for statement in stated):
            return reading.day
    return best


def _may_print(reading: _Reading, day: date, zone: ZoneInfo) -> bool:
    """Whether a statement of another day may mean this printed one: its day in the zone it is stamped in, or UTC's."""
    if reading.family == _ADDRESS:
        return abs((reading.day - day).days) <= 1
    if reading.instant is None:
        offset = datetime.combine(reading.day, time(12), zone).utcoffset() or timedelta()
        return day - reading.day == (_DAY if offset > timedelta() else -_DAY)
    stated = reading.instant.date()
    in_utc = reading.instant.replace(tzinfo=UTC).astimezone(zone).date()
    return day == stated or (reading.stamp == _LOCAL and day == in_utc)


def _chosen(published: Sequence[_Reading], day: date) -> _Reading:
    """The best statement of a day: a time rather than none, the page's own rather than the feed's, then zone and weight.

    A feed writes seconds whether its site knows them or not; the page says how exactly it means its time.
    """
    return max(
        (reading for reading in published if reading.day == day),
        key=lambda reading: (
            reading.instant is not None,
            reading.family != _DISCOVERY,
            reading.instant is not None and reading.family == _MACHINE and reading.stamp in {_UTC, _OFFSET},
            reading.weight,
        ),
    )


def _confidence(published: Sequence[_Reading], chosen: _Reading) -> str:
    origins = {reading.origin for reading in published if reading.day == chosen.day}
    level = 2 if len(origins) > 1 else 1 if chosen.is_strong else 0
    if any(abs((reading.day - chosen.day).days) > 1 and reading.is_strong for reading in published):
        level -= 1
    return ("low", "medium", "high")[max(level - chosen.doubtful, 0)]


def _last_modification(
    modified: Sequence[_Reading], published_at: datetime | None, day: date | None
) -> datetime | None:
    """The latest stated modification that is not before the publication."""
    return max(
        (
            reading.instant.astimezone(UTC)
            for reading in modified
            if reading.instant is not None
            and (published_at is None or reading.instant >= published_at)
            and (day is None or reading.day >= day)
        ),
        default=None,
    )
