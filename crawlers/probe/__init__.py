"""A site looked at, one request after the other and without a crawl: nothing of it is kept, and the bucket is not touched.

`probe` makes a source's file of a site; `check_files` says whether files still hold, `look` the same of one in short.
"""

from __future__ import annotations

from crawlers.probe.check import check_files, look
from crawlers.probe.probe import ProbeResult, probe

__all__ = ["ProbeResult", "check_files", "look", "probe"]
