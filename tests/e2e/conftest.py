"""One installation for all end-to-end tests."""

from __future__ import annotations

from ..support.fixtures import (
    installation,
    pytest_collection_modifyitems,
    pytest_configure,
    recordings,
    secrets_remembered,
    world,
)

__all__ = [
    "installation",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "recordings",
    "secrets_remembered",
    "world",
]
