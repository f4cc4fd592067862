"""The card put at the top of a copy of the corpus, where it tells of that very state."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipeline import corpus
from pipeline.bucket import Bucket, DamagedError
from pipeline.card import outlets
from pipeline.card.describe import CROISSANT, PAGE, PREFIX, README
from pipeline.errors import WarraqError

_FILES = (README, CROISSANT, PAGE, outlets.FILE, outlets.SCHEMA_FILE)


def copy_card(bucket: Bucket, folder: Path) -> bool:
    """Put the card at the top of a folder into which the whole corpus was fetched, and the table of the outlets into it.

    Where the bucket has no card of this state, what is there of another goes, and False is returned: a build writes ``card/`` after
    ``articles/``.

    Raises:
        WarraqError: it cannot be written.
        BucketError: the store cannot be reached.
    """
    try:
        made = {key: bucket.get(key) for key in _FILES}
    except (KeyError, DamagedError):
        made = {}
    try:
        manifest = hashlib.sha256((folder / corpus.MANIFEST).read_bytes()).hexdigest()
        fits = bool(made) and all(manifest.encode() in made[key] for key in (README, CROISSANT, PAGE))
        fits = fits and hashlib.sha256(made[outlets.FILE]).hexdigest().encode() in made[CROISSANT]
        for key in _FILES:
            path = folder / key.removeprefix(PREFIX)
            if fits:
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(made[key])
            else:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise WarraqError(f"{error.filename or folder}: cannot be written: {error.strerror}") from None
    return fits
