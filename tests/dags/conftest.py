"""Airflow's DAG bag of our folder, made in a process of its own: importing Airflow settles its configuration for good."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

READ_DAGS = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization

before = set(sys.modules)
bag = DagBag(sys.argv[1])
ours = set(sys.modules) - before
dags = {}
for dag in bag.dags.values():
    DagSerialization.to_dict(dag)  # as the DAG processor stores it
    dags[dag.dag_id] = {
        "name": dag.dag_display_name,
        "doc": dag.doc_md,
        "description": dag.description,
        "owner": dag.owner,
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "paused": dag.is_paused_upon_creation,
        "max_active_runs": dag.max_active_runs,
        "schedule": repr(dag.timetable),
        "params": {name: dag.params.get_param(name).schema for name in dag.params},
        "file": dag.relative_fileloc,
        "deadlines": [[alert.callback.path, alert.interval.total_seconds()] for alert in dag.deadline or ()],
        "tasks": {
            task.task_id: {
                "doc": task.doc or task.doc_md,
                "kind": type(task).__name__,
                "retries": task.retries,
                "exponential": bool(task.retry_exponential_backoff),
                "policy": task.retry_policy.serialize() if task.retry_policy else None,
                "queue": task.queue,
                "at_once": task.max_active_tis_per_dag,
                "at_once_in_a_run": task.max_active_tis_per_dagrun,
                "weight_rule": str(task.weight_rule),
                "rule": task.trigger_rule.value,
                "after": sorted(task.upstream_task_ids),
                "mapped": task.is_mapped,
                "outlets": [[asset.name, asset.uri] for asset in task.outlets],
            }
            for task in dag.tasks
        },
    }
print(json.dumps({"errors": bag.import_errors, "dags": dags, "modules": sorted({name.partition(".")[0] for name in ours})}))
"""


@pytest.fixture(scope="session", autouse=True)
def _airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests that import Airflow leave nothing in the home folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow-home")))
        yield


@pytest.fixture(scope="session")
def read_dags(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    """Reads the DAG folder as Airflow does, with the source files of a folder; returns what came of it."""

    def read(sources: Path, **environment: str) -> dict[str, Any]:
        home = tmp_path_factory.mktemp("airflow")
        done = subprocess.run(
            [sys.executable, "-c", READ_DAGS, str(ROOT / "dags")],
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "WARRAQ_"))},
                "AIRFLOW_HOME": str(home),
                "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
                "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "dags" / "plugins"),
                "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
                "PYTHONPATH": str(ROOT),
                "WARRAQ_SOURCES": str(sources),
                **environment,
            },
            cwd=home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        read: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return read

    return read
