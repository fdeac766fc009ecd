"""Reducing a batch to at most one reading a (device, instant), before the database sees it.

Pure: the same messages give the same result in any process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from energy_contracts.errors import ContractError, Reason
from energy_contracts.reading import Reading, RefusedReading, parse_readings
from energy_contracts.units import milliwh_from_kwh

#: How far ahead of ours a meter's clock may be.
MAX_AHEAD = timedelta(hours=24)


@dataclass(slots=True)
class Counts:
    """The ledger's columns for one batch; received = the sum of the others."""

    received: int = 0
    stored: int = 0
    corrected: int = 0
    duplicates: int = 0


@dataclass(slots=True)
class Folded:
    """What is left of a batch, and the account so far.

    `contested` holds second, different values at a kept reading's revision: whether one is a
    conflict, or superseded anyway, shows when the stored revision is known.
    """

    readings: list[Reading] = field(default_factory=list)
    contested: list[Reading] = field(default_factory=list)
    refused: list[RefusedReading] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


def encode(reading: Reading) -> bytes:
    """The reading's message, alone."""
    return msgspec.json.encode(reading)


def refuse(reading: Reading, reason: Reason, detail: str) -> RefusedReading:
    """The dead letter of a reading that was understood, but cannot be stored."""
    return RefusedReading(encode(reading), ContractError(reason, detail))


def fold(bodies: list[bytes], now: datetime) -> Folded:
    """Parse all messages of a batch and keep the highest revision of each reading."""
    folded = Folded()
    counts, latest = folded.counts, now + MAX_AHEAD
    kept: dict[tuple[object, datetime], Reading] = {}
    for body in bodies:
        for reading in parse_readings(body):
            counts.received += 1
            if isinstance(reading, RefusedReading):
                folded.refused.append(reading)
                continue
            if reading.timestamp > latest:
                folded.refused.append(refuse(reading, Reason.IN_FUTURE, "over 24 h in the future"))
                continue
            key = (reading.device_id, reading.timestamp)
            other = kept.setdefault(key, reading)
            if other is reading:
                continue
            if reading.revision > other.revision:
                kept[key] = reading
                counts.corrected += 1
            elif reading.revision < other.revision or same_value(reading, other):
                counts.duplicates += 1
            else:
                folded.contested.append(reading)
    folded.readings = list(kept.values())
    return folded


def same_value(reading: Reading, other: Reading) -> bool:
    """Whether both say the same at the platform's resolution."""
    return milliwh_from_kwh(reading.measurement_value) == milliwh_from_kwh(other.measurement_value)


def conflict(reading: Reading) -> RefusedReading:
    """A second, different value at the same revision: which is right cannot be decided here."""
    detail = (
        f"another value came first at revision {reading.revision}; "
        "a correction carries a higher revision"
    )
    return refuse(reading, Reason.CONFLICT, detail)
