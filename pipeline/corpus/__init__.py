"""The corpus: ``articles/``, one row for each distinct article, one Parquet file a published day, with schema and manifest.

This is the public face of warraq: plain Hive-partitioned Parquet that any reader opens with no client of ours. The room
deposits it, reads it back, reports and explains it, and takes articles down from it. It imports the documents, the decision on
duplicates, the captures and the bucket, and nothing of how a page is read.
"""

from __future__ import annotations

from pipeline.corpus.counts import Counts, add_up, count_by_source, count_documents
from pipeline.corpus.deposit import BuiltDays, DayRange, DepositPlan, build_days, deposit, finish_deposit, plan_deposit
from pipeline.corpus.explain import ExplainError, explain
from pipeline.corpus.manifest import MANIFEST, SCHEMA_FILE, Manifest, ManifestError, Partition, read_manifest
from pipeline.corpus.read import (
    Changes,
    changes_since,
    changes_since_manifest,
    count_articles,
    export_jsonl,
    read_articles,
    verify,
)
from pipeline.corpus.report import make_report
from pipeline.corpus.schema import SCHEMA, SCHEMA_VERSION
from pipeline.corpus.takedown import Outcome, sweep_pending, take_down, take_down_source
from pipeline.corpus.takedown_records import TakedownError, taken_down

__all__ = [
    "MANIFEST",
    "SCHEMA",
    "SCHEMA_FILE",
    "SCHEMA_VERSION",
    "BuiltDays",
    "Changes",
    "Counts",
    "DayRange",
    "DepositPlan",
    "ExplainError",
    "Manifest",
    "ManifestError",
    "Outcome",
    "Partition",
    "TakedownError",
    "add_up",
    "build_days",
    "changes_since",
    "changes_since_manifest",
    "count_articles",
    "count_by_source",
    "count_documents",
    "deposit",
    "explain",
    "export_jsonl",
    "finish_deposit",
    "make_report",
    "plan_deposit",
    "read_articles",
    "read_manifest",
    "sweep_pending",
    "take_down",
    "take_down_source",
    "taken_down",
    "verify",
]
