"""Run the command `device-simulator` as `python -m device_simulator`."""

from __future__ import annotations

import sys

from device_simulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
