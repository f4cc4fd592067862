"""From a captured page to its article: headline, authors, body, sections, image, language; or the reason why there is none.

The room reads the parsed page (`pipeline.page`) by the vocabularies (`pipeline.rules`) and asks `pipeline.publication` for dates.
"""

from __future__ import annotations

from pipeline.extract.article import EXTRACTOR, Cleaned, clean
from pipeline.extract.learn import FEWEST, LearnError, as_yaml, propose

__all__ = ["EXTRACTOR", "FEWEST", "Cleaned", "LearnError", "as_yaml", "clean", "propose"]
