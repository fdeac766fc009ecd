"""A row of a recording becomes a reading or a reason; nothing is guessed or repaired."""

from __future__ import annotations

import gzip
import threading
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from device_simulator.readings import Reading
from device_simulator.recording import (
    ColumnError,
    RecordingFormat,
    Skipped,
    check_recording,
    open_recording,
)
from device_simulator.timestamps import AmbiguousCell, RowRejected, parse_timestamp

DEVICE = "4c189959-e674-4eaa-8ebb-98fd953657c5"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture
def rows(tmp_path: Path):
    def read(content: str | bytes, timestamp: str = "time", value: str = "energy", **form: object):
        path = tmp_path / "recording.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        chosen = RecordingFormat(
            timestamp, value, **{"unit": "wh", "zone": ZoneInfo("UTC"), **form}
        )
        with open_recording(path, chosen, DEVICE) as recording:
            return list(recording.rows())

    return read


def values(rows: list[Reading | Skipped]) -> list[int]:
    return [row.value_mwh for row in rows if isinstance(row, Reading)]


def reasons(rows: list[Reading | Skipped]) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in rows if isinstance(row, Skipped)]


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2024-05-30 00:10", "UTC", "2024-05-30T00:10:00"),
        ("2024-05-30T00:10:20", "Europe/Amsterdam", "2024-05-29T22:10:20"),
        ("2024-01-30 00:10", "Asia/Kathmandu", "2024-01-29T18:25:00"),
        ("20240130T0010", "UTC", "2024-01-30T00:10:00"),
        ("2024-01-30T10:59:59.9999999Z", None, "2024-01-30T10:59:59.999999"),
        ("1393263000.9999999", None, "2014-02-24T17:30:00.999999"),
        ("2024-01-01T00:00:00+01:00", None, "2023-12-31T23:00:00"),
        ("2024-01-01T00:00:00Z", "Europe/Amsterdam", "2024-01-01T00:00:00"),
        ("1393263000", None, "2014-02-24T17:30:00"),
        ("+1393263000", None, "2014-02-24T17:30:00"),
        ("1393263000.25", None, "2014-02-24T17:30:00.250000"),
        (" 2024-05-30 00:10 ", "UTC", "2024-05-30T00:10:00"),
    ],
)
def test_a_timestamp_is_read_as_its_instant(text, zone, instant) -> None:
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)

    assert parse_timestamp(text, ZoneInfo(zone) if zone else None) == expected


@pytest.mark.parametrize(
    "text",
    ["yesterday", "", "2024-13-01 00:00", "2024-02-30 00:00", "30/01/2024 00:10",
     "0001-01-01T00:00:00+14:00", "2024-01-01x00:00", "2024-01"],
)  # fmt: skip
def test_a_text_that_is_no_timestamp_is_rejected(text) -> None:
    with pytest.raises(RowRejected, match="not understood"):
        parse_timestamp(text, ZoneInfo("UTC"))


def test_a_date_alone_is_midnight_of_the_zone_for_registers_only(rows) -> None:
    content = "time,energy\n2024-01-30,5\n"

    assert [row.timestamp.hour for row in rows(content, zone=AMSTERDAM, cumulative=True)] == [23]
    with pytest.raises(ColumnError, match="line 2: timestamp '2024-01-30' is a date without"):
        rows(content, zone=AMSTERDAM)


def test_the_hour_24_is_rejected_with_what_to_write_instead() -> None:
    for text in ("2024-01-30 24:00", "20240130T2400"):
        with pytest.raises(RowRejected, match="hour 24; write 00:00 of the next day"):
            parse_timestamp(text, AMSTERDAM)


@pytest.mark.parametrize(
    "text", ["1393263000000", "1393263000000000", "139326300000", "4999999999"]
)
def test_a_number_that_may_not_be_seconds_since_1970_is_ambiguous(text) -> None:
    with pytest.raises(AmbiguousCell, match=text):
        parse_timestamp(text, None)


def test_a_row_with_empty_cells_beyond_the_header_is_read(rows) -> None:
    assert values(rows("time,energy\n2024-01-01 00:00,5,, \n")) == [5_000]


def test_a_whole_number_beside_the_value_is_a_column_of_its_own_where_it_has_a_name(rows) -> None:
    assert values(rows("time,energy,volt\n2024-01-01 00:00,5,230\n")) == [5_000]
    assert values(rows("time,energy,flag\n2024-01-01 00:00,5,0\n")) == [5_000]


def test_a_local_time_that_happened_twice_is_rejected() -> None:
    with pytest.raises(RowRejected, match="twice"):
        parse_timestamp("2024-10-27 02:30", AMSTERDAM)

    assert parse_timestamp("2024-10-27 01:59", AMSTERDAM).hour == 23
    assert parse_timestamp("2024-10-27 03:00", AMSTERDAM).hour == 2


def test_a_local_time_that_never_happened_is_rejected() -> None:
    with pytest.raises(RowRejected, match="never happened"):
        parse_timestamp("2024-03-31 02:30", AMSTERDAM)

    assert parse_timestamp("2024-03-31 01:59", AMSTERDAM).hour == 0
    assert parse_timestamp("2024-03-31 03:00", AMSTERDAM).hour == 1


def test_both_passes_of_a_repeated_hour_are_read_where_the_rows_carry_offsets(rows) -> None:
    read = rows(
        "time,energy\n2024-10-27T02:00:00+02:00,207\n2024-10-27T02:00:00+01:00,515\n",
        zone=AMSTERDAM,
    )

    assert [row.timestamp.hour for row in read] == [0, 1]


def test_columns_are_selected_by_header_in_any_order(rows) -> None:
    read = rows(
        'note,"Energy, active (Wh)",When\na,30.70,2024-01-01 00:00\n"b, c",33,2024-01-01 00:10\n',
        timestamp="When",
        value="Energy, active (Wh)",
    )

    assert values(read) == [30_700, 33_000]


def test_columns_are_selected_by_number_and_the_header_is_no_row(rows) -> None:
    read = rows("energy,time\n5,2024-01-01 00:00\n", timestamp="2", value="1")

    assert values(read) == [5_000]
    assert reasons(read) == []


def test_a_file_without_header_loses_no_row(rows) -> None:
    read = rows("2024-01-01 00:00,5\n2024-01-01 00:10,6\n", timestamp="1", value="2")

    assert values(read) == [5_000, 6_000]


def test_a_first_row_with_one_good_cell_is_a_row_and_not_taken_for_a_header(rows) -> None:
    read = rows("2024-01-01 00:00,?\n2024-01-01 00:10,6\n", timestamp="1", value="2")

    assert reasons(read) == [(1, "value is not a decimal number")]


@pytest.mark.parametrize(
    ("timestamp", "value", "named"),
    [
        ("when", "energy", r'--timestamp-column: "when" is not a header; .*1: time; 2: energy'),
        ("time", "3", "--value-column: 3 is not a column; allowed: 1 to 2"),
        ("0", "energy", "--timestamp-column: 0 is not a column"),
    ],
)
def test_a_wrong_column_is_named_with_the_columns_there_are(rows, timestamp, value, named) -> None:
    with pytest.raises(ColumnError, match=named):
        rows("time,energy\n2024-01-01 00:00,5\n", timestamp=timestamp, value=value)


def test_a_header_that_occurs_twice_is_rejected(rows) -> None:
    with pytest.raises(ColumnError, match="header of 2 columns"):
        rows("time,energy,energy\n2024-01-01 00:00,5,6\n")


def test_an_empty_file_is_rejected(rows) -> None:
    with pytest.raises(ColumnError, match="empty"):
        rows("\n\n")


def test_a_file_without_offsets_is_rejected_until_a_zone_is_given(rows) -> None:
    with pytest.raises(ColumnError, match=r"--timezone: is needed, because '2024-01-01 00:00'"):
        rows("time,energy\n2024-01-01 00:00,5\n", zone=None)


def test_a_zone_is_not_needed_with_offsets_or_seconds_and_a_later_local_row_is_skipped(
    rows,
) -> None:
    read = rows("time,energy\n2024-01-01T00:00Z,5\n1704067800,6\n2024-01-01 00:20,7\n", zone=None)

    assert values(read) == [5_000, 6_000]
    assert reasons(read) == [(4, "timestamp has no offset and no --timezone was given")]


def test_a_bad_row_is_skipped_with_its_line_and_reason(rows) -> None:
    read = rows(
        "time,energy\n"
        "2024-01-01 00:00,1\n"
        "soon,2\n"
        "2024-01-01 00:20\n"
        "2024-01-01 00:30,\n"
        "2024-01-01 00:40,-5\n"
        "\n"
        "2024-01-01 00:50,on\n"
        "2024-01-01 01:00,8\n"
    )

    assert values(read) == [1_000, 8_000]
    assert reasons(read) == [
        (3, "timestamp is not understood"),
        (4, "row has no column 2"),
        (5, "column 2 is empty"),
        (6, "value is negative"),
        (8, "value is not a decimal number"),
    ]


def test_a_broken_quote_skips_its_row_alone(rows) -> None:
    read = rows('time,energy\n2024-01-01 00:00,"1"x\n2024-01-01 00:10,2\n')

    assert values(read) == [2_000]
    assert [reason for _, reason in reasons(read)] == [
        "not readable as CSV: ',' expected after '\"'"
    ]


def test_repeated_rows_stay_repeated_and_in_the_files_order(rows) -> None:
    read = rows("time,energy\n2024-01-02 00:00,2\n2024-01-01 00:00,1\n2024-01-02 00:00,2\n")

    assert values(read) == [2_000, 1_000, 2_000]


def test_compression_byte_order_mark_line_ends_and_delimiter_make_no_difference(rows) -> None:
    plain = rows("time,energy\n2024-01-01 00:00,5\n")

    assert rows(gzip.compress(b"time,energy\n2024-01-01 00:00,5\n")) == plain
    assert rows("\ufefftime,energy\r\n2024-01-01 00:00,5\r\n") == plain
    assert rows("time;energy\n2024-01-01 00:00;5\n", delimiter=";") == plain


def test_a_file_that_is_not_utf8_is_read_when_only_other_columns_are_affected(rows) -> None:
    read = rows("time,energy,größe\n2024-01-01 00:00,5,ä\n".encode("latin-1"))

    assert values(read) == [5_000]


def test_a_column_names_the_channel_of_each_row(rows) -> None:
    content = "time,energy,channel\n2024-01-01 00:00,1,main\n2024-01-01 00:00,2,export\n"
    content += "2024-01-01 00:10,3,Export\n"

    read = rows(content, channel_column="channel")

    assert [(row.channel, row.value_mwh) for row in read if isinstance(row, Reading)] == [
        ("main", 1_000),
        ("export", 2_000),
    ]
    assert reasons(read) == [(4, "the channel is not 1 to 32 of a-z, 0-9, _ and -")]


def test_all_rows_belong_to_the_channel_that_is_given(rows) -> None:
    (read,) = rows("time,energy\n2024-01-01 00:00,1.5\n", channel="gas", unit="m3")

    assert read.json().endswith('"measurement_value": 1.5, "channel": "gas"}')


def test_values_of_two_channels_at_one_instant_do_not_conflict(tmp_path) -> None:
    path = tmp_path / "recording.csv"
    lines = ["time,energy,channel", *(f"2024-01-01 00:00,{n},{n % 2}" for n in range(3))]
    path.write_text("\n".join(lines))
    form = RecordingFormat("time", "energy", "wh", ZoneInfo("UTC"), channel_column="channel")

    (conflict,) = check_recording(path, form, DEVICE, threading.Event())

    assert (conflict.first_line, conflict.second_line) == (2, 4)
