"""The demo: accounts and devices by the public API, readings by the queue, and the simulator."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ems_tool.configuration import credentials
from ems_tool.configuration.credentials import Secrets, readable_password
from ems_tool.configuration.home import ROOT, Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.configuration.processes import stop_rank
from ems_tool.console import EmsError, err, note, step
from ems_tool.demo.api_client import Api
from ems_tool.demo.catalogue import CLIENTS, DAYS, DEVICES
from ems_tool.platform import lifecycle
from ems_tool.platform.services import PYTHON
from ems_tool.runtime.process_spec import ProcessSpec
from ems_tool.servers import rabbitmq


def fill(home: Home, os_user: OsUser, secrets: Secrets) -> None:
    """Create the accounts, devices and history that are missing, and the simulator's settings.

    Raises `EmsError` if the platform rejects a request.
    """
    folder = os_user.config_folder(home.path / "demo", keep=("history.json",))
    with step("Demo accounts and devices"):
        ids = _accounts_and_devices(home, os_user, secrets)
        broker = rabbitmq.url(home, secrets, "meters")
        devices = [_simulated(ids, entry) for entry in DEVICES]
        config = {"seed": 7, "rabbitmq": broker, "devices": devices}
        os_user.config_file(folder / "simulator.json", json.dumps(config, indent=2) + "\n")
    if not (folder / "history.json").exists():
        until = datetime.now(UTC).replace(microsecond=0).isoformat()
        with step(f"{DAYS} days of history, sent through the queue"):
            arguments = ["backfill", "--config", str(folder / "simulator.json")]
            _simulate(home, secrets, [*arguments, "--days", str(DAYS), "--until", until])
        os_user.config_file(
            folder / "history.json", json.dumps({"until": until, "days": DAYS}) + "\n"
        )


def start(home: Home, os_user: OsUser, secrets: Secrets) -> None:
    """Start the simulator with the settings that `fill` wrote."""
    lifecycle.start(home, simulator_spec(home, os_user, secrets))


def is_included(home: Home, os_user: OsUser, requested: bool) -> bool:
    """Return whether this start includes demo data.

    An installation that was first started without demo data stays without: a later `up` that
    omits the option must not add demo devices to real meters.
    """
    declined = home.path / "without-demo"
    if not requested:
        if not (home.path / "demo").exists():
            os_user.private_file(declined, "")
        return False
    if declined.exists():
        note("Without demo data, as this installation was first started.")
        return False
    return True


def _accounts_and_devices(home: Home, os_user: OsUser, secrets: Secrets) -> dict[str, str]:
    """Create the demo's missing accounts and devices; return each device's id by serial number."""
    api = Api(home.api_url)
    api.login(secrets.admin["username"], secrets.admin["password"])
    users = {user["username"]: user["id"] for user in api.every("/api/users/")}
    for client in CLIENTS:
        password = _password(home, os_user, secrets, client["username"])
        if client["username"] not in users:
            user = api.post("/api/users/", {**client, "password": password, "role": "client"})
            users[client["username"]] = user["id"]
    ids = {device["serial_number"]: device["id"] for device in api.every("/api/devices/")}
    for entry in DEVICES:
        fields = entry["device"]
        serial_number = fields["serial_number"]
        if serial_number not in ids:
            ids[serial_number] = api.post("/api/devices/", fields)["id"]
            # Deployed, because devices in stock do not send readings.
            path = f"/api/devices/{ids[serial_number]}/deploy/"
            api.put(path, {"location": fields["location"]})
        owner = users[entry["owner"]]
        path = f"/api/devices/{ids[serial_number]}/assignments/"
        if all(assignment["user_id"] != owner for assignment in api.every(path)):
            # device_service receives the event of a new user a moment after auth_service stored it.
            api.post(path, {"user_id": owner}, patience=20)
    return ids


def _password(home: Home, os_user: OsUser, secrets: Secrets, username: str) -> str:
    for client in secrets.clients:
        if client["username"] == username:
            return client["password"]
    # Saved before it is used: after a crash in between, nobody would know the account's password.
    secrets.clients.append({"username": username, "password": readable_password()})
    credentials.save(home, os_user, secrets)
    return secrets.clients[-1]["password"]


def _simulated(ids: dict[str, str], entry: dict[str, Any]) -> dict[str, Any]:
    device = entry["device"]
    return {
        "device_id": ids[device["serial_number"]],
        "name": device["name"],
        "interval_seconds": device["interval_seconds"],
        "timezone": device["timezone"],
        "base_load_kwh": entry["base_load_kwh"],
        "patterns": entry["patterns"],
    }


def _environment(home: Home, secrets: Secrets) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "RABBITMQ_URL": rabbitmq.url(home, secrets, "meters"),
    }


def simulator_spec(home: Home, os_user: OsUser, secrets: Secrets) -> ProcessSpec:
    """Return the spec of the live simulator."""
    config = str(home.path / "demo" / "simulator.json")
    argv = [str(PYTHON), "-m", "device_simulator", "run", "--config", config]
    argv = os_user.command(argv, ROOT, home.path, PYTHON.resolve().parent)
    return ProcessSpec(
        "simulator",
        argv,
        cwd="/",
        env=_environment(home, secrets),
        rank=stop_rank("simulator"),
    )


def simulator(
    home: Home, secrets: Secrets, arguments: list[str]
) -> tuple[list[str], dict[str, str]]:
    """Return command line and environment of the simulator against this installation.

    Without secrets there is no broker's URL, and the simulator itself reports that.
    """
    own = _environment(home, secrets) if secrets.rabbitmq else {}
    env = os.environ | own | {"PATH": os.environ.get("PATH", "")}
    # Its help and its errors name the command that was typed.
    env["DEVICE_SIMULATOR_COMMAND"] = "./ems simulate"
    return [str(PYTHON), "-m", "device_simulator", *arguments], env


def _simulate(home: Home, secrets: Secrets, arguments: list[str]) -> None:
    """Run the simulator to its end. Raises `EmsError` with the output of a failure."""
    argv, env = simulator(home, secrets, arguments)
    done = subprocess.run(
        argv,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=Path("/"),
    )
    if done.returncode != 0:
        raise EmsError(f"The simulator failed:\n{done.stdout.strip()}")


def announce(home: Home, secrets: Secrets) -> None:
    """Print the address and the logins."""
    err.print(f"\n  [bold]{home.url}[/bold]\n")
    for line in credentials.login_lines(secrets):
        err.print(f"  {line}", markup=False)
