"""Send registers through ingest, and read the hours and spans that are stored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from energy_contracts.events import DeviceData
from monitoring.devices.cache import DeviceCache
from monitoring.ingest.pipeline import store_messages
from monitoring.models import Device, Hour
from monitoring.sync.services import device_apply

from ..conftest import NOON, device_data
from ..stored import spans


class Sent(NamedTuple):
    """A register that is sent; `value` in milliwatt-hours."""

    at: datetime
    value: int
    revision: int = 0
    meter: str | None = None


def make_meter(fields: dict[str, object]) -> DeviceData:
    data = device_data(uuid4(), reading_kind="cumulative", **fields)
    device_apply(data=data, version=1, occurred_at=NOON)
    return data


def reading(sent: Sent, device_id: UUID) -> dict[str, object]:
    return {
        "device_id": str(device_id),
        "timestamp": sent.at.isoformat(),
        "measurement_value": sent.value / 1_000_000,
        "revision": sent.revision,
        **({} if sent.meter is None else {"meter": sent.meter}),
    }


def store(cache: DeviceCache, device_id: UUID, batch: Iterable[Sent]) -> list[str]:
    """Store one batch; return the reasons of the rejected registers, in order."""
    body = json.dumps([reading(sent, device_id) for sent in batch]).encode()
    tally = store_messages([body], cache).tally
    return [str(rejected.error.reason) for rejected in tally.rejected]


def highest(sent: Sequence[Sent]) -> dict[datetime, int]:
    """Return the value of the highest revision at each instant."""
    return {each.at: each.value for each in sorted(sent, key=lambda each: each.revision)}


def stored_hours(device_id: UUID) -> dict[datetime, tuple[int | None, ...]]:
    """Return the number of registers and the energies of the quarters (mWh) of each hour."""
    key = Device.objects.get(device_id=device_id).key
    return {
        hour.start.astimezone(UTC): (hour.reading_count, *hour.quarters)
        for hour in Hour.objects.filter(device_key=key)
    }


def stored_spans(device_id: UUID) -> set[tuple[datetime, datetime, int]]:
    """Return begin, end and energy (mWh) of each span."""
    return {
        (begin.astimezone(UTC), end.astimezone(UTC), energy)
        for begin, end, energy in spans(device_id)
    }


def total(device_id: UUID) -> int:
    """Return all energy in milliwatt-hours."""
    hours = sum(
        energy or 0 for _, *quarters in stored_hours(device_id).values() for energy in quarters
    )
    return hours + sum(energy for _, _, energy in stored_spans(device_id))


def minutes_after_noon(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)
