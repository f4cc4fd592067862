"""Documents: one row for each captured page, whatever became of it, in a Delta table; and the lookup from a page to its rows.

What the pages say comes from cleaning, what was decided on them from `pipeline.duplicates`, whose store this table is. The room
writes rows and reads them back; it imports the bucket and the columns of the decision.
"""

from __future__ import annotations

from pipeline.documents.schema import JOINED, MENTION, PAGE, SCHEMA, row_hash, text_facts
from pipeline.documents.table import Documents

__all__ = ["JOINED", "MENTION", "PAGE", "SCHEMA", "Documents", "row_hash", "text_facts"]
