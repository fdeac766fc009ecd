"""Any history of meters that is stored between batches of registers gives the model's hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from msgspec.structs import replace

from energy_contracts.events import Channel, MountedMeter
from monitoring.aggregates.verify import hours_that_differ
from monitoring.devices.cache import DeviceCache
from monitoring.models import Device
from monitoring.sync.services import device_apply

from .. import register_model as model
from ..conftest import NOON
from .stored import highest, make_meter, store, stored_hours, stored_spans
from .test_plausibility import ANY_METER, registers, shuffled

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@st.composite
def histories(draw: st.DrawFn, places: Sequence[datetime]) -> tuple[MountedMeter, ...]:
    """Draw meters A and B, or A, B and A again, with their registers, digits and factors."""
    borders = sorted(draw(st.sets(st.sampled_from(places), min_size=1, max_size=2)))
    border = st.sampled_from([timedelta(0), timedelta(0), 3 * MINUTE])
    instants = [None, *(at + draw(border) for at in borders), None]
    registers = st.sampled_from([None, "0", "12.345678", "99.9"])
    numbers = "ABA"
    return tuple(
        MountedMeter(
            id=uuid4(),
            serial_number=numbers[number],
            mounted_at=begin,
            removed_at=end,
            opening=_main(draw(registers) if begin else None),
            closing=_main(draw(registers) if end else None),
            register_digits=draw(st.sampled_from([None, 2])),
            multiplier=Decimal(draw(st.sampled_from(["1", "1", "0.333333", "40"]))),
        )
        for number, (begin, end) in enumerate(pairwise(instants))
    )


def _main(register: str | None) -> dict[str, Decimal]:
    return {} if register is None else {"main": Decimal(register)}


@pytest.mark.timeout(0)  # so many examples take long on a busy machine
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), ANY_METER, st.sampled_from([7, 17]), st.sampled_from([None, "99.95"]))
def test_meters_that_change_between_batches_give_the_hours_of_the_model(data, fields, apart, wraps):
    """Replacements, factors, digits and `register_wraps_at` are stored, changed and undone."""
    with transaction.atomic():
        places = [NOON + timedelta(minutes=apart * at) for at in range(-14, 14)]
        sent = [
            each._replace(meter=data.draw(st.sampled_from([None, None, None, "A", "B", "C"])))
            for each in data.draw(registers(places))
        ]
        meter = make_meter(fields)
        main = Channel(
            code="main",
            reading_kind="cumulative",
            register_wraps_at=None if wraps is None else Decimal(wraps),
        )
        changes = [
            replace(meter, meters=history, channels=(main,), register_digits=None)
            for history in data.draw(st.lists(histories(places), min_size=1, max_size=3))
        ]
        steps: list[object] = shuffled(data.draw, sent)
        for version, change in enumerate(changes, 2):
            steps.insert(data.draw(st.integers(0, len(steps))), (version, change))
        cache = DeviceCache()
        for step in steps:
            if isinstance(step, tuple):
                version, change = step
                device_apply(data=change, version=version, occurred_at=NOON)
            else:
                assert store(cache, meter.id, step) == []

        values = highest(sent)
        names = {each.at: each.meter for each in sorted(sent, key=lambda each: each.revision)}
        assert stored_hours(meter.id) == model.hours(changes[-1], values, names)
        assert stored_spans(meter.id) == model.spans(changes[-1], values, names)
        assert hours_that_differ([Device.objects.get(device_id=meter.id)]) == []
        transaction.set_rollback(True)
