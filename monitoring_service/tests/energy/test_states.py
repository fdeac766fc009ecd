"""The states of devices: live, late, silent or never seen, in lists and in numbers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from monitoring.energy.device_states import state_at
from monitoring.ingest.pipeline import store_messages
from monitoring.sync.services import assignment_apply, device_apply, device_delete

from ..conftest import NOON, device_data

DEVICES = "/api/monitoring/devices/"
STATES = f"{DEVICES}states/"
CASES = json.loads((Path(__file__).parents[3] / "tests/fixtures/states/ages.json").read_text())

#: Ages of the last reading in intervals of ten minutes, by state.
INTERVALS = {"live": 1, "late": 6, "silent": 20}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_device_has_the_state_of_the_age_of_its_last_reading(case):
    age = case["age_seconds"]
    last = None if age is None else NOON - timedelta(seconds=age)

    assert state_at(NOON, last, case["interval_seconds"]) == case["state"]


@pytest.fixture
def make_meter(db, cache):
    """Return a function that registers a device with a last reading of the given state."""

    def make(state: str, **values: object) -> UUID:
        device_id = uuid4()
        data = device_data(device_id, **{"name": state, **values})
        device_apply(data=data, version=1, occurred_at=NOON)
        if state != "never":
            age = timedelta(minutes=10) * INTERVALS[state]
            reading = {
                "device_id": str(device_id),
                "timestamp": (datetime.now(UTC) - age).isoformat(),
                "measurement_value": 1,
            }
            store_messages([json.dumps(reading).encode()], cache)
        return device_id

    return make


@pytest.fixture
def fleet(make_meter) -> list[UUID]:
    """Register two devices of each state."""
    return [make_meter(state) for state in ("never", "silent", "live", "late") for _ in range(2)]


def names(client, **query) -> list[str]:
    answer = client.get(DEVICES, query)
    assert answer.status_code == 200, answer.json()
    return [device["name"] for device in answer.json()["results"]]


@pytest.mark.parametrize("state", ["live", "late", "silent", "never"])
@pytest.mark.parametrize("kind", ["interval", "cumulative"])
def test_the_list_of_a_state_has_the_devices_in_it(api, admin, make_meter, state, kind):
    for each in ("never", "silent", "live", "late"):
        make_meter(each, reading_kind=kind)

    answer = api(admin).get(DEVICES, {"state": state}).json()

    assert (answer["count"], [device["state"] for device in answer["results"]]) == (1, [state])
    assert [device["name"] for device in answer["results"]] == [state]


def test_a_list_by_last_reading_begins_with_the_longest_silence_and_ends_with_never(
    api, admin, fleet
):
    client = api(admin)
    order = ["silent", "silent", "late", "late", "live", "live", "never", "never"]

    assert names(client, ordering="last_reading_at") == order
    assert names(client, ordering="-last_reading_at") == order[::-1]
    assert names(client, ordering="last_reading_at", state="late") == ["late", "late"]


def test_pages_by_last_reading_have_each_device_once_in_both_directions(api, admin, fleet):
    client = api(admin)
    for ordering in ("last_reading_at", "-last_reading_at"):
        whole = [
            row["device_id"]
            for row in client.get(DEVICES, {"ordering": ordering}).json()["results"]
        ]
        page = client.get(DEVICES, {"ordering": ordering, "page_size": 3}).json()
        pages = [page]
        while page["next"]:
            page = client.get(page["next"]).json()
            pages.append(page)
        back = [page]
        while page["previous"]:
            page = client.get(page["previous"]).json()
            back.append(page)

        assert [row["device_id"] for each in pages for row in each["results"]] == whole
        assert [row["device_id"] for each in back[::-1] for row in each["results"]] == whole


def test_a_state_and_another_order_work_together(api, admin, make_meter):
    for name in ("b", "a", "c"):
        make_meter("silent", name=name)

    assert names(api(admin), state="silent", ordering="-name") == ["c", "b", "a"]


def test_the_number_of_devices_in_each_state_follows_the_filters(api, admin, make_meter, fleet):
    make_meter("silent", status="in_stock")
    client = api(admin)

    assert client.get(STATES).json() == {"live": 2, "late": 2, "silent": 3, "never": 2}
    assert client.get(STATES, {"status": "deployed"}).json() == {
        "live": 2,
        "late": 2,
        "silent": 2,
        "never": 2,
    }


def test_states_of_chosen_devices_are_listed_by_their_ids(api, admin, fleet):
    query = {"id": f"{fleet[0]},{fleet[4]},{uuid4()}"}

    assert names(api(admin), **query) == ["live", "never"]
    assert names(api(admin), **query, state="live") == ["live"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "asleep"}, "state"),
        ({"ordering": "interval_seconds"}, "ordering"),
        ({"id": "no-id"}, "id"),
        ({"id": ",".join(str(uuid4()) for _ in range(101))}, "id"),
        ({"assigned_to": "maria"}, "assigned_to"),
    ],
)
def test_a_wrong_filter_is_rejected_by_its_name(api, admin, query, field):
    answer = api(admin).get(DEVICES, query)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_clients_list_and_count_the_states_of_their_own_devices_only(api, alice, bob, fleet):
    assignment_apply(device_id=fleet[2], user_id=alice.id, active=True, version=1)

    assert names(api(alice), ordering="last_reading_at") == ["silent"]
    assert names(api(alice), state="live") == []
    assert names(api(alice), id=str(fleet[4])) == []
    assert names(api(alice), assigned_to=str(alice.id)) == ["silent"]
    assert names(api(bob), assigned_to=str(alice.id)) == []
    assert api(alice).get(STATES).json() == {"live": 0, "late": 0, "silent": 1, "never": 0}
    assert sum(api(bob).get(STATES).json().values()) == 0


def test_a_client_does_not_learn_from_a_filter_who_else_has_the_device(api, alice, bob, fleet):
    for user in (alice, bob):
        assignment_apply(device_id=fleet[0], user_id=user.id, active=True, version=1)

    assert names(api(bob)) == ["never"]
    assert names(api(bob), assigned_to=str(alice.id)) == []


def test_a_deleted_device_is_in_no_state(api, admin, fleet):
    device_delete(device_id=fleet[2], version=2)

    assert names(api(admin), state="silent") == ["silent"]
    assert api(admin).get(STATES).json()["silent"] == 1


def test_a_list_by_state_costs_the_same_queries_for_one_as_for_many(
    api, admin, fleet, django_assert_max_num_queries
):
    with django_assert_max_num_queries(11):
        assert len(names(api(admin), ordering="last_reading_at")) == 8
