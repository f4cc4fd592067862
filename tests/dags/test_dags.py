"""Airflow reads every DAG, and they are wired, named and documented as operators expect."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise

import pytest
from ruamel.yaml import YAML

from pipeline.sources import load_sources
from tests.conftest import ROOT

SOURCES = ROOT / "demo" / "sources"
SITES = sorted(load_sources(SOURCES))


@pytest.fixture(scope="module")
def bag(read_dags):
    return read_dags(SOURCES)


@pytest.fixture(scope="module")
def dags(bag):
    return bag["dags"]


def test_every_file_is_read_without_error(bag) -> None:
    assert bag["errors"] == {}
    assert set(bag["dags"]) == {
        *("corpus", "crawl_on_demand", "health", "import_archive"),
        *(f"crawl_{site}" for site in SITES),
    }


def test_reading_them_imports_nothing_heavy(bag) -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    heavy = set(lint["flake8-tidy-imports"]["banned-module-level-imports"])
    assert heavy >= {"lxml", "pyarrow", "scrapy"}
    assert set(bag["modules"]) & heavy <= {"boto3"}  # which comes with Airflow's own S3 assets


def test_each_is_named_tagged_owned_and_documented(dags) -> None:
    for dag_id, dag in dags.items():
        assert dag["owner"] == "warraq"
        assert dag["description"], dag_id
        assert len(dag["doc"]) > 500, dag_id
        assert "{" not in re.sub(r"\{(year|month|day)\}", "", dag["doc"]), dag_id  # these are a date archive's own
        assert any("\u0600" <= letter <= "\u06ff" for letter in dag["name"]), dag_id
        assert all(task["doc"] for task in dag["tasks"].values()), dag_id
        assert dag["catchup"] is False
    assert dags["corpus"]["tags"] == ["corpus"]


@pytest.mark.parametrize("site", SITES)
def test_a_crawl_is_made_of_its_sources_file(dags, site) -> None:
    source = load_sources(SOURCES)[site]
    dag = dags[f"crawl_{site}"]
    assert source.name in dag["name"]
    assert str(source.home) in dag["description"]
    assert str(source.home) in dag["doc"]
    assert all(str(found.url) in dag["doc"] for found in source.discovery)
    assert dag["tags"] == sorted({"crawl", site, "ar", *(f"conflict: {one}" for one in source.conflicts)})
    assert dag["schedule"] == f"CronDataIntervalTimetable(expression='{source.schedule}', timezone='{source.timezone}')"
    assert list(dag["params"]) == ["since", "until", "discovery", "refetch", "limit", "dry_run"]
    assert [dag["params"][name]["format"] for name in ("since", "until")] == ["date", "date"]
    assert dag["params"]["discovery"]["items"]["enum"] == list(dict.fromkeys(found.type for found in source.discovery))
    (crawl,) = dag["tasks"].values()
    assert crawl["at_once"] == 1
    assert crawl["weight_rule"] == "dags.priority.ScheduledFirst"
    assert crawl["retries"] == 4
    assert crawl["exponential"]
    (rule,) = crawl["policy"]["rules"]
    assert (rule["exception"], rule["action"], rule["retry_delay"]) == ("dags.operators.CrawlInterrupted", "retry", 20)
    assert crawl["outlets"] == [[f"captures_{site}", f"s3://warraq/captures/source={site}"]]


def test_the_corpus_follows_every_crawl_and_the_clock(dags) -> None:
    corpus = dags["corpus"]
    assert corpus["max_active_runs"] == 1
    assert corpus["schedule"].startswith("AssetOrTimeSchedule(asset_condition=AssetAny(")
    assert "CronTriggerTimetable(expression='0 * * * *'" in corpus["schedule"]
    for site in SITES:
        (crawl,) = dags[f"crawl_{site}"]["tasks"].values()
        ((name, uri),) = crawl["outlets"]
        assert f"name='{name}', uri='{uri}'" in corpus["schedule"]


def test_the_corpus_is_a_row_of_steps_beside_whose_last_the_index_is_made(dags) -> None:
    tasks = dags["corpus"]["tasks"]
    steps = ["find_captures", "clean", "normalize_dates", "write_documents", "find_copies", "deduplicate"]
    steps += ["build_days", "deposit", "tidy", "note_health", "describe", "index", "report"]
    assert list(tasks) == steps
    assert {tasks[step]["weight_rule"] for step in steps} == {"absolute"}
    after = {step: [before] for before, step in pairwise(steps)} | {
        "index": ["deposit"],
        "report": ["describe", "index"],
    }
    assert {step: tasks[step]["after"] for step in steps[1:]} == after
    assert [step for step in steps if tasks[step]["mapped"]] == [
        "clean",
        "normalize_dates",
        "find_copies",
        "build_days",
    ]
    # With nothing to do, Airflow skips a mapped task; what follows runs all the same.
    assert {tasks[step]["rule"] for step in ("write_documents", "deduplicate", "deposit")} == {"none_failed"}
    for step in steps:
        assert tasks[step]["retries"] == 3
        (rule,) = tasks[step]["policy"]["rules"]
        assert (rule["exception"], rule["action"]) == ("pipeline.sources.SourceError", "fail")


def test_health_follows_every_build_and_the_clock_and_fails_where_a_source_does(dags) -> None:
    health, tasks = dags["health"], dags["health"]["tasks"]
    assert health["max_active_runs"] == 1
    ((noted, _),) = dags["corpus"]["tasks"]["note_health"]["outlets"]
    assert f"asset_condition=Asset(name='{noted}'" in health["schedule"]
    assert "CronTriggerTimetable(expression='0 5 * * *'" in health["schedule"]
    assert {name: task["after"] for name, task in tasks.items()} == {
        "find": [],
        "look": ["find"],
        "needs_a_person": ["find", "look"],
        "tell": ["look"],
    }
    assert [name for name, task in tasks.items() if task["mapped"]] == ["look", "needs_a_person"]
    assert {task["retries"] for task in tasks.values()} == {0}
    # Whatever a look ends in, it is told; and as the last tasks these two make the run red.
    assert [tasks[name]["rule"] for name in ("needs_a_person", "tell")] == ["all_done", "all_done"]


def test_a_crawl_and_a_build_that_are_late_are_told(dags) -> None:
    late = {name for name, dag in dags.items() if dag["deadlines"] == [["dags.notify.tell_late", 6 * 3600]]}
    assert late == {"corpus", *(f"crawl_{site}" for site in SITES)}


@pytest.fixture(scope="module")
def mixed(read_dags, tmp_path_factory):
    """A folder with a good source file, one that is not enabled and one that is wrong; another bucket's name."""
    folder = tmp_path_factory.mktemp("sources")
    archives = "id: turath\nname: تراث\nhome: http://turath.example/\ntimezone: Asia/Beirut\n"
    (folder / "turath.yaml").write_text(archives, encoding="utf-8")
    for name, more in (
        ("alsaha", "countries: [SY]"),
        ("siraj", "enabled: false"),
        ("difaf", "colour: blue"),
    ):
        text = (SOURCES / f"{name}.yaml").read_text(encoding="utf-8")
        (folder / f"{name}.yaml").write_text(f"{text}\n{more}\n", encoding="utf-8")
    return read_dags(folder, WARRAQ_BUCKET="news")


def test_a_source_that_is_not_enabled_starts_paused(mixed) -> None:
    assert mixed["dags"]["crawl_alsaha"]["paused"] is None
    assert mixed["dags"]["crawl_siraj"]["paused"] is True


def test_a_crawl_is_tagged_with_what_its_source_reports_on(mixed) -> None:
    assert {"conflict: Syria", "country: SY"} < set(mixed["dags"]["crawl_alsaha"]["tags"])


def test_a_wrong_file_is_shown_and_takes_no_other_site_along(mixed) -> None:
    assert mixed["errors"] == {}
    broken = mixed["dags"]["crawl_difaf"]
    assert "colour" in broken["description"]
    assert "colour" in broken["doc"]
    assert "broken" in broken["tags"]
    assert "NullTimetable" in broken["schedule"]
    assert broken["tasks"]["crawl"]["outlets"] == []
    assert "الساحة" in mixed["dags"]["crawl_alsaha"]["name"]


def test_a_source_of_archives_alone_is_not_crawled(mixed) -> None:
    assert "crawl_turath" not in mixed["dags"]
    assert "captures_turath" in mixed["dags"]["corpus"]["schedule"]


def test_the_buckets_name_is_in_the_assets_address(mixed) -> None:
    (crawl,) = mixed["dags"]["crawl_alsaha"]["tasks"].values()
    assert crawl["outlets"] == [["captures_alsaha", "s3://news/captures/source=alsaha"]]


def test_without_any_source_the_corpus_still_runs_by_the_clock(read_dags, tmp_path) -> None:
    bag = read_dags(tmp_path)
    assert bag["errors"] == {}
    assert set(bag["dags"]) == {"corpus", "crawl_on_demand", "health", "import_archive"}
    assert "CronTriggerTimetable(expression='0 * * * *'" in bag["dags"]["corpus"]["schedule"]


def test_the_corpus_goes_on_where_a_run_leaves_captures_waiting_and_follows_imports(dags) -> None:
    from pipeline.build import BATCH_FILES, BATCHES_A_RUN
    from pipeline.captures import MAX_RECORDS

    corpus = dags["corpus"]
    ((waiting, _),) = corpus["tasks"]["report"]["outlets"]
    ((imported, _),) = dags["import_archive"]["tasks"]["take_in"]["outlets"]
    assert all(f"name='{name}'" in corpus["schedule"] for name in (waiting, imported))
    assert f"{BATCH_FILES * BATCHES_A_RUN * MAX_RECORDS:,} pages" in corpus["doc"]
    assert corpus["tasks"]["clean"]["at_once_in_a_run"] == 16  # half of Airflow's 32 places


def test_the_forms_refuse_by_their_schema_what_they_can(dags, mixed) -> None:
    params = dags["crawl_on_demand"]["params"]
    conflicts = sorted({one for source in load_sources(SOURCES).values() for one in source.conflicts})
    every = ["all sources", *(f"conflict: {one}" for one in conflicts), *SITES]
    assert params["sources"]["items"]["enum"] == every
    assert params["sources"]["minItems"] == 1
    assert [params[name]["format"] for name in ("since", "until")] == ["date", "date"]
    assert params["limit"]["minimum"] == 1
    archives = dags["import_archive"]["params"]
    assert archives["source"]["enum"] == SITES
    assert archives["locations"]["minItems"] == 1
    # A source of archives alone is imported, not crawled; one whose file is wrong is shown, and refused when it is chosen.
    offered = mixed["dags"]["crawl_on_demand"]["params"]["sources"]
    groups = ["all sources", "conflict: Syria", "conflict: Yemen", "country: SY"]
    assert offered["items"]["enum"] == [*groups, "alsaha", "difaf", "siraj"]
    assert offered["values_display"]["conflict: Syria"] == "conflict: Syria (1)"
    assert "turath" in mixed["dags"]["import_archive"]["params"]["source"]["enum"]


def test_a_form_is_tried_once(dags) -> None:
    tasks = dags["crawl_on_demand"]["tasks"]
    assert [task["retries"] for task in tasks.values()] == [0, 0, 0]
    assert tasks["summarize"]["rule"] == "all_done_min_one_success"
    assert tasks["crawl"]["mapped"]
    assert dags["import_archive"]["tasks"]["take_in"]["at_once"] == 1


def test_what_strangers_sent_is_read_by_workers_apart(dags) -> None:
    apart = {(dag, task) for dag in dags for task, told in dags[dag]["tasks"].items() if told["queue"] == "crawls"}
    assert apart == {("import_archive", "take_in"), *((f"crawl_{site}", "crawl") for site in SITES)}


@pytest.mark.parametrize("setup", ["compose.yaml", "compose.roles.yaml", "kubernetes/values.yaml"])
def test_every_queue_has_workers(dags, setup) -> None:
    read = YAML(typ="safe").load(ROOT / "docker" / setup)
    if "services" in read:
        commands = [service.get("command", []) for service in read["services"].values()]
        named = [command[-1] for command in commands if command[:2] == ["celery", "worker"]]
    else:
        named = [workers["queue"] for workers in read["workers"]["celery"]["sets"]]
    queues = [queue for queues in named for queue in queues.split(",")]
    assert {task["queue"] for dag in dags.values() for task in dag["tasks"].values()} <= set(queues)
    assert len(queues) == len(set(queues))  # where workers are apart, no task may come to the wrong ones
