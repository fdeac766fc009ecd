"""The same installation as the end-to-end tests have, in a home of its own."""

from __future__ import annotations

from ..e2e.conftest import installation, world

__all__ = ["installation", "world"]
