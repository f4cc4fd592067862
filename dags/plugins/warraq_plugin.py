"""What the DAGs need Airflow itself to know; the setting ``[core] plugins_folder`` names this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.plugins_manager import AirflowPlugin

from dags.notify import QueuedBySchedule
from dags.priority import ScheduledFirst

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


async def pages(scope: Scope, receive: Receive, send: Send) -> None:
    """Our pages (ASGI), loaded when the first is asked for: plugins are loaded by every part of Airflow."""
    from dags.pages import app

    await app(scope, receive, send)


class WarraqPlugin(AirflowPlugin):
    """Registers which waiting crawl goes first, from when on a run is late, and our pages: sources and reports."""

    name = "warraq"
    priority_weight_strategies = [ScheduledFirst]  # noqa: RUF012  # as Airflow's class has it
    deadline_references = [QueuedBySchedule]  # noqa: RUF012
    fastapi_apps = [{"app": pages, "url_prefix": "/warraq", "name": "warraq"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {"name": "Sources · المصادر", "href": "/warraq/sources/", "destination": "nav", "url_route": "sources"}
    ]
