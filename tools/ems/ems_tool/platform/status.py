"""`ems status` and `ems logs`: the processes, the queues and the logs of an installation."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from ems_tool import files
from ems_tool.configuration.credentials import Secrets
from ems_tool.configuration.home import Home
from ems_tool.console import EmsError, out
from ems_tool.platform.worker_metrics import worker_figures
from ems_tool.runtime import control_socket
from ems_tool.servers import rabbitmq
from ems_tool.servers.broker_definitions import queues
from energy_contracts.names import PLATFORM_VHOST, READINGS_QUEUE
from service_kit.broker import BROKER_UNAVAILABLE, queue_depths

_COLOURS = {"running": "green", "backoff": "red", "stopping": "yellow", "stopped": "dim"}


def collect(home: Home, secrets: Secrets) -> dict[str, Any]:
    """Return the present state: the document of `ems status --json`."""
    processes = [
        # A supervisor of an earlier version does not report `stopped_by_hand`.
        {key: process.get(key) for key in ("name", "state", "pid", "restarts", "stopped_by_hand")}
        for process in control_socket.processes(home.run).values()
    ]
    for process, figures in zip(processes, worker_figures(home, processes), strict=True):
        process |= figures
    return {
        "url": home.url,
        "home": str(home.path),
        "processes": processes,
        "queues": _queues(home, secrets, processes) if processes else {},
        "ports": home.ports,
    }


def _queues(
    home: Home, secrets: Secrets, processes: list[dict[str, Any]]
) -> dict[str, dict[str, int | None]]:
    """Return the messages of each queue: ready, and held by a consumer (None: unknown)."""
    try:
        user = "monitoring_service"
        depths = queue_depths(rabbitmq.url(home, secrets, user), [READINGS_QUEUE]) | queue_depths(
            rabbitmq.url(home, secrets, user, PLATFORM_VHOST), queues()[PLATFORM_VHOST]
        )
    except BROKER_UNAVAILABLE:
        return {}
    held = {
        queue: count
        for process in processes
        for queue, count in (process["unacknowledged"] or {}).items()
    }
    return {
        name: {"ready": depth, "unacknowledged": held.get(name)} for name, depth in depths.items()
    }


def _problem(process: dict[str, Any]) -> str:
    """Return the problem of a process that runs and does not work, or an empty string."""
    if process["answers"] is False:
        return "does not answer"
    return "consumes nothing" if process["consuming"] is False else ""


def show(state: dict[str, Any]) -> None:
    """Print the state that `collect` returned, for people."""
    if not state["processes"]:
        out.print(
            f"The platform in {state['home']} is not running; `./ems up` starts it.", markup=False
        )
        return
    out.print(f"[bold]{state['url']}[/bold]   {escape(state['home'])}")
    out.print(_table_of_processes(state))
    out.print(_table_of_queues(state))


def _table_of_processes(state: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("process", "state", "pid", "restarts", "broker lost", "port"):
        table.add_column(title, justify="left" if title in ("process", "state") else "right")
    for process in state["processes"]:
        word, colour = _word(process)
        interruptions = "" if process["interruptions"] is None else str(process["interruptions"])
        port = str(state["ports"].get(process["name"], ""))
        figures = (str(process["pid"] or ""), str(process["restarts"]), interruptions, port)
        table.add_row(process["name"], f"[{colour}]{word}[/{colour}]", *figures)
    return table


def _word(process: dict[str, Any]) -> tuple[str, str]:
    """Return the words for a process's state, and their colour."""
    state = process["state"]
    if state == "running" and (problem := _problem(process)):
        return problem, "red"
    if state == "stopped" and process["stopped_by_hand"]:
        return "stopped by hand", "yellow"
    return state, _COLOURS[state]


def _table_of_queues(state: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("queue")
    table.add_column("ready", justify="right")
    table.add_column("unacknowledged", justify="right")
    for name, depths in state["queues"].items():
        ready, held = depths["ready"], depths["unacknowledged"]
        table.add_row(name, "?" if ready is None else str(ready), "" if held is None else str(held))
    return table


def logs(home: Home, name: str | None, follow: bool, lines: int) -> None:
    """Print the end of one log, or of all logs with the process's name before each line."""
    paths = sorted(home.logs.glob("*.log")) if name is None else [home.logs / f"{name}.log"]
    if not paths or not all(path.exists() for path in paths):
        known = ", ".join(sorted(path.stem for path in home.logs.glob("*.log"))) or "none yet"
        raise EmsError(f"There is no log of {name or 'anything'}. Logs: {known}.")
    followed = [_Log(path, lines if name else max(lines // 5, 3)) for path in paths]
    while True:
        for log in followed:
            for line in log.new_lines():
                print(line if name else f"{log.name:<24} {line}")
        if not follow:
            return
        time.sleep(0.3)


class _Log:
    """A log file and the position up to which it was read."""

    def __init__(self, path: Path, lines: int) -> None:
        self.name = path.stem
        self._path = path
        with files.open_plain(path, os.O_RDONLY) as stream:
            content = stream.read()
        last = content.splitlines(keepends=True)[-lines:]
        self._position = len(content) - sum(map(len, last))

    def new_lines(self) -> list[str]:
        with files.open_plain(self._path, os.O_RDONLY) as stream:
            if stream.seek(0, os.SEEK_END) < self._position:
                self._position = 0  # the log was rotated
            stream.seek(self._position)
            content = stream.read()
        complete, _, _ = content.rpartition(b"\n")
        if not complete:
            return []
        self._position += len(complete) + 1
        return complete.decode(errors="replace").split("\n")
