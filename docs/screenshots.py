"""Take the pictures of these pages, from the checkout's root: ``python -m docs.screenshots UI USER PASSWORD``.

Wants a running ``make up`` on the folder of a first ``make demo``, and a Chromium on the PATH (Debian's package ``chromium``).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.ui import choose, fill_day, find_chromium, open_form, open_log, signed_in, submit, tick
from warraq.airflow_api import AirflowApi

IMAGES = Path(__file__).parent / "images"
SITES = ("dafatir", "rawasi", "zaytun")


def shoot(page: Page, name: str, *, wait: int = 3000, full: bool = False) -> None:
    """Write a picture; what comes in late is waited for, in milliseconds."""
    page.wait_for_timeout(wait)
    page.screenshot(path=IMAGES / f"{name}.png", full_page=full)


def dags(page: Page) -> None:
    """The list, the corpus and a crawl."""
    page.goto("/dags")
    page.get_by_text("crawl siraj").wait_for()
    shoot(page, "dags", full=True)
    page.goto("/dags/corpus")
    page.get_by_text("normalize_dates").first.wait_for()
    shoot(page, "corpus")
    page.goto("/dags/crawl_alsaha")
    page.get_by_role("button", name="Dag Docs").click()
    page.get_by_text("How articles are found").wait_for()
    shoot(page, "crawl", wait=1000)


def past(page: Page, api: AirflowApi) -> None:
    """The on-demand form, refused, tried and run; Airflow's own backfill."""
    page.set_viewport_size({"width": 1280, "height": 720})

    def run(*, dry: bool = False, name: str | None = None, until: str = "2024-04-01") -> str:
        open_form(page, "crawl_on_demand")
        choose(page, "sources", *SITES)
        fill_day(page, "since", "2024-03-01")
        fill_day(page, "until", until)
        if dry:
            tick(page, "dry_run")
        if name:
            page.set_viewport_size({"width": 1280, "height": 1280})  # the whole of it
            shoot(page, name, wait=500)
            page.set_viewport_size({"width": 1280, "height": 720})
        run_id = submit(page)
        while not any(run.over for run in api.runs("crawl_on_demand") if run.run_id == run_id):
            time.sleep(1)
        return run_id

    open_log(page, "crawl_on_demand", run(until="2024-02-01"), "check")
    page.get_by_text("must lie before").first.wait_for()
    page.get_by_text("AirflowFailException").click()  # the task's stack, which says nothing more, is folded up
    shoot(page, "on-demand-refused")
    for name, run_id in (("dry-run", run(dry=True, name="on-demand-form")), ("result", run())):
        open_log(page, "crawl_on_demand", run_id, "summarize")
        page.get_by_text("All of this").wait_for()
        shoot(page, f"on-demand-{name}")
    open_form(page, "crawl_dafatir")
    page.get_by_text("Run this Dag for a range of dates").click()
    shoot(page, "backfill", wait=1500)


def main(ui: str, user: str, password: str) -> None:
    """Write ``images/*.png``."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("no chromium on the PATH: install one first")
    IMAGES.mkdir(exist_ok=True)
    with signed_in(chromium, ui.rstrip("/"), user, password) as page, AirflowApi(ui, user, password) as api:
        dags(page)
        past(page, api)


if __name__ == "__main__":
    main(*sys.argv[1:4])
