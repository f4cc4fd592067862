"""A site looked at: `probe` writes its source's file, `check` says whether a file still holds."""

from __future__ import annotations

from crawlers.probe.check import check_files, enable
from crawlers.probe.probe import Probed, probe

__all__ = ["Probed", "check_files", "enable", "probe"]
