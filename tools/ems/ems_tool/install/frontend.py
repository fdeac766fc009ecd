"""The build of the dashboard, by the Node.js that is installed as a wheel."""

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
#: The folder with the packages that check pages in the browser tests.
BROWSER_TESTS = ROOT / "tests" / "e2e"
DIST = FOLDER / "dist"
_NEXT = FOLDER / "node_modules" / ".dist-next"
_STAMP = DIST / ".built-from"
#: The files and folders on which the build depends.
_SOURCES = ("src", "public", "index.html", "package.json", "package-lock.json", "vite.config.ts")


def environment() -> dict[str, str]:
    """Return this process's environment with the wheel's Node.js first on the path."""
    return os.environ | {
        "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ.get('PATH', '')}",
        "npm_config_fund": "false",
        "npm_config_audit": "false",
        "npm_config_update_notifier": "false",
        "CI": "true",
    }


def ensure_modules(folder: Path = FOLDER) -> None:
    """Install the packages of a folder's package-lock.json, unless they are installed."""
    if not _modules_fit(folder):
        with step(f"Installing the packages of {folder.relative_to(ROOT)}"):
            # Without this option any of hundreds of packages could run a program here.
            _npm("ci", "--ignore-scripts", folder=folder)


def _modules_fit(folder: Path) -> bool:
    # npm leaves a lock of what it installed in node_modules.
    try:
        installed = json.loads((folder / "node_modules" / ".package-lock.json").read_text())
    except (OSError, ValueError):
        return False
    present = installed["packages"]
    locked = json.loads((folder / "package-lock.json").read_text())["packages"]
    return all(
        # Packages for other systems are optional and not installed.
        present[path]["version"] == package["version"]
        if path in present
        else package.get("optional", False)
        for path, package in locked.items()
        if path
    )


def ensure_built() -> None:
    """Build the dashboard, unless nothing has changed since the last build."""
    with _alone():
        fingerprint = _fingerprint()
        if _STAMP.exists() and _STAMP.read_text() == fingerprint:
            return
        ensure_modules()
        with step("Building the dashboard"):
            # Into another folder: the present build stays complete if this one fails.
            _npm("run", "build", "--", "--outDir", str(_NEXT), "--emptyOutDir")
        (_NEXT / _STAMP.name).write_text(fingerprint)
        shutil.rmtree(DIST, ignore_errors=True)
        _NEXT.rename(DIST)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    # Two installations of one checkout share the build and may start at the same time.
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
        # npm reports errors at the top, a build at the end; the help in between is left out.
        excerpt = lines if len(lines) <= 30 else [*lines[:12], "…", *lines[-12:]]
        text = "\n".join(excerpt)
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
        return sorted(file for file in path.rglob("*") if file.is_file())
    return [path] if path.exists() else []
