"""The rooms of the house: what each may import, and that it is entered by its face alone.

A room is a package of `pipeline` or `crawlers`, or a module that stands beside them. A line that a test here complains of
belongs elsewhere: `CONTRIBUTING.md` says where.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT

HOUSES = ("pipeline", "crawlers", "dags", "demo", "warraq", "docs", "tests", "benchmarks")
MAY_USE = {
    "pipeline": set(),
    "crawlers": {"pipeline", "scrapy"},
    "dags": {"pipeline", "crawlers", "airflow"},
    "demo": set(),
    "warraq": {"pipeline", "crawlers", "demo"},
}
"""What each top-level package may import of the others, of Scrapy and of Airflow."""

LEAVES = {
    "addresses",
    "columns",
    "errors",
    "html",
    "plots",
    "text",
    "urls",
    "web",
    "progress",
    "rejection",
    "scratch",
    "series",
    "settings",
    "stated_dates",
    "yaml_text",
}
"""Modules of `pipeline` that every room but the words' own (`MAY_IMPORT`) may use, and that use none but each other."""
MAY_IMPORT = {
    "pipeline.page": {"pipeline.text"},
    "pipeline.rules": {"pipeline.text", "pipeline.errors"},
    "pipeline.dates": {"pipeline.text"},
    "pipeline.publication": {"pipeline.text", "pipeline.page", "pipeline.rules", "pipeline.dates"},
    "pipeline.bucket": {"pipeline.errors", "pipeline.settings"},
    "pipeline.sources": {"pipeline.addresses", "pipeline.errors", "pipeline.settings"},
    "pipeline.captures": {"pipeline.bucket"},
    "pipeline.crawl_reports": {"pipeline.bucket"},
    "pipeline.extract": {
        "pipeline.page", "pipeline.rules", "pipeline.publication", "pipeline.captures", "pipeline.sources",
    },
    "pipeline.duplicates": {"pipeline.text"},
    "pipeline.words": {"pipeline.duplicates"},
    "pipeline.relevance": {"pipeline.duplicates"},
    "pipeline.places": {"pipeline.duplicates", "pipeline.words"},
    "pipeline.documents": {"pipeline.bucket", "pipeline.duplicates", "pipeline.places", "pipeline.relevance"},
    "pipeline.join_pages": {"pipeline.dates", "pipeline.documents", "pipeline.publication"},
    "pipeline.corpus": {
        "pipeline.bucket", "pipeline.captures", "pipeline.documents", "pipeline.duplicates", "pipeline.join_pages",
        "pipeline.places", "pipeline.relevance",
    },
    "pipeline.coverage": {
        "pipeline.bucket", "pipeline.captures", "pipeline.documents", "pipeline.duplicates", "pipeline.known_pages",
        "pipeline.refetch",
    },
    "pipeline.card": {"pipeline.bucket", "pipeline.corpus", "pipeline.coverage", "pipeline.sources"},
    "pipeline.source_life": {
        "pipeline.sources", "pipeline.bucket", "pipeline.captures", "pipeline.documents", "pipeline.duplicates",
        "pipeline.corpus", "pipeline.coverage", "pipeline.health", "pipeline.search",
    },
    "pipeline.search": {
        "pipeline.bucket", "pipeline.corpus", "pipeline.duplicates", "pipeline.sources", "pipeline.words",
    },
    "pipeline.health": {
        "pipeline.bucket", "pipeline.captures", "pipeline.crawl_reports", "pipeline.documents", "pipeline.duplicates",
        "pipeline.coverage", "pipeline.sources",
    },
}  # fmt: skip
"""What each room of `pipeline` may import, beside `LEAVES`; a room that is not named here may import any."""
ONLY_NAMED = {
    "pipeline.page",
    "pipeline.rules",
    "pipeline.dates",
    "pipeline.publication",
    "pipeline.bucket",
    "pipeline.sources",
}
"""Rooms for which the leaves, too, are those named."""
BY_THE_BACK_DOOR = {"crawlers.middlewares.browser"}
"""Modules that are imported by their own name: an extra, which only the sources that need it may load."""


class Import(NamedTuple):
    """A name that a file takes of a module of ours."""

    path: Path
    line: int
    module: str
    name: str


@cache
def rooms() -> frozenset[str]:
    """The packages of `pipeline` and `crawlers`."""
    return frozenset(
        f"{house}.{folder.name}"
        for house in ("pipeline", "crawlers")
        for folder in (ROOT / house).iterdir()
        if (folder / "__init__.py").is_file()
    )


def room_of(module: str) -> str:
    """The room of a module: the package of two names, or the module itself."""
    two = ".".join(module.split(".")[:2])
    return two if two in rooms() or module.count(".") else module


def module_of(path: Path) -> str:
    """The dotted name of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def imports_of(house: str) -> tuple[Import, ...]:
    """Everything that the files of a top-level package import, wherever it stands."""
    found = []
    for path in sorted((ROOT / house).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found += [Import(path, node.lineno, alias.name, "") for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    module = node.module or ""
                    whole = f"{module}.{alias.name}"
                    is_module = (ROOT / f"{whole.replace('.', '/')}.py").is_file() or whole in rooms()
                    handed_on = module in rooms()  # a face may hand on a function that bears its module's name
                    found.append(
                        Import(path, node.lineno, whole if is_module and not handed_on else module, alias.name)
                    )
    return tuple(found)


@pytest.mark.parametrize("house", sorted(MAY_USE))
def test_packages_import_one_way(house: str) -> None:
    ours = {*HOUSES, "airflow", "scrapy"} - {house} - MAY_USE[house]
    wrong = [
        f"{one.path.relative_to(ROOT)}:{one.line} imports {one.module}: a line that needs it belongs above {house}/"
        for one in imports_of(house)
        if one.module.partition(".")[0] in ours
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_rooms_import_downwards_only() -> None:
    leaves = {f"pipeline.{leaf}" for leaf in LEAVES}
    wrong = []
    for one in imports_of("pipeline"):
        room, other = room_of(module_of(one.path)), room_of(one.module)
        if not other.startswith("pipeline.") or other == room:
            continue
        may = leaves if room in leaves else MAY_IMPORT.get(room)
        if may is not None and other not in may | (set() if room in ONLY_NAMED else leaves):
            wrong.append(
                f"{one.path.relative_to(ROOT)}:{one.line} imports {one.name or one.module} of {other}, which {room} may not "
                f"know: the line belongs in a room that may import both"
            )
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("house", ["pipeline", "crawlers", "dags", "warraq", "docs"])
def test_rooms_are_entered_by_their_faces(house: str) -> None:
    wrong = [
        f"{one.path.relative_to(ROOT)}:{one.line} imports {one.module}: take {one.name} from {room_of(one.module)}, "
        "whose __init__.py hands on what others may use"
        for one in imports_of(house)
        if room_of(one.module) in rooms()
        and one.module != room_of(one.module)
        and room_of(one.module) != room_of(module_of(one.path))
        and one.module not in BY_THE_BACK_DOOR
    ]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("room", sorted(rooms()))
def test_every_face_says_what_it_is_for(room: str) -> None:
    face = ast.parse((ROOT / room.replace(".", "/") / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(face), f"{room} does not say what it does"


def test_no_circles() -> None:
    """Neither between rooms nor between the files of one."""
    wrong = []
    for scope in (room_of, lambda module: module):
        arrows: defaultdict[str, set[str]] = defaultdict(set)
        for one in (*imports_of("pipeline"), *imports_of("crawlers")):
            start, end = scope(module_of(one.path)), scope(one.module)
            handing_on = scope is not room_of and start in rooms()
            if start != end and not handing_on and one.module.startswith(("pipeline.", "crawlers.")):
                arrows[start].add(end)
        wrong += [" → ".join(circle) for circle in circles(arrows)]
    assert not wrong, "each of these imports the next, move what they share below both:\n" + "\n".join(wrong)


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """A circle for each arrow that closes one."""
    found: list[list[str]] = []
    done: set[str] = set()

    def walk(node: str, trail: list[str]) -> None:
        if node in trail:
            found.append([*trail[trail.index(node) :], node])
        elif node not in done:
            for other in sorted(arrows.get(node, ())):
                walk(other, [*trail, node])
            done.add(node)

    for start in sorted(arrows):
        walk(start, [])
    return found


HTML_READERS = ("HTMLParser(", "document_fromstring(", "html.fromstring(", "ld+json", 'iter("meta"', 'iter("title"')


@pytest.mark.parametrize("house", ["pipeline", "crawlers", "dags", "warraq"])
def test_pages_are_read_in_one_room(house: str) -> None:
    """Nobody but `pipeline.page` parses HTML, JSON-LD or meta tags."""
    wrong = [
        f"{path.relative_to(ROOT)} reads pages by itself ({reader}): ask pipeline.page"
        for path in sorted((ROOT / house).rglob("*.py"))
        if path.parent != ROOT / "pipeline" / "page"
        for reader in HTML_READERS
        if reader in path.read_text(encoding="utf-8")
    ]
    assert not wrong, "\n" + "\n".join(wrong)
