"""Prepare, start, await, stop and remove an installation and its processes.

`startup` decides what is started and in which order.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from ems_tool import files
from ems_tool.configuration import credentials
from ems_tool.configuration.credentials import Secrets
from ems_tool.configuration.home import MARKER, Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.configuration.processes import owner_of_port
from ems_tool.console import EmsError
from ems_tool.runtime import control_socket, process_table
from ems_tool.runtime.process_spec import ProcessSpec

#: Seconds that a process may take until it is ready; a laptop under load needs many of them.
PATIENCE = 120.0


def settle(home: Home, os_user: OsUser) -> None:
    """Make the folders of an installation. Raises `EmsError` for a folder with other contents."""
    if home.path.exists() and any(home.path.iterdir()) and not home.is_marked():
        raise EmsError(f"{home.path} holds other files; choose another EMS_HOME.")
    if home.is_marked() and (owner := home.path.stat().st_uid) not in (os.geteuid(), os_user.uid):
        # The data would keep their owner, and no server could read them.
        raise EmsError(
            f"{home.path} belongs to another user (uid {owner}). Run this command as that user, or"
            " choose another EMS_HOME."
        )
    # First: before root owns the folder, its user could replace any folder in it by a link.
    os_user.home_folder(home.path)
    os_user.private_file(home.path / MARKER, home.record())
    os_user.private_folder(home.logs)
    os_user.folder(home.path / "tmp")
    # For the supervisor alone: a user who can write here can make it start any program.
    os_user.private_folder(home.run)
    os_user.private_folder(home.run / "pids")


def ensure_supervisor(home: Home, owner: int | None = None) -> None:
    """Start the supervisor unless it runs; first end processes left by an earlier supervisor.

    With `owner`, the supervisor stops everything when that process ends.
    """
    if control_socket.is_running(home.run):
        return
    end_leftovers(home)
    argv = [sys.executable, "-P", "-m", "ems_tool.runtime.supervisor"]
    argv += [str(home.run), str(home.logs)]
    if owner is not None:
        argv += ["--owner", str(owner)]
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    with files.open_plain(home.logs / "supervisor.log", flags) as log:
        subprocess.Popen(
            argv,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    if not control_socket.wait_for(home.run, 20):
        raise EmsError(f"The supervisor does not start; see {home.logs / 'supervisor.log'}.")


def end_leftovers(home: Home) -> int:
    """End processes whose supervisor has ended; return their number."""
    ended = 0
    if not files.belongs_to_us(home.run):
        # Files that another user wrote may name any process of the machine.
        return ended
    supervisor = process_table.recall(home.run / "supervisor.json")
    if supervisor is not None:
        process_table.end([supervisor], grace=1)
    for path in sorted((home.run / "pids").glob("*.json")):
        # On SIGTERM PostgreSQL waits for all sessions; SIGINT ends them.
        number = signal.SIGINT if path.stem == "postgres" else signal.SIGTERM
        leftovers = process_table.recall_tree(path)
        process_table.end(leftovers, grace=15, number=number)
        ended += len(leftovers)
        path.unlink(missing_ok=True)
    return ended


def stop(home: Home) -> None:
    """Stop all processes and wait until they have ended."""
    supervisor = process_table.recall(home.run / "supervisor.json")
    with contextlib.suppress(control_socket.NotRunning):
        control_socket.ask(home.run, {"do": "end"})
        deadline = time.monotonic() + 120
        while supervisor and process_table.is_alive(supervisor) and time.monotonic() < deadline:
            time.sleep(0.05)
    end_leftovers(home)


def check_ports(home: Home, names: tuple[str, ...]) -> None:
    """Raise `EmsError` naming each port that is taken and the process that needs it."""
    running = {
        name
        for name, process in control_socket.processes(home.run).items()
        if process["state"] != "stopped"
    }
    taken = []
    for name in names:
        address = home.bind if name == "traefik" else "127.0.0.1"
        if owner_of_port(name) not in running and _is_taken(address, home.ports[name]):
            taken.append(f"  port {home.ports[name]} is taken; {name} needs it")
    if taken:
        advice = "Stop the program that uses it, or choose another EMS_PORT, from which all follow."
        raise EmsError("\n".join(["Cannot start:", *taken, advice]))


def _is_taken(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def stopped_by_hand(home: Home) -> list[str]:
    """Return the processes that `./ems stop` stopped and nobody has started since."""
    processes = control_socket.processes(home.run).values()
    # A supervisor of an earlier version reports it for no process.
    return [process["name"] for process in processes if process.get("stopped_by_hand", False)]


def stop_process(home: Home, name: str) -> None:
    """Stop one process and return when it has ended; the process stays stopped until a start.

    Raises `EmsError` for a name that no process has.
    """
    control_socket.ask(home.run, {"do": "stop", "name": name})
    while control_socket.processes(home.run).get(name, {}).get("state", "stopped") != "stopped":
        time.sleep(0.05)


def start_process(home: Home, name: str) -> None:
    """Start a process that was stopped by hand. Raises `EmsError` for an unknown name."""
    control_socket.ask(home.run, {"do": "resume", "name": name})


def start(home: Home, spec: ProcessSpec) -> None:
    """Have the supervisor run a process."""
    control_socket.ask(home.run, {"do": "start", "spec": spec.as_dict()})


def wait(home: Home, name: str, ready: Callable[[], bool]) -> None:
    """Wait until a process runs and `ready()` is true.

    Raises `EmsError` with the end of its log if it ends three times or is not ready in time.
    """
    before = control_socket.processes(home.run).get(name, {}).get("restarts", 0)
    deadline = time.monotonic() + PATIENCE
    while True:
        now = control_socket.processes(home.run).get(name)
        # A process that is about to restart with changed settings still answers with the old ones.
        if now is not None and now["state"] == "running" and ready():
            return
        if now is None or now["restarts"] - before >= 3 or time.monotonic() > deadline:
            tail = log_tail(home, name, 25)
            raise EmsError(f"{name} does not start. The end of its log:\n{tail}")
        time.sleep(0.05)


def log_tail(home: Home, name: str, lines: int) -> str:
    """Return the last lines of a process's log."""
    path = home.logs / f"{name}.log"
    if not path.exists():
        return "(it wrote nothing)"
    with files.open_plain(path, os.O_RDONLY) as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - 200_000))
        text = stream.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def remove(home: Home) -> None:
    """Delete an installation. Raises `EmsError` for a folder that is no installation."""
    if not home.path.exists():
        return
    if not home.is_marked():
        raise EmsError(f"{home.path} is not an installation; nothing was deleted.")
    shutil.rmtree(home.path)


def prepare(home: Home, os_user: OsUser) -> Secrets:
    """Make the folders and secrets of an installation; return the secrets."""
    settle(home, os_user)
    return credentials.ensure(home, os_user)
