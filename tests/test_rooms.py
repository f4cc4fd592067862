"""No room imports what stands above it, and what is parsed often stays light."""

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

MAY_IMPORT = {
    "pipeline": set(),
    "crawlers": {"pipeline", "scrapy"},
    "dags": {"pipeline", "crawlers", "airflow"},
    "demo": set(),
    "warraq": {"pipeline", "crawlers", "demo"},
}
ROOMS = {"pipeline", "crawlers", "dags", "demo", "warraq", "tests", "benchmarks", "airflow", "scrapy"}


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports anywhere."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_imports_go_one_way(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        wrong = (imported(path) & ROOMS) - MAY_IMPORT[room] - {room}
        assert wrong == set(), f"{path.relative_to(ROOT)} imports {sorted(wrong)}"
