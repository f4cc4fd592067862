"""The reports of runs: what a build took in and a crawl found, read where the operator is."""

from __future__ import annotations

import tempfile
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.errors import WarraqError
from warraq.cli.app import app, open_bucket
from warraq.cli.crawls import PANEL
from warraq.cli.output import AsJson, echo, notes, show_json

if TYPE_CHECKING:
    from pipeline.bucket import Bucket


@app.command(rich_help_panel=PANEL)
def report(
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A build's or a crawl's name; the last build, without.")
    ] = None,
    in_browser: Annotated[
        bool, typer.Option("--open", help="Write it as a page into a temporary file, and open that in the browser.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a run found, kept and rejected, and why; where it is not known, the newest runs are named."""
    from pipeline.run_reports import ReportError, newest_builds, read_report, tell_report

    bucket, now = open_bucket(), datetime.now(UTC)
    if run is None:
        builds = newest_builds(bucket, now, 1)
        if not builds:
            raise ReportError("no build has left a report yet: run `warraq build`, or the DAG corpus")
        run = builds[0]
    elif not any(bucket.list(f"reports/{run}/")):
        raise ReportError(_unknown(bucket, run, now))
    if in_browser:
        _open(bucket, run)
    elif as_json:
        show_json([read_report(bucket, run)])
    else:
        for line in tell_report(bucket, run):
            echo(line)


def _unknown(bucket: Bucket, run: str, now: datetime) -> str:
    from pipeline.run_reports import newest_builds, newest_crawls

    builds = ", ".join(newest_builds(bucket, now)) or "none"
    source = run.partition("-")[0]
    crawls = ", ".join(newest_crawls(bucket, source, now)) if source.isidentifier() else ""
    told = f"; the newest crawls of {source}: {crawls}" if crawls else ""
    return f"there is no report of a run {run!r}. The newest builds: {builds}{told}"


def _open(bucket: Bucket, run: str) -> None:
    from pipeline.run_reports import report_page

    page = report_page(bucket, run)
    if page is None:
        raise WarraqError(f"the report of {run} has no page: read it without --open")
    path = Path(tempfile.mkdtemp(prefix="warraq-")) / f"{run}.html"
    # Beside no files of the bucket, the links to these lead to the store.
    path.write_text(page.replace('href="../../', f'href="{bucket.endpoint}/{bucket.name}/'), encoding="utf-8")
    notes.print(f"{path} is written", markup=False)
    if not webbrowser.open(path.as_uri()):
        raise WarraqError(f"no browser could be started: open {path} in yours")
