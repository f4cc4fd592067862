"""Plots: the same bytes for the same figures, nothing from elsewhere, and words for those who do not see them."""

from __future__ import annotations

import re
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from pipeline import plots

FIGURES = st.lists(st.none() | st.integers(0, 10**6), min_size=1, max_size=400)


def days(number: int) -> list[date]:
    return [date(2023, 11, 20) + timedelta(days=place) for place in range(number)]


def drawn(values: list[int | None], says: str = "articles") -> list[str]:
    """Each kind of plot, of the same figures."""
    past = days(len(values))
    thirds = [None if value is None else (value / 2, value, 1.5 * value) for value in values]
    return [
        plots.bars(past, values, says),
        plots.lines(past, {"author": values, "day": values[::-1], "time": values}, says, top=100),
        plots.lines(past, {"": values}, says),
        plots.band(past, thirds, says),
    ]


@settings(max_examples=10)
@given(FIGURES)
def test_whatever_the_figures_are_it_is_an_element_that_stands_alone_and_is_drawn_the_same_again(
    values: list[int | None],
) -> None:
    made = drawn(values)
    assert made == drawn(values)
    for svg in made:
        tree = etree.fromstring(svg)
        assert tree.tag == "svg"
        assert not tree.xpath("//@id | //*[local-name()='image' or local-name()='script' or local-name()='style']")
        assert not re.search(r"url\(|href|https?:|nan", svg)


def test_it_has_the_pages_colours_and_each_line_strokes_of_its_own() -> None:
    bars, lines, _, band = drawn([3, 4, 5, 6])
    assert "var(--plot)" in bars
    assert "var(--plot)" in band
    assert all(f"var(--plot{number})" in lines for number in ("", "-2", "-3"))
    assert "currentColor" in bars
    assert not re.search(r"#[0-9a-f]{6}", bars + lines + band)
    assert len(set(re.findall(r"stroke-dasharray: ([^;\"]+)", lines))) == 2
    assert {"author", "day", "time"} <= set(re.findall(r">([^<>]+)</text>", lines))


def test_its_words_are_text() -> None:
    svg = plots.bars(days(2), [1, 2], '"><script>alert(1)</script>')
    assert etree.fromstring(svg).get("aria-label") == '"><script>alert(1)</script>'


def test_a_gap_is_no_zero_and_a_day_alone_is_seen() -> None:
    whole, gap = (plots.lines(days(5), {"": values}, "x") for values in ([2, 2, 2, 2, 2], [2, None, 2, None, 2]))
    strokes = [re.findall(r'd="([^"]*)" style="fill: none; stroke: var\(--plot\)', svg) for svg in (whole, gap)]
    assert [stroke.count("M") for (stroke,) in strokes] == [1, 3]
    wide = [
        [float(x) for x in re.findall(r"[ML] ([\d.]+)", part)] for part in re.split(r"(?=M)", strokes[1][0]) if part
    ]
    assert all(max(of_day) - min(of_day) > 1 for of_day in wide)


def test_many_months_are_thinned_and_a_year_is_named() -> None:
    said = [
        re.findall(r">([A-Z][a-z]{2}|\d{4})</text>", plots.bars(days(number), [1] * number, "x"))
        for number in (90, 400)
    ]
    assert said[0] == ["Dec", "2024", "Feb"]
    assert 5 <= len(said[1]) <= 7
