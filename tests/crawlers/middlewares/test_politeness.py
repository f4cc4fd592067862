"""How long a site that says so is waited for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from scrapy.http import Response

from crawlers.middlewares.politeness import _retry_after
from tests.crawlers.conftest import HOME


def test_no_wait_is_longer_than_the_longest():
    def waits(value):
        return _retry_after(Response(HOME, status=429, headers={"Retry-After": value}))

    now = datetime.now(UTC)
    assert waits("7") == 7
    assert waits("9" * 5000) == waits(format_datetime(now + timedelta(days=900))) == 86_400
    assert waits(format_datetime(now - timedelta(days=1))) == waits("soon") == waits("-5") == 0
