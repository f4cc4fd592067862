"""The part of Airflow's REST API (version 2) that our commands use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote

import httpx

from warraq.servers import ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_SECONDS: Final = 120
"""A web server that has just started, on a machine that is busy, may take half a minute over its first answers."""


@dataclass(frozen=True, slots=True)
class DagRun:
    """A run of a DAG; times are UTC, None where it has not come to that yet."""

    dag_id: str
    run_id: str
    state: str
    logical_date: datetime | None
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def over(self) -> bool:
        """Whether nothing of it will run any more."""
        return self.state in {"success", "failed"}


@dataclass(frozen=True, slots=True)
class DueRun:
    """The run that a DAG's schedule will start next, at `run_after`."""

    logical_date: datetime
    data_interval: tuple[datetime, datetime]
    run_after: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """A task instance of a run; `tries` counts from 1, `index` is -1 where the task is not mapped."""

    dag_id: str
    run_id: str
    task_id: str
    index: int
    tries: int
    state: str
    ended_at: datetime | None


class AirflowApi:
    """A logged-in client of one Airflow; a ``with`` block closes it."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """Log in.

        Raises:
            ServerError: Airflow does not answer, or refuses the login.
        """
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False)
        token = self._call("POST", "/auth/token", {"username": user, "password": password})["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def import_errors(self) -> list[str]:
        """The last line of each error that keeps a DAG file from being read."""
        found = self._call("GET", "/api/v2/importErrors")["import_errors"]
        return [f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}" for error in found]

    def dags(self) -> dict[str, DueRun | None]:
        """The DAGs that Airflow knows, by id, with the run that the schedule will start next."""
        return {dag["dag_id"]: _due(dag) for dag in self._call("GET", "/api/v2/dags?limit=1000")["dags"]}

    def unpause(self, dag_id: str) -> None:
        """Let the DAG's runs start, those of its schedule too."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def trigger(self, dag_id: str, *, conf: Mapping[str, object], due: DueRun | None = None, note: str = "") -> str:
        """Start a run with these parameters, in place of the `due` one if given, and return its id."""
        body: dict[str, object] = {"logical_date": None, "conf": dict(conf), "note": note}
        if due:
            body |= {
                "logical_date": due.logical_date.isoformat(),
                "data_interval_start": due.data_interval[0].isoformat(),
                "data_interval_end": due.data_interval[1].isoformat(),
            }
        run_id: str = self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"]
        return run_id

    def runs(self, dag_id: str = "~") -> list[DagRun]:
        """The latest runs of a DAG, or of all, the newest first; at most a hundred."""
        found = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns?order_by=-id&limit=100")["dag_runs"]
        return [
            DagRun(
                run["dag_id"],
                run["dag_run_id"],
                run["state"],
                _instant(run["logical_date"]),
                _instant(run["start_date"]),
                _instant(run["end_date"]),
            )
            for run in found
        ]

    def tasks(self, run: DagRun) -> list[Task]:
        """The task instances of a run."""
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{quote(run.run_id)}/taskInstances?limit=1000"
        return [
            Task(
                run.dag_id,
                run.run_id,
                task["task_id"],
                task["map_index"],
                task["try_number"],
                task["state"] or "waiting",
                _instant(task["end_date"]),
            )
            for task in self._call("GET", path)["task_instances"]
        ]

    def log(self, task: Task) -> list[str]:
        """The lines that the task's last try logged, warnings and errors with what is known of them."""
        path = f"/api/v2/dags/{task.dag_id}/dagRuns/{quote(task.run_id)}/taskInstances/{task.task_id}/logs/{task.tries}"
        content = self._call("GET", f"{path}?full_content=true&map_index={task.index}")["content"]
        return [line if isinstance(line, str) else _log_line(line) for line in content]

    def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        try:
            response = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise ServerError(f"Airflow at {self._client.base_url} does not answer: {error!r}") from None
        if not response.is_success:
            raise ServerError(f"Airflow refused {method} {path} ({response.status_code}): {response.text[:500]}")
        answer: dict[str, Any] = response.json()
        return answer


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _due(dag: Mapping[str, Any]) -> DueRun | None:
    names = ("logical_date", "data_interval_start", "data_interval_end", "run_after")
    logical_date, start, end, run_after = (_instant(dag[f"next_dagrun_{name}"]) for name in names)
    return DueRun(logical_date, (start, end), run_after) if logical_date and start and end and run_after else None


def _log_line(line: Mapping[str, Any]) -> str:
    level, event = str(line.get("level") or "").upper(), str(line.get("event", ""))
    errors = [f"{error.get('exc_type')}: {error.get('exc_value')}" for error in line.get("error_detail") or ()]
    return " ".join(filter(None, [level, event, json.dumps(errors, ensure_ascii=False) if errors else ""]))
