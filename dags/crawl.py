"""One DAG for each source: ``crawl_<source>``, made from its file in ``config/sources/`` (or the folder ``$WARRAQ_SOURCES``)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk import (
    DAG,
    CronDataIntervalTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    get_parsing_context,
)

from dags.bucket import captures_asset
from dags.forms import how_to_crawl
from dags.notify import deadline
from dags.operators import PAUSE, CrawlInterrupted, CrawlOperator
from dags.priority import CRAWLS
from pipeline.sources import Source, SourceError, load_source, sources_folder

if TYPE_CHECKING:
    from pathlib import Path

_DOC = """\
### {name}

Crawls [{home}]({home}) and stores every response in the bucket, below `captures/source={id}/`, before anything reads it.
The DAG `corpus` follows by itself.

| | |
| --- | --- |
| How articles are found | {discovery} |
| Hosts | {hosts} |
| Language | {language} |
| Schedule | `{schedule}`, in the time zone {timezone} |
| A scheduled run looks back | {look_back_days} days, for late and edited articles |
| Between two requests | {delay:g} s, and never less than robots.txt asks for |

**Which days a run covers.** With `since` and `until`: those published days, `until` itself left out. Without: every day that the
run's data interval touches (for a run by hand, the last interval that ended, unless another is specified).

**To gather a past month**, trigger this DAG with `since` and `until` (for several sources at once: `crawl_on_demand`); to have one
run for each interval instead, choose *Backfill* in the same dialog. Runs of one site never overlap, and pages that the bucket
holds are not fetched again. A scheduled run goes before all others: these give their place back every half an hour, *up for
reschedule*, and go on when it is their turn again. A **dry run** lists what would be fetched, in its log and in
`reports/<run>/would_fetch.jsonl`, and fetches no page. *Refetch* asks again for pages of these days that were rejected for the
reasons chosen; what may pass (a wall, an empty page) scheduled runs ask for again by themselves.

**Skipped** means that the site had nothing new. **Failed** means that the site could not be read at all, or that the source's
file is wrong: the last line of the task's log says which, in one sentence. Passing faults are tried again four times. Clear the
task to try once more: it fetches only what is missing. What a crawl found, and each page that failed, is in
`reports/<run>/crawl.json`; the button *Report* of the task `crawl` shows it as a page.
"""


_DAYS = {
    "since": Param(
        None,
        type=["null", "string"],
        format="date",
        title="من · Since",
        description="First published day to gather, in the site's time zone.",
    ),
    "until": Param(
        None,
        type=["null", "string"],
        format="date",
        title="إلى · Until",
        description="First published day to leave out. Without it today is the last one gathered.",
    ),
}


def _crawl_dag(source: Source) -> DAG:
    with DAG(
        f"crawl_{source.id}",
        dag_display_name=f"crawl {source.id} · {source.name}",
        description=f"Gather {source.home} into captures/",
        doc_md=_doc(source),
        schedule=CronDataIntervalTimetable(source.schedule, timezone=source.timezone),
        catchup=False,
        deadline=deadline(),
        # A source that is not enabled waits for a person; for the others Airflow's own default holds.
        is_paused_upon_creation=None if source.enabled else True,
        tags=[
            *("crawl", source.id, source.language),
            *(f"conflict: {conflict}" for conflict in source.conflicts),
            *(f"country: {country}" for country in source.countries),
        ],
        params=_DAYS | how_to_crawl(list(dict.fromkeys(found.type for found in source.discovery))),
        default_args={
            "owner": "warraq",
            "retries": 4,
            # Soon at first, since the worker may have been lost; then after one minute, three, and nine, or up to twice that.
            "retry_delay": timedelta(seconds=20),
            "retry_exponential_backoff": 3,
            "max_retry_delay": timedelta(minutes=30),
            # What was merely interrupted need not wait until the site has recovered.
            "retry_policy": ExceptionRetryPolicy(
                [RetryRule(exception=CrawlInterrupted, action=RetryAction.RETRY, retry_delay=PAUSE)]
            ),
        },
    ) as dag:
        CrawlOperator(
            task_id="crawl",
            source_id=source.id,
            max_active_tis_per_dag=1,  # scheduled runs, backfills and runs by hand never meet on one site
            weight_rule="dags.priority.ScheduledFirst",
            queue=CRAWLS,
            outlets=[captures_asset(source.id)],
            doc_md="Runs Scrapy in a process of its own; stopping the task stops the crawl within seconds.",
        )
    return dag


def _broken_dag(source_id: str, error: SourceError) -> DAG:
    """What stands for a source whose file is wrong, so that it is seen, and the other sources go on."""
    with DAG(
        f"crawl_{source_id}",
        dag_display_name=f"crawl {source_id} · the source's file is wrong",
        description=str(error),
        doc_md=f"### The source's file is wrong\n\n```\n{error}\n```\n\nNothing is crawled until it is put right.",
        schedule=None,
        tags=["crawl", source_id, "broken"],
        default_args={"owner": "warraq"},
    ) as dag:
        CrawlOperator(task_id="crawl", source_id=source_id, queue=CRAWLS)
    return dag


def _doc(source: Source) -> str:
    return _DOC.format(
        **{name: getattr(source, name) for name in ("id", "name", "home", "language", "schedule", "timezone")},
        look_back_days=source.look_back_days,
        delay=source.politeness.delay,
        hosts=", ".join(f"`{host}`" for host in source.hosts),
        discovery=" · ".join(f"{found.type}: {found.url}" for found in source.discovery),
    )


def _dag(path: Path) -> DAG | None:
    try:
        source = load_source(path)
    except SourceError as error:
        return _broken_dag(path.stem, error)
    return _crawl_dag(source) if source.discovery else None  # a source of archives alone is never crawled


# For a task Airflow reads this file anew, and needs the one DAG alone.
_wanted = get_parsing_context().dag_id
for _path in sorted(sources_folder().glob("*.yaml")):
    if _wanted in {None, f"crawl_{_path.stem}"}:
        globals()[f"crawl_{_path.stem}"] = _dag(_path)
