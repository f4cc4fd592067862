"""Pages of the docs that hold a table of what was measured: it stands between two remarks, and is written anew by what measures."""

from __future__ import annotations

import re

from warraq.servers import ROOT


def put_table(page: str, name: str, table: str) -> None:
    """Put a table, as Markdown, in place of that of this name in a page of ``docs/``."""
    path = ROOT / "docs" / page
    told = f"<!-- {name} -->\n{table}\n<!-- end -->"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(f"<!-- {name} -->.*?<!-- end -->", lambda _: told, text, flags=re.DOTALL), encoding="utf-8")
