"""One page, or one line that states a date, as the pipeline reads it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import typer
from pydantic import HttpUrl

from pipeline.errors import WarraqError
from pipeline.sources import Source, find_source, load_source, read_sources
from warraq.cli.app import Loopback, app
from warraq.cli.output import echo, json_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.captures import Capture
    from pipeline.dates import ParsedDate


PANEL = "One page, one date"


@app.command(rich_help_panel=PANEL)
def extract(
    page: Annotated[
        str,
        typer.Argument(
            metavar="PAGE",
            help="A saved page, a WARC file, the URL of a page, or a captured page of the bucket, by its key and offset: "
            "captures/….warc.gz#1234, as `capture_key` and `capture_offset` name it.",
        ),
    ],
    url: Annotated[
        str | None,
        typer.Option(
            help="The URL that a saved page came from, if it does not state one; of a WARC file, the page to read."
        ),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Id or file of the source whose settings to use.")] = None,
    loopback: Loopback = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Say in plain lines where each part was found, and which rule took what away."),
    ] = False,
) -> None:
    """Print what the pipeline makes of one page, as JSON; with --explain, why."""
    from pipeline.extract import clean
    from pipeline.rejection import Rejection
    from pipeline.stages import document_row
    from warraq.extract import as_json, as_lines, find_capture, stated_url

    if url is not None and not _is_web_address(url):
        raise WarraqError(f"--url {url} is not the URL of a web page")
    if page.startswith(("http://", "https://")):
        if not _is_web_address(page):
            raise WarraqError(f"{page} is not the URL of a web page")
        configured = _source_for("", url or page, source)
        body, content_type, status = _fetch(page, configured, loopback=loopback)
        capture = _capture(url or page, body, content_type, status)
    else:
        found = find_capture(page, url)
        body = b"" if found else _read(Path(page))
        capture = found or _capture(url or stated_url(body), body, "", 200)
        configured = _source_for(capture.key, capture.url, source)
    site = configured or _unknown_source(capture.url)
    row = document_row(capture, site)
    if configured is None and row["rejected"] == Rejection.WRONG_LANGUAGE:
        site = _unknown_source(capture.url, language=row["language"])
        row = document_row(capture, site)
    if configured is None and (zone := _stated_zone(row["dates"])):
        site = _unknown_source(capture.url, zone, site.language)
        row = document_row(capture, site)
    cleaned = clean(capture, site)
    if explain:
        for line in as_lines(cleaned, row):
            echo(line)
    else:
        typer.echo(json_text(as_json(cleaned, row), indent=1, default=_iso))


@app.command("date", rich_help_panel=PANEL)
def date_(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A line that may state a date, such as a byline.")],
    reference: Annotated[
        datetime | None,
        typer.Option(
            metavar="TIME",
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d"],
            help="When the line was captured, such as 2016-05-12T12:00, in the zone unless it states an offset; "
            "now, without.",
        ),
    ] = None,
    zone: Annotated[str, typer.Option(help="IANA zone in which the source prints its dates.")] = "UTC",
    order: Annotated[Literal["DMY", "MDY", "YMD"], typer.Option(help="Order of the source's numeric dates.")] = "DMY",
) -> None:
    """Explain which date a line states (exit code 0), or why none is read (1)."""
    from pipeline.dates import Refusal, read_date

    try:
        read = read_date(text, reference=reference or datetime.now(UTC), zone=zone, order=order)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--zone") from None
    if isinstance(read, Refusal):
        facts = [("refused", read.reason.value), ("matched", read.matched or "")]
    else:
        facts = [("matched", read.matched), ("value", _value(read)), ("precision", read.precision)]
        facts += [("calendar", read.calendar), ("method", read.method), ("notes", ", ".join(read.notes))]
    for name, fact in facts:
        if fact:
            echo(f"{name:<11}{fact}")
    raise typer.Exit(isinstance(read, Refusal))


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _capture(url: str, body: bytes, content_type: str, status: int) -> Capture:
    """A page at hand as if it had been captured now."""
    from pipeline.captures import Capture

    return Capture(
        key="", offset=0, url=url, captured_at=datetime.now(UTC), status=status, content_type=content_type, body=body
    )


def _source_for(key: str, url: str, source: str | None) -> Source | None:
    """The source asked for; else the one whose captures hold the page, or whose hosts have its URL."""
    from pipeline.captures import source_of

    if source:
        return load_source(Path(source)) if source.endswith((".yaml", ".yml")) else find_source(source)
    host = urlsplit(url).hostname
    files = read_sources()
    named = files.owner(source_of(key)) if key.startswith("captures/") else None
    return named or next((site for site in files.readable.values() if host in site.hosts), None)


def _unknown_source(url: str, zone: str = "UTC", language: str = "ar") -> Source:
    """A source that says nothing of its site but the zone of its dates and its language.

    Nothing is fetched for it, so a saved page may come from a site that is on no public address.
    """
    host = urlsplit(url).hostname or "unknown.invalid"
    nowhere = Source.model_validate(
        {"id": "page", "name": host, "home": "http://unknown.invalid/", "timezone": zone, "language": language}
    )
    return nowhere.model_copy(update={"home": HttpUrl(f"http://{f'[{host}]' if ':' in host else host}/")})


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


def _fetch(url: str, source: Source | None, *, loopback: bool) -> tuple[bytes, str, int]:
    """The page at a URL: its body (bounded), content type and status."""
    import httpx

    from pipeline.addresses import AddressError, Guard
    from pipeline.captures import MAX_BODY, undo_codings
    from pipeline.web import web_client

    guard = Guard.of([url], loopback=True) if loopback else source.guard if source else Guard()
    named = {"User-Agent": "warraq"}
    try:
        with (
            web_client(guard, headers=named, silence=30, longest=120, follow_redirects=True) as client,
            client.stream("GET", url) as response,
        ):
            body = bytearray()
            for part in response.iter_raw():
                body += part
                if len(body) > MAX_BODY:
                    raise WarraqError(f"{url} is larger than {MAX_BODY} bytes")
        decoded = undo_codings(bytes(body), response.headers.get("content-encoding", ""))
        return decoded.body, response.headers.get("content-type", ""), response.status_code
    except AddressError as error:
        raise WarraqError(f"{url} is not fetched: {error}; or save the page, and name the file") from None
    except httpx.HTTPError as error:
        raise WarraqError(f"{url} cannot be fetched: {error or type(error).__name__}") from None


def _value(read: ParsedDate) -> str:
    """A day; or an instant as its zone writes it, with the zone."""
    if not isinstance(read.value, datetime):
        return read.value.isoformat()
    return f"{read.value.isoformat(timespec=f'{read.precision}s')} ({read.value.tzinfo})"


def _iso(value: date) -> str:
    return value.isoformat()
