"""What all pages have in common."""

from __future__ import annotations

import hashlib
from base64 import b64encode

import pytest
from jinja2 import TemplateNotFound

from pipeline import html


def test_only_the_one_script_may_run_and_nothing_may_be_loaded() -> None:
    digest = b64encode(hashlib.sha256(html.SCRIPT.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html.policy(with_script=True)
    assert "script-src" not in html.policy()
    assert all("default-src 'none'" in html.policy(with_script=with_script) for with_script in (True, False))
    assert "</script" not in html.SCRIPT
    with pytest.raises(TemplateNotFound):
        html.render("../text.py")
