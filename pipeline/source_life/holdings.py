"""What the bucket holds of a source, counted, and what seems to be at work on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.bucket import Bucket
from pipeline.captures import PREFIX as CAPTURES
from pipeline.captures import holds_pages, is_of_discovery, list_page_files, run_of
from pipeline.coverage import count_records


@dataclass(frozen=True, slots=True)
class Holdings:
    """How many capture files with pages, rows of ``documents/``, articles of these, and records of ``coverage/``."""

    captures: int
    documents: int
    articles: int
    coverage: int

    def __str__(self) -> str:
        """The counts as a sentence names them."""
        return (
            f"{self.captures} capture files, {self.documents} documents ({self.articles} of them articles) and "
            f"{self.coverage} crawls' records of coverage"
        )


def holdings_of(bucket: Bucket, ids: Collection[str]) -> Holdings:
    """Count what the bucket holds under a source's ids.

    Raises:
        BucketError: the store cannot be reached.
    """
    # Turning a source on and off does without Arrow.
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    from pipeline.documents import Documents  # noqa: PLC0415
    from pipeline.duplicates import ARTICLE  # noqa: PLC0415

    decisions = Documents(bucket).read(["decision"], pc.field("source").isin(pa.array(sorted(ids), pa.string())))
    return Holdings(
        captures=len(list_page_files(bucket, *ids)),
        documents=len(decisions),
        articles=decisions["decision"].to_pylist().count(ARTICLE),
        coverage=count_records(bucket, ids),
    )


AT_WORK = timedelta(hours=1)
"""What wrote nothing for so long is not at work any more: it has ended, or was killed."""

MAY_BE_UNSEEN = (
    "A crawl shows itself by the first file that it has filled, and a build by what its stages hand on: one that has just begun "
    "cannot be seen."
)


def at_work(bucket: Bucket, ids: Collection[str], now: datetime) -> tuple[str, ...]:
    """What seems to be at work on a source that is stored under these ids, in sentences; `now` is aware.

    A crawl that has stored captures and no report yet, and a build that has handed something on and not ended.

    Raises:
        BucketError: the store cannot be reached.
    """
    latest: dict[str, datetime] = {}
    for id_ in ids:
        # A crawl files what it fetches under the day, and may have begun the day before.
        for day in sorted({(now - ago * AT_WORK).astimezone(UTC).date() for ago in range(2)}):
            for stored in bucket.list(f"{CAPTURES}source={id_}/fetched={day}/"):
                if holds_pages(stored.key) or is_of_discovery(stored.key):
                    run = run_of(stored.key).removesuffix("-discovery")
                    latest[run] = max(latest.get(run, stored.modified_at), stored.modified_at)
    crawls = {
        run: at
        for run, at in latest.items()
        if now - at < AT_WORK and not run.startswith("import-") and not any(bucket.list(f"reports/{run}/crawl.json"))
    }
    builds: dict[str, datetime] = {}
    for stored in bucket.list("work/"):
        run = stored.key.split("/")[1]
        builds[run] = max(builds.get(run, stored.modified_at), stored.modified_at)
    builds = {run: at for run, at in builds.items() if now - at < AT_WORK}
    said = [f"The crawl {run} is at work: it stored a file at {at:%H:%M} UTC" for run, at in sorted(crawls.items())]
    said += [
        f"The build {run} is at work: it handed something on at {at:%H:%M} UTC" for run, at in sorted(builds.items())
    ]
    return tuple(f"{one}, and has not ended. One that was killed counts as ended an hour later." for one in said)
