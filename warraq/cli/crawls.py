"""Captures: crawl a site, take in archives, and what the bucket has of each day."""

from __future__ import annotations

import json
import logging
from collections import Counter
from contextlib import redirect_stderr
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.errors import WarraqError
from pipeline.sources import find_source, owners
from pipeline.urls import without_secrets
from warraq.cli.app import CreateBucket, Loopback, SourceId, app, complete_source, files_of_sources, open_bucket
from warraq.cli.output import AsJson, echo, interruptible, notes, progress, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.coverage import DayCoverage
    from pipeline.import_archives import Imported
    from pipeline.sources import Source


_log = logging.getLogger(__name__)

PANEL = "Gathering"


@app.command(rich_help_panel=PANEL)
def crawl(
    source: SourceId,
    reasons: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REASON]...", help="With `--refetch`: only the pages that were rejected for these reasons."
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="First published day to gather; the source's `look_back_days` before today, without.",
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="First published day to leave out; without, today is the last one gathered."
        ),
    ] = None,
    discovery: Annotated[
        list[str] | None,
        typer.Option(help="Type of discovery to use, such as `sitemap`; may be repeated. All, without."),
    ] = None,
    refetch: Annotated[
        bool,
        typer.Option(
            "--refetch",
            help="Ask again for pages of these days that were rejected: for the reasons named, such as `blocked`, or without "
            "any for all that may pass.",
        ),
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Fetch so many pages at most.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be fetched, and fetch no page.")] = False,
    create_bucket: CreateBucket = False,
    as_json: AsJson = False,
) -> None:
    """Crawl one source now, into captures/ of the bucket."""
    from crawlers.run import (
        ALL_PASSING,
        Crawl,
        CrawlFailed,
        Options,
        check_reasons,
        dry_run_key,
        new_run,
        report_key,
    )
    from crawlers.window import resolve_window

    if reasons and not refetch:
        raise WarraqError(f"{' '.join(reasons)}: reasons are named with --refetch, such as --refetch {reasons[0]}")
    site = find_source(source)
    now = datetime.now(UTC)
    window = resolve_window(
        site,
        since=str(since.date()) if since else None,
        until=str(until.date()) if until else None,
        interval=None,
        run_after=now,
        look_back=True,
    )
    options = Options(
        recrawl=since is None,
        refetch=check_reasons(reasons or [ALL_PASSING]) if refetch else (),
        discovery=tuple(discovery or ()),
        limit=limit,
        dry_run=dry_run,
    )
    bucket = open_bucket(create=create_bucket)
    run = new_run(site.id, now)

    def log_line(level: str, line: str) -> None:
        _log.log(logging.getLevelNamesMapping().get(level, logging.WARNING), "%s", line)

    def kept() -> str:
        begun.stop()
        try:
            told = begun.wait().message
        except CrawlFailed as error:
            told = str(error)
        return f"{told}. What was fetched is in the bucket; crawl again, and only what is missing is fetched"

    with progress() as on_progress:
        begun = Crawl(site.id, window, run, options, on_line=log_line, on_progress=on_progress)
        with interruptible(kept):
            summary = begun.wait()
    listed = [json.loads(line) for line in bucket.get(dry_run_key(run)).decode().splitlines()] if dry_run else []
    if as_json:
        show_json(listed if dry_run else [summary.to_json()])
        return
    for page in listed:
        echo(f"{page['day'] or 'no day':<11}{page['url']}")
    words = summary.outcome.name.lower().replace("_", " ")
    echo(f"{summary.message}\n{words}; what it did is in {report_key(run)} of the bucket")


@app.command(rich_help_panel=PANEL)
def coverage(
    named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE]...",
            help="Ids of sources; without, every one that is enabled or was crawled, but for the removed.",
            autocompletion=complete_source,
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First published day; 30 days before the last, without."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day after the last one; tomorrow, without.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the bucket has of each source and published day, and what is missing (exit code 1 where anything is).

    With --json each source and day has a row, which names the crawl that covers it, or says why none does.
    """
    from pipeline.coverage import State, covered_sources
    from pipeline.coverage import coverage as covered

    end = until.date() if until else datetime.now(UTC).date() + timedelta(days=1)
    first = since.date() if since else end - timedelta(days=30)
    if first >= end:
        raise WarraqError(f"--since {first} must come before --until {end}")
    bucket = open_bucket()
    files = files_of_sources()
    owner = owners(files.readable.values())
    if named:
        sources = [owner[one].id if one in owner else find_source(one).id for one in named]
    else:
        crawled = {owner[one].id if one in owner else one for one in covered_sources(bucket)} - files.removed.keys()
        sources = [*crawled, *(source.id for source in files.sources.values() if source.enabled)]
    formerly = {source.id: source.formerly for source in files.readable.values()}
    found = covered(bucket, set(sources), first, end, formerly)
    if as_json:
        show_json(day.to_json() for day in found)
    else:
        _show_coverage(found)
    raise typer.Exit(bool(files.wrong) or any(day.state != State.COVERED for day in found))


@app.command("import", rich_help_panel=PANEL)
def import_(
    source: SourceId,
    locations: Annotated[
        list[str],
        typer.Argument(
            metavar="LOCATION…", help="WARC, ARC or WACZ files: paths, or http://, https:// or s3:// addresses."
        ),
    ],
    loopback: Loopback = False,
    create_bucket: CreateBucket = False,
    as_json: AsJson = False,
) -> None:
    """Take the pages of a source out of WARC, ARC and WACZ files that someone else made, into captures/ of the bucket."""
    from pipeline.import_archives import ArchiveFileError, Imported, import_archive

    site = find_source(source)
    bucket = open_bucket(create=create_bucket)
    failed = []
    for location in locations:
        done, shown = Imported(), without_secrets(location)

        def kept(location: str = shown, done: Imported = done) -> str:
            return f"{done.kept} pages of {location} are taken in; import it again, and the rest comes too"

        try:
            # What warcio itself says of what it cannot read goes nowhere; what is said of progress stays.
            with progress() as on_progress, interruptible(kept), redirect_stderr(StringIO()):
                import_archive(bucket, site, location, done, on_progress, loopback=loopback)
        except ArchiveFileError as error:
            failed.append(str(error))
            continue
        if as_json:
            show_json([{"location": shown, **asdict(done)}])
        else:
            _show_imported(shown, done, site)
    if failed:
        raise WarraqError("; ".join(failed))
    notes.print("`warraq build` takes them into the corpus.")


def _show_imported(location: str, done: Imported, site: Source) -> None:
    echo(f"{location}: {done.kept} pages taken in, {done.known} known before.")
    for told in done.left_out_told():
        echo(f"  {told}")
    if done.hosts:
        most = ", ".join(f"{host} {count}" for host, count in done.hosts.most_common(5))
        echo(f"  the other hosts, the most frequent first: {most}; `allowed_hosts` of {site.id} says which are its own")
    for loss in done.losses():
        typer.secho(f"  {loss}", fg="yellow")


def _show_coverage(days: Sequence[DayCoverage]) -> None:
    """A line for each stretch of days of a source that stand alike, and each reason once."""
    columns = ("articles", "copies", "failed", "unread", "may_pass")
    rows = []
    reasons: dict[str, str] = {}
    for (source, state, why), group in groupby(days, key=lambda day: (day.source, day.state, day.why)):
        stretch = list(group)
        first, last = stretch[0].day, stretch[-1].day
        rows.append(
            {
                "source": source,
                "first day": first,
                "last day": last,
                "state": state.value.replace("_", " "),
                **{name.replace("_", " "): sum(getattr(day, name) for day in stretch) for name in columns},
            }
        )
        if why:
            reasons.setdefault(why, f"{source} {first}")
    show_table(rows)
    for why, where in reasons.items():
        notes.print(f"from {where} on: {why}", style="yellow", markup=False)
    counts = Counter(day.state.value.replace("_", " ") for day in days)
    notes.print(
        f"{len(days)} days of sources: " + ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    )
