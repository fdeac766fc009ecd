"""The copy of schemas and examples as of the last release, in `released/`.

`python -m energy_contracts.released` renews the copy, once, when a release is made. The copy is
committed instead of read from a tag of the repository, because a clone may come without tags.
"""

from __future__ import annotations

import json
import shutil
from typing import Any

from energy_contracts.schemas import PACKAGE_DIR

RELEASED_DIR = PACKAGE_DIR / "released"


def released_schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas of the last release by message name."""
    paths = sorted((RELEASED_DIR / "schemas").glob("*.schema.json"))
    return {path.name.partition(".")[0]: json.loads(path.read_text()) for path in paths}


def main() -> None:
    """Copy today's schemas and examples to `released/`."""
    shutil.rmtree(RELEASED_DIR, ignore_errors=True)
    for folder in ("schemas", "examples"):
        shutil.copytree(PACKAGE_DIR / folder, RELEASED_DIR / folder)


if __name__ == "__main__":
    main()
