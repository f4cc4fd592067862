"""Which documents say the same: a normal form for comparing, signatures, and the decision."""

from pipeline.duplicates.candidates import WINDOW_DAYS
from pipeline.duplicates.compare import Comparison, Features, Kind, compare
from pipeline.duplicates.decide import ARTICLE, DECISION, FACTS, REJECTED, Store, decide
from pipeline.duplicates.text import shingles, signature, text_hash, words

__all__ = [
    "ARTICLE",
    "DECISION",
    "FACTS",
    "REJECTED",
    "WINDOW_DAYS",
    "Comparison",
    "Features",
    "Kind",
    "Store",
    "compare",
    "decide",
    "shingles",
    "signature",
    "text_hash",
    "words",
]
