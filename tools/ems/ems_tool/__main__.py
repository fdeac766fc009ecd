"""Run the command: `python -m ems_tool`."""

from __future__ import annotations

import sys

from ems_tool.cli import main

sys.exit(main())
