"""One supervised process: started, watched, started again when it ends, stopped as a whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any

from ems_tool import files
from ems_tool.console import EmsError
from ems_tool.runtime import process_table
from ems_tool.runtime.process_spec import ProcessSpec

#: Seconds before a process that ended is started again; doubled each time, up to the last value.
FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
#: A process that ran this many seconds counts as stable: its next end waits only the first delay.
STABLE_AFTER = 10.0
#: Bytes after which a log is moved aside. One older log is kept.
LOG_LIMIT = 20_000_000


class SupervisedProcess:
    """One process of the installation. All methods return at once; `tick` moves things on."""

    def __init__(self, spec: ProcessSpec, run: Path, logs: Path) -> None:
        self.spec = spec
        self.restarts = 0
        self.exit_status: int | None = None
        self._pid_file = run / "pids" / f"{spec.name}.json"
        self._log = logs / f"{spec.name}.log"
        self._popen: subprocess.Popen[bytes] | None = None
        self._wanted = False
        self._stopped_by_hand = False
        self._stopping_since: float | None = None
        self._started = 0.0
        self._delay = FIRST_DELAY
        self._next_start = 0.0

    @property
    def pid(self) -> int | None:
        """Return the number of the process, None while it does not run."""
        return self._popen.pid if self._popen is not None else None

    @property
    def state(self) -> str:
        """Return `running`, `stopping`, `backoff` (about to be started again) or `stopped`."""
        if self._popen is not None:
            return "running" if self._stopping_since is None else "stopping"
        return "backoff" if self._wanted else "stopped"

    def as_dict(self) -> dict[str, Any]:
        """Return what `ems status` shows."""
        return {
            "name": self.spec.name,
            "state": self.state,
            "pid": self.pid,
            "restarts": self.restarts,
            "exit_status": self.exit_status,
            "stopped_by_hand": self._stopped_by_hand,
        }

    def start(self) -> None:
        """Start it, unless it runs, and keep it running."""
        self._wanted = True
        self._stopped_by_hand = False
        if self._popen is None:
            self._launch()

    def stop(self, by_hand: bool = False) -> None:
        """Ask it to stop, and do not start it again."""
        self._wanted = False
        self._stopped_by_hand = by_hand
        self._ask()

    def restart(self, spec: ProcessSpec) -> None:
        """Stop it in its own time, then start it at once, by a possibly changed `spec`."""
        self.spec = spec
        self._wanted = True
        self._stopped_by_hand = False
        if self._popen is None:
            self._launch()
        else:
            self._delay = 0.0
            self._ask()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal: to the process, or to its whole tree where only that makes sense."""
        if self._popen is None:
            return
        whole = number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT)
        entries = process_table.tree(self._popen.pid)
        process_table.send(entries if whole else entries[:1], number)

    def tick(self) -> None:
        """Do what is due: kill what does not stop, start again what ended."""
        now = time.monotonic()
        if self._popen is not None:
            since = self._stopping_since
            if since is not None and now - since > self.spec.stop_seconds:
                process_table.send(process_table.tree(self._popen.pid), signal.SIGKILL)
        elif self._wanted and now >= self._next_start:
            self.restarts += 1
            self._launch()

    def ended(self, status: int) -> None:
        """Take note that the process is gone (it was reaped)."""
        if self._popen is None:
            return
        self.exit_status = os.waitstatus_to_exitcode(status)
        self._popen.returncode = self.exit_status
        # Whoever it leaves behind in its session would hold its port or its files.
        process_table.send(process_table.tree(self._popen.pid), signal.SIGKILL)
        asked = self._stopping_since is not None
        self._popen = None
        self._stopping_since = None
        if not self._wanted:
            self._pid_file.unlink(missing_ok=True)
            return
        if asked or time.monotonic() - self._started > STABLE_AFTER:
            self._delay = 0.0 if asked else FIRST_DELAY
        self._next_start = time.monotonic() + self._delay
        self._write(f"ended with status {self.exit_status}; starting again in {self._delay:.0f} s")
        self._delay = min(max(self._delay * 2, FIRST_DELAY), LONGEST_DELAY)

    def rotate(self) -> None:
        """Move the log aside when it has grown too long."""
        if not self._log.exists():
            return
        try:
            with files.open_plain(self._log, os.O_RDWR) as log:
                if os.fstat(log.fileno()).st_size <= LOG_LIMIT:
                    return
                # Copied and cut: the process keeps its file open. Lines in between are lost.
                with files.replacing_private(self._log.with_suffix(".log.1")) as older:
                    shutil.copyfileobj(log, older)
                log.truncate(0)
        except (OSError, EmsError) as error:
            self._write(f"the log cannot be moved aside: {error}")

    def _launch(self) -> None:
        try:
            with self._open_log() as log:
                self._popen = subprocess.Popen(
                    self.spec.argv,
                    cwd=self.spec.cwd,
                    env=self.spec.env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        except (OSError, EmsError) as error:
            self._write(f"cannot be started: {error}")
            self._next_start = time.monotonic() + LONGEST_DELAY
            return
        self._started = time.monotonic()
        self._stopping_since = None
        process_table.remember(self._pid_file, self._popen.pid)

    def _ask(self) -> None:
        if self._popen is None:
            return
        if self._stopping_since is None:
            self._stopping_since = time.monotonic()
        entries = process_table.tree(self._popen.pid)
        # A stopped process would never see the request.
        process_table.send(entries, signal.SIGCONT)
        process_table.send(entries[:1], signal.Signals[f"SIG{self.spec.stop_signal}"])

    def _open_log(self) -> AbstractContextManager[IO[bytes]]:
        return files.open_plain(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def _write(self, text: str) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = f"{stamp} ems: {self.spec.name} {text}\n"
        try:
            with self._open_log() as log:
                log.write(line.encode())
        except (OSError, EmsError) as error:
            # A log that cannot be written must not end the supervisor, and with it everything.
            print(f"{line.strip()} ({error})", file=sys.stderr, flush=True)
