"""Those who are told: a real mail server and a real webhook, on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.loopback import listening
from warraq.servers import free_port


@dataclass
class MailServer:
    """Takes mail for whom it knows; while `down`, it takes none."""

    port: int = 0
    down: bool = False
    got: list[tuple[str, EmailMessage]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # as aiosmtpd calls it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.down or address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.got += [(to, mail) for to in envelope.rcpt_tos]  # type: ignore[misc]
        return "250 OK"

    @property
    def connection(self) -> str:
        """The Airflow connection to it."""
        extra = {"from_email": "warraq@news.example", "disable_ssl": True, "disable_tls": True, "retry_limit": 0}
        return json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": self.port, "extra": extra})


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer(port=free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@dataclass
class Webhook:
    """Takes Apprise's JSON; while `down`, it answers 503."""

    port: int
    down: bool = False
    got: list[dict[str, Any]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """It, as Apprise has it."""
        return f"json://127.0.0.1:{self.port}/"

    @property
    def texts(self) -> list[str]:
        """The messages' texts."""
        return [str(one["message"]) for one in self.got]


@contextmanager
def webhook() -> Iterator[Webhook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not hook.down:
                hook.got.append(body)
            self.send_response(503 if hook.down else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listening(Handler) as port:
        hook = Webhook(port)
        yield hook


def apprise_connection(*addresses: str) -> str:
    """An Airflow connection to these services."""
    return json.dumps({"conn_type": "apprise", "extra": {"config": [{"path": one} for one in addresses]}})
