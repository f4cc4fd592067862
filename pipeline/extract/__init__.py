"""From a captured page to its article: headline, authors, body, sections, image, language; or the reason why there is none.

The room reads the parsed page (`pipeline.page`) by the vocabularies (`pipeline.rules`) and asks `pipeline.publication` for dates.
"""

from __future__ import annotations

from pipeline.extract.article import EXTRACTOR, Cleaned, clean
from pipeline.extract.learn import LearnError, Proposal, Proposals, as_yaml, propose
from pipeline.extract.learn_body import FEWEST, BodyProposal, NoBody, body_as_yaml

__all__ = [
    "EXTRACTOR",
    "FEWEST",
    "BodyProposal",
    "Cleaned",
    "LearnError",
    "NoBody",
    "Proposal",
    "Proposals",
    "as_yaml",
    "body_as_yaml",
    "clean",
    "propose",
]
