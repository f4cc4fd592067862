"""A network that ends at this machine: names are where a test says, and what is connected to is written down and goes no further.

Connections to this machine are made as ever. One to a routed address comes to a server of the test's, any other is refused.
"""

from __future__ import annotations

import errno
import json
import os
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pytest

SITECUSTOMIZE = "from tests.fake_network import install_as_told\ninstall_as_told()\n"
_TOLD = "FAKE_NETWORK"


@dataclass(frozen=True)
class Network:
    """`names`: of each host the answers to one look-up after the other, of which the last stays; `routes`: ports by address."""

    log: Path
    names: Mapping[str, Sequence[Sequence[str]]]
    routes: Mapping[str, int]

    @property
    def connected(self) -> list[str]:
        """Whatever was connected to, as ``<address> <port>``."""
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.is_file() else []

    def note(self, address: str, port: int) -> None:
        with self.log.open("a", encoding="utf-8") as file:
            file.write(f"{address} {port}\n")


def install(network: Network, replace: Callable[[object, str, object], None] = setattr) -> None:
    """Put it between this process and the system, by `replace`."""
    asked = dict.fromkeys(network.names, 0)
    real_getaddrinfo, real_connect, real_connect_ex = (
        socket.getaddrinfo,
        socket.socket.connect,
        socket.socket.connect_ex,
    )

    def look_up(host: str) -> Sequence[str]:
        answers = network.names[host]
        asked[host] += 1
        return answers[min(asked[host], len(answers)) - 1]

    def getaddrinfo(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in network.names:
            if name and name.endswith(".example"):
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            return real_getaddrinfo(host, port, *more, **named)
        found = [real_getaddrinfo(address, port, *more, **named) for address in look_up(name)]
        return [one for answers in found for one in answers]

    def gethostbyname(host: str) -> str:
        return str(getaddrinfo(host, 0, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])

    def way(one: socket.socket, address: Any) -> Any:
        """Where a connection goes; None where it is refused."""
        if one.family not in {socket.AF_INET, socket.AF_INET6}:
            return address
        network.note(address[0], address[1])
        if address[0] in network.routes:
            return ("127.0.0.1", network.routes[address[0]])
        return address if ip_address(address[0]).is_loopback else None

    def connect(one: socket.socket, address: Any) -> None:
        goes = way(one, address)
        if goes is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "refused by the test")
        real_connect(one, goes)

    def connect_ex(one: socket.socket, address: Any) -> int:
        goes = way(one, address)
        return errno.ECONNREFUSED if goes is None else real_connect_ex(one, goes)

    replace(socket, "getaddrinfo", getaddrinfo)
    replace(socket, "gethostbyname", gethostbyname)
    replace(socket.socket, "connect", connect)
    replace(socket.socket, "connect_ex", connect_ex)


def tell_children(network: Network, patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Have it installed in the processes that are started from now on, which read `folder`'s ``sitecustomize.py``."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SITECUSTOMIZE, encoding="utf-8")
    told = {"log": str(network.log), "names": network.names, "routes": network.routes}
    patch.setenv(_TOLD, json.dumps(told))
    patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH")))))


def install_as_told() -> None:
    """Install what `tell_children` told, and have Scrapy remember no name: each connection asks anew."""

    import crawlers.settings

    crawlers.settings.DNSCACHE_ENABLED = False  # type: ignore[attr-defined]
    told = json.loads(os.environ[_TOLD])
    install(Network(Path(told["log"]), told["names"], told["routes"]))
