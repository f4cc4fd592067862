"""Times of day, with the part of the day and the zone that stand beside them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Sequence
from datetime import time, timedelta, timezone, tzinfo
from operator import attrgetter, itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.dates import words
from pipeline.dates.numbers import and_fraction_at, count_at
from pipeline.dates.tokens import COMPACT_TIME, FOUR, SHORT, TWO, Phrases, Token, is_at, is_number, number_at, text_at
from pipeline.dates.words import MINUTE, SECOND


class Clock(NamedTuple):
    """A time of day in tokens[first:end], with the zone the text names, if any."""

    first: int
    end: int
    time: time
    precision: str
    zone: tzinfo | None


def find_clocks(tokens: list[Token], taken: Container[int]) -> list[Clock]:
    """Every time of day outside the tokens that dates have taken, but for the two ends of a span of hours."""
    clocks: list[Clock] = []
    index = 0
    while index < len(tokens):
        found = None if index in taken else _clock_at(tokens, index, taken)
        if found is None:
            index += 1
            continue
        index = found.end
        if clocks and _is_span(tokens, clocks[-1], found):
            clocks.pop()
        else:
            clocks.append(found)
    return clocks


def _is_span(tokens: Sequence[Token], clock: Clock, other: Clock) -> bool:
    """Whether two times are the ends of a span of hours, "8:00-12:00"; with a zone each they are one, told twice."""
    between = other.first - clock.end
    return clock.zone is None and between == 1 and text_at(tokens, clock.end) in _TO


_TO = words.RANGE_WORDS | {"-"}


def _clock_at(tokens: list[Token], index: int, taken: Container[int]) -> Clock | None:
    token = tokens[index]
    if token.kind == "n":
        if len(token.text) > 2:
            return _compact_clock(tokens, index)
        return _printed_clock(tokens, index, taken)
    if token.text in words.ORDINAL_HOURS and _is_labelled(tokens, index):
        return _spoken_clock(tokens, index)
    return None


def _is_labelled(tokens: Sequence[Token], index: int) -> bool:
    """Whether "الساعة" or the like stands before a time."""
    return text_at(tokens, index - 1) in words.HOUR_LABELS or text_at(tokens, index - 2) in words.HOUR_LABELS


def _compact_clock(tokens: Sequence[Token], index: int) -> Clock | None:
    """The time of ISO 8601's basic form, "20160510T143500Z"."""
    value = number_at(tokens, index, COMPACT_TIME)
    if value is None or not is_at(tokens, index - 1, "t") or number_at(tokens, index - 2, range(8, 9)) is None:
        return None
    with_seconds = len(tokens[index].text) == 6
    hours_and_minutes, second = divmod(value, 100) if with_seconds else (value, 0)
    hour, minute = divmod(hours_and_minutes, 100)
    if hour > 23 or minute > 59 or second > 59:
        return None
    zone, end = _zone_after(tokens, index + 1, iso=True)
    return Clock(index, end, time(hour, minute, second), SECOND if with_seconds else MINUTE, zone)


def _printed_clock(tokens: list[Token], index: int, taken: Container[int]) -> Clock | None:
    """An hour in digits with its minutes, its part of the day, or both: "14:35", "2:35 م", "9 مساءً", "14h35"."""
    if is_at(tokens, index - 1, ":", "/") and index > 1 and not tokens[index].spaced and not tokens[index - 1].spaced:
        return None
    labelled = _is_labelled(tokens, index)
    hour = tokens[index].value
    minutes = _minutes_at(tokens, index + 1, labelled)
    if minutes is not None:
        minute, second, end = minutes
    else:
        minute, second = 0, None
        end = index + 2 if text_at(tokens, index + 1) in _HOUR_SIGNS and not tokens[index + 1].spaced else index + 1
    bare = end == index + 1
    part, after = _day_part(tokens, end)
    first = index
    if part is not None:
        if bare and not labelled and tokens[end].text in words.SHORT_DAY_PARTS:
            return None
        end = after
    elif index and index - 1 not in taken and not labelled:
        before = tokens[index - 1].text
        if before in words.DAY_PARTS and not (bare and before in words.SHORT_DAY_PARTS):
            part, first = words.DAY_PARTS[before], index - 1
    if bare and part is None and not (labelled and hour > 12):
        return None  # nine may be either half of the day
    hour_of_day = _hour(hour, part)
    if hour_of_day is None or minute > 59 or (second or 0) > 59:
        return None
    zone, zone_end = _zone_after(tokens, end, iso=second is not None or is_at(tokens, index - 1, "t"))
    # Of "KSA 14:35 GMT 11:35" each zone belongs to the time behind it.
    if zone is None or (is_number(tokens, zone_end) and is_at(tokens, zone_end + 1, ":")):
        zone_before, zone_first = _zone_before(tokens, first)
        if zone_before is not None and zone_first not in taken:
            zone, first, zone_end = zone_before, zone_first, end
    at = time(hour_of_day, minute, second or 0)
    return Clock(first, zone_end, at, MINUTE if second is None else SECOND, zone)


_HOUR_SIGNS = ("h", "سا", "س")


def _minutes_at(tokens: list[Token], index: int, labelled: bool) -> tuple[int, int | None, int] | None:
    """The minutes behind an hour, the seconds if stated, and the index after them: ":35", ":35:20.5", "h35", "سا و 35د"."""
    minute = number_at(tokens, index + 1, SHORT)
    end = index + 2
    second = number_at(tokens, end + 1, SHORT) if is_at(tokens, end, ":") else None
    if minute is not None and second is not None and is_at(tokens, index, ":"):
        end += 2
        fraction = is_at(tokens, end, ".", ",") and is_number(tokens, end + 1) and not tokens[end + 1].spaced
        return minute, second, end + 2 * fraction
    minute = number_at(tokens, index + 1, TWO)  # unpadded ones are a time only among three numbers
    if minute is not None and is_at(tokens, index, ":"):
        return minute, None, end
    if minute is not None and text_at(tokens, index) in _HOUR_SIGNS:
        return minute, None, end + (text_at(tokens, end) in _MINUTE_SIGNS)
    if minute is not None and is_at(tokens, index, "."):
        return (minute, None, end) if labelled or _day_part(tokens, end)[0] else None
    signed = text_at(tokens, index) in _HOUR_SIGNS
    minute = number_at(tokens, index + signed + 1, SHORT)
    if minute is not None and (signed or labelled) and is_at(tokens, index + signed, "و"):
        end = index + signed + 2
        return minute, None, end + (text_at(tokens, end) in _MINUTE_SIGNS)
    return None


_MINUTE_SIGNS = ("د", "دق", "دقيقه", "دقائق")


def _spoken_clock(tokens: list[Token], index: int) -> Clock | None:
    """Such as "الساعة التاسعة والنصف مساءً"; without a part of the day an hour in words may be either half, and is not read."""
    hour = words.ORDINAL_HOURS[tokens[index].text]
    end = index + 1
    if is_at(tokens, end, "عشره", "عشر") and hour <= 2:
        hour, end = hour + 10, end + 1
    minute, end = _spoken_minutes(tokens, end)
    part, end = _day_part(tokens, end)
    hour_of_day = _hour(hour, part) if part else None
    if hour_of_day is None or not -60 < minute < 60:
        return None
    zone, end = _zone_after(tokens, end, iso=False)
    at = (hour_of_day * 60 + minute) % (24 * 60)
    return Clock(index, end, time(*divmod(at, 60)), MINUTE, zone)


def _spoken_minutes(tokens: list[Token], index: int) -> tuple[int, int]:
    """Minutes after an hour, or with "إلا" before it, below zero; and the index after them."""
    fraction = and_fraction_at(tokens, index)
    if fraction is not None:
        return fraction
    sign = -1 if is_at(tokens, index, "الا") else 1
    start = index + is_at(tokens, index, "الا", "و")
    if sign < 0 and text_at(tokens, start) in words.FRACTION_FORMS:
        return -words.FRACTION_FORMS[tokens[start].text], start + 1
    counted = count_at(tokens, start, joined=start == index)
    if counted is not None and counted[1] < len(tokens):
        unit = words.UNITS.get(tokens[counted[1]].text)
        if unit is not None and unit[0] == MINUTE:
            return sign * counted[0], counted[1] + 1
    return 0, index


def _day_part(tokens: Sequence[Token], index: int) -> tuple[str | None, int]:
    """The part of the day named at an index, and the index after it."""
    if is_at(tokens, index, "من", "ي") and index + 1 < len(tokens):
        index += 1
    return _DAY_PARTS.at(tokens, index) or (None, index)


_DAY_PARTS = Phrases(words.DAY_PART_PHRASES | {(word,): part for word, part in words.DAY_PARTS.items()})


def _hour(hour: int, part: str | None) -> int | None:
    """The hour of the day, 0-23, of an hour as printed; one above 12 is already of the day, whatever stands beside it."""
    if hour > 23:
        return None
    if part is None or hour > 12 or (hour == 0 and part not in {words.PM, words.NOON}):
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


def _zone_after(tokens: Sequence[Token], index: int, *, iso: bool) -> tuple[tzinfo | None, int]:
    """The zone stated after a time, "بتوقيت دمشق", "GMT+3", "+0300", "(مكة المكرمة)", and the index after it.

    Only an ``iso`` time, one with seconds or behind a "T", has an offset after a minus: "8:00-12:00" is a span of hours.
    """
    bracket = is_at(tokens, index, "(", "[")
    start = index + (bracket or is_at(tokens, index, ","))
    signed = is_at(tokens, start, "+") or (is_at(tokens, start, "-") and (iso or bracket))
    zone, end = _signed_zone(tokens, start) if signed else _named_zone(tokens, start, bracket)
    if zone is None:
        return None, index
    return zone, end + (bracket and is_at(tokens, end, ")", "]"))


def _named_zone(tokens: Sequence[Token], index: int, bracket: bool) -> tuple[tzinfo | None, int]:
    if index >= len(tokens):
        return None, index
    text = tokens[index].text
    if text in words.ZONE_ABBREVIATIONS:
        return _from_utc(tokens, index + 1, words.ZONE_ABBREVIATIONS[text])
    if text in _ABBREVIATED:
        return ZoneInfo(_ABBREVIATED[text]), index + 1
    if text == "ت":
        letter = index + 1 + is_at(tokens, index + 1, ".")
        name = _ABBREVIATED.get(f"ت{tokens[letter].text}") if letter < len(tokens) else None
        return (ZoneInfo(name), letter + 1) if name else (None, index)
    labels = 0
    while labels < 2 and text_at(tokens, index + labels) in _ZONE_LABELS:
        labels += 1
    place = _PLACES.at(tokens, index + labels)
    if place is None or not (labels or bracket or place[0] == "UTC"):
        return None, index
    return _from_utc(tokens, place[1], 0) if place[0] == "UTC" else (ZoneInfo(place[0]), place[1])


_ZONE_LABELS = ("بتوقيت", "توقيت", "بالتوقيت", "حسب")
_ABBREVIATED = {
    "تغ": "UTC",
    "تم": "Asia/Riyadh",
}  # "ت.غ", Greenwich time; "ت م", Mecca time, as the Saudi agency writes
_PLACES = Phrases(words.ZONES)


def _from_utc(tokens: Sequence[Token], index: int, minutes: int) -> tuple[tzinfo, int]:
    """A zone so many minutes from UTC; behind UTC itself an offset may stand, "GMT+3", "غرينتش +3"."""
    offset, end = _offset(tokens, index, short=True) if minutes == 0 else (None, index)
    return (offset, end) if offset is not None else (timezone(timedelta(minutes=minutes)), index)


def _signed_zone(tokens: Sequence[Token], index: int) -> tuple[tzinfo | None, int]:
    """An offset alone, "+03:00", "+0300", or with the name of what it is from, "+3 غرينتش", "+3 GMT"."""
    zone, end = _offset(tokens, index, short=True)
    if zone is not None and end < len(tokens):
        place = _PLACES.at(tokens, end)
        if is_at(tokens, end, "gmt", "utc"):
            return zone, end + 1
        if place is not None and place[0] == "UTC":
            return zone, place[1]
    return _offset(tokens, index, short=False)


def _zone_before(tokens: Sequence[Token], index: int) -> tuple[tzinfo | None, int]:
    """The zone stated right before a time: "GMT 17:27", "KSA 14:35", "بتوقيت القاهرة 17:27"."""
    if is_at(tokens, index - 1, "gmt", "utc", "ksa", "uae"):
        return timezone(timedelta(minutes=words.ZONE_ABBREVIATIONS[tokens[index - 1].text])), index - 1
    for label in (index - 3, index - 2):
        place = _PLACES.at(tokens, label + 1) if text_at(tokens, label) in _ZONE_LABELS else None
        if place is not None and place[1] == index:
            return ZoneInfo(place[0]), label
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
_BETWEEN = words.LABELS | words.HOUR_LABELS | words.WEEKDAYS.keys() | frozenset({*",-|/()[]:;.t@", "a", "an", "loc"})
_WIDEST_GAP = 6


def clock_beside(tokens: Sequence[Token], first: int, end: int, clocks: Sequence[Clock]) -> Clock | None:
    """The time that belongs to the date in tokens[first:end]: the nearest; of two as near the one after it."""

    def joined(start: int, stop: int) -> bool:
        return stop - start <= _WIDEST_GAP and all(token.text in _BETWEEN for token in tokens[start:stop])

    after = bisect_left(clocks, end, key=attrgetter("first"))
    before = bisect_right(clocks, first, key=attrgetter("end")) - 1
    beside = (
        [(clocks[after].first - end, clocks[after])] if after < len(clocks) and joined(end, clocks[after].first) else []
    )
    if before >= 0 and joined(clocks[before].end, first):
        beside.append((first - clocks[before].end, clocks[before]))
    return min(beside, key=itemgetter(0))[1] if beside else None
