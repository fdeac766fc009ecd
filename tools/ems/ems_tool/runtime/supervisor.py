"""The supervisor: one process for each installation, which keeps all others running.

The supervisor knows nothing of databases or services. A command sends it the processes to start
over a private socket, and the supervisor keeps them running until a command stops them. Run it as
`python -m ems_tool.runtime.supervisor RUN_FOLDER LOG_FOLDER [--owner PID]`.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from ems_tool.runtime import control_socket, process_table
from ems_tool.runtime.process_spec import ProcessSpec
from ems_tool.runtime.supervised_process import SupervisedProcess

#: Linux: orphaned descendants become children of this process, so that none is lost.
_PR_SET_CHILD_SUBREAPER = 36
#: Seconds between two checks of all processes when nothing happens.
_PERIOD = 0.2
_ROTATE_EVERY = 10.0
_OTHER_VERSION = (
    "The supervisor was started by another version of this command and does not understand {!r}. "
    "`./ems down` ends it, then `./ems up` starts this version."
)


class Supervisor:
    """The processes of one installation, and the socket that receives commands."""

    def __init__(self, run: Path, logs: Path, owner: process_table.Entry | None) -> None:
        """Listen for commands in `run`; when `owner` ends, all processes are stopped.

        Raises `BlockingIOError` if another supervisor serves the installation.
        """
        self._run = run
        self._logs = logs
        self._owner = owner
        self._processes: dict[str, SupervisedProcess] = {}
        self._ending = False
        self._last_rotation = 0.0
        self._listener = control_socket.listen(run)

    def loop(self) -> None:
        """Serve until `end` was called and all processes have stopped."""
        wake, wake_write = os.pipe()
        for descriptor in (wake, wake_write):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        while not (self._ending and self._all_stopped()):
            descriptors = [self._listener.fileno(), wake]
            ready, _, _ = select.select(descriptors, [], [], _PERIOD)
            if wake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(wake, 4096)
            if self._listener.fileno() in ready:
                self._serve()
            self._reap()
            self._tick()

    def end(self, *_: int | FrameType | None) -> None:
        """Stop all processes, highest rank first; the loop returns when all have ended."""
        self._ending = True

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, contextlib.suppress(OSError, ValueError):
            connection.settimeout(5)
            request = json.loads(control_socket.read_line(connection))
            try:
                answer = self._handle(request)
            except (KeyError, TypeError) as error:
                answer = {"error": _OTHER_VERSION.format(error)}
            connection.sendall(json.dumps(answer).encode() + b"\n")

    def _handle(self, request: dict[str, Any]) -> dict[str, Any]:
        verb = request["do"]
        if verb == "status":
            return {"processes": [process.as_dict() for process in self._processes.values()]}
        if verb == "end":
            self.end()
            return {"ok": True}
        if verb == "start":
            return self._start(ProcessSpec(**request["spec"]))
        process = self._processes.get(request["name"])
        if process is None:
            names = ", ".join(self._processes) or "none"
            return {"error": f"There is no process {request['name']!r}. Processes: {names}."}
        if verb == "stop":
            process.stop(by_hand=True)
        elif verb == "resume":
            return self._start(process.spec)
        elif verb == "restart":
            process.restart(process.spec)
        elif verb == "signal":
            process.signal(signal.Signals(request["signal"]))
        else:
            return {"error": _OTHER_VERSION.format(verb)}
        return {"ok": True}

    def _start(self, spec: ProcessSpec) -> dict[str, Any]:
        if self._ending:
            return {"error": "All processes are being stopped; run this again when that is done."}
        process = self._processes.get(spec.name)
        if process is None:
            process = self._processes[spec.name] = SupervisedProcess(spec, self._run, self._logs)
            process.start()
        elif process.spec != spec and process.pid is not None:
            process.restart(spec)
        else:
            process.spec = spec
            process.start()
        return {"ok": True}

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for process in self._processes.values():
                if process.pid == pid:
                    process.ended(status)

    def _tick(self) -> None:
        if self._owner is not None and not process_table.is_alive(self._owner):
            # Started in the foreground by a command that has ended.
            self.end()
        if self._ending:
            self._stop_highest_rank()
        for process in self._processes.values():
            process.tick()
        self._kill_strays()
        if time.monotonic() - self._last_rotation > _ROTATE_EVERY:
            self._last_rotation = time.monotonic()
            for process in self._processes.values():
                process.rotate()

    def _stop_highest_rank(self) -> None:
        alive = [process for process in self._processes.values() if process.state != "stopped"]
        highest = max((process.spec.rank for process in alive), default=0)
        for process in alive:
            if process.spec.rank == highest and process.state in ("running", "backoff"):
                process.stop()

    def _kill_strays(self) -> None:
        # Children of a killed process become children of this one. PostgreSQL's, for example, would
        # hold its shared memory and prevent its next start.
        known = {process.pid for process in self._processes.values()}
        strays = [process_table.entry(pid) for pid in process_table.children() if pid not in known]
        process_table.send([stray for stray in strays if stray is not None], signal.SIGKILL)

    def _all_stopped(self) -> bool:
        return all(process.state == "stopped" for process in self._processes.values())


def main() -> int:
    """Run the supervisor until a command or a signal ends it."""
    parser = argparse.ArgumentParser(prog="ems-supervisor")
    parser.add_argument("run", type=Path)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--owner", type=int)
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    owner = process_table.entry(options.owner) if options.owner else None
    try:
        supervisor = Supervisor(options.run, options.logs, owner)
    except BlockingIOError:
        print("Another supervisor serves this installation.", file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.end)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    process_table.remember(options.run / "supervisor.json", os.getpid())
    supervisor.loop()
    (options.run / "supervisor.json").unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
