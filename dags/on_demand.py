"""The DAG ``crawl_on_demand``: any days of any sources, by a form."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Unpack

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, DagRunState, Param, TriggerRule, task
from airflow.sdk.exceptions import AirflowFailException

from dags.bucket import open_bucket, run_name
from dags.forms import DISCOVERIES, FormError, check_crawls, configured, groups, how_to_crawl, names, refuse
from dags.priority import FORM
from pipeline.sources import Source

if TYPE_CHECKING:
    from airflow.sdk import Context

_LOG = logging.getLogger(__name__)

_DOC = """\
### Any month, from any sites, now

Choose sources and days in the form: each source's own DAG, `crawl_<source>`, gets a run with these parameters. It goes on beside
the scheduled crawls: runs of one site never overlap, a scheduled one goes before, and pages that the bucket holds are not fetched
again.

| Task | Does |
| --- | --- |
| `check` | refuses at once, in one sentence for each reason, what cannot be done |
| `crawl` (one for each source) | starts the source's DAG and waits for its run, without holding a worker's place |
| `summarize` | logs a table of what each source gave, and writes it to `reports/<run>/on_demand.json` |

**Dry run** finds the articles and fetches none: the table says how many would be fetched, and where the list of them lies.

**Refetch** asks again for pages of these days that were rejected for the reasons chosen, such as `blocked` once a wall is gone;
`may_pass` stands for all that may pass.

**One source that fails stops no other.** The run fails at its end, and names it. Clear its `crawl` task to try that source again:
it fetches only what is missing.

**All sources, those of a conflict, those of a country** stand before the single ones. Of these are taken those whose DAGs are on
and whose files name a discovery that was chosen; the others are left out.

**A source whose DAG is paused** (as one that is not `enabled` is at first) is refused: its run would wait for ever. Switch the DAG
on, or leave the source out.

**To stop**, mark the runs of the sources' DAGs as failed: this DAG only waits for them.
"""

_sources = {
    source_id: source
    for source_id, source in configured().items()
    if not isinstance(source, Source) or source.discovery
}
_groups = groups(_sources)
_offered = [*_groups, *_sources]


@task(priority_weight=FORM, weight_rule="absolute")
def check(**context: Unpack[Context]) -> list[dict[str, Any]]:
    """What is to be triggered: the DAG of each source, with its parameters."""
    ti = context["ti"]
    try:
        return check_crawls(
            context["params"], now=datetime.now(UTC), is_paused=lambda dag_id: ti.get_dag(dag_id).is_paused
        )
    except FormError as error:
        raise refuse(error) from None


# Where all sources failed there is a table to be shown as well; where the form was wrong there is none.
@task(priority_weight=FORM, weight_rule="absolute", trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
def summarize(asked: list[dict[str, Any]], **context: Unpack[Context]) -> str:
    """The key of the summary."""
    ti = context["ti"]
    rows = []
    for number, one in enumerate(asked):
        dag_id = one["trigger_dag_id"]
        run_id = ti.xcom_pull(task_ids="crawl", key="trigger_run_id", map_indexes=number)
        told = run_id and ti.xcom_pull(dag_id=dag_id, run_id=run_id, task_ids="crawl", key="crawl")
        state = DagRunState(ti.get_dagrun_state(dag_id, run_id)).value if run_id else "not started"
        rows.append({"source": dag_id.removeprefix("crawl_"), "dag_run": run_id, "state": state, **(told or {})})
    key = f"reports/{run_name('on-demand', context['dag_run'])}/on_demand.json"
    content = {"asked": asked[0]["conf"], "sources": rows}
    open_bucket().put(key, json.dumps(content, ensure_ascii=False, indent=1).encode(), content_type="application/json")
    for line in _table(rows, "would_fetch" if asked[0]["conf"]["dry_run"] else "captured"):
        _LOG.info("%s", line)
    _LOG.info("All of this: %s", key)
    if failed := [row["source"] for row in rows if row["state"] != "success"]:
        raise AirflowFailException(
            f"{len(failed)} of {len(rows)} sources failed: {', '.join(failed)}; see the table above"
        )
    return key


def _table(rows: list[dict[str, Any]], result: str) -> list[str]:
    """The rows as lines; what has no number was not come to."""
    columns = ("found", result, "known", "failed")
    width = max(len("source"), *(len(row["source"]) for row in rows))
    lines = [f"{'source':<{width}}  {'run':<11}" + "".join(f"{name.replace('_', ' '):>13}" for name in columns)]
    for row in rows:
        numbers = "".join(f"{row.get(name, '–'):>13}" for name in columns)
        about = row.get("problem") or row.get("list") or row.get("report") or ""
        lines.append(f"{row['source']:<{width}}  {row['state']:<11}{numbers}  {about}")
    totals = "".join(f"{sum(row.get(name, 0) for row in rows):>13}" for name in columns)
    return [*lines, f"{'all':<{width}}  {'':<11}{totals}"]


_DAYS = {
    "since": Param(
        type="string", format="date", title="من · Since", description="First published day, in each site's time zone."
    ),
    "until": Param(type="string", format="date", title="إلى · Until", description="First published day to leave out."),
}

with DAG(
    "crawl_on_demand",
    dag_display_name="crawl on demand · جمع عند الطلب",
    description="Gather any published days from any sources, now",
    doc_md=_DOC,
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    tags=["crawl", "on demand"],
    params={
        "sources": Param(
            [],
            type="array",
            items={"type": "string", "enum": _offered},
            minItems=1,
            examples=_offered,
            values_display={group: f"{group} ({len(ids)})" for group, ids in _groups.items()} | names(_sources),
            title="المصادر · Sources",
            description="Whose articles to gather: one at least, or all, or those of a conflict or a country.",
        ),
        **_DAYS,
        **how_to_crawl(DISCOVERIES),
    },
    default_args={"owner": "warraq"},
):
    _asked: Any = check()  # what it promises to return; Airflow types the promise as something of its own
    _crawls = TriggerDagRunOperator.partial(
        task_id="crawl",
        logical_date=None,
        wait_for_completion=True,
        deferrable=True,
        poke_interval=5,
        note="by crawl_on_demand",
        priority_weight=FORM,
        weight_rule="absolute",
        map_index_template="{{ task.trigger_dag_id }}",
        doc_md="Starts the source's own DAG, and waits for its run.",
    ).expand_kwargs(_asked)
    _crawls >> summarize(_asked)
