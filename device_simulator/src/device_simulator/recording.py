"""Read a recorded meter's CSV file: each row becomes a reading, or a reason why it cannot be one.

A row is never repaired: a guessed time zone or a guessed summer hour would put wrong energy into
right-looking hours. A row that can be read in two ways is an error of the file, and no row of the
file is sent: such a file was misunderstood, and its other rows are wrong as well.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import threading
import zlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from device_simulator.readings import (
    CHANNEL_CODE,
    MAIN_CHANNEL,
    MWH_PER_KWH,
    Reading,
    ValueRejected,
    value_to_mwh,
)
from device_simulator.timestamps import (
    AmbiguousCell,
    RowRejected,
    is_local,
    is_timestamp,
    parse_timestamp,
)

#: Milliwatt-hours in one unit of the value column; of a volume, millionths of a cubic metre.
UNITS = {"wh": 1_000, "kwh": MWH_PER_KWH, "m3": MWH_PER_KWH}

_GZIP_MAGIC = b"\x1f\x8b"
#: A header that names a part of the day: 00:15, 00:00-00:15, 00:00 - 00:15, h1, Hour 1, Q96.
_PART_OF_DAY = re.compile(
    r"[0-2]?\d[:.h][0-5]\d(?::[0-5]\d)?(?:\s*[-–]\s*[0-2]?\d[:.h][0-5]\d(?::[0-5]\d)?)?"
    r"|(?:h|q|hour|quarter)[ _]?\d{1,2}",
    re.ASCII | re.IGNORECASE,
)


class ColumnError(ValueError):
    """The columns or the time zone do not fit the file; nothing was read."""


class FileFormatError(ColumnError):
    """The file is not what the arguments say; the message names line, value and remedy."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is not sent."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rows of one instant with different values in milliwatt-hours."""

    first_line: int
    first_mwh: int
    second_line: int
    second_mwh: int


@dataclass(frozen=True, slots=True)
class RecordingFormat:
    """The arguments that describe a file."""

    timestamp_column: str
    value_column: str
    """A header, or the number of the column counted from 1."""
    unit: str
    """A key of UNITS."""
    zone: ZoneInfo | None = None
    """Zone of timestamps that carry no offset; without it such rows are skipped."""
    delimiter: str = ","
    cumulative: bool = False
    """The values are registers; a date alone then means midnight."""
    channel: str = MAIN_CHANNEL
    """The channel of all rows, if no column names it."""
    channel_column: str | None = None


@dataclass(frozen=True, slots=True)
class _Columns:
    timestamp: int
    value: int
    channel: int | None


class Recording:
    """An opened recording; `rows` can be walked once."""

    def __init__(self, source: BinaryIO, size: int, form: RecordingFormat, device_id: str) -> None:
        """Read the header and check that the columns fit. Raises ColumnError."""
        self._source = source
        self._size = size
        self._form = form
        self._device_id = device_id
        self._mwh_per_unit = UNITS[form.unit]
        self._reader = csv.reader(_text_of(source), delimiter=form.delimiter, strict=True)
        self._first_row: list[str] | None = None
        self._width = 0
        self._has_header = True
        self._columns = self._find_columns()
        self._require_zone()

    def read_share(self) -> float:
        """Return the share of the file that has been read, 0 to 1."""
        return self._source.tell() / self._size if self._size else 1.0

    def rows(self) -> Iterator[Reading | Skipped]:
        """Yield every row but the header, in the file's order; blank lines are no rows."""
        if self._first_row is not None:
            yield self._row(self._first_row)
        while True:
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Skipped(self._reader.line_num, f"not readable as CSV: {error}")
                continue
            if cells:
                yield self._row(cells)

    @property
    def line(self) -> int:
        """Return the line of the file at which the row that `rows` yielded last ends."""
        return self._reader.line_num

    def _row(self, cells: list[str]) -> Reading | Skipped:
        form = self._form
        try:
            self._check_cells(cells)
            instant = parse_timestamp(
                _cell(cells, self._columns.timestamp), form.zone, dates_allowed=form.cumulative
            )
            return Reading(
                timestamp=instant,
                device_id=self._device_id,
                value_mwh=value_to_mwh(_value_cell(cells, self._columns.value), self._mwh_per_unit),
                channel=self._channel_of(cells),
            )
        except AmbiguousCell as error:
            raise FileFormatError(f"line {self._reader.line_num}: {error}") from None
        except (RowRejected, ValueRejected) as error:
            return Skipped(self._reader.line_num, str(error))

    def _channel_of(self, cells: list[str]) -> str:
        """Return the channel of a row. Raises RowRejected for a cell that is no code."""
        if self._columns.channel is None:
            return self._form.channel
        code = _cell(cells, self._columns.channel).strip()
        if not CHANNEL_CODE.fullmatch(code):
            raise RowRejected("the channel is not 1 to 32 of a-z, 0-9, _ and -")
        return code

    def _check_cells(self, cells: list[str]) -> None:
        """Raise AmbiguousCell for a row in which a number may be cut in two."""
        remedy = (
            "a number with a decimal comma is cut in two: write decimal points, or separate the "
            "cells by another character (--delimiter)"
        )
        if any(cell.strip() for cell in cells[self._width :]):
            raise AmbiguousCell(
                f"{self._form.delimiter.join(cells)!r} has {len(cells)} cells where the first row "
                f"has {self._width}; {remedy}"
            )
        at = self._columns.value
        if self._form.delimiter != "," or at + 1 >= len(cells):
            return
        value, following = cells[at].strip(), cells[at + 1].strip()
        if not (value.isdigit() and following.isdigit()):
            return
        # A header makes a column of its own; decimals may begin with zeros.
        if (
            not self._has_header
            or len(cells) > self._width
            or (following[0] == "0" and len(following) > 1)
        ):
            raise AmbiguousCell(
                f"{value!r} and {following!r} are side by side and may be the number "
                f"{value}.{following}; {remedy}"
            )

    def _find_columns(self) -> _Columns:
        first = self._next_filled()
        if first is None:
            raise ColumnError("the file is empty")
        form = self._form
        self._width = len(first)
        times = [cell.strip() for cell in first if _PART_OF_DAY.fullmatch(cell.strip())]
        if len(times) > 1:
            raise FileFormatError(
                f"line {self._reader.line_num}: the columns are times of day ({times[0]}, "
                f"{times[1]}, …), so each row holds a whole day; write one row for each value"
            )
        columns = _Columns(
            timestamp=_column_index("--timestamp-column", form.timestamp_column, first),
            value=_column_index("--value-column", form.value_column, first),
            channel=None
            if form.channel_column is None
            else _column_index("--channel-column", form.channel_column, first),
        )
        if not (form.timestamp_column.isdigit() and form.value_column.isdigit()):
            return columns
        # Both columns by number: the first row is a header only when neither cell can be data.
        if is_timestamp(first[columns.timestamp]) or _is_number(first[columns.value]):
            self._first_row = first
            self._has_header = False
        return columns

    def _next_filled(self) -> list[str] | None:
        try:
            return next((cells for cells in self._reader if cells), None)
        except csv.Error as error:
            raise ColumnError(f"line {self._reader.line_num} is not CSV: {error}") from None

    def _require_zone(self) -> None:
        """Raise ColumnError if timestamps have no offset and no zone is given."""
        if self._form.zone is not None:
            return
        if self._first_row is None:
            self._first_row = self._next_filled()
        if self._first_row is None:
            return
        cell = _cell_or_empty(self._first_row, self._columns.timestamp)
        if is_local(cell):
            raise ColumnError(
                f"--timezone: is needed, because {cell!r} has no offset; allowed: an IANA zone "
                "such as Europe/Amsterdam or UTC (it may be left out only for timestamps with an "
                "offset and for seconds since 1970)"
            )


@contextmanager
def open_recording(path: Path, form: RecordingFormat, device_id: str) -> Iterator[Recording]:
    """Open a CSV file, gzip-compressed or not. Raises OSError and ColumnError."""
    with path.open("rb") as source:
        yield Recording(source, path.stat().st_size, form, device_id)


def check_recording(
    path: Path, form: RecordingFormat, device_id: str, stop: threading.Event
) -> list[Conflict]:
    """Read a whole file without sending anything; return instants with two values of a channel.

    Ends early once `stop` is set, and where the file breaks off. Raises OSError, ColumnError, and
    FileFormatError for the first row that can be read in two ways.
    """
    instants, values, lines, channels = array("q"), array("q"), array("q"), array("q")
    codes: dict[str, int] = {}
    with open_recording(path, form, device_id) as recording, suppress(EOFError, zlib.error):
        for row in recording.rows():
            if stop.is_set():
                break
            if isinstance(row, Reading):
                instants.append(round(row.timestamp.timestamp() * 1_000_000))
                values.append(row.value_mwh)
                lines.append(recording.line)
                channels.append(codes.setdefault(row.channel, len(codes)))
    # By channel and time, and by line within an instant: sorting keeps equal ones in order.
    order = sorted(range(len(instants)), key=lambda at: (channels[at], instants[at]))
    return [
        Conflict(lines[first], values[first], lines[second], values[second])
        for first, second in pairwise(order)
        if (channels[first], instants[first]) == (channels[second], instants[second])
        and values[first] != values[second]
    ]


def _text_of(source: BinaryIO) -> io.TextIOWrapper:
    # A character that is not UTF-8 matters only inside the two columns, and is rejected there.
    head = source.read(len(_GZIP_MAGIC))
    source.seek(0)
    binary = gzip.GzipFile(fileobj=source) if head == _GZIP_MAGIC else source
    return io.TextIOWrapper(binary, encoding="utf-8-sig", errors="replace", newline="")


def _column_index(argument: str, name: str, first_row: list[str]) -> int:
    if name.isdigit():
        if not 1 <= int(name) <= len(first_row):
            raise ColumnError(f"{argument}: {name} is not a column; allowed: 1 to {len(first_row)}")
        return int(name) - 1
    headers = [header.strip() for header in first_row]
    count = headers.count(name.strip())
    if count == 1:
        return headers.index(name.strip())
    listed = "; ".join(f"{number}: {header}" for number, header in enumerate(headers, start=1))
    problem = "is not a header" if count == 0 else f"is the header of {count} columns"
    raise ColumnError(f'{argument}: "{name}" {problem}; allowed: a header or a number of {listed}')


def _cell(cells: list[str], index: int) -> str:
    if index >= len(cells):
        raise RowRejected(f"row has no column {index + 1}")
    if not cells[index].strip():
        raise RowRejected(f"column {index + 1} is empty")
    return cells[index]


def _value_cell(cells: list[str], index: int) -> str:
    """Return the cell of the value. Raises RowRejected; AmbiguousCell for a cell with a comma."""
    cell = _cell(cells, index)
    if "," in cell and any(character.isdigit() for character in cell):
        raise AmbiguousCell(
            f"value {cell.strip()!r} has a comma, which marks decimals in some files and thousands "
            "in others; write a decimal point and no separator of thousands"
        )
    return cell


def _cell_or_empty(cells: list[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def _is_number(text: str) -> bool:
    try:
        value_to_mwh(text, MWH_PER_KWH)
    except ValueRejected:
        return False
    return True
