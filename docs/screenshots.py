"""Take the pictures of these pages: ``python docs/screenshots.py UI USER PASSWORD``.

Wants a running ``make up`` on the folder of a first ``make demo``, and a Chromium on the PATH (Debian's package ``chromium``).
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def sign_in(page: Page, ui: str, user: str, password: str) -> None:
    """Get past the login."""
    page.goto(ui)
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_url(f"{ui}/**")


def main(ui: str, user: str, password: str) -> None:
    """Write ``images/*.png``."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no chromium on the PATH: install one first")
    ui = ui.rstrip("/")
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 960})
        sign_in(page, ui, user, password)
        page.goto(f"{ui}/dags")
        page.get_by_text("crawl siraj").wait_for()
        page.wait_for_timeout(3000)  # the bars of the latest runs come in one after another
        page.screenshot(path=IMAGES / "dags.png", full_page=True)
        page.goto(f"{ui}/dags/corpus")
        page.get_by_text("normalize_dates").first.wait_for()
        page.wait_for_timeout(3000)
        page.screenshot(path=IMAGES / "corpus.png")
        page.goto(f"{ui}/dags/crawl_alsaha")
        page.get_by_role("button", name="Dag Docs").click()
        page.get_by_text("How articles are found").wait_for()
        page.wait_for_timeout(1000)
        page.screenshot(path=IMAGES / "crawl.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:4])
