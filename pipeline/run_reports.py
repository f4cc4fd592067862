"""The reports of runs as people ask for them: which there are, one as text of 80 columns, one as a page.

A build leaves ``reports/<run>/report.json`` and ``report.html`` (`pipeline.corpus`), a crawl ``reports/<run>/crawl.json``.
"""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from pipeline.bucket import Bucket
from pipeline.corpus import Counts
from pipeline.crawl_reports import Crawl, began_at, list_runs, read_crawls
from pipeline.errors import WarraqError
from pipeline.health import crawl_page
from pipeline.text import escape_invisible

COLUMNS = 80

_PREFIX = "reports/"
_BUILDS = ("corpus", "build")
"""How the names of builds begin: those of the DAG, and those of ``warraq build``."""

_LOOKS_BACK = (timedelta(days=2), timedelta(days=60), timedelta(days=36_500))
"""How far back is looked for the newest runs; further only where there are none."""

_SAMPLES = 3


class ReportError(WarraqError):
    """There is no such report, or it cannot be read; the message says what there is."""


def newest_builds(bucket: Bucket, now: datetime, most: int = 5) -> list[str]:
    """The newest builds that left a report, the newest first; `now` is an aware instant.

    Raises:
        BucketError: the store cannot be reached.
    """
    runs: list[tuple[str, str]] = []
    for back in _LOOKS_BACK:
        runs = []
        for kind in _BUILDS:
            prefix = f"{_PREFIX}{kind}-"
            for stored in bucket.list(prefix, after=f"{prefix}{now - back:%Y%m%dT%H%M%SZ}"):
                run, _, name = stored.key.removeprefix(_PREFIX).partition("/")
                if name == "report.json":
                    runs.append((run.removeprefix(f"{kind}-"), run))  # the rest of a name begins with its time
        if runs:
            break
    return [run for _, run in sorted(runs, reverse=True)[:most]]


def newest_crawls(bucket: Bucket, source: str, now: datetime, most: int = 5) -> list[str]:
    """The newest crawls of a source that left a report, the newest first; `now` is an aware instant.

    Raises:
        BucketError: the store cannot be reached.
    """
    for back in _LOOKS_BACK:
        if runs := list_runs(bucket, [source], now - back):
            return runs[::-1][:most]
    return []


def read_report(bucket: Bucket, run: str) -> dict[str, Any]:
    """The report of a run, as its JSON is.

    Raises:
        ReportError: there is none, or it is no JSON.
        BucketError: the store cannot be reached.
    """
    for name in ("report.json", "crawl.json"):
        key = f"{_PREFIX}{run}/{name}"
        try:
            read: dict[str, Any] = json.loads(bucket.get(key))
        except KeyError:
            continue
        except ValueError:
            raise ReportError(f"{key} is damaged: it is no JSON") from None
        return read
    raise ReportError(f"there is no report of a run {run!r}")


def report_page(bucket: Bucket, run: str) -> str | None:
    """The report of a run as a page, whose links to the bucket's files begin with ``../../``; None where there is none.

    Raises:
        ReportError: it is a crawl's, and cannot be read.
        BucketError: the store cannot be reached.
    """
    try:
        return bucket.get(f"{_PREFIX}{run}/report.html").decode()
    except KeyError:
        crawl = _crawl(bucket, run)
        return crawl_page(crawl, run.rsplit("-", 2)[0]) if crawl else None


def _crawl(bucket: Bucket, run: str) -> Crawl | None:
    key = f"{_PREFIX}{run}/crawl.json"
    if began_at(run) is None or not any(stored.key == key for stored in bucket.list(key)):
        return None
    crawl = read_crawls(bucket, [run])[run]
    if crawl.report is None:
        raise ReportError(f"{key} cannot be read: it is damaged, or was written by another version")
    return crawl


def tell_report(bucket: Bucket, run: str) -> Iterator[str]:
    """The report of a run in lines of `COLUMNS`; an address that is longer stands whole.

    Raises:
        ReportError: there is none, or it cannot be read.
        BucketError: the store cannot be reached.
    """
    if crawl := _crawl(bucket, run):
        lines = list(_of_crawl(crawl))
    else:
        report = read_report(bucket, run)
        try:
            lines = list(_of_build(report))
        except (KeyError, TypeError, ValueError):
            raise ReportError(f"the report of {run} is none of a build of this version: read it with --json") from None
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        yield textwrap.fill(
            escape_invisible(line),
            COLUMNS,
            subsequent_indent=f"{indent}    ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def _of_build(report: Mapping[str, Any]) -> Iterator[str]:
    names = report["names"]
    yield f"Corpus build {report['run']}, {datetime.fromisoformat(report['at']):%Y-%m-%d %H:%M} UTC"
    yield ""
    yield f"This run: {Counts(**report['new']).told}"
    yield f"Whole corpus: {Counts(**report['total']).told}"
    deposit = report["deposit"]
    yield f"Days written: {len(deposit['written'])}, unchanged: {deposit['unchanged']}, removed: {len(deposit['deleted'])}"
    for fault in report["faults"]:
        yield f"✖ does not add up: {fault}"
    for source, files in report["left_out"].items():
        yield f"✖ left out, since no file of a source names it: {source}, {files} capture files"
    if report["health"]["problem"]:
        yield f"✖ health/ was not brought up to date: {report['health']['problem']}"
    if (report.get("card") or {}).get("problem"):  # a report of before there was a card has none
        yield f"✖ card/ and sources/ were not brought up to date: {report['card']['problem']}"
    if problem := report.get("index", {}).get("problem"):  # builds before there was an index say nothing of it
        yield f"✖ search/ was not brought up to date: {problem}"
    wrong = [one for one in report["health"]["verdicts"] if one["wrong"]]
    if wrong:
        yield ""
        yield "Out of the ordinary, the worst first"
    for one in wrong:
        since = f" since {one['since']}" if one["since"] else ""
        yield f"  {one['sign']} {one['source']} {one['state']}{since}: {one['reason']}"
        yield f"      → {one['todo']}"
    if report["sources"]:
        yield ""
        yield "Sources"
    for source, of_source in report["sources"].items():
        yield f"  {source} ({names[source]}): {Counts(**of_source).told}"
    rejected = Counter((row["source"], row["reason"]) for row in report["rejections"])
    if rejected:
        yield ""
        yield "Rejected"
    for (source, reason), number in sorted(rejected.items()):
        yield f"  {source} {reason} {number}"
        of_reason = [row["url"] for row in report["rejections"] if (row["source"], row["reason"]) == (source, reason)]
        for url in of_reason[:_SAMPLES]:
            yield f"      {url}"


def _of_crawl(crawl: Crawl) -> Iterator[str]:
    report = crawl.report
    if report is None:
        return
    yield f"Crawl {crawl.run}, {crawl.began_at:%Y-%m-%d %H:%M} UTC: {report.outcome.replace('_', ' ')}"
    yield ""
    yield report.message
    yield f"For the days from {report.window.since} up to, not including, {report.window.until}"
    counts = {
        "found": report.found,
        "captured": report.captured,
        "stored before": report.known,
        "not changed": report.unchanged,
        "did not come": len(report.failed),
        "would be fetched": report.would_fetch,
        "not come to": report.remaining,
        **{f"left out, {reason.replace('_', ' ')}": number for reason, number in report.skipped.items()},
    }
    yield "Addresses: " + ", ".join(f"{what} {number}" for what, number in counts.items() if number or what == "found")
    for one in report.discovery:
        said = "; ".join([*one.problems, *one.notes])
        found = "" if one.found is None else f", {one.found} addresses"
        answered = "answered" if one.answered else "✖ did not answer"
        yield f"  {one.type} {one.url} {answered}{found}{f': {said}' if said else ''}"
    if report.failed:
        yield ""
        yield "Did not come"
    for failure in report.failed:
        yield f"  {failure.reason} {failure.url}"
    if report.files:
        yield ""
        yield "Wrote"
    for key in report.files:
        yield f"  {key}"
