"""Take the pictures of these pages, from the checkout's root: ``python -m docs.screenshots UI USER PASSWORD``.

Wants a running ``make up`` on the folder of a first ``make demo``, the variables that it prints, and a Chromium on the PATH (the
package ``chromium`` of Debian). The sources' pages show invented days, those of `benchmarks.health`: the demo's bucket has no past.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.health import DAYS, FIRST, make_years, put_days
from pipeline.bucket import Bucket
from pipeline.health import SourceDay
from pipeline.run_reports import newest_builds
from pipeline.sources import load_sources
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


def invent_days(bucket: Bucket) -> list[str]:
    """Give the demo's sources a past, three of them a fault in it that lasts; return their ids, those with faults first."""
    now, last = datetime.now(UTC), FIRST + timedelta(days=DAYS - 66)
    years = sorted(
        make_years(7),
        key=lambda year: not any(3 <= (last - first).days < lasts for first, (_, lasts) in year.faults.items()),
    )
    ids = sorted(load_sources())
    days: list[SourceDay] = []
    for id_, year in zip(ids, [*years[:3], *years[-len(ids) + 3 :]], strict=True):
        for row in (row for row in year.days if row.day <= last):
            day = row.day + (now.date() - last)
            began = datetime(day.year, day.month, day.day, tzinfo=UTC) if row.day < last else now - timedelta(hours=1)
            days.append(replace(row, source=id_, day=day, last_crawl_at=began))
    put_days(bucket, days)
    return ids


def health(page: Page, ui: str) -> None:
    """The sources, one of them, on a phone in the dark, too, and the report of the first build."""
    bucket = Bucket()
    source, run = f"sources/{invent_days(bucket)[0]}", newest_builds(bucket, datetime.now(UTC))[-1]
    page.set_viewport_size({"width": 1280, "height": 960})
    for name, address in (("sources", "sources/"), ("source", source), ("report", f"reports/{run}/")):
        page.goto(f"{ui}/warraq/{address}")
        shoot(page, name, wait=300)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.goto(f"{ui}/warraq/{source}")
    shoot(page, "source-phone", wait=300)


def main(ui: str, user: str, password: str) -> None:
    """Write ``images/*.png``."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("no chromium on the PATH: install one first")
    IMAGES.mkdir(exist_ok=True)
    with signed_in(chromium, ui.rstrip("/"), user, password) as page, AirflowApi(ui, user, password) as api:
        dags(page)
        past(page, api)
        health(page, ui.rstrip("/"))


if __name__ == "__main__":
    main(*sys.argv[1:4])
