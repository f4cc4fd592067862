"""``warraq learn``, run as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline.bucket import Bucket
from tests.pipeline.conftest import archive, page, prose
from tests.warraq.test_cli import fails, warraq

STANDING = "الفجر صحيفة يومية يملكها محرروها"
CONFIGURED = "id: alfajr\nname: صحيفة الفجر\nhome: http://alfajr.example/\ntimezone: Asia/Damascus\n"


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "alfajr.yaml").write_text(CONFIGURED, encoding="utf-8")
    return {"WARRAQ_SOURCES": str(tmp_path)}


def capture_articles(bucket: Bucket, *added: str, count: int = 6) -> None:
    pages = {f"http://alfajr.example/{n}": page(f"خبر {n}", [*prose(n), *added], "2024-03-05") for n in range(count)}
    archive(bucket, "alfajr", "a", pages)


def test_what_it_prints_can_be_appended_to_the_source_s_file(
    bucket: Bucket, tmp_path: Path, settings: dict[str, str]
) -> None:
    capture_articles(bucket, STANDING)
    done = warraq("learn", "alfajr", **settings)
    assert done.returncode == 0, done.stderr
    assert "# on 6 of 6 articles' pages, within the text of 6:" in done.stdout
    assert "#   http://alfajr.example/0" in done.stdout
    file = tmp_path / "alfajr.yaml"
    file.write_text(CONFIGURED + done.stdout, encoding="utf-8")
    written = YAML().load(file)
    assert (written["furniture"], written["body"]) == ([STANDING], "div.content")
    assert "# in one place on 6 of 6 articles' pages; " in done.stdout
    again = warraq("learn", "alfajr", **settings)
    assert (again.returncode, again.stdout) == (0, "")
    assert "Nothing recurs" in again.stderr


def test_a_key_that_is_there_is_not_printed_again(bucket: Bucket, tmp_path: Path, settings: dict[str, str]) -> None:
    capture_articles(bucket, STANDING)
    file = tmp_path / "alfajr.yaml"
    file.write_text(CONFIGURED + "furniture:\n  - سطر آخر\n", encoding="utf-8")
    printed = warraq("learn", "alfajr", **settings).stdout
    file.write_text(file.read_text(encoding="utf-8") + printed, encoding="utf-8")
    assert YAML().load(file)["furniture"] == ["سطر آخر", STANDING]


def test_where_no_body_is_proposed_it_says_why(bucket: Bucket, settings: dict[str, str]) -> None:
    pages = {
        f"http://alfajr.example/{n}": page(f"خبر {n}", prose(n), "2024-03-05")
        .replace(b"class='content'", b"class='content-%d'" % n)
        .replace(b"article>", b"section>")
        for n in range(6)
    }
    archive(bucket, "alfajr", "a", pages)
    done = warraq("learn", "alfajr", **settings)
    assert (done.returncode, done.stdout) == (0, "")
    assert "No `body:` is proposed for alfajr: no element that holds their text has a class or an id" in done.stderr


def test_mistakes_are_told_in_a_sentence(bucket: Bucket, settings: dict[str, str]) -> None:
    assert "no source 'alghad'" in fails("learn", "alghad", **settings)
    assert "no captures of 'alfajr' in the bucket yet" in fails("learn", "alfajr", **settings)
    capture_articles(bucket, count=2)
    assert "hold 2 articles; what recurs shows from 5 on" in fails("learn", "alfajr", **settings)
