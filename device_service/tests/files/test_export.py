"""Exports of devices: every column, no formulas, and what an import restores."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from devices.assignments.services import assignment_create
from devices.files.channel_columns import MAIN_COLUMNS
from devices.files.csvfile import EXPORTED_COLUMNS, escaped, unescaped
from devices.inventory.services import EDITABLE_FIELDS
from devices.models import Assignment, Device

from ..world import device_body
from .requests import HEADER, URL, exported, send

#: Values and the cells that stand for them; the frontend's tests read the same file.
FORMULA_CELLS: list[dict[str, str]] = json.loads(
    (Path(__file__).parents[3] / "tests/fixtures/csv/formula_cells.json").read_text()
)


@pytest.mark.parametrize("case", FORMULA_CELLS, ids=lambda case: repr(case["text"]))
def test_a_text_and_its_cell_in_a_file_convert_into_each_other(case):
    assert escaped(case["text"]) == case["cell"]
    assert unescaped(case["cell"]) == case["text"]


def test_exported_cells_are_no_formulas_and_an_import_restores_their_values(
    api, admin, make_device
):
    for text in (case["text"].strip() for case in FORMULA_CELLS):
        make_device(name=text or "-", description=text, location=text, specifications={"=a": text})
    before = {
        device.serial_number: {field: getattr(device, field) for field in EDITABLE_FIELDS}
        for device in Device.objects.all()
    }
    answer = api(admin).get(f"{URL}export/")
    body = b"".join(answer.streaming_content)

    for row in csv.reader(StringIO(body.decode("utf-8-sig"), newline="")):
        assert not [cell for cell in row if cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))]
    # Each cell is quoted, so that none is split where a semicolon separates.
    assert all(line.startswith('"') for line in body.decode("utf-8-sig").splitlines())

    for device in Device.objects.all():
        api(admin).delete(f"{URL}{device.id}/")
    assert send(api(admin), body).status_code == 201

    after = {
        device.serial_number: {field: getattr(device, field) for field in EDITABLE_FIELDS}
        for device in Device.objects.filter(deleted_at=None)
    }
    assert after == before


def test_an_exported_file_restores_statuses_and_assignments(api, admin, boss, alice, bob):
    text = f"{HEADER},status,assigned_to\n"
    text += f'A,sensor,A-1,deployed,"{alice.username} {bob.username}"\nB,sensor,A-2,,\n'
    send(api(admin), text)
    file = b"".join(api(admin).get(f"{URL}export/").streaming_content)
    before = exported(api(admin))
    assert [row["status"] for row in before] == ["deployed", "in_stock"]
    assert set(before[0]["assigned_to"].split(", ")) == {alice.username, bob.username}
    for device in Device.objects.all():
        api(admin).delete(f"{URL}{device.id}/")

    assert send(api(admin), file).status_code == 201

    columns = ("serial_number", "status", "assigned_to", "deploy_date")
    after = exported(api(admin))
    assert [[row[name] for name in columns] for row in after] == [
        [row[name] for name in columns] for row in before
    ]


def test_a_client_does_not_learn_from_an_export_who_else_has_the_device(
    api, admin, boss, alice, bob, meter
):
    assignment_create(actor=boss, device_id=meter.id, user_id=bob.id)

    (row,) = exported(api(alice))
    (listed,) = api(alice).get(URL).json()["results"]

    assert row["assigned_to"] == alice.username
    assert [user["username"] for user in listed["assigned_to"]] == [alice.username]
    assert listed["assigned_count"] == 1


def test_chosen_devices_are_exported(api, alice, admin, make_device, meter):
    first, _, third = (make_device(name=name) for name in "cba")

    def posted(user, body):
        answer = api(user).post(f"{URL}export/", body, format="json")
        assert answer.status_code == 200, answer.json()
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        return [row["name"] for row in csv.DictReader(StringIO(text, newline=""))]

    assert posted(admin, {"ids": [first.id, third.id]}) == ["a", "c"]
    assert posted(admin, {"filter": {"search": "b"}}) == ["b"]
    assert posted(alice, {"ids": [first.id, meter.id]}) == ["Alice's meter"]


def test_export_holds_every_column_with_the_values_of_the_list(api, admin, make_device):
    device = make_device(max_consumption=2, specifications={"phases": 3}, location="Cellar")
    listed = api(admin).get(URL).json()["results"][0]

    (row,) = exported(api(admin))

    assert tuple(row) == (*EXPORTED_COLUMNS, *MAIN_COLUMNS)
    assert {*EXPORTED_COLUMNS, "assigned_count", "channels"} == set(listed)
    assert row["id"] == str(device.id)
    assert (row["max_power_kw"], row["specifications"]) == ("", '{"phases": 3}')
    assert float(row["max_consumption"]) == listed["max_consumption"]
    assert (row["created_at"], row["location"]) == (listed["created_at"], "Cellar")


def test_export_follows_the_filters_and_the_order_of_the_list(api, admin, alice, bob, boss, meter):
    for name in ("Beta", "alpha"):
        api(admin).post(URL, device_body(name=name, device_type="sensor"), format="json")

    def names(user, query=""):
        return [row["name"] for row in exported(api(user), query)]

    assert names(admin, "?device_type=sensor&ordering=-name") == ["Beta", "alpha"]
    assert names(admin, "?status=deployed") == []
    assert names(alice) == ["Alice's meter"]
    assert names(bob) == []
    assert Assignment.objects.count() == 1


def test_export_needs_three_queries_for_any_number_of_devices(
    api, admin, make_device, django_assert_num_queries
):
    for _ in range(5):
        make_device()

    # The user, the codes of the channels, and the devices.
    with django_assert_num_queries(3):
        assert len(exported(api(admin))) == 5
