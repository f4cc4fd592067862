"""The bucket by an Airflow connection."""

from __future__ import annotations

import json
import os

import pytest

from pipeline.bucket import Bucket, BucketError


def connection(login: str | None = None, password: str | None = None, **extra):
    from airflow.sdk import Connection

    return Connection(conn_id="store", conn_type="aws", login=login, password=password, extra=json.dumps(extra))


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        (connection, {}),
        (
            lambda: connection("key", "secret", region_name="me-south-1", endpoint_url="https://store.example"),
            {
                "AWS_ACCESS_KEY_ID": "key",
                "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_REGION": "me-south-1",
                "AWS_ENDPOINT_URL_S3": "https://store.example",
            },
        ),
        (
            lambda: connection(
                endpoint_url="https://all.example", service_config={"s3": {"endpoint_url": "https://s3.example"}}
            ),
            {"AWS_ENDPOINT_URL_S3": "https://s3.example"},
        ),
        (
            lambda: connection(profile_name="news", aws_session_token="t"),
            {"AWS_PROFILE": "news", "AWS_SESSION_TOKEN": "t"},
        ),
    ],
)
def test_a_connection_says_what_the_environment_would(given, settings) -> None:
    from dags.bucket import aws_environment

    assert aws_environment(given()) == settings


def test_tasks_reach_the_bucket_by_the_connection(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from dags.bucket import open_bucket

    keys = {"login": os.environ["AWS_ACCESS_KEY_ID"], "password": os.environ["AWS_SECRET_ACCESS_KEY"]}
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "wrong")  # to be put back afterwards
    monkeypatch.setenv("WARRAQ_BUCKET", "by-connection")
    monkeypatch.setenv("WARRAQ_AWS_CONN_ID", "store")
    given = {
        "conn_type": "aws",
        **keys,
        "extra": {"endpoint_url": s3, "region_name": "us-east-1"},
    }
    monkeypatch.setenv("AIRFLOW_CONN_STORE", json.dumps(given))
    with pytest.raises(BucketError, match="there is no bucket 'by-connection'"):  # mistyped, most likely
        open_bucket()
    Bucket().ensure()
    bucket = open_bucket()
    assert bucket.endpoint == s3
    bucket.put("a/b", b"c")
    assert Bucket("by-connection").get("a/b") == b"c"
