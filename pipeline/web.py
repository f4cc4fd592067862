"""Asking for web addresses with httpx, at those places alone that a guard admits, by the environment's proxy where there is one."""

from __future__ import annotations

import logging
import ssl
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from pipeline.addresses import host_and_port
from pipeline.urls import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.addresses import Guard

logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells each address that it asks for, with its password


def web_client(
    guard: Guard, *, headers: Mapping[str, str], silence: float, longest: float, follow_redirects: bool = False
) -> httpx.Client:
    """An httpx client that connects to what the guard admits, on each redirect too.

    A site may be silent for so many seconds, and one answer take so many in all, its head too: after that it raises
    `httpx.ReadTimeout`. What it is not to connect to it raises as `pipeline.addresses.AddressError`.
    """
    return httpx.Client(
        transport=_Transport(guard, longest), headers=headers, timeout=silence, follow_redirects=follow_redirects
    )


def proxy_for(scheme: str, host: str) -> str | None:
    """The URL of the proxy by which a host is reached (``http_proxy``, ``https_proxy``); None where it is reached directly."""
    proxy = getproxies().get(scheme)
    if not proxy or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


class _Transport(httpx.BaseTransport):
    """Directly to an address that was checked, or to the proxy, which is told a name that was."""

    def __init__(self, guard: Guard, longest: float) -> None:
        self._guard = guard
        self._longest = longest
        self._direct = _Direct(guard, longest)
        self._proxies: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in {"http", "https"} or not url.host:
            raise httpx.UnsupportedProtocol(f"{without_secrets(str(url))} is no address of a web page", request=request)
        host, port = host_and_port(f"{url.scheme}://{url.netloc.decode()}")
        self._guard.check_name(host, port)
        proxy = proxy_for(url.scheme, host)
        if proxy is None:
            return self._direct.handle_request(request)
        if proxy not in self._proxies:
            self._proxies[proxy] = _ByProxy(proxy, self._longest)
        return self._proxies[proxy].handle_request(request)

    def close(self) -> None:
        for transport in (self._direct, *self._proxies.values()):
            transport.close()


class _Direct(httpx.HTTPTransport):
    """httpx's own way to a site, whose connections are made by `_Bounded`: it takes no such thing itself."""

    def __init__(self, guard: Guard, longest: float) -> None:
        tls = httpx.create_ssl_context()
        super().__init__(verify=tls)
        self._pool = httpcore.ConnectionPool(ssl_context=tls, network_backend=_Bounded(longest, guard))


class _ByProxy(httpx.HTTPTransport):
    """httpx's own way by a proxy, whose answers are bounded too."""

    def __init__(self, url: str, longest: float) -> None:
        tls, proxy = httpx.create_ssl_context(), httpx.Proxy(url)
        super().__init__(verify=tls)
        self._pool = httpcore.HTTPProxy(
            str(proxy.url), proxy_auth=proxy.raw_auth, ssl_context=tls, network_backend=_Bounded(longest)
        )


class _Bounded(httpcore.SyncBackend):
    """Connections on which an answer takes no longer than so many seconds.

    With a guard, to one of the addresses that it admits of a host; TLS is for the host's name.
    """

    def __init__(self, longest: float, guard: Guard | None = None) -> None:
        self._longest = longest
        self._guard = guard

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            *others, last = self._guard.resolve(host, port) if self._guard else [host]
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        connect = partial(
            super().connect_tcp, port=port, timeout=timeout, local_address=local_address, socket_options=socket_options
        )
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return _Stream(connect(address), self._longest)
        return _Stream(connect(last), self._longest)


class _Stream(httpcore.NetworkStream):
    """A connection of which all that is read for one request, from when that was sent, is read within so many seconds.

    httpx bounds the silence between two bytes alone: an answer that comes byte by byte would never end.
    """

    def __init__(self, stream: httpcore.NetworkStream, longest: float) -> None:
        self._stream = stream
        self._longest = longest
        self._end = time.monotonic() + longest

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout(f"the answer was not whole after {self._longest:.0f} s")
        return self._stream.read(max_bytes, left if timeout is None else min(timeout, left))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._end = time.monotonic() + self._longest
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._longest)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
