"""The Scrapy project that gathers pages from the sources into the bucket's captures.

The rooms, and what each may import of the others: `discovery` and `middlewares` neither each other nor the rest; `probe` and
`spiders` both of these, and not each other; `commands` the spiders. Besides the rooms there are `window`, `freshness`,
`mementos` and `settings`, which import no room, and `run`, which imports no Scrapy either: all that DAGs need.
"""
