"""Assignments of devices to users, and their history."""

from __future__ import annotations

from uuid import uuid4

import pytest

from devices.models import Assignment

from ..world import events_of_pair, make_user


def at(device, user=None) -> str:
    return f"/api/devices/{device.id}/assignments/" + (f"{user.id}/" if user else "")


def give(client, device, user):
    return client.post(at(device), {"user_id": str(user.id)}, format="json")


def test_an_administrator_assigns_a_device_to_a_user(api, admin, alice, make_device):
    device = make_device()

    answer = give(api(admin), device, alice)

    assert answer.status_code == 201
    made = answer.json()
    assert (made["device_id"], made["user_id"]) == (str(device.id), str(alice.id))
    assert (made["assigned_by"], made["username"]) == (str(admin.id), alice.username)
    assert made["assigned_at"].endswith("Z")
    assert api(alice).get(f"/api/devices/{device.id}/").status_code == 200


def test_a_repeated_assignment_changes_nothing_and_publishes_no_event(
    api, admin, alice, make_device
):
    device = make_device()
    first = give(api(admin), device, alice)

    again = give(api(admin), device, alice)

    assert (again.status_code, again.json()) == (200, first.json())
    assert events_of_pair(device.id, alice.id) == [("device_assigned", 1)]


def test_a_device_may_be_assigned_to_several_users(api, admin, alice, bob, make_device):
    device = make_device()

    give(api(admin), device, alice)
    give(api(admin), device, bob)

    rows = api(admin).get(at(device)).json()["results"]
    assert {row["user_id"] for row in rows} == {str(alice.id), str(bob.id)}
    for user in (alice, bob):
        assert api(user).get("/api/devices/").json()["count"] == 1


def test_the_version_of_a_pair_rises_over_all_its_periods(api, admin, alice, make_device):
    client, device = api(admin), make_device()

    for _ in range(2):
        give(client, device, alice)
        assert client.delete(at(device, alice)).status_code == 204

    assert events_of_pair(device.id, alice.id) == [
        ("device_assigned", 1),
        ("device_unassigned", 2),
        ("device_assigned", 3),
        ("device_unassigned", 4),
    ]


def test_history_holds_begin_end_and_actors_of_each_period(api, admin, alice, meter):
    client = api(admin)
    client.delete(at(meter, alice))

    assert client.get(at(meter)).json()["count"] == 0
    (period,) = client.get(at(meter) + "?history=true").json()["results"]
    assert period["assigned_at"] <= period["ended_at"]
    assert (period["assigned_by"], period["ended_by"]) == (str(admin.id), str(admin.id))


def test_ending_an_assignment_that_does_not_exist_is_not_found(api, admin, alice, bob, meter):
    assert api(admin).delete(at(meter, bob)).status_code == 404
    api(admin).delete(at(meter, alice))
    assert api(admin).delete(at(meter, alice)).status_code == 404


@pytest.mark.parametrize("deleted", [None, True])
def test_assignment_to_an_unknown_or_deleted_user_is_rejected(api, admin, make_device, deleted):
    user_id = make_user(deleted=True).id if deleted else uuid4()

    answer = api(admin).post(at(make_device()), {"user_id": str(user_id)}, format="json")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["user_id"]
    assert not Assignment.objects.exists()


def test_a_device_may_be_assigned_to_an_inactive_user(api, admin, make_device):
    assert give(api(admin), make_device(), make_user(is_active=False)).status_code == 201


def test_deleting_a_device_ends_its_assignments(api, admin, alice, meter):
    api(admin).delete(f"/api/devices/{meter.id}/")

    assert not Assignment.objects.filter(ended_at=None).exists()
    assert events_of_pair(meter.id, alice.id)[-1] == ("device_unassigned", 2)


def test_assignment_list_needs_four_queries_for_any_number_of_users(
    api, admin, meter, make_device, django_assert_num_queries
):
    for _ in range(5):
        give(api(admin), meter, make_user())

    # The user, the device, the count, and the page with names.
    with django_assert_num_queries(4):
        assert len(api(admin).get(at(meter)).json()["results"]) == 6
