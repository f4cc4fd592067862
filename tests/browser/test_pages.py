"""The page of all sources in a real browser, as a file: its script runs under the page's own policy, and chooses."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import sync_playwright

from pipeline.health import Details, index_page, source_page
from tests.browser import ui
from tests.pipeline.health.test_pages import health


def test_sources_are_chosen_and_fit_a_phone(tmp_path: Path) -> None:
    chromium = ui.find_chromium()
    if chromium is None:
        pytest.skip("no chromium on the PATH")
    made = health(almada="المدى", alfajr="صحيفة الفجر", badr="بدر")
    (tmp_path / "index.html").write_text(index_page(made), encoding="utf-8")
    (tmp_path / "source-alfajr.html").write_text(source_page(made, Details(), "alfajr"), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ui.FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(ui.PATIENCE)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto((tmp_path / "index.html").as_uri())
        rows = page.locator("tbody tr")

        def shown() -> list[str]:
            return [row.locator("code").first.inner_text() for row in rows.all() if row.is_visible()]

        assert shown() == ["alfajr", "badr", "almada"]
        page.select_option("select[name=state]", "ok")
        assert shown() == ["almada"]
        page.reload()  # the address keeps the choice
        assert shown() == ["almada"]
        page.select_option("select[name=state]", "")
        page.fill("input[name=words]", "الفجر")
        assert shown() == ["alfajr"]
        page.get_by_role("link", name="صحيفة الفجر").click()
        page.get_by_role("img").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert complaints == []
        browser.close()
