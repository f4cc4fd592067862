"""Telling operators, by mail and by chat, through Airflow's providers and connections for that; and telling of runs that are late.

The settings ``WARRAQ_NOTIFY_MAIL`` and ``WARRAQ_NOTIFY_APPRISE`` switch it on. Airflow imports this module by its name when a
deadline is missed, so it is no DAG file.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert

from dags.bucket import open_bucket
from pipeline.errors import WarraqError
from pipeline.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from pipeline.bucket import Bucket
    from pipeline.health import Message, Standing

_LOG = logging.getLogger(__name__)

LATE = timedelta(hours=6)
"""After which a scheduled crawl or a build, of which most last some minutes, is late: with its tries again it may take hours."""


class NotSentError(WarraqError):
    """Notices did not go out; the message says to whom, why, and what to do."""


def notify(bucket: Bucket, standings: Sequence[Standing], *, whole: bool = True) -> None:
    """Tell every channel that is configured what it does not know yet; one that fails keeps nothing from the others.

    Where `standings` are not the `whole` of them, no digest is sent. With no channel the log says what would have been told.

    Raises:
        NotSentError: a message did not go out; the next call sends it again.
        WarraqError: the bucket or the connection cannot be used.
    """
    from pipeline.health import tell

    settings = read_settings()
    channels = [_Channel(f"mail-{_digest(to)}", f"mail to {to}", _mail_to(to)) for to in settings.mail_addresses]
    failed = []
    if settings.notify_apprise:
        try:
            channels += _services(settings.notify_apprise)
        except Exception as error:
            failed.append(f"connection {settings.notify_apprise}: {error}")
    elif not channels:
        channels = [_Channel("log", "notices are off", _log)]
    pages = _pages()
    for one in channels:
        try:
            told = tell(bucket, one.id, one.send, standings, lambda: datetime.now(UTC), whole=whole, pages=pages)
        except Exception as error:
            failed.append(f"{one.name}: {error or type(error).__name__}")
        else:
            _LOG.info("%s: %s", one.name, told.title if told else "nothing new to tell")
    if failed:
        raise NotSentError(
            f"notices did not go out, and are sent again by the next run: {'; '.join(failed)}. "
            "To do: check the Airflow connections and the settings WARRAQ_NOTIFY_MAIL and WARRAQ_NOTIFY_APPRISE"
        )


@dataclass(frozen=True, slots=True)
class _Channel:
    """One way to tell: `id` names its memory in the bucket, and betrays no address; `name` is for people."""

    id: str
    name: str
    send: Callable[[Message], None]


def _log(message: Message) -> None:
    """Where nobody is told, the log says what would have been."""
    _LOG.info("Would have told, if WARRAQ_NOTIFY_MAIL or WARRAQ_NOTIFY_APPRISE were set: %s", message.title)
    for line in message.text.splitlines():
        _LOG.info("%s", line)


def _mail_to(address: str) -> Callable[[Message], None]:
    def send(message: Message) -> None:
        from airflow.providers.smtp.notifications.smtp import SmtpNotifier

        # Called at once, not as a callback: so nothing in the text is taken for a template.
        SmtpNotifier(to=address, subject=message.title, html_content=message.html).notify({})

    return send


def _services(connection_id: str) -> list[_Channel]:
    """The services that an Airflow connection of type ``apprise`` names.

    Raises:
        NotSentError: its extra is not what it should be.
    """
    from airflow.providers.apprise.hooks.apprise import AppriseHook

    hook = AppriseHook(connection_id)
    try:
        wanted = hook.get_config_from_conn(hook.get_connection(connection_id))
        addresses = [str(one["path"]) for one in ([wanted] if isinstance(wanted, dict) else wanted)]
    except (KeyError, TypeError, ValueError):
        raise NotSentError('its extra is to be {"config": [{"path": "an address as Apprise has them"}, …]}') from None
    return [
        _Channel(
            f"apprise-{_digest(one)}", f"{one.partition(':')[0]} (service {place} of the connection)", _tell_by(one)
        )
        for place, one in enumerate(addresses, start=1)
    ]


def _tell_by(address: str) -> Callable[[Message], None]:
    def send(message: Message) -> None:
        from apprise import Apprise, NotifyFormat, OverflowMode

        services = Apprise()
        if not services.add(address):
            raise NotSentError("its address is none that Apprise knows")
        for service in services:
            service.overflow_mode = OverflowMode.SPLIT  # a chat takes some thousand characters at once
        # Airflow's AppriseNotifier drops the answer, by which alone Apprise says that a message did not go out.
        if not services.notify(body=message.text, title=message.title, body_format=NotifyFormat.TEXT):
            raise NotSentError("it does not answer, or refuses; the log says more")

    return send


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _pages() -> str | None:
    """The address below which the sources have their pages, where Airflow's own is configured."""
    base = conf.get("api", "base_url", fallback="")
    return f"{base.rstrip('/')}/warraq/sources/" if base else None


# Late runs ----------------------------------------------------------------------------------------------------------------


class QueuedBySchedule(BaseDeadlineReference):
    """The time at which a run was queued that the clock or an event started: others wait for each other, and are no alarm.

    Airflow's own reference to that time holds for every run, and in 3.3.0 to 3.3.2 at least no run that has one can be cleared:
    `clear_task_instances` takes the stored interval, which is JSON, for seconds.
    """

    required_kwargs = frozenset({"dag_id", "run_id"})

    def _evaluate_with(self, *, session: Session, dag_id: str, run_id: str) -> datetime | None:
        from airflow.models import DagRun
        from sqlalchemy import select

        run = session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
        return run.queued_at if run and run.run_type in {"scheduled", "asset_triggered"} else None


def tell_late(context: Mapping[str, Any]) -> None:
    """Tell that a run was not over by its deadline.

    Airflow calls it in a worker's process of its own; the run is described as by Airflow's API.
    """
    from pipeline.health import late_run

    notify(open_bucket(), [late_run(context["dag_run"], str(context["deadline"]["deadline_time"]))], whole=False)


def deadline() -> DeadlineAlert:
    """What tells operators of a run of a DAG that is late."""
    return DeadlineAlert(reference=QueuedBySchedule(), interval=LATE, callback=SyncCallback(tell_late), name="late")
