from __future__ import annotations

import sys

from ems_tool.cli import main

sys.exit(main())
