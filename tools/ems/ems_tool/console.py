"""Output for people: plain lines in a pipe, colours and a progress line on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

out = Console(highlight=False, soft_wrap=True)
#: Progress and errors go to standard error, so that `--json` output stays clean.
err = Console(stderr=True, highlight=False, soft_wrap=True)


class EmsError(Exception):
    """An error that the reader can act on; its text is shown without a traceback."""


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show `text` while the block runs, and afterwards the seconds it took."""
    started = time.monotonic()
    if err.is_terminal:
        with err.status(text):
            yield
    else:
        err.print(f"  … {text}", markup=False)
        yield
    seconds = time.monotonic() - started
    # Steps shorter than that would only fill the screen.
    if seconds >= 0.1:
        err.print(f"[green]  ✓[/green] {text} [dim]{seconds:.1f} s[/dim]")


def note(text: str) -> None:
    """Print a remark."""
    err.print(f"    {text}", markup=False)


def fail(text: str) -> None:
    """Print the reason why the command fails."""
    sys.stdout.flush()
    err.print(f"[red]ems:[/red] {text}" if err.is_terminal else f"ems: {text}")
