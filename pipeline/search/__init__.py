"""Search: articles found by their words, from an index that the build keeps in ``search/``.

Words are told alike as `pipeline.duplicates` does, and without what Arabic writes before them. `Query` is the meaning of a query,
over one text; the index, which tantivy makes and reads, gives the same answers, over all of them. It is no part of the corpus's
contract, and may be deleted at any time. The room imports the corpus, the bucket, and the normal form of the duplicates.
"""

from __future__ import annotations

from pipeline.search.find import Found, Hit, SearchError, search
from pipeline.search.index import Updated, let_go, update
from pipeline.search.query import Mark, Query, QueryError, read_query

__all__ = [
    "Found",
    "Hit",
    "Mark",
    "Query",
    "QueryError",
    "SearchError",
    "Updated",
    "let_go",
    "read_query",
    "search",
    "update",
]
