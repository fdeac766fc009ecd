"""A backup taken while readings arrive restores the same installation in another folder."""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from service_kit.testing.waiting import wait_until

from ...support.falsified_backup import falsified, one_user_more
from ...support.installation import Installation, World, utc

BEGIN = utc(2024, 6, 1)


@pytest.fixture
def elsewhere(installation: Installation, tmp_path_factory) -> Iterator[Installation]:
    """A second installation with a home and ports of its own, which represents another machine."""
    port = installation.port + 20
    with socket.create_server(("127.0.0.1", port)):
        pass
    installation = Installation(tmp_path_factory.mktemp("elsewhere") / "home", port)
    yield installation
    installation.ems("reset", "--yes", check=False)


@pytest.fixture(scope="module")
def saved(installation: Installation, tmp_path_factory) -> Path:
    """A backup that several tests read."""
    file = tmp_path_factory.mktemp("saved") / "backup"
    installation.ems("backup", str(file))
    return file


def reading(device_id: str, minute: int) -> dict[str, object]:
    at = BEGIN + timedelta(minutes=minute)
    return {"timestamp": at.isoformat(), "device_id": device_id, "measurement_value": 0.1}


def of_an_older_version(manifest: dict[str, Any]) -> None:
    del manifest["queries"]
    manifest["totals"]["monitoring_service"]["long_dropped"] = 7


def of_a_later_postgresql(manifest: dict[str, Any]) -> None:
    manifest["postgresql"] += 90


def test_a_backup_restores_to_equal_totals_and_the_same_logins(
    installation: Installation, elsewhere: Installation, world: World, tmp_path: Path
):
    alice, alice_id = world.client("alice")
    meter, busy = world.device(alice_id), world.device()
    before = world.ledger()
    installation.publish(*(reading(meter, minute) for minute in range(600)))
    world.await_received(before, 600)
    file, enough = tmp_path / "backup", Event()

    def keep_sending() -> None:
        minute = 0
        while not enough.wait(0.01):
            installation.publish([reading(busy, minute + n) for n in range(50)])
            minute += 50

    sender = Thread(target=keep_sending)
    sender.start()
    try:
        installation.ems("backup", str(file))
    finally:
        enough.set()
        sender.join()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["backup"]
    elsewhere.environment["EMS_BACKUP_KEY"] = installation.credentials["backup"]["key"]
    errors = elsewhere.ems("restore", str(file), "--verify").stderr
    assert "verified" in errors
    elsewhere.ems("up", "--detach")

    again = elsewhere.session(alice.username, alice.password)
    old, new = [world.hours(who, meter, BEGIN, BEGIN + timedelta(days=1)) for who in (alice, again)]
    assert len(new) == 10
    assert new == old
    # A token of before is one of now: the keys are the same.
    alice.login()
    own = again.http.get("/api/auth/me/", headers={"Authorization": f"Bearer {alice.token}"})
    assert own.status_code == 200
    # So is the key for its own backups.
    assert elsewhere.credentials["backup"]["key"] == installation.credentials["backup"]["key"]
    # The restored platform also counts new readings.
    elsewhere.publish(reading(meter, 600))
    wait_until(lambda: len(world.hours(again, meter, BEGIN, BEGIN + timedelta(days=1))) == 11)


def test_a_changed_backup_is_rejected_unless_authentication_is_switched_off(
    installation: Installation, elsewhere: Installation, saved: Path, tmp_path: Path
):
    assert installation.credentials["backup"]["key"].encode() not in saved.read_bytes()
    changed = falsified(saved, tmp_path / "changed", of_an_older_version, "another key")

    for key, word in (
        (installation.credentials["backup"]["key"], "The backup key does not fit"),
        ("", "EMS_BACKUP_KEY is not set"),
    ):
        elsewhere.environment["EMS_BACKUP_KEY"] = key
        done = elsewhere.ems("restore", str(changed), check=False)
        assert done.returncode == 1
        assert word in done.stderr
        assert not elsewhere.home.exists()

    errors = elsewhere.ems("restore", str(changed), "--verify", "--unauthenticated").stderr
    assert "sign in as any user" in errors
    assert "verified" in errors


def test_a_restore_with_different_totals_fails_and_names_them(
    installation: Installation, elsewhere: Installation, saved: Path, tmp_path: Path
):
    key = installation.credentials["backup"]["key"]
    elsewhere.environment["EMS_BACKUP_KEY"] = key

    for change, message in (
        (one_user_more, "auth_db differs: users:"),
        (of_a_later_postgresql, "which cannot read it; restore it where PostgreSQL 1"),
    ):
        false = falsified(saved, tmp_path / change.__name__, change, key)
        done = elsewhere.ems("restore", str(false), "--verify", check=False)

        assert done.returncode == 1
        assert message in done.stderr
        # Nothing is left running.
        assert elsewhere.ems("status", check=False).returncode == 1
        elsewhere.ems("reset", "--yes")


def test_a_backup_is_never_put_over_another_installation(
    installation: Installation, saved: Path, tmp_path: Path
):
    installation = Installation(installation.home, installation.port)
    installation.environment["EMS_BACKUP_KEY"] = installation.credentials["backup"]["key"]

    for arguments, word in (
        (("backup", str(tmp_path / "nowhere" / "backup")), "cannot be written"),
        (("restore", str(saved)), "not empty"),
        (("backup", str(saved)), "already"),
    ):
        done = installation.ems(*arguments, check=False)
        assert done.returncode == 1
        assert word in done.stderr


def test_a_truncated_backup_is_rejected_before_anything_is_restored(
    elsewhere: Installation, tmp_path: Path
):
    file = tmp_path / "backup"
    file.write_bytes(b"PK\x03\x04" + json.dumps({}).encode())
    elsewhere.environment["EMS_BACKUP_KEY"] = "any"

    done = elsewhere.ems("restore", str(file), check=False)

    assert done.returncode == 1
    assert "no complete backup" in done.stderr
    assert not elsewhere.home.exists()
