"""The end-to-end benchmark's site is what it says, and what is stored is judged fairly."""

from __future__ import annotations

import configparser
import json
import urllib.error
import urllib.request
from datetime import date
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.pipeline import (
    HOME,
    PER_DAY,
    SINCE,
    SITEMAP_URLS,
    Cost,
    Run,
    Stored,
    answer,
    configure_peer,
    judged,
    page_of,
    published,
    site,
    stored_by_peer,
    text_of,
    url_of,
)
from pipeline.captures import Capture
from pipeline.sources import Source
from pipeline.stages import document_row

SOURCE = Source.model_validate({"id": "bench", "name": "-", "home": f"{HOME}/", "timezone": "Asia/Damascus"})


def listed(path: str, articles: int) -> list[str]:
    status, _, body = answer(HOME + path, articles)
    assert status == 200
    return [element.text or "" for element in ElementTree.fromstring(body).iter() if element.tag.endswith("}loc")]


def test_the_sitemaps_list_every_article_once() -> None:
    articles = SITEMAP_URLS + 3
    parts = listed("/sitemap.xml", articles)
    urls = [url for part in parts for url in listed(part.removeprefix(HOME), articles)]
    assert urls == [url_of(number) for number in range(articles)]
    assert answer(url_of(articles - 1), articles)[0] == 200
    assert answer(url_of(articles), articles)[0] == 404


def test_so_many_are_published_a_day() -> None:
    days = [published(number).date() for number in range(3 * PER_DAY)]
    assert {day: days.count(day) for day in days} == {date(2023, 1, day): PER_DAY for day in (1, 2, 3)}
    assert days[0] == SINCE


def test_texts_are_unlike_and_pages_have_the_size_of_pages() -> None:
    paragraphs = [paragraph for number in range(300) for paragraph in text_of(number)]
    assert len(set(paragraphs)) == len(paragraphs)
    assert all(30_000 < len(page_of(number)) < 65_000 for number in range(300))


@pytest.mark.parametrize("number", [0, 1, 49, 777])
def test_a_page_is_the_article_that_it_is_made_of(number: int) -> None:
    capture = Capture(
        key="",
        offset=0,
        url=url_of(number),
        captured_at=published(number),
        status=200,
        content_type="text/html; charset=utf-8",
        body=page_of(number),
    )
    row = document_row(capture, SOURCE)
    stored = {url_of(number): Stored(row["body"], row["day"])}
    assert row["rejected"] is None
    assert judged(stored, number + 1) == (1, 1)


def test_a_word_too_many_or_too_few_is_not_right_and_neither_is_another_day() -> None:
    right = Stored("\n".join(text_of(0)), "2023-01-01")
    assert judged({url_of(0): right}, 2) == (1, 1)
    for body in (f"{right.body} خبر", right.body.rpartition(" ")[0], ""):
        assert judged({url_of(0): Stored(body, "2023-01-02")}, 1) == (0, 0)


def test_nothing_but_the_site_is_reached_through_it() -> None:
    with site(partial(answer, articles=1)) as proxy:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy, "https": proxy}))
        with opener.open(url_of(0)) as response:
            assert response.read() == page_of(0)
        with pytest.raises(urllib.error.HTTPError, match="403"), opener.open("http://other.example/news/0"):
            pass
        with pytest.raises(OSError, match="403"), opener.open("https://other.example/"):
            pass


def test_of_the_peers_configuration_only_what_is_said_is_changed(tmp_path: Path) -> None:
    shipped = "[Files]\nworking_path = ~/x\n[Scrapy]\nLOG_FORMAT = [%(name)s] %(message)s\nROBOTSTXT_OBEY=True\n"
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(configure_peer(shipped, tmp_path))
    assert dict(parser["Files"]) == {"working_path": str(tmp_path)}
    assert dict(parser["Scrapy"]) == {
        "LOG_FORMAT": "[%(name)s] %(message)s",
        "ROBOTSTXT_OBEY": "True",
        "LOG_LEVEL": "ERROR",
        "CONCURRENT_REQUESTS_PER_DOMAIN": "8",
        "DOWNLOAD_DELAY": "0",
    }


def test_what_the_peer_stored_is_read_and_not_its_own_state(tmp_path: Path) -> None:
    for name, written in {
        "data/2023/news_0.html.json": {"url": url_of(0), "maintext": "نص", "date_publish": "2023-01-01 00:00:00"},
        "data/2023/news_1.html.json": {"url": url_of(1), "maintext": None, "date_publish": None},
        ".resume_jobdir/queue/active.json": {},
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
    assert stored_by_peer(tmp_path) == {url_of(0): Stored("نص", "2023-01-01"), url_of(1): Stored("", "")}


def test_figures_are_of_the_articles_stored() -> None:
    run = Run(100, 50, 40, 50, Cost(clock=30, processor=10, megabytes=200), {})
    assert (run.per_minute, run.processor_each) == (100, 200)
