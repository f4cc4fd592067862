"""The vocabularies as data, each word once: furniture, bylines, agencies, places, pages that stand in an article's place.

The room compares texts; it knows no page and no element.
"""

from __future__ import annotations

from pipeline.rules.block_pages import load_walls
from pipeline.rules.furniture import DATE_LINE, NEAR, Furniture, fold_lines, load_furniture
from pipeline.rules.vocabulary import Label, vocabulary

__all__ = ["DATE_LINE", "NEAR", "Furniture", "Label", "fold_lines", "load_furniture", "load_walls", "vocabulary"]
