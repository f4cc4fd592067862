"""Days and intervals that texts speak of; mentions.tsv holds sentences with what they mean on Thursday, 12 May 2016."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dates import Mention, mentions

PUBLISHED = date(2016, 5, 12)
EXAMPLES = [
    line.split("\t") for line in Path(__file__).with_name("mentions.tsv").read_text(encoding="utf-8").splitlines()[1:]
]


def shown(found: tuple[Mention, ...]) -> str:
    return "; ".join(f"{one.text} {one.start}..{one.end} {one.precision}" for one in found) or "none"


@pytest.mark.parametrize(("text", "expected"), EXAMPLES, ids=[text for text, _ in EXAMPLES])
def test_examples(text: str, expected: str) -> None:
    assert shown(mentions(text, PUBLISHED)) == expected


def test_an_article(shared: Path) -> None:
    text = (shared / "seed" / "article.txt").read_text(encoding="utf-8")
    found = {one.text: (one.start, one.end) for one in mentions(text, PUBLISHED)}
    assert found["الشهر الماضي"] == (date(2016, 4, 1), date(2016, 4, 30))
    for few in ("الأيام القليلة الماضية", "الأيام الماضية", "الأشهر الماضية"):
        assert found[few][0] < found[few][1] < PUBLISHED
    assert len(found) == 4


def test_without_a_day_of_publication_only_what_names_its_year_is_told() -> None:
    text = "في الثالث من أيار، وأمس، والشهر الماضي، ومنذ يومين، وفي 3 أيار 2015 وعام 2013"
    assert [one.text for one in mentions(text, None)] == ["3 أيار 2015", "عام 2013"]
    assert shown(mentions("في نيسان 2012", None)) == "نيسان 2012 2012-04-01..2012-04-30 month"
    text = "هذا الصباح وبداية العام والأحد قبل الماضي وثمانينيات القرن الماضي وثمانينيات القرن العشرين"
    assert [one.text for one in mentions(text, None)] == ["ثمانينيات القرن العشرين"]


def test_a_datetime_counts_by_its_own_day() -> None:
    assert mentions("أمس", datetime(2016, 5, 12, 23, 59, tzinfo=UTC))[0].start == date(2016, 5, 11)


def test_numeric_dates_follow_the_order_of_the_source() -> None:
    assert mentions("في 03/04/2015", PUBLISHED)[0].start == date(2015, 4, 3)
    assert mentions("في 03/04/2015", PUBLISHED, order="MDY")[0].start == date(2015, 3, 4)


WORDS = sorted({word for text, _ in EXAMPLES for word in re.findall(r"\w+|[^\w\s]", text)})
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from([*WORDS, "10", "2015", "1437", "\n", "\u200f", "\u0640"]), max_size=40).map(" ".join),
    st.binary(max_size=200).map(lambda data: data.decode("windows-1256", "replace")),
)
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))


@given(TEXTS, st.one_of(st.none(), DAYS))
def test_any_text_gives_ordered_spans_of_its_own_words(text: str, published: date | None) -> None:
    behind = 0
    for one in mentions(text, published):
        assert one.offset >= behind
        assert text[one.offset : one.offset + len(one.text)] == one.text
        assert one.text
        assert one.start <= one.end
        behind = one.offset + len(one.text)


@given(st.dates(date(1901, 1, 1), date(2099, 12, 31)))
def test_the_nearest_past_days(published: date) -> None:
    names = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
    for back in range(1, 8):
        day = published - timedelta(days=back)
        name = names[day.weekday()]
        assert [one.start for one in mentions(f"وقع ذلك {name} الماضي", published)] == [day]
        assert [one.start for one in mentions(f"وقع ذلك يوم {name}", published)] == [day if back < 7 else published]
        assert [one.start for one in mentions(f"قبل {back + 2} أيام", published)] == [day - timedelta(days=2)]
        assert [one.start for one in mentions(f"أمس {name}", published)] == ([day] if back == 1 else [])


def calls_for(work: Callable[[], object]) -> int:
    """How many calls, of Python functions and built-in ones, a piece of work makes."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    "piece",
    [
        "9",
        "10 ",
        "من ",
        "من 3 إلى ",
        "أيار ",
        "قبل يوم ",
        "منتصف ليل ",
        "الأيام ",
        "10/",
        ", ",
        "- 5 - ",
        "بين عامي 2011 و",
        "أعوام 2011 و",
        "يومي 3 و",
        "3 و",
        "وآذار ",
        "الأشهر الأخيرة من ",
        "الأسبوع الأول من ",
        "والأحد ",
    ],
)
def test_the_work_is_linear_in_the_text(piece: str) -> None:
    mentions(piece * 10, PUBLISHED)
    once, twice = (calls_for(lambda: mentions(piece * count, PUBLISHED)) for count in (2000, 4000))  # noqa: B023
    assert twice < 2.2 * once + 100
