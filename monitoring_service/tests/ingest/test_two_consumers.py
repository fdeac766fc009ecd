"""Random readings through a real queue into two ingest processes that die at any moment.

Whatever the order, the split and the crashes: hours, alerts and ledger are what a model of a few
lines makes of the same set.
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
from monitoring.models import Alert, Device, Hour, Reading
from monitoring.sync.services import device_apply, device_delete

from .. import reference_model as model
from ..conftest import NOON, device_data
from ..reference_model import Sent
from .consumers import Consumers, Crash, Queue, queue

pytestmark = [
    pytest.mark.usefixtures("committed"),
    # Threads of other tests may be left; the child does not touch what they hold.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
    pytest.mark.timeout(0),  # how long depends on how many examples are asked for
]

#: Random ones, other ones each time, when somebody asks for many: `EXAMPLES=2000 pytest …`.
EXAMPLES = int(os.environ.get("EXAMPLES", "30"))

METERS: dict[str, dict[str, object]] = {
    "plain": {"max_consumption": 50.0},
    "half past": {"timezone": "Asia/Kolkata", "max_consumption": 1.0},
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
#: Heard of while readings arrive, and never.
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
    """Few meters, instants and values, so that they meet: duplicates, corrections, conflicts."""
    meters = rnd.sample(sorted(METERS), rnd.randint(1, 3))
    slots = rnd.choice([2, 8, 30])
    found: list[Sent | str] = []
    for _ in range(count):
        at = NOON + timedelta(minutes=10 * rnd.randrange(slots))
        tenths = rnd.choice([rnd.randint(0, 15), rnd.choice([0, 200, 930, 999])])
        reading = Sent(rnd.choice(meters), at, tenths * 100_000, rnd.choice([0, 0, 0, 0, 1, 2]))
        found.append(rnd.choice([reading, reading, reading, rnd.choice(sorted(BAD)), *found[-2:]]))
    rnd.shuffle(found)
    return found


def random_crashes(rnd: Random) -> list[Crash]:
    places = ["ingest-before-commit", "ingest-before-ack"]
    return [Crash(rnd.choice(places), rnd.randint(1, 4)) for _ in range(rnd.randint(0, 6))]


class World(NamedTuple):
    """The devices of one example: new ones each time, beside those of the examples before."""

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
    with queue() as found:
        yield found


@hypothesis_settings(
    max_examples=EXAMPLES,
    derandomize="EXAMPLES" not in os.environ,
    phases=[Phase.generate],  # a smaller seed is no simpler example
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
# From a seed: what hypothesis composes by itself is mostly small, and seldom holds a correction.
@given(seed=st.integers(0, 2**64))
def test_hours_alerts_and_ledger_are_those_of_the_set_whatever_crashes(ingest_queue, seed):
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
    sent_by_stranger = any(meter == NEVER for meter, _ in stored)
    assert [one.device_id for one in unregistered] == [world.ids[NEVER]] * sent_by_stranger


def packed(world: World, elements: list[Sent | str], rnd: Random) -> list[bytes]:
    """As single readings and arrays."""
    found, rest = [], list(elements)
    while rest:
        size = rnd.choice([1, 1, 1, 2, 5])
        part, rest = [world.body(one) for one in rest[:size]], rest[size:]
        alone = size == 1 or BAD["not_json"] in part
        found += part if alone else [b"[" + b",".join(part) + b"]"]
    return found


def stored_readings(world: World) -> dict[tuple[str, datetime], int]:
    keys = dict(
        Device.objects.filter(device_id__in=world.ids.values()).values_list("key", "device_id")
    )
    names = {device_id: name for name, device_id in world.ids.items()}
    return {
        (names[keys[one.device_key]], one.started_at.astimezone(UTC)): one.value_milliwh
        for one in Reading.objects.filter(device_key__in=keys)
    }


def refused(element: Sent | str) -> str | None:
    """Why the element cannot be stored, whatever else was sent."""
    if isinstance(element, str):
        return element
    if element.meter == "deleted":
        return "device_deleted"
    if element.meter == "bounded" and element.value > 1_000_000:
        return "implausible"
    return None


def sound(elements: list[Sent | str]) -> list[Sent]:
    return [one for one in elements if isinstance(one, Sent) and refused(one) is None]


def check_readings(
    elements: list[Sent | str],
    stored: dict[tuple[str, datetime], int],
    dead: Counter[str],
    *,
    once: bool,
) -> None:
    """A process that dies before it acknowledges has its dead letters come again, if not `once`."""
    allowed = model.candidates(sound(elements))
    assert stored.keys() == allowed.keys()
    assert all(value in allowed[place] for place, value in stored.items())
    at_least, at_most = model.conflicts(sound(elements), stored)
    assert at_least <= dead["conflict"]
    assert dead["conflict"] <= at_most or not once
    bad = Counter(refused(one) for one in elements if refused(one) is not None)
    # A lower revision than what is stored is judged no more, so the order decides about these.
    either = Counter(refused(one) for one in elements if is_surpassed(one, sound(elements)))
    others = dead - Counter(conflict=dead["conflict"])
    assert others >= bad - either
    assert others.keys() <= bad.keys()
    assert others <= bad or not once


def is_surpassed(element: Sent | str, others: list[Sent]) -> bool:
    """Whether an implausible reading may meet a plausible one of a higher revision."""
    return refused(element) == "implausible" and any(
        (one.meter, one.at) == (element.meter, element.at) and one.revision > element.revision
        for one in others
    )


def check_hours_and_alerts(world: World, stored: dict[tuple[str, datetime], int]) -> None:
    for name, device_id in world.ids.items():
        row = Device.objects.filter(device_id=device_id).first()
        series = {at: value for (meter, at), value in stored.items() if meter == name}
        expected = model.hours(world.data[name], series)
        key = row and row.key
        found = {
            hour.start: (hour.energy_milliwh, hour.reading_count, hour.covers_hours)
            for hour in Hour.objects.filter(device_key=key)
        }
        assert found == expected, name
        limit = world.data[name].max_consumption
        over = {
            start: energy
            for start, (energy, _, _) in expected.items()
            if limit is not None and energy > limit * 1_000_000
        }
        open_alerts = Alert.objects.filter(device_key=key, withdrawn_at=None)
        assert dict(open_alerts.values_list("start", "energy_milliwh")) == over, name


def check_ledger(before, elements, stored, dead: Counter[str], committed: int) -> None:
    grown = {name: total - before[0][name] for name, total in ledger_totals().items()}
    # Exactly what was committed, deliveries repeated after a crash included.
    assert grown["received"] == committed >= len(elements)
    assert grown["stored"] == len(stored)
    revisions = {(one.meter, one.at, one.revision) for one in sound(elements)}
    assert grown["corrected"] <= len(revisions) - len(stored)
    rejections = Counter(ledger_rejections()) - before[1]
    assert rejections >= dead
    assert sum(rejections.values()) == grown["rejected"]
    if committed == len(elements):
        assert rejections == dead
