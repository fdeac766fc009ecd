"""How far a long command has come, on a terminal only: a log file must not fill with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

Item = TypeVar("Item")


def shown(items: Iterable[Item], total: int, unit: str, stream: TextIO) -> Iterator[Item]:
    """The items, with their count rewritten on one line of `stream` after each."""
    terminal = stream.isatty()
    for done, item in enumerate(items, start=1):
        yield item
        if terminal:
            stream.write(f"\r{done:,} of {total:,} {unit}")
            stream.flush()
    if terminal:
        stream.write("\n")
