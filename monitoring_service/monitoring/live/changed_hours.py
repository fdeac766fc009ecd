"""Bring alerts in line with hours that changed outside of a batch, and push the changes."""

from __future__ import annotations

from monitoring.alerts.services import ChangedAlert, HourTotal, alerts_update
from monitoring.calendar import clock
from monitoring.devices.cache import CachedDevice
from monitoring.devices.channels import DeviceChannel
from monitoring.devices.ends import reading_ends
from monitoring.ingest.hour_writer import HourChanges
from monitoring.ingest.results import ChangedHour, ChangedPeriod
from monitoring.live.publisher import push_changes


def hours_announce(channel: DeviceChannel, entry: CachedDevice, changes: HourChanges) -> None:
    """Update the alerts of changed hours, and push hours, periods and alerts after the commit.

    Requires: the transaction that changed the hours.
    """
    hours, spans = changes
    alerts: list[ChangedAlert] = []
    if entry.limits:
        totals = [HourTotal(entry, hour.start_us, hour.energy_milliwh) for hour in hours]
        alerts = alerts_update(totals, lowered=True)
    last = reading_ends([channel])[channel.key]
    changed = [
        ChangedHour(
            channel=entry,
            start=clock.from_us(hour.start_us),
            energy_milliwh=hour.energy_milliwh,
            reading_count=hour.reading_count,
            slots=hour.slots,
            last_reading_at=last.last_at,
            last_reading_milliwh=last.last_milliwh,
        )
        for hour in hours
    ]
    periods = [
        ChangedPeriod(
            channel=entry,
            start=clock.from_us(span.begin_us),
            end=clock.from_us(span.end_us),
            last_reading_at=last.last_at,
            last_reading_milliwh=last.last_milliwh,
        )
        for span in spans
    ]
    push_changes([*changed, *periods], alerts)
