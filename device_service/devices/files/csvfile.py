"""Devices as a CSV file: writing an export, and reading a file for an import.

A spreadsheet runs a cell that begins like a formula. Such a cell is written with an apostrophe in
front, and read without it. Every cell is quoted, so that a separator inside splits no cell in two.
The import reads every file that the export has written.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

from rest_framework.exceptions import ValidationError

from devices.channel_kinds import MAIN_FIELDS
from devices.files.channel_columns import (
    MAIN_COLUMNS,
    channel_columns,
    channel_values,
    is_channel_column,
)
from devices.inventory.services import EDITABLE_FIELDS

#: Columns that an import reads, and columns of an export that it does not: a file does not decide
#: a device's id and times.
READ_COLUMNS = (*EDITABLE_FIELDS, "status", "assigned_to")
IGNORED_COLUMNS = ("id", "created_at", "updated_at")
REQUIRED_COLUMNS = ("name", "device_type", "serial_number")
EXPORTED_COLUMNS = (
    "id",
    "serial_number",
    "name",
    "status",
    "assigned_to",
    *(field for field in EDITABLE_FIELDS if field not in ("serial_number", "name")),
    "created_at",
    "updated_at",
)

#: Rows, columns and bytes of one import. The gateway accepts bodies of ten million bytes.
MAX_ROWS = 10_000
MAX_COLUMNS = 500
MAX_BYTES = 8 << 20

#: Characters of one part of a response: with a part for each line, each line would be a packet.
BLOCK_CHARACTERS = 1 << 16

DELIMITERS = (",", ";", "\t")

#: First characters that are escaped: those by which spreadsheets recognise a formula, in ASCII and
#: in full-width form, and the apostrophe, so that reading a cell reverses writing it.
_ESCAPED = tuple("=+-@\t\r\n'＝＋－＠")

#: Characters of one cell; the longest value, the specifications, has a lower limit of its own.
csv.field_size_limit(100_000)


@dataclass(frozen=True)
class CsvRow:
    """A row of a file; `line` is the number of its first line, counted from the header's 1."""

    line: int
    values: Mapping[str, Any]
    #: Why the row cannot be split into values.
    error: str | None = None

    @property
    def serial_number(self) -> str:
        """Return the serial number, "" when the row has none."""
        return str(self.values.get("serial_number", "")).strip()


@dataclass(frozen=True)
class CsvFile:
    """The rows of a file, and those of its columns that are not read."""

    rows: list[CsvRow]
    ignored_columns: list[str]


def escaped(text: str) -> str:
    """Return `text` as a cell that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(_ESCAPED) else text


def unescaped(cell: str) -> str:
    """Return the text of a cell; a cell that `escaped` did not change stays as it is."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_ESCAPED) else cell


def csv_blocks(devices: Iterable[Mapping[str, Any]], codes: Iterable[str]) -> Iterator[str]:
    """Return the parts of an export: a header and the given devices, many lines to a part.

    `codes`: the channels that have columns. One that is added meanwhile is left out.
    """
    columns = (*EXPORTED_COLUMNS, *channel_columns(codes))
    buffer = StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    # Without this mark Excel reads UTF-8 in the code page of the machine.
    buffer.write("\ufeff")
    writer.writerow(columns)
    for device in devices:
        values = {**device, **channel_values(device["further_channels"])}
        values |= {column: device[field] for column, field in MAIN_COLUMNS.items()}
        writer.writerow(_cell(values.get(column)) for column in columns)
        if buffer.tell() > BLOCK_CHARACTERS:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _cell(value: object) -> str:
    """Return a value as the API writes it, "" for a missing value."""
    if value is None or value == {}:
        return ""
    if isinstance(value, Decimal):
        return str(float(value))
    if isinstance(value, date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        value = ", ".join(value)
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False)
    return escaped(str(value))


def csv_file(body: bytes) -> CsvFile:
    """Return the content of a file. Raises ValidationError for a fault of the file as a whole."""
    text = _text(body)
    try:
        lines = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        header = [cell.strip().lower() for cell in next(lines, [])]
        _check_header(header)
        ignored = [column for column in header if column in IGNORED_COLUMNS]
        return CsvFile(list(_read(lines, header)), ignored)
    except csv.Error as error:
        message = f"Line {lines.line_num}: not CSV, {error}. Save the table as CSV again."
        raise _rejected(message, code="not_csv") from error


def _text(body: bytes) -> str:
    if len(body) > MAX_BYTES:
        raise _rejected(f"At most {MAX_BYTES:,} bytes; this file has more.", code="file_too_large")
    encoding = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        name = "UTF-16" if encoding == "utf-16" else "UTF-8"
        message = f"Line {line}: not {name}. Save the file as UTF-8."
        raise _rejected(message, code="file_encoding") from error
    if "\0" in text:
        raise _rejected("This is not a text file.", code="not_text")
    return text


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the header into the most known columns."""
    header = text.lstrip("\r\n").partition("\n")[0].lower()

    def known_columns(delimiter: str) -> int:
        cells = {cell.strip(' "\r') for cell in header.split(delimiter)}
        return sum(1 for cell in cells if _is_known(cell))

    return max(DELIMITERS, key=known_columns)


def _is_known(column: str) -> bool:
    return column in READ_COLUMNS or column in IGNORED_COLUMNS or is_channel_column(column)


def _check_header(header: list[str]) -> None:
    known = (*READ_COLUMNS, *IGNORED_COLUMNS)
    if len(header) > MAX_COLUMNS:
        wrong = [
            f"Line 1 has {len(header):,} columns, at most {MAX_COLUMNS} are read. "
            "Remove the others."
        ]
    else:
        times = Counter(header)
        complaints = [
            (
                "unknown columns {}. Rename or remove them.",
                [column for column in header if not _is_known(column)],
            ),
            (
                "missing columns {}. Add them.",
                [column for column in REQUIRED_COLUMNS if column not in times],
            ),
            (
                "repeated columns {}. Keep one of each.",
                sorted(column for column in times if times[column] > 1),
            ),
        ]
        wrong = [
            f"Line 1: {complaint.format(', '.join(repr(column[:50]) for column in columns[:20]))}"
            for complaint, columns in complaints
            if columns
        ]
    if wrong:
        channels = f"and for each channel columns such as export.{', export.'.join(MAIN_FIELDS)}"
        errors = [*wrong, f"A file may have: {', '.join(known)}, {channels}."]
        raise ValidationError({"columns": errors}, code="wrong_columns")


def _read(lines: Any, header: list[str]) -> Iterator[CsvRow]:
    begin, count = lines.line_num + 1, 0
    for cells in lines:
        line, begin = begin, lines.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MAX_ROWS:
            raise _rejected(f"At most {MAX_ROWS:,} rows; this file has more.", code="too_many_rows")
        if len(cells) != len(header):
            error = (
                f"{len(cells)} cells under {len(header)} columns. "
                "Put quotes around a cell that contains the separator."
            )
            yield CsvRow(line, {}, error)
            continue
        # An empty cell means the default, as if the column were missing.
        values = {
            column: unescaped(cell)
            for column, cell in zip(header, cells, strict=True)
            if column not in IGNORED_COLUMNS and cell.strip()
        }
        yield _with_specifications(CsvRow(line, values))


def _with_specifications(row: CsvRow) -> CsvRow:
    text = row.values.get("specifications")
    if text is None:
        return row
    try:
        specifications = json.loads(text)
    except (ValueError, RecursionError):
        # The serializer rejects a text here, with the column's remedy.
        return row
    return CsvRow(row.line, {**row.values, "specifications": specifications})


def _rejected(message: str, *, code: str) -> ValidationError:
    return ValidationError({"file": [message]}, code=code)
