"""What the corpus must say of the demo's sites, derived from their content and not from the pipeline.

``python -m demo.gold`` writes ``demo/gold.jsonl``, one row for each URL that a crawl of the current edition meets:

- ``outcome``: ``article``; ``copy`` (a republished text; ``copy_of`` is the earliest document that has it); ``rejected``
  (fetched, and no article); ``not_fetched``. ``reason`` says why for the last two.
- ``published_at`` is a UTC instant, null where the page states only a day; ``published_day`` is the day at the source.
- ``precision`` is what the best evidence on the page states.
- ``body`` holds the article's own paragraphs, sub-headings and quotations, in their order.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.content import CURRENT_EDITION
from demo.sites import Site, open_sites

if TYPE_CHECKING:
    from demo.content import Article

GOLD = Path(__file__).parent / "gold.jsonl"


def gold_rows(edition: int = CURRENT_EDITION) -> list[dict[str, Any]]:
    """The rows, by source and then URL."""
    sites = open_sites(edition)
    placed = [(site, article) for site in sites.values() for article in site.articles]
    families: dict[str, list[tuple[Site, Article]]] = {}
    for site, article in placed:
        families.setdefault(article.text_of or article.key, []).append((site, article))
    rows = []
    for family in families.values():
        family.sort(key=lambda member: (member[0].instant(member[1].published), member[0].canonical_url(member[1])))
        first_site, first = family[0]
        rows.append(_article_row(first_site, first, copy_of=None))
        rows += [_article_row(site, copy, copy_of=first_site.canonical_url(first)) for site, copy in family[1:]]
    for site in sites.values():
        rows += [_row(site, site.trouble_url(one), outcome=one.outcome, reason=one.reason) for one in site.troubles]
        rows += [
            _row(site, site.home[:-1] + article.moved_from, outcome="rejected", reason="redirect")
            for article in site.articles
            if article.moved_from
        ]
    return sorted(rows, key=lambda row: (row["source"], row["url"]))


def gold_text() -> str:
    """The contents of ``gold.jsonl``."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in gold_rows())


def _article_row(site: Site, article: Article, *, copy_of: str | None) -> dict[str, Any]:
    precision = site.precision(article)
    return _row(
        site,
        site.canonical_url(article),
        outcome="copy" if copy_of else "article",
        title=article.title,
        authors=[article.author] if article.author else [],
        published_day=article.day.isoformat(),
        precision=precision,
        published_at=None if precision == "day" else site.instant(article.published).isoformat(),
        body=list(article.paragraphs),
        copy_of=copy_of,
    )


def _row(site: Site, url: str, **values: object) -> dict[str, Any]:
    row: dict[str, object] = {
        "url": url,
        "source": site.id,
        "outcome": None,
        "reason": None,
        "title": None,
        "authors": [],
        "published_day": None,
        "precision": None,
        "published_at": None,
        "body": [],
        "copy_of": None,
    }
    return row | values


if __name__ == "__main__":
    GOLD.write_text(gold_text(), encoding="utf-8")
