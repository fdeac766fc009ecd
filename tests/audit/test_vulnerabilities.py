"""Nothing that is shipped has a known vulnerability, as far as the registries tell.

They are asked for advisories over the network, which a mirror of packages alone does not answer:
then these tests are skipped and say so. What holds without a network is tested elsewhere: every
package is pinned by version and hash, and `./ems lock --upgrade` takes the newest that fit.
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
        # All that a native installation has; every image has a part of it, in the same versions.
        [*PIP_AUDIT, "--requirement", "requirements/platform.txt"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if not done.stdout:
        pytest.skip(f"pip-audit got no advisories: {done.stderr.strip().splitlines()[-1:]}")
    found = json.loads(done.stdout)["dependencies"]
    told = [one for one in found if "skip_reason" not in one]
    if not told:
        pytest.skip(f"no advisories from this registry: {found[0]['skip_reason']}")

    assert {one["name"]: one["vulns"] for one in told if one["vulns"]} == {}


def test_no_package_of_the_dashboard_has_a_known_vulnerability():
    npm = ROOT / ".venv" / "bin" / "npm"
    done = subprocess.run(
        [npm, "audit", "--json", "--package-lock-only", "--omit=dev"],
        cwd=ROOT / "frontend",
        env=os.environ | {"PATH": f"{npm.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stdout or "{}")
    if "vulnerabilities" not in found:
        pytest.skip(f"no advisories from this registry: {found.get('message', done.stderr)}")

    assert found["vulnerabilities"] == {}
