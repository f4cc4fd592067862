"""Feeds and sitemaps, read from bytes as a site would send them."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import Response

from crawlers.discovery import Discovery, DiscoveryError, Found, discoveries
from crawlers.discovery.sitemap import named_days
from crawlers.run import Window
from pipeline.sources import Source
from tests.crawlers.conftest import sitemap

FEED = "http://sadanews.example/feed"
MAP = "http://sadanews.example/sitemap.xml"
MAY = Window(date(2026, 5, 1), date(2026, 6, 1))


def discovery(kind: str, window: Window = MAY) -> Discovery:
    url = {"feed": FEED, "sitemap": MAP}[kind]
    source = Source.model_validate(
        {
            "id": "sada",
            "name": "صدى",
            "home": "http://sadanews.example",
            "timezone": "Asia/Damascus",
            "discovery": [{"type": kind, "url": url}],
        }
    )
    return discoveries(source, window)[0]


def read(it: Discovery, body: bytes, **headers: str) -> tuple[list[Found], list[str]]:
    """What an answer to the first request gives: found URLs, and URLs to ask for."""
    [request] = it.start()
    items = list(it.parse(Response(request.url, body=body, headers=headers, request=request)))
    return [item for item in items if isinstance(item, Found)], [
        item.url for item in items if isinstance(item, Request)
    ]


def test_rss():
    it = discovery("feed")
    body = """<?xml version="1.0"?><rss version="2.0"><channel><title>صدى</title>
      <item><title>هدنة في حلب &amp; ريفها</title><link> /news/1?a=1&amp;b=2 </link>
        <pubDate>Sun, 10 May 2026 10:00:00 +0300</pubDate></item>
      <item><guid isPermaLink="true">http://sadanews.example/news/2</guid></item>
      <item><title>بلا رابط</title></item>
    </channel></rss>""".encode()
    found, more = read(it, body, **{"Content-Type": "text/html"})  # the wrong type is common, and no damage
    assert found == [
        Found(
            "http://sadanews.example/news/1?a=1&b=2",
            {
                "by": "feed",
                "from": FEED,
                "published": "Sun, 10 May 2026 10:00:00 +0300",
                "title": "هدنة في حلب & ريفها",
            },
        ),
        Found("http://sadanews.example/news/2", {"by": "feed", "from": FEED}),
    ]
    assert not more
    assert not it.problems
    assert not it.looks_back


def test_atom_tells_publication_from_change():
    it = discovery("feed")
    body = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>خبر</title>
      <link href="http://sadanews.example/news/1"/><updated>2026-05-11T08:00:00Z</updated>
      <published>2026-05-10T08:00:00Z</published></entry>
      <entry><link href="http://sadanews.example/news/2"/><updated>2026-05-12T08:00:00Z</updated></entry></feed>""".encode()
    (first, second), _ = read(it, body)
    assert first.how["published"] == "2026-05-10T08:00:00Z"
    assert first.how["modified"] == "2026-05-11T08:00:00Z"
    assert second.how == {"by": "feed", "from": FEED, "modified": "2026-05-12T08:00:00Z"}


def test_a_windows_1256_feed():
    body = '<?xml version="1.0" encoding="windows-1256"?><rss version="2.0"><channel><item><title>خبر عاجل</title><link>http://sadanews.example/1</link></item></channel></rss>'
    [found], _ = read(discovery("feed"), body.encode("windows-1256"))
    assert found.how["title"] == "خبر عاجل"


def test_a_damaged_feed_gives_what_can_be_read_and_says_so():
    it = discovery("feed")
    whole = "".join(f"<item><link>http://sadanews.example/{n}</link><title>ن</title></item>" for n in range(5))
    body = f'<rss version="2.0"><channel>{whole}'.encode()[:-30]
    found, _ = read(it, body)
    assert len(found) >= 4
    assert "damaged feed" in it.problems[0]


@pytest.mark.parametrize("body", [b"", b"<html><body>404</body></html>", b"\x00\xff", b"{}"])
@pytest.mark.parametrize("kind", ["feed", "sitemap"])
def test_what_is_neither_is_refused(kind, body):
    with pytest.raises(DiscoveryError):
        read(discovery(kind), body)


def test_a_feed_is_never_taken_for_a_file_or_an_address(tmp_path: Path):
    """feedparser opens what it is given as a name."""
    inside = tmp_path / "feed.xml"
    inside.write_bytes(
        b'<rss version="2.0"><channel><item><link>http://sadanews.example/1</link></item></channel></rss>'
    )
    with pytest.raises(DiscoveryError):
        read(discovery("feed"), str(inside).encode())


def test_a_sitemap_of_urls():
    it = discovery("sitemap")
    found, more = read(it, sitemap([("http://sadanews.example/%D8%AE%D8%A8%D8%B1", "2026-05-10"), (" /news/2\n", "")]))
    assert [one.url for one in found] == [
        "http://sadanews.example/%D8%AE%D8%A8%D8%B1",
        "http://sadanews.example/news/2",
    ]
    assert found[0].how == {"by": "sitemap", "from": MAP, "lastmod": "2026-05-10"}
    assert found[1].how == {"by": "sitemap", "from": MAP}
    assert not more
    assert it.looks_back


def test_a_news_sitemap_and_an_image_that_is_no_page():
    body = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
      xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
      <url><image:image><image:loc>http://sadanews.example/p.jpg</image:loc></image:image>
      <loc>http://sadanews.example/news/1</loc>
      <news:news><news:publication><news:name>صدى</news:name></news:publication>
      <news:publication_date>2026-05-10T10:00:00+03:00</news:publication_date><news:title>هدنة</news:title></news:news></url>
    </urlset>""".encode()
    [found], _ = read(discovery("sitemap"), body)
    assert found.url == "http://sadanews.example/news/1"
    assert found.how["published"] == "2026-05-10T10:00:00+03:00"
    assert found.how["title"] == "هدنة"


def test_an_index_is_followed_only_where_the_window_can_be():
    entries = [
        ("/post-2026-03.xml", ""),
        ("/post-2026-04.xml", ""),  # 30 April in another zone may be 1 May
        ("/post-2026-05.xml", ""),
        ("/post-2026-06.xml", ""),
        ("/post-2026-07.xml", ""),
        ("/2016/05/posts.xml", ""),
        ("/posts-1.xml", "2026-04-20"),
        ("/posts-2.xml", "2026-05-20T00:00:00Z"),
        ("/posts-3.xml", "2026-09-01"),
        ("/posts-4.xml", ""),
        ("/posts-5.xml", "مؤخرا"),
    ]
    found, more = read(discovery("sitemap"), sitemap(entries, index=True))
    assert not found
    wanted = [
        "/post-2026-04.xml",
        "/post-2026-05.xml",
        "/post-2026-06.xml",
        "/posts-2.xml",
        "/posts-3.xml",
        "/posts-4.xml",
        "/posts-5.xml",
    ]
    assert more == [f"http://sadanews.example{path}" for path in wanted]


@given(
    st.integers(2000, 2040),
    st.integers(1, 12),
    st.sampled_from(["post-{y}-{m:02}.xml", "{y}{m:02}.xml.gz", "{y}/{m:02}/a.xml", "news_{y}_{m:02}_10.xml"]),
)
def test_a_month_in_the_name(year, month, form):
    first, last = named_days("http://sadanews.example/" + form.format(y=year, m=month))
    assert (first.year, first.month, first.day) == (year, month, 1)
    assert (last.year, last.month) == (year, month)
    assert last.day >= 28


@pytest.mark.parametrize(
    "name",
    ["sitemap.xml", "posts-12.xml", "posts-2026.xml", "posts-1202605.xml", "post-2026-13.xml", "p-20260512345.xml"],
)
def test_a_name_without_a_month(name):
    assert named_days(f"http://sadanews.example/{name}") is None


def test_gzip_whatever_the_name_or_type():
    [found], _ = read(discovery("sitemap"), gzip.compress(sitemap([("/news/1", "")])))
    assert found.url == "http://sadanews.example/news/1"


def test_a_gzip_bomb_ends():
    bomb = gzip.compress(b"<urlset>" + b" " * (60 * 2**20), compresslevel=1)
    with pytest.raises(DiscoveryError, match="larger than"):
        read(discovery("sitemap"), bomb)


def test_damaged_gzip_is_named():
    with pytest.raises(DiscoveryError, match="gzip"):
        read(discovery("sitemap"), b"\x1f\x8b\x08" + b"\xff" * 40)


def test_a_sitemap_cut_short_gives_what_can_be_read_and_says_so():
    it = discovery("sitemap")
    found, _ = read(it, sitemap([(f"/news/{n}", "2026-05-10") for n in range(10)])[:-60])
    assert len(found) >= 8
    assert "damaged XML" in it.problems[0]


def test_entities_are_not_expanded():
    body = b"""<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>
      <urlset><url><loc>http://sadanews.example/&b;</loc></url><url><loc>http://sadanews.example/1?a=1&amp;b=2</loc></url></urlset>"""
    found, _ = read(discovery("sitemap"), body)
    assert found[-1].url == "http://sadanews.example/1?a=1&b=2"
    assert all("host" not in one.url.removeprefix("http://sadanews.example") for one in found)


def test_an_index_below_an_index_ends():
    it = discovery("sitemap")
    [request] = it.start()
    index = sitemap([("/deeper.xml", "")], index=True)
    for _ in range(3):
        [request] = it.parse(Response(request.url, body=index, request=request))
    with pytest.raises(DiscoveryError, match="not followed"):
        list(it.parse(Response(request.url, body=index, request=request)))
