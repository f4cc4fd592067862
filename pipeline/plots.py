"""Plots of days or months, as SVG that stands within a page: it asks no other host, and takes the page's own colours.

matplotlib draws them. For the same figures and the same version of it the bytes are the same everywhere: no date, no random id and
no setting of the machine reaches them. Text stays text. A plot is drawn for the width of a phone, and grows with its place.

The page says what ``--plot``, ``--plot-2`` and ``--plot-3`` are, in CSS: the colours of the figures.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from html import escape
from itertools import groupby
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes

T = TypeVar("T")

WIDTH, HEIGHT = 360, 150
"""CSS pixels of a plot on a phone."""

_TEXT = "#000001"
_COLOURS = ("#000002", "#000003", "#000004")
_IN_CSS = {_TEXT: "currentColor", **dict(zip(_COLOURS, ("var(--plot)", "var(--plot-2)", "var(--plot-3)"), strict=True))}
"""Colours that stand for those of the page while a plot is drawn."""

_DASHES = ("solid", "dashed", "dotted")
"""Lines are told apart by these, too: colour alone means nothing."""

_MOST_MONTHS = 7
"""Months that are written below a plot; of more, every second or third."""

_MOST_NAMED = 36
"""Of more months than these the years alone are written: every fifth month would be a riddle."""

_DRAWING = Lock()
"""matplotlib is not made for threads."""

_SPARK_HEIGHT = 28


def bars(days: Sequence[date], values: Sequence[float | None], says: str) -> str:
    """A bar for each day; none where nothing is known.

    `days` are consecutive, here as in the other plots, or the first days of consecutive months; `says` is the text for those who
    do not see it.
    """
    with _axes(days, says) as (axes, svg):
        axes.stairs([value or 0 for value in values], range(len(days) + 1), fill=True, color=_COLOURS[0], clip_on=False)
    return svg()


def lines(
    days: Sequence[date], of: Mapping[str, Sequence[float | None]], says: str, *, top: float | None = None
) -> str:
    """A line for each of up to three series, by name; a gap where nothing is known. `top` is the end of the scale."""
    with _axes(days, says, top) as (axes, svg):
        for (name, values), colour, dashes in zip(of.items(), _COLOURS, _DASHES, strict=False):
            _line(axes, values, colour, dashes, name)
        if len(of) > 1:
            axes.legend(
                loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, labelcolor=_TEXT, borderaxespad=0
            )
    return svg()


def band(days: Sequence[date], quartiles: Sequence[tuple[float, float, float] | None], says: str) -> str:
    """A line of medians within the band from the first to the third quartile; a gap where nothing is known."""
    with _axes(days, says) as (axes, svg):
        for across, known in _stretches(quartiles):
            around = [three[0] for three in known] + [three[2] for three in reversed(known)]
            axes.fill([*across, *reversed(across)], around, color=_COLOURS[0], alpha=0.3, linewidth=0, clip_on=False)
        _line(axes, [three and three[1] for three in quartiles], _COLOURS[0])
    return svg()


def spark(values: Sequence[int]) -> str:
    """The bars of a table row's little plot, four units a bar and 28 high, as an SVG path; empty where all are 0."""
    most = max(values, default=0)
    heights = [(place, round(_SPARK_HEIGHT * value / most, 1)) for place, value in enumerate(values) if value]
    return "".join(f"M{4 * place} {_SPARK_HEIGHT}v-{height}h3v{height}z" for place, height in heights)


def _line(axes: Axes, values: Sequence[float | None], colour: str, dashes: str = "solid", name: str = "") -> None:
    x, y = [math.nan], [math.nan]
    for across, known in _stretches(values):
        x += [*across, math.nan]
        y += [*known, math.nan]
    axes.plot(x, y, color=colour, linestyle=dashes, linewidth=1.4, label=name, clip_on=False)


def _stretches(values: Sequence[T | None]) -> Iterator[tuple[list[float], list[T]]]:
    """The days in a row of which something is known: their places, from the first's edge to the last's, and what is known there."""
    start = 0
    for is_known, group in groupby(values, lambda value: value is not None):
        days = list(group)
        if is_known:
            known = [value for value in days if value is not None]
            middles = [start + place + 0.5 for place in range(len(known))]
            yield [start, *middles, start + len(known)], [known[0], *known, known[-1]]
        start += len(days)


@contextmanager
def _axes(days: Sequence[date], says: str, top: float | None = None) -> Iterator[tuple[Axes, Callable[[], str]]]:
    """The axes of a plot of these days, from 0 up, and what gives the SVG once they are drawn on."""
    # DAGs are parsed, builds and crawls run without it.
    from matplotlib import rc, rc_context, rcdefaults  # noqa: PLC0415
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter  # noqa: PLC0415

    written = io.StringIO()
    with _DRAWING, rc_context():
        rcdefaults()
        rc("svg", fonttype="none", hashsalt="warraq")
        rc("font", size=10)
        figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), facecolor="none")
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0.115, 0.14, 0.875, 0.72), facecolor="none")
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_color(_TEXT)
        axes.tick_params(length=0, labelcolor=_TEXT)
        yield axes, written.getvalue
        axes.set_xlim(0, len(days))
        axes.set_ylim(0, top or max(axes.get_ylim()[1], 1))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.grid(axis="y", color=_TEXT, alpha=0.2, linewidth=0.8, clip_on=False)
        axes.set_axisbelow(True)
        firsts = [place for place, day in enumerate(days) if day.day == 1]
        if len(firsts) > _MOST_NAMED:
            firsts = [place for place in firsts if days[place].month == 1]
        firsts = firsts[:: max(1, math.ceil(len(firsts) / _MOST_MONTHS))]
        axes.set_xticks(firsts, [_month(days[place]) for place in firsts], ha="left")
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    written.write(_within_a_page(drawn.getvalue(), says))


def _month(day: date) -> str:
    return f"{day:%Y}" if day.month == 1 else f"{day:%b}"


def _within_a_page(svg: str, says: str) -> str:
    """What matplotlib writes as a file, as an element: without ids, which a page must not have twice, in the page's colours."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*|<defs>\s*<style.*?</defs>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r'font-family: [^;"]*', "font-family: system-ui, sans-serif", svg)
    svg = re.sub(r"(\d\.\d)\d+", r"\1", svg)
    svg = re.sub(r"\s*\n\s*", " ", svg)
    for colour, in_css in _IN_CSS.items():
        svg = svg.replace(colour, in_css)
    head = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(says)}">'
    return re.sub(r"<svg[^>]*>", lambda _: head, svg, count=1).strip()
