"""The process that starts, watches and stops the embedded servers: ``python -m warraq.supervisor`` with its settings as JSON.

It is a process apart from the command that a person runs so that, however that one ends (Ctrl-C, SIGTERM, ``kill -9``, a closed
terminal), someone is left who stops everything in order: the end of its standard input is the sign. It says on its standard
output, one JSON object a line, what it does (``step``), that all is up (``ready``) or what went wrong (``error``).

On Linux it adopts whatever a server leaves behind (PR_SET_CHILD_SUBREAPER), so nothing that they started outlives it.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
import signal
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

import psutil

from pipeline.bucket import Bucket
from pipeline.errors import WarraqError
from warraq.servers import (
    DAILY_SOURCES,
    DEMO_SOURCES,
    Airflow,
    AirflowSecrets,
    DemoSites,
    ObjectStore,
    Postgres,
    Server,
    ServerError,
    free_port,
    no_proxy,
)
from warraq.stack import Running, StackOptions, served_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_PortServer = TypeVar("_PortServer", ObjectStore, Airflow)

BUCKET: Final = "warraq"
UI_PORT: Final = 8080
S3_PORT: Final = 4566
"""Ports that are taken where they are free, so that addresses stay the same from one start to the next."""

_PR_SET_CHILD_SUBREAPER: Final = 36  # <linux/prctl.h>
_PATIENCE_SECONDS: Final = 60


def main() -> None:
    """Run the servers until standard input ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command in front
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_await_end_of_input, daemon=True).start()
    options = StackOptions(**json.loads(sys.argv[1]))
    home = Path(options.home)
    home.mkdir(parents=True, exist_ok=True)
    try:
        with _lock(home), ExitStack() as stack:
            stack.callback(_end_what_is_left)
            _watch(_start(options, home, stack))
    except WarraqError as error:
        _say({"error": str(error)})
        sys.exit(1)


def _start(options: StackOptions, home: Path, stack: ExitStack) -> Sequence[Server]:
    """Start everything, and return it; `stack` stops it."""
    logs, marker = home / "logs", home / "postgres" / "airflow-version"
    _say({"step": "PostgreSQL"})
    if not marker.exists():  # a first start that was cut short leaves nothing worth keeping
        shutil.rmtree(home / "postgres", ignore_errors=True)
    postgres = stack.enter_context(Postgres(home / "postgres" / "data", log=logs / "postgres.log"))
    _say({"step": "the object store"})
    store = _start_on_port(stack, S3_PORT, lambda port: ObjectStore(home / "s3", port=port, log=logs / "s3.log"))
    os.environ.update(store.settings | {"no_proxy": no_proxy()})
    Bucket(BUCKET).ensure()
    sites = None
    sources = options.sources or str(DEMO_SOURCES)
    if options.sources is None:
        _say({"step": "the demo sites"})
        sites = stack.enter_context(DemoSites(home, daily=options.daily, log=logs / "demo-sites.log"))
        if options.daily:
            sources = str(_put_together(served_sources(home)))
    keys = AirflowSecrets.in_file(home / "secrets.json")
    environment = _task_environment(options, sources, store, sites)

    def airflow_on(port: int) -> Airflow:
        return Airflow(
            home / "airflow", database=postgres.url, port=port, keys=keys, environment=environment, logs=logs
        )

    if not marker.exists() or marker.read_text() != version("apache-airflow"):
        _say({"step": "Airflow's tables"})
        airflow_on(UI_PORT).prepare()
        marker.write_text(version("apache-airflow"))
    _say({"step": "Airflow"})
    airflow = _start_on_port(stack, UI_PORT, airflow_on)
    running = Running(
        home=options.home,
        ui=airflow.url,
        user=Airflow.USER,
        password=keys.password,
        s3=store.url,
        demo_sites=sites.url if sites else None,
        sources=sources,
        settings=store.settings | {"WARRAQ_BUCKET": BUCKET},
    )
    _say({"ready": asdict(running)})
    return [server for server in (postgres, store, sites, airflow) if server]


def _start_on_port(stack: ExitStack, preferred: int, server_on: Callable[[int], _PortServer]) -> _PortServer:
    """Start a server on its preferred port, or on another where a program has that one, or takes it before the server does."""
    server = server_on(free_port(preferred))
    try:
        stack.enter_context(server)
    except ServerError:
        if free_port(server.port) == server.port:  # that was not the reason
            raise
        server = server_on(free_port())
        stack.enter_context(server)
    return server


def _put_together(folder: Path) -> Path:
    """The sources of all demo sites, anew, in one folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DEMO_SOURCES, folder)
    return Path(shutil.copytree(DAILY_SOURCES, folder, dirs_exist_ok=True))


def _task_environment(
    options: StackOptions, sources: str, store: ObjectStore, sites: DemoSites | None
) -> dict[str, str]:
    """What Airflow and its tasks are told of the bucket and the sites."""
    settings = store.settings
    connection = {
        "conn_type": "aws",
        "login": settings["AWS_ACCESS_KEY_ID"],
        "password": settings["AWS_SECRET_ACCESS_KEY"],
        "extra": {
            "region_name": settings["AWS_REGION"],
            "endpoint_url": store.url,
            "config_kwargs": {"s3": {"addressing_style": "path"}},
        },
    }
    environment = {
        "AIRFLOW_CONN_WARRAQ_S3": json.dumps(connection),
        "WARRAQ_AWS_CONN_ID": "warraq_s3",
        "WARRAQ_BUCKET": BUCKET,
        "WARRAQ_SOURCES": sources,
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": str(options.paused),
        "AIRFLOW__LOGGING__REMOTE_LOGGING": "True",
        "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": f"s3://{BUCKET}/logs",
        "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID": "warraq_s3",
    } | dict.fromkeys(("no_proxy", "NO_PROXY"), no_proxy())
    if sites:
        # The demo's hosts exist nowhere else: their server is the proxy for them, and forwards nothing.
        environment |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), sites.url)
    return environment


def _await_end_of_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _leave(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: nothing may interrupt the stopping
    sys.exit(0)


def _watch(servers: Sequence[Server]) -> NoReturn:
    """Look after the servers for ever.

    Raises:
        ServerError: a server stopped by itself.
    """
    while True:
        for child in (child for server in servers for child in server.children):
            if not child.running:
                raise ServerError(f"{child.name} stopped by itself; the end of {child.log}:\n{child.tail()}")
        time.sleep(1)


def _end_what_is_left() -> None:
    """Kill whatever the servers started and left behind, and wait for its end."""
    left = psutil.Process().children(recursive=True)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=10)


@contextmanager
def _lock(home: Path) -> Iterator[None]:
    """Hold the folder, so that one set of servers at a time runs on it.

    Raises:
        WarraqError: another command uses it. One that was killed and whose servers are still stopping is waited for.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with (home / "lock").open("a+", encoding="ascii") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                lock.seek(0)
                owner = lock.read().strip()
                if time.monotonic() > deadline or (owner and psutil.pid_exists(int(owner))):
                    raise WarraqError(
                        f"{home} is in use by another `warraq up` or `warraq demo` (process {owner or 'unknown'}): "
                        "stop that one, or choose another folder with --home"
                    ) from None
                time.sleep(0.2)
        lock.truncate(0)
        lock.write(str(os.getppid()))
        lock.flush()
        yield


def _say(message: dict[str, object]) -> None:
    """One line for the command in front, which may have gone."""
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
