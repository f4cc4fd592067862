"""Crawls of a site whose names, links and redirects lead where nothing may be connected to."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawlers.run import Outcome
from tests.crawlers.conftest import HOME, Reply, Runner, Site
from tests.crawlers.middlewares.test_browser import browser, shell
from tests.fake_network import Network, tell_children

__all__ = ["browser"]

DAY = "Tue, 12 May 2026 10:00:00 GMT"
PUBLIC, OTHER = "93.184.215.14", "93.184.215.15"
ARABIC, IDNA = "موقع.example", "xn--4gbrim.example"
HOSTS = ["sadanews.example", "inner.example", "meta.example", "rebind.example", IDNA]
NAMES = {
    "sadanews.example": [[PUBLIC]],
    "inner.example": [["127.0.0.1"]],
    "meta.example": [["169.254.169.254"]],
    "rebind.example": [[OTHER], ["127.0.0.1"]],
    IDNA: [["10.0.0.1"]],
}


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site that is reached without a proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    site = Site()
    try:
        yield site
    finally:
        site.close()


@pytest.fixture
def network(direct: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """The site at a public address, and names that lead elsewhere."""
    made = Network(tmp_path / "connected", NAMES, {PUBLIC: urlsplit(direct.proxy).port or 0})
    tell_children(made, monkeypatch, tmp_path / "stub")
    return made


def beyond(network: Network) -> list[str]:
    """What was connected to besides the bucket's store and the site."""
    store = urlsplit(os.environ["AWS_ENDPOINT_URL_S3"]).netloc.replace(":", " ")
    return [place for place in network.connected if place not in {store, f"{PUBLIC} 80"}]


def test_a_crawl_connects_to_public_addresses_alone_and_names_the_others(
    runner: Runner, direct: Site, network: Network
) -> None:
    redirects = {
        "/news/to-inner": "http://inner.example/",
        "/news/to-port": f"{HOME}:6379/",
        "/news/to-here": "http://127.0.0.1/",
        "/news/to-decimal": "http://2130706433/",
        "/news/to-file": "file:///etc/passwd",
    }
    for path, target in redirects.items():
        direct.replies[HOME + path] = Reply(status=302, headers={"Location": target})
    hosts = [f"http://{host}/news/1" for host in (*HOSTS[1:4], ARABIC)]
    links = [direct.page("/news/good"), *hosts, f"{HOME}:22/news/1", *(HOME + path for path in redirects)]
    direct.feed([(link, DAY) for link in links])
    lists = ("feed /feed", "feed / url=http://inner.example/feed")
    runner.configure(*lists, more=f"allowed_hosts: [{', '.join(HOSTS)}]")
    summary = runner.crawl()

    assert (summary.outcome, summary.captured) == (Outcome.FINISHED, 1)
    assert {one.url.removeprefix(HOME): one.reason for one in summary.failed} == {
        "http://inner.example/news/1": "forbidden_127.0.0.1",
        "http://meta.example/news/1": "forbidden_169.254.169.254",
        "http://rebind.example/news/1": "forbidden_127.0.0.1",
        f"http://{IDNA}/news/1": "forbidden_10.0.0.1",
        ":22/news/1": "forbidden_port_22",
        "/news/to-inner": "forbidden_127.0.0.1",
        "/news/to-port": "forbidden_port_6379",
        "/news/to-here": "moved_to_127.0.0.1",
        "/news/to-decimal": "moved_to_2130706433",
        "/news/to-file": "http_302",
    }
    assert "inner.example is at 127.0.0.1, this machine itself" in summary.discovery[1].problems[0]
    assert "7 of them may not be connected to (the first: " in summary.message
    told = [message for _, message in runner.lines if "not connected to" in message]
    assert any("meta.example is at 169.254.169.254, a link-local address" in message for message in told)
    assert {urlsplit(url).hostname for url in direct.seen} == {"sadanews.example"}
    assert beyond(network) == [f"{OTHER} 80"]  # it was public when it was asked for first


def test_a_site_on_this_machine_is_crawled_where_its_file_says_so(runner: Runner, direct: Site) -> None:
    port = urlsplit(direct.proxy).port
    home = f"http://127.0.0.1:{port}"
    direct.replies[f"{home}/feed"] = Reply(
        f"<rss version='2.0'><channel><item><link>{home}/news/1</link></item>"
        f"<item><link>{home}/news/2</link></item></channel></rss>".encode()
    )
    direct.replies[f"{home}/news/1"] = Reply(b"<p>1")
    direct.replies[f"{home}/news/2"] = Reply(status=302, headers={"Location": "http://127.0.0.1/"})
    runner.configure("feed /feed", more="loopback: true")
    file = runner.folder / "sada.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(HOME, home), encoding="utf-8")
    summary = runner.crawl(until="2100-01-01")
    assert (summary.captured, [one.reason for one in summary.failed]) == (1, ["forbidden_127.0.0.1"])


def test_a_proxy_on_this_machine_is_told_what_may_be_asked_alone(
    runner: Runner, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", site.proxy.replace("127.0.0.1", "localhost"))  # which opens no tunnel
    links = [site.page("/news/1"), HOME.replace("http:", "https:") + "/news/2", f"{HOME}:25/news/3"]
    site.feed([(link, DAY) for link in links])
    runner.configure("feed /feed")
    summary = runner.crawl()
    assert summary.captured == 1
    assert [one.reason for one in summary.failed] == ["forbidden_port_25", "TunnelError"]
    assert {urlsplit(url).netloc for url in site.seen} == {"sadanews.example"}


ESCAPES = """
<script>
  const tried = [
    'http://127.0.0.1:PORT/', 'http://localhost:PORT/', 'http://[::ffff:127.0.0.1]:PORT/', 'http://2130706433:PORT/',
    'http://inner.example/', 'http://rebind.example/', 'http://inner.example:PORT/', 'http://sadanews.example:PORT/',
  ].map(url => fetch(url, {mode: 'no-cors'}).catch(() => 0));
  for (const host of ['127.0.0.1:PORT', 'inner.example', 'rebind.example']) {
    new WebSocket(`ws://${host}/ws`);
    document.head.append(Object.assign(document.createElement('link'), {rel: 'preconnect', href: `http://${host}/`}));
    document.body.append(Object.assign(document.createElement('iframe'), {src: `http://${host}/frame`}));
  }
  const ice = ['stun:127.0.0.1:UDP', 'turn:127.0.0.1:PORT?transport=tcp'].map(
    urls => ({urls, username: 'a', credential: 'a'}));
  const connection = new RTCPeerConnection({iceServers: ice});
  connection.createDataChannel('a');
  connection.createOffer().then(offer => connection.setLocalDescription(offer));
  const worker = new Worker(URL.createObjectURL(new Blob(["fetch('http://127.0.0.1:PORT/worker')"])));
  Promise.all(tried).then(() => setTimeout(() => fetch('http://rebind.example/again', {mode: 'no-cors'}), 300));
</script>"""


@pytest.mark.slow
@pytest.mark.usefixtures("browser")
def test_a_browser_connects_to_public_addresses_alone(runner: Runner, direct: Site, network: Network) -> None:
    hidden = Site()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
        packets.bind(("127.0.0.1", 0))
        packets.settimeout(0)
        port, udp = urlsplit(hidden.proxy).port, packets.getsockname()[1]
        direct.replies[f"{HOME}/news/1"] = shell(ESCAPES.replace("PORT", str(port)).replace("UDP", str(udp)))
        direct.feed([(f"{HOME}/news/1", DAY), ("http://inner.example/news/2", DAY)])
        runner.configure("feed /feed", more=f"browser: true\nallowed_hosts: [{', '.join(HOSTS)}]", timeout=20)
        try:
            summary = runner.crawl()
        finally:
            hidden.close()
        with pytest.raises(BlockingIOError):
            packets.recv(2000)
    assert summary.captured == 1
    assert [one.reason for one in summary.failed] == ["forbidden_127.0.0.1"]
    assert hidden.seen == []
    assert {urlsplit(url).hostname for url in direct.seen} == {"sadanews.example"}
    assert set(beyond(network)) - {f"127.0.0.1 {relay}" for relay in range(1024, 65536)} == {f"{OTHER} 80"}
