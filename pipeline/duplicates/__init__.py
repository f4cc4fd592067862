"""Which documents say the same: a normal form for comparing, signatures, and the decision."""

from pipeline.duplicates.candidates import WINDOW_DAYS
from pipeline.duplicates.compare import (
    CONTAINED,
    COVERED,
    NEAR_JACCARD,
    Comparison,
    Features,
    Kind,
    compare,
    other_figures,
)
from pipeline.duplicates.decide import ARTICLE, DECISION, FACTS, REJECTED, SHORT_DAYS, Store, decide
from pipeline.duplicates.text import (
    SHORT_WORDS,
    agreement,
    placed_figures,
    read_figures,
    shingles,
    signature,
    text_hash,
    words,
)

__all__ = [
    "ARTICLE",
    "CONTAINED",
    "COVERED",
    "DECISION",
    "FACTS",
    "NEAR_JACCARD",
    "REJECTED",
    "SHORT_DAYS",
    "SHORT_WORDS",
    "WINDOW_DAYS",
    "Comparison",
    "Features",
    "Kind",
    "Store",
    "agreement",
    "compare",
    "decide",
    "other_figures",
    "placed_figures",
    "read_figures",
    "shingles",
    "signature",
    "text_hash",
    "words",
]
