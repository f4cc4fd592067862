from __future__ import annotations

import contextlib
import gzip
import http.client
import io
import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.robotparser
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

import feedparser
import pytest
from lxml import etree, html

from demo.content import CURRENT_EDITION, FIRST_EDITION, load_articles, parse_article
from demo.gold import gold_rows
from demo.server import DemoServer, main
from demo.sites import FEED_LENGTH, SITES, open_sites

ROWS = gold_rows()
AZAZ = next(row["url"] for row in ROWS if "سوق-أعزاز" in unquote(row["url"]))


@pytest.fixture(scope="module")
def server():
    with DemoServer(slow_seconds=0) as server:
        yield server


def ask(server, url, *, method="GET", **headers):
    """One request as a proxy's client sends it."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request(method, url, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, response.headers, response.read()


def sitemap_urls(server, url):
    """All page URLs below a sitemap, with their lastmod."""
    status, _, body = ask(server, url)
    assert status == 200
    root = etree.fromstring(gzip.decompress(body) if url.endswith(".gz") else body)
    found = {}
    for entry in root:
        name = etree.QName(entry).localname
        location, lastmod = entry.findtext("{*}loc"), entry.findtext("{*}lastmod")
        found |= sitemap_urls(server, location) if name == "sitemap" else {location: lastmod}
    return found


def normal(url):
    return re.sub("%[0-9a-f]{2}", lambda found: found[0].upper(), url)


def site_of(name):
    return open_sites()[f"{name}.example"]


SITEMAPS = {
    "alsaha": "http://alsaha.example/wp-sitemap.xml",
    "dafatir": "http://dafatir.example/sitemap.xml",
    "difaf": "http://difaf.example/sitemap.xml",
    "rawasi": "http://rawasi.example/sitemap.xml",
    "siraj": "http://siraj.example/sitemap.xml",
}
FEEDS = {
    "alsaha": "http://alsaha.example/feed/",
    "dafatir": "http://dafatir.example/feeds/posts/default",
    "difaf": "http://difaf.example/rss.xml",
    "rawasi": "http://rawasi.example/rss",
    "siraj": "http://siraj.example/rss.php",
}


@pytest.mark.parametrize("name", SITEMAPS)
def test_the_sitemap_lists_everything_the_gold_speaks_of(server, name):
    listed = {normal(url) for url in sitemap_urls(server, SITEMAPS[name])}
    expected = {row["url"] for row in ROWS if row["source"] == name}
    moved = {site_of(name).canonical_url(article) for article in site_of(name).articles if article.moved_from}
    assert listed == expected - moved


def test_only_the_hand_made_sitemap_has_no_dates(server):
    for name, url in SITEMAPS.items():
        dates = [lastmod for lastmod in sitemap_urls(server, url).values() if lastmod]
        assert bool(dates) == (name != "siraj")


@pytest.mark.parametrize("name", FEEDS)
def test_the_feed_shows_the_latest_articles_only(server, name):
    status, headers, body = ask(server, FEEDS[name])
    feed = feedparser.parse(io.BytesIO(body), response_headers={"content-type": headers["Content-Type"]})
    assert status == 200
    assert not feed.bozo, feed.get("bozo_exception")
    newest = site_of(name).articles[:FEED_LENGTH]
    assert [normal(entry.link.split("?utm")[0]) for entry in feed.entries] == [
        site_of(name).canonical_url(one) for one in newest
    ]
    assert [entry.title for entry in feed.entries] == [article.title for article in newest]
    assert all(("published" in entry) == (name != "siraj") for entry in feed.entries)
    assert all(len(entry.summary) < 400 for entry in feed.entries)


def test_the_atom_feed_goes_on_in_further_pages(server):
    url, seen = FEEDS["dafatir"], []
    while url:
        feed = feedparser.parse(io.BytesIO(ask(server, url)[2]))
        seen += [entry.link for entry in feed.entries]
        url = next((link.href for link in feed.feed.links if link.rel == "next"), None)
    assert seen == [site_of("dafatir").canonical_url(article) for article in site_of("dafatir").articles]


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["outcome"] in ("article", "copy")], ids=lambda row: unquote(row["url"])
)
def test_an_articles_page_shows_what_the_gold_says(server, row):
    status, headers, body = ask(server, row["url"])
    assert status == 200
    siraj = row["source"] == "siraj"
    assert ("1256" not in headers["Content-Type"]) if siraj else headers["Content-Type"] == "text/html; charset=UTF-8"
    page = html.fromstring(body.decode("cp1256" if siraj else "utf-8"))
    assert [heading.text_content() for heading in page.iter("h1")] == [row["title"]]
    shown = " ".join(page.text_content().split())
    assert all(" ".join(paragraph.split()) in shown for paragraph in row["body"])
    assert all(author in shown for author in row["authors"])
    article = next(
        one for one in site_of(row["source"]).articles if site_of(row["source"]).canonical_url(one) == row["url"]
    )
    assert site_of(row["source"]).stated(article) in shown


def test_each_site_marks_its_dates_in_its_own_way(server):
    def source_of(name, slug):
        article = next(one for one in load_articles() if one.key == f"{name}/{slug}")
        return ask(server, site_of(name).canonical_url(article))[2].decode("cp1256" if name == "siraj" else "utf-8")

    assert '"datePublished": "2024-03-06T12:26:08+03:00"' in source_of("alsaha", "azaz-market-blast")
    assert "ld+json" not in source_of("alsaha", "ceasefire-committee-jarabulus")
    assert '<time datetime="2024-02-13T20:50Z"' in source_of("difaf", "drone-erbil")
    assert "<time" not in source_of("difaf", "kirkuk-oil-guard")
    assert '<meta itemprop="datePublished" content="2024-04-26T19:08:30+01:00">' in source_of(
        "dafatir", "benghazi-demolition"
    )
    assert "الأحد 10 مارس" not in source_of("siraj", "sanaa-salaries")
    assert "الأحد 29 شعبان 1445هـ الموافق 10 مارس 2024م" in source_of("siraj", "sanaa-salaries")
    assert "2024-03" not in source_of("siraj", "sanaa-salaries")
    assert 'content="2024-03-19T10:30+02:00"' in source_of("rawasi", "darfur-hunger-kitchens")
    assert "published_time" not in source_of("rawasi", "flash-fasher-market")


def test_the_hand_made_site_is_in_windows_1256_and_its_header_does_not_say_so(server):
    types = set()
    for row in ROWS:
        if row["source"] == "siraj" and row["title"]:
            _, headers, body = ask(server, row["url"])
            types.add(headers["Content-Type"])
            assert b"charset=windows-1256" in body
            assert row["title"].encode("cp1256") in body
            with pytest.raises(UnicodeDecodeError):
                body.decode("utf-8")
            assert "ETag" not in headers
            assert "Last-Modified" not in headers
    assert types == {"text/html", "text/html; charset=ISO-8859-1"}


def test_the_same_page_by_proxy_by_host_and_by_local_name(server):
    url = "http://difaf.example/news/marsh-drought"
    by_proxy = ask(server, url)[2]
    assert by_proxy == ask(server, "/news/marsh-drought", Host="difaf.example")[2]
    assert by_proxy == ask(server, "/news/marsh-drought", Host=f"difaf.localhost:{server.port}")[2]
    assert by_proxy == ask(server, f"{url}?utm_source=x&fbclid=y")[2]


def test_no_other_host_is_answered_or_asked(server):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as other:
        other.settimeout(0.2)
        port = other.getsockname()[1]
        for url in (f"http://127.0.0.1:{port}/", f"http://localhost:{port}/", "http://nusakh.example/mirror/881"):
            assert ask(server, url)[0] == 502
        assert ask(server, "/", Host="elsewhere.example")[0] == 502
        assert ask(server, "alsaha.example:443", method="CONNECT")[0] == 502
        with pytest.raises(TimeoutError):
            other.accept()


def test_a_malformed_address_is_refused(server, capfd):
    assert ask(server, "http://[alsaha/", Host="x")[0] == 400
    assert ask(server, "/", Host="[alsaha")[0] == 400
    assert ask(server, "http://alsaha.example/%ff%00/?%zz=%&id")[0] == 404
    assert "Traceback" not in capfd.readouterr().err


def test_the_index_links_to_every_site(server):
    status, _, body = ask(server, "/", Host=f"127.0.0.1:{server.port}")
    assert status == 200
    links = html.fromstring(body.decode()).xpath("//a/@href")
    assert links == [f"http://{site.id}.localhost:{server.port}/" for site in SITES]


@pytest.mark.parametrize("name", [site.id for site in SITES])
def test_every_link_within_a_site_leads_somewhere(server, name):
    home, decode = f"http://{name}.example/", "cp1256" if name == "siraj" else "utf-8"
    links = {home}
    for url in (home, *(site_of(name).url(article) for article in site_of(name).articles)):
        page = html.fromstring(ask(server, url)[2].decode(decode))
        links |= {urljoin(url, link) for link in page.xpath("//a/@href | //link/@href | //img/@src")}
    assert len(links) > 10
    for link in links:
        assert urlsplit(link).netloc == f"{name}.example"
        assert ask(server, link)[0] == 200, link


@pytest.mark.parametrize(
    "url", [AZAZ, *(FEEDS[name] for name in FEEDS if name != "siraj"), *list(SITEMAPS.values())[:-1]]
)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_what_has_not_changed_is_not_sent_again(server, url, coding):
    status, headers, body = ask(server, url, Accept_Encoding=coding)
    assert status == 200
    if coding == "gzip":
        assert gzip.decompress(body) == ask(server, url)[2]
    for condition in (
        {"If_None_Match": f'"other", W/{headers["ETag"]}'},
        {"If_Modified_Since": headers["Last-Modified"]},
    ):
        status, again, nothing = ask(server, url, Accept_Encoding=coding, **condition)
        assert (status, again["ETag"], nothing) == (304, headers["ETag"], b"")
    assert ask(server, url, Accept_Encoding=coding, If_None_Match='"other"')[0] == 200
    assert ask(server, url, If_Modified_Since="Mon, 01 Jan 2024 00:00:00 GMT")[0] == 200
    assert ask(server, url, If_Modified_Since="never")[0] == 200


def test_an_edition_may_be_changed_while_serving():
    with DemoServer(edition=FIRST_EDITION) as server:
        _, before, first = ask(server, AZAZ)
        server.edition = CURRENT_EDITION
        status, after, second = ask(server, AZAZ, If_None_Match=before["ETag"])
    assert status == 200
    assert first != second
    assert after["Last-Modified"] > before["Last-Modified"]
    assert "بحسب حصيلة أولية" in first.decode()
    assert "بحسب حصيلة نهائية" in second.decode()


def test_troubles_are_troublesome(server):
    assert ask(server, "http://alsaha.example/2024/02/none/")[0] == 404
    assert ask(server, "http://rawasi.example/2024/01/30/10077")[0] == 410
    status, headers, _ = ask(server, "http://difaf.example/node/1017")
    assert (status, headers["Location"]) == (301, "/news/sinjar-return")
    loop = [ask(server, f"http://difaf.example/node/{number}")[1]["Location"] for number in (2201, 2202)]
    assert loop == ["/node/2202", "/node/2201"]
    huge = ask(server, "http://dafatir.example/2024/02/archive-chronology.html", Accept_Encoding="gzip")
    assert len(huge[2]) > 3 * 2**20
    assert huge[1]["Content-Encoding"] is None
    slash = ask(server, AZAZ.rstrip("/"))
    assert (slash[0], slash[1]["Location"]) == (301, urlsplit(AZAZ).path)


def test_a_slow_page_is_slow_and_still_ends_with_the_server():
    slow = next(row["url"] for row in ROWS if row["source"] == "siraj" and row["url"].endswith("=489"))
    with (
        DemoServer(slow_seconds=600) as server,
        contextlib.closing(socket.create_connection(("127.0.0.1", server.port))) as client,
    ):
        client.sendall(f"GET {slow} HTTP/1.1\r\nHost: siraj.example\r\n\r\n".encode())
        while not server.log:
            time.sleep(0.01)
    assert server.log[0].host == "siraj.example"


def test_a_client_that_hangs_up_does_no_harm(server, capfd):
    for _ in range(3):
        with contextlib.closing(socket.create_connection(("127.0.0.1", server.port))) as client:
            client.sendall(b"GET http://dafatir.example/2024/02/archive-chronology.html HTTP/1.1\r\n\r\n")
            client.recv(100)
    assert ask(server, "http://dafatir.example/")[0] == 200
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("name", [site.id for site in SITES])
def test_robots_forbids_what_the_gold_says_is_forbidden(server, name):
    robots = urllib.robotparser.RobotFileParser()
    text = ask(server, f"http://{name}.example/robots.txt")[2].decode()
    robots.parse(text.splitlines())
    assert (robots.site_maps() or [])[:1] == [SITEMAPS[one] for one in SITEMAPS if one == name]
    assert "Disallow: /" in text
    for row in ROWS:
        if row["source"] == name and row["reason"] != "offsite":
            assert robots.can_fetch("warraq", row["url"]) == (row["reason"] != "robots"), row["url"]
    assert ("Crawl-delay" in text) == (name == "siraj")


def test_requests_are_logged_and_connections_kept(server):
    server.log.clear()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
        for etag in ('"a"', '"b"'):
            connection.request(
                "GET", "http://rawasi.example/rss?x=1", headers={"User-Agent": "probe/1", "If-None-Match": etag}
            )
            connection.getresponse().read()
            local = connection.sock.getsockname()
        assert connection.sock.getsockname() == local
    assert server.log == [("rawasi.example", "/rss?x=1", "probe/1", etag) for etag in ('"a"', '"b"')]
    status, headers, body = ask(server, AZAZ, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 5000


def asked_for_json(server, url):
    status, headers, body = ask(server, url)
    assert "json" in headers["Content-Type"]
    return status, headers, json.loads(body)


def test_the_rest_interface_gives_a_few_posts_of_a_window(server):
    posts = "http://sanabil.example/wp-json/wp/v2/posts"
    articles = site_of("sanabil").articles
    status, headers, first = asked_for_json(server, f"{posts}?per_page=100")
    assert (status, headers["X-WP-Total"], headers["X-WP-TotalPages"]) == (200, str(len(articles)), "2")
    assert [post["link"] for post in first] == [site_of("sanabil").url(article) for article in articles[:4]]
    assert (first[0]["date"], first[0]["date_gmt"]) == ("2024-04-22T07:02:39", "2024-04-22T04:02:39")
    assert len(asked_for_json(server, f"{posts}?page=2")[2]) == len(articles) - 4
    assert asked_for_json(server, f"{posts}?page=3")[::2] == (
        400,
        {"code": "rest_post_invalid_page_number", "data": {"status": 400}},
    )
    march = asked_for_json(server, f"{posts}?after=2024-03-01T00:00:00&before=2024-04-01T00:00:00&order=asc")[2]
    assert [post["date"][:10] for post in march] == ["2024-03-08", "2024-03-30"]
    assert asked_for_json(server, f"{posts}?after=2025-01-01T00:00:00")[2] == []
    assert ask(server, "http://sanabil.example/feed/")[0] == 403


def test_the_list_begins_with_an_old_story_and_its_last_page_has_no_end(server):
    def listed(number):
        page = html.fromstring(ask(server, f"http://nakhil.example/news/{number}")[2].decode())
        return page.xpath("//div[contains(@class, 'row')]//a/@href"), page.xpath("//a[text()='التالي']/@href")

    site = site_of("nakhil")
    hrefs = [site.href(article) for article in site.articles]
    assert listed(1) == ([hrefs[-2], *hrefs[:2]], ["/news/2"])
    assert listed(3) == (hrefs[4:], ["/news/4"])
    assert listed(99) == (hrefs[4:], ["/news/100"])
    assert ask(server, "http://nakhil.example/news/0")[0] == 404


def test_days_with_news_have_a_page_and_the_others_none(server):
    site = site_of("sirt")
    assert len(site.days) == 5
    for path in ("/2024/01/06/", "/2024/01/06/page/2/", "/2024/03/31/"):
        assert ask(server, f"http://sirt.example{path}")[0] == 200
    for path in ("/2024/01/07/", "/2024/01/06/page/3/", "/2024/03/31/page/2/"):
        assert ask(server, f"http://sirt.example{path}")[0] == 404


def test_the_json_feed_goes_on_in_further_pages(server):
    url, seen = "http://zaytun.example/feed.json", []
    while url:
        _, _, feed = asked_for_json(server, url)
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        seen += [(item["url"], item["title"]) for item in feed["items"]]
        url = feed.get("next_url")
    assert seen == [(site_of("zaytun").url(article), article.title) for article in site_of("zaytun").articles]


def test_an_extra_article_joins_its_site():
    head = '---\ntitle: "خبر مضاف"\npublished: 2024-05-01T10:00:01\nsection: سياسة\n---\n'
    text = head + "فقرة أولى.\n\nفقرة ثانية.\n"
    article = parse_article("alsaha", "added", text)
    with DemoServer(extra=[article]) as server:
        url = "http://alsaha.example/2024/05/added/"
        assert "فقرة أولى." in ask(server, url)[2].decode()
        assert url in ask(server, FEEDS["alsaha"])[2].decode()
        assert url in sitemap_urls(server, SITEMAPS["alsaha"])


def test_pages_are_a_function_of_content_and_edition_alone():
    for host, site in open_sites().items():
        again = open_sites()[host]
        for path in reversed(again.paths):
            again.respond(quote(path, safe="/?=&"))
        for path in site.paths:
            assert site.respond(quote(path, safe="/?=&")) == again.respond(quote(path, safe="/?=&"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_stop(tmp_path, number):
    port_file = tmp_path / "port"
    command = [sys.executable, "-m", "demo.server", "--port", "0", "--port-file", str(port_file), "--edition", "1"]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        port = int(port_file.read_text())
        assert line == f"demo sites: http://127.0.0.1:{port}/\n"
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            connection.request("GET", AZAZ)
            assert "بحسب حصيلة أولية" in connection.getresponse().read().decode()
            process.send_signal(number)
            assert process.wait(20) == 0


def test_a_taken_port_is_said_in_a_sentence(server, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--port", str(server.port)])
    assert f"port {server.port} cannot be bound" in capsys.readouterr().err
