"""Stores that speak S3 in ways of their own: a proxy on loopback before the real one, which changes what is asked and answered."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from pipeline.bucket import Bucket
from tests.loopback import listening


@dataclass
class Request:
    """What a client asks; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_list(self) -> bool:
        return self.method == "GET" and "list-type=2" in self.path

    @property
    def is_object(self) -> bool:
        """Whether it is about one object."""
        return self.path.partition("?")[0].strip("/").count("/") > 0

    def without(self, *names: str) -> Request:
        return replace(self, headers={name: value for name, value in self.headers.items() if name not in names})


@dataclass
class Answer:
    """What a store answers. Only the first `cut` bytes of the body are sent before the connection breaks; `told` is whether the
    answer says how long it is."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    told: bool = True


Ask = Callable[[Request], Answer]
Dialect = Callable[[Request, Ask], Answer]


@contextmanager
def speaking(store: str, dialect: Dialect) -> Iterator[str]:
    """The URL of a store that speaks a dialect, before the one at a URL."""
    address = urlsplit(store).netloc
    # The store's own, whatever those are by which its clients are known to the proxy.
    key = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def setup(self) -> None:
            super().setup()
            self.upstream = HTTPConnection(address, timeout=60)

        def finish(self) -> None:
            self.upstream.close()
            super().finish()

        def ask(self, request: Request) -> Answer:
            told = request.method, request.path, request.body, _signed(request, store, key)
            try:
                self.upstream.request(*told)
                response = self.upstream.getresponse()
            except ConnectionError:  # the store closed what was idle
                self.upstream.close()
                self.upstream.request(*told)
                response = self.upstream.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, response.read())

        def answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            answer = dialect(Request(self.command, self.path, headers, body), self.ask)
            self.send_response_only(answer.status)
            length = answer.headers.get("content-length") if self.command == "HEAD" else str(len(answer.body))
            for name, value in answer.headers.items():
                if name not in {"content-length", "transfer-encoding", "connection", "keep-alive"}:
                    self.send_header(name, value)
            if answer.told and length is not None:
                self.send_header("content-length", length)
            else:
                self.send_header("connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body[: answer.cut])
            if answer.cut is not None or not answer.told:
                self.close_connection = True

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - the library's names

    with listening(Handler) as port:
        yield f"http://127.0.0.1:{port}"


def _signed(request: Request, store: str, key: Credentials) -> dict[str, str]:
    """The headers of a request, signed anew: a dialect may have changed them."""
    if "authorization" not in request.headers:
        return request.headers
    headers = request.without("authorization").headers
    signer = S3SigV4Auth(key, "s3", os.environ["AWS_REGION"])
    made = AWSRequest(request.method, store + request.path, headers)
    made.context["timestamp"] = headers["x-amz-date"]
    names = signer.signed_headers(signer.headers_to_sign(made))
    signature = signer.signature(signer.string_to_sign(made, signer.canonical_request(made)), made)
    told = f"Credential={signer.scope(made)}, SignedHeaders={names}, Signature={signature}"
    return headers | {"authorization": f"AWS4-HMAC-SHA256 {told}"}


@contextmanager
def through(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, dialect: Dialect, name: str = "") -> Iterator[Bucket]:
    """The same bucket, or another one of its store, by way of a store that speaks a dialect; so is whatever the settings name."""
    with speaking(bucket.endpoint, dialect) as url, monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_S3", url)
        yield Bucket(name or bucket.name)


def refusal(status: int, code: str, **more: str) -> Answer:
    """An error as S3 words it."""
    told = "".join(f"<{name}>{value}</{name}>" for name, value in {"Code": code, "Message": "so it is", **more}.items())
    xml = f'<?xml version="1.0" encoding="UTF-8"?><Error>{told}</Error>'
    return Answer(status, {"content-type": "application/xml"}, xml.encode())


# What they ask for -------------------------------------------------------------------------------------------------------


def wants_content_md5(request: Request, ask: Ask) -> Answer:
    """Deletes several objects at once only where the request's Content-MD5 is told."""
    if request.method == "POST" and "delete" in request.path and "content-md5" not in request.headers:
        return refusal(400, "InvalidRequest")
    return ask(request)


def refuses_checksums(request: Request, ask: Ask) -> Answer:
    """Knows nothing of the checksums that AWS added."""
    if any(name.startswith(("x-amz-checksum", "x-amz-sdk-checksum", "x-amz-trailer")) for name in request.headers):
        return refusal(501, "NotImplemented")
    return ask(request)


def keeps_framing(request: Request, ask: Ask) -> Answer:
    """Takes the framing of ``aws-chunked`` for the object's own bytes."""
    if "aws-chunked" in request.headers.get("content-encoding", ""):
        request = request.without(
            "content-encoding", "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer"
        )
    return ask(request)


def ignores_guards(request: Request, ask: Ask) -> Answer:
    """Writes whatever the condition."""
    return ask(request.without("if-match", "if-none-match") if request.method == "PUT" else request)


def refuses_guards(request: Request, ask: Ask) -> Answer:
    """Says that it knows no conditional writes."""
    if request.method == "PUT" and {"if-match", "if-none-match"} & request.headers.keys():
        return refusal(501, "NotImplemented")
    return ask(request)


def ignores_ranges(request: Request, ask: Ask) -> Answer:
    """Sends whole objects only."""
    return ask(request.without("range"))


# What they answer --------------------------------------------------------------------------------------------------------


def with_etags(change: Callable[[str], str], back: Callable[[str], str] = str) -> Dialect:
    """Has ETags of another form, given with their quotes and turned `back` where they guard; an empty one is not sent."""

    def dialect(request: Request, ask: Ask) -> Answer:
        for name in ("if-match", "x-amz-copy-source-if-match"):
            if guard := request.headers.get(name):
                request = replace(request, headers=request.headers | {name: back(guard)})
        answer = ask(request)
        if etag := answer.headers.pop("etag", ""):
            answer.headers |= {"etag": changed} if (changed := change(etag)) else {}
        body = answer.body.decode("utf-8", "surrogateescape")
        if request.is_list:
            quote = "&#34;" if "&#34;" in body else "&quot;" if "&quot;" in body else '"'
            body = re.sub(
                r"<ETag>(.*?)</ETag>",
                lambda found: f"<ETag>{changed}</ETag>" if (changed := change(found[1].replace(quote, '"'))) else "",
                body,
            )
        return replace(answer, body=body.encode("utf-8", "surrogateescape"))

    return dialect


no_etags = with_etags(lambda _: "")
weak_etags = with_etags(lambda etag: f"W/{etag}")
bare_etags = with_etags(lambda etag: etag.strip('"'))
other_etags = with_etags(lambda etag: f'"{etag[2:-1]}{etag[1]}"', lambda etag: f'"{etag[-2]}{etag[1:-2]}"')
"""They look like MD5s, and are none."""


def lists_in_no_order(request: Request, ask: Ask) -> Answer:
    """Lists each page backwards, and the first of its objects twice."""
    answer = ask(request)
    if request.is_list:
        parts = re.split(rb"(<Contents>.*?</Contents>)", answer.body, flags=re.DOTALL)
        objects = parts[1::2]
        parts[1::2] = objects[::-1]
        parts[-1:-1] = objects[:1]
        answer.body = b"".join(parts)
    return answer


def lists_late() -> Dialect:
    """Does not list what was written last before the list, until it is asked again."""
    fresh: set[str] = set()

    def dialect(request: Request, ask: Ask) -> Answer:
        answer = ask(request)
        if request.method == "PUT":
            fresh.add(request.path.partition("?")[0].split("/", 2)[-1])
        if request.is_list:
            for key in fresh:
                found = rb"<Contents>(?:(?!</Contents>).)*?<Key>" + re.escape(key.encode()) + rb"</Key>.*?</Contents>"
                answer.body = re.sub(found, b"", answer.body, flags=re.DOTALL)
            fresh.clear()
        return answer

    return dialect


def misses_in(code: str) -> Dialect:
    """Says in other words that there is no such object; in none at all where `code` is empty."""

    def dialect(request: Request, ask: Ask) -> Answer:
        answer = ask(request)
        if answer.status == 404 and request.is_object:
            return refusal(404, code) if code else Answer(404, {"content-type": "text/html"}, b"<html>not here")
        return answer

    return dialect


def refuses_all(status: int, code: str, **more: str) -> Dialect:
    """Refuses whatever it is asked, with one code."""
    return lambda request, _ask: refusal(status, code, **more) if request.method != "HEAD" else Answer(status)


def breaks_off(times: int, after: int, *, told: bool = True) -> Dialect:
    """Breaks the connection within a body, so many times, after so many bytes each; not `told`, without having said its length."""
    left = [times]

    def dialect(request: Request, ask: Ask) -> Answer:
        answer = ask(request)
        if request.method == "GET" and request.is_object and answer.status < 300 and left[0]:
            left[0] -= 1
            answer.cut, answer.told = after, told
        return answer

    return dialect


def rewrites(change: Callable[[bytes], bytes]) -> Dialect:
    """Changes what is written on its way into the store."""

    def dialect(request: Request, ask: Ask) -> Answer:
        if request.method == "PUT" and request.is_object:
            request = replace(request, body=change(request.body))
            request.headers["content-length"] = str(len(request.body))
        return ask(request)

    return dialect


def all_of(*dialects: Dialect) -> Dialect:
    """A store that has all of these ways."""

    first, *rest = dialects
    return (lambda request, ask: first(request, lambda asked: all_of(*rest)(asked, ask))) if rest else first
