"""Coverage: what each crawl wrote down of its days, and which days are whole, partial or missing."""

from __future__ import annotations

from pipeline.coverage.days import DayCoverage, State, coverage
from pipeline.coverage.records import CrawlRecord, DiscoveryRecord, covered_sources, put_record

__all__ = ["CrawlRecord", "DayCoverage", "DiscoveryRecord", "State", "coverage", "covered_sources", "put_record"]
