"""A first look at sites that have one thing or another, or nothing at all."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.probe.client import ClientError, RefusedError
from crawlers.probe.probe import ProbeError, ProbeResult, probe
from pipeline.sources import load_source
from tests.crawlers.conftest import HOME, Reply, Site, sitemap
from tests.crawlers.news import HTML, build, dated
from tests.pipeline.conftest import page, prose

NOW = datetime.now(UTC)
FEED = f"<link rel='alternate' type='application/rss+xml' href='{HOME}/own-feed'>"


def look(**more: str) -> ProbeResult:
    return probe(f"{HOME}/", now=NOW, delay=0, **more)


def found_by(probed: ProbeResult, folder: Path) -> list[tuple[str, str]]:
    """The discoveries that the written file has, once it is read."""
    file = folder / f"{probed.source.id}.yaml"
    file.write_text(probed.text, encoding="utf-8")
    return [(one.type, str(one.url).removeprefix(HOME)) for one in load_source(file).discovery]


def test_what_looks_back_goes_first_and_what_is_announced_before_what_is_usual(site: Site, tmp_path: Path) -> None:
    urls = build(site, NOW, head=FEED)
    site.feed(dated(urls, NOW), "/own-feed")
    site.feed(dated(urls, NOW), "/feed/")
    site.replies[f"{HOME}/robots.txt"] = Reply(f"Sitemap: {HOME}/maps/all.xml.gz".encode())
    site.replies[f"{HOME}/maps/all.xml.gz"] = Reply(gzip.compress(sitemap([(url, "") for url in urls])))
    probed = look()
    assert found_by(probed, tmp_path) == [("sitemap", "/maps/all.xml.gz"), ("feed", "/own-feed")]
    assert f"{HOME}/feed/" not in site.seen
    assert [row[2] for row in probed.articles] == urls
    assert probed.source.name == "صدى"
    assert probed.source.id == "sadanews"


def test_a_feed_that_is_announced_and_broken_gives_way_to_a_usual_address(site: Site, tmp_path: Path) -> None:
    urls = build(site, NOW, head=FEED)
    site.feed(dated(urls, NOW), "/rss.xml")
    assert found_by(look(), tmp_path) == [("feed", "/rss.xml")]


def test_what_is_no_address_breaks_nothing(site: Site, tmp_path: Path) -> None:
    junk = [
        "http://[bad/",
        "javascript:void(0)",
        "//",
        "http://sadanews.example:port/",
        "\u202ehttp://x",
        "",
        "mailto:a@b",
    ]
    heads = "".join(f"<link rel='alternate' type='application/rss+xml' href='{one}'>" for one in junk)
    urls = build(site, NOW, head=heads + FEED)
    home = site.replies[f"{HOME}/"]
    site.replies[f"{HOME}/"] = Reply(
        home.body + "".join(f"<a href='{one}'>رابط</a>" for one in junk).encode(), headers=HTML
    )
    site.feed([*((one, "") for one in junk), *dated(urls, NOW)], "/own-feed")
    site.replies[f"{HOME}/robots.txt"] = Reply("".join(f"Sitemap: {one}\n" for one in junk).encode())
    assert found_by(look(), tmp_path) == [("feed", "/own-feed")]


@pytest.mark.parametrize("path", ["/a feed", "/feed?a=b#c", "/feed?q=[x]&y={z}", "/خلاصة", "/a'b", "/a: b #c"])
def test_any_address_is_written_so_that_it_is_read_again(site: Site, tmp_path: Path, path: str) -> None:
    urls = build(site, NOW, head=f'<link rel="alternate" type="application/rss+xml" href="{path}">')
    feed = dated(urls, NOW)
    site.feed(feed, "/feed")
    body = site.replies.pop(f"{HOME}/feed")
    site.answer = lambda url: site.replies.get(url) or (body if "robots" not in url else None)
    assert found_by(look(), tmp_path)[-1][0] == "feed"


def test_a_news_sitemap_is_not_taken_to_look_back(site: Site, tmp_path: Path) -> None:
    urls = build(site, NOW)
    entries = "".join(
        f"<url><loc>{url}</loc><n:news><n:publication_date>{NOW:%Y-%m-%d}</n:publication_date></n:news></url>"
        for url in urls
    )
    site.replies[f"{HOME}/sitemap.xml"] = Reply(
        f'<urlset xmlns="s" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{entries}</urlset>'.encode()
    )
    probed = look()
    assert found_by(probed, tmp_path) == [("sitemap", "/sitemap.xml")]
    assert "# shows the latest alone" in probed.text


def test_wordpress_names_its_zone(site: Site, tmp_path: Path) -> None:
    urls = build(site, NOW, head=f"<link rel='https://api.w.org/' href='{HOME}/wp-json/'>")
    posts = [{"link": url, "date_gmt": NOW.strftime("%Y-%m-%dT%H:%M:%S"), "title": {"rendered": "خبر"}} for url in urls]
    site.replies[f"{HOME}/wp-json/"] = Reply(json.dumps({"timezone_string": "Asia/Riyadh"}).encode())
    site.answer = lambda url: Reply(json.dumps(posts).encode()) if "wp/v2/posts" in url else site.replies.get(url)
    probed = look(source_id="sada")
    assert found_by(probed, tmp_path) == [("wordpress", "/wp-json/wp/v2/posts")]
    assert (probed.source.id, probed.source.timezone) == ("sada", "Asia/Riyadh")


def test_a_zone_that_nothing_tells_is_not_passed_over_in_silence(site: Site, tmp_path: Path) -> None:
    urls = build(site, NOW)
    for number, url in enumerate(urls):
        site.replies[url] = Reply(page(f"خبر {number}", prose(number)), headers=HTML)
    site.feed([(url, "") for url in urls], "/feed/")
    probed = look()
    assert found_by(probed, tmp_path)
    assert "# a guess: NOT KNOWN" in probed.text


def test_lines_on_most_pages_are_furniture_and_rarer_ones_are_shown(site: Site, tmp_path: Path) -> None:
    urls = build(site, NOW)
    for number, url in enumerate(urls):
        lines = [*prose(number), "صدى صحيفة يومية يملكها محررون"]
        opening = ["هذه زاوية أسبوعية يكتبها القراء"] if number < 3 else []
        site.replies[url] = Reply(page(f"خبر {number}", [*opening, *lines], "2024-03-05T10:00:00+03:00"), headers=HTML)
    site.feed(dated(urls, NOW), "/feed/")
    probed = look()
    assert '\n  - "صدى صحيفة يومية يملكها محررون" # 8\n' in probed.text
    assert '\n#   - "هذه زاوية أسبوعية يكتبها القراء" # 3\n' in probed.text


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(b"<title>Just a moment...</title>", 403), "answers HTTP 403 with a page that checks or bans visitors"),
        (
            Reply(b"<html><title>Just a moment...</title><body><p>Checking your browser</p></body>"),
            "a plain client cannot",
        ),
        (Reply(status=500), "answers HTTP 500"),
        (Reply(b'{"a": 1}'), "is no HTML page"),
        (Reply(b"<html><body><p>x</p></body></html>", headers=HTML), "no article could be found and read"),
    ],
)
def test_what_no_source_can_be_made_of_is_told_in_a_sentence(site: Site, reply: Reply, words: str) -> None:
    site.replies[f"{HOME}/"] = reply
    with pytest.raises(ProbeError, match=words):
        look()


def test_a_site_without_lists_that_lead_on_is_said_to_have_none(site: Site) -> None:
    build(site, NOW)
    with pytest.raises(ProbeError, match="no way to find them was found"):
        look()


def test_it_asks_only_where_it_may(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.replies[f"{HOME}/robots.txt"] = Reply(b"User-agent: *\nDisallow: /")
    with pytest.raises(RefusedError, match="forbidden by"):
        look()
    assert site.seen == [f"{HOME}/robots.txt"]
    with pytest.raises(ProbeError, match="is not the address of a site"):
        probe("ftp://sadanews.example/", now=NOW)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(ClientError, match="cannot be fetched"):
        probe("http://127.0.0.1:1/", now=NOW, delay=0, loopback=True)
    with pytest.raises(RefusedError, match="this machine itself: it is not connected to"):
        probe("http://127.0.0.1:1/", now=NOW, delay=0)
