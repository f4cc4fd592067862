"""Which of a page's dates is its publication: the candidates a page states, and the decision among them.

The room reads the parsed page (`pipeline.page`) with the date language (`pipeline.dates`).
"""

from __future__ import annotations

from pipeline.publication.candidate import MODIFIED, PUBLISHED, Candidate
from pipeline.publication.date_lines import may_state_date, read_line
from pipeline.publication.find import find_candidates
from pipeline.publication.resolve import CAPTURED, resolve
from pipeline.publication.url_dates import day_in_path, is_number_run

__all__ = [
    "CAPTURED",
    "MODIFIED",
    "PUBLISHED",
    "Candidate",
    "day_in_path",
    "find_candidates",
    "is_number_run",
    "may_state_date",
    "read_line",
    "resolve",
]
