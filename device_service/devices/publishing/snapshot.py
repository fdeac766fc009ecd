"""The snapshot: the present state of all devices and assignments as events.

The events carry the versions that the rows have, so only a receiver that lost a change applies one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from django.db import transaction

from devices.models import Assignment, Device
from devices.publishing.events import PUBLISHED_RELATIONS, assignment_state, device_state
from energy_contracts.events import SyncEvent
from service_kit.outbox.services import outbox_append
from service_kit.sync.reconcile import OwnedSets, digest_append

#: Rows that receivers compare their copies with; the latest period of a pair counts.
OWNED: OwnedSets = {
    "device": "SELECT id::text AS key, version, deleted_at IS NULL AS alive FROM device",
    "assignment": "SELECT DISTINCT ON (device_id, user_id) device_id || ':' || user_id AS key,"
    " version, ended_at IS NULL AS alive FROM assignment"
    " ORDER BY device_id, user_id, version DESC",
}

#: Events appended in one transaction: the relay publishes the first while the last are read.
CHUNK_SIZE = 1_000


def snapshot_publish() -> int:
    """Append events for all devices and pairs and a digest; return the number of events.

    Tombstones and ended pairs are included. No lock is needed: a change in the meantime appends an
    event with a higher version.
    """
    count = 0
    for chunk in _chunks(chain(_devices(), _pairs())):
        with transaction.atomic():
            outbox_append(chunk)
        count += len(chunk)
    digest_append(OWNED, tables=("device", "assignment"))
    return count + 1


def _devices() -> Iterator[SyncEvent[Any]]:
    rows = Device.objects.prefetch_related(*PUBLISHED_RELATIONS).order_by("id")
    devices = rows.iterator(chunk_size=CHUNK_SIZE)
    return (device_state(device) for device in devices)


def _pairs() -> Iterator[SyncEvent[Any]]:
    latest = Assignment.objects.order_by("device_id", "user_id", "-version").distinct(
        "device_id", "user_id"
    )
    return (assignment_state(pair) for pair in latest.iterator(chunk_size=CHUNK_SIZE))


def _chunks(items: Iterable[SyncEvent[Any]]) -> Iterator[list[SyncEvent[Any]]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK_SIZE)):
        yield chunk
