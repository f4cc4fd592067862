"""The embedded servers on one machine, and the settings of everything."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Column, Table

from pipeline.settings import list_settings, unknown_variables
from warraq.cli.app import HOME, Home, app, console, files_of_sources

PANEL = "On one machine"


@app.command(rich_help_panel=PANEL)
def demo(home: Home = HOME) -> None:
    """Run the whole pipeline over the demo sites: real Airflow, real S3 server, then show what came of it."""
    from warraq import demo as demo_run

    raise typer.Exit(demo_run.run(home))


@app.command(rich_help_panel=PANEL)
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
        files_of_sources(sources)  # mistakes are told before anything starts
    raise typer.Exit(stack.up(home, sources=sources))


@app.command("settings", rich_help_panel=PANEL)
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
