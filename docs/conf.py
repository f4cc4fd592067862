"""How Sphinx makes the site of these pages and of the faces of the pipeline's rooms: ``make docs``."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from enum import Enum
from importlib import import_module, metadata
from typing import TYPE_CHECKING

from sphinx.pycode import ModuleAnalyzer

import pipeline

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from docutils.nodes import Element, reference
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "warraq"
release = metadata.version("warraq")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 4  # named as the code host names them
nitpicky = True
# Signatures name the types and errors of libraries and of interiors too, which have no page here.
nitpick_ignore_regex = [("py:(class|exc)", ".*")]

smartquotes = False  # docstrings quote literal values
default_role = "code"  # docstrings set code between single backticks, as Markdown does
napoleon_custom_sections = [("Attributes", "params_style")]  # a list below the class, not an entry each
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100

html_theme = "furo"
html_title = "warraq · ورّاق"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_copy_source = False


def find_faces() -> dict[str, ModuleType]:
    """The packages below ``pipeline`` that hand names on: those with an ``__all__``."""
    packages = (import_module(one.name) for one in pkgutil.walk_packages(pipeline.__path__, "pipeline.") if one.ispkg)
    return {package.__name__: package for package in packages if hasattr(package, "__all__")}


FACES = find_faces()
PUBLIC = {
    f"{member.__module__}.{member.__qualname__}": f"{face}.{name}"
    for face, package in FACES.items()
    for name in package.__all__
    if inspect.isroutine(member := getattr(package, name)) or inspect.isclass(member)
}
"""Where classes and functions are written, and where they are handed on."""


def list_faces(_app: Sphinx, page: str, source: list[str]) -> None:
    """Fill the page of the reference."""
    if page == "api":
        for face in FACES:
            source[0] += "\n".join(["", f"## {face}", "", "```{eval-rst}", *_directives(face), "```", ""])


def _directives(face: str) -> Iterable[str]:
    yield f".. automodule:: {face}"
    for name in FACES[face].__all__:
        member = getattr(FACES[face], name)
        if inspect.isclass(member):
            yield f".. autoclass:: {face}.{name}\n   :members:"
            if issubclass(member, Enum):
                yield "   :undoc-members:"
        elif inspect.isroutine(member):
            yield f".. autofunction:: {face}.{name}"
        else:
            yield f".. autodata:: {face}.{name}"
            if "\n" in repr(member):
                yield "   :no-value:"


def describe_constant(_app: Sphinx, what: str, name: str, _value: object, _options: object, lines: list[str]) -> None:
    """Give a constant the words that stand below it where it is written: Sphinx looks for them in the face alone."""
    if what == "data":
        face, _, constant = name.rpartition(".")
        for node in ast.parse(inspect.getsource(FACES[face])).body:
            if isinstance(node, ast.ImportFrom) and node.module and constant in {alias.name for alias in node.names}:
                lines[:] = ModuleAnalyzer.for_module(node.module).find_attr_docs().get(("", constant), [])


def find_public(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: Element) -> reference | None:
    """Lead a name of an interior to the face that hands it on."""
    public = PUBLIC.get(node["reftarget"])
    if public is None:
        return None
    python = env.domains.python_domain
    return python.resolve_xref(env, node["refdoc"], app.builder, node["reftype"], public, node, content)


def setup(app: Sphinx) -> None:
    """Connect what is above."""
    app.connect("source-read", list_faces)
    app.connect("autodoc-process-docstring", describe_constant)
    app.connect("missing-reference", find_public)
