"""What Airflow does in each of its parts as it starts, and with every task before it is scheduled.

It looks for a module of this name in the folder of its plugins.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from airflow.configuration import conf

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance

__all__ = ["task_instance_mutation_hook"]

_PAST = "past"
"""The queue of crawls that the schedule did not start.

Once a task is handed to Celery, the weights of `dags.priority` hold no more. But a worker empties its queues in the order of the
alphabet (`docker/compose.yaml` asks for it), so nothing of this one is taken while anything waits in `dags.priority.CRAWLS` or in
Airflow's own, ``default``. Other executors take no notice.
"""


def task_instance_mutation_hook(task_instance: TaskInstance, dag_run: DagRun | None = None) -> None:
    """Put a crawl into its queue; the scheduler calls this whenever it makes a task's instance or takes it up again.

    Where Airflow does not hand on the run, its id tells what started it, but for a run that a backfill reprocesses, which keeps
    its id.
    """
    if task_instance.operator != "CrawlOperator":
        return
    scheduled = dag_run.run_type == "scheduled" if dag_run else (task_instance.run_id or "").startswith("scheduled__")
    if not scheduled:
        task_instance.queue = _PAST


def _runs_tasks(arguments: list[str]) -> bool:
    """Whether this part of Airflow is the one whose children run tasks."""
    return "worker" in arguments or ("scheduler" in arguments and conf.get("core", "executor") == "LocalExecutor")


if _runs_tasks(sys.argv):
    # Every task is a fork of this process, and would spend more than a second of a processor on these imports by itself.
    import pipeline.build  # noqa: F401
