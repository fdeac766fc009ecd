"""A client sees the devices assigned to them now; requests for other devices get 404."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from devices.assignments.services import assignment_create, assignment_end

from ..world import device_body, make_user

URL = "/api/devices/"

#: Every route of one device: method, path below it, body.
ROUTES = [
    ("get", "", None),
    ("put", "", device_body()),
    ("patch", "", {"name": "Mine now"}),
    ("delete", "", None),
    ("put", "status/", {"status": "retired"}),
    *(("put", f"{a}/", {}) for a in ("deploy", "recall", "maintenance", "reserve", "retire")),
    ("get", "logs/", None),
    ("get", "assignments/", None),
    ("post", "assignments/", {"user_id": str(uuid4())}),
    ("delete", f"assignments/{uuid4()}/", None),
]
READABLE_BY_ITS_CLIENT = {("get", ""), ("get", "assignments/")}


def call(client, method, path, body):
    return getattr(client, method)(path, body, format="json")


@pytest.mark.parametrize(("method", "below", "body"), ROUTES)
def test_every_route_answers_bob_that_alices_meter_is_not_found(
    api, bob, meter, method, below, body
):
    answer = call(api(bob), method, f"{URL}{meter.id}/{below}", body)
    nowhere = call(api(bob), method, f"{URL}{uuid4()}/{below}", body)

    assert answer.status_code == 404
    # Except for the request's id, the answer is that for an unknown device.
    assert {**answer.json(), "request_id": ""} == {**nowhere.json(), "request_id": ""}
    meter.refresh_from_db()
    assert (meter.version, meter.deleted_at) == (1, None)


@pytest.mark.parametrize(("method", "below", "body"), ROUTES)
def test_alice_may_read_her_meter_and_change_nothing(api, alice, meter, method, below, body):
    answer = call(api(alice), method, f"{URL}{meter.id}/{below}", body)

    expected = 200 if (method, below) in READABLE_BY_ITS_CLIENT else 403
    assert answer.status_code == expected
    meter.refresh_from_db()
    assert (meter.version, meter.deleted_at) == (1, None)


@pytest.mark.parametrize(("method", "below", "body"), ROUTES)
def test_every_route_rejects_a_request_without_a_token(api, meter, method, below, body):
    answer = call(api(), method, f"{URL}{meter.id}/{below}", body)

    assert answer.status_code == 401


def test_clients_cannot_create_devices_or_read_the_whole_log(api, alice):
    assert api(alice).post(URL, device_body(), format="json").status_code == 403
    assert api(alice).get(f"{URL}logs/").status_code == 403


@pytest.mark.parametrize("path", ["", "in_stock/"])
def test_lists_hold_the_devices_assigned_to_the_user(
    api, admin, alice, bob, meter, make_device, path
):
    make_device()

    def seen_by(user):
        return api(user).get(f"{URL}{path}").json()["count"]

    assert (seen_by(admin), seen_by(alice), seen_by(bob)) == (2, 1, 0)


def test_filter_assigned_to_reveals_nothing_about_other_users_to_a_client(
    api, boss, admin, alice, bob, meter
):
    assignment_create(actor=boss, device_id=meter.id, user_id=bob.id)

    def count(asker, of):
        return api(asker).get(f"{URL}?assigned_to={of.id}").json()["count"]

    assert count(admin, alice) == count(admin, bob) == 1
    assert (count(alice, alice), count(alice, bob)) == (1, 0)


def test_alice_does_not_see_who_shares_her_meter(api, boss, alice, bob, meter):
    assignment_create(actor=boss, device_id=meter.id, user_id=bob.id)

    rows = api(alice).get(f"{URL}{meter.id}/assignments/?history=true").json()["results"]

    assert [row["user_id"] for row in rows] == [str(alice.id)]


def test_a_client_loses_access_as_soon_as_the_assignment_ends(api, boss, alice, meter):
    assignment_end(actor=boss, device_id=meter.id, user_id=alice.id)

    assert api(alice).get(f"{URL}{meter.id}/").status_code == 404
    assert api(alice).get(URL).json()["count"] == 0


def test_a_user_of_an_unknown_role_reads_the_assigned_devices_and_manages_none(
    api, alice, meter, make_device
):
    make_device()
    alice.role = "operator"
    alice.save()
    client = api(alice)

    assert client.get(URL).json()["count"] == 1
    for method, below, body in ROUTES:
        expected = 200 if (method, below) in READABLE_BY_ITS_CLIENT else 403
        assert call(client, method, f"{URL}{meter.id}/{below}", body).status_code == expected
    assert client.post(URL, device_body(), format="json").status_code == 403
    assert client.get(f"{URL}logs/").status_code == 403


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"token_version": 2}, {"deleted": True}, {"role": "client"}]
)
def test_a_token_has_the_rights_that_its_account_has_now(api, admin, make_device, change):
    device = make_device()
    client = api(admin)
    for field, value in change.items():
        setattr(admin, field, value)
    admin.save()

    answer = client.get(f"{URL}{device.id}/")

    assert answer.status_code == (404 if "role" in change else 401)


@pytest.mark.parametrize(
    "claims", [{"lifetime": timedelta(hours=-1)}, {"aud": "elsewhere"}, {"ver": None}, {"sub": "x"}]
)
def test_a_token_with_an_invalid_claim_is_rejected(api, issuer, db, claims):
    client = api()
    client.credentials(HTTP_AUTHORIZATION=issuer.authorization(make_user("admin"), **claims))

    assert client.get(URL).status_code == 401
