"""The task that crawls a site."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from crawlers.run import Crawl, CrawlFailed, CrawlSummary, Outcome, new_run
from crawlers.window import resolve_window
from dags.bucket import captures_asset, open_bucket
from pipeline.sources import SourceError, find_source

if TYPE_CHECKING:
    from airflow.sdk import Context

    from crawlers.run import Window
    from pipeline.sources import Source

_LASTING = (": robots", ": HTTP 404", ": HTTP 410")
"""How the problem of a discovery that will not come back ends."""


class CrawlInterrupted(AirflowException):
    """The crawl was told to stop, as when its worker stops; the next try fetches what is missing."""


class CrawlOperator(BaseOperator):
    """Crawl one source for the run's window, in a process of its own, and say what came of it.

    A crawl that stored nothing is skipped, so that nothing is built on it. What a person must mend fails at once: a source file or
    window that is wrong, a robots.txt that forbids what the source is after. Whatever may pass by itself (the site, the network,
    a worker that stops) is tried again.
    """

    ui_color = "#e8f0e4"

    def __init__(self, *, source_id: str, **kwargs: Any) -> None:  # noqa: ANN401  # as the operators of Airflow have it
        super().__init__(**kwargs)
        self.source_id = source_id
        self._crawl: Crawl | None = None

    def execute(self, context: Context) -> str:
        """Crawl, and return the run's name: its captures and its report are filed under it.

        Raises:
            AirflowFailException: trying again cannot help.
            AirflowSkipException: nothing was stored.
            CrawlInterrupted: the task was stopped; what was stored by then is kept.
            AirflowException: the crawl failed; likewise.
        """
        try:
            source = find_source(self.source_id)
            window = self._window(source, context)
        except (SourceError, ValueError) as error:
            raise AirflowFailException(str(error)) from None
        open_bucket()
        run = new_run(source.id, datetime.now(UTC))
        self.log.info("Crawling %s for %s up to %s, as %s", source.id, window.since, window.until, run)
        self._crawl = Crawl(source.id, window, run, on_line=self._log_line)
        try:
            summary = self._crawl.wait()
        except CrawlFailed as error:
            lasting = error.summary is not None and will_last(error.summary)
            raise (AirflowFailException if lasting else AirflowException)(str(error)) from None
        finally:
            self._crawl.stop()
        return self._conclude(summary, context["outlet_events"][captures_asset(source.id)].extra)

    def on_kill(self) -> None:
        """Stop the crawl before Airflow, five seconds later, kills this process."""
        if self._crawl:
            self._crawl.stop()

    def _window(self, source: Source, context: Context) -> Window:
        params, dag_run = context["params"], context["dag_run"]
        start, end = dag_run.data_interval_start, dag_run.data_interval_end
        return resolve_window(
            source,
            since=params.get("since"),
            until=params.get("until"),
            interval=(start, end) if start and end else None,
            run_after=dag_run.run_after,
            look_back=dag_run.run_type == "scheduled",
        )

    def _conclude(self, summary: CrawlSummary, extra: dict[str, Any]) -> str:
        self.log.info("%s", summary.message)
        if summary.outcome == Outcome.INTERRUPTED:
            raise CrawlInterrupted(f"{summary.message}; the next try fetches what is missing")
        if will_last(summary):
            raise AirflowFailException(f"{summary.message}: robots.txt forbids every page that this run is after")
        if not summary.captured:
            raise AirflowSkipException(summary.message)
        extra.update(
            run=summary.run,
            since=summary.window.since.isoformat(),
            until=summary.window.until.isoformat(),
            found=summary.found,
            captured=summary.captured,
            failed=len(summary.failed),
        )
        return summary.run

    def _log_line(self, level: str, message: str) -> None:
        self.log.log(logging.getLevelNamesMapping().get(level, logging.INFO), "%s", message)


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
