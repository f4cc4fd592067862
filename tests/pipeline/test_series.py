"""The one text of several pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.series import joined, share_headline

LINES = st.lists(st.sampled_from([f"سطر {letter}" for letter in "ابتثجحخد"]), unique=True, max_size=6)


@pytest.mark.parametrize(
    ("first", "later", "expected"),
    [
        ("إعادة بناء الجسر", "إعادة بناء الجسر - الصفحة 2", True),
        ("إعادة بناء الجسر", "اعادة بناء الجسر!", True),
        ("إعادة بناء الجسر", None, True),
        ("إعادة بناء الجسر", "موسم القطاف يبدأ", False),
        ("إعادة بناء الجسر في البلدة", "الحصاد في السهل يبدأ غدا", False),
    ],
)
def test_pages_of_one_article_share_their_headline(first: str, later: str | None, expected: bool) -> None:
    assert share_headline(first, later) is share_headline(later, first) is expected


@given(LINES, LINES, LINES, LINES)
def test_what_both_open_and_close_with_stands_once(
    lead: list[str], one: list[str], other: list[str], end: list[str]
) -> None:
    own = [[f"{line} {part}" for line in lines] for part, lines in enumerate((lead, one, other, end))]
    first, second = [*own[0], *own[1], *own[3]], ["العنوان", *own[0], *own[2], *own[3]]
    assert joined(first, second, ["العنوان"]) == ([*own[0], *own[1], *own[2], *own[3]] if own[2] else first)


@given(LINES, LINES)
def test_nothing_is_lost(first: list[str], later: list[str]) -> None:
    made = joined(first, later, [])
    assert set(made) == {*first, *later}
    assert [line for line in made if line not in later] == [line for line in first if line not in later]
