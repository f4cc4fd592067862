"""How the capture files are named: ``captures/source=<id>/fetched=<day>/<run>-<number>.warc.gz``, each with its index beside it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

PREFIX = "captures/"

_DISCOVERY = "-discovery"
_FILE = re.compile(
    rf"{PREFIX}source=[^/]+/fetched=(?P<day>(?:199|20\d)\d-\d{{2}}-\d{{2}})/(?P<name>[^/]+)\.(?P<kind>warc\.gz|cdxj)"
)
"""Of the years of which a capture can be (`pipeline.captures.read`)."""
_NUMBER = re.compile(r"-(\d+)\.(?:warc\.gz|cdxj)$")
_WARC = re.compile(r"\.(warc|arc)(\.gz)?$|\.wacz$", re.IGNORECASE)
"""How files are named that archive tools make."""


def capture_key(source: str, day: date, run: str, number: int, *, discovery: bool = False) -> str:
    """The key of a run's file, of pages or of what discovery fetched; `day` is that of its first response, in UTC."""
    return f"{PREFIX}source={source}/fetched={day}/{run}{_DISCOVERY if discovery else ''}-{number:05d}.warc.gz"


def captures_since(source: str, day: date) -> str:
    """What all keys of a source's captures from a day on (UTC) come after, and no earlier ones."""
    return f"{PREFIX}source={source}/fetched={day}"


def index_key(key: str) -> str:
    """The key of the index beside a capture file."""
    return key.removesuffix(".warc.gz") + ".cdxj"


def source_of(key: str) -> str:
    """The id of the source whose captures a file holds."""
    return key.removeprefix(f"{PREFIX}source=").partition("/")[0]


def fetched_day(key: str) -> datetime:
    """The midnight, in UTC, of the day under which a file is filed."""
    return datetime.strptime(key.split("fetched=")[1][:10], "%Y-%m-%d").replace(tzinfo=UTC)


def run_of(key: str) -> str:
    """The name of the run that wrote a file with pages, or its index; the whole file's name where it has no number."""
    return _NUMBER.sub("", key.rpartition("/")[2])


def number_of(key: str) -> int:
    """The number of a file among those of its run; 0 where its name has none."""
    number = _NUMBER.search(key)
    return int(number[1]) if number else 0


def holds_pages(key: str) -> bool:
    """Whether a key is that of a file with pages, not with what discovery fetched, and not of what others put there."""
    file = _file(key)
    return file is not None and file["kind"] == "warc.gz" and f"{_DISCOVERY}-" not in file["name"]


def is_of_discovery(key: str) -> bool:
    """Whether a key is that of a file with what discovery fetched, or of its index."""
    file = _file(key)
    return file is not None and f"{_DISCOVERY}-" in file["name"]


def is_astray(key: str) -> bool:
    """Whether a key below ``captures/`` is named as an archive's file, but lies where no build looks for one."""
    return _WARC.search(key) is not None and _file(key) is None


def _file(key: str) -> re.Match[str] | None:
    """The parts of a capture file's key; none of another one, such as one under a day that no calendar has."""
    if (file := _FILE.fullmatch(key)) is None:
        return None
    try:
        date.fromisoformat(file["day"])
    except ValueError:
        return None
    return file
