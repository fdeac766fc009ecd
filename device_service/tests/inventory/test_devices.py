"""Administrators create, change and delete devices; lists are filtered and ordered."""

from __future__ import annotations

import json
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from devices.assignments.services import assignment_create
from devices.models import Device

from ..world import device_body, events_of, outbox

URL = "/api/devices/"


def url(device: Device) -> str:
    return f"{URL}{device.id}/"


def test_new_device_gets_defaults_for_missing_fields(api, admin):
    body = device_body()

    answer = api(admin).post(URL, body, format="json")

    assert answer.status_code == 201
    created = answer.json()
    assert created.items() >= body.items()
    assert created["status"] == "in_stock"
    assert created["timezone"] == settings.DEVICE_TIME_ZONE
    assert (created["interval_seconds"], created["reading_kind"]) == (600, "interval")
    assert (created["max_consumption"], created["register_digits"]) == (None, None)
    assert created["specifications"] == {}
    assert created["created_at"].endswith("Z")
    assert api(admin).get(f"{URL}{created['id']}/").json() == created


def test_numbers_are_json_numbers_with_every_decimal(api, admin):
    answer = api(admin).post(
        URL, device_body(max_consumption=2.000001, max_power_kw=1_000_000_000), format="json"
    )

    raw = api(admin).get(f"{URL}{answer.json()['id']}/").content.decode()
    assert '"max_consumption":2.000001' in raw
    assert json.loads(raw)["max_power_kw"] == 1_000_000_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "meter-7"),
        ("name", ""),
        ("name", "a\0b"),
        ("device_type", "toaster"),
        ("serial_number", " "),
        ("max_consumption", -1),
        ("max_consumption", 0.0000001),
        ("max_consumption", "much"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", ""),
        ("interval_seconds", 0),
        ("interval_seconds", 86_401),
        ("reading_kind", "guess"),
        ("register_digits", 0),
        ("register_digits", 10),
        ("purchase_date", "yesterday"),
        ("specifications", ["a list"]),
        ("specifications", {"name": "\0"}),
        ("specifications", {"long": "x" * 20_000}),
        ("status", "deployed"),
    ],
)
def test_an_invalid_value_is_rejected_by_field_and_nothing_is_stored(api, admin, field, value):
    answer = api(admin).post(URL, device_body(**{field: value}), format="json")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == [field]
    assert not Device.objects.exists()
    assert not outbox()


@pytest.mark.parametrize("field", ["name", "description", "specifications"])
def test_a_lone_surrogate_is_rejected_in_texts(api, admin, field):
    text = {"nested": [{"text": "\ud800"}]} if field == "specifications" else "\ud800"
    body = json.dumps(device_body(**{field: text}))

    answer = api(admin).post(URL, body, content_type="application/json")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize("value", ["1e999", '{"a":' * 900 + "1" + "}" * 900])
def test_specifications_that_cannot_be_stored_are_rejected(api, admin, make_device, value):
    body = f'{{"specifications":{{"x":{value}}}}}'

    answer = api(admin).patch(url(make_device()), body, content_type="application/json")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["specifications"]


@pytest.mark.parametrize("body", ["{", "[" * 100_000, "[]", "null", '{"name": NaN}', "\xff"])
def test_a_body_that_is_no_device_is_rejected(api, admin, make_device, body):
    answer = api(admin).patch(
        url(make_device()), body.encode("latin-1"), content_type="application/json"
    )

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_serial_number_is_unique_until_its_device_is_deleted(api, admin, make_device):
    first = make_device(serial_number="SN-TWICE")
    again = device_body(serial_number="SN-TWICE")

    rejected = api(admin).post(URL, again, format="json")
    api(admin).delete(url(first))
    accepted = api(admin).post(URL, again, format="json")

    assert rejected.status_code == 400
    assert list(rejected.json()["errors"]) == ["serial_number"]
    assert accepted.status_code == 201


def test_change_to_a_taken_serial_number_is_rejected(api, admin, make_device):
    first, second = make_device(), make_device()

    answer = api(admin).patch(url(second), {"serial_number": first.serial_number}, format="json")

    assert answer.status_code == 400
    second.refresh_from_db()
    assert second.version == 1


def test_a_device_that_already_sends_is_registered_under_its_id(api, admin):
    device_id = str(uuid4())

    answer = api(admin).post(URL, device_body(id=device_id), format="json")

    assert (answer.status_code, answer.json()["id"]) == (201, device_id)
    assert events_of(UUID(device_id)) == [("device_created", 1)]


@pytest.mark.parametrize("deleted", [False, True])
def test_the_id_of_a_device_cannot_be_used_again(api, admin, make_device, deleted):
    device = make_device()
    if deleted:
        api(admin).delete(url(device))

    answer = api(admin).post(URL, device_body(id=str(device.id)), format="json")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["id"]
    assert Device.objects.count() == 1


def test_a_client_cannot_register_a_device_with_a_chosen_id(api, alice):
    answer = api(alice).post(URL, device_body(id=str(uuid4())), format="json")

    assert answer.status_code == 403
    assert not Device.objects.exists()


def test_an_update_does_not_change_the_id(api, admin, make_device):
    device = make_device()

    answer = api(admin).patch(url(device), {"id": str(uuid4()), "name": "n"}, format="json")

    assert answer.json()["id"] == str(device.id)


def test_put_of_an_unchanged_device_changes_nothing(api, admin, make_device):
    device = make_device(max_consumption=Decimal("2.5"), specifications={"phases": 3})
    read = api(admin).get(url(device)).json()

    answer = api(admin).put(url(device), read, format="json")

    assert answer.status_code == 200
    assert answer.json() == read
    assert events_of(device.id) == [("device_created", 1)]


def test_put_keeps_fields_that_it_leaves_out(api, admin, make_device):
    device = make_device(location="Cellar")
    body = device_body(name="New name", serial_number=device.serial_number)

    answer = api(admin).put(url(device), body, format="json")

    assert (answer.json()["name"], answer.json()["location"]) == ("New name", "Cellar")


def test_put_without_the_required_fields_is_rejected(api, admin, make_device):
    answer = api(admin).put(url(make_device()), {"name": "only"}, format="json")

    assert set(answer.json()["errors"]) == {"device_type", "serial_number"}


def test_a_patch_cannot_change_the_status(api, admin, make_device):
    device = make_device()

    rejected = api(admin).patch(url(device), {"status": "deployed"}, format="json")
    same = api(admin).patch(url(device), {"status": "in_stock", "name": "n"}, format="json")

    assert rejected.status_code == 400
    assert list(rejected.json()["errors"]) == ["status"]
    assert same.status_code == 200


def test_a_deleted_device_is_not_found_and_its_tombstone_stays(api, admin, make_device):
    device = make_device()

    assert api(admin).delete(url(device)).status_code == 204
    assert api(admin).get(url(device)).status_code == 404
    assert api(admin).delete(url(device)).status_code == 404
    assert api(admin).patch(url(device), {"name": "n"}, format="json").status_code == 404
    assert api(admin).get(URL).json()["count"] == 0
    device.refresh_from_db()
    assert (device.deleted_at is not None, device.version) == (True, 2)


@pytest.fixture
def inventory(make_device):
    """Return three devices that differ in every filtered and ordered field."""
    return {
        "a": make_device(name="Alpha meter", device_type="sensor", location="Roof"),
        "b": make_device(name="beta 100%", status="deployed", manufacturer="Acme"),
        "c": make_device(name="Gamma meter", status="maintenance", location="Cellar"),
    }


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("", "abc"),
        ("?status=deployed", "b"),
        ("?device_type=sensor", "a"),
        ("?search=METER", "ac"),
        ("?search=meter%20cellar", "c"),
        ("?search=acme", "b"),
        ("?search=100%25", "b"),
        ("?search=_", ""),
        ("?ordering=-name", "cba"),
        ("in_stock/", "a"),
        ("deployed/", "b"),
        ("maintenance/", "c"),
        ("deployed/?status=in_stock", "b"),
        ("?page_size=2", "ab"),
        ("?page_size=2&page=2", "c"),
    ],
)
def test_lists_are_filtered_searched_ordered_and_paged(api, admin, inventory, path, names):
    answer = api(admin).get(f"{URL}{path}").json()

    assert set(answer) == {"count", "next", "previous", "results"}
    expected = [str(inventory[name].id) for name in names]
    assert [row["id"] for row in answer["results"]] == expected


@pytest.mark.parametrize(
    "query",
    ["status=gone", "ordering=version", "assigned_to=alice", "search=%00", "device_type=toaster"],
)
def test_an_invalid_parameter_is_rejected_by_name(api, admin, query):
    answer = api(admin).get(f"{URL}?{query}")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.split("=")[0]]


@pytest.mark.parametrize("username", ["admin", "alice"])
def test_list_needs_four_queries_for_any_number_of_devices(
    request, api, make_device, boss, alice, django_assert_num_queries, username
):
    user = request.getfixturevalue(username)
    for expected in (1, 12):
        while Device.objects.count() < expected:
            device = make_device()
            assignment_create(actor=boss, device_id=device.id, user_id=alice.id)

        # The user, the count, the page, and its channels.
        with django_assert_num_queries(4):
            answer = api(user).get(URL)

        assert len(answer.json()["results"]) == expected


def test_unknown_device_is_not_found(api, admin):
    answer = api(admin).get(f"{URL}{uuid4()}/")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_schema_describes_every_route(api):
    paths = api().get("/api/schema/devices/").json()["paths"]

    assert {"/api/devices/", "/api/devices/{device_id}/deploy/"} <= set(paths)
    operations = [o["operationId"] for path in paths.values() for o in path.values()]
    assert len(operations) == len(set(operations))


def test_health_reports_the_database(api, db):
    assert api().get("/health/live").status_code == 200
    assert api().get("/health/ready").json() == {"database": True}
