"""The corpus DAG's last task, as Airflow calls it."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from pipeline.bucket import Bucket
from pipeline.sources import Source, read_sources
from tests.pipeline.conftest import archive, page, prose, take_in, tamper


class Told:
    """What a task tells of itself."""

    def __init__(self) -> None:
        self.pushed: dict[str, object] = {}

    def xcom_push(self, key: str, value: object) -> None:
        self.pushed[key] = value


def test_a_build_that_does_not_reconcile_is_red_and_not_tried_again(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path))
    from airflow.sdk.exceptions import AirflowFailException

    from dags import corpus
    from dags.bucket import run_name
    from pipeline import build

    text = {"id": "alfajr", "name": "صحيفة الفجر", "home": "http://alfajr.example/", "timezone": "Asia/Damascus"}
    archive(
        bucket, "alfajr", "x", {f"http://alfajr.example/{n}": page("خبر", prose(n), "2024-03-05") for n in range(2)}
    )
    dag_run = SimpleNamespace(run_id="hourly", run_after=datetime(2024, 3, 20, tzinfo=UTC))
    run = run_name("corpus", dag_run)
    take_in(bucket, {"alfajr": Source.model_validate(text)}, run)
    tamper(bucket, lambda row: None if row["url"].endswith("/1") else row)
    build.deduplicate(bucket, run)
    build.deposit(bucket, run)
    build.note_health(bucket, run, {"alfajr": Source.model_validate(text)}, dag_run.run_after)
    build.describe(bucket, run, {"alfajr": Source.model_validate(text)})
    build.index(bucket, run, {"alfajr": Source.model_validate(text)})
    with pytest.raises(AirflowFailException, match="2 pages captured, but documents/ has 1"):
        corpus.report.function(dag_run=dag_run, task=SimpleNamespace(outlets=[]), ti=(told := Told()))
    assert told.pushed == {"report": f"reports/{run}/report.json"}
    assert b"documents/ has 1" in bucket.get(f"reports/{run}/report.json")


def test_a_build_that_leaves_captures_out_is_red_once_nothing_else_waits(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path))
    from airflow.sdk.exceptions import AirflowFailException

    from dags import corpus
    from pipeline import build

    text = "id: alfajr\nname: x\nhome: http://alfajr.example/\ntimezone: Asia/Damascus\n"
    (tmp_path / "alfajr.yaml").write_text(text, encoding="utf-8")
    for source in ("alfajr", "nakhil"):
        archive(bucket, source, "x", {f"http://{source}.example/1": page("خبر", prose(1), "2024-03-05")})
    context = {"dag_run": SimpleNamespace(run_id="hourly", run_after=datetime(2024, 3, 20, tzinfo=UTC))}
    context |= {"task": SimpleNamespace(outlets=["the next run"]), "ti": Told()}
    corpus.write_documents.function(**context)
    corpus.deduplicate.function(**context)
    corpus.deposit.function(dag_run=context["dag_run"], task=SimpleNamespace(outlets=[]))  # of which there is nothing
    corpus.note_health.function(dag_run=context["dag_run"])
    corpus.describe.function(dag_run=context["dag_run"])
    corpus.index.function(dag_run=context["dag_run"])
    corpus.report.function(**context)  # alfajr's captures wait
    assert context["task"].outlets == ["the next run"]
    build.build(bucket, read_sources().readable, "rest")
    corpus.write_documents.function(**context)
    corpus.deposit.function(dag_run=context["dag_run"], task=SimpleNamespace(outlets=[]))
    corpus.note_health.function(dag_run=context["dag_run"])
    corpus.describe.function(dag_run=context["dag_run"])
    corpus.index.function(dag_run=context["dag_run"])
    with pytest.raises(AirflowFailException, match=r"left out.*nakhil \(1 files\)"):
        corpus.report.function(**context)


def test_readers_dags_run_only_where_the_corpus_is_new(bucket: Bucket) -> None:
    from dags import corpus
    from dags.bucket import articles_asset, run_name
    from pipeline import build

    source = {
        "alfajr": Source.model_validate(
            {"id": "alfajr", "name": "صحيفة الفجر", "home": "http://alfajr.example/", "timezone": "Asia/Damascus"}
        )
    }
    archive(bucket, "alfajr", "x", {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-05")})
    dag_run = SimpleNamespace(run_id="hourly", run_after=datetime(2024, 3, 20, tzinfo=UTC))
    run = run_name("corpus", dag_run)
    take_in(bucket, source, run)
    build.deduplicate(bucket, run)
    events = {articles_asset(): SimpleNamespace(extra={})}
    for outlets, written in ([articles_asset()], ["2024-03-05"]), ([], []):
        task = SimpleNamespace(outlets=[articles_asset()])
        done = corpus.deposit.function(dag_run=dag_run, task=task, outlet_events=events)
        assert (task.outlets, done["written"]) == (outlets, written)
    assert events[articles_asset()].extra == {"written": ["2024-03-05"], "deleted": []}


def test_an_idle_run_says_that_there_is_nothing_to_report(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path))
    from airflow.sdk.exceptions import AirflowSkipException

    from dags import corpus
    from dags.links import ReportLink

    context = {"dag_run": SimpleNamespace(run_id="hourly", run_after=datetime(2024, 3, 20, tzinfo=UTC))}
    context |= {"task": SimpleNamespace(outlets=["the next run"]), "ti": (told := Told())}
    corpus.write_documents.function(**context)
    corpus.deposit.function(dag_run=context["dag_run"], task=SimpleNamespace(outlets=[]))
    corpus.note_health.function(dag_run=context["dag_run"])
    corpus.describe.function(dag_run=context["dag_run"])
    corpus.index.function(dag_run=context["dag_run"])
    with pytest.raises(AirflowSkipException, match="nothing to report"):
        corpus.report.function(**context)
    assert told.pushed == {"report": None}
    assert list(bucket.list("reports/")) == []
    assert isinstance(corpus._dag.get_task("report").operator_extra_links[0], ReportLink)
