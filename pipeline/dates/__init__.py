"""Dates: the Arabic date language, the dates a page states, and which of them is its publication."""

from __future__ import annotations

from pipeline.dates.absolute import Reason
from pipeline.dates.candidates import Candidate
from pipeline.dates.language import EARLIEST, ParsedDate, Refusal, parse_date, read_date
from pipeline.dates.mentions import Mention, mentions
from pipeline.dates.page import find_candidates
from pipeline.dates.resolve import CAPTURED, Publication, resolve

__all__ = [
    "CAPTURED",
    "EARLIEST",
    "Candidate",
    "Mention",
    "ParsedDate",
    "Publication",
    "Reason",
    "Refusal",
    "find_candidates",
    "mentions",
    "parse_date",
    "read_date",
    "resolve",
]
