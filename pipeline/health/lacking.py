"""What the last month has and lacks of each source, as the last build found it: ``state/coverage.json``.

Coverage is told from every crawl's record, every capture file and every open page of a source. That is work for a build, which
looks again at the sources whose days it has just made; a page of all sources, or `warraq health`, cannot wait for it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from pipeline.bucket import Bucket
from pipeline.coverage import DayCoverage, coverage
from pipeline.coverage import State as Covered
from pipeline.health.verdicts import UNFINISHED_DAYS
from pipeline.sources import Source

_KEY = "state/coverage.json"


def note_coverage(bucket: Bucket, sources: Mapping[str, Source], changed: Collection[str], now: datetime) -> None:
    """Note the last `UNFINISHED_DAYS` of the sources that `changed`; of all, where nothing is noted or it cannot be read.

    What is noted of sources that are not given stays. `now` is an aware instant.

    Raises:
        BucketError: the store cannot be reached.
    """
    noted = _read(bucket)
    looked_at = sources.keys() & set(changed) if noted else sources.keys()
    if not looked_at:
        return
    today = now.date()
    formerly = {id_: source.formerly for id_, source in sources.items()}
    found = coverage(bucket, looked_at, today - timedelta(days=UNFINISHED_DAYS), today, formerly)
    noted |= {id_: [one.to_json() for one in found if one.source == id_] for id_ in looked_at}
    data = json.dumps(noted, ensure_ascii=False, sort_keys=True).encode(errors="backslashreplace")
    bucket.put(_KEY, data, content_type="application/json")


def read_coverage(bucket: Bucket, sources: Collection[str]) -> list[DayCoverage]:
    """What was noted last of these sources, by source and day; nothing of one that no build has looked at.

    Raises:
        BucketError: the store cannot be reached.
    """
    noted = _read(bucket)
    return [_day(one) for id_ in sorted(sources) for one in noted.get(id_, ())]


def _read(bucket: Bucket) -> dict[str, list[dict[str, Any]]]:
    """What is noted, by source; nothing where it cannot be read: the next build makes it anew then."""
    try:
        noted: dict[str, list[dict[str, Any]]] = json.loads(bucket.get(_KEY))
        for of_source in noted.values():
            for one in of_source:
                _day(one)
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}
    return noted


def _day(told: Mapping[str, Any]) -> DayCoverage:
    return DayCoverage(
        **{
            **told,
            "day": date.fromisoformat(told["day"]),
            "state": Covered(told["state"]),
            "discovery": tuple(told["discovery"]),
            "crawled_at": told["crawled_at"] and datetime.fromisoformat(told["crawled_at"]),
        }
    )
