"""The date language of Arabic news: words in, days out.

- `read_date` reads a short text as a day, or refuses it with the reason; `parse_date` is for those who do not ask.
- `mentions` finds the days and intervals that an article's text speaks of.

For those who look for dates among other text there are the words of this language, folded as `fold` does: a text
without ``FIRST_WORDS`` (of month names) and ``COUNTING_WORDS`` has no date in words; ``DATE_WORDS`` and ``PLACE_WORDS`` may stand
beside one. The room knows no page, and imports nothing of the project but `pipeline.text`.
"""

from __future__ import annotations

from pipeline.dates.absolute import Reason
from pipeline.dates.mentions import Mention, mentions
from pipeline.dates.months import FIRST_WORDS, GREGORIAN
from pipeline.dates.parse import EARLIEST, ParsedDate, Refusal, parse_date, read_date, zone_of
from pipeline.dates.tokens import fold
from pipeline.dates.words import COUNTING_WORDS, DATE_WORDS, PLACE_WORDS, WEEKDAYS

__all__ = [
    "COUNTING_WORDS",
    "DATE_WORDS",
    "EARLIEST",
    "FIRST_WORDS",
    "GREGORIAN",
    "PLACE_WORDS",
    "WEEKDAYS",
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
