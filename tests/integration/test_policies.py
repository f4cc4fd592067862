"""The bucket's policies, held by a store that enforces them: each role can do its own work with its own keys, and no more."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import polars as pl
import pyarrow.dataset as ds
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from pyarrow.fs import S3FileSystem

from demo.server import DemoServer
from pipeline.bucket import Bucket
from pipeline.captures import list_page_files, read_captures
from pipeline.corpus import read_articles
from tests.conftest import ROOT
from tests.integration.seaweedfs import held_to_policies, keys_of

pytestmark = pytest.mark.slow

FOLDER = ROOT / "docker" / "policies"
ROLES = ("builder", "crawler", "operator", "reader")
BUCKET = "warraq"
SINCE, UNTIL = "2024-01-01", "2024-05-01"


def policy(role: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / f"{role}.json").read_text(encoding="utf-8"))
    return read


class Store:
    """The store, its bucket with versions kept, and `warraq` in it with the keys of a role."""

    def __init__(self, url: str, demo: DemoServer) -> None:
        self.url = url
        self._demo = demo
        root = self.client("root")
        root.create_bucket(Bucket=BUCKET)
        root.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def client(self, role: str) -> Any:
        keys = keys_of(role)
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            region_name=keys["AWS_REGION"],
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def settings(self, role: str) -> dict[str, str]:
        return keys_of(role) | {"AWS_ENDPOINT_URL_S3": self.url, "WARRAQ_BUCKET": BUCKET}

    def warraq(self, role: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "WARRAQ_"))}
        own = {
            "WARRAQ_SOURCES": str(ROOT / "demo" / "sources"),
            "WARRAQ_CONTACT": "tests@warraq.example",
            "http_proxy": f"http://127.0.0.1:{self._demo.port}",
            "no_proxy": "127.0.0.1",
        }
        return subprocess.run(
            [sys.executable, "-m", "warraq", *arguments],
            cwd=ROOT,
            env=environment | own | self.settings(role),
            capture_output=True,
            text=True,
            check=False,
        )

    def keys(self, prefix: str) -> list[str]:
        listed = self.client("root").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [item["Key"] for item in listed.get("Contents", ())]


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store in which a crawl, another one that knows its pages, and a build were made, each with the keys of its role."""
    folder = tmp_path_factory.mktemp("policies")
    with DemoServer() as demo, held_to_policies(folder, {role: policy(role) for role in ROLES}) as url:
        store = Store(url, demo)
        for role, *arguments in (
            ("crawler", "crawl", "alsaha", "--since", SINCE, "--until", UNTIL, "--dry-run"),
            ("crawler", "crawl", "alsaha", "--since", SINCE, "--until", UNTIL),
            ("builder", "build"),
            ("crawler", "crawl", "alsaha", "--since", SINCE, "--until", UNTIL, "--refetch"),
            ("builder", "build", "--rebuild"),
        ):
            done = store.warraq(role, *arguments)
            assert done.returncode == 0, (role, arguments, done.stdout, done.stderr)
        assert store.keys("captures/")
        assert store.keys("articles/")
        yield store


@pytest.fixture
def as_operator(worked: Store, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    for name, value in worked.settings("operator").items():
        monkeypatch.setenv(name, value)
    return Bucket()


def test_what_was_crawled_and_built_lacks_nothing(worked: Store) -> None:
    for arguments in (("corpus", "verify"), ("report",), ("coverage", "--since", SINCE, "--until", UNTIL), ("corpus",)):
        done = worked.warraq("builder", *arguments)
        assert "refuse" not in done.stderr, done.stderr
        assert done.stdout, done.stderr
    reported = [key for key in worked.keys("reports/") if key.endswith("report.json")]
    for key in reported:
        report = json.loads(worked.client("root").get_object(Bucket=BUCKET, Key=key)["Body"].read())
        assert report["faults"] == []
    assert len(reported) == 2
    assert [
        key for key in worked.keys("health/") if key.endswith("days.parquet")
    ]  # a build that cannot write it goes on


def test_a_crawler_imports(worked: Store, tmp_path: Path) -> None:
    (tmp_path / "old.warc.gz").write_bytes(
        worked.client("root")
        .get_object(
            Bucket=BUCKET,
            Key=next(key for key in worked.keys("captures/") if "discovery" not in key and key.endswith(".gz")),
        )["Body"]
        .read()
    )
    done = worked.warraq("crawler", "import", "alsaha", str(tmp_path / "old.warc.gz"))
    assert done.returncode == 0, done.stderr


def test_a_reader_reads_the_corpus(worked: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in worked.settings("reader").items():  # Polars heeds them before its options
        monkeypatch.setenv(name, value)
    keys = keys_of("reader")
    store = S3FileSystem(
        access_key=keys["AWS_ACCESS_KEY_ID"],
        secret_key=keys["AWS_SECRET_ACCESS_KEY"],
        endpoint_override=worked.url.removeprefix("http://"),
        scheme="http",
    )
    articles = ds.dataset(f"{BUCKET}/articles", filesystem=store, format="parquet", partitioning="hive")
    options = {f"{name.lower()}": value for name, value in keys.items()}
    options |= {"aws_endpoint_url": worked.url, "aws_allow_http": "true"}
    scanned = pl.scan_parquet(f"s3://{BUCKET}/articles/**/*.parquet", storage_options=options).collect()
    assert len(scanned) == articles.count_rows() > 0
    for key in ("articles/_manifest.json", "card/README.md", "sources/sources.parquet"):
        assert worked.client("reader").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    for prefix in ("card/", "sources/"):
        assert worked.client("reader").list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]


def test_a_reader_finds_articles_by_their_words(worked: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert worked.keys("search/")
    done = worked.warraq("reader", "corpus", "search", "في", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert "no index" not in done.stderr  # what a search says that may not read it


def test_an_operator_keeps_a_state_and_a_reader_fetches_it(worked: Store, tmp_path: Path) -> None:
    kept = worked.warraq("operator", "corpus", "snapshot", "one")
    assert kept.returncode == 0, kept.stderr
    fetched = worked.warraq("reader", "corpus", "fetch", "one", "--to", str(tmp_path / "one"))
    assert fetched.returncode == 0, fetched.stderr
    assert len(pl.read_parquet(tmp_path / "one" / "articles/**/*.parquet")) > 0
    assert worked.warraq("builder", "corpus", "snapshot", "two").returncode == 1


def test_an_operator_tries_the_store_and_takes_down_for_good(worked: Store, as_operator: Bucket) -> None:
    checked = worked.warraq("operator", "bucket", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    url = next(read_articles(as_operator))["url"]
    done = worked.warraq("operator", "takedown", url, "--reason", "طلب", "--purge-captures")
    assert done.returncode == 0, done.stderr
    assert not [
        capture.url
        for key in list_page_files(as_operator)
        for capture in read_captures(io.BytesIO(as_operator.get(key)), key)
        if capture.url == url
    ]
    versions = worked.client("operator").list_object_versions(Bucket=BUCKET, Prefix="captures/")["Versions"]
    older = [version for version in versions if not version["IsLatest"]]
    assert older  # what the page said is still there, until somebody deletes it
    for version in older:
        worked.client("operator").delete_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])
    left = worked.client("operator").list_object_versions(Bucket=BUCKET, Prefix="captures/")["Versions"]
    assert all(version["IsLatest"] for version in left)


@pytest.mark.parametrize(
    ("role", "action", "key"),
    [
        *(("crawler", "delete", f"{room}/x") for room in ("captures", "coverage", "reports", "takedowns", "articles")),
        *(("crawler", "write", f"{room}/x") for room in ("articles", "documents", "health", "state", "takedowns", "work")),
        *(("crawler", "write", f"{room}/x") for room in ("card", "sources")),
        *(("crawler", "read", f"{room}/x") for room in ("articles", "health", "snapshots", "work")),
        ("crawler", "forget", "captures/x"),
        *(("builder", action, f"{room}/x") for action in ("write", "delete") for room in ("captures", "takedowns", "coverage")),
        *(("builder", action, "snapshots/x") for action in ("write", "delete")),
        *(("builder", "delete", f"{room}/x") for room in ("reports", "logs")),
        *(("builder", "forget", f"{room}/x") for room in ("captures", "articles")),
        ("builder", "write", "elsewhere/x"),
        *(("reader", action, f"{room}/x") for action in ("write", "delete", "forget") for room in ("articles", "snapshots")),
        *(("reader", "write", f"{room}/x") for room in ("card", "sources")),
        *(("reader", "read", f"{room}/x") for room in ("captures", "documents", "reports", "takedowns", "logs", "articles2")),
        *(("reader", "list", prefix) for prefix in ("captures/", "documents/", "takedowns/", "")),
    ],
)  # fmt: skip
def test_what_is_not_its_own_is_refused(worked: Store, role: str, action: str, key: str) -> None:
    root, client = worked.client("root"), worked.client(role)
    if action != "list":
        version = root.put_object(Bucket=BUCKET, Key=key, Body=b"as it was")["VersionId"]
    try:
        attempts: dict[str, Callable[[], object]] = {
            "read": lambda: client.get_object(Bucket=BUCKET, Key=key),
            "write": lambda: client.put_object(Bucket=BUCKET, Key=key, Body=b"another's"),
            "delete": lambda: client.delete_object(Bucket=BUCKET, Key=key),
            "forget": lambda: client.delete_object(Bucket=BUCKET, Key=key, VersionId=version),
            "list": lambda: client.list_objects_v2(Bucket=BUCKET, Prefix=key),
        }
        with pytest.raises(ClientError) as refused:
            attempts[action]()
        assert refused.value.response["Error"]["Code"] == "AccessDenied"
    finally:
        if action != "list":
            root.delete_object(Bucket=BUCKET, Key=key, VersionId=version)


def test_a_capture_that_a_crawler_overwrites_is_still_there(worked: Store) -> None:
    """Policies cannot tell a new object from an overwritten one everywhere; the versions that a crawler cannot delete can."""
    crawler, root = worked.client("crawler"), worked.client("root")
    crawler.put_object(Bucket=BUCKET, Key="captures/y", Body=b"what the site sent")
    crawler.put_object(Bucket=BUCKET, Key="captures/y", Body=b"something else")
    versions = root.list_object_versions(Bucket=BUCKET, Prefix="captures/y")["Versions"]
    kept = {
        root.get_object(Bucket=BUCKET, Key="captures/y", VersionId=one["VersionId"])["Body"].read() for one in versions
    }
    for one in versions:
        root.delete_object(Bucket=BUCKET, Key="captures/y", VersionId=one["VersionId"])
    assert kept == {b"what the site sent", b"something else"}


def test_the_store_takes_the_lifecycle_rules(worked: Store) -> None:
    rules = json.loads((FOLDER / "lifecycle.json").read_text(encoding="utf-8"))
    operator = worked.client("operator")
    operator.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration=rules)
    kept = operator.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert sorted(rule["ID"] for rule in kept) == sorted(rule["ID"] for rule in rules["Rules"])
    for role in ("crawler", "builder", "reader"):
        with pytest.raises(ClientError, match="AccessDenied"):
            worked.client(role).put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration=rules)
