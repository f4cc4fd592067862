"""What stands around a date: labels only, or prose; and the weekday beside it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.dates import words
from pipeline.dates.clock import Clock
from pipeline.dates.text import Token, is_at


def stands_alone(tokens: Sequence[Token], first: int, end: int) -> bool:
    """Whether nothing but labels stands beside tokens[first:end] up to the next separator on either side.

    A place or a name may stand before, where a colon, a comma or a dash closes it: "دمشق، 10 أيار".
    """
    index = first - 1
    unknown = 0
    closed = False
    while index >= 0 and not _separates(tokens, index):
        token = tokens[index]
        if token.kind == "n":
            return False
        if token.text in {",", ":"} and not unknown:
            closed = True
        elif token.kind == "w" and token.text not in words.LABELS and token.text not in words.WEEKDAYS:
            unknown += 1
        index -= 1
    if unknown and not (closed and unknown <= 3):
        return False
    index = end
    while index < len(tokens) and not _separates(tokens, index):
        token = tokens[index]
        known = token.text in words.LABELS or token.text in words.WEEKDAYS or token.text in words.DAY_PARTS
        if token.kind == "n" or (token.kind == "w" and not known):
            return False
        index += 1
    return True


def _separates(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.text == "|":
        return True
    return token.text == "-" and token.spaced and index + 1 < len(tokens) and tokens[index + 1].spaced


def weekday_beside(tokens: Sequence[Token], first: int, end: int, clock: Clock | None) -> int | None:
    """Index of the weekday next to a date, over at most two marks of punctuation."""
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
        if index >= len(tokens) or (clock is not None and index == clock.first):
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
