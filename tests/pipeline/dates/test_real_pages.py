"""The real pages with hand-made gold: the published day, whole and stripped of what machines read."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from lxml import etree, html

from pipeline.dates import Publication, find_candidates, resolve

if TYPE_CHECKING:
    from pathlib import Path

# The zone in which each outlet prints its dates, by the page's file.
ZONES = {
    "1550981615.html": "Europe/Moscow",
    "1623715966.html": "Asia/Dubai",
    "1691196862.html": "Africa/Cairo",
    "1731695567.html": "Africa/Cairo",
    "arabic_article.html": "Asia/Dubai",
    "assabah.com.tn.article.html": "Africa/Tunis",
}
NOWHERE = "http://www.example/a"
STRIPPED = {
    "whole": (),
    "without metadata": ("//meta", "//script", "//link"),
    "without metadata and time": ("//meta", "//script", "//link", "//time"),
}


def _resolve(page: Path, url: str, paths: tuple[str, ...], captured_at: datetime) -> Publication:
    tree = html.fromstring(page.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
    for path in paths:
        for element in tree.xpath(path):
            element.drop_tree()
    if paths:
        for element in tree.iter(etree.Element):
            for name in ("datetime", "content", "property", "itemprop"):
                element.attrib.pop(name, None)
    return resolve(find_candidates(tree, url=url, found={}), captured_at=captured_at, zone=ZONES[page.name])


@pytest.mark.parametrize("file", sorted(ZONES))
@pytest.mark.parametrize("stripped", sorted(STRIPPED))
@pytest.mark.parametrize("later", [0, 2000])
def test_published_days(shared: Path, file: str, stripped: str, later: int) -> None:
    """Right on every page as it is, and never wrong on what is left of it, on the day it was captured or years after."""
    folder = shared / "real-pages"
    entry = next(entry for entry in json.loads((folder / "manifest.json").read_text("utf-8")) if entry["file"] == file)
    gold = date.fromisoformat(json.loads((folder / entry["gold"]).read_text("utf-8"))["published_day_local"])
    captured = datetime.fromordinal(gold.toordinal() + later).replace(hour=20, minute=30, tzinfo=UTC)
    whole = _resolve(folder / file, entry["url"], STRIPPED[stripped], captured)
    assert (whole.published_day, whole.method == "captured") == (gold, False)
    if stripped != "whole":
        visible = _resolve(folder / file, NOWHERE, STRIPPED[stripped], captured)
        assert visible.method == "captured" or visible.published_day == gold


@pytest.mark.parametrize("file", sorted(set(ZONES) - {"arabic_article.html"}))
def test_the_printed_line_alone_is_enough(shared: Path, file: str) -> None:
    """These five print the day by the article; the sixth prints only when it was last changed."""
    folder = shared / "real-pages"
    gold = json.loads((folder / "gold" / file.replace(".html", ".json")).read_text("utf-8"))
    captured = datetime(2026, 1, 1, tzinfo=UTC)
    publication = _resolve(folder / file, NOWHERE, STRIPPED["without metadata"], captured)
    assert publication.published_day.isoformat() == gold["published_day_local"]
    assert publication.method == "visible"


def test_a_stamp_of_the_last_change_is_not_the_publication(shared: Path) -> None:
    page = shared / "real-pages" / "arabic_article.html"
    publication = _resolve(page, NOWHERE, STRIPPED["without metadata"], datetime(2014, 1, 1, tzinfo=UTC))
    assert publication.method == "captured"
    assert publication.modified_at == datetime(2013, 8, 28, 10, tzinfo=UTC)
