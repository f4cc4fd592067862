"""The site that publishes by the clock, so that schedules have something to gather today: ``يوميات المرفأ``.

What it publishes on a day is put together from invented sentences, chosen by the day alone: the same day has the same articles
whenever it is asked for. It belongs to `warraq up`; the other sites, and the gold, know nothing of it.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Final
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from demo.content import Article, Block
from demo.sites import FEED_LENGTH, Page, Site

if TYPE_CHECKING:
    from collections.abc import Callable

HISTORY_DAYS: Final = 42
"""Days before today that the site shows."""

_HOURS: Final = (time(6, 10), time(9, 25), time(12, 40), time(15, 55), time(19, 10), time(22, 25))
"""When the site publishes, local time; some of a day's turns are left out."""

_SENTENCES: Final = 6

_WORDS: Final[dict[str, Any]] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
)


class Yawmiyat(Site):
    """The site: RSS of its latest articles, and a sitemap of all that it shows."""

    id = "yawmiyat"
    name = "يوميات المرفأ"
    tagline = "أخبار الساحل كل يوم"
    engine = "publishes by the clock: RSS, a sitemap, the day in the path"
    zone = ZoneInfo("Asia/Damascus")
    article_pattern = "/{day:%Y/%m/%d}/{path}"
    section_pattern = "/section/{section}"
    date_style = "numeric"
    finest = "minute"
    sections: ClassVar = {"ميداني": "field", "مجتمع": "society", "اقتصاد": "economy"}

    def own_routes(self) -> dict[str, Callable[[], Page]]:
        """The feed and the sitemap."""
        return {
            "/rss": lambda: self.xml(
                "rss.xml", "application/rss+xml", articles=self.articles[:FEED_LENGTH], dated=True
            ),
            "/sitemap.xml": lambda: self.sitemap(self.entries()),
        }


def open_site(now: datetime) -> Site:
    """The site as it stands at an instant: what it published in the `HISTORY_DAYS` before, and today until then."""
    local = now.astimezone(Yawmiyat.zone).replace(tzinfo=None)
    published = [moment for moment in (datetime.combine(local.date(), hour) for hour in _HOURS) if moment <= local]
    return _open(local.date(), len(published))


@cache
def _open(today: date, turns: int) -> Site:
    days = [today - timedelta(days=back) for back in range(1, HISTORY_DAYS + 1)]
    articles = [article for day in days for article in articles_of(day)]
    until = datetime.combine(today, _HOURS[turns - 1]) if turns else datetime.combine(today, time())
    return Yawmiyat([*articles, *(article for article in articles_of(today) if article.moment <= until)])


def articles_of(day: date) -> list[Article]:
    """What the site publishes on a day, in its order: three to five articles."""
    chance = Random(f"{day}")  # invented news, no secrets
    hours = sorted(chance.sample(_HOURS, chance.randint(3, 5)))
    topics = chance.sample(_WORDS["topics"], len(hours))
    return [
        _write(chance, datetime.combine(day, hour), number, topic)
        for number, (hour, topic) in enumerate(zip(hours, topics, strict=True), 1)
    ]


def _write(chance: Random, moment: datetime, number: int, topic: dict[str, str]) -> Article:
    place, *others = chance.sample(_WORDS["places"], 3)
    fill = partial(_fill, chance, others)
    lead = {
        "place": place,
        "number": chance.randint(20, 480),
        "small": chance.randint(3, 9),
        "nth": chance.choice(_WORDS["ordinals"]),
    }
    sentences = [
        fill(topic["opening"], lead),
        *(fill(sentence, {}) for sentence in chance.sample(_WORDS["sentences"], _SENTENCES)),
    ]
    return Article(
        site=Yawmiyat.id,
        slug=f"{moment:%Y%m%d}-{number}",
        title=topic["headline"].format(**lead),
        path=f"{10 * moment.toordinal() + number}",
        published=moment,
        section=topic["section"],
        # Two sentences a paragraph; the last has what is left.
        blocks=tuple(Block("paragraph", " ".join(sentences[at : at + 2])) for at in range(0, len(sentences), 2)),
    )


def _fill(chance: Random, others: list[str], sentence: str, given: dict[str, object]) -> str:
    """A sentence with names and figures in its gaps; those of `given` stand."""
    place, other = chance.sample(others, 2)
    gaps = {
        "place": place,
        "other": other,
        "person": chance.choice(_WORDS["people"]),
        "woman": chance.choice(_WORDS["women"]),
        "number": chance.randint(20, 480),
        "small": chance.randint(3, 9),
    }
    return sentence.format(**gaps | given)
