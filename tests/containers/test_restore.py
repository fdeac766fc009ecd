"""An installation of containers is saved, lost and restored as docs/operating.md says."""

from __future__ import annotations

import json
import shlex
import stat
import subprocess
import tempfile
import zipfile
from pathlib import Path

import pytest

from service_kit.testing.waiting import wait_until

from ..support import documents
from ..support.falsified_backup import falsified, one_user_more
from ..support.installation import ROOT, World, utc
from .composed import ENGINE, Composed
from .test_platform import RUNNING, await_health

pytestmark = pytest.mark.timeout(1200)
SAVE, RESTORE = (
    block.text
    for block in documents.blocks((ROOT / "docs" / "operating.md").read_text())
    if block.section == "Backup" and block.language == "sh"
)
DAY = (utc(2026, 2, 1), utc(2026, 2, 2))


def shell(installation: Composed, block: str, file: Path, key: str = "") -> tuple[int, str]:
    """Run a documented block; return its status and the output that it sent to no file."""
    # A profile is enabled by itself when Docker runs a service of it; not by every other engine.
    engine = (
        'docker() { shift; [ "$1" != run ] || set -- --profile tools "$@"; '
        f'command {shlex.join(ENGINE)} "$@"; }}\n'
    )
    with tempfile.TemporaryFile("w+") as errors:
        status = subprocess.run(
            ["bash", "-uc", engine + block.replace("FILE", shlex.quote(str(file)))],
            cwd=ROOT,
            env=installation.environment | ({"EMS_BACKUP_KEY": key} if key else {}),
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=subprocess.STDOUT,
            timeout=900,
        ).returncode
        errors.seek(0)
        return status, errors.read()


def send(installation: Composed, world: World, meter: str, hours: range) -> None:
    before = world.ledger()
    for hour in hours:
        moment = f"2026-02-01T{hour:02}:30:00Z"
        installation.publish({"device_id": meter, "timestamp": moment, "measurement_value": 0.1})
    world.await_received(before, len(hours))


def totals(file: Path) -> dict[str, dict[str, object]]:
    with zipfile.ZipFile(file) as archive:
        return json.loads(archive.read("manifest.json"))["totals"]


def test_a_backup_restores_the_data_of_deleted_volumes(
    installation: Composed, world: World, tmp_path: Path
):
    alice, alice_id = world.client("alice")
    meter = world.device(alice_id)
    send(installation, world, meter, range(10))
    file = tmp_path / "backup"

    status, output = shell(installation, SAVE, file)

    assert status == 0, output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before, known = world.hours(alice, meter, *DAY), installation.credentials
    assert len(before) == 10

    key = known["backup"]["key"]
    status, output = shell(installation, RESTORE, file, key)
    assert status != 0
    assert "There are data here" in output
    assert world.hours(alice, meter, *DAY) == before

    installation.compose("down", "-v")
    # An engine may keep to itself what is said beside the start of something that lasts.
    installation.compose("up", "-d", "--no-build", "postgres")
    status, output = shell(installation, RESTORE, file, "another key")
    assert status != 0
    assert "The backup key does not fit" in output
    false = falsified(file, tmp_path / "falsified", one_user_more, key)
    status, output = shell(installation, RESTORE, false, key)
    assert status != 0
    assert "auth_db differs: users:" in output
    # Nothing runs that could take a reading.
    assert installation.compose("exec", "-T", "monitoring-ingest", "true", check=False).returncode

    installation.compose("down", "-v")
    status, output = shell(installation, RESTORE, file, key)
    assert status == 0, output
    assert "every hour equals the sum of its readings" in output
    await_health(installation, RUNNING)

    again = installation.session(alice.username, alice.password)
    assert world.hours(again, meter, *DAY) == before
    del installation.credentials
    assert installation.credentials == known
    # A token of before is one of now: the keys are the same.
    own = again.http.get("/api/auth/me/", headers={"Authorization": f"Bearer {alice.token}"})
    assert own.status_code == 200
    # The restored platform also counts new readings.
    send(installation, world, meter, range(10, 11))
    wait_until(lambda: len(world.hours(again, meter, *DAY)) == 11)
    status, output = shell(installation, SAVE, tmp_path / "second")
    assert status == 0, output
    first, second = totals(file)["device_service"], totals(tmp_path / "second")["device_service"]
    assert second == first


def test_a_truncated_backup_is_rejected(installation: Composed, tmp_path: Path):
    file = tmp_path / "backup"
    file.write_bytes(b"PK\x03\x04")

    status, output = shell(installation, RESTORE, file, "any")

    assert status != 0
    assert "no complete backup" in output
