"""Channels of a device: rules, the channel `main`, log, events and files."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO

import pytest

from devices.models import Channel, Device, LogEntry

from ..world import device_body, events_of, outbox

URL = "/api/devices/"
DEFAULTS = {
    "name": "",
    "quantity": "electricity",
    "flow": "consumed",
    "reading_kind": "interval",
    "interval_seconds": None,
    "register_digits": None,
    "register_wraps_at": None,
    "max_power": None,
    "negative_channel": None,
}


@pytest.fixture
def at(meter) -> str:
    return f"{URL}{meter.id}/"


@pytest.fixture
def client(api, admin):
    return api(admin)


def add(client, at, code, **values):
    return client.post(f"{at}channels/", {"code": code, **values}, format="json")


def change(client, at, channel, **values):
    return client.patch(f"{at}channels/{channel}/", values, format="json")


def channels(client, at) -> dict[str, dict]:
    return {each["code"]: each for each in client.get(at).json()["channels"]}


def test_every_device_has_the_channel_main_with_the_fields_of_the_device(client, make_device):
    device = make_device(reading_kind="cumulative", register_digits=6, max_power_kw=Decimal("17.3"))

    body = client.get(f"{URL}{device.id}/").json()
    (listed,) = client.get(URL).json()["results"]

    main = {"reading_kind": "cumulative", "register_digits": 6, "max_power": 17.3}
    assert body["channels"] == [{**DEFAULTS, "code": "main", "interval_seconds": 600, **main}]
    assert listed["channels"] == body["channels"]
    (event,) = outbox()
    (channel,) = event.data.channels
    assert (channel.code, channel.quantity, channel.flow) == ("main", "electricity", "consumed")
    assert (channel.reading_kind, channel.register_digits) == ("cumulative", 6)
    assert (channel.max_power, channel.interval_seconds) == (17.3, 600)


def test_an_added_channel_is_listed_published_and_logged(client, at, meter):
    values = {"name": "Solar", "flow": "exported", "reading_kind": "cumulative", "max_power": 5.5}

    answer = add(client, at, "export-1_b", **values, register_wraps_at=838.8608, notes="new roof")

    stored = {**DEFAULTS, "code": "export-1_b", **values, "register_wraps_at": 838.8608}
    assert (answer.status_code, answer.json()) == (201, stored)
    assert channels(client, at)["export-1_b"] == stored
    event = outbox()[-1]
    assert (event.event_type, event.version) == ("device_updated", 2)
    assert [channel.code for channel in event.data.channels] == ["main", "export-1_b"]
    assert event.data.channels[1].interval_seconds == 600, "that of the device"
    assert event.data.channels[1].register_wraps_at == Decimal("838.8608")
    entry = LogEntry.objects.latest("id")
    assert (entry.action, entry.notes, entry.old_values) == ("updated", "new roof", {})
    assert entry.new_values["export-1_b.flow"] == "exported"
    assert entry.new_values["export-1_b.max_power"] == 5.5


def test_a_change_of_main_changes_the_device_and_the_other_way_round(client, at):
    answer = change(client, at, "main", reading_kind="cumulative", register_digits=5, max_power=9)
    device = client.get(at).json()

    assert answer.status_code == 200
    assert (device["reading_kind"], device["register_digits"]) == ("cumulative", 5)
    assert device["max_power_kw"] == 9

    client.patch(at, {"register_digits": 6, "interval_seconds": 900}, format="json")

    main = channels(client, at)["main"]
    assert (main["register_digits"], main["interval_seconds"]) == (6, 900)
    logged = LogEntry.objects.order_by("id").values_list("new_values", flat=True)
    assert list(logged)[-2:] == [
        {"reading_kind": "cumulative", "register_digits": 5, "max_power_kw": 9.0},
        {"register_digits": 6, "interval_seconds": 900},
    ]


def test_main_has_a_quantity_and_a_flow_of_its_own(client, at):
    answer = change(client, at, "main", quantity="water", flow="imported", name="Cold water")

    assert answer.json()["quantity"] == "water"
    assert channels(client, at)["main"]["name"] == "Cold water"
    assert outbox()[-1].data.channels[0].quantity == "water"
    assert outbox()[-1].data.name == "Alice's meter", "the name of the channel is another one"


def test_a_changed_channel_logs_the_differing_fields_under_its_code(client, at, meter):
    add(client, at, "gas", quantity="gas")
    before = events_of(meter.id)

    same = change(client, at, "gas", quantity="gas", code="gas")
    assert (same.status_code, events_of(meter.id)) == (200, before)

    change(client, at, "gas", quantity="gas", name="Boiler", max_power=6.1, notes="named")

    entry = LogEntry.objects.latest("id")
    assert entry.old_values == {"gas.name": "", "gas.max_power": None}
    assert entry.new_values == {"gas.name": "Boiler", "gas.max_power": 6.1}
    assert entry.notes == "named"
    assert events_of(meter.id) == [*before, ("device_updated", 3)]


@pytest.mark.parametrize("code", ["", "Export", "ex port", "x" * 33, "ü", "export\n", "a/b"])
def test_a_code_has_up_to_32_plain_characters(client, at, code):
    answer = add(client, at, code)

    if code == "export\n":
        assert answer.json()["code"] == "export", "blanks around it are cut"
    else:
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == ["code"]


@pytest.mark.parametrize(
    ("values", "field", "code", "names"),
    [
        ({"code": "main"}, "code", "unique", "'main'"),
        ({"code": "export"}, "code", "unique", "'export'"),
        ({"quantity": "steam"}, "quantity", "invalid_choice", "steam"),
        ({"flow": "lost"}, "flow", "invalid_choice", "lost"),
        ({"interval_seconds": 0}, "interval_seconds", "min_value", "1"),
        ({"register_digits": 10}, "register_digits", "max_value", "9"),
        ({"register_wraps_at": 0}, "register_wraps_at", "min_value", "0.000001"),
        (
            {"register_digits": 5, "register_wraps_at": 838.8608},
            "register_wraps_at",
            "two_wraps",
            "5",
        ),
        ({"negative_channel": "x"}, "negative_channel", "unknown_channel", "main, counter"),
        ({"negative_channel": "new"}, "negative_channel", "same_channel", "'new'"),
        ({"negative_channel": "gas"}, "negative_channel", "other_quantity", "electricity"),
        ({"negative_channel": "counter"}, "negative_channel", "no_interval", "'counter'"),
        ({"negative_channel": "signed"}, "negative_channel", "chained_channels", "'export'"),
        ({"negative_channel": "export"}, "negative_channel", "shared_channel", "'signed' and"),
        (
            {"negative_channel": "export", "reading_kind": "cumulative"},
            "negative_channel",
            "no_interval",
            "'new'",
        ),
    ],
)  # fmt: skip
def test_a_value_that_no_channel_may_have_is_rejected_with_field_value_and_remedy(
    client, at, values, field, code, names
):
    add(client, at, "export", flow="exported")
    add(client, at, "gas", quantity="gas")
    add(client, at, "counter", reading_kind="cumulative")
    add(client, at, "signed", negative_channel="export")
    before = Channel.objects.count()

    answer = client.post(f"{at}channels/", {"code": "new", **values}, format="json")

    assert answer.status_code == 400, answer.json()
    body = answer.json()
    assert (list(body["errors"]), body["codes"][field]) == ([field], [code])
    assert names in body["errors"][field][0]
    assert Channel.objects.count() == before


def test_a_change_of_any_channel_keeps_the_rules_of_all(client, at):
    add(client, at, "export", flow="exported")
    assert change(client, at, "main", negative_channel="export").status_code == 200

    answers = [
        client.patch(at, {"reading_kind": "cumulative"}, format="json"),
        change(client, at, "export", reading_kind="cumulative"),
        change(client, at, "export", quantity="heat"),
        change(client, at, "export", negative_channel="main"),
        change(client, at, "main", interval_seconds=None),
        change(client, at, "export", code="other"),
    ]

    assert [answer.status_code for answer in answers] == [400] * 6
    fields = [next(iter(answer.json()["errors"])) for answer in answers]
    assert fields == [*["negative_channel"] * 4, "interval_seconds", "code"]
    assert channels(client, at)["main"]["reading_kind"] == "interval"


def test_a_device_has_at_most_fifty_channels(client, at, meter):
    Channel.objects.bulk_create(Channel(device=meter, code=f"c{n}") for n in range(49))

    answer = add(client, at, "one-more")

    assert (answer.status_code, answer.json()["codes"]) == (400, {"code": ["too_many_channels"]})


def test_a_deleted_channel_leaves_its_values_in_the_log(client, at, meter):
    add(client, at, "gas", quantity="gas", name="Boiler")

    answer = client.delete(f"{at}channels/gas/")

    assert answer.status_code == 204
    assert list(channels(client, at)) == ["main"]
    assert LogEntry.objects.latest("id").old_values["gas.name"] == "Boiler"
    assert [channel.code for channel in outbox()[-1].data.channels] == ["main"]
    assert client.delete(f"{at}channels/gas/").status_code == 404


def test_main_and_a_channel_that_receives_negative_readings_cannot_be_deleted(client, at):
    add(client, at, "export")
    change(client, at, "main", negative_channel="export")

    main, receiver = (client.delete(f"{at}channels/{code}/") for code in ("main", "export"))

    assert (main.status_code, main.json()["code"]) == (409, "main_channel")
    assert (receiver.status_code, receiver.json()["code"]) == (409, "channel_in_use")
    assert receiver.json()["channels"] == ["main"]

    change(client, at, "main", negative_channel=None)
    assert client.delete(f"{at}channels/export/").status_code == 204


def test_a_device_may_be_created_with_its_channels(client):
    body = {
        **device_body(),
        "channels": [
            {"code": "main", "flow": "imported", "reading_kind": "cumulative"},
            {"code": "export", "flow": "exported", "reading_kind": "cumulative"},
        ],
    }

    device = client.post(URL, body, format="json").json()

    assert device["reading_kind"] == "cumulative"
    flows = {each["code"]: each["flow"] for each in device["channels"]}
    assert flows == {"main": "imported", "export": "exported"}
    assert LogEntry.objects.get().new_values["export.flow"] == "exported"
    clone = {name: value for name, value in device.items() if name != "id"} | device_body()
    assert client.post(URL, clone, format="json").json()["channels"] == device["channels"]
    put = client.put(f"{URL}{device['id']}/", device, format="json")
    assert put.json()["channels"] == device["channels"]


@pytest.mark.parametrize(
    ("channels", "code"),
    [
        ([{"code": "a"}, {"code": "a"}], "repeated"),
        ([{"code": "main", "reading_kind": "cumulative"}], "contradiction"),
        ([{"code": "a", "negative_channel": "b"}], "unknown_channel"),
    ],
)
def test_channels_of_a_new_device_that_contradict_are_rejected(client, channels, code):
    body = {**device_body(), "reading_kind": "interval", "channels": channels}

    answer = client.post(URL, body, format="json")

    assert (answer.status_code, answer.json()["codes"]) == (400, {"channels": [code]})
    assert not Device.objects.exists()


def test_a_client_reads_the_channels_of_their_device_and_changes_none(api, alice, bob, at):
    for user, code in ((alice, 403), (bob, 404)):
        answers = [
            add(api(user), at, "export"),
            change(api(user), at, "main", name="x"),
            api(user).delete(f"{at}channels/main/"),
        ]
        assert [answer.status_code for answer in answers] == [code] * 3
    assert list(channels(api(alice), at)) == ["main"]


def test_a_deleted_devices_log_names_its_channels(client, at):
    add(client, at, "export", flow="exported")

    client.delete(at)

    assert LogEntry.objects.get(action="deleted").old_values["export.flow"] == "exported"


# --- files --------------------------------------------------------------------------------------


def exported(client) -> str:
    answer = client.get(f"{URL}export/")
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def import_file(client, text: str, query: str = ""):
    return client.post(f"{URL}import/{query}", text.encode(), content_type="text/csv")


def test_an_exported_device_is_imported_with_all_of_its_channels(client, at, meter, make_device):
    change(client, at, "main", flow="imported", name="=Grid", register_wraps_at=838.8608)
    full = {
        "name": "Solar, roof",
        "flow": "exported",
        "reading_kind": "cumulative",
        "interval_seconds": 900,
        "register_digits": 5,
        "max_power": 9.5,
    }
    add(client, at, "export", **full)
    add(client, at, "export-signed")
    add(client, at, "signed", negative_channel="export-signed")
    make_device(name="No other channel")
    before = [
        (device.name, client.get(f"{URL}{device.id}/").json()["channels"])
        for device in Device.objects.order_by("name")
    ]
    text = exported(client)
    for device in Device.objects.all():
        client.delete(f"{URL}{device.id}/")

    answer = import_file(client, text)

    assert answer.status_code == 201, answer.json()
    devices = Device.objects.filter(deleted_at=None).order_by("name")
    after = [
        (device.name, client.get(f"{URL}{device.id}/").json()["channels"]) for device in devices
    ]
    assert after == before
    events = [event.data for event in outbox() if event.event_type == "device_created"]
    created = {data.name: data.channels for data in events[-2:]}
    assert [each.code for each in created["Alice's meter"]] == [
        "main",
        "export",
        "export-signed",
        "signed",
    ]


def test_an_export_has_one_row_for_a_device_and_columns_for_its_channels(client, at):
    add(client, at, "gas", quantity="gas")

    (row,) = csv.DictReader(StringIO(exported(client), newline=""))

    assert (row["main.quantity"], row["main.flow"]) == ("electricity", "consumed")
    assert (row["gas.quantity"], row["gas.register_digits"]) == ("gas", "")
    assert "main.reading_kind" not in row, "the device has a column for it"


def test_rows_without_a_filled_cell_of_a_channel_do_not_have_the_channel(client):
    text = (
        "name,device_type,serial_number,main.quantity,export.flow\n"
        "A,sensor,A-1,,exported\nB,sensor,B-1,water,\n"
    )

    assert import_file(client, text).status_code == 201

    codes = {
        device.name: [channel.code for channel in device.all_channels()]
        for device in Device.objects.all()
    }
    assert codes == {"A": ["main", "export"], "B": ["main"]}
    assert Device.objects.get(name="B").quantity == "water"


def test_a_wrong_cell_of_a_channel_is_reported_with_column_value_and_remedy(client):
    text = (
        "name,device_type,serial_number,reading_kind,main.reading_kind,export.flow,a.negative_channel\n"
        "A,sensor,A-1,,,outwards,\nB,sensor,B-1,interval,cumulative,,\nC,sensor,C-1,,,,z\n"
    )

    report = import_file(client, text, "?dry_run=true").json()["report"]

    (problem,) = report[0]["problems"]
    assert (problem["column"], problem["value"]) == ("export.flow", "outwards")
    assert "Use one of: consumed, imported" in problem["message"]
    assert list(report[1]["errors"]) == ["channels"]
    assert list(report[2]["errors"]) == ["channels"]
    assert "'z'" in report[2]["errors"]["channels"][0]


def test_a_file_with_a_column_that_is_nearly_one_of_a_channel_is_rejected(client):
    answer = import_file(client, "name,device_type,serial_number,export.colour\nA,sensor,A-1,red\n")

    assert answer.status_code == 400
    assert "'export.colour'" in answer.json()["errors"]["columns"][0]
    assert "export.flow" in answer.json()["errors"]["columns"][1]
