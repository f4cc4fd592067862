"""The embedded object store as a process: ministack's S3, behind a gate. ``python -m warraq.object_store KEYS PORT``.

ministack answers whoever asks, and lets any web page ask. The gate lets through what is signed with the store's own key (AWS
Signature Version 4), and is sent to this machine by a program: no page in a browser, which would send an ``Origin``; no
other host's name, which somebody may have made to lead here; nothing for ministack's own administration.

What ministack itself is to do is said in its environment variables: https://github.com/ministackorg/ministack
"""

from __future__ import annotations

import asyncio
import hmac
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from botocore.auth import SIGV4_TIMESTAMP, S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypercorn.asyncio import serve
from hypercorn.config import Config

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
"""ASGI: https://asgi.readthedocs.io/en/latest/specs/www.html"""

_HOST: Final = "127.0.0.1"
_NAMES: Final = (_HOST, "localhost")
_MOST_SKEW: Final = timedelta(minutes=15)
"""How old a signature may be, as in S3."""

_ADMINISTRATION: Final = ("/_", "/health", "/oauth2")
"""How the paths begin by which ministack answers besides buckets; so no bucket here may have such a name."""


class CutOffError(Exception):
    """Who sent a request is gone before all of it came."""


class RefusedError(Exception):
    """A request is not let through: an error code of S3's, and why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Gate:
    """An ASGI application that hands on to `app` what is signed with the key."""

    def __init__(self, app: App, key: Credentials) -> None:
        self._app = app
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            try:
                self.check(scope, datetime.now(UTC))
                await self._app(scope, _until_cut_off(receive), send)
            except RefusedError as refused:
                await _refuse(refused, send)
            except CutOffError:
                pass  # nobody is there to be answered

    def check(self, scope: Scope, now: datetime) -> None:
        """Let a request pass.

        Raises:
            RefusedError: it is not one that a program sent here with the key.
        """
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        # The port may be another one, as behind a tunnel.
        if headers.get("host", "").partition(":")[0] not in _NAMES:
            raise RefusedError("AccessDenied", "the Host is another one's")
        if "origin" in headers:
            raise RefusedError("AccessDenied", "no page in a browser may use this store")
        if scope["path"].startswith(_ADMINISTRATION):
            raise RefusedError("AccessDenied", "this address is closed")
        self._check_signature(scope, headers, now)

    def _check_signature(self, scope: Scope, headers: Mapping[str, str], now: datetime) -> None:
        """As https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html has it."""
        algorithm, _, told = headers.get("authorization", "").partition(" ")
        parts = dict(part.strip().partition("=")[::2] for part in told.split(","))
        credential = parts.get("Credential", "").split("/")
        if algorithm != "AWS4-HMAC-SHA256" or len(credential) != 5:
            raise RefusedError("AccessDenied", "the request is not signed")
        key_id, _, region, service, _ = credential
        try:
            signed_at = datetime.strptime(headers.get("x-amz-date", ""), SIGV4_TIMESTAMP).replace(tzinfo=UTC)
        except ValueError:
            raise RefusedError("AccessDenied", "x-amz-date is missing or wrong") from None
        if abs(now - signed_at) > _MOST_SKEW:
            raise RefusedError("RequestTimeTooSkewed", "the signature is too old, or of a clock that is wrong")
        names = parts.get("SignedHeaders", "").split(";")
        if not {"host", "x-amz-date", "x-amz-content-sha256"}.issubset(names):
            raise RefusedError("AccessDenied", "the Host, the date and the hash of the content must be signed")
        query = scope["query_string"].decode("latin-1")
        request = AWSRequest(
            method=scope["method"],
            url=f"http://{headers['host']}{scope['raw_path'].decode('latin-1')}{'?' if query else ''}{query}",
            headers={name: headers.get(name, "") for name in names},
        )
        request.context["timestamp"] = headers["x-amz-date"]
        signer = _Signer(self._key, service, region)
        made = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        if key_id != self._key.access_key or not hmac.compare_digest(made, parts.get("Signature", "")):
            raise RefusedError("SignatureDoesNotMatch", "the request is not signed with this store's key")


class _Signer(S3SigV4Auth):
    """What a client made of its request, made again."""

    def headers_to_sign(self, request: AWSRequest) -> Any:  # noqa: ANN401
        """Those that the client signed, also such as botocore itself would not sign."""
        return request.headers


def _until_cut_off(receive: Receive) -> Receive:
    """What is received of a request, until who sends it is gone: ministack takes that for the end, and would keep what came."""

    async def received() -> Mapping[str, Any]:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CutOffError
        return message

    return received


async def _refuse(refused: RefusedError, send: Send) -> None:
    body = f"<Error><Code>{refused.code}</Code><Message>{refused}</Message></Error>".encode()
    headers = [(b"content-type", b"application/xml"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main(keys: str, port: str) -> None:
    """Serve on loopback until the process is stopped."""
    from ministack.app import app  # type: ignore[import-untyped]  # noqa: PLC0415  # it reads its environment as it is imported

    told = json.loads(Path(keys).read_text(encoding="utf-8"))
    key = Credentials(told["AWS_ACCESS_KEY_ID"], told["AWS_SECRET_ACCESS_KEY"])
    config = Config()
    config.bind = [f"{_HOST}:{port}"]
    # Seconds. Hypercorn holds a connection for as long after its client has gone; at 75, a busy hour had 480 of them.
    config.keep_alive_timeout = 5
    config.loglevel = "WARNING"
    asyncio.run(serve(Gate(app, key), config))  # type: ignore[arg-type]


if __name__ == "__main__":
    main(*sys.argv[1:])
