"""The spider that gathers a source's articles, its arguments, and what came of a crawl.

It reads what the bucket knows of a source, and writes the crawl's report and record; what the sites send the archive writes.
"""

from __future__ import annotations

from crawlers.spiders.arguments import ArgumentError, Arguments
from crawlers.spiders.articles import ArticlesSpider

__all__ = ["ArgumentError", "Arguments", "ArticlesSpider"]
