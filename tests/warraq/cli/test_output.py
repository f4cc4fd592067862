"""Tables in terminals of any width, in pipes and as JSON."""

from __future__ import annotations

import json
import logging
from datetime import date
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from warraq.cli import output

ROWS: list[dict[str, Any]] = [
    {"id": "a_rather_long_id_of_a_source", "name": "صحيفة\tالفجر الجديد", "pages": 12000, "enabled": True, "day": None},
    {"id": "alfajr", "name": "الفجر", "pages": 7, "enabled": False, "day": date(2024, 3, 5)},
]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output.console, "_force_terminal", True)
    monkeypatch.setattr(output.console, "no_color", True)


def shown(capsys: pytest.CaptureFixture[str], **options: Any) -> list[str]:
    output.show_table(ROWS, **options)
    return [line.rstrip(" ") for line in capsys.readouterr().out.splitlines()]


def test_in_a_pipe_every_cell_is_whole_between_tabs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.console, "_width", 20)
    assert shown(capsys, title="x", cut=["name"], spare=["day"]) == [
        "id\tname\tpages\tenabled\tday",
        "a_rather_long_id_of_a_source\tصحيفة الفجر الجديد\t12000\tyes\t",
        "alfajr\tالفجر\t7\tno\t2024-03-05",
    ]


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("columns", [30, 80, 200])
def test_in_a_terminal_a_row_is_a_line_and_ids_are_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setattr(output.console, "_width", columns)
    _, heading, _, first, second = shown(capsys, title="x", cut=["name"], spare=["day"])
    assert ROWS[0]["id"] in first
    assert "alfajr" in second
    assert ("الفجر الجديد" in first) == (columns == 200)
    assert ("day" in heading) == (columns > 30)
    assert "12000" in first


@pytest.mark.usefixtures("terminal")
def test_a_table_that_fits_stays_within_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.console, "_width", 75)
    output.show_table(ROWS, cut=["name"])
    assert {cell_len(line) for line in capsys.readouterr().out.splitlines()} <= set(range(76))


@pytest.mark.usefixtures("terminal")
def test_what_is_to_be_wrapped_is_shown_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.console, "_width", 30)
    words = " ".join(shown(capsys, wrapped=["name"])).split()
    assert {"صحيفة", "الفجر", "الجديد"} <= set(words)
    assert "…" not in "".join(words)


def test_no_rows_are_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_table([])
    output.show_json([])
    assert capsys.readouterr().out == ""


@given(st.lists(st.dictionaries(st.text(max_size=3), st.none() | st.booleans() | st.integers() | st.text(max_size=9))))
def test_json_gives_each_row_back_from_a_line_of_its_own(rows: list[dict[str, Any]]) -> None:
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer, "echo", lines.append)
        output.show_json(rows)
    assert [json.loads(line) for line in lines] == rows
    assert not any("\n" in line for line in lines)


def test_quiet_leaves_errors(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        for options, kept in (
            ({"quiet": True, "verbose": False}, ["e"]),
            ({"quiet": False, "verbose": False}, ["w", "e", "n"]),
            ({"quiet": False, "verbose": True}, ["i", "w", "e", "n"]),
        ):
            output.set_verbosity(**options)
            for level, line in ((logging.INFO, "i"), (logging.WARNING, "w"), (logging.ERROR, "e")):
                logging.getLogger("crawl").log(level, line)
            output.notes.print("n")
            assert capsys.readouterr().err.split() == kept
    finally:
        output.set_verbosity(quiet=False, verbose=False)
        logging.getLogger().handlers.clear()
