"""One installation: where it keeps its data (`EMS_HOME`) and on which ports it listens."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from ems_tool.console import EmsError

#: The checkout that this command belongs to.
ROOT = Path(__file__).resolve().parents[3]
DEFAULT_PORT = 8080
#: Marks a folder as an installation, and remembers its port.
MARKER = "ems-home.json"
#: Offsets from the first internal port. The order is part of the interface: see CONTRIBUTING.md.
PORT_OFFSETS = {
    "postgres": 0,
    "rabbitmq": 1,
    "redis": 2,
    "epmd": 3,
    "rabbitmq-dist": 4,
    "frontend": 5,
    "auth-web": 6,
    "device-web": 7,
    "monitoring-web": 8,
    "monitoring-live": 9,
    "traefik-ping": 10,
    # Where the processes without a web server of their own are asked for their metrics.
    "auth-relay": 11,
    "device-relay": 12,
    "device-sync": 13,
    "monitoring-sync": 14,
    "monitoring-ingest": 15,
    "monitoring-maintenance": 16,
}


@dataclass(frozen=True)
class Home:
    """The folder, the ports and the derived paths of one installation."""

    path: Path
    gateway_port: int
    bind: str = "127.0.0.1"

    @classmethod
    def from_environment(cls) -> Home:
        """Read `EMS_HOME`, `EMS_PORT` (else the port it had before) and `EMS_BIND`.

        Raises `EmsError` for a port that is not one.
        """
        path = Path(os.environ.get("EMS_HOME") or ROOT / ".ems").absolute()
        marker = path / MARKER
        settled = json.loads(marker.read_text())["port"] if marker.exists() else DEFAULT_PORT
        text = os.environ.get("EMS_PORT") or str(settled)
        if not text.isdigit() or not 1 <= int(text) <= 65535:
            raise EmsError(f"EMS_PORT must be a port between 1 and 65535, not {text!r}.")
        return cls(path, int(text), os.environ.get("EMS_BIND") or "127.0.0.1")

    @property
    def ports(self) -> dict[str, int]:
        """Return every port by what listens on it; all but the gateway's are internal."""
        base = self.gateway_port + 10000
        if base > 64000:
            base -= 20000
        ports = {name: base + offset for name, offset in PORT_OFFSETS.items()}
        return {"traefik": self.gateway_port, **ports}

    def address(self, name: str) -> str:
        """Return `host:port` of one of the processes, for the others."""
        return f"127.0.0.1:{self.ports[name]}"

    @property
    def hosts(self) -> set[str]:
        """Return the names under which people may open this installation."""
        hosts = {"127.0.0.1", "localhost", self.bind} - {"0.0.0.0", ""}
        if self.bind not in ("127.0.0.1", "localhost"):
            hosts.add(socket.gethostname())
        return hosts

    @property
    def origins(self) -> list[str]:
        """Return what browsers call the origin of its pages."""
        return sorted(f"http://{host}:{self.gateway_port}" for host in self.hosts)

    @property
    def url(self) -> str:
        """Return the address that people open."""
        host = "127.0.0.1" if self.bind in ("127.0.0.1", "0.0.0.0", "") else self.bind
        return f"http://{host}:{self.gateway_port}"

    @property
    def run(self) -> Path:
        """Return the folder of what only matters while something runs."""
        return self.path / "run"

    @property
    def logs(self) -> Path:
        """Return the folder with one log per process."""
        return self.path / "logs"

    @property
    def private_keys(self) -> Path:
        """Return the folder of the signing keys, for auth_service alone."""
        return self.path / "keys" / "private"

    @property
    def public_keys(self) -> Path:
        """Return the folder of the keys that verify tokens."""
        return self.path / "keys" / "public"

    def is_marked(self) -> bool:
        """Tell whether this folder was made by `ems`, so that nothing else is ever deleted."""
        return (self.path / MARKER).is_file()
