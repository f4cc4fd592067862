"""A page: what a site sent, decoded, mended and parsed once, for whoever reads it.

Bytes become a tree with its blocks (the lines that a reader sees), its elements' kinds, what its head states and its JSON-LD.
Nothing else parses HTML. The room knows nothing of articles, sources or dates.
"""

from __future__ import annotations

from pipeline.page.blocks import Block
from pipeline.page.decode import decode, decode_exactly
from pipeline.page.elements import (
    HEADINGS,
    LINE_TAGS,
    UNREAD_TAGS,
    Cards,
    around,
    attribute_words,
    class_words,
    describe,
    inherited,
    is_box,
    is_caption,
    is_hidden,
    is_home_link,
    is_lead,
    is_outside,
    leads_to_writer,
    parent_tag,
    short_text,
    text_length,
)
from pipeline.page.linked_data import ARTICLE_TYPES, PAGE_TYPES, listed, name_of, types
from pipeline.page.mojibake import is_garbled
from pipeline.page.parse import Page, PageTooLargeError, read_page
from pipeline.page.stub import leads_to

__all__ = [
    "ARTICLE_TYPES",
    "HEADINGS",
    "LINE_TAGS",
    "PAGE_TYPES",
    "UNREAD_TAGS",
    "Block",
    "Cards",
    "Page",
    "PageTooLargeError",
    "around",
    "attribute_words",
    "class_words",
    "decode",
    "decode_exactly",
    "describe",
    "inherited",
    "is_box",
    "is_caption",
    "is_garbled",
    "is_hidden",
    "is_home_link",
    "is_lead",
    "is_outside",
    "leads_to",
    "leads_to_writer",
    "listed",
    "name_of",
    "parent_tag",
    "read_page",
    "short_text",
    "text_length",
    "types",
]
