"""The simulator runs in an environment that holds nothing but its own requirements.

The installation needs a registry of Python packages, which only this part of the tests may use.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SIMULATOR = Path(__file__).parents[2] / "device_simulator"


def run(*argv: str | Path) -> str:
    done = subprocess.run(argv, cwd=SIMULATOR, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_simulator_prints_its_help_in_a_fresh_environment(tmp_path):
    run(sys.executable, "-m", "venv", tmp_path)
    python = tmp_path / "bin" / "python"

    run(python, "-m", "pip", "install", "--quiet", "-r", "requirements.txt")

    assert "backfill" in run(python, "simulator.py", "--help")
