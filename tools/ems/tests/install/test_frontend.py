"""The packages with which the dashboard is built."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from ems_tool.configuration.home import ROOT
from ems_tool.install import frontend

LOCKED = [frontend.FOLDER, frontend.BROWSER_TESTS, ROOT / "tests" / "kubernetes"]

#: Packages whose script does nothing that is used here: msw's copies a worker for browsers, which
#: package.json does not ask for.
NEEDLESS_SCRIPTS = {"node_modules/msw"}


def test_installing_packages_runs_no_program_of_theirs():
    package = {"name": "evil", "version": "1.0.0", "scripts": {"postinstall": "touch ran"}}
    lock = {"name": "evil", "version": "1.0.0", "lockfileVersion": 3, "requires": True}
    lock["packages"] = {"": {"name": "evil", "version": "1.0.0", "hasInstallScript": True}}
    # In the checkout, where nothing above it belongs to somebody else; ignored by git.
    with tempfile.TemporaryDirectory(prefix=".ems-", dir=ROOT) as name:
        folder = Path(name)
        (folder / "package.json").write_text(json.dumps(package))
        (folder / "package-lock.json").write_text(json.dumps(lock))

        frontend._npm("ci", folder=folder)
        ran_without_our_option = (folder / "ran").exists()
        (folder / "ran").unlink(missing_ok=True)
        frontend.ensure_modules(folder)

        assert ran_without_our_option
        assert not (folder / "ran").exists()


@pytest.mark.parametrize("folder", LOCKED, ids=lambda folder: folder.name)
def test_no_locked_package_needs_a_script_to_work(folder: Path):
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]

    scripted = {name for name, package in packages.items() if package.get("hasInstallScript")}
    assert scripted <= NEEDLESS_SCRIPTS
