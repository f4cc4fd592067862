"""The corpus: build it, look at it, explain it, take an article down."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stderr
from dataclasses import asdict
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from pipeline.errors import WarraqError
from pipeline.sources import read_sources
from warraq.cli.app import app, console, files_of_sources, open_bucket, show_counts

if TYPE_CHECKING:
    from pipeline.bucket import Bucket
    from pipeline.sources import SourceFiles

PANEL = "The corpus"
corpus_app = typer.Typer(help="Look at the corpus: days and counts, or `verify` it.", invoke_without_command=True)
app.add_typer(corpus_app, name="corpus", rich_help_panel=PANEL)


@app.command(rich_help_panel=PANEL)
def build(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Clean every capture anew, not only the new ones.")
    ] = False,
) -> None:
    """Build the corpus from the captures that it does not hold yet.

    The exit code is 1 where the counts do not add up, and where captures are left out since their source's file is wrong or gone.
    """
    from pipeline import build as stages

    files, bucket = files_of_sources(), open_bucket()
    bucket.ensure()
    run = f"build-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for key in stages.passes(bucket, files.readable, run, rebuild=rebuild):
        report = json.loads(bucket.get(key))
        show_counts({"this run": report["new"], "whole corpus": report["total"]})
        console.print(f"Days written: {len(report['deposit']['written'])}. Report: {key} (and .html).")
    raise typer.Exit(_tell_left_out(bucket, files) or bool(files.wrong))


@app.command(rich_help_panel=PANEL)
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

    bucket = open_bucket()
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


@corpus_app.callback()
def corpus(context: typer.Context) -> None:
    """Show the days of the corpus and what became of every captured page."""
    if context.invoked_subcommand:
        return
    from pipeline.corpus import read_manifest

    bucket = open_bucket()
    manifest = read_manifest(bucket)
    table = Table("published", "articles", "bytes", "sha256", title="articles/")
    for partition in manifest.partitions:
        table.add_row(partition.published, str(partition.rows), str(partition.bytes), partition.sha256[:16])
    console.print(table)
    show_counts({"whole corpus": asdict(manifest.counts)})
    _tell_left_out(bucket, read_sources())


@corpus_app.command("verify")
def verify() -> None:
    """Read every partition and hold it against the manifest's checksums; name the captures that no build reads."""
    from pipeline import corpus as articles

    bucket = open_bucket()
    faults = articles.verify(bucket)
    for fault in faults:
        console.print(fault, style="red")
    if faults:
        raise typer.Exit(1)
    manifest = articles.read_manifest(bucket)
    console.print(f"{len(manifest.partitions)} partitions, {manifest.counts.articles} articles: all as deposited.")
    raise typer.Exit(_tell_left_out(bucket, read_sources()))


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
        found = articles.changes_since_manifest(open_bucket(), kept.read_bytes())
    else:
        try:
            moment = datetime.fromisoformat(since)
        except ValueError:
            raise WarraqError(f"--since {since}: neither a file nor a moment such as 2024-03-05T14:00Z") from None
        found = articles.changes_since(open_bucket(), moment if moment.tzinfo else moment.replace(tzinfo=UTC))
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
    found = articles.read_articles(open_bucket(), since and since.date(), until and until.date())
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


@app.command(rich_help_panel=PANEL)
def explain(
    article: Annotated[str, typer.Argument(help="URL or article id")],
    other: Annotated[str | None, typer.Argument(help="Another one, to hold it against")] = None,
) -> None:
    """Say why a page is an article, a copy or neither, and what it was held against."""
    from pipeline.corpus import explain as explained

    for line in explained(open_bucket(), article, other):
        typer.echo(line)


def _tell_left_out(bucket: Bucket, files: SourceFiles) -> bool:
    """Name the captures whose sources have no file that is right; whoever only reads the corpus has no files at all."""
    from pipeline.build import left_out, say_left_out

    told = say_left_out(left_out(bucket, files.readable)) if files.readable or files.wrong else ""
    if told:
        console.print(told, style="yellow", markup=False, highlight=False, soft_wrap=True)
    return bool(told)
