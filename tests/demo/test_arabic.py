from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hijridate import Gregorian

from demo import arabic


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("levantine", "السبت 2 آذار 2024، 14:05"),
        ("dual_named", "٢ آذار/مارس ٢٠٢٤ - ١٤:٠٥"),
        ("maghrebi", "السبت، 2 مارس 2024"),
        ("hijri", "السبت 21 شعبان 1445هـ الموافق 2 مارس 2024م"),
        ("numeric", "02-03-2024 | 14:05"),
        ("twelve_hour", "السبت 2 مارس 2024 02:05 م"),
    ],
)
def test_each_style_writes_a_date_in_its_own_manner(style, text):
    assert arabic.DATE_STYLES[style](datetime(2024, 3, 2, 14, 5)) == text  # noqa: DTZ001


def test_the_hijri_days_are_those_of_umm_al_qura():
    day = date(2024, 1, 1)
    while day < date(2024, 5, 1):
        theirs = Gregorian.fromdate(day).to_hijri()
        said = arabic.hijri(datetime.combine(day, datetime.min.time()))
        assert said.split()[1] == str(theirs.day), day
        assert said.split("1445هـ")[0].endswith(f"{theirs.month_name('ar')} "), day
        day += timedelta(days=1)
