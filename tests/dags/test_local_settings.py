"""Which part of Airflow imports at its start what the tasks need, so that each task, a fork of it, has that already."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

IMPORTED = """
import sys

sys.argv = sys.argv[1:]
import airflow.settings  # which a part of Airflow begins with

print("pipeline.build" in sys.modules)
"""


@pytest.mark.parametrize(
    ("executor", "arguments", "imported"),
    [
        ("LocalExecutor", ("scheduler", "--skip-serve-logs"), True),
        ("CeleryExecutor", ("celery", "worker"), True),
        ("CeleryExecutor", ("scheduler",), False),
        ("LocalExecutor", ("api-server",), False),
        ("LocalExecutor", ("dag-processor",), False),
        ("LocalExecutor", ("db", "migrate"), False),
    ],
)
def test_what_runs_tasks_has_imported_what_they_need(
    tmp_path: Path, executor: str, arguments: tuple[str, ...], imported: bool
) -> None:
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__EXECUTOR": executor,
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "dags" / "plugins"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, "airflow", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(imported)
