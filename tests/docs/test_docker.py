"""The production image and its compose file, as far as they can be held against something without an engine."""

import re
import subprocess
import sys

import pytest
from ruamel.yaml import YAML

from tests.conftest import ROOT

COMPOSE = ROOT / "docker" / "compose.yaml"


@pytest.mark.parametrize("file", ["compose.yaml", "compose.roles.yaml"])
def test_the_compose_files_keep_to_the_compose_schema(file: str) -> None:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    command = [sys.executable, "-m", "check_jsonschema", *schema, str(COMPOSE.with_name(file))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_airflow_component_runs_once_and_waits_for_the_database() -> None:
    services = YAML(typ="safe").load(COMPOSE)["services"]
    airflow = {name: service for name, service in services.items() if "warraq" in service["image"]}
    assert set(airflow) == {"migrate", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
    assert all("migrate" in service["depends_on"] for name, service in airflow.items() if name != "migrate")


def test_the_example_names_every_variable_and_gives_no_secret() -> None:
    example = (ROOT / "docker" / "env.example").read_text(encoding="utf-8")
    needed = set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text(encoding="utf-8")))
    assert needed <= set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    apart = set(re.findall(r"\$\{(\w+):\?", COMPOSE.with_name("compose.roles.yaml").read_text(encoding="utf-8")))
    assert apart <= set(re.findall(r"^# (\w+)=", example, re.MULTILINE))
    assert re.findall(r"^(?:\w*(?:SECRET|PASSWORD|KEY)\w*)=(.+)$", example, re.MULTILINE) == []


def test_the_image_copies_what_there_is() -> None:
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    kept = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    }
    for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name
            assert name in kept, f"{name} is not let into the build by .dockerignore"
