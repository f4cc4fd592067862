"""Feeds, read from bytes as a site would send them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from crawlers.discovery import DiscoveryError, Found
from crawlers.discovery.base import MAX_LITERAL, MAX_TEXT
from crawlers.window import Window
from tests.crawlers.discovery.reading import FEED, answer, discovery, read


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
    assert it.notes == [
        f"{FEED}: 1 of 3 entries have no address, and what they are of is not had",
        f"{FEED} is the last page; the oldest date read is 2026-05-10",
    ]


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
    assert "damaged" in it.problems[0]


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
        assert not it.looks_back
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


TEXTS = {
    "description and content:encoded": """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
      <channel><item><link>/news/1</link><description>أول &lt;b&gt;الخبر&lt;/b&gt;</description>
      <content:encoded><![CDATA[<p>أول الخبر.</p><p>وبقيته.</p>]]></content:encoded></item></channel></rss>""",
    "the text first": """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
      <channel><item><content:encoded><![CDATA[<p>أول الخبر.</p><p>وبقيته.</p>]]></content:encoded>
      <description>أول &lt;b&gt;الخبر&lt;/b&gt;</description><link>/news/1</link></item></channel></rss>""",
    "Atom": """<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/news/1"/>
      <summary type="html">أول &lt;b&gt;الخبر&lt;/b&gt;</summary>
      <content type="html">&lt;p&gt;أول الخبر.&lt;/p&gt;&lt;p&gt;وبقيته.&lt;/p&gt;</content></entry></feed>""",
    "JSON": """{"items": [{"url": "/news/1", "summary": "أول <b>الخبر</b>", "content_text": "x",
      "content_html": "<p>أول الخبر.</p><p>وبقيته.</p>"}]}""",
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_feed_s_texts_come_as_they_are_sent(kind):
    [found], _ = read(discovery("feed"), TEXTS[kind].encode())
    assert found.how == {
        "by": "feed",
        "from": FEED,
        "summary": "أول <b>الخبر</b>",
        "content": "<p>أول الخبر.</p><p>وبقيته.</p>",
    }


def test_a_feed_with_one_text_alone():
    rss = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item><link>/1</link>{}</item></channel></rss>'
    [found], _ = read(discovery("feed"), rss.format("<description>خبر</description>").encode())
    assert found.how == {"by": "feed", "from": FEED, "summary": "خبر"}
    [found], _ = read(discovery("feed"), rss.format("<content:encoded>خبر</content:encoded>").encode())
    assert found.how == {"by": "feed", "from": FEED, "content": "خبر"}
    [found], _ = read(
        discovery("feed"), '{"items": [{"url": "/1", "content_text": "خبر", "summary": 5, "title": {}}]}'.encode()
    )
    assert found.how == {"by": "feed", "from": FEED, "content": "خبر"}


def test_texts_are_bounded_and_end_with_a_paragraph():
    paragraph = "<p>" + "خبر " * 100 + "</p>"
    body = json.dumps(
        {
            "items": [
                {"url": "/1", "title": "خ" * 5000, "content_html": paragraph * 12_000},
                {"url": "/2", "content_text": "خ" * 5_000_000},
                {"url": "/3", "content_html": f"<p>خبر</p><img src='data:{'A' * 1_000_000}'>", "summary": "\ud800"},
            ]
        }
    )
    (long, one_line, picture), _ = read(discovery("feed"), body.encode())
    assert len(long.how["title"]) == MAX_LITERAL
    assert MAX_TEXT - len(paragraph) < len(long.how["content"]) <= MAX_TEXT
    assert long.how["content"].endswith(" </p>")
    assert len(one_line.how["content"]) == MAX_TEXT
    assert picture.how["content"] == "<p>خبر</p>"
    assert picture.how["summary"] == "?"


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("<link/><guid>http://sadanews.example/1</guid>", "http://sadanews.example/1"),
        ('<guid isPermaLink="false">http://sadanews.example/?p=7</guid>', "http://sadanews.example/?p=7"),
        ('<link>/2</link><guid isPermaLink="true">http://sadanews.example/1</guid>', "http://sadanews.example/2"),
        ("<link> http://sadanews.example/ne\n     ws/1\n</link>", "http://sadanews.example/news/1"),
        ("<link>&lt;![CDATA[http://sadanews.example/1]]&gt;</link>", "http://sadanews.example/1"),
        ("<link>&#8207;http://sadanews.example/1&#8207;</link>", "http://sadanews.example/1"),
        ("<link>sadanews.example/1?a=b</link>", "http://sadanews.example/1?a=b"),
        ("<link>www.sadanews.example/1</link>", "http://www.sadanews.example/1"),
        ("<link>https:/sadanews.example/1</link>", "https://sadanews.example/1"),
        ("<link>http//sadanews.example/1</link>", "http://sadanews.example/1"),
        ("<link>http://http://sadanews.example/1</link>", "http://sadanews.example/1"),
        ("<link>http://sadanews.example./1</link>", "http://sadanews.example/1"),
        ("<link>http://صدى.example/خبر</link>", "http://xn--ugbl5d.example/%D8%AE%D8%A8%D8%B1"),
        ("<link>//sadanews.example/1</link>", "http://sadanews.example/1"),
        ("<link>/sadanews.example/1</link>", "http://sadanews.example/sadanews.example/1"),
        (
            "<link>http://other.example/http://sadanews.example/1</link>",
            "http://other.example/http://sadanews.example/1",
        ),
    ],
)
def test_an_address_however_it_is_written(entry, url):
    it = discovery("feed")
    [found], _ = read(
        it, f'<rss version="2.0"><channel><item><title>خبر</title>{entry}</item></channel></rss>'.encode()
    )
    assert found.url == url
    assert not it.problems


def test_addresses_below_the_feed_s_or_an_entry_s_base():
    body = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://sadanews.example/ar/">
      <entry xml:base="news/"><title>خبر</title><link href="1"/></entry>
      <entry><title>خبر</title><link href="2"/></entry></feed>""".encode()
    found, _ = read(discovery("feed"), body)
    assert [one.url for one in found] == ["http://sadanews.example/ar/news/1", "http://sadanews.example/ar/2"]


def test_rss_1_without_links():
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
      <item rdf:about="http://sadanews.example/1"><title>x</title></item></rdf:RDF>"""
    [found], _ = read(discovery("feed"), body)
    assert found.url == "http://sadanews.example/1"


@pytest.mark.parametrize(
    "entry", ["<guid>77</guid>", "<url>http://sadanews.example/1</url>", "<enclosure url='/1.mp3'/>"]
)
def test_an_entry_without_an_address_is_told(entry):
    it = discovery("feed")
    found, _ = read(it, f'<rss version="2.0"><channel><item><title>خبر</title>{entry}</item></channel></rss>'.encode())
    assert not found
    assert it.problems == [f"{FEED}: 1 of 1 entries have no address, and what they are of is not had"]


@pytest.mark.parametrize("body", [b'<rss version="2.0"><channel><title>x</title></channel></rss>', b'{"items": []}'])
def test_a_feed_of_nothing_is_told(body):
    it = discovery("feed")
    assert read(it, body) == ([], [])
    assert "without any entry" in it.notes[0]
    assert not it.looks_back


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<item " + b" ".join(b'a%d="1"' % n for n in range(50_000)) + b"></item>", "attributes"),
        (b"<item>" + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</item>", "levels deep"),
    ],
)  # fmt: skip
def test_what_no_feed_is_like_is_not_read(body, why):
    with pytest.raises(DiscoveryError, match=f"no feed: .*{why}"):
        read(discovery("feed"), b'<rss version="2.0"><channel>' + body + b"</channel></rss>")
