"""Random readings through a real queue into two ingest processes that crash at random failpoints.

Hours, alerts and ledger equal those that the reference model derives from the same set, in any
order and batching and after any crash.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from energy_contracts.events import DeviceData
from monitoring.aggregates.verify import hours_that_differ
from monitoring.devices.selectors import devices_unregistered
from monitoring.ledger.selectors import ledger_rejections, ledger_totals
from monitoring.models import Alert, Device, Reading
from monitoring.sync.services import device_apply, device_delete

from .. import reference_model as model
from .. import register_model
from ..conftest import NOON, device_data
from ..reference_model import Sent
from ..registers.stored import stored_hours, stored_spans
from ..stored import hours_with_gaps, slots
from .consumers import Consumers, Crash, Queue, queue

pytestmark = [
    pytest.mark.usefixtures("committed"),
    # Threads of other tests may be left; the child does not touch what they hold.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
    pytest.mark.timeout(0),  # it depends on the number of examples
]

#: Number of examples. With the variable they are others in each run: `EXAMPLES=2000 pytest …`.
EXAMPLES = int(os.environ.get("EXAMPLES", "30"))

METERS: dict[str, dict[str, object]] = {
    "plain": {"max_consumption": 50.0},
    "half past": {"timezone": "Asia/Kolkata", "max_consumption": 1.0},
    "half hours": {"timezone": "Asia/Kathmandu", "interval_seconds": 1800},
    "bounded": {"max_power_kw": 6.0},  # 1 kWh in ten minutes
    "counter": {"reading_kind": "cumulative", "register_digits": 2, "max_consumption": 30.0},
    "reset": {"reading_kind": "cumulative", "timezone": "Asia/Kathmandu"},
    "sometimes wrong": {
        "reading_kind": "cumulative",
        "max_power_kw": 6.0,
        "max_consumption": 5.0,
    },
    "deleted": {},
    "late": {"reading_kind": "cumulative", "timezone": "Asia/Kolkata", "max_consumption": 20.0},
    "unknown": {},
}
#: A meter that is registered while readings arrive, and one that never is.
LATER, NEVER = "late", "unknown"

BAD = {
    "not_json": b"{",
    "wrong_shape": b'"reading"',
    "missing_field": b'{"measurement_value": 1}',
    "wrong_type": b'{"timestamp": "2026-03-10T12:00:00Z", "device_id": "%s", '
    b'"measurement_value": "1"}' % str(uuid4()).encode(),
    "out_of_range": b'{"timestamp": "2026-03-10T12:00:00Z", "device_id": "%s", '
    b'"measurement_value": NaN}' % str(uuid4()).encode(),
    "in_future": b'{"timestamp": "2126-03-10T12:00:00Z", "device_id": "%s", '
    b'"measurement_value": 1}' % str(uuid4()).encode(),
}


def random_elements(rnd: Random, count: int) -> list[Sent | str]:
    """Return elements of few meters, instants and values, so that many repeat or contradict."""
    meters = rnd.sample(sorted(METERS), rnd.randint(1, 3))
    slots = rnd.choice([2, 8, 30])
    elements: list[Sent | str] = []
    for _ in range(count):
        at = NOON + timedelta(minutes=10 * rnd.randrange(slots))
        tenths = rnd.choice([rnd.randint(0, 15), rnd.choice([0, 200, 930, 999])])
        reading = Sent(rnd.choice(meters), at, tenths * 100_000, rnd.choice([0, 0, 0, 0, 1, 2]))
        bad = rnd.choice(sorted(BAD))
        elements.append(rnd.choice([reading, reading, reading, bad, *elements[-2:]]))
    rnd.shuffle(elements)
    return elements


def random_crashes(rnd: Random) -> list[Crash]:
    places = ["ingest-before-commit", "ingest-before-ack"]
    return [Crash(rnd.choice(places), rnd.randint(1, 4)) for _ in range(rnd.randint(0, 6))]


class World(NamedTuple):
    """The devices of one example; those of earlier examples stay in the database."""

    ids: dict[str, UUID]
    data: dict[str, DeviceData]

    @classmethod
    def new(cls) -> World:
        ids = {name: uuid4() for name in METERS}
        return cls(ids, {name: device_data(ids[name], **METERS[name]) for name in METERS})

    def register(self, *names: str) -> None:
        for name in names:
            with transaction.atomic():
                device_apply(data=self.data[name], version=1, occurred_at=NOON)

    def body(self, element: Sent | str) -> bytes:
        if isinstance(element, str):
            return BAD[element]
        reading: dict[str, object] = {
            "timestamp": element.at.isoformat(),
            "device_id": str(self.ids[element.meter]),
            "measurement_value": element.value / 1_000_000,
        }
        return json.dumps(
            reading | ({"revision": element.revision} if element.revision else {})
        ).encode()


@pytest.fixture(scope="module")
def ingest_queue() -> Iterator[Queue]:
    with queue() as queue_of_module:
        yield queue_of_module


@hypothesis_settings(
    max_examples=EXAMPLES,
    derandomize="EXAMPLES" not in os.environ,
    phases=[Phase.generate],  # a smaller seed is no simpler example
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
# From a seed: examples that hypothesis composes are mostly small and seldom hold a correction.
@given(seed=st.integers(0, 2**64))
def test_hours_alerts_and_ledger_equal_the_model_after_any_crash(ingest_queue, seed):
    rnd = Random(seed)
    world = World.new()
    world.register(*METERS.keys() - {LATER, NEVER})
    with transaction.atomic():
        device_delete(device_id=world.ids["deleted"], version=2)
    elements = random_elements(rnd, rnd.randint(5, 80))
    before = ledger_totals(), Counter(ledger_rejections())

    consumers = Consumers(ingest_queue, rnd.randint(1, 12))
    ingest_queue.publish(packed(world, elements, rnd))
    consumers.empty_queue(random_crashes(rnd), meanwhile=lambda: world.register(LATER))

    stored = stored_readings(world)
    dead = ingest_queue.take_dead_letters()
    check_readings(elements, stored, dead, once=consumers.committed == len(elements))
    check_hours_and_alerts(world, stored)
    check_ledger(before, elements, stored, dead, consumers.committed)
    assert hours_that_differ(list(Device.objects.filter(device_id__in=world.ids.values()))) == []
    unregistered = devices_unregistered().filter(device_id__in=world.ids.values())
    sent_by_unregistered = any(meter == NEVER for meter, _ in stored)
    assert [device.device_id for device in unregistered] == [
        world.ids[NEVER]
    ] * sent_by_unregistered


def packed(world: World, elements: list[Sent | str], rnd: Random) -> list[bytes]:
    """Return the elements as messages: single readings and arrays."""
    messages, rest = [], list(elements)
    while rest:
        size = rnd.choice([1, 1, 1, 2, 5])
        part, rest = [world.body(element) for element in rest[:size]], rest[size:]
        alone = size == 1 or BAD["not_json"] in part
        messages += part if alone else [b"[" + b",".join(part) + b"]"]
    return messages


def stored_readings(world: World) -> dict[tuple[str, datetime], int]:
    keys = dict(
        Device.objects.filter(device_id__in=world.ids.values()).values_list("key", "device_id")
    )
    names = {device_id: name for name, device_id in world.ids.items()}
    return {
        (names[keys[row.device_key]], row.started_at.astimezone(UTC)): row.value_milliwh
        for row in Reading.objects.filter(device_key__in=keys)
    }


def reason_to_reject(element: Sent | str) -> str | None:
    """Return the reason for which the element is rejected in any order, None if there is none."""
    if isinstance(element, str):
        return element
    if element.meter == "deleted":
        return "device_deleted"
    if element.meter == "bounded" and element.value > 1_000_000:
        return "implausible"
    return None


def storable(elements: list[Sent | str]) -> list[Sent]:
    return [
        element
        for element in elements
        if isinstance(element, Sent) and reason_to_reject(element) is None
    ]


def check_readings(
    elements: list[Sent | str],
    stored: dict[tuple[str, datetime], int],
    dead: Counter[str],
    *,
    once: bool,
) -> None:
    """Check the stored readings and the dead letters.

    `once`: no batch was delivered twice. After a crash before the acknowledgement, its dead letters
    come again.
    """
    readings = storable(elements)
    allowed = model.candidates(readings)
    assert stored.keys() == allowed.keys()
    assert all(value in allowed[place] for place, value in stored.items())
    at_least, at_most = model.conflicts(readings, stored)
    assert at_least <= dead["conflict"]
    assert dead["conflict"] <= at_most or not once
    reasons = [(element, reason_to_reject(element)) for element in elements]
    bad = Counter(reason for _, reason in reasons if reason is not None)
    # A revision below the stored one is not checked, so the order of arrival decides about these.
    either = Counter(reason for element, reason in reasons if is_surpassed(element, readings))
    others = dead - Counter(conflict=dead["conflict"])
    assert others >= bad - either
    assert others.keys() <= bad.keys()
    assert others <= bad or not once


def is_surpassed(element: Sent | str, others: list[Sent]) -> bool:
    """Return whether an implausible reading may meet a plausible one of a higher revision."""
    return reason_to_reject(element) == "implausible" and any(
        (other.meter, other.at) == (element.meter, element.at) and other.revision > element.revision
        for other in others
    )


def check_hours_and_alerts(world: World, stored: dict[tuple[str, datetime], int]) -> None:
    for name, device_id in world.ids.items():
        row = Device.objects.filter(device_id=device_id).first()
        series = {at: value for (meter, at), value in stored.items() if meter == name}
        key = row and row.key
        if row and row.reading_kind == "cumulative":
            expected = register_model.hours(world.data[name], series)
            assert stored_hours(device_id) == expected, name
            expected_spans = register_model.spans(world.data[name], series)
            assert stored_spans(device_id) == expected_spans, name
        elif row:
            assert hours_with_gaps(device_id) == model.hours(world.data[name], series), name
            assert slots(device_id) == model.slots(world.data[name], series), name
        limit = world.data[name].max_consumption
        over = {
            start: energy
            for start, energy in model.measured_hours(world.data[name], series).items()
            if limit is not None and energy > limit * 1_000_000
        }
        open_alerts = Alert.objects.filter(device_key=key, withdrawn_at=None)
        assert dict(open_alerts.values_list("start", "energy_milliwh")) == over, name


def check_ledger(before, elements, stored, dead: Counter[str], committed: int) -> None:
    grown = {name: total - before[0][name] for name, total in ledger_totals().items()}
    # The committed readings, including deliveries that were repeated after a crash.
    assert grown["received"] == committed >= len(elements)
    assert grown["stored"] == len(stored)
    revisions = {(reading.meter, reading.at, reading.revision) for reading in storable(elements)}
    assert grown["corrected"] <= len(revisions) - len(stored)
    rejections = Counter(ledger_rejections()) - before[1]
    assert rejections >= dead
    assert sum(rejections.values()) == grown["rejected"]
    if committed == len(elements):
        assert rejections == dead
