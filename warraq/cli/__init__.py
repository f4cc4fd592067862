"""The command line, ``warraq …``: its commands, a file for each thing that they are about.

Importing a file adds its commands to the help, so they are imported in the order in which they are shown.
"""

from __future__ import annotations

# isort: off
from warraq.cli import embedded  # noqa: F401
from warraq.cli import sources  # noqa: F401
from warraq.cli import source_life  # noqa: F401
from warraq.cli import crawls  # noqa: F401
from warraq.cli import health  # noqa: F401
from warraq.cli import reports  # noqa: F401
from warraq.cli import corpus  # noqa: F401
from warraq.cli import snapshots  # noqa: F401
from warraq.cli import bucket  # noqa: F401
from warraq.cli import pages  # noqa: F401
from warraq.cli.app import app, main

__all__ = ["app", "main"]
