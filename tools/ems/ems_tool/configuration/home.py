"""One installation: where it keeps its data (`EMS_HOME`) and on which ports it listens."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ems_tool import files
from ems_tool.configuration import settings
from ems_tool.configuration.processes import PORT_OFFSETS
from ems_tool.configuration.settings import ROOT as ROOT
from ems_tool.console import EmsError, note
from ems_tool.runtime import control_socket

#: Marks a folder as an installation, and remembers where it listens.
MARKER = "ems-home.json"


@dataclass(frozen=True)
class Home:
    """The folder, the ports and the derived paths of one installation."""

    path: Path
    gateway_port: int
    bind: str = "127.0.0.1"

    @classmethod
    def from_environment(cls) -> Home:
        """Return the installation that the settings name; one that runs is where it runs.

        Settings that differ from it are mentioned. Raises `EmsError` for a wrong setting.
        """
        home, differing = cls._settled()
        for line in differing:
            note(f"{line}; this command means the one that runs.")
        return home

    @classmethod
    def to_start(cls) -> Home:
        """Return the installation that the settings name, to be started.

        Raises `EmsError` for a wrong setting, and where it runs by other ones: half of its
        processes would listen where the other half does not look.
        """
        settings.check()
        home, differing = cls._settled()
        if differing:
            remedy = (
                "Nothing was changed. `./ems down` stops it, then `./ems up` takes the new one."
            )
            raise EmsError("\n".join([*(f"{line}." for line in differing), remedy]))
        return home

    @classmethod
    def _settled(cls) -> tuple[Home, list[str]]:
        path = settings.home()
        recorded = _recorded(path)
        running = bool(recorded) and control_socket.is_running(path / "run")
        wanted = {"EMS_PORT": settings.value("EMS_PORT"), "EMS_BIND": settings.value("EMS_BIND")}
        used = dict(wanted)
        if not settings.given("EMS_PORT") and "port" in recorded:
            used["EMS_PORT"] = str(recorded["port"])
        if running:
            used["EMS_PORT"] = str(recorded["port"])
            used["EMS_BIND"] = recorded.get("bind", used["EMS_BIND"])
        differing = [
            f"{settings.where(name)} is {wanted[name]}, but the installation in {path} runs with"
            f" {used[name]}"
            for name in wanted
            if running and settings.given(name) and wanted[name] != used[name]
        ]
        return cls(path, int(used["EMS_PORT"]), used["EMS_BIND"]), differing

    def record(self) -> str:
        """Return what the marker says, for later commands."""
        return json.dumps({"port": self.gateway_port, "bind": self.bind}) + "\n"

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
    def api_url(self) -> str:
        """Return the address at which the platform's own programs reach the API."""
        return self.url

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


def _recorded(path: Path) -> dict[str, Any]:
    """Return what the marker of an installation says; empty where there is none."""
    if path.exists() and not path.is_dir():
        raise EmsError(f"{settings.where('EMS_HOME')} is {path}, which is a file; name a folder.")
    try:
        record = json.loads(files.read(path / MARKER))
        return {
            "port": int(record["port"]),
            **({"bind": record["bind"]} if "bind" in record else {}),
        }
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError) as error:
        raise EmsError(
            f"{path / MARKER} is damaged: it does not say on which port the installation listens."
            f' Write {{"port": {settings.SETTINGS["EMS_PORT"].default}}} into it, with its port.'
        ) from error
