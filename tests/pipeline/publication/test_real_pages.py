"""The real pages with hand-made gold: the published day, whole and stripped of one way of stating it after another."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from lxml import html

from pipeline.publication.resolve import Publication, resolve
from tests.pipeline.publication.reading import candidates_of

from .stripping import (
    ADDRESS,
    DATETIME,
    LINKED,
    META,
    MICRODATA,
    NOWHERE,
    PRINTED,
    WAYS,
    still_stated,
    strip,
    strip_all,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.publication.candidate import Candidate

# The zone in which each outlet prints its dates, by the page's file.
ZONES = {
    "1550981615.html": "Europe/Moscow",
    "1623715966.html": "Asia/Dubai",
    "1691196862.html": "Africa/Cairo",
    "1731695567.html": "Africa/Cairo",
    "arabic_article.html": "Asia/Dubai",
    "assabah.com.tn.article.html": "Africa/Tunis",
}
# The literal date that each page prints, and how it states its day.
STATEMENTS = {
    "1550981615.html": (
        "17.03.2020",
        ("meta", "microdata+time+datetime", "time+datetime", "time+printed", "address"),
    ),
    "1623715966.html": (
        "03 يونيو 2020",
        ("meta", "json-ld", "microdata+time+datetime", "time+datetime", "time+printed", "address"),
    ),
    "1691196862.html": ("24 أغسطس 2020", ("meta", "address", "printed")),
    "1731695567.html": ("07 أكتوبر 2020", ("meta", "printed")),
    # This one prints only when it was last changed.
    "arabic_article.html": ("28 آب/اغسطس 2013", ("address",)),
    "assabah.com.tn.article.html": ("8 فيفري 2019", ("microdata", "printed")),
}


class Page:
    """A real page: its tree, address and published day."""

    def __init__(self, shared: Path, file: str) -> None:
        folder = shared / "real-pages"
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        entry = next(entry for entry in manifest if entry["file"] == file)
        self.zone = ZONES[file]
        self.printed, self.statements = STATEMENTS[file]
        self.url: str = entry["url"]
        self.day = date.fromisoformat(json.loads((folder / entry["gold"]).read_text("utf-8"))["published_day_local"])
        self.tree = html.fromstring((folder / file).read_bytes(), parser=html.HTMLParser(encoding="utf-8"))

    def without(self, *ways: str) -> tuple[Candidate, ...]:
        tree = copy.deepcopy(self.tree)
        strip(tree, ways, [self.printed])
        return self.candidates(tree, frozenset(ways))

    def candidates(self, tree: html.HtmlElement, stripped: frozenset[str]) -> tuple[Candidate, ...]:
        return candidates_of(tree, NOWHERE if ADDRESS in stripped else self.url)

    def publication(self, candidates: tuple[Candidate, ...], days_later: int) -> Publication:
        captured = datetime(self.day.year, self.day.month, self.day.day, 20, 30, tzinfo=UTC) + timedelta(
            days=days_later
        )
        return resolve(candidates, captured_at=captured, zone=self.zone)


@pytest.mark.parametrize("file", ZONES)
def test_published_days(shared: Path, file: str) -> None:
    """Whatever is stripped, the day is right while one statement of it is left, and else none: soon after, and years after."""
    page = Page(shared, file)
    for stripped, tree in strip_all(page.tree, [page.printed]):
        candidates = page.candidates(tree, stripped)
        for later in (0, 2000):
            publication = page.publication(candidates, later)
            expected = page.day if still_stated(page.statements, stripped) else None
            found = None if publication.method == "captured" else publication.published_day
            assert found == expected, (sorted(stripped), later, publication)


@pytest.mark.parametrize("file", sorted(ZONES.keys() - {"arabic_article.html"}))
def test_the_printed_line_alone_is_enough(shared: Path, file: str) -> None:
    page = Page(shared, file)
    publication = page.publication(page.without(META, LINKED, MICRODATA, DATETIME, ADDRESS), 2000)
    assert (publication.published_day, publication.method) == (page.day, "visible")


def test_a_stamp_of_the_last_change_is_not_the_publication(shared: Path) -> None:
    page = Page(shared, "arabic_article.html")
    publication = page.publication(page.without(*(way for way in WAYS if way != PRINTED)), 200)
    assert publication.method == "captured"
    assert publication.modified_at == datetime(2013, 8, 28, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("file", "at", "zone", "confidence"),
    [
        ("1550981615.html", datetime(2020, 3, 17, 17, 27, 41, tzinfo=UTC), "stated", "high"),
        ("1623715966.html", datetime(2020, 6, 2, 23, 1, tzinfo=UTC), "stated", "high"),
        ("1691196862.html", datetime(2020, 8, 24, 7, 23, tzinfo=UTC), "corrected", "high"),
        ("1731695567.html", datetime(2020, 10, 7, 10, 9, tzinfo=UTC), "source", "high"),
        ("assabah.com.tn.article.html", None, None, "high"),
        ("arabic_article.html", None, None, "medium"),
    ],
)
def test_instants_and_how_their_zone_is_known(
    shared: Path, file: str, at: datetime | None, zone: str | None, confidence: str
) -> None:
    page = Page(shared, file)
    publication = page.publication(page.without(), 0)
    assert (publication.published_at, publication.zone, publication.confidence) == (at, zone, confidence)
