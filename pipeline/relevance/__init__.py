"""Is it about a conflict? A probability that an article reports on one, its violence, its actors or its human cost.

A linear model over the words of the headline and of the body's beginning; its weights come with the package and are fitted by
``python -m benchmarks.relevance``. What it was fitted on, and where it fails: ``docs/relevance.md``.
"""

from __future__ import annotations

from pipeline.relevance.features import BUCKETS, features
from pipeline.relevance.model import RELEVANCE, THRESHOLD, Model, RelevanceError, judge, load, version_of

__all__ = [
    "BUCKETS",
    "RELEVANCE",
    "THRESHOLD",
    "Model",
    "RelevanceError",
    "features",
    "judge",
    "load",
    "version_of",
]
