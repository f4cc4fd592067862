"""Health: whether each source is as it should be, told from what the bucket holds of its days.

The corpus build keeps ``health/``: one row for each source and day, of what its crawls, its pages and its texts were. The verdicts
hold a source's last days against its own past. The room imports the documents, the captures and the coverage.
"""

from __future__ import annotations

from pipeline.health.days import Updated, read_days, update
from pipeline.health.model import WRONG, SourceDay, State, Verdict
from pipeline.health.schema import SCHEMA, SCHEMA_VERSION
from pipeline.health.verdicts import HISTORY_DAYS, UNFINISHED_DAYS, verdicts

__all__ = [
    "HISTORY_DAYS",
    "SCHEMA",
    "SCHEMA_VERSION",
    "UNFINISHED_DAYS",
    "WRONG",
    "SourceDay",
    "State",
    "Updated",
    "Verdict",
    "read_days",
    "update",
    "verdicts",
]
