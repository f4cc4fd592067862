"""The form ``crawl_on_demand`` in a real browser: what it refuses, a dry run and the run itself."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

from tests.browser import ui
from warraq.rest import AirflowApi
from warraq.stack import Running, Stack

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chromium() -> str:
    found = ui.find_chromium()
    if found is None:
        pytest.skip("no chromium on the PATH")
    return found


@pytest.fixture(scope="module")
def running(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo, every crawl paused."""
    with Stack(tmp_path_factory.mktemp("browser"), paused=True) as stack:
        yield stack.running


@pytest.fixture(scope="module")
def api(running: Running) -> Iterator[AirflowApi]:
    with AirflowApi(running.ui, running.user, running.password) as api:
        while not {"crawl_dafatir", "crawl_on_demand"} <= api.dags().keys():
            time.sleep(0.5)
        # In place of the run that the schedule owes.
        api.trigger("crawl_dafatir", conf={"dry_run": True}, due=api.dags()["crawl_dafatir"])
        api.unpause("crawl_dafatir")
        yield api


@pytest.fixture(scope="module")
def page(chromium: str, running: Running, api: AirflowApi) -> Iterator[Page]:
    expect.set_options(timeout=ui.PATIENCE)
    with ui.signed_in(chromium, running.ui, running.user, running.password) as page:
        yield page


def trigger(page: Page, api: AirflowApi, *, since: str, until: str, dry_run: bool = False) -> tuple[str, str]:
    """Fill in the form for one site, send it, wait until the run is over, and return its id and its state."""
    ui.open_form(page, "crawl_on_demand")
    ui.choose(page, "sources", "dafatir")
    ui.fill_day(page, "since", since)
    ui.fill_day(page, "until", until)
    if dry_run:
        ui.tick(page, "dry_run")
    run_id = ui.submit(page)
    while not (over := [run for run in api.runs("crawl_on_demand") if run.run_id == run_id and run.over]):
        time.sleep(0.5)
    return run_id, over[0].state


def test_an_empty_form_cannot_be_sent(page: Page) -> None:
    ui.open_form(page, "crawl_on_demand")
    expect(page.get_by_text("This field is required")).to_have_count(3)  # sources, since, until
    expect(page.get_by_test_id("trigger-dag-submit")).to_be_disabled()


def test_days_in_the_wrong_order_are_refused_in_a_sentence(page: Page, api: AirflowApi) -> None:
    run, state = trigger(page, api, since="2024-04-01", until="2024-03-01")
    assert state == "failed"
    ui.open_log(page, "crawl_on_demand", run, "check")
    expect(page.get_by_text("since (2024-04-01) must lie before until (2024-03-01)").first).to_be_visible()


def test_a_dry_run_says_what_the_run_then_captures(page: Page, api: AirflowApi) -> None:
    run, state = trigger(page, api, since="2024-03-01", until="2024-04-01", dry_run=True)
    assert state == "success"
    ui.open_log(page, "crawl_on_demand", run, "summarize")
    row = page.get_by_text(re.compile(r"dafatir +success +14 +3 +0 +0 +reports/\S+/would_fetch\.jsonl"))
    expect(row.first).to_be_visible()

    run, state = trigger(page, api, since="2024-03-01", until="2024-04-01")
    assert state == "success"
    ui.open_log(page, "crawl_on_demand", run, "summarize")
    expect(
        page.get_by_text(re.compile(r"dafatir +success +14 +3 +0 +0 +reports/\S+/crawl\.json")).first
    ).to_be_visible()
