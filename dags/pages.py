"""Pages of our own in Airflow's UI: the sources' health, made anew at every look, and the runs' reports, with the files they name.

Airflow mounts the application as it is, without asking anyone for a name. So every request is held against the session that the
reader has with Airflow, and against his right to read DAGs.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import Depends, FastAPI, HTTPException
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from pipeline.errors import WarraqError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from fastapi import Request

    from pipeline.bucket import Bucket
    from pipeline.sources import Source

DAGS = "/dags"

Run = Annotated[str, InPath(pattern=r"^[A-Za-z0-9_-]+$")]

app = FastAPI(
    title="warraq",
    dependencies=[Depends(requires_access_dag("GET"))],
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
)


class Room(StrEnum):
    """What of the bucket the reports lead to."""

    ARTICLES = "articles"
    CAPTURES = "captures"
    REPORTS = "reports"


@app.middleware("http")
async def let_pages_load_nothing(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Let a browser run and load nothing that the pages do not bring along, and show them in no frame but Airflow's own."""
    from pipeline.html import policy

    response = await call_next(request)
    with_script = request.url.path.endswith("/sources/")
    response.headers["Content-Security-Policy"] = f"{policy(with_script=with_script)}; frame-ancestors 'self'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@app.exception_handler(WarraqError)
def say_what_is_wrong(_: Request, error: Exception) -> PlainTextResponse:
    """What keeps the page from being made, in its sentence."""
    return PlainTextResponse(str(error), status_code=503)


@app.get("/sources/", response_class=HTMLResponse)
def all_sources() -> str:
    """All sources, the worst first."""
    from pipeline.health import current, index_page
    from pipeline.sources import read_sources

    files = read_sources()
    health = current(_bucket(), files.sources, datetime.now(UTC))
    return index_page(health, wrong=map(str, files.wrong.values()), dags=DAGS, pages="{}")


@app.get("/sources/{source_id}", response_class=HTMLResponse)
def one_source(source_id: str) -> str:
    """One source: its verdict, its days, what the last month has and lacks, what was rejected, its last crawls."""
    from pipeline.health import current, look_closer, source_page

    bucket, now, named = _bucket(), datetime.now(UTC), {source_id: _source(source_id)}
    health, details = current(bucket, named, now), look_closer(bucket, named, now)
    return source_page(health, details[source_id], source_id, dags=DAGS, index="./", reports="../reports/{}/")


@app.get("/reports/{run}/", response_class=HTMLResponse)
def report(run: Run) -> str:
    """The report of a run: of a build as it lies in the bucket, of a crawl made from its JSON."""
    from pipeline.run_reports import report_page

    page = report_page(_bucket(), run)
    if page is None:
        raise HTTPException(404, f"there is no report of a run {run!r}: it has not ended yet, or had nothing to report")
    return re.sub(r'<a data-source="([a-z0-9_]+)">', r'<a href="../../sources/\1">', page)


@app.get("/{room}/{path:path}")
def file(room: Room, path: str) -> Response:
    """A file that a report names, to be saved: never shown, since what sites sent may hold anything."""
    try:
        data = _bucket().get(f"{room}/{path}")
    except KeyError:
        raise HTTPException(404, f"the bucket has no {room}/{path}") from None
    name = re.sub(r"[^A-Za-z0-9._-]", "_", path.rpartition("/")[2])
    return Response(data, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, "application/octet-stream")


def _source(source_id: str) -> Source:
    from pipeline.sources import read_sources

    sources: Mapping[str, Source] = read_sources().sources
    if source_id not in sources:
        raise HTTPException(404, f"there is no source {source_id!r} whose file is right")
    return sources[source_id]


def _bucket() -> Bucket:
    from dags.bucket import open_bucket

    return open_bucket()
