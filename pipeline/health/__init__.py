"""Health: whether each source is as it should be, told from what the bucket holds of its days.

The corpus build keeps ``health/``: one row for each source and day, of what its crawls, its pages and its texts were. The verdicts
hold a source's last days against its own past, and the notices tell operators what changed. The room imports the documents, the
captures and the coverage.
"""

from __future__ import annotations

from pipeline.health.current import Health, current
from pipeline.health.days import Updated, forget, read_days, update
from pipeline.health.details import Details, look_closer
from pipeline.health.lacking import note_coverage, read_coverage
from pipeline.health.model import WRONG, SourceDay, State, Verdict
from pipeline.health.notices import Message, NoticesError, tell
from pipeline.health.pages import SIGNS, SOURCE_PAGE, crawl_page, index_page, source_page
from pipeline.health.schema import SCHEMA, SCHEMA_VERSION
from pipeline.health.standing import Standing, is_sick, late_run, standings, unknown
from pipeline.health.verdicts import HISTORY_DAYS, UNFINISHED_DAYS, verdicts

__all__ = [
    "HISTORY_DAYS",
    "SCHEMA",
    "SCHEMA_VERSION",
    "SIGNS",
    "SOURCE_PAGE",
    "UNFINISHED_DAYS",
    "WRONG",
    "Details",
    "Health",
    "Message",
    "NoticesError",
    "SourceDay",
    "Standing",
    "State",
    "Updated",
    "Verdict",
    "crawl_page",
    "current",
    "forget",
    "index_page",
    "is_sick",
    "late_run",
    "look_closer",
    "note_coverage",
    "read_coverage",
    "read_days",
    "source_page",
    "standings",
    "tell",
    "unknown",
    "update",
    "verdicts",
]
