"""The trials: each does what a person or a schedule does, lets one fault happen to it, does it again, and holds what is there.

Commands are real processes, the store and the sites real servers. After every trial ``articles/`` has the bytes that one build in
peace makes of the same captures, no capture that the store had is gone, nothing temporary lies anywhere and nothing runs any more.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Final
from unittest.mock import patch

import psutil

from pipeline import build, corpus, search
from pipeline.bucket import Bucket
from pipeline.captures import announce, list_page_files, source_of
from pipeline.documents import Documents
from pipeline.scratch import scratch_folder
from pipeline.sources import load_sources
from tests.dialects import Answer, Ask, Dialect, Request, refusal, speaking
from tests.faults.clock import Clock
from warraq.servers import DEMO_SOURCES, no_proxy, python_environment

SOURCES: Final = ("siraj", "rawasi")
"""Sites of the demo of which one copies the other; the first is the one that is crawled and imported."""

_MONTH: Final = ("--since", "2024-01-01", "--until", "2024-02-01")
"""Few pages: what takes long is not to be tried more often."""

_MARK: Final = "FAULTS_TRIAL"
"""The environment variable by which the processes of a trial are known, whoever became their parent."""

_PATIENCE_SECONDS: Final = 300
_SHELL: Final = ("/bin/sh", "-c")
_OWN_MOUNTS: Final = ("unshare", "--mount", "--map-root-user")
_FULL: Final = {
    "no file may grow": [(*_SHELL, f'ulimit -f {blocks}; exec "$@"', "sh") for blocks in (0, 8)],
    "a disk without room": [
        (*_OWN_MOUNTS, *_SHELL, f'mount -t tmpfs -o size={size} tmpfs "$TMPDIR" && exec "$@"', "sh")
        for size in ("4k", "32k")
    ],
}
"""What runs a command so that its disk takes nothing more: files of so many blocks at most, or a disk of memory that is soon full,
which is mounted for the command alone.
"""

_OFF: Final = (timedelta(minutes=5), timedelta(days=1), timedelta(days=2_000))
"""How far off the worker's clock may be: stores refuse one that is off by a quarter of an hour."""

_BEGINS: Final = {
    "clean": "batches/",
    "dates": "cleaned/",
    "documents": "dated/",
    "deduplicate": "ranges.json",
    "deposit": "days.json",
    "report": "deposit.json",
}
"""The stages of a build, each with what the one before it has written when it begins."""

STAGES: Final = tuple(stage for stage in _BEGINS if stage != "report")


# What a store does --------------------------------------------------------------------------------------------------------


def _fails(status: int, code: str) -> Dialect:
    return lambda request, _ask: Answer(status) if request.method == "HEAD" else refusal(status, code)


def _breaks_off(request: Request, ask: Ask) -> Answer:
    """The connection ends in the middle of a body whose length was told."""
    answer = ask(request)
    answer.cut = len(answer.body) // 2
    return answer


def _truncates(request: Request, ask: Ask) -> Answer:
    """The body ends in the middle, and nothing tells how long it was to be."""
    answer = ask(request)
    answer.cut, answer.told = len(answer.body) // 2, False
    return answer


def _stalls(request: Request, ask: Ask) -> Answer:
    time.sleep(4)
    return ask(request)


def _forgets(request: Request, ask: Ask) -> Answer:
    """What is written is kept, and the answer says that it failed."""
    answer = ask(request)
    return refusal(500, "InternalError") if request.method == "PUT" and answer.status < 300 else answer


FAULTS: Final[Mapping[str, Dialect]] = {
    "500": _fails(500, "InternalError"),
    "503 SlowDown": _fails(503, "SlowDown"),
    "broken connection": _breaks_off,
    "stall of four seconds": _stalls,
    "truncated body": _truncates,
    "lost acknowledgement": _forgets,
    "403 from some moment on": _fails(403, "AccessDenied"),
}
"""What a store does to some requests, by its name."""

_MOST_STALLS: Final = 3


class _Faulty:
    """The dialect of a store with a fault, which meets a share of the requests; one that refuses goes on refusing."""

    def __init__(self, fault: str, chance: random.Random) -> None:
        self._fault = fault
        self._chance = chance
        self._share = chance.uniform(0.05, 0.3)
        self.met = 0
        """Requests that it has met."""

    def __call__(self, request: Request, ask: Ask) -> Answer:
        refuses, stalls = "from some moment on" in self._fault, "stall" in self._fault
        meets = (refuses and self.met) or self._chance.random() < self._share
        if not meets or (stalls and self.met >= _MOST_STALLS):
            return ask(request)
        self.met += 1
        return FAULTS[self._fault](request, ask)


@dataclass(slots=True)
class Command:
    """A command that runs: what started, and the moment when that was."""

    process: subprocess.Popen[str]
    mark: str
    at: float

    def family(self) -> list[psutil.Process]:
        """Every process that this command started, itself included, also such as have lost their parents."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get(_MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def kill(self, *, alone: bool) -> None:
        """Kill all of it at once, or the main process alone, and wait until nothing of it runs."""
        for one in [self.process] if alone else self.family():
            with suppress(psutil.Error):  # it has ended
                one.kill()
        self.process.communicate()
        deadline = time.monotonic() + 60
        while left := self.family():
            assert time.monotonic() < deadline, f"these outlived what started them: {left}"
            time.sleep(0.1)


def begin(folder: Path, environment: Mapping[str, str], *command: str, within: Sequence[str] = ()) -> Command:
    """Start a command of ours in a folder, in an environment; `within` is what runs it, such as a shell that bounds it."""
    mark = uuid.uuid4().hex
    process = subprocess.Popen(
        [*within, sys.executable, "-m", "warraq", *command],
        cwd=folder,
        env={**environment, _MARK: mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    return Command(process, mark, time.monotonic())


@cache
def _may_mount() -> bool:
    """Whether a command may be given a disk of its own here."""
    command = [*_OWN_MOUNTS, *_SHELL, "mount -t tmpfs tmpfs /tmp"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


# The trials ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial: its kind, what was hit and when, and what came of it; `fell` says what does not hold."""

    kind: str
    number: int
    hit: str = ""
    came: str = ""
    fell: str = ""
    seconds: float = 0.0


class Trials:
    """Every kind of trial, on one store and one server of sites, by which this process's settings lead to a bucket too."""

    def __init__(self, folder: Path, store: Mapping[str, str], sites: str, seed: int) -> None:
        """`store` has the settings of the store; what is written on disk lies below `folder`."""
        self._folder = folder
        self._seed = seed
        self._temporary = folder / "tmp"
        self._temporary.mkdir()
        self._environment = {
            **python_environment(),
            **store,
            "WARRAQ_SOURCES": str(DEMO_SOURCES),
            "WARRAQ_CONTACT": "faults@warraq.example",
            "http_proxy": sites,
            "no_proxy": no_proxy(),
            "TMPDIR": str(self._temporary),
            "COLUMNS": "200",
        }
        self._sources = load_sources(DEMO_SOURCES)
        self._usual: dict[str, float] = {}
        self._after_first: dict[str, float] = {}
        self._base = Bucket(f"faults-{uuid.uuid4().hex[:8]}")
        self._base.ensure()

    def prepare(self) -> None:
        """Crawl and build in peace: what comes of it, and how long all of it takes, is what the trials are held against."""
        for source in reversed(SOURCES):  # the first, which the trials crawl, is the one whose times are kept
            self._time(self._base, f"captures/source={source}/", *self._crawl(source))
        command = self.begin(self._base, "build")
        begun: dict[str, float] = {}
        while command.process.poll() is None:
            begun.setdefault(_stage(self._base), time.monotonic())
            time.sleep(0.05)
        self.end(command)
        moments = [*begun.values(), time.monotonic()]
        self._usual |= {stage: after - at for (stage, at), after in zip(begun.items(), moments[1:], strict=True)}
        self._whole = _contents(self._base)
        self._pages = _urls(self._base, SOURCES[0])
        files = [key for key in list_page_files(self._base) if source_of(key) == SOURCES[0]]
        self._archive = self._folder / "archive.warc.gz"
        self._archive.write_bytes(b"".join(map(self._base.get, files)))
        self._base.put("archive/pages.warc.gz", self._archive.read_bytes())
        with _another() as other:
            self._time(other, "captures/", *self._import())
        with _another() as other:
            self._copy(other)
            self._time(other, "takedowns/", "takedown", min(_urls(self._base, SOURCES[1])), "--reason", "a trial")

    def attempt(self, kind: str, number: int) -> Trial:
        """The trial of a kind that a number and the seed stand for."""
        chance, at = random.Random(f"{self._seed} {kind} {number}"), time.monotonic()
        bucket = Bucket(f"trial-{uuid.uuid4().hex[:12]}")
        bucket.ensure()
        try:
            hit, came = KINDS[kind][1](self, bucket, chance, number)
            fell = ""
        except Exception as error:
            hit, came, fell = "", "", f"{type(error).__name__}: {error}"[:2000]
        for prefix in {stored.key.partition("/")[0] for stored in bucket.list()}:
            bucket.delete_below(f"{prefix}/")
        return Trial(kind, number, hit, came, fell, time.monotonic() - at)

    def crawl(self, bucket: Bucket, chance: random.Random, _number: int) -> tuple[str, str]:
        """A crawl is killed at any moment."""
        hit = self._kill_some_time(bucket, chance, "captures/", *self._crawl())
        stored = _captures(bucket)
        self._run(bucket, *self._crawl())
        self._take_in(bucket, stored)
        return hit, "the same bytes after another run"

    def import_(self, bucket: Bucket, chance: random.Random, _number: int) -> tuple[str, str]:
        """An import is killed at any moment."""
        hit = self._kill_some_time(bucket, chance, "captures/", *self._import())
        stored = _captures(bucket)
        self._run(bucket, *self._import())
        self._take_in(bucket, stored)
        return hit, "the same bytes after another run"

    def build(self, bucket: Bucket, chance: random.Random, _number: int, *, stage: str) -> tuple[str, str]:
        """A build is killed at any moment of a stage."""
        self._copy(bucket, "captures/")
        command = self.begin(bucket, "build")
        while command.process.poll() is None and list(_BEGINS).index(stage) > _place(_stage(bucket)):
            time.sleep(0.05)
        _wait(command, chance.uniform(0, self._usual.get(stage, 0.2)))
        self._kill(command, chance)
        hit = _stage(bucket) or "after the end"
        stored = _captures(bucket)
        build.build(bucket, self._sources, "again")
        self._hold(bucket, stored, self._whole)
        return hit, "the same bytes after another run"

    def takedown(self, bucket: Bucket, chance: random.Random, _number: int) -> tuple[str, str]:
        """A takedown is killed at any moment, some with `--purge-captures`."""
        url = chance.choice(sorted(_urls(self._base, SOURCES[1])))
        purge = chance.random() < 0.5
        command = ("takedown", url, "--reason", "a trial", *(["--purge-captures"] if purge else []))
        self._copy(bucket)
        hit = self._kill_some_time(bucket, chance, "takedowns/", *command)
        stored = _captures(bucket)
        corpus.take_down(bucket, url, "a trial", now=datetime.now(UTC), purge_captures=purge)
        search.let_go(bucket)
        with _another() as peace:
            _copy(self._base, peace)
            corpus.take_down(peace, url, "a trial", now=datetime.now(UTC), purge_captures=purge)
            whole = _contents(peace)
        self._hold(bucket, stored, whole, purged=purge)
        again = corpus.take_down(bucket, url, "a trial", now=datetime.now(UTC), purge_captures=purge)
        assert (again.emptied, again.purged, again.days) == (0, 0, []), f"something was left to take down: {again}"
        return hit, "the same bytes after another run"

    def store_in_build(self, bucket: Bucket, chance: random.Random, number: int) -> tuple[str, str]:
        """The store fails during a build."""
        self._copy(bucket, "captures/")
        stored = _captures(bucket)
        fault, came = self._through(bucket, chance, number, "build")
        self._hold(bucket, stored, self._whole)
        return fault, came

    def store_in_crawl(self, bucket: Bucket, chance: random.Random, number: int) -> tuple[str, str]:
        """The store fails during a crawl."""
        fault, came = self._through(bucket, chance, number, *self._crawl())
        self._take_in(bucket, {})
        return fault, came

    def two_builds(self, bucket: Bucket, chance: random.Random, _number: int) -> tuple[str, str]:
        """Two builds run at once."""
        self._copy(bucket, "captures/")
        stored = _captures(bucket)
        first = self.begin(bucket, "build")
        _wait(first, chance.uniform(0, 2))
        second = self.begin(bucket, "build")
        told = [said for said in (self._told(first), self._told(second)) if said]
        build.build(bucket, self._sources, "again")
        self._hold(bucket, stored, self._whole)
        return (
            f"{2 - len(told)} of two ended well",
            f"{'a sentence, and ' if told else ''}the same bytes after another run",
        )

    def clock(self, bucket: Bucket, chance: random.Random, _number: int) -> tuple[str, str]:
        """The clock jumps by up to ten years, back or ahead, between two builds and between their stages."""
        files = chance.sample(keys := list(list_page_files(self._base)), len(keys))
        jumps = []
        for number, key in enumerate(files):
            for one in (key, key.replace(".warc.gz", ".cdxj")):
                bucket.put(one, self._base.get(one))
            announce(bucket, key)
            run = f"clock-{number}"
            for batch in build.find_captures(bucket, run, self._sources):
                build.normalize_dates(bucket, build.clean_batch(bucket, self._sources, batch))
            build.write_documents(bucket, run)
            build.deduplicate(bucket, run)
            build.deposit(bucket, run)
            build.tidy(bucket)
            build.index(bucket, run, self._sources)
            for stage in (build.note_health, build.report):
                if stage is build.report:
                    build.describe(bucket, run, self._sources)
                jumps.append(timedelta(days=chance.uniform(-3650, 3650)))
                stage(bucket, run, self._sources, datetime.now(UTC) + jumps[-1])
        self._hold(bucket, {}, self._whole)
        back = any(jump < timedelta() for jump in jumps)
        return "back, too" if back else "ahead alone", "the same bytes"

    def wrong_clock(self, bucket: Bucket, chance: random.Random, number: int) -> tuple[str, str]:
        """The clock of the worker stands wrong in a crawl or a build, or steps ahead in the middle of it; the store's is right."""
        clock = Clock(self._folder / "clock")
        off = chance.choice(_OFF) * (1 if (steps := chance.random() < 0.5) else chance.choice((1, -1)))
        what, command = [("crawl", self._crawl()), ("build", ("build",))][number % 2]
        if what == "build":
            self._copy(bucket, "captures/")
        clock.set(timedelta() if steps else off)
        begun = begin(self._folder, self._settings(bucket) | clock.environment, *command)
        if steps:
            _wait(begun, chance.uniform(0, self._usual["crawl"]))
            clock.set(off)
        said = self._told(begun)
        return f"{what}, off by {_told_of(off)}", self._hold_after(bucket, command, said)

    def disk(self, bucket: Bucket, chance: random.Random, number: int) -> tuple[str, str]:
        """The worker's disk is full, or takes no file above some size, during a crawl, an import or a build."""
        how = chance.choice(list(_FULL) if _may_mount() else list(_FULL)[:1])
        what, command = [
            ("crawl", self._crawl()),
            (
                "import",
                ("import", SOURCES[0], f"s3://{self._base.name}/archive/pages.warc.gz"),
            ),  # by way of a file on disk
            ("build", ("build",)),
        ][number % 3]
        if what == "build":
            self._copy(bucket, "captures/")
        said = self._told(self.begin(bucket, *command, within=chance.choice(_FULL[how])))
        return f"{what}, {how}", self._hold_after(bucket, command, said)

    # What they are made of --------------------------------------------------------------------------------------------

    def _crawl(self, source: str = SOURCES[0]) -> tuple[str, ...]:
        return ("crawl", source, *_MONTH)

    def _import(self) -> tuple[str, ...]:
        return ("import", SOURCES[0], str(self._archive))

    def begin(self, bucket: Bucket, *command: str, within: Sequence[str] = (), **environment: str) -> Command:
        """Start a command of ours on a bucket."""
        return begin(self._folder, self._settings(bucket) | environment, *command, within=within)

    def _settings(self, bucket: Bucket) -> dict[str, str]:
        return {**self._environment, "WARRAQ_BUCKET": bucket.name}

    def _told(self, command: Command) -> str:
        """What a command said that failed; nothing where it ended well. A failure is a sentence, never a traceback."""
        said, _ = command.process.communicate(timeout=_PATIENCE_SECONDS)
        assert not (left := command.family()), f"these outlived their command: {left}"
        if command.process.returncode == 0:
            return ""
        assert "error:" in said, f"no sentence tells what failed: {said[-1500:]}"
        assert "Traceback" not in said, f"a traceback: {said[-1500:]}"
        return said

    def end(self, command: Command) -> None:
        """Wait until a command ends well."""
        said, _ = command.process.communicate(timeout=_PATIENCE_SECONDS)
        assert command.process.returncode == 0, said[-1500:]

    def _run(self, bucket: Bucket, *command: str) -> None:
        self.end(self.begin(bucket, *command))

    def _kill_some_time(self, bucket: Bucket, chance: random.Random, writes: str, *command: str) -> str:
        """Kill a command between its start, or its first object below a prefix, and its usual end: when that was."""
        begun = self.begin(bucket, *command)
        if chance.random() < 0.5:
            _wait_for_object(begun, bucket, writes)
            _wait(begun, chance.uniform(0, self._after_first[command[0]]))
        else:
            _wait(begun, chance.uniform(0, self._usual[command[0]]))
        late = begun.process.poll() is not None
        self._kill(begun, chance)
        written = sum(1 for _ in bucket.list(writes))
        return "after the end" if late else f"{written} objects in {writes}" if written else "before it wrote"

    def _kill(self, command: Command, chance: random.Random) -> None:
        """Kill a command; what it leaves in a folder for temporary files goes with the next one that works there."""
        command.kill(alone=chance.random() < 0.5)
        with patch.object(tempfile, "tempdir", str(self._temporary)), scratch_folder():
            pass

    def _time(self, bucket: Bucket, writes: str, *command: str) -> None:
        """Run a command in peace, and note how long it takes, and how much of that from its first object below a prefix."""
        begun = self.begin(bucket, *command)
        _wait_for_object(begun, bucket, writes)
        first = time.monotonic()
        self.end(begun)
        name, ended = command[0], time.monotonic()
        self._usual[name], self._after_first[name] = ended - begun.at, ended - first

    def _through(self, bucket: Bucket, chance: random.Random, number: int, *command: str) -> tuple[str, str]:
        """Run a command by way of a store that fails, and again without where it says so: the fault, and what came of it."""
        fault = list(FAULTS)[number % len(FAULTS)]
        faulty = _Faulty(fault, chance)
        with speaking(self._environment["AWS_ENDPOINT_URL_S3"], faulty) as url:
            said = self._told(self.begin(bucket, *command, AWS_ENDPOINT_URL_S3=url))
        fault = fault if faulty.met else f"{fault}, which met no request"
        if not said:
            return fault, "the same bytes at once"
        self._run(bucket, *command)
        return fault, "a sentence, and the same bytes after another run"

    def _copy(self, bucket: Bucket, prefix: str = "") -> None:
        _copy(self._base, bucket, prefix)

    def _hold_after(self, bucket: Bucket, command: tuple[str, ...], said: str) -> str:
        """Hold a bucket after a command, which is run again where it said that it failed; what came out."""
        stored = _captures(bucket)
        if said:
            self._run(bucket, *command)
        if command[0] == "build":
            self._hold(bucket, stored, self._whole)
        else:
            self._take_in(bucket, stored)
        return "a sentence, and the same bytes after another run" if said else "the same bytes"

    def _take_in(self, bucket: Bucket, stored: Mapping[str, str]) -> None:
        """Build, and hold it all: the same pages as those of a crawl in peace, in the bytes of a build in peace."""
        build.build(bucket, self._sources, "after")
        with _another() as peace:
            _copy(bucket, peace, "captures/")
            build.build(peace, self._sources, "peace")
            whole = _contents(peace)
        self._hold(bucket, stored, whole)
        assert _urls(bucket, SOURCES[0]) == self._pages, "other pages than those of a crawl in peace"

    def _hold(
        self, bucket: Bucket, stored: Mapping[str, str], whole: Mapping[str, bytes], *, purged: bool = False
    ) -> None:
        """Hold that the corpus is whole, no capture is gone, and nothing temporary is left."""
        assert _contents(bucket) == whole, "articles/ has other bytes than a build in peace makes"
        assert corpus.verify(bucket) == []
        now = _captures(bucket)
        kept = stored.keys() <= now.keys() if purged else stored.items() <= now.items()
        assert kept, f"captures are gone, or others: {sorted(stored.items() - now.items())}"
        keys = [one.key for one in bucket.list()]
        temporary = [
            key
            for key in keys
            if key.endswith((".tmp", ".part", ".new"))
            or key.startswith("state/cleaning/")
            # What a dead build handed on is kept for a day.
            or (key.startswith("work/") and not build._HANDED_ON.fullmatch(key))
        ]
        assert not temporary, f"left in the bucket: {temporary}"
        begun = bucket.client.list_multipart_uploads(Bucket=bucket.name).get("Uploads", [])
        assert not begun, f"uploads in parts were begun and not ended: {begun}"
        files = list(self._temporary.iterdir())
        assert not files, f"left on disk: {files}"


Kind = Callable[[Trials, Bucket, random.Random, int], tuple[str, str]]

KINDS: Final[Mapping[str, tuple[str, Kind]]] = {
    "crawl": ("a crawl is killed", Trials.crawl),
    "import": ("an import is killed", Trials.import_),
    **{stage: (f"a build is killed in `{stage}`", partial(Trials.build, stage=stage)) for stage in STAGES},
    "takedown": ("a takedown is killed", Trials.takedown),
    "store_in_crawl": ("the store fails in a crawl", Trials.store_in_crawl),
    "store_in_build": ("the store fails in a build", Trials.store_in_build),
    "two_builds": ("two builds at once", Trials.two_builds),
    "clock": ("the clock jumps by years between stages", Trials.clock),
    "wrong_clock": ("the worker's clock is wrong", Trials.wrong_clock),
    "disk": ("the worker's disk is full", Trials.disk),
}
"""Each kind by its name, with what a table calls it."""


def _wait(command: Command, seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        command.process.wait(seconds)


def _wait_for_object(command: Command, bucket: Bucket, prefix: str) -> None:
    """Wait until there is an object below a prefix, or the command has ended."""
    while command.process.poll() is None and not any(bucket.list(prefix)):
        time.sleep(0.05)


def _told_of(off: timedelta) -> str:
    return "minutes" if abs(off) < timedelta(hours=1) else "a day" if abs(off) < timedelta(days=2) else "years"


def _stage(bucket: Bucket) -> str:
    """The stage that a build of this bucket is at, by what it has handed on; empty before the first and after the last."""
    there = {stored.key.split("/", 2)[2] for stored in bucket.list("work/")}
    begun = [stage for stage, what in _BEGINS.items() if any(name.startswith(what) for name in there)]
    return begun[-1] if begun else ""


def _place(stage: str) -> int:
    return list(_BEGINS).index(stage) if stage else -1


def _contents(bucket: Bucket) -> dict[str, bytes]:
    return {stored.key: bucket.get(stored.key) for stored in bucket.list("articles/")}


def _captures(bucket: Bucket) -> dict[str, str]:
    return {stored.key: stored.etag for stored in bucket.list("captures/")}


def _urls(bucket: Bucket, source: str) -> set[str]:
    rows = Documents(bucket).read(["source", "url", "rejected"]).to_pylist()
    return {row["url"] for row in rows if row["source"] == source and row["rejected"] is None}


def _copy(source: Bucket, target: Bucket, prefix: str = "") -> None:
    def copy(key: str) -> None:
        target.client.copy_object(
            Bucket=target.name, Key=key, CopySource={"Bucket": source.name, "Key": key}, MetadataDirective="COPY"
        )

    with ThreadPoolExecutor(4) as copiers:
        list(copiers.map(copy, [stored.key for stored in source.list(prefix)]))


@contextmanager
def _another() -> Iterator[Bucket]:
    """A bucket that is emptied again."""
    bucket = Bucket(f"peace-{uuid.uuid4().hex[:12]}")
    bucket.ensure()
    try:
        yield bucket
    finally:
        bucket.delete(*(stored.key for stored in bucket.list()))
