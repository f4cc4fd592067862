"""The page of the sources' health in Airflow's UI: the same pages as ``warraq health --html`` writes, made anew at every look.

Airflow mounts the application as it is, without asking anyone for a name. So every request is held against the session that the
reader has with Airflow, and against his right to read DAGs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import HTMLResponse, PlainTextResponse

from pipeline.errors import WarraqError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request

    from pipeline.health import Health
    from pipeline.sources import Source

DAGS = "/dags"

app = FastAPI(
    title="warraq",
    dependencies=[Depends(requires_access_dag("GET"))],
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
)


@app.exception_handler(WarraqError)
def say_what_is_wrong(_: Request, error: Exception) -> PlainTextResponse:
    """What keeps the page from being made, in its sentence."""
    return PlainTextResponse(str(error), status_code=503)


@app.get("/sources/", response_class=HTMLResponse)
def all_sources() -> str:
    """All sources, the worst first."""
    from pipeline.health import index_page
    from pipeline.sources import read_sources

    files = read_sources()
    return index_page(_current(files.sources), wrong=map(str, files.wrong.values()), dags=DAGS, pages="{}")


@app.get("/sources/{source_id}", response_class=HTMLResponse)
def one_source(source_id: str) -> str:
    """One source: its verdict, its days, what the last month has and lacks."""
    from pipeline.health import source_page
    from pipeline.sources import read_sources

    sources = read_sources().sources
    if source_id not in sources:
        raise HTTPException(404, f"there is no source {source_id!r} whose file is right")
    return source_page(_current({source_id: sources[source_id]}), source_id, dags=DAGS, index="./")


def _current(sources: Mapping[str, Source]) -> Health:
    from dags.bucket import open_bucket
    from pipeline.health import current

    return current(open_bucket(), sources, datetime.now(UTC))
