"""Sitemaps, read from bytes as a site would send them."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Response

from crawlers.discovery import DiscoveryError
from crawlers.discovery import sitemap as room
from crawlers.discovery.sitemap import named_days
from tests.crawlers.conftest import sitemap
from tests.crawlers.discovery.reading import MAP, discovery, read


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
    assert "damaged" in it.problems[0]


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


@pytest.mark.parametrize(
    ("entries", "urls"),
    [
        ("<url><loc><a href='x'>http://sadanews.example/1</a></loc></url>", ["http://sadanews.example/1"]),
        ("<url><loc>/1</loc><loc>/2</loc></url>", ["http://sadanews.example/1", "http://sadanews.example/2"]),
        ("<url><loc><![CDATA[http://sadanews.example/1?a=b&c=d]]></loc></url>", ["http://sadanews.example/1?a=b&c=d"]),
        ("<url><loc>\u200fhttp://sadanews.example/ne\n  ws/1</loc></url>", ["http://sadanews.example/news/1"]),
    ],
)
def test_an_address_however_it_is_written(entries, urls):
    it = discovery("sitemap")
    found, _ = read(it, f"<urlset>{entries}</urlset>".encode())
    assert [one.url for one in found] == urls
    assert not it.problems


@pytest.mark.parametrize("root", ["urlset", "sitemapindex"])
def test_sitemaps_that_are_listed_as_pages_are_followed(root):
    it = discovery("sitemap")
    entries = "".join(f"<url><loc>/posts-{n}.xml{end}</loc></url>" for n, end in enumerate(["", ".gz", "?page=2"]))
    found, more = read(it, f"<{root}>{entries}</{root}>".encode())
    assert not found
    assert more == [f"http://sadanews.example/posts-{n}.xml{end}" for n, end in enumerate(["", ".gz", "?page=2"])]


def test_entries_without_an_address_are_told():
    it = discovery("sitemap")
    found, _ = read(it, b"<urlset><url loc='/1'/><url><link>/2</link></url><url><loc>/3</loc></url></urlset>")
    assert [one.url for one in found] == ["http://sadanews.example/3"]
    assert it.problems == [f"{MAP}: 2 of 3 entries have no address, and what they are of is not had"]


@pytest.mark.parametrize(
    "lastmod", ["1970-01-01T00:00:00+00:00", "0000-00-00", "0001-01-01", "1447-11-23", "-0001-11-30"]
)
def test_a_sitemap_is_not_passed_over_for_a_date_that_is_none(lastmod):
    _, more = read(discovery("sitemap"), sitemap([("/posts-1.xml", lastmod)], index=True))
    assert more == ["http://sadanews.example/posts-1.xml"]


def test_a_plain_list_with_blanks_in_its_addresses():
    found, _ = read(discovery("sitemap"), "http://sadanews.example/خبر عاجل\nhttp://sadanews.example/2\n".encode())
    assert [one.url for one in found] == ["http://sadanews.example/خبر عاجل", "http://sadanews.example/2"]


def test_of_a_list_without_an_end_the_beginning_is_read(monkeypatch):
    monkeypatch.setattr(room, "MAX_ENTRIES", 3)
    it = discovery("sitemap")
    body = (
        b"<urlset>" + b"".join(b"<url><loc>http://sadanews.example/%d</loc></url>" % n for n in range(5)) + b"</urlset>"
    )
    found, _ = read(it, body)
    assert [one.url[-1] for one in found] == ["0", "1", "2"]
    assert it.problems == [f"{MAP}: the first 3 addresses are read, and it has more"]
