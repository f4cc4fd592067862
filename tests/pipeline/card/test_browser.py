"""The page of the corpus in a real browser, from a copy of the folder: it asks for nothing else, and fits a phone."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import sync_playwright

from pipeline.bucket import Bucket
from tests.browser import ui
from tests.pipeline.card.conftest import copy_to


def test_the_corpus_described_opens_from_a_folder_and_fits_a_phone(standing: Bucket, tmp_path: Path) -> None:
    chromium = ui.find_chromium()
    if chromium is None:
        pytest.skip("no chromium on the PATH")
    folder = copy_to(standing, tmp_path / "corpus")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ui.FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(ui.PATIENCE)
        complaints, asked = list[str](), list[str]()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((folder / "index.html").as_uri())
        assert page.get_by_role("img").count() == 5  # three plots, and one of each outlet
        page.get_by_text("articles by outlet and month").click()
        page.get_by_role("heading", name="موقع المدى").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.get_by_text("articles/_manifest.json").first.is_visible()
        assert (complaints, asked) == ([], [(folder / "index.html").as_uri()])
        browser.close()
