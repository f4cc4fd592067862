"""The task that crawls a site."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSkipException,
)

from crawlers.run import Crawl, CrawlFailed, CrawlSummary, Options, Outcome, dry_run_key, new_run, report_key
from crawlers.window import resolve_window
from dags.bucket import captures_asset, open_bucket
from dags.links import REPORT, ReportLink
from pipeline.sources import SourceError, find_source
from pipeline.text import escape_invisible

if TYPE_CHECKING:
    from airflow.sdk import Context

    from crawlers.window import Window
    from pipeline.bucket import Bucket
    from pipeline.sources import Source

SLICE = timedelta(minutes=30)
"""How long a run that is not scheduled may hold its site, and its worker's place, before a scheduled one gets its turn."""

PAUSE = timedelta(seconds=20)
"""What lies between a crawl that ended early and its going on. Airflow takes a task that begins anew before its end was noted for
one that was killed."""

_SAMPLE = 20
"""URLs of a dry run that its log shows."""

_LASTING = (": robots", ": HTTP 404", ": HTTP 410")
"""How the problem of a discovery that will not come back ends."""


class CrawlInterrupted(AirflowException):
    """The crawl was told to stop, as when its worker stops; the next try fetches what is missing."""


class CrawlOperator(BaseOperator):
    """Crawl one source for the run's window, in a process of its own, and say what came of it.

    A crawl that stored nothing is skipped, so that nothing is built on it. What a person must mend fails at once: a source file or
    window that is wrong, a robots.txt that forbids what the source is after. Whatever may pass by itself (the site, the network,
    a worker that stops) is tried again.

    A run that is not scheduled is done in slices: after `SLICE` it gives its place back without spending a try, and goes on when it
    comes to its turn again. A slice in which nothing was stored, as where finding the articles takes longer than that, does
    spend one, and the slices of the next try are twice as long.

    What came of the run so far is pushed as the XCom ``crawl``, however it ends.
    """

    ui_color = "#e8f0e4"
    operator_extra_links = (ReportLink(),)

    def __init__(self, *, source_id: str, **kwargs: Any) -> None:  # noqa: ANN401  # as the operators of Airflow have it
        super().__init__(**kwargs)
        self.source_id = source_id
        self._crawl: Crawl | None = None
        self._killed = False

    def execute(self, context: Context) -> str:
        """Crawl, and return the run's name: its captures and its report are filed under it.

        Raises:
            AirflowFailException: trying again cannot help.
            AirflowSkipException: nothing was stored, or the site is left alone.
            AirflowRescheduleException: the slice is over, and the crawl is not.
            CrawlInterrupted: the task was stopped; what was stored by then is kept.
            AirflowException: the crawl failed; likewise.
        """
        try:
            return self._execute(context)
        except (AirflowSkipException, AirflowRescheduleException):
            raise
        except AirflowException as error:
            told = context["ti"].xcom_pull(key="crawl") or {}
            context["ti"].xcom_push("crawl", told | {"problem": str(error)})
            raise

    def on_kill(self) -> None:
        """Stop the crawl before Airflow, five seconds later, kills this process."""
        self._killed = True
        if self._crawl:
            self._crawl.stop()

    def _execute(self, context: Context) -> str:
        try:
            source = find_source(self.source_id)
            window = self._window(source, context)
        except (SourceError, ValueError) as error:
            raise AirflowFailException(str(error)) from None
        bucket = open_bucket()
        self._leave_alone(bucket, source, context)
        run = new_run(source.id, datetime.now(UTC))
        options = self._options(context)
        if options.limit == 0:
            raise AirflowSkipException(
                "as many pages as the limit allows were fetched by earlier slices or tries of this run"
            )
        self.log.info("Crawling %s for %s up to %s, as %s", source.id, window.since, window.until, run)
        self._crawl = Crawl(source.id, window, run, options, on_line=self._log_line)
        try:
            summary = self._crawl.wait()
        except CrawlFailed as error:
            if error.summary:
                self._tell(error.summary, context)
            lasting = error.summary is not None and will_last(error.summary)
            raise (AirflowFailException if lasting else AirflowException)(str(error)) from None
        finally:
            self._crawl.stop()
        if options.dry_run and summary.outcome == Outcome.FINISHED:
            return self._list(bucket, summary, context)
        return self._conclude(summary, context)

    def _leave_alone(self, bucket: Bucket, source: Source, context: Context) -> None:
        """Skip a crawl of the schedule where the site refused those before it; one that a person started asks it."""
        from crawlers.patience import left_alone_until  # too heavy for the parsing of a DAG file

        start, end = context["dag_run"].data_interval_start, context["dag_run"].data_interval_end
        if not (_scheduled(context) and start and end):
            return
        if until := left_alone_until(bucket, source, end - start, datetime.now(UTC)):
            raise AirflowSkipException(
                f"{source.id} refused its last crawls, or asked for time: it is left alone until {until:%Y-%m-%d %H:%M} UTC. "
                "A run that a person starts asks it at once"
            )

    def _window(self, source: Source, context: Context) -> Window:
        params, dag_run = context["params"], context["dag_run"]
        start, end = dag_run.data_interval_start, dag_run.data_interval_end
        return resolve_window(
            source,
            since=params.get("since"),
            until=params.get("until"),
            interval=(start, end) if start and end else None,
            run_after=dag_run.run_after,
            look_back=_scheduled(context),
        )

    def _options(self, context: Context) -> Options:
        params = context["params"]
        limit, refetch = params.get("limit"), tuple(params.get("refetch") or ())
        longer = 2 ** (context["ti"].try_number - 1)
        return Options(
            recrawl=_scheduled(context),
            refetch=refetch,
            # What an earlier slice or try of this run asked for is not asked for again.
            refetch_before=context["dag_run"].start_date if refetch else None,
            discovery=tuple(params.get("discovery") or ()),
            limit=limit and max(0, limit - _captured(context)),
            dry_run=params.get("dry_run", False),
            seconds=None if _scheduled(context) else int(SLICE.total_seconds()) * longer,
        )

    def _conclude(self, summary: CrawlSummary, context: Context) -> str:
        captured = self._tell(summary, context)
        self.log.info("%s", summary.message)
        is_spent = summary.resume_at is not None and not self._killed
        if is_spent and not _scheduled(context):
            raise AirflowRescheduleException(summary.resume_at)
        # Of the schedule, the next crawl goes on where the requests of a day are spent.
        if summary.outcome == Outcome.INTERRUPTED and not is_spent:
            if summary.captured and not self._killed and not _scheduled(context):
                self.log.info("Giving the place back: scheduled crawls of this site go first, then this one goes on")
                raise AirflowRescheduleException(datetime.now(UTC) + PAUSE)
            raise CrawlInterrupted(f"{summary.message}; the next try fetches what is missing")
        if will_last(summary):
            raise AirflowFailException(f"{summary.message}: robots.txt forbids every page that this run is after")
        if not captured:
            raise AirflowSkipException(summary.message)
        context["outlet_events"][captures_asset(summary.source)].extra.update(
            run=summary.run,
            since=summary.window.since.isoformat(),
            until=summary.window.until.isoformat(),
            found=summary.found,
            captured=captured,
            failed=len(summary.failed),
            report=report_key(summary.run),
        )
        return summary.run

    def _list(self, bucket: Bucket, summary: CrawlSummary, context: Context) -> str:
        """Log what a dry run would fetch; nothing was stored, so the corpus is told nothing."""
        self.outlets = []
        key = dry_run_key(summary.run)
        self._tell(summary, context, would_fetch=summary.would_fetch, list=key)
        lines = bucket.get(key).decode().splitlines() if summary.would_fetch else []
        self.log.info("A dry run: %d pages would be fetched, and none was. The first of them:", summary.would_fetch)
        for line in islice(lines, _SAMPLE):
            page = json.loads(line)
            self.log.info("%s  %s", page["day"] or "no day    ", escape_invisible(page["url"]))
        self.log.info("All of them, with how each was found: %s", key)
        return summary.run

    def _tell(self, summary: CrawlSummary, context: Context, **more: object) -> int:
        """Push what came of the run, and return how many pages all its slices and tries have stored."""
        before = _captured(context)
        captured = before + summary.captured
        context["task_state_store"].set("captured", captured)
        told = {
            "found": summary.found,
            "captured": captured,
            "known": max(0, summary.known - before),
            "failed": len(summary.failed),
            "report": report_key(summary.run),
        }
        context["ti"].xcom_push("crawl", told | more)
        context["ti"].xcom_push(REPORT, report_key(summary.run))
        return captured

    def _log_line(self, level: str, message: str) -> None:
        self.log.log(logging.getLevelNamesMapping().get(level, logging.INFO), "%s", message)


def _scheduled(context: Context) -> bool:
    """Whether the schedule started the run, not a person; a run that a backfill reprocesses is not of the schedule any more."""
    return bool(context["dag_run"].run_type == "scheduled")


def _captured(context: Context) -> int:
    """How many pages the slices and tries of this run have stored so far."""
    stored = context["task_state_store"].get("captured")
    return stored if isinstance(stored, int) else 0


def will_last(summary: CrawlSummary) -> bool:
    """Whether what kept a crawl from storing anything will be there on the next try as well.

    So it is where robots.txt forbids every page, and where every discovery is forbidden or gone.
    """
    if summary.captured or summary.known:
        return False
    if summary.found:
        return summary.skipped.get("robots", 0) == summary.found - summary.skipped.get("outside_window", 0) > 0
    problems = [problem for report in summary.discovery for problem in report.problems]
    return bool(problems) and all(problem.endswith(_LASTING) for problem in problems)
