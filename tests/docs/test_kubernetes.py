"""The values for Airflow's Helm chart, against compose and, where the chart is at hand, against it and Kubernetes' schemas."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import ROOT

FOLDER = ROOT / "docker" / "kubernetes"
OWN = {
    "AIRFLOW_CONN_WARRAQ_S3",  # identities in place of keys
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",  # the chart's own
    "AIRFLOW__API__BASE_URL",
    "AIRFLOW__CORE__PARALLELISM",  # as many as there may be workers
    "no_proxy",
    "WARRAQ_CONTACT",
}
"""What is said otherwise than in the compose file, or not at all."""

SECRET = {
    "ADMIN_PASSWORD",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__CELERY__BROKER_URL",
    "AIRFLOW__CELERY__RESULT_BACKEND",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
}


def read(file: Path) -> Any:
    return YAML(typ="safe").load(file)


@pytest.fixture(scope="module")
def values() -> Any:
    return read(FOLDER / "values.yaml")


def composed() -> dict[str, str]:
    """What compose sets for Airflow's components, with the defaults of its own variables; what is empty then is left out."""
    services = read(ROOT / "docker" / "compose.yaml")["services"].values()
    given = {
        name: re.sub(r"\$\{\w+:?-([^}]*)\}", r"\1", str(value))
        for service in services
        if service["image"].startswith("warraq:")
        for name, value in service["environment"].items()
    }
    return {name: value for name, value in given.items() if value and name not in SECRET}


def test_the_environment_is_that_of_compose(values: Any) -> None:
    here = {one["name"]: one["value"] for one in values["env"]}
    there = composed()
    assert {name: value for name, value in here.items() if name not in OWN} == {
        name: value for name, value in there.items() if name not in OWN
    }


def test_every_secret_comes_from_kubernetes(values: Any) -> None:
    assert not SECRET & {one["name"] for one in values["env"]}
    assert {name for name in values if name.endswith("SecretName")} == {
        *("fernetKeySecretName", "jwtSecretName", "apiSecretKeySecretName")
    }
    assert set(values["data"]) == {"metadataSecretName", "brokerUrlSecretName", "resultBackendSecretName"}


def test_every_kind_of_worker_has_an_identity_with_a_policy_of_its_own(values: Any) -> None:
    for workers in values["workers"]["celery"]["sets"]:
        role = workers["serviceAccount"]["annotations"]["eks.amazonaws.com/role-arn"].rpartition("/warraq-")[2]
        assert role == workers["name"]
        assert (ROOT / "docker" / "policies" / f"{role}.json").exists()


def test_the_image_has_the_target_that_is_named(values: Any) -> None:
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert "FROM plain AS kubernetes\n" in dockerfile
    assert f"useradd --uid {values['uid']} " in dockerfile
    assert dockerfile.splitlines()[-1] == "FROM plain"


@pytest.mark.slow
def test_the_chart_takes_the_values_and_kubernetes_what_comes_of_them() -> None:
    chart = os.environ.get("AIRFLOW_CHART")
    if not chart:
        pytest.skip("AIRFLOW_CHART names no folder or archive of Airflow's Helm chart: nothing is rendered")
    uv = Path(sys.executable).with_name("uv")
    done = subprocess.run([uv, "run", FOLDER / "check.py", chart], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
