"""States of the corpus: kept under a name, fetched into a folder, cited, signed; and one article proved."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import WarraqError
from pipeline.settings import read_settings
from pipeline.sources import read_sources
from warraq.cli.app import app, open_bucket
from warraq.cli.corpus import PANEL, OfSources, Since, Until, corpus_app, days_between
from warraq.cli.output import AsJson, echo, interruptible, notes, progress, show_json, show_table

_MARKS = {True: "✔", False: "✖", None: "·"}


@corpus_app.command("snapshot")
def snapshot(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is to be called, such as 2024-spring.")],
    without_card: Annotated[
        bool, typer.Option("--without-card", help="Keep it even though the bucket has no card of this state.")
    ] = False,
) -> None:
    """Keep the corpus as it stands, for ever, at the cost of what changed since the last snapshot; takedowns reach into it."""
    from pipeline import card, corpus

    publisher, bucket = read_settings().publisher, open_bucket()
    with (
        progress() as on_progress,
        interruptible(lambda: f"there is no snapshot {name}; the same command goes on from there"),
    ):
        made = corpus.make_snapshot(
            bucket,
            name,
            now=datetime.now(UTC),
            publisher=publisher,
            card_of=None if without_card else partial(card.read_card_to_keep, bucket),
            on_progress=on_progress,
        )
    if made.begun_before:
        notes.print(f"It was begun at {made.entry['at']} and not ended: it holds the corpus as it stood then.")
    if not publisher:
        notes.print("WARRAQ_PUBLISHER is not set: its citation names nobody.")
    echo(
        f"Snapshot {name}: {made.entry['articles']} articles in {made.entry['partitions']} partitions, {made.copied} of them "
        f"copied now. SHA-256 of snapshots/{name}/manifest.json: {made.entry['manifest']}"
    )


@corpus_app.command("snapshots")
def snapshots(as_json: AsJson = False) -> None:
    """List the snapshots, in the order in which they were made."""
    from pipeline import corpus

    listed = [asdict(one) for one in corpus.list_snapshots(open_bucket(below="snapshots/"))]
    if as_json:
        show_json(listed)
    elif listed:
        show_table(listed, spare=("schema_version", "partitions", "bytes"), cut=("manifest",))
    else:
        notes.print("There is no snapshot yet: `warraq corpus snapshot NAME` makes one.")


@corpus_app.command("fetch")
def fetch(
    name: Annotated[
        str, typer.Argument(metavar="NAME|latest", help="A snapshot; `latest` is the corpus as it is now.")
    ],
    to: Annotated[
        Path, typer.Option(help="Folder to copy it into: a new one, or one in which a fetch of the same broke off.")
    ],
    since: Since = None,
    until: Until = None,
    source: OfSources = None,
) -> None:
    """Copy a snapshot or the corpus into a folder, held against its checksums; what is there and right is not fetched again."""
    from pipeline import card, corpus

    first, end = days_between(since, until)
    wanted = corpus.Wanted(name, first, end, tuple(source or ()))
    bucket = open_bucket(below="articles/" if name == corpus.LATEST else "snapshots/")
    with progress() as on_progress, interruptible(lambda: f"{to} is not whole; the same command goes on from there"):
        fetched = corpus.fetch(bucket, wanted, to, card_of=partial(card.read_card, bucket), on_progress=on_progress)
    state = fetched.state
    if state.schema_version != corpus.SCHEMA_VERSION:
        notes.print(
            f"Its columns are of version {state.schema_version}, and those of today of {corpus.SCHEMA_VERSION}: it is fetched as "
            f"it is. {to / corpus.SCHEMA_FILE} has its columns, the changelog what has changed."
        )
    if state.taken_down:
        notes.print(
            f"{state.taken_down} articles were taken down since it was made: {to / 'snapshots' / 'log.jsonl'} says from where."
        )
    if source:
        notes.print(
            "The files are a part of what the bucket has: the checksums are of what was fetched, `of` names the whole."
        )
    if wanted.is_whole and not fetched.has_card:
        notes.print(
            "The card in the bucket is of another state, or not whole, and is left out: fetch again after the next build."
            if name == corpus.LATEST
            else f"It has no card, or not all of it: `warraq corpus verify --snapshot {name}` says where one was kept with it."
        )
    elif fetched.has_card and state.taken_down:
        notes.print("Its card still counts them: it is the one that was made with it.")
    echo(f"{fetched.articles} articles in {fetched.files} files below {to}, {fetched.there} of which were there.")


Name = Annotated[str, typer.Argument(metavar="NAME", help="A snapshot.")]


@corpus_app.command("sign")
def sign(
    name: Name,
    key: Annotated[Path, typer.Option(help="File of a secret key, as `minisign -G` makes it; it stays where it is.")],
) -> None:
    """Sign a snapshot's manifest, so that `minisign -Vm manifest.json` verifies it; the signature is kept and fetched with it."""
    from pipeline import corpus

    secret = _read(key)
    public = corpus.sign_snapshot(
        open_bucket(), name, secret, lambda: str(typer.prompt("Password of the key", hide_input=True, err=True))
    )
    echo(f"snapshots/{name}/manifest.json.minisig is written. The public key, which its readers need: {public}")


@corpus_app.command("stamp")
def stamp(
    name: Name,
    request: Annotated[
        Path | None, typer.Option(help="File to write what a time-stamping authority is to be sent.")
    ] = None,
    response: Annotated[Path | None, typer.Option(help="File with what it answered.")] = None,
) -> None:
    """Have an authority (RFC 3161) witness when a snapshot's manifest was there: write the request, then keep the answer."""
    from pipeline import corpus

    if (request is None) == (response is None):
        raise WarraqError("either --request FILE, which is sent to an authority, or --response FILE with its answer")
    if request is not None:
        asked = corpus.time_stamp_request(open_bucket(), name)
        try:
            request.write_bytes(asked)
        except OSError as error:
            raise WarraqError(f"{request}: cannot be written: {error.strerror}") from None
        echo(
            f"{request} is to be sent to an authority, as application/timestamp-query; keep its answer with --response"
        )
    elif response is not None:
        at = corpus.keep_time_stamp(open_bucket(), name, _read(response))
        echo(
            f"snapshots/{name}/manifest.json.tsr is kept: it was there at {at:%Y-%m-%d %H:%M:%S} UTC, as the authority says."
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WarraqError(f"{path}: cannot be read: {error.strerror}") from None


@app.command("verify", rich_help_panel=PANEL)
def verify(
    article: Annotated[str, typer.Argument(metavar="ARTICLE_ID", help="Its `article_id` in the corpus.")],
    snapshot: Annotated[
        str, typer.Option(metavar="NAME", help="A snapshot, and not the corpus as it is now.")
    ] = "latest",
    as_json: AsJson = False,
) -> None:
    """Prove one article: from its row to the partition's checksum, to the archive's record, to its digests; and read it anew.

    The exit code is 1 where something is not what it is said to be, or gone. That today's code reads the page otherwise is told,
    and is no broken chain.
    """
    from pipeline.custody import prove

    found = prove(open_bucket(), read_sources().readable, article, snapshot)
    if as_json:
        show_json({"article_id": found.article_id, "url": found.url, **asdict(step)} for step in found.steps)
    else:
        echo(found.url)
        for step in found.steps:
            echo(f"{_MARKS[step.holds]} {step.says}")
        echo("The chain holds." if found.holds else "The chain is broken.")
    raise typer.Exit(not found.holds)
