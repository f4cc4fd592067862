"""Health: which sources are not as they should be, since when, why, and what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.errors import WarraqError
from pipeline.settings import read_settings
from pipeline.sources import find_source
from warraq.cli.app import app, complete_source, files_of_sources, open_bucket
from warraq.cli.crawls import PANEL
from warraq.cli.output import AsJson, console, notes, show_json, show_table

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
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Write it as pages for a browser too, which need no network.", file_okay=False
        ),
    ] = None,
) -> None:
    """Say which sources are not as they should be, since when, why and what to do (exit code 1 where any is), the worst first."""
    from pipeline.health import SOURCE_PAGE, current, index_page, look_closer, source_page

    files, bucket, now = files_of_sources(), open_bucket(), datetime.now(UTC)
    sources = {id_: find_source(id_) for id_ in named} if named else files.sources
    health_now = current(bucket, sources, now)
    found = health_now.verdicts
    if html:
        details = look_closer(bucket, sources, now)
        pages = {SOURCE_PAGE.format(id_): source_page(health_now, details[id_], id_) for id_ in sources}
        pages["index.html"] = index_page(health_now, wrong=map(str, files.wrong.values()))
        try:
            html.mkdir(parents=True, exist_ok=True)
            for name, text in pages.items():
                (html / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise WarraqError(f"--html {html}: cannot be written: {error.strerror}") from None
        notes.print(f"{html / 'index.html'} is written, and a page for each source", markup=False)
    if as_json:
        show_json(verdict.to_json() for verdict in found)
    else:
        _show(found)
    settings = read_settings()
    if not settings.notify_mail and not settings.notify_apprise:
        notes.print("Notices are off: set WARRAQ_NOTIFY_MAIL or WARRAQ_NOTIFY_APPRISE, and Airflow tells of changes.")
    raise typer.Exit(bool(files.wrong) or any(verdict.wrong for verdict in found))


def _show(found: Sequence[Verdict]) -> None:
    """A line for each source, and for those that need a person another that says what to do."""
    rows = [
        {
            "source": one.source,
            "is": one.state.value,
            "since": one.since and str(one.since),
            "why": one.reason,
        }
        for one in found
    ]
    show_table(rows, cut=("why",))
    for one in found:
        if one.wrong:
            console.print(f"{one.source}: {one.todo}", markup=False)
