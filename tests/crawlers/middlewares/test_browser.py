"""Sources whose pages need a browser: crawls of a loopback site whose articles are put there by JavaScript."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import signal
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
import pytest

from crawlers.run import Crawl, CrawlFailed, CrawlSummary, Outcome
from pipeline.captures.index import read_index
from pipeline.captures.read import read_captures, read_headers
from tests.crawlers.conftest import HOME, Reply, Runner, Site

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.bucket import Bucket
    from pipeline.captures.model import Capture

pytestmark = pytest.mark.slow

HTML = {"Content-Type": "text/html; charset=windows-1256", "X-Served-By": "first"}
DAY = "Tue, 12 May 2026 10:00:00 GMT"
TEXT = "قالت مصادر محلية إن السيول جرفت جسراً على الطريق الشرقي \u2067ليلاً\u2069"  # the isolates are not in windows-1256
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scrapy_playwright", reason="the extra `browser` is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    monkeypatch.setenv("WARRAQ_CHROMIUM", CHROMIUM)


def shell(script: str) -> Reply:
    """A page without a text but for what its script puts there."""
    page = f"<!doctype html><html lang='ar'><meta charset='windows-1256'><title>خبر</title><body><div id='a'></div>{script}"
    return Reply(page.encode("windows-1256"), headers=HTML)


FETCHING = """
<img src='/pictures/1.jpg'><link rel='stylesheet' href='/style.css'><link rel='icon' href='/icon.png'>
<script>
  for (const url of ['http://tracker.example/t', '/away', 'http://127.0.0.1/t']) fetch(url).catch(() => 0);
  new WebSocket('ws://tracker.example/ws');
  fetch('/api/1').then(answer => answer.json()).then(article => {
    document.getElementById('a').innerHTML = `<p>${article.text}</p><time>${new Date(0).toLocaleString('en')}</time>`;
    history.pushState({}, '', '/elsewhere');
    window.open('/popup'); location.href = '/next';
  });
</script>"""


@pytest.fixture
def scripted(site: Site) -> Site:
    """A feed of one article, whose text its script asks for."""
    url = f"{HOME}/news/1"
    site.feed([(url, DAY)])
    site.replies[url] = shell(FETCHING)
    site.replies[f"{HOME}/api/1"] = Reply(
        json.dumps({"text": TEXT}).encode(), headers={"Content-Type": "application/json"}
    )
    site.replies[f"{HOME}/away"] = Reply(status=302, headers={"Location": "http://tracker.example/away"})
    return site


def captures_of(bucket: Bucket, summary: CrawlSummary) -> dict[str, Capture]:
    """What was archived, by path."""
    found = [one for key in summary.files for one in read_captures(io.BytesIO(bucket.get(key)), key)]
    return {urlsplit(one.url).path: one for one in found}


def browsers(crawl: Crawl) -> list[psutil.Process]:
    """The processes that a crawl has started, in whatever session they are now."""
    return psutil.Process(crawl.pid).children(recursive=True)


def wait_for_browser(crawl: Crawl, site: Site, path: str) -> list[psutil.Process]:
    end = time.monotonic() + 120
    while f"{HOME}{path}" not in site.seen:
        assert time.monotonic() < end, "the page was never asked for"
        time.sleep(0.05)
    found = browsers(crawl)
    assert any("chrom" in process.name() for process in found)
    return found


@pytest.mark.usefixtures("browser")
def test_what_a_script_puts_there_is_archived_and_nothing_else_is_asked_for(
    runner: Runner, scripted: Site, bucket: Bucket
) -> None:
    runner.configure("feed /feed", more="browser: true", timeout=20)
    crawl = runner.start()
    left = wait_for_browser(crawl, scripted, "/api/1")
    summary = crawl.wait()
    assert (summary.outcome, summary.captured, summary.failed) == (Outcome.FINISHED, 1, ())

    capture = captures_of(bucket, summary)["/news/1"]
    text = capture.body.decode("utf-8")
    assert f"<p>{TEXT}</p>" in text
    assert "1/1/1970, 2:00:00" in text  # the clock is the site's, not this machine's
    headers = read_headers(bucket, next(one for one in read_index(bucket, capture.key) if one.url == capture.url))
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["x-served-by"] == "first"
    assert capture.found["rendered"].startswith("chromium ")
    assert capture.found["by"] == "feed"

    asked = sorted(url.removeprefix(HOME) for url in scripted.seen)
    assert asked == [
        "/api/1",
        "/away",
        "/feed",
        "/news/1",
        "/robots.txt",
        "/style.css",
    ]  # no picture, no popup, no /next
    agents = {value for headers in scripted.headers for name, value in headers.items() if name.lower() == "user-agent"}
    assert {agent.partition("/")[0] for agent in agents} == {"warraq"}
    assert psutil.wait_procs(left, timeout=60)[1] == []


@pytest.mark.usefixtures("browser")
def test_redirects_and_troubles_are_those_of_any_crawl(runner: Runner, site: Site, bucket: Bucket) -> None:
    replies = {
        "forbidden": shell(""),
        "gone": Reply(b"<p>gone", 404, HTML),
        "hangs": shell("<script>while (true) {}</script>"),
        "large": shell("<script>document.body.append('x'.repeat(300000))</script>"),
        "moved": Reply(status=301, headers={"Location": f"{HOME}/news/new"}),
        "new": shell("<script>document.write('<p>' + 'here'.toUpperCase())</script>"),
        "offsite": Reply(status=302, headers={"Location": "http://tracker.example/"}),
        "to-forbidden": Reply(status=302, headers={"Location": f"{HOME}/news/forbidden"}),
    }
    site.replies.update({f"{HOME}/news/{name}": reply for name, reply in replies.items()})
    site.replies[f"{HOME}/robots.txt"] = Reply(b"User-agent: *\nDisallow: /news/forbidden\n")
    listed = "".join(f'<p><a href="/news/{name}">خبر</a></p>' for name in replies if name not in {"forbidden", "new"})
    site.replies[f"{HOME}/latest"] = shell(f"<script>document.body.innerHTML = '{listed}'</script>")
    runner.configure("listing /latest links=^/news/", more="browser: true", timeout=3, concurrency=2)
    summary = runner.crawl()
    assert {one.url.rpartition("/")[2]: one.reason for one in summary.failed} == {
        "gone": "http_404",
        "hangs": "timeout",
        "large": "too_large",
        "offsite": "moved_to_tracker.example",
    }
    assert {name: count for name, count in summary.skipped.items() if count} == {"robots": 1}
    assert summary.captured == 1
    captures = captures_of(bucket, summary)
    assert captures["/latest"].found["rendered"].startswith("chromium ")
    assert b"HERE" in captures["/news/new"].body
    assert (captures["/news/moved"].status, captures["/news/moved"].body) == (301, b"")
    assert not [url for url in site.seen if url.endswith("/forbidden") or "tracker" in url]


@pytest.mark.usefixtures("browser")
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_no_browser_outlives_its_crawl(runner: Runner, scripted: Site, end: str) -> None:
    scripted.replies[f"{HOME}/api/1"].wait = 15
    runner.configure("feed /feed", more="browser: true", timeout=20)
    crawl = runner.start()
    left = wait_for_browser(crawl, scripted, "/api/1")
    if end == "stop":
        crawl.stop()
    else:
        os.kill(crawl.pid, signal.SIGKILL)
    try:
        crawl.wait()
    except CrawlFailed:
        assert end == "kill"
    assert psutil.wait_procs(left, timeout=60)[1] == []


@pytest.mark.usefixtures("browser")
def test_a_browser_that_does_not_start_is_told_at_once(
    runner: Runner, scripted: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WARRAQ_CHROMIUM", str(tmp_path / "no-such-chromium"))
    runner.configure("feed /feed", more="browser: true")
    with pytest.raises(CrawlFailed, match=r"^source sada needs a browser .* WARRAQ_CHROMIUM$") as told:
        runner.crawl()
    assert "\n" not in str(told.value)
    assert scripted.seen == []


def test_the_extra_that_is_missing_is_named(
    runner: Runner, scripted: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = tmp_path / "stub"
    stub.mkdir()
    (stub / "sitecustomize.py").write_text("import sys\nsys.modules['scrapy_playwright'] = None\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(stub), *filter(None, sys.path)]))
    runner.configure("feed /feed", more="browser: true")
    with pytest.raises(CrawlFailed, match=r"^source sada needs a browser .*pip install 'warraq\[browser\]'") as told:
        runner.crawl()
    assert "\n" not in str(told.value)
    assert not any("Traceback" in message for _, message in runner.lines)
    assert scripted.seen == []


@pytest.mark.usefixtures("browser")
def test_a_proxy_gets_its_password(runner: Runner, scripted: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", scripted.proxy.replace("://", "://user:password@"))
    runner.configure("feed /feed", more="browser: true")
    assert runner.crawl().captured == 1
    words = {headers.get("Proxy-Authorization") for headers in scripted.headers}
    assert words == {"Basic " + base64.b64encode(b"user:password").decode()}
