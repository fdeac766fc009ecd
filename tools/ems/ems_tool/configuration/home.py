"""An installation: its folder (`EMS_HOME`), its ports, and the paths derived from them."""

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

#: The file that marks a folder as an installation and holds its port and address.
MARKER = "ems-home.json"


@dataclass(frozen=True)
class Home:
    """The folder, the ports and the derived paths of one installation."""

    path: Path
    gateway_port: int
    bind: str = "127.0.0.1"

    @classmethod
    def from_environment(cls) -> Home:
        """Return the installation that the settings name, with the ports on which it runs.

        Settings that differ from the running installation are reported. Raises `EmsError` for a
        wrong setting.
        """
        home, differing = cls._settled()
        for line in differing:
            note(f"{line}; this command uses the running one.")
        return home

    @classmethod
    def to_start(cls) -> Home:
        """Return the installation that the settings name, to be started.

        Raises `EmsError` for a wrong setting, and if it runs with other settings: half of its
        processes would listen at ports that the other half does not use.
        """
        settings.check()
        home, differing = cls._settled()
        if differing:
            remedy = (
                "Nothing was changed. `./ems down` stops it, then `./ems up` uses the new setting."
            )
            raise EmsError("\n".join([*(f"{line}." for line in differing), remedy]))
        return home

    @classmethod
    def _settled(cls) -> tuple[Home, list[str]]:
        path = settings.home()
        recorded = _recorded(path)
        running = bool(recorded) and control_socket.is_running(path / "run")
        set_to = {"EMS_PORT": settings.value("EMS_PORT"), "EMS_BIND": settings.value("EMS_BIND")}
        used = dict(set_to)
        if not settings.given("EMS_PORT") and "port" in recorded:
            used["EMS_PORT"] = str(recorded["port"])
        if running:
            used["EMS_PORT"] = str(recorded["port"])
            used["EMS_BIND"] = recorded.get("bind", used["EMS_BIND"])
        differing = [
            f"{settings.where(name)} is {set_to[name]}, but the installation in {path} runs with"
            f" {used[name]}"
            for name in set_to
            if running and settings.given(name) and set_to[name] != used[name]
        ]
        return cls(path, int(used["EMS_PORT"]), used["EMS_BIND"]), differing

    def record(self) -> str:
        """Return the content of the marker, from which later commands know port and address."""
        return json.dumps({"port": self.gateway_port, "bind": self.bind}) + "\n"

    @property
    def ports(self) -> dict[str, int]:
        """Return every port by its name in the table of processes; only the gateway's is public."""
        base = self.gateway_port + 10000
        if base > 64000:
            base -= 20000
        ports = {name: base + offset for name, offset in PORT_OFFSETS.items()}
        return {"traefik": self.gateway_port, **ports}

    def address(self, name: str) -> str:
        """Return the `host:port` at which the other processes reach a process."""
        return f"127.0.0.1:{self.ports[name]}"

    @property
    def hosts(self) -> set[str]:
        """Return the host names under which people may open this installation."""
        hosts = {"127.0.0.1", "localhost", self.bind} - {"0.0.0.0", ""}
        if self.bind not in ("127.0.0.1", "localhost"):
            hosts.add(socket.gethostname())
        return hosts

    @property
    def origins(self) -> list[str]:
        """Return the origins of the installation's pages, as browsers send them."""
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
        """Return the folder of files that matter only while processes run."""
        return self.path / "run"

    @property
    def logs(self) -> Path:
        """Return the folder with one log per process."""
        return self.path / "logs"

    @property
    def private_keys(self) -> Path:
        """Return the folder of the private signing keys, which auth_service alone reads."""
        return self.path / "keys" / "private"

    @property
    def public_keys(self) -> Path:
        """Return the folder of the keys that verify tokens."""
        return self.path / "keys" / "public"

    def is_marked(self) -> bool:
        """Return whether `ems` made this folder; no other folder is ever deleted."""
        return (self.path / MARKER).is_file()


def _recorded(path: Path) -> dict[str, Any]:
    """Return the content of an installation's marker; empty if there is no marker."""
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
            f"{path / MARKER} is damaged: the port of the installation is not in it."
            f' Write {{"port": {settings.SETTINGS["EMS_PORT"].default}}} into it, with its port.'
        ) from error
