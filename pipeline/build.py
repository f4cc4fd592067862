"""The stages from captures to corpus, as the corpus DAG and `warraq build` run them.

Each stage reads what the one before it wrote and hands on keys. Everything between two stages lies below ``work/<run>/`` and
is overwritten when a stage is run again, so that any stage may be killed and repeated.
"""

from __future__ import annotations

import io
import itertools
import json
import logging
import os
import re
import signal
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from multiprocessing import active_children, get_context, parent_process
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import corpus, health
from pipeline.bucket import Bucket, Stored
from pipeline.captures import (
    TAKEN_DOWN_URN,
    Capture,
    CaptureError,
    fetched_day,
    list_page_files,
    read_captures,
    source_of,
    without_texts,
)
from pipeline.dates import mentions
from pipeline.documents import JOINED, SCHEMA, Documents, row_hash, text_facts
from pipeline.duplicates import DECISION, REJECTED, decide
from pipeline.errors import WarraqError
from pipeline.extract import EXTRACTOR, Cleaned, clean
from pipeline.join_pages import join_pages
from pipeline.progress import OnProgress, tell_nobody
from pipeline.publication import CAPTURED, Candidate, resolve
from pipeline.rejection import Rejection
from pipeline.series import CONTINUES
from pipeline.sources import Source, owners
from pipeline.urls import article_id, normalize_url, numbered_page
from pipeline.waiting import left_out, note_captures, note_taken_in, waiting_captures

log = logging.getLogger(__name__)

BATCH_FILES = 20
"""Capture files a cleaning task takes: up to a thousand pages, some minutes of work."""

BATCHES_A_RUN = 15
"""Batches that one run takes in; the rest waits for the next, so that a year's pages reach the corpus as they come."""

MAX_BATCHES = 1000
"""Batches that a rebuild of everything is cut into at most: Airflow maps a task over 1024 values, and no more."""

_BATCH = re.compile(r"work/[^/]+/batches/\d+\.json")
DEAD_AFTER = timedelta(days=1)
"""A build that wrote nothing for so long before another one ended is dead: no stage takes hours."""

_WORK = "work/"
_HANDED_ON = re.compile(r"work/[^/]+/(?:(?:batches|cleaned)/\d+\.(?:json|parquet)|\w+\.json)")
_MOST_DEAD = 20
"""Dead builds whose work one run deletes: the next ones take the others."""

_MAX_TOLD = 5
"""Faults of a build that its error names; the report has all."""

_DATED = {
    "published_at",
    "published_day",
    "published_precision",
    "published_method",
    "published_evidence",
    "published_confidence",
    "published_zone",
    "modified_at",
    "dates_mentioned",
    "published_order",
    "row_hash",
    "day",
    *JOINED.names,
    *DECISION.names,
}
CLEANED = pa.schema(
    [column.with_nullable(True) for column in SCHEMA if column.name not in _DATED] + [pa.field("zone", pa.string())]
)
"""What cleaning hands on: the documents' columns but those that follow from the dates, and the source's time zone."""


_OF_CAPTURE = (
    *(
        "id",
        "source",
        "source_name",
        "url",
        "article_id",
        "fetched_url",
        "captured_at",
        "capture_key",
        "capture_offset",
    ),
    *("http_status", "location", "digest", "found", "extractor", "zone", "date_order"),
)
"""Columns that are known without reading the page."""


class ReconciliationError(WarraqError):
    """Captured pages are not accounted for; the message names the counts and says what to do."""


def find_captures(bucket: Bucket, run: str, sources: Mapping[str, Source], *, rebuild: bool = False) -> list[str]:
    """Find the first capture files that wait, as `BATCHES_A_RUN` batches at most; to `rebuild`, all files there are.

    The files of sources that are not given are left for a build that has them; what the documents table holds of these stays.

    Writes ``work/<run>/batches/<n>.json`` and returns their keys; none where nothing is new.
    """
    bucket.delete_below(f"work/{run}/")
    if rebuild:
        owner = owners(sources.values())
        files = [key for key in list_page_files(bucket) if source_of(key) in owner]
        size = max(BATCH_FILES, -(-len(files) // MAX_BATCHES))
        log.info("%d capture files to take in anew", len(files))
    else:
        size = BATCH_FILES
        note_captures(bucket, sources)
        waiting = waiting_captures(bucket, sources)
        files = waiting[: BATCHES_A_RUN * size]
        log.info("%d capture files to take in, %d more wait for the next run", len(files), len(waiting) - len(files))
    keys = []
    for number, start in enumerate(range(0, len(files), size)):
        key = f"work/{run}/batches/{number:05d}.json"
        bucket.put(key, json.dumps(files[start : start + size]).encode(), content_type="application/json")
        keys.append(key)
    return keys


def clean_batch(bucket: Bucket, sources: Mapping[str, Source], batch: str) -> str:
    """Clean the pages of one batch; write them below ``work/<run>/cleaned/`` and return that key.

    A capture file whose source's file was lost or spoilt since the batch was made is left for a later build.
    """
    rows: list[dict[str, Any]] = []
    owner = owners(sources.values())
    for key in json.loads(bucket.get(batch)):
        if source := owner.get(source_of(key)):
            rows.extend(_clean_file(bucket, key, source))
    cleaned = _cleaned_key(batch)
    bucket.put(cleaned, _parquet(_table(rows, CLEANED)))
    return cleaned


def _cleaned_key(batch: str) -> str:
    return batch.replace("/batches/", "/cleaned/").replace(".json", ".parquet")


def clean_batches(
    bucket: Bucket, sources: Mapping[str, Source], batches: Sequence[str], on_progress: OnProgress = tell_nobody
) -> None:
    """`clean_batch` for each of them, in as many processes as there are processors."""
    on_progress("cleaning", 0, len(batches))
    processes = min(len(batches), os.cpu_count() or 1)
    if processes < 2:
        for done, batch in enumerate(batches, 1):
            clean_batch(bucket, sources, batch)
            on_progress("cleaning", done, len(batches))
        return
    # Started anew, not forked: the store's client has threads of its own.
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin_apart) as cleaners:
        cleaning = [cleaners.submit(_clean_apart, bucket.name, sources, batch) for batch in batches]
        try:
            for done, cleaned in enumerate(as_completed(cleaning), 1):
                cleaned.result()
                on_progress("cleaning", done, len(batches))
        except KeyboardInterrupt:
            for cleaner in active_children():  # a batch may take minutes, and is cleaned anew by the next build
                cleaner.kill()
            raise


def _clean_apart(bucket: str, sources: Mapping[str, Source], batch: str) -> None:
    clean_batch(Bucket(bucket), sources, batch)


def _begin_apart() -> None:
    """Let this process end when the one that started it is gone: a killed build leaves none behind, and Ctrl-C is for that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait() -> None:
        if parent := parent_process():
            parent.join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()


def normalize_dates(bucket: Bucket, run: str, on_progress: OnProgress = tell_nobody) -> dict[str, int]:
    """Decide which of its dates is each page's publication, and commit the rows to the documents table.

    Of a page that was taken down, only that is committed.

    Returns how many rows were written, and how many of them were rejected.
    """
    documents, down = Documents(bucket), corpus.taken_down(bucket)
    taken_in: Counter[str] = Counter()
    rejected = 0
    batches = [stored.key for stored in bucket.list(f"work/{run}/batches/") if _BATCH.fullmatch(stored.key)]
    for number, batch in enumerate(batches):
        on_progress("dating", number, len(batches))
        try:  # by its name: a list may not have yet what was just written
            data = bucket.get(_cleaned_key(batch))
        except KeyError as missing:
            raise WarraqError(f"{missing} is not there: run this build's cleaning again") from None
        cleaned = pq.read_table(io.BytesIO(data)).to_pylist()
        rows = [down.emptied(row) or _date_or_reject(row) for row in cleaned]
        if rows:
            documents.replace(_table(rows, SCHEMA))
        taken_in.update(row["capture_key"] for row in rows)
        rejected += sum(row["rejected"] is not None for row in rows)
    on_progress("dating", len(batches), len(batches))
    bucket.put(f"work/{run}/taken_in.json", json.dumps(taken_in).encode(), content_type="application/json")
    log.info("%d pages in documents/, %d of them rejected", taken_in.total(), rejected)
    return {"documents": taken_in.total(), "rejected": rejected}


def deduplicate(bucket: Bucket) -> int:
    """Join the pages of articles, and decide which documents are articles and which are copies, where that is open.

    Returns how many decisions were written.
    """
    join_pages(Documents(bucket))
    if corpus.sweep_pending(bucket):
        join_pages(Documents(bucket))
    decided = decide(Documents(bucket))
    log.info("%d decisions: article, or copy of which", decided)
    return decided


def deposit(bucket: Bucket, run: str, on_progress: OnProgress = tell_nobody) -> dict[str, Any]:
    """Bring ``articles/`` in line with the decisions; return what was written."""
    summary = asdict(corpus.deposit(bucket, on_progress))
    bucket.put(f"work/{run}/deposit.json", json.dumps(summary).encode(), content_type="application/json")
    for what in ("written", "deleted"):
        days = summary[what]
        log.info(
            "%d days %s: %s", len(days), what, ", ".join(days[:_MAX_TOLD]) + (", …" if len(days) > _MAX_TOLD else "")
        )
    return summary


def tidy(bucket: Bucket) -> None:
    """Bring what crawls and the next build look documents up by in line with them, join small files, delete old ones."""
    Documents(bucket).tidy()


def note_health(bucket: Bucket, run: str, sources: Mapping[str, Source], now: datetime) -> dict[str, Any]:
    """Bring ``health/`` in line with what is known of these sources' days; return what was written.

    Whatever goes wrong is told in the run's report, and stops no build: the next one makes good for it. `now` is an aware instant.
    """
    noted: dict[str, Any] = {"months": [], "days": 0, "sources": [], "verdicts": [], "problem": None}
    try:
        updated = health.update(bucket, sources)
        health.note_coverage(bucket, sources, updated.sources, now)
        stand = health.current(bucket, {id_: sources[id_] for id_ in updated.sources}, now)
        told = [one.to_json() | {"wrong": one.wrong, "sign": health.SIGNS[one.state]} for one in stand.verdicts]
        noted |= asdict(updated) | {"verdicts": told}
    except Exception as error:
        log.exception("health/ was not brought up to date; the corpus is whole without it")
        noted["problem"] = f"{type(error).__name__}: {error}"
    bucket.put(f"work/{run}/health.json", json.dumps(noted).encode(), content_type="application/json")
    return noted


def report(bucket: Bucket, run: str, sources: Mapping[str, Source], now: datetime) -> str | None:
    """Write ``reports/<run>/report.json`` and ``.html``, delete what the stages handed on, and return the JSON's key.

    An idle run, which took nothing in, changed no day and found nothing wrong, writes none, says so, and returns None. Of the
    captures of other sources than these the report says that they were left out. `now` is an aware instant.
    """
    taken_in, deposited, noted = (
        json.loads(bucket.get(f"work/{run}/{name}.json")) for name in ("taken_in", "deposit", "health")
    )
    made = corpus.make_report(
        Documents(bucket),
        corpus.read_manifest(bucket),
        run=run,
        at=now,
        taken_in=taken_in,
        left_out=left_out(bucket, sources),
        deposit=deposited,
        health=noted,
    )
    key = None if made.idle else f"reports/{run}/report.json"
    if key:
        bucket.put(key, made.to_json(), content_type="application/json")
        page = key.replace(".json", ".html")
        bucket.put(page, made.to_html().encode(), content_type="text/html; charset=utf-8")
    note_taken_in(bucket, taken_in)
    _delete_dead_work(bucket, run)
    bucket.delete_below(f"work/{run}/")
    for name, counts in {"this run": made.new, "whole corpus": made.total}.items():
        log.info("%s: %s", name, counts.told)
    log.info("the report: %s", key or "none, since nothing was new, no day changed and nothing is wrong")
    return key


def _delete_dead_work(bucket: Bucket, run: str) -> None:
    """Delete what builds that died have left: what was last written more than `DEAD_AFTER` before this run's newest object.

    Both times are the store's own.
    """
    handed_on: defaultdict[str, list[Stored]] = defaultdict(list)
    for stored in bucket.list(_WORK):
        if _HANDED_ON.fullmatch(stored.key):
            handed_on[stored.key.split("/")[1]].append(stored)
    newest = {of: max(one.modified_at for one in objects) for of, objects in handed_on.items()}
    dead = sorted(of for of, at in newest.items() if newest[run] - at > DEAD_AFTER)
    for of in dead[:_MOST_DEAD]:
        bucket.delete(*(one.key for one in handed_on[of]))
        log.info("%d objects of %s are deleted, which died", len(handed_on[of]), of)


def require_reconciled(bucket: Bucket, report_key: str) -> None:
    """Let a build end badly whose report says that something does not add up; nothing that was gathered is lost by then.

    Raises:
        ReconciliationError: a captured page is not accounted for, as exactly one of article, copy or rejected with a reason.
    """
    faults = json.loads(bucket.get(report_key))["faults"]
    if faults:
        more = f"; and {len(faults) - _MAX_TOLD} more" if len(faults) > _MAX_TOLD else ""
        raise ReconciliationError(
            f"the build does not reconcile: {'; '.join(faults[:_MAX_TOLD])}{more} (all in {report_key}). Nothing that was "
            "gathered is lost. Run `warraq build` again, as another build may have been writing; where it says the same, "
            f"delete documents/ in bucket {bucket.name!r} and run `warraq build --rebuild`, which makes it anew from captures/"
        )


def build(bucket: Bucket, sources: Mapping[str, Source], run: str, *, rebuild: bool = False) -> str | None:
    """Run `passes` until nothing of these sources waits, and return the key of the last report, if any. Raises as they do."""
    keys = list(passes(bucket, sources, run, rebuild=rebuild))
    return keys[-1] if keys else None


def passes(
    bucket: Bucket,
    sources: Mapping[str, Source],
    run: str,
    *,
    rebuild: bool = False,
    on_progress: OnProgress = tell_nobody,
) -> Iterator[str]:
    """Run every stage in turn, again and again until nothing of these sources waits; yield the key of each pass's report.

    An idle pass (`report`) has none. The first is named `run`, the ones after it ``<run>-2`` and so on. A rebuild is one pass
    over all there is.

    Raises:
        ReconciliationError: once everything is taken in, for the first pass in which something does not add up.
    """
    reports: list[str] = []
    for number in itertools.count(1):
        name = run if number == 1 else f"{run}-{number}"
        batches = find_captures(bucket, name, sources, rebuild=rebuild and number == 1)
        clean_batches(bucket, sources, batches, on_progress)
        normalize_dates(bucket, name, on_progress)
        on_progress("comparing", 0, None)
        deduplicate(bucket)
        deposit(bucket, name, on_progress)
        tidy(bucket)
        now = datetime.now(UTC)
        note_health(bucket, name, sources, now)
        if key := report(bucket, name, sources, now):
            reports.append(key)
            yield key
        if not waiting_captures(bucket, sources):
            break
    for key in reports:
        require_reconciled(bucket, key)


def document_row(capture: Capture, source: Source) -> dict[str, Any]:
    """The whole row of one page: cleaned and dated."""
    return _date(_clean_row(capture, source))


def _clean_file(bucket: Bucket, key: str, source: Source) -> Iterator[dict[str, Any]]:
    """The rows of a capture file's pages; where it breaks off, or holds none, one more that says so."""
    whole = False
    try:
        for capture in read_captures(io.BytesIO(bucket.get(key)), key):
            whole = True
            yield _clean_row(capture, source)
    except CaptureError:
        whole = False
    if not whole:
        # The rest of the file cannot be had by trying again: it is accounted for instead.
        rest = Capture(
            key=key,
            offset=-1,
            url=str(source.home),
            captured_at=fetched_day(key),
            status=0,
            content_type="",
            body=b"",
        )
        yield _row(rest, source, Cleaned(str(source.home), Rejection.UNREADABLE))


def _clean_row(capture: Capture, source: Source) -> dict[str, Any]:
    if capture.url.startswith(TAKEN_DOWN_URN):
        return _row(capture, source, Cleaned(capture.url, Rejection.TAKEN_DOWN))
    try:
        return _row(capture, source, clean(capture, source))
    except Exception:  # what breaks here is this page's, and no reason to stop all others
        log.exception("making a row of %s failed", capture.url)
        return _row(capture, source, Cleaned(capture.url, Rejection.UNDECODABLE))


def _row(capture: Capture, source: Source, cleaned: Cleaned) -> dict[str, Any]:
    """The columns that do not follow from the dates."""
    url = normalize_url(cleaned.url)
    body = cleaned.body
    return {
        "id": f"{capture.key}#{capture.offset}",
        "source": source.id,
        "source_name": source.name,
        "url": url,
        "article_id": article_id(url),
        "fetched_url": capture.url,
        "captured_at": capture.captured_at,
        "capture_key": capture.key,
        "capture_offset": capture.offset,
        "http_status": capture.status,
        "location": capture.location or cleaned.location,
        "digest": capture.digest,
        "found": json.dumps(without_texts(capture.found), ensure_ascii=False),
        "rejected": cleaned.rejected,
        "title": cleaned.title,
        "standfirst": cleaned.standfirst,
        "authors": list(cleaned.authors),
        "agencies": list(cleaned.agencies),
        "body": body,
        "body_method": f"{cleaned.body_method}{CONTINUES}" if cleaned.is_later_page else cleaned.body_method,
        "body_confidence": cleaned.body_confidence,
        "body_witnesses": list(cleaned.body_witnesses),
        "next_page": cleaned.next_page,
        "captions": list(cleaned.captions),
        "image": cleaned.image,
        "section": cleaned.section,
        "tags": list(cleaned.tags),
        "language": cleaned.language,
        "dates": [asdict(candidate) for candidate in cleaned.dates],
        **text_facts(cleaned.title, body),
        "extractor": EXTRACTOR,
        "series": None if cleaned.rejected else _series(capture.url, cleaned.next_page),
        "zone": source.timezone,
        "date_order": source.date_order,
    }


def _series(url: str, next_page: str | None) -> str | None:
    """The id of the first page's address, of a page whose article goes on or whose address has a later page's number."""
    series, number = numbered_page(next_page or url)
    return series if number else None


def _date(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its publication."""
    captured_at: datetime = row["captured_at"]
    dated = {**dict.fromkeys(_DATED), **row, "day": f"{captured_at:%Y-%m-%d}"}
    if row["rejected"] is not None:
        dated["decision"] = REJECTED
    else:
        candidates = [Candidate(**candidate) for candidate in row["dates"]]
        published = resolve(candidates, captured_at=captured_at, zone=row["zone"], order=row["date_order"])
        # Nothing may be counted from a day that the page does not state.
        known_day = None if published.method == CAPTURED else published.published_day
        midnight = datetime.combine(published.published_day, time(), ZoneInfo(row["zone"]))
        dated |= {
            "published_at": published.published_at,
            "published_day": published.published_day,
            "published_precision": published.precision,
            "published_method": published.method,
            "published_evidence": published.evidence,
            "published_confidence": published.confidence,
            "published_zone": published.zone,
            "modified_at": published.modified_at,
            "dates_mentioned": [
                mention._asdict() for mention in mentions(row["body"], known_day, order=row["date_order"])
            ],
            "published_order": (published.published_at or midnight).astimezone(UTC),
            "day": str(published.published_day),
        }
    dated["row_hash"] = row_hash(dated)
    return dated


def _date_or_reject(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its publication; rejected where it cannot be dated, so that one page stops no others."""
    try:
        return _date(row)
    except Exception:
        log.exception("dating %s failed", row["fetched_url"])
        return _date(_emptied(row))


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table; a row with a value that no column can hold, such as half of a surrogate pair, is emptied and rejected."""
    try:
        return pa.Table.from_pylist(rows, schema=schema)
    except (pa.ArrowException, UnicodeError, ValueError, TypeError, OverflowError):
        return pa.concat_tables([_table_of_one(row, schema) for row in rows])


def _table_of_one(row: dict[str, Any], schema: pa.Schema) -> pa.Table:
    try:
        return pa.Table.from_pylist([row], schema=schema)
    except (pa.ArrowException, UnicodeError, ValueError, TypeError, OverflowError):
        log.exception("a value of %s fits no column", row["fetched_url"])
        emptied = _emptied(row)
        return pa.Table.from_pylist([_date(emptied) if "row_hash" in schema.names else emptied], schema=schema)


def _emptied(row: dict[str, Any]) -> dict[str, Any]:
    """A row of which nothing but the capture is known: what the page says breaks what reads it."""
    return (
        dict.fromkeys(CLEANED.names)
        | {name: row.get(name) for name in _OF_CAPTURE}
        | {"rejected": Rejection.UNDECODABLE}
    )


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
