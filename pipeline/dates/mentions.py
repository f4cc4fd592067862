"""The days and intervals that an article's text speaks of: "الشهر الماضي", "فجر الثلاثاء", "في الثالث من أيار".

News dates its events from the day it is printed, so most mentions count from the day of publication; without one only those
that name their year are resolved. A text is cut into tokens once, and every rule looks forward over a fixed number of
them, so the work is linear in the text. What the words leave open is left out: "في السابق", a weekday in a sentence that
looks ahead, a month without its year that may be the coming one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import accumulate
from typing import NamedTuple

from pipeline.dates import mention_words as said
from pipeline.dates import words
from pipeline.dates.absolute import Bounds
from pipeline.dates.expressions import EARLIEST, LATEST, Anchor, Expression
from pipeline.dates.mention_counts import read_ago, read_counted_span, read_span
from pipeline.dates.mention_days import (
    read_dashed_range,
    read_day_of_this_month,
    read_day_part,
    read_listed_day,
    read_named_day,
    read_night,
    read_part_of_today,
    read_range,
    read_weekday,
    read_written,
)
from pipeline.dates.mention_periods import (
    read_bare_year,
    read_decade,
    read_joined_month,
    read_listed_year,
    read_month,
    read_part,
    read_season,
    read_unit,
    read_year,
)
from pipeline.dates.months import FIRST_WORDS
from pipeline.dates.tokens import Token, cut, tokens_of


class Mention(NamedTuple):
    """A day or an interval that a text speaks of.

    Attributes:
        text: the literal words.
        offset: where they begin, in characters (Unicode code points) from the beginning of the text.
        start: first day.
        end: last day, inclusive; the same as ``start`` where one day is meant.
        precision: "day", "week", "month" or "year", a whole one of them; "interval" where the text states both ends;
            "approximate" where it does not, as in "الأيام القليلة الماضية".
    """

    text: str
    offset: int
    start: date
    end: date
    precision: str


def mentions(text: str, published: date | None, *, order: str = "DMY") -> tuple[Mention, ...]:
    """Find the time expressions of a text and resolve each to a day or an interval, in the order of the text.

    Args:
        text: an article's body, of any length.
        published: the day on which it was published, at the source; None where that is not known, and then only
            expressions that name their year are resolved. Of a datetime its own calendar day is taken.
        order: how the source orders numeric dates: "DMY", "MDY" or "YMD".
    """
    if isinstance(published, datetime):
        published = published.date()
    pieces = cut(text)
    tokens, ends = tokens_of(pieces), list(accumulate(map(len, pieces)))
    bounds = Bounds(datetime.combine(published or LATEST, datetime.min.time(), UTC), UTC, order, EARLIEST, LATEST)
    anchor = Anchor(published, bounds)
    found: list[Mention] = []
    spent = 0
    for index, token in enumerate(tokens):
        rules = _NUMBER_RULES if token.kind == "n" else _RULES.get(token.text)
        if rules is None or index < spent:
            continue
        expression = _expression_at(rules, tokens, index, anchor)
        if expression is None:
            continue
        spent = expression.stop
        if expression.start is not None and expression.end is not None:
            start, end = ends[2 * index], ends[2 * expression.stop - 1]
            if token.length == len(token.text):  # no vowel marks among the letters
                start += said.PREFIX_LENGTHS.get(token.text, 0)
            found.append(Mention(text[start:end], start, expression.start, expression.end, expression.precision))
    return tuple(found)


_Rule = Callable[[list[Token], int, Anchor], Expression | None]


def _expression_at(rules: tuple[_Rule, ...], tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    for rule in rules:
        try:
            found = rule(tokens, index, anchor)
        except (OverflowError, ValueError):  # a day outside the calendar
            continue
        if found is not None:
            return found
    return None


_NUMBER_RULES: tuple[_Rule, ...] = (
    read_dashed_range,
    read_day_of_this_month,
    read_counted_span,
    read_written,
    read_listed_day,
    read_listed_year,
    read_bare_year,
)


def _rules() -> dict[str, tuple[_Rule, ...]]:
    """The rules that may begin with a word, in the order in which they are tried."""
    rules: dict[str, tuple[_Rule, ...]] = {}
    for rule, first_words in (
        (read_named_day, (said.YESTERDAY, said.TODAY, said.TOMORROW, said.FIRST, said.BEFORE, said.AFTER)),
        (read_day_part, (said.DAY_PARTS, said.BEFORE, said.AFTER)),
        (read_weekday, (said.WEEKDAYS,)),
        (read_night, (said.NIGHT,)),
        (read_day_of_this_month, (words.ORDINAL_WORDS,)),
        (read_written, (words.ORDINAL_WORDS,)),
        (read_range, (said.BETWEEN,)),
        (read_part, (said.THIRDS, said.FRACTIONS)),
        (read_part_of_today, (said.THIS,)),
        (read_unit, (said.UNITS, said.THIS)),
        (read_decade, (said.DECADES,)),
        (read_season, (said.SEASONS,)),
        (read_year, (said.YEAR_WORD,)),
        (read_month, (said.MONTH_WORD, FIRST_WORDS)),
        (read_joined_month, (said.JOINED_MONTHS,)),
        (read_span, (said.PLURALS, said.DUALS)),
        (read_counted_span, (said.COUNTS,)),
        (read_ago, (said.AGO,)),
    ):
        for first_word in frozenset[str]().union(*first_words):
            rules[first_word] = (*rules.get(first_word, ()), rule)
    return rules


_RULES = _rules()
