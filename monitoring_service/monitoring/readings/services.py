"""Taking out a reading that should not exist, by an administrator, on record."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.http import Http404

from energy_contracts.reading import Reading as SentReading
from monitoring.alerts.services import ChangedAlert, HourNow, alerts_update
from monitoring.calendar import clock
from monitoring.devices.cache import KnownDevice, directory_entry
from monitoring.ingest import hour_writer
from monitoring.ingest.batch import ChangedHour
from monitoring.ingest.deduplicate import Row, is_counted
from monitoring.live.publisher import changes_push
from monitoring.models import Device, RemovedReading
from monitoring.storage.closed_months import ClosedMonths, closed_months
from monitoring.storage.ends import reading_ends
from monitoring.storage.epoch import lock_devices_alone, raise_epoch
from service_kit.errors import Conflict
from service_kit.identity.models import KnownUser

_DELETE = """
DELETE FROM reading WHERE device_key = %s AND started_at = %s RETURNING value_milliwh, revision
"""


@transaction.atomic
def reading_remove(
    *, device: Device, started_at: datetime, actor: KnownUser, note: str
) -> RemovedReading:
    """Remove a reading with what it adds to hours and alerts, and record who did it.

    The same reading that comes again is a duplicate; only a higher revision is stored again. Raises
    Http404 where there is none, Conflict where its hours change no more.
    """
    lock_devices_alone()
    entry, at_us, closed = directory_entry(device), clock.to_us(started_at), closed_months()
    if is_counted(entry, at_us, closed):
        raise Conflict(
            "Hours of a month whose raw readings were dropped depend on this reading; "
            "they change no more.",
            code="month_closed",
        )
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [device.key, started_at])
        stored = cursor.fetchone()
    if stored is None:
        raise Http404
    value, revision = stored
    removed = RemovedReading.objects.create(
        device_key=device.key,
        started_at=started_at,
        value_milliwh=value,
        revision=revision,
        removed_by=actor.id,
        removed_by_name=actor.username,
        note=note,
    )
    _derive(device, entry, removed, closed)
    # Ingest must know of it before its next batch, or the same message would come in again.
    raise_epoch()
    return removed


def _derive(
    device: Device, entry: KnownDevice, removed: RemovedReading, closed: ClosedMonths
) -> None:
    """Bring hours and alerts in line, and tell whoever listens when it is committed."""
    sent = SentReading(removed.started_at, device.device_id, 0)
    at_us = clock.to_us(removed.started_at)
    row = Row(entry, at_us, removed.value_milliwh, removed.revision, sent, None)
    hours = hour_writer.take_away(row, closed)
    alerts: list[ChangedAlert] = []
    if entry.limits:
        now = [HourNow(entry, start_us, energy) for _, start_us, energy, _ in hours]
        alerts = alerts_update(now, lowered=True)
    last = reading_ends([device])[device.key]
    changed = [
        ChangedHour(
            device.device_id,
            clock.from_us(start_us),
            energy,
            count,
            last.last_at,
            last.last_milliwh,
        )
        for _, start_us, energy, count in hours
    ]
    changes_push(changed, alerts)
