"""An installation like that of the end-to-end tests, in a home of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..support.fixtures import (
    installation,
    pytest_collection_modifyitems,
    pytest_configure,
    secrets_remembered,
    world,
)
from ..support.installation import Installation

__all__ = [
    "installation",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "secrets_remembered",
    "world",
]


@pytest.fixture(scope="session", autouse=True)
def hours_follow_from_readings(installation: Installation) -> Iterator[None]:
    """After all faults every hour follows from the readings."""
    yield
    installation.ems("manage", "monitoring_service", "verify_aggregates")
