"""The result of a committed batch, and an hour that it changed.

A module of its own, so that `monitoring.live` imports the types without the pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from monitoring.alerts.services import ChangedAlert
from monitoring.ledger.services import Tally


@dataclass(frozen=True, slots=True)
class ChangedHour:
    """An hour after a batch or a removal; energies in milliwatt-hours.

    `covers_hours`: more than 1 after a gap of a cumulative device, 0 for an hour without readings.
    `last_reading_*`: the latest reading of the batch; after a removal the device's last one, None
    where the device has no reading left.
    """

    device_id: UUID
    start: datetime
    energy_milliwh: int
    reading_count: int
    covers_hours: int
    last_reading_at: datetime | None
    last_reading_milliwh: int | None


@dataclass(frozen=True, slots=True)
class IngestResult:
    """The tally of a committed batch, and the changes to push to open sockets."""

    tally: Tally
    hours: list[ChangedHour]
    alerts: list[ChangedAlert]
