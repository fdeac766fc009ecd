"""Messages of readings, stored as batches, and the hours and totals that they give."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from monitoring.devices.cache import DeviceCache
from monitoring.ingest.pipeline import store_messages
from monitoring.ledger.selectors import ledger_totals
from monitoring.models import Device, Hour

from ..conftest import at


def message(device_id: UUID, minutes: int, kwh: object, revision: int | None = None) -> dict:
    """Return a reading that began some minutes after noon."""
    reading = {"device_id": str(device_id), "timestamp": at(minutes), "measurement_value": kwh}
    return reading if revision is None else {**reading, "revision": revision}


def send(cache: DeviceCache, *messages: object) -> list[str]:
    """Store one batch; return the reasons of its rejected readings."""
    result = store_messages([json.dumps(body).encode() for body in messages], cache)
    return [str(reading.error.reason) for reading in result.tally.rejected]


def hours(device_id: UUID) -> dict[datetime, tuple[int, int]]:
    """Return (milliwatt-hours, readings) of each hour, by its start."""
    key = Device.objects.get(device_id=device_id).key
    return {
        hour.start: (hour.energy_milliwh, hour.reading_count)
        for hour in Hour.objects.filter(device_key=key)
    }


def ledger() -> tuple[int, ...]:
    """Return the totals of readings received, stored, corrected, duplicate and rejected."""
    totals = ledger_totals()
    return tuple(
        totals[name] for name in ("received", "stored", "corrected", "duplicates", "rejected")
    )
