"""Our pages in Airflow's UI, as they answer to those who may see them; who may is asked of a real Airflow elsewhere."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread

import httpx
import pytest
import uvicorn

from pipeline.bucket import Bucket
from tests.pipeline.health.conftest import put_report


@pytest.fixture(scope="module")
def address(s3: str) -> Iterator[str]:
    """Where the pages are served to anybody, and not only to those whom Airflow knows."""
    with warnings.catch_warnings(action="ignore"):  # Airflow's own, of what it loads
        from dags.pages import app

    (asked,) = (depends.dependency for depends in app.router.dependencies)
    app.dependency_overrides[asked] = lambda: None
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none", lifespan="off"))
    serving = Thread(target=server.run)
    serving.start()
    while not server.started:
        time.sleep(0.01)
    yield "http://{}:{}".format(*server.servers[0].sockets[0].getsockname())
    server.should_exit = True
    serving.join()
    app.dependency_overrides.clear()


@pytest.fixture
def client(address: str, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[httpx.Client]:
    text = "id: alfajr\nname: صحيفة الفجر\nhome: http://alfajr.example/\ntimezone: Asia/Damascus\n"
    (tmp_path / "alfajr.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path))
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        yield client


def test_pages_run_and_load_nothing_and_lead_to_each_other(bucket: Bucket, client) -> None:
    run = put_report(
        bucket, "alfajr", datetime.now(UTC) - timedelta(hours=3), files=("captures/source=alfajr/x.warc.gz",)
    )
    shown = {address: client.get(address) for address in ("/sources/", "/sources/alfajr", f"/reports/{run}/")}
    for address, answer in shown.items():
        assert answer.status_code == 200, answer.text
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'self'" in policy
        assert ("script-src" in policy) == (address == "/sources/")
    assert f'href="../reports/{run}/"' in shown["/sources/alfajr"].text
    assert 'href="../../sources/alfajr"' in shown[f"/reports/{run}/"].text
    assert 'href="../../captures/source=alfajr/x.warc.gz"' in shown[f"/reports/{run}/"].text


def test_a_builds_report_is_shown_as_it_lies_in_the_bucket_and_hostile_markup_is_held_back(
    bucket: Bucket, client
) -> None:
    bucket.put("reports/corpus-1/report.html", "<script>alert(1)</script>تقرير".encode())
    answer = client.get("/reports/corpus-1/")
    assert "تقرير" in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]


def test_files_are_saved_and_never_shown(bucket: Bucket, client) -> None:
    bucket.put("captures/source=alfajr/x.html", b"<script>alert(1)</script>")
    answer = client.get("/captures/source=alfajr/x.html")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="x.html"'
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/sources/none",
        "/reports/none/",
        "/reports/a.b/",
        "/captures/none",
        "/state/health/head.json",
        "/takedowns/x",
        "/logs/x",
    ],
)
def test_what_is_not_there_or_not_theirs_is_not_found(bucket: Bucket, client, path: str) -> None:
    bucket.put("state/health/head.json", b"x")
    assert client.get(path).status_code in {404, 422}


def test_a_store_that_is_away_is_told_in_a_sentence(client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARRAQ_BUCKET", "no-such-bucket")
    answer = client.get("/sources/")
    assert answer.status_code == 503
    assert "no-such-bucket" in answer.text
    assert "Traceback" not in answer.text
