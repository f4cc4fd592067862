"""The manifest of ``articles/``: what became of the pages of each day, and the files of the corpus with their checksums."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import date

from pipeline.bucket import Bucket, DamagedError
from pipeline.corpus.counts import Counts, add_up
from pipeline.errors import WarraqError

PREFIX = "articles/"
MANIFEST = PREFIX + "_manifest.json"
SCHEMA_FILE = PREFIX + "_schema.json"
_PARTITION = re.compile(rf"{PREFIX}published=\d{{4}}-\d{{2}}-\d{{2}}/articles\.parquet")


def partition_key(day: date | str) -> str:
    """The key of a day's partition in the bucket."""
    return f"{PREFIX}published={day}/articles.parquet"


def is_partition(key: str) -> bool:
    """Whether a key is that of a day's partition, and not of what others put beside it."""
    return _PARTITION.fullmatch(key) is not None


class ManifestError(WarraqError):
    """The corpus has no manifest, or one that cannot be read."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One day of the corpus. `built_from` is a hash of all that its bytes follow from."""

    path: str
    published: str
    rows: int
    bytes: int
    etag: str
    sha256: str
    built_from: str


@dataclass(frozen=True, slots=True)
class Day:
    """What became of the pages published on one day (of rejected pages: captured). `documents` is a hash of their rows."""

    day: str
    captured: int
    articles: int
    copies: dict[str, int]
    rejected: dict[str, int]
    documents: str

    @property
    def counts(self) -> Counts:
        """The four of them."""
        return Counts(self.captured, self.articles, self.copies, self.rejected)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the corpus holds."""

    schema_version: int
    days: list[Day] = field(default_factory=list)
    partitions: list[Partition] = field(default_factory=list)

    @property
    def counts(self) -> Counts:
        """What became of all captured pages."""
        return add_up(day.counts for day in self.days)

    def faults(self) -> list[str]:
        """What does not add up, one sentence a fault; nothing where every captured page is accounted for."""
        faults = [f"{day.day}: {day.counts}" for day in self.days if not day.counts.reconciled]
        articles, rows = self.counts.articles, sum(partition.rows for partition in self.partitions)
        if articles != rows:
            faults.append(f"{articles} articles are counted, but the days' files hold {rows}")
        return faults

    def to_json(self) -> bytes:
        """The manifest as a JSON file."""
        return (json.dumps(asdict(self.counts) | asdict(self), ensure_ascii=False, indent=1) + "\n").encode()


def read_manifest(bucket: Bucket) -> Manifest:
    """The manifest in the bucket.

    Raises:
        ManifestError: there is none yet, or it cannot be read.
        BucketError: the store cannot be reached.
    """
    try:
        stored = bucket.get(MANIFEST)
    except KeyError:
        raise ManifestError(f"bucket {bucket.name!r} has no corpus yet: run `warraq build` first") from None
    except DamagedError:
        stored = b""
    try:
        data = json.loads(stored)
        days = [Day(**day) for day in data["days"]]
        partitions = [Partition(**partition) for partition in data["partitions"]]
        return Manifest(data["schema_version"], days, partitions)
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError(
            f"{MANIFEST} in bucket {bucket.name!r} cannot be read ({error!r}): run `warraq build`, which writes it anew"
        ) from error
