"""The `warraq` command itself: its name and help, what its commands share, and how it ends."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.errors import WarraqError
from pipeline.settings import Settings
from pipeline.sources import SourceError, SourceFiles, no_sources, read_sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.bucket import Bucket

app = typer.Typer(
    name="warraq",
    help="Gather Arabic news reporting into a clean, dated, deduplicated corpus in an S3-compatible bucket.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

console = Console()
SourceId = Annotated[str, typer.Argument(metavar="SOURCE", help="Id of a source, as `warraq sources` lists them.")]
Home = Annotated[Path, typer.Option(envvar="WARRAQ_HOME", help="Folder that holds all state of the embedded servers.")]
HOME: Path = Settings.model_fields["home"].default


def main() -> NoReturn:
    """Run the command line; what a person can mend ends in one sentence and exit code 1."""
    code = 0
    try:
        app()
    except WarraqError as error:
        Console(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {escape(str(error))}", highlight=False)
        code = 1
    except SystemExit as end:  # how typer ends
        code = int(end.code or 0)
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Not by way of the interpreter's own end: taking the stores' clients down, it now and then aborts a process whose work is done.
    os._exit(code)


def open_bucket() -> Bucket:
    """The bucket that the settings name; whether it is there, its first use tells."""
    from pipeline.bucket import Bucket

    return Bucket()


def files_of_sources(folder: Path | None = None) -> SourceFiles:
    """The sources' files; what is wrong with any of them is told, all at once, and costs no other one.

    Raises:
        SourceError: there is no source whose file is right.
    """
    files = read_sources(folder)
    for error in files.wrong.values():
        Console(stderr=True, soft_wrap=True).print(f"[red]wrong:[/red] {escape(str(error))}", highlight=False)
    if not files.readable:
        raise SourceError("no source's file is right") if files.wrong else no_sources(files.folder)
    return files


def show_counts(counts: Mapping[str, Mapping[str, Any]]) -> None:
    """A table of what became of captured pages: `counts` by what they are of, each as `pipeline.corpus.Counts` has it."""
    table = Table("", "captured", "articles", "copies", "rejected", title="What became of every captured page")
    for name, count in counts.items():
        table.add_row(
            name,
            str(count["captured"]),
            str(count["articles"]),
            _sum(count["copies"]),
            _sum(count["rejected"]),
        )
    console.print(table)


def _sum(parts: Mapping[str, int]) -> str:
    return f"{sum(parts.values())}" + "".join(f"\n  {name} {number}" for name, number in parts.items())
