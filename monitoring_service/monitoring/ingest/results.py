"""The result of a committed batch, and the hours and periods that it changed.

A module of its own, so that `monitoring.live` imports the types without the pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from monitoring.alerts.services import ChangedAlert
from monitoring.devices.cache import CachedDevice
from monitoring.ledger.services import Tally


@dataclass(frozen=True, slots=True)
class ChangedHour:
    """An hour after a batch or a removal; energies in milliwatt-hours.

    `energy_milliwh`: the measured energy, None if there is none; `slots` has bit n if quarter n is
    measured. Energy of spans is added when the hour is published.
    `last_reading_*`: the latest reading of the batch; after a removal the channel's last one,
    None where the channel has no reading left.
    """

    channel: CachedDevice
    start: datetime
    energy_milliwh: int | None
    reading_count: int
    slots: int
    last_reading_at: datetime | None
    last_reading_milliwh: int | None

    @property
    def device_id(self) -> UUID:
        """Return the id of the channel's device."""
        return self.channel.device_id


@dataclass(frozen=True, slots=True)
class ChangedPeriod:
    """A period of a channel whose energy a batch or a removal changed, to be read again as a whole.

    It represents hours that are too many to be named, and may be one hour of which only the last
    reading changed. `last_reading_*` as in `ChangedHour`.
    """

    channel: CachedDevice
    start: datetime
    end: datetime
    last_reading_at: datetime | None
    last_reading_milliwh: int | None

    @property
    def device_id(self) -> UUID:
        """Return the id of the channel's device."""
        return self.channel.device_id


@dataclass(frozen=True, slots=True)
class IngestResult:
    """The tally of a committed batch, and the changes to push to open sockets."""

    tally: Tally
    hours: list[ChangedHour]
    periods: list[ChangedPeriod]
    alerts: list[ChangedAlert]
