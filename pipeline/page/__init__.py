"""A page: what a site sent, decoded, mended and parsed once, for whoever reads it.

Bytes become a tree with its blocks (the lines that a reader sees), its elements' traits, what its head states and its JSON-LD.
Nothing else parses HTML. The room knows the vocabularies of `pipeline.rules` and nothing of articles, sources or dates.
"""

from __future__ import annotations

from pipeline.page.blocks import Block
from pipeline.page.decode import decode
from pipeline.page.elements import (
    CAPTION,
    HEADINGS,
    SENTENCE_ENDS,
    Boxes,
    Cards,
    around,
    class_words,
    describe,
    find_named,
    inherited,
    is_box,
    is_caption,
    is_hidden,
    is_home_link,
    is_lead,
    is_outside,
    join,
    leads_to_writer,
    marks,
    up,
    words,
)
from pipeline.page.linked_data import ARTICLE_TYPES, PAGE_TYPES, listed, name_of, types
from pipeline.page.mojibake import is_garbled
from pipeline.page.parse import Page, PageTooLargeError, read_page

__all__ = [
    "ARTICLE_TYPES",
    "CAPTION",
    "HEADINGS",
    "PAGE_TYPES",
    "SENTENCE_ENDS",
    "Block",
    "Boxes",
    "Cards",
    "Page",
    "PageTooLargeError",
    "around",
    "class_words",
    "decode",
    "describe",
    "find_named",
    "inherited",
    "is_box",
    "is_caption",
    "is_garbled",
    "is_hidden",
    "is_home_link",
    "is_lead",
    "is_outside",
    "join",
    "leads_to_writer",
    "listed",
    "marks",
    "name_of",
    "read_page",
    "types",
    "up",
    "words",
]
