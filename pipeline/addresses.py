"""Which addresses may be connected to: public ones at the ports of the web, and what is listed by name besides.

What is crawled is hostile, and its names may lead anywhere: to this machine, to the network behind it, to a cloud's metadata. So a
`Guard` decides on the address and the port that are connected to, when they are. The clients only ask it: Scrapy's resolver and the
browser's relay (`crawlers.middlewares`), and httpx (`pipeline.web`).
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from pipeline.errors import WarraqError

if TYPE_CHECKING:
    from collections.abc import Iterable


WEB_PORTS = frozenset({80, 443})

_NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's own service, on every machine there
        "192.0.0.0/24",  # protocol assignments (RFC 6890), where Oracle's cloud keeps metadata
        "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
        "240.0.0.0/4",  # reserved, and broadcast (RFC 1112)
        "2001::/23",  # protocol assignments (RFC 2928): Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4 (RFC 7526): an IPv4 address within, which nobody can be reached at any more
        "3fff::/20",  # documentation (RFC 9637)
    )
)
"""What `is_global` of one or the other Python takes for public."""

_UNICAST = ip_network("2000::/3")
"""All that is given to the internet of IPv6 (RFC 4291, 2.4)."""

_NAT64 = ip_network("64:ff9b::/96")
"""Under these addresses a network without IPv4 reaches the IPv4 address in their last 32 bits (RFC 6052)."""

_LOCAL_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
"""Names of no public site: RFC 6761, RFC 6762, ICANN's for private use, a habit, RFC 8375."""


class AddressError(WarraqError):
    """What may not be connected to; `forbidden` is the address, ``port_<number>``, or the name where that alone tells."""

    def __init__(self, message: str, forbidden: str) -> None:
        super().__init__(message)
        self.forbidden = forbidden


@dataclass(frozen=True, slots=True)
class Guard:
    """Decides what may be connected to: public addresses at the ports 80 and 443, and at those of `listed` hosts.

    With `loopback` what is listed may be on this machine, each host at its own port.
    """

    listed: frozenset[tuple[str, int]] = frozenset()
    loopback: bool = False

    @classmethod
    def of(cls, urls: Iterable[str], *, loopback: bool = False) -> Guard:
        """A guard for which the hosts and ports of these URLs are listed."""
        return cls(frozenset(map(host_and_port, urls)), loopback)

    def check_name(self, host: str, port: int) -> None:
        """Refuse what a host's name and the port tell by themselves; nobody is asked where the host is.

        Where a proxy resolves names, it is all that can be told.

        Raises:
            AddressError: the port is none of the web's and not listed; or the name is one of no public site, an address that may
                not be connected to, or an address in a form of which resolvers and proxies make one or the other.
        """
        host = _plain(host)
        if port not in WEB_PORTS and (host, port) not in self.listed:
            raise AddressError(
                f"port {port} of {host} is not asked: it is neither 80 nor 443, and must stand in the source's file to be, in "
                "`home` or a discovery's address",
                f"port_{port}",
            )
        address = read_address(host)
        if address is not None:
            self.check(host, port, str(address))
            if isinstance(address, IPv4Address) and host != str(address):
                raise AddressError(f"{host} is {address} in a form that no site has{_ADVICE}", str(address))
        elif ("." not in host or host.endswith(_LOCAL_NAMES)) and not self._may_be_here(host, port):
            raise AddressError(f"{host} is the name of no public site{_ADVICE}", host)

    def check(self, host: str, port: int, address: str) -> None:
        """Refuse an address (of `ipaddress`' forms) that a host has, and is about to be connected to.

        Raises:
            AddressError: it is not public, and no listed one on this machine.
        """
        found = ip_address(address.partition("%")[0])
        if not is_public(found) and not (found.is_loopback and self._may_be_here(_plain(host), port)):
            at = "" if host == address else f"{host} is at "
            raise AddressError(f"{at}{address}, {_kind(found)}{_ADVICE}", address)

    def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to, in the resolver's order; the others it has are left out.

        Raises:
            AddressError: none of them may be.
            OSError: the host has no address, or the resolver does not answer.
        """
        self.check_name(host, port)
        may, refused = [], None
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for address in dict.fromkeys(str(answer[4][0]) for answer in answers):
            try:
                self.check(host, port, address)
                may.append(address)
            except AddressError as error:
                refused = error
        if refused is not None and not may:
            raise refused
        return may

    def _may_be_here(self, host: str, port: int) -> bool:
        return self.loopback and (host, port) in self.listed


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public internet, where sites are."""
    address = _true(address)
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    if not address.is_global or address.is_multicast:
        return False
    return not any(address in network for network in _NOT_PUBLIC)


def read_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host's name is, in whatever form resolvers take (``2130706433``, ``0x7f.1``, ``[::1]``), if it is one."""
    host = _plain(host)
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def host_and_port(url: str) -> tuple[str, int]:
    """The host of a web address, and the port, stated or its scheme's.

    Raises:
        ValueError: it has none.
    """
    parts = urlsplit(url)
    port = parts.port if parts.port is not None else {"http": 80, "https": 443}.get(parts.scheme)
    if not parts.hostname or port is None:
        raise ValueError(f"{url} is no address of a web page")
    return _plain(parts.hostname), port


_ADVICE = (
    ": it is not connected to. Public addresses alone are, and this machine where that is asked for: `loopback: true` in a "
    "source's file, --loopback on the command line"
)


def _plain(host: str) -> str:
    """A host's name in one spelling: as a resolver or a proxy may undo what hides an address."""
    host = normalize("NFKC", unquote(host)).replace("\u3002", ".")  # the full stop of IDNA that NFKC leaves
    return host.strip("[]").rstrip(".").lower()


def _true(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that is reached under an IPv6 one; any other as it is."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _kind(address: IPv4Address | IPv6Address) -> str:
    address = _true(address)
    if address.is_loopback or address.is_unspecified:
        return "this machine itself"
    if address.is_link_local:
        return "a link-local address, where clouds keep their metadata"
    if address.is_multicast:
        return "a multicast address"
    return "an address of a private network" if address.is_private else "no address of the public internet"
