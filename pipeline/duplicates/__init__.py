"""Which documents say the same: a normal form for comparing, signatures, and the decision."""

from pipeline.duplicates.decide import WINDOW_DAYS, Decision, Entry, Kind, decide
from pipeline.duplicates.text import compare_form, shingles, signature, text_hash

__all__ = [
    "WINDOW_DAYS",
    "Decision",
    "Entry",
    "Kind",
    "compare_form",
    "decide",
    "shingles",
    "signature",
    "text_hash",
]
