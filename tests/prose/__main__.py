"""List what docs/glossary.md bans: `python -m tests.prose [PATH …]`, from the root."""

from __future__ import annotations

import sys

from .language import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
