"""The embedded servers, for real: they start, stop, keep what they hold, and never outlive whoever started them."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg2
import pytest

from pipeline.bucket import Bucket
from tests.conftest import ROOT
from warraq import servers
from warraq.servers import AirflowSecrets, Child, DemoSites, ObjectStore, Postgres, ServerError, free_port

OWNER = """
import sys, time
from pathlib import Path
from warraq.servers import DemoSites, ObjectStore, Postgres

home = Path(sys.argv[1])
with Postgres(home / "postgres") as postgres, ObjectStore(home / "s3") as store, DemoSites(home) as sites:
    print(*(child.process.pid for server in (postgres, store, sites) for child in server.children), flush=True)
    time.sleep(600)
"""


def ask(postgres: Postgres, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(postgres.url.replace("+psycopg2", ""))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def gone(pids: list[int]) -> bool:
    processes = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    return not psutil.wait_procs(processes, timeout=20)[1]


def test_postgres_keeps_its_tables_in_a_folder_of_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "قاعدة بيانات 100%"
    with Postgres(folder) as postgres:
        ask(postgres, "CREATE TABLE kept (word text)")
        ask(postgres, "INSERT INTO kept VALUES ('ورّاق')")
        (running,) = postgres.children
        pid = running.process.pid
        assert not any(link.laddr for link in psutil.Process(pid).net_connections("inet"))  # a Unix socket alone
    assert gone([pid])
    with Postgres(folder) as postgres:
        assert ask(postgres, "SELECT word FROM kept") == [("ورّاق",)]


def test_postgres_in_a_folder_too_deep_for_a_socket(tmp_path: Path) -> None:
    with Postgres(tmp_path / ("a" * 60) / ("b" * 60)) as postgres:
        assert ask(postgres, "SELECT 1") == [(1,)]


def test_postgres_starts_over_a_number_that_another_process_now_has(tmp_path: Path) -> None:
    with Postgres(tmp_path / "postgres") as postgres:
        (running,) = postgres.children
        pid_file = tmp_path / "postgres" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        running.process.kill()
        running.process.wait()
    # What is left names a process that lives: this one.
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with Postgres(tmp_path / "postgres") as postgres:
        assert ask(postgres, "SELECT 1") == [(1,)]


def test_postgres_half_made_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    with Postgres(tmp_path / "postgres") as postgres:
        assert ask(postgres, "SELECT 1") == [(1,)]


def test_the_store_keeps_its_objects_and_listens_on_loopback_alone(tmp_path: Path, monkeypatch) -> None:
    for start in (1, 2):
        with ObjectStore(tmp_path / "s3") as store:
            for name, value in store.settings.items():
                monkeypatch.setenv(name, value)
            bucket = Bucket("kept")
            if start == 1:
                bucket.ensure()
                bucket.put("أخبار/خبر.txt", "نص".encode())
            assert bucket.get("أخبار/خبر.txt") == "نص".encode()
            (running,) = store.children
            links = psutil.Process(running.process.pid).net_connections("inet")
            assert {link.laddr.ip for link in links if link.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_nothing_outlives_an_owner_that_is_killed(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    assert owner.stdout
    with owner.stdout:
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        assert len(pids) == 3
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    assert gone(pids)
    with Postgres(tmp_path / "postgres") as postgres, ObjectStore(tmp_path / "s3"), DemoSites(tmp_path):
        assert ask(postgres, "SELECT 1") == [(1,)]


def test_a_server_that_breaks_down_says_so_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "broken.log"
    command = [sys.executable, "-c", "print('no disk left'); raise SystemExit(3)"]
    child = Child("The broken one", command, log=log, environment={})
    with pytest.raises(ServerError) as caught:
        child.wait_until(lambda: False, seconds=30)
    assert str(caught.value) == f"The broken one ended (3); the end of {log}:\n  no disk left"


def test_a_server_that_is_never_ready_is_stopped(tmp_path: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    child = Child("The deaf one", [sys.executable, "-c", deaf], log=tmp_path / "deaf.log", environment={})
    child.wait_until(lambda: "deaf" in child.tail(), seconds=30)
    child.stop(seconds=0.2)
    assert child.process.returncode == -signal.SIGKILL
    assert Child("Another", [sys.executable, "-c", ""], log=tmp_path / "deaf.log", environment={}).process.wait() == 0
    assert "deaf" in (tmp_path / "deaf.old.log").read_text()


def test_a_port_is_the_preferred_one_where_it_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) not in {port, 0}
    assert free_port(port) == port


def test_secrets_stay_the_same_and_are_private(tmp_path: Path) -> None:
    made = AirflowSecrets.in_file(tmp_path / "secrets.json")
    assert AirflowSecrets.in_file(tmp_path / "secrets.json") == made
    assert AirflowSecrets.in_file(tmp_path / "others.json") != made
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert len({made.password, made.fernet_key, made.jwt_key, made.api_key}) == 4


def test_children_get_no_other_pipelines_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AIRFLOW_HOME", "AWS_PROFILE", "WARRAQ_BUCKET", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.setenv(name, "other")
    kept = {
        "AIRFLOW_CONN_SMTP_DEFAULT": "smtp://mail.example",
        "WARRAQ_CHROMIUM": "/usr/bin/chromium",
        "WARRAQ_CONTACT": "mailto:desk@news.example",
        "WARRAQ_NOTIFY_MAIL": "desk@news.example",
    }
    for name, value in kept.items():
        monkeypatch.setenv(name, value)
    environment = servers.python_environment()
    others = {name: value for name, value in environment.items() if name.startswith(("AIRFLOW_", "AWS_", "WARRAQ_"))}
    assert others == kept
    assert "PYTHONDONTWRITEBYTECODE" not in environment


def test_a_server_is_not_taken_for_another_ones(tmp_path):
    """Of two that want one port, the one that was slower says that it ended instead of speaking through the other."""
    with ObjectStore(tmp_path / "first") as first, pytest.raises(ServerError, match="The object store"):
        ObjectStore(tmp_path / "second", port=first.port).start()
