"""Dates: the Arabic date language, the dates a page states, and which of them is its publication."""

from __future__ import annotations

from pipeline.dates.language import EARLIEST, ParsedDate, parse_date
from pipeline.dates.page import Candidate, find_candidates
from pipeline.dates.resolve import Publication, resolve

__all__ = ["EARLIEST", "Candidate", "ParsedDate", "Publication", "find_candidates", "parse_date", "resolve"]
