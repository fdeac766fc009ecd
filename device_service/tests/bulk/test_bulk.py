"""One action on many devices: each is done, unchanged or rejected, and everything is on record."""

from __future__ import annotations

from uuid import uuid4

import pytest

from devices.assignments.services import assignment_create
from devices.inventory import selectors
from devices.inventory.services import device_transition
from devices.models import Assignment, Device, DeviceStatus, LogEntry

from ..world import events_of, events_of_pair, outbox

URL = "/api/devices/bulk/"


@pytest.fixture
def act(api, admin):
    """Return a function that takes an action as the administrator."""

    def post(action: str, **body):
        return api(admin).post(URL, {"action": action, **body}, format="json")

    return post


@pytest.fixture
def flats(make_device) -> list[Device]:
    """Return four devices in stock, by name."""
    return [make_device(name=f"Flat {n}", location="Store") for n in range(4)]


def statuses() -> list[str]:
    return list(Device.objects.order_by("name").values_list("status", flat=True))


def test_many_devices_are_deployed_each_with_its_log_entry_and_event(act, boss, flats):
    answer = act("deploy", ids=[flat.id for flat in flats], location="Stair B", notes="move-in")

    assert answer.status_code == 200
    report = answer.json()
    assert (report["done"], report["unchanged"], report["rejected"]) == (4, 0, 0)
    assert {(each["name"], each["result"]) for each in report["results"]} == {
        (flat.name, "done") for flat in flats
    }
    for flat in flats:
        flat.refresh_from_db()
        assert (flat.status, flat.location, flat.version) == ("deployed", "Stair B", 2)
        assert flat.deploy_date is not None
        entry = flat.log_entries.get(action="status_changed")
        assert (entry.actor_id, entry.notes) == (boss.id, "move-in")
        assert entry.old_values == {"status": "in_stock", "location": "Store", "deploy_date": None}
        assert entry.new_values["status"] == "deployed"
        assert events_of(flat.id) == [("device_created", 1), ("device_updated", 2)]


def test_without_a_place_each_device_keeps_its_own_when_deployed_and_loses_it_when_recalled(
    act, flats
):
    ids = [flat.id for flat in flats]

    act("deploy", ids=ids)
    assert {device.location for device in Device.objects.all()} == {"Store"}
    act("recall", ids=ids)

    assert {(device.status, device.location) for device in Device.objects.all()} == {
        ("in_stock", "")
    }


def test_devices_that_may_not_change_are_rejected_by_name_and_the_others_change(act, boss, flats):
    device_transition(actor=boss, device_id=flats[0].id, target=DeviceStatus.RETIRED)
    device_transition(actor=boss, device_id=flats[1].id, target=DeviceStatus.DEPLOYED)
    stranger = uuid4()

    report = act("deploy", ids=[*(flat.id for flat in flats), stranger]).json()

    results = {each["id"]: each for each in report["results"]}
    assert (report["done"], report["unchanged"], report["rejected"]) == (2, 1, 2)
    assert results[str(flats[0].id)]["detail"] == (
        "A device that is retired cannot become deployed; allowed: nothing, this is final."
    )
    assert results[str(flats[1].id)]["result"] == "unchanged"
    assert results[str(flats[0].id)]["code"] == "transition_not_allowed"
    assert (results[str(stranger)]["result"], results[str(stranger)]["code"]) == (
        "rejected",
        "not_found",
    )
    assert statuses() == ["retired", "deployed", "deployed", "deployed"]
    assert events_of(flats[1].id) == [("device_created", 1), ("device_updated", 2)]


def test_many_devices_are_assigned_and_those_that_the_user_has_are_unchanged(
    act, api, boss, alice, flats
):
    assignment_create(actor=boss, device_id=flats[0].id, user_id=alice.id)

    report = act("assign", ids=[flat.id for flat in flats], user_id=alice.id, notes="lease").json()

    assert (report["done"], report["unchanged"], report["rejected"]) == (3, 1, 0)
    assert api(alice).get("/api/devices/").json()["count"] == 4
    assert {events_of_pair(flat.id, alice.id)[-1] for flat in flats} == {("device_assigned", 1)}
    assert LogEntry.objects.filter(action="assigned", notes="lease").count() == 3


def test_a_device_that_a_user_had_before_is_assigned_again_with_a_higher_version(
    act, api, admin, alice, meter
):
    api(admin).delete(f"/api/devices/{meter.id}/assignments/{alice.id}/")

    report = act("assign", ids=[meter.id], user_id=alice.id).json()

    assert report["done"] == 1
    assert events_of_pair(meter.id, alice.id)[-1] == ("device_assigned", 3)
    assert Assignment.objects.filter(ended_at=None).count() == 1


def test_all_devices_that_a_list_shows_are_chosen_by_its_filters(act, flats, make_device):
    make_device(name="Workshop")

    report = act("deploy", filter={"search": "flat", "status": "in_stock"}, count=4).json()

    assert report["done"] == 4
    assert statuses() == ["deployed"] * 4 + ["in_stock"]


def test_nothing_changes_if_the_list_is_another_one_than_the_user_saw(act, flats):
    answer = act("deploy", filter={}, count=3)

    assert (answer.status_code, answer.json()["code"]) == (409, "list_changed")
    assert answer.json()["count"] == 4
    assert statuses() == ["in_stock"] * 4


def test_too_many_devices_are_rejected_before_any_changes(act, flats, monkeypatch):
    monkeypatch.setattr(selectors, "MAX_SELECTED", 3)

    answer = act("deploy", filter={})

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_devices")
    assert statuses() == ["in_stock"] * 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"action": "explode"}, "action"),
        ({"action": "retire"}, "action"),
        ({"ids": []}, "ids"),
        ({"ids": ["x"]}, "ids"),
        ({"filter": {}}, "ids"),
        ({"filter": {"status": "lost"}, "ids": None}, "filter"),
        ({"user_id": str(uuid4())}, "user_id"),
        ({"action": "assign"}, "user_id"),
        ({"action": "assign", "user_id": str(uuid4()), "location": "Here"}, "location"),
        ({"action": "assign", "user_id": str(uuid4())}, "user_id"),
        ({"location": "x" * 251}, "location"),
    ],
)
def test_a_wrong_body_is_rejected_by_its_field_and_changes_nothing(act, flats, body, field):
    sent = {"ids": [str(flat.id) for flat in flats], "action": "deploy", **body}
    before = len(outbox())

    answer = act(
        sent.pop("action"), **{key: value for key, value in sent.items() if value is not None}
    )

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert statuses() == ["in_stock"] * 4
    assert len(outbox()) == before


def test_clients_may_not_act_even_on_their_own_devices(api, alice, meter):
    body = {"action": "deploy", "ids": [str(meter.id)]}

    assert api(alice).post(URL, body, format="json").status_code == 403
    assert api().post(URL, body, format="json").status_code == 401
    assert statuses() == ["in_stock"]


def test_an_action_costs_the_same_queries_for_one_device_as_for_many(
    act, alice, flats, django_assert_num_queries
):
    with django_assert_num_queries(10):
        act("deploy", ids=[flats[0].id])
    with django_assert_num_queries(10):
        act("deploy", ids=[flat.id for flat in flats[1:]])
