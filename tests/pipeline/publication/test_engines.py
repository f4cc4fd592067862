"""Whole pages as different engines write them: what is published when, from the page to the day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.publication.resolve import Publication, resolve
from tests.pipeline.publication.reading import candidates_of

CAPTURED = datetime(2016, 6, 1, 9, 30, tzinfo=UTC)
# Invented pages, one an engine. Each states 10 May 2016, 14:35 in Damascus, as far as it states a time; and beside it a
# clock that prints the day of the capture, other articles' dates, comments.
PAGES = {path.stem: path.read_text("utf-8") for path in sorted((Path(__file__).parent / "pages").glob("*.html"))}
PRECISIONS = {
    "blogger": "second",
    "drupal": "second",
    "elementor": "day",
    "hijri": "day",
    "persian": "second",
    "relative": "day",
    "tables": "minute",
    "wordpress": "second",
}
# The right day as the pages write it.
OWN = (
    "2016-05-10",
    "2016-05-12",
    "10 مايو",
    "مايو 10, 2016",
    "مايو\n12, 2016",
    "أيار 10, 2016",
    "10 ماي 2016",
    "10 أيار 2016",
    "3 شعبان 1437",
    "منذ 22 يوم",
    "۲۱ اردیبهشت ۱۳۹۵",
    "1395-02-21",
)


def published(page: str, url: str = "http://site.example/a", zone: str = "Asia/Damascus") -> Publication:
    return resolve(candidates_of(page, url), captured_at=CAPTURED, zone=zone)


@pytest.mark.parametrize("engine", sorted(PRECISIONS))
def test_the_published_day(engine: str) -> None:
    publication = published(PAGES[engine])
    assert (publication.published_day, publication.precision) == (date(2016, 5, 10), PRECISIONS[engine])
    if publication.published_at is not None:
        assert publication.published_at == datetime(2016, 5, 10, 11, 35, tzinfo=UTC)


def test_the_modification_of_a_wordpress_page() -> None:
    assert published(PAGES["wordpress"]).modified_at == datetime(2016, 5, 12, 6, tzinfo=UTC)


@pytest.mark.parametrize("engine", sorted(PRECISIONS))
def test_without_the_articles_own_date_nothing_else_on_the_page_is_taken(engine: str) -> None:
    """With every statement of the right day blanked, what is left are clocks and other articles' dates."""
    page = PAGES[engine]
    for own in OWN:
        page = page.replace(own, "")
    publication = published(page)
    assert publication.method == "captured", publication


@pytest.mark.parametrize("engine", sorted(PRECISIONS))
def test_cut_off_pages_never_state_a_wrong_day(engine: str) -> None:
    """However much of a page has arrived, its day is the right one or the capture's."""
    page = PAGES[engine]
    for end in range(200, len(page), 97):
        publication = published(page[:end])
        assert publication.method == "captured" or publication.published_day == date(2016, 5, 10), page[:end][-300:]
