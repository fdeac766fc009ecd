"""The command `replay` against a real broker: readings that arrive, output, exit status."""

from __future__ import annotations

import gzip
import json
import signal
from decimal import Decimal
from pathlib import Path

import pytest

DEVICE = "4c189959-e674-4eaa-8ebb-98fd953657c5"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """30 rows, one of them twice, three of them unusable."""
    rows = [f"2026-03-01 {number // 6:02}:{number % 6}0,{number}.50" for number in range(26)]
    bad = ["2026-03-29 02:30,1", "2026-03-01 09:00,-1", "2026-03-01 09:10,on"]
    path = tmp_path / "meter.csv"
    path.write_text("\n".join(["time,energy", *rows, *bad, rows[3]]) + "\n")
    return path


def replay_arguments(recording: Path, *more: object) -> list[object]:
    columns = ["--timestamp-column", "time", "--value-column", "energy", "--unit", "wh"]
    zone = ["--timezone", "Europe/Amsterdam"]
    return ["replay", recording, "--device-id", DEVICE, *columns, *zone, *more]


def test_a_replay_sends_every_usable_row_exactly_and_prints_why_others_are_skipped(
    broker, finish, recording
) -> None:
    status, out, _ = finish(*replay_arguments(recording), *broker.arguments())

    assert status == 0
    assert out.splitlines() == [
        "rows read 30, sent 27, skipped 3",
        "skipped 1: local time never happened: the clock was set forward (first at line 28)",
        "skipped 1: value is negative (first at line 29)",
        "skipped 1: value is not a decimal number (first at line 30)",
    ]
    readings = broker.readings()
    assert [reading["measurement_value"] * 1000 for reading in readings] == [
        *(Decimal(f"{number}.5") for number in range(26)),
        Decimal("3.5"),
    ]
    assert readings[0]["timestamp"] == "2026-02-28T23:00:00Z"
    assert {reading["device_id"] for reading in readings} == {DEVICE}


@pytest.mark.parametrize("batch", [1, 10, 1000])
def test_readings_are_the_same_with_any_number_in_a_message(
    broker, finish, recording, batch
) -> None:
    status, _, _ = finish(*replay_arguments(recording), *broker.arguments("--batch", batch))

    deliveries = broker.deliveries()
    contents = [json.loads(body) for _, body in deliveries]
    assert status == 0
    assert len(deliveries) == -(-27 // batch)
    assert all(isinstance(content, dict if batch == 1 else list) for content in contents)


def test_a_shuffled_replay_sends_the_same_readings_in_an_order_of_its_seed(
    broker, finish, recording
) -> None:
    orders = []
    for seed in (None, 7, 7, 8):
        shuffle = [] if seed is None else ["--shuffle", seed]
        finish(*replay_arguments(recording, *shuffle), *broker.arguments())
        orders.append([(r["timestamp"], r["measurement_value"]) for r in broker.readings()])

    in_file, seven, seven_again, eight = orders
    assert seven == seven_again
    assert seven not in (in_file, eight)
    assert sorted(seven) == sorted(in_file) == sorted(eight)


def test_a_paced_replay_plays_in_the_order_of_time(broker, finish, tmp_path) -> None:
    path = tmp_path / "meter.csv"
    path.write_text("time,energy\n2026-03-01 01:00,2\n2026-03-01 00:00,1\n")

    status, out, _ = finish(*replay_arguments(path, "--speed", 36_000), *broker.arguments())

    assert (status, out) == (0, "rows read 2, sent 2, skipped 0\n")
    assert len(broker.deliveries()) == 2, "a reading does not wait for the next one's time"


def test_a_register_is_sent_unchanged(broker, finish, tmp_path) -> None:
    path = tmp_path / "meter.csv"
    path.write_text("1393263000,20016\n1393263060,20017\n")
    columns = ["--timestamp-column", 1, "--value-column", 2, "--unit", "wh", "--cumulative"]

    status, _, _ = finish("replay", path, "--device-id", DEVICE, *columns, *broker.arguments())

    assert status == 0
    assert [r["measurement_value"] for r in broker.readings()] == [
        Decimal("20.016"),
        Decimal("20.017"),
    ]


def test_a_replay_fails_when_no_row_can_be_sent(broker, finish, tmp_path) -> None:
    path = tmp_path / "meter.csv"
    path.write_text("time,energy\n2026-03-01 00:00,?\n")

    status, out, err = finish(*replay_arguments(path), *broker.arguments())

    assert status == 1
    assert out.startswith("rows read 1, sent 0, skipped 1\n")
    assert "no row could be sent" in err


def test_a_replay_of_a_truncated_file_fails_after_sending_its_complete_rows(
    broker, finish, tmp_path
) -> None:
    whole = gzip.compress(
        b"time,energy\n"
        + b"".join(b"2026-03-01 00:%02d,%d\n" % (n % 60, n * n * n) for n in range(20_000))
    )
    path = tmp_path / "meter.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])

    status, out, err = finish(*replay_arguments(path), *broker.arguments())

    assert status == 1
    assert "cannot be read to its end" in err
    assert f"sent {len(broker.readings())}," in out


AMBIGUOUS = {
    "a decimal comma cut in two": (
        "start,kwh\n2026-03-01T00:00:00Z,4\n2026-03-01T01:00:00Z,4,030\n",
        ["line 3: '2026-03-01T01:00:00Z,4,030' has 3 cells", "decimal comma", "--delimiter"],
    ),
    "a decimal comma cut in two where a third column follows": (
        "start,kwh,note\n2026-03-01T00:00:00Z,4,\n2026-03-01T01:00:00Z,4,030\n",
        ["line 3: '4' and '030' are side by side and may be the number 4.030"],
    ),
    "a decimal comma cut in two before an empty cell": (
        "start,kwh,note\n2026-03-01T01:00:00Z,4,230,\n",
        ["line 2: '4' and '230' are side by side"],
    ),
    "a decimal comma cut in two in a file without header": (
        "2026-03-01T00:00:00Z,4,230\n2026-03-01T01:00:00Z,0,250\n",
        ["line 1: '4' and '230' are side by side and may be the number 4.230"],
    ),
    "a decimal comma in quotes": (
        'start,kwh\n2026-03-01T00:00:00Z,4\n2026-03-01T01:00:00Z,"4,030"\n',
        ["line 3: value '4,030' has a comma", "write a decimal point"],
    ),
    "a separator of thousands": (
        'start,kwh\n2026-03-01T00:00:00Z,999\n2026-03-01T01:00:00Z,"1,000.5"\n',
        ["line 3: value '1,000.5' has a comma", "no separator of thousands"],
    ),
    "a row for each day": (
        "day,00:00,00:15,00:30\n20261010,0.1,0.2,0.3\n20261011,0.4,0.5,0.6\n",
        ["line 1: the columns are times of day (00:00, 00:15, …)", "one row for each value"],
    ),
    "a row for each day with hours as names": (
        "day,H1,H2,H3\n2026-10-10 00:00,0.1,0.2,0.3\n",
        ["line 1: the columns are times of day (H1, H2, …)"],
    ),
    "a row for each day with intervals as names": (
        "day,00:00-00:15,00:15 - 00:30\n2026-10-10 00:00,0.1,0.2\n",
        ["line 1: the columns are times of day (00:00-00:15, 00:15 - 00:30, …)"],
    ),
    "a date without a time": (
        "day,kwh\n20261010,0.5\n",
        ["line 2: timestamp '20261010' is a date without a time", "date and time"],
    ),
    "milliseconds": (
        "Time,Wh\n1711010100000,5\n1711122900000,5\n",
        ["line 2: timestamp '1711010100000' has 13 digits", "milliseconds", "write seconds"],
    ),
    "a date and an hour without separators": (
        "Time,Wh\n2026101000,5\n",
        ["line 2: timestamp '2026101000' as seconds since 1970 is 2034-03-16", "2026-11-10T08:00"],
    ),
    "a date and a time without separators": (
        "Time,Wh\n202610100015,5\n",
        ["line 2: timestamp '202610100015' has 12 digits", "ISO 8601"],
    ),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_file_that_can_be_read_in_two_ways_is_rejected_before_anything_is_sent(
    broker, finish, tmp_path, name
) -> None:
    content, named = AMBIGUOUS[name]
    path = tmp_path / "meter.csv"
    path.write_text(content)
    columns = ["--timestamp-column", 1, "--value-column", 2, "--unit", "kwh", "--timezone", "UTC"]

    status, out, err = finish("replay", path, "--device-id", DEVICE, *columns, *broker.arguments())

    assert (status, out) == (2, "")
    assert all(words in err for words in named), err
    assert broker.readings() == []


def test_a_replay_warns_of_two_values_of_one_instant_with_their_lines(
    broker, finish, tmp_path
) -> None:
    path = tmp_path / "meter.csv"
    path.write_text(
        "time,energy\n2026-03-01 01:00,11000\n2026-03-01 02:00,6000\n2026-03-01 01:00,5000\n"
        "2026-03-01 02:00,6000\n"
    )

    status, out, err = finish(*replay_arguments(path), *broker.arguments())

    assert (status, out) == (0, "rows read 4, sent 4, skipped 0\n")
    warning = "1 times an instant has a second, different value (first: 11 kWh at line 2, 5 kWh at"
    assert warning in err.replace("\n", " ")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_replay_prints_its_counts_and_exits_with_130(
    broker, start, eventually, recording, how
) -> None:
    # At the recorded pace the second row is due ten minutes after the first.
    process = start(*replay_arguments(recording, "--speed", 1), *broker.arguments())
    eventually(lambda: broker.ready() == 1)

    process.send_signal(how)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert out.startswith("rows read 30, sent 1, skipped 3\n")
    assert "Traceback" not in err


def test_a_replay_sends_every_row_when_its_connection_is_cut(
    broker, link, start, eventually, tmp_path
) -> None:
    path = tmp_path / "meter.csv"
    count = 20_000
    path.write_text("".join(f"{1_700_000_000 + 60 * n},{n}\n" for n in range(count)))
    columns = ["--timestamp-column", 1, "--value-column", 2, "--unit", "wh", "--batch", 1]
    process = start(
        *["replay", path, "--device-id", DEVICE, *columns],
        *["--rabbitmq", link.url, "--queue", broker.queue],
    )
    for share in (1, 2, 3):
        eventually(lambda share=share: broker.ready() >= share * count // 5)
        link.cut()
        link.mend()

    out, err = process.communicate(timeout=120)

    assert process.returncode == 0, err
    assert out == f"rows read {count}, sent {count}, skipped 0\n"
    arrived = [reading["measurement_value"] for reading in broker.readings()]
    assert list(dict.fromkeys(arrived)) == [Decimal(n) / 1000 for n in range(count)]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (["--unit", "mwh"], "--unit"),
        (["--speed", "0"], "--speed: "),
        (["--speed", "fast"], "--speed: "),
        (["--speed", "2", "--shuffle", "1"], "--shuffle: has no pace"),
        (["--shuffle", "x"], "--shuffle: "),
        (["--timezone", "CET+1"], "--timezone: "),
        (["--delimiter", "tab"], "--delimiter: "),
        (["--value-column", "power"], '--value-column: "power" is not a header'),
    ],
    ids=str,
)
def test_a_wrong_argument_of_replay_ends_it_with_status_2_before_it_connects(
    finish, recording, more, named
) -> None:
    broker = ["--rabbitmq", "amqp://meters:pw@127.0.0.1:1/"]

    status, out, err = finish(*replay_arguments(recording, *more), *broker)

    assert status == 2
    assert named in err
    assert out == ""


def test_replay_names_a_missing_recording(finish, tmp_path) -> None:
    broker = ["--rabbitmq", "amqp://meters:pw@127.0.0.1:1/"]

    status, _, err = finish(*replay_arguments(tmp_path / "none.csv"), *broker)

    assert status == 2
    assert "none.csv" in err
