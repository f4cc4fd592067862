"""The DAG that tells operators what is not as it should be: in Airflow, and by mail or chat where that is configured."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, Unpack

from airflow.sdk import DAG, AssetOrTimeSchedule, CronTriggerTimetable, TriggerRule, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.bucket import health_asset, open_bucket
from dags.notify import notify
from dags.priority import CORPUS
from pipeline.errors import WarraqError
from pipeline.settings import read_settings
from pipeline.sources import find_source, read_sources
from pipeline.text import escape_invisible

if TYPE_CHECKING:
    from airflow.sdk import Context

    from pipeline.health import Standing

_LOG = logging.getLogger(__name__)

_DOC = """\
### What is not as it should be

One task for each source that needs a person, which fails, and says in its log why, since when and what to do. With nothing wrong
the run is green.

| Task | Does |
| --- | --- |
| `find` | holds every source's last days against its own past (`health/` in the bucket), and looks whether builds reach their end |
| `look` (one for each) | asks a sick site for its home page and its lists, politely, and says what that found; skips others |
| `needs_a_person` (one for each) | fails with what is wrong |
| `tell` | sends what changed since the last message, and once a day a list of all that is wrong, by mail or chat |

**When it runs.** After every corpus build, and every day at 05:00 UTC, also where no build runs: that the corpus is not built is
told too. One run at a time.

**A red run** is no fault of Airflow's: open the failed tasks, which bear the sources' ids. Clearing them looks again, and
changes nothing of the source. The page *Sources · المصادر* in the menu shows all sources with their figures.

**Who is told** is set by `WARRAQ_NOTIFY_MAIL` and `WARRAQ_NOTIFY_APPRISE`; without either the log of `tell` says what would have
been sent. Every change of a source's state is told once, of a source that keeps changing two a day at most. A message that does
not go out fails `tell`, and is sent again by the next run.
"""

_ID = "{{ task.op_kwargs['standing']['id'] }}"
_OTHERS, _PROBLEM = "others", "problem"


@task
def find(**context: Unpack[Context]) -> list[dict[str, Any]]:
    """All that is wrong, the worst first; the others are pushed as the XCom ``others``."""
    from pipeline import health

    ti, files = context["ti"], read_sources()
    try:
        bucket = open_bucket()
        now = health.current(bucket, files.sources, datetime.now(UTC))
        within = timedelta(hours=read_settings().built_within_hours)
        found = health.standings(bucket, now, files.wrong, within)
    except WarraqError as error:
        ti.xcom_push(_PROBLEM, str(error))
        _fail(str(error))
    ti.xcom_push(_OTHERS, [asdict(one) for one in found if not one.wrong])
    return [asdict(one) for one in found if one.wrong]


@task(
    max_active_tis_per_dagrun=4,
    map_index_template=_ID,
    doc_md="Asks a site that could not be read for its home page and its lists, politely; returns what that found.",
)
def look(standing: dict[str, Any]) -> str:
    """What a look at the site finds just now, in a sentence."""
    from crawlers.probe import look
    from pipeline.health import Standing, is_sick

    one = Standing(**standing)
    if not is_sick(one):
        raise AirflowSkipException(f"{one.id} is {one.state}: only a site that cannot be read is looked at")
    return look(find_source(one.id), datetime.now(UTC))


@task(
    trigger_rule=TriggerRule.ALL_DONE,
    map_index_template=_ID,
    doc_md="Fails with what is wrong, since when, and what to do.",
)
def needs_a_person(standing: dict[str, Any], **context: Unpack[Context]) -> None:
    """Fails with what is wrong, and with what a look at the site found."""
    _fail(_with_look(standing, context["ti"].map_index or 0, context).sentence)


@task(
    trigger_rule=TriggerRule.ALL_DONE,
    execution_timeout=timedelta(minutes=10),  # for less than a run that was killed holds a channel's memory
)
def tell(**context: Unpack[Context]) -> None:
    """Sends what changed, and the day's list."""
    try:
        found, whole = _all(context)
        notify(open_bucket(), found, whole=whole)
    except WarraqError as error:
        _fail(str(error))


def _fail(sentence: str) -> NoReturn:
    """Fail the task with a sentence; of any other exception Airflow logs the stack."""
    _LOG.error("%s", escape_invisible(sentence))
    raise SystemExit(1)


def _with_look(standing: dict[str, Any], place: int, context: Context) -> Standing:
    """How one stands, with what the look at it found; `place` is its own among all that is wrong."""
    from pipeline.health import Standing

    return Standing(**{**standing, "found": context["ti"].xcom_pull(task_ids="look", map_indexes=place) or ""})


def _all(context: Context) -> tuple[list[Standing], bool]:
    """How all stand, with what the looks found, and whether that is the whole of it."""
    from pipeline.health import Standing, unknown

    ti = context["ti"]
    if problem := ti.xcom_pull(task_ids="find", key=_PROBLEM):
        return [unknown(problem)], False
    wrong, others = ti.xcom_pull(task_ids="find"), ti.xcom_pull(task_ids="find", key=_OTHERS)
    if wrong is None or others is None:
        _fail("find ended without a result, so that there is nothing to tell: see its log")
    looked = [_with_look(one, place, context) for place, one in enumerate(wrong)]
    return [*looked, *(Standing(**one) for one in others)], True


with DAG(
    "health",
    dag_display_name="health · صحة المصادر",
    description="Tell operators which sources need a person, since when, why, and what to do",
    doc_md=_DOC,
    # The clock picks up what an event missed, and tells where no build runs.
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("0 5 * * *", timezone="UTC"), assets=health_asset()),
    catchup=False,
    max_active_runs=1,
    tags=["health"],
    default_args={"owner": "warraq", "priority_weight": CORPUS, "weight_rule": "absolute", "retries": 0},
):
    _wrong = find()
    # Both are last tasks, by which Airflow tells how a run ended: it fails where something is wrong, and where that cannot be told.
    look.expand(standing=_wrong) >> [needs_a_person.expand(standing=_wrong), tell()]
