"""The demo, as a newcomer runs it: a real Airflow schedules it, and the corpus lies in a real bucket."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import psycopg2
import pytest

from pipeline.corpus import read_manifest
from pipeline.sources import load_sources
from tests.integration.conftest import DemoRun, bucket_in, objects_in, run_demo
from tests.integration.gold import assert_is_gold
from warraq.demo import last_report, reading_example
from warraq.servers import DEMO_SOURCES, ObjectStore, Postgres

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runs(demo_run: DemoRun) -> dict[str, list[tuple[str, str]]]:
    """Type and state of every run that Airflow's database knows, by DAG."""
    found: dict[str, list[tuple[str, str]]] = {}
    with Postgres(demo_run.home / "postgres" / "data") as postgres:
        connection = psycopg2.connect(postgres.url.replace("+psycopg2", ""))
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT dag_id, run_type, state FROM dag_run ORDER BY id")
            for dag_id, run_type, state in cursor.fetchall():
                found.setdefault(dag_id, []).append((run_type, state))
        connection.close()
    return found


def test_the_scheduler_ran_one_crawl_a_site_and_the_corpus_followed_by_itself(runs) -> None:
    for site in load_sources(DEMO_SOURCES):
        assert runs[f"crawl_{site}"].count(("manual", "success")) == 2, site
    assert {state for of_dag in runs.values() for _type, state in of_dag} == {"success"}
    followed = {run_type for run_type, _state in runs["corpus"]}
    assert "asset_triggered" in followed
    assert "manual" not in followed


def test_it_says_what_it_did(demo_run: DemoRun) -> None:
    report = last_report(demo_run.bucket)
    for site in load_sources(DEMO_SOURCES).values():
        assert site.name in demo_run.first
        assert re.search(rf"crawl of {site.id}: \d+ found, [1-9]\d* fetched", demo_run.first)
    assert f"holds {report['total']['articles']} articles" in demo_run.first
    for reason in report["total"]["rejected"]:
        assert reason in demo_run.first
    assert re.search(r"http://127\.0\.0\.1:\d+/ \(user admin, password \S+\)", demo_run.first)
    assert "make up" in demo_run.first
    assert "Nothing was added" not in demo_run.first


def test_it_shows_three_articles(demo_run: DemoRun) -> None:
    shown = demo_run.first.partition("3 of its articles")[2]
    sources = re.findall(r"^(.+) · 2024-0[1-4]-\d\d · http://\w+\.example/", shown, re.MULTILINE)
    assert len(set(sources)) == 3


def test_its_corpus_is_the_gold_row_for_row(demo_run: DemoRun) -> None:
    assert_is_gold(demo_run.bucket)


def test_its_corpus_accounts_for_every_page(demo_run: DemoRun) -> None:
    total = last_report(demo_run.bucket)["total"]
    manifest = read_manifest(demo_run.bucket)
    assert total["captured"] == total["articles"] + sum(total["copies"].values()) + sum(total["rejected"].values())
    assert (manifest.counts.captured, manifest.counts.articles) == (total["captured"], total["articles"])
    assert manifest.counts.articles == sum(partition.rows for partition in manifest.partitions)


def test_every_run_of_the_corpus_that_did_something_has_its_report_and_an_idle_one_has_none(demo_run: DemoRun) -> None:
    reports = {key for key in demo_run.second_objects if key.startswith("reports/corpus-")}
    assert {key.rpartition("/")[2] for key in reports} == {"report.json", "report.html"}
    for key in reports:
        if key.endswith(".json"):
            told = json.loads(demo_run.bucket.get(key))
            assert told["new"]["captured"] or told["deposit"]["written"] or told["deposit"]["deleted"]


def test_again_it_adds_nothing_and_says_so(demo_run: DemoRun) -> None:
    assert "Nothing was added" in demo_run.second
    for prefix in ("articles/", "documents/_delta_log/", "captures/"):
        before = {key: etag for key, etag in demo_run.first_objects.items() if key.startswith(prefix)}
        after = {key: etag for key, etag in demo_run.second_objects.items() if key.startswith(prefix)}
        if prefix == "captures/":  # what feeds and sitemaps said is kept each time; pages are not fetched again
            before, after = (
                {key: etag for key, etag in keys.items() if "-discovery-" not in key} for keys in (before, after)
            )
        assert before
        assert after == before


def test_tasks_leave_their_logs_in_the_bucket_and_nothing_under_work(demo_run: DemoRun) -> None:
    keys = demo_run.second_objects
    assert not [key for key in keys if key.startswith("work/")]
    logs = [key for key in keys if key.startswith("logs/")]
    for task in (
        "find_captures",
        "clean",
        "normalize_dates",
        "write_documents",
        "deduplicate",
        "deposit",
        "tidy",
        "note_health",
        "describe",
        "index",
        "report",
        "crawl",
    ):
        assert any(f"task_id={task}/" in key for key in logs), task
    crawl = next(key for key in logs if "dag_id=crawl_siraj" in key and "task_id=crawl" in key)
    lines = [json.loads(line) for line in demo_run.bucket.get(crawl).decode().splitlines()]
    assert any("Crawling siraj for 2024-01-01 up to 2024-05-01" in line["event"] for line in lines)


def test_the_example_that_it_prints_reads_the_corpus(demo_run: DemoRun) -> None:
    printed = re.search(r"^  import pyarrow.*?^  print\(.*?$", demo_run.first, re.DOTALL | re.MULTILINE)
    assert printed
    example = textwrap.dedent(printed[0])
    port = re.search(r"127\.0\.0\.1:(\d+)", example)
    assert port
    # The store has another port by now.
    here = example.replace(port[0], demo_run.settings["AWS_ENDPOINT_URL_S3"].removeprefix("http://"))
    assert here.strip() == reading_example(demo_run.settings).strip()
    environment = {"PATH": os.defpath, "no_proxy": "127.0.0.1"}
    done = subprocess.run([sys.executable, "-c", here], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("'source_name'") == 5


def test_it_leaves_no_process_behind(demo_run: DemoRun) -> None:
    """Airflow's processes rename themselves, but all that was started works below the demo's folder."""
    (store,) = demo_run.store.children
    working = [
        process.pid
        for process in psutil.process_iter(["cwd"])
        if (process.info["cwd"] or "").startswith(str(demo_run.home))
    ]
    assert working == [store.process.pid]


def test_with_a_new_database_the_corpus_is_the_same_byte_for_byte(demo_run: DemoRun, tmp_path: Path) -> None:
    shutil.copytree(demo_run.home / "s3", tmp_path / "s3")  # and not the folder of PostgreSQL
    said = run_demo(tmp_path)
    with ObjectStore(tmp_path / "s3") as store:
        objects = objects_in(bucket_in(store))
    for prefix in ("articles/", "documents/_delta_log/", "captures/"):
        before, after = (
            {key: etag for key, etag in keys.items() if key.startswith(prefix) and "-discovery-" not in key}
            for keys in (demo_run.second_objects, objects)
        )
        assert before
        assert after == before
    assert "Nothing was added" in said
