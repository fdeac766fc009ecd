"""Removal of a reading that should not exist, by an administrator, on record."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from rest_framework.exceptions import NotFound

from energy_contracts.reading import Reading as SentReading
from monitoring.calendar import clock
from monitoring.devices.cache import CachedDevice, cached_channel
from monitoring.devices.channels import DeviceChannel
from monitoring.ingest import hour_writer
from monitoring.ingest.rows import ReadingRow
from monitoring.live.changed_hours import hours_announce
from monitoring.models import RemovedReading
from monitoring.storage.closed_months import ClosedMonths, closed_months
from monitoring.storage.epoch import lock_devices_exclusive, raise_epoch
from service_kit.access.authentication import Principal
from service_kit.api.errors import Conflict

_DELETE = """
DELETE FROM reading WHERE device_key = %s AND started_at = %s RETURNING value_milliwh, revision
"""


@transaction.atomic
def reading_remove(
    *, channel: DeviceChannel, started_at: datetime, actor: Principal, note: str
) -> RemovedReading:
    """Remove a reading and its energy from hours and alerts, and record the actor.

    A repetition of the message is a duplicate from then on; only a higher revision is stored again.
    Raises NotFound if there is no such reading, Conflict if its hours cannot change any more.
    """
    lock_devices_exclusive()
    entry, at_us, closed = cached_channel(channel), clock.to_us(started_at), closed_months()
    if at_us in closed:
        raise Conflict(
            "The raw readings of this month were dropped; its hours cannot change any more.",
            code="month_closed",
        )
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [channel.key, started_at])
        stored = cursor.fetchone()
    if stored is None:
        raise NotFound
    value, revision = stored
    removed = RemovedReading.objects.create(
        device_key=channel.key,
        started_at=started_at,
        value_milliwh=value,
        revision=revision,
        removed_by=actor.id,
        removed_by_name=actor.username,
        note=note,
    )
    _derive(channel, entry, removed, closed)
    # Ingest must learn of the removal before its next batch, or a repetition would be stored.
    raise_epoch()
    return removed


def _derive(
    channel: DeviceChannel, entry: CachedDevice, removed: RemovedReading, closed: ClosedMonths
) -> None:
    """Bring hours and alerts in line, and push the changes after the commit."""
    sent = SentReading(removed.started_at, channel.device_id, 0, channel=channel.code)
    at_us = clock.to_us(removed.started_at)
    row = ReadingRow(entry, at_us, removed.value_milliwh, removed.revision, sent, None)
    hours_announce(channel, entry, hour_writer.subtract_removed(row, closed))
