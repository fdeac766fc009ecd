"""One supervised process: started, watched, started again when it ends, stopped as a whole."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from ems_tool import proc
from ems_tool.spec import Spec

#: Seconds before a process that ended is started again; doubled each time, up to the last value.
FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
#: A process that ran this many seconds counts as stable: its next end waits only the first delay.
STABLE_AFTER = 10.0
#: Bytes after which a log is moved aside. One older log is kept.
LOG_LIMIT = 20_000_000


class Child:
    """One process of the installation. All methods return at once; `tick` moves things on."""

    def __init__(self, spec: Spec, run: Path, logs: Path, owner: tuple[int, int] | None) -> None:
        self.spec = spec
        self.restarts = 0
        self.exit_status: int | None = None
        self._pid_file = run / "pids" / f"{spec.name}.json"
        self._log = logs / f"{spec.name}.log"
        self._owner = owner
        self._popen: subprocess.Popen[bytes] | None = None
        self._wanted = False
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
        }

    def start(self) -> None:
        """Start it, unless it runs, and keep it running."""
        self._wanted = True
        if self._popen is None:
            self._launch()

    def stop(self) -> None:
        """Ask it to stop, and do not start it again."""
        self._wanted = False
        self._ask()

    def restart(self, spec: Spec) -> None:
        """Stop it in its own time, then start it at once, by a possibly changed `spec`."""
        self.spec = spec
        self._wanted = True
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
        entries = proc.tree(self._popen.pid)
        proc.send(entries if whole else entries[:1], number)

    def tick(self) -> None:
        """Do what is due: kill what does not stop, start again what ended."""
        now = time.monotonic()
        if self._popen is not None:
            since = self._stopping_since
            if since is not None and now - since > self.spec.stop_seconds:
                proc.send(proc.tree(self._popen.pid), signal.SIGKILL)
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
        proc.send(proc.tree(self._popen.pid), signal.SIGKILL)
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
        # Copied and cut, because the process keeps its file open. Lines in between are lost.
        if self._log.exists() and self._log.stat().st_size > LOG_LIMIT:
            self._log.with_suffix(".log.1").write_bytes(self._log.read_bytes())
            os.truncate(self._log, 0)

    def _launch(self) -> None:
        with open(self._log, "ab") as log:
            if self._owner is not None:
                os.chown(self._log, *self._owner)
            try:
                self._popen = subprocess.Popen(
                    self.spec.argv,
                    cwd=self.spec.cwd,
                    env=self.spec.env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            except OSError as error:
                self._write(f"cannot be started: {error}")
                self._next_start = time.monotonic() + LONGEST_DELAY
                return
        self._started = time.monotonic()
        self._stopping_since = None
        proc.remember(self._pid_file, self._popen.pid)

    def _ask(self) -> None:
        if self._popen is None:
            return
        if self._stopping_since is None:
            self._stopping_since = time.monotonic()
        entries = proc.tree(self._popen.pid)
        # A stopped process would never see the request.
        proc.send(entries, signal.SIGCONT)
        proc.send(entries[:1], signal.Signals[f"SIG{self.spec.stop_signal}"])

    def _write(self, text: str) -> None:
        with open(self._log, "a") as log:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            log.write(f"{stamp} ems: {self.spec.name} {text}\n")
