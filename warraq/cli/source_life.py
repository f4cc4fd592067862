"""What becomes of a source: turned on and off, renamed, merged with another, removed. What follows is told before it is done."""

from __future__ import annotations

from contextlib import redirect_stderr
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.errors import WarraqError
from pipeline.sources import read_sources, sources_folder
from warraq.cli.app import SourceId, app, open_bucket
from warraq.cli.output import echo
from warraq.cli.sources import PANEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.bucket import Bucket
    from pipeline.source_life import Change

source_app = typer.Typer(
    help="Turn a source on or off, rename it, merge it into another, or remove it.", no_args_is_help=True
)
app.add_typer(source_app, name="source", rich_help_panel=PANEL)

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would become of it, and change nothing.")]


@source_app.command()
def enable(source: SourceId, dry_run: DryRun = False) -> None:
    """Let the schedule crawl a source."""
    from pipeline import source_life

    _carry_out(source_life.enable(sources_folder(), source), dry_run=dry_run)


@source_app.command()
def disable(source: SourceId, dry_run: DryRun = False) -> None:
    """Let the schedule crawl a source no more."""
    from pipeline import source_life

    _carry_out(source_life.disable(sources_folder(), source), dry_run=dry_run)


@source_app.command()
def rename(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Id of a source.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The id that it is to have.")],
    dry_run: DryRun = False,
) -> None:
    """Give a source another id; what is stored of it stays where it is, and its own."""
    from pipeline import source_life

    bucket = open_bucket()
    change = source_life.rename(sources_folder(), bucket, old, new)
    _carry_out(change, dry_run=dry_run, busy=_at_work(bucket, old))


@source_app.command()
def merge(
    kept: Annotated[str, typer.Argument(metavar="SOURCE", help="Id of the source that stays.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Id of the one whose captures it takes over.")],
    dry_run: DryRun = False,
) -> None:
    """Make one source of two that are one outlet: what is stored of the other one belongs to the first."""
    from pipeline import source_life

    bucket = open_bucket()
    change = source_life.merge(sources_folder(), bucket, kept, other)
    _carry_out(change, dry_run=dry_run, busy=_at_work(bucket, kept, other))


@source_app.command()
def remove(
    source: SourceId,
    purge: Annotated[
        bool, typer.Option("--purge", help="Take down all that was captured of it, too. This cannot be undone.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why it is purged; it is kept in takedowns/ of the bucket.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Purge without asking.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Crawl a source no more; its captures and articles stay, unless they are purged."""
    from pipeline import source_life

    folder, bucket = sources_folder(), open_bucket()
    if purge and not reason.strip() and not dry_run:
        raise WarraqError("--purge needs --reason: who asked for it, and when")
    change = source_life.remove(folder, bucket, source)
    busy = _at_work(bucket, source)
    if not purge:
        _carry_out(change, dry_run=dry_run, busy=busy)
        return
    for line in (*change.says[:1], *source_life.say_purge(folder, bucket, source)):
        echo(line)
    _tell_work(busy, dry_run=dry_run)
    if dry_run:
        return
    if not yes:
        typer.confirm(f"Take down all of {source}?", abort=True)
    change.apply()
    with redirect_stderr(StringIO()):  # warcio's own words on what it cannot read
        outcome = source_life.purge(folder, bucket, source, reason, now=datetime.now(UTC))
    echo(
        f"{outcome.emptied} captured pages emptied, {outcome.purged} captures purged, "
        f"{len(outcome.days)} days of the corpus written, {outcome.snapshots} articles taken out of snapshots."
    )


def _carry_out(change: Change, *, dry_run: bool, busy: Sequence[str] | None = None) -> None:
    for line in change.says:
        echo(line)
    if busy is not None:
        _tell_work(busy, dry_run=dry_run)
    if not dry_run:
        change.apply()


def _at_work(bucket: Bucket, *sources: str) -> tuple[str, ...]:
    """What is at work on sources, under all of their ids."""
    from pipeline.source_life import at_work

    files = read_sources(sources_folder()).readable
    ids = [id_ for source in sources for id_ in (files[source].ids if source in files else (source,))]
    return at_work(bucket, ids, datetime.now(UTC))


def _tell_work(busy: Sequence[str], *, dry_run: bool) -> None:
    """Say what is at work, and go no further where it is not a dry run."""
    from pipeline.source_life import MAY_BE_UNSEEN

    if busy and not dry_run:
        raise WarraqError(
            f"{' '.join(busy)} Nothing is changed: wait for the end of it, or stop it, and run this again"
        )
    for line in (*busy, MAY_BE_UNSEEN):
        echo(line)
