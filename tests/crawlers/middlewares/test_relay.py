"""The browser's way out: a tunnel for TLS leads to the address that was checked, and nowhere else."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import httpx
import pytest
import trustme

from crawlers.middlewares.relay import Relay
from pipeline.sources import Source
from tests.fake_network import Network, install
from tests.loopback import listening
from tests.pipeline.test_web import Site

PUBLIC = "93.184.215.14"


def test_a_tunnel_leads_to_the_checked_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("safe.example").configure_cert(tls)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    source = Source.model_validate(
        {
            "id": "safe",
            "name": "safe",
            "home": "https://safe.example/",
            "timezone": "UTC",
            "allowed_hosts": ["safe.example", "inner.example"],
            "discovery": [{"type": "feed", "url": "https://safe.example/rss"}],
        }
    )

    async def ask(*urls: str) -> list[str]:
        relay = Relay(source)
        await relay.start()
        try:
            async with httpx.AsyncClient(proxy=f"http://{relay.place}", verify=trust, timeout=20) as client:
                answers = await asyncio.gather(*map(client.get, urls), return_exceptions=True)
        finally:
            relay.close()
        return [answer.text if isinstance(answer, httpx.Response) else type(answer).__name__ for answer in answers]

    with listening(Site, tls) as port:
        names = {"safe.example": [[PUBLIC]], "inner.example": [["10.0.0.1"]], "other.example": [[PUBLIC]]}
        network = Network(tmp_path / "connected", names, {PUBLIC: port})
        install(network, monkeypatch.setattr)
        got = asyncio.run(
            ask(
                "https://safe.example/a", "https://inner.example/", "https://other.example/", "https://safe.example:22/"
            )
        )
    assert got[0] == "safe.example /a"
    assert not [one for one in got[1:] if not one.endswith("Error")]
    assert {place for place in network.connected if not place.startswith("127.0.0.1 ")} == {f"{PUBLIC} 443"}
