"""The bucket: what its store knows of that which the pipeline asks for."""

from __future__ import annotations

from dataclasses import asdict

import typer

from warraq.cli.app import CreateBucket, app, open_bucket
from warraq.cli.corpus import PANEL
from warraq.cli.output import AsJson, console, show_json, show_table

bucket_app = typer.Typer(help="Look at the store of the bucket.", no_args_is_help=True)
app.add_typer(bucket_app, name="bucket", rich_help_panel=PANEL)


@bucket_app.command("check")
def check(create_bucket: CreateBucket = False, as_json: AsJson = False) -> None:
    """Try all that is asked of the store, under a name of its own that is deleted again; say what is missing, and what is lost.

    The exit code is 1 where something fails that is needed.
    """
    from pipeline.bucket import Standing, check_bucket

    bucket = open_bucket(create=create_bucket)
    found = list(check_bucket(bucket))
    if as_json:
        show_json(asdict(finding) for finding in found)
    else:
        show_table([{"": one.standing.value, "tried": one.tried} for one in found], title=bucket.endpoint)
        for one in found:
            if one.says:
                console.print(f"{one.tried}: {one.says}", markup=False)
    raise typer.Exit(any(one.standing is Standing.FAILS for one in found))
