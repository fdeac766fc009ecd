"""The one piece of SQL writing that is shared."""

from __future__ import annotations

from collections.abc import Iterable


def array(values: Iterable[int]) -> str:
    """A PostgreSQL array literal of integers: a tenth of what adapting a list costs."""
    return "{" + ",".join(map(str, values)) + "}"
