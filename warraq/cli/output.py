"""What commands print. Results go to standard output, and what is said meanwhile to standard error.

A table is drawn in a terminal, is tab-separated lines in a pipe or a file, and with ``--json`` one line of JSON a row.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from pipeline.text import escape_invisible, escape_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from pipeline.progress import OnProgress

AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON for each row.")]

_log = logging.getLogger(__name__)


class Terminal(Console):
    """A console that shows what sites wrote with escapes for what would not be seen, and might steer a terminal."""

    def print(self, *objects: object, **options: Any) -> None:  # noqa: ANN401  # as rich has it
        """Print as rich does."""
        super().print(*(escape_lines(one) if isinstance(one, str) else one for one in objects), **options)


console = Terminal(highlight=False, soft_wrap=True)
"""Results, on standard output."""

notes = Terminal(stderr=True, highlight=False, soft_wrap=True)
"""What is said meanwhile, on standard error; `--quiet` turns it off."""


_LEAST_WIDTH: Final = 8
"""Terminal columns below which a column of a table is not cut."""

_PADDING: Final = 3
"""Terminal columns beside the text of a table's column."""


_BAR: Final = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


class _ToStandardError(logging.Handler):
    """Logged lines, above a progress bar where there is one; errors are shown with `--quiet` too."""

    def emit(self, record: logging.LogRecord) -> None:
        quiet, notes.quiet = notes.quiet, False
        notes.print(self.format(record), markup=False, style="yellow" if record.levelno >= logging.WARNING else None)
        notes.quiet = quiet


def set_verbosity(*, quiet: bool, verbose: bool) -> None:
    """Let standard error have errors alone (`quiet`), notes and warnings, or every line that is logged too (`verbose`)."""
    notes.quiet = quiet
    level = logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING
    logging.basicConfig(level=level, format="%(message)s", handlers=[_ToStandardError()], force=True)


@contextmanager
def progress() -> Iterator[OnProgress]:
    """Show on standard error how far work is: bars with an estimate in a terminal, elsewhere a line for each tenth."""
    notes.file = sys.stderr  # as it is now, should a library's words be redirected to nowhere meanwhile
    try:
        if notes.is_terminal:
            # Standard output may be a file: what is printed there must not come by way of the terminal.
            with Progress(*_BAR, console=notes, transient=True, redirect_stdout=False) as bars:
                yield _bars(bars)
        else:
            yield _tenths()
    finally:
        notes.file = None  # type: ignore[assignment]  # whatever standard error is by then


def _bars(bars: Progress) -> OnProgress:
    tasks: dict[str, TaskID] = {}

    def show(what: str, done: int, total: int | None) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=total)
        bars.update(tasks[what], completed=done, total=total)

    return show


def _tenths() -> OnProgress:
    told: dict[str, int] = {}

    def show(what: str, done: int, total: int | None) -> None:
        tenth = 10 * done // total if total else 0
        if told.get(what) != tenth:
            told[what] = tenth
            notes.print(f"{what}: {done} of {total}" if total else f"{what} …", markup=False)

    return show


@contextmanager
def interruptible(kept: Callable[[], str]) -> Iterator[None]:
    """Let a Ctrl-C say what is kept, and then end the command: typer gives it the exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        _log.error("interrupted: %s", kept())
        raise


def echo(lines: str, *, err: bool = False) -> None:
    """Print lines of a result as they are, with escapes for what would not be seen."""
    typer.echo(escape_lines(lines), err=err)


def marked(text: str, places: Iterable[tuple[int, int]]) -> Text:
    """A text with some of its places in bold, each from a character on up to another; for `Terminal.print`."""
    shown, done = Text(), 0
    for start, end in places:
        shown.append(escape_invisible(text[done:start]))
        shown.append(escape_invisible(text[start:end]), style="bold")
        done = end
    return shown.append(escape_invisible(text[done:]))


def show_json(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print a line of JSON for each row; what JSON does not know, such as a day, as text."""
    for row in rows:
        typer.echo(json_text(row, default=str))


def json_text(value: object, **options: Any) -> str:  # noqa: ANN401  # as `json.dumps` has them
    """A value as JSON in its own letters, but for those that might steer a terminal."""
    text = json.dumps(value, ensure_ascii=False, **options)
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON lets stand in a text that a terminal may obey: the controls behind ASCII, the marks of direction, ends of lines."""


def show_table(
    rows: Sequence[Mapping[str, Any]],
    *,
    title: str = "",
    cut: Collection[str] = (),
    spare: Collection[str] = (),
    wrapped: Collection[str] = (),
) -> None:
    """Print rows that have the same keys, a line for each, under the keys as headings; None is an empty cell.

    Where a terminal is too narrow, the columns in `spare` are left out; then those in `cut` are cut short, and those in
    `wrapped` wrapped. The others, such as ids, stay whole. In a pipe every cell is whole, and nothing else is printed.
    """
    if not rows:
        return
    columns = {heading: [_cell(row[heading]) for row in rows] for heading in rows[0]}
    if not console.is_terminal:
        for line in [columns, *zip(*columns.values(), strict=True)]:
            typer.echo("\t".join(line))
        return
    widths = {
        heading: _LEAST_WIDTH if heading in {*cut, *wrapped} else max(map(cell_len, (heading, *cells)))
        for heading, cells in columns.items()
    }
    if _width(widths) > console.width:
        widths = {heading: width for heading, width in widths.items() if heading not in spare}
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, show_edge=False)
    for heading, width in widths.items():
        number = all(isinstance(row[heading], int) and not isinstance(row[heading], bool) for row in rows)
        # A column that may wrap gives way to the others; a text that is to be cut does not wrap all the same.
        gives_way = heading in {*cut, *wrapped}
        table.add_column(heading, justify="right" if number else "left", no_wrap=not gives_way, min_width=width)
    for line in zip(*(columns[heading] for heading in widths), strict=True):
        table.add_row(
            *(
                Text(cell, no_wrap=heading not in wrapped, overflow="ellipsis")
                for heading, cell in zip(widths, line, strict=True)
            )
        )
    table.width = _width(widths) if _width(widths) > console.width else None  # the terminal itself wraps it then
    console.print(table, soft_wrap=False, crop=False)


def _width(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + _PADDING * len(widths)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else escape_invisible(" ".join(str(value).split()))
