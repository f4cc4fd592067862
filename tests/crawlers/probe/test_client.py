"""The polite look: what it asks for, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from scrapy import Request

from crawlers.probe import client as client_module
from crawlers.probe.client import Client, ClientError, RefusedError
from pipeline.addresses import Guard
from tests.crawlers.conftest import HOME, Reply, Site

HOST = "sadanews.example"


@pytest.fixture
def client(site: Site) -> Iterator[Client]:
    with Client([HOST], Guard(), delay=0, most_requests=10) as one:
        yield one


def redirect(site: Site, path: str, target: str, status: int = 301) -> str:
    site.replies[HOME + path] = Reply(status=status, headers={"Location": target})
    return HOME + path


def test_robots_is_asked_first_once_and_under_our_name(site: Site, client: Client) -> None:
    pages = [site.page("/news/1"), site.page("/news/2")]
    for page in pages:
        assert client.get(Request(page)).status == 200
    assert site.seen == [f"{HOME}/robots.txt", *pages]
    assert all(headers["User-Agent"].startswith("warraq/") for headers in site.headers)


def test_what_robots_forbids_is_not_asked_for(site: Site, client: Client) -> None:
    site.replies[f"{HOME}/robots.txt"] = Reply(b"User-agent: *\nDisallow: /news/\nSitemap: /map.xml\n")
    page = site.page("/news/1")
    with pytest.raises(RefusedError, match="is forbidden by"):
        client.get(Request(page))
    with pytest.raises(RefusedError, match=r"leads to .* which is forbidden"):
        client.get(Request(redirect(site, "/old", page)))
    assert page not in site.seen
    assert client.sitemaps(HOME) == ["/map.xml"]


@pytest.mark.parametrize("reply", [Reply(status=503), Reply(status=429), Reply(b"x" * (client_module.MAX_SIZE + 1))])
def test_where_robots_cannot_be_had_nothing_is_asked_for(site: Site, client: Client, reply: Reply) -> None:
    site.replies[f"{HOME}/robots.txt"] = reply
    with pytest.raises(RefusedError, match="nothing may be asked for"):
        client.get(Request(site.page("/news/1")))
    assert site.seen == [f"{HOME}/robots.txt"]


def test_a_crawl_delay_is_kept_where_it_is_longer_than_ours(site: Site) -> None:
    site.replies[f"{HOME}/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 0.2\n")
    for ours, kept in ((0.05, 0.2), (0.3, 0.3)):
        with Client([HOST], Guard(), delay=ours, most_requests=10) as client:
            client.get(Request(site.page("/")))
            assert client.delay == kept


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/", "http://10.0.0.1/", "http://[::1]/", "http://localhost/", "file:///etc/passwd"]
)
def test_a_public_site_is_not_followed_to_a_private_address(site: Site, client: Client, target: str) -> None:
    with pytest.raises(RefusedError, match=r"not connected to|no address of a web page"):
        client.open_home(redirect(site, "/", target))
    assert site.seen == [f"{HOME}/robots.txt", f"{HOME}/"]


def test_the_home_page_may_lead_to_another_host_and_nothing_else_may(site: Site, client: Client) -> None:
    site.replies["http://sada.example/"] = Reply(b"<html></html>")
    away = redirect(site, "/away", "http://elsewhere.example/")
    with pytest.raises(RefusedError, match=r"leads to http://elsewhere.example/, which is on none"):
        client.get(Request(away))
    assert client.open_home(redirect(site, "/", "http://sada.example/")).url == "http://sada.example/"
    assert client.hosts == [HOST, "sada.example"]


def test_it_says_where_an_address_has_moved_for_good(site: Site, client: Client) -> None:
    page = site.page("/new")
    assert client.get(Request(redirect(site, "/old", page))).request.meta["moved"] == page
    assert client.get(Request(redirect(site, "/once", page, 302))).request.meta["moved"] is None
    with pytest.raises(ClientError, match="redirects, one after the other"):
        client.get(Request(redirect(site, "/loop", f"{HOME}/loop")))


def test_sizes_times_and_counts_are_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_LONGEST", 2.0)
    with Client([HOST], Guard(), delay=0, most_requests=10) as client:
        _hold_the_bounds(site, client)


def _hold_the_bounds(site: Site, client: Client) -> None:
    site.replies[f"{HOME}/large"] = Reply(b"x" * 2000)
    with pytest.raises(ClientError, match="larger than 1000 bytes"):
        client.get(Request(f"{HOME}/large", meta={"download_maxsize": 1000}))
    site.replies[f"{HOME}/endless"] = Reply(drip=0.05)
    with pytest.raises(ClientError, match="no whole answer in time"):
        client.get(Request(f"{HOME}/endless"))
    for number in range(8):
        client.get(Request(site.page(f"/{number}")))
    with pytest.raises(RefusedError, match="not asked for after 10 requests"):
        client.get(Request(site.page("/11")))
