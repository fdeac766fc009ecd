"""The users, devices and readings that the documents' examples name."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import jwt

from service_kit.testing.waiting import wait_until

from ...support.installation import Installation, Session, World

#: The section whose examples change a session, and the one whose first entry is a new login.
OWN_ACCOUNT, SECURITY_LOG = "Own account", "Security log"

#: Sections that change a device or a user: each has its own.
CHANGING = {"Users", "Devices", "Life cycle", "Assignments", "Channels", "Meters"}


class DocFixtures:
    """A client with a metered device, and the environment in which an example is run."""

    def __init__(self, installation: Installation, world: World, folder: Path) -> None:
        self.installation, self.world, self.folder = installation, world, folder
        self.client, self.client_id = world.client("flat-12")
        self.device_id = self.metered_device()
        self.jump_id = self.held_jump()
        self.guest, _ = world.client("guest")
        self._own: dict[str, dict[str, str]] = {}

    def metered_device(self) -> str:
        """Create a device with a limit, hours of two days ago above it, and a rejected reading."""
        device_id = self.world.device(
            self.client_id, name="Flat 12", timezone="Europe/Bucharest", max_consumption=5.5
        )
        self.began = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
        self.began -= timedelta(days=2)
        readings = [self.reading(device_id, minutes) for minutes in (-120, *range(0, 180, 10))]
        stray = {**readings[0], "device_id": str(uuid4())}
        self.installation.publish(readings, stray, {**readings[0], "measurement_value": -1})
        wait_until(lambda: self.alerts(self.world.admin, device_id))
        return device_id

    def held_jump(self) -> str:
        """Create a device whose register rises by more than it can use; return the jump's id."""
        device_id = self.world.device(
            self.client_id,
            name="Heat pump",
            timezone="Europe/Bucharest",
            reading_kind="cumulative",
            max_power_kw=5.0,
        )
        registers = [(0, 100.0), (10, 100.1), (20, 600.1), (30, 600.3)]
        self.installation.publish([self.reading(device_id, *register) for register in registers])

        def jumps() -> list[dict[str, object]]:
            answer = self.world.admin.get("/api/monitoring/held/", device_id=device_id)
            return answer.json()["results"]

        wait_until(jumps)
        return str(jumps()[0]["id"])

    def reading(self, device_id: str, minutes: int, kwh: float = 1.0) -> dict[str, object]:
        instant = self.began + timedelta(minutes=minutes)
        return {
            "timestamp": instant.isoformat(),
            "device_id": device_id,
            "measurement_value": kwh,
        }

    def alerts(self, session: Session, device_id: str) -> list[dict[str, object]]:
        return session.get("/api/monitoring/alerts/", device_id=device_id).json()["results"]

    def environment(self, section: str) -> dict[str, str]:
        """Return the variables that the documents use."""
        reader = self.guest if section == OWN_ACCOUNT else self.client
        return {
            "PATH": os.environ["PATH"],
            "URL": self.installation.url,
            "USERNAME": reader.username,
            "PASSWORD": reader.password,
            "NEW_PASSWORD": reader.password,
            "NEW_USERNAME": f"dana-{uuid4().hex[:6]}",
            "TOKEN": reader.token,
            "ADMIN": self.world.admin.token,
            "DEVICE": self.device_id,
            "CODE": "export",
            "ALERT": str(self.alerts(self.client, self.device_id)[0]["id"]),
            "JUMP": self.jump_id,
            "SERIAL": f"A-{uuid4().hex[:6]}",
            "DATE": self.began.date().isoformat(),
            "START": self.began.strftime("%Y-%m-%dT00:00:00Z"),
            "READING": (self.began - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "END": (self.began + timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z"),
            **self.own(section),
        }

    def own(self, section: str) -> dict[str, str]:
        """Return a device in stock and a user, or a session, for this section's examples alone."""
        if section in (OWN_ACCOUNT, SECURITY_LOG):
            # One for each example, as some of them end it.
            body = {"username": self.guest.username, "password": self.guest.password}
            pair = self.guest.http.post("/api/auth/token/", json=body).json()
            claims = jwt.decode(pair["access"], options={"verify_signature": False})
            return {
                "TOKEN": pair["access"],
                "REFRESH": pair["refresh"],
                "SESSION_ID": claims["sid"],
            }
        if section not in CHANGING:
            return {}
        if section not in self._own:
            _, user_id = self.world.client("flat-13")
            device_id = self.world.device(self.client_id, name="Flat 13")
            self._own[section] = {"DEVICE": device_id, "USER_ID": user_id}
        if section == "Meters":
            # The latest: an example has mounted it.
            path = f"/api/devices/{self._own[section]['DEVICE']}/meters/"
            meters = self.world.admin.get(path).json()["results"]
            return {**self._own[section], "METER": meters[-1]["id"]}
        return self._own[section]
