"""Health: which sources are not as they should be, since when, why, and what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.sources import find_source
from pipeline.text import escape_invisible
from warraq.cli.app import app, complete_source, files_of_sources, open_bucket
from warraq.cli.crawls import PANEL
from warraq.cli.output import AsJson, console, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.health import Verdict


@app.command("health", rich_help_panel=PANEL)
def health(
    named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE]...", help="Ids of sources; all of them, without.", autocompletion=complete_source
        ),
    ] = None,
    as_json: AsJson = False,
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
        show_json(verdict.to_json() for verdict in found)
    else:
        _show(found)
    raise typer.Exit(bool(files.wrong) or any(verdict.wrong for verdict in found))


def _show(found: Sequence[Verdict]) -> None:
    """A line for each source, and for those that need a person another that says what to do."""
    rows = [
        {
            "source": one.source,
            "is": one.state.value,
            "since": one.since and str(one.since),
            "why": escape_invisible(one.reason),
        }
        for one in found
    ]
    show_table(rows, cut=("why",))
    for one in found:
        if one.wrong:
            console.print(f"{one.source}: {one.todo}", markup=False)
