"""The stages from captures to corpus, as the corpus DAG and `warraq build` run them.

Each stage reads what the one before it wrote and hands on keys. Everything between two stages lies below ``work/<run>/`` and
is overwritten when a stage is run again, so that any stage may be killed and repeated.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import logging
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from multiprocessing import active_children, get_context
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import card, corpus, duplicates, health, search
from pipeline.apart import SMALL, Apart, end_with_parent
from pipeline.bucket import Bucket, Stored
from pipeline.captures import (
    Capture,
    CaptureError,
    fetched_day,
    list_page_files,
    read_captures,
    read_file,
    source_of,
)
from pipeline.documents import Documents
from pipeline.duplicates import Days, Plan, decide, plan, settle
from pipeline.errors import WarraqError
from pipeline.join_pages import join_pages
from pipeline.progress import OnProgress, tell_nobody
from pipeline.sources import Source, owners
from pipeline.stages import CLEANED, captures_table, clean_pages, date_pages, documents_table
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
_BEGUN = "state/cleaning/"
_MARK = re.compile(rf"{_BEGUN}[0-9a-f]{{16}}\.json")
_CLEANING_SECONDS = 300.0
"""How long a page may take to clean: one that is as large as is read takes some ten, and a slow machine must not decide."""

_HANDED_ON = re.compile(
    r"work/[^/]+/(?:(?:batches|cleaned|dated|ranges|copies|days|built)/[\w-]+|\w+)\.(?:json|parquet)"
)
_PORTION = 2**26
"""Bytes of bodies that are in memory at a time, and one body's more: fifty that unpack to all they may would take gigabytes."""

_ROWS_A_COMMIT = 20_000
"""Some hundred megabytes of texts."""
_MOST_DEAD = 20
"""Dead builds whose work one run deletes: the next ones take the others."""

_MAX_TOLD = 5
"""Faults of a build that its error names; the report has all."""


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

    A capture file whose source's file was lost or spoilt since the batch was made is left for a later build. Large pages are read
    apart, and where an earlier try, of this build or another, began one of these files and did not end, all pages are: one that
    breaks what reads it breaks no second build.
    """
    owner = owners(sources.values())
    files = json.loads(bucket.get(batch))
    broken = [key for key, begun in _begun(bucket) if not begun.isdisjoint(files)]
    mark = f"{_BEGUN}{hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16]}.json"
    bucket.put(mark, json.dumps(files).encode(), content_type="application/json")
    with Apart(_CLEANING_SECONDS, small=-1 if broken else SMALL) as apart:
        tables = [
            clean_pages(captures_table(portion), sources, apart)
            for key in files
            if (source := owner.get(source_of(key)))
            for portion in _portions(_captures_of(bucket, key, source))
        ]
    cleaned = _beside(batch, "cleaned")
    bucket.put(cleaned, _parquet(pa.concat_tables([CLEANED.empty_table(), *tables])))
    bucket.delete(mark, *broken)
    return cleaned


def normalize_dates(bucket: Bucket, cleaned: str) -> str:
    """Decide which of its dates is each page's publication; write a batch's rows below ``work/<run>/dated/`` and return that key.

    Of a page that was taken down, only that is written.
    """
    down = corpus.taken_down(bucket)
    rows = pq.read_table(io.BytesIO(bucket.get(cleaned)))
    emptied = [row for row in map(down.emptied, rows.to_pylist()) if row]
    left = rows.filter(pc.invert(pc.is_in(rows["id"], pa.array([row["id"] for row in emptied], pa.string()))))
    dated = _beside(cleaned, "dated")
    bucket.put(dated, _parquet(pa.concat_tables([date_pages(left), documents_table(emptied)])))
    return dated


def _beside(key: str, folder: str) -> str:
    """The key of what a stage makes of another's file, a parquet file of the same number."""
    run, _, name = key.rsplit("/", 2)
    return f"{run}/{folder}/{name.partition('.')[0]}.parquet"


Each: TypeAlias = Callable[[Bucket, Sequence[str], Callable[[Bucket, str], object], str, OnProgress], None]
"""What does a stage's work on each of some keys, and tells how far it is: `in_processes`, or an engine as `pipeline.on_ray`."""


def clean_batches(
    bucket: Bucket,
    sources: Mapping[str, Source],
    batches: Sequence[str],
    on_progress: OnProgress = tell_nobody,
    *,
    each: Each | None = None,
) -> None:
    """`clean_batch` and `normalize_dates` for each of them, `in_processes` where nothing else is to do it."""
    (each or in_processes)(bucket, batches, partial(_clean_and_date, sources=sources), "cleaning", on_progress)


def _clean_and_date(bucket: Bucket, batch: str, sources: Mapping[str, Source]) -> None:
    normalize_dates(bucket, clean_batch(bucket, sources, batch))


def in_processes(
    bucket: Bucket, keys: Sequence[str], work: Callable[[Bucket, str], object], what: str, on_progress: OnProgress
) -> None:
    """A stage's work on each of some keys, in as many processes as there are processors.

    Where one of these is killed, what is not done by then is done anew, once.

    Raises:
        WarraqError: one was killed again.
    """
    on_progress(what, 0, len(keys))
    processes = min(len(keys), os.cpu_count() or 1)
    if processes < 2:
        for done, key in enumerate(keys, 1):
            work(bucket, key)
            on_progress(what, done, len(keys))
        return
    left = list(keys)
    for is_last in (False, True):
        try:
            _in_pool(bucket, left, work, processes, lambda: on_progress(what, len(keys) - len(left), len(keys)))
        except BrokenProcessPool:
            if not is_last:
                log.warning("%s: a process was killed; what it was at is done anew", what)
        else:
            return
    raise WarraqError(
        f"{what}: processes of this build are killed again and again: see whether the machine's memory is used up"
    )


def _in_pool(
    bucket: Bucket,
    left: list[str],
    work: Callable[[Bucket, str], object],
    processes: int,
    on_done: Callable[[], None],
) -> None:
    """Work on the keys that are left, each of which is taken out when it is done."""
    # Started anew, not forked: the store's client has threads of its own.
    with ProcessPoolExecutor(processes, get_context("spawn"), end_with_parent, (os.getpid(),)) as workers:
        working = {workers.submit(_work_apart, bucket.name, key, work): key for key in left}
        try:
            for worked in as_completed(working):
                worked.result()
                left.remove(working[worked])
                on_done()
        except KeyboardInterrupt:
            for worker in active_children():  # its work may take minutes, and is done anew by the next build
                worker.kill()
            raise


def _work_apart(bucket: str, key: str, work: Callable[[Bucket, str], object]) -> None:
    work(Bucket(bucket), key)


def write_documents(bucket: Bucket, run: str, on_progress: OnProgress = tell_nobody) -> list[str]:
    """Commit the rows of all batches to the documents table, join the pages of articles, and plan what is to be decided.

    Returns the keys of the ranges of days whose copies several workers may find (`find_copies`); none where `deduplicate` has but
    one range to do.
    """
    taken_in: Counter[str] = Counter()
    rejected = 0
    batches = [stored.key for stored in bucket.list(f"work/{run}/batches/") if _BATCH.fullmatch(stored.key)]
    waiting: list[pa.Table] = []
    documents = Documents(bucket)
    for number, batch in enumerate(batches, 1):
        on_progress("writing", number - 1, len(batches))
        try:  # by its name: a list may not have yet what was just written
            rows = pq.read_table(io.BytesIO(bucket.get(_beside(batch, "dated"))))
        except KeyError as missing:
            raise WarraqError(f"{missing} is not there: run this build's cleaning again") from None
        taken_in.update(rows["capture_key"].to_pylist())
        rejected += len(rows) - rows["rejected"].null_count
        waiting.append(rows)
        if (sum(map(len, waiting)) >= _ROWS_A_COMMIT or number == len(batches)) and any(map(len, waiting)):
            documents.replace(pa.concat_tables(waiting))
            waiting = []
    on_progress("writing", len(batches), len(batches))
    bucket.put(f"work/{run}/taken_in.json", json.dumps(taken_in).encode(), content_type="application/json")
    log.info("%d pages in documents/, %d of them rejected", taken_in.total(), rejected)
    join_pages(documents)
    if corpus.sweep_pending(bucket):
        documents = Documents(bucket)
        join_pages(documents)
    return _plan_decision(bucket, documents, run)


def _plan_decision(bucket: Bucket, documents: Documents, run: str) -> list[str]:
    planned = plan(documents)
    bucket.put(f"work/{run}/roles.parquet", _parquet(planned.roles))
    ranges = [{"state": documents.state, "first": str(days.first), "last": str(days.last)} for days in planned.ranges]
    bucket.put(f"work/{run}/ranges.json", json.dumps(ranges).encode(), content_type="application/json")
    return _share_out(bucket, f"work/{run}/ranges", ranges)


def _share_out(bucket: Bucket, folder: str, parts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Write parts of a stage's work, a file each, and return their keys; none where there is but one: it needs no other worker."""
    if len(parts) < 2:
        return []
    keys = [_part_key(folder, number, part) for number, part in enumerate(parts)]
    for key, part in zip(keys, parts, strict=True):
        bucket.put(key, json.dumps(part).encode(), content_type="application/json")
    return keys


def _part_key(folder: str, number: int, part: Mapping[str, Any]) -> str:
    """The key of a part of a stage's work. It tells what the part is: what was made of another one is not taken for its own."""
    return f"{folder}/{number:05d}-{hashlib.sha256(json.dumps(part).encode()).hexdigest()[:12]}.json"


def find_copies(bucket: Bucket, days: str) -> str | None:
    """Find what the documents of a range of days repeat; write it below ``work/<run>/copies/`` and return that key.

    Nothing is found where the documents table was written since: then `deduplicate` finds it.
    """
    documents, run = Documents(bucket), days.rsplit("/", 2)[0]
    told = _handed_on(bucket, days)
    roles = _table_handed_on(bucket, f"{run}/roles.parquet")
    if told is None or roles is None or documents.state != told["state"]:
        log.info("documents/ has changed since this was planned: it is left to deduplicate")
        return None
    found = duplicates.find_copies(documents, roles, _days(told))
    copies = _beside(days, "copies")
    bucket.put(copies, _parquet(found))
    return copies


def _days(told: Mapping[str, str]) -> Days:
    return Days(date.fromisoformat(told["first"]), date.fromisoformat(told["last"]))


def deduplicate(bucket: Bucket, run: str, on_progress: OnProgress = tell_nobody) -> list[str]:
    """Decide which documents are articles and which are copies of one, by what was found, where the table is as it was then.

    What was not found it finds. Returns the keys of the ranges of days whose partitions several workers may write (`build_days`);
    none where `deposit` has but one range to do.
    """
    documents = Documents(bucket)
    ranges, roles = _handed_on(bucket, f"work/{run}/ranges.json"), _table_handed_on(bucket, f"work/{run}/roles.parquet")
    if ranges is None or roles is None or any(told["state"] != documents.state for told in ranges):
        decided = decide(documents)  # another build wrote in between, a takedown, or this stage before it was killed
    else:
        copies = []
        for number, told in enumerate(ranges):
            on_progress("comparing", number, len(ranges))
            found = _table_handed_on(bucket, _beside(_part_key(f"work/{run}/ranges", number, told), "copies"))
            copies.append(duplicates.find_copies(documents, roles, _days(told)) if found is None else found)
        on_progress("comparing", len(ranges), len(ranges))
        decided = settle(documents, Plan(list(map(_days, ranges)), roles), copies)
    log.info("%d decisions: article, or copy of which", decided)
    planned = corpus.plan_deposit(bucket)
    bucket.put(f"work/{run}/days.json", json.dumps(asdict(planned)).encode(), content_type="application/json")
    return _share_out(bucket, f"work/{run}/days", [asdict(days) for days in planned.ranges])


def build_days(bucket: Bucket, days: str) -> str | None:
    """Write the partitions of a range of days; note them below ``work/<run>/built/`` and return that key.

    None is written where the documents table was written since: then `deposit` writes them.
    """
    told = _handed_on(bucket, days)
    done = told and corpus.build_days(bucket, corpus.DayRange(**told))
    if not done:
        log.info("documents/ has changed since this was planned: it is left to deposit")
        return None
    built = days.replace("/days/", "/built/")
    bucket.put(built, json.dumps(asdict(done)).encode(), content_type="application/json")
    return built


def deposit(bucket: Bucket, run: str, on_progress: OnProgress = tell_nobody) -> dict[str, Any]:
    """Bring ``articles/`` in line with the decisions, its manifest last; return what was written, by whatever worker."""
    told = _handed_on(bucket, f"work/{run}/days.json")
    planned = corpus.DepositPlan.from_dict(told) if told else corpus.plan_deposit(bucket)
    built = {}
    for number, days in enumerate(planned.ranges):
        if done := _handed_on(bucket, _part_key(f"work/{run}/built", number, asdict(days))):
            built[number] = corpus.BuiltDays.from_dict(done)
    summary = asdict(corpus.finish_deposit(bucket, planned, built, on_progress))
    bucket.put(f"work/{run}/deposit.json", json.dumps(summary).encode(), content_type="application/json")
    for what in ("written", "deleted"):
        told = summary[what]
        log.info(
            "%d days %s: %s", len(told), what, ", ".join(told[:_MAX_TOLD]) + (", …" if len(told) > _MAX_TOLD else "")
        )
    return summary


def _handed_on(bucket: Bucket, key: str) -> Any:  # noqa: ANN401 - as JSON is
    """What a stage before wrote as JSON; None where it did not."""
    try:
        return json.loads(bucket.get(key))
    except KeyError:
        return None


def _table_handed_on(bucket: Bucket, key: str) -> pa.Table | None:
    """What a stage before wrote as a table; None where it did not."""
    try:
        return pq.read_table(io.BytesIO(bucket.get(key)))
    except KeyError:
        return None


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


def describe(bucket: Bucket, run: str, sources: Mapping[str, Source]) -> dict[str, Any]:
    """Bring ``card/`` and ``sources/`` in line with the corpus, these sources' files and what `note_health` noted.

    Returns what was written. Whatever goes wrong is told in the run's report, and stops no build: the next one makes good for it.
    """
    told: dict[str, Any] = {"written": [], "problem": None}
    try:
        told |= asdict(card.describe(bucket, sources, health.read_coverage(bucket, sources)))
    except Exception as error:
        log.exception(
            "card/ and sources/ were not brought up to date, and say what an earlier build found; the corpus is whole"
        )
        told["problem"] = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    bucket.put(f"work/{run}/card.json", json.dumps(told).encode(), content_type="application/json")
    return told


def index(bucket: Bucket, run: str, sources: Mapping[str, Source]) -> dict[str, Any]:
    """Bring ``search/``, the index of the corpus, in line with it; return what was written.

    Whatever goes wrong is told in the run's report, and stops no build: the next one makes good for it.
    """
    noted: dict[str, Any] = {"months": [], "articles": 0, "problem": None}
    try:
        noted |= asdict(search.update(bucket, sources))
    except Exception as error:
        log.exception("search/ was not brought up to date; the corpus is whole without it")
        noted["problem"] = f"{type(error).__name__}: {error}"
    log.info("%d articles indexed for the search, in %d months", noted["articles"], len(noted["months"]))
    bucket.put(f"work/{run}/index.json", json.dumps(noted).encode(), content_type="application/json")
    return noted


def report(bucket: Bucket, run: str, sources: Mapping[str, Source], now: datetime) -> str | None:
    """Write ``reports/<run>/report.json`` and ``.html``, delete what the stages handed on, and return the JSON's key.

    An idle run, which took nothing in, changed no day and found nothing wrong, writes none, says so, and returns None. Of the
    captures of other sources than these the report says that they were left out. `now` is an aware instant.
    """
    taken_in, deposited, noted, described, indexed = (
        json.loads(bucket.get(f"work/{run}/{name}.json")) for name in ("taken_in", "deposit", "health", "card", "index")
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
        card=described,
        index=indexed,
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
    each: Each | None = None,
) -> Iterator[str]:
    """Run every stage in turn, again and again until nothing of these sources waits; yield the key of each pass's report.

    What several workers may do is done by `each`, `in_processes` where it is None.

    An idle pass (`report`) has none. The first is named `run`, the ones after it ``<run>-2`` and so on. A rebuild is one pass
    over all there is.

    Raises:
        ReconciliationError: once everything is taken in, for the first pass in which something does not add up.
    """
    reports: list[str] = []
    for number in itertools.count(1):
        name = run if number == 1 else f"{run}-{number}"
        batches = find_captures(bucket, name, sources, rebuild=rebuild and number == 1)
        clean_batches(bucket, sources, batches, on_progress, each=each)
        if ranges := write_documents(bucket, name, on_progress):
            (each or in_processes)(bucket, ranges, find_copies, "comparing", on_progress)
        if days := deduplicate(bucket, name, tell_nobody if ranges else on_progress):
            (each or in_processes)(bucket, days, build_days, "depositing", on_progress)
        deposit(bucket, name, tell_nobody if days else on_progress)
        tidy(bucket)
        now = datetime.now(UTC)
        note_health(bucket, name, sources, now)
        describe(bucket, name, sources)
        index(bucket, name, sources)
        if key := report(bucket, name, sources, now):
            reports.append(key)
            yield key
        if not waiting_captures(bucket, sources):
            break
    for key in reports:
        require_reconciled(bucket, key)


def _captures_of(bucket: Bucket, key: str, source: Source) -> Iterator[Capture]:
    """A capture file's pages; where it breaks off, or holds none, one more that stands for the rest."""
    whole = False
    try:
        for capture in read_captures(io.BytesIO(read_file(bucket, key)), key):
            whole = True
            yield capture
    except CaptureError:
        whole = False
    if not whole:
        # The rest of the file cannot be had by trying again: it is accounted for instead.
        yield Capture(key, -1, str(source.home), fetched_day(key), status=0, content_type="", body=b"")


def _portions(captures: Iterator[Capture]) -> Iterator[list[Capture]]:
    """Captures as they are cleaned together: those of a file, or fewer where their bodies are large."""
    portion: list[Capture] = []
    size = 0
    for capture in captures:
        portion.append(capture)
        size += len(capture.body)
        if size >= _PORTION:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _begun(bucket: Bucket) -> Iterator[tuple[str, frozenset[str]]]:
    """The marks of batches whose cleaning has begun and not ended, and the files of each."""
    for stored in bucket.list(_BEGUN):
        if _MARK.fullmatch(stored.key):
            yield stored.key, frozenset(_handed_on(bucket, stored.key) or ())


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
