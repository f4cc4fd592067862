"""Coverage: what each crawl wrote down of its days, and which days are whole, partial or missing.

A crawl puts its record; the days hold the records against the documents, the capture files that are there and the pages that may
be articles yet. The room imports the documents, the known pages, the captures and the bucket; its records, which crawls write,
import the bucket alone.
"""

from __future__ import annotations

from pipeline.coverage.days import DayCoverage, State, coverage
from pipeline.coverage.records import MOVED_TO, CrawlRecord, DiscoveryRecord, count_records, covered_sources, put_record

__all__ = [
    "MOVED_TO",
    "CrawlRecord",
    "DayCoverage",
    "DiscoveryRecord",
    "State",
    "count_records",
    "coverage",
    "covered_sources",
    "put_record",
]
