"""The kernel's table of processes: living processes, their children, and signals to them.

A process number alone does not identify a process: after a crash of the machine another process
may have it. So a process is identified by its number and the instant at which it started.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

_PROC = Path("/proc")


@dataclass(frozen=True)
class Entry:
    """One line of the process table."""

    pid: int
    parent: int
    session: int
    #: Clock ticks between the boot of the machine and the start of the process.
    started: int
    state: str


def entry(pid: int) -> Entry | None:
    """Return the entry of a process; None if it does not exist or is a zombie."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The name, in parentheses, may hold spaces and parentheses itself.
    fields = text.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return Entry(pid, int(fields[1]), int(fields[3]), int(fields[19]), fields[0])


def is_alive(earlier: Entry) -> bool:
    """Return whether the process of an earlier entry still runs."""
    present = entry(earlier.pid)
    return present is not None and present.started == earlier.started


def children() -> list[int]:
    """Return the process numbers of this process's children."""
    pid = os.getpid()
    return [int(child) for child in (_PROC / f"{pid}/task/{pid}/children").read_text().split()]


def table() -> list[Entry]:
    """Return every living process."""
    entries = (entry(int(path.name)) for path in _PROC.iterdir() if path.name.isdigit())
    return [living for living in entries if living is not None]


def tree(leader: int) -> list[Entry]:
    """Return `leader` first, then its descendants and all other processes of its session."""
    processes = table()
    members = {each.pid: each for each in processes if leader in (each.pid, each.session)}
    # Some children leave the session (PostgreSQL's do): follow the parents, too.
    grown = True
    while grown:
        children_of_members = {
            each.pid: each
            for each in processes
            if each.parent in members and each.pid not in members
        }
        members.update(children_of_members)
        grown = bool(children_of_members)
    return sorted(members.values(), key=lambda member: member.pid != leader)


def send(entries: Iterable[Entry], number: signal.Signals) -> None:
    """Send a signal to each process that still runs."""
    for each in entries:
        if is_alive(each):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each.pid, number)


def boot() -> str:
    """Return the id of this boot of the machine."""
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def remember(path: Path, pid: int) -> None:
    """Record a process in a file, so that a later command finds it again."""
    process = entry(pid)
    if process is not None:
        record = {"pid": pid, "started": process.started, "boot": boot()}
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(record))
        temporary.replace(path)


def recall(path: Path) -> Entry | None:
    """Return the process that a file records; None if it has ended."""
    try:
        record = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    if record["boot"] != boot():
        return None
    process = entry(record["pid"])
    return process if process is not None and process.started == record["started"] else None


def recall_tree(path: Path) -> list[Entry]:
    """Return a recorded process and its children; only the children if the process has ended."""
    try:
        record = json.loads(path.read_text())
    except (OSError, ValueError):
        return []
    if record["boot"] != boot():
        return []
    process = entry(record["pid"])
    if process is not None and process.started != record["started"]:
        return []
    # Processes of its session started later than it did.
    return [each for each in tree(record["pid"]) if each.started >= record["started"]]


def become(argv: list[str], env: dict[str, str]) -> NoReturn:
    """Replace this process by a program, which then receives Ctrl-C and sets the exit status."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execvpe(argv[0], argv, env)  # noqa: S606 - our own command line


def end(entries: list[Entry], grace: float, number: signal.Signals = signal.SIGTERM) -> None:
    """End processes: signal the first one, and after `grace` seconds kill all that still run."""
    if not entries:
        return
    send(entries, signal.SIGCONT)
    send(entries[:1], number)
    deadline = time.monotonic() + grace
    while (alive := _alive(entries)) and time.monotonic() < deadline:
        time.sleep(0.05)
    while alive:
        send(alive, signal.SIGKILL)
        time.sleep(0.05)
        alive = _alive(alive)


def _alive(entries: list[Entry]) -> list[Entry]:
    return [each for each in entries if is_alive(each)]
