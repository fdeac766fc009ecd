"""The copies of channels and meters follow the events of devices, in whatever order they arrive."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import msgspec
import pytest

from energy_contracts.events import Channel as SentChannel
from energy_contracts.events import MountedMeter, encode_event, new_event
from monitoring.devices.cache import CachedDevice, cached_device
from monitoring.models import Channel, Device, Meter, Mount
from monitoring.sync.handlers import HANDLERS
from service_kit.testing.deliveries import handle_bodies

from ..conftest import device_data

pytestmark = pytest.mark.django_db

DEVICE, FIRST, SECOND = uuid4(), uuid4(), uuid4()
REPLACED_AT = datetime(2026, 3, 10, 10, 20, tzinfo=UTC)

MAIN = SentChannel(
    code="main",
    name="Grid",
    flow="imported",
    reading_kind="cumulative",
    interval_seconds=900,
    negative_channel="export",
)
EXPORT = SentChannel(
    code="export",
    name="Solar panels",
    flow="exported",
    reading_kind="cumulative",
    interval_seconds=600,
    register_wraps_at=Decimal("838.8608"),
)
OLD = MountedMeter(id=FIRST, serial_number="A", register_digits=6)
REPLACED = [
    MountedMeter(
        id=FIRST,
        serial_number="A",
        removed_at=REPLACED_AT,
        closing={"main": Decimal("17077.4"), "export": Decimal("12.5")},
        register_digits=6,
    ),
    MountedMeter(
        id=SECOND,
        serial_number="B",
        mounted_at=REPLACED_AT,
        opening={"main": Decimal("0.05")},
        register_digits=5,
        multiplier=Decimal("0.1"),
    ),
]


def body(version: int, **changes: object) -> bytes:
    data = device_data(DEVICE, **{"reading_kind": "cumulative", "register_digits": 5, **changes})
    return encode_event(new_event("device_updated", version=version, source="test", data=data))


def former_body(version: int) -> bytes:
    """Return the event of a release that knows neither channels nor meters."""
    event = msgspec.json.decode(body(version))
    for field in ("channels", "meters"):
        event["data"].pop(field)
    return msgspec.json.encode(event)


def apply(*bodies: bytes) -> None:
    assert handle_bodies(list(bodies), HANDLERS) == []


def copies() -> list[object]:
    """Return the copies without their keys, which depend on the order of arrival."""
    devices = Device.objects.values(
        "channel_name", "quantity", "flow", "negative_channel", "register_wraps_at_milliwh"
    )
    channels = Channel.objects.order_by("code").values()
    numbers = dict(Meter.objects.values_list("key", "serial_number"))
    mounts = Mount.objects.order_by("mounted_at").values()
    return [
        *devices,
        *({**channel, "key": None} for channel in channels),
        *({**mount, "meter_key": numbers[mount["meter_key"]]} for mount in mounts),
    ]


def cached() -> CachedDevice:
    return cached_device(Device.objects.get(device_id=DEVICE))


STORIES = {
    "a meter replaced and the replacement undone": [
        body(1, channels=(MAIN,), meters=(OLD,)),
        body(2, channels=(MAIN,), meters=tuple(REPLACED)),
        body(3, channels=(MAIN,), meters=(OLD,)),
    ],
    "a channel added, removed and added again": [
        body(1, channels=(MAIN, EXPORT), meters=(OLD,)),
        body(2, channels=(MAIN,), meters=(OLD,)),
        body(3, channels=(MAIN, msgspec.structs.replace(EXPORT, name="Roof")), meters=(OLD,)),
    ],
    "a channel removed": [
        body(1, channels=(MAIN, EXPORT), meters=(OLD,)),
        body(2, channels=(MAIN,), meters=(OLD,)),
    ],
    "a former release between": [
        body(1, channels=(MAIN, EXPORT), meters=(OLD,)),
        body(2, channels=(MAIN, EXPORT), meters=tuple(REPLACED)),
        former_body(3),
    ],
}


@pytest.mark.parametrize("story", STORIES)
def test_copies_of_channels_and_meters_do_not_depend_on_the_order_of_events(story):
    events = STORIES[story]
    apply(*events)
    expected = copies()
    assert expected

    for order in itertools.permutations(events):
        for model in (Device, Channel, Meter, Mount):
            model.objects.all().delete()
        apply(*order, *reversed(order))
        assert copies() == expected


def test_meters_keep_exact_registers_and_factors():
    apply(body(2, channels=(MAIN, EXPORT), meters=tuple(REPLACED)))

    second, first = Mount.objects.order_by("mounted_at")
    assert (first.closing, first.removed_at) == (
        {"main": 17_077_400_000, "export": 12_500_000},
        REPLACED_AT,
    )
    assert (second.opening, second.multiplier) == ({"main": 50_000}, Decimal("0.1"))


def test_a_channel_has_a_key_that_no_device_has_and_keeps_it_when_it_is_removed():
    apply(body(1, channels=(MAIN, EXPORT), meters=(OLD,)))
    other = Device.objects.create(device_id=uuid4(), timezone="UTC")
    channel = Channel.objects.get(device_id=DEVICE)

    apply(body(2, channels=(MAIN,), meters=(OLD,)))

    removed = Channel.objects.get(device_id=DEVICE)
    assert (removed.key, removed.removed, removed.code) == (channel.key, True, "export")
    keys = {channel.key, other.key, Device.objects.get(device_id=DEVICE).key}
    assert len(keys) == 3


def test_a_snapshot_brings_channels_and_meters_to_a_copy_of_the_same_version():
    """A former release applied the event without them."""
    apply(former_body(5))
    assert cached().channels == {}

    apply(body(5, channels=(MAIN, EXPORT), meters=tuple(REPLACED)))

    device = Device.objects.get(device_id=DEVICE)
    assert (device.version, device.flow, device.channel_name) == (5, "imported", "Grid")
    assert list(cached().channels) == ["export"]
    assert [mount.meter_key for mount in cached().mounts] == [
        Meter.objects.get(serial_number=number).key for number in ("A", "B")
    ]


def test_the_cache_knows_the_registers_of_a_meter_for_each_channel():
    apply(body(1, channels=(MAIN, EXPORT), meters=tuple(REPLACED)))

    main = cached()
    export = main.channels["export"]
    assert (main.code, export.code, main.negative_channel) == ("main", "export", "export")
    assert [(mount.opening, mount.closing, mount.wraps_at) for mount in main.mounts] == [
        (None, 17_077_400_000, 10**12),
        (50_000, None, 10**11),
    ]
    assert [(mount.opening, mount.closing, mount.wraps_at) for mount in export.mounts] == [
        (None, 12_500_000, 838_860_800),
        (None, None, 838_860_800),
    ]
    assert export.interval_us == 600_000_000
    assert main.meters == dict(_meters(DEVICE))


def test_the_largest_value_of_a_register_is_that_of_the_meter_with_the_most_digits():
    """A late register of the former meter must not be rejected."""
    apply(body(1, channels=(MAIN,), meters=tuple(REPLACED)))

    assert cached().max_value_milliwh == 10**12 - 1


def test_an_event_of_a_former_release_leaves_channels_and_meters_as_they_are():
    apply(body(1, channels=(MAIN, EXPORT), meters=(OLD,)))
    before = copies()

    apply(former_body(2))

    assert copies() == before
    assert Device.objects.get(device_id=DEVICE).version == 2


def _meters(device_id: UUID) -> list[tuple[str, int]]:
    return list(Meter.objects.filter(device_id=device_id).values_list("serial_number", "key"))


def test_a_device_without_further_channels_has_one_mount_and_no_channel():
    apply(body(1, channels=(MAIN,), meters=(OLD,)))

    assert not cached().channels
    assert len(cached().mounts) == 1
