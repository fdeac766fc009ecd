"""The states of a device: one table of transitions, for every route that changes a status."""

from __future__ import annotations

from devices.models import DeviceStatus

#: The statuses that may follow each status. Retired is final.
TRANSITIONS: dict[DeviceStatus, tuple[DeviceStatus, ...]] = {
    DeviceStatus.IN_STOCK: (
        DeviceStatus.RESERVED,
        DeviceStatus.DEPLOYED,
        DeviceStatus.MAINTENANCE,
        DeviceStatus.RETIRED,
    ),
    DeviceStatus.RESERVED: (DeviceStatus.DEPLOYED, DeviceStatus.IN_STOCK),
    DeviceStatus.DEPLOYED: (DeviceStatus.IN_STOCK, DeviceStatus.MAINTENANCE),
    DeviceStatus.MAINTENANCE: (
        DeviceStatus.IN_STOCK,
        DeviceStatus.DEPLOYED,
        DeviceStatus.RETIRED,
    ),
    DeviceStatus.RETIRED: (),
}

#: The status that each action of the API leads to, if `TRANSITIONS` allows it.
ACTIONS: dict[str, DeviceStatus] = {
    "deploy": DeviceStatus.DEPLOYED,
    "recall": DeviceStatus.IN_STOCK,
    "maintenance": DeviceStatus.MAINTENANCE,
    "reserve": DeviceStatus.RESERVED,
    "retire": DeviceStatus.RETIRED,
}


def allowed_after(status: str) -> list[str]:
    """Return the names of the statuses that may follow `status`."""
    return [target.value for target in TRANSITIONS[DeviceStatus(status)]]
