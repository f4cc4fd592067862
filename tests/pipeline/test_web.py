"""Asking with httpx: what is connected to is what was checked, on each redirect too."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest
import trustme

from pipeline.addresses import AddressError, Guard
from pipeline.web import web_client
from tests.fake_network import Network, install
from tests.loopback import listening

PUBLIC, OTHER = "93.184.215.14", "93.184.215.15"


class Site(BaseHTTPRequestHandler):
    """Answers with what it was asked for; below ``/to/`` it redirects to the rest of the path."""

    def do_GET(self) -> None:
        target = self.path.partition("/to/")[2]
        self.send_response(302 if target else 200)
        if target:
            self.send_header("Location", target)
        self.end_headers()
        self.wfile.write(f"{self.headers['Host']} {self.path}".encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Network]]:
    """A site at a public address, and the names that a test gives."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with listening(Site) as port:

        def with_names(names: dict[str, Sequence[Sequence[str]]], routes: Mapping[str, int] | None = None) -> Network:
            routes = {PUBLIC: port, **(routes or {})}
            made = Network(tmp_path / "connected", {"news.example": [[PUBLIC]], **names}, routes)
            install(made, monkeypatch.setattr)
            return made

        yield with_names


def get(url: str, longest: float = 60) -> str:
    with web_client(Guard(), headers={}, silence=5, longest=longest, follow_redirects=True) as client:
        return client.get(url).text


def test_the_address_connected_to_is_the_one_that_was_checked(network: Callable[..., Network]) -> None:
    made = network({"rebind.example": [[OTHER], ["127.0.0.1"]]})
    assert get("http://news.example/a") == "news.example /a"
    with pytest.raises(httpx.ConnectError):
        get("http://rebind.example/")
    with pytest.raises(AddressError, match=r"rebind\.example is at 127\.0\.0\.1"):
        get("http://rebind.example/")
    with pytest.raises(httpx.ConnectError, match="not known"):
        get("http://nowhere.example/")
    assert made.connected == [f"{PUBLIC} 80", f"{OTHER} 80"]


def test_of_several_addresses_the_next_is_tried(network: Callable[..., Network]) -> None:
    made = network({"both.example": [["10.0.0.1", OTHER, PUBLIC]]})
    assert get("http://both.example/") == "both.example /"
    assert made.connected == [f"{OTHER} 80", f"{PUBLIC} 80"]


@pytest.mark.parametrize(
    ("target", "forbidden"),
    [
        ("http://inner.example/", "169.254.169.254"),
        ("https://inner.example/", "169.254.169.254"),
        ("http://127.0.0.1/", "127.0.0.1"),
        ("http://0177.1/", "127.0.0.1"),
        ("http://[::ffff:10.0.0.1]/", "::ffff:a00:1"),
        ("http://news.example:22/", "port_22"),
        ("http://localhost/", "localhost"),
    ],
)
def test_no_redirect_leads_to_what_is_not_public(network: Callable[..., Network], target: str, forbidden: str) -> None:
    made = network({"inner.example": [["169.254.169.254"]]})
    for url in (target, f"http://news.example/to/{target}"):
        with pytest.raises(AddressError) as told:
            get(url)
        assert told.value.forbidden == forbidden
    assert set(made.connected) <= {f"{PUBLIC} 80"}


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://news.example/", "data:,x", "s3://bucket/key"])
def test_nothing_but_the_web_is_asked(network: Callable[..., Network], target: str) -> None:
    made = network({})
    for url in (target, f"http://news.example/to/{target}"):
        with pytest.raises((httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.RemoteProtocolError)):
            get(url)
    assert set(made.connected) <= {f"{PUBLIC} 80"}


def test_a_proxy_may_be_anywhere_and_is_told_checked_names_alone(
    network: Callable[..., Network], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = network({"proxy.internal": [["10.0.0.9"]]})
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{made.routes[PUBLIC]}")
    monkeypatch.setenv("no_proxy", "news.example")
    assert get("http://unresolved.example/a").startswith("unresolved.example http://unresolved.example/a")
    assert get("http://news.example/a") == "news.example /a"
    for url in ("http://10.0.0.1/", "http://2130706433/", "http://localhost/", "http://unresolved.example:25/"):
        with pytest.raises(AddressError):
            get(url)
    assert made.connected == [f"127.0.0.1 {made.routes[PUBLIC]}", f"{PUBLIC} 80"]


class Dripping(BaseHTTPRequestHandler):
    """Is never silent for long, and never done: below ``/head`` with its head, elsewhere with its body."""

    def do_GET(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"\r\n" * ("/head" not in self.path))
        with suppress(OSError):  # the client has gone
            while True:
                self.wfile.write(b"X-More: 1\r\n")
                time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("path", ["head", "body"])
@pytest.mark.parametrize("way", ["direct", "proxy"])
def test_an_answer_that_never_ends_is_left(
    network: Callable[..., Network], monkeypatch: pytest.MonkeyPatch, path: str, way: str
) -> None:
    with listening(Dripping) as port:
        network({"drip.example": [[OTHER]]}, {OTHER: port})
        if way == "proxy":
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        with pytest.raises(httpx.ReadTimeout):
            get(f"http://drip.example/{path}", longest=0.5)


def test_tls_is_for_the_name_whatever_the_address(
    network: Callable[..., Network], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("safe.example").configure_cert(tls)
    with listening(Site, tls) as port:
        made = network(
            {"safe.example": [[OTHER]], "false.example": [[OTHER]], "inner.example": [["10.0.0.1"]]}, {OTHER: port}
        )
        assert get("https://safe.example/a") == "safe.example /a"
        with pytest.raises(httpx.ConnectError, match=r"not valid for 'false\.example'"):
            get("https://false.example/")
        with pytest.raises(AddressError):
            get("https://inner.example/")
    assert set(made.connected) == {f"{OTHER} 443"}
