"""One article proved: from its row to the partition's checksum, to the record in the archive, to what the site sent, and read anew.

Each step says in a sentence whether it holds. The chain is broken where bytes are not what something else says that they are, or
are gone. That today's code, or the source's file of today, reads the same bytes otherwise breaks nothing: it is told, and what
differs.
"""

from __future__ import annotations

import difflib
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket, DamagedError
from pipeline.captures import (
    TAKEN_DOWN_URN,
    Capture,
    CaptureError,
    Record,
    check_digests,
    read_captures,
    read_records,
    source_of,
)
from pipeline.corpus import LATEST, State, read_state, taken_down
from pipeline.documents import Documents
from pipeline.duplicates import ARTICLE
from pipeline.errors import WarraqError
from pipeline.extract import EXTRACTOR
from pipeline.rejection import Rejection
from pipeline.series import joined
from pipeline.sources import Source, owners
from pipeline.stages import captures_table, clean_pages, date_pages

_DIFFERS = 60
"""Characters of a value that are shown where it differs."""

_MOST_LINES = 3
"""Lines of a text that are shown, of those that differ."""

Row = Mapping[str, Any]


class CustodyError(WarraqError):
    """There is no such article to prove; the message says what is known of it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a sentence, and whether it holds; None where it is no link of the chain, or cannot be told."""

    step: str
    holds: bool | None
    says: str


@dataclass(frozen=True, slots=True)
class Custody:
    """What was found of an article: the steps in their order."""

    article_id: str
    url: str
    steps: tuple[Step, ...]

    @property
    def holds(self) -> bool:
        """Whether no link of the chain is broken."""
        return all(step.holds is not False for step in self.steps)


def prove(bucket: Bucket, sources: Mapping[str, Source], wanted: str, snapshot: str = LATEST) -> Custody:
    """Follow an article, given by its id, from its row in the corpus or in a snapshot to the bytes that the site sent.

    Raises:
        CustodyError: no such article is there.
        SnapshotError: there is no such snapshot.
        ManifestError: there is no corpus.
        BucketError: the store cannot be reached.
    """
    state = read_state(bucket, snapshot)
    row, steps = _find(bucket, state, wanted)
    steps += _state(state)
    found = [_of_capture(bucket, row, "the page")]
    found += [_of_capture(bucket, page, f"page {number}") for number, page in enumerate(row.get("pages") or (), 2)]
    for _, of_capture in found:
        steps += of_capture
    captures = [capture for capture, _ in found if capture is not None]
    if len(captures) == len(found):
        steps += _read_anew(row, captures, sources)
    else:
        steps.append(Step("read anew", None, "not read anew, since the captures are not all there"))
    return Custody(wanted, row["url"], tuple(steps))


# The row -----------------------------------------------------------------------------------------------------------------


def _find(bucket: Bucket, state: State, wanted: str) -> tuple[Row, list[Step]]:
    """The article's row, and what its partition is."""
    documents = Documents(bucket)
    known = documents.of_articles(["published_day", "decision", "article", "rejected", "url"], {wanted}).to_pylist()
    days = {str(row["published_day"]) for row in known}
    # Those days first; in a snapshot it may have had another one.
    for part in sorted(state.partitions, key=lambda part: part.published not in days):
        try:
            data = bucket.get(part.key)
            table = pq.read_table(io.BytesIO(data))
        except (KeyError, DamagedError, pa.ArrowException):
            if part.published in days:
                raise CustodyError(
                    f"{part.key}, in which {wanted} should be, is damaged or gone: `warraq corpus verify` says what to do"
                ) from None
            continue
        rows = table.filter(pc.equal(table["article_id"], wanted)).to_pylist()
        if rows:
            whole = hashlib.sha256(data).hexdigest() == part.sha256
            says = f"a row of {part.key}, {part.published}"
            checksum = (
                f"the SHA-256 of {part.key} is {'' if whole else 'not '}the one that is named for it: {part.sha256}"
            )
            steps = [Step("row", True, says), Step("partition", whole, checksum)]
            if part.sha256 != part.named:
                replaced = f"the manifest names {part.named}, which was replaced when another article was taken down"
                steps.append(Step("replaced", True, replaced))
            return rows[0], steps
    raise CustodyError(_why_not(bucket, state, wanted, known))


def _why_not(bucket: Bucket, state: State, wanted: str, known: list[Row]) -> str:
    """Why there is no row of an article."""
    where = "the corpus" if state.name == LATEST else f"snapshot {state.name}"
    if taken_down(bucket).covering(wanted) or any(row["rejected"] == Rejection.TAKEN_DOWN for row in known):
        return f"{wanted} was taken down: nothing more is kept of it"
    if any(row["decision"] not in {None, ARTICLE} and not row["rejected"] for row in known):
        return f"{wanted} is no row of {where}, but a copy or an older text of one: `warraq explain {wanted}` says of which"
    if known:
        reasons = sorted({str(row["rejected"]) for row in known if row["rejected"]})
        return f"{wanted} is no row of {where}{': ' if reasons else ''}{', '.join(reasons)}; `warraq explain {wanted}` says more"
    return f"no article {wanted} is in {where}: `article_id` names it there, 32 hexadecimal digits"


def _state(state: State) -> Iterator[Step]:
    """What the checksum is known by."""
    sha256 = hashlib.sha256(state.manifest).hexdigest()
    if state.name == LATEST:
        yield Step(
            "manifest",
            None,
            "articles/_manifest.json names that checksum; a snapshot would be chained to those before it",
        )
        return
    previous = json.loads(state.manifest)["previous"]
    after = f", after that of snapshot {previous['name']}" if previous and previous["name"] else ", the first one"
    yield Step("manifest", True, f"snapshots/{state.name}/manifest.json is the one of {state.made_at}: {sha256}{after}")


# The capture -------------------------------------------------------------------------------------------------------------


def _of_capture(bucket: Bucket, row: Row, what: str) -> tuple[Capture | None, list[Step]]:
    """The capture that a row or one of its pages names, and whether it is what the site sent."""
    key, offset = row["capture_key"], row["capture_offset"]
    where = f"{key}, byte {offset}"
    try:
        data, intact = bucket.get(key), True
    except KeyError:
        return None, [Step("capture", False, f"{what}: {key} is gone: put it back from a copy or an older version")]
    except DamagedError as damaged:
        data, intact = damaged.data, False
    record = next((one for one in read_records(data) if isinstance(one, Record) and one.offset == offset), None)
    capture = _capture(data, key, offset)
    if record is None or capture is None:
        damage = "" if intact else ", and the file is damaged"
        return None, [
            Step(
                "capture",
                False,
                f"{what}: no record of a page begins at {where}{damage}: put the file back from a copy",
            )
        ]
    if capture.url.startswith(TAKEN_DOWN_URN):
        return None, [
            Step(
                "capture",
                False,
                f"{what}: the record at {where} was purged when it was taken down: nothing is left to prove",
            )
        ]
    steps = [_record(row, record, capture, f"{what}: {where}")]
    checked = check_digests(record)
    for field in ("WARC-Block-Digest", "WARC-Payload-Digest"):
        holds = checked.get(field)
        said = {
            None: "states none that can be checked",
            True: "is that of its bytes",
            False: "is not that of its bytes",
        }[holds]
        steps.append(Step(field, holds, f"{what}: {field} {said}"))
    if not checked:
        steps.append(Step("digest", False, f"{what}: the record states no digest, so nothing holds its bytes"))
    return capture, steps


def _record(row: Row, record: Record, capture: Capture, where: str) -> Step:
    at: datetime = row["captured_at"]
    if record.fault:
        return Step("capture", False, f"{where}: the record is not whole: {record.fault}")
    if capture.captured_at.replace(microsecond=0) != at.replace(microsecond=0):
        return Step(
            "capture",
            False,
            f"{where}: captured at {capture.captured_at.isoformat()}, and the row says {at.isoformat()}",
        )
    return Step(
        "capture", True, f"{where}: what {capture.url} sent at {capture.captured_at.isoformat()}, HTTP {capture.status}"
    )


def _capture(data: bytes, key: str, offset: int) -> Capture | None:
    try:
        for capture in read_captures(io.BytesIO(data), key):
            if capture.offset == offset:
                return capture
    except CaptureError:  # of another record
        pass
    return None


# Read anew ---------------------------------------------------------------------------------------------------------------


def _read_anew(row: Row, captures: list[Capture], sources: Mapping[str, Source]) -> Iterator[Step]:
    """Whether today's code makes the same of the captures."""
    source = owners(sources.values()).get(source_of(captures[0].key))
    if source is None:
        yield Step(
            "read anew", None, f"not read anew: the file of source {row['source']} is not at hand (WARRAQ_SOURCES)"
        )
        return
    by = f"read by {row['extractor']}, today's code is {EXTRACTOR}"
    pages = date_pages(clean_pages(captures_table(captures), {source.id: source})).to_pylist()
    if reasons := [page["rejected"] for page in pages[:1] if page["rejected"]]:
        yield Step("read anew", None, f"{by}: today the page is rejected ({reasons[0]})")
        return
    yield Step("read anew", None, by)
    text = (pages[0]["body"] or "").split("\n")
    for page in pages[1:]:
        text = joined(text, (page["body"] or "").split("\n"), (pages[0]["title"], page["title"]))
    now = {"text": "\n".join(text), "headline": pages[0]["title"], "day": str(pages[0]["published_day"])}
    was = {"text": row["body"], "headline": row["title"], "day": str(row["published_day"])}
    for what, then in was.items():
        says = f"today's code gives the same {what}" if then == now[what] else _differs(what, then, now[what])
        yield Step(what, None, says)


def _differs(what: str, then: str | None, now: str | None) -> str:
    """What differs, in short."""
    if what != "text":
        return f"today's code gives another {what}: {_short(now)}, and the row has {_short(then)}"
    lines = [
        line
        for line in difflib.unified_diff((then or "").split("\n"), (now or "").split("\n"), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    shown = "; ".join(f"{line[0]} {_short(line[1:])}" for line in lines[:_MOST_LINES])
    more = f"; and {len(lines) - _MOST_LINES} lines more" if len(lines) > _MOST_LINES else ""
    return f"today's code gives another text (- the row's, + today's): {shown}{more}"


def _short(text: str | None) -> str:
    if not text:
        return "none"
    return text if len(text) <= _DIFFERS else f"{text[:_DIFFERS]}…"
