"""Times of day, with the part of the day and the zone that stand beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, time, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.dates import words
from pipeline.dates.text import FOUR, SHORT, Token, is_at, number_at, texts_at
from pipeline.dates.words import MINUTE, SECOND


class Clock(NamedTuple):
    """A time of day in tokens[first:end], with the zone the text names, if any."""

    first: int
    end: int
    time: time
    precision: str
    zone: tzinfo | None


def find_clocks(tokens: list[Token], taken: set[int]) -> list[Clock]:
    """Every time of day outside the tokens that dates have taken."""
    clocks: list[Clock] = []
    index = 0
    while index < len(tokens):
        found = None if index in taken else _clock_at(tokens, index, taken)
        if found is None:
            index += 1
        else:
            clocks.append(found)
            index = found.end
    return clocks


def _clock_at(tokens: list[Token], index: int, taken: set[int]) -> Clock | None:
    labelled = any(is_at(tokens, index - back, *words.HOUR_LABELS) for back in (1, 2))
    hour = number_at(tokens, index, SHORT)
    minute, second = 0, None
    end = index + 1
    if hour is None:
        if not labelled or tokens[index].text not in words.ORDINAL_HOURS:
            return None
        return _spoken_clock(tokens, index)
    if (
        is_at(tokens, index - 1, ":", "/")
        and not tokens[index].spaced
        and tokens[index - 1].start == tokens[index - 2].end
    ):
        return None
    bare = True
    minute_here = number_at(tokens, index + 2, range(2, 3))
    if minute_here is not None and is_at(tokens, index + 1, ":", ".", "h", "س"):
        colon = tokens[index + 1].text != "."
        if colon or labelled or _day_part(tokens, index + 3)[0]:
            bare, minute, end = False, minute_here, index + 3
            second_here = number_at(tokens, end + 1, range(2, 3))
            if is_at(tokens, end, ":") and second_here is not None:
                second, end = second_here, end + 2
                if (
                    is_at(tokens, end, ".")
                    and number_at(tokens, end + 1, range(1, 10)) is not None
                    and not tokens[end + 1].spaced
                ):
                    end += 2
    elif is_at(tokens, index + 1, "h") and not tokens[index + 1].spaced:
        bare, end = False, index + 2
    part, after = _day_part(tokens, end)
    first = index
    if part is None and index - 1 not in taken and index and not labelled:
        part_before = words.DAY_PARTS.get(tokens[index - 1].text)
        if part_before is not None and (not bare or tokens[index - 1].text not in words.SHORT_DAY_PARTS):
            part, first = part_before, index - 1
    elif part is not None:
        short = tokens[end].text in words.SHORT_DAY_PARTS
        if bare and short and not labelled:
            return None
        end = after
    if bare and part is None:
        return None
    hour_of_day = _hour(hour, part)
    if hour_of_day is None or minute > 59 or (second or 0) > 59:
        return None
    zone, end = _zone_after(tokens, end, second is not None)
    if zone is None:
        zone, first = _zone_before(tokens, first)
    if first in taken:
        first = index
    at = time(hour_of_day, minute, second or 0)
    return Clock(first, end, at, MINUTE if second is None else SECOND, zone)


def _spoken_clock(tokens: list[Token], index: int) -> Clock | None:
    """Such as "الساعة التاسعة والنصف مساءً"; without a part of the day an hour in words may be either half, and is not read."""
    hour = words.ORDINAL_HOURS[tokens[index].text]
    minute = 0
    end = index + 1
    if is_at(tokens, index, "الثانيه") and is_at(tokens, end, "عشره", "عشر"):
        hour, end = 12, end + 1
    if is_at(tokens, end, "والنصف", "ونصف"):
        minute, end = 30, end + 1
    elif is_at(tokens, end, "والربع", "وربع"):
        minute, end = 15, end + 1
    part, end = _day_part(tokens, end)
    hour_of_day = _hour(hour, part) if part else None
    if hour_of_day is None:
        return None
    zone, end = _zone_after(tokens, end, with_seconds=False)
    return Clock(index, end, time(hour_of_day, minute), MINUTE, zone)


def _day_part(tokens: Sequence[Token], index: int) -> tuple[str | None, int]:
    """The part of the day named at an index, and the index after it."""
    if is_at(tokens, index, "من") and index + 1 < len(tokens):
        index += 1
    for length in (4, 3, 2):
        part = words.DAY_PART_PHRASES.get(texts_at(tokens, index, length))
        if part is not None:
            return part, index + length
    if index < len(tokens):
        part = words.DAY_PARTS.get(tokens[index].text)
        if part is not None:
            return part, index + 1
    return None, index


def _hour(hour: int, part: str | None) -> int | None:
    """The hour of the day, 0-23, of an hour as printed; one above 12 is already of the day, whatever stands beside it."""
    if hour > 23:
        return None
    if part is None or hour > 12 or (hour == 0 and part != words.PM):
        return hour
    if part == words.AM:
        return hour % 12
    if part == words.PM:
        return hour % 12 + 12
    if part == words.NOON:
        return hour if hour in {10, 11, 12} else hour % 12 + 12
    if part == words.NIGHT:
        return hour % 12 + 12 if 6 <= hour <= 11 else hour % 12
    return 0 if hour == 12 else hour  # midnight


def _zone_after(tokens: Sequence[Token], index: int, with_seconds: bool) -> tuple[tzinfo | None, int]:
    """The zone stated after a time, "بتوقيت دمشق", "GMT+3", "+0300", and the index after it."""
    start = index
    bracket = is_at(tokens, index, "(", "[")
    if bracket or is_at(tokens, index, ","):
        index += 1
    zone: tzinfo | None = None
    if is_at(tokens, index, "بتوقيت", "توقيت", "بالتوقيت", "حسب"):
        for _ in range(2):
            if is_at(tokens, index, "بتوقيت", "توقيت", "بالتوقيت", "حسب"):
                index += 1
        for length in (2, 1):
            name = words.ZONES.get(texts_at(tokens, index, length))
            if name is not None:
                zone, index = ZoneInfo(name), index + length
                break
    elif is_at(tokens, index, "ت") and is_at(tokens, index + 1, ".") and is_at(tokens, index + 2, "غ"):
        zone, index = UTC, index + 3
    elif is_at(tokens, index, "تغ"):
        zone, index = UTC, index + 1
    elif index < len(tokens) and tokens[index].text in words.ZONE_ABBREVIATIONS:
        minutes = words.ZONE_ABBREVIATIONS[tokens[index].text]
        offset, after = _offset(tokens, index + 1, short=True) if minutes == 0 else (None, index + 1)
        zone, index = (offset, after) if offset else (timezone(timedelta(minutes=minutes)), index + 1)
    elif is_at(tokens, index, "+") or (is_at(tokens, index, "-") and (with_seconds or not tokens[index].spaced)):
        zone, index = _offset(tokens, index, short=False)
    if zone is None:
        return None, start
    if bracket and is_at(tokens, index, ")", "]"):
        index += 1
    return zone, index


def _zone_before(tokens: Sequence[Token], index: int) -> tuple[tzinfo | None, int]:
    """The zone stated right before a time: "GMT 17:27", "بتوقيت القاهرة 17:27"."""
    if index and tokens[index - 1].text in {"gmt", "utc"}:
        return UTC, index - 1
    for length in (2, 1):
        if index > length and is_at(tokens, index - length - 1, "بتوقيت"):
            name = words.ZONES.get(texts_at(tokens, index - length, length))
            if name is not None:
                return ZoneInfo(name), index - length - 1
    return None, index


def _offset(tokens: Sequence[Token], index: int, *, short: bool) -> tuple[tzinfo | None, int]:
    """An offset from UTC, "+03:00", "+0300", or with ``short`` "+3"."""
    if not is_at(tokens, index, "+", "-") or index + 1 >= len(tokens) or tokens[index + 1].spaced:
        return None, index
    sign = 1 if tokens[index].text == "+" else -1
    four = number_at(tokens, index + 1, FOUR)
    two = number_at(tokens, index + 1, SHORT)
    end = index + 2
    if four is not None:
        hours, minutes = divmod(four, 100)
    elif two is not None and is_at(tokens, end, ":") and number_at(tokens, end + 1, range(2, 3)) is not None:
        hours, minutes = two, tokens[end + 1].value
        end += 2
    elif two is not None and (short or len(tokens[index + 1].text) == 2):
        hours, minutes = two, 0
    else:
        return None, index
    if hours > 14 or minutes > 59 or is_at(tokens, end, "/", "-"):
        return None, index
    return timezone(sign * timedelta(hours=hours, minutes=minutes)), end


# What may stand between a day and its time.
_BETWEEN = words.LABELS | words.HOUR_LABELS | frozenset({*",-|/()[]:.t", "تمام", "علي"})
_WIDEST_GAP = 6


def clock_beside(tokens: Sequence[Token], first: int, end: int, clocks: Sequence[Clock]) -> Clock | None:
    """The time that belongs to the date in tokens[first:end]: the one right after it, else the one right before it."""

    def joined(start: int, stop: int) -> bool:
        gap = tokens[start:stop]
        return len(gap) <= _WIDEST_GAP and all(token.text in _BETWEEN or token.text in words.WEEKDAYS for token in gap)

    for clock in clocks:
        if clock.first >= end:
            if joined(end, clock.first):
                return clock
            break
    for clock in reversed(clocks):
        if clock.end <= first:
            return clock if joined(clock.end, first) else None
    return None
