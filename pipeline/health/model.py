"""What is known of one day of one source, and what is said of a source: plain data, without Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class SourceDay:
    """One day of one source, in the source's time zone; `pipeline.health.SCHEMA` says what each field means.

    The crawls are those that began on this day, the pages those that were captured on it; `published` alone counts what was
    published on it, whenever it was captured. What is not known is None: of the crawls where no report could be read, of the
    texts where there is none. Times are aware.
    """

    source: str
    day: date
    crawls: int = 0
    crawls_failed: int = 0
    crawls_interrupted: int = 0
    reports_unreadable: int = 0
    last_crawl_at: datetime | None = None
    last_outcome: str | None = None
    last_message: str | None = None
    discoveries: int | None = None
    discoveries_answered: int | None = None
    problems: tuple[str, ...] = ()
    found: int | None = None
    captured: int | None = None
    known: int | None = None
    unchanged: int | None = None
    remaining: int | None = None
    failed: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    requests: int | None = None
    bytes: int | None = None
    throttled: int | None = None
    pages: int = 0
    articles: int = 0
    copies: int = 0
    revisions: int = 0
    recaptures: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    backfilled: int = 0
    texts: int = 0
    body_q1: int | None = None
    body_median: int | None = None
    body_q3: int | None = None
    with_author: int = 0
    with_day: int = 0
    with_time: int = 0
    low_confidence: int = 0
    selector_fails: int = 0
    latency_median: int | None = None
    published: int = 0


class State(StrEnum):
    """How a source stands, the worst first."""

    SICK = "sick"
    """It cannot be read: its host is dead, robots.txt forbids it, it answers with errors, no discovery answers."""
    BLOCKED = "blocked"
    """Walls stand in front of its pages."""
    EMPTY = "empty"
    """Its pages come without a text."""
    DRIFTING = "drifting"
    """Its texts are not what they were: shorter, without authors or days, or rejected more often than ever."""
    SILENT = "silent"
    """Nothing new has been published for longer than its own rhythm explains."""
    LATE = "late"
    """No crawl ran when one was due."""
    UNFINISHED = "unfinished"
    """Days lack pages, and no scheduled crawl will come back to them."""
    UNKNOWN = "not known"
    """There is too little history to tell."""
    OK = "ok"
    """It is as it should be."""
    OFF = "off"
    """It is turned off in its file."""


WRONG = frozenset({State.SICK, State.BLOCKED, State.EMPTY, State.DRIFTING, State.SILENT, State.LATE, State.UNFINISHED})
"""The states that need a person."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a source stands.

    `reason` is one sentence with the figures in it, `since` the first day on which it was so (None where it is not known, or
    nothing is wrong), `todo` what to do next, a command first; `figures` are those behind it, by name.
    """

    source: str
    state: State
    reason: str
    since: date | None = None
    todo: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def wrong(self) -> bool:
        """Whether a person must look."""
        return self.state in WRONG

    def to_json(self) -> dict[str, Any]:
        """Plain data for ``json.dumps``."""
        return {
            "source": self.source,
            "state": self.state.value,
            "reason": self.reason,
            "since": self.since and self.since.isoformat(),
            "todo": self.todo,
            "figures": dict(self.figures),
        }
