"""What statements share: how integers are sent, and how their sums are read."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal


def array(values: Iterable[int]) -> str:
    """A PostgreSQL array literal of integers: a tenth of what adapting a list costs."""
    return "{" + ",".join(map(str, values)) + "}"


def whole(total: Decimal | None) -> int | None:
    """Return the sum of a column of 64-bit integers, which may pass them; None of no rows."""
    return None if total is None else int(total)
