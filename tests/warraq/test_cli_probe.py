"""``warraq probe`` and ``warraq check``, run as a user runs them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.sources import load_source
from tests.crawlers.conftest import HOME, Site
from tests.crawlers.news import build, dated
from tests.warraq.test_cli import fails, warraq

NOW = datetime.now(UTC)


@pytest.fixture
def site() -> Iterator[Site]:
    """A site with a feed, of which no article is old."""
    site = Site()
    try:
        site.feed(dated(build(site, NOW, prints=3), NOW), "/feed/")
        yield site
    finally:
        site.close()


@pytest.fixture
def settings(site: Site, tmp_path: Path) -> dict[str, str]:
    return {"WARRAQ_SOURCES": str(tmp_path / "sources"), "http_proxy": site.proxy}


def test_a_new_site_is_probed_checked_and_enabled(tmp_path: Path, settings: dict[str, str]) -> None:
    file = tmp_path / "sources" / "sada.yaml"
    printed = warraq("probe", HOME, "--id", "sada", "--delay", "0", **settings)
    assert printed.returncode == 0, printed.stderr
    assert not file.exists()
    written = warraq("probe", HOME, "--id", "sada", "--delay", "0", "--write", **settings)
    assert written.returncode == 0, written.stderr
    assert file.read_text(encoding="utf-8") == printed.stdout
    assert "خبر عن بلدة بعيدة رقم 0" in written.stdout
    assert not load_source(file).enabled
    checked = warraq("check", "--enable", **settings)
    assert checked.returncode == 0, checked.stdout
    assert "sada: enabled" in checked.stdout
    assert load_source(file).enabled
    assert file.read_text(encoding="utf-8") == printed.stdout.replace("enabled: false", "enabled: true")


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path, settings: dict[str, str]) -> None:
    file = tmp_path / "sources" / "sadanews.yaml"
    file.parent.mkdir()
    file.write_text("mine", encoding="utf-8")
    for more in ([], ["--id", "sadanews"]):
        assert "is there already" in fails("probe", HOME, "--delay", "0", "--write", *more, **settings)
    assert file.read_text(encoding="utf-8") == "mine"


def test_what_needs_hands_makes_the_exit_code_1_and_enables_nothing(
    site: Site, tmp_path: Path, settings: dict[str, str]
) -> None:
    warraq("probe", HOME, "--id", "sada", "--delay", "0", "--write", **settings)
    del site.replies[f"{HOME}/feed/"]
    checked = warraq("check", "sada", "--enable", **settings)
    assert checked.returncode == 1
    assert "sada: TO DO: feed http://sadanews.example/feed/: is gone (HTTP 404)" in checked.stdout
    assert not load_source(tmp_path / "sources" / "sada.yaml").enabled


def test_mistakes_are_told_in_a_sentence(settings: dict[str, str]) -> None:
    assert "--id Sada must be" in fails("probe", HOME, "--id", "Sada", **settings)
    assert "is not the address of a site" in fails("probe", "ftp://sadanews.example/", **settings)
    assert "no source 'alghad'" in fails("check", "alghad", **settings)
    assert "no source files" in fails("check", **settings)
