"""The embedded store answers who has its key, and nobody else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import boto3
import psutil
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from warraq.servers import ObjectStore

KEY = "captures/source=الفجر/a b+c=d%2F'(1).gz"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    with ObjectStore(tmp_path_factory.mktemp("store") / "s3") as store:
        client = client_of(store)
        client.create_bucket(Bucket="corpus")
        client.put_object(Bucket="corpus", Key=KEY, Body=b"a capture")
        yield store


def client_of(store: ObjectStore, **other: str):
    told = store.settings
    keys = {"aws_access_key_id": told["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": told["AWS_SECRET_ACCESS_KEY"]}
    return boto3.client("s3", endpoint_url=store.url, region_name=told["AWS_REGION"], **(keys | other))


def ask(store: ObjectStore, method: str, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    with closing(HTTPConnection("127.0.0.1", store.port, timeout=30)) as connection:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def signed(store: ObjectStore, method: str, path: str, headers: dict[str, str] | None = None) -> dict[str, str]:
    """The headers of a request as a program with the key signs it."""
    request = AWSRequest(method, store.url + path, headers=headers or {})
    told = store.settings
    key = Credentials(told["AWS_ACCESS_KEY_ID"], told["AWS_SECRET_ACCESS_KEY"])
    S3SigV4Auth(key, "s3", told["AWS_REGION"]).add_auth(request)
    return {"Host": f"127.0.0.1:{store.port}", **dict(request.headers.items())}


def test_who_has_the_key_is_answered(store: ObjectStore) -> None:
    client = client_of(store)
    assert client.get_object(Bucket="corpus", Key=KEY)["Body"].read() == b"a capture"
    assert client.list_objects_v2(Bucket="corpus", Prefix="captures/source=الفجر/a b")["KeyCount"] == 1
    assert ask(store, "GET", "/corpus?list-type=2", signed(store, "GET", "/corpus?list-type=2"))[0] == 200


def test_of_clients_that_are_gone_no_connection_is_held(store: ObjectStore) -> None:
    for _ in range(20):
        assert ask(store, "GET", "/corpus?list-type=2", signed(store, "GET", "/corpus?list-type=2"))[0] == 200
    server = psutil.Process(store.children[0].process.pid)

    def left() -> int:
        return sum(one.status == psutil.CONN_CLOSE_WAIT for one in server.net_connections())

    ends = time.monotonic() + 30
    while left() and time.monotonic() < ends:
        time.sleep(0.2)
    assert left() == 0


@pytest.mark.parametrize("was_there", [False, True])
def test_of_an_upload_that_is_cut_off_nothing_is_kept(store: ObjectStore, was_there: bool) -> None:
    name = f"was-there-{was_there}".lower()
    path = f"/{name}/key"
    client = client_of(store)
    client.create_bucket(Bucket=name)
    if was_there:
        client.put_object(Bucket=name, Key="key", Body=b"the one before")
    with closing(HTTPConnection("127.0.0.1", store.port, timeout=30)) as connection:
        connection.putrequest("PUT", path, skip_host=True)
        for name, value in signed(store, "PUT", path).items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", "100000")
        connection.endheaders()
        connection.send(b"a" * 70_000)
    time.sleep(0.5)  # what would be kept is kept by then
    status, body = ask(store, "GET", path, signed(store, "GET", path))
    assert (status, body) == (200, b"the one before") if was_there else status == 404


@pytest.mark.parametrize("other", [{"aws_secret_access_key": "guessed"}, {"aws_access_key_id": "guessed"}])
def test_another_key_opens_nothing(store: ObjectStore, other: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client_of(store, **other).get_object(Bucket="corpus", Key=KEY)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/corpus", "/corpus/x", "/corpus?delete", "/_ministack/reset", "/health"])
def test_what_is_not_signed_is_refused(store: ObjectStore, method: str, path: str) -> None:
    assert ask(store, method, path, {})[0] == 403
    assert client_of(store).list_objects_v2(Bucket="corpus")["KeyCount"] == 1


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/corpus", {"Origin": "http://news.example"}),
        ("GET", "/corpus", {"Origin": "null"}),
        ("GET", "/corpus", {"Host": "rebound.example:9000"}),
        ("GET", "/corpus", {"Host": "127.0.0.1.news.example"}),
        ("POST", "/_ministack/reset", {}),
        ("GET", "/_ministack/health", {}),
        ("GET", "//_ministack/health", {}),
    ],
)
def test_neither_pages_nor_other_names_nor_its_administration_pass_even_signed(
    store: ObjectStore, method: str, path: str, headers: dict[str, str]
) -> None:
    assert ask(store, method, path, signed(store, method, path, headers) | headers)[0] in {403, 404}
    assert client_of(store).list_objects_v2(Bucket="corpus")["KeyCount"] == 1


def test_a_signature_is_for_its_request_and_its_hour_alone(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = signed(store, "GET", "/corpus?list-type=2")
    assert ask(store, "GET", "/corpus?list-type=2", headers)[0] == 200
    assert ask(store, "DELETE", "/corpus?list-type=2", headers)[0] == 403
    assert ask(store, "GET", "/corpus?list-type=2&prefix=x", headers)[0] == 403
    assert ask(store, "GET", "/other?list-type=2", headers)[0] == 403
    assert ask(store, "GET", "/corpus?list-type=2", headers | {"X-Amz-Content-SHA256": "0" * 64})[0] == 403
    for ago in (timedelta(minutes=16), timedelta(minutes=-16)):
        monkeypatch.setattr("botocore.auth.get_current_datetime", lambda ago=ago: datetime.now(UTC) - ago)
        status, told = ask(store, "GET", "/corpus", signed(store, "GET", "/corpus"))
        assert (status, b"RequestTimeTooSkewed" in told) == (403, True)


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=80), st.text("=/,; SC", max_size=40))
def test_no_authorization_of_any_shape_passes_or_breaks_it(store: ObjectStore, told: str, parts: str) -> None:
    for authorization in (told, f"AWS4-HMAC-SHA256 {told}", f"AWS4-HMAC-SHA256 Credential=a/b/c/d/e{parts}{told}"):
        headers = {"Authorization": authorization, "x-amz-date": f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"}
        assert ask(store, "GET", "/corpus", headers)[0] in {400, 403}


def test_it_listens_on_loopback_alone_and_its_key_is_its_owners_and_random(store: ObjectStore, tmp_path: Path) -> None:
    keys = store.folder.with_name(f"{store.folder.name}-keys.json")
    assert keys.stat().st_mode & 0o777 == 0o600
    assert store.folder.stat().st_mode & 0o777 == 0o700
    [child] = store.children
    told = Path(f"/proc/{child.process.pid}/cmdline")
    if told.exists():
        assert json.loads(keys.read_text())["AWS_SECRET_ACCESS_KEY"] not in told.read_text()
    with ObjectStore(tmp_path / "s3") as other:
        assert other.settings["AWS_SECRET_ACCESS_KEY"] != store.settings["AWS_SECRET_ACCESS_KEY"]
    assert {one.laddr.ip for one in psutil.Process(child.process.pid).net_connections() if one.status == "LISTEN"} == {
        "127.0.0.1"
    }
