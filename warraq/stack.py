"""The embedded set-up as a whole: Airflow, PostgreSQL, the object store and the demo sites on one machine."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn, Self, cast

from rich.console import Console
from rich.markup import escape

from warraq.servers import DEMO_SOURCES, ServerError, airflow_environment, no_proxy, python_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class StackOptions:
    """What is to run: all state below `home`; the sites in `sources`, else the demo's own; DAGs paused at first or not.

    With `daily` the demo's site that publishes by the clock is among them.
    """

    home: str
    sources: str | None = None
    paused: bool = False
    daily: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """Where everything is: addresses, the login, and the settings by which a program reaches the bucket."""

    home: str
    ui: str
    user: str
    password: str
    s3: str
    demo_sites: str | None
    sources: str
    settings: dict[str, str]

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Let this process reach the bucket while the ``with`` block runs."""
        wanted = self.settings | dict.fromkeys(("no_proxy", "NO_PROXY"), no_proxy())
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


class Stack:
    """The embedded servers, started and stopped by a ``with`` block; `warraq.supervisor` runs them, and stops them if we die."""

    def __init__(
        self,
        home: Path,
        *,
        sources: Path | None = None,
        paused: bool = False,
        daily: bool = False,
        on_step: Callable[[str], None] = lambda _step: None,
    ) -> None:
        """State lies below `home`; `on_step` is told what is being started."""
        self.home = home.resolve()
        self._options = StackOptions(str(self.home), str(sources.resolve()) if sources else None, paused, daily)
        self._on_step = on_step
        self.running: Running
        """Where everything is, once it runs."""

    def __enter__(self) -> Self:
        """Start everything.

        Raises:
            ServerError: something did not start, or the folder is in use; all is stopped then.
        """
        logs = self.home / "logs"
        try:
            logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ServerError(
                f"{self.home} cannot be the servers' folder: {error.strerror}; name another one"
            ) from None
        with (logs / "supervisor.log").open("wb") as log:
            self._supervisor = subprocess.Popen(  # noqa: S603  # our own module
                [sys.executable, "-m", "warraq.supervisor", json.dumps(asdict(self._options))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=python_environment(),
                text=True,
                start_new_session=True,
            )
        self._input, self._output = cast("IO[str]", self._supervisor.stdin), cast("IO[str]", self._supervisor.stdout)
        try:
            while "ready" not in (message := self._next_message()):
                self._on_step(message["step"])
        except BaseException:
            self._stop()
            raise
        self.running = Running(**message["ready"])
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop()

    def wait(self) -> None:
        """Wait for ever.

        Raises:
            ServerError: a server stopped by itself; the others are stopped then too.
        """
        self._next_message()

    def _next_message(self) -> dict[str, Any]:
        line = self._output.readline()
        if not line:
            log = self.home / "logs" / "supervisor.log"
            raise ServerError(f"the servers' supervisor ended; see {log}:\n{log.read_text(errors='replace')[-2000:]}")
        message: dict[str, Any] = json.loads(line)
        if "error" in message:
            raise ServerError(message["error"])
        return message

    def _stop(self) -> None:
        """Let the supervisor stop everything, and wait for it; a Ctrl-C now would only leave less orderly what happens anyway."""
        with _ignoring_ctrl_c():
            self._input.close()
            self._supervisor.wait()
            self._output.close()


def up(home: Path, *, sources: Path | None = None, console: Console | None = None) -> int:
    """Run everything until Ctrl-C (or SIGTERM), and return the command's exit code.

    With `sources`, a folder of source files, those sites are crawled; without, the demo's own, which are served then.

    Raises:
        ServerError: something did not start or stopped by itself.
    """
    console = console or Console()
    if sources and sources.resolve() in {DEMO_SOURCES, served_sources(home)}:  # as the lines that we print set it
        sources = None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's background job would ignore it
    try:
        with Stack(
            home, sources=sources, daily=True, on_step=lambda step: console.print(f"Starting {step} …")
        ) as stack:
            console.print(_welcome(stack.running), soft_wrap=True)
            try:
                stack.wait()
            finally:
                console.print("Stopping …")
    except (KeyboardInterrupt, SystemExit):
        pass
    console.print("All stopped.")
    return 0


def airflow(home: Path, arguments: Sequence[str]) -> NoReturn:
    """Become Airflow's own command, with the environment of the Airflow that runs on `home`.

    Raises:
        ServerError: none runs there.
    """
    try:
        own = json.loads(airflow_environment(home.resolve() / "airflow").read_text(encoding="utf-8"))
    except FileNotFoundError:
        own = None
    if own is None or not _in_use(home):
        raise ServerError(
            f"no Airflow runs on {home}: start it with `warraq up` (or `make up`), and name its folder with --home"
        )
    environment = python_environment() | own
    # Airflow logs this warning to standard output, where it spoils the JSON of `--output json`.
    environment["PYTHONWARNINGS"] = "ignore:Could not import graphviz"
    os.execve(  # noqa: S606  # no shell: what was typed is handed on as it is
        sys.executable, [sys.executable, "-m", "airflow", *arguments], environment
    )


def _in_use(home: Path) -> bool:
    """Whether a supervisor holds the folder; what a killed one left behind does not count."""
    with (home / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def served_sources(home: Path) -> Path:
    """The folder in which the sources of all demo sites are put together, where one of them publishes by the clock."""
    return home.resolve() / "demo-sources"


def _welcome(running: Running) -> str:
    exported = dict(running.settings)
    if running.demo_sites:  # its hosts are reached through the server that plays them
        exported |= {
            "WARRAQ_SOURCES": running.sources,
            "http_proxy": running.demo_sites,
            "no_proxy": "127.0.0.1,localhost",
        }
    settings = "\n".join(f"  export {name}={value}" for name, value in exported.items())
    sites = f"Demo sites   {running.demo_sites}/\n" if running.demo_sites else ""
    if running.demo_sites:
        first = (
            "1. DAGs → crawl_yawmiyat: that site publishes some articles a day, and is crawled every hour.\n"
            "2. DAGs → crawl_on_demand → Trigger: the other demo sites, since 2024-01-01, until 2024-05-01.\n"
            "3. DAGs → corpus: it follows by itself; then, in another terminal: warraq corpus\n"
        )
    else:
        first = (
            "1. DAGs: each source is a DAG, crawl_<source>, on its schedule; switch on those that are to run.\n"
            "2. DAGs → crawl_on_demand → Trigger: the days that you want now, of any sources; a dry run first.\n"
            "3. DAGs → corpus: it follows by itself; then, in another terminal: warraq corpus\n"
        )
    return (
        f"\n[bold]All is up.[/bold] Ctrl-C stops everything; what it holds stays in {running.home}.\n\n"
        f"Airflow      {running.ui}/   user [bold]{running.user}[/bold], password [bold]{running.password}[/bold]\n"
        f"S3           {running.s3}/   bucket {running.settings['WARRAQ_BUCKET']}\n{sites}\n"
        f"What to do first, in Airflow:\n{escape(first)}\n"
        f"For `warraq` and for programs that read the corpus, in another terminal:\n{settings}\n"
    )


@contextmanager
def _ignoring_ctrl_c() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
