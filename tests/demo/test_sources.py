from __future__ import annotations

from pathlib import Path

import pytest

import demo
from demo.gold import gold_rows
from demo.sites import HUGE_PAGE_BYTES, SITES, open_sites
from pipeline.sources import load_sources

SOURCES = load_sources(Path(demo.__file__).parent / "sources")

WAYS = {"nakhil": ["listing"], "sanabil": ["wordpress"], "sirt": ["date_archive"], "zaytun": ["feed"]}
"""How the articles of the small sites are found: each in one way."""


def test_each_site_has_its_source():
    assert set(SOURCES) == {site.id for site in SITES}


@pytest.mark.parametrize("kind", SITES, ids=lambda kind: kind.id)
def test_the_source_says_of_the_site_what_is_so(kind):
    source = SOURCES[kind.id]
    site = open_sites()[f"{kind.id}.example"]
    assert source.name == kind.name
    assert str(source.home) == site.home
    assert source.timezone == kind.zone.key
    assert source.hosts == (site.host,)
    for discovery in source.discovery:
        url = str(discovery.url).format(year="2024", month="04", day="18")
        assert url.startswith(site.home)
        page = site.respond(url.removeprefix(site.home[:-1]))
        assert page.status == 200
        assert len(page.body) < source.politeness.max_size
    assert [discovery.type for discovery in source.discovery] == WAYS.get(kind.id, ["feed", "sitemap"])


def test_the_schedules_are_staggered():
    assert len({source.schedule for source in SOURCES.values()}) == len(SOURCES)


def test_the_huge_page_is_larger_than_its_source_allows():
    assert SOURCES["dafatir"].politeness.max_size * 2 < HUGE_PAGE_BYTES


def test_the_sections_keep_articles_and_leave_out_what_the_gold_says():
    import re
    from urllib.parse import unquote, urlsplit

    for row in gold_rows():
        sections = SOURCES[row["source"]].sections
        path = unquote(urlsplit(row["url"]).path)
        kept = (not sections.include or any(re.search(one, path) for one in sections.include)) and not any(
            re.search(one, path) for one in sections.exclude
        )
        if row["reason"] not in ("offsite", "robots"):
            assert kept == (row["reason"] != "section"), row["url"]
