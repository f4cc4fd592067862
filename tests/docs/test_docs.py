"""The pages say what the code does."""

import re
import runpy
import shlex
import subprocess
import sys
import tomllib

import pytest

from pipeline.dates import Reason, read_date
from pipeline.settings import Settings
from tests.conftest import ROOT

PAGES = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")])


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.stem)
def test_tables_are_those_of_the_code(page) -> None:
    text = page.read_text(encoding="utf-8")
    filled = runpy.run_path(str(ROOT / "docs" / "tables.py"))["filled"]
    assert filled(text) == text, "run: python docs/tables.py"


def test_every_reason_to_refuse_a_date_has_an_example() -> None:
    tables = runpy.run_path(str(ROOT / "docs" / "tables.py"))
    reasons = {
        read_date(text, reference=tables["REFERENCE"], zone=tables["ZONE"]).reason for _, text in tables["REFUSED"]
    }
    assert reasons == set(Reason) - {Reason.REFERENCE}, "an edge of the calendar is no reader's example"


def test_the_commands_of_the_page_of_dates_answer_as_it_says() -> None:
    page = (ROOT / "docs" / "dates.md").read_text(encoding="utf-8")
    examples = re.findall(r"<!-- example: date -->\n```console\n\$ warraq (.+)\n((?:.+\n)+)```", page)
    assert len(examples) == page.count("$ warraq")
    for command, answer in examples:
        arguments = [sys.executable, "-m", "warraq", *shlex.split(command)]
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.stdout == answer


@pytest.mark.parametrize("folder", ["docs", "docker", "dags", "crawlers", "pipeline", "warraq", "demo"])
def test_every_variable_of_ours_that_is_named_is_a_setting(folder: str) -> None:
    """So `warraq settings` knows all that anything tells a person to set, or sets for a child."""
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    handed_over = {"WARRAQ_PARENT_PID"} if folder == "crawlers" else set()
    misspelt = {"WARRAQ_BUKET"} if folder == "docs" else set()
    for path in sorted((ROOT / folder).rglob("*")):
        if path.is_file() and path.suffix in {".md", ".yaml", ".example", ".py", ""}:
            named = set(re.findall(r"\bWARRAQ_[A-Z0-9_]*\w", path.read_text(encoding="utf-8")))
            assert named <= known | handed_over | misspelt, path


def test_every_dependency_is_accounted_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {re.split(r"[\[<>=~]", name)[0] for name in wanted}
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert {name for name in names if name not in page} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page) -> None:
    for name, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8")):
        target = page.parent / name if name else page
        assert target.exists(), name
        assert not anchor or anchor in anchors(target), f"{name}#{anchor}"


def anchors(page) -> set[str]:
    """What the code host calls the headings of a page."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_lock_pins_everything_with_hashes_and_names_no_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert "--index" not in lock
    for block in re.split(r"\n(?=\S)", lock.strip()):
        assert re.match(r"[A-Za-z0-9._-]+(\[[^]]*])?==", block), block[:60]
        assert "--hash=sha256:" in block, block[:60]


def test_readmes_commands_are_the_makefiles() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in set(re.findall(r"^make (\w+)", readme, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"  # of PEM
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"  # of Amazon's services
    r"|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{22}|\bglpat-[\w-]{20}|\bpypi-AgEI\w{20}"  # of code hosts and the registry
    r"|\bAIza[\w-]{35}|\bxox[abprs]-[\w-]{10}|hooks\.slack\.com/services/T\w{8}"  # of Google and Slack
)


@pytest.mark.parametrize("text", ["-----BEGIN RSA " + "PRIVATE KEY-----", "AKIA" + "X7" * 8, "ghp_" + "aB3" * 12])
def test_a_secret_is_known_by_its_form(text: str) -> None:
    assert SECRETS.search(f"key={text}\n")


def test_no_committed_file_holds_a_secret() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name for name in listed.decode().split("\0") if name and name != "requirements.lock"]
    assert files
    assert [path for path in files if path.is_file() and SECRETS.search(path.read_text("utf-8", "replace"))] == []


def test_invisible_characters_are_always_escaped() -> None:
    """A bare zero-width or direction mark cannot be reviewed."""
    invisible = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
    roots = ["crawlers", "dags", "pipeline", "warraq", "tests", "demo", "config", "docs", "docker", "benchmarks"]
    kinds = {".py", ".yaml", ".yml", ".md", ".html", ".toml", ".tsv", ".css", ".xml", ".j2", ".jinja"}
    faults = [
        f"{path.relative_to(ROOT)}:{number}"
        for root in roots
        for path in sorted((ROOT / root).rglob("*"))
        if path.suffix in kinds
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if invisible.search(line)
    ]
    assert faults == []
