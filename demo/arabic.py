"""The Arabic dates that the demo's sites print, each in its own manner."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LEVANTINE = ("كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران")
GULF = ("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو")
MAGHREBI = ("جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان")
WEEKDAYS = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")

HIJRI_MONTHS = (
    (date(2023, 12, 14), "جمادى الآخرة"),
    (date(2024, 1, 13), "رجب"),
    (date(2024, 2, 11), "شعبان"),
    (date(2024, 3, 11), "رمضان"),
    (date(2024, 4, 10), "شوال"),
)
"""First days of the months of 1445 AH that the demo covers, by the Umm al-Qura calendar."""

_ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def arabic_indic(text: str) -> str:
    """The text with Arabic-Indic digits (٠١٢) in place of European ones."""
    return text.translate(_ARABIC_INDIC)


def weekday(day: date) -> str:
    """Name of the day of the week."""
    return WEEKDAYS[day.weekday()]


def levantine(moment: datetime) -> str:
    """``السبت 2 آذار 2024، 14:35``."""
    return f"{weekday(moment)} {moment.day} {LEVANTINE[moment.month - 1]} {moment.year}، {moment:%H:%M}"


def dual_named(moment: datetime) -> str:
    """``٢ آذار/مارس ٢٠٢٤ - ١٤:٣٥``."""
    month = f"{LEVANTINE[moment.month - 1]}/{GULF[moment.month - 1]}"
    return arabic_indic(f"{moment.day} {month} {moment.year} - {moment:%H:%M}")


def maghrebi(day: datetime) -> str:
    """``السبت، 2 مارس 2024``."""
    return f"{weekday(day)}، {day.day} {MAGHREBI[day.month - 1]} {day.year}"


def hijri(moment: datetime) -> str:
    """``الاثنين 3 رجب 1445هـ الموافق 15 يناير 2024م``, for the days that `HIJRI_MONTHS` covers."""
    day = moment.date()
    start, name = max(month for month in HIJRI_MONTHS if month[0] <= day)
    gregorian = f"{day.day} {GULF[day.month - 1]} {day.year}م"
    return f"{weekday(day)} {(day - start).days + 1} {name} 1445هـ الموافق {gregorian}"


def twelve_hour(moment: datetime) -> str:
    """``السبت 2 مارس 2024 02:35 م``."""
    half = "ص" if moment.hour < 12 else "م"
    return f"{weekday(moment)} {moment.day} {GULF[moment.month - 1]} {moment.year} {moment:%I:%M} {half}"


def numeric(moment: datetime) -> str:
    """``02-03-2024 | 14:35``, day first."""
    return f"{moment:%d-%m-%Y | %H:%M}"


DATE_STYLES: Mapping[str, Callable[[datetime], str]] = {
    "levantine": levantine,
    "dual_named": dual_named,
    "maghrebi": maghrebi,
    "hijri": hijri,
    "numeric": numeric,
    "twelve_hour": twelve_hour,
}
"""The styles by name, each from a local time."""
