"""The corpus: build it, look at it, explain it, take an article down."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stderr
from dataclasses import asdict
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.text import Text

from pipeline.errors import WarraqError
from pipeline.sources import read_sources
from warraq.cli.app import CreateBucket, app, complete_source, files_of_sources, open_bucket
from warraq.cli.output import AsJson, console, echo, interruptible, marked, notes, progress, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from pipeline.bucket import Bucket
    from pipeline.corpus import Counts
    from pipeline.progress import OnProgress
    from pipeline.search import Hit
    from pipeline.sources import SourceFiles

PANEL = "The corpus"
corpus_app = typer.Typer(help="Look at the corpus: days and counts, or `verify` it.", invoke_without_command=True)
app.add_typer(corpus_app, name="corpus", rich_help_panel=PANEL)


Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First published day")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day after the last one")]
OfSources = Annotated[
    list[str] | None,
    typer.Option("--source", help="Id of a source, of which alone; may be repeated", autocompletion=complete_source),
]
Relevance = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, help="Only articles that report on a conflict with this probability or more, such as 0.5"
    ),
]


def days_between(since: datetime | None, until: datetime | None) -> tuple[date | None, date | None]:
    """The days that `Since` and `Until` give.

    Raises:
        WarraqError: there is none between them.
    """
    if since and until and since >= until:
        raise WarraqError(f"--since {since:%Y-%m-%d} must come before --until {until:%Y-%m-%d}")
    return since and since.date(), until and until.date()


@app.command(rich_help_panel=PANEL)
def build(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Clean every capture anew, not only the new ones.")
    ] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="Read all that is made from captures first, and make anew what of it is damaged."
        ),
    ] = False,
    create_bucket: CreateBucket = False,
    on_ray: Annotated[
        str | None,
        typer.Option(
            "--on-ray",
            metavar="ADDRESS",
            help="Work on the Ray cluster at this address, such as ray://host:10001; `local` begins one on this machine.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Build the corpus from the captures that it does not hold yet.

    The exit code is 1 where the counts do not add up, and where captures are left out since their source's file is wrong or gone.
    """
    from pipeline import build as stages
    from pipeline import corpus
    from pipeline.corpus import Counts

    files, bucket, each = files_of_sources(), open_bucket(create=create_bucket), None
    if on_ray is not None:
        from pipeline import on_ray as engine

        engine.connect(on_ray)
        each = engine.each
    run = f"build-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    reports: list[dict[str, Any]] = []

    def kept() -> str:
        bucket.delete_below(f"work/{run}/")
        again = "warraq build --rebuild` begins anew" if rebuild else "warraq build` goes on from there"
        return f"{len(reports)} passes are whole in the corpus, and nothing that was gathered is lost; `{again}"

    try:
        with progress() as on_progress, interruptible(kept):
            if repair:
                _repair(bucket, on_progress)
            for key in stages.passes(bucket, files.readable, run, rebuild=rebuild, on_progress=on_progress, each=each):
                reports.append(json.loads(bucket.get(key)))
                written = len(reports[-1]["deposit"]["written"])
                notes.print(f"Days written: {written}. Report: {key} (and .html).")
        if not reports:
            notes.print(
                "Nothing was new, no day changed and nothing is wrong: there is no report. What was copied into captures/ by hand "
                "is found within a day, and at once where state/listing.json is deleted."
            )
            _show_build([], corpus.read_manifest(bucket).counts, as_json=as_json)
    finally:
        if reports:
            _show_build(reports, Counts(**reports[-1]["total"]), as_json=as_json)
    raise typer.Exit(_tell_left_out(bucket, files) or bool(files.wrong))


@app.command(rich_help_panel=PANEL)
def takedown(
    named: Annotated[
        str,
        typer.Argument(metavar="URL|ARTICLE_ID", help="The article, by its URL or by its `article_id` in the corpus."),
    ],
    reason: Annotated[str, typer.Option(help="Why; it is kept in takedowns/ of the bucket.")],
    purge_captures: Annotated[
        bool,
        typer.Option("--purge-captures", help="Overwrite the pages in captures/ too. This cannot be undone."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take an article and all its copies out of the corpus, for good; a page not captured yet is kept out."""
    from pipeline.corpus import take_down
    from pipeline.search import let_go

    bucket = open_bucket()
    if not any(bucket.holds(prefix) for prefix in ("captures/", "documents/")):  # a mistyped name, most likely
        raise WarraqError(f"bucket {bucket.name!r} holds neither captures nor a corpus: is WARRAQ_BUCKET right?")
    with redirect_stderr(StringIO()):  # warcio's own words on what it cannot read
        outcome = take_down(bucket, named, reason, now=datetime.now(UTC), purge_captures=purge_captures)
    let_go(bucket)
    if as_json:
        down = outcome.takedown
        show_json(
            [
                {
                    "article_id": down.article_id,
                    "reason": down.reason,
                    "time": down.time.isoformat(),
                    "articles": sorted(down.articles),
                    "emptied": outcome.emptied,
                    "purged": outcome.purged,
                    "days": outcome.days,
                    "snapshots": outcome.snapshots,
                }
            ]
        )
        return
    if not outcome.takedown.texts:
        console.print(f"No text of {named} is in the corpus, so no copies are known; it will be kept out.")
    else:
        console.print(
            f"{outcome.emptied} captured pages emptied, {len(outcome.days)} days of the corpus written. "
            f"Down are {len(outcome.takedown.articles)} articles and copies."
        )
    if outcome.snapshots:
        console.print(
            f"{outcome.snapshots} articles left partitions of snapshots; snapshots/log.jsonl says which these became."
        )
    if purge_captures:
        console.print(f"{outcome.purged} captures purged.")
    elif outcome.takedown.texts:
        console.print("captures/ still holds what the sites sent: --purge-captures overwrites it.")


@corpus_app.callback()
def corpus(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the days of the corpus and what became of every captured page, by source and by reason."""
    if context.invoked_subcommand:
        return
    from pipeline.corpus import count_documents, read_manifest
    from pipeline.documents import Documents

    bucket = open_bucket()
    manifest = read_manifest(bucket)
    by_source = count_documents(Documents(bucket))
    if as_json:
        show_json(asdict(partition) for partition in manifest.partitions)
        show_json({"source": source, **asdict(counts)} for source, counts in by_source.items())
        show_json([{"source": None, **asdict(manifest.counts)}])
    else:
        days = [
            {"published": one.published, "articles": one.rows, "bytes": one.bytes, "sha256": one.sha256[:16]}
            for one in manifest.partitions
        ]
        show_table(days, title="articles/")
        typer.echo()
        sources = [{"source": source, **_sums(counts)} for source, counts in by_source.items()]
        show_table([*sources, {"source": "", **_sums(manifest.counts)}], title="What became of every captured page")
        typer.echo()
        _show_fates({"pages": manifest.counts})
    _tell_left_out(bucket, read_sources())


@corpus_app.command("verify")
def verify(
    snapshot: Annotated[
        str | None, typer.Option(metavar="NAME", help="A snapshot, and not the corpus as it is now.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="A folder that `warraq corpus fetch` made; no bucket is asked.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read every partition and hold it against the manifest's checksums; name the captures that no build reads.

    The exit code is 1 where a partition differs. Which captures are left out follows from the sources' files at hand, which need
    not be those that builds have: it is said, and no fault of the corpus.
    """
    from pipeline import corpus as articles

    if snapshot is not None and folder is not None:
        raise WarraqError("--snapshot and --folder are two things: verify one after the other")
    if folder is not None:
        verified = articles.verify_folder(folder)
        held = (
            f"{folder} has {verified.said}: {verified.files} files, {verified.articles} articles, all as they were fetched. "
            f"The SHA-256 of its manifest, to be held against the one that is cited: {verified.manifest}"
        )
        _show_faults(verified.faults, held, as_json=as_json)
        raise typer.Exit(bool(verified.faults))
    if snapshot is not None:
        bucket = open_bucket(below="snapshots/")
        state, faults = articles.verify_snapshot(bucket, snapshot)
        files = f"{len(state.partitions)} partitions, {state.articles} articles"
        _show_faults(faults, f"Snapshot {snapshot}: {files}, all as they were kept.", as_json=as_json)
        if state.taken_down:
            notes.print(
                f"{state.taken_down} articles were taken down since it was made at {state.made_at}. Its manifest is as it was; "
                "snapshots/log.jsonl says by which other partitions those that it names were replaced."
            )
        raise typer.Exit(bool(faults))
    bucket = open_bucket()
    faults = articles.verify(bucket)
    manifest = articles.read_manifest(bucket)
    files = f"{len(manifest.partitions)} partitions, {manifest.counts.articles} articles"
    _show_faults(faults, f"{files}: all as deposited.", as_json=as_json)
    _tell_left_out(bucket, read_sources())
    raise typer.Exit(bool(faults))


@corpus_app.command("changes")
def changes(
    since: Annotated[
        str,
        typer.Option(
            help="A manifest that was kept (a file), a snapshot's name, or a moment: 2024-03-05, 2024-03-05T14:00Z"
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """List the partitions that a reader has to read again, and those that are gone."""
    from pipeline import corpus as articles

    kept, bucket = Path(since), open_bucket()
    if kept.is_file():
        found = articles.changes_since_manifest(bucket, kept.read_bytes())
    elif (moment := _moment(since)) is not None:
        found = articles.changes_since(bucket, moment)
    elif since in {one.name for one in articles.list_snapshots(bucket)}:
        found = articles.changes_since_manifest(bucket, articles.read_state(bucket, since).manifest)
    else:
        raise WarraqError(
            f"--since {since}: neither a file, nor a snapshot (`warraq corpus snapshots`), nor a moment "
            "such as 2024-03-05T14:00Z"
        )
    changed = [("written", path) for path in found.written] + [("gone", path) for path in found.gone]
    if as_json:
        show_json({"change": change, "path": path} for change, path in changed)
    else:
        for change, path in changed:
            echo(f"{change:<8}{path}")


def _moment(told: str) -> datetime | None:
    """The instant that a text tells, in UTC where it names no zone; None where it tells none."""
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@corpus_app.command("export")
def export(
    format_: Annotated[
        Literal["jsonl", "csv", "parquet"] | None,
        typer.Option(
            "--format",
            help="JSON, one article a line; a sheet; or one Parquet file. As the file's name ends, when left out, or JSON",
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    source: OfSources = None,
    relevance: Relevance = None,
    out: Annotated[Path | None, typer.Option(help="File to write; the terminal when left out")] = None,
) -> None:
    """Write the articles into one file, for tools that read no folder of Parquet files."""
    from pipeline import corpus as articles

    first, end = days_between(since, until)
    if format_ is None:
        ending = out.suffix.lower() if out else ""
        format_ = "csv" if ending == ".csv" else "parquet" if ending == ".parquet" else "jsonl"
    if out is None and format_ == "parquet":
        raise WarraqError("--format parquet needs --out FILE")
    bucket = open_bucket(below="articles/")
    total = articles.count_days(bucket, first, end)
    found, unjudged = articles.read_tables(bucket, first, end, source or ()), list[int]()
    if out is None:
        write_text = articles.export_csv if format_ == "csv" else articles.export_jsonl
        write_text(_rows(_relevant(found, relevance, unjudged)), sys.stdout)
        _tell_unjudged(sum(unjudged))
        return
    part = out.with_name(f"{out.name}.part")  # what breaks off leaves no file that looks whole
    try:
        with progress() as on_progress, interruptible(lambda: f"{out} is not written"):
            tables = _relevant(_counted(found, total, on_progress), relevance, unjudged)
            if format_ == "parquet":
                with part.open("wb") as file:
                    count = articles.export_parquet(tables, file)
            elif format_ == "csv":
                with part.open("w", encoding="utf-8-sig", newline="") as sheet:  # spreadsheets know Arabic by that mark
                    count = articles.export_csv(_rows(tables), sheet)
            else:
                with part.open("w", encoding="utf-8") as lines:
                    count = articles.export_jsonl(_rows(tables), lines)
        part.replace(out)
    except OSError as error:
        raise WarraqError(f"{out}: cannot be written: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    if not count and source:
        notes.print(f"No article is of {' or '.join(source)}: `warraq corpus` lists the sources that have any.")
    echo(f"{count} articles in {out}")
    _tell_unjudged(sum(unjudged))


def _snippet(hit: Hit) -> Text:
    """The snippet, its hits marked, and where it is cut out of the body."""
    return Text("… " if hit.snippet_at else "") + marked(hit.snippet, hit.marks) + Text(" …" if hit.goes_on else "")


@corpus_app.command("search")
def search(
    words: Annotated[
        list[str], typer.Argument(metavar="QUERY", help="Words, all of them, and phrases: حلب '\"خان طومان\"'")
    ],
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First published day")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day after the last one")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Of this source; may be given again")] = None,
    conflict: Annotated[
        list[str] | None, typer.Option(help="Of the sources that report this conflict; may be given again")
    ] = None,
    relevance: Relevance = None,
    limit: Annotated[int, typer.Option(min=1, help="Articles that are shown at most")] = 10,
    as_json: AsJson = False,
) -> None:
    """Find articles by their words, the best first, and of those as good as each other the newest."""
    from pipeline import search as index
    from pipeline.bucket import Bucket

    with progress() as on_progress:
        # No more is asked of the bucket than a reader may have.
        found = index.search(
            Bucket(),
            " ".join(words),
            since=since and since.date(),
            until=until and until.date(),
            sources=source or (),
            conflicts=conflict or (),
            relevance=relevance,
            limit=limit,
            on_progress=on_progress,
        )
    if as_json:
        show_json(asdict(hit) for hit in found.hits)
    elif console.is_terminal:
        for hit in found.hits:
            console.print(f"{hit.published_day}  {hit.source}", markup=False, style="dim")
            console.print(marked(hit.title, hit.title_marks))
            console.print(_snippet(hit))
            console.print(hit.url, markup=False, style="dim")
            typer.echo()
    else:
        shown = ("published_day", "source", "title", "snippet", "url")
        show_table(
            [{name: getattr(hit, name) for name in shown} | {"snippet": str(_snippet(hit))} for hit in found.hits]
        )
    for note in found.notes:
        echo(note, err=True)  # under --quiet, too: the answer may lack something
    notes.print(f"{len(found.hits)} of {found.total} articles." if found.total else "No article has it.", markup=False)


@app.command(rich_help_panel=PANEL)
def explain(
    article: Annotated[str, typer.Argument(help="URL or article id")],
    other: Annotated[str | None, typer.Argument(help="Another one, to hold it against")] = None,
    as_json: AsJson = False,
) -> None:
    """Say why a page is an article, a copy or neither, and what it was held against."""
    from pipeline.corpus import explain as explained

    found = explained(open_bucket(), article, other)
    if as_json:
        show_json(one.to_json() for one in found)
        return
    for one in found:
        for line in one.lines:
            echo(line)


def _repair(bucket: Bucket, on_progress: OnProgress) -> None:
    """Take away what is damaged, and name it."""
    from pipeline.repair import repair

    repaired = repair(bucket, on_progress)
    for sentence in repaired.damaged_told():
        notes.print(sentence, markup=False)
    for sentence in repaired.lost_told():
        echo(sentence, err=True)


def _tell_left_out(bucket: Bucket, files: SourceFiles) -> bool:
    """Name the captures whose sources have no file that is right; whoever only reads the corpus has no files at all."""
    from pipeline.waiting import left_out, say_astray, say_left_out

    if astray := say_astray(bucket, files.readable):
        notes.print(astray, markup=False)
    told = say_left_out(left_out(bucket, files.readable)) if files.readable or files.wrong else ""
    if told:
        echo(told, err=True)  # under --quiet, too
    return bool(told)


def _relevant(found: Iterator[pa.Table], least: float | None, unjudged: list[int]) -> Iterator[pa.Table]:
    """The articles with at least this probability of reporting on a conflict; how many of a table have none goes to `unjudged`."""
    import pyarrow.compute as pc

    for table in found:
        if least is None:
            yield table
        elif "relevance" in table.column_names:
            probability = pc.struct_field(table["relevance"], "probability")
            unjudged.append(probability.null_count)
            yield table.filter(pc.greater_equal(probability, least))
        else:  # of an older version
            unjudged.append(len(table))
            yield table.slice(0, 0)


def _tell_unjudged(count: int) -> None:
    if count:
        notes.print(
            f"{count} articles without a relevance are left out: those in other languages than Arabic, and those that an "
            "older version built, until `warraq build --rebuild`.",
            markup=False,
        )


def _counted(found: Iterator[pa.Table], total: int, on_progress: OnProgress) -> Iterator[pa.Table]:
    for done, table in enumerate(found, 1):
        yield table
        on_progress("exporting", done, total)


def _rows(tables: Iterator[pa.Table]) -> Iterator[dict[str, Any]]:
    for table in tables:
        yield from table.to_pylist()


def _show_faults(faults: Sequence[str], right: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"fault": fault} for fault in faults)
    elif faults:
        for fault in faults:
            console.print(fault, style="red", markup=False)
    else:
        echo(right)


def _show_build(reports: Sequence[Mapping[str, Any]], total: Counts, *, as_json: bool) -> None:
    """What the passes of a build did, as their reports say, and what the whole corpus is."""
    from pipeline.corpus import Counts, add_up

    new = add_up(Counts(**report["new"]) for report in reports)
    if as_json:
        show_json([{"of": "this run", **asdict(new)}, {"of": "whole corpus", **asdict(total)}])
    else:
        _show_fates({"this run": new, "whole corpus": total})


def _sums(counts: Counts) -> dict[str, int]:
    return {
        "captured": counts.captured,
        "articles": counts.articles,
        "copies": sum(counts.copies.values()),
        "rejected": sum(counts.rejected.values()),
    }


def _show_fates(counts: Mapping[str, Counts]) -> None:
    """What became of captured pages, each reason on a line of its own; `counts` by what they are of."""
    fates = {}
    for name, count in counts.items():
        fates[name] = {"captured": count.captured, "articles": count.articles}
        fates[name] |= {f"copies: {kind}": number for kind, number in count.copies.items()}
        fates[name] |= {f"rejected: {reason}": number for reason, number in count.rejected.items()}
    named = dict.fromkeys(fate for of in fates.values() for fate in of)
    show_table([{"what": fate, **{name: of.get(fate, 0) for name, of in fates.items()}} for fate in named])
