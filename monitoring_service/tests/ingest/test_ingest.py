"""From messages to readings, hours and ledger."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from monitoring.aggregates.rebuild import device_hours_rebuild
from monitoring.aggregates.verify import hours_that_differ
from monitoring.devices.selectors import devices_unregistered
from monitoring.devices.visibility import devices_visible
from monitoring.energy.device_states import device_states
from monitoring.ingest.pipeline import store_messages
from monitoring.ledger.selectors import ledger_rejections
from monitoring.models import Device, Hour
from monitoring.sync.services import device_apply, device_delete

from ..conftest import NOON, device_data
from .batches import hours, ledger, message, send

pytestmark = pytest.mark.django_db


def test_readings_of_an_hour_add_up_exactly(meter, cache):
    send(cache, message(meter, 0, 0.1), message(meter, 10, 0.2), message(meter, 60, 0.3))

    assert hours(meter) == {NOON: (300_000, 2), NOON + timedelta(hours=1): (300_000, 1)}
    assert ledger() == (3, 3, 0, 0, 0)


def test_an_array_is_stored_like_its_elements_in_messages_of_their_own(meter, cache):
    send(cache, [message(meter, 0, 0.1), message(meter, 10, 0.2)])
    send(cache, message(meter, 20, 0.4))

    assert hours(meter) == {NOON: (700_000, 3)}


def test_a_reading_is_counted_once_when_delivered_twice(meter, cache):
    for _ in range(2):
        send(cache, message(meter, 0, 0.1), message(meter, 0, 0.1))

    assert hours(meter) == {NOON: (100_000, 1)}
    assert ledger() == (4, 1, 0, 3, 0)


def test_the_same_instant_with_another_offset_is_a_duplicate(meter, cache):
    shifted = (NOON + timedelta(minutes=10)).isoformat().replace("12:10", "14:10")
    send(cache, message(meter, 10, 0.1))
    send(cache, {**message(meter, 10, 0.1), "timestamp": shifted.replace("+00:00", "+02:00")})

    assert ledger() == (2, 1, 0, 1, 0)


def test_a_higher_revision_corrects_its_hour_and_a_lower_one_changes_nothing(meter, cache):
    send(cache, message(meter, 0, 0.1), message(meter, 10, 1))
    send(cache, message(meter, 0, 0.4, revision=2))
    send(cache, message(meter, 0, 0.2, revision=1))

    assert hours(meter) == {NOON: (1_400_000, 2)}
    assert ledger() == (4, 2, 1, 1, 0)


def test_corrections_delivered_again_in_one_batch_are_duplicates(meter, cache):
    chain = [message(meter, 0, kwh, revision) for revision, kwh in enumerate([0.1, 0.2, 0.3])]
    send(cache, *chain)
    assert ledger() == (3, 1, 2, 0, 0)
    send(cache, *chain)

    assert ledger() == (6, 1, 2, 3, 0)


def test_a_different_value_at_the_same_revision_is_a_conflict_and_the_first_stays(meter, cache):
    send(cache, message(meter, 0, 0.1))

    assert send(cache, message(meter, 0, 0.2)) == ["conflict"]
    assert hours(meter) == {NOON: (100_000, 1)}
    assert ledger() == (2, 1, 0, 0, 1)


def retire(device_id: UUID, version: int = 2, **changes: object) -> None:
    data = device_data(device_id, status="retired", **{"retired_at": NOON} | changes)
    device_apply(data=data, version=version, occurred_at=NOON + timedelta(days=1))


def test_a_retired_device_is_measured_up_to_its_retirement_and_not_after(meter, cache):
    """The time of a reading decides: one from before the retirement counts, however late."""
    send(cache, message(meter, -20, 1))
    retire(meter)

    reasons = send(cache, *(message(meter, minutes, 2) for minutes in (-10, 0, 10)))

    assert reasons == ["device_retired"] * 2
    assert hours(meter) == {NOON - timedelta(hours=1): (3_000_000, 2)}
    assert ledger() == (4, 2, 0, 0, 2)
    assert ledger_rejections() == {"device_retired": 2}


def test_a_device_that_is_put_back_into_service_is_measured_again(meter, cache):
    retire(meter)
    assert send(cache, message(meter, 10, 2)) == ["device_retired"]
    device_apply(data=device_data(meter), version=3, occurred_at=NOON + timedelta(days=2))

    assert send(cache, message(meter, 10, 2)) == []


def test_a_device_retires_at_the_time_of_an_event_that_names_no_instant(meter, cache):
    retire(meter, retired_at=None)

    day = 24 * 60
    assert send(cache, message(meter, day - 1, 1), message(meter, day, 1)) == ["device_retired"]


def test_readings_of_one_batch_are_counted_as_if_they_came_one_by_one(meter, cache):
    story = [message(meter, 0, 5), message(meter, 0, 7), message(meter, 0, 8, revision=1)]

    assert send(cache, story) == ["conflict"]
    assert ledger() == (3, 1, 1, 0, 1)


def test_a_stored_reading_is_a_duplicate_after_a_lower_power_was_set(meter, cache):
    send(cache, message(meter, 0, 50), message(meter, 10, 1, revision=1))
    limited = device_data(meter, max_power_kw=2)
    device_apply(data=limited, version=2, occurred_at=NOON)

    repeated = [message(meter, 0, 50), message(meter, 10, 80)]
    assert send(cache, *repeated) == send(cache, repeated) == []
    assert ledger() == (6, 2, 0, 4, 0)


def test_a_correction_above_the_power_in_force_is_rejected_as_a_new_value_is(meter, cache):
    send(cache, message(meter, 0, 50))
    limited = device_data(meter, max_power_kw=2)
    device_apply(data=limited, version=2, occurred_at=NOON)

    assert send(cache, message(meter, 0, 40, revision=1)) == ["implausible"]
    assert send(cache, message(meter, 0, 0.1, revision=1)) == []
    assert hours(meter) == {NOON: (100_000, 1)}


def test_a_stored_register_is_a_duplicate_after_fewer_digits_were_set(cache):
    device_id = uuid4()
    data = device_data(device_id, reading_kind="cumulative")
    device_apply(data=data, version=1, occurred_at=NOON)
    registers = [message(device_id, 0, 1_200), message(device_id, 10, 1_201)]
    send(cache, *registers)
    data = device_data(device_id, reading_kind="cumulative", register_digits=3)
    device_apply(data=data, version=2, occurred_at=NOON)

    assert send(cache, *registers, message(device_id, 20, 1_202)) == ["implausible"]
    assert ledger() == (5, 2, 0, 2, 1)


@pytest.mark.parametrize("blanks", ["", " ", "\r\n\t"])
def test_the_dead_letter_of_an_arrays_element_holds_that_element_alone(meter, cache, blanks):
    """A replay of the dead letter must not repeat the others, also of an array after blanks."""
    array = json.dumps([message(meter, 0, 0.1), message(meter, 0, 0.2)])

    (rejected,) = store_messages([(blanks + array).encode()], cache).tally.rejected

    assert json.loads(rejected.body)["measurement_value"] == 0.2


@pytest.mark.parametrize(
    ("kwh", "milliwh"),
    [("0.0000005", 0), ("0.0000015", 2), ("1.0000005", 1_000_000), ("4.3000005", 4_300_000)],
)
def test_a_seventh_decimal_is_rounded_half_even_as_it_is_written(meter, cache, kwh, milliwh):
    body = json.dumps(message(meter, 0, 0)).replace('_value": 0', f'_value": {kwh}')

    store_messages([body.encode()], cache)

    assert hours(meter) == {NOON: (milliwh, 1)}


def test_of_two_values_in_one_batch_the_first_is_stored_and_the_second_rejected(meter, cache):
    assert send(cache, message(meter, 0, 0.1), message(meter, 0, 0.2)) == ["conflict"]

    assert hours(meter) == {NOON: (100_000, 1)}


def test_values_of_a_repeated_batch_that_contradict_the_stored_one_are_rejected(meter, cache):
    first, second = message(meter, 0, 0.1), message(meter, 0, 0.2)
    send(cache, first)

    assert send(cache, second, first, second) == ["conflict"] * 2
    assert hours(meter) == {NOON: (100_000, 1)}
    assert ledger() == (4, 1, 0, 1, 2)


def test_a_late_reading_changes_its_own_hour_and_not_the_latest_one(meter, cache, admin):
    send(cache, message(meter, 0, 0.1))
    send(cache, message(meter, -7 * 24 * 60, 0.2))

    state = device_states(list(devices_visible(admin)), NOON)[0].main
    assert state.last_reading_at == NOON
    assert hours(meter) == {NOON: (100_000, 1), NOON - timedelta(days=7): (200_000, 1)}


def test_readings_below_the_stored_revision_are_duplicates_and_no_conflict(meter, cache):
    send(cache, message(meter, 0, 0.5, revision=1))

    assert send(cache, message(meter, 0, 0.1), message(meter, 0, 0.2)) == []
    assert ledger() == (3, 1, 0, 2, 0)


def test_good_readings_beside_a_bad_one_are_stored(meter, cache):
    reasons = send(
        cache, [message(meter, 0, 0.1), message(meter, 10, "0.2"), message(meter, 20, 0.3)]
    )

    assert reasons == ["wrong_type"]
    assert hours(meter) == {NOON: (400_000, 2)}
    assert ledger() == (3, 2, 0, 0, 1)
    assert ledger_rejections() == {"wrong_type": 1}


def test_a_reading_more_than_a_day_ahead_is_rejected(meter, cache):
    ahead = (datetime.now(UTC) + timedelta(hours=25)).isoformat()
    near = (datetime.now(UTC) + timedelta(hours=23)).isoformat()

    assert send(cache, {**message(meter, 0, 0.1), "timestamp": ahead}) == ["in_future"]
    assert send(cache, {**message(meter, 0, 0.1), "timestamp": near}) == []


def test_readings_of_an_unregistered_device_are_summed_before_and_after_its_registration(cache):
    device_id = uuid4()
    send(cache, message(device_id, 0, 0.1))

    assert [device.device_id for device in devices_unregistered()] == [device_id]
    assert hours(device_id) == {NOON: (100_000, 1)}

    device_apply(data=device_data(device_id), version=1, occurred_at=NOON)
    send(cache, message(device_id, 10, 0.2))

    assert not devices_unregistered().exists()
    assert hours(device_id) == {NOON: (300_000, 2)}


def test_a_device_registered_in_another_zone_has_its_earlier_hours_derived_again(cache):
    device_id = uuid4()
    send(cache, message(device_id, 0, 0.1), message(device_id, 40, 0.2))
    half_past_eleven = NOON - timedelta(minutes=30)

    device_apply(data=device_data(device_id, timezone="Asia/Kolkata"), version=1, occurred_at=NOON)
    send(cache, message(device_id, 50, 0.4))

    assert hours(device_id) == {
        half_past_eleven: (100_000, 1),
        half_past_eleven + timedelta(hours=1): (600_000, 2),
    }
    assert hours_that_differ() == []


def test_readings_of_a_deleted_device_are_rejected(meter, cache):
    send(cache, message(meter, 0, 0.1))
    device_delete(device_id=meter, version=2)

    assert send(cache, message(meter, 10, 0.2)) == ["device_deleted"]
    assert hours(meter) == {NOON: (100_000, 1)}


def test_verification_lists_a_changed_hour_and_a_rebuild_restores_it(meter, cache):
    send(cache, message(meter, 0, 0.1), message(meter, 10, 0.2))
    device = Device.objects.get(device_id=meter)
    Hour.objects.filter(device_key=device.key).update(energy_milliwh=1)

    assert hours_that_differ() == [(meter, NOON, 1, 300_000)]
    device_hours_rebuild(device)

    assert hours_that_differ() == []
    assert hours(meter) == {NOON: (300_000, 2)}
