"""A build's work spread over a Ray cluster by Ray Data, for rebuilds of more pages than one machine ends in time.

The stages stay what they are: each takes a key, reads and writes the bucket, and may be killed and repeated. Ray decides where it
runs, and runs it again where a machine was lost. What a build writes is the same bytes as anywhere else.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from pipeline.bucket import Bucket
from pipeline.errors import WarraqError
from pipeline.progress import OnProgress

LOCAL = "local"
"""The address of a cluster on this machine alone, begun for this build."""


def connect(address: str) -> None:
    """Join the cluster at an address; at `LOCAL` begin one, with a worker for each processor.

    Raises:
        WarraqError: Ray is not installed, or the cluster cannot be joined.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers that it is used
    if address == LOCAL:  # some of its ports are open on every interface, and it would run what anybody sends
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_urlsafe(32)}
    try:
        import ray  # noqa: PLC0415 - an extra
        import ray.data  # noqa: PLC0415
    except ImportError:
        raise WarraqError(
            "Ray is not installed: install warraq with its extra `ray`, here and on the cluster"
        ) from None
    try:
        local: dict[str, Any] = (
            {"include_dashboard": False, "_node_ip_address": "127.0.0.1"} if address == LOCAL else {}
        )
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **local)
    except Exception as error:  # it says by a plain one that it did not start
        raise WarraqError(f"the Ray cluster at {address} cannot be joined: {error}") from error
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)


def each(
    bucket: Bucket, keys: Sequence[str], work: Callable[[Bucket, str], object], what: str, on_progress: OnProgress
) -> None:
    """A stage's work on each of some keys, on the cluster's workers.

    Raises:
        WarraqError: the work raised one, which said the same.
    """
    import ray.data  # noqa: PLC0415 - an extra

    name = bucket.name

    def run(batch: pa.Table) -> pa.Table:
        try:
            for key in batch["key"].to_pylist():
                work(Bucket(name), key)
        except WarraqError as error:  # Ray would hand on what it says among much else
            return pa.table({"said": [str(error)]})
        return pa.table({"said": pa.nulls(1, pa.string())})

    on_progress(what, 0, len(keys))
    waiting = ray.data.from_items([{"key": key} for key in keys], override_num_blocks=max(1, len(keys)))
    done = waiting.map_batches(run, batch_size=1, batch_format="pyarrow")
    for number, row in enumerate(done.iter_rows(), 1):
        if row["said"] is not None:
            raise WarraqError(row["said"])
        on_progress(what, number, len(keys))
