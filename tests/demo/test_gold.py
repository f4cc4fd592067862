from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from demo.content import FIRST_EDITION, load_articles
from demo.gold import GOLD, gold_rows, gold_text
from demo.sites import SITES

ROWS = gold_rows()
ZONES = {site.id: site.zone for site in SITES}


def test_the_file_is_current():
    assert GOLD.read_text(encoding="utf-8") == gold_text(), "run python -m demo.gold"
    assert [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()] == ROWS


def test_every_article_has_its_row_and_urls_are_unique():
    outcomes = Counter(row["outcome"] for row in ROWS)
    assert outcomes["article"] + outcomes["copy"] == len(load_articles())
    assert outcomes["copy"] == sum(article.text_of is not None for article in load_articles())
    assert len({row["url"] for row in ROWS}) == len(ROWS)


def test_copies_point_to_an_earlier_article():
    rows = {row["url"]: row for row in ROWS}

    def order(row):
        if row["published_at"]:
            return datetime.fromisoformat(row["published_at"])
        return datetime.fromisoformat(row["published_day"]).replace(tzinfo=ZONES[row["source"]])

    copies = [row for row in ROWS if row["outcome"] == "copy"]
    for row in copies:
        original = rows[row["copy_of"]]
        assert original["outcome"] == "article"
        assert 0 < (order(row) - order(original)).total_seconds() < 30 * 86400


def test_a_day_is_the_day_at_the_source():
    for row in ROWS:
        if row["published_at"]:
            instant = datetime.fromisoformat(row["published_at"])
            assert instant.utcoffset().total_seconds() == 0
            assert instant.astimezone(ZoneInfo(ZONES[row["source"]].key)).date().isoformat() == row["published_day"]
    assert any(row["published_at"] and row["published_at"][:10] != row["published_day"] for row in ROWS)


def test_the_others_say_why():
    reasons = {row["reason"]: row["outcome"] for row in ROWS if row["outcome"] not in ("article", "copy")}
    assert reasons == {
        "robots": "not_fetched",
        "section": "not_fetched",
        "offsite": "not_fetched",
        "too_large": "not_fetched",
        "redirect": "rejected",
        "http_error": "rejected",
        "not_an_article": "rejected",
        "gallery": "rejected",
    }


def test_the_first_edition_differs_in_the_corrected_articles_alone():
    first = {row["url"]: row for row in gold_rows(FIRST_EDITION)}
    changed = {row["url"] for row in ROWS if first[row["url"]] != row}
    assert len(changed) == sum(article.modified is not None for article in load_articles())
