"""SeaweedFS, the store of the compose file, on loopback: its command, and one that holds everybody to a policy."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from warraq.servers import Child, free_port


def seaweedfs(folder: Path, port: int) -> list[str]:
    """The command of SeaweedFS: all its servers in one, each at ports of its own."""
    others = [f"-{name}.port={free_port()}" for name in ("master", "volume", "filer")]
    grpc = [f"-{name}.port.grpc={free_port()}" for name in ("master", "volume", "filer", "s3")]
    none = [f"-s3.port.{name}=0" for name in ("iceberg", "lance")]
    here = [f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-volume.max=20", "-master.volumeSizeLimitMB=64"]
    return ["weed", "server", "-s3", *here, f"-s3.port={port}", *others, *grpc, *none]


def keys_of(name: str) -> dict[str, str]:
    """The AWS settings of somebody whom `held_to_policies` knows."""
    return {"AWS_ACCESS_KEY_ID": name, "AWS_SECRET_ACCESS_KEY": f"secret-of-{name}", "AWS_REGION": "us-east-1"}


@contextmanager
def held_to_policies(folder: Path, policies: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """URL of a SeaweedFS that lets each of these do what the policy of that name allows, and `root` everything."""
    identities: list[dict[str, Any]] = [
        {
            "name": name,
            "credentials": [
                {"accessKey": keys_of(name)["AWS_ACCESS_KEY_ID"], "secretKey": keys_of(name)["AWS_SECRET_ACCESS_KEY"]}
            ],
            **({"policyNames": [name]} if name in policies else {"actions": ["Admin", "Read", "Write", "List"]}),
        }
        for name in ("root", *policies)
    ]
    named = [{"name": name, "content": json.dumps(policy)} for name, policy in policies.items()]
    config = folder / "identities.json"
    config.write_text(json.dumps({"identities": identities, "policies": named}), encoding="utf-8")
    (folder / "data").mkdir()
    port = free_port()
    weed = shutil.which("weed", path=str(Path(sys.executable).parent))
    assert weed, "weed comes with the packages for development"
    command = [weed, *seaweedfs(folder / "data", port)[1:], f"-s3.config={config}"]
    server = Child("seaweedfs", command, log=folder / "log", environment=os.environ)
    try:
        server.wait_until(lambda: server.listens_on(port), seconds=60)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
