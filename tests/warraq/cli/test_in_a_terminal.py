"""Commands run in a terminal of their own, and interrupted there."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import signal
import sys
import time
from pathlib import Path

import pytest

from demo.content import load_articles
from demo.server import DemoServer
from pipeline.bucket import Bucket
from pipeline.captures import list_page_files, read_captures
from tests.conftest import ROOT
from tests.pipeline.conftest import archive, page, prose

pytestmark = pytest.mark.slow

_PATIENCE_SECONDS = 120


def in_terminal(
    *arguments: str, interrupt_at: str = "", out: Path | None = None, **environment: str
) -> tuple[int, str]:
    """The exit code and what a command printed in a terminal 80 columns wide, with Ctrl-C as soon as it prints `interrupt_at`.

    With `out` its standard output is that file.
    """
    process, ours = pty.fork()
    if not process:
        os.chdir(ROOT)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # who starts the tests in the background has them ignore it
        if out:
            os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT), 1)
        given = {**os.environ, "COLUMNS": "80", "TERM": "xterm", **environment}
        os.execve(sys.executable, [sys.executable, "-m", "warraq", *arguments], given)
    printed = b""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            printed += os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if interrupt_at and interrupt_at.encode() in printed:
            interrupt_at = ""
            os.write(ours, b"\x03")
    else:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    os.close(ours)
    return os.waitstatus_to_exitcode(status), re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", printed.decode(errors="replace"))


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "sources"
    folder.mkdir()
    text = "id: alfajr\nname: صحيفة الفجر\nhome: http://alfajr.example/\ntimezone: Asia/Damascus\n"
    (folder / "alfajr.yaml").write_text(text, encoding="utf-8")
    return {"WARRAQ_SOURCES": str(folder)}


def test_a_build_shows_how_far_it_is_and_its_counts(bucket: Bucket, sources: dict[str, str]) -> None:
    archive(bucket, "alfajr", "x", {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-05")})
    code, printed = in_terminal("build", **sources)
    assert code == 0, printed
    assert "━" in printed
    assert re.search(r"cleaning\s.*1/1", printed)
    assert re.search(r"articles +1 +1\b", printed)
    code, printed = in_terminal("--quiet", "build", "--rebuild", **sources, NO_COLOR="1")
    assert code == 0, printed
    assert "cleaning" not in printed
    assert re.search(r"articles +1 +1\b", printed)


def test_ctrl_c_ends_a_crawl_with_what_is_kept(bucket: Bucket) -> None:
    with DemoServer(slow_seconds=0) as demo:
        settings = {
            "WARRAQ_SOURCES": str(ROOT / "demo" / "sources"),
            "http_proxy": demo.url,
            "WARRAQ_CONTACT": "x@y.example",
        }
        window = ("--since", "2024-01-01", "--until", "2024-05-01")
        code, printed = in_terminal("crawl", "difaf", *window, interrupt_at="crawling difaf", **settings)
    assert code == 130, printed
    assert "Traceback" not in printed
    said = " ".join(printed.split())
    assert "What was fetched is in the bucket" in said
    [captured] = map(int, re.findall(r"interrupted: difaf: found \d+, captured (\d+),", said))
    kept = [one for key in list_page_files(bucket) for one in read_captures(io.BytesIO(bucket.get(key)), key)]
    assert captured <= len(kept) < len([one for one in load_articles() if one.site == "difaf"])


def test_ctrl_c_ends_a_build_that_can_be_run_again(bucket: Bucket, sources: dict[str, str]) -> None:
    for run in range(45):  # three batches, for several processes
        pages = {f"http://alfajr.example/{run}/{n}": page(f"خبر {run} {n}", prose(n), "2024-03-05") for n in range(4)}
        archive(bucket, "alfajr", f"x{run}", pages)
    code, printed = in_terminal("build", interrupt_at="cleaning", **sources)
    assert code == 130, printed
    assert "Traceback" not in printed
    assert "interrupted: 0 passes are whole" in printed
    assert not list(bucket.list("work/"))


def test_ctrl_c_leaves_no_part_of_an_export(bucket: Bucket, tmp_path: Path, sources: dict[str, str]) -> None:
    pages = {f"http://alfajr.example/{n}": page(f"خبر {n}", prose(n), f"2024-03-{n + 1:02d}") for n in range(28)}
    archive(bucket, "alfajr", "x", pages)
    assert in_terminal("build", **sources)[0] == 0
    out = tmp_path / "out" / "articles.jsonl"
    out.parent.mkdir()
    code, printed = in_terminal("corpus", "export", "--out", str(out), interrupt_at="exporting", **sources)
    assert code in {0, 130}, printed  # it may have been quicker than the key
    assert [path.name for path in out.parent.iterdir()] == (["articles.jsonl"] if code == 0 else [])
    if code:
        assert "is not written" in printed


def test_results_go_to_a_file_while_the_terminal_shows_progress(
    bucket: Bucket, tmp_path: Path, sources: dict[str, str]
) -> None:
    archive(bucket, "alfajr", "x", {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-05")})
    code, printed = in_terminal("build", "--json", out=tmp_path / "counts", **sources)
    assert code == 0, printed
    assert "━" in printed
    assert "whole corpus" not in printed
    rows = [json.loads(line) for line in (tmp_path / "counts").read_text(encoding="utf-8").splitlines()]
    assert [(row["of"], row["captured"], row["articles"]) for row in rows] == [
        ("this run", 1, 1),
        ("whole corpus", 1, 1),
    ]
