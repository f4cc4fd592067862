"""What the whole set-up promises, as far as it needs no Airflow; the rest is in the integration tests."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from warraq.servers import ServerError
from warraq.stack import Running, Stack


def test_a_folder_in_use_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(str(os.getpid()))
        lock.flush()
        with pytest.raises(ServerError) as caught, Stack(tmp_path):
            pass
    assert str(caught.value) == (
        f"{tmp_path} is in use by another `warraq up` or `warraq demo` (process {os.getpid()}): "
        "stop that one, or choose another folder with --home"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "logs"]


def test_the_environment_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "before")
    monkeypatch.delenv("WARRAQ_BUCKET", raising=False)
    monkeypatch.setenv("no_proxy", "intranet.example")
    settings = {"AWS_REGION": "us-east-1", "WARRAQ_BUCKET": "warraq"}
    running = Running("/home", "http://ui", "admin", "secret", "http://s3", None, "/sources", settings)
    with running.environment():
        assert settings.items() <= os.environ.items()
        assert os.environ["no_proxy"] == "intranet.example,127.0.0.1,localhost"
    assert os.environ["AWS_REGION"] == "before"
    assert os.environ["no_proxy"] == "intranet.example"
    assert "WARRAQ_BUCKET" not in os.environ
