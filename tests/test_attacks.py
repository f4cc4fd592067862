"""What a site, a feed or an archive may write to steer whoever looks at it, through each way by which it is shown.

Where else it is held: markup in reports and pages (`pipeline/health/test_pages.py`, `dags/test_pages.py`), templates in notices
(`pipeline/health/test_notices.py`).
"""

from __future__ import annotations

import io
import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from lxml.html import fromstring

from crawlers.commands.crawl import JsonLines
from pipeline.captures import CaptureWriter, Exchange, read_captures
from pipeline.crawl_reports import Crawl, CrawlReport
from pipeline.health import crawl_page
from pipeline.import_archives import Imported
from warraq.cli import output
from warraq.cli.app import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.bucket import Bucket

ATTACKS = {
    "clears the terminal": "\x1b[2J\x1b]0;title\x07",
    "the same in eight bits": "\x9b2J",
    "overrides the direction": "\u202egpj.exe\u202c",
    "isolates": "\u2066\u2067\u2068\u2069",
    "marks the direction": "\u061c\u200e\u200f",
    "a line of its own": "x\rERROR\nERROR all is lost\u2028ERROR",
    "markup": "<script>alert(1)</script>' onclick='x",
    "a template": "{{ conn.aws.password }}{% raw %}[red]",
    "a shell's": "$(id); `id` | id & 'id' \"id\"",
    "a table's": "'; DELETE FROM documents --",
}
STEERING = {
    *map(chr, [*range(32), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)])
}


@pytest.fixture(params=ATTACKS.values(), ids=ATTACKS)
def attack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def in_a_line(shown: str) -> bool:
    """Whether what is shown is one line, and holds nothing that is not seen."""
    return not STEERING & set(shown.removesuffix("\n"))


@pytest.mark.parametrize(
    "show",
    [
        lambda text: output.show_table([{"title": text}]),
        lambda text: output.console.print(text, markup=False),
        output.echo,
        lambda text: Terminal().print(text, markup=False),
    ],
    ids=["table", "console", "echo", "error"],
)
def test_in_a_terminal(show: Callable[[str], None], attack: str, capsys: pytest.CaptureFixture[str]) -> None:
    show(attack)
    out = capsys.readouterr().out
    assert all(map(in_a_line, out.split("\n")))
    assert "\n" not in attack or len(out.splitlines()) <= 3


def test_in_json_its_value_is_the_same(attack: str, capsys: pytest.CaptureFixture[str]) -> None:
    output.show_json([{"title": attack}])
    out = capsys.readouterr().out
    assert in_a_line(out)
    assert json.loads(out) == {"title": attack}


def test_in_the_log_of_a_crawl(attack: str) -> None:
    try:
        raise ValueError(attack.replace("\n", " "))
    except ValueError:
        record = logging.LogRecord("crawlers", logging.WARNING, "", 0, "%s: no page", (attack,), sys.exc_info())
    first, *stack = json.loads(JsonLines().format(record))["message"].split("\n")
    assert first.endswith(": no page")
    assert all(map(in_a_line, [first, *stack]))
    assert stack[0].startswith("Traceback")


def test_in_what_an_import_tells(attack: str) -> None:
    done = Imported()
    done.left_out["no pages"] += 1
    done.note("no pages", attack)
    assert all(map(in_a_line, done.left_out_told()))


def test_in_a_page_of_ours(attack: str) -> None:
    report = CrawlReport.model_validate(
        {
            "window": {"since": "2024-03-05", "until": "2024-03-06"},
            "outcome": attack,
            "message": attack,
            "failed": [{"url": f"https://a.example/{attack}", "reason": attack}, {"url": attack, "reason": "timeout"}],
            "skipped": {attack: 1},
            "discovery": [{"type": "feed", "url": attack, "answered": True, "problems": [attack], "notes": [attack]}],
        }
    )
    page = crawl_page(Crawl("alfajr-20240305T000000Z-000000", datetime(2024, 3, 5, tzinfo=UTC), report), "alfajr")
    tree = fromstring(page)
    assert not (STEERING - {"\n"}) & set(tree.text_content())
    assert not tree.xpath("//script | //*[@onclick]")


def test_in_a_warc_what_was_said_is_kept_and_no_record_made_of_it(bucket: Bucket) -> None:
    writer, at = CaptureWriter(bucket, "alfajr", "run"), datetime(2024, 3, 5, tzinfo=UTC)
    said = []
    for number, attack in enumerate(ATTACKS.values()):
        said.append((f"http://alfajr.example/{number}", {"by": "feed", "title": attack}))
        url, found = said[-1]
        writer.add(Exchange(url, at, 200, attack, [("Content-Type", "text/html"), ("X", attack)], b"<p>", [], found))
    key = writer.flush()
    assert key is not None
    assert [(one.url, one.found) for one in read_captures(io.BytesIO(bucket.get(key)), key)] == said
