"""The corpus: ``articles/``, one row for each distinct article, one Parquet file a published day, with schema and manifest.

This is the public face of warraq: plain Hive-partitioned Parquet that any reader opens with no client of ours. The room
deposits it, reads it back, reports and explains it, keeps states of it for ever, and takes articles down from all of these. It
imports the documents, the decision on duplicates, the captures and the bucket, and nothing of how a page is read.
"""

from __future__ import annotations

from pipeline.corpus.attest import keep_time_stamp, sign_snapshot, time_stamp_request
from pipeline.corpus.citation import TITLE
from pipeline.corpus.counts import Counts, add_up, count_by_source, count_documents
from pipeline.corpus.deposit import BuiltDays, DayRange, DepositPlan, build_days, deposit, finish_deposit, plan_deposit
from pipeline.corpus.explain import ExplainError, explain
from pipeline.corpus.export import export_csv, export_jsonl, export_parquet
from pipeline.corpus.fetch import Fetched, FetchError, Verified, Wanted, fetch, verify_folder
from pipeline.corpus.manifest import MANIFEST, SCHEMA_FILE, Manifest, ManifestError, Partition, read_manifest
from pipeline.corpus.read import (
    Changes,
    changes_since,
    changes_since_manifest,
    count_days,
    read_articles,
    read_partition,
    read_tables,
    verify,
)
from pipeline.corpus.report import make_report
from pipeline.corpus.schema import SCHEMA, SCHEMA_VERSION, WITHIN
from pipeline.corpus.snapshot_make import Made, make_snapshot
from pipeline.corpus.snapshots import LATEST, SnapshotError, State, list_snapshots, read_state, verify_snapshot
from pipeline.corpus.takedown import Outcome, sweep_pending, take_down, take_down_source
from pipeline.corpus.takedown_records import TakedownError, taken_down

__all__ = [
    "LATEST",
    "MANIFEST",
    "SCHEMA",
    "SCHEMA_FILE",
    "SCHEMA_VERSION",
    "TITLE",
    "WITHIN",
    "BuiltDays",
    "Changes",
    "Counts",
    "DayRange",
    "DepositPlan",
    "ExplainError",
    "FetchError",
    "Fetched",
    "Made",
    "Manifest",
    "ManifestError",
    "Outcome",
    "Partition",
    "SnapshotError",
    "State",
    "TakedownError",
    "Verified",
    "Wanted",
    "add_up",
    "build_days",
    "changes_since",
    "changes_since_manifest",
    "count_by_source",
    "count_days",
    "count_documents",
    "deposit",
    "explain",
    "export_csv",
    "export_jsonl",
    "export_parquet",
    "fetch",
    "finish_deposit",
    "keep_time_stamp",
    "list_snapshots",
    "make_report",
    "make_snapshot",
    "plan_deposit",
    "read_articles",
    "read_manifest",
    "read_partition",
    "read_state",
    "read_tables",
    "sign_snapshot",
    "sweep_pending",
    "take_down",
    "take_down_source",
    "taken_down",
    "time_stamp_request",
    "verify",
    "verify_folder",
    "verify_snapshot",
]
