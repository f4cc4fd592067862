"""The corpus DAG: from what the crawls stored to ``articles/``."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Unpack

from airflow.configuration import conf
from airflow.sdk import (
    DAG,
    AssetAny,
    AssetOrTimeSchedule,
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    TriggerRule,
    task,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags.bucket import (
    articles_asset,
    captures_asset,
    health_asset,
    imports_asset,
    open_bucket,
    run_name,
    waiting_asset,
)
from dags.links import REPORT, ReportLink
from dags.notify import deadline
from dags.priority import CORPUS
from pipeline.sources import Source, SourceError, read_sources, sources_folder

if TYPE_CHECKING:
    from airflow.sdk import Context

_LOG = logging.getLogger(__name__)

_DOC = """\
### From captures to the corpus

Takes in every capture that the corpus does not hold yet, and brings `articles/` in line: clean, dated, one copy of each.

| Task | Reads | Writes |
| --- | --- | --- |
| `find_captures` | `captures/`, `documents/` | the list of what is new, in batches |
| `clean` (one for each batch) | the batch's pages | title, body, author, stated dates; or why a page is no article |
| `normalize_dates` (one for each batch) | the cleaned pages | the publication of each decided, with the evidence |
| `write_documents` | the dated pages | `documents/`: one row for each page; pages of one article are joined |
| `find_copies` (one for each range of days) | `documents/`: what is new, and its window | what each document repeats |
| `deduplicate` | what was found | `documents/`: which documents are articles and which are copies of one |
| `build_days` (one for each range of days) | the decisions | `articles/`: the files of the days that changed |
| `deposit` | what was built | `articles/`: the manifest, and whatever else is not in line with the decisions |
| `tidy` | `documents/` | `state/`: where a source's, a page's rows are; small files joined, what left the table a day ago deleted |
| `note_health` | what changed in `documents/`, the crawls' reports | `health/`, only the months that changed |
| `describe` | the days of `articles/` that changed, the sources' files | `card/`, `sources/`: what is in the corpus |
| `index` | the days of `articles/` that changed | `search/`: the index by which articles are found, of the months of these days |
| `report` | all of it | `reports/<run>/report.json` and `report.html`, which its button *Report* opens |

**When it runs.** After any crawl or import that stored something, and every hour. It works from what lies in the bucket, never from
the event that started it: nothing is lost where several crawls end at once or a run fails. One run at a time.

**A run takes at most some 15,000 pages**, of every crawl the first ones first: so a year's pages reach the corpus as they
come, and today's do not wait for them. Where more is waiting, the next run starts at once.

**To run a DAG of your own on the corpus**, schedule it on the asset `articles`: it is new whenever a day was written, and its event
names the days.

**Where the work is little**, one range of days at most, `find_copies` and `build_days` are skipped: `deduplicate` and `deposit` do
what was not done before them.

**With nothing new** `clean` and `normalize_dates` are skipped; the rest still runs, so that a deposit which was interrupted is
finished. Where no day changed either and nothing is wrong, `report` is skipped: there is nothing to report.

**When a task fails** it is tried again three times. Every task may be cleared and run again at any
time; readers never see anything half-written.

**When the counts do not add up** the run fails at its end, in `report`, and says which: every captured page must be an article, a
copy, or rejected with a reason. All that was gathered is written by then, and the report shows the counts.

**When captures are left out**, since the file of their source is wrong or gone, the other sources go on, and the run fails at its
end: `report` names the sources, the log of `find_captures` the files and lines that are wrong. What the corpus holds of them stays.

**When a run takes more than six hours**, operators are [told](health), if they are told anything.

**To clean everything anew**, with a better extractor or after a change in a source's furniture, trigger it with *rebuild*:
nothing is crawled again. Such a run takes everything at once.

**When a task says that something is damaged**, trigger it with *repair*: it reads all that is made from captures, and makes anew
what of it is not what was written.
"""


def _usable_sources() -> dict[str, Source]:
    """The sources whose captures can be read, removed ones too; what is wrong with the others' files is logged."""
    files = read_sources()
    for error in files.wrong.values():
        _LOG.error("%s", error)
    return files.readable


@task
def find_captures(**context: Unpack[Context]) -> list[str]:
    """What the documents table has not taken in, as the keys of batches."""
    from pipeline import build
    from pipeline.repair import repair

    bucket = open_bucket()
    if context["params"]["repair"]:
        repaired = repair(bucket)
        for sentence in (*repaired.damaged_told(), *repaired.lost_told()):
            _LOG.warning("%s", sentence)
    run, rebuild = run_name("corpus", context["dag_run"]), context["params"]["rebuild"]
    return build.find_captures(bucket, run, _usable_sources(), rebuild=rebuild)


_AT_ONCE = max(1, conf.getint("core", "parallelism") // 2)
"""Tasks of one stage that run at once; the other places are for crawls."""


# A mapped task's docstring is not shown.
@task(
    max_active_tis_per_dagrun=_AT_ONCE,
    map_index_template="{{ task.op_kwargs['batch'].rsplit('/', 1)[-1] }}",
    doc_md="One batch's pages, as rows; returns their key.",
)
def clean(batch: str) -> str:
    """One batch's pages, as rows; returns their key."""
    from pipeline import build

    return build.clean_batch(open_bucket(), _usable_sources(), batch)


@task(
    max_active_tis_per_dagrun=_AT_ONCE,
    map_index_template="{{ task.op_kwargs['cleaned'].rsplit('/', 1)[-1] }}",
    doc_md="One batch's rows with their publication; returns their key.",
)
def normalize_dates(cleaned: str) -> str:
    """One batch's rows with their publication; returns their key."""
    from pipeline import build

    return build.normalize_dates(open_bucket(), cleaned)


# A run with nothing to clean goes on all the same.
@task(trigger_rule=TriggerRule.NONE_FAILED)
def write_documents(**context: Unpack[Context]) -> list[str]:
    """All rows, in the documents table; returns the keys of the ranges of days to find copies in, where there are several."""
    from pipeline import build

    return build.write_documents(open_bucket(), run_name("corpus", context["dag_run"]))


@task(
    max_active_tis_per_dagrun=_AT_ONCE,
    map_index_template="{{ task.op_kwargs['days'].rsplit('/', 1)[-1] }}",
    doc_md="What the documents of some days repeat; returns the key.",
)
def find_copies(days: str) -> str | None:
    """What the documents of some days repeat; returns the key."""
    from pipeline import build

    return build.find_copies(open_bucket(), days)


@task(trigger_rule=TriggerRule.NONE_FAILED)
def deduplicate(**context: Unpack[Context]) -> list[str]:
    """Which documents are articles, and which copies; returns the keys of the ranges of days to build, where there are several."""
    from pipeline import build

    return build.deduplicate(open_bucket(), run_name("corpus", context["dag_run"]))


@task(
    max_active_tis_per_dagrun=_AT_ONCE,
    map_index_template="{{ task.op_kwargs['days'].rsplit('/', 1)[-1] }}",
    doc_md="The corpus's files of some days; returns the key of what was written.",
)
def build_days(days: str) -> str | None:
    """The corpus's files of some days; returns the key of what was written."""
    from pipeline import build

    return build.build_days(open_bucket(), days)


@task(outlets=[articles_asset()], trigger_rule=TriggerRule.NONE_FAILED)
def deposit(**context: Unpack[Context]) -> dict[str, Any]:
    """The days of the corpus that were written; where there are any, the asset `articles` is new."""
    from pipeline import build

    done = build.deposit(open_bucket(), run_name("corpus", context["dag_run"]))
    if done["written"] or done["deleted"]:
        context["outlet_events"][articles_asset()].extra.update(written=done["written"], deleted=done["deleted"])
    else:
        context["task"].outlets = []
    return done


@task
def tidy() -> None:
    """The lookups that crawls ask are in line with the documents; small files are joined, and once a day old ones go."""
    from pipeline import build

    build.tidy(open_bucket())


@task(outlets=[health_asset()])
def note_health(**context: Unpack[Context]) -> dict[str, Any]:
    """The months of ``health/`` that were written; whatever goes wrong is told there and in the report."""
    from pipeline import build

    run = run_name("corpus", context["dag_run"])
    return build.note_health(open_bucket(), run, _usable_sources(), datetime.now(UTC))


@task
def describe(**context: Unpack[Context]) -> dict[str, Any]:
    """The files of ``card/`` and ``sources/`` that were written; whatever goes wrong is told there and in the report."""
    from pipeline import build

    return build.describe(open_bucket(), run_name("corpus", context["dag_run"]), _usable_sources())


@task
def index(**context: Unpack[Context]) -> dict[str, Any]:
    """The months of ``search/`` that were written; whatever goes wrong is told there and in the report."""
    from pipeline import build

    return build.index(open_bucket(), run_name("corpus", context["dag_run"]), _usable_sources())


@task(outlets=[waiting_asset()])
def report(**context: Unpack[Context]) -> str | None:
    """The key of the report; where captures wait that this run did not come to, the next one is started.

    Raises:
        AirflowSkipException: the run was idle, and wrote no report.
        AirflowFailException: a captured page is not accounted for, or, once nothing else waits, captures are left out because no
            file of a source names them; all is written by then, and trying again cannot help.
    """
    from pipeline import build, waiting

    bucket = open_bucket()
    sources = _usable_sources()
    key = build.report(bucket, run_name("corpus", context["dag_run"]), sources, datetime.now(UTC))
    context["ti"].xcom_push(REPORT, key)
    left_out = waiting.say_left_out(waiting.left_out(bucket, sources))
    if astray := waiting.say_astray(bucket, sources):
        _LOG.warning("%s", astray)
    later = waiting.waiting_captures(bucket, sources)
    if later:
        _LOG.info("%d capture files wait for the next run", len(later))
    else:
        context["task"].outlets = []
    if key is None and not later:
        raise AirflowSkipException("nothing was new, no day changed and nothing is wrong: there is nothing to report")
    try:
        if key:
            build.require_reconciled(bucket, key)
    except build.ReconciliationError as error:
        raise AirflowFailException(str(error)) from None
    if left_out and not later:
        raise AirflowFailException(left_out)
    return key


# The clock picks up what an event missed, and the only schedule where no source is configured yet.
_hourly = CronTriggerTimetable("0 * * * *", timezone="UTC")
_captures = [captures_asset(path.stem) for path in sorted(sources_folder().glob("*.yaml"))]
_stored = AssetAny(*_captures, imports_asset(), waiting_asset())

with DAG(
    "corpus",
    dag_display_name="corpus · المدوَّنة",
    description="Clean, date, deduplicate and deposit what the crawls stored",
    doc_md=_DOC,
    schedule=AssetOrTimeSchedule(timetable=_hourly, assets=_stored),
    catchup=False,
    max_active_runs=1,
    deadline=deadline(),
    tags=["corpus"],
    params={
        "rebuild": Param(
            False,
            type="boolean",
            title="من جديد · Rebuild",
            description="Clean every stored capture anew, not only those that are new.",
        ),
        "repair": Param(
            False,
            type="boolean",
            title="إصلاح · Repair",
            description="Read all that is made from captures first, and make anew what of it is damaged.",
        ),
    },
    default_args={
        "owner": "warraq",
        "priority_weight": CORPUS,
        "weight_rule": "absolute",
        "retries": 3,
        # As of a crawl: soon at first, then after one to three minutes, then five to eleven.
        "retry_delay": timedelta(seconds=20),
        "retry_exponential_backoff": 4,
        "retry_policy": ExceptionRetryPolicy([RetryRule(exception=SourceError, action=RetryAction.FAIL)]),
    },
) as _dag:
    _dated = normalize_dates.expand(cleaned=clean.expand(batch=find_captures()))
    _copies = find_copies.expand(days=_dated >> write_documents())
    _built = build_days.expand(days=_copies >> deduplicate())
    _deposited = _built >> deposit()
    _described = _deposited >> tidy() >> note_health() >> describe()
    [_described, _deposited >> index()] >> report()
    _dag.get_task("report").operator_extra_links = (ReportLink(),)
