"""``warraq up`` with a real Airflow: however it ends, nothing is left running, and the same folder starts again."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.conftest import ROOT
from warraq.airflow_api import AirflowApi

pytestmark = pytest.mark.slow

PATIENCE = 120
ask = partial(httpx.request, timeout=PATIENCE, trust_env=False)


@dataclass
class Up:
    """A running ``warraq up``."""

    process: subprocess.Popen[str]
    printed: list[str] = field(default_factory=list)

    def read_until(self, words: str) -> str:
        """Read on until a line has these words, and return all that was printed so far."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.printed.append(line)
            if words in line:
                return "".join(self.printed)
        raise AssertionError(f"{words!r} was never printed:\n" + "".join(self.printed))

    def family(self) -> list[psutil.Process]:
        """Every process that it started, and what those started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def crawls(self) -> list[psutil.Process]:
        """The running crawls of the site that takes longest."""
        return [process for process in self.family() if "source=siraj" in _command(process)]


@contextmanager
def up(home: Path) -> Iterator[Up]:
    process = subprocess.Popen(
        [sys.executable, "-m", "warraq", "up", "--home", str(home)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "160", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    with process.stdout:
        try:
            yield Up(process)
        finally:
            if process.poll() is None:  # a failed test
                process.kill()
                process.wait()


def eventually(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.2)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def login(printed: str) -> tuple[str, str, str]:
    found = re.search(r"(http://127\.0\.0\.1:\d+)/ +user (\w+), password (\S+)", printed)
    assert found
    return found[1], found[2], found[3]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


def test_a_task_that_is_killed_takes_its_crawl_along_and_so_does_kill_9(home: Path) -> None:
    with up(home) as running:
        url, user, password = login(running.read_until("password"))
        # The schedule owes a run of every site, so crawls start by themselves.
        eventually(running.crawls)
        crawl = running.crawls()
        with AirflowApi(url, user, password) as api:
            assert api.import_errors() == []
            (run,) = [run for run in api.runs("crawl_siraj") if not run.over]
        token = ask("POST", f"{url}/auth/token", json={"username": user, "password": password}).json()["access_token"]
        path = f"/api/v2/dags/crawl_siraj/dagRuns/{run.run_id}/taskInstances/crawl"
        answer = ask("PATCH", url + path, json={"new_state": "failed"}, headers={"Authorization": f"Bearer {token}"})
        assert answer.is_success, answer.text
        assert psutil.wait_procs(crawl, timeout=PATIENCE)[1] == []

        with AirflowApi(url, user, password) as api:
            api.trigger("crawl_siraj", conf={"since": "2024-01-01", "until": "2024-05-01"})
        eventually(running.crawls)
        family = running.family()
        assert len(family) > 10
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
        assert psutil.wait_procs(family, timeout=PATIENCE)[1] == []


def assert_the_health_page_is_for_those_who_are_logged_in(url: str, user: str, password: str) -> None:
    token = ask("POST", f"{url}/auth/token", json={"username": user, "password": password}).json()["access_token"]
    for address, said in (("/warraq/sources/", "siraj"), ("/warraq/sources/siraj", "Half a year, day by day")):
        assert ask("GET", url + address).status_code == 401
        assert ask("GET", url + address, headers={"Authorization": "Bearer made up"}).status_code in {401, 403}
        shown = ask("GET", url + address, headers={"Authorization": f"Bearer {token}"})
        assert shown.status_code == 200, shown.text
        assert said in shown.text
    assert ask("GET", f"{url}/warraq/sources/none", headers={"Authorization": f"Bearer {token}"}).status_code == 404
    for address in ("/warraq/reports/none/", "/warraq/captures/none"):
        assert ask("GET", url + address).status_code == 401
        assert ask("GET", url + address, headers={"Authorization": f"Bearer {token}"}).status_code == 404
    plugins = ask("GET", f"{url}/api/v2/plugins", headers={"Authorization": f"Bearer {token}"}).json()["plugins"]
    assert "/warraq/sources/" in {view["href"] for plugin in plugins for view in plugin["external_views"]}


def links_of(process: psutil.Process) -> list[Any]:
    try:
        return process.net_connections("inet")
    except psutil.NoSuchProcess:  # a task's, that has ended since it was listed
        return []


def test_all_of_it_listens_on_loopback_alone_and_ctrl_c_stops_it(home: Path) -> None:
    with up(home) as running:
        url, user, password = login(running.read_until("password"))
        with AirflowApi(url, user, password) as api:
            assert {"corpus", "crawl_siraj"} <= api.dags().keys()
        own = [sys.executable, "-m", "warraq", "airflow", "--home", str(home)]
        listed = subprocess.run([*own, "dags", "list", "--output", "json"], cwd=home, capture_output=True, check=False)
        assert listed.returncode == 0, listed.stderr
        assert "crawl_yawmiyat" in {dag["dag_id"] for dag in json.loads(listed.stdout)}
        assert subprocess.run([*own, "dags", "nonsense"], cwd=home, capture_output=True, check=False).returncode == 2
        assert_the_health_page_is_for_those_who_are_logged_in(url, user, password)
        family = running.family()
        links = [link for process in family for link in links_of(process)]
        assert {link.laddr.ip for link in links if link.status == psutil.CONN_LISTEN} == {"127.0.0.1"}
        running.process.send_signal(signal.SIGINT)
        running.read_until("All stopped.")
        assert running.process.wait(PATIENCE) == 0
        assert psutil.wait_procs(family, timeout=1)[1] == []


def test_a_second_one_on_the_same_folder_is_refused_and_sigterm_stops_the_first(home: Path) -> None:
    with up(home) as first:
        first.read_until("Starting Airflow")
        with up(home) as second:
            assert f"in use by another `warraq up` or `warraq demo` (process {first.process.pid})" in second.read_until(
                "use"
            )
            assert second.process.wait(PATIENCE) == 1
        family = first.family()
        first.process.send_signal(signal.SIGTERM)
        first.process.wait(PATIENCE)
        assert psutil.wait_procs(family, timeout=1)[1] == []
