"""Pages that archives have: Wayback and Common Crawl, spoken to over HTTP, and files of both kinds, end in the rows of a crawl."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from ruamel.yaml import YAML

from crawlers.run import Crawl, CrawlFailed, Outcome, new_run
from crawlers.window import Window
from demo.gold import gold_rows
from demo.server import DemoServer
from pipeline import build
from pipeline.captures.index import list_page_files
from pipeline.captures.model import Exchange
from pipeline.captures.read import read_captures
from pipeline.captures.write import CaptureWriter
from pipeline.documents.table import SCHEMA, Documents
from pipeline.import_archives import import_archive
from pipeline.sources import load_source
from tests.conftest import ROOT
from tests.crawlers.archive_servers import DATA, HTML, INDEX, WAYBACK, CommonCrawl, Held, Wayback
from tests.crawlers.conftest import Reply
from tests.pipeline.conftest import page, prose

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawlers.run import CrawlSummary
    from pipeline.bucket import Bucket
    from pipeline.captures.model import Capture
    from pipeline.sources import Source
    from tests.crawlers.conftest import Site

pytestmark = pytest.mark.slow

HOST = "http://dead.example"
THEN = datetime(2013, 5, 10, 9, tzinfo=UTC)
WAYBACK_ENTRY = {"type": "wayback", "url": WAYBACK}
COMMON_CRAWL_ENTRY = {"type": "common_crawl", "url": INDEX, "data": DATA}


def held(number: int, at: datetime = THEN, **more: Any) -> Held:
    return Held(f"{HOST}/news/{number}", page(f"خبر {number}", prose(number), "2013-05-09"), at, **more)


class Crawler:
    """A source of dead sites, and its crawls."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.lines: list[str] = []

    def configure(self, *discovery: dict[str, Any], hosts: tuple[str, ...] = ("dead.example",)) -> Source:
        path = self._folder / "dead.yaml"
        fields = {
            "id": "dead",
            "name": "موقع قديم",
            "home": HOST,
            "timezone": "Asia/Damascus",
            "discovery": list(discovery),
            "allowed_hosts": list(hosts),
            "politeness": {"delay": 0, "timeout": 5, "max_size": 2_000_000},
        }
        with path.open("w", encoding="utf-8") as file:
            YAML().dump(fields, file)
        return load_source(path)

    def crawl(self, since: str = "2013-05-01", until: str = "2013-06-01") -> CrawlSummary:
        window = Window(date.fromisoformat(since), date.fromisoformat(until))
        run = new_run("dead", datetime.now(UTC))
        return Crawl("dead", window, run, on_line=lambda _, line: self.lines.append(line)).wait()


@pytest.fixture
def crawler(tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Crawler:
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path))
    monkeypatch.setenv("WARRAQ_CONTACT", "mailto:desk@warraq.example")
    return Crawler(tmp_path)


def stored(bucket: Bucket) -> list[Capture]:
    read = [one for key in list_page_files(bucket) for one in read_captures(io.BytesIO(bucket.get(key)), key)]
    return sorted(read, key=lambda one: one.url)


def play(site: Site, common_crawl: CommonCrawl) -> None:
    """Have the site answer as Common Crawl, which looks at the Range."""

    def answer(url: str) -> Reply | None:
        common_crawl.range = site.headers[-1].get("Range", "")
        return common_crawl(url)

    site.answer = answer


def test_wayback_gives_the_first_good_capture_of_each_page_as_the_site_sent_it(
    crawler: Crawler, site: Site, bucket: Bucket
) -> None:
    packed = Held(f"{HOST}/news/4", gzip.compress(b"<html>4"), THEN, headers=(("content-encoding", "gzip"),))
    pages = [held(1), held(1, THEN + timedelta(days=90)), held(2), held(3), held(9, THEN - timedelta(days=400))]
    others = [held(5, status=404), held(6, kind="image/png"), held(7, THEN - timedelta(days=400))]
    late = [held(7), held(8, THEN + timedelta(days=3000))]
    site.answer = Wayback([*pages, packed, *others, *late])
    crawler.configure(WAYBACK_ENTRY)
    summary = crawler.crawl()
    captures = stored(bucket)
    assert summary.outcome == Outcome.FINISHED
    # Of 7 and 9 an earlier capture says that they are older than the window; 8 may be of any age.
    assert [urlsplit(one.url).path[-1] for one in captures] == ["1", "2", "3", "4", "8"]
    assert captures[0].captured_at == THEN
    assert captures[4].captured_at == THEN + timedelta(days=3000)
    assert captures[0].body == pages[0].body
    assert captures[0].content_type == HTML
    assert captures[0].found == {
        "by": "wayback",
        "from": f"{WAYBACK}/web/20130510090000id_/{HOST}/news/1",
        "archived_by": "wayback.example",
    }
    [report] = summary.discovery
    assert (report.found, report.problems) == (5, ())
    assert "2 pages left out" in report.notes[0]
    again = crawler.crawl()
    assert (again.outcome, again.known) == (Outcome.NOTHING_NEW, 5)
    assert not any(url.startswith(HOST) for url in site.seen), "the site itself is not asked"


def test_a_body_that_comes_packed_is_unpacked(crawler: Crawler, site: Site, bucket: Bucket) -> None:
    one = held(1)
    wayback = Wayback([one])

    def answer(url: str) -> Reply | None:
        reply = wayback(url)
        if reply and "/web/" in url:
            reply = Reply(gzip.compress(reply.body), 200, reply.headers | {"Content-Encoding": "gzip"})
        return reply

    site.answer = answer
    crawler.configure(WAYBACK_ENTRY)
    crawler.crawl()
    assert [capture.body for capture in stored(bucket)] == [one.body]


def test_adjacent_windows_gather_what_the_whole_window_does(crawler: Crawler, site: Site, bucket: Bucket) -> None:
    site.answer = Wayback([held(n, THEN + timedelta(days=40 * n)) for n in range(5)])
    crawler.configure(WAYBACK_ENTRY)
    for since, until in pairwise(["2013-01-01", "2013-06-01", "2013-07-20", "2014-01-01"]):
        crawler.crawl(since, until)
    assert len(stored(bucket)) == 5


def test_a_day_in_the_address_keeps_other_windows_out(crawler: Crawler, site: Site, bucket: Bucket) -> None:
    days = ("2013/05/10", "2013/08/10")
    site.answer = Wayback([Held(f"{HOST}/{day}/story", b"<html>", THEN + timedelta(days=900)) for day in days])
    crawler.configure(WAYBACK_ENTRY)
    assert crawler.crawl().found == 1
    assert [one.url for one in stored(bucket)] == [f"{HOST}/2013/05/10/story"]


def test_a_page_that_the_site_has_no_longer_is_taken_from_the_archive(
    crawler: Crawler, site: Site, bucket: Bucket
) -> None:
    wayback = Wayback([held(1)])
    feed = f'<rss version="2.0"><channel><item><title>خبر</title><link>{HOST}/news/1</link></item></channel></rss>'
    site.answer = lambda url: Reply(feed.encode()) if url == f"{HOST}/feed" else wayback(url)
    crawler.configure({"type": "feed", "url": f"{HOST}/feed"}, WAYBACK_ENTRY)
    [failure] = crawler.crawl().failed
    assert failure.reason == "http_404", "the site goes before the archive"
    crawler.configure(WAYBACK_ENTRY)
    assert crawler.crawl().captured == 1
    assert [one.status for one in stored(bucket)].count(200) == 1


def test_common_crawl_gives_the_earliest_copy_of_the_collections_from_the_window_on(
    crawler: Crawler, site: Site, bucket: Bucket
) -> None:
    week = timedelta(days=7)
    play(
        site,
        CommonCrawl(
            {
                "CC-MAIN-2012-10": [held(0, THEN - 60 * week)],
                "CC-MAIN-2013-20": [held(n, THEN + week) for n in range(1, 4)] + [held(4, status=301)],
                "CC-MAIN-2013-48": [held(n, THEN + 30 * week) for n in range(3, 7)],
            }
        ),
    )
    crawler.configure(COMMON_CRAWL_ENTRY)
    summary = crawler.crawl()
    captures = stored(bucket)
    assert (summary.outcome, summary.captured) == (Outcome.FINISHED, 6)
    assert [one.captured_at - THEN for one in captures] == [week, week, week, 30 * week, 30 * week, 30 * week]
    assert captures[0].body == held(1).body
    assert captures[0].found["archived_by"] == "data.example"
    assert captures[0].found["from"].startswith(f"{DATA}/crawl-data/CC-MAIN-2013-20/a.warc.gz#")
    assert not any("2012-10" in url for url in site.seen)
    assert crawler.crawl().outcome == Outcome.NOTHING_NEW


def test_what_common_crawl_has_cut_off_is_no_whole_page(crawler: Crawler, site: Site, bucket: Bucket) -> None:
    play(site, CommonCrawl({"CC-MAIN-2013-20": [held(1)]}, [("WARC-Truncated", "length")]))
    crawler.configure(COMMON_CRAWL_ENTRY)
    crawler.crawl()
    assert [one.truncated for one in stored(bucket)] == [True]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: data[:-20], "no_memento"),
        (lambda data: data[:40] + b"\0" * 20 + data[60:], "no_memento"),
        (lambda data: gzip.compress(b"WARC/1.0\r\n" + b"\0" * 50_000_000), "no_memento"),
        (lambda data: gzip.compress(gzip.decompress(data).replace(b"/news/1", b"/news/2")), "no_memento"),
        (lambda data: gzip.compress(gzip.decompress(data).replace(b"200 OK", b"302 OK")), "no_memento"),
        (lambda data: b"<html>", "no_memento"),
        (lambda data: b"", "no_memento"),
    ],
    ids=["cut", "damaged", "bomb", "another page", "another status", "no gzip", "empty"],
)
def test_a_record_that_is_none_is_no_page(
    crawler: Crawler, site: Site, bucket: Bucket, spoil: Callable[[bytes], bytes], reason: str
) -> None:
    common_crawl = CommonCrawl({"CC-MAIN-2013-20": [held(1)]})

    def answer(url: str) -> Reply | None:
        common_crawl.range = site.headers[-1].get("Range", "")
        reply = common_crawl(url)
        if reply and reply.status == 206:
            reply = Reply(spoil(reply.body), 206, reply.headers)
        return reply

    site.answer = answer
    crawler.configure(COMMON_CRAWL_ENTRY)
    summary = crawler.crawl()
    assert [failure.reason for failure in summary.failed] == [reason]
    assert stored(bucket) == []


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(b"<html>gone", 404), "http_404"),
        (Reply(b"<html>sorry"), "no_memento"),
        (Reply(b"", 302, {"Location": f"{WAYBACK}/web/20150101000000id_/{HOST}/news/1"}), "http_302"),
        (Reply(b"<html>x", 200, {"Memento-Datetime": "yesterday"}), "no_memento"),
    ],
    ids=["404", "no memento", "redirect", "no time"],
)
def test_what_the_archive_says_itself_is_no_page(
    crawler: Crawler, site: Site, bucket: Bucket, reply: Reply, reason: str
) -> None:
    wayback = Wayback([held(1)])
    site.answer = lambda url: reply if "/web/" in url else wayback(url)
    crawler.configure(WAYBACK_ENTRY)
    summary = crawler.crawl()
    assert [failure.reason for failure in summary.failed] == [reason]
    assert stored(bucket) == []


def _endless(url: str) -> Reply:
    """Names the same page for ever, each time with a new key."""
    key = str(len(url))
    rows = [["timestamp", "original", "statuscode", "mimetype"], ["20130510090000", f"{HOST}/1", "200", "text/html"]]
    return Reply(json.dumps([*rows, [], [f"{url[-20:]}{key}"]]).encode())


LINE = ["20130510090000", f"{HOST}/news/1", "200", "text/html"]


@pytest.mark.parametrize(
    ("answer", "problem", "found"),
    [
        (_endless, "goes on without naming another page", 1),
        (lambda _: Reply(b"<html>busy"), "no JSON", 0),
        (lambda _: Reply(b"[" * 100_000), "no JSON", 0),
        (lambda _: Reply(b'{"error": 1}'), "no list of lines", 0),
        (lambda _: Reply(b'[["urlkey"]]'), "other fields", 0),
        (lambda _: Reply(b"no", 403), "HTTP 403", 0),
        (
            lambda _: Reply(
                json.dumps(
                    [
                        ["timestamp", "original", "statuscode", "mimetype"],
                        LINE,
                        ["x"],
                        ["9" * 14, *LINE[1:]],
                        [None] * 4,
                        ["2013", *LINE[1:]],
                    ]
                ).encode()
            ),
            "4 lines of the index cannot be read",
            1,
        ),
    ],
    ids=["endless", "html", "deep", "object", "fields", "closed", "lines"],
)
def test_an_index_that_is_none_ends_with_a_named_problem(
    crawler: Crawler, site: Site, bucket: Bucket, answer: Callable[[str], Reply], problem: str, found: int
) -> None:
    wayback = Wayback([held(1)])
    site.answer = lambda url: answer(url) if "/cdx/" in url else wayback(url)
    crawler.configure(WAYBACK_ENTRY)
    if found:
        summary = crawler.crawl()
        assert problem in summary.discovery[0].problems[0]
        assert summary.found == found
    else:
        with pytest.raises(CrawlFailed, match=problem):
            crawler.crawl()
    assert len(site.seen) < 10


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda url: Reply(b"[]") if "collinfo" in url else None, "no list of collections"),
        (lambda url: Reply(b'[{"id": "x"}]') if "collinfo" in url else None, "without an interface"),
        (
            lambda url: Reply(b'[{"id":"x","cdx-api":"http://elsewhere.example/x"}]') if "collinfo" in url else None,
            "hosts",
        ),
        (
            lambda url: (
                Reply(b'[{"id":"x","cdx-api":"/x"}]') if "collinfo" in url else Reply(b"{}") if "/x?" in url else None
            ),
            "no number of pages",
        ),
        (
            lambda url: (
                Reply(b'[{"id":"x","cdx-api":"/x"}]')
                if "collinfo" in url
                else Reply(b'{"pages": 1}')
                if "showNumPages" in url
                else Reply(b'no json\n{"url": 1, "status": "200", "mime": "text/html"}\n[]\n')
                if "/x?" in url
                else None
            ),
            "3 lines of the index cannot be read",
        ),
    ],
    ids=["empty", "no api", "elsewhere", "no number", "lines"],
)
def test_an_index_of_collections_that_is_none_ends_with_a_named_problem(
    crawler: Crawler, site: Site, answer: Callable[[str], Reply | None], problem: str
) -> None:
    site.answer = answer
    crawler.configure(COMMON_CRAWL_ENTRY)
    with pytest.raises(CrawlFailed, match=problem):
        crawler.crawl()


def test_the_archives_robots_txt_is_kept(crawler: Crawler, site: Site) -> None:
    wayback = Wayback([held(1)])
    robots = Reply(b"User-agent: *\nDisallow: /cdx/\n")
    site.answer = lambda url: robots if url.endswith("/robots.txt") else wayback(url)
    crawler.configure(WAYBACK_ENTRY)
    with pytest.raises(CrawlFailed, match="robots"):
        crawler.crawl()
    assert site.seen == [f"{WAYBACK}/robots.txt"]


def test_the_archives_host_is_open_for_copies_alone(crawler: Crawler, site: Site, bucket: Bucket) -> None:
    feed = f'<rss version="2.0"><channel><item><link>{HOST}/moved</link></item></channel></rss>'
    away = Reply(b"", 301, {"Location": f"{WAYBACK}/web/20130510090000id_/{HOST}/news/1"})
    wayback = Wayback([held(1)])
    known = {f"{HOST}/feed": Reply(feed.encode()), f"{HOST}/moved": away}
    site.answer = lambda url: known.get(url) or (None if "/cdx/" in url else wayback(url))
    crawler.configure({"type": "feed", "url": f"{HOST}/feed"}, WAYBACK_ENTRY)
    [failure] = crawler.crawl().failed
    assert failure.reason.startswith("moved_to_")


APART = {"id", "capture_key", "capture_offset", "found", "row_hash", "article", "matched"}


def rows(bucket: Bucket, source: Source) -> list[dict[str, Any]]:
    """The documents that a build makes of the bucket's captures, without what names their place."""
    build.build(bucket, {source.id: source}, "b1")
    columns = [name for name in SCHEMA.names if name not in APART]
    table = Documents(bucket).read([*columns, "found"])
    return sorted(table.to_pylist(), key=lambda row: row["fetched_url"])


@pytest.fixture(scope="module")
def pages() -> list[Held]:
    """Articles of the demo, and the real pages where they are at hand, captured at times of their own."""
    gathered = []
    with DemoServer(slow_seconds=0) as demo, httpx.Client(proxy=demo.url, trust_env=False) as client:
        articles = [row["url"] for row in gold_rows() if row["outcome"] == "article" and row["source"] == "alsaha"]
        for number, url in enumerate(articles[:12]):
            answer = client.get(url)
            at = datetime(2024, 6, 1, tzinfo=UTC) + timedelta(hours=number)
            gathered.append(Held(str(answer.url), answer.content, at, kind=answer.headers["content-type"]))
    folder = ROOT.parent / "shared" / "real-pages"
    if folder.is_dir():
        for entry in json.loads((folder / "manifest.json").read_text("utf-8")):
            gold = json.loads((folder / entry["gold"]).read_text("utf-8"))
            at = datetime.fromisoformat(f"{gold['published_day_local']}T20:00:00+00:00")
            gathered.append(Held(entry["url"], (folder / entry["file"]).read_bytes(), at, kind="text/html"))
    assert len(gathered) >= 12
    return gathered


def crawled(bucket: Bucket, pages: list[Held]) -> None:
    """The captures that a crawl of the sites makes."""
    writer = CaptureWriter(bucket, "dead", "crawl")
    for one in pages:
        writer.add(Exchange(one.url, one.at, 200, "OK", [("Content-Type", one.kind)], one.body, [], {"by": "sitemap"}))
    writer.flush()


@pytest.mark.parametrize("way", ["warc", "wacz", "wayback", "common_crawl"])
def test_every_way_from_an_archive_ends_in_the_rows_of_a_crawl(
    crawler: Crawler, site: Site, bucket: Bucket, pages: list[Held], tmp_path: Path, way: str
) -> None:
    hosts = tuple(sorted({urlsplit(one.url).hostname or "" for one in pages}))
    entry = {"wayback": [WAYBACK_ENTRY], "common_crawl": [COMMON_CRAWL_ENTRY]}.get(way, [])
    source = crawler.configure(*entry, hosts=hosts)
    crawled(bucket, pages)
    expected = rows(bucket, source)
    for prefix in ("captures/", "documents/", "articles/"):
        bucket.delete_below(prefix)
    common_crawl = CommonCrawl({"CC-MAIN-2024-30": pages})
    [warc] = common_crawl.files.values()
    if way in {"warc", "wacz"}:
        file = tmp_path / f"old.{way}"
        if way == "warc":
            file.write_bytes(warc)
        else:
            with zipfile.ZipFile(file, "w") as package:
                package.writestr("archive/data.warc.gz", warc)
        assert import_archive(bucket, source, str(file)).kept == len(pages)
    else:
        if way == "wayback":
            site.answer = Wayback(pages, lines=5)
        else:
            play(site, common_crawl)
        assert crawler.crawl("2010-01-01", "2025-01-01").captured == len(pages)
    found = rows(bucket, source)
    by = {json.loads(row.pop("found"))["archived_by"] for row in found}
    assert by == {{"warc": "old.warc", "wacz": "old.wacz", "wayback": "wayback.example"}.get(way, "data.example")}
    assert [row["captured_at"] for row in found] == [one.at for one in sorted(pages, key=lambda one: one.url)]
    for row in expected:
        del row["found"]
    assert [row for row in found if row not in expected] == []
    assert len(found) == len(expected) == len(pages)
    assert sum(row["rejected"] is None for row in found) == len(pages)
