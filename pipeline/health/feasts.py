"""The feasts on which the press rests: Eid al-Fitr and Eid al-Adha."""

from __future__ import annotations

from datetime import date
from functools import cache

from hijridate import Gregorian

_FEASTS = {
    (9, 30), (10, 1), (10, 2), (10, 3), (10, 4),  # Ramadan ends, and Shawwal begins
    (12, 9), (12, 10), (12, 11), (12, 12), (12, 13), (12, 14),  # of Dhu al-Hijja, from the day of Arafat on
}  # fmt: skip
"""Month and day of the Hijri calendar. Countries see the moon on different evenings, so each feast has a day more at either end."""


@cache
def is_feast(day: date) -> bool:
    """Whether a day is one of a feast, by the calendar of Umm al-Qura; False before 1924 and after 2077, where that ends."""
    try:
        hijri = Gregorian.fromdate(day).to_hijri()
    except OverflowError:
        return False
    return (hijri.month, hijri.day) in _FEASTS
