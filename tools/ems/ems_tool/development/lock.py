"""The lock: the dependencies of every pyproject.toml, resolved once into hash-pinned files.

`development.txt` is resolved first and constrains all others, so that a service is tested with the
versions that it is shipped with. No file names a package registry; the installation chooses one.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

#: The oldest Python that everything here must run on (Debian 12's).
PYTHON = "3.11"
#: Each has one requirements file with its own dependencies.
DEPLOYABLES = ("auth_service", "device_service", "monitoring_service", "device_simulator", "setup")

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


def normalise(name: str) -> str:
    """Return the normalised name of a distribution, as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(requirement: str) -> str:
    """Return the normalised name at the start of a requirement line."""
    match = _NAME.match(requirement)
    if match is None:
        raise ValueError(f"not a requirement: {requirement!r}")
    return normalise(match.group())


class Workspace:
    """The pyproject files of the repository and their dependencies."""

    def __init__(self, root: Path) -> None:
        """Read the pyproject files of all members of the workspace at `root`."""
        self.root = root
        self.pyproject = _read(root / "pyproject.toml")
        self._projects: dict[str, dict[str, Any]] = {}
        self._folders: dict[str, str] = {}
        for folder in self.pyproject["tool"]["uv"]["workspace"]["members"]:
            pyproject = _read(root / folder / "pyproject.toml")
            name = normalise(pyproject["project"]["name"])
            self._projects[name] = pyproject
            self._folders[folder] = name

    def external(self, folder: str) -> set[str]:
        """Return the external dependencies of the project in `folder` and its workspace members."""
        if folder not in self._folders:
            return set()
        return set(self._expand(self._folders[folder], set()))

    def _expand(self, name: str, seen: set[str]) -> Iterator[str]:
        if name in seen:
            return
        seen.add(name)
        yield from self._outside(self._projects[name]["project"].get("dependencies", []), seen)

    def _outside(self, requirements: Iterable[str], seen: set[str]) -> Iterator[str]:
        """Yield requirements, with workspace members replaced by the members' requirements."""
        for requirement in requirements:
            name = requirement_name(requirement)
            if name in self._projects:
                yield from self._expand(name, seen)
            else:
                yield requirement

    def group(self, folder: str, name: str) -> set[str]:
        """Return the external dependencies of a dependency group of the project in `folder`."""
        pyproject = self._projects[self._folders[folder]] if folder else self.pyproject
        return set(self._outside(pyproject["dependency-groups"][name], set()))

    def inputs(self) -> dict[str, list[str]]:
        """Return the direct requirements behind every file: `{its stem: sorted lines}`."""
        files = {folder: self.external(folder) for folder in DEPLOYABLES}
        everything: set[str] = set()
        for folder in self._folders:
            everything |= self.external(folder)
        # The image that prepares containers holds the command without its native group.
        files["setup"] = self.external("tools/ems")
        files["platform"] = everything | self.group("tools/ems", "native")
        files["development"] = files["platform"] | self.group("", "test")
        return {name: sorted(lines) for name, lines in files.items()}


def digest(lines: list[str]) -> str:
    """Return the digest in a file, made of the requirements from which the file was resolved."""
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()[:32]


def refresh(root: Path, upgrade: bool = False) -> list[Path]:
    """Resolve and write every requirements file, keep the pins that fit; return the paths."""
    inputs = Workspace(root).inputs()
    target = root / "requirements"
    target.mkdir(exist_ok=True)
    order = ["development", "platform", *DEPLOYABLES]
    written = []
    for name in order:
        path = target / f"{name}.txt"
        constraint = None if name == "development" else target / "development.txt"
        _compile(path, inputs[name], constraint, upgrade)
        written.append(path)
    return written


def _compile(path: Path, lines: list[str], constraint: Path | None, upgrade: bool) -> None:
    uv = Path(sys.executable).with_name("uv")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "requirements.in"
        source.write_text("\n".join(lines) + "\n")
        output = Path(folder) / "requirements.txt"
        if path.exists() and not upgrade:
            output.write_text(path.read_text())
        command = [str(uv), "pip", "compile", str(source), "--output-file", str(output)]
        command += ["--universal", "--python-version", PYTHON, "--generate-hashes"]
        command += ["--no-emit-index-url", "--no-header", "--no-annotate", "--quiet", "--no-config"]
        if constraint is not None:
            command += ["--constraints", str(constraint)]
        if upgrade:
            command.append("--upgrade")
        subprocess.run(command, check=True, cwd=folder)
        header = (
            f"# Written by `./ems lock`; do not edit. Installed with `--require-hashes`.\n"
            f"# inputs: {digest(lines)}\n"
        )
        path.write_text(header + output.read_text())


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text())


if __name__ == "__main__":
    refresh(Path(__file__).parents[4], upgrade="--upgrade" in sys.argv)
