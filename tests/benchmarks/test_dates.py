"""The date benchmark judges fairly, and its pages are what it says they are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from lxml import html

from benchmarks.dates import LARGE, RIGHT, SILENT, WRONG, WRONG_TIME, Line, judge, large_pages

NOON = datetime(2016, 5, 12, 12)  # noqa: DTZ001 - as the benchmark's tables write it
NINE = datetime(2016, 5, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expected", "answer", "verdict"),
    [
        ("2016-05-10", date(2016, 5, 10), RIGHT),
        ("2016-05-10", datetime(2016, 5, 10), RIGHT),  # noqa: DTZ001 - a peer that writes days as midnights
        ("2016-05-10", date(2016, 10, 5), SILENT),  # out of bounds: as if it had said nothing
        ("2016-05-10", date(2015, 5, 10), WRONG),
        ("2016-05-10", None, SILENT),
        ("2016-05-10T09:00", NINE, RIGHT),
        ("2016-05-10T09:00", NINE.astimezone(timezone(timedelta(hours=3))), RIGHT),
        ("2016-05-10T09:00", NINE.replace(second=30), RIGHT),
        ("2016-05-10T09:00", NINE.replace(hour=21), WRONG_TIME),
        ("2016-05-10T09:00", date(2016, 5, 10), WRONG_TIME),
        ("2016-05-10T09:00", NINE.replace(day=9), WRONG),
        ("none", None, RIGHT),
        ("none", date(1945, 9, 5), RIGHT),
        ("none", date(2016, 5, 10), WRONG),
    ],
)
def test_an_answer_is_judged_by_day_and_minute(expected: str, answer: date | None, verdict: str) -> None:
    assert judge(answer, Line("", NOON, expected)) == verdict


def test_large_pages_are_large_and_state_other_days_too() -> None:
    for page in large_pages(every=40):
        assert LARGE <= len(page.markup.encode()) < LARGE * 1.1
        assert len(html.document_fromstring(page.markup).xpath("//article//h2/a")) > 20
