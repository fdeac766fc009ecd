"""A backup moves between a native installation and one of containers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ems_tool.servers import postgres

from ..support.installation import Installation, Session, World
from .composed import Composed
from .files import services
from .test_platform import RUNNING, await_health
from .test_restore import DAY, RESTORE, SAVE, send, shell

pytestmark = pytest.mark.timeout(1200)
CONTAINED = int(services()["postgres"]["image"].partition(":")[2])


@pytest.fixture
def native(new: Callable[[], Composed]) -> Iterator[Installation]:
    """A home of its own, with nothing in it; only where there are containers to move to."""
    home = Path(os.environ["EMS_TEST_HOME"])
    shutil.rmtree(home, ignore_errors=True)
    installation = Installation(home, int(os.environ["EMS_PORT"]))
    yield installation
    installation.ems("reset", "--yes", check=False)


@pytest.fixture
def contained(new: Callable[[], Composed]) -> Iterator[Composed]:
    installation = new()
    yield installation
    installation.compose("down", "-v", check=False)


def metered(installation: Installation) -> tuple[Session, str]:
    """Create a client whose meter has sent ten hours of a day; return both."""
    world = World(installation)
    client, client_id = world.client()
    meter = world.device(client_id)
    send(installation, world, meter, range(10))
    assert len(world.hours(client, meter, *DAY)) == 10
    return client, meter


def assert_same(old: Installation, new: Installation, client: Session, meter: str) -> None:
    """Expect the same logins and hours, and that a new reading counts."""
    before, world = World(old), World(new)
    again = new.session(client.username, client.password)
    hours = world.hours(again, meter, *DAY)
    assert hours == before.hours(client, meter, *DAY)
    send(new, world, meter, range(10, 11))
    assert len(world.hours(again, meter, *DAY)) == len(hours) + 1


def test_a_native_backup_is_restored_in_containers(
    native: Installation, contained: Composed, tmp_path: Path
):
    native.ems("up", "--detach", "--no-demo")
    client, meter = metered(native)
    file = tmp_path / "backup"
    native.ems("backup", str(file))

    status, output = shell(contained, RESTORE, file, native.credentials["backup"]["key"])

    assert status == 0, output
    assert "every hour equals the sum of its readings" in output
    await_health(contained, RUNNING)
    assert_same(native, contained, client, meter)


def test_a_backup_of_containers_is_restored_natively_by_an_equal_or_newer_postgresql(
    native: Installation, installation: Composed, tmp_path: Path
):
    client, meter = metered(installation)
    file = tmp_path / "backup"
    status, output = shell(installation, SAVE, file)
    assert status == 0, output

    native.environment["EMS_BACKUP_KEY"] = installation.credentials["backup"]["key"]
    restored = native.ems("restore", str(file), "--verify", check=False)

    here = int(postgres.binary("postgres").parts[-3])
    if here < CONTAINED:
        assert restored.returncode == 1
        expected = f"written by PostgreSQL {CONTAINED}, and here is {here}, which cannot read it"
        assert expected in restored.stderr
    else:
        assert restored.returncode == 0, restored.stderr
        native.ems("up", "--detach")
        assert_same(installation, native, client, meter)
