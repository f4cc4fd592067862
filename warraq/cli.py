"""The command line: ``warraq …``."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from contextlib import redirect_stderr, suppress
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn
from urllib.parse import urlsplit

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from pipeline.errors import WarraqError
from pipeline.settings import Settings, list_settings, unknown_variables
from pipeline.sources import Source, find_source, load_source, load_sources, sources_folder
from pipeline.text import escape_invisible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.bucket import Bucket
    from pipeline.captures import Capture
    from pipeline.coverage import DayCoverage
    from pipeline.dates import ParsedDate

app = typer.Typer(
    name="warraq",
    help="Gather Arabic news reporting into a clean, dated, deduplicated corpus in an S3-compatible bucket.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
corpus_app = typer.Typer(help="Look at the corpus: days and counts, or `verify` it.", invoke_without_command=True)
app.add_typer(corpus_app, name="corpus")

console = Console()
SourceId = Annotated[str, typer.Argument(metavar="SOURCE", help="Id of a source, as `warraq sources` lists them.")]
Home = Annotated[Path, typer.Option(envvar="WARRAQ_HOME", help="Folder that holds all state of the embedded servers.")]
HOME: Path = Settings.model_fields["home"].default


@app.command()
def demo(home: Home = HOME) -> None:
    """Run the whole pipeline over the demo sites: real Airflow, real S3 server, then show what came of it."""
    from warraq import demo as demo_run

    raise typer.Exit(demo_run.run(home))


@app.command()
def up(
    home: Home = HOME,
    sources: Annotated[
        Path | None,
        typer.Option(
            envvar="WARRAQ_SOURCES",
            exists=True,
            file_okay=False,
            help="Folder of the sources to crawl; the demo's own, with their sites, without.",
        ),
    ] = None,
) -> None:
    """Start Airflow, the S3 server and the demo sites, and leave them running until Ctrl-C."""
    from warraq import stack

    if sources:
        load_sources(sources)  # mistakes are told before anything starts
    raise typer.Exit(stack.up(home, sources=sources))


@app.command("settings")
def settings_(
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each setting.")] = False,
) -> None:
    """Show every setting, its value, where it comes from and what it means (exit code 1 where a variable is no setting)."""
    listed = list_settings()
    if as_json:
        for one in listed:
            typer.echo(json.dumps(asdict(one), ensure_ascii=False))
    else:
        columns = (Column("variable", no_wrap=True), Column("value", overflow="fold"), Column("from", no_wrap=True))
        table = Table(*columns, Column("meaning"), title="settings", box=SIMPLE_HEAD)
        for one in listed:
            table.add_row(one.variable, escape(one.value or "–"), one.origin, one.description)
        console.print(table)
    unknown = unknown_variables()
    for variable, near in unknown.items():
        hint = f": is {near} meant?" if near else ""
        typer.echo(f"{variable} is set, and there is no such setting{hint}", err=True)
    raise typer.Exit(bool(unknown))


@app.command()
def sources() -> None:
    """List the configured sources, and check their files."""
    columns = ("id", "name", "home", "time zone", "schedule", "discovery", "enabled")
    table = Table(*(Column(name, overflow="fold") for name in columns), title=str(sources_folder()))
    for source in load_sources().values():
        found = ", ".join(discovery.type for discovery in source.discovery) or "archives only"
        table.add_row(
            source.id,
            source.name,
            str(source.home),
            source.timezone,
            source.schedule,
            found,
            "yes" if source.enabled else "no",
        )
    console.print(table)


@app.command()
def probe(
    site: Annotated[str, typer.Argument(metavar="SITE", help="Address of a site's home page.")],
    source_id: Annotated[
        str | None, typer.Option("--id", help="Id of the source; made of the site's host, without.")
    ] = None,
    delay: Annotated[
        float, typer.Option(min=0, max=120, help="Seconds between two requests, of this look and of the source.")
    ] = 1.0,
    write: Annotated[
        bool, typer.Option("--write", help="Write the file into the folder of the sources, in place of printing it.")
    ] = False,
) -> None:
    """Look at a site for some minutes, and make a source's file of it, with a sample of what it would gather."""
    from crawlers.probe import probe as look_at

    if source_id is not None and not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", source_id):
        raise WarraqError(f"--id {source_id} must be 2 to 41 of the letters a-z, digits and _, and begin with a letter")
    if write and source_id is not None:
        _refuse_to_overwrite(source_id)  # before minutes are spent
    probed = look_at(
        site, now=datetime.now(UTC), source_id=source_id, delay=delay, say=lambda line: typer.echo(line, err=True)
    )
    if not write:
        typer.echo(probed.text, nl=False)
        return
    path = _refuse_to_overwrite(probed.source.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(probed.text, encoding="utf-8")
    for day, title, url in probed.articles:
        typer.echo(f"{day or 'no day':<11}{escape_invisible(title)}  {url}")
    typer.echo(f"{path} is written: look it over, then run: warraq check {probed.source.id} --enable")


@app.command()
def check(
    named: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE]...", help="Ids of sources; all of them, enabled or not, without."),
    ] = None,
    enable: Annotated[
        bool, typer.Option("--enable", help="Turn on, in their files, those that answer as described.")
    ] = False,
) -> None:
    """Ask whether sites still are what their sources' files say, and say what to do (exit code 1 where anything is)."""
    from crawlers.probe import check_files
    from crawlers.probe import enable as turn_on

    folder = sources_folder()
    paths = [folder / f"{one}.yaml" for one in named] if named else sorted(folder.glob("*.yaml"))
    for path in paths:
        if not path.is_file():
            find_source(path.stem)  # says which there are
    if not paths:
        load_sources()  # says that there are none
    needs_hands = False
    for checked in check_files(paths, datetime.now(UTC)):
        for finding in checked.findings:
            typer.echo(f"{checked.id}: {'TO DO: ' if finding.to_do else ''}{finding.text}")
            needs_hands = needs_hands or finding.to_do
        if enable and checked.answers_as_described and turn_on(folder / f"{checked.id}.yaml"):
            typer.echo(f"{checked.id}: enabled; where Airflow shows crawl_{checked.id} already, unpause it there")
    raise typer.Exit(needs_hands)


@app.command()
def crawl(
    source: SourceId,
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
    limit: Annotated[int | None, typer.Option(min=1, help="Fetch so many pages at most.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be fetched, and fetch no page.")] = False,
) -> None:
    """Crawl one source now, into captures/ of the bucket."""
    from crawlers.run import Crawl, Options, dry_run_key, new_run, report_key
    from crawlers.window import resolve_window

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
    options = Options(recrawl=since is None, discovery=tuple(discovery or ()), limit=limit, dry_run=dry_run)
    bucket = _bucket()
    bucket.ensure()
    run = new_run(site.id, now)
    summary = Crawl(
        site.id, window, run, options, on_line=lambda _level, line: console.print(line, markup=False)
    ).wait()
    if dry_run:
        for line in bucket.get(dry_run_key(run)).decode().splitlines():
            page = json.loads(line)
            typer.echo(f"{page['day'] or 'no day':<11}{page['url']}")
    words = summary.outcome.name.lower().replace("_", " ")
    console.print(f"{words}; what it did is in {report_key(run)} of the bucket", markup=False, soft_wrap=True)


@app.command()
def coverage(
    named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE]...", help="Ids of sources; every one that is enabled or was crawled, without."
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First published day; 30 days before the last, without."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day after the last one; tomorrow, without.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One line of JSON for each source and day, with the crawl that covers it.")
    ] = False,
) -> None:
    """Show what the bucket has of each source and published day, and what is missing (exit code 1 where anything is)."""
    from pipeline.coverage import State, covered_sources
    from pipeline.coverage import coverage as covered

    end = until.date() if until else datetime.now(UTC).date() + timedelta(days=1)
    first = since.date() if since else end - timedelta(days=30)
    if first >= end:
        raise WarraqError(f"--since {first} must come before --until {end}")
    bucket = _bucket()
    if named:
        sources = [find_source(one).id for one in named]
    else:
        sources = [*covered_sources(bucket), *(source.id for source in load_sources().values() if source.enabled)]
    found = covered(bucket, set(sources), first, end)
    if as_json:
        for day in found:
            typer.echo(json.dumps(day.to_json(), ensure_ascii=False))
    else:
        _show_coverage(found)
    raise typer.Exit(any(day.state != State.COVERED for day in found))


@app.command("import")
def import_(
    source: SourceId,
    locations: Annotated[
        list[str],
        typer.Argument(metavar="LOCATION…", help="WARC or WACZ files: paths, or http://, https:// or s3:// addresses."),
    ],
) -> None:
    """Take the pages of a source out of WARC and WACZ files that someone else made, into captures/ of the bucket."""
    from pipeline.import_archives import ArchiveFileError, import_archive

    site = find_source(source)
    bucket = _bucket()
    bucket.ensure()
    failed = []
    for location in locations:
        try:
            with redirect_stderr(StringIO()):  # warcio's own words on what it cannot read
                done = import_archive(bucket, site, location)
        except ArchiveFileError as error:
            failed.append(str(error))
            continue
        typer.echo(f"{location}: {done.kept} pages taken in, {done.known} known before.")
        for why, count in sorted(done.left_out.items()):
            typer.echo(f"  left out: {count} {why}")
        if done.hosts:
            most = ", ".join(f"{host} {count}" for host, count in done.hosts.most_common(5))
            typer.echo(
                f"  the other hosts, the most frequent first: {most}; `allowed_hosts` of {site.id} says which are its own"
            )
        if done.truncated:
            console.print(
                f"  {done.truncated} of the pages are not whole: the file or the capture breaks off", style="yellow"
            )
        for loss in done.damaged:
            console.print(f"  {escape(loss)}", style="yellow", highlight=False, soft_wrap=True)
    if failed:
        raise WarraqError("; ".join(failed))
    typer.echo("`warraq build` takes them into the corpus.")


@app.command()
def build(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Clean every capture anew, not only the new ones.")
    ] = False,
) -> None:
    """Build the corpus from the captures that it does not hold yet (exit code 1 where the counts do not add up)."""
    from pipeline import build as stages

    bucket = _bucket()
    bucket.ensure()
    run = f"build-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for key in stages.passes(bucket, load_sources(), run, rebuild=rebuild):
        report = json.loads(bucket.get(key))
        _show_counts({"this run": report["new"], "whole corpus": report["total"]})
        console.print(f"Days written: {len(report['deposit']['written'])}. Report: {key} (and .html).")


@app.command()
def takedown(
    named: Annotated[
        str,
        typer.Argument(metavar="URL|ARTICLE_ID", help="The article, by its URL or by its `article_id` in the corpus."),
    ],
    reason: Annotated[str, typer.Option(help="Why; it is kept in takedowns/ of the bucket.")],
    purge_captures: Annotated[
        bool,
        typer.Option("--purge-captures", help="Overwrite the pages in captures/ too. This cannot be undone."),
    ] = False,
) -> None:
    """Take an article and all its copies out of the corpus, for good; a page not captured yet is kept out."""
    from pipeline.corpus import take_down

    bucket = _bucket()
    if not any(any(bucket.list(prefix)) for prefix in ("captures/", "documents/")):  # a mistyped name, most likely
        raise WarraqError(f"bucket {bucket.name!r} holds neither captures nor a corpus: is WARRAQ_BUCKET right?")
    with redirect_stderr(StringIO()):  # warcio's own words on what it cannot read
        outcome = take_down(bucket, named, reason, now=datetime.now(UTC), purge_captures=purge_captures)
    if not outcome.takedown.texts:
        console.print(
            f"No text of {named} is in the corpus, so no copies are known; it will be kept out.", soft_wrap=True
        )
    else:
        console.print(
            f"{outcome.emptied} captured pages emptied, {len(outcome.days)} days of the corpus written. "
            f"Down are {len(outcome.takedown.articles)} articles and copies.",
            soft_wrap=True,
        )
    if purge_captures:
        console.print(f"{outcome.purged} captures purged.")
    elif outcome.takedown.texts:
        console.print("captures/ still holds what the sites sent: --purge-captures overwrites it.")


@app.command()
def extract(
    page: Annotated[
        str,
        typer.Argument(
            metavar="PAGE",
            help="A saved page, a WARC file, the URL of a page, or a captured page of the bucket, by its key and offset: "
            "captures/….warc.gz#1234, as `capture_key` and `capture_offset` name it.",
        ),
    ],
    url: Annotated[
        str | None,
        typer.Option(
            help="The URL that a saved page came from, if it does not state one; of a WARC file, the page to read."
        ),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Id or file of the source whose settings to use.")] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Say in plain lines where each part was found, and which rule took what away."),
    ] = False,
) -> None:
    """Print what the pipeline makes of one page, as JSON; with --explain, why."""
    from pipeline.build import document_row
    from pipeline.extract import clean
    from pipeline.rejection import Rejection
    from warraq.extract import as_json, as_lines, find_capture, stated_url

    if url is not None and not _is_web_address(url):
        raise WarraqError(f"--url {url} is not the URL of a web page")
    if page.startswith(("http://", "https://")):
        if not _is_web_address(page):
            raise WarraqError(f"{page} is not the URL of a web page")
        body, content_type, status = _fetch(page)
        capture = _capture(url or page, body, content_type, status)
    else:
        found = find_capture(page, url)
        body = b"" if found else _read(Path(page))
        capture = found or _capture(url or stated_url(body), body, "", 200)
    configured = _source_for(capture, source)
    site = configured or _unknown_source(capture.url)
    row = document_row(capture, site)
    if configured is None and row["rejected"] == Rejection.WRONG_LANGUAGE:
        site = _unknown_source(capture.url, language=row["language"])
        row = document_row(capture, site)
    if configured is None and (zone := _stated_zone(row["dates"])):
        site = _unknown_source(capture.url, zone, site.language)
        row = document_row(capture, site)
    cleaned = clean(capture, site)
    if explain:
        for line in as_lines(cleaned, row):
            typer.echo(line)
    else:
        typer.echo(json.dumps(as_json(cleaned, row), ensure_ascii=False, indent=1, default=_iso))


@app.command()
def learn(source: SourceId) -> None:
    """Propose, from a source's captures, the lines that it repeats and what holds its articles, to be written into its YAML."""
    from pipeline.captures import captures_of
    from pipeline.extract import NoBody, as_yaml, body_as_yaml, propose

    site = find_source(source)
    with redirect_stderr(StringIO()):  # warcio's own words on what it cannot read
        proposed = propose(captures_of(_bucket(), site.id), site)
    file = sources_folder() / f"{site.id}.yaml"
    if proposed.furniture:
        typer.echo(f"# Keep what is no part of an article, in {file}:")
        typer.echo(("" if site.furniture else "furniture:\n") + as_yaml(proposed.furniture), nl=False)
    else:
        typer.echo(
            f"Nothing recurs in the articles captured of {site.id} that the rules do not take already.", err=True
        )
    if isinstance(proposed.body, NoBody):
        typer.echo(f"No `body:` is proposed for {site.id}: {proposed.body.why}.", err=True)
    elif proposed.body:
        typer.echo(f"# Where it holds the articles and nothing else, keep it in {file}:")
        typer.echo(body_as_yaml(proposed.body), nl=False)


@app.command("date")
def date_(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A line that may state a date, such as a byline.")],
    reference: Annotated[
        datetime | None,
        typer.Option(
            metavar="TIME",
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d"],
            help="When the line was captured, such as 2016-05-12T12:00, in the zone unless it states an offset; "
            "now, without.",
        ),
    ] = None,
    zone: Annotated[str, typer.Option(help="IANA zone in which the source prints its dates.")] = "UTC",
    order: Annotated[Literal["DMY", "MDY", "YMD"], typer.Option(help="Order of the source's numeric dates.")] = "DMY",
) -> None:
    """Explain which date a line states (exit code 0), or why none is read (1)."""
    from pipeline.dates import Refusal, read_date

    try:
        read = read_date(text, reference=reference or datetime.now(UTC), zone=zone, order=order)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--zone") from None
    if isinstance(read, Refusal):
        facts = [("refused", read.reason.value), ("matched", escape_invisible(read.matched or ""))]
    else:
        facts = [("matched", escape_invisible(read.matched)), ("value", _value(read)), ("precision", read.precision)]
        facts += [("calendar", read.calendar), ("method", read.method), ("notes", ", ".join(read.notes))]
    for name, fact in facts:
        if fact:
            typer.echo(f"{name:<11}{fact}")
    raise typer.Exit(isinstance(read, Refusal))


@corpus_app.callback()
def corpus(context: typer.Context) -> None:
    """Show the days of the corpus and what became of every captured page."""
    if context.invoked_subcommand:
        return
    from pipeline.corpus import read_manifest

    manifest = read_manifest(_bucket())
    table = Table("published", "articles", "bytes", "sha256", title="articles/")
    for partition in manifest.partitions:
        table.add_row(partition.published, str(partition.rows), str(partition.bytes), partition.sha256[:16])
    console.print(table)
    _show_counts({"whole corpus": asdict(manifest.counts)})


@corpus_app.command("verify")
def verify() -> None:
    """Read every partition and hold it against the manifest's checksums."""
    from pipeline import corpus as articles

    bucket = _bucket()
    faults = articles.verify(bucket)
    for fault in faults:
        console.print(fault, style="red")
    if faults:
        raise typer.Exit(1)
    manifest = articles.read_manifest(bucket)
    console.print(f"{len(manifest.partitions)} partitions, {manifest.counts.articles} articles: all as deposited.")


@corpus_app.command("changes")
def changes(
    since: Annotated[
        str, typer.Option(help="A manifest that was kept (a file), or a moment: 2024-03-05, 2024-03-05T14:00Z")
    ],
) -> None:
    """List the partitions that a reader has to read again, and those that are gone."""
    from pipeline import corpus as articles

    kept = Path(since)
    if kept.is_file():
        found = articles.changes_since_manifest(_bucket(), kept.read_bytes())
    else:
        try:
            moment = datetime.fromisoformat(since)
        except ValueError:
            raise WarraqError(f"--since {since}: neither a file nor a moment such as 2024-03-05T14:00Z") from None
        found = articles.changes_since(_bucket(), moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    for path in found.written:
        typer.echo(f"written {path}")
    for path in found.gone:
        typer.echo(f"gone    {path}")


@corpus_app.command("export")
def export(
    _format: Annotated[Literal["jsonl"], typer.Option("--format", help="JSON, one article a line")] = "jsonl",
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First published day")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day after the last one")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; the terminal when left out")] = None,
) -> None:
    """Write the articles as lines, for tools that read no Parquet."""
    from pipeline import corpus as articles

    if since and until and since >= until:
        raise WarraqError(f"--since {since:%Y-%m-%d} must come before --until {until:%Y-%m-%d}")
    found = articles.read_articles(_bucket(), since and since.date(), until and until.date())
    if out is None:
        articles.export_jsonl(found, sys.stdout)
        return
    part = out.with_name(f"{out.name}.part")  # what breaks off leaves no file that looks whole
    try:
        with part.open("w", encoding="utf-8") as lines:
            count = articles.export_jsonl(found, lines)
        part.replace(out)
    except OSError as error:
        raise WarraqError(f"{out}: cannot be written: {error.strerror}") from None
    typer.echo(f"{count} articles in {out}")


@app.command()
def explain(
    article: Annotated[str, typer.Argument(help="URL or article id")],
    other: Annotated[str | None, typer.Argument(help="Another one, to hold it against")] = None,
) -> None:
    """Say why a page is an article, a copy or neither, and what it was held against."""
    from pipeline.corpus import explain as explained

    for line in explained(_bucket(), article, other):
        typer.echo(line)


def main() -> NoReturn:
    """Run the command line; what a person can mend ends in one sentence and exit code 1."""
    code = 0
    try:
        app()
    except WarraqError as error:
        Console(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {escape(str(error))}", highlight=False)
        code = 1
    except SystemExit as end:  # how typer ends
        code = int(end.code or 0)
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Not by way of the interpreter's own end: taking the stores' clients down, it now and then aborts a process whose work is done.
    os._exit(code)


def _bucket() -> Bucket:
    from pipeline.bucket import Bucket

    return Bucket()


def _show_counts(counts: Mapping[str, Mapping[str, Any]]) -> None:
    table = Table("", "captured", "articles", "copies", "rejected", title="What became of every captured page")
    for name, count in counts.items():
        table.add_row(
            name,
            str(count["captured"]),
            str(count["articles"]),
            _sum(count["copies"]),
            _sum(count["rejected"]),
        )
    console.print(table)


def _show_coverage(days: Sequence[DayCoverage]) -> None:
    """A line for each stretch of days of a source that stand alike, and each reason once below."""
    whole = [Column(name, no_wrap=True) for name in ("source", "days", "state")]
    numbers = [Column(name, justify="right") for name in ("articles", "copies", "failed")]
    table = Table(*whole, *numbers, title="coverage", box=SIMPLE_HEAD)
    reasons: dict[str, str] = {}
    for (source, state, why), group in groupby(days, key=lambda day: (day.source, day.state, day.why)):
        stretch = list(group)
        first, last = stretch[0].day, stretch[-1].day
        table.add_row(
            source,
            f"{first}" if first == last else f"{first} … {last}",
            f"{state.value.replace('_', ' ')}",
            *(str(sum(getattr(day, name) for day in stretch)) for name in ("articles", "copies", "failed")),
        )
        if why:
            reasons.setdefault(why, f"{source} {first}")
    console.print(table)
    for why, where in reasons.items():
        console.print(f"from {where} on: {escape(why)}", style="yellow", highlight=False, soft_wrap=True)
    counts = Counter(day.state.value.replace("_", " ") for day in days)
    console.print(
        f"{len(days)} days of sources: " + ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    )


def _sum(parts: Mapping[str, int]) -> str:
    return f"{sum(parts.values())}" + "".join(f"\n  {name} {number}" for name, number in parts.items())


def _refuse_to_overwrite(source_id: str) -> Path:
    """The file of a new source."""
    path = sources_folder() / f"{source_id}.yaml"
    if path.exists():
        raise WarraqError(
            f"{path} is there already: remove it, or give another --id; without --write the file is printed"
        )
    return path


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _capture(url: str, body: bytes, content_type: str, status: int) -> Capture:
    """A page at hand as if it had been captured now."""
    from pipeline.captures import Capture

    return Capture(
        key="", offset=0, url=url, captured_at=datetime.now(UTC), status=status, content_type=content_type, body=body
    )


def _source_for(capture: Capture, source: str | None) -> Source | None:
    """The source asked for; else the one whose captures hold the page, or whose hosts have its URL."""
    from pipeline.captures import source_of

    if source:
        return load_source(Path(source)) if source.endswith((".yaml", ".yml")) else find_source(source)
    host = urlsplit(capture.url).hostname
    configured = load_sources() if sources_folder().is_dir() else {}
    named = configured.get(source_of(capture.key)) if capture.key.startswith("captures/") else None
    return named or next((site for site in configured.values() if host in site.hosts), None)


def _unknown_source(url: str, zone: str = "UTC", language: str = "ar") -> Source:
    """A source that says nothing of its site but the zone of its dates and its language."""
    host = urlsplit(url).hostname or "unknown.invalid"
    return Source.model_validate(
        {"id": "page", "name": host, "home": f"http://{host}/", "timezone": zone, "language": language}
    )


def _stated_zone(dates: Sequence[Mapping[str, str]]) -> str | None:
    """The zone of the first offset of whole hours that a page's dates state: where no source says it, the page itself may."""
    for stated in dates:
        if match := re.search(r"\d:\d\d(?:\.\d+)?([+-])(\d\d):?00$", stated["text"].strip()):
            sign, hours = match[1], int(match[2])
            if 0 < hours <= 12:
                return (
                    f"Etc/GMT{'-' if sign == '+' else '+'}{hours}"  # the names of these zones have their signs reversed
                )
    return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WarraqError(f"{path} cannot be read: {error.strerror}") from None


def _fetch(url: str) -> tuple[bytes, str, int]:
    """The page at a URL: its body (bounded), content type and status."""
    import httpx

    from pipeline.captures import MAX_BODY

    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=30, headers={"User-Agent": "warraq"}) as response:
            body = b""
            for part in response.iter_bytes():
                body += part
                if len(body) > MAX_BODY:
                    raise WarraqError(f"{url} is larger than {MAX_BODY} bytes")
            return body, response.headers.get("content-type", ""), response.status_code
    except httpx.HTTPError as error:
        raise WarraqError(f"{url} cannot be fetched: {error or type(error).__name__}") from None


def _value(read: ParsedDate) -> str:
    """A day; or an instant as its zone writes it, with the zone."""
    if not isinstance(read.value, datetime):
        return read.value.isoformat()
    return f"{read.value.isoformat(timespec=f'{read.precision}s')} ({read.value.tzinfo})"


def _iso(value: date) -> str:
    return value.isoformat()
