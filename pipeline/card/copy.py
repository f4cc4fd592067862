"""The card as it goes with a copy of the corpus, or with a snapshot of it: only where it tells of that very state."""

from __future__ import annotations

import hashlib

from pipeline.bucket import Bucket, DamagedError
from pipeline.card import outlets
from pipeline.card.describe import CROISSANT, PAGE, PREFIX, README, noted

_FILES = (README, CROISSANT, PAGE, outlets.FILE, outlets.SCHEMA_FILE)


def read_card(bucket: Bucket, manifest: str) -> dict[str, bytes]:
    """The card of the corpus whose manifest has this SHA-256, and the table of the outlets, by their paths in a copy.

    Nothing where the bucket has no card of this state, or not all of it: a build writes ``card/`` after ``articles/``.

    Raises:
        BucketError: the store cannot be reached.
    """
    try:
        made = {key: bucket.get(key) for key in _FILES}
    except (KeyError, DamagedError):
        return {}
    fits = all(manifest.encode() in made[key] for key in (README, CROISSANT, PAGE))
    fits = fits and hashlib.sha256(made[outlets.FILE]).hexdigest().encode() in made[CROISSANT]
    return {key.removeprefix(PREFIX): data for key, data in made.items()} if fits else {}


def read_card_to_keep(bucket: Bucket, manifest: str) -> dict[str, bytes]:
    """The same for a snapshot, where all was made at once; without Croissant's, whose manifest a snapshot has in other words."""
    before, card = noted(bucket), read_card(bucket, manifest)
    if before is None or noted(bucket) != before:  # or a build wrote the next one while it was read
        return {}
    return {path: data for path, data in card.items() if path != CROISSANT.removeprefix(PREFIX)}
