"""After an upgrade the receivers get channels and meters of the devices that were there before."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from ..world import outbox

pytestmark = pytest.mark.django_db


def ask_for_a_snapshot() -> None:
    """Do as a migration that adds data to the events."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO snapshot_due DEFAULT VALUES")


def test_a_migration_that_asks_for_a_snapshot_publishes_it_once(make_device):
    device = make_device(serial_number="A-1")
    before = len(outbox())
    ask_for_a_snapshot()

    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)

    published = outbox()[before:]
    assert [event.event_type for event in published] == ["device_updated", "snapshot_published"]
    assert published[0].version == device.version
    assert [channel.code for channel in published[0].data.channels] == ["main"]
    assert [meter.serial_number for meter in published[0].data.meters] == ["A-1"]


def test_a_migration_that_asks_for_nothing_publishes_nothing(make_device):
    make_device()
    before = outbox()

    call_command("migrate", verbosity=0)

    assert outbox() == before
