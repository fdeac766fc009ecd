"""Processes as the kernel knows them: who is alive, whose child, and is it still the same one.

A number alone says nothing: after a crash of the machine it may belong to a stranger. So a process
is known by its number and the instant at which it started.
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
    """Return the entry of a process, None if there is no such process (or only its zombie)."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The name, in parentheses, may hold spaces and parentheses itself.
    fields = text.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return Entry(pid, int(fields[1]), int(fields[3]), int(fields[19]), fields[0])


def is_same(one: Entry) -> bool:
    """Tell whether a process that was seen before is still there."""
    found = entry(one.pid)
    return found is not None and found.started == one.started


def children() -> list[int]:
    """Return the numbers of our own children."""
    mine = os.getpid()
    return [int(pid) for pid in (_PROC / f"{mine}/task/{mine}/children").read_text().split()]


def table() -> list[Entry]:
    """Return every living process."""
    found = (entry(int(name.name)) for name in _PROC.iterdir() if name.name.isdigit())
    return [one for one in found if one is not None]


def tree(leader: int) -> list[Entry]:
    """Return `leader`, all below it, and whatever else is in its session, leader first."""
    everyone = table()
    found = {one.pid: one for one in everyone if one.pid == leader or one.session == leader}
    # Some children leave the session (PostgreSQL's do): follow the parents as well.
    grown = True
    while grown:
        more = {one.pid: one for one in everyone if one.parent in found and one.pid not in found}
        found.update(more)
        grown = bool(more)
    return sorted(found.values(), key=lambda one: one.pid != leader)


def send(entries: Iterable[Entry], number: signal.Signals) -> None:
    """Send a signal to each process that is still the one that was seen."""
    for one in entries:
        if is_same(one):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, number)


def boot() -> str:
    """Return the name of this boot of the machine."""
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def remember(path: Path, pid: int) -> None:
    """Write down which process this is, so that a later command finds it again."""
    found = entry(pid)
    if found is not None:
        record = {"pid": pid, "started": found.started, "boot": boot()}
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(record))
        temporary.replace(path)


def recall(path: Path) -> Entry | None:
    """Return the process that was written down, None if it is gone."""
    try:
        record = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    if record["boot"] != boot():
        return None
    found = entry(record["pid"])
    return found if found is not None and found.started == record["started"] else None


def recall_tree(path: Path) -> list[Entry]:
    """Return what is left of a written-down process and its children, even if it is gone itself."""
    try:
        record = json.loads(path.read_text())
    except (OSError, ValueError):
        return []
    if record["boot"] != boot():
        return []
    found = entry(record["pid"])
    if found is not None and found.started != record["started"]:
        return []
    # Whoever is still in its session started later than it did.
    return [one for one in tree(record["pid"]) if one.started >= record["started"]]


def become(argv: list[str], env: dict[str, str]) -> NoReturn:
    """Run a program in place of this process: Ctrl-C and its exit status are its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execvpe(argv[0], argv, env)  # noqa: S606 - our own command line


def end(entries: list[Entry], grace: float, number: signal.Signals = signal.SIGTERM) -> None:
    """End processes: the first is asked, after `grace` seconds all that are left are killed."""
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
    return [one for one in entries if is_same(one)]
