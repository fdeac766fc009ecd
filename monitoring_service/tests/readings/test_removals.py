"""Removals: hours and alerts follow, and the removed reading is not stored again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from monitoring.aggregates.retention import month_close
from monitoring.aggregates.verify import hours_that_differ
from monitoring.energy.device_states import device_states
from monitoring.ingest.pipeline import store_messages
from monitoring.ledger.selectors import ledger_totals
from monitoring.models import Alert, Device, Reading, RemovedReading
from monitoring.storage.partitions import partition_ensure, partitions_note
from monitoring.sync.services import device_apply

from ..conftest import NOON, at, device_data, make_user
from ..live.sockets import Socket
from ..stored import hours_with_gaps

pytestmark = pytest.mark.django_db

DATA, REMOVED = "/api/monitoring/data/", "/api/monitoring/data/removed/"
HOUR = timedelta(hours=1)


def send(cache, device_id, *readings: tuple[int, float, int]) -> list[str]:
    """Store (minutes after noon, kWh, revision) as one batch; return the reasons of rejection."""
    array = [
        {
            "device_id": str(device_id),
            "timestamp": at(minutes),
            "measurement_value": kwh,
            "revision": revision,
        }
        for minutes, kwh, revision in readings
    ]
    result = store_messages([json.dumps(array).encode()], cache)
    return [str(reading.error.reason) for reading in result.tally.rejected]


def remove(client, device_id, minutes: int, **more: str):
    query = {"device_id": str(device_id), "timestamp": at(minutes), **more}
    return client.delete(DATA, query_params=query)


def hours(device_id) -> dict[datetime, int]:
    device = Device.objects.get(device_id=device_id)
    assert hours_that_differ([device]) == []
    return {start: energy for start, (energy, *_) in hours_with_gaps(device_id).items()}


def counted(*names: str) -> tuple[int, ...]:
    totals = ledger_totals()
    return tuple(totals[name] for name in names)


def test_a_removed_reading_leaves_its_hour_and_a_record(api, admin, meter, cache):
    send(cache, meter, (0, 0.5, 0), (10, 9.0, 3))

    answer = remove(api(admin), meter, 10, note="the clock was wrong")

    assert answer.status_code == 200, answer.content
    record = answer.json()
    assert record | {"id": 0, "removed_at": ""} == {
        "id": 0,
        "device_id": str(meter),
        "timestamp": "2026-03-10T12:10:00Z",
        "measurement_value": 9.0,
        "revision": 3,
        "channel": "main",
        "unit": "kWh",
        "removed_at": "",
        "removed_by": str(admin.id),
        "removed_by_name": admin.username,
        "note": "the clock was wrong",
    }
    assert hours(meter) == {NOON: 500_000}
    assert api(admin).get(REMOVED).json()["results"] == [record]


def test_an_hour_that_loses_its_last_reading_is_deleted_and_the_first_hour_moves(
    api, admin, meter, cache
):
    send(cache, meter, (-60 * 24 * 9_000, 0.5, 0), (0, 0.5, 0))

    assert remove(api(admin), meter, -60 * 24 * 9_000).status_code == 200

    assert hours(meter) == {NOON: 500_000}
    state = device_states([Device.objects.get(device_id=meter)], NOON)[0].main
    assert state.first_hour == NOON


def test_the_last_reading_of_a_device_is_the_latest_that_remains_after_a_removal(
    api, admin, meter, cache
):
    send(cache, meter, (0, 0.5, 0), (600, 0.7, 0))

    remove(api(admin), meter, 600)

    state = device_states([Device.objects.get(device_id=meter)], NOON)[0].main
    assert (state.last_reading_at, state.last_reading_milliwh) == (NOON, 500_000)


def test_a_device_without_any_reading_left_has_no_hours(api, admin, meter, cache):
    send(cache, meter, (0, 0.5, 0))

    assert remove(api(admin), meter, 0).status_code == 200

    assert hours(meter) == {}


def test_an_alert_is_withdrawn_when_a_removal_brings_its_hour_within_the_limit(api, admin, cache):
    device_id = uuid4()
    data = device_data(device_id, max_consumption=1.0)
    device_apply(data=data, version=1, occurred_at=NOON)
    send(cache, device_id, (0, 0.9, 0), (10, 0.9, 0), (60, 5.0, 0))

    for minutes in (10, 60):
        remove(api(admin), device_id, minutes)

    assert Alert.objects.filter(withdrawn_at=None).count() == 0
    assert list(Alert.objects.order_by("start").values_list("energy_milliwh", flat=True)) == [
        900_000,
        0,
    ]


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_removed_reading_again_is_a_duplicate_and_a_higher_revision_is_stored(
    api, admin, meter, cache, in_one_batch
):
    send(cache, meter, (0, 5.0, 0), (0, 6.0, 1))
    remove(api(admin), meter, 0)
    again = [(0, 6.0, 1), (0, 5.0, 0), (0, 7.0, 1)]

    assert send(cache, meter, *again) == []
    assert hours(meter) == {}
    assert counted("stored", "corrected", "duplicates", "rejected") == (1, 1, 3, 0)

    later = [(0, 0.6, 2), *again]
    for batch in [later] if in_one_batch else [[reading] for reading in later]:
        assert send(cache, meter, *batch) == []
    assert hours(meter) == {NOON: 600_000}
    assert counted("stored", "corrected", "duplicates", "rejected") == (2, 1, 6, 0)


def test_a_reading_that_was_removed_twice_stays_out_up_to_its_higher_revision(
    api, admin, meter, cache
):
    send(cache, meter, (0, 5.0, 0))
    remove(api(admin), meter, 0)
    send(cache, meter, (0, 6.0, 4))
    remove(api(admin), meter, 0)

    assert send(cache, meter, (0, 5.0, 0), (0, 5.5, 3), (0, 6.0, 4)) == []
    assert hours(meter) == {}
    assert RemovedReading.objects.count() == 2


def test_the_difference_across_a_removed_register_is_taken_from_its_neighbours(api, admin, cache):
    device_id = uuid4()
    data = device_data(device_id, reading_kind="cumulative")
    device_apply(data=data, version=1, occurred_at=NOON)
    send(cache, device_id, (0, 500, 0), (60, 501, 0), (120, 900, 0), (180, 902, 0))
    with_the_wrong_one = hours(device_id)[NOON + 2 * HOUR]

    assert remove(api(admin), device_id, 120).status_code == 200

    assert with_the_wrong_one == 2_000_000
    assert hours(device_id) == {NOON: 1_000_000, NOON + 2 * HOUR: 401_000_000}
    assert send(cache, device_id, (120, 900, 0)) == []
    assert hours(device_id)[NOON + 2 * HOUR] == 401_000_000


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(["interval", "cumulative"]),
    power=st.sampled_from([None, 8.0]),
    story=st.lists(
        st.tuples(
            st.sampled_from([0, 30, 60, 61, 200, 46_000]),
            st.sampled_from([0, 1, 2, 900]),
            st.integers(0, 2),
        ),
        min_size=3,
        max_size=12,
    ),
    removed=st.lists(st.sampled_from([0, 30, 60, 61, 200, 46_000]), min_size=1, max_size=3),
    data=st.data(),
)
def test_readings_that_are_sent_again_change_nothing_after_a_removal(
    api, admin, cache, kind, power, story, removed, data
):
    device_id = uuid4()
    device = device_data(device_id, reading_kind=kind, max_power_kw=power)
    device_apply(data=device, version=1, occurred_at=NOON)
    send(cache, device_id, *story)
    for minutes in removed:
        remove(api(admin), device_id, minutes)
    after = hours(device_id)

    for reading in data.draw(st.permutations(story)):
        send(cache, device_id, reading)
        assert hours(device_id) == after


def test_only_administrators_may_remove_readings_and_list_removals(api, admin, alice, meter, cache):
    send(cache, meter, (0, 0.5, 0))

    assert remove(api(alice), meter, 0).status_code == 403
    assert remove(api(), meter, 0).status_code == 401
    assert api(alice).get(REMOVED).status_code == 403
    assert Reading.objects.count() == 1


def test_the_removal_of_a_missing_reading_answers_not_found(api, admin, meter, cache):
    send(cache, meter, (0, 0.5, 0))

    assert remove(api(admin), meter, 10).status_code == 404
    assert remove(api(admin), uuid4(), 0).status_code == 404
    assert remove(api(admin), meter, 0).status_code == 200
    assert remove(api(admin), meter, 0).status_code == 404
    naive = remove(api(admin), meter, 0, timestamp="2026-03-10T12:00:00")
    assert naive.json()["errors"].keys() == {"timestamp"}


def test_a_reading_of_a_closed_month_cannot_be_removed(api, admin, cache):
    device_id = uuid4()
    data = device_data(device_id, reading_kind="cumulative")
    device_apply(data=data, version=1, occurred_at=NOON)
    send(cache, device_id, (0, 500, 0), (60, 501, 0), (60 * 24 * 40, 600, 0))
    month = datetime(2026, 3, 1, tzinfo=UTC)
    partition_ensure(month)
    partitions_note(NOON)
    month_close(month)

    # The last register of the month is stored still: the next difference is taken from it.
    for minutes in (0, 60):
        answer = remove(api(admin), device_id, minutes)
        assert (answer.status_code, answer.json()["code"]) == (409, "month_closed")
    assert remove(api(admin), device_id, 60 * 24 * 40).status_code == 200


def test_removals_are_listed_by_device_and_in_pages(api, admin, meter, cache):
    other = uuid4()
    device_apply(data=device_data(other), version=1, occurred_at=NOON)
    for device_id in (meter, other):
        send(cache, device_id, (0, 1, 0), (10, 2, 0))
        for minutes in (0, 10):
            remove(api(admin), device_id, minutes)

    assert api(admin).get(REMOVED).json()["count"] == 4
    page = api(admin).get(REMOVED, {"device_id": str(meter), "page_size": 1}).json()
    assert (page["count"], [row["measurement_value"] for row in page["results"]]) == (2, [2.0])
    assert [row["measurement_value"] for row in api(admin).get(page["next"]).json()["results"]] == [
        1.0
    ]


def test_records_of_removals_can_be_neither_changed_nor_deleted(api, admin, meter, cache):
    send(cache, meter, (0, 0.5, 0))
    remove(api(admin), meter, 0)

    for change in ("UPDATE removed_reading SET note = 'x'", "DELETE FROM removed_reading"):
        with (
            pytest.raises(DatabaseError, match="cannot be changed or deleted"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)


def test_a_removal_names_its_administrator_after_the_account_is_deleted(api, admin, meter, cache):
    send(cache, meter, (0, 0.5, 0))
    remove(api(admin), meter, 0)
    name = admin.username
    admin.delete()

    (record,) = api(make_user("admin")).get(REMOVED).json()["results"]
    assert record["removed_by_name"] == name


@pytest.mark.django_db(transaction=True)
def test_a_socket_receives_the_hour_without_the_removed_reading(
    api, admin, alice, issuer, meter, cache, committed, url
):
    send(cache, meter, (0, 0.5, 0), (10, 9.0, 0), (60, 7.0, 0))
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)

        remove(api(admin), meter, 10)
        frame = socket.hear()
        assert (frame["start"], frame["total_consumption"]) == ("2026-03-10T12:00:00Z", 0.5)
        assert frame["last_reading_value"] == 7.0

        remove(api(admin), meter, 60)
        frame = socket.hear()
        assert frame["start"] == "2026-03-10T13:00:00Z"
        assert frame["total_consumption"] is None, "unknown, not 0"

        remove(api(admin), meter, 0)
        frame = socket.hear()
        assert frame["start"] == "2026-03-10T12:00:00Z"
        assert frame["total_consumption"] is None
        assert (frame["last_reading_at"], frame["last_reading_value"]) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_a_socket_receives_hours_again_after_the_database_closed_all_connections(
    api, admin, alice, issuer, meter, cache, committed, url
):
    send(cache, meter, (0, 0.5, 0), (10, 9.0, 0), (60, 7.0, 0))
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)
        remove(api(admin), meter, 10)
        assert socket.hear()["total_consumption"] == 0.5

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        remove(api(admin), meter, 60)

        assert socket.hear()["start"] == "2026-03-10T13:00:00Z"
