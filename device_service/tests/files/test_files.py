"""Import and export of devices: all rows or none, each rejected row with its reason."""

from __future__ import annotations

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.db import connection, transaction

from devices.files import csvfile
from devices.files.csvfile import EXPORTED_COLUMNS, escaped, unescaped
from devices.inventory.services import EDITABLE_FIELDS
from devices.models import Assignment, Device, LogEntry
from service_kit.testing.waiting import wait_until

from ..world import a_lock_is_awaited, device_body, outbox

URL = "/api/devices/"
HEADER = "name,device_type,serial_number"


def send(client, text: str | bytes, query: str = ""):
    body = text if isinstance(text, bytes) else text.encode()
    return client.post(f"{URL}import/{query}", body, content_type="text/csv")


def exported(client, query: str = "") -> list[dict]:
    answer = client.get(f"{URL}export/{query}")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline="")))


def nothing_was_stored() -> bool:
    return not Device.objects.exists() and not LogEntry.objects.exists() and not outbox()


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
    assert lines[2] == {"line": 2, "serial_number": "A-1", "result": "valid"}
    assert set(lines[4]["errors"]) == {"name", "device_type"}
    assert lines[5]["errors"] == {"serial_number": ["Also on line 2."]}
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


def test_export_holds_every_column_with_the_values_of_the_list(api, admin, make_device):
    device = make_device(max_consumption=2, specifications={"phases": 3}, location="Cellar")
    listed = api(admin).get(URL).json()["results"][0]

    (row,) = exported(api(admin))

    assert tuple(row) == EXPORTED_COLUMNS
    assert set(EXPORTED_COLUMNS) == set(listed)
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


def test_export_needs_two_queries_for_any_number_of_devices(
    api, admin, make_device, django_assert_num_queries
):
    for _ in range(5):
        make_device()

    # The user, and the devices.
    with django_assert_num_queries(2):
        assert len(exported(api(admin))) == 5
