"""What people read: plain lines when piped, colours and a moving line on a terminal."""

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
    """Something the reader can act on. Its text is shown as it is, without a traceback."""


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show that `text` is being done, and afterwards how many seconds it took."""
    started = time.monotonic()
    if err.is_terminal:
        with err.status(text):
            yield
    else:
        err.print(f"  … {text}", markup=False)
        yield
    seconds = time.monotonic() - started
    # The shortest steps would only be noise.
    if seconds >= 0.1:
        err.print(f"[green]  ✓[/green] {text} [dim]{seconds:.1f} s[/dim]")


def note(text: str) -> None:
    """Say something in passing."""
    err.print(f"    {text}", markup=False)


def fail(text: str) -> None:
    """Say why the command gives up."""
    sys.stdout.flush()
    err.print(f"[red]ems:[/red] {text}" if err.is_terminal else f"ems: {text}")
