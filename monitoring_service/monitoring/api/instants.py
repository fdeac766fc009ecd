"""Instants as the API writes them."""

from __future__ import annotations

from datetime import datetime


def iso(instant: datetime) -> str:
    """Return the instant by RFC 3339 in UTC, the format of all answers."""
    return instant.isoformat().replace("+00:00", "Z")
