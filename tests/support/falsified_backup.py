"""Backups with a manifest that does not fit their dumps."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ems_tool.backup import archive


def falsified(file: Path, target: Path, change: Callable[[dict[str, Any]], None], key: str) -> Path:
    """Write the same backup with another manifest, authenticated with `key`; return its path."""
    with zipfile.ZipFile(file) as source, open(target, "wb") as stream:
        writer = archive.Writer(stream, key)
        for name in source.namelist():
            content = source.read(name)
            if name == "manifest.json":
                manifest = json.loads(content)
                change(manifest)
                content = json.dumps(manifest).encode()
            writer.zip.writestr(name, content)
        writer.close()
    return target


def one_user_more(manifest: dict[str, Any]) -> None:
    manifest["totals"]["auth_service"]["users"] += 1
