"""What `check` finds of sites that have changed, each on a loopback server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawlers.probe import look as look_shortly
from crawlers.probe.check import CheckResult, check_files
from demo.server import DemoServer
from pipeline.sources import load_source
from tests.conftest import ROOT
from tests.crawlers.conftest import HOME, Reply, Site, write_source
from tests.crawlers.news import HTML, build, dated, published

NOW = datetime.now(UTC)
BLOCK = b"<html><title>Just a moment...</title><body>Checking your browser before accessing</body></html>"

Look = Callable[..., CheckResult]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Writes the one source's file and checks it."""

    def run(*discovery: str, more: str = "") -> CheckResult:
        write_source(tmp_path, *(discovery or ("feed /feed",)), more=more)
        [checked] = check_files([tmp_path / "sada.yaml"], NOW)
        return checked

    return run


def to_do(checked: CheckResult) -> list[str]:
    return [finding.text for finding in checked.findings if finding.to_do]


def test_a_source_that_is_as_described_has_nothing_to_do(site: Site, look: Look) -> None:
    site.feed(dated(build(site, NOW, prints=3), NOW))
    checked = look()
    assert to_do(checked) == []
    assert checked.answers_as_described
    assert (
        f"feed {HOME}/feed: works, 8 addresses, the newest of {published(0, NOW).astimezone(UTC):%Y-%m-}"
        in "\n".join(finding.text for finding in checked.findings)
    )


def test_of_a_source_that_needs_a_browser_only_what_is_no_page_is_looked_at(site: Site, look: Look) -> None:
    site.feed(dated(build(site, NOW), NOW))
    site.replies[f"{HOME}/"] = Reply(BLOCK, 200, HTML)
    assert "if it asks for nothing but JavaScript, `browser: true`" in "\n".join(to_do(look()))
    site.seen.clear()
    checked = look("feed /feed", "listing / links=^/news/", more="browser: true")
    assert to_do(checked) == []
    assert [finding.text.partition(":")[0] for finding in checked.findings][1:] == [
        "listing http",
        "its pages need a browser, and are not looked at",
    ]
    assert not site.asked()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(status=404), "is gone (HTTP 404)"),
        (Reply(status=410), "is gone (HTTP 410)"),
        (Reply(status=403), "we are blocked (HTTP 403)"),
        (Reply(BLOCK, 503, HTML), "we are blocked (HTTP 503, a page that checks or bans visitors"),
        (Reply(BLOCK, 200, HTML), "we are blocked (it shows a page that checks or bans visitors"),
        (Reply(status=503), "in trouble, or asked too much (HTTP 503)"),
        (Reply(b"<rss version='2.0'><channel></channel></rss>"), "is empty"),
        (Reply(b"<urlset></urlset>"), "answers with a sitemap, not a feed"),
        (Reply(b"<html><body><p>x</p></body></html>", headers=HTML), "answers with a HTML page, not a feed"),
        (Reply(b"[{}]"), "answers with a list of posts, not a feed"),
        (Reply(b"{}"), "answers with a JSON object, not a feed"),
        (Reply(b"\x00\x01"), "answers with a file of another kind, not a feed"),
    ],
)
def test_a_feed_that_is_none_any_more(site: Site, look: Look, reply: Reply, words: str) -> None:
    build(site, NOW)
    site.replies[f"{HOME}/feed"] = reply
    checked = look()
    [text] = to_do(checked)
    assert text.startswith(f"feed {HOME}/feed")
    assert words in text
    assert not checked.answers_as_described


def test_an_address_that_has_moved_for_good(site: Site, look: Look) -> None:
    site.feed(dated(build(site, NOW), NOW), "/new-feed")
    site.replies[f"{HOME}/feed"] = Reply(status=301, headers={"Location": "/new-feed"})
    assert to_do(look()) == [f"feed {HOME}/feed has moved for good to {HOME}/new-feed: write that as its `url`"]
    site.replies[f"{HOME}/feed"] = Reply(status=302, headers={"Location": "/new-feed"})
    assert to_do(look()) == []


def test_a_site_that_has_moved_to_another_host(site: Site, look: Look) -> None:
    site.replies[f"{HOME}/"] = Reply(status=301, headers={"Location": "http://new.example/"})
    [home, feed] = to_do(look())
    assert f"{HOME}/ leads to http://new.example/, which is on none of the site's hosts" in home
    assert "is gone" in feed


def test_a_damaged_feed_works_in_part(site: Site, look: Look) -> None:
    urls = build(site, NOW)
    site.feed(dated(urls, NOW))
    body = site.replies[f"{HOME}/feed"].body
    site.replies[f"{HOME}/feed"] = Reply(body.replace(b"</channel>", b"<oops></channel>"))
    [text] = to_do(look())
    assert "damaged, " in text


def test_what_robots_forbids_now(site: Site, look: Look) -> None:
    site.feed(dated(build(site, NOW), NOW))
    site.replies[f"{HOME}/robots.txt"] = Reply(b"User-agent: *\nDisallow: /feed")
    [text] = to_do(look())
    assert "is forbidden by robots.txt" in text
    site.replies[f"{HOME}/robots.txt"] = Reply(status=503)
    [text] = to_do(look())
    assert "nothing may be asked for" in text


@pytest.mark.parametrize(
    "discovery", ["feed /feed", "sitemap /sitemap.xml", "date_archive /{year}/{month}/{day}/ links=/news/"]
)
def test_silence_is_told_from_an_answer(site: Site, look: Look, discovery: str) -> None:
    urls = build(site, NOW, days=60)
    site.feed(dated(urls, NOW, days=60))
    site.sitemap([(url, f"{NOW - timedelta(days=61):%Y-%m-%d}") for url in urls])
    [text] = to_do(look(discovery))
    assert "see whether the site still publishes" in text


def test_a_zone_that_the_newest_articles_contradict(site: Site, look: Look) -> None:
    site.feed(dated(build(site, NOW, offset=2, prints=2), NOW))
    [text] = to_do(look())
    assert "timezone Asia/Damascus is contradicted: 3 of 3 printed times are UTC+02:00" in text


def test_addresses_that_no_crawl_would_fetch(site: Site, look: Look) -> None:
    site.feed(dated(build(site, NOW), NOW))
    assert "lie outside of `sections`" in to_do(look(more="sections: {include: ['^/syria/']}"))[0]
    site.feed([("http://other.example/1", "")])
    assert "lie on other.example: see `allowed_hosts`" in to_do(look())[0]


def test_pages_that_are_no_articles(site: Site, look: Look) -> None:
    urls = build(site, NOW)
    site.feed(dated(urls, NOW))
    for url in urls:
        site.replies[url] = Reply(BLOCK, headers=HTML)
    [text] = to_do(look())
    assert "none of 6 pages is an article" in text
    assert "we are blocked" in text


def test_a_list_whose_links_have_changed(site: Site, look: Look) -> None:
    build(site, NOW)
    [text] = to_do(look("listing / links=^/story/"))
    assert "does not match `links`" in text


def test_one_bad_source_stops_no_other(site: Site, tmp_path: Path) -> None:
    site.feed(dated(build(site, NOW), NOW))
    write_source(tmp_path, "feed /feed")
    (tmp_path / "bad.yaml").write_text("id: bad\nname: [\n", encoding="utf-8")
    (tmp_path / "dead.yaml").write_text(
        "id: dead\nname: ميت\nloopback: true\nhome: http://127.0.0.1:1/\ntimezone: Asia/Aden\ndiscovery: []\n"
        "politeness: {delay: 0}\n",
        encoding="utf-8",
    )
    bad, dead, good = check_files(sorted(tmp_path.glob("*.yaml")), NOW)
    assert "bad.yaml:" in to_do(bad)[0]
    assert to_do(dead)
    assert good.answers_as_described


def test_a_short_look_asks_for_no_article_and_says_what_is_to_be_done(site: Site, tmp_path: Path) -> None:
    site.feed(dated(build(site, NOW, prints=3), NOW))
    write_source(tmp_path, "feed /feed")
    source = load_source(tmp_path / "sada.yaml")
    assert look_shortly(source, NOW) == "it answers as its file says; the next crawl will tell"
    assert {urlsplit(seen).path for seen in site.seen} == {"/robots.txt", "/", "/feed"}
    site.replies[f"{HOME}/feed"] = Reply(b"", 410)
    assert look_shortly(source, NOW).startswith(f"feed {HOME}/feed: is gone (HTTP 410)")
    site.replies[f"{HOME}/robots.txt"] = Reply(b"User-agent: *\nDisallow: /\n")
    site.seen.clear()
    assert "is forbidden by robots.txt" in look_shortly(source, NOW)
    assert {urlsplit(seen).path for seen in site.seen} == {"/robots.txt"}


def test_the_demo_s_sources_answer_as_described(monkeypatch: pytest.MonkeyPatch) -> None:
    with DemoServer() as demo:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{demo.port}")
        files = sorted((ROOT / "demo" / "sources").glob("*.yaml"))
        checks = list(check_files(files, datetime(2024, 5, 1, tzinfo=UTC)))
    assert len(checks) == len(files) >= 9
    assert {one.id: to_do(one) for one in checks if not one.answers_as_described} == {}
