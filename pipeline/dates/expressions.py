"""What a time expression in running text says, and what it is resolved against."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from pipeline.dates.absolute import Bounds
from pipeline.dates.words import DAY

INTERVAL, APPROXIMATE = "interval", "approximate"
"""Precisions beside those of a whole day, week, month or year: both ends are stated, or they are not."""

# Texts speak of the past centuries too; Hijri days before 1924 are not read (see pipeline.dates.calendars).
EARLIEST, LATEST = date(1800, 1, 1), date(2199, 12, 31)


class Anchor(NamedTuple):
    """What an expression is resolved against: the day of publication, if known, and how dates are read."""

    day: date | None
    bounds: Bounds


class Expression(NamedTuple):
    """Tokens up to ``stop`` are spent; without a start they mean no day that could be told."""

    stop: int
    start: date | None
    end: date | None
    precision: str = DAY


def unknown(stop: int) -> Expression:
    """An expression that is read up to a token and names no day that could be known."""
    return Expression(stop, None, None)


def is_year(number: int) -> bool:
    """Whether a bare number can be a year that a news text means."""
    return EARLIEST.year <= number <= 2100
