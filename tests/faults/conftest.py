"""An installation like that of the end-to-end tests, in a home of its own."""

from __future__ import annotations

from ..support.fixtures import (
    installation,
    pytest_collection_modifyitems,
    pytest_configure,
    secrets_remembered,
    world,
)

__all__ = [
    "installation",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "secrets_remembered",
    "world",
]
