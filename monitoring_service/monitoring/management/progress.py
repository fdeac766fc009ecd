"""Progress of a long command, on a terminal only, so that log files do not fill with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

Item = TypeVar("Item")


def with_progress(items: Iterable[Item], total: int, unit: str, stream: TextIO) -> Iterator[Item]:
    """Yield the items, and rewrite their count on one line of `stream` after each."""
    terminal = stream.isatty()
    for done, item in enumerate(items, start=1):
        yield item
        if terminal:
            stream.write(f"\r{done:,} of {total:,} {unit}")
            stream.flush()
    if terminal:
        stream.write("\n")
