"""The card: what is in the corpus and what is not, for those who have the bucket alone.

After every build ``card/`` has a data set card, a page for a browser and a Croissant description, and ``sources/`` a table of the
outlets. They hold counts, names and days, and no text and no title of an article. The room imports the corpus, the coverage, the
sources and the bucket.
"""

from __future__ import annotations

from pipeline.card.copy import read_card, read_card_to_keep
from pipeline.card.describe import CROISSANT, PAGE, README, Described, describe
from pipeline.card.outlets import FILE, SCHEMA, SCHEMA_FILE, SCHEMA_VERSION

__all__ = [
    "CROISSANT",
    "FILE",
    "PAGE",
    "README",
    "SCHEMA",
    "SCHEMA_FILE",
    "SCHEMA_VERSION",
    "Described",
    "describe",
    "read_card",
    "read_card_to_keep",
]
