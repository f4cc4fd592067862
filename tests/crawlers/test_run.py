from __future__ import annotations

from crawlers.run import Outcome


def test_first(site, runner):
    pages = [site.page(f"/news/{n}") for n in range(3)]
    site.feed([(url, "Sun, 10 May 2026 10:00:00 +0300") for url in pages])
    runner.configure("feed /feed")
    try:
        summary = runner.crawl()
    finally:
        print(*runner.lines, sep="\n")
    print(summary, site.seen, site.headers[-1])
    assert summary.outcome == Outcome.FINISHED
    s2 = runner.crawl()
    print(s2)
    assert s2.outcome == Outcome.NOTHING_NEW
