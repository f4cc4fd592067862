"""The date language of Arabic news: a text is read as a day, or refused with the reason; the days that a text mentions.

Words in, days out: the room knows no page, and imports nothing else of the project.
"""

from __future__ import annotations

from pipeline.dates.absolute import Reason
from pipeline.dates.mentions import Mention, mentions
from pipeline.dates.months import FIRST_WORDS, GREGORIAN
from pipeline.dates.parse import EARLIEST, ParsedDate, Refusal, parse_date, read_date, zone_of
from pipeline.dates.tokens import fold

__all__ = [
    "EARLIEST",
    "FIRST_WORDS",
    "GREGORIAN",
    "Mention",
    "ParsedDate",
    "Reason",
    "Refusal",
    "fold",
    "mentions",
    "parse_date",
    "read_date",
    "zone_of",
]
