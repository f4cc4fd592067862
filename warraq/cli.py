"""The command line: ``warraq …``."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from contextlib import redirect_stderr
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from pipeline.errors import WarraqError
from pipeline.sources import Source, find_source, load_source, load_sources, sources_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.bucket import Bucket

app = typer.Typer(
    name="warraq",
    help="Gather Arabic news reporting into a clean, dated, deduplicated corpus in an S3-compatible bucket.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
corpus_app = typer.Typer(help="Look at the corpus: days and counts, or `verify` it.", invoke_without_command=True)
app.add_typer(corpus_app, name="corpus")

console = Console()
SourceId = Annotated[str, typer.Argument(metavar="SOURCE", help="Id of a source, as `warraq sources` lists them.")]
Home = Annotated[Path, typer.Option(envvar="WARRAQ_HOME", help="Folder that holds all state of the embedded servers.")]


@app.command()
def demo(home: Home = Path(".warraq")) -> None:
    """Run the whole pipeline over the demo sites: real Airflow, real S3 server, then show what came of it."""
    from warraq import demo as demo_run

    raise typer.Exit(demo_run.run(home))


@app.command()
def up(
    home: Home = Path(".warraq"),
    sources: Annotated[
        Path | None,
        typer.Option(
            envvar="WARRAQ_SOURCES",
            exists=True,
            file_okay=False,
            help="Folder of the sources to crawl; the demo's own, with their sites, without.",
        ),
    ] = None,
) -> None:
    """Start Airflow, the S3 server and the demo sites, and leave them running until Ctrl-C."""
    from warraq import stack

    if sources:
        load_sources(sources)  # mistakes are told before anything starts
    raise typer.Exit(stack.up(home, sources=sources))


@app.command()
def sources() -> None:
    """List the configured sources, and check their files."""
    columns = ("id", "name", "home", "time zone", "schedule", "discovery", "enabled")
    table = Table(*(Column(name, overflow="fold") for name in columns), title=str(sources_folder()))
    for source in load_sources().values():
        found = ", ".join(discovery.type for discovery in source.discovery) or "archives only"
        table.add_row(
            source.id,
            source.name,
            str(source.home),
            source.timezone,
            source.schedule,
            found,
            "yes" if source.enabled else "no",
        )
    console.print(table)


@app.command()
def crawl(
    source: SourceId,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="First published day to gather; the source's `look_back_days` before today, without.",
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="First published day to leave out; without, today is the last one gathered."
        ),
    ] = None,
) -> None:
    """Crawl one source now, into captures/ of the bucket."""
    from crawlers.run import Crawl, Window, new_run

    site = find_source(source)
    now = datetime.now(UTC)
    today = now.astimezone(site.zone).date()
    first = since.date() if since else today - timedelta(days=site.look_back_days)
    end = until.date() if until else today + timedelta(days=1)
    if first >= end:
        raise WarraqError(f"--since {first} must come before --until {end}")
    _bucket().ensure()
    summary = Crawl(
        site.id, Window(first, end), new_run(site.id, now), on_line=lambda _level, line: console.print(line)
    ).wait()
    console.print_json(data=summary.to_json())


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.warc.gz", exists=True, dir_okay=False, help="A WARC file.")],
    source: Annotated[str, typer.Option(help="Id of the source whose pages it holds.")],
) -> None:
    """Take a WARC file that someone else made into captures/ of the bucket."""
    from pipeline.captures import CaptureError, archive_file

    site = find_source(source)
    data = file.read_bytes()
    if data.startswith(b"WARC/"):
        raise WarraqError(f"{file} is not compressed; make it so with: warcio recompress {file} {file}.gz")
    bucket = _bucket()
    bucket.ensure()
    # Named after its bytes, so that importing the same file again changes nothing.
    stem = re.sub(r"[^A-Za-z0-9_]+", "_", file.name.removesuffix(".gz").removesuffix(".warc")).strip("_") or "import"
    run = f"import-{stem[:60]}-{hashlib.sha256(data).hexdigest()[:12]}"
    try:
        with redirect_stderr(StringIO()):  # warcio's own words on what it cannot read
            archived = archive_file(bucket, site.id, run, data)
    except CaptureError as error:
        raise WarraqError(str(error).replace(run, str(file), 1)) from None
    console.print(
        f"{archived.responses} responses from {file.name} are in {archived.key}; `warraq build` takes them into the corpus."
    )
    if archived.truncated:
        console.print(
            f"{archived.truncated} of them are not whole: the file or the capture breaks off there.", style="yellow"
        )


@app.command()
def build(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Clean every capture anew, not only the new ones.")
    ] = False,
) -> None:
    """Build the corpus from the captures that it does not hold yet."""
    from pipeline import build as stages

    bucket = _bucket()
    bucket.ensure()
    run = f"build-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    key = stages.build(bucket, load_sources(), run, rebuild=rebuild)
    report = json.loads(bucket.get(key))
    _show_counts({"this run": report["new"], "whole corpus": report["total"]})
    console.print(f"Days written: {len(report['deposit']['written'])}. Report: {key} (and .html).")


@app.command()
def extract(
    page: Annotated[str, typer.Argument(metavar="FILE_OR_URL", help="A saved page, or the URL of one.")],
    url: Annotated[str | None, typer.Option(help="The URL that a saved page came from.")] = None,
    source: Annotated[str | None, typer.Option(help="Id or file of the source whose settings to use.")] = None,
) -> None:
    """Print what the pipeline makes of one page, as JSON."""
    from pipeline.build import document_row
    from pipeline.captures import Capture

    is_url = page.startswith(("http://", "https://"))
    if is_url and not _is_web_address(page):
        raise WarraqError(f"{page} is not the URL of a web page")
    if url is not None and not _is_web_address(url):
        raise WarraqError(f"--url {url} is not the URL of a web page")
    body, content_type, status = _fetch(page) if is_url else (_read(Path(page)), "", 200)
    address = url or (page if is_url else "http://unknown.invalid/")
    capture = Capture(
        key="",
        offset=0,
        url=address,
        captured_at=datetime.now(UTC),
        status=status,
        content_type=content_type,
        body=body,
    )
    site = _source_for(address, source)
    row = document_row(capture, site or _unknown_source(address))
    if site is None and (zone := _stated_zone(row["dates"])):
        row = document_row(capture, _unknown_source(address, zone))
    shown = {"url": row["url"], "rejected": row["rejected"]}
    if row["rejected"] is None:
        names = ["title", "authors", "body", "section", "language", "published_at", "published_day"]
        names += ["published_precision", "published_method", "published_confidence", "modified_at", "dates"]
        shown |= {name: row[name] for name in names} | {"evidence": row["published_evidence"]}
    shown["extractor"] = row["extractor"]
    sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1, default=_iso) + "\n")


@corpus_app.callback()
def corpus(context: typer.Context) -> None:
    """Show the days of the corpus and what became of every captured page."""
    if context.invoked_subcommand:
        return
    from pipeline.corpus import read_manifest

    manifest = read_manifest(_bucket())
    table = Table("published", "articles", "bytes", "sha256", title="articles/")
    for partition in manifest.partitions:
        table.add_row(partition.published, str(partition.rows), str(partition.bytes), partition.sha256[:16])
    console.print(table)
    _show_counts(
        {
            "whole corpus": {
                "captured": manifest.captured,
                "articles": manifest.articles,
                "copies": manifest.copies,
                "rejected": manifest.rejected,
            }
        }
    )


@corpus_app.command("verify")
def verify() -> None:
    """Read every partition and hold it against the manifest's checksums."""
    from pipeline import corpus as articles

    bucket = _bucket()
    faults = articles.verify(bucket)
    for fault in faults:
        console.print(fault, style="red")
    if faults:
        raise typer.Exit(1)
    manifest = articles.read_manifest(bucket)
    console.print(f"{len(manifest.partitions)} partitions, {manifest.articles} articles: all as deposited.")


def main() -> None:
    """Run the command line; what a person can mend ends in one sentence and exit code 1."""
    try:
        app()
    except WarraqError as error:
        Console(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {escape(str(error))}", highlight=False)
        sys.exit(1)


def _bucket() -> Bucket:
    from pipeline.bucket import Bucket

    return Bucket()


def _show_counts(counts: Mapping[str, Mapping[str, Any]]) -> None:
    table = Table("", "captured", "articles", "copies", "rejected", title="What became of every captured page")
    for name, count in counts.items():
        table.add_row(
            name,
            str(count["captured"]),
            str(count["articles"]),
            _sum(count["copies"]),
            _sum(count["rejected"]),
        )
    console.print(table)


def _sum(parts: Mapping[str, int]) -> str:
    return f"{sum(parts.values())}" + "".join(f"\n  {name} {number}" for name, number in parts.items())


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _source_for(url: str, source: str | None) -> Source | None:
    """The source asked for; else the one whose hosts have this URL."""
    if source:
        return load_source(Path(source)) if source.endswith((".yaml", ".yml")) else find_source(source)
    host = urlsplit(url).hostname
    configured = load_sources().values() if sources_folder().is_dir() else ()
    return next((site for site in configured if host in site.hosts), None)


def _unknown_source(url: str, zone: str = "UTC") -> Source:
    """A source that says nothing of its site but the zone of its dates."""
    host = urlsplit(url).hostname or "unknown.invalid"
    return Source.model_validate({"id": "page", "name": host, "home": f"http://{host}/", "timezone": zone})


def _stated_zone(dates: Sequence[Mapping[str, str]]) -> str | None:
    """The zone of the first offset of whole hours that a page's dates state: where no source says it, the page itself may."""
    for stated in dates:
        if match := re.search(r"\d:\d\d(?:\.\d+)?([+-])(\d\d):?00$", stated["text"].strip()):
            sign, hours = match[1], int(match[2])
            if 0 < hours <= 12:
                return (
                    f"Etc/GMT{'-' if sign == '+' else '+'}{hours}"  # the names of these zones have their signs reversed
                )
    return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WarraqError(f"{path} cannot be read: {error.strerror}") from None


def _fetch(url: str) -> tuple[bytes, str, int]:
    """The page at a URL: its body (bounded), content type and status."""
    import httpx

    from pipeline.captures import MAX_BODY

    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=30, headers={"User-Agent": "warraq"}) as response:
            body = b""
            for part in response.iter_bytes():
                body += part
                if len(body) > MAX_BODY:
                    raise WarraqError(f"{url} is larger than {MAX_BODY} bytes")
            return body, response.headers.get("content-type", ""), response.status_code
    except httpx.HTTPError as error:
        raise WarraqError(f"{url} cannot be fetched: {error or type(error).__name__}") from None


def _iso(value: date) -> str:
    return value.isoformat()
