"""Run the simulator from this folder: `pip install -r requirements.txt && python simulator.py`.

Without arguments it is `run --config config.json`; arguments are those of `device-simulator`. The
environment variable RABBITMQ_URL, `--rabbitmq` or the file's `rabbitmq` names the broker.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent

if __name__ == "__main__":
    sys.path.insert(0, str(FOLDER / "src"))
    if len(sys.argv) == 1:
        sys.argv += ["run", "--config", str(FOLDER / "config.json")]
    runpy.run_module("device_simulator", run_name="__main__", alter_sys=True)
