"""Documents: one row for each captured page in a Delta table, and the lookup from a page to its days."""

from __future__ import annotations

from pipeline.documents.table import MENTION, SCHEMA, Documents, row_hash

__all__ = ["MENTION", "SCHEMA", "Documents", "row_hash"]
