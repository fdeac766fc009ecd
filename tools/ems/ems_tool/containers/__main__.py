"""Run one command of the containers' preparation."""

from __future__ import annotations

import sys

from ems_tool.containers.commands import main

sys.exit(main(sys.argv[1:]))
