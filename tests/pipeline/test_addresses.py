"""Which addresses are public, however they are written, and what a guard admits."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.addresses import AddressError, Guard, host_and_port, is_public, read_address

SPECIAL = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/96",
    "::1/128",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:10::/28",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fd00:ec2::/32",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]
"""IANA's registries of special addresses, those of multicast, and what clouds keep besides."""

PUBLIC = Guard()

special = st.sampled_from(SPECIAL).flatmap(lambda network: st.ip_addresses(network=network))
v4 = st.ip_addresses(v=4) | special.filter(lambda address: address.version == 4)


def within(address: IPv4Address, prefix: str) -> IPv6Address:
    return IPv6Address(int(IPv6Address(prefix)) | int(address))


def plain(address: IPv4Address) -> list[str]:
    """Spellings of an IPv4 address that are one and the same to all."""
    wide = str(address).translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    return [
        str(address),
        f"{address}.",
        f"[{within(address, '::ffff:0:0')}]",
        str(within(address, "64:ff9b::")),
        str(address).replace(".", "%2e"),
        wide,
        wide.replace(".", "\u3002"),
    ]


def disguised(address: IPv4Address) -> list[str]:
    """Forms in which some read an IPv4 address."""
    number, parts = int(address), str(address).split(".")
    return [
        str(number),
        f"{number:#x}",
        f"0{number:o}",
        ".".join(f"0x{int(part):x}" for part in parts),
        ".".join(f"0{int(part):o}" for part in parts),
        f"{parts[0]}.{number & 0xFFFFFF}",
        f"{parts[0]}.{parts[1]}.{number & 0xFFFF}",
    ]


def refused(host: str, port: int = 80, guard: Guard = PUBLIC) -> str | None:
    try:
        guard.check_name(host, port)
    except AddressError as error:
        return error.forbidden
    return None


@given(special)
def test_no_special_address_is_public(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(address)
    if address.version == 4:
        assert not is_public(within(address, "::ffff:0:0"))
        assert not is_public(within(address, "64:ff9b::"))


@given(v4)
def test_an_address_is_the_same_in_every_form(address: IPv4Address) -> None:
    for form in plain(address):
        assert read_address(form) is not None, form
        assert (refused(form) is None) == is_public(address), form
    for form in disguised(address):
        assert read_address(form) == address, form
        assert refused(form) is not None, form


@given(st.ip_addresses(v=6))
def test_all_that_is_public_of_ipv6_is_unicast_or_leads_to_ipv4(address: IPv6Address) -> None:
    if is_public(address):
        assert address in ip_network("2000::/3") or address in ip_network("64:ff9b::/96") or address.ipv4_mapped


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_sites_are_public(address: str) -> None:
    assert is_public(ip_address(address))
    Guard().check("news.example", 443, address)


@pytest.mark.parametrize(
    "host", ["localhost", "a.localhost", "LOCALHOST.", "printer.local", "metadata.google.internal", "redis"]
)
def test_a_name_of_no_public_site_is_refused_though_nobody_resolves_it(host: str) -> None:
    assert refused(host) == host.lower().rstrip(".")


@given(st.integers(0, 65535))
def test_ports_are_those_of_the_web_and_those_listed_of_a_host(port: int) -> None:
    guard = Guard.of(["http://news.example:8080/feed"])
    assert (refused("news.example", port, guard) is None) == (port in {80, 443, 8080})
    assert (refused("other.example", port, guard) is None) == (port in {80, 443})
    assert refused("news.example", 22) == "port_22"


def test_this_machine_may_be_where_it_is_listed_and_nowhere_else() -> None:
    guard = Guard.of(["http://127.0.0.1:8000/", "http://site.localhost/"], loopback=True)
    assert refused("127.0.0.1", 8000, guard) is None
    assert refused("2130706433", 8000, guard) == "port_8000"
    assert refused("127.0.0.1", 80, guard) == "127.0.0.1"
    assert refused("10.0.0.1", 80, guard) == "10.0.0.1"
    guard.check("site.localhost", 80, "::1")
    for address in ("10.0.0.1", "169.254.169.254", "0.0.0.0", "64:ff9b::7f00:1"):
        with pytest.raises(AddressError, match="not connected to"):
            guard.check("site.localhost", 80, address)
    with pytest.raises(AddressError, match="--loopback"):
        guard.check("news.example", 80, "127.0.0.1")
    assert refused("127.0.0.1", 8000, Guard.of(["http://127.0.0.1:8000/"])) == "127.0.0.1"


def test_of_several_addresses_those_that_may_be_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"mixed.example": ["10.0.0.1", "93.184.215.14", "::1"], "inner.example": ["10.0.0.1", "127.0.0.1"]}

    def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert Guard().resolve("mixed.example", 80) == ["93.184.215.14"]
    with pytest.raises(AddressError, match=r"inner\.example is at 127\.0\.0\.1, this machine itself"):
        Guard().resolve("inner.example", 80)


def test_an_address_without_a_port_has_its_scheme_s() -> None:
    assert host_and_port("https://News.example./a") == ("news.example", 443)
    assert host_and_port("http://[::1]:0/") == ("::1", 0)
    for url in ("file:///etc/passwd", "ftp://news.example/", "http:///", "http://news.example:x/"):
        with pytest.raises(ValueError, match=r"address of a web page|[Pp]ort"):
            host_and_port(url)
