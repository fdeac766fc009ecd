"""Replacements of meters: history, rules, undo, log, events, concurrent requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils.timezone import now

from devices.inventory.selectors import device_list
from devices.models import Assignment, Device, LogEntry, MeterReplacement

from ..world import events_of, outbox

URL = "/api/devices/"
JUNE = "2026-06-01T08:30:00Z"
JULY = "2026-07-01T08:30:00Z"


@pytest.fixture
def client(api, admin):
    return api(admin)


@pytest.fixture
def at(meter) -> str:
    Device.objects.filter(id=meter.id).update(serial_number="OLD", register_digits=6)
    return f"{URL}{meter.id}/"


def replace(client, at, replaced_at=JUNE, serial_number="NEW", **values):
    body = {"replaced_at": replaced_at, "serial_number": serial_number, **values}
    return client.post(f"{at}meters/", body, format="json")


def meters(client, at) -> list[dict]:
    body = client.get(f"{at}meters/").json()
    assert body["count"] == len(body["results"])
    return body["results"]


def test_a_device_whose_meter_was_never_replaced_has_its_first_meter(client, at, meter):
    assert meters(client, at) == [
        {
            "id": str(meter.id),
            "serial_number": "OLD",
            "mounted_at": None,
            "removed_at": None,
            "opening": {},
            "closing": {},
            "register_digits": 6,
            "multiplier": 1.0,
            "notes": "",
        }
    ]


def test_a_replaced_meter_stays_in_the_history_and_the_device_has_the_new_one(client, at, meter):
    answer = replace(
        client,
        at,
        closing={"main": 17077.4},
        opening={"main": 0.05},
        register_digits=5,
        multiplier=40,
        notes="damaged",
    )

    assert answer.status_code == 201, answer.json()
    old, new = meters(client, at)
    assert answer.json() == new
    assert (old["serial_number"], old["removed_at"], old["closing"]) == (
        "OLD",
        JUNE,
        {"main": 17077.4},
    )
    assert (old["id"], old["register_digits"], old["multiplier"]) == (str(meter.id), 6, 1.0)
    assert (new["serial_number"], new["mounted_at"], new["removed_at"]) == ("NEW", JUNE, None)
    assert (new["opening"], new["register_digits"], new["multiplier"]) == ({"main": 0.05}, 5, 40.0)
    device = client.get(at).json()
    assert (device["serial_number"], device["register_digits"]) == ("NEW", 5)
    assert Assignment.objects.filter(device=meter, ended_at=None).exists()


def test_a_replacement_is_published_with_all_meters_and_logged(client, at, meter):
    replace(client, at, closing={"main": 17077.4}, opening={"main": 0.05}, notes="damaged")

    event = outbox()[-1]
    assert (event.event_type, event.version) == ("device_updated", 2)
    old, new = event.data.meters
    closing, opening = {"main": Decimal("17077.4")}, {"main": Decimal("0.05")}
    assert (old.serial_number, old.mounted_at, old.closing) == ("OLD", None, closing)
    assert old.removed_at == new.mounted_at == datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
    assert (new.serial_number, new.opening, new.multiplier) == ("NEW", opening, 1)
    entry = LogEntry.objects.latest("id")
    assert (entry.action, entry.notes) == ("meter_replaced", "damaged")
    assert entry.old_values == {"serial_number": "OLD", "closing.main": 17077.4}
    assert entry.new_values == {
        "serial_number": "NEW",
        "replaced_at": "2026-06-01T08:30:00+00:00",
        "opening.main": 0.05,
        "multiplier": 1.0,
    }


def test_the_event_of_a_device_with_one_meter_names_it(make_device):
    device = make_device(serial_number="A-1", register_digits=5)

    ((mounted,),) = (event.data.meters for event in outbox())

    assert (mounted.id, mounted.serial_number, mounted.mounted_at) == (device.id, "A-1", None)
    assert mounted.register_digits == 5


def test_the_same_replacement_again_changes_nothing(client, at, meter):
    values = {"closing": {"main": 17077.4}, "opening": {"main": 0.05}, "register_digits": 5}
    first = replace(client, at, **values)
    before = events_of(meter.id)

    again = replace(client, at, replaced_at="2026-06-01T10:30:00+02:00", **values)

    assert (again.status_code, again.json()) == (200, first.json())
    assert events_of(meter.id) == before
    other = replace(client, at, closing={"main": 17078}, opening={"main": 0.05})
    assert other.json()["codes"] == {"replaced_at": ["not_after_the_last"]}


def test_a_new_multiplier_of_the_same_meter_is_a_replacement_of_it(client, at):
    assert replace(client, at, serial_number="OLD", multiplier=60).status_code == 201
    assert [each["multiplier"] for each in meters(client, at)] == [1.0, 60.0]


@pytest.mark.parametrize(
    ("values", "field", "names"),
    [
        ({"replaced_at": "2026-06-01T08:30:00"}, "replaced_at", "offset"),
        ({"replaced_at": "yesterday"}, "replaced_at", "format"),
        ({"replaced_at": "1969-12-31T00:00:00Z"}, "replaced_at", "1970"),
        ({"serial_number": ""}, "serial_number", "blank"),
        ({"closing": {"export": 1}}, "closing", "main"),
        ({"closing": {"main": -1}}, "closing", "0"),
        ({"closing": {"main": 1_000_000}}, "closing", "less than 1000000"),
        ({"opening": {"main": 100_000}, "register_digits": 5}, "opening", "less than 100000"),
        ({"closing": 5}, "closing", "dictionary"),
        ({"multiplier": 0}, "multiplier", "0.000001"),
        ({"register_digits": 10}, "register_digits", "9"),
    ],
)
def test_a_wrong_replacement_is_rejected_with_its_field_and_stores_nothing(
    client, at, values, field, names
):
    answer = replace(client, at, **values)

    assert answer.status_code == 400, answer.json()
    assert list(answer.json()["errors"]) == [field]
    assert names in str(answer.json()["errors"][field])
    assert not MeterReplacement.objects.exists()


def test_a_replacement_in_the_future_is_rejected(client, at):
    answer = replace(client, at, replaced_at=(now() + timedelta(minutes=1)).isoformat())

    assert answer.json()["codes"] == {"replaced_at": ["future"]}
    assert "future" in answer.json()["errors"]["replaced_at"][0]


def test_a_replacement_has_to_be_after_the_one_before(client, at):
    replace(client, at, replaced_at=JULY)

    for instant in (JULY, JUNE):
        answer = replace(client, at, replaced_at=instant, serial_number="NEWER")
        assert answer.json()["codes"] == {"replaced_at": ["not_after_the_last"]}
        assert JULY in answer.json()["errors"]["replaced_at"][0]


def test_closing_registers_of_any_channel_of_the_device_are_stored(client, at):
    client.post(f"{at}channels/", {"code": "export", "register_digits": 3}, format="json")

    wrong = replace(client, at, closing={"main": 1, "export": 1000})
    answer = replace(client, at, closing={"main": 1, "export": 999.999999})

    assert "less than 1000," in wrong.json()["errors"]["closing"][0]
    assert answer.status_code == 201
    assert meters(client, at)[0]["closing"] == {"main": 1.0, "export": 999.999999}


def test_digits_are_rejected_when_the_register_wraps_at_a_value(client, at):
    body = {"register_digits": None, "register_wraps_at": 838.8608}
    client.patch(f"{at}channels/main/", body, format="json")

    answer = replace(client, at, register_digits=5)

    assert answer.json()["codes"] == {"register_digits": ["two_wraps"]}


def test_undoing_the_latest_replacement_mounts_the_meter_before_again(client, at, meter):
    first = replace(client, at, register_digits=5).json()["id"]
    second = replace(client, at, replaced_at=JULY, serial_number="NEWER").json()["id"]

    too_early = client.delete(f"{at}meters/{first}/")
    assert (too_early.status_code, too_early.json()["code"]) == (409, "replaced_later")
    assert client.delete(f"{at}meters/{second}/").status_code == 204
    assert client.get(at).json()["serial_number"] == "NEW"
    assert client.delete(f"{at}meters/{first}/").status_code == 204

    device = client.get(at).json()
    assert (device["serial_number"], device["register_digits"]) == ("OLD", 6)
    assert len(meters(client, at)) == 1
    assert [each.serial_number for each in outbox()[-1].data.meters] == ["OLD"]
    entry = LogEntry.objects.latest("id")
    assert entry.action == "meter_restored"
    assert (entry.old_values["serial_number"], entry.new_values["serial_number"]) == ("NEW", "OLD")
    assert client.delete(f"{at}meters/{first}/").status_code == 404
    only = client.delete(f"{at}meters/{meter.id}/")
    assert (only.status_code, only.json()["code"]) == (409, "first_meter")


def test_a_removed_meter_may_be_mounted_elsewhere_later(client, at, make_device):
    replace(client, at)
    other = make_device()

    early = replace(client, f"{URL}{other.id}/", "2026-05-31T00:00:00Z", "OLD")
    late = replace(client, f"{URL}{other.id}/", JUNE, "OLD")

    assert early.json()["codes"] == {"serial_number": ["mounted_elsewhere"]}
    assert "Alice's meter" in early.json()["errors"]["serial_number"][0]
    assert late.status_code == 201


def test_a_meter_is_at_one_device_at_a_time(client, at, make_device):
    present = make_device(serial_number="THERE")

    answer = replace(client, at, serial_number="THERE")

    assert answer.json()["codes"] == {"serial_number": ["unique"]}
    assert not MeterReplacement.objects.exists()
    replace(client, f"{URL}{present.id}/", JULY, "OTHER")
    assert replace(client, at).status_code == 201
    patched = client.patch(at, {"serial_number": "THERE"}, format="json")
    assert patched.json()["codes"] == {"serial_number": ["mounted_elsewhere"]}


def test_a_replacement_cannot_be_undone_while_its_old_meter_is_mounted_elsewhere(
    client, at, make_device
):
    new = replace(client, at).json()["id"]
    make_device(serial_number="OLD")

    answer = client.delete(f"{at}meters/{new}/")

    assert (answer.status_code, answer.json()["codes"]) == (400, {"serial_number": ["unique"]})
    assert [each["serial_number"] for each in meters(client, at)] == ["OLD", "NEW"]


def test_a_corrected_serial_number_is_that_of_the_present_meter(client, at):
    replace(client, at)

    client.patch(at, {"serial_number": "NEW-1"}, format="json")

    assert [each["serial_number"] for each in meters(client, at)] == ["OLD", "NEW-1"]


def test_two_replacements_at_once_are_one_after_the_other(transactional_db, api, admin, at, meter):
    client = api(admin)

    def send(serial_number: str) -> int:
        try:
            return replace(client, at, serial_number=serial_number).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, ["NEW", "NEW", "OTHER", "OTHER"]))

    assert sorted(answers) == [200, 201, 400, 400]
    assert MeterReplacement.objects.count() == 1
    assert [event for event in events_of(meter.id) if event[0] == "device_updated"] == [
        ("device_updated", 2)
    ]


def test_a_client_reads_the_meters_of_their_device_and_replaces_none(api, alice, bob, at, meter):
    assert [each["serial_number"] for each in meters(api(alice), at)] == ["OLD"]
    assert api(bob).get(f"{at}meters/").status_code == 404
    for user, code in ((alice, 403), (bob, 404)):
        answers = [replace(api(user), at), api(user).delete(f"{at}meters/{meter.id}/")]
        assert [answer.status_code for answer in answers] == [code] * 2


@pytest.mark.parametrize("search", ["OLD-4711", "old-47", "meter%20OLD-4711", "NEW"])
def test_a_search_finds_a_device_by_the_serial_number_of_a_former_meter(
    search, client, at, meter, make_device
):
    make_device(name="Roof")
    Device.objects.filter(id=meter.id).update(serial_number="OLD-4711")
    replace(client, at)
    replace(client, at, JULY, "NEWEST")

    body = client.get(f"{URL}?search={search}").json()

    assert [device["id"] for device in body["results"]] == [str(meter.id)]
    assert body["count"] == 1
    assert client.get(f"{URL}?search=OLD-4711%20elsewhere").json()["count"] == 0


def test_a_search_reads_the_former_meters_once_and_not_for_each_device(admin):
    plan = device_list(user=admin, search="4711").explain()

    assert "hashed SubPlan" in plan
    assert "Loop" not in plan


def test_a_device_has_at_most_a_hundred_replacements(client, at, meter):
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    MeterReplacement.objects.bulk_create(
        MeterReplacement(
            device=meter,
            replaced_at=begin + timedelta(days=day),
            removed_serial_number=f"S{day}",
        )
        for day in range(99)
    )

    assert replace(client, at, JUNE, "LAST").status_code == 201
    answer = replace(client, at, JULY, "ONE MORE")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_meters")
    assert len(meters(client, at)) == 101
    # The stored one again is no further one.
    assert replace(client, at, JUNE, "LAST").status_code == 200
