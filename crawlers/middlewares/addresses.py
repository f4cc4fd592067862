"""The address guard: what a crawl connects to is an address that was checked.

A name is checked when it is resolved, and Twisted connects to what the resolver hands on, literal addresses included: between
the two nobody asks again where the name is. A proxy resolves for itself, and is told only names that may be asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.resolver import CachingThreadedResolver

from pipeline.addresses import AddressError, Guard, host_and_port

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.address import IPv4Address, IPv6Address


class ForbiddenAddress(IgnoreRequest):  # as Scrapy's own refusals are called
    """The page lies where nothing may be connected to; `forbidden` as of `pipeline.addresses.AddressError`."""

    def __init__(self, message: str, forbidden: str) -> None:
        super().__init__(message)
        self.forbidden = forbidden


class _Receiver(Protocol):
    """Twisted's ``IResolutionReceiver``: whoever is to connect."""

    def resolutionBegan(self, resolution: object) -> None: ...  # noqa: N802 - Twisted's

    def addressResolved(self, address: IPv4Address | IPv6Address) -> None: ...  # noqa: N802

    def resolutionComplete(self) -> None: ...  # noqa: N802


class Resolver(CachingThreadedResolver):
    """Scrapy's own resolver, which hands on the addresses that the crawl's guard admits.

    Whoever crawls sets the `guard`, and the hosts and ports of `proxies`, which are where the environment says they are. `refusals`
    says why of a host and port no address was handed on.
    """

    def install_on_reactor(self) -> None:
        """Called by Scrapy."""
        super().install_on_reactor()
        self.guard = Guard()
        self.proxies: set[tuple[str, int]] = set()
        self.refusals: dict[tuple[str, int], AddressError] = {}
        self._answers: Any = self.reactor.nameResolver
        self.reactor.installNameResolver(self)  # type: ignore[arg-type]  # zope's interfaces tell mypy nothing

    def resolveHostName(  # noqa: N802 - Twisted's
        self,
        resolutionReceiver: _Receiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> object:
        """Called by Twisted, for each connection that it is to make."""
        place = (_as_in_addresses(hostName), portNumber)
        receiver = resolutionReceiver if place in self.proxies else _Checked(resolutionReceiver, self, place)
        return self._answers.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)


class _Checked:
    """Hands on the addresses that may be connected to."""

    def __init__(self, receiver: _Receiver, resolver: Resolver, place: tuple[str, int]) -> None:
        self._receiver = receiver
        self._resolver = resolver
        self._place = place
        self._refusal: AddressError | None = None
        self._admitted = False

    def resolutionBegan(self, resolution: object) -> None:  # noqa: N802 - Twisted's
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IPv4Address | IPv6Address) -> None:  # noqa: N802
        try:
            self._resolver.guard.check_name(*self._place)
            self._resolver.guard.check(*self._place, address.host)
        except AddressError as error:
            self._refusal = error
        else:
            self._admitted = True
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        if self._refusal is not None and not self._admitted:
            self._resolver.refusals[self._place] = self._refusal
        else:
            self._resolver.refusals.pop(self._place, None)
        self._receiver.resolutionComplete()


class AddressGuard:
    """Downloader middleware next to the downloader: refuses what may not be connected to, so that it is not tried again."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AddressGuard:
        """Called by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse what the address of the page tells by itself.

        Raises:
            ForbiddenAddress: its port, or its host, may not be asked.
        """
        resolver = _resolver()
        resolver.guard = self._crawler.spider.source.guard  # type: ignore[union-attr]  # a request has a spider
        host, port = host_and_port(request.url)
        try:
            resolver.guard.check_name(host, port)
        except AddressError as error:
            raise _forbidden(error) from None
        if proxy := request.meta.get("proxy"):
            place = host_and_port(proxy)
            resolver.proxies.update({place, (place[0], 0)})  # a tunnel's endpoint resolves without the port
        elif (host, port) in resolver.proxies:
            raise ForbiddenAddress(f"{request.url} is the proxy itself", host)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Say that no address was had because none may be connected to.

        Raises:
            ForbiddenAddress: that is so.
        """
        if not isinstance(exception, CannotResolveHostError) or request.meta.get("proxy"):
            return
        if refusal := _resolver().refusals.get(host_and_port(request.url)):
            raise _forbidden(refusal)


def _as_in_addresses(host: str) -> str:
    """A host as `host_and_port` reads it off an address; Twisted writes one in Arabic letters so, whatever the address has."""
    try:
        return host_and_port(f"http://{host if host.isascii() else host.encode('idna').decode()}/")[0]
    except ValueError:
        return host


def _forbidden(error: AddressError) -> ForbiddenAddress:
    return ForbiddenAddress(str(error), error.forbidden)


def _resolver() -> Resolver:
    from twisted.internet import reactor  # noqa: PLC0415 - importing it installs one

    resolver = reactor.nameResolver
    if not isinstance(resolver, Resolver):
        raise TypeError("TWISTED_DNS_RESOLVER is not ours: nothing may be fetched without it")
    return resolver
