"""Feeds and sitemaps, read from bytes as a site would send them."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import Response

from crawlers.discovery import Discovery, DiscoveryError, Found, discoveries
from crawlers.discovery.sitemap import named_days
from crawlers.window import Window
from pipeline.sources import Source
from tests.crawlers.conftest import sitemap

FEED = "http://sadanews.example/feed"
MAP = "http://sadanews.example/sitemap.xml"
MAY = Window(date(2026, 5, 1), date(2026, 6, 1))


POSTS = "http://sadanews.example/wp-json/wp/v2/posts"


def discovery(kind: str, window: Window = MAY, url: str = "", **config: object) -> Discovery:
    url = url or {"feed": FEED, "sitemap": MAP, "wordpress": POSTS}[kind]
    source = Source.model_validate(
        {
            "id": "sada",
            "name": "صدى",
            "home": "http://sadanews.example",
            "timezone": "Asia/Damascus",
            "discovery": [{"type": kind, "url": url, **config}],
        }
    )
    return discoveries(source, window)[0]


def read(it: Discovery, body: bytes, **headers: str) -> tuple[list[Found], list[str]]:
    """What an answer to the first request gives: found URLs, and URLs to ask for."""
    [request] = it.start()
    found, more = answer(it, request, body, **headers)
    return found, [one.url for one in more]


def answer(
    it: Discovery, request: Request, body: bytes, status: int = 200, **headers: str
) -> tuple[list[Found], list[Request]]:
    """What an answer to any request gives."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    items = list(it.read(Response(request.url, status=status, body=body, headers=named, request=request)))
    return [item for item in items if isinstance(item, Found)], [item for item in items if isinstance(item, Request)]


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
    assert it.notes == [f"{FEED} is the last page; the oldest date read is 2026-05-10"]


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


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>404</body></html>", b"\x00\xff", b"{}", b"{", b'{"items": 5}', b"[" * 99999]
)
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
        [request] = it.read(Response(request.url, body=index, request=request))
    with pytest.raises(DiscoveryError, match="not followed"):
        list(it.read(Response(request.url, body=index, request=request)))


# ---- feeds in pages, and JSON Feed


def rss(*days: int, generator: str = "", first: int = 0) -> bytes:
    items = "".join(
        f"<item><link>http://sadanews.example/news/{first + n}</link><pubDate>{day} May 2026 10:00:00 +0300</pubDate></item>"
        for n, day in enumerate(days)
    )
    return f'<rss version="2.0"><channel><generator>{generator}</generator>{items}</channel></rss>'.encode()


def test_a_feed_of_wordpress_looks_back_until_it_is_older_than_the_window():
    it = discovery("feed", Window(date(2026, 5, 5), date(2026, 5, 20)))
    wordpress = "https://wordpress.org/?v=6.5.2"
    [first] = it.start()
    found, [second] = answer(it, first, rss(30, 20, 12, generator=wordpress))
    assert second.url == f"{FEED}?paged=2"
    assert it.looks_back
    more, [third] = answer(it, second, rss(9, 6, 4, generator=wordpress, first=3))
    assert third.url == f"{FEED}?paged=3"
    last, none = answer(it, third, rss(3, 2, generator=wordpress, first=6))
    assert not none
    assert len(found + more + last) == 8
    assert not it.notes


def test_a_feed_of_wordpress_ends_where_a_page_is_missing_or_repeated():
    for body, status, words in (
        (b"gone", 404, "there is no page 2"),
        (rss(9, generator="WordPress"), 200, "nothing that"),
    ):
        it = discovery("feed")
        [first] = it.start()
        _, [second] = answer(it, first, rss(9, generator="WordPress"))
        assert answer(it, second, body, status)[1] == []
        assert words in it.notes[0]
    with pytest.raises(DiscoveryError, match="HTTP 404"):
        answer(discovery("feed"), first, b"", 404)


def test_a_feed_that_names_its_next_page():
    """RFC 5005."""
    it = discovery("feed")
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="/feed?start=2"/>
      <entry><link href="http://sadanews.example/news/1"/><published>2026-05-10T08:00:00Z</published></entry></feed>"""
    assert read(it, body)[1] == ["http://sadanews.example/feed?start=2"]
    assert it.looks_back


def test_json_feed():
    it = discovery("feed")
    body = """\ufeff{"version": "https://jsonfeed.org/version/1.1", "title": "صدى", "next_url": "/feed.json?page=2", "items": [
      {"id": "1", "url": "/news/1", "title": "هدنة", "date_published": "2026-05-10T10:00:00+03:00", "date_modified": "2026-05-11"},
      {"id": "http://sadanews.example/news/2", "title": null}, {"id": 7}, "x", {"url": "  "}]}""".encode()
    found, more = read(it, body)
    assert found == [
        Found(
            "http://sadanews.example/news/1",
            {
                "by": "feed",
                "from": FEED,
                "published": "2026-05-10T10:00:00+03:00",
                "modified": "2026-05-11",
                "title": "هدنة",
            },
        ),
        Found("http://sadanews.example/news/2", {"by": "feed", "from": FEED}),
    ]
    assert more == ["http://sadanews.example/feed.json?page=2"]


def test_a_feed_whose_pages_lead_round_in_a_circle():
    it = discovery("feed")
    [first] = it.start()
    _, [second] = answer(it, first, b'{"items": [{"url": "/1"}], "next_url": "/feed?2"}')
    assert answer(it, second, b'{"items": [{"url": "/2"}], "next_url": "/feed"}')[1] == []
    assert it.notes == [f"{FEED}?2 leads back to {FEED}"]


# ---- sitemaps that are announced, or lie


def test_the_sitemaps_that_robots_txt_names():
    it = discovery("sitemap", url="http://sadanews.example/robots.txt")
    body = b"User-agent: *\r\nDisallow: /x\r\nsitemap:/a.xml\r\n Sitemap: http://sadanews.example/b.xml # news\n#Sitemap: /c.xml"
    found, more = read(it, body)
    assert not found
    assert more == ["http://sadanews.example/a.xml", "http://sadanews.example/b.xml"]
    with pytest.raises(DiscoveryError, match="names no sitemap"):
        read(discovery("sitemap", url="http://sadanews.example/robots.txt"), b"User-agent: *\nDisallow:\n")


@pytest.mark.parametrize("stamp", ["2026-05-10", "2016-01-01", "2026-05-10T09:00:{n:02}+03:00"])
def test_one_lastmod_for_all_is_not_believed(stamp):
    it = discovery("sitemap")
    found, _ = read(it, sitemap([(f"/news/{n}", stamp.format(n=n)) for n in range(9)]))
    assert len(found) == 9
    assert all("lastmod" not in one.how for one in found)
    assert it.notes == [f"{MAP}: all 9 entries have one lastmod: it is not believed"]


def test_one_lastmod_for_all_of_an_index_rules_none_of_it_out():
    entries = [(f"/posts-{n}.xml", "2016-01-01") for n in range(9)] + [("/post-2016-05.xml", "2016-01-01")]
    _, more = read(discovery("sitemap"), sitemap(entries, index=True))
    assert len(more) == 9  # a month in a name still does


@pytest.mark.parametrize(
    "days", [["2026-05-10"] * 4, [f"2026-05-{day:02}" for day in range(1, 9)], [""] * 9, ["x"] * 9]
)
def test_other_lastmods_are_kept(days):
    it = discovery("sitemap")
    found, _ = read(it, sitemap([(f"/news/{n}", day) for n, day in enumerate(days)]))
    assert [one.how.get("lastmod", "") for one in found] == days
    assert not it.notes


# ---- WordPress


def posts(*numbers: int, day: int = 10) -> bytes:
    return json.dumps(
        [
            {
                "link": f"http://sadanews.example/news/{n}",
                "date": f"2026-05-{day:02}T11:00:00",
                "date_gmt": f"2026-05-{day:02}T08:00:00",
                "modified_gmt": "2026-05-12T08:00:00",
                "title": {"rendered": "هدنة &#8211; حلب"},
            }
            for n in numbers
        ]
    ).encode()


def test_wordpress_is_asked_for_the_window_and_a_day_on_either_side():
    it = discovery("wordpress", categories=[7, 12])
    [request] = it.start()
    asked = dict(parse_qsl(urlsplit(request.url).query))
    assert (asked["after"], asked["before"]) == ("2026-04-30T00:00:00", "2026-06-02T00:00:00")
    assert (asked["per_page"], asked["page"], asked["categories"]) == ("100", "1", "7,12")
    assert it.looks_back


def test_wordpress_says_what_zone_its_dates_are_in():
    found, more = read(discovery("wordpress"), posts(1), **{"X-WP-TotalPages": "1"})
    assert found == [
        Found(
            "http://sadanews.example/news/1",
            {
                "by": "wordpress",
                "from": POSTS,
                "published": "2026-05-10T08:00:00Z",
                "modified": "2026-05-12T08:00:00Z",
                "title": "هدنة &#8211; حلب",
            },
        )
    ]
    assert not more
    bare = b'[{"link": "/news/2", "date": "2026-05-10T11:00:00", "date_gmt": "0000-00-00T00:00:00"}, {"link": 5}, 7]'
    [one], _ = read(discovery("wordpress"), bare)
    assert one == Found(
        "http://sadanews.example/news/2", {"by": "wordpress", "from": POSTS, "published": "2026-05-10T11:00:00"}
    )


def test_nothing_in_the_window_is_an_answer():
    it = discovery("wordpress")
    assert read(it, b"[]", **{"X-WP-TotalPages": "0"}) == ([], [])
    assert not it.problems


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b'{"code": "rest_no_route"}', 404, r"closed, or not there \(rest_no_route\): HTTP 404"),
        (b'{"code": "rest_disabled"}', 401, r"closed, or not there \(rest_disabled\): HTTP 401"),
        (b"<html>forbidden</html>", 403, "closed, or not there: HTTP 403"),
        (b'{"code": "rest_disabled"}', 200, r"an object \(rest_disabled\): is the interface closed"),
        (b"<html>welcome</html>", 200, "no type that is no JSON"),
        (b'"posts"', 200, "a str"),
        (b"[" * 99999, 200, "no JSON"),
        (b'[{"id": 1}]', 200, "posts without links"),
        (b"", 503, "HTTP 503"),
        (b'{"code": "rest_invalid_param"}', 400, "HTTP 400"),
    ],
)
def test_a_closed_interface_is_told_from_an_empty_one(body, status, words):
    it = discovery("wordpress")
    [request] = it.start()
    with pytest.raises(DiscoveryError, match=words):
        answer(it, request, body, status)


def test_wordpress_s_pages_end_with_their_number_or_where_there_is_none():
    it = discovery("wordpress")
    [first] = it.start()
    _, [second] = answer(it, first, posts(1, 2), X_WP_TotalPages="2")
    assert "page=2" in second.url
    assert answer(it, second, posts(3), X_WP_TotalPages="2")[1] == []
    _, [third] = answer(it, second, posts(4))  # a cache has lost the header
    end = b'{"code": "rest_post_invalid_page_number", "data": {"status": 400}}'
    assert answer(it, third, end, 400) == ([], [])
    assert not it.notes


def test_a_site_that_gives_the_same_page_for_ever_or_knows_no_window():
    it = discovery("wordpress")
    [first] = it.start()
    _, [second] = answer(it, first, posts(1), X_WP_TotalPages="50")
    assert answer(it, second, posts(1), X_WP_TotalPages="50")[1] == []
    assert "nothing that an earlier page did not have" in it.notes[0]
    it = discovery("wordpress", Window(date(2026, 5, 20), date(2026, 6, 1)))
    assert read(it, posts(1, day=9))[1] == []


def test_fewer_posts_are_asked_for_where_so_many_are_refused():
    it = discovery("wordpress")
    [first] = it.start()
    refusal = b'{"code": "rest_invalid_param", "data": {"status": 400, "params": {"per_page": "at most 20"}}}'
    _, [again] = answer(it, first, refusal, 400)
    assert "per_page=10&" in again.url
    with pytest.raises(DiscoveryError, match="HTTP 400"):
        answer(it, again, refusal, 400)
    _, [second] = answer(it, again, posts(1), X_WP_TotalPages="2")
    assert "per_page=10&" in second.url
