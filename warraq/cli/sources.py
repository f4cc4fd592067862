"""Sources' files: what there is, a new one, whether a site still is what its file says, what its pages teach."""

from __future__ import annotations

import re
from contextlib import redirect_stderr
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.errors import WarraqError
from pipeline.sources import find_source, load_sources, sources_folder
from warraq.cli.app import Loopback, SourceId, app, complete_source, files_of_sources, open_bucket
from warraq.cli.output import AsJson, echo, notes, show_json, show_table

PANEL = "Sources"


@app.command(rich_help_panel=PANEL)
def sources(as_json: AsJson = False) -> None:
    """List the configured sources, and check their files (exit code 1 where one is wrong)."""
    files = files_of_sources()
    listed: list[dict[str, Any]] = [
        {
            "id": source.id,
            "name": source.name,
            "home": str(source.home),
            "conflicts": list(source.conflicts),
            "countries": list(source.countries),
            "timezone": source.timezone,
            "schedule": source.schedule,
            "discovery": [discovery.type for discovery in source.discovery],
            "enabled": source.enabled,
        }
        for source in files.sources.values()
    ]
    if as_json:
        show_json(listed)
    else:
        joined = [
            source
            | {name: ", ".join(source[name]) for name in ("conflicts", "countries")}
            | {"discovery": ", ".join(source["discovery"]) or "archives only"}
            for source in listed
        ]
        show_table(
            joined,
            title=str(sources_folder()),
            cut=("name", "conflicts", "discovery"),
            spare=("home", "countries", "timezone"),
        )
        if files.removed:
            notes.print(f"Removed, and read by builds alone: {', '.join(files.removed)}.")
    raise typer.Exit(bool(files.wrong))


@app.command(rich_help_panel=PANEL)
def probe(
    site: Annotated[str, typer.Argument(metavar="SITE", help="Address of a site's home page.")],
    source_id: Annotated[
        str | None, typer.Option("--id", help="Id of the source; made of the site's host, without.")
    ] = None,
    delay: Annotated[
        float, typer.Option(min=0, max=120, help="Seconds between two requests, of this look and of the source.")
    ] = 1.0,
    loopback: Loopback = False,
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
        site,
        now=datetime.now(UTC),
        source_id=source_id,
        delay=delay,
        loopback=loopback,
        say=lambda line: echo(line, err=True),
    )
    if not write:
        typer.echo(probed.text, nl=False)
        return
    path = _refuse_to_overwrite(probed.source.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(probed.text, encoding="utf-8")
    for day, title, url in probed.articles:
        echo(f"{day or 'no day':<11}{title}  {url}")
    echo(f"{path} is written: look it over, then run: warraq check {probed.source.id} --enable")


@app.command(rich_help_panel=PANEL)
def check(
    named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE]...",
            help="Ids of sources; all of them, enabled or not, without.",
            autocompletion=complete_source,
        ),
    ] = None,
    enable: Annotated[
        bool, typer.Option("--enable", help="Turn on, in their files, those that answer as described.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask whether sites still are what their sources' files say, and say what to do (exit code 1 where anything is)."""
    from crawlers.probe import check_files
    from pipeline.source_life import enable as turn_on

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
            if as_json:
                show_json([{"source": checked.id, "to_do": finding.to_do, "finding": finding.text}])
            else:
                echo(f"{checked.id}: {'TO DO: ' if finding.to_do else ''}{finding.text}")
            needs_hands = needs_hands or finding.to_do
        if enable and checked.answers_as_described and (change := turn_on(folder, checked.id)).write:
            change.apply()
            echo(
                f"{checked.id}: enabled; where Airflow shows crawl_{checked.id} already, unpause it there", err=as_json
            )
    raise typer.Exit(needs_hands)


@app.command(rich_help_panel=PANEL)
def learn(source: SourceId) -> None:
    """Propose, from a source's captures, the lines that it repeats and what holds its articles, to be written into its YAML."""
    from pipeline.captures import captures_of
    from pipeline.extract import NoBody, as_yaml, body_as_yaml, propose

    site = find_source(source)
    with redirect_stderr(StringIO()):  # warcio's own words on what it cannot read
        proposed = propose(captures_of(open_bucket(), *site.ids), site)
    file = sources_folder() / f"{site.id}.yaml"
    if proposed.furniture:
        echo(f"# Keep what is no part of an article, in {file}:")
        typer.echo(("" if site.furniture else "furniture:\n") + as_yaml(proposed.furniture), nl=False)
    else:
        echo(f"Nothing recurs in the articles captured of {site.id} that the rules do not take already.", err=True)
    if isinstance(proposed.body, NoBody):
        echo(f"No `body:` is proposed for {site.id}: {proposed.body.why}.", err=True)
    elif proposed.body:
        echo(f"# Where it holds the articles and nothing else, keep it in {file}:")
        typer.echo(body_as_yaml(proposed.body), nl=False)


def _refuse_to_overwrite(source_id: str) -> Path:
    """The file of a new source."""
    path = sources_folder() / f"{source_id}.yaml"
    if path.exists():
        raise WarraqError(
            f"{path} is there already: remove it, or give another --id; without --write the file is printed"
        )
    return path
