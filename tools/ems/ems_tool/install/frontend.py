"""The dashboard's files, built by the Node.js that comes as a wheel."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ems_tool.configuration.home import ROOT
from ems_tool.console import EmsError, step

FOLDER = ROOT / "frontend"
#: What the tests in a browser judge pages with.
BROWSER_TESTS = ROOT / "tests" / "e2e"
DIST = FOLDER / "dist"
_NEXT = FOLDER / "node_modules" / ".dist-next"
_STAMP = DIST / ".built-from"
#: Whatever is in these changes what is built.
_SOURCES = ("src", "public", "index.html", "package.json", "package-lock.json", "vite.config.ts")


def environment() -> dict[str, str]:
    """Return our environment with the wheel's Node.js first on the path."""
    return os.environ | {
        "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ.get('PATH', '')}",
        "npm_config_fund": "false",
        "npm_config_audit": "false",
        "npm_config_update_notifier": "false",
        "CI": "true",
    }


def ensure_modules(folder: Path = FOLDER) -> None:
    """Install what a folder's package-lock.json lists, unless that is there already."""
    if not _modules_fit(folder):
        with step(f"Installing the packages of {folder.relative_to(ROOT)}"):
            # Any of hundreds of packages could otherwise run a program of its own right here.
            _npm("ci", "--ignore-scripts", folder=folder)


def _modules_fit(folder: Path) -> bool:
    # npm leaves a lock of what it installed in node_modules.
    try:
        installed = json.loads((folder / "node_modules" / ".package-lock.json").read_text())
    except (OSError, ValueError):
        return False
    there = installed["packages"]
    wanted = json.loads((folder / "package-lock.json").read_text())["packages"]
    return all(
        # Packages for other systems are optional and not installed.
        there[path]["version"] == one["version"] if path in there else one.get("optional", False)
        for path, one in wanted.items()
        if path
    )


def ensure_built() -> None:
    """Build the dashboard, unless nothing has changed since the last time."""
    with _alone():
        wanted = _fingerprint()
        if _STAMP.exists() and _STAMP.read_text() == wanted:
            return
        ensure_modules()
        with step("Building the dashboard"):
            # Beside the present one, which stays whole if this fails or is interrupted.
            _npm("run", "build", "--", "--outDir", str(_NEXT), "--emptyOutDir")
        (_NEXT / _STAMP.name).write_text(wanted)
        shutil.rmtree(DIST, ignore_errors=True)
        _NEXT.rename(DIST)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    # Two installations of one checkout share the build, and may be started at the same time.
    descriptor = os.open(FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _npm(*arguments: str, folder: Path = FOLDER) -> None:
    argv = [str(ROOT / ".venv" / "bin" / "npm"), *arguments]
    done = subprocess.run(
        argv,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        lines = done.stdout.splitlines()
        # npm says what is wrong at the top and a build at the end; help comes in between.
        shown = lines if len(lines) <= 30 else [*lines[:12], "…", *lines[-12:]]
        text = "\n".join(shown)
        raise EmsError(f"npm {' '.join(arguments)} failed in {folder}:\n{text}")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name in _SOURCES:
        for path in _files(FOLDER / name):
            digest.update(str(path.relative_to(FOLDER)).encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(one for one in path.rglob("*") if one.is_file())
    return [path] if path.exists() else []
