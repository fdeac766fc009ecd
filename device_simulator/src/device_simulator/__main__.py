"""`python -m device_simulator` is the command `device-simulator`."""

from __future__ import annotations

import sys

from device_simulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
