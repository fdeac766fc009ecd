"""Progress for people: a bar on a terminal, an occasional line in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

#: Standard error, so that standard output holds the summary alone. Shared, because a log line has
#: to pass through the same console as the bar it would tear.
console = Console(stderr=True)


class Reporter:
    """Progress of one command, on standard error."""

    def __init__(self, title: str, line_every: float = 10.0) -> None:
        """Prepare a bar on a terminal, else a line every `line_every` seconds."""
        self._title = title
        self._line_every = line_every
        self._last_line = time.monotonic()
        self._bar: Progress | None = None
        if console.is_terminal:
            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[counts]}"),
                TimeRemainingColumn(),
                console=console,
            )
            self._task = self._bar.add_task(title, total=1.0, counts="")

    def __enter__(self) -> Reporter:
        """Show the bar."""
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()

    def show(self, share: float | None, handed_over: int, confirmed: int) -> None:
        """Show the counts of readings, and the share of the work done, 0 to 1; None: endless."""
        if self._bar is not None:
            counts = f"{confirmed:,} confirmed of {handed_over:,}"
            self._bar.update(self._task, completed=share or 0, counts=counts)
            if share is None:
                self._bar.update(self._task, total=None)
        elif time.monotonic() - self._last_line >= self._line_every:
            self._last_line = time.monotonic()
            done = "" if share is None else f"{share:.0%}, "
            print(
                f"{self._title}: {done}{confirmed} of {handed_over} readings confirmed",
                file=sys.stderr,
                flush=True,
            )
