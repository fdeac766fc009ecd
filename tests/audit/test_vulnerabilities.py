"""No shipped package has a known vulnerability, as far as the registries publish advisories.

A mirror that holds packages alone has no advisories: these tests are then skipped with that reason.
Other tests check, without a network, that every package is pinned by version and hash.
`./ems lock --upgrade` takes the newest versions that fit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIP_AUDIT = [sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--format", "json"]


def test_no_python_package_has_a_known_vulnerability():
    done = subprocess.run(
        # A native installation has all packages; every image has some of them, in these versions.
        [*PIP_AUDIT, "--requirement", "requirements/platform.txt"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if not done.stdout:
        pytest.skip(f"pip-audit got no advisories: {done.stderr.strip().splitlines()[-1:]}")
    packages = json.loads(done.stdout)["dependencies"]
    audited = [package for package in packages if "skip_reason" not in package]
    if not audited:
        pytest.skip(f"no advisories from this registry: {packages[0]['skip_reason']}")

    assert {p["name"]: p["vulns"] for p in audited if p["vulns"]} == {}


def test_no_package_of_the_dashboard_has_a_known_vulnerability():
    npm = ROOT / ".venv" / "bin" / "npm"
    done = subprocess.run(
        [npm, "audit", "--json", "--package-lock-only", "--omit=dev"],
        cwd=ROOT / "frontend",
        env=os.environ | {"PATH": f"{npm.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    report = json.loads(done.stdout or "{}")
    if "vulnerabilities" not in report:
        pytest.skip(f"no advisories from this registry: {report.get('message', done.stderr)}")

    assert report["vulnerabilities"] == {}
