"""The Scrapy project that gathers pages from the sources into the bucket's captures."""
