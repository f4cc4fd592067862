"""The corpus: ``articles/`` and its manifest, deposited, read back, explained, reported, and what is taken down from it."""

from __future__ import annotations

from pipeline.corpus.deposit import deposit
from pipeline.corpus.explain import ExplainError, explain
from pipeline.corpus.manifest import MANIFEST, SCHEMA, SCHEMA_FILE, SCHEMA_VERSION, ManifestError, read_manifest
from pipeline.corpus.read import Changes, changes_since, changes_since_manifest, export_jsonl, read_articles, verify
from pipeline.corpus.report import count_by_source
from pipeline.corpus.takedown import TakedownError, sweep_pending, take_down, taken_down

__all__ = [
    "MANIFEST",
    "SCHEMA",
    "SCHEMA_FILE",
    "SCHEMA_VERSION",
    "Changes",
    "ExplainError",
    "ManifestError",
    "TakedownError",
    "changes_since",
    "changes_since_manifest",
    "count_by_source",
    "deposit",
    "explain",
    "export_jsonl",
    "read_articles",
    "read_manifest",
    "sweep_pending",
    "take_down",
    "taken_down",
    "verify",
]
