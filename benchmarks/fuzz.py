"""Coverage-guided search for a page that cleaning stumbles on: ``python -m benchmarks.fuzz [SECONDS]``.

Pages of the demo's sites are mutated for SECONDS (default 600), guided by which lines of the cleaner they reach, which
finds more than the random mutations of the tests, and takes longer. It ends with the first page that raises anything within, that
becomes neither or both of an article and a rejection, that takes more than 30 seconds or more than 1 GB: the page lies then in the
working folder, as ``crash-…``, ``timeout-…`` or ``oom-…``.

Needs ``pip install atheris`` (https://github.com/google/atheris; Linux, CPython), which is no dependency of the project.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pipeline.page", "pipeline.extract", "pipeline.rules"]):
    from pipeline.extract import article, clean

from demo.sites import open_sites
from tests.pipeline.extract.pages import SOURCE, capture, page

CONTENT_TYPES = ("text/html", "text/html; charset=utf-8", "text/html; charset=windows-1256", "")


class _Stumbled(Exception):  # noqa: N818 - a finding, not an error of this program
    """A page broke a part of the cleaning."""


class _Raise(logging.Handler):
    """Ends the search where the cleaning logs that something was raised within it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Raise, from what was raised within."""
        raise _Stumbled(record.getMessage()) from sys.exc_info()[1]


def clean_one(data: bytes) -> None:
    """Clean the page that some bytes make: the first chooses the header, the others are the page."""
    result = clean(capture(data[1:], content_type=CONTENT_TYPES[(data or b"\0")[0] % len(CONTENT_TYPES)]), SOURCE)
    if (result.body is None) == (result.rejected is None):
        raise _Stumbled(result)


def main() -> None:
    """Write the first pages to a folder, and mutate them until the time is over."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    article._LOG.addHandler(_Raise())
    with tempfile.TemporaryDirectory() as corpus:
        sites = open_sites().values()
        bodies = [site.respond(site.path(article)).body for site in sites for article in list(site.articles)[:3]]
        for number, body in enumerate([page().encode(), *bodies]):
            (Path(corpus) / f"{number}.html").write_bytes(b"\1" + body)
        limits = [f"-max_total_time={seconds}", "-timeout=30", "-rss_limit_mb=1024", "-max_len=200000"]
        atheris.Setup([sys.argv[0], *limits, corpus], clean_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
