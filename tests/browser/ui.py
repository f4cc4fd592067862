"""Airflow's pages, as a person uses them: what the browser test and the pictures in the guide click on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000
"""Milliseconds that a busy machine may take over a page."""


def find_chromium() -> str | None:
    """Path of Debian's Chromium, if it is installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def signed_in(chromium: str, ui: str, user: str, password: str) -> Iterator[Page]:
    """A page of a browser in which the user is logged in to Airflow."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, "--no-proxy-server"])
        page = browser.new_page(viewport={"width": 1280, "height": 960}, base_url=ui)
        page.set_default_timeout(PATIENCE)
        page.goto("/")
        page.fill("input[name=username]", user)
        page.fill("input[name=password]", password)
        page.click("button[type=submit]")
        page.get_by_role("link", name="Dags").first.wait_for()
        yield page
        browser.close()


def open_form(page: Page, dag_id: str) -> None:
    """Open the trigger form of a DAG."""
    page.goto(f"/dags/{dag_id}")
    page.get_by_role("button", name="Trigger").first.click()
    page.get_by_text("Run Parameters").wait_for()


def choose(page: Page, field: str, *values: str) -> None:
    """Choose values in a field that takes several."""
    box = page.locator(f"xpath=//input[@name='element_{field}']/ancestor::div[.//input[@role='combobox']][1]")
    for value in values:
        box.get_by_role("combobox").fill(value)
        box.get_by_role("combobox").press("Enter")


def fill_day(page: Page, field: str, day: str) -> None:
    """Fill in a day, in ISO 8601."""
    page.fill(f"input[name=element_{field}]", day)


def tick(page: Page, field: str) -> None:
    """Turn a switch."""
    page.locator(f"input[name=element_{field}]").locator("xpath=..").click()


def submit(page: Page) -> str:
    """Trigger, and return the id of the run, whose page Airflow shows then."""
    page.get_by_test_id("trigger-dag-submit").click()
    page.wait_for_url("**/runs/*")
    return page.url.rpartition("/runs/")[2].partition("?")[0]


def open_log(page: Page, dag_id: str, run: str, task: str) -> None:
    """Open the log of a task that is over; `run` as it stands in the page's address."""
    page.goto(f"/dags/{dag_id}/runs/{run}/tasks/{quote(task)}")
