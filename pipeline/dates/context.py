"""What stands around a date: labels only, or prose; and the weekday beside it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipeline.dates import words
from pipeline.dates.absolute import Hit, Reason, Shape
from pipeline.dates.tokens import SHORT, Phrases, Token, is_at, number_at, text_at

_KNOWN = words.LABELS | words.TODAY | words.YESTERDAY | words.DAY_PARTS.keys() | words.WEEKDAYS.keys()
_REACH = 40
"""Tokens on either side of a date that are looked at; a line with more of them is no date line."""
_LONGEST_PLACE = 3
_AGENCIES = Phrases(dict.fromkeys(words.AGENCIES))


def stands_alone(tokens: Sequence[Token], first: int, end: int) -> bool:
    """Whether nothing but labels stands beside tokens[first:end] up to the next separator on either side.

    A place or a name may stand before, where a colon or a comma closes it, "دمشق، 10 أيار", or where the date is a news
    agency's, "القاهرة 10 مايو (رويترز)".
    """
    behind = _behind_agency(tokens, end)
    place_may_stand = behind > end
    unknown = 0
    for index in range(first - 1, -1, -1):
        token = tokens[index]
        if _separates(tokens, index):
            break
        if token.kind == "n" or first - index > _REACH or unknown > _LONGEST_PLACE:
            return False
        if token.text in {",", ":"} and not unknown:
            place_may_stand = True
        elif token.kind == "w" and token.text not in _KNOWN:
            unknown += 1
    if unknown > (_LONGEST_PLACE if place_may_stand else 0):
        return False
    for index in range(behind, len(tokens)):
        token = tokens[index]
        if _separates(tokens, index):
            break
        if token.kind == "n" or index - behind > _REACH or (token.kind == "w" and token.text not in _KNOWN):
            return False
    return True


def _behind_agency(tokens: Sequence[Token], index: int) -> int:
    """The index after a news agency in brackets or slashes, or the index itself."""
    agency = _AGENCIES.at(tokens, index + 1) if is_at(tokens, index, "(", "/", "[") else None
    return index if agency is None else agency[1]


def without_ranges(tokens: Sequence[Token], hits: Sequence[Hit]) -> list[Hit | Shape]:
    """Days with the two ends of a range, "10 مايو 2016 - 12 مايو 2016", and lists of days told apart from days."""
    kept: list[Hit | Shape] = [*hits]
    for index, (hit, other) in enumerate(pairwise(hits)):
        between = tokens[hit.end : other.first]
        if (
            between
            and len(between) <= _WIDEST_RANGE
            and between[0].text in _TO
            and all(token.text in words.WEEKDAYS or token.kind == "p" for token in between[1:])
            and hit.calendar == other.calendar
            and hit.day != other.day
        ):
            kept[index] = kept[index + 1] = Shape(hit.first, other.end, Reason.RANGE)
    return kept


_WIDEST_RANGE = 3
_TO = words.RANGE_WORDS | words.AND | {"-"}
_BEYOND = words.BEYOND | words.RANGE_WORDS


def is_open(tokens: Sequence[Token], first: int) -> bool:
    """Whether what stands before a day makes it the end of a span or one of several days: "منذ 10 أيار", "10 و11 أيار"."""
    before = first - 1 - is_at(tokens, first - 1, "يوم", "تاريخ", ":")
    return text_at(tokens, before) in _BEYOND or (
        text_at(tokens, first - 1) in words.AND and number_at(tokens, first - 2, SHORT) is not None
    )


def _separates(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.text == "|":
        return True
    return token.text == "-" and token.spaced and index + 1 < len(tokens) and tokens[index + 1].spaced


def weekday_beside(tokens: Sequence[Token], first: int, end: int, clock_first: int | None) -> int | None:
    """Index of the weekday next to a date, over at most two marks of punctuation and not behind its time."""
    index = first - 1
    for _ in range(3):
        if index < 0:
            break
        if tokens[index].text in words.WEEKDAYS:
            return index
        if tokens[index].kind != "p" and not is_at(tokens, index, "الموافق", "في"):
            break
        index -= 1
    index = end
    for _ in range(3):
        if index >= len(tokens) or index == clock_first:
            break
        if tokens[index].text in words.WEEKDAYS:
            return index
        if tokens[index].kind != "p":
            break
        index += 1
    return None


def weekday_number(tokens: Sequence[Token], index: int) -> int:
    """The weekday named at an index, Monday 0."""
    text = tokens[index].text
    if text == words.SATURDAY_IN_PERSIAN and index and tokens[index - 1].text in words.PERSIAN_WEEKDAYS:
        return words.PERSIAN_WEEKDAYS[tokens[index - 1].text]
    return words.WEEKDAYS[text]
