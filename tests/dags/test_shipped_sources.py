"""The sources that are shipped, as Airflow reads them: a paused DAG for each that can be crawled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.sources import load_sources
from tests.conftest import ROOT

FOLDER = ROOT / "config" / "sources"


def test_each_that_can_be_crawled_has_a_dag_that_starts_paused(read_dags: Callable[..., dict[str, Any]]) -> None:
    bag = read_dags(FOLDER)
    sources = load_sources(FOLDER)
    assert bag["errors"] == {}
    crawled = {f"crawl_{one.id}" for one in sources.values() if one.discovery}
    assert len(crawled) > 25
    assert {name for name in bag["dags"] if name.startswith("crawl_")} == {*crawled, "crawl_on_demand"}
    assert not any(one.enabled for one in sources.values())
    assert all(bag["dags"][name]["paused"] is True for name in crawled)


def test_each_says_what_is_known_of_it_in_its_keys() -> None:
    for source in load_sources(FOLDER).values():
        if source.id == "example":
            continue
        assert source.description, source.id
        assert source.evidence, source.id
        assert source.not_established, source.id
        assert source.discovery or any("archives" in one for one in source.not_established), source.id
