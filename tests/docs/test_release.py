"""What the code host runs and shows, and what a release carries."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest

from tests.conftest import ROOT

GITHUB = ROOT / ".github"
PACKAGES = ("crawlers", "dags", "demo", "pipeline", "warraq")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", sorted(GITHUB.glob("workflows/*"))),
        ("github-issue-forms", sorted(GITHUB.glob("ISSUE_TEMPLATE/[0-9]*"))),
        ("github-issue-config", [GITHUB / "ISSUE_TEMPLATE" / "config.yml"]),
        ("dependabot", [GITHUB / "dependabot.yml"]),
    ],
)
def test_the_code_hosts_files_keep_to_their_schemas(schema, files) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def release_notes(tag: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / ".ci" / "release-notes", tag], capture_output=True, text=True, check=False)


def test_a_releases_text_is_its_section_of_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    [section] = [part for part in re.split(r"^## ", changelog, flags=re.MULTILINE) if part.startswith(f"{VERSION} (")]
    done = release_notes(f"v{VERSION}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == section.partition("\n")[2].strip()


def test_a_tag_that_is_not_the_version_is_no_release() -> None:
    done = release_notes("v9.9.9")
    assert done.returncode == 1
    assert done.stderr == (
        f"the tag is v9.9.9, but pyproject.toml says {VERSION}: tag v{VERSION}, or change the version first\n"
    )


def test_the_wheel_carries_every_file_of_its_packages(tmp_path) -> None:
    """Vocabularies, templates, demo sites, Airflow's list of what is no DAG, the mark of typed packages."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    wanted = {
        str(path.relative_to(tmp_path)) for name in PACKAGES for path in (tmp_path / name).rglob("*") if path.is_file()
    }
    uv = [sys.executable, "-m", "uv", "build", "--quiet", "--offline", "--no-build-isolation"]
    done = subprocess.run(
        [*uv, "--python", sys.executable, "--out-dir", "dist", "."],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    [wheel] = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        carried = {name for name in file.namelist() if ".dist-info/" not in name}
    assert carried == wanted
    assert {f"{name}/py.typed" for name in ("crawlers", "demo", "pipeline", "warraq")} <= carried
