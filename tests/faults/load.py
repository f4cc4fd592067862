"""A load that goes on: round after round of crawl and build, over the site that publishes by the clock."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import psutil

from pipeline import corpus
from pipeline.bucket import Bucket
from tests.faults.trials import Command, Trials
from warraq.servers import DAILY_SOURCES

_SITE: Final = "yawmiyat"
_GROWTH: Final = 1.2
"""How much more than in the second round the last one may take; the first has all the weeks that the site shows."""


@dataclass(frozen=True, slots=True)
class Used:
    """The most that a command and its children had at a time: megabytes of memory, open files."""

    megabytes: float
    files: int


@dataclass(frozen=True, slots=True)
class Load:
    """What crawls and builds used, round by round."""

    crawls: tuple[Used, ...]
    builds: tuple[Used, ...]

    @property
    def rounds(self) -> int:
        return len(self.crawls)

    @property
    def where(self) -> str:
        """What was used in the second round and in the last."""
        return "; ".join(
            f"{name}: {of[1].megabytes:.0f} MB, {of[1].files} open files, at the end {of[-1].megabytes:.0f} MB, {of[-1].files}"
            for name, of in (("crawl", self.crawls), ("build", self.builds))
        )

    @property
    def flat(self) -> bool:
        return all(
            of[-1].megabytes <= _GROWTH * of[1].megabytes and of[-1].files <= _GROWTH * of[1].files
            for of in (self.crawls, self.builds)
        )

    @property
    def told(self) -> str:
        return "flat" if self.flat else "**did not hold**: it grows"


def carry(trials: Trials, rounds: int) -> Load:
    """Crawl and build so many rounds, two at least, in one bucket, whose corpus must be whole after the last."""
    bucket = Bucket("load")
    bucket.ensure()
    crawls, builds = [], []
    for number in range(max(rounds, 2)):
        for command, used in ((("crawl", _SITE), crawls), (("build",), builds)):
            used.append(_watch(trials, trials.begin(bucket, *command, WARRAQ_SOURCES=str(DAILY_SOURCES))))
        print(f"round {number + 1}: crawl {crawls[-1]}, build {builds[-1]}", flush=True)
    assert corpus.verify(bucket) == []
    return Load(tuple(crawls), tuple(builds))


def _watch(trials: Trials, command: Command) -> Used:
    memory, files = 0, 0
    while command.process.poll() is None:
        with suppress(psutil.Error):  # one of them ended just now
            main = psutil.Process(command.process.pid)
            family = [main, *main.children(recursive=True)]
            memory = max(memory, sum(one.memory_info().rss for one in family))
            files = max(files, sum(one.num_fds() for one in family))
        time.sleep(0.2)
    trials.end(command)
    return Used(memory / 1e6, files)
