"""Which of a page's dates is its publication.

Every candidate is read in the source's zone, then weighed. What a page states in several independent ways (its metadata,
its printed line, its address, the feed) outweighs what it states in one; a printed day outweighs metadata that is one day
off, for that is how UTC days of local dates look. The lies of real pages are told apart first:

- "Z" or "+00:00" stamped on local time: the printed local time reads the same wall clock, so the metadata's zone is wrong.
- a clock at the top of the page, another article's date in a related box: marked by :func:`find_candidates`, never chosen;
  and a printed day that is the capture's own gives way to anything that contradicts it.
- a modification before the publication; a template's creation date of 2000; a day after the capture.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.dates.addresses import day_in_path, is_number_run
from pipeline.dates.language import EARLIEST, parse_date, zone_of
from pipeline.dates.page import MODIFIED, PUBLISHED, Candidate

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
        confidence: "high" (independent statements agree), "medium" (one statement, uncontradicted) or "low".
        modified_at: the last stated modification not before the publication, aware, in UTC.
    """

    published_at: datetime | None
    published_day: date
    precision: str
    method: str
    evidence: str | None
    confidence: str
    modified_at: datetime | None


class _Reading(NamedTuple):
    """A candidate as read: its day at the source; its instant where a time is stated; what is known of its zone."""

    candidate: Candidate
    family: str
    weight: float
    day: date
    instant: datetime | None
    precision: str
    zone: str
    """ "utc", "offset" (another offset is stated) or "local" (none is, so the source's zone was taken)."""
    wall: datetime | None
    """The time as printed, whatever its zone."""


_MACHINE = "machine"
_VISIBLE = "visible"
_DISCOVERY = "discovery"
# How far each kind of statement is trusted on its own, judged on real Arabic news pages; kinds of one family share a template
# and so count once.
_WEIGHTS: dict[str, tuple[str, float]] = {
    "json-ld:datePublished": (_MACHINE, 5),
    "json-ld:dateCreated": (_MACHINE, 3),
    "json-ld:uploadDate": (_MACHINE, 2),
    "microdata:datePublished": (_MACHINE, 5),
    "microdata:dateCreated": (_MACHINE, 3),
    "microdata:uploadDate": (_MACHINE, 2),
    "meta:article:published_time": (_MACHINE, 5),
    "meta:date": (_MACHINE, 2.5),
    "meta:timestamp": (_MACHINE, 1),
    "meta:created": (_MACHINE, 1),
    "meta:created_at": (_MACHINE, 1),
    "abbr": (_MACHINE, 4),
    "visible": (_VISIBLE, 4),
    "url": ("url", 3),
    "feed": (_DISCOVERY, 5),
    "sitemap": (_DISCOVERY, 5),
    "listing": (_DISCOVERY, 2),
}
# A lighter statement is never chosen; a number that begins like a day and a date far below the heading weigh just this.
_LEAST_WEIGHT = 1.5
# From here on a statement is trusted enough to contradict another.
_LEAST_RIVAL = 3

# What content systems write when they know no date: the epoch of 2000, and MySQL's 0000-00-00 as PHP prints it.
_PLACEHOLDER_DAYS = frozenset({date(1999, 11, 30), date(2000, 1, 1)})


def resolve(candidates: Sequence[Candidate], *, captured_at: datetime, zone: str, order: str = "DMY") -> Publication:
    """Weigh a page's candidates and say when it was published and last modified.

    Args:
        candidates: what :func:`pipeline.dates.find_candidates` found.
        captured_at: when the page was fetched; a naive time is taken in ``zone``.
        zone: IANA zone in which the source prints its dates.
        order: order of the source's numeric dates: "DMY", "MDY" or "YMD".

    Returns:
        The publication. With no trustworthy candidate its day is the capture's, its precision and method "captured".

    Raises:
        ValueError: ``zone`` or ``order`` is unknown. No candidate raises.
    """
    where = zone_of(zone)
    captured = captured_at.replace(tzinfo=where) if captured_at.tzinfo is None else captured_at.astimezone(where)
    readings = [reading for candidate in candidates if (reading := _read(candidate, captured, where, zone, order))]
    lying = _false_utc(readings, where)
    if lying:
        readings = [
            _as_local(reading, where) if reading.zone == "utc" and reading.family != _VISIBLE else reading
            for reading in readings
        ]
    published = [
        reading for reading in readings if reading.candidate.role != MODIFIED and reading.weight >= _LEAST_WEIGHT
    ]
    modified = [reading for reading in readings if reading.candidate.role == MODIFIED]
    published = _without_clocks(published, modified, captured.date())
    day = _best_day(published)
    if day is None:
        return Publication(None, captured.date(), CAPTURED, CAPTURED, None, "low", _modified_at(modified, None, None))
    chosen = _chosen(published, day)
    instant = chosen.instant if chosen.instant is not None and chosen.instant.astimezone(where).date() == day else None
    precision = chosen.precision if instant is not None else "day"
    method, evidence = chosen.candidate.method, chosen.candidate.text
    if lying and chosen.candidate in {reading.candidate for reading in lying}:
        witness = lying[next(reading for reading in lying if reading.candidate == chosen.candidate)]
        method, evidence = f"{witness.candidate.method}, correcting {method}", witness.candidate.text
        precision = witness.precision
        instant = witness.instant
    return Publication(
        published_at=instant.astimezone(UTC) if instant is not None else None,
        published_day=day,
        precision=precision,
        method=method,
        evidence=evidence,
        confidence=_confidence(published, chosen, day),
        modified_at=_modified_at(modified, instant, day),
    )


# Reading ---------------------------------------------------------------------------------------------------------------


def _read(candidate: Candidate, captured: datetime, where: ZoneInfo, zone: str, order: str) -> _Reading | None:
    """A candidate's day and instant; None where it states no real day within the allowed range."""
    family, weight = _weight(candidate)
    if candidate.method == "url":
        day = day_in_path(candidate.text)
        if day is None or not EARLIEST <= day <= captured.date() + timedelta(days=1):
            return None
        weight = _LEAST_WEIGHT if is_number_run(candidate.text) else weight
        return _Reading(candidate, family, weight, day, None, "day", "local", None)
    parsed = parse_date(candidate.text, reference=captured, zone=zone, order=order)
    value: date
    if parsed is not None:
        if parsed.precision in {"month", "year"} or parsed.method == "relative:week":
            return None
        value, precision = parsed.value, parsed.precision
        if parsed.method == "relative:hour":
            value, precision = (value.date() if isinstance(value, datetime) else value), "day"
        if parsed.method.startswith("relative"):
            weight = min(weight, 2)
        elif parsed.method == "no-year":
            weight = min(weight, 3)
        if "weekday contradicts" in parsed.notes:
            weight = min(weight, 2)
    else:
        compact = _compact(candidate.text) if family != _VISIBLE else None
        if compact is None:
            return None
        value, precision = compact
    return _placed(candidate, family, weight, value, precision, captured, where)


def _placed(
    candidate: Candidate, family: str, weight: float, value: date, precision: str, captured: datetime, where: ZoneInfo
) -> _Reading | None:
    instant: datetime | None = None
    wall: datetime | None = None
    stated = "local"
    day = value
    if isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=where)
        if value.tzinfo is not None and value.tzinfo is not where:
            stated = "offset" if value.utcoffset() else "utc"
        local = aware.astimezone(where)
        if aware.time() == time(0) and stated != "local":
            day = aware.date()  # midnight in the zone it states: a day, printed as a time
        elif local.time() == time(0):
            day = local.date()
        else:
            day, instant, wall = local.date(), aware, aware.replace(tzinfo=None)
    if not EARLIEST <= day <= captured.date() + timedelta(days=1):
        return None
    if family == _MACHINE and day in _PLACEHOLDER_DAYS:
        return None
    return _Reading(candidate, family, weight, day, instant, precision if instant else "day", stated, wall)


def _weight(candidate: Candidate) -> tuple[str, float]:
    method = candidate.method
    if method.endswith((":other", ":header")):
        return method.split(":")[0], 0
    if method.endswith(":foot"):
        return (_VISIBLE if method.startswith("visible") else _MACHINE), _LEAST_WEIGHT
    known = _WEIGHTS.get(method)
    if known is not None:
        family, weight = known
        return family, weight + 1 if method == "visible" and candidate.role == PUBLISHED else weight
    if method.startswith(("meta:", "rdfa:")):
        return _MACHINE, 4 if candidate.role == PUBLISHED else 0
    if method == "time":
        return _MACHINE, 4 if candidate.role == PUBLISHED else 3
    if method.startswith(("json-ld:", "microdata:")):
        return _MACHINE, 3
    return _DISCOVERY, 2


_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:T?([0-9]{2})([0-9]{2})([0-9]{2})?(Z)?)?")
_EPOCH = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")


def _compact(text: str) -> tuple[date, str] | None:
    """ISO 8601's basic form and the seconds or milliseconds of Unix, which only metadata may use."""
    text = text.strip()
    match = _COMPACT.fullmatch(text)
    try:
        if match:
            year, month, day, hour, minute, second, utc = match.groups()
            if hour is None:
                return date(int(year), int(month), int(day)), "day"
            value = datetime(
                int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC if utc else None
            )
            return value, "second" if second else "minute"
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(text[:10]), tz=UTC), "second"
    except ValueError:
        return None
    return None


# The lies --------------------------------------------------------------------------------------------------------------


def _false_utc(readings: Sequence[_Reading], where: ZoneInfo) -> dict[_Reading, _Reading]:
    """Metadata stamped UTC whose wall clock is the local time the page prints; each with the line that convicts it."""
    witnesses: dict[datetime, _Reading] = {}
    for reading in readings:
        believable = reading.family == _VISIBLE and reading.zone == "local" and reading.weight >= 4
        if reading.wall is not None and (believable or (reading.zone == "offset" and reading.family != _VISIBLE)):
            witnesses.setdefault(reading.wall.replace(second=0, microsecond=0), reading)
    lying: dict[_Reading, _Reading] = {}
    for reading in readings:
        if reading.zone != "utc" or reading.family == _VISIBLE or reading.wall is None or reading.instant is None:
            continue
        witness = witnesses.get(reading.wall.replace(second=0, microsecond=0))
        if witness is not None and reading.instant.astimezone(where).utcoffset():
            local = _as_local(reading, where)
            lying[local] = witness
    return lying


def _as_local(reading: _Reading, where: ZoneInfo) -> _Reading:
    """A reading with its wall clock taken in the source's zone."""
    if reading.wall is None:
        return reading
    return reading._replace(day=reading.wall.date(), instant=reading.wall.replace(tzinfo=where), zone="local")


def _without_clocks(published: list[_Reading], modified: Sequence[_Reading], today: date) -> list[_Reading]:
    """Without printed days that are today's or the modification's where something else states another day.

    Of the printed days left the first is the nearest to the heading, and weighs more than the others.
    """
    stated = {reading.day for reading in published if reading.weight >= _LEAST_RIVAL}
    firm = {reading.day for reading in published if reading.family != _VISIBLE and reading.weight >= _LEAST_RIVAL}
    doubtful: set[date] = set()
    if stated - {today} and today not in firm:
        doubtful.add(today)
    if firm:
        doubtful |= {reading.day for reading in modified if reading.family != _VISIBLE} - firm
    kept: list[_Reading] = []
    first: date | None = None
    for reading in published:
        if reading.family != _VISIBLE:
            kept.append(reading)
        elif reading.day not in doubtful:
            first = first or reading.day
            demoted = reading.day != first and reading.candidate.role != PUBLISHED
            kept.append(reading._replace(weight=reading.weight - 1) if demoted else reading)
    return kept


# The choice -----------------------------------------------------------------------------------------------------------


def _best_day(published: Sequence[_Reading]) -> date | None:
    """The day with the most independent weight behind it; a printed day one day off metadata alone wins over it."""
    weights: dict[date, dict[str, float]] = {}
    for reading in published:
        families = weights.setdefault(reading.day, {})
        families[reading.family] = max(families.get(reading.family, 0), reading.weight)
    if not weights:
        return None
    preference = {_VISIBLE: 3, _DISCOVERY: 2, _MACHINE: 1}
    best = max(
        weights,
        key=lambda day: (
            sum(weights[day].values()),
            max(preference.get(family, 0) for family in weights[day]),
            -day.toordinal(),
        ),
    )
    if _VISIBLE not in weights[best]:
        for day in (best - timedelta(days=1), best + timedelta(days=1)):
            families = weights.get(day, {})
            if families.get(_VISIBLE, 0) >= 4 and len(families) >= len(weights[best]):
                return day
    return best


def _chosen(published: Sequence[_Reading], day: date) -> _Reading:
    """The best statement of a day: a time rather than none, the page's own rather than the feed's, then zone and weight.

    A feed writes seconds whether its site knows them or not; the page says how exactly it means its time.
    """
    kinds = {"offset": 2, "utc": 2, "local": 1}
    agreeing = [reading for reading in published if reading.day == day]
    return max(
        agreeing,
        key=lambda reading: (
            reading.instant is not None,
            reading.family != _DISCOVERY,
            kinds[reading.zone] if reading.instant is not None and reading.family == _MACHINE else 1,
            reading.weight,
        ),
    )


def _confidence(published: Sequence[_Reading], chosen: _Reading, day: date) -> str:
    families = {reading.family for reading in published if reading.day == day}
    level = 2 if len(families) > 1 else 1 if chosen.weight >= _LEAST_RIVAL else 0
    if any(abs((reading.day - day).days) > 1 and reading.weight >= _LEAST_RIVAL for reading in published):
        level -= 1
    return ("low", "medium", "high")[max(level, 0)]


def _modified_at(modified: Sequence[_Reading], published_at: datetime | None, day: date | None) -> datetime | None:
    """The latest stated modification that is not before the publication."""
    instants = [
        reading.instant.astimezone(UTC)
        for reading in modified
        if reading.instant is not None
        and not reading.candidate.method.endswith((":other", ":header"))
        and (published_at is None or reading.instant >= published_at)
        and (day is None or reading.day >= day)
    ]
    return max(instants, default=None)
