"""A supervised process: it is started again when it ends, and stopped with its children."""

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
#: A process that ran this many seconds is stable: after its next end only the first delay applies.
STABLE_AFTER = 10.0
#: Bytes after which a log is rotated. One older log is kept.
LOG_LIMIT = 20_000_000


class SupervisedProcess:
    """A process of the installation. No method waits; `tick` does the work that is due."""

    def __init__(self, spec: ProcessSpec, run: Path, logs: Path) -> None:
        """Describe a process that does not run yet; its log is written below `logs`."""
        self.spec = spec
        self.restarts = 0
        self.exit_status: int | None = None
        self._pid_file = run / "pids" / f"{spec.name}.json"
        self._log = logs / f"{spec.name}.log"
        self._popen: subprocess.Popen[bytes] | None = None
        self._should_run = False
        self._stopped_by_hand = False
        self._stopping_since: float | None = None
        self._started = 0.0
        self._delay = FIRST_DELAY
        self._next_start = 0.0

    @property
    def pid(self) -> int | None:
        """Return the process number; None while it does not run."""
        return self._popen.pid if self._popen is not None else None

    @property
    def state(self) -> str:
        """Return `running`, `stopping`, `backoff` (waiting to be started again) or `stopped`."""
        if self._popen is not None:
            return "running" if self._stopping_since is None else "stopping"
        return "backoff" if self._should_run else "stopped"

    def as_dict(self) -> dict[str, Any]:
        """Return the process's part of the supervisor's status."""
        return {
            "name": self.spec.name,
            "state": self.state,
            "pid": self.pid,
            "restarts": self.restarts,
            "exit_status": self.exit_status,
            "stopped_by_hand": self._stopped_by_hand,
        }

    def start(self) -> None:
        """Start the process, unless it runs, and keep it running."""
        self._should_run = True
        self._stopped_by_hand = False
        if self._popen is None:
            self._launch()

    def stop(self, by_hand: bool = False) -> None:
        """Signal the process to stop, and do not start it again."""
        self._should_run = False
        self._stopped_by_hand = by_hand
        self._request_stop()

    def restart(self, spec: ProcessSpec) -> None:
        """Stop the process gracefully, then start it at once, with a possibly changed `spec`."""
        self.spec = spec
        self._should_run = True
        self._stopped_by_hand = False
        if self._popen is None:
            self._launch()
        else:
            self._delay = 0.0
            self._request_stop()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process; KILL, STOP and CONT to its whole tree."""
        if self._popen is None:
            return
        to_tree = number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT)
        entries = process_table.tree(self._popen.pid)
        process_table.send(entries if to_tree else entries[:1], number)

    def tick(self) -> None:
        """Kill the process if it does not stop in time; start it again if it ended."""
        now = time.monotonic()
        if self._popen is not None:
            since = self._stopping_since
            if since is not None and now - since > self.spec.stop_seconds:
                process_table.send(process_table.tree(self._popen.pid), signal.SIGKILL)
        elif self._should_run and now >= self._next_start:
            self.restarts += 1
            self._launch()

    def ended(self, status: int) -> None:
        """Record that the process has ended and was reaped, with its wait status."""
        if self._popen is None:
            return
        self.exit_status = os.waitstatus_to_exitcode(status)
        self._popen.returncode = self.exit_status
        # Processes left in its session would hold its port or its files.
        process_table.send(process_table.tree(self._popen.pid), signal.SIGKILL)
        requested = self._stopping_since is not None
        self._popen = None
        self._stopping_since = None
        if not self._should_run:
            self._pid_file.unlink(missing_ok=True)
            return
        if requested or time.monotonic() - self._started > STABLE_AFTER:
            self._delay = 0.0 if requested else FIRST_DELAY
        self._next_start = time.monotonic() + self._delay
        self._write(f"ended with status {self.exit_status}; starting again in {self._delay:.0f} s")
        self._delay = min(max(self._delay * 2, FIRST_DELAY), LONGEST_DELAY)

    def rotate(self) -> None:
        """Rotate the log when it has grown too long."""
        if not self._log.exists():
            return
        try:
            with files.open_plain(self._log, os.O_RDWR) as log:
                if os.fstat(log.fileno()).st_size <= LOG_LIMIT:
                    return
                # Copied and truncated, because the process keeps the file open; lines written
                # between the two steps are lost.
                with files.replacing_private(self._log.with_suffix(".log.1")) as older:
                    shutil.copyfileobj(log, older)
                log.truncate(0)
        except (OSError, EmsError) as error:
            self._write(f"the log cannot be rotated: {error}")

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
        try:
            process_table.remember(self._pid_file, self._popen.pid)
        except OSError as error:
            # A full disk must not end the supervisor: all processes would run unsupervised.
            self._write(f"is not recorded for a later supervisor: {error}")

    def _request_stop(self) -> None:
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
            # A log that cannot be written must not end the supervisor and with it all processes.
            print(f"{line.strip()} ({error})", file=sys.stderr, flush=True)
