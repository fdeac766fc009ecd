"""Install the packages of the lock into `.venv`.

It needs the standard library only, because it runs before anything is installed.

`environment.py --check` exits with 0 if there is nothing to do; it takes milliseconds.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
#: Folders of this repository that are imported in place; nothing of it is installed.
SOURCES = (
    "packages/energy_contracts/src",
    "packages/service_kit/src",
    "device_simulator/src",
    "tools/ems",
)


def requirements(name: str) -> Path:
    """Return the path of one of the requirements files."""
    return ROOT / "requirements" / f"{name}.txt"


def _stamp_of(name: str) -> str:
    # The path is part of it: the scripts of an environment name the folder in which it was made.
    content = requirements(name).read_bytes() + str(VENV).encode()
    return hashlib.sha256(content).hexdigest()


def is_ready(name: str = "platform") -> bool:
    """Return whether the environment holds the packages of the requirements file `name`."""
    stamp = VENV / f"{name}.stamp"
    return stamp.is_file() and stamp.read_text() == _stamp_of(name)


def ensure(name: str = "platform") -> None:
    """Create or update the environment. Waits for another process that is doing the same."""
    if is_ready(name):
        return
    with _alone():
        if is_ready(name):
            return
        if not _works():
            print("ems: making the Python environment", file=sys.stderr, flush=True)
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        print(f"ems: installing Python packages ({name})", file=sys.stderr, flush=True)
        if not _install_by_uv(requirements(name)):
            _install_by_pip(requirements(name))
        _link_sources()
        (VENV / f"{name}.stamp").write_text(_stamp_of(name))


def _install_by_pip(path: Path) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes"]
    command += ["--disable-pip-version-check", "--no-input", "-r", str(path)]
    subprocess.run(command, check=True, stdout=sys.stderr, stderr=sys.stderr)


def _install_by_uv(path: Path) -> bool:
    # Five times as fast as pip, but it does not read pip's configuration. Where that names another
    # index, or uv fails for any reason, pip does the work.
    uv = VENV / "bin" / "uv"
    if "PIP_INDEX_URL" in os.environ or _pip_names_an_index():
        return False
    try:
        if not uv.exists():
            with tempfile.TemporaryDirectory() as folder:
                only_uv = Path(folder) / "uv.txt"
                only_uv.write_text(_pin_of("uv", path))
                _install_by_pip(only_uv)
        command = [str(uv), "pip", "install", "--quiet", "--python", str(PYTHON)]
        command += ["--require-hashes", "--compile-bytecode", "--link-mode=copy", "-r", str(path)]
        subprocess.run(command, check=True, stdout=sys.stderr)
    except (subprocess.CalledProcessError, OSError):
        return False
    return True


def _pip_names_an_index() -> bool:
    command = [str(PYTHON), "-m", "pip", "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True).stdout
    return any(line.split("=")[0].endswith(".index-url") for line in listing.splitlines())


def _pin_of(name: str, path: Path) -> str:
    """Return the lines of one package in a requirements file: its version and its hashes."""
    lines: list[str] = []
    for line in path.read_text().splitlines():
        if line.startswith(f"{name}==") or (lines and line.startswith(" ")):
            lines.append(line)
        elif lines:
            break
    return "\n".join(lines) + "\n"


def _works() -> bool:
    if not PYTHON.exists():
        return False
    return (
        subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True).returncode == 0
    )


def _link_sources() -> None:
    site = next((VENV / "lib").glob("python3.*")) / "site-packages"
    lines = [str(ROOT / folder) for folder in SOURCES]
    (site / "energy_platform.pth").write_text("\n".join(lines) + "\n")


@contextmanager
def _alone() -> Iterator[None]:
    # The folder itself is locked: no lock file has to be created or removed.
    descriptor = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if is_ready() else 1)
    try:
        ensure(*sys.argv[1:])
    except subprocess.CalledProcessError:
        sys.exit("ems: the Python packages could not be installed; the reason is above.")
