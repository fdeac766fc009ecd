"""Imports of devices: all rows or none, each rejected row with its reason."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, StringIO

import pytest
from django.db import connection, transaction

from devices.files import csvfile
from devices.models import Assignment, Device, LogEntry
from service_kit.identity.models import KnownUser
from service_kit.testing.waiting import wait_until

from ..world import (
    a_lock_is_awaited,
    events_of,
    events_of_pair,
    make_user,
    outbox,
)
from .requests import HEADER, URL, nothing_was_stored, send


def test_import_creates_a_device_a_log_entry_and_an_event_from_each_row(api, admin):
    text = (
        f"{HEADER},location,max_consumption,specifications\n"
        'Flat 1,smart_meter,A-1,"Street 1, left",2.5,"{""phases"": 3}"\n'
        "Flat 2,sub_meter,A-2,,,\n"
    )

    answer = send(api(admin), text, "?notes=first+delivery")

    assert answer.status_code == 201
    report = answer.json()
    assert (report["rows"], report["created"], report["refused"]) == (2, 2, 0)
    first, second = (Device.objects.get(id=line["id"]) for line in report["report"])
    assert (first.location, first.max_consumption, first.specifications) == (
        "Street 1, left",
        2.5,
        {"phases": 3},
    )
    assert (second.location, second.max_consumption, second.interval_seconds) == ("", None, 600)
    assert {(e.device_id, e.action, e.notes) for e in LogEntry.objects.all()} == {
        (device.id, "created", "first delivery") for device in (first, second)
    }
    assert {e.request_id for e in LogEntry.objects.all()} == {answer["X-Request-Id"]}
    assert [(e.event_type, e.data.id) for e in outbox()] == [
        ("device_created", first.id),
        ("device_created", second.id),
    ]


def test_dry_run_reports_each_row_and_stores_nothing(api, admin):
    text = f"{HEADER}\nFlat 1,smart_meter,A-1\n\n,toaster,A-2\nFlat 3,sensor,A-1\nFlat 4,sensor\n"

    answer = send(api(admin), text, "?dry_run=true")

    assert answer.status_code == 200
    report = answer.json()
    assert (report["rows"], report["refused"], report["created"]) == (4, 3, 0)
    lines = {line["line"]: line for line in report["report"]}
    assert lines[2] == {
        "line": 2,
        "serial_number": "A-1",
        "status": "in_stock",
        "assigned_to": [],
        "result": "valid",
    }
    assert set(lines[4]["errors"]) == {"name", "device_type"}
    assert lines[5]["errors"] == {"serial_number": ["Also on line 2. Remove one of the two lines."]}
    assert list(lines[6]["errors"]) == ["row"]
    assert nothing_was_stored()


def test_one_invalid_row_rejects_the_whole_file(api, admin):
    answer = send(api(admin), f"{HEADER}\nFlat 1,smart_meter,A-1\nFlat 2,toaster,A-2\n")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "import_refused"
    assert [line["result"] for line in answer.json()["report"]] == ["valid", "refused"]
    assert nothing_was_stored()


def test_import_reports_a_taken_serial_number_with_its_line(api, admin, make_device):
    taken = make_device()
    text = f"{HEADER}\nNew,sensor,A-1\nOld,sensor, {taken.serial_number} \n"

    dry = send(api(admin), text, "?dry_run=true").json()
    real = send(api(admin), text)

    assert dry["report"] == real.json()["report"]
    assert list(dry["report"][1]["errors"]) == ["serial_number"]
    assert Device.objects.count() == 1


def test_import_reports_a_serial_number_that_another_request_takes_meanwhile(
    transactional_db, api, admin, make_device
):
    client = api(admin)

    def import_file():
        try:
            return send(client, f"{HEADER}\nOne,sensor,A-1\nTwo,sensor,A-2\n")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            make_device(serial_number="A-2")
            importing = pool.submit(import_file)
            wait_until(a_lock_is_awaited)
        answer = importing.result()

    assert answer.status_code == 400
    assert [line["result"] for line in answer.json()["report"]] == ["valid", "refused"]


@pytest.mark.parametrize(
    "body",
    [
        f"{HEADER}\nÉtage 1,sensor,A-1\n".encode(),
        f"{HEADER}\nÉtage 1,sensor,A-1\n".encode("utf-8-sig"),
        f"{HEADER}\r\nÉtage 1,sensor,A-1\r\n".encode("utf-16"),
        "name;device_type;serial_number\nÉtage 1;sensor;A-1".encode(),
        "Name\tDevice_Type\tSerial_Number\nÉtage 1\tsensor\tA-1\n".encode(),
        '"serial_number";"name";"device_type"\n"A-1";"Étage 1";"sensor"\n'.encode(),
    ],
    ids=["plain", "with a mark", "utf-16", "semicolons", "tabs", "quoted, other order"],
)
def test_import_reads_the_encodings_and_separators_of_common_programs(api, admin, body):
    answer = send(api(admin), body)

    assert answer.status_code == 201, answer.json()
    device = Device.objects.get()
    assert (device.name, device.device_type, device.serial_number) == ("Étage 1", "sensor", "A-1")


def test_quoted_cells_may_hold_separators_quotes_and_line_breaks(api, admin):
    name = 'a "b", c; d'
    text = f'{HEADER},description\n"a ""b"", c; d",sensor,A-1,"two\nlines"\nB,toaster,A-2,\n'

    report = send(api(admin), text, "?dry_run=true").json()["report"]
    answer = send(api(admin), text.replace("toaster", "sensor"))

    assert [line["line"] for line in report] == [2, 4]
    assert answer.status_code == 201
    assert Device.objects.get(serial_number="A-1").name == name
    assert Device.objects.get(serial_number="A-1").description == "two\nlines"


@pytest.mark.parametrize(
    ("body", "field", "names"),
    [
        (b"", "file", "CSV"),
        (b" \n", "columns", "''"),
        (b"name,device_type,colour,serial_number\n", "columns", "'colour'"),
        (b"name,device_type\n", "columns", "'serial_number'"),
        (b"name,name,device_type,serial_number\n", "columns", "'name'"),
        (f"{HEADER}\nÉtage,sensor,A-1\n".encode("latin-1"), "file", "Line 2"),
        (f"{HEADER}\nA,sensor,A-1\0\n".encode(), "file", "text"),
        (f'{HEADER}\nA,sensor,"A-1\n'.encode(), "file", "CSV"),
        (b"\xff\xfea", "file", "UTF-16"),
    ],
)
def test_an_unreadable_file_is_rejected_with_the_reason(api, admin, body, field, names):
    answer = send(api(admin), body)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert names in answer.json()["errors"][field][0]
    assert nothing_was_stored()


def test_import_deploys_and_assigns_the_devices_of_a_building(api, admin, boss):
    """Thirty flats with their meters: the file says what is installed, and whose it is."""
    tenants = [make_user(username=f"flat-{n}") for n in range(30)]
    rows = "".join(
        f"Flat {n},smart_meter,F-{n},Stair B,{'deployed' if n else ''},{tenants[n].username}\n"
        for n in range(30)
    )

    text = f"{HEADER},location,status,assigned_to\n{rows}"
    dry = send(api(admin), text, "?dry_run=true").json()
    assert nothing_was_stored()
    answer = send(api(admin), text, "?notes=move-in")

    assert (dry["statuses"], dry["assigned"]) == ({"in_stock": 1, "deployed": 29}, 30)
    assert answer.status_code == 201, answer.json()
    devices = {device.serial_number: device for device in Device.objects.all()}
    assert (devices["F-0"].status, devices["F-0"].deploy_date) == ("in_stock", None)
    assert devices["F-7"].status == "deployed"
    assert devices["F-7"].deploy_date is not None
    for n, tenant in enumerate(tenants):
        (row,) = api(tenant).get(URL).json()["results"]
        assert row["serial_number"] == f"F-{n}"
    device = devices["F-7"]
    assert events_of(device.id) == [("device_created", 1)]
    assert events_of_pair(device.id, tenants[7].id) == [("device_assigned", 1)]
    log = [
        (entry.action, entry.actor_id, entry.notes) for entry in device.log_entries.order_by("id")
    ]
    assert log == [("created", boss.id, "move-in"), ("assigned", boss.id, "move-in")]
    assert device.log_entries.get(action="created").new_values["status"] == "deployed"


def test_import_keeps_a_date_of_deployment_and_marks_a_retired_device(api, admin):
    text = f"{HEADER},status,deploy_date\nA,sensor,A-1,deployed,2024-02-29\nB,sensor,A-2,retired,\n"

    assert send(api(admin), text).status_code == 201

    first, second = Device.objects.order_by("serial_number")
    assert first.deploy_date.isoformat() == "2024-02-29"
    assert second.retired_at is not None


def test_a_device_of_a_file_may_have_several_users_in_any_case_of_letters(api, admin):
    users = [make_user(username=name) for name in ("Maria", "ion.p", "ana")]

    answer = send(api(admin), f'{HEADER},assigned_to\nFlat 1,sensor,A-1,"maria; ION.P,ana maria"\n')

    assert answer.status_code == 201, answer.json()
    assert {each.user_id for each in Assignment.objects.all()} == {user.id for user in users}


@pytest.mark.parametrize(
    ("column", "cell", "remedy"),
    [
        ("status", "installed", "Use one of: in_stock, reserved, deployed, maintenance, retired."),
        ("assigned_to", "nobody", "Add the user first, or empty the cell."),
        ("assigned_to", "gone", "Add the user first, or empty the cell."),
        ("device_type", "toaster", "Use one of: smart_meter, sub_meter"),
        ("max_consumption", "2;5", "with a point, such as 5.5"),
        ("timezone", "Bucharest", "Europe/Bucharest"),
        ("interval_seconds", "10 min", "whole seconds from 1 to 86400"),
        ("reading_kind", "counter", "Use one of: interval, cumulative."),
        ("register_digits", "12", "from 1 to 9"),
        ("deploy_date", "28.11.2026", "2026-11-28"),
        ("specifications", "{phases: 3}", '{"phases": 3}'),
    ],
)
def test_a_rejected_cell_is_named_with_line_column_value_and_remedy(
    api, admin, column, cell, remedy
):
    make_user(username="gone", deleted=True)
    row = {"name": "Flat 2", "device_type": "sensor", "serial_number": "A-2", column: cell}
    other = {"name": "Flat 1", "device_type": "sensor", "serial_number": "A-1", column: ""}
    if column == "device_type":
        other[column] = "sensor"
    text = StringIO()
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerows([other, row])

    report = send(api(admin), text.getvalue()).json()["report"]

    assert [line["result"] for line in report] == ["valid", "refused"]
    (problem,) = report[1]["problems"]
    assert (report[1]["line"], problem["column"], problem["value"]) == (3, column, cell)
    assert problem["message"] == report[1]["errors"][column][0]
    assert remedy in problem["message"]
    assert nothing_was_stored()


def test_columns_that_are_not_read_are_named_in_the_report(api, admin):
    text = "id,name,device_type,serial_number,created_at\nx,A,sensor,A-1,yesterday\n"

    report = send(api(admin), text, "?dry_run=true").json()

    assert (report["refused"], report["ignored_columns"]) == (0, ["id", "created_at"])


def test_import_reports_a_user_who_is_deleted_meanwhile(transactional_db, api, admin):
    client, tenant = api(admin), make_user(username="maria")

    def import_file():
        try:
            return send(client, f"{HEADER},assigned_to\nOne,sensor,A-1,maria\n")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            KnownUser.objects.filter(id=tenant.id).update(deleted=True, username="")
            importing = pool.submit(import_file)
            wait_until(a_lock_is_awaited)
        answer = importing.result()

    assert answer.status_code == 400
    assert list(answer.json()["report"][0]["errors"]) == ["assigned_to"]
    assert nothing_was_stored()


@pytest.mark.parametrize("cell", ["[1]", "{", "[" * 100_000, '{"a": NaN}', "1e999"])
def test_import_rejects_specifications_that_are_no_json_object(api, admin, cell):
    text = StringIO()
    csv.writer(text).writerows(
        [[*HEADER.split(","), "specifications"], ["A", "sensor", "A-1", cell]]
    )

    answer = send(api(admin), text.getvalue())

    assert answer.status_code == 400
    assert nothing_was_stored()


def test_import_rejects_too_many_rows_or_bytes(api, admin, monkeypatch):
    monkeypatch.setattr(csvfile, "MAX_ROWS", 2)
    rows = "".join(f"N,sensor,A-{n}\n" for n in range(3))

    many = send(api(admin), f"{HEADER}\n{rows}")
    long = send(api(admin), b"x" * (csvfile.MAX_BYTES + 1))

    assert (many.status_code, long.status_code) == (400, 400)
    assert "2 rows" in many.json()["errors"]["file"][0]
    assert "bytes" in long.json()["errors"]["file"][0]


def test_a_large_file_is_accepted_as_body_and_as_form(api, admin):
    rows = "".join(f"Flat {n},sensor,A-{n},{'x' * 4_900}\n" for n in range(700))
    body = f"{HEADER},description\n{rows}".encode()
    form = {"file": BytesIO(body)}

    raw = send(api(admin), body, "?dry_run=true")
    upload = api(admin).post(f"{URL}import/?dry_run=true", form, format="multipart")

    assert len(body) > 3_000_000
    assert raw.json() == upload.json()
    assert (raw.json()["rows"], raw.json()["refused"]) == (700, 0)


def test_a_form_without_a_file_is_rejected(api, admin):
    answer = api(admin).post(f"{URL}import/", {"other": "x"}, format="multipart")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["file"]


def test_import_is_rejected_for_clients_and_without_a_token(api, alice):
    assert send(api(alice), f"{HEADER}\nA,sensor,A-1\n").status_code == 403
    assert send(api(), f"{HEADER}\nA,sensor,A-1\n").status_code == 401
    assert nothing_was_stored()
