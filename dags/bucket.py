"""How tasks reach the bucket, and the assets by which one DAG knows of another's work in it."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC
from typing import TYPE_CHECKING

from airflow.sdk import Asset, Connection

from pipeline.settings import read_settings

if TYPE_CHECKING:
    from airflow.sdk.types import DagRunProtocol

    from pipeline.bucket import Bucket


def captures_asset(source_id: str) -> Asset:
    """What the crawls of one source put into the bucket."""
    bucket = read_settings().bucket
    return Asset(name=f"captures_{source_id}", uri=f"s3://{bucket}/captures/source={source_id}", group="captures")


def imports_asset() -> Asset:
    """What imports put into the bucket, of any source."""
    return Asset(name="captures_imported", group="captures")


def waiting_asset() -> Asset:
    """Captures that a build left for the next one."""
    return Asset(name="captures_waiting", group="captures")


def health_asset() -> Asset:
    """What is known of the sources' days: new with every build, also where nothing of the corpus changed."""
    return Asset(name="health", uri=f"s3://{read_settings().bucket}/health", group="corpus")


def articles_asset() -> Asset:
    """The corpus as readers find it: new whenever a day of it was written or removed."""
    return Asset(name="articles", uri=f"s3://{read_settings().bucket}/articles", group="corpus")


def run_name(kind: str, dag_run: DagRunProtocol) -> str:
    """The name under which a run hands things on and reports: its time (UTC) and a digest of its id, the same on every try."""
    digest = hashlib.sha256(dag_run.run_id.encode()).hexdigest()[:6]
    return f"{kind}-{dag_run.run_after.astimezone(UTC):%Y%m%dT%H%M%SZ}-{digest}"


def open_bucket() -> Bucket:
    """The bucket, which must be there: a mistyped name makes none.

    The settings of the Airflow connection, if there is one, hold from here on for this process.

    To be called in a task, since its imports are too heavy for the parsing of a DAG file.
    """
    from pipeline.bucket import Bucket

    if name := read_settings().aws_conn_id:
        os.environ.update(aws_environment(Connection.get(name)))
    bucket = Bucket()
    bucket.require()
    return bucket


def aws_environment(connection: Connection) -> dict[str, str]:
    """The AWS settings of an Airflow connection of type ``aws``, as the environment variables that every AWS client reads.

    Login and password are the keys; ``region_name``, ``endpoint_url``, ``aws_session_token`` and ``profile_name`` come from its
    extra, where ``service_config.s3.endpoint_url`` goes before ``endpoint_url``, as in Airflow's own hooks.
    """
    extra = connection.extra_dejson
    store = extra.get("service_config", {}).get("s3", {})
    settings = {
        "AWS_ACCESS_KEY_ID": connection.login,
        "AWS_SECRET_ACCESS_KEY": connection.password,
        "AWS_SESSION_TOKEN": extra.get("aws_session_token"),
        "AWS_PROFILE": extra.get("profile_name"),
        "AWS_REGION": extra.get("region_name"),
        "AWS_ENDPOINT_URL_S3": store.get("endpoint_url") or extra.get("endpoint_url"),
    }
    return {name: value for name, value in settings.items() if value}
