"""Which of the tasks that wait for a place goes first.

A task that Airflow finds waiting goes by its weight, then by its run's logical date: a backfill of 2013 would always go before
today's crawl. Hence, from first to last: forms, which somebody waits for; scheduled crawls; the corpus; crawls started by hand;
backfills. The corpus goes before the work on the past, so that a year's pages are built while its crawls go on.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from airflow.task.priority_strategy import PriorityWeightStrategy

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance

BACKFILL, BY_HAND, CORPUS, SCHEDULED = 1, 2, 3, 1_000
FORM = 10_000_000
"""Above every scheduled crawl: the weight of those grows by one a day from `SCHEDULED` in the year 1."""

CRAWLS = "crawls"
"""The Celery queue of what reads what strangers sent, crawls and imports: their workers need few rights in the bucket, and little
memory. All else waits in Airflow's own, ``default``. Other executors take no notice."""

_SCHEDULED_RUN = re.compile(r"scheduled__(\d{4}-[01]\d-[0-3]\d)")


class ScheduledFirst(PriorityWeightStrategy):
    """Weighs a crawl by what started its run, read off the run's id: nothing else of a run is known to Airflow at that point.

    Of scheduled runs the latest day goes first, since a backfill that reprocesses runs keeps their ids.
    """

    def get_weight(self, ti: TaskInstance) -> int:
        """The weight of the task in its run."""
        if scheduled := _SCHEDULED_RUN.match(ti.run_id or ""):
            return SCHEDULED + date.fromisoformat(scheduled[1]).toordinal()
        return BACKFILL if (ti.run_id or "").startswith("backfill__") else BY_HAND
