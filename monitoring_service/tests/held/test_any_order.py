"""Decisions between registers in any order of arrival give the hours of the model."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from monitoring.aggregates.verify import hours_that_differ
from monitoring.devices.cache import DeviceCache
from monitoring.held.services import Kind, jump_decide
from monitoring.models import Device, HeldDecision, HeldJump
from service_kit.api.errors import Conflict

from .. import register_model as model
from ..conftest import NOON, make_user
from ..registers.stored import Sent, highest, make_meter, store, stored_hours, stored_spans
from ..registers.test_plausibility import APRIL, shuffled

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)

METERS = st.fixed_dictionaries(
    {
        "timezone": st.sampled_from(["UTC", "Asia/Kolkata"]),
        "register_digits": st.sampled_from([None, 2]),
        "max_power_kw": st.just(5.0),
        "interval_seconds": st.sampled_from([600, 3600]),
    }
)


@st.composite
def registers(draw: st.DrawFn, centre: datetime) -> list[Sent]:
    """Draw the registers of a counter that jumps often, and is sometimes reset or corrected."""
    places = [centre + 11 * MINUTE * at for at in range(-8, 8)]
    slots = draw(st.sets(st.sampled_from(places), min_size=3, max_size=12))
    series, value = [], draw(st.integers(0, 50)) * 100_000
    for at in sorted(slots):
        kind = draw(st.sampled_from("usedjjJr"))
        value += draw(st.integers(0, 4)) * 100_000
        if kind in "jJ":
            value += draw(st.sampled_from([2_000_000, 9_000_000]))
        if kind == "r" or value >= 95_000_000:
            value = 0
        series.append(Sent(at, value, 0))
        if kind == "J":
            series.append(Sent(at, value - 1_500_000, draw(st.integers(1, 2))))
    return series


def rise_of(row: HeldJump | HeldDecision) -> model.Rise:
    begin, end = row.begins_at.astimezone(UTC), row.ends_at.astimezone(UTC)
    return model.Rise(begin, end, row.before_milliwh, row.after_milliwh)


def in_force() -> dict[model.Rise, str]:
    """Return the latest decision about each rise."""
    decisions = {rise_of(row): row.kind for row in HeldDecision.objects.order_by("id")}
    return {rise: kind for rise, kind in decisions.items() if kind != Kind.UNDONE}


def accepted() -> set[model.Rise]:
    return {rise for rise, kind in in_force().items() if kind == Kind.ACCEPTED}


def assert_equals_the_model(device_id: UUID, meter, sent: list[Sent]) -> None:
    series = highest(sent)
    assert stored_hours(device_id) == model.hours(meter, series, accepted=accepted())
    assert stored_spans(device_id) == model.spans(meter, series, accepted=accepted())
    rises = model.walk(meter, series).rises
    decisions = in_force()
    assert {
        rise_of(jump): jump.decision and jump.decision.kind
        for jump in HeldJump.objects.select_related("decision")
    } == {rise: decisions.get(rise) for rise in rises}
    assert hours_that_differ([Device.objects.get(device_id=device_id)]) == []


@pytest.mark.timeout(0)  # so many examples take long on a busy machine
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), METERS, st.sampled_from([NOON, APRIL]))
def test_decisions_between_arrivals_give_the_hours_of_the_model(data, fields, centre):
    with transaction.atomic():
        meter, admin = make_meter(fields), make_user("admin")
        sent = data.draw(registers(centre))
        cache, arrived = DeviceCache(), []
        for batch in shuffled(data.draw, sent):
            assert store(cache, meter.id, batch) == []
            arrived += batch
            for jump in HeldJump.objects.order_by("begins_at"):
                kind = data.draw(st.sampled_from([None, None, *Kind]))
                if kind is None:
                    continue
                with suppress(Conflict):
                    jump_decide(jump_id=jump.id, kind=kind, actor=admin)
            assert_equals_the_model(meter.id, meter, arrived)
        transaction.set_rollback(True)
