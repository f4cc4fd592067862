"""What operators are told without looking: every change of how something stands, once, and all that is not well, once a day.

Each channel (a mail address, a chat, a webhook) has a memory of its own in the bucket, ``health/told/<channel>.json``: so one that
does not answer keeps nothing from the others, and is told later. It is written after the message went out; until then it says that
one is going out, so that of two runs at once the second waits, and finds nothing left to tell.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from html import escape
from uuid import uuid4

from pipeline.bucket import Bucket, ConflictError
from pipeline.errors import WarraqError
from pipeline.health.standing import FILE_IS_WRONG, Standing
from pipeline.text import escape_invisible

DIGEST_HOUR = 5
"""Hour (UTC) from which on a day's digest is due: eight in the morning in Damascus, Baghdad and Sanaa."""

MOST_A_DAY = 2
"""Changes of one source that are told within a day, a fall and a recovery: one that goes on wavering waits for the next."""

CLAIM = timedelta(minutes=15)
"""How long a message may be going out. A run that was killed meanwhile holds its channel for so long, and no longer."""

_DAY = timedelta(days=1)
_PAUSE_SECONDS = 2.0
_FOLDER = "health/told/"
_NAMED_IN_A_TITLE = 3


class NoticesError(WarraqError):
    """What a channel was told is not known: its memory cannot be read, or another run does not let go of it."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message, as plain text: paragraphs with an empty line between."""

    title: str
    text: str

    @property
    def html(self) -> str:
        """The text for a mail: each paragraph finds its own direction."""
        style = 'dir="auto" style="white-space: pre-line"'
        return "\n".join(f"<p {style}>{escape(part)}</p>" for part in self.text.split("\n\n"))


@dataclass(frozen=True, slots=True)
class Told:
    """What was last told of one thing: its state, empty where nothing is wrong with it, and when, of the last day's messages."""

    state: str
    at: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """What a channel was told, by the key of a `Standing`; the day of its last digest; since when a message is going out to it."""

    told: Mapping[str, Told] = field(default_factory=dict)
    digest: str = ""
    going_out_since: datetime | None = None
    going_out_by: str = ""
    """Any mark of the run that sends it, so that no two runs ever write the same claim."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something stands otherwise than the channel was told: `before` is what it was told, empty for well."""

    before: str
    standing: Standing


def changes(memory: Memory, standings: Sequence[Standing], now: datetime) -> list[Change]:
    """What is to be told now. Of one that changed `MOST_A_DAY` times within a day nothing is, until the day is over."""
    found = []
    for one in standings:
        told = memory.told.get(one.key, Told("", ()))
        recent = [at for at in told.at if now - at < _DAY]
        # A run is late once; of its DAG no other is told within the day.
        before = told.state if one.kind != "run" or recent else ""
        if before != (one.state if one.wrong else "") and len(recent) < MOST_A_DAY:
            found.append(Change(before, one))
    return found


def is_digest_due(memory: Memory, now: datetime) -> bool:
    """Whether the channel has not had the digest of the day; `now` is in UTC."""
    return now.hour >= DIGEST_HOUR and memory.digest < now.date().isoformat()


def remember(
    memory: Memory,
    changed: Sequence[Change],
    standings: Sequence[Standing],
    now: datetime,
    *,
    whole: bool,
    digest: bool,
) -> Memory:
    """The memory once these changes, and the day's digest where `digest`, were told.

    Where `standings` are the `whole` of them, what is not among them any more is forgotten: somebody removed it.
    """
    told = dict(memory.told)
    for change in changed:
        one = change.standing
        recent = [at for at in told.get(one.key, Told("", ())).at if now - at < _DAY]
        told[one.key] = Told(one.state if one.wrong else "", (*recent, now))
    there = {one.key for one in standings}
    kept = {
        key: of
        for key, of in sorted(told.items())
        if (key in there or not whole or key.startswith("run "))
        and (of.state or now - of.at[-1] < _DAY)
        # A run is told once, so that nothing is to be known of it after the day.
        and (not key.startswith("run ") or now - of.at[-1] < _DAY)
    }
    return Memory(kept, now.date().isoformat() if digest else memory.digest)


def compose(changed: Sequence[Change], standings: Sequence[Standing], *, digest: bool, pages: str | None) -> Message:
    """The message that tells these changes and, where `digest`, all that is not well.

    `standings` are the worst first. `pages` is the address below which the sources have their pages, if it is known.
    """
    wrong = [one for one in standings if one.wrong]
    sources = [one for one in standings if one.kind == "source"]
    parts = [_paragraph(change.standing, pages, before=change.before or "well") for change in changed]
    titles = [_title(changed)] if changed else []
    if digest:
        already = {change.standing.key for change in changed}
        others = [one for one in wrong if one.key not in already]
        counts = Counter(one.state for one in sources)
        told = ", ".join(f"{count} {state}" for state, count in counts.items())
        ill = sum(one.wrong for one in sources)
        needing = [f"{ill} of {len(sources)} sources need a person"] if ill else []
        needing += [f"{one.id} is {one.state}" for one in others if one.kind != "source"]
        titles += needing or ([] if wrong else ["nothing needs a person"])
        parts.append(f"The day's list. Sources: {told or 'none'}.{'' if wrong else ' Nothing needs a person.'}")
        parts += [_paragraph(one, pages) for one in others]
    return Message(f"warraq: {'; '.join(titles)}", "\n\n".join(parts))


def tell(
    bucket: Bucket,
    channel: str,
    send: Callable[[Message], None],
    standings: Sequence[Standing],
    clock: Callable[[], datetime],
    *,
    whole: bool = True,
    pages: str | None = None,
) -> Message | None:
    """Tell a channel what it does not know yet, and return the message; None where there is nothing to tell.

    `send` raises where the message did not go out: it is sent again by the next call then. `clock` gives aware times in UTC.
    Where `standings` are not the `whole` of them, no digest is sent. A message is told again only where the bucket fails, or the
    process is killed, between its going out and its being remembered.

    Raises:
        NoticesError: the channel's memory cannot be read, or another run keeps it.
        BucketError: the store cannot be reached.
    """
    key = f"{_FOLDER}{channel}.json"
    for _ in range(int(CLAIM.total_seconds() / _PAUSE_SECONDS) + 1):
        memory, etag = _read(bucket, key)
        now = clock()
        if memory.going_out_since is not None and now - memory.going_out_since < CLAIM:
            time.sleep(_PAUSE_SECONDS)
            continue
        changed, digest = changes(memory, standings, now), whole and is_digest_due(memory, now)
        if not changed and not digest:
            return None
        message = compose(changed, standings, digest=digest, pages=pages)
        try:
            claim = _write(bucket, key, replace(memory, going_out_since=now, going_out_by=uuid4().hex), etag)
        except ConflictError:
            continue
        try:
            send(message)
        except BaseException:
            _write(bucket, key, replace(memory, going_out_since=None, going_out_by=""), claim)
            raise
        _write(bucket, key, remember(memory, changed, standings, now, whole=whole, digest=digest), claim)
        return message
    raise NoticesError(f"{key}: another run has been telling for {CLAIM}: the next one tells what it did not")


# Texts --------------------------------------------------------------------------------------------------------------------


def _title(changed: Sequence[Change]) -> str:
    said = [f"{one.standing.id} is {one.standing.state}" for one in changed[:_NAMED_IN_A_TITLE]]
    more = len(changed) - len(said)
    return escape_invisible(", ".join(said) + (f" and {more} more changed" if more else ""))


def _paragraph(one: Standing, pages: str | None, before: str = "") -> str:
    was = f", was {before}" if before else ""
    since = f", since {one.since}" if one.since else ""
    lines = [f"{one.name} ({one.id}): {one.state}{was}{since}", f"Why: {one.reason}"]
    if one.found:
        lines.append(f"Looked at just now: {one.found}")
    if one.todo and one.wrong:
        lines.append(f"To do: {one.todo}")
    lines = [escape_invisible(line) for line in lines]
    if pages and one.kind == "source" and one.state != FILE_IS_WRONG:
        lines.append(f"{pages}{one.id}")
    return "\n".join(lines)


# The memory ---------------------------------------------------------------------------------------------------------------


def _read(bucket: Bucket, key: str) -> tuple[Memory, str | None]:
    """The memory, and its ETag; one of nothing where there is none."""
    try:
        data, etag = bucket.get_with_etag(key)
    except KeyError:
        return Memory(), None
    try:
        read = json.loads(data)
        told = {
            name: Told(one["state"], tuple(datetime.fromisoformat(at) for at in one["at"]))
            for name, one in read["told"].items()
        }
        since = read["going_out_since"]
        return Memory(told, read["digest"], datetime.fromisoformat(since) if since else None), etag
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NoticesError(
            f"{key} in bucket {bucket.name!r} cannot be read ({error!r}): delete it; all that is not well is told once more then"
        ) from None


def _write(bucket: Bucket, key: str, memory: Memory, etag: str | None) -> str:
    """Write the memory over the one of this ETag, or where there was none; the new one's ETag."""
    data = json.dumps(asdict(memory), default=datetime.isoformat, sort_keys=True, ensure_ascii=False, indent=1)
    return bucket.put(key, f"{data}\n".encode(), content_type="application/json", if_etag=etag, if_absent=etag is None)
