"""Health: which sources are not as they should be, since when, why, and what to do."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from pipeline.sources import find_source
from pipeline.text import escape_invisible
from warraq.cli.app import app, console, files_of_sources, open_bucket
from warraq.cli.crawls import PANEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.health import Verdict


_HEAD = ("source", "is", "since")
_LEAST = 12
"""Characters of a reason that are shown on the narrowest terminal; `--json` has all of it."""


@app.command("health", rich_help_panel=PANEL)
def health(
    named: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Ids of sources; all of them, without.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One line of JSON for each source, with the figures behind it.")
    ] = False,
) -> None:
    """Say which sources are not as they should be, since when, why and what to do (exit code 1 where any is), the worst first."""
    from pipeline.coverage import coverage
    from pipeline.health import HISTORY_DAYS, UNFINISHED_DAYS, read_days, verdicts

    files = files_of_sources()
    sources = {id_: find_source(id_) for id_ in named} if named else files.sources
    bucket, now = open_bucket(), datetime.now(UTC)
    today = now.date()
    days = read_days(bucket, sources, since=today - timedelta(days=HISTORY_DAYS + 1))
    crawled = {day.source for day in days if day.crawls and sources[day.source].enabled}
    formerly = {id_: source.formerly for id_, source in sources.items()}
    covered = coverage(bucket, crawled, today - timedelta(days=UNFINISHED_DAYS), today, formerly)
    found = verdicts(days, sources, now, covered)
    if as_json:
        for verdict in found:
            typer.echo(json.dumps(verdict.to_json(), ensure_ascii=False))
    else:
        _show(found)
    raise typer.Exit(bool(files.wrong) or any(verdict.wrong for verdict in found))


def _show(found: Sequence[Verdict]) -> None:
    """A line for each source, and for those that need a person another that says what to do."""
    widths = [max(map(len, cells)) for cells in zip(_HEAD, *map(_cells, found), strict=True)]
    rest = console.width - sum(widths) - len(widths)
    columns = [Column(name, no_wrap=True, width=width) for name, width in zip(_HEAD, widths, strict=True)]
    why = Column("why", no_wrap=True, overflow="ellipsis", max_width=max(rest, _LEAST))
    table = Table(*columns, why, box=None, padding=(0, 1), pad_edge=False, collapse_padding=True)
    for verdict in found:
        style = "red" if verdict.wrong else None
        table.add_row(*_cells(verdict), escape(escape_invisible(verdict.reason)), style=style)
    console.print(table)
    for verdict in found:
        if verdict.wrong:
            console.print(f"{verdict.source}: {escape(verdict.todo)}", highlight=False, soft_wrap=True)


def _cells(verdict: Verdict) -> tuple[str, str, str]:
    return verdict.source, verdict.state.value, str(verdict.since or "")
