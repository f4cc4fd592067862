"""The `warraq` command itself: its name and help, what its commands share, and how it ends."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.markup import escape

from pipeline.errors import WarraqError
from pipeline.settings import Settings
from pipeline.sources import SourceError, SourceFiles, no_sources, read_sources, sources_folder
from warraq.cli.output import Terminal, set_verbosity

if TYPE_CHECKING:
    from pipeline.bucket import Bucket

app = typer.Typer(
    name="warraq",
    help="Gather Arabic news reporting into a clean, dated, deduplicated corpus in an S3-compatible bucket.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def complete_source(incomplete: str) -> list[str]:
    """The ids of sources that begin so, for the shell: by their files' names, so that a wrong file has its id, too."""
    try:
        return sorted(path.stem for path in sources_folder().glob("*.yaml") if path.stem.startswith(incomplete))
    except WarraqError:  # a wrong setting: the command itself will say so
        return []


SourceId = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", help="Id of a source, as `warraq sources` lists them.", autocompletion=complete_source
    ),
]
CreateBucket = Annotated[bool, typer.Option("--create-bucket", help="Make the bucket where it is missing.")]
Loopback = Annotated[
    bool,
    typer.Option(
        "--loopback", help="What is named may be on this machine, at its own port; else it must be on the internet."
    ),
]
Home = Annotated[Path, typer.Option(envvar="WARRAQ_HOME", help="Folder that holds all state of the embedded servers.")]
HOME: Path = Settings.model_fields["home"].default


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"warraq {version('warraq')}")
        raise typer.Exit


@app.callback()
def warraq(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version, and end.", callback=_show_version, is_eager=True)
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors and results only.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print every line that is logged, too.")] = False,
) -> None:
    """Take the options that stand before the command."""
    set_verbosity(quiet=quiet, verbose=verbose)


def main() -> NoReturn:
    """Run the command line; what a person can mend ends in one sentence and exit code 1."""
    code = 0
    try:
        app()
    except WarraqError as error:
        Terminal(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {escape(str(error))}", highlight=False)
        code = 1
    except KeyboardInterrupt:  # as typer ends on it, where it came too early for typer
        code = 130
    except SystemExit as end:  # how typer ends
        code = int(end.code or 0)
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Not by way of the interpreter's own end: taking the stores' clients down, it now and then aborts a process whose work is done.
    os._exit(code)


def open_bucket(*, create: bool = False, below: str = "") -> Bucket:
    """The bucket that the settings name; with `create` it is made where it is missing.

    `below` is the prefix of all that a command reads, where those use it who may see nothing else.

    Raises:
        BucketError: there is none, or the store cannot be reached.
    """
    from pipeline.bucket import Bucket

    bucket = Bucket()
    if create:
        bucket.ensure()
    else:
        bucket.require(below)
    return bucket


def files_of_sources(folder: Path | None = None) -> SourceFiles:
    """The sources' files; what is wrong with any of them is told, all at once, and costs no other one.

    Raises:
        SourceError: there is no source whose file is right.
    """
    files = read_sources(folder)
    for error in files.wrong.values():
        Terminal(stderr=True, soft_wrap=True).print(f"[red]wrong:[/red] {escape(str(error))}", highlight=False)
    if not files.readable:
        raise SourceError("no source's file is right") if files.wrong else no_sources(files.folder)
    return files
