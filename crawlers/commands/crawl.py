"""``scrapy crawl``, with exit codes that say how the crawl ended and a log of JSON lines."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import crawl

from crawlers.run import PARENT, Outcome
from crawlers.spiders import ArgumentError, Arguments, ArticlesSpider
from pipeline.apart import signal_when_parent_ends
from pipeline.text import escape_invisible, escape_lines

if TYPE_CHECKING:
    import argparse

    from scrapy import Spider
    from scrapy.crawler import Crawler


class JsonLines(logging.Formatter):
    """One JSON object a line: ``level``, ``message``; of a crawl also ``progress`` (pages done, found) or ``summary``."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record; a traceback follows the message after a newline, escaped as JSON does."""
        fields = {"level": record.levelname, "message": super().format(record)}
        for name in ("summary", "progress"):
            if told := getattr(record, name, None):
                fields[name] = told
        return json.dumps(fields, ensure_ascii=False)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # as logging has it
        """The message on one line, with escapes for what would not be seen: a site may have written it."""
        return escape_invisible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802  # as logging has it
        """Likewise the lines of a traceback, of which the last is the error's own word."""
        return escape_lines(super().formatException(ei))


class Command(crawl.Command):
    """Run a spider; the articles spider by its validated arguments and with its own exit codes (`crawlers.run.Outcome`)."""

    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}  # the JSON lines take its place

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the spider named in `args`; called by Scrapy."""
        _log_as_json()
        if args == [ArticlesSpider.name]:
            try:
                Arguments.of(opts.spargs)
            except ArgumentError as error:
                logging.getLogger(__name__).error(str(error))
                self.exitcode = Outcome.FAILED
                return
        _die_with_parent()
        super().run(args, opts)
        if isinstance(self._made.spider, ArticlesSpider):
            self.exitcode = self._made.spider.outcome

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self._made = super()._create_crawler(spidercls)
        return self._made


def _log_as_json() -> None:
    """Log our own words from INFO on and the libraries' warnings, to standard output."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    handler.addFilter(lambda record: record.name.startswith("crawlers") or record.levelno >= logging.WARNING)
    logging.root.addHandler(handler)
    logging.disable(logging.DEBUG)  # nobody sees it, and every response and upload has a word to say
    # What these say of a response, the summary says in one word.
    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)
    logging.getLogger("scrapy.core.downloader.handlers.http11").setLevel(logging.ERROR)
    logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)


def _die_with_parent() -> None:
    """Have the kernel send SIGTERM when the process that started this one is gone (`crawlers.run.Crawl` names it)."""
    parent = os.environ.get(PARENT)
    if parent is None or sys.platform != "linux":
        return
    signal_when_parent_ends(signal.SIGTERM)
    if os.getppid() != int(parent):  # it went before the kernel was told
        sys.exit(Outcome.INTERRUPTED)
