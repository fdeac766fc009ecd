"""Integers in statements: arrays as parameters, and sums as results."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal


def array(values: Iterable[int | None]) -> str:
    """Return a PostgreSQL array literal of integers, at a tenth of the cost of adapting a list."""
    return ("{" + ",".join(map(str, values)) + "}").replace("None", "NULL")


def whole(total: Decimal | None) -> int | None:
    """Return the sum of a column of 64-bit integers, which may exceed 64 bits; None for no rows."""
    return None if total is None else int(total)
