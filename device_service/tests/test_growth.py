"""The time for a file, a body or a query grows in proportion to its size."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from rest_framework.exceptions import ValidationError

from devices.files.csvfile import MAX_COLUMNS, csv_file
from devices.inventory.serializers import NewDeviceSerializer
from service_kit.testing.growth import assert_grows_with_its_input

from .world import device_body

HEADER = "name,device_type,serial_number"
ROW = "Flat,sensor,1"

FILES = {
    "columns that nobody knows": lambda n: ",".join(f"column{i}" for i in range(n)),
    "one column again and again": lambda n: ",".join(["name"] * n),
    "empty columns": lambda n: HEADER + "," * n,
    "one word as the header": lambda n: "x" * n,
    "every delimiter": lambda n: ",;\t" * n,
    "empty lines before the header": lambda n: "\r\n" * n + HEADER,
    "rows": lambda n: f"{HEADER}\n" + f"{ROW}\n" * n,
    "empty rows": lambda n: f"{HEADER}\n" + ",,\n" * n,
    "cells in a row": lambda n: f"{HEADER}\n" + "x," * n,
    "quotes in a cell": lambda n: f'{HEADER}\n"' + '""' * n + '",sensor,1',
    "lines in a cell": lambda n: f'{HEADER}\n"' + "x\n" * n + '",sensor,1',
    "an open quote": lambda n: f'{HEADER}\n"' + "x,\n" * n,
    "one line of JSON": lambda n: json.dumps(
        [{"name": "Flat", "serial_number": i} for i in range(n)]
    ),
    "nested specifications": lambda n: f"{HEADER},specifications\n{ROW},{'[' * n}",
    "no UTF-8 at the end": lambda n: f"{HEADER}\n" + f"{ROW}\n" * n + "\udcff",
}


@pytest.mark.parametrize("name", FILES)
def test_reading_a_file_takes_time_in_proportion_to_its_size(name):
    def work(size: int) -> None:
        with suppress(ValidationError):
            csv_file(FILES[name](size).encode("utf-8", "surrogateescape"))

    assert_grows_with_its_input(work, name)


def test_a_file_of_very_many_columns_is_rejected_by_their_number():
    with pytest.raises(ValidationError) as error:
        csv_file(("x," * 5_000).encode())

    text = str(error.value.detail["columns"][0])
    assert "5,001 columns" in text and f"at most {MAX_COLUMNS}" in text


VALUES = {
    "a long name": lambda n: {"name": "x" * n},
    "blanks": lambda n: {"name": " " * n + "x"},
    "wide specifications": lambda n: {"specifications": {str(i): i for i in range(n)}},
    "a long text in the specifications": lambda n: {"specifications": {"x": "\u0301\u0323" * n}},
    "a long number": lambda n: {"max_consumption": "9" * n},
    "a long zone": lambda n: {"timezone": "Europe/" * n},
    "a long date": lambda n: {"purchase_date": "2026-" * n},
    "fields that nobody knows": lambda n: {f"field{i}": i for i in range(n)},
}


@pytest.mark.parametrize("name", VALUES)
def test_checking_a_device_takes_time_in_proportion_to_its_size(name):
    assert_grows_with_its_input(
        lambda size: NewDeviceSerializer(data=device_body(**VALUES[name](size))).is_valid(), name
    )
