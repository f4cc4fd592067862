"""The vocabularies as data, each word once: furniture, bylines, agencies, places, classes, pages that stand in an article's place.

Each YAML file says at its head how a line is added to it. Furniture is our word for what is on a page and not the article; the
field calls it boilerplate. The room compares texts; it knows no page and no element.
"""

from __future__ import annotations

from pipeline.rules.block_pages import load_block_pages
from pipeline.rules.containers import containers
from pipeline.rules.furniture import DATE_LINE, EMBED_FOOT, NEAR, SENTENCE_ENDS, Furniture, fold_lines, load_furniture
from pipeline.rules.markup import markup
from pipeline.rules.names import agencies, headlines, outlets, sections
from pipeline.rules.vocabulary import Label, vocabulary

__all__ = [
    "DATE_LINE",
    "EMBED_FOOT",
    "NEAR",
    "SENTENCE_ENDS",
    "Furniture",
    "Label",
    "agencies",
    "containers",
    "fold_lines",
    "headlines",
    "load_block_pages",
    "load_furniture",
    "markup",
    "outlets",
    "sections",
    "vocabulary",
]
