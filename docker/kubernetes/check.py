# /// script
# requires-python = ">=3.11"
# dependencies = ["helm-python-sdk==0.2.2", "kubernetes-validate==1.37.0", "pyyaml>=6"]
# ///
"""Render values.yaml with Airflow's chart, and hold all that comes of it against the schemas of the chart and of Kubernetes.

    uv run docker/kubernetes/check.py airflow-1.22.0.tgz

The chart is a folder or an archive. What Kubernetes itself has no schema of (KEDA's own kinds) is named. Needs no cluster.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from helm_python.chart import Chart
from helm_python.errors import HelmError

KUBERNETES = "1.37"
HERE = Path(__file__).parent


def main(chart: str) -> int:
    """Print what was checked and what is wrong, and return the exit code."""
    values = yaml.safe_load((HERE / "values.yaml").read_text(encoding="utf-8"))
    try:
        with Chart.load(chart) as loaded:
            loaded.validate_schema(values)
            rendered = loaded.render(values=values, name="warraq", namespace="warraq")
    except HelmError as error:
        print(f"{chart} does not take values.yaml: {error}", file=sys.stderr)
        return 1
    ours = list(yaml.safe_load_all((HERE / "network.yaml").read_text(encoding="utf-8")))
    made = [
        one for name, text in rendered.items() if not name.endswith(".txt") for one in yaml.safe_load_all(text) if one
    ]
    wrong = [told for one in (*made, *ours) if (told := _wrong(one))] + _selects_nothing(ours, made)
    for told in wrong:
        print(told, file=sys.stderr)
    print(f"{len(made)} objects of the chart and {len(ours)} of ours, {len(wrong)} wrong")
    return 1 if wrong else 0


def _wrong(manifest: dict[str, Any]) -> str | None:
    name = f"{manifest['kind']} {manifest['metadata']['name']}"
    try:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
    except kubernetes_validate.SchemaNotFoundError:
        print(f"{name}: Kubernetes has no schema of its own for it")
    except kubernetes_validate.ValidationError as error:
        return f"{name}: {error.message}"
    return None


def _selects_nothing(policies: list[dict[str, Any]], made: list[dict[str, Any]]) -> list[str]:
    """A policy that selects no pods holds nobody to anything, and says nothing."""
    pods = [one["spec"]["template"]["metadata"]["labels"].items() for one in made if "template" in one.get("spec", {})]
    return [
        f"NetworkPolicy {policy['metadata']['name']} selects no pod of the chart"
        for policy in policies
        if not any(policy["spec"]["podSelector"]["matchLabels"].items() <= labels for labels in pods)
    ]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(
            "which chart? docker/kubernetes/check.py CHART, a folder or an archive of Airflow's official Helm chart"
        )
    sys.exit(main(sys.argv[1]))
