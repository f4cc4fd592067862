"""What is to become of sources' files, and what follows from it: worked out first, so that it can be told before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.captures import list_page_files
from pipeline.source_life.edit import read_text, with_values
from pipeline.source_life.holdings import holdings_of
from pipeline.sources import REMOVED, Source, SourceError, find_source, read_sources, require_identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.bucket import Bucket
    from pipeline.sources import SourceFiles

_READ_BY = ("timezone", "date_order", "language")
"""What two files of one outlet must agree on, since its pages' dates and languages are read by it."""

_TOLD = ("name", "body", "title", "date", "author", "sections", "discovery", "schedule")
"""What else of a file that goes is not taken over, and is told where it differs."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done to the files, in this order, and what follows from it, in sentences.

    `write` has a file's new text, `move` where a file goes, `delete` a file that goes. Nothing to be done where all three are None.
    """

    says: tuple[str, ...]
    write: tuple[Path, str] | None = None
    move: tuple[Path, Path] | None = None
    delete: Path | None = None

    def apply(self) -> None:
        """Do it. Killed in between and asked for again, it ends the same, or the next command names the file that is left.

        Raises:
            SourceError: a file cannot be written.
        """
        try:
            if self.write:
                path, text = self.write
                part = path.with_name(f"{path.name}.part")  # what is read meanwhile is the old text or the new one
                part.write_bytes(text.encode())
                part.replace(path)
            if self.move:
                start, end = self.move
                end.parent.mkdir(exist_ok=True)
                start.rename(end)
            if self.delete:
                self.delete.unlink()
        except OSError as error:
            raise SourceError(f"{error.filename}: cannot be written: {error.strerror}") from error


def enable(folder: Path, source_id: str) -> Change:
    """Let the schedule crawl a source.

    Raises:
        SourceError: there is no such source, or its file is wrong.
    """
    return _switch(folder, source_id, on=True)


def disable(folder: Path, source_id: str) -> Change:
    """Let the schedule crawl a source no more. Raises as `enable` does."""
    return _switch(folder, source_id, on=False)


def rename(folder: Path, bucket: Bucket, old: str, new: str) -> Change:
    """Give a source another id; what is stored under the one it has stays its own.

    Raises:
        SourceError: there is no such source, its file is wrong, or the new id is no id, or is taken.
        BucketError: the store cannot be reached.
    """
    require_identifier(new)
    source, files = find_source(old, folder), read_sources(folder)
    start, end = folder / f"{old}.yaml", folder / f"{new}.yaml"
    holder = files.owner(new)
    if new == old or end.is_file() or (folder / REMOVED / end.name).is_file() or (holder and holder.id != old):
        raise SourceError(f"{new!r} is taken: {_holder(files, end, holder)}")
    formerly = (old, *(id_ for id_ in source.formerly if id_ != new))
    text = with_values(start, read_text(start), {"id": new, "formerly": formerly}, named=end)
    if new not in source.formerly and (left := len(list_page_files(bucket, new))):
        raise SourceError(
            f"{new!r} is taken: bucket {bucket.name!r} has {left} capture files of a source of that id, which no file names"
        )
    return Change(
        says=(
            f"{start} becomes {end}, with id: {new} and formerly: [{', '.join(formerly)}].",
            f"In the bucket {bucket.name!r} it has {holdings_of(bucket, source.ids)}: nothing of it is moved or copied. What "
            f"lies below captures/source={old}/ and coverage/source={old}/ stays there, as {new}'s; new captures go below "
            f"captures/source={new}/.",
            "The next builds read those captures again, some 15,000 pages a run, so that documents/ and articles/ name "
            f"{new}; article ids, revisions and copies stay as they are. No page is fetched again.",
            *_dag_goes(old),
            f"crawl_{new} comes, and Airflow pauses it at first or not as new DAGs are: see that it is on. The history of "
            f"crawl_{old}'s runs stays under its own name in Airflow.",
        ),
        write=(start, text),
        move=(start, end),
    )


def merge(folder: Path, bucket: Bucket, kept: str, other: str) -> Change:
    """Make one of two sources that are one outlet: what is stored of the other one belongs to the one that is kept.

    Raises:
        SourceError: there is no such source, a file is wrong, or the two files disagree on what their pages are read by.
        BucketError: the store cannot be reached.
    """
    if kept == other:
        raise SourceError(f"{kept!r} cannot be merged with itself")
    # One by one: a merge that was killed left two files that claim one id, each of them right by itself.
    path, gone = folder / f"{kept}.yaml", folder / f"{other}.yaml"
    into, out = find_source(kept, folder), find_source(other, folder)
    for key in _READ_BY:
        if getattr(into, key) != getattr(out, key):
            raise SourceError(
                f"{path} has {key}: {getattr(into, key)}, {gone} has {key}: {getattr(out, key)}: let the two agree first, since "
                f"the pages captured of {other} are to be read as {kept} says"
            )
    values = {
        "formerly": tuple(dict.fromkeys((*into.formerly, other, *out.formerly))),
        "allowed_hosts": tuple(dict.fromkeys((*into.hosts, *out.hosts))),
        "furniture": tuple(dict.fromkeys((*into.furniture, *out.furniture))),
    }
    changed = {key: value for key, value in values.items() if value != _as_it_is(into, key)}
    return Change(
        says=(
            f"{path} takes over from {gone}: {', '.join(changed) or 'nothing'}; then {gone} is deleted.",
            *_not_taken_over(into, out),
            f"In the bucket {bucket.name!r} {other} has {holdings_of(bucket, out.ids)}: nothing of it is moved or copied, and all "
            f"of it is {kept}'s from then on.",
            f"The next builds read those captures again, as {kept}'s; article ids, revisions and copies stay as they are. No page "
            "is fetched again.",
            *_dag_goes(other),
        ),
        write=(path, with_values(path, read_text(path), changed)) if changed else None,
        delete=gone,
    )


def remove(folder: Path, bucket: Bucket, source_id: str) -> Change:
    """Crawl a source no more; builds go on reading its captures by its file, which is kept. One that was removed stays so.

    Raises:
        SourceError: there is no such source, or its file is wrong.
        BucketError: the store cannot be reached.
    """
    start, end = folder / f"{source_id}.yaml", folder / REMOVED / f"{source_id}.yaml"
    if not start.is_file() and (removed := read_sources(folder).removed.get(source_id)):
        return Change((f"{removed.id} was removed before: {end} is its file.",))
    source = find_source(source_id, folder)
    if end.is_file():
        raise SourceError(f"{end} is there already: delete one of the two files")
    return Change(
        says=(
            f"{start} moves to {end}: the source is crawled, checked and offered no more. To have it again, move the file back.",
            f"In the bucket {bucket.name!r} it has {holdings_of(bucket, source.ids)}: all of it stays, and builds and rebuilds go "
            "on reading it by that file.",
            *_dag_goes(source_id),
        ),
        move=(start, end),
    )


def _switch(folder: Path, source_id: str, *, on: bool) -> Change:
    source, path = find_source(source_id, folder), folder / f"{source_id}.yaml"
    if source.enabled == on:
        return Change((f"{path} says `enabled: {str(on).lower()}` already.",))
    if on:
        follows: tuple[str, ...] = (
            f"Where Airflow shows crawl_{source_id} already, it stays paused there: unpause it. In a new Airflow it starts as new "
            "DAGs do.",
        )
    else:
        follows = (
            f"Where Airflow shows crawl_{source_id} already, it stays on there: pause it. A run that is on goes on to its end, "
            "unless it is marked as failed.",
            "What is stored stays, and builds go on with it; `warraq crawl` crawls it by hand.",
        )
    return Change(
        says=(f"{path}: `enabled: {str(on).lower()}`.", *follows),
        write=(path, with_values(path, read_text(path), {"enabled": on})),
    )


def _not_taken_over(into: Source, out: Source) -> Iterator[str]:
    """What the file that goes says, and the one that stays does not."""
    differing = [key for key in _TOLD if getattr(out, key) not in (getattr(into, key), None, ())]
    if differing:
        yield (
            f"What {out.id}.yaml says of {', '.join(differing)} is not taken over: write what is to stay into {into.id}.yaml first."
        )


def _holder(files: SourceFiles, path: Path, holder: Source | None) -> str:
    """Whose an id is."""
    if holder and holder.id != path.stem:
        return f"{holder.id} had it before (`formerly`)"
    return f"it is the id of {path if path.is_file() else files.folder / REMOVED / path.name}"


def _as_it_is(source: Source, key: str) -> object:
    return source.hosts if key == "allowed_hosts" else getattr(source, key)


def _dag_goes(source_id: str) -> tuple[str, ...]:
    """What becomes of a DAG whose file goes."""
    return (
        f"crawl_{source_id} leaves Airflow within a minute or so. Mark runs of it that are on as failed first: else the crawl that "
        "is under way goes on to its end, beside the next one of the same site, and a later try of it fails. What it stores "
        "meanwhile is not lost.",
    )
