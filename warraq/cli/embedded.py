"""The embedded servers on one machine, and the settings of everything."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.settings import list_settings, unknown_variables
from warraq.cli.app import HOME, Home, app, files_of_sources
from warraq.cli.output import AsJson, show_json, show_table

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


@app.command(
    rich_help_panel=PANEL,
    context_settings={
        "ignore_unknown_options": True,
        "allow_interspersed_args": False,
        "help_option_names": [],  # --help is Airflow's, too
    },
)
def airflow(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="...", help="What Airflow's command takes.")] = None,
    home: Home = HOME,
) -> None:
    """Run Airflow's own command beside `warraq up`, such as `warraq airflow dags list`; its exit code is the command's."""
    from warraq import stack

    stack.airflow(home, arguments or [])


@app.command("settings", rich_help_panel=PANEL)
def settings_(as_json: AsJson = False) -> None:
    """Show every setting, its value, where it comes from and what it means (exit code 1 where a variable is no setting)."""
    listed = [asdict(one) for one in list_settings()]
    if as_json:
        show_json(listed)
    else:
        show_table(listed, wrapped=("value", "description"))
    unknown = unknown_variables()
    for variable, near in unknown.items():
        hint = f": is {near} meant?" if near else ""
        typer.echo(f"{variable} is set, and there is no such setting{hint}", err=True)
    raise typer.Exit(bool(unknown))
