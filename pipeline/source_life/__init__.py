"""A source's life after its first crawl: it is turned on and off, gets another id, takes in another source, is removed.

What is stored is not touched by any of it, but where a whole source is taken down. Captures, coverage records and reports lie in
the bucket under the id that the source had when they were made, and are never moved: its file says which ids were its own
(`formerly`), and everything that asks the bucket for a source asks for all of its ids. A build reads captures again whose
rows name another source than the files do now, so a corpus that is built on is the one that a rebuild gives.

The room works out what is to become of the files, tells it, and writes it. It imports the sources, and what counts and takes down
what the bucket holds of them.
"""

from __future__ import annotations

from pipeline.source_life.changes import Change, disable, enable, merge, remove, rename
from pipeline.source_life.holdings import MAY_BE_UNSEEN, at_work
from pipeline.source_life.purge import purge, say_purge

__all__ = ["MAY_BE_UNSEEN", "Change", "at_work", "disable", "enable", "merge", "purge", "remove", "rename", "say_purge"]
